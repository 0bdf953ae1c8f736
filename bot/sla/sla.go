package sla

import (
	"strings"
	"time"
)

// Mode is how a clock runs.
type Mode string

// The modes of a clock.
const (
	Wall     Mode = "wall"     // plain elapsed time: nights, weekends and holidays count
	Business Mode = "business" // only the open windows of a calendar count
)

// Basis says how firm a due time is.
type Basis string

// The bases, as they are shown.
const (
	Published Basis = "published" // Microsoft publishes the hours for English (R34 to R37)
	Estimate  Basis = "estimate"  // no hours are published for this language (R37, R38)
	UpTo      Basis = "up to"     // not technical, or not critical: up to so much (R39)
	NoTarget  Basis = "none"      // the policy promises nothing here
)

// Clock is what a due time is for.
type Clock string

// The clocks of a ticket.
const (
	ClockResponse  Clock = "response"  // the initial response that the desk promises
	ClockHandoff   Clock = "handoff"   // from opened to filed with Microsoft
	ClockMicrosoft Clock = "microsoft" // Microsoft's own initial response, once filed
	ClockIncident  Clock = "incident"  // to the first reminder to look again after an announced incident (E12)
	ClockWaiting   Clock = "waiting"   // to the instant at which a person wants to be asked about what the ticket waits for
)

// Terms is everything about a ticket that decides how its clocks run.
type Terms struct {
	// Kind is "technical" or anything else (R33); anything else counts as
	// noncritical whatever its severity (R39).
	Kind string
	// Severity is "A", "B", "C" or "noncritical"; what is none of them counts as
	// noncritical.
	Severity string
	// Language is the language of support as a BCP 47 tag; empty is English.
	Language string
	// Calendar is the customer's calendar code. Empty takes the policy's default
	// calendar; one that nobody knows is Mon-Fri 09-17 in Zone, holidays unknown.
	Calendar string
	// Zone is the customer's IANA zone, for a calendar that is not known. A zone
	// that is not known either is UTC.
	Zone string
}

// noncritical is the severity of everything that no published hour applies to.
const noncritical = "noncritical"

// ranks orders the severities; a higher rank hurts more.
var ranks = map[string]int{"A": 3, "B": 2, "C": 1, noncritical: 0}

// severity is the severity that the clocks go by.
func (t Terms) severity() string {
	if _, known := ranks[t.Severity]; !known || !t.technical() {
		return noncritical
	}
	return t.Severity
}

func (t Terms) technical() bool { return t.Kind == "technical" }

// english compares the primary tag only: en-US and en_GB are English.
func (t Terms) english() bool { return t.primaryTag() == "en" }

func (t Terms) primaryTag() string {
	tag := strings.ToLower(strings.TrimSpace(t.Language))
	if i := strings.IndexAny(tag, "-_"); i >= 0 {
		tag = tag[:i]
	}
	if tag == "" {
		return "en"
	}
	return tag
}

// Run is one clock of one ticket. It is kept with the ticket and, together with
// the policy that the ticket was opened under, can be explained at any time.
type Run struct {
	Clock Clock `json:"clock"`
	// Start is the instant that Budget is counted from.
	Start  time.Time     `json:"start"`
	Budget time.Duration `json:"budget"`
	Mode   Mode          `json:"mode"`
	// Calendar is the code that the ticket's calendar was looked up by, Zone the
	// IANA zone of the calendar that was found.
	Calendar string `json:"calendar,omitempty"`
	Zone     string `json:"zone,omitempty"`
	// Due is the instant at which the budget is used up; zero is no target.
	Due   time.Time `json:"due,omitzero"`
	Basis Basis     `json:"basis"`
	// HolidaysUnknown says that in at least one of the years that Due touches the
	// closed dates are not known, so that it may count holidays as working days.
	HolidaysUnknown bool `json:"holidaysUnknown,omitempty"`
	// BusinessDay says that the policy gives the budget in business days.
	BusinessDay bool `json:"businessDay,omitempty"`
	// Origin is the instant at which the clock started at first, where a raised
	// severity moved Start; zero otherwise.
	Origin time.Time `json:"origin,omitzero"`
	// Raised is when the severity was last raised; zero if it never was. Where it
	// is not Start, the due time from before was the earlier one and stayed.
	Raised time.Time `json:"raised,omitzero"`
}

// None says that the clock has no target, so nothing is ever due.
func (r Run) None() bool { return r.Due.IsZero() }

// origin is the instant that a change of terms counts from.
func (r Run) origin() time.Time {
	if r.Origin.IsZero() {
		return r.Start
	}
	return r.Origin
}
