package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
)

// Undelivered moves notices out of a conversation where they cannot be delivered.
// Where nothing can, somebody who can't be reached in person is marked on the ticket.
func (l *Renderer) Undelivered(ctx context.Context, _ outbox.Conversation, messages []outbox.Message, unreachable bool) ([]outbox.Message, error) {
	l.ready()
	var moved []outbox.Message
	for _, m := range messages {
		n, err := notice(m)
		if err != nil {
			l.Log.ErrorContext(ctx, "notice dropped", "message", m.ID, "err", err)
			l.lost(m.Kind)
			continue
		}
		if aboutNoTicket(n) {
			others, err := l.rightsElsewhere(ctx, n)
			if err != nil {
				return nil, err
			}
			moved = append(moved, others...)
			continue
		}
		if who := n.To.Person; unreachable && !who.Nobody() {
			if err := l.markUnreachable(ctx, n.Ticket, who); err != nil {
				return nil, err
			}
		}
		if n.Reason == request.RedrawCard {
			// The card is lost here, the warnings elsewhere are not.
			quieted, err := l.quietOf(ctx, n.Ticket)
			if err != nil {
				return nil, err
			}
			moved = append(moved, quieted...)
		}
		next, ok, err := l.nextPlace(ctx, n, unreachable)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		again, err := Message(next)
		if err != nil {
			return nil, err
		}
		moved = append(moved, again)
	}
	return moved, nil
}

// toRequester gives the card of a request that cannot stand where it was filed, because the
// bot is not there, to the one who filed it: else nobody would ever see it. A card that
// stands there already stays as it is.
func (l *Renderer) toRequester(ctx context.Context, n request.Notice) (next request.Notice, ok bool, err error) {
	t, err := l.Store.Ticket(ctx, n.Ticket)
	if err != nil {
		return next, false, fmt.Errorf("load %s: %w", n.Ticket, err)
	}
	over, known, err := l.Store.Posted(ctx, handleOf(*t, homeCard))
	switch {
	case err != nil:
		return next, false, fmt.Errorf("find card of %s: %w", n.Ticket, err)
	case !n.To.Person.Nobody(), t.Home.Personal, known && request.SameConversation(over.Conversation, t.Home.Conversation):
		l.Log.WarnContext(ctx, "notice given up", "ticket", n.Ticket, "reason", n.Reason)
		l.lost(string(n.Reason))
		return next, false, nil
	}
	n.ID, n.To, n.Attempts, n.NotBefore = 0, request.Target{Person: t.Requester}, 0, time.Time{}
	return n, true, nil
}

// aboutNoTicket says whether a notice is about the desk and not about one ticket.
func aboutNoTicket(n request.Notice) bool {
	return n.Reason == request.RightsDue || n.Reason == request.SyncForbidden || n.Reason == request.HealthForbidden
}

// rightsElsewhere tells the leads of rights where the desk's conversation can't be.
func (l *Renderer) rightsElsewhere(ctx context.Context, n request.Notice) ([]outbox.Message, error) {
	leads := leadTargets(l.Desk)
	if n.To.Conversation == "" || len(leads) == 0 {
		l.Log.WarnContext(ctx, "notice given up", "reason", n.Reason)
		l.lost(string(n.Reason))
		return nil, nil
	}
	var moved []outbox.Message
	for _, to := range leads {
		n.ID, n.To, n.Attempts, n.NotBefore = 0, to, 0, time.Time{}
		m, err := Message(n)
		if err != nil {
			return nil, err
		}
		moved = append(moved, m)
	}
	return moved, nil
}

// Delivered takes the mark off people whom a message has reached again.
func (l *Renderer) Delivered(ctx context.Context, messages []outbox.Message) {
	l.ready()
	for _, m := range messages {
		n, err := notice(m)
		if err != nil || n.To.Person.Nobody() || aboutNoTicket(n) {
			continue
		}
		if t, err := l.Store.Ticket(ctx, n.Ticket); err == nil && !slices.Contains(t.Unreachable, n.To.Person.ID) {
			continue
		}
		if err := l.markReached(ctx, n.Ticket, n.To.Person); err != nil {
			l.Log.WarnContext(ctx, "person is still marked", "err", err)
		}
	}
}

