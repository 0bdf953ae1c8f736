package sla

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// calendarName leaves out what would have to be quoted somewhere.
var calendarName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// calendars adds the file's calendars to those of p.
func (r *reader) calendars(n *yaml.Node, p *Policy) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		r.complain(n, "calendars must be a mapping; write a name such as de, and zone and hours below it")
		return
	}
	for key, value := range r.pairs(n, "calendars") {
		name := strings.ToLower(key.Value)
		if !calendarName.MatchString(name) {
			r.complain(key, "calendars: %q is no name for a calendar; write letters, digits, - and _, at most 32", key.Value)
			continue
		}
		if other, twice := r.named[name]; twice {
			r.complain(key, "calendars: %q is the same calendar as %q; write one of them", key.Value, other.Value)
			continue
		}
		r.named[name] = key
		p.calendars[name] = r.calendar(key, value, name)
	}
}

func (r *reader) calendar(key, n *yaml.Node, name string) Calendar {
	c := Calendar{code: name, zone: time.UTC}
	where := "calendar " + name
	var open, hoursOn map[date]*yaml.Node
	r.mapping(n, where, []field{
		{"zone", func(n *yaml.Node) {
			text := r.scalar(n, "an IANA zone such as Europe/Berlin")
			if text == "" {
				return
			}
			zone, err := loadZone(text)
			if err != nil {
				r.complain(n, "%s: zone %q is not known; write an IANA name such as %s", where, text, likeliestZone(text))
				return
			}
			c.zone = zone
		}},
		{"hours", func(n *yaml.Node) { r.hours(n, &c) }},
		{"holidays", func(n *yaml.Node) {
			text := r.scalar(n, "a country such as de")
			law, known := laws[text]
			if text != "" && !known {
				names, _ := HolidayLists()
				r.complain(n, "%s: holidays of %q are not built in; did you mean %s? Write one of %s, or the dates in closed",
					where, text, Nearest(text, names), strings.Join(names, ", "))
			}
			c.law, c.lawName = law, text
		}},
		{"closed", func(n *yaml.Node) {
			c.closed = datesOf(r.dates(n, where+".closed"))
			c.years = spanOf(c.closed)
		}},
		{"open", func(n *yaml.Node) {
			open = r.dates(n, where+".open")
			c.open = datesOf(open)
		}},
		{"hours_on", func(n *yaml.Node) { hoursOn = r.hoursOn(n, where+".hours_on", &c) }},
	})
	for _, day := range slices.Sorted(maps.Keys(open)) {
		if c.closed[day] {
			r.complain(open[day], "%s: %s is both closed and open; write it in one of them", where, day)
		}
	}
	for _, day := range slices.Sorted(maps.Keys(hoursOn)) {
		if c.closed[day] || c.open[day] {
			r.complain(hoursOn[day], "%s: %s has hours of its own and stands in closed or open too; write it in one of them", where, day)
		}
	}
	if resolve(n).Kind != yaml.MappingNode {
		return c
	}
	if !has(resolve(n), "zone") {
		r.complain(key, "%s has no zone; write zone: Europe/Berlin", where)
	}
	if !has(resolve(n), "hours") {
		r.complain(key, "%s has no hours; write hours: {mon-fri: [\"09:00-17:00\"]}", where)
	}
	return c
}

// spanOf gives the years that a list of closed dates speaks of: from the first to
// the last of them. An empty list says that nothing is ever closed.
func spanOf(dates map[date]bool) years {
	if len(dates) == 0 {
		return everyYear
	}
	first := slices.Min(slices.Collect(maps.Keys(dates)))
	last := slices.Max(slices.Collect(maps.Keys(dates)))
	return years{first.year(), last.year()}
}

// dates gives the dates of a list, each with where it stands.
func (r *reader) dates(n *yaml.Node, where string) map[date]*yaml.Node {
	dates := map[date]*yaml.Node{}
	for _, item := range r.list(n, where, "[2026-12-25, 2026-12-26]") {
		text := r.scalar(item, "a date such as 2026-12-25")
		if text == "" {
			continue
		}
		if day, ok := r.date(item, text, where); ok {
			dates[day] = item
		}
	}
	return dates
}

func (r *reader) date(n *yaml.Node, text, where string) (date, bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		r.complain(n, "%s: %q is no date; write it as 2026-12-25", where, text)
		return 0, false
	}
	return dateAt(t.Date()), true
}

func datesOf(list map[date]*yaml.Node) map[date]bool {
	dates := make(map[date]bool, len(list))
	for day := range list {
		dates[day] = true
	}
	return dates
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// hours reads the windows of a week.
func (r *reader) hours(n *yaml.Node, c *Calendar) {
	where := "calendar " + c.code
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		r.complain(n, "%s: hours must be a mapping; write {mon-fri: [\"09:00-17:00\"]}", where)
		return
	}
	before := len(r.problems)
	for key, value := range r.pairs(n, where+".hours") {
		days := weekdaysOf(key.Value)
		if days == nil {
			r.complain(key, "%s: %q are no weekdays; write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri", where, key.Value)
			continue
		}
		for _, item := range r.list(value, where+".hours."+key.Value, exampleWindows) {
			w, ok := r.window(item, where)
			if !ok {
				continue
			}
			for _, day := range days {
				if !r.add(item, &c.week[day], w, where, weekdays[day]) {
					break
				}
			}
		}
	}
	if len(r.problems) == before && c.BusinessDay() == 0 {
		r.complain(n, "%s never opens, so nothing can be computed; write hours: {mon-fri: [\"09:00-17:00\"]}", where)
	}
}

