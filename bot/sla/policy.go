package sla

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Policy is what a desk promises and how it speaks up: targets, warnings,
// repeats, the ladder, reminders and the calendars. It never changes once it is parsed, so
// a ticket keeps the one that it was opened under by keeping its ID and Text.
type Policy struct {
	english         Mode
	defaultCalendar string
	takeOwn         bool
	starts          string // "opened" or "filed", of the response clock
	response        rules
	handoff         rules
	escalate        []step
	incident        reminder
	calendars       map[string]Calendar

	text []byte
	id   string
}

// rules are what the policy says about one clock.
type rules struct {
	targets map[string]amount // by severity; empty is no clock
	warn    []warning
	repeat  amount // zero is never
	repeats int
}

// amount is a length of time on a ticket's clock, or a number of business days.
type amount struct {
	d    time.Duration
	days int
}

func (a amount) String() string {
	if a.days > 0 {
		return fmt.Sprintf("%dbd", a.days)
	}
	return shortDuration(a.d)
}

// warning is a share of the budget in percent, or else a time before due.
type warning struct {
	percent int
	before  amount
}

func (w warning) String() string {
	if w.percent > 0 {
		return fmt.Sprintf("%d%%", w.percent)
	}
	return w.before.String()
}

// step is a rung of the ladder after a breach.
type step struct {
	after amount
	to    []string
}

// reminder is how often it is asked whether an announced incident is outlived
// (E12), in what distance; no times is never.
type reminder struct {
	every amount
	times int
}

//go:embed builtin.yaml
var builtinText []byte

// BuiltIn is the policy that holds without a file.
func BuiltIn() *Policy { return builtIn() }

var builtIn = sync.OnceValue(func() *Policy {
	p, err := read("builtin.yaml", builtinText, nil)
	if err != nil {
		panic(err) // it is part of the program
	}
	return p
})

// seal fixes the canonical text and its name.
func (p *Policy) seal() {
	p.text = p.render()
	sum := sha256.Sum256(p.text)
	p.id = hex.EncodeToString(sum[:16])
}

// ID names the policy: equal policies have equal names, however their files were
// written.
func (p *Policy) ID() string { return p.id }

// Text is the whole policy, built-in parts included, as a file that Parse turns
// into the same policy. Public holidays are in it by the name of their country.
func (p *Policy) Text() []byte { return slices.Clone(p.text) }

// CountsFrom says where the clock of the initial response starts: "opened", when
// the desk took the ticket, or "filed", when it went to Microsoft.
func (p *Policy) CountsFrom() string { return p.starts }

// Calendar gives the calendar that a code stands for; an empty code is the
// policy's default calendar. One that is not known is Mon-Fri 09-17 in zone,
// where no year's holidays are known; a zone that is not known either is UTC.
func (p *Policy) Calendar(code, zone string) Calendar {
	code = strings.ToLower(strings.TrimSpace(code))
	if code == "" {
		code = p.defaultCalendar
	}
	if c, known := p.calendars[code]; known {
		return c
	}
	loc, err := loadZone(zone)
	if err != nil {
		loc = time.UTC
	}
	return fallback(code, loc)
}

// CheckCalendar refuses a code that the policy has no calendar for, and names the
// nearest. An empty code is the default calendar and always right.
func (p *Policy) CheckCalendar(code string) error {
	code = strings.ToLower(strings.TrimSpace(code))
	if _, known := p.calendars[code]; known || code == "" {
		return nil
	}
	return fmt.Errorf("the policy has no calendar %q; did you mean %s? It has %s",
		code, Nearest(code, p.Calendars()), strings.Join(p.Calendars(), ", "))
}

// TakeOwn says that whoever files a request takes it.
func (p *Policy) TakeOwn() bool { return p.takeOwn }

// Calendars are the codes of all calendars of the policy, sorted.
func (p *Policy) Calendars() []string {
	return slices.Sorted(maps.Keys(p.calendars))
}

// longestAmount is the longest duration that the policy counts on a clock.
func (p *Policy) longestAmount() time.Duration {
	var longest time.Duration
	for _, rules := range []rules{p.response, p.handoff} {
		for _, target := range rules.targets {
			longest = max(longest, target.d)
		}
		longest = max(longest, rules.repeat.d)
	}
	for _, step := range p.escalate {
		longest = max(longest, step.after.d)
	}
	return max(longest, p.incident.every.d)
}

// rules gives what holds for a clock. Microsoft's own clock has the targets of
// the response and nothing else, that of an incident the same for every severity.
func (p *Policy) rules(c Clock) rules {
	switch c {
	case ClockResponse:
		return p.response
	case ClockHandoff:
		return p.handoff
	case ClockIncident:
		if p.incident.times == 0 {
			return rules{}
		}
		every := p.incident.every
		return rules{targets: map[string]amount{"A": every, "B": every, "C": every, noncritical: every}}
	}
	return rules{targets: p.response.targets}
}

// shortDuration writes 2h0m0s as 2h.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
