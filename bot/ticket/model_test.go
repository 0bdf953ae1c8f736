package ticket_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onbehalf/bot/ticket"
)

// model is a ticket as one person with a pencil would keep it.
type model struct {
	status    ticket.Status
	assignee  string
	responded bool
	filed     bool
	quiet     bool // no clock runs any more
	entries   int
	said      map[string]int // revision of the last comment, by person
}

// expect gives the status after a move, or false when the desk has to refuse it.
func (m model) expect(verb string, by ticket.Person) (ticket.Status, bool) {
	lead, requester, worker := by.Is(lena), by.Is(alice), m.assignee == "" || m.assignee == by.ID
	working := m.status == ticket.Open || m.status == ticket.Filed || m.status == ticket.InProgress || m.status == ticket.Waiting
	switch verb {
	case "comment":
		return m.status, true
	case "take":
		return m.status, working
	case "ack":
		return m.status, working && !m.responded
	case "reopen":
		return ticket.InProgress, m.status == ticket.Resolved || m.status == ticket.Closed
	case "cancel":
		return ticket.Cancelled, m.status == ticket.Open && (lead || requester || m.assignee == by.ID)
	}
	if !lead && !worker {
		return "", false
	}
	switch verb {
	case "file":
		if m.status == ticket.Open {
			return ticket.Filed, true
		}
		return m.status, working
	case "respond":
		if m.status == ticket.Open || m.status == ticket.Filed {
			return ticket.InProgress, !m.responded
		}
		return m.status, working && !m.responded
	case "wait":
		return ticket.Waiting, working && m.status != ticket.Waiting
	case "resume":
		back := ticket.Open
		if m.filed {
			back = ticket.Filed
		}
		if m.responded {
			back = ticket.InProgress
		}
		return back, m.status == ticket.Waiting
	case "resolve":
		return ticket.Resolved, working
	case "close":
		return ticket.Closed, m.status == ticket.Resolved
	}
	panic(verb)
}

// changes says whether a move that may be done leaves anything: to take what one has, to
// note the number that is there and to say the same again on one card do not.
func (m model) changes(verb string, by ticket.Person, card int) bool {
	switch verb {
	case "take":
		return m.assignee != by.ID
	case "file":
		return !m.filed
	case "comment", "ack":
		return card == 0 || card >= m.said[verb+by.ID]
	}
	return true
}

// apply notes a move that changed the ticket.
func (m *model) apply(verb string, by ticket.Person, to ticket.Status, revision int) {
	m.status = to
	switch verb {
	case "take":
		m.assignee = by.ID
	case "file":
		m.filed, m.quiet = true, false
	case "respond":
		m.responded = true
	case "resolve":
		m.quiet = true
	case "comment", "ack":
		m.said[verb+by.ID] = revision
	}
	m.entries++
}

// Random moves of several people, from new and old cards, end where the pencil says;
// nothing that was refused leaves a trace.
func TestRandomMovesEndWhereTheModelSays(t *testing.T) {
	d := openDesk(t)
	people := []ticket.Person{alice, bob, carol, dave, lena}
	verbs := []string{"comment", "take", "ack", "reopen", "cancel", "file", "respond", "wait", "resume", "resolve", "close"}
	do := func(verb string, by ticket.Person, m ticket.Move) (*ticket.Ticket, error) {
		if verb == "take" {
			return d.Take(t.Context(), by, m)
		}
		return d.do(verb, by, m)
	}
	rapid.Check(t, func(r *rapid.T) {
		opened := d.file()
		now := model{status: ticket.Open, entries: 1, said: map[string]int{}}
		revision := opened.Revision
		for range rapid.IntRange(1, 12).Draw(r, "moves") {
			verb := rapid.SampledFrom(verbs).Draw(r, "verb")
			by := rapid.SampledFrom(people).Draw(r, "by")
			m := ticket.Move{Number: opened.Number}
			if rapid.Bool().Draw(r, "pressed") {
				m.Revision = rapid.IntRange(1, revision).Draw(r, "card")
			}
			to, may := now.expect(verb, by)
			got, err := do(verb, by, m)
			var refused *ticket.Refused
			var changed *ticket.Changed
			switch {
			case err == nil:
				if !may {
					r.Fatalf("%s by %s from %s was done", verb, by.Name, now.status)
				}
				changes := now.changes(verb, by, m.Revision)
				if changes != (got.Revision > revision) {
					r.Fatalf("%s by %s on card %d: revision %d after %d", verb, by.Name, m.Revision, got.Revision, revision)
				}
				if revision = got.Revision; changes {
					now.apply(verb, by, to, revision)
				}
			case errors.As(err, &changed):
				if m.Revision == 0 || m.Revision == revision || len(changed.Since) == 0 {
					r.Fatalf("%s by %s on card %d of %d: changed since, %+v", verb, by.Name, m.Revision, revision, changed.Since)
				}
			case errors.As(err, &refused):
				if may {
					r.Fatalf("%s by %s from %s: %v", verb, by.Name, now.status, err)
				}
			default:
				r.Fatal(err)
			}
			d.pass(time.Minute)
		}
		end, err := d.Ticket(t.Context(), alice, opened.Number)
		if err != nil {
			r.Fatal(err)
		}
		entries, err := d.Store.History(t.Context(), opened.Number, 0, 100)
		if err != nil {
			r.Fatal(err)
		}
		if end.Status != now.status || end.Assignee.ID != now.assignee || end.RespondedAt.IsZero() == now.responded ||
			(end.MicrosoftCase != "") != now.filed || len(entries) != now.entries {
			r.Fatalf("ended as %s, %s, %d entries; the model has %+v", end.Status, end.Assignee.Name, len(entries), now)
		}
		if ended := end.Over() || now.responded || now.quiet; ended != end.NextDueAt.IsZero() {
			r.Fatalf("next milestone %v in %s", end.NextDueAt, end.Status)
		}
		for _, e := range entries {
			if e.Revision > revision {
				r.Fatalf("entry %+v is newer than the ticket", e)
			}
		}
	})
}
