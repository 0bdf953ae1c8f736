package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/graph"
	"onbehalf/bot/sla"
	"onbehalf/bot/store"
	"onbehalf/bot/teams"
	"onbehalf/manifest"
)

// doctorCommand checks what an operator can get wrong, and says what to mend.
type doctorCommand struct {
	Calendars bool   `help:"Print the next seven days of each calendar too."`
	Package   string `placeholder:"FILE.zip" help:"Say what differs between this app package and the bot as it is set up here."`
}

// patience is how long the doctor waits for each thing that lies elsewhere.
const patience = 15 * time.Second

// Run checks everything, whatever failed before, and fails when anything did. The
// verdict is the last line, below all that it sums up.
func (command doctorCommand) Run(c console, s settings) error {
	cfg, err := s.config()
	policy, noPolicy := policyOf(s.SLAPolicy)
	if command.Calendars && policy != nil {
		week(c.out, policy, time.Now())
	}
	d := &doctor{out: c.out}
	d.say("configuration", "", err)
	d.say("conversations", "", s.conversations())
	behind, noDatabase := databaseHealth(c.ctx, s.database())
	d.say("database", behind, noDatabase)
	d.say("policy", cmp.Or(s.SLAPolicy, "built in"), noPolicy)
	if policy != nil && noDatabase == nil {
		d.say("customers", "", calendarsHealth(c.ctx, s.database(), policy))
		d.say("reach", "", reachHealth(c.ctx, cfg))
		waiting, err := messagesHealth(c.ctx, cfg)
		d.say("messages", waiting, err)
		read, err := rowsHealth(c.ctx, s.database())
		d.say("rows", read, err)
	}
	switch {
	case cfg.Cloud.Name == "":
		fmt.Fprintln(c.out, "skip  signing keys, token endpoint, package: mend CLOUD first")
	case !cfg.Registered():
		fmt.Fprintln(c.out, "skip  signing keys, token endpoint, package: MICROSOFT_APP_ID is not set, only this machine is served")
	default:
		d.credential(cfg.Credential, time.Now())
		d.say("signing keys", cfg.MetadataURL, keysHealth(c.ctx, cfg))
		d.say("clock", "", clockHealth(c.ctx, cfg))
		noToken := tokenHealth(c.ctx, cfg)
		d.say("token endpoint", cfg.LoginURL, noToken)
		if noToken == nil {
			d.say("audience", audienceHealth(c.ctx, cfg), nil)
		}
		if cfg.GraphURL != "" && noDatabase == nil {
			detail, err := graphHealth(c.ctx, cfg)
			d.say("Microsoft Graph", detail, err)
			detail, err = incidentsHealth(c.ctx, cfg)
			d.say("known incidents", detail, err)
		}
		if len(cfg.CertificateHosts) > 0 && noDatabase == nil {
			detail, err := eventsHealth(c.ctx, cfg)
			d.say("Partner Center events", detail, err)
		}
		d.say("package", "", manifest.Write(io.Discard, plainPackage.app(s)))
		if command.Package != "" {
			detail, err := packageHealth(command.Package, s)
			d.say("package file", detail, err)
		}
	}
	if d.ill > 0 {
		return fmt.Errorf("%d things must be mended, see MEND above", d.ill)
	}
	fmt.Fprintln(c.out, "\nall is well")
	return nil
}

// plainPackage is a package whose desk has given nothing of its own.
var plainPackage = manifestCommand{Developer: "onbehalf", Website: manifest.Placeholder, Privacy: manifest.Placeholder, Terms: manifest.Placeholder}

// packageHealth compares a package file with the bot as it is set up here. Every
// difference is a line of the error; a version of its own is none, Teams only wants
// that it rises.
func packageHealth(path string, s settings) (detail string, err error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	found, err := manifest.Compare(file, plainPackage.app(s))
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	var problems []error
	for i, difference := range found.Differences {
		if i == differencesMost {
			problems = append(problems, fmt.Errorf("%d more differences", len(found.Differences)-i))
			break
		}
		problems = append(problems, errors.New(difference))
	}
	if len(problems) > 0 {
		problems = append(problems, fmt.Errorf("write it again with onbehalf manifest and a --version above %s, and upload it", oneLine(found.Version)))
	}
	if found.Placeholders {
		problems = append(problems, fmt.Errorf("pages beside the app still lead to %s: give --website, --privacy and --terms", manifest.Placeholder))
	}
	detail = path + ", version " + oneLine(found.Version)
	if own := packageVersion(); own != "" && own != found.Version {
		detail += ", this program is " + own
	}
	return detail, errors.Join(problems...)
}

// differencesMost is how many differences of a package are named.
const differencesMost = 12

// doctor collects findings.
type doctor struct {
	out io.Writer
	ill int // how many things must be mended
}

