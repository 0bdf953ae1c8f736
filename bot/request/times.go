package request

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// times are the layouts of a local date and time, as people of the three
// languages write them.
var times = []string{
	"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2.1.2006 15:04", "2/1/2006 15:04",
	"2006-01-02 3:04 PM", "2.1.2006 3:04 PM", "2 Jan 2006 15:04", "2 Jan 2006 3:04 PM",
}

// daysOfAYear are the layouts that lack the year.
var daysOfAYear = []string{"2.1. 15:04", "2.1 15:04", "2 Jan 15:04", "2 Jan 3:04 PM", "Jan 2 15:04", "Jan 2 3:04 PM"}

// timesOfDay are those that lack the day.
var timesOfDay = []string{"15:04", "15.04", "3:04 PM", "3 PM"}

// onADay are those that lack the day, behind a word for it: there a bare hour is one.
var onADay = append(slices.Clone(timesOfDay), "15")

// meridiem is "p.m." behind a time, in any spelling.
var meridiem = regexp.MustCompile(`(?i)(\d)\s*([ap])\.?m\.?(\s|$)`)

// wholeHour is "10 Uhr", "10 часов", at the beginning or behind a blank, so that "12.05
// Uhr" is none.
var wholeHour = regexp.MustCompile(`(?i)(^|\s)(\d{1,2})\s*(?:uhr|ч\.?|час|часа|часов)(\s|$)`)

// days are the words for a day, and how many days ago that was.
var days = map[string]int{"today": 0, "heute": 0, "сегодня": 0, "yesterday": 1, "gestern": 1, "вчера": 1}

// spelledTime brings what people write around a time into the form of the layouts.
func spelledTime(s string) string {
	s = strings.Join(strings.Fields(strings.ReplaceAll(s, ",", " ")), " ")
	s = meridiem.ReplaceAllStringFunc(s, func(found string) string {
		m := meridiem.FindStringSubmatch(found)
		return m[1] + " " + strings.ToUpper(m[2]) + "M" + m[3]
	})
	s = wholeHour.ReplaceAllString(s, "$1$2:00$3")
	var kept []string
	for _, word := range strings.Fields(s) {
		switch strings.ToLower(word) {
		case "um", "at", "в", "uhr", "ч", "ч.", "on":
		default:
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}

// ParseTime reads an instant: RFC 3339 with its offset, or a local date and time in
// zone, in the usual spellings of the three languages. Without the year, or as a time
// of day alone, it is the nearest such time: shortly after midnight "23:50" is
// yesterday's, but at 23:06 "23:59" is still to come, which callers refuse.
func ParseTime(s string, zone *time.Location, now time.Time) (time.Time, bool) {
	s = spelledTime(s)
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, sane(t)
	}
	for _, layout := range times {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, sane(t)
		}
	}
	today := now.In(zone)
	for _, layout := range daysOfAYear {
		if t, err := time.Parse(layout, s); err == nil {
			in := func(back int) time.Time {
				return time.Date(today.Year()-back, t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, zone)
			}
			near := nearest(now, in)
			if near.Day() != t.Day() { // most years have no 29 February
				near = in(1)
			}
			return near, near.Day() == t.Day()
		}
	}
	ago, onDay := 0, false
	if word, rest, more := strings.Cut(s, " "); more {
		if ago, onDay = days[strings.ToLower(word)]; onDay {
			s = rest
		}
	}
	layouts := timesOfDay
	if onDay {
		layouts = onADay
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		on := func(back int) time.Time {
			return time.Date(today.Year(), today.Month(), today.Day()-back, t.Hour(), t.Minute(), 0, 0, zone)
		}
		if onDay {
			return on(ago), true
		}
		return nearest(now, on), true
	}
	return time.Time{}, false
}

// SpellTime writes an instant as a date and time of day in zone that ParseTime reads as
// the same instant on any day, to the second.
func SpellTime(at time.Time, zone *time.Location) string {
	if at = at.In(zone); at.Second() != 0 {
		return at.Format("2006-01-02 15:04:05")
	}
	return at.Format("2006-01-02 15:04")
}

// nearest gives the one of two candidates that is nearer to now; clocks that run some
// minutes ahead are forgiven.
func nearest(now time.Time, candidate func(back int) time.Time) time.Time {
	next, last := candidate(0), candidate(1)
	if ahead := next.Sub(now); ahead > ClockSkew && ahead > now.Sub(last) {
		return last
	}
	return next
}

func sane(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2200 }

// ClockSkew is how far in the future an instant may lie that somebody typed.
const ClockSkew = 2 * time.Minute
