package request_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onbehalf/bot/request"
)

// model is a ticket as one person with a pencil would keep it.
type model struct {
	status    request.Status
	assignee  string
	responded bool
	filed     bool
	quiet     bool // no clock runs any more
	entries   int
	said      map[string]int // revision of the last comment, by person
}

// expect gives the status after a move, or false when the desk has to refuse it.
func (m model) expect(verb string, by request.Person) (request.Status, bool) {
	lead, requester, worker := by.Is(lena), by.Is(alice), m.assignee == "" || m.assignee == by.ID
	working := m.status == request.Open || m.status == request.Filed || m.status == request.InProgress || m.status == request.Waiting
	switch verb {
	case "comment":
		return m.status, true
	case "take":
		return m.status, working
	case "ack":
		return m.status, working && !m.responded
	case "reopen":
		return request.InProgress, m.status == request.Resolved || m.status == request.Closed
	case "cancel":
		return request.Cancelled, m.status == request.Open && (lead || requester || m.assignee == by.ID)
	}
	if !lead && !worker {
		return "", false
	}
	switch verb {
	case "file":
		if m.status == request.Open {
			return request.Filed, true
		}
		return m.status, working
	case "respond":
		if m.status == request.Open || m.status == request.Filed {
			return request.InProgress, !m.responded
		}
		return m.status, working && !m.responded
	case "wait":
		return request.Waiting, working && m.status != request.Waiting
	case "resume":
		back := request.Open
		if m.filed {
			back = request.Filed
		}
		if m.responded {
			back = request.InProgress
		}
		return back, m.status == request.Waiting
	case "resolve":
		return request.Resolved, working
	case "close":
		return request.Closed, m.status == request.Resolved
	}
	panic(verb)
}

// changes says whether a move that may be done leaves anything: to take what one has, to
// note the number that is there and to say the same again on one card do not.
func (m model) changes(verb string, by request.Person, card int) bool {
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
func (m *model) apply(verb string, by request.Person, to request.Status, revision int) {
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
	people := []request.Person{alice, bob, carol, dave, lena}
	verbs := []string{"comment", "take", "ack", "reopen", "cancel", "file", "respond", "wait", "resume", "resolve", "close"}
	do := func(verb string, by request.Person, m request.Move) (*request.Ticket, error) {
		if verb == "take" {
			return d.Take(t.Context(), by, m)
		}
		return d.do(verb, by, m)
	}
	rapid.Check(t, func(r *rapid.T) {
		opened := d.file()
		now := model{status: request.Open, entries: 1, said: map[string]int{}}
		revision := opened.Revision
		for range rapid.IntRange(1, 12).Draw(r, "moves") {
			verb := rapid.SampledFrom(verbs).Draw(r, "verb")
			by := rapid.SampledFrom(people).Draw(r, "by")
			m := request.Move{Number: opened.Number}
			if rapid.Bool().Draw(r, "pressed") {
				m.Revision = rapid.IntRange(1, revision).Draw(r, "card")
			}
			to, may := now.expect(verb, by)
			got, err := do(verb, by, m)
			var refused *request.Refused
			var changed *request.Changed
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
