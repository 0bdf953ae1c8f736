package request

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/sla"
)

// Move says which ticket somebody moves, and what they had seen of it.
type Move struct {
	Number Number
	// Revision is the one on the card that was pressed; 0 when the move was typed.
	Revision int
	// Origin is the activity that the move came with, for the history.
	Origin string
	// Said is the conversation that the answer to a typed move is said in: there the
	// change is told with it, and needs no line of its own.
	Said string
	// PlanConfirmed says, of a move to filed, that whoever filed it saw the CSP
	// plan in the portal (R14).
	PlanConfirmed bool
}

// change is what a move does to a ticket: it gives the history's entry, or an
// error and then nothing is kept. An entry without What changes nothing.
type change func(t *Ticket, p *sla.Policy, now time.Time) (Event, error)

// lastWords is how many characters of the newest words a ticket carries: a card shows
// a few less.
const lastWords = 300

// apply does one move inside a turn's transaction: it locks the ticket, checks the right,
// the status, and whether what happened since the pressed card was drawn excludes the
// move, and keeps ticket, entry and notices. What it returns instead of doing it
// (*Refused, *Changed, *Invalid) has changed nothing.
func (d *Desk) apply(ctx context.Context, tx Tx, by Person, m Move, verb string, do change) (*Ticket, error) {
	rule, ok := moveOf(verb)
	if !ok {
		return nil, fmt.Errorf("no such move: %s", verb)
	}
	t, err := tx.LockTicket(ctx, m.Number)
	if err != nil {
		return nil, fmt.Errorf("lock ticket %s: %w", m.Number, err)
	}
	viewer := d.Viewer(by)
	if !VisibleTo(*t, viewer) {
		return nil, hidden(*t)
	}
	var since []Event
	if m.Revision > 0 && m.Revision < t.Revision && rule.excludedBy != nil {
		if since, err = tx.EventsSince(ctx, m.Number, m.Revision); err != nil {
			return nil, fmt.Errorf("what happened to ticket %s: %w", m.Number, err)
		}
	}
	refusal := rule.refusal(*t, viewer)
	switch {
	case rule.excludes(since), refusal != nil && len(since) > 0:
		// The card still offered it, so what happened since is the better answer.
		return nil, &Changed{Ticket: t, Since: since}
	case refusal != nil:
		return nil, refusal
	}
	policy, err := d.PolicyOf(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	seen := *t
	err = d.keep(ctx, tx, t, by, m, rule, policy, do)
	var late *Refused
	if errors.As(err, &late) && len(since) > 0 {
		return nil, &Changed{Ticket: &seen, Since: since}
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// keep changes a locked ticket and writes down what comes of it.
func (d *Desk) keep(ctx context.Context, tx Tx, t *Ticket, by Person, m Move, rule move, policy *sla.Policy, do change) error {
	before, now := *t, d.Instant()
	e, err := do(t, policy, now)
	noted := !t.PortalOpenedAt.Equal(before.PortalOpenedAt) || t.Details.PlanConfirmed != before.Details.PlanConfirmed
	if err != nil || e.What == "" && !noted {
		return err
	}
	if e.Text != "" {
		said, _ := plaintext.Cut(e.Text, lastWords)
		t.LastWords = Event{At: now, By: by, What: e.What, Text: said}
	}
	t.UpdatedAt = now
	t.Plan(policy)
	revision := t.Revision + 1
	if err := tx.UpdateTicket(ctx, &before, t); err != nil {
		return err
	}
	t.Revision = revision
	if e.What == "" {
		return nil
	}
	e.Ticket, e.At, e.By, e.Origin, e.Revision = t.Number, now, by, m.Origin, revision
	if e.What == "responded" && t.MicrosoftCase != before.MicrosoftCase {
		filed := e // the number came with the answer
		filed.What, filed.From, filed.To, filed.Text = "filed", before.MicrosoftCase, t.MicrosoftCase, ""
		if err := tx.Record(ctx, &filed); err != nil {
			return err
		}
	}
	if err := tx.Record(ctx, &e); err != nil {
		return err
	}
	for _, n := range d.notices(before, *t, by, e, rule, m.Said, now) {
		if err := tx.Notify(ctx, n); err != nil {
			return err
		}
	}
	return nil
}
