package notify

import (
	"context"
	"fmt"
	"slices"

	"onbehalf/bot/request"
)

// markUnreachable notes on the ticket that somebody cannot be written to, once,
// so that its card says who does not hear of it.
func (l *Renderer) markUnreachable(ctx context.Context, n request.Number, who request.Person) error {
	return l.mark(ctx, n, who, func(t *request.Ticket) bool {
		if slices.Contains(t.Unreachable, who.ID) {
			return false
		}
		t.Unreachable = append(t.Unreachable, who.ID)
		return true
	}, "unreachable")
}

// markReached takes that note away, when a message has arrived again.
func (l *Renderer) markReached(ctx context.Context, n request.Number, who request.Person) error {
	return l.mark(ctx, n, who, func(t *request.Ticket) bool {
		without := slices.DeleteFunc(slices.Clone(t.Unreachable), func(id string) bool { return id == who.ID })
		changed := len(without) < len(t.Unreachable)
		t.Unreachable = without
		return changed
	}, "")
}

func (l *Renderer) mark(ctx context.Context, n request.Number, who request.Person, change func(*request.Ticket) bool, what string) error {
	if n == 0 {
		return nil
	}
	err := l.Store.InTx(ctx, func(tx request.Tx) error {
		t, err := tx.LockTicket(ctx, n)
		if err != nil {
			return err
		}
		before := *t
		if !change(t) {
			return nil
		}
		if err := tx.UpdateTicket(ctx, &before, t); err != nil {
			return err
		}
		now := l.now().UTC()
		if what != "" {
			e := &request.Event{Ticket: n, At: now, What: what, To: nameOf(*t, who), Revision: t.Revision}
			if err := tx.Record(ctx, e); err != nil {
				return err
			}
		}
		for _, notice := range redraws(l.Desk, t, now) {
			if err := tx.Notify(ctx, notice); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note on %s who can be reached: %w", n, err)
	}
	return nil
}

// nameOf is what the ticket calls somebody; leads are known by id alone.
func nameOf(t request.Ticket, who request.Person) string {
	people := []request.Person{who, t.Assignee, t.Requester}
	for _, w := range t.Watchers {
		people = append(people, w.Person)
	}
	for _, p := range people {
		if p.Is(who) && p.Name != "" {
			return p.Name
		}
	}
	return who.ID
}
