package sla

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCanonicalTextIsTheSamePolicy(t *testing.T) {
	for name, p := range map[string]*Policy{
		"built in": BuiltIn(),
		"tests":    policy(t, "calendars.yaml"),
		"21Vianet": policy(t, "21vianet.yaml"),
		"everything said": parsed(t, `
english: business
default_calendar: "no"
take_own: true
clocks:
  response: {starts: filed, targets: {A: 90s, B: 1h30m, C: 2bd, noncritical: 3bd}, warn: [10%, 15m, 1bd], repeat: 1bd, repeats: 0}
  handoff: {targets: {}, warn: [50%], repeat: 10m}
escalate: [{after: 1h, to: [leads, thread]}]
incident: {remind: 1bd, times: 100}
calendars:
  "no": {zone: Europe/Oslo, hours: {sat-mon: ["00:00-06:00", "22:00-24:00"]}, holidays: de, closed: [], open: [2026-12-25], hours_on: {2026-12-24: ["10:00-12:00", "07:00-09:00"]}}`),
		"nothing": parsed(t, "clocks: {response: {targets: {}, warn: []}}\nescalate: []\nincident: {}"),
	} {
		again, err := Parse("text", p.Text())
		if err != nil {
			t.Errorf("%s: canonical text is refused: %v\n%s", name, err, p.Text())
			continue
		}
		if again.ID() != p.ID() || string(again.Text()) != string(p.Text()) {
			t.Errorf("%s: canonical text gives another policy:\n%s\n%s", name, p.Text(), again.Text())
		}
		for _, code := range p.Calendars() {
			a, b := p.Calendar(code, ""), again.Calendar(code, "")
			if a.HolidaysKnown(2026) != b.HolidaysKnown(2026) || a.HolidaysKnown(2150) != b.HolidaysKnown(2150) {
				t.Errorf("%s: calendar %s knows other holidays when it is read again", name, code)
			}
		}
	}
}

func TestNoFileIsTheBuiltInPolicy(t *testing.T) {
	for _, text := range []string{"", "# nothing but a comment\n", "---\n", "clocks: {}", "english: wall", "---\nenglish: wall\n...\n"} {
		if p := parsed(t, text); p.ID() != BuiltIn().ID() {
			t.Errorf("%q is another policy", text)
		}
	}
}

func TestPartialFileKeepsWhatItLeavesOut(t *testing.T) {
	p := parsed(t, "clocks: {response: {targets: {A: 1h}}}\ncalendars: {xx: {zone: UTC, hours: {mon: [\"09:00-10:00\"]}}}")
	for severity, want := range map[string]time.Duration{"A": time.Hour, "B": 4 * time.Hour, "C": 8 * time.Hour} {
		if r := p.Start(ClockResponse, technical(severity, "en", "de"), time.Unix(0, 0)); r.Budget != want {
			t.Errorf("%s has %v, want %v", severity, r.Budget, want)
		}
	}
	if got := len(p.Calendars()); got != len(BuiltIn().Calendars())+1 {
		t.Errorf("%d calendars", got)
	}
	if r := BuiltIn().Start(ClockResponse, technical("A", "en", "de"), time.Unix(0, 0)); r.Budget != 2*time.Hour {
		t.Error("a file changed the built-in policy")
	}
	if p.CountsFrom() != "opened" {
		t.Errorf("counts from %s", p.CountsFrom())
	}
}

