package main

import (
	"fmt"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// reportCommand prints the numbers of a period.
type reportCommand struct {
	From string `required:"" placeholder:"DATE" help:"First day, such as 2026-11-16."`
	To   string `required:"" placeholder:"DATE" help:"Last day."`
	Zone string `default:"UTC" help:"IANA zone in which the days begin and end."`
}

// Run prints them as CSV; both days are part of the period.
func (r reportCommand) Run(c console, s settings) error {
	zone, err := sla.Zone(r.Zone)
	if err != nil {
		return wrongUsage{fmt.Errorf("--zone: %w", err)}
	}
	from, err := day("--from", r.From, zone)
	if err != nil {
		return err
	}
	to, err := day("--to", r.To, zone)
	if err != nil {
		return err
	}
	if to.Before(from) {
		return wrongUsage{fmt.Errorf("--to (%s) lies before --from (%s)", r.To, r.From)}
	}
	st, err := openMigrated(c.ctx, s.database())
	if err != nil {
		return err
	}
	defer st.Close()
	report, err := (&request.Desk{Now: time.Now}).ReportForAll(c.ctx, st, from, to.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	return report.WriteCSV(c.out)
}

// day reads a date as the beginning of that day.
func day(flag, text string, zone *time.Location) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return at, wrongUsage{fmt.Errorf("%s is %q; it is a date, such as 2026-11-16", flag, text)}
	}
	return at, nil
}
