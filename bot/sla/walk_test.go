package sla

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The walk of this file knows nothing of the package's arithmetic. It looks at a
// zone's clock minute by minute, writes down what it reads, and finds windows by
// looking their ends up in what it wrote down.

// walkDays is how far a walk goes.
const walkDays = 14

// restless are zones whose clocks do what few do: changes by half an hour or two
// hours, at midnight, of a whole day, and of the zone's own offset.
var restless = []string{
	"Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "America/Sao_Paulo", "America/Havana",
	"Asia/Beirut", "Africa/Cairo", "Pacific/Apia", "Pacific/Fakaofo", "Africa/Casablanca", "America/Nuuk",
	"America/Scoresbysund", "Antarctica/Troll", "America/Santiago", "America/Asuncion", "Asia/Tehran",
	"Pacific/Chatham", "Asia/Pyongyang", "America/Caracas", "Europe/Moscow", "Asia/Kathmandu", "Asia/Amman",
	"Europe/Dublin", "America/St_Johns", "Antarctica/Casey", "UTC",
}

// plan is a calendar as a file would state it.
type plan struct {
	zone         *time.Location
	week         [7][][2]int // minutes
	closed, open map[string]bool
	hoursOn      map[string][][2]int
}

func (p plan) yaml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "calendars:\n  test:\n    zone: %s\n    hours:\n", p.zone)
	list := func(windows [][2]int) string {
		var texts []string
		for _, w := range windows {
			texts = append(texts, fmt.Sprintf("%q", fmt.Sprintf("%02d:%02d-%02d:%02d", w[0]/60, w[0]%60, w[1]/60, w[1]%60)))
		}
		return strings.Join(texts, ", ")
	}
	for day, windows := range p.week {
		fmt.Fprintf(&b, "      %s: [%s]\n", strings.ToLower(time.Weekday(day).String()[:3]), list(windows))
	}
	if len(p.hoursOn) > 0 {
		b.WriteString("    hours_on:\n")
	}
	for day, windows := range p.hoursOn {
		fmt.Fprintf(&b, "      %s: [%s]\n", day, list(windows))
	}
	for key, dates := range map[string]map[string]bool{"closed": p.closed, "open": p.open} {
		var texts []string
		for d := range dates {
			texts = append(texts, d)
		}
		fmt.Fprintf(&b, "    %s: [%s]\n", key, strings.Join(texts, ", "))
	}
	return b.String()
}

// windows are those of one local date.
func (p plan) windows(day time.Time) [][2]int {
	name := day.Format(time.DateOnly)
	if other, given := p.hoursOn[name]; given {
		return other
	}
	if p.closed[name] {
		return nil
	}
	if windows := p.week[day.Weekday()]; len(windows) > 0 || !p.open[name] {
		return windows
	}
	var longest [][2]int
	best := 0
	for i := range 7 {
		total := 0
		for _, w := range p.week[(i+1)%7] {
			total += w[1] - w[0]
		}
		if total > best {
			longest, best = p.week[(i+1)%7], total
		}
	}
	return longest
}

// worked is what a walk has seen: for each minute from first on, whether somebody
// works.
type worked struct {
	first   time.Time
	working []bool
}

// walk looks at every minute around a start.
func (p plan) walk(start time.Time) worked {
	first := start.Truncate(time.Minute).Add(-72 * time.Hour)
	count := (walkDays + 6) * 24 * 60
	readings := make([]int64, count) // what the clock shows, in minutes, at first+i
	seen := map[int64]int{}          // where it is shown first
	midnights := map[int64]int{}     // where a date or a later one is shown first
	latest := int64(-1)
	for i := range readings {
		t := first.Add(time.Duration(i) * time.Minute).In(p.zone)
		readings[i] = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC).Unix() / 60
		if _, again := seen[readings[i]]; !again {
			seen[readings[i]] = i
		}
		today := readings[i] / 1440
		if latest < 0 {
			latest = today
		}
		for ; latest < today; latest++ {
			midnights[latest+1] = i
		}
	}
	find := func(reading int64) int {
		if i, shown := seen[reading]; shown {
			return i
		}
		for i := 1; i < len(readings); i++ {
			if readings[i-1] < reading && reading < readings[i] {
				return i - 1 + int(reading-readings[i-1])
			}
		}
		panic("a window is outside the walk")
	}
	working := make([]bool, count)
	for day := readings[0]/1440 + 1; day < readings[count-1]/1440-1; day++ {
		for _, w := range p.windows(time.Unix(day*86400, 0).UTC()) {
			from, to := find(day*1440+int64(w[0])), find(day*1440+int64(w[1]))
			for i := max(from, midnights[day]); i < min(to, midnights[day+1]); i++ {
				working[i] = true
			}
		}
	}
	return worked{first, working}
}

