package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"onbehalf/bot/sla"
	"onbehalf/bot/store"
	"onbehalf/bot/teams"
	"onbehalf/manifest"
)

// doctorCommand checks what an operator can get wrong, and says what to mend.
type doctorCommand struct{}

// errAdvice ends the doctor's report when something must be mended.
var errAdvice = errors.New("something must be mended, see above")

// patience is how long the doctor waits for each thing that lies elsewhere.
const patience = 15 * time.Second

// Run checks everything, whatever failed before, and fails when anything did.
func (doctorCommand) Run(c console, s settings) error {
	cfg, err := s.config()
	d := &doctor{out: c.out}
	d.say("configuration", "", err)
	d.say("database", "", databaseHealth(c.ctx, s.database()))
	policy, err := policyOf(s.SLAPolicy)
	d.say("policy", cmp.Or(s.SLAPolicy, "built in"), err)
	switch {
	case cfg.Cloud.Name == "":
		fmt.Fprintln(c.out, "skip  signing keys, token endpoint, package: mend CLOUD first")
	case !cfg.Registered():
		fmt.Fprintln(c.out, "skip  signing keys, token endpoint, package: MICROSOFT_APP_ID is not set, only this machine is served")
	default:
		d.say("signing keys", cfg.MetadataURL, keysHealth(c.ctx, cfg))
		d.say("token endpoint", cfg.LoginURL, tokenHealth(c.ctx, cfg))
		d.say("package", "", manifest.Write(io.Discard, manifestCommand{
			Developer: "onbehalf", Website: "https://example.org", Privacy: "https://example.org", Terms: "https://example.org",
		}.app(s)))
	}
	if policy != nil {
		week(c.out, policy, time.Now())
	}
	if d.ill {
		return errAdvice
	}
	return nil
}

// doctor collects findings.
type doctor struct {
	out io.Writer
	ill bool
}

// say prints one finding; each line of err is one thing to mend.
func (d *doctor) say(what, detail string, err error) {
	if err == nil {
		fmt.Fprintln(d.out, strings.TrimRight("ok    "+what+" "+detail, " "))
		return
	}
	d.ill = true
	for line := range strings.SplitSeq(strings.TrimSpace(err.Error()), "\n") {
		fmt.Fprintf(d.out, "MEND  %s: %s\n", what, line)
	}
}

// databaseHealth looks at the database as it is; it changes nothing.
func databaseHealth(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok && path != "" {
		// Opening it would make the file.
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s does not exist yet: run onbehalf migrate", path)
		}
	}
	st, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	defer st.Close()
	return st.Fits(ctx)
}

func keysHealth(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return (&teams.Verifier{AppID: cfg.AppID, Issuer: cfg.Issuer, MetadataURL: cfg.MetadataURL}).Warm(ctx)
}

func tokenHealth(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := cfg.tokens().Token(ctx)
	return err
}

// week prints each calendar's next seven days, so that a slip in the hours or a
// missing holiday is seen before it costs a deadline.
func week(w io.Writer, policy *sla.Policy, now time.Time) {
	fmt.Fprintln(w, "\nthe next seven days by calendar:")
	for _, code := range policy.Calendars() {
		calendar := policy.Calendar(code, "")
		fmt.Fprintf(w, "%s (%s)\n", code, calendar.Zone())
		for _, day := range calendar.NextDays(now, 7) {
			fmt.Fprintf(w, "  %s  %s\n", day.Date.Format("Mon 2006-01-02"), hours(day))
		}
	}
}

// hours writes a day's windows, or why there are none.
func hours(day sla.Day) string {
	if len(day.Windows) == 0 {
		return closure(day)
	}
	parts := make([]string, len(day.Windows))
	for i, window := range day.Windows {
		zone := day.Date.Location()
		closes := window.To.In(zone).Format("15:04")
		if closes == "00:00" {
			closes = "24:00"
		}
		parts[i] = window.From.In(zone).Format("15:04") + "-" + closes
	}
	text := strings.Join(parts, ", ")
	if day.HolidaysUnknown {
		text += "  (holidays unknown)"
	}
	return text
}
