package dialogs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

var errKilled = errors.New("killed")

// mortal is a process that dies before a statement: so many it lives, and after that
// nothing of it reaches the database any more.
func mortal(t testing.TB, url string, statements int) (*store.Store, func() (dead bool)) {
	s := storetest.Open(t, url)
	left := statements
	s.Trace = func(string) error {
		if left--; left < 0 {
			return errKilled
		}
		return nil
	}
	return s, func() bool { return left < 0 }
}

// killed runs an activity in a process that dies before its first statement, then in
// one that dies before its second, and so on until one lives. Each time Teams delivers
// again to another process, and check sees that this gave what the first would have.
func killed(t *testing.T, least int, prepare func(d *desk, who *teamstest.Speaker) teamstest.Activity, check func(t *testing.T, d *desk, who *teamstest.Speaker, a teamstest.Activity, round int)) {
	t.Helper()
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		d := newDesk(t, storetest.Open(t, url))
		for round := 1; ; round++ {
			if round > 60 {
				t.Fatal("it never ends")
			}
			who := d.Conversation(teamstest.Personal).As(fmt.Sprint("Alice ", round))
			a := prepare(d, who)
			alive, sender := d.desk, d.sender
			s, dead := mortal(t, url, round-1)
			s.Now = d.Now
			d.postTo(d.replica(s).Routes(false), a)
			d.desk, d.sender = alive, sender
			d.move(outbox.LeaseFor + time.Second) // what the dead process held is given up
			d.sender.Serve(t.Context())
			d.move(outbox.LeaseFor + time.Second)
			who.Do(a)
			d.settle()
			check(t, d, who, a, round)
			if !dead() {
				if round < least {
					t.Errorf("it has only %d statements, so this test kills nothing", round)
				}
				return
			}
		}
	})
}

// cardsOf counts the messages of a chat that show a ticket under its title.
func cardsOf(d *desk, who *teamstest.Speaker, title string) (n int) {
	for _, m := range d.Messages(who.In.ID()) {
		if strings.Contains(string(m.Raw), title) && strings.Contains(string(m.Raw), "ticket/") {
			n++
		}
	}
	return n
}

func TestKilledAtAnyStatementOfASubmit(t *testing.T) {
	killed(t, 12, func(d *desk, who *teamstest.Speaker) teamstest.Activity {
		return filled(who).Invoke("intake/submit")
	}, func(t *testing.T, d *desk, who *teamstest.Speaker, a teamstest.Activity, round int) {
		if n := len(d.tickets()); n != round {
			t.Fatalf("killed before statement %d: %d tickets in all, want %d", round, n, round)
		}
		if n := cardsOf(d, who, "VMs do not start"); n != 1 {
			t.Fatalf("killed before statement %d: %d cards of the ticket, want one", round, n)
		}
	})
}

// A form that a process left half is not met by the delivery that comes again: there
// is one form, shown once more at most, and no question whether to go on with it.
func TestKilledAtAnyStatementOfATypedNew(t *testing.T) {
	killed(t, 8, func(d *desk, who *teamstest.Speaker) teamstest.Activity {
		return who.Message("new contoso.example azure B VMs do not start")
	}, func(t *testing.T, d *desk, who *teamstest.Speaker, a teamstest.Activity, round int) {
		draft := d.draft(who)
		if draft == nil || draft.Answers.Title != "VMs do not start" {
			t.Fatalf("killed before statement %d: the form is %+v", round, draft)
		}
		for _, m := range d.Messages(who.In.ID()) {
			if raw := string(m.Raw); strings.Contains(raw, "intake/resume") || !strings.Contains(raw, draft.Form) {
				t.Fatalf("killed before statement %d: the chat shows %.300s", round, raw)
			}
		}
		if n := len(d.Messages(who.In.ID())); n < 1 || n > 2 {
			t.Fatalf("killed before statement %d: %d messages", round, n)
		}
	})
}

func TestKilledAtAnyStatementOfAResolve(t *testing.T) {
	number := request.Number(0)
	killed(t, 10, func(d *desk, who *teamstest.Speaker) teamstest.Activity {
		filed := d.file(who)
		d.settle()
		number = filed.Number
		return press(who, filed.Number, filed.Revision, "ticket/resolve", map[string]any{"text": "New size"})
	}, func(t *testing.T, d *desk, who *teamstest.Speaker, a teamstest.Activity, round int) {
		if whats := d.entries(number); len(whats) != 2 || whats[1] != "resolved" {
			t.Fatalf("killed before statement %d: history %v", round, whats)
		}
		if now := d.ticket(number); now.Status != request.Resolved {
			t.Fatalf("killed before statement %d: %s", round, now.Status)
		}
	})
}
