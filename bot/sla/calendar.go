package sla

import (
	"iter"
	"slices"
	"time"
)

// Calendar says when a desk works: windows for each weekday in one zone, and the
// dates that are exceptions. It never changes once a policy holds it, and is safe
// for use by many goroutines.
//
// A window's times are readings of the local clock, turned into instants date by
// date, half-open. A reading that a change of the clock skips or repeats is taken
// with the offset in force before the change, so the window of such a day is as
// long as it really is. A window never reaches beyond its own local date.
type Calendar struct {
	code   string
	zone   *time.Location
	week   [7][]window // by time.Weekday, in order, not overlapping
	closed map[date]bool
	open   map[date]bool
	// hoursOn are other hours on single dates; they count before all else.
	hoursOn map[date][]window
	years   years     // years that closed covers; the zero value covers none
	law     *holidays // public holidays by country; nil is none
	// lawName is what the policy calls them.
	lawName string
}

// window is a span of a local day in minutes since its midnight; 1440 ends it.
type window struct{ from, to int }

// years is a range of calendar years, both included.
type years struct{ first, last int }

func (y years) covers(year int) bool {
	return y != years{} && y.first <= year && year <= y.last
}

// everyYear is what a calendar covers that says it has no closed dates at all.
var everyYear = years{-1 << 31, 1<<31 - 1}

// reach is how many dates a walk looks at before it gives up: twenty years. A
// policy whose budgets could need as many is refused, so only a list of closed
// dates that long leads there.
const reach = 20 * 366

// fallback is what is known of a customer without a calendar: their zone (T17).
func fallback(code string, zone *time.Location) Calendar {
	c := Calendar{code: code, zone: zone}
	for day := time.Monday; day <= time.Friday; day++ {
		c.week[day] = []window{{9 * 60, 17 * 60}}
	}
	return c
}

// Code is the name that the policy knows the calendar by, or the unknown name
// that was asked for.
func (c Calendar) Code() string { return c.code }

// Zone is the zone that the windows are read in.
func (c Calendar) Zone() *time.Location { return c.zone }

// HolidaysKnown says whether closed dates are known for a year; where they are
// not, a weekday with a window counts as a working day although it may be none.
func (c Calendar) HolidaysKnown(year int) bool {
	return c.years.covers(year) || c.law.knows(year)
}

// BusinessDay is the length of the longest ordinary day of the week by the clock
// on the wall: what "1bd" in a policy means.
func (c Calendar) BusinessDay() time.Duration {
	return time.Duration(length(c.ordinary())) * time.Minute
}

// amount gives the length of an amount in this calendar's business days.
func (c Calendar) amount(a amount) time.Duration {
	if a.days > 0 {
		return time.Duration(a.days) * c.BusinessDay()
	}
	return a.d
}

// knows says whether the closed dates of all years from one instant to another
// are known.
func (c Calendar) knows(from, to time.Time) bool {
	for year := c.dateOf(from).year(); year <= c.dateOf(to).year(); year++ {
		if !c.HolidaysKnown(year) {
			return false
		}
	}
	return true
}

// ordinary gives the windows of the longest day, the earliest of the week from
// Monday on where several are as long.
func (c Calendar) ordinary() []window {
	longest := c.week[time.Monday]
	for i := range 6 {
		if day := c.week[(int(time.Tuesday)+i)%7]; length(day) > length(longest) {
			longest = day
		}
	}
	return longest
}

func length(day []window) int {
	total := 0
	for _, w := range day {
		total += w.to - w.from
	}
	return total
}

// Due returns the instant at which budget runs out, counting working time only.
// A budget that ends exactly when a window closes is due then, not at the next
// opening. It returns the zero time if the budget is not used up in twenty years.
func (c Calendar) Due(start time.Time, budget time.Duration) time.Time {
	if budget <= 0 {
		return start
	}
	for opens, closes := range c.openings(start) {
		if left := closes.Sub(opens); budget > left {
			budget -= left
			continue
		}
		return opens.Add(budget)
	}
	return time.Time{}
}

