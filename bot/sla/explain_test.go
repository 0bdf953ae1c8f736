package sla

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestExplanationNamesSpansAndClosedDays(t *testing.T) {
	p := BuiltIn()
	r := p.Start(ClockResponse, technical("A", "de", "de"), moment(t, "2026-12-24T16:30:00+01:00"))
	e := p.Explain(r)
	var got []string
	for _, c := range e.Counted {
		got = append(got, fmt.Sprintf("%s to %s, %v left", c.From.Format("02 15:04 MST"), c.To.Format("02 15:04 MST"), c.Left))
	}
	for _, d := range e.Skipped {
		got = append(got, fmt.Sprintf("%s %s %s", d.Date.Format("Mon 02"), d.Closed, d.Name))
	}
	want := []string{
		"24 16:30 CET to 24 17:00 CET, 1h30m0s left",
		"28 09:00 CET to 28 10:30 CET, 0s left",
		"Fri 25 holiday Weihnachtstag",
		"Sat 26 holiday Zweiter Weihnachtsfeiertag",
		"Sun 27 day off ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if e.Zone.String() != "Europe/Berlin" || e.Kept {
		t.Errorf("zone %s, kept %v", e.Zone, e.Kept)
	}
}

func TestExplanationOfTheWallClockIsOneSpan(t *testing.T) {
	p := BuiltIn()
	r := p.Start(ClockResponse, technical("C", "en", "de"), moment(t, "2026-12-25T01:00:00Z"))
	e := p.Explain(r)
	if len(e.Counted) != 1 || e.Counted[0].Length() != 8*time.Hour || len(e.Skipped) != 0 {
		t.Errorf("%+v", e)
	}
}

func TestNoTargetHasNothingToExplain(t *testing.T) {
	if e := BuiltIn().Explain(Run{}); len(e.Counted) != 0 || len(e.Skipped) != 0 {
		t.Errorf("%+v", e)
	}
}

func TestChangeDayIsAsLongAsItReallyIs(t *testing.T) {
	p := policy(t, "calendars.yaml")
	r := p.Start(ClockResponse, technical("C", "de", "night"), moment(t, "2026-03-29T00:30:00+01:00"))
	e := p.Explain(r)
	if len(e.Counted) != 2 || e.Counted[0].Length() != 6*time.Hour+30*time.Minute {
		t.Errorf("%+v", e.Counted)
	}
	if len(e.Skipped) != 6 {
		t.Errorf("%d days skipped, want Monday to Saturday", len(e.Skipped))
	}
}

func TestNextDays(t *testing.T) {
	c := BuiltIn().Calendar("de", "")
	var got []string
	for _, d := range c.NextDays(moment(t, "2026-12-23T23:30:00Z"), 7) {
		line := d.Date.Format("Mon 02 15:04")
		for _, w := range d.Windows {
			line += w.From.Format(" 15:04") + w.To.Format("-15:04")
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s", line, d.Closed)))
	}
	want := []string{
		"Thu 24 00:00 09:00-17:00", "Fri 25 00:00 holiday", "Sat 26 00:00 holiday", "Sun 27 00:00 day off",
		"Mon 28 00:00 09:00-17:00", "Tue 29 00:00 09:00-17:00", "Wed 30 00:00 09:00-17:00",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := len(c.NextDays(time.Now(), -1)); n != 0 {
		t.Errorf("%d days", n)
	}
	for _, d := range BuiltIn().Calendar("kr", "").NextDays(time.Now(), 1) {
		if !d.HolidaysUnknown {
			t.Error("Korean holidays are said to be known")
		}
	}
}

func TestWindowsThatTouchAreExplainedAsOneSpan(t *testing.T) {
	p := parsed(t, `
clocks: {response: {targets: {A: 72h}}}
calendars: {always: {zone: Europe/Berlin, hours: {mon-sun: ["00:00-12:00", "12:00-24:00"]}, closed: [2026-11-26]}}`)
	e := p.Explain(p.Start(ClockResponse, technical("A", "de", "always"), moment(t, "2026-11-24T10:00:00+01:00")))
	if len(e.Counted) != 2 || len(e.Skipped) != 1 || e.Counted[0].Length() != 38*time.Hour || e.Counted[1].Left != 0 {
		t.Errorf("counted %v, skipped %v", e.Counted, e.Skipped)
	}
}
