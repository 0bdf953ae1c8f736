package notify

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestANoticeComesBackFromTheOutbox(t *testing.T) {
	want := request.Notice{
		ID: 1, Ticket: 2, Reason: request.MilestoneDue, To: request.Target{Person: request.Person{ID: "p", TeamsID: "29:p", Tenant: "t", Name: "Bob"}},
		Handle: "desk:2", Event: 3, By: "b", Milestone: "response/breach", Epoch: 4, Due: monday, Tried: []string{"c"}, Severity: request.SeverityA,
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
		notice request.Notice
		queue  string
		rank   outbox.Rank
	}{
		"an alarm of severity A": {request.Notice{Reason: request.MilestoneDue, Severity: request.SeverityA, To: request.Target{Conversation: "19:c;messageid=1"}}, "19:c", outbox.Urgent},
		"an alarm of another":    {request.Notice{Reason: request.MilestoneDue, Severity: request.SeverityB, To: request.Target{Conversation: "19:c"}}, "19:c", outbox.Ordinary},
		"a card of severity A":   {request.Notice{Reason: request.RedrawCard, Severity: request.SeverityA, To: request.Target{Conversation: "19:c"}}, "19:c", outbox.Ordinary},
		"the requester's chat":   {request.Notice{Reason: request.ChangeLine, To: request.Target{Conversation: "a:1", Owner: "p"}}, "person:p", outbox.Ordinary},
	} {
		m, err := Message(c.notice)
		if err != nil || m.Rank != c.rank || m.Queue != c.queue {
			t.Errorf("%s: rank %d in %s, %v", name, m.Rank, m.Queue, err)
		}
	}
}
