package sla

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// render writes the whole policy as a file that is read as the same policy by
// this program and by later ones, whatever is built into them then.
func (p *Policy) render() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "complete: true\nenglish: %s\n", p.english)
	if p.defaultCalendar != "" {
		fmt.Fprintf(&b, "default_calendar: %q\n", p.defaultCalendar)
	}
	if p.takeOwn {
		b.WriteString("take_own: true\n")
	}
	fmt.Fprintf(&b, "clocks:\n  response:\n    starts: %s\n", p.starts)
	p.response.render(&b)
	b.WriteString("  handoff:\n")
	p.handoff.render(&b)
	if len(p.escalate) == 0 {
		b.WriteString("escalate: []\n")
	} else {
		b.WriteString("escalate:\n")
	}
	for _, s := range p.escalate {
		fmt.Fprintf(&b, "  - {after: %s, to: [%s]}\n", s.after, strings.Join(s.to, ", "))
	}
	if p.incident.times > 0 {
		fmt.Fprintf(&b, "incident: {remind: %s, times: %d}\n", p.incident.every, p.incident.times)
	}
	b.WriteString("calendars:\n")
	for _, name := range p.Calendars() {
		fmt.Fprintf(&b, "  %q: {%s}\n", name, p.calendars[name].render())
	}
	return b.Bytes()
}

func (r rules) render(b *bytes.Buffer) {
	var targets, warn []string
	for _, severity := range []string{"A", "B", "C", noncritical} {
		if target, promised := r.targets[severity]; promised {
			targets = append(targets, severity+": "+target.String())
		}
	}
	for _, w := range r.warn {
		warn = append(warn, w.String())
	}
	fmt.Fprintf(b, "    targets: {%s}\n    warn: [%s]\n", strings.Join(targets, ", "), strings.Join(warn, ", "))
	if r.repeat != (amount{}) {
		fmt.Fprintf(b, "    repeat: %s\n    repeats: %d\n", r.repeat, r.repeats)
	}
}

func (c Calendar) render() string {
	var days []string
	for day, windows := range c.week {
		if len(windows) > 0 {
			days = append(days, fmt.Sprintf("%s: [%s]", weekdays[day], renderWindows(windows)))
		}
	}
	keys := []string{
		fmt.Sprintf("zone: %q", c.zone),
		fmt.Sprintf("hours: {%s}", strings.Join(days, ", ")),
	}
	if c.lawName != "" {
		keys = append(keys, fmt.Sprintf("holidays: %q", c.lawName))
	}
	if c.closed != nil {
		keys = append(keys, "closed: "+renderDates(c.closed))
	}
	if c.open != nil {
		keys = append(keys, "open: "+renderDates(c.open))
	}
	if c.hoursOn != nil {
		keys = append(keys, "hours_on: "+renderHoursOn(c.hoursOn))
	}
	return strings.Join(keys, ", ")
}

func renderDates(dates map[date]bool) string {
	var texts []string
	for _, day := range slices.Sorted(maps.Keys(dates)) {
		texts = append(texts, day.String())
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func renderWindows(windows []window) string {
	texts := make([]string, len(windows))
	for i, w := range windows {
		texts[i] = strconv.Quote(w.String())
	}
	return strings.Join(texts, ", ")
}

func renderHoursOn(dates map[date][]window) string {
	var texts []string
	for _, day := range slices.Sorted(maps.Keys(dates)) {
		texts = append(texts, fmt.Sprintf("%s: [%s]", day, renderWindows(dates[day])))
	}
	return "{" + strings.Join(texts, ", ") + "}"
}
