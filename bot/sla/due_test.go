package sla

import (
	"encoding/csv"
	"os"
	"testing"
	"time"
	_ "time/tzdata"
)

// policy reads a policy of testdata.
func policy(t testing.TB, name string) *Policy {
	t.Helper()
	p, err := Load("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// parsed reads a policy that a test states itself.
func parsed(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func utc(t time.Time) string {
	if t.IsZero() {
		return "none"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// technical are the terms of a technical request.
func technical(severity, language, calendar string) Terms {
	return Terms{Kind: "technical", Severity: severity, Language: language, Calendar: calendar}
}

func TestEveryKnownCase(t *testing.T) {
	p := policy(t, "calendars.yaml")
	file, err := os.Open("testdata/cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 33 {
		t.Fatalf("only %d rows", len(rows))
	}
	kinds := map[string]string{"break-fix": "technical", "other": "billing"}
	for _, row := range rows[1:] {
		t.Run(row[0], func(t *testing.T) {
			terms := Terms{Kind: kinds[row[3]], Severity: row[2], Language: row[4], Calendar: row[5]}
			r := p.Start(ClockResponse, terms, moment(t, row[1]))
			if utc(r.Due) != row[6] {
				t.Errorf("due %s, want %s: %s", utc(r.Due), row[6], row[7])
			}
			addsUp(t, p, r)
		})
	}
}

// addsUp checks that an explanation accounts for the whole budget.
func addsUp(t testing.TB, p *Policy, r Run) {
	t.Helper()
	e := p.Explain(r)
	left := r.Budget
	for _, c := range e.Counted {
		left -= c.Length()
		if c.Left != left {
			t.Errorf("%v is left after %v to %v, want %v", c.Left, c.From, c.To, left)
		}
	}
	if left != 0 {
		t.Errorf("%v of the budget is not explained", left)
	}
	if n := len(e.Counted); n == 0 || !e.Counted[n-1].To.Equal(r.Due) {
		t.Errorf("the last span does not end at %s: %v", utc(r.Due), e.Counted)
	}
}

func TestTwentyOneVianet(t *testing.T) {
	p := policy(t, "21vianet.yaml")
	for _, c := range []struct{ severity, filed, due string }{
		{"A", "2026-11-24T23:30:00+08:00", "2026-11-24T16:30:00Z"},
		{"B", "2026-11-24T20:00:00+08:00", "2026-11-25T12:00:00Z"},
		{"B", "2026-11-24T03:00:00+08:00", "2026-11-24T16:00:00Z"},
		{"C", "2026-11-24T20:00:00+08:00", "2026-11-27T12:00:00Z"},
	} {
		r := p.Start(ClockResponse, technical(c.severity, "en", "cn365"), moment(t, c.filed))
		if utc(r.Due) != c.due {
			t.Errorf("%s at %s: due %s, want %s", c.severity, c.filed, utc(r.Due), c.due)
		}
		if r.BusinessDay != (c.severity != "A") || (r.Mode == Business) != r.BusinessDay {
			t.Errorf("%s: business day %v on the %s clock", c.severity, r.BusinessDay, r.Mode)
		}
		addsUp(t, p, r)
	}
}

func TestTermsDecideClockAndBasis(t *testing.T) {
	business := parsed(t, "english: business")
	for _, c := range []struct {
		p     *Policy
		terms Terms
		mode  Mode
		basis Basis
	}{
		{BuiltIn(), technical("A", "en", "de"), Wall, Published},
		{BuiltIn(), technical("A", "", "de"), Wall, Published},
		{BuiltIn(), technical("C", "EN-us", "de"), Wall, Published},
		{BuiltIn(), technical("C", "en_GB", "de"), Wall, Published},
		{BuiltIn(), technical("B", "eng", "de"), Business, Estimate},
		{BuiltIn(), technical("B", "de-DE", "de"), Business, Estimate},
		{BuiltIn(), technical("noncritical", "en", "de"), Business, UpTo},
		{BuiltIn(), technical("", "en", "de"), Business, UpTo},
		{BuiltIn(), Terms{Kind: "fraud", Severity: "A", Language: "en", Calendar: "de"}, Business, UpTo},
		{business, technical("A", "en", "de"), Business, Published},
	} {
		r := c.p.Start(ClockResponse, c.terms, moment(t, "2026-11-24T10:00:00Z"))
		if r.Mode != c.mode || r.Basis != c.basis {
			t.Errorf("%+v: %s, %q; want %s, %q", c.terms, r.Mode, r.Basis, c.mode, c.basis)
		}
	}
}

func TestHandoffRunsOnTheTicketsClock(t *testing.T) {
	p := policy(t, "calendars.yaml")
	friday := moment(t, "2026-11-27T16:50:00+01:00")
	for _, c := range []struct {
		terms Terms
		due   string
	}{
		{technical("A", "en", "de"), "2026-11-27T16:05:00Z"},
		{technical("A", "de", "de"), "2026-11-30T08:05:00Z"},
		{technical("noncritical", "en", "de"), "2026-11-30T11:50:00Z"},
	} {
		if r := p.Start(ClockHandoff, c.terms, friday); utc(r.Due) != c.due || r.Clock != ClockHandoff {
			t.Errorf("%+v: %s clock due %s, want %s", c.terms, r.Clock, utc(r.Due), c.due)
		}
	}
}

func TestMicrosoftCountsTheResponseTargetFromFiling(t *testing.T) {
	p := parsed(t, "clocks: {response: {targets: {A: 1h}}, handoff: {targets: {A: 5m}}}")
	r := p.Microsoft(technical("A", "en", "de"), moment(t, "2026-11-24T10:00:00+01:00"))
	if r.Clock != ClockMicrosoft || utc(r.Due) != "2026-11-24T10:00:00Z" {
		t.Errorf("%s clock due %s", r.Clock, utc(r.Due))
	}
}

func TestClockThatIsSwitchedOffHasNoTarget(t *testing.T) {
	p := parsed(t, "clocks: {handoff: {targets: {}}}")
	for clock, none := range map[Clock]bool{ClockHandoff: true, ClockResponse: false} {
		r := p.Start(clock, technical("A", "en", "de"), moment(t, "2026-11-24T10:00:00Z"))
		if r.None() != none || (r.Basis == NoTarget) != none {
			t.Errorf("%s: due %s, basis %q", clock, utc(r.Due), r.Basis)
		}
	}
}

func TestUnknownCalendarIsWeekdaysInTheCustomersZone(t *testing.T) {
	for _, c := range []struct{ code, zone, found, due string }{
		{"", "Europe/Berlin", "Europe/Berlin", "2026-12-28T09:00:00Z"},
		{"zz", "Europe/Berlin", "Europe/Berlin", "2026-12-28T09:00:00Z"},
		{"zz", "Nowhere/Atall", "UTC", "2026-12-28T10:00:00Z"},
		{"zz", "Local", "UTC", "2026-12-28T10:00:00Z"},
		{"zz", "../../etc/passwd", "UTC", "2026-12-28T10:00:00Z"},
	} {
		terms := technical("A", "fr", c.code)
		terms.Zone = c.zone
		// The Friday is Christmas Day, which an unknown calendar knows nothing of.
		r := BuiltIn().Start(ClockResponse, terms, moment(t, "2026-12-25T16:00:00"+map[bool]string{true: "+01:00", false: "Z"}[c.found == "Europe/Berlin"]))
		if utc(r.Due) != c.due || r.Zone != c.found || !r.HolidaysUnknown {
			t.Errorf("%+v: due %s in %s, holidays unknown %v", c, utc(r.Due), r.Zone, r.HolidaysUnknown)
		}
	}
}

func TestDefaultCalendarIsForCustomersWhoNameNone(t *testing.T) {
	p := parsed(t, "default_calendar: JP")
	if c := p.Calendar("", "Europe/Berlin"); c.Code() != "jp" || c.Zone().String() != "Asia/Tokyo" {
		t.Errorf("%s in %s", c.Code(), c.Zone())
	}
	if c := p.Calendar("zz", "Europe/Berlin"); c.Code() != "zz" || c.Zone().String() != "Europe/Berlin" {
		t.Errorf("%s in %s", c.Code(), c.Zone())
	}
	if c := p.Calendar(" DE ", "Asia/Tokyo"); c.Code() != "de" || c.Zone().String() != "Europe/Berlin" {
		t.Errorf("%s in %s", c.Code(), c.Zone())
	}
}

func TestHolidaysAreUnknownOutsideTheYearsOfTheList(t *testing.T) {
	p := policy(t, "calendars.yaml")
	for _, c := range []struct {
		language, calendar, opened string
		unknown                    bool
	}{
		{"de", "de", "2026-11-24T10:00:00+01:00", false},
		{"de", "de", "2027-11-24T10:00:00+01:00", false},
		{"de", "de", "2028-11-24T10:00:00+01:00", true},
		{"en", "de", "2028-11-24T10:00:00+01:00", false}, // holidays make no difference
		{"de", "de", "2025-12-31T16:30:00+01:00", true},
		{"de", "night", "2031-01-01T00:00:00Z", false}, // closed: [] says there are none
	} {
		r := p.Start(ClockResponse, technical("A", c.language, c.calendar), moment(t, c.opened))
		if r.HolidaysUnknown != c.unknown {
			t.Errorf("%+v: unknown %v", c, r.HolidaysUnknown)
		}
	}
}

func TestExtraWorkingDates(t *testing.T) {
	p := parsed(t, `
calendars:
  de:
    zone: Europe/Berlin
    hours: {mon-thu: ["08:00-12:00", "13:00-17:00"], fri: ["08:00-12:00"]}
    holidays: de
    open: [2026-11-28, 2026-12-25]`)
	for _, c := range []struct{ opened, due, what string }{
		{"2026-11-27T11:00:00+01:00", "2026-11-28T08:00:00Z", "Saturday has the hours of an ordinary day"},
		{"2026-11-28T11:30:00+01:00", "2026-11-28T13:30:00Z", "with its break"},
		{"2026-12-24T16:00:00+01:00", "2026-12-25T08:00:00Z", "a holiday that is worked has its weekday's hours"},
	} {
		if r := p.Start(ClockResponse, technical("A", "de", "de"), moment(t, c.opened)); utc(r.Due) != c.due {
			t.Errorf("%s: due %s, want %s", c.what, utc(r.Due), c.due)
		}
	}
}

func TestCalendarThatStaysClosedHasNoTarget(t *testing.T) {
	c := fallback("closed", time.UTC)
	c.closed = map[date]bool{}
	for day := dateAt(2026, 1, 1); day < dateAt(2050, 1, 1); day++ {
		c.closed[day] = true
	}
	if due := c.Due(moment(t, "2026-01-01T00:00:00Z"), time.Second); !due.IsZero() {
		t.Errorf("due %s", utc(due))
	}
}

func TestSecondsAndFractionsAreKept(t *testing.T) {
	p := policy(t, "calendars.yaml")
	r := p.Start(ClockResponse, technical("A", "de", "de"), moment(t, "2026-11-24T16:00:00.123456789+01:00"))
	if utc(r.Due) != "2026-11-25T09:00:00.123456789Z" {
		t.Errorf("due %s", utc(r.Due))
	}
}

func TestHoursOnADateCountBeforeAllElse(t *testing.T) {
	p := parsed(t, `calendars: {office: {zone: Europe/Berlin, hours: {mon-fri: ["09:00-17:00"]}, holidays: de-by,
  hours_on: {2026-12-24: ["09:00-12:00"], 2026-12-26: ["10:00-11:00"]}}}`)
	// Thursday until noon, Christmas, an hour on Saturday that is a holiday, Monday.
	due := p.Calendar("office", "").Due(moment(t, "2026-12-24T10:00:00+01:00"), 4*time.Hour)
	if utc(due) != "2026-12-28T09:00:00Z" {
		t.Errorf("due %s", utc(due))
	}
	if !p.Calendar("office", "").HolidaysKnown(2026) || p.TakeOwn() || !parsed(t, "take_own: true").TakeOwn() {
		t.Error("the policy says something else")
	}
}
