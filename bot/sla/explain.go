package sla

import "time"

// Explanation is why a run is due when it is. Its times are exact and in the
// calendar's zone.
type Explanation struct {
	Run Run
	// Counted is every span that used up the budget, in order; their lengths add
	// up to it. Windows that touch, at midnight for example, are one span.
	Counted []Counted
	// Skipped is every local date from the start to the due time without working
	// time. On a wall clock nothing is skipped.
	Skipped []Day
	// Zone is the zone of the calendar.
	Zone *time.Location
	// Kept says that the severity was raised, and the due time from before stayed
	// because it is the earlier one: Counted is the arithmetic from before.
	Kept bool
}

// Counted is a span that counted, and what of the budget was left after it.
type Counted struct {
	From, To time.Time
	Left     time.Duration
}

// Length is the real time between the ends.
func (c Counted) Length() time.Duration { return c.To.Sub(c.From) }

// Explain gives every span that counted and every closed day that did not. The
// policy must be the one that the run was computed by. A run without a target
// has nothing to explain.
func (p *Policy) Explain(r Run) Explanation {
	c := p.Calendar(r.Calendar, r.Zone)
	e := Explanation{Run: r, Zone: c.zone}
	if r.None() {
		return e
	}
	e.Kept = !r.Raised.IsZero() && !r.Raised.Equal(r.Start)
	left := r.Budget
	for _, s := range joined(p.counted(r, r.Mode)) {
		left -= s.to.Sub(s.from)
		e.Counted = append(e.Counted, Counted{s.from.In(c.zone), s.to.In(c.zone), left})
	}
	if r.Mode == Wall {
		return e
	}
	for d := c.dateOf(r.Start); d <= c.dateOf(r.Due); d++ {
		if windows, _, _ := c.hours(d); len(windows) == 0 {
			e.Skipped = append(e.Skipped, c.day(d))
		}
	}
	return e
}

// joined makes one span of those that touch.
func joined(spans []span) []span {
	var all []span
	for _, s := range spans {
		if last := len(all) - 1; last >= 0 && all[last].to.Equal(s.from) {
			all[last].to = s.to
			continue
		}
		all = append(all, s)
	}
	return all
}
