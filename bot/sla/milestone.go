package sla

import (
	"slices"
	"strconv"
	"time"
)

// MilestoneKind is what a milestone says.
type MilestoneKind string

// The kinds of milestones, in the order in which they come at one instant.
const (
	Warn   MilestoneKind = "warn"   // it will be due
	Breach MilestoneKind = "breach" // it is due now, and has not happened
	Repeat MilestoneKind = "repeat" // it is late, and nobody has acknowledged
	Ladder MilestoneKind = "ladder" // it is late, and further people are told
	Look   MilestoneKind = "look"   // an announced incident may be over: is it still broken? (E12)
	Past   MilestoneKind = "past"   // Microsoft says that the announced incident is over: is it still broken? (E12)
	Ask    MilestoneKind = "ask"    // the ticket still waits: has the answer come?
)

// Whom a milestone speaks to. Where nobody is assigned, ToAssignee stands for the
// requester, the leads and the desk; who delivers it knows them.
const (
	ToAssignee   = "assignee"
	ToThread     = "thread"
	ToLeads      = "leads"
	ToEscalation = "escalation"
	// ToHandler is the assignee or, where nobody is assigned, the requester alone.
	// No policy names it.
	ToHandler = "handler"
)

// Milestone is one instant at which the bot speaks up by itself.
type Milestone struct {
	// Name is unique and stable for one epoch of a ticket, such as
	// "response/warn/1", "response/breach", "handoff/repeat/3", "incident/look/1" or "waiting/ask/1795856400".
	Name  string
	Clock Clock
	Kind  MilestoneKind
	// Index is the place in the policy's list or the number of the repeat, from 1;
	// 0 for a breach. Of an ask, and of an incident that is over, it is the instant in
	// Unix seconds, so that the next one has another name.
	Index int
	At    time.Time
	// Due is what the milestone is about: the instant at which the clock runs out.
	// For a look, an ask and an incident that is over it is At.
	Due time.Time
	To  []string
	// Asks is set on the last warning of a response that somebody has taken and
	// not given: it asks whether they have answered.
	Asks bool
}

// State is what of a ticket decides which milestones still stand.
type State struct {
	// The clocks; nil or a run without a target has no milestones.
	Response, Handoff, Microsoft, Incident *Run
	// IncidentOver is when Microsoft said that the announced incident is over, zero while it
	// is not: it is asked then, and no more by the clock.
	IncidentOver time.Time
	// Responded: Microsoft gave its first response, which ends response and handoff.
	Responded bool
	// Filed: it is with Microsoft, which ends handoff.
	Filed bool
	// MicrosoftResponded: that was noted as Microsoft's own, which ends Microsoft's
	// clock from filing.
	MicrosoftResponded bool
	// AskAgain is when a person wants to be asked about a ticket that waits; zero for
	// never, and for one that does not wait.
	AskAgain time.Time
	// Over: resolved, closed or cancelled, which ends everything.
	Over bool
	// WarningAcknowledged: somebody has seen a notice before the response was due,
	// so no more warnings, and no more repeats of handoff, until the breach.
	WarningAcknowledged bool
	// BreachAcknowledged: somebody has seen the breach, so no more repeats. The
	// ladder goes on until the first response.
	BreachAcknowledged bool
	// Assigned: somebody has taken the ticket. That ends nothing.
	Assigned bool
}

// Milestones gives every milestone of a ticket that its state has not ended,
// past and future, by time. Those at one instant are in a fixed order: response,
// handoff, Microsoft, incident, waiting; warning, breach, repeat, ladder; then by index.
//
// Steps of the ladder without a delay are the breach itself: it speaks to all of
// them at once, and to assignee and thread where there is no such step. Warnings
// that would come no later than the start are left out.
func (p *Policy) Milestones(s State) []Milestone {
	if s.Over {
		return nil
	}
	all := make([]Milestone, 0, 16)
	if s.Response != nil && !s.Responded {
		all = append(all, p.responseMilestones(*s.Response, s)...)
	}
	if s.Handoff != nil && !s.Responded && !s.Filed {
		all = append(all, p.handoffMilestones(*s.Handoff, s)...)
	}
	if s.Microsoft != nil && !s.MicrosoftResponded && !s.Microsoft.None() {
		all = append(all, breach(*s.Microsoft, ToAssignee, ToLeads))
	}
	if s.Incident != nil && !s.Incident.None() {
		all = append(all, p.looks(*s.Incident, s.IncidentOver)...)
	}
	if !s.AskAgain.IsZero() {
		all = append(all, ask(s.AskAgain))
	}
	slices.SortStableFunc(all, byTime)
	return all
}

