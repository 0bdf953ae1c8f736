package notify

import (
	"slices"
	"strings"
	"time"

	"onbehalf/bot/sla"
	"onbehalf/bot/ticket"
)

// places collects who shall hear of a ticket's milestones: each place once for
// each clock, of its newest milestone that names the place. One clock never stands
// for another: what is not filed may be late too, and a reminder to look again
// (E12) is no breach.
type places struct {
	desk    *ticket.Desk
	ticket  *ticket.Ticket
	order   []string // keys of targets and clocks, as they were first named
	targets map[string]ticket.Target
	newest  map[string]sla.Milestone
	breach  []sla.Milestone
}

func newPlaces(d *ticket.Desk, t *ticket.Ticket) *places {
	return &places{desk: d, ticket: t, targets: map[string]ticket.Target{}, newest: map[string]sla.Milestone{}}
}

// add takes milestones in the order in which they fell due.
func (p *places) add(m sla.Milestone) {
	if m.Kind == sla.Breach {
		p.breach = append(p.breach, m)
	}
	for _, name := range m.To {
		for _, to := range p.of(name) {
			key := targetKey(to) + " " + string(m.Clock)
			if _, known := p.targets[key]; !known {
				p.order = append(p.order, key)
				p.targets[key] = to
			}
			p.newest[key] = m
		}
	}
}

// of gives the targets of a name of the policy. Where nobody has the ticket, the
// requester, the leads and the desk stand in for the assignee.
func (p *places) of(name string) []ticket.Target {
	t, d := p.ticket, p.desk
	switch name {
	case sla.ToAssignee:
		if !t.Assignee.Nobody() {
			return []ticket.Target{p.person(t.Assignee)}
		}
		all := append([]ticket.Target{p.person(t.Requester)}, p.of(sla.ToLeads)...)
		return append(all, p.conversation(d.DeskConversation)...)
	case sla.ToHandler:
		if !t.Assignee.Nobody() {
			return []ticket.Target{p.person(t.Assignee)}
		}
		return []ticket.Target{p.person(t.Requester)}
	case sla.ToThread:
		return p.conversation(t.Home.Conversation)
	case sla.ToLeads:
		var all []ticket.Target
		if d.Leads == nil {
			return nil
		}
		for _, id := range d.Leads() {
			all = append(all, p.person(ticket.Person{ID: id, Tenant: d.OwnTenant}))
		}
		return all
	case sla.ToEscalation:
		return p.conversation(d.EscalationConversation)
	}
	return nil
}

// person is somebody in their own chat; where the ticket was filed in that very
// chat, it is the thread.
func (p *places) person(who ticket.Person) ticket.Target {
	if p.ticket.Home.Personal && who.Is(p.ticket.Requester) {
		return p.ticket.HomeTarget()
	}
	return ticket.Target{Person: who}
}

// conversation is a place that several read. The desk's own channel is the
// thread, where the ticket was filed in it.
func (p *places) conversation(id string) []ticket.Target {
	if id == "" {
		return nil
	}
	if ticket.SameConversation(p.ticket.Home.Conversation, id) {
		return []ticket.Target{p.ticket.HomeTarget()}
	}
	return []ticket.Target{{Conversation: id}}
}

// reminderOf gives the clock of a notice that asks a question, empty where something
// is or will be late.
func reminderOf(n ticket.Notice) sla.Clock {
	if clock := clockOf(n); n.Reason == ticket.MilestoneDue && (clock == sla.ClockIncident || clock == sla.ClockWaiting) {
		return clock
	}
	return ""
}

// clockOf gives the clock that a notice's milestone is of.
func clockOf(n ticket.Notice) sla.Clock {
	clock, _, _ := strings.Cut(n.Milestone, "/")
	return sla.Clock(clock)
}

// spoken gives the milestones that somebody hears of, and every breach, in the
// order in which they fell due: they go into the history.
func (p *places) spoken() []sla.Milestone {
	all := slices.Clone(p.breach)
	for _, key := range p.order {
		m := p.newest[key]
		if !slices.ContainsFunc(all, func(o sla.Milestone) bool { return o.Name == m.Name }) {
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b sla.Milestone) int { return a.At.Compare(b.At) })
	return all
}

// notices gives one for each place and clock, and after them the redrawing of the ticket's
// cards: their band changes with the clock.
func (p *places) notices(now time.Time) []ticket.Notice {
	t := p.ticket
	var all []ticket.Notice
	for _, key := range p.order {
		m := p.newest[key]
		n := ticket.Notice{
			Ticket: t.Number, Reason: ticket.MilestoneDue, To: p.targets[key], Severity: t.Severity,
			Revision: t.Revision, Milestone: m.Name, Epoch: t.Epoch, Due: m.At, Created: now,
		}
		if m.Kind == sla.Look || m.Kind == sla.Ask {
			n.Severity = ticket.NonCritical // no promise waits behind a reminder
		}
		all = append(all, n)
	}
	for _, n := range redraws(p.desk, t, now) {
		n.NotBefore = now.Add(redrawAfter)
		all = append(all, n)
	}
	return all
}

// redrawAfter lets alarms go before the redrawing of cards, when many tickets are
// due at once.
const redrawAfter = 3 * time.Second

// redraws brings every kept card of a ticket to its present state.
func redraws(d *ticket.Desk, t *ticket.Ticket, now time.Time) []ticket.Notice {
	all := []ticket.Notice{{
		Ticket: t.Number, Reason: ticket.RedrawCard, To: t.HomeTarget(), Handle: handleOf(*t, homeCard),
		Revision: t.Revision, Severity: t.Severity, Created: now,
	}}
	if desk := d.DeskConversation; desk != "" && !ticket.SameConversation(desk, t.Home.Conversation) {
		all = append(all, ticket.Notice{
			Ticket: t.Number, Reason: ticket.DeskCard, To: ticket.Target{Conversation: desk}, Handle: handleOf(*t, deskCard),
			Revision: t.Revision, Severity: t.Severity, Created: now,
		})
	}
	return all
}
