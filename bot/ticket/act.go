package ticket

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onbehalf/bot/sla"
)

// Move says which ticket somebody moves, and what they had seen of it.
type Move struct {
	Number Number
	// Revision is the one on the card that was pressed; 0 when the move was typed.
	Revision int
	// Origin is the activity that the move came with. The same activity moves a
	// ticket once, however often it is delivered.
	Origin string
	// PlanConfirmed says, of a move to filed, that whoever filed it saw the CSP
	// plan in the portal (R14).
	PlanConfirmed bool
}

// change is what a move does to a ticket: it gives the history's entry, or an
// error and then nothing is kept. An entry without What changes nothing.
type change func(t *Ticket, p *sla.Policy, now time.Time) (Event, error)

// errMoved says that a ticket changed between reading and locking it.
var errMoved = errors.New("ticket changed while it was looked at")

// tries is how often a move looks again at a ticket that others move at the same
// time; each try means that another one got through.
const tries = 20

// act does one move: it checks the right, the status, and whether what happened
// since the pressed card was drawn excludes the move, and keeps ticket, entry and
// notices in one transaction.
func (d *Desk) act(ctx context.Context, by Person, m Move, verb string, do change) (*Ticket, error) {
	rule, ok := moveOf(verb)
	if !ok {
		return nil, fmt.Errorf("no such move: %s", verb)
	}
	for range tries {
		t, err := d.attempt(ctx, by, m, rule, do)
		switch {
		case err == nil:
			return t, nil
		case errors.Is(err, errMoved) || errors.Is(err, ErrStale):
			continue
		}
		return d.repeated(ctx, by, m, rule, err)
	}
	return nil, fmt.Errorf("%s %s: %w", verb, m.Number, ErrStale)
}

// attempt does the move on the ticket as it is read first; errMoved when it is
// another one by the time it is locked.
func (d *Desk) attempt(ctx context.Context, by Person, m Move, rule move, do change) (*Ticket, error) {
	seen, err := d.Store.Ticket(ctx, m.Number)
	if err != nil {
		return nil, fmt.Errorf("load ticket %s: %w", m.Number, err)
	}
	viewer := d.Viewer(by)
	if !VisibleTo(*seen, viewer) {
		return nil, hidden(*seen)
	}
	// Only what happened since the card was drawn asks for a look at one and the
	// same ticket; everything else is decided under the lock.
	judged := m.Revision > 0 && rule.excludedBy != nil
	var since []Event
	if judged && m.Revision < seen.Revision {
		if since, err = d.Store.EventsSince(ctx, m.Number, m.Revision); err != nil {
			return nil, fmt.Errorf("what happened to ticket %s: %w", m.Number, err)
		}
	}
	policy, err := d.PolicyOf(ctx, seen)
	if err != nil {
		return nil, err
	}
	if rule.excludes(since) {
		return nil, &Changed{Ticket: seen, Since: since}
	}
	var moved *Ticket
	err = d.Store.InTx(ctx, func(tx Tx) error {
		t, err := tx.LockTicket(ctx, m.Number)
		if err != nil {
			return fmt.Errorf("lock ticket %s: %w", m.Number, err)
		}
		if judged && t.Revision != seen.Revision {
			return errMoved
		}
		if refusal := rule.refusal(*t, viewer); refusal != nil {
			return refusal
		}
		moved = t
		return d.keep(ctx, tx, t, by, m, rule, policy, do)
	})
	var refusal *Refused
	if errors.As(err, &refusal) && len(since) > 0 && refusal.Code != "hidden" {
		// The card still offered it, so what happened since is the better answer.
		return nil, &Changed{Ticket: seen, Since: since}
	}
	if err != nil {
		return nil, err
	}
	return moved, nil
}

// keep changes a locked ticket and writes down what comes of it.
func (d *Desk) keep(ctx context.Context, tx Tx, t *Ticket, by Person, m Move, rule move, policy *sla.Policy, do change) error {
	before, now := *t, d.now()
	e, err := do(t, policy, now)
	noted := !t.PortalOpenedAt.Equal(before.PortalOpenedAt) || t.Details.PlanConfirmed != before.Details.PlanConfirmed
	if err != nil || e.What == "" && !noted {
		return err
	}
	t.UpdatedAt = now
	t.Plan(policy)
	revision := t.Revision + 1
	if err := tx.UpdateTicket(ctx, t); err != nil {
		return err
	}
	t.Revision = revision
	if e.What == "" {
		return nil
	}
	e.Ticket, e.At, e.By, e.Origin, e.Revision = t.Number, now, by, m.Origin, revision
	if err := tx.Record(ctx, &e); err != nil {
		return err
	}
	for _, n := range d.notices(before, *t, by, e, rule, now) {
		if err := tx.Notify(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// repeated looks whether a move failed because the same activity had done it
// already; then its ticket is the answer.
func (d *Desk) repeated(ctx context.Context, by Person, m Move, rule move, failure error) (*Ticket, error) {
	var refusal *Refused
	var changed *Changed
	var invalid *Invalid
	expected := errors.As(failure, &refusal) || errors.As(failure, &changed) || errors.As(failure, &invalid) || errors.Is(failure, ErrRepeated)
	if m.Origin == "" || !expected {
		return nil, failure
	}
	entries, err := d.Store.History(ctx, m.Number, 0, repeatWindow)
	if err != nil {
		return nil, fmt.Errorf("history of ticket %s: %w", m.Number, err)
	}
	for _, e := range entries {
		if e.Origin == m.Origin && e.What == rule.what && e.By.Is(by) {
			return d.Ticket(ctx, by, m.Number)
		}
	}
	return nil, failure
}

// repeatWindow is how many entries back a repeated delivery is recognised; Teams
// repeats within minutes.
const repeatWindow = 100
