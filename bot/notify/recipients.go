package notify

import (
	"slices"
	"strings"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// recipients collects who shall hear of a ticket's milestones: each place once for
// each clock, of its newest milestone that names the place. One clock never stands
// for another: what is not filed may be late too, and a reminder to look again
// (E12) is no breach.
type recipients struct {
	desk    *request.Desk
	ticket  *request.Ticket
	order   []string // keys of targets and clocks, as they were first named
	targets map[string]request.Target
	newest  map[string]sla.Milestone
	breach  []sla.Milestone
}

func newRecipients(d *request.Desk, t *request.Ticket) *recipients {
	return &recipients{desk: d, ticket: t, targets: map[string]request.Target{}, newest: map[string]sla.Milestone{}}
}

// add takes milestones in the order in which they fell due.
func (p *recipients) add(m sla.Milestone) {
	if m.Kind == sla.Breach {
		p.breach = append(p.breach, m)
	}
	for _, name := range m.To {
		for _, to := range p.of(name) {
			if targetKey(to) == "" {
				continue // who requested it is no person
			}
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
func (p *recipients) of(name string) []request.Target {
	t, d := p.ticket, p.desk
	switch name {
	case sla.ToAssignee:
		if !t.Assignee.Nobody() {
			return []request.Target{p.person(t.Assignee)}
		}
		all := append([]request.Target{p.person(t.Requester)}, p.of(sla.ToLeads)...)
		return append(all, p.conversation(d.DeskConversation)...)
	case sla.ToHandler:
		if !t.Assignee.Nobody() {
			return []request.Target{p.person(t.Assignee)}
		}
		return []request.Target{p.person(t.Requester)}
	case sla.ToThread:
		return p.conversation(t.Home.Conversation)
	case sla.ToLeads:
		var all []request.Target
		if d.Leads == nil {
			return nil
		}
		for _, id := range d.Leads() {
			all = append(all, p.person(request.Person{ID: id, Tenant: d.OwnTenant}))
		}
		return all
	case sla.ToEscalation:
		return p.conversation(d.EscalationConversation)
	}
	return nil
}

// person is somebody in their own chat; where the ticket was filed in that very
// chat, it is the thread.
func (p *recipients) person(who request.Person) request.Target {
	if p.ticket.Home.Personal && who.Is(p.ticket.Requester) {
		return p.ticket.HomeTarget()
	}
	return request.Target{Person: who}
}

// conversation is a place that several read. The desk's own channel is the
// thread, where the ticket was filed in it.
func (p *recipients) conversation(id string) []request.Target {
	if id == "" {
		return nil
	}
	if request.SameConversation(p.ticket.Home.Conversation, id) {
		return []request.Target{p.ticket.HomeTarget()}
	}
	return []request.Target{{Conversation: id}}
}

// reminderOf gives the clock of a notice that asks a question, empty where something
// is or will be late.
func reminderOf(n request.Notice) sla.Clock {
	if clock := clockOf(n); n.Reason == request.MilestoneDue && (clock == sla.ClockIncident || clock == sla.ClockWaiting) {
		return clock
	}
	return ""
}

// clockOf gives the clock that a notice's milestone is of.
func clockOf(n request.Notice) sla.Clock {
	clock, _, _ := strings.Cut(n.Milestone, "/")
	return sla.Clock(clock)
}

// spoken gives the milestones that somebody hears of, and every breach, in the
// order in which they fell due: they go into the history.
func (p *recipients) spoken() []sla.Milestone {
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
func (p *recipients) notices(now time.Time) []request.Notice {
	t := p.ticket
	var all []request.Notice
	for _, key := range p.order {
		m := p.newest[key]
		n := request.Notice{
			Ticket: t.Number, Reason: request.MilestoneDue, To: p.targets[key], Severity: t.Severity,
			Revision: t.Revision, Milestone: m.Name, Epoch: t.Epoch, Due: m.At, Created: now,
		}
		if m.Kind == sla.Look || m.Kind == sla.Past || m.Kind == sla.Ask {
			n.Severity = request.NonCritical // no promise waits behind a reminder
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
func redraws(d *request.Desk, t *request.Ticket, now time.Time) []request.Notice {
	all := d.CardNotices(*t, request.Person{}, now)
	for i := range all {
		if all[i].Reason == request.DeskCard {
			all[i].Handle = handleOf(*t, deskCard)
		}
	}
	return all
}