const exampleWindows = `["09:00-12:00", "13:00-17:00"]`

// add puts a window into its place among those of a day, unless it overlaps one.
func (r *reader) add(n *yaml.Node, to *[]window, w window, where, day string) bool {
	if clash := overlapping(*to, w); clash != nil {
		r.complain(n, "%s: %s and %s overlap on %s; write windows that end before the next begins", where, clash, w, day)
		return false
	}
	*to = append(*to, w)
	slices.SortFunc(*to, func(a, b window) int { return a.from - b.from })
	return true
}

// hoursOn reads the windows of single dates, and gives each date with where it
// stands.
func (r *reader) hoursOn(n *yaml.Node, where string, c *Calendar) map[date]*yaml.Node {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		r.complain(n, "%s must be a mapping; write {2026-12-24: [\"09:00-12:00\"]}", where)
		return nil
	}
	dates := map[date]*yaml.Node{}
	c.hoursOn = map[date][]window{}
	for key, value := range r.pairs(n, where) {
		day, ok := r.date(key, strings.TrimSpace(key.Value), where)
		if !ok {
			continue
		}
		items := r.list(value, where+"."+key.Value, exampleWindows)
		if resolve(value).Kind == yaml.SequenceNode && len(items) == 0 {
			r.complain(value, "%s: %s has no hours; write it in closed instead", where, day)
		}
		var windows []window
		for _, item := range items {
			if w, ok := r.window(item, where); ok {
				r.add(item, &windows, w, where, day.String())
			}
		}
		dates[day], c.hoursOn[day] = key, windows
	}
	return dates
}

// likeliestZone gives the IANA name that was meant: for a name of Windows its
// own, else the nearest.
func likeliestZone(text string) string {
	names, byName := zoneNames()
	if meant, known := byName[strings.ToLower(text)]; known {
		return meant
	}
	return Nearest(text, names)
}

// weekdaysOf reads "mon" and "mon-fri"; a range may go over the end of the week.
func weekdaysOf(text string) []int {
	from, to, isRange := strings.Cut(strings.ToLower(text), "-")
	if !isRange {
		to = from
	}
	first := slices.Index(weekdays, strings.TrimSpace(from))
	last := slices.Index(weekdays, strings.TrimSpace(to))
	if first < 0 || last < 0 {
		return nil
	}
	days := []int{first}
	for day := first; day != last; {
		day = (day + 1) % 7
		days = append(days, day)
	}
	return days
}

func overlapping(windows []window, w window) *window {
	for _, other := range windows {
		if w.from < other.to && other.from < w.to {
			return &other
		}
	}
	return nil
}

var windowText = regexp.MustCompile(`^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$`)

func (r *reader) window(n *yaml.Node, where string) (window, bool) {
	text := r.scalar(n, `a window such as "09:00-17:00"`)
	if text == "" {
		return window{}, false
	}
	m := windowText.FindStringSubmatch(text)
	if m == nil {
		r.complain(n, "%s: %q is no window; write \"09:00-17:00\"", where, text)
		return window{}, false
	}
	w := window{minutes(m[1], m[2]), minutes(m[3], m[4])}
	switch {
	case w.from < 0 || w.to < 0 || w.from == midnight:
		r.complain(n, "%s: %q has a time that no clock shows; write 00:00 to 23:59, and 24:00 to end a day", where, text)
	case w.to == 0:
		r.complain(n, "%s: %q ends at the beginning of the day; write \"%s-24:00\"", where, text, clockFace(w.from))
	case w.to == w.from:
		r.complain(n, "%s: %q is no time at all; write a window such as \"09:00-17:00\"", where, text)
	case w.to < w.from:
		r.complain(n, "%s: %q ends before it begins; write \"%s-24:00\" here and \"00:00-%s\" on the next day",
			where, text, clockFace(w.from), clockFace(w.to))
	default:
		return w, true
	}
	return window{}, false
}

// midnight is the end of a day in minutes.
const midnight = 24 * 60

// minutes gives the minutes since midnight, -1 for what is no time of day.
func minutes(hour, minute string) int {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	if m > 59 || h*60+m > midnight {
		return -1
	}
	return h*60 + m
}

func clockFace(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func (w window) String() string { return clockFace(w.from) + "-" + clockFace(w.to) }

// tooLong is how many weeks a budget may take on a calendar at most.
const tooLong = 2 * 52

// reachable refuses a calendar that opens so little that the longest amount of
// the policy would take years.
func (r *reader) reachable(p *Policy) {
	longest := p.longestAmount()
	for _, name := range slices.Sorted(maps.Keys(r.named)) {
		var week time.Duration
		for _, day := range p.calendars[name].week {
			week += time.Duration(length(day)) * time.Minute
		}
		if week*tooLong < longest {
			r.complain(r.named[name], "calendar %s is open for %s a week, so %s of the policy would take more than two years; write longer hours",
				name, shortDuration(week), shortDuration(longest))
		}
	}
}
