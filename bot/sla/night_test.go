package sla

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestABusinessClockSpeaksInOpenHoursOnly looks at every milestone of a ticket,
// from the first warning to Microsoft's due time and the last reminder, on random
// calendars around changes of the clock.
func TestABusinessClockSpeaksInOpenHoursOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, start := drawPlan(t)
		minutes := func(name string) time.Duration {
			return time.Duration(rapid.IntRange(1, 3*24*60).Draw(t, name)) * time.Minute
		}
		text := fmt.Sprintf(`clocks:
  response: {targets: {A: %s, noncritical: 1bd}, warn: [%d%%, %s, 1bd], repeat: %s, repeats: 5}
  handoff: {targets: {A: %s}, warn: [50%%], repeat: %s, repeats: 2}
escalate: [{after: 0s, to: [assignee]}, {after: %s, to: [leads]}, {after: 1bd, to: [escalation]}]
incident: {remind: %s, times: 3}
`, minutes("target"), rapid.IntRange(1, 99).Draw(t, "share"), minutes("before"), minutes("repeat"), minutes("handoff"),
			minutes("again"), minutes("after"), minutes("remind"))
		p, err := Parse("test.yaml", append([]byte(text), plan.yaml()...))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		terms := technical(rapid.SampledFrom([]string{"A", noncritical}).Draw(t, "severity"), "fr", "test")
		var runs [4]Run
		for i, clock := range []Clock{ClockResponse, ClockHandoff, ClockMicrosoft, ClockIncident} {
			runs[i] = p.Start(clock, terms, start)
		}
		c := p.Calendar("test", "")
		for _, m := range p.Milestones(State{Response: &runs[0], Handoff: &runs[1], Microsoft: &runs[2], Incident: &runs[3], Assigned: true}) {
			open := slices.ContainsFunc(c.spans(c.dateOf(m.At)), func(s span) bool { return !m.At.Before(s.from) && !m.At.After(s.to) }) ||
				slices.ContainsFunc(c.spans(c.dateOf(m.At)-1), func(s span) bool { return m.At.Equal(s.to) }) // 24:00 is the next date
			if !open {
				t.Fatalf("%s speaks at %s\n%s%s", m.Name, m.At.In(plan.zone), text, plan.yaml())
			}
			if m.At.Before(start) {
				t.Fatalf("%s speaks at %s, before the start", m.Name, m.At)
			}
		}
	})
}
