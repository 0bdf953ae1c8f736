package i18n

import (
	"strconv"
	"time"
)

// Duration writes a span in whole words, "2 hours", "1 hour 10 minutes",
// rounded down to the minute; below one minute in seconds. The sign is dropped.
// In Russian the words stand in the nominative, so a sentence puts them after a
// colon or where nominative and accusative are alike.
func (w Words) Duration(d time.Duration) string {
	return w.span(d, "duration.")
}

// DurationShort writes a span in abbreviations, "42 min", "1 h 10 min".
func (w Words) DurationShort(d time.Duration) string {
	return w.span(d, "duration.short_")
}

// BusinessDays writes a budget of whole business days, "1 business day".
func (w Words) BusinessDays(n int) string {
	return w.T("duration.business_days", "count", n)
}

func (w Words) span(d time.Duration, prefix string) string {
	d = d.Abs()
	if d < time.Minute {
		return w.T(prefix+"seconds", "count", int(d/time.Second))
	}
	// Up to two days hours are easier to add to a clock than days are.
	if d >= 48*time.Hour {
		return w.two(prefix+"days", int(d/(24*time.Hour)), prefix+"hours", int(d%(24*time.Hour)/time.Hour))
	}
	return w.two(prefix+"hours", int(d/time.Hour), prefix+"minutes", int(d%time.Hour/time.Minute))
}

// two writes the larger unit, the smaller, or both; what is zero is left out.
func (w Words) two(large string, n int, small string, m int) string {
	switch {
	case m == 0:
		return w.T(large, "count", n)
	case n == 0:
		return w.T(small, "count", m)
	}
	return w.T("duration.both", "large", w.T(large, "count", n), "small", w.T(small, "count", m))
}

// Number writes a whole number that is not negative with its thousands apart: 4,000 in
// English, 4.000 in German. Russian parts them by a space, and only from five digits on.
func (w Words) Number(n int) string {
	digits, mark, least := strconv.Itoa(n), ",", 4
	switch w.Lang() {
	case "de":
		mark = "."
	case "ru":
		mark, least = "\u00a0", 5
	}
	if len(digits) < least {
		return digits
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + mark + digits[at:]
	}
	return digits
}
