package notify_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"onbehalf/bot/notify"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

func TestAWarningReachesAssigneeAndThreadOnce(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.move(29 * time.Minute)
		d.settle()
		d.expectNone(d.chat("Bob"), "SR-1")

		d.move(opened.OpenedAt.Add(30 * time.Minute).Sub(d.Now()))
		d.settle()
		d.settle()
		d.expect(d.chat("Bob"), "SR-1")
		if n := len(d.in(opened.Home.Conversation, "SR-1")); n != 2 {
			d.Errorf("%d messages in the thread, want the card and the warning\n%s", n, d.events())
		}
		got := d.ticket(opened.Number)
		if want := opened.OpenedAt.Add(time.Hour); !got.NextDueAt.Equal(want) {
			d.Errorf("next due at %s, want the breach at %s", got.NextDueAt, want)
		}
	})
}

func TestNobodyAssignedTellsRequesterLeadsAndDesk(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open()
		d.move(time.Hour)
		d.sweep()
		d.settle()
		for _, place := range []string{d.chat("Alice"), d.chat("Lena Lead"), opened.Home.Conversation} {
			if len(d.in(place, "SR-1")) == 0 {
				d.Errorf("nothing in %s\n%s", place, d.events())
			}
		}
		if len(d.in(d.desk.DeskConversation, "SR-1")) != 2 {
			d.Errorf("the desk's conversation has no card and alarm\n%s", d.events())
		}
		d.expectNone(d.desk.EscalationConversation, "SR-1")
	})
}

func TestDowntimeTellsEachPlaceOnceOfTheNewestState(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.move(10 * time.Hour)
		d.settle()
		d.settle()
		for _, place := range []string{d.chat("Bob"), d.chat("Lena Lead"), d.desk.EscalationConversation} {
			d.expect(place, "SR-1")
		}
		got := d.ticket(opened.Number)
		if !got.NextDueAt.IsZero() {
			d.Errorf("something is still due at %s", got.NextDueAt)
		}
		want := []string{"response/warn/1", "response/breach", "response/repeat/1", "response/repeat/2", "response/repeat/3", "response/ladder/2", "response/ladder/3"}
		for _, name := range want {
			d.tx(func(tx request.Tx) error {
				fresh, err := tx.FiredAll(d.Context(), []request.Fired{{Ticket: opened.Number, Milestone: name, At: d.Now()}})
				if slices.Contains(fresh, true) {
					d.Errorf("%s was not written down", name)
				}
				return err
			})
		}
	})
}

// betweenBatches runs something before each transaction.
type betweenBatches struct {
	notify.Store
	before func()
}

func (b betweenBatches) InTx(ctx context.Context, work func(request.Tx) error) error {
	b.before()
	return b.Store.InTx(ctx, work)
}

func TestNothingOrdinaryIsDeliveredWhileABurstIsWrittenDown(t *testing.T) {
	everyDesk(t, func(d *desk) {
		home := request.Place{Conversation: d.chat("Alice"), Personal: true}
		const tickets = 250 // more than two transactions fire
		for range tickets {
			d.open(func(t *request.Ticket) { t.Home, t.Severity = home, request.SeverityB })
		}
		d.move(time.Hour)
		r := d.replicas[0]
		r.sweeper.Outbox = r.sender
		var served []int
		deliver := func() { served = append(served, r.sender.Serve(d.Context())) }
		r.sweeper.Store = betweenBatches{d.store, deliver}
		if fired, err := r.sweeper.Sweep(d.Context()); err != nil || fired != tickets {
			d.Fatalf("%d fired, %v", fired, err)
		}
		if len(served) < 3 || slices.Max(served) > 0 {
			d.Errorf("conversations were served between transactions: %d", served)
		}
		d.teams.Fault(teamstest.Fault{Op: "send", Times: -1, Status: http.StatusTooManyRequests, RetryAfter: "3600"}) // the first is enough
		before := len(d.teams.Events())
		if r.sender.Serve(d.Context()) == 0 || len(d.teams.Events()) == before {
			d.Error("nothing is delivered after the burst")
		}
	})
}