func TestPolicyIsRefusedWithLineAndWhatToWrite(t *testing.T) {
	calendar := func(rest string) string { return "calendars:\n  xx:\n    zone: UTC\n    " + rest }
	for _, c := range []struct {
		text string
		line int
		says []string
	}{
		{"english: wal", 1, []string{`"wal"`, "wall, business"}},
		{"english:", 1, []string{"write one of wall, business"}},
		{"english: wall\nenglish: business", 2, []string{"line 1", "once"}},
		{"english: wall\n\nclock: {}", 3, []string{`unknown key "clock"`, "clocks"}},
		{"<<: {english: wall}", 1, []string{"unknown key"}},
		{"- english", 1, []string{"must be a mapping"}},
		{"just words", 1, []string{"must be a mapping"}},
		{"english: [wall", 1, []string{"not YAML"}},
		{"clocks:\n  response:\n   warn: [50%]\n    repeat: 3m", 4, []string{"not YAML"}},
		{"english: wall\n---\nenglish: wall", 2, []string{"one document"}},
		{"default_calendar: zz", 1, []string{`"zz"`, "de"}},
		{"default_calendar: d e", 1, []string{"did you mean de?"}},
		{"take_own: maybe", 1, []string{"true, false"}},
		{calendar("hours: {mon: [\"09:00-12:00\"]}\n    hours_on: [2026-12-24]"), 5, []string{"must be a mapping", `{2026-12-24: ["09:00-12:00"]}`}},
		{calendar("hours: {mon: [\"09:00-12:00\"]}\n    hours_on: {24.12.: [\"09:00-12:00\"]}"), 5, []string{"no date", "2026-12-25"}},
		{calendar("hours: {mon: [\"09:00-12:00\"]}\n    hours_on: {2026-12-24: []}"), 5, []string{"no hours", "closed"}},
		{calendar("hours: {mon: [\"09:00-12:00\"]}\n    hours_on: {2026-12-24: [\"09:00-12:00\", \"11:00-13:00\"]}"), 5, []string{"overlap on 2026-12-24"}},
		{calendar("hours: {mon: [\"09:00-12:00\"]}\n    closed: [2026-12-24]\n    hours_on:\n      2026-12-24: [\"09:00-12:00\"]"), 7, []string{"2026-12-24", "one of them"}},
		{calendar("hours: {mon: [\"09:00-12:00\"]}\n    holidays: de-bayern"), 5, []string{"did you mean de-b", "de-by"}},
		{"complete: true", 1, []string{"english: wall", "starts: opened"}},
		{"complete: yes", 1, []string{"true, false"}},

		{"clocks:\n  response:\n    start: opened", 3, []string{`unknown key "start"`, "starts"}},
		{"clocks:\n  response:\n    starts: now", 3, []string{"opened, filed"}},
		{"clocks:\n  handoff:\n    starts: filed", 3, []string{`unknown key "starts"`}},
		{"clocks:\n  response:\n    targets:", 3, []string{"{} to switch"}},
		{"clocks:\n  response:\n    targets:\n      D: 1h", 4, []string{`"D"`, "A, B, C, noncritical"}},
		{"clocks:\n  response:\n    targets:\n      A: 2", 4, []string{`"2"`, "2h"}},
		{"clocks:\n  response:\n    targets:\n      A: 2 hours", 4, []string{"2h"}},
		{"clocks:\n  response:\n    targets:\n      A: 0s", 4, []string{"above zero"}},
		{"clocks:\n  response:\n    targets:\n      A: 0bd", 4, []string{"above zero"}},
		{"clocks:\n  response:\n    targets:\n      A: -1h", 4, []string{"above zero"}},
		{"clocks:\n  response:\n    targets:\n      A: 1us", 4, []string{"milliseconds"}},
		{"clocks:\n  response:\n    targets:\n      A: 9000h", 4, []string{"8784h"}},
		{"clocks:\n  response:\n    targets:\n      A: 367bd", 4, []string{"366bd"}},
		{"clocks:\n  response:\n    targets:\n      A: [1h]", 4, []string{"one value", "2h"}},
		{"clocks:\n  response:\n    warn: 50%", 3, []string{"a list", "[50%"}},
		{"clocks:\n  response:\n    warn:", 3, []string{"a list", "[] is none"}},
		{"clocks:\n  response:\n    warn:\n      - 50%\n      - 100%", 5, []string{"1% to 99%"}},
		{"clocks:\n  response:\n    warn: [12.5%]", 3, []string{"whole percents"}},
		{"clocks:\n  response:\n    warn: [early]", 3, []string{"15m"}},
		{"clocks:\n  response:\n    repeat: 0s", 3, []string{"above zero"}},
		{"clocks:\n  response:\n    repeats: -1", 3, []string{"0 (never)"}},
		{"clocks:\n  response:\n    repeats: 101", 3, []string{"100"}},
		{"clocks:\n  response:\n    repeats: many", 3, []string{"number"}},
		{"clocks:\n  handoff:\n    repeats: 3", 3, []string{"repeat: 30m"}},

		{"escalate:\n  - {after: 5m, to: [boss]}", 2, []string{`"boss"`, "assignee, thread, leads, escalation"}},
		{"escalate:\n  - {to: [leads]}", 2, []string{"after: 30m"}},
		{"escalate:\n  - {after: 5m, to: []}", 2, []string{"to whom"}},
		{"escalate:\n  - {after: -5m, to: [leads]}", 2, []string{"above zero"}},
		{"escalate: {after: 5m, to: [leads]}", 1, []string{"a list"}},
		{"escalate:\n  - 5m", 2, []string{"must be a mapping"}},

		{"incident:", 1, []string{"remind: 4h", "{} to switch"}},
		{"incident: 4h", 1, []string{"mapping", "remind, times"}},
		{"incident:\n  every: 4h", 2, []string{`unknown key "every"`, "remind, times"}},
		{"incident:\n  remind: 0s", 2, []string{"above zero"}},
		{"incident:\n  remind: soon", 2, []string{`"soon"`, "2h"}},
		{"incident:\n  remind: 2h\n  times: often", 3, []string{"0 (never)", "100"}},
		{"incident:\n  times: 101", 2, []string{"100"}},
		{"complete: true\nenglish: wall\nclocks: {response: {starts: opened}}\nincident:\n  times: 2", 5, []string{"remind: 4h"}},

		{"calendars: [de]", 1, []string{"mapping"}},
		{"calendars:\n  de: Europe/Berlin", 2, []string{"zone, hours"}},
		{"calendars:\n  'a b': {zone: UTC}", 2, []string{"letters"}},
		{"calendars:\n  xx: {zone: UTC, hours: {mon: [\"09:00-17:00\"]}}\n  XX: {zone: UTC, hours: {mon: [\"09:00-17:00\"]}}", 3, []string{`same calendar as "xx"`}},
		{"calendars:\n  xx:\n    hours: {mon: [\"09:00-17:00\"]}", 2, []string{"zone: Europe/Berlin"}},
		{"calendars:\n  xx:\n    zone: UTC", 2, []string{"hours: {mon-fri"}},
		{"calendars:\n  xx:\n    zone: Pacific Standard Time\n    hours: {mon: [\"09:00-17:00\"]}", 3, []string{"IANA"}},
		{"calendars:\n  xx:\n    zone: Local\n    hours: {mon: [\"09:00-17:00\"]}", 3, []string{"IANA"}},
		{calendar("hours: {}"), 4, []string{"never opens"}},
		{calendar("hours: {mon-fri: []}"), 4, []string{"never opens"}},
		{calendar("hours: {mon-fry: [\"09:00-17:00\"]}"), 4, []string{"mon-fri"}},
		{calendar("hours: {mon: \"09:00-17:00\"}"), 4, []string{"a list"}},
		{calendar("hours: {mon: [\"9 to 5\"]}"), 4, []string{`"09:00-17:00"`}},
		{calendar("hours: {mon: [\"09:00-25:00\"]}"), 4, []string{"24:00"}},
		{calendar("hours: {mon: [\"09:60-17:00\"]}"), 4, []string{"no clock shows"}},
		{calendar("hours: {mon: [\"24:00-24:00\"]}"), 4, []string{"no clock shows"}},
		{calendar("hours: {mon: [\"22:00-06:00\"]}"), 4, []string{`"22:00-24:00"`, `"00:00-06:00"`}},
		{calendar("hours: {mon: [\"22:00-00:00\"]}"), 4, []string{`"22:00-24:00"`}},
		{calendar("hours: {mon: [\"17:00-09:00\"]}"), 4, []string{"ends before it begins"}},
		{calendar("hours:\n      mon: [\"09:00-12:00\", \"11:59-17:00\"]"), 5, []string{"overlap on mon", "11:59-17:00"}},
		{calendar("hours:\n      mon-fri: [\"09:00-17:00\"]\n      fri: [\"09:00-15:00\"]"), 6, []string{"overlap on fri"}},
		{calendar("hours: {mon: [\"00:00-00:01\"]}"), 2, []string{"1m a week", "longer hours"}},
		{calendar("hours: {mon: [\"09:00-17:00\"]}\n    holidays: atlantis"), 5, []string{"de", "closed"}},
		{calendar("hours: {mon: [\"09:00-17:00\"]}\n    closed: 2026-12-25"), 5, []string{"a list"}},
		{calendar("hours: {mon: [\"09:00-17:00\"]}\n    closed: [2026-02-29]"), 5, []string{"2026-12-25"}},
		{calendar("hours: {mon: [\"09:00-17:00\"]}\n    closed: [25.12.2026]"), 5, []string{"2026-12-25"}},
		{calendar("hours: {mon: [\"09:00-17:00\"]}\n    closed: [2026-12-25]\n    open: [2026-12-25]"), 6, []string{"both closed and open"}},
		{calendar("hours: {mon: [\"09:00-17:00\"]}\n    close: []"), 5, []string{`unknown key "close"`, "closed"}},
		{calendar("hours: {mon: [\"09:00-17:00\"]}\n    open: [2026-12-24, 2026-12-25]\n    closed: [2026-12-25]"), 5, []string{"2026-12-25 is both"}},
		{calendar("hours: {mon: [\"09:00-17:00\"]}\n    closed: [2026-12-25]\n    open:\n      - 2026-12-24\n      - 2026-12-25"), 8, []string{"2026-12-25 is both"}},
		{calendar("hours: {mon: [\"09:00-09:00\"]}"), 4, []string{"no time", "09:00-17:00"}},
		{"  english: wall\n english: business\n", 2, []string{"not YAML"}},
		{"english: wall\n---\nclocks: [\n", 3, []string{"not YAML"}},
		{"escalate:\n  - {after: 1h, to: leads}", 2, []string{"must be a list"}},
	} {
		_, err := Parse("sla.yaml", []byte(c.text))
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%q is not refused: %v", c.text, err)
			continue
		}
		first := problems[0].String()
		if !strings.HasPrefix(first, fmt.Sprintf("sla.yaml:%d: ", c.line)) {
			t.Errorf("%q: not in line %d: %v", c.text, c.line, err)
		}
		for _, word := range c.says {
			if !strings.Contains(first, word) {
				t.Errorf("%q: %q does not say %s", c.text, first, word)
			}
		}
		if len(problems) > 1 {
			t.Errorf("%q: one mistake gives %d problems: %v", c.text, len(problems), err)
		}
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	_, err := Parse("sla.yaml", []byte(`english: never
clocks:
  response:
    targets: {A: soon, B: 1h}
    warm: [50%]
calendars:
  xx: {zone: Mars/Olympus, hours: {mon: ["09:00-12:00", "10:00-11:00"]}}
escalate: none
`))
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	if want := []int{1, 4, 5, 7, 7, 8}; !slices.Equal(lines, want) {
		t.Errorf("problems in lines %v, want %v:\n%v", lines, want, err)
	}
	if got := len(strings.Split(err.Error(), "\n")); got != len(problems) {
		t.Errorf("%d lines for %d problems", got, len(problems))
	}
}