// ask is the reminder of a ticket that waits.
func ask(at time.Time) Milestone {
	m := milestone(Run{Clock: ClockWaiting, Due: at}, Ask, int(at.Unix()), at)
	m.To = []string{ToHandler, ToThread}
	return m
}

// AskName is the name of the reminder at an instant.
func AskName(at time.Time) string { return ask(at).Name }

// looks gives the reminders to look again. An answer or a filed request ends none
// of them: the question is whether it still fails. An incident that is over, where over is
// not zero, leaves those before that instant, and the question at it.
func (p *Policy) looks(r Run, over time.Time) []Milestone {
	all := make([]Milestone, 0, p.incident.times)
	at := r.Due
	for i := range p.incident.times {
		if i > 0 {
			if at = p.add(r, at, p.incident.every); at.IsZero() {
				break
			}
		}
		if !over.IsZero() && !at.Before(over) {
			break
		}
		m := milestone(r, Look, i+1, at)
		m.Due, m.To = at, []string{ToHandler, ToThread}
		all = append(all, m)
	}
	if !over.IsZero() {
		m := milestone(r, Past, int(over.Unix()), over)
		m.Due, m.To = over, []string{ToHandler, ToThread}
		all = append(all, m)
	}
	return all
}

func (p *Policy) responseMilestones(r Run, s State) []Milestone {
	if r.None() {
		return nil
	}
	var all []Milestone
	if !s.WarningAcknowledged {
		all = p.warnings(r)
		slices.SortStableFunc(all, byTime)
		if s.Assigned && len(all) > 0 {
			all[len(all)-1].Asks = true
		}
	}
	first := breach(r)
	var ladder []Milestone
	for i, step := range p.escalate {
		if step.after == (amount{}) {
			first.To = append(first.To, step.to...)
			continue
		}
		if at := p.add(r, r.Due, step.after); !at.IsZero() {
			m := milestone(r, Ladder, i+1, at)
			m.To = slices.Clone(step.to)
			ladder = append(ladder, m)
		}
	}
	if first.To == nil {
		first.To = []string{ToAssignee, ToThread}
	}
	first.To = unique(first.To)
	all = append(all, first)
	if !s.BreachAcknowledged {
		all = append(all, p.repeats(r, first.To)...)
	}
	return append(all, ladder...)
}

func (p *Policy) handoffMilestones(r Run, s State) []Milestone {
	if r.None() {
		return nil
	}
	var all []Milestone
	if !s.WarningAcknowledged {
		all = p.warnings(r)
	}
	all = append(all, breach(r, ToAssignee, ToThread))
	if !s.WarningAcknowledged && !s.BreachAcknowledged {
		all = append(all, p.repeats(r, []string{ToAssignee, ToThread})...)
	}
	return all
}

// warnings gives the warnings before a run is due.
func (p *Policy) warnings(r Run) []Milestone {
	var all []Milestone
	for i, w := range p.rules(r.Clock).warn {
		var at time.Time
		if w.percent > 0 {
			at = p.Add(r, r.Start, r.Budget*time.Duration(w.percent)/100)
		} else if before, in := p.before(r, w.before); in {
			at = before
		}
		if at.After(r.Start) && at.Before(r.Due) {
			m := milestone(r, Warn, i+1, at)
			m.To = []string{ToAssignee, ToThread}
			all = append(all, m)
		}
	}
	return all
}

// repeats gives the reminders after a run was due.
func (p *Policy) repeats(r Run, to []string) []Milestone {
	rules := p.rules(r.Clock)
	if rules.repeat == (amount{}) {
		return nil
	}
	var all []Milestone
	at := r.Due
	for i := range rules.repeats {
		if at = p.add(r, at, rules.repeat); at.IsZero() {
			break
		}
		m := milestone(r, Repeat, i+1, at)
		m.To = slices.Clip(to)
		all = append(all, m)
	}
	return all
}

func byTime(a, b Milestone) int { return a.At.Compare(b.At) }

func milestone(r Run, kind MilestoneKind, index int, at time.Time) Milestone {
	name := string(r.Clock) + "/" + string(kind)
	if index > 0 {
		name += "/" + strconv.Itoa(index)
	}
	return Milestone{Name: name, Clock: r.Clock, Kind: kind, Index: index, At: at, Due: r.Due}
}

func breach(r Run, to ...string) Milestone {
	m := milestone(r, Breach, 0, r.Due)
	m.To = to
	return m
}

// unique drops what was said before.
func unique(to []string) []string {
	var once []string
	for _, place := range to {
		if !slices.Contains(once, place) {
			once = append(once, place)
		}
	}
	return once
}
