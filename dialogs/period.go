package dialogs

import (
	"slices"
	"time"

	"onbehalf/bot/plaintext"
)

// periods are the words for the two lengths of a report.
var periods = map[string][]string{
	"week":  {"", "week", "неделя", "woche"},
	"month": {"month", "месяц", "monat"},
}

// periodOf reads "week" or "month" in any of the three languages; alone it is the
// week.
func periodOf(typed string) (string, bool) {
	folded := plaintext.Fold(typed)
	for period, words := range periods {
		if slices.ContainsFunc(words, func(w string) bool { return plaintext.Fold(w) == folded }) {
			return period, true
		}
	}
	return "", false
}

// span is a week from Monday, or a month, in the zone of now: the present one, or
// so many before it. It ends where the next one begins.
func span(period string, back int, now time.Time) (from, to time.Time) {
	if period == "month" {
		first := func(months int) time.Time {
			return time.Date(now.Year(), now.Month()+time.Month(months), 1, 0, 0, 0, 0, now.Location())
		}
		return first(-back), first(1 - back)
	}
	sinceMonday := (int(now.Weekday()) + 6) % 7
	monday := func(weeks int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()-sinceMonday+7*weeks, 0, 0, 0, 0, now.Location())
	}
	return monday(-back), monday(1 - back)
}
