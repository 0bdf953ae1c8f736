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
	_, offset := t.In(c.zone).Zone()
	return date(floorDiv(t.Unix()+int64(offset), secondsADay))
}

// instant turns a reading of the local clock into an instant.
func (c Calendar) instant(day date, minute int) time.Time {
	return readWall(int64(day)*secondsADay+int64(minute)*60, c.zone)
}

// begin is the first instant of a local date: midnight, or the change of the
// clock that skips midnight.
func (c Calendar) begin(day date) time.Time {
	t := c.instant(day, 0).In(c.zone)
	if _, offset := t.Zone(); t.Unix()+int64(offset) == int64(day)*secondsADay {
		return t
	}
	change, _ := t.ZoneBounds()
	return change
}

// farthest is more than any zone has ever been away from UTC.
const farthest = 26 * 60 * 60

// readWall gives the instant at which a clock in zone shows wall, in seconds as
// if it were UTC. A reading that occurs twice is the first of them; one that
// never occurs is taken with the offset in force before the change. time.Date
// promises neither.
func readWall(wall int64, zone *time.Location) time.Time {
	near := time.Unix(wall, 0).In(zone)
	since, until := near.ZoneBounds()
	if (since.IsZero() || since.Unix() < wall-farthest) && (until.IsZero() || until.Unix() > wall+farthest) {
		_, offset := near.Zone()
		return time.Unix(wall-int64(offset), 0)
	}
	at := time.Unix(wall-farthest, 0).In(zone)
	_, offset := at.Zone()
	for {
		guess := wall - int64(offset)
		_, change := at.ZoneBounds()
		if change.IsZero() || guess < change.Unix() {
			return time.Unix(guess, 0)
		}
		_, next := change.In(zone).Zone()
		if wall-int64(next) < change.Unix() {
			return time.Unix(guess, 0) // skipped by this change
		}
		at, offset = change.In(zone), next
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
