package customer

import (
	"slices"
	"strings"
	"time"
)

// Rights is what Microsoft says about how the partner may act for a customer. It has no
// relationships where Microsoft was asked and knows of none.
type Rights struct {
	// Name is what Microsoft calls the customer.
	Name          string         `json:"name,omitempty"`
	Relationships []Relationship `json:"relationships,omitempty"`
	// FilesUntil sorts customers by how long requests can be filed for them: an instant
	// of RFC 3339 in UTC, with a plus behind it where the end moves by itself, or
	// filesNever. Settle sets it.
	FilesUntil string `json:"filesUntil"`
}

// Relationship is one granular delegated admin relationship (GDAP) with a customer (T2, T15).
type Relationship struct {
	ID   string `json:"id"` // opaque
	Name string `json:"name,omitempty"`
	// Status is Microsoft's word in lower case, such as "active" or "terminated", or
	// StatusGone.
	Status string    `json:"status"`
	End    time.Time `json:"end,omitzero"`
	// Extends says that Microsoft moves the end by 180 days shortly before it.
	Extends bool `json:"extends,omitempty"`
	// Pending says that an indirect relationship still lacks the partner's consent.
	Pending bool `json:"pending,omitempty"`
	// Roles are ids of role templates in lower case, in their order.
	Roles []string `json:"roles,omitempty"`
	// Over is when the relationship was terminated or was found to be gone.
	Over time.Time `json:"over,omitzero"`
}

// StatusGone is the status of a relationship that Microsoft does not list any more.
const StatusGone = "gone"

// Usable says whether the relationship gives rights at an instant.
func (r Relationship) Usable(now time.Time) bool {
	return (r.Status == "active" || r.Status == "expiring") && !r.Pending && r.End.After(now)
}

// Terminated says whether somebody ended the relationship before its time.
func (r Relationship) Terminated() bool {
	return strings.HasPrefix(r.Status, "terminat") || r.Status == StatusGone
}

// Awaited says whether the customer, or the partner, has still to approve it.
func (r Relationship) Awaited() bool {
	switch r.Status {
	case "created", "approvalpending", "approved", "activating":
		return true
	}
	return r.Pending
}

// Files says whether a role of the relationship suffices for requests of a platform.
// Azure takes any role, because the right to file comes from Azure itself there; without
// a platform the rule of Microsoft 365 holds (T2).
func (r Relationship) Files(p Platform) bool {
	return p == Azure && len(r.Roles) > 0 || slices.ContainsFunc(r.Roles, RoleFiles)
}

// Standing says whether the partner may file for a customer.
type Standing string

// The standings. Unknown is where neither Microsoft nor anybody here has said anything.
const (
	Unknown    Standing = ""
	May        Standing = "may"
	Missing    Standing = "missing"    // there never was a relationship
	Awaited    Standing = "awaited"    // one was asked for and is not approved
	Ended      Standing = "ended"      // End says when, if that is known
	Terminated Standing = "terminated" // ended before its time; End says when, if that is known
	Roleless   Standing = "roleless"   // there is one, and no role of it may file
)

// Right is whether the partner may file for a customer at one instant, and until when.
type Right struct {
	Standing Standing
	// End is when the right ends or ended, zero where that is not known or never. Of
	// what was typed it is the end of the day, in UTC.
	End time.Time
	// Day is the date to show for End.
	Day time.Time
	// Extends says that the end moves by itself.
	Extends bool
	// Synced says that Microsoft says so, and not a file or a person.
	Synced bool
}

// May says whether nothing is known that keeps the partner from filing.
func (r Right) May() bool { return r.Standing == May || r.Standing == Unknown }

// EndsWithin says whether the right is there, ends within so many days after now, and
// does not extend itself.
func (r Right) EndsWithin(days int, now time.Time) bool {
	return r.Standing == May && !r.Extends && !r.End.IsZero() && r.DaysLeft(now) <= days
}

// DaysLeft counts the days from today to the day of the end, in UTC; 0 is today.
func (r Right) DaysLeft(now time.Time) int {
	return int(r.Day.Sub(now.UTC().Truncate(24*time.Hour)) / (24 * time.Hour))
}

// RightAt says whether the partner may file for the customer. What Microsoft says goes
// before what was typed. Without a platform the strictest rule holds.
func (c Customer) RightAt(p Platform, now time.Time) Right {
	if c.Own {
		return Right{}
	}
	if c.Rights != nil {
		return c.Rights.at(p, now)
	}
	return c.TypedRight(now)
}

// TypedRight is RightAt by what was typed or imported alone.
func (c Customer) TypedRight(now time.Time) Right {
	var r Right
	if day, err := time.Parse(time.DateOnly, c.AdminEnd); err == nil {
		r.Day, r.End = day, day.AddDate(0, 0, 1)
	}
	switch {
	case c.AdminRelationship == "":
		return Right{}
	case c.AdminRelationship == "none":
		r.Standing = Missing
	case c.AdminRelationship == "expired", !r.End.IsZero() && !r.End.After(now):
		r.Standing = Ended
	default:
		r.Standing = May
	}
	return r
}