func TestAnchorsMayBeShared(t *testing.T) {
	p := parsed(t, `
clocks: {response: &clock {repeats: 2, repeat: 5m}, handoff: *clock}
calendars:
  x1: {zone: UTC, hours: &week {mon-fri: ["08:00-16:00"]}}
  x2: {zone: Europe/Berlin, hours: *week}`)
	if got := p.Calendar("x2", "").BusinessDay(); got != 8*time.Hour {
		t.Errorf("a business day of %v", got)
	}
}

func TestMissingFileSaysWhich(t *testing.T) {
	if _, err := Load("testdata/absent.yaml"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "absent.yaml") {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(builtinText)
	f.Add([]byte("clocks: {response: {targets: {A: 1bd}, warn: [1%, 3bd]}}"))
	f.Add([]byte("calendars: {xx: {zone: UTC, hours: {fri-mon: [\"00:00-24:00\"]}, closed: [2026-01-01], open: []}}"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("clocks: &c {response: *c}"))
	f.Add([]byte("escalate: [{after: 0s, to: [leads, leads]}]"))
	f.Add([]byte("english: \"wall\x00\""))
	f.Add([]byte("? {a: b} : c"))
	for _, name := range []string{"calendars.yaml", "21vianet.yaml"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	start := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse("fuzz.yaml", text)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("an error that names no problem: %v", err)
			}
			return
		}
		again, err := Parse("text", p.Text())
		if err != nil || again.ID() != p.ID() {
			t.Fatalf("canonical text gives another policy: %v\n%s", err, p.Text())
		}
		for _, code := range p.Calendars() {
			r := p.Start(ClockResponse, technical("C", "fr", code), start)
			if !r.None() && r.Due.Before(start) {
				t.Fatalf("%s: due %s before it starts", code, r.Due)
			}
			p.Milestones(State{Response: &r})
		}
	})
}

func BenchmarkStartOnTheBusinessClock(b *testing.B) {
	p := BuiltIn()
	terms := technical("C", "de", "de")
	start := time.Date(2026, 12, 24, 15, 30, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		p.Start(ClockResponse, terms, start)
	}
}

func BenchmarkMilestones(b *testing.B) {
	p := BuiltIn()
	terms := technical("C", "de", "de")
	start := time.Date(2026, 12, 24, 15, 30, 0, 0, time.UTC)
	response, handoff := p.Start(ClockResponse, terms, start), p.Start(ClockHandoff, terms, start)
	b.ReportAllocs()
	for b.Loop() {
		p.Milestones(State{Response: &response, Handoff: &handoff})
	}
}
