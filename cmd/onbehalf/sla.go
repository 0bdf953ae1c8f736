package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"onbehalf/bot/sla"
)

// dueCommand says when a first response is due. It needs no database and no
// registration.
type dueCommand struct {
	Severity string `placeholder:"A" help:"A, B, C or noncritical; needed for technical requests."`
	Kind     string `help:"technical, billing, subscription or fraud." default:"technical" enum:"technical,billing,subscription,fraud"`
	Language string `help:"Language of support, a BCP 47 tag." default:"en"`
	Calendar string `help:"The customer's calendar code. Default: the policy's default calendar."`
	Zone     string `help:"The customer's IANA zone, for a calendar that is not known."`
	Opened   string `required:"" placeholder:"TIME" help:"When the clock started, RFC 3339, such as 2026-11-24T16:00:00+01:00."`
	Clock    string `help:"response or handoff." default:"response" enum:"response,handoff"`
}

// Run prints the due instant in UTC on the first line, or none, then why.
func (d dueCommand) Run(c console, s settings) error {
	opened, err := time.Parse(time.RFC3339, d.Opened)
	if err != nil {
		return wrongUsage{fmt.Errorf("--opened is %q; it is a time with an offset, such as 2026-11-24T16:00:00+01:00", d.Opened)}
	}
	severity, err := d.severity()
	if err != nil {
		return wrongUsage{err}
	}
	policy, err := policyOf(s.SLAPolicy)
	if err != nil {
		return err
	}
	terms := sla.Terms{Kind: d.Kind, Severity: severity, Language: d.Language, Calendar: d.Calendar, Zone: d.Zone}
	explain(c.out, policy, policy.Start(sla.Clock(d.Clock), terms, opened), opened.Location())
	return nil
}

// severity reads what was given in any letter case. What is not technical has
// none and counts as noncritical.
func (d dueCommand) severity() (string, error) {
	for _, known := range []string{"A", "B", "C", "noncritical"} {
		if strings.EqualFold(d.Severity, known) {
			return known, nil
		}
	}
	if d.Kind != "technical" && (d.Severity == "" || d.Severity == "-") {
		return "noncritical", nil
	}
	return "", fmt.Errorf("--severity is %q; it can be A, B, C or noncritical", d.Severity)
}

// explain prints a due time and why, in the calendar's zone and in that of the
// one who asked where it differs.
func explain(w io.Writer, policy *sla.Policy, run sla.Run, asker *time.Location) {
	if run.None() {
		fmt.Fprintln(w, "none")
		fmt.Fprintln(w, "the policy has no target for this")
		return
	}
	why := policy.Explain(run)
	fmt.Fprintln(w, run.Due.UTC().Format(time.RFC3339Nano))
	fmt.Fprintf(w, "\nin %s: %s\n", why.Zone, run.Due.In(why.Zone).Format(readable))
	differs := func(t time.Time) bool { return t.In(asker).Format(readable) != t.In(why.Zone).Format(readable) }
	if differs(run.Due) {
		fmt.Fprintf(w, "where it was opened: %s\n", run.Due.In(asker).Format(readable))
	}
	clock := "wall clock: nights, weekends and holidays count"
	if run.Mode == sla.Business {
		clock = "business clock, calendar " + run.Calendar
	}
	fmt.Fprintf(w, "budget %s (%s), %s\n", budget(run), run.Basis, clock)
	for _, span := range why.Counted {
		fmt.Fprintf(w, "  counted %s to %s: %s, %s left\n", span.From.Format(readable), span.To.Format(readable), span.Length(), span.Left)
		if differs(span.From) || differs(span.To) {
			fmt.Fprintf(w, "          where it was opened: %s to %s\n", span.From.In(asker).Format(readable), span.To.In(asker).Format(readable))
		}
	}
	for _, day := range why.Skipped {
		fmt.Fprintf(w, "  skipped %s: %s\n", day.Date.Format("Mon 2006-01-02"), closure(day))
	}
	if run.HolidaysUnknown {
		fmt.Fprintln(w, "holidays unknown: every weekday counted as a working day")
	}
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
