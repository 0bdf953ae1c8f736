package sla

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// said writes milestones one a line: instant, name, to whom.
func said(all []Milestone) []string {
	var lines []string
	for _, m := range all {
		lines = append(lines, fmt.Sprintf("%s %s %s", m.At.Format("02 15:04"), m.Name, strings.Join(m.To, "+")))
	}
	return lines
}

// opened are the clocks of a ticket under a policy.
func opened(t *testing.T, p *Policy, terms Terms, instant string) State {
	t.Helper()
	response := p.Start(ClockResponse, terms, moment(t, instant))
	handoff := p.Start(ClockHandoff, terms, moment(t, instant))
	return State{Response: &response, Handoff: &handoff}
}

func TestMilestonesOfTheBuiltInPolicy(t *testing.T) {
	p := BuiltIn()
	all := []string{
		"24 10:15 handoff/breach assignee+thread",
		"24 11:00 response/warn/1 assignee+thread",
		"24 11:36 response/warn/2 assignee+thread",
		"24 12:00 response/breach assignee+thread",
		"24 12:30 response/repeat/1 assignee+thread",
		"24 12:30 response/ladder/2 leads",
		"24 13:00 response/repeat/2 assignee+thread",
		"24 13:00 response/ladder/3 escalation",
		"24 13:30 response/repeat/3 assignee+thread",
		"24 14:00 response/repeat/4 assignee+thread",
	}
	without := func(parts ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(line string) bool {
			return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(line, part) })
		})
	}
	filed := "24 12:20 microsoft/breach assignee+leads"
	withMicrosoft := slices.Insert(without("handoff"), 3, filed)
	for _, c := range []struct {
		what   string
		change func(*State)
		want   []string
	}{
		{"open", func(*State) {}, all},
		{"assigned: that ends nothing", func(s *State) { s.Assigned = true }, all},
		{"acknowledged warning: silence until the breach", func(s *State) { s.WarningAcknowledged = true }, without("/warn/")},
		{"acknowledged breach: the ladder goes on", func(s *State) { s.BreachAcknowledged = true }, without("/repeat/")},
		{"answered", func(s *State) { s.Responded = true }, nil},
		{"over", func(s *State) { s.Over = true }, nil},
		{"filed", func(s *State) {
			s.Filed = true
			r := p.Microsoft(technical("A", "en", "de"), moment(t, "2026-11-24T10:20:00Z"))
			s.Microsoft = &r
		}, withMicrosoft},
		{"answered before it was filed", func(s *State) {
			s.Filed, s.Responded = true, true
			r := p.Microsoft(technical("A", "en", "de"), moment(t, "2026-11-24T10:20:00Z"))
			s.Microsoft = &r
		}, []string{filed}},
		{"answered by Microsoft", func(s *State) {
			s.Filed, s.Responded, s.MicrosoftResponded = true, true, true
			r := p.Microsoft(technical("A", "en", "de"), moment(t, "2026-11-24T10:20:00Z"))
			s.Microsoft = &r
		}, nil},
		{"without clocks", func(s *State) { *s = State{} }, nil},
		{"clocks without targets", func(s *State) { *s = State{Response: &Run{}, Handoff: &Run{}, Microsoft: &Run{}} }, nil},
	} {
		s := opened(t, p, technical("A", "en", "de"), "2026-11-24T10:00:00Z")
		c.change(&s)
		if got := said(p.Milestones(s)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.what, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestEveryMilestoneCarriesTheInstantItIsAbout(t *testing.T) {
	p := BuiltIn()
	s := opened(t, p, technical("B", "en", "de"), "2026-11-24T10:00:00Z")
	names := map[string]bool{}
	for _, m := range p.Milestones(s) {
		due := map[Clock]time.Time{ClockResponse: s.Response.Due, ClockHandoff: s.Handoff.Due}[m.Clock]
		if !m.Due.Equal(due) {
			t.Errorf("%s is about %s, want %s", m.Name, m.Due, due)
		}
		if names[m.Name] {
			t.Errorf("%s comes twice", m.Name)
		}
		names[m.Name] = true
	}
}

func TestBusinessMilestonesWakeNobodyAtNight(t *testing.T) {
	p := policy(t, "calendars.yaml")
	s := opened(t, p, technical("A", "de", "de"), "2026-11-27T15:30:00+01:00")
	want := []string{
		"27 14:45 handoff/breach assignee+thread",
		"27 15:30 response/warn/1 assignee+thread", // half an hour before closing
		"30 08:06 response/warn/2 assignee+thread",
		"30 08:30 response/breach assignee+thread",
		"30 09:00 response/repeat/1 assignee+thread",
		"30 09:00 response/ladder/2 leads",
		"30 09:30 response/repeat/2 assignee+thread",
		"30 09:30 response/ladder/3 escalation",
		"30 10:00 response/repeat/3 assignee+thread",
		"30 10:30 response/repeat/4 assignee+thread",
	}
	if got := said(p.Milestones(s)); !slices.Equal(got, want) {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	late := opened(t, p, technical("A", "de", "de"), "2026-11-27T15:00:00+01:00")
	var lines []string
	for _, m := range p.Milestones(late) {
		if m.Kind != Warn && m.Clock == ClockResponse {
			lines = append(lines, said([]Milestone{m})...)
		}
	}
	// Due exactly at closing: the breach speaks then, what follows waits for Monday.
	if lines[0] != "27 16:00 response/breach assignee+thread" || lines[1] != "30 08:30 response/repeat/1 assignee+thread" {
		t.Errorf("%s", strings.Join(lines, "\n"))
	}
}

func TestMilestonesOfOtherPolicies(t *testing.T) {
	for _, c := range []struct{ what, policy, language, opened, want string }{
		{"nothing but the breach", "clocks: {response: {warn: [], repeats: 0}, handoff: {targets: {}}}\nescalate: []", "en", "2026-11-24T10:00:00Z",
			"24 12:00 response/breach assignee+thread"},
		{"a breach that only leads hear", "clocks: {response: {warn: [], repeats: 1}, handoff: {targets: {}}}\nescalate: [{after: 0s, to: [leads]}]", "en", "2026-11-24T10:00:00Z",
			"24 12:00 response/breach leads; 24 12:30 response/repeat/1 leads"},
		{"two steps at once, nobody twice", "clocks: {response: {warn: [], repeats: 0}, handoff: {targets: {}}}\nescalate: [{after: 0s, to: [leads, thread]}, {after: 0bd, to: [thread, escalation]}]", "en", "2026-11-24T10:00:00Z",
			"24 12:00 response/breach leads+thread+escalation"},
		{"a time before due", "clocks: {response: {warn: [15m, 2h, 3h], repeats: 0}, handoff: {targets: {}}}\nescalate: []", "en", "2026-11-24T10:00:00Z",
			"24 11:45 response/warn/1 assignee+thread; 24 12:00 response/breach assignee+thread"},
		{"a time before due that ends at opening", "clocks: {response: {warn: [1h], repeats: 0}, handoff: {targets: {}}}\nescalate: []", "de", "2026-11-24T15:00:00Z",
			"25 08:00 response/warn/1 assignee+thread; 25 09:00 response/breach assignee+thread"},
		{"business days beside the wall clock", "clocks: {response: {warn: [], repeat: 1bd, repeats: 2}, handoff: {targets: {}}}\nescalate: []", "en", "2026-11-26T10:00:00Z",
			"26 12:00 response/breach assignee+thread; 27 12:00 response/repeat/1 assignee+thread; 30 12:00 response/repeat/2 assignee+thread"},
		{"handoff with warnings and repeats of its own", "clocks: {response: {targets: {}}, handoff: {warn: [5m], repeat: 10m, repeats: 2}}", "en", "2026-11-24T10:00:00Z",
			"24 10:10 handoff/warn/1 assignee+thread; 24 10:15 handoff/breach assignee+thread; 24 10:25 handoff/repeat/1 assignee+thread; 24 10:35 handoff/repeat/2 assignee+thread"},
	} {
		p := parsed(t, c.policy)
		if got := strings.Join(said(p.Milestones(opened(t, p, technical("A", c.language, "de"), c.opened))), "; "); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.what, got, c.want)
		}
	}
}

func TestHandoffRepeatsEndWithAnyAcknowledgement(t *testing.T) {
	p := parsed(t, "clocks: {response: {targets: {}}, handoff: {repeat: 10m}}")
	s := opened(t, p, technical("A", "en", "de"), "2026-11-24T10:00:00Z")
	if got := len(p.Milestones(s)); got != 1+usualRepeats {
		t.Fatalf("%d milestones", got)
	}
	s.WarningAcknowledged = true
	if got := said(p.Milestones(s)); len(got) != 1 || !strings.Contains(got[0], "handoff/breach") {
		t.Errorf("%v", got)
	}
}

func TestLastWarningAsksWhoeverTookTheTicket(t *testing.T) {
	p := parsed(t, "clocks: {response: {warn: [80%, 50%]}}")
	s := opened(t, p, technical("A", "en", "de"), "2026-11-24T10:00:00Z")
	asking := func() []string {
		var names []string
		for _, m := range p.Milestones(s) {
			if m.Asks {
				names = append(names, m.Name)
			}
		}
		return names
	}
	if got := asking(); got != nil {
		t.Errorf("nobody has it, but %v asks", got)
	}
	s.Assigned = true
	if got := asking(); !slices.Equal(got, []string{"response/warn/1"}) {
		t.Errorf("%v asks", got)
	}
}

func TestMilestonesAtOneInstantHaveAFixedOrder(t *testing.T) {
	p := parsed(t, `
clocks:
  response: {targets: {A: 1h}, repeat: 1h, repeats: 1}
  handoff: {targets: {A: 1h}, warn: []}
escalate: [{after: 1h, to: [leads]}, {after: 1h, to: [escalation]}]`)
	s := opened(t, p, technical("A", "en", "de"), "2026-11-24T10:00:00Z")
	r := p.Microsoft(technical("A", "en", "de"), moment(t, "2026-11-24T10:00:00Z"))
	s.Microsoft = &r
	var names []string
	for _, m := range p.Milestones(s) {
		if m.Kind != Warn {
			names = append(names, m.Name)
		}
	}
	want := []string{"response/breach", "handoff/breach", "microsoft/breach", "response/repeat/1", "response/ladder/1", "response/ladder/2"}
	if !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}
