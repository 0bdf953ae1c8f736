package notify

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/outbox"
	"onbehalf/bot/ticket"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestANoticeComesBackFromTheOutbox(t *testing.T) {
	want := ticket.Notice{
		ID: 1, Ticket: 2, Reason: ticket.MilestoneDue, To: ticket.Target{Person: ticket.Person{ID: "p", TeamsID: "29:p", Tenant: "t", Name: "Bob"}},
		Handle: "desk:2", Event: 3, By: "b", Milestone: "response/breach", Epoch: 4, Due: monday, Tried: []string{"c"}, Severity: ticket.SeverityA,
		NotBefore: monday.Add(time.Second), Created: monday.Add(time.Minute), Attempts: 5,
	}
	m, err := Message(want)
	if err != nil {
		t.Fatal(err)
	}
	m.ID, m.Attempts = want.ID, want.Attempts // which the row says
	got, err := notice(m)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	expect := outbox.Message{
		ID: 1, Queue: "person:p", To: outbox.Target{Person: "p", Account: "29:p", Tenant: "t"}, Rank: outbox.Urgent, Kind: outbox.BundleKind, Ticket: 2, Event: 3,
		Handle: "desk:2", Payload: m.Payload, NotBefore: want.NotBefore, Created: want.Created, Attempts: 5,
	}
	if diff := cmp.Diff(expect, m); diff != "" {
		t.Error(diff)
	}
	m.Payload = []byte("{")
	if _, err := notice(m); !errors.Is(err, errUnreadable) {
		t.Error(err)
	}
}

func TestTheRankOfANotice(t *testing.T) {
	for name, c := range map[string]struct {
		notice ticket.Notice
		queue  string
		rank   outbox.Rank
	}{
		"an alarm of severity A": {ticket.Notice{Reason: ticket.MilestoneDue, Severity: ticket.SeverityA, To: ticket.Target{Conversation: "19:c;messageid=1"}}, "19:c", outbox.Urgent},
		"an alarm of another":    {ticket.Notice{Reason: ticket.MilestoneDue, Severity: ticket.SeverityB, To: ticket.Target{Conversation: "19:c"}}, "19:c", outbox.Ordinary},
		"a card of severity A":   {ticket.Notice{Reason: ticket.RedrawCard, Severity: ticket.SeverityA, To: ticket.Target{Conversation: "19:c"}}, "19:c", outbox.Ordinary},
		"the requester's chat":   {ticket.Notice{Reason: ticket.ChangeLine, To: ticket.Target{Conversation: "a:1", Owner: "p"}}, "person:p", outbox.Ordinary},
	} {
		m, err := Message(c.notice)
		if err != nil || m.Rank != c.rank || m.Queue != c.queue {
			t.Errorf("%s: rank %d in %s, %v", name, m.Rank, m.Queue, err)
		}
	}
}