// nextPlace gives the notice its next target, when its own can't be reached:
// for a person the ticket's thread, for the thread the person who works on it,
// then the desk's conversation and that of escalations. Only what somebody must
// hear goes on: the thread has every change already, and cards are drawn where
// they stand, but for one that never could. Where the next target of a milestone has a
// notice of its own, or of one that fired since, it goes no further, if this one's place is
// marked: of two that fail at once, the later one sees the mark of the other and goes on.
func (l *Renderer) nextPlace(ctx context.Context, n request.Notice, marked bool) (next request.Notice, ok bool, err error) {
	if n.Reason == request.RedrawCard && marked {
		return l.toRequester(ctx, n)
	}
	if n.Reason != request.Assigned && n.Reason != request.MilestoneDue {
		l.Log.WarnContext(ctx, "notice given up", "ticket", n.Ticket, "reason", n.Reason)
		l.lost(string(n.Reason))
		return next, false, nil
	}
	t, err := l.Store.Ticket(ctx, n.Ticket)
	if err != nil {
		return next, false, fmt.Errorf("load %s: %w", n.Ticket, err)
	}
	if n.Reason == request.Assigned && !n.To.Person.Nobody() && !t.Home.Personal {
		return next, false, nil // the thread has a mention of its own
	}
	n.Tried = append(slices.Clone(n.Tried), targetKey(n.To))
	targets := []request.Target{t.HomeTarget()}
	if n.To.Person.Nobody() {
		targets = append(targets, request.Target{Person: t.Assignee}, request.Target{Person: t.Requester})
	}
	targets = append(targets,
		request.Target{Conversation: l.Desk.DeskConversation}, request.Target{Conversation: l.Desk.EscalationConversation})
	for _, to := range targets {
		key := targetKey(to)
		if key == "" || slices.Contains(n.Tried, key) {
			continue
		}
		if marked && l.named(ctx, t, n)[key] {
			out, err := l.outOfReach(ctx, t, to)
			if err != nil {
				return next, false, err
			}
			if !out {
				return next, false, nil
			}
			continue
		}
		n.ID, n.To, n.Attempts, n.NotBefore = 0, to, 0, time.Time{}
		return n, true, nil
	}
	l.Log.ErrorContext(ctx, "nobody can be told", "ticket", n.Ticket, "reason", n.Reason, "milestone", n.Milestone)
	l.lost(string(n.Reason))
	return next, false, nil
}

// named gives the places that the notice's milestone names itself, by targetKey, and
// those that another one of its clock names which fired with it or since: what those
// places are told says at least as much.
func (l *Renderer) named(ctx context.Context, t *request.Ticket, n request.Notice) map[string]bool {
	all := map[string]bool{}
	p := newRecipients(l.Desk, t)
	for _, m := range policyOf(ctx, l.Desk, l.Store, t, l.Log).Milestones(t.State()) {
		since := m.Clock == clockOf(n) && !m.At.Before(n.Due) && slices.Contains(t.Fired, m.Name)
		if n.Reason != request.MilestoneDue || m.Name != n.Milestone && !since {
			continue
		}
		for _, name := range m.To {
			for _, to := range p.of(name) {
				all[targetKey(to)] = true
			}
		}
	}
	return all
}

// outOfReach says whether a place is marked as one that can't be written to.
func (l *Renderer) outOfReach(ctx context.Context, t *request.Ticket, to request.Target) (bool, error) {
	if to.Conversation == "" {
		return slices.Contains(t.Unreachable, to.Person.ID), nil
	}
	place, err := l.Store.Conversation(ctx, to.Conversation)
	if errors.Is(err, outbox.ErrNoConversation) {
		return false, nil
	}
	return place.Reach != outbox.Reachable, err
}

func targetKey(to request.Target) string {
	if to.Conversation != "" {
		return to.Conversation
	}
	return to.Person.ID
}
