package sla

import "time"

// Start starts a clock of a ticket. Where the policy has no target for it the
// Run is None. ClockMicrosoft runs by the targets of the response, ClockIncident
// to the first reminder.
//
// Technical requests of severity A, B and C in English run on the wall clock if
// the policy says "english: wall", all else on the business clock, and so does
// whatever has its target in business days.
func (p *Policy) Start(c Clock, t Terms, at time.Time) Run {
	at = at.Round(0).UTC()
	calendar := p.Calendar(t.Calendar, t.Zone)
	r := Run{
		Clock: c, Start: at, Mode: Business, Basis: NoTarget,
		Calendar: calendar.code, Zone: calendar.zone.String(),
	}
	severity := t.severity()
	target, promised := p.rules(c).targets[severity]
	if !promised {
		return r
	}
	switch {
	case severity == noncritical:
		r.Basis = UpTo
	case t.english():
		r.Basis = Published
	default:
		r.Basis = Estimate
	}
	if severity != noncritical && t.english() && p.english == Wall && target.days == 0 {
		r.Mode = Wall
	}
	r.BusinessDay = target.days > 0
	r.Budget = calendar.amount(target)
	if r.Mode == Wall {
		r.Due = at.Add(r.Budget)
		return r
	}
	r.Due = calendar.Due(at, r.Budget).UTC()
	if r.Due.IsZero() {
		r.Basis = NoTarget
		return r
	}
	r.HolidaysUnknown = !calendar.knows(at, r.Due)
	return r
}

// Microsoft starts Microsoft's own clock, which counts the response's target from
// the instant at which the ticket was filed.
func (p *Policy) Microsoft(t Terms, filed time.Time) Run {
	return p.Start(ClockMicrosoft, t, filed)
}

// Change gives the clock after a change of severity, kind, language or calendar
// at an instant. The caller leaves a clock alone that has ended.
//
// Whatever lowers the severity, and another kind, language or calendar, counts
// the new budget from the instant at which the clock first started. A raised
// severity counts it from the change, and the earlier of the two due times holds.
// Where both change, the raise comes last. A change that the clock cannot feel,
// such as en-US to en-GB, leaves it as it is.
func (p *Policy) Change(old Run, from, to Terms, at time.Time) Run {
	at = at.Round(0).UTC()
	sameKind := from.technical() == to.technical()
	if !sameKind || ranks[to.severity()] <= ranks[from.severity()] {
		return p.recount(old, from, to)
	}
	unraised := to
	unraised.Severity = from.Severity
	kept := p.recount(old, from, unraised)

	next := p.Start(old.Clock, to, at)
	next.Origin, next.Raised = old.origin(), at
	if next.None() || !kept.None() && !next.Due.Before(kept.Due) {
		kept.Raised = at
		return kept
	}
	return next
}

// recount starts a clock again from its first start, unless the change of terms
// makes no difference to it.
func (p *Policy) recount(old Run, from, to Terms) Run {
	next := p.Start(old.Clock, to, old.origin())
	if next == p.Start(old.Clock, from, old.origin()) {
		return old
	}
	return next
}

// Add gives the instant that lies d of the run's clock after another one; for a
// business clock only open windows count. It is the zero time if a calendar does
// not open for so long in twenty years.
func (p *Policy) Add(r Run, from time.Time, d time.Duration) time.Time {
	return p.add(r, from, amount{d: d})
}

// add is Add for amounts of a policy. Business days run on the business clock,
// whatever the run's own is.
func (p *Policy) add(r Run, from time.Time, a amount) time.Time {
	if r.Mode == Wall && a.days == 0 {
		return from.Add(a.d).UTC()
	}
	c := p.Calendar(r.Calendar, r.Zone)
	return c.Due(from, c.amount(a)).UTC()
}

// before gives the latest instant after the run's start from which an amount of
// the clock is left until it is due, and whether there is one.
func (p *Policy) before(r Run, a amount) (time.Time, bool) {
	left, mode := a.d, r.Mode
	if a.days > 0 {
		left, mode = p.Calendar(r.Calendar, r.Zone).amount(a), Business
	}
	spans := p.counted(r, mode)
	for i := len(spans) - 1; i >= 0; i-- {
		s := spans[i]
		if long := s.to.Sub(s.from); left > long {
			left -= long
			continue
		}
		at := s.to.Add(-left).UTC()
		return at, at.After(r.Start)
	}
	return time.Time{}, false
}

// counted gives the spans between a run's start and its due time that count on a
// clock of the mode.
func (p *Policy) counted(r Run, mode Mode) []span {
	if mode == Wall {
		return []span{{r.Start, r.Due}}
	}
	var spans []span
	for opens, closes := range p.Calendar(r.Calendar, r.Zone).openings(r.Start) {
		if !opens.Before(r.Due) {
			break
		}
		if closes.After(r.Due) {
			closes = r.Due
		}
		spans = append(spans, span{opens, closes})
	}
	return spans
}