// at looks through the relationships: the latest end of those that may file counts, and
// one of them that extends itself is enough.
func (r Rights) at(p Platform, now time.Time) Right {
	right := Right{Standing: Missing, Synced: true}
	usable := false
	var over time.Time // the latest end of those that are over
	for _, one := range r.Relationships {
		switch {
		case one.Usable(now) && one.Files(p):
			right.Standing = May
			right.Extends = right.Extends || one.Extends
			if one.End.After(right.End) {
				right.End = one.End
			}
		case one.Usable(now):
			usable = true
		case right.Standing == May:
		case one.Awaited():
			if right.Standing == Missing {
				right.Standing = Awaited
			}
		default:
			if end := one.overAt(now); right.Standing != Ended && right.Standing != Terminated || end.After(over) {
				over, right.Standing = end, Ended
				if one.Terminated() {
					right.Standing = Terminated
				}
			}
		}
	}
	switch {
	case right.Standing == May:
	case usable:
		right.Standing = Roleless
	default:
		right.End = over
	}
	if !right.End.IsZero() {
		right.Day = right.End.UTC().Truncate(24 * time.Hour)
	}
	return right
}

// overAt is when a relationship that gives no rights any more ended, zero where nobody
// has said so.
func (r Relationship) overAt(now time.Time) time.Time {
	switch {
	case !r.Over.IsZero():
		return r.Over
	case !r.End.After(now):
		return r.End
	}
	return time.Time{}
}

// filesNever is Rights.FilesUntil where no request can be filed, and nobody knows since
// when.
const filesNever = "0"

// Settle puts the relationships in order and says how long requests can be filed.
func (r *Rights) Settle(now time.Time) {
	slices.SortFunc(r.Relationships, func(a, b Relationship) int {
		if c := b.End.Compare(a.End); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	r.FilesUntil = filesNever
	if right := r.at("", now); !right.End.IsZero() && right.Standing != Roleless {
		r.FilesUntil = FilesKey(right.End)
		if right.Extends {
			r.FilesUntil += "+"
		}
	}
}

// FilesKey writes an instant as Rights.FilesUntil has it.
func FilesKey(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// RightsDiffer says whether Microsoft says something else about the relationship than was
// typed: whether there is one, or on which day it ends.
func (c Customer) RightsDiffer(now time.Time) bool {
	typed := c.TypedRight(now)
	if c.Rights == nil || typed.Standing == Unknown {
		return false
	}
	said := c.Rights.at("", now)
	if typed.May() != (said.May() || said.Standing == Roleless) {
		return true
	}
	return typed.May() && !typed.End.IsZero() && !said.End.IsZero() && !typed.Day.Equal(said.Day)
}

// RightsQuery asks for a page of customers by how long requests can be filed for them.
type RightsQuery struct {
	Part RightsPart
	Now  time.Time
	// Except are tenants that are no customers.
	Except        []string
	Offset, Limit int
}

// RightsPart is one part of the customers.
type RightsPart string

// The parts. Each of those with a number holds whose right ends within so many days, and
// not those for whom nothing can be filed today.
const (
	RightsBlocked RightsPart = "blocked"
	RightsWeek    RightsPart = "7"
	RightsMonth   RightsPart = "30"
	RightsMonths  RightsPart = "60"
	RightsUnknown RightsPart = "unknown"
)

// RightsParts are all parts, in the order in which they are read.
var RightsParts = []RightsPart{RightsBlocked, RightsWeek, RightsMonth, RightsMonths, RightsUnknown}

// Days is the number of a part, 0 for the others.
func (p RightsPart) Days() int {
	return map[RightsPart]int{RightsWeek: 7, RightsMonth: 30, RightsMonths: 60}[p]
}

// RightsPage is a piece of a part, whoever's right ends first in front.
type RightsPage struct {
	Customers []Customer
	Offset    int
	// Counts says how many customers each part has; those whose right extends itself
	// are counted in none. Total is how many can be paged through, with them.
	Counts map[RightsPart]int
	Total  int
	// All is how many customers there are, without those who left.
	All int
	// Synced is when Microsoft said so last; zero where it was never asked.
	Synced time.Time
}

// EndOfDays is the instant at which the last of so many days after today ends, in UTC.
func EndOfDays(now time.Time, days int) time.Time {
	return now.UTC().Truncate(24*time.Hour).AddDate(0, 0, days+1)
}

// RightsSpan asks for the customers whose right to file ends, or ended, after From and not
// after To; Except are tenants that are no customers.
type RightsSpan struct {
	From, To time.Time
	Except   []string
}