// due gives the instant at which a budget is used up, and false if the walk ends
// before.
func (w worked) due(start time.Time, budget time.Duration) (time.Time, bool) {
	for i, works := range w.working {
		begins := w.first.Add(time.Duration(i) * time.Minute)
		ends := begins.Add(time.Minute)
		if begins.Before(start) {
			begins = start
		}
		if !works || !begins.Before(ends) {
			continue
		}
		if budget <= ends.Sub(begins) {
			return begins.Add(budget), true
		}
		budget -= ends.Sub(begins)
	}
	return time.Time{}, false
}

// drawPlan makes a calendar and an instant near a change of its clock.
func drawPlan(t *rapid.T) (plan, time.Time) {
	zone, err := time.LoadLocation(rapid.SampledFrom(restless).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	p := plan{zone: zone, closed: map[string]bool{}, open: map[string]bool{}, hoursOn: map[string][][2]int{}}
	minute := rapid.OneOf(rapid.IntRange(0, 1440), rapid.IntRange(0, 200), rapid.Map(rapid.IntRange(0, 48), func(n int) int { return n * 30 }))
	for day := range p.week {
		ends := rapid.SliceOfNDistinct(minute, 0, 6, rapid.ID[int]).Draw(t, "ends")
		slices.Sort(ends)
		for i := 0; i+1 < len(ends); i += 2 {
			p.week[day] = append(p.week[day], [2]int{ends[i], ends[i+1]})
		}
	}
	if length := rapid.IntRange(0, 3).Draw(t, "always"); length == 0 {
		p.week[time.Sunday] = [][2]int{{0, 1440}}
		p.week[time.Saturday] = [][2]int{{0, 1440}}
	}
	p.week[time.Wednesday] = [][2]int{{9 * 60, 17 * 60}} // opens at all

	start := time.Unix(rapid.Int64Range(631152000, 2240524800).Draw(t, "start"), 0) // 1990 to 2040
	if rapid.Bool().Draw(t, "near a change") {
		for range 400 { // days
			_, offset := start.In(zone).Zone()
			if _, tomorrow := start.Add(24 * time.Hour).In(zone).Zone(); offset != tomorrow {
				break
			}
			start = start.Add(24 * time.Hour)
		}
		start = start.Add(time.Duration(rapid.Int64Range(-3*86400, 2*86400).Draw(t, "away")) * time.Second)
	}
	for i := range walkDays {
		// From noon: where a zone left out a day or an hour, two instants 24 hours apart may
		// have one date.
		y, m, d := start.In(zone).Date()
		day := time.Date(y, m, d+i-1, 12, 0, 0, 0, zone).Format(time.DateOnly)
		switch rapid.IntRange(0, 9).Draw(t, "exception") {
		case 0:
			p.closed[day] = true
		case 1:
			p.open[day] = true
		case 2:
			p.hoursOn[day] = [][2]int{{7*60 + 30, 12 * 60}, {22 * 60, 1440}}
		}
	}
	return p, start
}

func TestCalendarAgreesWithAWalkByMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, start := drawPlan(t)
		p, err := Parse("test.yaml", []byte(plan.yaml()))
		if err != nil {
			t.Fatalf("%v\n%s", err, plan.yaml())
		}
		c := p.Calendar("test", "")
		seen := plan.walk(start)
		for range 8 {
			budget := time.Duration(rapid.Int64Range(1, 5*86400).Draw(t, "budget")) * time.Second
			due := c.Due(start, budget)
			want, reached := seen.due(start, budget)
			if reached && !due.Equal(want) {
				t.Fatalf("%v from %s: due %s, the walk says %s\n%s", budget, start.In(plan.zone), due.In(plan.zone), want.In(plan.zone), plan.yaml())
			}
			if end := start.Add((walkDays - 2) * 24 * time.Hour); !reached && !due.IsZero() && due.Before(end) {
				t.Fatalf("%v from %s: due %s, the walk does not get there\n%s", budget, start.In(plan.zone), due.In(plan.zone), plan.yaml())
			}
		}
	})
}

func TestExplanationAddsUpAndWarningsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan, start := drawPlan(t)
		budget := time.Duration(rapid.Int64Range(60, 5*86400).Draw(t, "budget")) * time.Second
		p, err := Parse("test.yaml", fmt.Appendf(nil, "clocks: {response: {targets: {A: %s}}}\n%s", budget, plan.yaml()))
		if err != nil {
			t.Fatal(err)
		}
		r := p.Start(ClockResponse, technical("A", "fr", "test"), start)
		e := p.Explain(r)
		left := budget
		for _, c := range e.Counted {
			left -= c.Length()
		}
		if left != 0 {
			t.Fatalf("%v of %v is not explained: %v", left, budget, e.Counted)
		}
		before := time.Duration(rapid.Int64Range(1, int64(budget/time.Second)).Draw(t, "before")) * time.Second
		warned, in := p.before(r, amount{d: before})
		if !in {
			if before != budget {
				t.Fatalf("no instant %v before a budget of %v", before, budget)
			}
			return
		}
		if due := p.Add(r, warned, before); !due.Equal(r.Due) {
			t.Fatalf("%v after %s is %s, not %s", before, warned, due, r.Due)
		}
		if later := warned.Add(time.Nanosecond); p.Add(r, later, before).Equal(r.Due) {
			t.Fatalf("%s is not the latest instant %v before %s", warned, before, r.Due)
		}
	})
}

// TestReadingsOfTheLocalClock states by hand what the walk finds out by looking.
func TestReadingsOfTheLocalClock(t *testing.T) {
	for _, c := range []struct{ zone, reading, instant, what string }{
		{"Europe/Berlin", "2026-03-29 01:59", "2026-03-29T00:59:00Z", "before the gap"},
		{"Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30:00Z", "skipped: 03:30 on the new clock"},
		{"Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z", "after the gap"},
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z", "repeated: the first one"},
		{"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z", "after the repeat"},
		{"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:45:00Z", "half an hour is skipped"},
		{"Asia/Beirut", "2026-03-29 00:00", "2026-03-28T22:00:00Z", "midnight is skipped"},
		{"America/Havana", "2026-11-01 00:30", "2026-11-01T04:30:00Z", "the hour after midnight is repeated"},
		{"Europe/Berlin", "2028-12-31 12:00", "2028-12-31T11:00:00Z", "the last day of a leap year"},
		{"Europe/Berlin", "2040-12-31 12:00", "2040-12-31T11:00:00Z", "and of one that only a rule describes"},
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-30T22:00:00Z", "a whole day is skipped"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		reading, err := time.Parse("2006-01-02 15:04", c.reading)
		if err != nil {
			t.Fatal(err)
		}
		if got := utc(readWall(reading.Unix(), zone)); got != c.instant {
			t.Errorf("%s %s (%s): %s, want %s", c.zone, c.reading, c.what, got, c.instant)
		}
	}
}

func TestWindowsThatAChangeSwapsCountOnce(t *testing.T) {
	// 02:30 and 02:45 are skipped and read as 03:30 and 03:45 of the new clock,
	// inside of the second window.
	p := parsed(t, `calendars: {xx: {zone: Europe/Berlin, hours: {sun: ["02:30-02:45", "03:00-05:00"]}}}`)
	due := p.Calendar("xx", "").Due(moment(t, "2026-03-29T00:00:00Z"), 2*time.Hour)
	if utc(due) != "2026-03-29T03:00:00Z" {
		t.Errorf("due %s", utc(due))
	}
}

func TestADayThatDoesNotExistHasNoHours(t *testing.T) {
	zone, err := time.LoadLocation("Pacific/Apia")
	if err != nil {
		t.Fatal(err)
	}
	// Friday 30 December 2011 was left out; Saturday came after Thursday.
	c := fallback("ws", zone)
	if due := c.Due(moment(t, "2011-12-29T16:00:00-10:00"), 2*time.Hour); utc(due) != "2012-01-01T20:00:00Z" {
		t.Errorf("due %s", due.In(zone))
	}
}
