package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/sla"
)

// dueCommand says when a first response is due. It needs no database and no
// registration.
type dueCommand struct {
	Severity string `placeholder:"A" help:"A, B, C or noncritical; needed for technical requests, which alone have A, B and C."`
	Kind     string `help:"technical, billing, subscription or fraud." default:"technical" enum:"technical,billing,subscription,fraud"`
	Language string `help:"Language of support, a BCP 47 tag or a name; xx is any that is not English." default:"en"`
	Calendar string `help:"The customer's calendar code. Default: the policy's default calendar."`
	Zone     string `help:"The customer's IANA zone: Mon-Fri 09-17 there, where neither --calendar nor the policy names a calendar."`
	Opened   string `required:"" placeholder:"TIME" help:"When the clock started, RFC 3339, such as 2026-11-24T16:00:00+01:00."`
	Clock    string `help:"response or handoff." default:"response" enum:"response,handoff"`
}

// Run prints the due instant in UTC on the first line, or none, then why.
func (d dueCommand) Run(c console, s settings) error {
	opened, err := time.Parse(time.RFC3339, d.Opened)
	if err != nil {
		return wrongUsage{fmt.Errorf("--opened is %q; it is a time with an offset, such as 2026-11-24T16:00:00+01:00", d.Opened)}
	}
	policy, err := policyOf(s.SLAPolicy)
	if err != nil {
		return err
	}
	terms, err := d.terms(policy)
	if err != nil {
		return wrongUsage{err}
	}
	explain(c.out, policy, policy.Start(sla.Clock(d.Clock), terms, opened))
	return nil
}

// anyOther stands for whatever language is not English.
const anyOther = "xx"

// terms reads what decides how the clock runs, and refuses what nobody knows.
func (d dueCommand) terms(policy *sla.Policy) (terms sla.Terms, err error) {
	terms = sla.Terms{Kind: d.Kind, Calendar: d.Calendar, Language: d.Language}
	if terms.Severity, err = d.severity(); err != nil {
		return terms, err
	}
	if d.Language != anyOther {
		if terms.Language, err = customer.ReadLanguage(d.Language); err != nil {
			return terms, fmt.Errorf("--language: %w", err)
		}
	}
	if err := policy.CheckCalendar(d.Calendar); err != nil {
		return terms, fmt.Errorf("--calendar: %w", err)
	}
	if d.Zone != "" {
		zone, err := sla.Zone(d.Zone)
		if err != nil {
			return terms, fmt.Errorf("--zone: %w", err)
		}
		terms.Zone = zone.String()
	}
	return terms, nil
}

// severity reads what was given in any letter case. What is not technical has
// none and counts as noncritical (R33).
func (d dueCommand) severity() (string, error) {
	if d.Kind != "technical" {
		if d.Severity == "" || d.Severity == "-" || strings.EqualFold(d.Severity, "noncritical") {
			return "noncritical", nil
		}
		return "", fmt.Errorf("--severity %s and --kind %s do not go together: only technical requests have a severity; leave one of them out", d.Severity, d.Kind)
	}
	for _, known := range []string{"A", "B", "C", "noncritical"} {
		if strings.EqualFold(d.Severity, known) {
			return known, nil
		}
	}
	return "", fmt.Errorf("--severity is %q; it can be A, B, C or noncritical", d.Severity)
}

// explain prints a due time and why, in the calendar's zone. An offset that the
// opening time was given with is not shown again: it is no place, and wrong after
// the next change of the clock there.
func explain(w io.Writer, policy *sla.Policy, run sla.Run) {
	if run.None() {
		fmt.Fprintln(w, "none")
		fmt.Fprintln(w, "the policy has no target for this")
		return
	}
	why := policy.Explain(run)
	fmt.Fprintln(w, run.Due.UTC().Format(time.RFC3339Nano))
	fmt.Fprintf(w, "\nin %s: %s\n", why.Zone, run.Due.In(why.Zone).Format(readable))
	clock := "wall clock: nights, weekends and holidays count"
	switch {
	case run.Mode == sla.Business && run.Calendar == "":
		clock = "business clock, Mon-Fri 09-17: no calendar was named"
	case run.Mode == sla.Business:
		clock = "business clock, calendar " + run.Calendar
	}
	fmt.Fprintf(w, "budget %s (%s), %s\n", budget(run), run.Basis, clock)
	skipped := why.Skipped
	for _, span := range why.Counted {
		for len(skipped) > 0 && skipped[0].Date.Before(span.From) {
			skip(w, skipped[0])
			skipped = skipped[1:]
		}
		fmt.Fprintf(w, "  counted %s to %s: %s, %s left\n", span.From.Format(readable), span.To.Format(readable), span.Length(), span.Left)
	}
	for _, day := range skipped {
		skip(w, day)
	}
	if run.HolidaysUnknown {
		fmt.Fprintln(w, "holidays unknown: not all closed days of these years are known, so some may have counted")
	}
}

// skip prints a day on which nothing counted.
func skip(w io.Writer, day sla.Day) {
	fmt.Fprintf(w, "  skipped %s: %s\n", day.Date.Format("Mon 2006-01-02"), closure(day))
}

// readable is how the tools for operators write an instant.
const readable = "Mon 2006-01-02 15:04:05 -07:00"

func budget(run sla.Run) string {
	if run.BusinessDay {
		return fmt.Sprintf("one business day = %s", run.Budget)
	}
	return run.Budget.String()
}

// closure says why nobody works on a day.
func closure(day sla.Day) string {
	if day.Name != "" {
		return fmt.Sprintf("%s (%s)", day.Closed, day.Name)
	}
	return string(day.Closed)
}

// policyOf loads the desk's own policy, or the built-in one.
func policyOf(path string) (*sla.Policy, error) {
	if path == "" {
		return sla.BuiltIn(), nil
	}
	return sla.Load(path)
}
