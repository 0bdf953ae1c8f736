package sla

import (
	"encoding/json"
	"testing"
	"time"
)

func TestChangeOfTerms(t *testing.T) {
	p := policy(t, "calendars.yaml")
	billing := Terms{Kind: "billing", Language: "en", Calendar: "de"}
	for _, c := range []struct {
		what     string
		from     Terms
		opened   string
		to       Terms
		at       string
		due      string
		counting string // where the budget is counted from
	}{
		{"raised B to A", technical("B", "en", "de"), "2026-11-24T10:00:00Z",
			technical("A", "en", "de"), "2026-11-24T11:00:00Z", "2026-11-24T13:00:00Z", "2026-11-24T11:00:00Z"},
		{"lowered A to C", technical("A", "en", "de"), "2026-11-24T10:00:00Z",
			technical("C", "en", "de"), "2026-11-24T11:00:00Z", "2026-11-24T18:00:00Z", "2026-11-24T10:00:00Z"},
		{"German to English (S18)", technical("B", "de", "de"), "2026-11-27T16:30:00+01:00",
			technical("B", "en", "de"), "2026-11-27T17:30:00+01:00", "2026-11-27T19:30:00Z", "2026-11-27T15:30:00Z"},
		{"raised so late that the old due time is earlier", technical("C", "en", "de"), "2026-11-24T10:00:00Z",
			technical("A", "en", "de"), "2026-11-24T17:30:00Z", "2026-11-24T18:00:00Z", "2026-11-24T10:00:00Z"},
		{"raised to the same instant", technical("C", "en", "de"), "2026-11-24T10:00:00Z",
			technical("A", "en", "de"), "2026-11-24T16:00:00Z", "2026-11-24T18:00:00Z", "2026-11-24T10:00:00Z"},
		{"raised from the business clock to the wall clock", technical("noncritical", "en", "de"), "2026-11-27T15:00:00+01:00",
			technical("B", "en", "de"), "2026-11-27T20:00:00+01:00", "2026-11-27T23:00:00Z", "2026-11-27T19:00:00Z"},
		{"raised on the business clock", technical("C", "de", "de"), "2026-11-24T16:00:00+01:00",
			technical("A", "de", "de"), "2026-11-24T16:30:00+01:00", "2026-11-25T09:30:00Z", "2026-11-24T15:30:00Z"},
		{"lowered to noncritical", technical("A", "en", "de"), "2026-11-24T10:00:00+01:00",
			technical("noncritical", "en", "de"), "2026-11-24T10:30:00+01:00", "2026-11-25T09:00:00Z", "2026-11-24T09:00:00Z"},
		{"technical to billing", technical("A", "en", "de"), "2026-11-24T10:00:00+01:00",
			billing, "2026-11-24T10:30:00+01:00", "2026-11-25T09:00:00Z", "2026-11-24T09:00:00Z"},
		{"billing to technical", billing, "2026-11-24T10:00:00+01:00",
			technical("B", "en", "de"), "2026-11-24T10:30:00+01:00", "2026-11-24T13:00:00Z", "2026-11-24T09:00:00Z"},
		{"raised and to English at once, the raise is last", technical("C", "de", "de"), "2026-11-24T10:00:00+01:00",
			technical("A", "en", "de"), "2026-11-24T12:00:00+01:00", "2026-11-24T13:00:00Z", "2026-11-24T11:00:00Z"},
		{"another region of English", technical("A", "en-US", "de"), "2026-11-24T10:00:00+01:00",
			technical("A", "en-GB", "de"), "2026-11-24T10:30:00+01:00", "2026-11-24T11:00:00Z", "2026-11-24T09:00:00Z"},
	} {
		old := p.Start(ClockResponse, c.from, moment(t, c.opened))
		r := p.Change(old, c.from, c.to, moment(t, c.at))
		if utc(r.Due) != c.due || utc(r.Start) != c.counting {
			t.Errorf("%s: due %s from %s, want %s from %s", c.what, utc(r.Due), utc(r.Start), c.due, c.counting)
		}
		addsUp(t, p, r)
	}
}

func TestLoweringAfterARaiseCountsFromTheFirstStart(t *testing.T) {
	p := BuiltIn()
	b, a, c := technical("B", "en", "de"), technical("A", "en", "de"), technical("C", "en", "de")
	r := p.Start(ClockResponse, b, moment(t, "2026-11-24T10:00:00Z"))
	r = p.Change(r, b, a, moment(t, "2026-11-24T11:00:00Z"))
	r = p.Change(r, a, c, moment(t, "2026-11-24T12:00:00Z"))
	if utc(r.Due) != "2026-11-24T18:00:00Z" {
		t.Errorf("due %s", utc(r.Due))
	}
	r = p.Change(r, c, b, moment(t, "2026-11-24T12:30:00Z"))
	r = p.Change(r, b, a, moment(t, "2026-11-24T12:45:00Z"))
	if utc(r.Due) != "2026-11-24T14:45:00Z" || utc(r.Origin) != "2026-11-24T10:00:00Z" {
		t.Errorf("raised twice: due %s, first started %s", utc(r.Due), utc(r.Origin))
	}
}

func TestRaiseThatKeepsTheDueTimeSaysSo(t *testing.T) {
	p := BuiltIn()
	c, a := technical("C", "en", "de"), technical("A", "en", "de")
	r := p.Start(ClockResponse, c, moment(t, "2026-11-24T10:00:00Z"))
	r = p.Change(r, c, a, moment(t, "2026-11-24T17:30:00Z"))
	if e := p.Explain(r); !e.Kept || e.Run.Budget != 8*time.Hour || utc(r.Raised) != "2026-11-24T17:30:00Z" {
		t.Errorf("kept %v, budget %v, raised %s", e.Kept, e.Run.Budget, utc(r.Raised))
	}
	earlier := p.Change(p.Start(ClockResponse, c, moment(t, "2026-11-24T10:00:00Z")), c, a, moment(t, "2026-11-24T11:00:00Z"))
	if p.Explain(earlier).Kept {
		t.Error("a raise that moved the due time is said to have kept it")
	}
}

func TestChangeOfAClockWithoutTarget(t *testing.T) {
	p := parsed(t, "clocks: {handoff: {targets: {}}}")
	c, a := technical("C", "en", "de"), technical("A", "en", "de")
	r := p.Start(ClockHandoff, c, moment(t, "2026-11-24T10:00:00Z"))
	if r = p.Change(r, c, a, moment(t, "2026-11-24T11:00:00Z")); !r.None() {
		t.Errorf("due %s", utc(r.Due))
	}
}

func TestRunSurvivesItsStorage(t *testing.T) {
	p := BuiltIn()
	c, a := technical("C", "de", "de"), technical("A", "de", "de")
	runs := []Run{
		{},
		p.Start(ClockResponse, c, moment(t, "2026-11-24T10:00:00.5+01:00")),
		p.Change(p.Start(ClockResponse, c, moment(t, "2026-11-24T10:00:00+01:00")), c, a, moment(t, "2026-11-24T11:00:00+01:00")),
		parsed(t, "clocks: {response: {targets: {}}}").Start(ClockResponse, c, moment(t, "2026-11-24T10:00:00+01:00")),
	}
	for _, r := range runs {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var kept Run
		if err := json.Unmarshal(text, &kept); err != nil {
			t.Fatal(err)
		}
		if kept != r {
			t.Errorf("%s comes back as %+v, was %+v", text, kept, r)
		}
	}
}
