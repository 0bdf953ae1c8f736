package i18n

import (
	"fmt"
	"strconv"
	"time"
)

// Time writes an instant as people can rely on it: weekday, date, clock and
// offset, "Mon 23 Nov, 03:32 (UTC+1)". The year stands there
// when AsOf was given and it is another.
func (w Words) Time(t time.Time) string {
	t = w.local(t)
	key := "time.full"
	if w.otherYear(t) {
		key = "time.full_year"
	}
	return w.T(key, w.parts(t))
}

// TimeYear writes an instant for the record, "23 Nov 2026, 01:32": with the
// year, without weekday and offset.
func (w Words) TimeYear(t time.Time) string {
	return w.T("time.record", w.parts(w.local(t)))
}

// TimeDay is Time without the offset, "Mon 23 Nov, 13:10", where the offset
// stands in the line above.
func (w Words) TimeDay(t time.Time) string {
	return w.T("time.day_clock", w.parts(w.local(t)))
}

// Short writes an instant for a row of a list whose heading says as of when it
// is: "Mon 03:32" within six days around asOf, "Tue 1 Dec" beyond them.
func (w Words) Short(t, asOf time.Time) string {
	t = w.local(t)
	if days := daysBetween(w.local(asOf), t); days >= -6 && days <= 6 {
		return w.T("time.weekday_clock", w.parts(t))
	}
	return w.AsOf(asOf).Day(t)
}

// Clock writes the time of day, "03:32". It never stands alone, only beside a
// date or a full time.
func (w Words) Clock(t time.Time) string { return w.local(t).Format("15:04") }

// Day writes a date, "Tue 1 Dec", with the year as Time does.
func (w Words) Day(t time.Time) string {
	t = w.local(t)
	key := "time.day"
	if w.otherYear(t) {
		key = "time.day_year"
	}
	return w.T(key, w.parts(t))
}

// Span writes from when to when, "Mon 23 Nov, 09:00–17:00 (UTC+1)": the day and
// the offset once where both ends share them.
func (w Words) Span(from, to time.Time) string {
	from, to = w.local(from), w.local(to)
	if daysBetween(from, to) != 0 || Offset(from) != Offset(to) {
		return w.T("time.span_days", "from", w.Time(from), "to", w.Time(to))
	}
	return w.T("time.span", "day", w.Day(from), "from", w.Clock(from), "to", w.Clock(to), "offset", Offset(from))
}

// Date writes a date for the record, "23 Nov 2026".
func (w Words) Date(t time.Time) string {
	return w.T("time.date", w.parts(w.local(t)))
}

// DayMonth writes a date without weekday and year, "16 Nov".
func (w Words) DayMonth(t time.Time) string {
	return w.T("time.day_month", w.parts(w.local(t)))
}

// Month writes a month with its year, "November 2026".
func (w Words) Month(t time.Time) string {
	t = w.local(t)
	return w.T("time.month_year", "month", w.T("time.month_name_"+strconv.Itoa(int(t.Month()))), "year", t.Year())
}

func (w Words) local(t time.Time) time.Time { return t.In(w.Zone()) }

func (w Words) otherYear(t time.Time) bool {
	return !w.asOf.IsZero() && w.local(w.asOf).Year() != t.Year()
}

func (w Words) parts(t time.Time) map[string]any {
	return map[string]any{
		"weekday": w.T("time.weekday_" + strconv.Itoa(int(t.Weekday()))),
		"day":     t.Day(),
		"month":   w.T("time.month_" + strconv.Itoa(int(t.Month()))),
		"year":    t.Year(),
		"clock":   t.Format("15:04"),
		"offset":  Offset(t),
	}
}

// Offset writes the distance from UTC in force at t in its own location: "UTC",
// "UTC+1", "UTC+5:30", "UTC-3".
func Offset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	hours, minutes := seconds/3600, seconds%3600/60
	if minutes == 0 {
		return fmt.Sprintf("UTC%c%d", sign, hours)
	}
	return fmt.Sprintf("UTC%c%d:%02d", sign, hours, minutes)
}

// daysBetween counts dates, not hours: a day with a clock change is one day.
func daysBetween(from, to time.Time) int {
	a := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	b := time.Date(to.Year(), to.Month(), to.Day(), 0, 0, 0, 0, time.UTC)
	return int(b.Sub(a) / (24 * time.Hour))
}