// say prints one finding; each line of err is one thing to mend.
func (d *doctor) say(what, detail string, err error) {
	if err == nil {
		fmt.Fprintln(d.out, strings.TrimRight("ok    "+what+" "+detail, " "))
		return
	}
	for line := range strings.SplitSeq(strings.TrimSpace(err.Error()), "\n") {
		d.ill++
		fmt.Fprintf(d.out, "MEND  %s: %s\n", what, line)
	}
}

// credential says how the bot signs in. What cannot be read is a finding of the
// configuration already.
func (d *doctor) credential(c teams.Credential, now time.Time) {
	if c == nil {
		return
	}
	text, soon, err := describeCredential(c, now)
	if soon {
		fmt.Fprintf(d.out, "SOON  credential: %s: make a new one, upload its public part to the app registration, and replace the file\n", text)
		return
	}
	d.say("credential", text, err)
}

// databaseHealth looks at the database as it is; it changes nothing. The detail says what
// stands before it and makes it slower.
func databaseHealth(ctx context.Context, url string) (detail string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok && path != "" {
		// Opening it would make the file.
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s does not exist yet: run onbehalf migrate", path)
		}
	}
	st, err := store.Open(ctx, url)
	if err != nil {
		return "", err
	}
	defer st.Close()
	if st.Unprepared {
		detail = "behind a pooler that keeps no prepared statements: all works, and pgbouncer 1.21 or newer with max_prepared_statements is faster"
	}
	if err := st.Fits(ctx); err != nil {
		return "", err
	}
	return detail, databaseClock(st.Clock().Sub(st.Now()))
}

// calendarsHealth looks for customers whose calendar is not in the policy any
// more. Their clocks run Mon-Fri 09-17 in their zone, with holidays unknown.
func calendarsHealth(ctx context.Context, url string, policy *sla.Policy) error {
	st, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	defer st.Close()
	var gone []string
	err = st.EachCustomer(ctx, func(c customer.Customer) error {
		if c.Status != "left" && policy.CheckCalendar(c.Calendar) != nil {
			gone = append(gone, fmt.Sprintf("%s (%s)", oneLine(c.Name), c.Calendar))
		}
		return nil
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	more := ""
	if len(gone) > goneMost {
		more = fmt.Sprintf(" and %d more", len(gone)-goneMost)
		gone = gone[:goneMost]
	}
	return fmt.Errorf("the policy has no calendar for %s%s: they get Mon-Fri 09-17 in their zone, holidays unknown; import them with another calendar, or add it to the policy", strings.Join(gone, ", "), more)
}

// goneMost is how many customers one finding names.
const goneMost = 10

func keysHealth(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return (&teams.Verifier{AppID: cfg.AppID, Issuer: cfg.Issuer, MetadataURL: cfg.MetadataURL}).Warm(ctx)
}

func tokenHealth(ctx context.Context, cfg Config) error {
	if cfg.Credential == nil {
		return errors.New("there is nothing to sign in with, see configuration")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := cfg.tokens().Token(ctx)
	return err
}

// graphHealth says when customers and rights last came from Microsoft Graph, and asks it
// for the first of them.
func graphHealth(ctx context.Context, cfg Config) (detail string, err error) {
	st, err := store.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return "", err
	}
	defer st.Close()
	last, err := st.LastRun(ctx, graph.Source)
	if err != nil {
		return "", err
	}
	detail = "never brought customers yet"
	if !last.Succeeded.IsZero() {
		detail = fmt.Sprintf("as of %s, %d customers", last.Succeeded.Format(time.RFC3339), last.Result.Customers)
	}
	if others := slices.DeleteFunc(slices.Clone(cfg.PartnerTenants), func(tenant string) bool { return strings.EqualFold(tenant, cfg.AppTenant) }); len(others) > 0 {
		detail += "; customers of these PARTNER_TENANTS are not read, only those of MICROSOFT_APP_TENANT_ID: " + strings.Join(others, ", ")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = explainGraph(cfg.graphSync(st, slog.New(slog.DiscardHandler)).Client.Reach(ctx))
	if err == nil && last.Result.Empty {
		err = errors.New("the last run found nothing, although there were relationships before, so everything was kept as it was: Microsoft answers so where the app may not see them; look in Partner Center whether they are still there")
	}
	return detail, err
}

// week prints each calendar's next seven days, so that a slip in the hours or a
// missing holiday is seen before it costs a deadline.
func week(w io.Writer, policy *sla.Policy, now time.Time) {
	fmt.Fprintln(w, "the next seven days by calendar:")
	for _, code := range policy.Calendars() {
		calendar := policy.Calendar(code, "")
		fmt.Fprintf(w, "%s (%s)\n", code, calendar.Zone())
		for _, day := range calendar.NextDays(now, 7) {
			fmt.Fprintf(w, "  %s  %s\n", day.Date.Format("Mon 2006-01-02"), hours(day))
		}
	}
	fmt.Fprintln(w)
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
