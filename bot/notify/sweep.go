package notify

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// Sweeper fires milestones: it finds the tickets that are due, writes each
// milestone down once for ever, and leaves notices for those who shall hear of
// it, all in one transaction. Any number of replicas may run it; none leads.
//
// It goes by what the machine's clock says. A clock that jumps forward fires
// early, one that jumps back waits; neither fires anything twice or loses it,
// because what was fired is written down and what was not stays due.
type Sweeper struct {
	Store Store
	Desk  *request.Desk
	// Outbox keeps ordinary messages back while milestones are written down, and is
	// released when notices were left. It may be nil.
	Outbox interface {
		Hold()
		Release()
	}
	Now   func() time.Time // nil is time.Now
	Log   *slog.Logger     // nil is slog.Default
	Meter Meter            // nil counts nothing

	setUp sync.Once
	wake  chan struct{}
}

const (
	// sweepEvery is how often somebody looks whether anything is due.
	sweepEvery = 200 * time.Millisecond
	// sweepBatch is how many tickets one transaction fires: few enough that others
	// are not kept waiting, and that the first notices are out soon.
	sweepBatch = 100
)

// Wake makes Run look at once, after a commit that changed a due time. It never
// waits.
func (s *Sweeper) Wake() {
	s.ready()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run fires what falls due until the context ends. Errors of the database are
// logged and tried again.
func (s *Sweeper) Run(ctx context.Context) {
	s.ready()
	for ctx.Err() == nil {
		_, next, err := s.sweep(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "milestones not fired", "err", err)
		}
		s.idle(ctx, next)
	}
}

// Sweep fires everything that is due now and returns how many tickets it was.
// When nothing is due it costs one read of an index.
func (s *Sweeper) Sweep(ctx context.Context) (fired int, err error) {
	s.ready()
	fired, _, err = s.sweep(ctx)
	return fired, err
}

// sweep also gives when the next ticket is due, as far as that is known. The
// outbox is held meanwhile: delivering what one transaction left must not take machine and
// database from what is still to be written down.
func (s *Sweeper) sweep(ctx context.Context) (fired int, next time.Time, err error) {
	release := func() {}
	defer func() { release() }()
	for {
		if next, err = s.Store.NextDue(ctx); err != nil {
			return fired, time.Time{}, fmt.Errorf("look for what is due: %w", err)
		}
		if next.IsZero() || next.After(s.now()) {
			return fired, next, nil
		}
		if s.Outbox != nil {
			s.Outbox.Hold()
			release = s.Outbox.Release
		}
		n, err := s.batch(ctx)
		fired += n
		if err != nil || n == 0 { // another replica has them
			return fired, time.Time{}, err
		}
	}
}

func (s *Sweeper) ready() {
	s.setUp.Do(func() {
		s.wake = make(chan struct{}, 1)
		if s.Log == nil {
			s.Log = slog.Default()
		}
	})
}

func (s *Sweeper) now() time.Time {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	return now().UTC().Truncate(time.Millisecond)
}

