package dialogs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/store"
	"onbehalf/bot/teams/teamstest"
	"onbehalf/bot/ticket"
)

// life is what a process has left: so many steps, then it is gone, and nothing
// that it does reaches the database any more.
type life struct{ left int }

var errKilled = errors.New("killed")

func (l *life) step() error {
	if l.left--; l.left < 0 {
		return errKilled
	}
	return nil
}

// mortalKeeper and mortalStore count the steps that write or end something.
type mortalKeeper struct {
	bot.Keeper
	*life
}

func (k mortalKeeper) Ping(ctx context.Context) error {
	if k.left < 0 {
		return errKilled
	}
	return k.Keeper.Ping(ctx)
}

func (k mortalKeeper) ClaimTurn(ctx context.Context, d bot.Delivery) (bot.Claim, error) {
	if err := k.step(); err != nil {
		return bot.Claim{}, err
	}
	return k.Keeper.ClaimTurn(ctx, d)
}

func (k mortalKeeper) Remember(ctx context.Context, c bot.Conversation) error {
	if err := k.step(); err != nil {
		return err
	}
	return k.Keeper.Remember(ctx, c)
}

func (k mortalKeeper) FinishTurn(ctx context.Context, d bot.Delivery, a bot.StoredAnswer, at time.Time) error {
	if err := k.step(); err != nil {
		return err
	}
	return k.Keeper.FinishTurn(ctx, d, a, at)
}

func (k mortalKeeper) ReleaseTurn(ctx context.Context, d bot.Delivery) error {
	if err := k.step(); err != nil {
		return err
	}
	return k.Keeper.ReleaseTurn(ctx, d)
}

type mortalStore struct {
	*store.Store
	*life
}

func (s mortalStore) InTx(ctx context.Context, work func(tx ticket.Tx) error) error {
	if err := s.step(); err != nil {
		return err
	}
	if err := s.Store.InTx(ctx, func(tx ticket.Tx) error { return work(mortalTx{tx, s.life}) }); err != nil {
		return err
	}
	return s.step() // after the commit
}

type mortalTx struct {
	ticket.Tx
	*life
}

func (t mortalTx) InsertTicket(ctx context.Context, of *ticket.Ticket) error {
	if err := t.Tx.InsertTicket(ctx, of); err != nil {
		return err
	}
	return t.step()
}

func (t mortalTx) Notify(ctx context.Context, n ticket.Notice) error {
	if err := t.step(); err != nil {
		return err
	}
	return t.Tx.Notify(ctx, n)
}

func (t mortalTx) FinishDraft(ctx context.Context, form string, n ticket.Number) error {
	if err := t.step(); err != nil {
		return err
	}
	return t.Tx.FinishDraft(ctx, form, n)
}

// TestKilledBetweenAnyTwoStepsOfSubmit sends a form to a process that dies after
// so many steps. Teams delivers again, to another one: there is one ticket, and in
// the end one card, however far the first got.
func TestKilledBetweenAnyTwoStepsOfSubmit(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		whole := false
		for steps := 0; !whole; steps++ {
			if steps > 30 {
				t.Fatal("submit never ends")
			}
			who := d.Conversation(teamstest.Personal).As(fmt.Sprint("Alice ", steps))
			review := filled(who)
			press := review.Invoke("intake/submit")
			alive, lanes := d.desk, d.lanes

			left := &life{steps}
			dying := d.replica(d.store)
			dying.Keeper = mortalKeeper{d.store, left}
			d.desk.Store = mortalStore{d.store, left}
			first := string(d.postTo(dying.Routes(false), press))
			whole = strings.Contains(first, "SR-") && left.left >= 0
			d.desk, d.lanes = alive, lanes

			d.move(bot.ClaimLease + time.Second)
			review.Execute(press).Expect("SR-")
			review.Press("intake/submit").Expect("SR-") // and the person presses once more
			d.deliver()
			if n := len(d.tickets()); n != steps+1 {
				t.Fatalf("killed after %d steps: %d tickets in all, want %d", steps, n, steps+1)
			}
			shown := 0
			for _, m := range d.Messages(who.In.ID()) {
				if strings.Contains(string(m.Raw), "VMs do not start") && strings.Contains(string(m.Raw), "ticket/") {
					shown++
				}
			}
			if shown != 1 {
				t.Fatalf("killed after %d steps: %d cards of the ticket, want one", steps, shown)
			}
			if whole && steps < 6 {
				t.Errorf("submit has only %d steps, so this test kills nothing", steps)
			}
		}
	})
}
