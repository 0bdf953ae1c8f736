package request

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/sla"
)

// Terms are what the ticket's clocks go by.
func (t Ticket) Terms() sla.Terms {
	return sla.Terms{
		Kind: string(t.Kind), Severity: string(t.Severity), Language: t.Language,
		Calendar: t.Customer.Calendar, Zone: t.Customer.Zone,
	}
}

// Start starts the clocks of a new ticket under a policy, which stays with it. A
// policy that counts from filing starts the response only then.
func (t *Ticket) Start(p *sla.Policy) {
	t.PolicyID = p.ID()
	if p.CountsFrom() != "filed" {
		t.Response = p.Start(sla.ClockResponse, t.Terms(), t.StartedAt)
	}
	t.Handoff = p.Start(sla.ClockHandoff, t.Terms(), t.OpenedAt)
	if t.Details.Incident != "" {
		t.IncidentReminder = p.Start(sla.ClockIncident, t.Terms(), t.OpenedAt)
	}
	t.Plan(p)
}

// State is what of the ticket decides which milestones still stand.
func (t *Ticket) State() sla.State {
	return sla.State{
		Response: &t.Response, Handoff: &t.Handoff, Microsoft: &t.Microsoft, Incident: &t.IncidentReminder,
		IncidentOver: t.IncidentOverAt,
		Responded:    !t.RespondedAt.IsZero(), Filed: t.MicrosoftCase != "", MicrosoftResponded: !t.MicrosoftRespondedAt.IsZero(),
		AskAgain: t.askAgain(), Over: t.Over(), WarningAcknowledged: !t.WarningAckedAt.IsZero(), BreachAcknowledged: !t.BreachAckedAt.IsZero(),
		Assigned: !t.Assignee.Nobody(),
	}
}

// Plan sets NextDueAt to the first milestone that is not done with. Whatever
// changes the ticket's times, status or Fired calls it before the ticket is kept.
func (t *Ticket) Plan(p *sla.Policy) {
	t.NextDueAt = time.Time{}
	for _, m := range p.Milestones(t.State()) {
		if !slices.Contains(t.Fired, m.Name) {
			// Instants are kept in milliseconds; one too early would find nothing due.
			t.NextDueAt = m.At.Add(time.Millisecond - 1).Truncate(time.Millisecond)
			return
		}
	}
}

// DueMilestones gives the milestones at or before now that are not done with,
// oldest first. Several are there after a downtime.
func (t *Ticket) DueMilestones(p *sla.Policy, now time.Time) []sla.Milestone {
	var due []sla.Milestone
	for _, m := range p.Milestones(t.State()) {
		if !m.At.After(now) && !slices.Contains(t.Fired, m.Name) {
			due = append(due, m)
		}
	}
	return due
}

// retime changes the clocks that still run after a change of severity, kind or
// language, and begins a new epoch when one of them moved. What was said in the
// old epoch is said again only where its new instant is still to come; a reminder
// to look again is never repeated (E12).
func (t *Ticket) retime(p *sla.Policy, from sla.Terms, now time.Time) {
	to := t.Terms()
	old := [...]sla.Run{t.Response, t.Handoff, t.Microsoft}
	if t.RespondedAt.IsZero() {
		if !t.Response.Start.IsZero() {
			t.Response = p.Change(t.Response, from, to, now)
		}
		if t.MicrosoftCase == "" && !t.Handoff.Start.IsZero() {
			t.Handoff = p.Change(t.Handoff, from, to, now)
		}
	}
	if t.MicrosoftCase != "" && t.MicrosoftRespondedAt.IsZero() && !t.Microsoft.Start.IsZero() {
		t.Microsoft = p.Change(t.Microsoft, from, to, now)
	}
	if !t.IncidentReminder.None() {
		t.IncidentReminder = p.Change(t.IncidentReminder, from, to, now)
	}
	if old == [...]sla.Run{t.Response, t.Handoff, t.Microsoft} {
		return
	}
	t.Epoch++
	t.WarningAckedAt = time.Time{}
	if t.Response.None() || t.Response.Due.After(now) {
		t.BreachAckedAt = time.Time{}
	}
	past := map[string]bool{}
	for _, m := range p.Milestones(t.State()) {
		past[m.Name] = !m.At.After(now)
	}
	t.Fired = slices.DeleteFunc(slices.Clone(t.Fired), func(name string) bool {
		return !past[name] && !strings.HasPrefix(name, string(sla.ClockIncident)+"/")
	})
}

// PolicyOf gives the policy that a ticket was opened under. It is read once and
// remembered.
func (d *Desk) PolicyOf(ctx context.Context, r Reader, t *Ticket) (*sla.Policy, error) {
	if t.PolicyID == d.Policy.ID() {
		return d.Policy, nil
	}
	if p, ok := d.policies.Load(t.PolicyID); ok {
		return p.(*sla.Policy), nil
	}
	text, err := r.PolicyText(ctx, t.PolicyID)
	if err != nil {
		return nil, fmt.Errorf("policy of ticket %s: %w", t.Number, err)
	}
	p, err := sla.Parse("policy "+t.PolicyID, text)
	if err != nil {
		return nil, fmt.Errorf("policy of ticket %s: %w", t.Number, err)
	}
	d.policies.Store(t.PolicyID, p)
	return p, nil
}

// KeepPolicy keeps the present policy, so that tickets can be told from it for ever.
// Called once when the program starts, it spares every filing that statement.
func (d *Desk) KeepPolicy(ctx context.Context, keep func(ctx context.Context, id string, text []byte) error) error {
	if err := keep(ctx, d.Policy.ID(), d.Policy.Text()); err != nil {
		return fmt.Errorf("keep policy: %w", err)
	}
	d.policies.Store(d.Policy.ID(), d.Policy)
	return nil
}

// PolicyKept says whether this process knows that the present policy is kept.
func (d *Desk) PolicyKept() bool {
	_, kept := d.policies.Load(d.Policy.ID())
	return kept
}
