package dialogs

import (
	"strings"
	"time"
)

// layouts are the ways in which people of the three languages write a time; a
// clock alone is read apart.
var layouts = []string{
	"2006-01-02 15:04", "2006-01-02T15:04", "2.1.2006 15:04", "2/1/2006 15:04",
}

// dayLayouts lack the year: the one is meant in which the time lies nearest
// before now.
var dayLayouts = []string{"2.1. 15:04", "2.1 15:04", "2 Jan 15:04"}

// parseWhen reads a time in the past as somebody in zone types it: with an
// offset, with or without the year, or a clock alone, which is the last time that
// it showed this. It is not checked against anything else.
func parseWhen(typed string, now time.Time, zone *time.Location) (time.Time, bool) {
	typed = strings.Join(strings.Fields(strings.ReplaceAll(typed, ",", " ")), " ")
	if at, err := time.Parse(time.RFC3339, typed); err == nil {
		return at, true
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, typed, zone); err == nil {
			return at, true
		}
	}
	local := now.In(zone)
	for _, layout := range dayLayouts {
		if at, err := time.ParseInLocation(layout, typed, zone); err == nil {
			return lastBefore(now, func(back int) time.Time {
				return time.Date(local.Year()-back, at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, zone)
			}), true
		}
	}
	if at, err := time.ParseInLocation("15:04", typed, zone); err == nil {
		return lastBefore(now, func(back int) time.Time {
			return time.Date(local.Year(), local.Month(), local.Day()-back, at.Hour(), at.Minute(), 0, 0, zone)
		}), true
	}
	return time.Time{}, false
}

// lastBefore gives the first of the two candidates that is not in the future;
// clocks that run some minutes ahead are forgiven.
func lastBefore(now time.Time, candidate func(back int) time.Time) time.Time {
	if at := candidate(0); !at.After(now.Add(2 * time.Minute)) {
		return at
	}
	return candidate(1)
}