// openings gives the spans of working time from an instant on, in order and
// without overlap, for twenty years.
func (c Calendar) openings(from time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(time.Time, time.Time) bool) {
		first := c.dateOf(from)
		for day := first; day < first+reach; day++ {
			for _, s := range c.spans(day) {
				opens := s.from
				if opens.Before(from) {
					opens = from
				}
				if opens.Before(s.to) && !yield(opens, s.to) {
					return
				}
			}
		}
	}
}

// span is working time between two instants.
type span struct{ from, to time.Time }

// spans gives the working time of one local date, in order and without overlap.
func (c Calendar) spans(day date) []span {
	windows, _, _ := c.hours(day)
	if len(windows) == 0 {
		return nil
	}
	ends := c.begin(day + 1)
	spans := make([]span, 0, len(windows))
	for _, w := range windows {
		s := span{c.instant(day, w.from), c.instant(day, w.to)}
		if s.to.After(ends) {
			s.to = ends
		}
		if s.from.Before(s.to) {
			spans = append(spans, s)
		}
	}
	return union(spans)
}

// union joins what overlaps. Only a clock that was put forward between two
// windows makes them overlap or swaps them.
func union(spans []span) []span {
	for i := 1; i < len(spans); i++ {
		if spans[i].from.Before(spans[i-1].to) {
			slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
			joined := spans[:1]
			for _, s := range spans[1:] {
				last := &joined[len(joined)-1]
				if !s.from.Before(last.to) {
					joined = append(joined, s)
				} else if s.to.After(last.to) {
					last.to = s.to
				}
			}
			return joined
		}
	}
	return spans
}

// Closure says why a whole local date has no working time.
type Closure string

// The reasons for a closed date.
const (
	DayOff     Closure = "day off"     // a weekday on which the calendar has no window
	Holiday    Closure = "holiday"     // a public holiday
	ClosedDate Closure = "closed date" // the policy's own list
)

// hours gives the windows of a date, or why it has none, with a holiday's name.
// Hours that are given for the date itself come before everything else.
// An extra working date has the hours of its weekday, or those of the ordinary
// day where its weekday has none.
func (c Calendar) hours(day date) (windows []window, why Closure, name string) {
	if other, given := c.hoursOn[day]; given {
		return other, "", ""
	}
	windows = c.week[day.weekday()]
	if c.open[day] {
		if len(windows) == 0 {
			windows = c.ordinary()
		}
		return windows, "", ""
	}
	if c.closed[day] {
		return nil, ClosedDate, ""
	}
	if name, holiday := c.law.on(day); holiday {
		return nil, Holiday, name
	}
	if len(windows) == 0 {
		return nil, DayOff, ""
	}
	return windows, "", ""
}

// Day is one local date of a calendar.
type Day struct {
	// Date is the first instant of the date, in the calendar's zone.
	Date time.Time
	// Windows is the working time, in the calendar's zone; none on a closed day.
	Windows []Window
	// Closed says why there is none, and Name the holiday's name where it has one.
	Closed Closure
	Name   string
	// HolidaysUnknown says that nothing is known about this year's holidays.
	HolidaysUnknown bool
}

// Window is working time from an instant to another, the latter not included.
type Window struct{ From, To time.Time }

// NextDays gives n local dates, beginning with the one that from falls on.
func (c Calendar) NextDays(from time.Time, n int) []Day {
	days := make([]Day, 0, max(n, 0))
	first := c.dateOf(from)
	for i := range max(n, 0) {
		days = append(days, c.day(first+date(i)))
	}
	return days
}

func (c Calendar) day(d date) Day {
	_, why, name := c.hours(d)
	day := Day{
		Date: c.begin(d).In(c.zone), Closed: why, Name: name,
		HolidaysUnknown: !c.HolidaysKnown(d.year()),
	}
	for _, s := range c.spans(d) {
		day.Windows = append(day.Windows, Window{s.from.In(c.zone), s.to.In(c.zone)})
	}
	return day
}