// idle waits for the next due time, and no longer than until somebody has to look
// again: another replica may have changed one.
func (s *Sweeper) idle(ctx context.Context, next time.Time) {
	wait := sweepEvery
	if until := next.Sub(s.now()); until > 0 {
		wait = min(wait, until)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-s.wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// batch fires some tickets in one transaction.
func (s *Sweeper) batch(ctx context.Context) (int, error) {
	var tickets []*request.Ticket
	var breached []request.Severity
	var fired []firedLate
	err := s.Store.InTx(ctx, func(tx request.Tx) error {
		now := s.now()
		breached = nil
		var err error
		if tickets, err = tx.DueTickets(ctx, now, sweepBatch); err != nil {
			return fmt.Errorf("lock what is due: %w", err)
		}
		breached, fired, err = s.fire(ctx, tx, tickets, now)
		return err
	})
	if err != nil || len(tickets) == 0 {
		return 0, err
	}
	if s.Meter != nil {
		for _, severity := range breached {
			s.Meter.Breached(severity)
		}
		for _, f := range fired {
			s.Meter.Fired(f.kind, f.late)
		}
	}
	return len(tickets), nil
}

// firedLate is a milestone that was fired, and how late.
type firedLate struct {
	kind string
	late time.Duration
}

// fire writes down every milestone of the tickets that is due, leaves one notice
// for each place that they name, and sets the next due times; it gives the
// severities of the tickets that are late now, and what was fired. After a downtime several of a
// ticket are due at once: each place then hears of the newest that names it, and
// those passed over are written down as fired.
func (s *Sweeper) fire(ctx context.Context, tx request.Tx, tickets []*request.Ticket, now time.Time) (breached []request.Severity, fired []firedLate, err error) {
	due := make([][]sla.Milestone, len(tickets))
	var all []request.Fired
	for i, t := range tickets {
		policy := policyOf(ctx, s.Desk, tx, t, s.Log)
		// Instants are kept in milliseconds, those of milestones may lie between two.
		due[i] = t.DueMilestones(policy, now.Add(time.Millisecond))
		for _, m := range due[i] {
			t.Fired = append(t.Fired, m.Name)
			all = append(all, request.Fired{Ticket: t.Number, Epoch: t.Epoch, Milestone: m.Name, Due: m.At, At: now})
		}
		t.Plan(policy)
	}
	fresh, err := tx.FiredAll(ctx, all)
	if err != nil {
		return nil, nil, fmt.Errorf("write milestones down: %w", err)
	}
	var entries []*request.Event
	var notices []request.Notice
	for i, t := range tickets {
		heard := newRecipients(s.Desk, t)
		for _, m := range due[i] {
			if fresh[0] {
				heard.add(m)
				fired = append(fired, firedLate{kindNames[m.Kind], now.Sub(m.At)})
			}
			fresh = fresh[1:]
		}
		for _, m := range heard.spoken() {
			entries = append(entries, entry(t, m, now))
			if m.Kind == sla.Breach && m.Clock == sla.ClockResponse {
				breached = append(breached, t.Severity)
			}
		}
		notices = append(notices, heard.notices(now)...)
	}
	if err := tx.KeepFired(ctx, tickets, entries); err != nil {
		return nil, nil, fmt.Errorf("keep what was fired: %w", err)
	}
	for _, n := range notices {
		if err := tx.Notify(ctx, n); err != nil {
			return nil, nil, fmt.Errorf("leave a notice of %s: %w", n.Ticket, err)
		}
	}
	return breached, fired, nil
}

// kindNames are the kinds of milestones as metrics name them.
var kindNames = map[sla.MilestoneKind]string{
	sla.Warn: "warn", sla.Breach: "breach", sla.Repeat: "repeat", sla.Ladder: "escalate", sla.Look: "look", sla.Past: "past", sla.Ask: "ask",
}

// policyOf is the policy that a ticket was opened under. A clock must not stand
// still because a policy cannot be read: then the desk's present one holds.
func policyOf(ctx context.Context, d *request.Desk, r request.Reader, t *request.Ticket, log *slog.Logger) *sla.Policy {
	p, err := d.PolicyOf(ctx, r, t)
	if err != nil {
		log.ErrorContext(ctx, "ticket's policy not read", "ticket", t.Number, "policy", t.PolicyID, "err", err)
		return d.Policy
	}
	return p
}

// entry is what a milestone leaves in the history of a ticket whose revision
// rises with it.
func entry(t *request.Ticket, m sla.Milestone, now time.Time) *request.Event {
	what := map[sla.MilestoneKind]string{
		sla.Warn: "warned", sla.Breach: "breached", sla.Repeat: "warned", sla.Ladder: "escalated", sla.Look: "reminded", sla.Past: "reminded",
		sla.Ask: "reminded",
	}[m.Kind]
	return &request.Event{Ticket: t.Number, At: now, What: what, To: m.Name, Revision: t.Revision + 1}
}
