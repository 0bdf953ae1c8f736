package request

import (
	"context"
	"fmt"
	"time"

	"onbehalf/bot/incident"
	"onbehalf/bot/sla"
)

// HearOfIncident tells a ticket that keeps an incident what Microsoft says of it now: with an
// entry and a line, or, once it is over, with the question whether it is still broken (E12).
// The same news again, from whichever replica, changes nothing.
func (d *Desk) HearOfIncident(ctx context.Context, tx Tx, n Number, i incident.Incident) error {
	t, err := tx.LockTicket(ctx, n)
	if err != nil {
		return fmt.Errorf("lock ticket %s: %w", n, err)
	}
	if t.Over() || t.Details.Incident != i.ID {
		return nil
	}
	now := d.Instant()
	fresh, err := tx.FiredAll(ctx, []Fired{{Ticket: n, Milestone: i.ID + "/" + i.News(), Due: i.Modified, At: now}})
	if err != nil || !fresh[0] {
		return err
	}
	policy, err := d.PolicyOf(ctx, tx, t)
	if err != nil {
		return err
	}
	before := *t
	if !t.IncidentOverAt.IsZero() && !i.Over { // it broke again: the reminders begin anew
		t.IncidentReminder = policy.Start(sla.ClockIncident, t.Terms(), now)
	}
	t.IncidentOverAt = time.Time{}
	e := Event{Ticket: n, At: now, What: "incident", From: i.ID, To: i.Status, Text: i.Post}
	if i.Over {
		t.IncidentOverAt, e.What = now, "incident_over"
	}
	t.UpdatedAt = now
	t.Plan(policy)
	revision := t.Revision + 1
	if err := tx.UpdateTicket(ctx, &before, t); err != nil {
		return err
	}
	t.Revision, e.Revision = revision, revision
	if err := tx.Record(ctx, &e); err != nil {
		return err
	}
	telling := everybody
	if i.Over && !t.IncidentReminder.None() { // the question says it
		telling = silent
	}
	for _, notice := range d.notices(before, *t, Person{}, e, move{telling: telling}, "", now) {
		if err := tx.Notify(ctx, notice); err != nil {
			return err
		}
	}
	return nil
}
