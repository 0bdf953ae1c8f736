package request

import (
	"time"
)

// mergeFor is how long lines about changes wait for more of them, so that several
// within some seconds make one message. Warnings and breaches never wait.
const mergeFor = 3 * time.Second

// notices gives everything that must arrive after a move. The doer is told
// nothing of their own move. A line to a person is for those who do not read
// along in the ticket's own conversation; whoever delivers it knows who does. In the
// conversation said the doer has had an answer that everybody reads, so that only a
// new assignee is mentioned there.
func (d *Desk) notices(before, t Ticket, by Person, e Event, m move, said string, now time.Time) []Notice {
	all := d.CardNotices(t, by, now)
	line := Notice{
		Ticket: t.Number, Revision: t.Revision, Reason: ChangeLine, Event: e.ID, By: by.ID, Severity: t.Severity,
		Created: now, NotBefore: now.Add(mergeFor),
	}
	assigned := line
	assigned.Reason, assigned.NotBefore = Assigned, time.Time{}
	handed := e.What == "assigned" && !t.Assignee.Is(by) && !t.Assignee.Is(before.Assignee)

	heard := said != "" && said == t.Home.Conversation && t.Kind != Fraud && !handed
	if m.telling >= threadOnly && !heard && t.Home.Conversation != "" && !(t.Home.Personal && t.Requester.Is(by)) {
		n := line
		if handed && !t.Home.Personal {
			n = assigned
		}
		n.To = t.HomeTarget()
		all = append(all, n)
	}
	for _, p := range d.audience(before, t, by, e, m) {
		n := line
		if handed && p.Is(t.Assignee) {
			n = assigned
		}
		n.To = Target{Person: p}
		all = append(all, n)
	}
	return all
}

// audience are the people who hear of a move in their personal chat: requester,
// assignee and watchers, the one who had it before, and somebody whom another
// person made a watcher. A personal conversation reaches its requester already.
func (d *Desk) audience(before, t Ticket, by Person, e Event, m move) []Person {
	var candidates, told []Person
	switch {
	case m.telling == everybody:
		candidates = []Person{t.Requester, t.Assignee, before.Assignee}
		for _, w := range t.Watchers {
			candidates = append(candidates, w.Person)
		}
	case e.What == "watched" && len(t.Watchers) > len(before.Watchers):
		candidates = []Person{t.Watchers[len(t.Watchers)-1].Person}
	}
	seen := map[string]bool{"": true, by.ID: true}
	if t.Home.Personal {
		seen[t.Requester.ID] = true
	}
	for _, p := range candidates {
		if !seen[p.ID] && VisibleTo(t, d.Viewer(p)) {
			told = append(told, p)
		}
		seen[p.ID] = true
	}
	return told
}
