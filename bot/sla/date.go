package sla

import "time"

// date is a local date, as days since 1970-01-01.
type date int64

const secondsADay = 24 * 60 * 60

func dateAt(year int, month time.Month, day int) date {
	return date(floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), secondsADay))
}

func (d date) utc() time.Time        { return time.Unix(int64(d)*secondsADay, 0).UTC() }
func (d date) year() int             { return d.utc().Year() }
func (d date) weekday() time.Weekday { return d.utc().Weekday() }
func (d date) String() string        { return d.utc().Format(time.DateOnly) }

// dateOf is the local date at an instant.
func (c Calendar) dateOf(t time.Time) date {
	return date(floorDiv(t.Unix()+offsetAt(t.Unix(), c.zone), secondsADay))
}

// instant turns a reading of the local clock into an instant.
func (c Calendar) instant(day date, minute int) time.Time {
	return readWall(int64(day)*secondsADay+int64(minute)*60, c.zone)
}

// begin is the first instant of a local date: midnight, or the change of the
// clock that skips midnight.
func (c Calendar) begin(day date) time.Time {
	midnight := int64(day) * secondsADay
	t := readWall(midnight, c.zone)
	if t.Unix()+offsetAt(t.Unix(), c.zone) == midnight {
		return t
	}
	return time.Unix(changeBetween(t.Unix()-farthest, t.Unix(), c.zone), 0)
}

// farthest is more than any zone has ever been away from UTC, in seconds. No zone
// has ever changed its clock twice in so short a time.
const farthest = 26 * 60 * 60

// readWall gives the instant at which a clock in zone shows wall, in seconds as
// if it were UTC. A reading that occurs twice is the first of them; one that
// never occurs is taken with the offset in force before the change. time.Date
// promises neither, and Time.ZoneBounds ends before it begins on the last day of
// some leap years, so only offsets are asked for.
func readWall(wall int64, zone *time.Location) time.Time {
	before, after := offsetAt(wall-farthest, zone), offsetAt(wall+farthest, zone)
	if before == after {
		return time.Unix(wall-before, 0)
	}
	change := changeBetween(wall-farthest, wall+farthest, zone)
	if wall-before >= change && wall-after >= change {
		return time.Unix(wall-after, 0)
	}
	return time.Unix(wall-before, 0)
}

// changeBetween finds the first second with another offset than lo, where hi has
// another one.
func changeBetween(lo, hi int64, zone *time.Location) int64 {
	before := offsetAt(lo, zone)
	for hi-lo > 1 {
		if middle := lo + (hi-lo)/2; offsetAt(middle, zone) == before {
			lo = middle
		} else {
			hi = middle
		}
	}
	return hi
}

// offsetAt is how far a zone's clock is ahead of UTC at a second.
func offsetAt(unix int64, zone *time.Location) int64 {
	_, offset := time.Unix(unix, 0).In(zone).Zone()
	return int64(offset)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
