package sla

import (
	"slices"
	"testing"
	"time"
)

// looking is a ticket that keeps an announced incident.
func looking(t *testing.T, p *Policy, terms Terms, instant string) State {
	t.Helper()
	s := opened(t, p, terms, instant)
	r := p.Start(ClockIncident, terms, moment(t, instant))
	s.Incident = &r
	return s
}

// looks are its reminders only.
func looks(p *Policy, s State) []string {
	return said(slices.DeleteFunc(p.Milestones(s), func(m Milestone) bool { return m.Clock != ClockIncident }))
}

func TestRemindersToLookAgain_E12(t *testing.T) {
	for _, c := range []struct {
		what, policy string
		terms        Terms
		opened       string
		want         []string
	}{
		{"English runs round the clock", "", technical("A", "en", "de"), "2026-11-24T20:00:00Z", []string{
			"25 00:00 incident/look/1 handler+thread", "25 04:00 incident/look/2 handler+thread",
			"25 08:00 incident/look/3 handler+thread", "25 12:00 incident/look/4 handler+thread",
			"25 16:00 incident/look/5 handler+thread", "25 20:00 incident/look/6 handler+thread",
		}},
		{"another language wakes nobody at night", "incident: {times: 3}", technical("A", "de", "de"), "2026-11-24T14:00:00Z", []string{
			"25 10:00 incident/look/1 handler+thread", "25 14:00 incident/look/2 handler+thread", "26 10:00 incident/look/3 handler+thread",
		}},
		{"nor does what is not critical", "incident: {times: 1}", technical(noncritical, "en", "de"), "2026-11-24T14:00:00Z",
			[]string{"25 10:00 incident/look/1 handler+thread"}},
		{"business days are those of the calendar", "incident: {remind: 1bd, times: 2}", technical("A", "en", "de"), "2026-11-26T14:00:00Z",
			[]string{"27 14:00 incident/look/1 handler+thread", "30 14:00 incident/look/2 handler+thread"}},
		{"clocks without targets remind all the same", "incident: {times: 1}\nclocks: {response: {targets: {}}, handoff: {targets: {}}}",
			technical("A", "en", "de"), "2026-11-24T20:00:00Z", []string{"25 00:00 incident/look/1 handler+thread"}},
		{"switched off", "incident: {}", technical("A", "en", "de"), "2026-11-24T20:00:00Z", nil},
		{"no times", "incident: {times: 0}", technical("A", "en", "de"), "2026-11-24T20:00:00Z", nil},
		{"a complete policy that says nothing", "complete: true\nenglish: wall\nclocks: {response: {starts: opened}}",
			technical("A", "en", ""), "2026-11-24T20:00:00Z", nil},
	} {
		p := parsed(t, c.policy)
		s := looking(t, p, c.terms, c.opened)
		if got := looks(p, s); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.what, got, c.want)
		}
	}
}

func TestOnlyTheEndOfATicketEndsItsReminders(t *testing.T) {
	p := BuiltIn()
	s := looking(t, p, technical("A", "en", "de"), "2026-11-24T10:00:00Z")
	all := looks(p, s)
	s.Responded, s.Filed, s.WarningAcknowledged, s.BreachAcknowledged, s.Assigned = true, true, true, true, true
	if got := looks(p, s); len(all) != 6 || !slices.Equal(got, all) {
		t.Errorf("got %q, want %q", got, all)
	}
	for _, m := range p.Milestones(s) {
		if m.Kind != Look || !m.Due.Equal(m.At) {
			t.Errorf("%s is a %s about %s, at %s", m.Name, m.Kind, m.Due, m.At)
		}
	}
	s.Over = true
	if got := p.Milestones(s); got != nil {
		t.Errorf("%d after the end", len(got))
	}
}

func TestRemindersAfterAChangeOfSeverity(t *testing.T) {
	p := BuiltIn()
	for _, c := range []struct {
		what, from, to, at, first string
	}{
		{"a raise between A, B and C moves nothing", "C", "A", "2026-11-24T12:00:00Z", "24 14:00 incident/look/1 handler+thread"},
		{"nor does one after the first", "C", "A", "2026-11-24T15:00:00Z", "24 14:00 incident/look/1 handler+thread"},
		{"nor does a lowering", "A", "B", "2026-11-24T15:00:00Z", "24 14:00 incident/look/1 handler+thread"},
		{"a raise from not critical counts from the change", noncritical, "A", "2026-11-24T17:00:00Z", "24 21:00 incident/look/1 handler+thread"},
	} {
		opened := "2026-11-24T10:00:00Z"
		if c.from == noncritical {
			opened = "2026-11-24T15:00:00Z"
		}
		s := looking(t, p, technical(c.from, "en", "de"), opened)
		next := p.Change(*s.Incident, technical(c.from, "en", "de"), technical(c.to, "en", "de"), moment(t, c.at))
		s.Incident = &next
		if got := looks(p, s); len(got) != 6 || got[0] != c.first {
			t.Errorf("%s: %q, want first %q", c.what, got, c.first)
		}
	}
}

func TestAPolicyFileSetsDistanceAndTimes(t *testing.T) {
	for text, want := range map[string]reminder{
		"":                                  {amount{d: 4 * time.Hour}, 6},
		"incident: {remind: 90m}":           {amount{d: 90 * time.Minute}, 6},
		"incident: {times: 2}":              {amount{d: 4 * time.Hour}, 2},
		"incident: {times: 2, remind: 1bd}": {amount{days: 1}, 2},
		"complete: true\nenglish: wall\nclocks: {response: {starts: opened}}\nincident: {times: 0, remind: 2h}": {},
		"incident: {}":                          {},
		"incident: {remind: 1h, times: 0}":      {},
		"incident: &i {times: 3}\nescalate: []": {amount{d: 4 * time.Hour}, 3},
		"complete: true\nenglish: wall\nclocks: {response: {starts: opened}}\nincident: {remind: 2h}": {amount{d: 2 * time.Hour}, 6},
	} {
		if got := parsed(t, text).incident; got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}
