package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
)

// parcel is the next message of a lane, with everything that it settles.
type parcel struct {
	// notices are those that this one message delivers.
	notices []ticket.Notice
	message teams.Message
	// update is the message to redraw, in the conversation updateIn; empty posts a
	// new one, which begins a thread where thread says so.
	update, updateIn string
	thread           bool
	// card is kept when the message arrives: it shows the ticket from then on.
	card *Card
	// unreachable are the people whom the ticket calls so.
	unreachable []string
	// outcome is what is settled already, without sending anything.
	outcome Outcome
}

func (p *parcel) empty() bool { return len(p.notices) == 0 }

// urgent messages do not queue behind others that wait for the same limits.
func (p *parcel) urgent() bool {
	return slices.ContainsFunc(p.notices, func(n ticket.Notice) bool {
		return n.Severity == ticket.SeverityA && n.Reason != ticket.RedrawCard || n.Reason == ticket.Answer
	})
}

// short is what goes out where the card is too big: its one sentence.
func (p *parcel) short() teams.Message {
	if p.message.Card == nil {
		m := p.message
		m.Text = excerpt(m.Text, 4000)
		return m
	}
	return teams.Message{Text: p.message.Summary, TextFormat: teams.Plain, Locale: p.message.Locale}
}

// bundleFrom is how many tickets make a bundle of what would be single warnings.
const bundleFrom = 3

// pack makes the next message of a lane, in the order of its notices. What has
// become pointless by now is settled without a message.
func (l *Lanes) pack(ctx context.Context, place Conversation, notices []ticket.Notice) (parcel, error) {
	var p parcel
	rest := l.expired(&p, notices)
	for len(rest) > 0 && p.empty() {
		group, others := together(rest)
		err := l.fill(ctx, place, &p, group)
		switch {
		case errors.Is(err, ticket.ErrNotFound), errors.Is(err, errUnreadable):
			l.Log.ErrorContext(ctx, "notice dropped", "ticket", group[0].Ticket, "reason", group[0].Reason, "err", err)
		case err != nil:
			return p, fmt.Errorf("write %s of %s: %w", group[0].Reason, group[0].Ticket, err)
		}
		if p.empty() {
			p.outcome.Done = append(p.outcome.Done, ids(group)...)
		}
		rest = others
	}
	return p, nil
}

// errUnreadable is a notice that another release wrote.
var errUnreadable = errors.New("notice cannot be read")

// fill writes the message of notices that belong together; it leaves the parcel
// empty when there is nothing to say any more.
func (l *Lanes) fill(ctx context.Context, place Conversation, p *parcel, group []ticket.Notice) error {
	switch group[0].Reason {
	case ticket.Answer:
		return l.packAnswer(p, group[0])
	case ticket.RedrawCard:
		return l.packCard(ctx, place, p, group, HomeCard)
	case ticket.DeskCard:
		return l.packCard(ctx, place, p, group, DeskRole)
	case ticket.ChangeLine:
		return l.packChanges(ctx, place, p, group)
	case ticket.Assigned:
		return l.packAssigned(ctx, place, p, group)
	case ticket.MilestoneDue:
		return l.packMilestones(ctx, place, p, group)
	}
	return fmt.Errorf("%w: reason %q", errUnreadable, group[0].Reason)
}

// together takes the notices that one message can deliver with the first:
// redraws, changes and milestones of the same ticket, because the message shows
// the newest state; and the milestones of all tickets, where they are many.
// Reminders to look again go with each other only: they never stand for a breach.
func together(notices []ticket.Notice) (group, others []ticket.Notice) {
	first := notices[0]
	bundle := first.Reason == ticket.MilestoneDue && ticketsDue(notices, asksToLook(first)) >= bundleFrom
	for i, n := range notices {
		same := n.Reason == first.Reason && first.Reason != ticket.Answer && asksToLook(n) == asksToLook(first) &&
			(n.Ticket == first.Ticket || bundle)
		if i == 0 || same {
			group = append(group, n)
		} else {
			others = append(others, n)
		}
	}
	return group, others
}

func ticketsDue(notices []ticket.Notice, looks bool) int {
	numbers := map[ticket.Number]bool{}
	for _, n := range notices {
		if n.Reason == ticket.MilestoneDue && asksToLook(n) == looks {
			numbers[n.Ticket] = true
		}
	}
	return len(numbers)
}
