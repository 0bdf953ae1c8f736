package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"onbehalf/bot/i18n"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/cards"
)

// alarm is a milestone that still stands, with its ticket as it is now.
type alarm struct {
	cards.AlarmView
	words  i18n.Words
	notice request.Notice
	// revision is the state of the ticket that it shows.
	revision int
}

// packMilestones warns of a ticket, or of all those that wait for this
// conversation, in one card. Of each of a ticket's clocks only the newest milestone
// is told that the ticket's state has not ended in between.
func (l *Renderer) packMilestones(ctx context.Context, place outbox.Conversation, p *parcel, group []request.Notice) error {
	type subject struct {
		ticket request.Number
		clock  sla.Clock
	}
	about := func(n request.Notice) subject { return subject{n.Ticket, clockOf(n)} }
	// Newest first: where an older one stands, as a breach does that was acknowledged
	// while its repeat waited too, it is told.
	newest := slices.Clone(group)
	slices.Reverse(newest)
	slices.SortStableFunc(newest, func(a, b request.Notice) int { return b.Due.Compare(a.Due) })
	told := map[subject]bool{}
	var alarms []alarm
	for _, n := range newest {
		if told[about(n)] {
			continue
		}
		a, stands, err := l.standing(ctx, place, n)
		if err != nil {
			return fmt.Errorf("look at %s: %w", n.Ticket, err)
		}
		if stands {
			alarms = append(alarms, a)
			told[about(n)] = true
		}
	}
	if len(alarms) == 0 {
		return nil
	}
	slices.SortFunc(alarms, mostUrgent)
	if len(oneEach(alarms)) >= bundleFrom {
		p.notices = group
		return l.bundle(ctx, p, alarms)
	}
	// Few are left: one card each, the first of them now.
	first := alarms[0]
	for _, n := range group {
		if about(n) == about(first.notice) {
			p.notices = append(p.notices, n)
		} else if !told[about(n)] {
			p.settled = append(p.settled, n.ID)
		}
	}
	p.message = cardMessage(cards.Alarm(first.AlarmView, first.words), first.words)
	if err := l.replace(ctx, p, first); err != nil {
		return err
	}
	return l.placeIn(ctx, place, p, first.notice.Ticket)
}

// mostUrgent puts what was due first in front; of what was due together severity A,
// then the first response.
func mostUrgent(a, b alarm) int {
	response := func(a alarm) int {
		if a.Milestone.Clock == sla.ClockResponse {
			return 0
		}
		return 1
	}
	others := func(a alarm) int {
		if a.notice.Severity == request.SeverityA {
			return 0
		}
		return 1
	}
	return cmp.Or(a.Milestone.Due.Compare(b.Milestone.Due), cmp.Compare(others(a), others(b)), cmp.Compare(response(a), response(b)),
		cmp.Compare(a.notice.Ticket, b.notice.Ticket), cmp.Compare(a.Milestone.Clock, b.Milestone.Clock))
}

// oneEach leaves one alarm for each ticket, since a bundle has one row for it: that
// of its first response where there is one.
func oneEach(alarms []alarm) []alarm {
	var rows []alarm
	for _, a := range alarms {
		at := slices.IndexFunc(rows, func(r alarm) bool { return r.notice.Ticket == a.notice.Ticket })
		switch {
		case at < 0:
			rows = append(rows, a)
		case a.Milestone.Clock == sla.ClockResponse:
			rows[at] = a
		}
	}
	slices.SortFunc(rows, mostUrgent)
	return rows
}

// standing looks whether a milestone still has to be told: it has not when the
// ticket was answered, filed or finished since, when somebody acknowledged what
// it repeats, or when its clock was set anew.
func (l *Renderer) standing(ctx context.Context, place outbox.Conversation, n request.Notice) (alarm, bool, error) {
	v, err := l.shown(ctx, place, n)
	if err != nil {
		return alarm{}, false, err
	}
	t := v.whole // what a reader may not see still decides
	a := alarm{AlarmView: cards.AlarmView{TicketView: v.TicketView, Sent: v.now}, words: v.words, notice: n, revision: t.Revision}
	found := false
	for _, m := range policyOf(ctx, l.Desk, l.Store, t, l.Log).Milestones(t.State()) {
		switch {
		case m.Name == n.Milestone:
			a.Milestone, found = m, true
		case found && a.Next.Name == "" && m.At.After(v.now) && m.Clock == a.Milestone.Clock:
			a.Next = m
		}
	}
	again := n.Epoch != t.Epoch && !slices.Contains(t.Fired, n.Milestone) // the new epoch says it at its own instant
	return a, found && !again, nil
}
