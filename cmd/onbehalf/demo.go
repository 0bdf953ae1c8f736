package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"onbehalf/bot/customer"
)

// demoCommand runs everything on one machine with nothing registered.
type demoCommand struct {
	Fresh        bool `help:"Forget the tickets of earlier runs."`
	NoPlayground bool `help:"Serve the bot alone."`
	Port         int  `default:"56150" help:"Port of the Playground."`
}

const (
	// demoTenant is the tenant of the Playground's sample people.
	demoTenant = "7d0b2f3e-6f0f-4a6d-8f3c-2c1b9a7e4d55"
	// sampleDay is the day that the dates of the sample customers are told from.
	sampleDay = "2026-11-22"
)

// toTry are lines that work with the sample customers.
var toTry = []string{
	"new Tailwind Traders azure B VMs in West Europe do not start",
	"list open",
	"rights",
	"help",
}

//go:embed sample/customers.csv
var sampleCustomers []byte

// Run serves bot and Playground until it is told to stop. What the environment
// says of a registration, a cloud or a database is left aside: the demo talks to
// this machine only, and keeps its sample customers out of a desk's own database.
func (d demoCommand) Run(c console, s settings) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return fmt.Errorf("find a place for the demo: %w", err)
	}
	fmt.Fprintln(c.out, "Starting the demo: database and sample customers first, then the bot, then the Playground.")
	cache = filepath.Join(cache, "onbehalf")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return fmt.Errorf("make a place for the demo: %w", err)
	}
	cfg, err := d.config(s, cache)
	if err != nil {
		return err
	}
	// A demo that runs already has the address: its database is not touched.
	l, err := listen(c.ctx, cfg)
	if err != nil {
		return err
	}
	if err := d.prepare(c, cfg, cache); err != nil {
		l.close()
		if c.ctx.Err() != nil {
			return nil
		}
		return err
	}
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	log := cfg.logger(c.err)
	served := make(chan error, 1)
	go func() { served <- serve(ctx, cfg, l, log); stop() }()

	endpoint := "http://" + l.public.Addr().String() + "/api/messages"
	fmt.Fprintf(c.out, "the bot listens on %s\n", endpoint)
	var gone error
	if p := d.openPlayground(ctx, c, cache, endpoint); p != nil {
		gone = p.Wait() // it ends with ctx
		p.Stop()        // and what it started with it
		stop()
	}
	return errors.Join(<-served, gone)
}

// config is the demo's configuration: without a registration, and with the
// Playground's tenant as the partner's.
func (d demoCommand) config(s settings, cache string) (Config, error) {
	return settings{
		ListenAddr: s.ListenAddr, AdminAddr: s.AdminAddr, PublicURL: s.PublicURL, DatabaseURL: "sqlite:" + filepath.Join(cache, "demo.db"),
		PartnerTenants: demoTenant, Leads: s.Leads, LeadsFile: s.LeadsFile,
		DeskConversation: s.DeskConversation, EscalationConversation: s.EscalationConversation,
		TeamsTenantRate: s.TeamsTenantRate, SLAPolicy: s.SLAPolicy, LogLevel: s.LogLevel, LogFormat: s.LogFormat,
	}.config()
}

// prepare forgets what is to be forgotten and brings in the sample customers.
func (d demoCommand) prepare(c console, cfg Config, cache string) error {
	if d.Fresh {
		for _, name := range []string{"demo.db", "demo.db-wal", "demo.db-shm"} {
			if err := os.Remove(filepath.Join(cache, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("forget the earlier demo: %w", err)
			}
		}
	}
	day, err := time.Parse(time.DateOnly, sampleDay)
	if err != nil {
		return err
	}
	older := int(time.Since(day).Hours() / 24)
	sample, err := customer.ReadCustomers(bytes.NewReader(sampleCustomers), customer.ImportOptions{Days: older})
	if err != nil || len(sample.Faults) > 0 {
		return fmt.Errorf("read the sample customers: %d bad rows: %w", len(sample.Faults), err)
	}
	demoRights(sample.Customers, time.Now())
	st, err := openMigrated(c.ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	defer st.Close()
	if _, _, err := st.PutCustomers(c.ctx, sample.Customers); err != nil {
		return fmt.Errorf("keep the sample customers: %w", err)
	}
	fmt.Fprintf(c.out, "%d sample customers are ready\n", len(sample.Customers))
	return nil
}

// openPlayground starts the Playground beside the bot and says where it is. It
// gives nil where the bot goes on alone.
func (d demoCommand) openPlayground(ctx context.Context, c console, cache, endpoint string) *playground {
	if d.NoPlayground {
		fmt.Fprintln(c.out, "the bot is served alone; Ctrl-C ends it")
		return nil
	}
	p, err := startPlayground(ctx, endpoint, d.Port, cache, c.out)
	if err != nil {
		if ctx.Err() == nil {
			fmt.Fprintf(c.err, "onbehalf: %v\nthe bot is served alone; Ctrl-C ends it\n", err)
		}
		return nil
	}
	if wanted := strconv.Itoa(d.Port); !strings.HasSuffix(p.URL, ":"+wanted) {
		fmt.Fprintf(c.out, "port %s is in use by %s, so the Playground took another one\n", wanted, cmp.Or(holder(wanted), "another program"))
	}
	fmt.Fprintf(c.out, "\nopen %s and type: new\n\nOr try one of these:\n\n", p.URL)
	for _, line := range toTry {
		fmt.Fprintf(c.out, "    %s\n", line)
	}
	fmt.Fprint(c.out, "\nThe Playground's box for customers drops blanks while one types: one word of the name is enough there.\n"+
		"The Playground listens on all addresses of this machine, so others in your network can open it too.\n"+
		"Ctrl-C ends everything.\n")
	return p
}

// demoRights gives some of the sample customers delegated admin relationships, as they
// come from Microsoft elsewhere: one of each kind that "rights" speaks of.
func demoRights(all []customer.Customer, now time.Time) {
	const reader = "f2ef992c-3afb-46b9-b7cf-a126ee74c451" // Global Reader
	in := func(days int) time.Time { return now.UTC().Truncate(time.Second).AddDate(0, 0, days) }
	active := func(days int, roles ...string) customer.Relationship {
		return customer.Relationship{Status: "active", End: in(days), Roles: roles}
	}
	support := customer.ServiceSupportAdministrator
	extending, terminated := active(5, support), customer.Relationship{Status: "terminated", End: in(200), Over: in(-2)}
	extending.Extends = true
	for tenant, relationships := range map[string][]customer.Relationship{
		"e1e29208-568f-4218-bce1-0609e9f94ec3": {active(6, support)},
		"22ee091e-e4be-4d78-aabe-c259243fb7ec": {active(25, support), active(300, reader)},
		"160ef7a4-49f1-47e2-b916-e1df13d38b63": {extending},
		"f7ef2db5-b2ec-4a17-b0cb-b970378b470c": {active(300, reader)},
		"46933030-b637-48fa-ad49-c9d8a6202e8e": {terminated},
		"0286ddd3-06b8-4f46-93d8-84b676dfaf45": {{Status: "approvalpending"}},
	} {
		for i := range all {
			if all[i].TenantID != tenant {
				continue
			}
			for n := range relationships {
				relationships[n].ID = fmt.Sprintf("%s-demo-%d", tenant, n)
				relationships[n].Name = fmt.Sprintf("%s support %d", all[i].Name, n+1)
			}
			all[i].Rights = &customer.Rights{Name: all[i].Name, Relationships: relationships}
			all[i].Rights.Settle(now)
		}
	}
}
