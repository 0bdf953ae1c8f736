package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"onbehalf/bot/customer"
	"onbehalf/bot/store"
)

// importCommand adds and updates customers.
type importCommand struct {
	File     string `arg:"" name:"file.csv" help:"CSV with a header row; tenant_id, company_name and primary_domain are required. Partner Center's own export is taken as it is."`
	SkipBad  bool   `help:"Import the good rows although others are bad."`
	DryRun   bool   `help:"Say what would change, and change nothing."`
	Complete bool   `help:"The file has all customers: who is missing from it has left."`
}

// Run reports every bad row by its line and imports nothing when there is one,
// unless SkipBad is set.
func (i importCommand) Run(c console, s settings) error {
	read, err := i.read(s)
	if err != nil {
		return err
	}
	lines := map[int]bool{} // a row may have several faults
	for _, row := range read.Faults {
		lines[row.Line] = true
		fmt.Fprintf(c.err, "%s: %v\n", i.File, row)
	}
	switch {
	case len(lines) > 0 && !i.SkipBad:
		return fmt.Errorf("%d bad rows, nothing was imported: mend them, or give --skip-bad", len(lines))
	case len(lines) > 0 && i.Complete:
		return fmt.Errorf("%d bad rows, nothing was imported: with --complete a bad row could be a customer who has not left; mend them", len(lines))
	case len(read.Customers) == 0 && i.Complete:
		return errors.New("the file has no customers, nothing was changed: with --complete all would have left")
	}

	st, err := i.open(c.ctx, s.database())
	if err != nil {
		return err
	}
	if st != nil {
		defer st.Close()
	}
	plan, err := planOf(c.ctx, st, read, i.Complete, append(list(s.PartnerTenants), strings.ToLower(s.AppTenant)))
	if err != nil {
		return err
	}
	notes(c.out, read)
	if plan.Renamed > 0 {
		fmt.Fprintf(c.out, "note: Microsoft has another name for %d of these customers than the file; Microsoft's was kept\n", plan.Renamed)
	}
	if i.DryRun {
		changes(c.out, plan)
		fmt.Fprintf(c.out, "%s; nothing was changed\n", counts(plan, len(lines), "would be "))
		return nil
	}
	if all := plan.Customers(); len(all) > 0 {
		if _, _, err := st.PutCustomers(c.ctx, all); err != nil {
			return fmt.Errorf("keep the customers: %w", err)
		}
		fmt.Fprintln(c.out, counts(plan, len(lines), ""))
		return nil
	}
	fmt.Fprintf(c.out, "%s; everything was so before\n", counts(plan, len(lines), ""))
	return nil
}

func (i importCommand) read(s settings) (customer.Import, error) {
	policy, err := policyOf(s.SLAPolicy)
	if err != nil {
		return customer.Import{}, err
	}
	file, err := os.Open(i.File)
	if err != nil {
		return customer.Import{}, fmt.Errorf("open the customers: %w", err)
	}
	defer file.Close()
	read, err := customer.ReadCustomers(file, customer.ImportOptions{Policy: policy})
	if err != nil {
		return customer.Import{}, fmt.Errorf("read %s: %w", i.File, err)
	}
	return read, nil
}

// open opens the database. A dry run leaves it as it is: it gives nil for a
// SQLite file that does not exist yet.
func (i importCommand) open(ctx context.Context, url string) (*store.Store, error) {
	if !i.DryRun {
		return openMigrated(ctx, url)
	}
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok && path != "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	st, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := st.Fits(ctx); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

// planOf compares a file with the customers of a database; nil has none. The
// partner's own tenants, own, never leave.
func planOf(ctx context.Context, st *store.Store, read customer.Import, complete bool, own []string) (customer.Plan, error) {
	var stored []customer.Customer
	if st != nil {
		err := st.EachCustomer(ctx, func(one customer.Customer) error { stored = append(stored, one); return nil })
		if err != nil {
			return customer.Plan{}, fmt.Errorf("compare with the customers that are known: %w", err)
		}
	}
	return read.Plan(slices.Values(stored), complete, own...), nil
}

// counts sums a plan up in one line.
func counts(p customer.Plan, bad int, would string) string {
	text := fmt.Sprintf("%d %sadded, %d %supdated, %d bad rows skipped", len(p.Added), would, len(p.Changed), would, bad)
	if len(p.Left) > 0 {
		text += fmt.Sprintf(", %d %smarked as left", len(p.Left), would)
	}
	return text + fmt.Sprintf(", %d unchanged", p.Same)
}

// defaults are what holds for a new customer where the file has no such column.
var defaults = map[string]string{
	"cloud": "global", "timezone": "UTC", "support_language": "English", "calendar": "the policy's default calendar",
	"admin_relationship": "not known, which each request warns of", "subscriptions": "none, to be typed in each request",
}

// notes says what was not taken from the file, and what is missing in it.
func notes(w io.Writer, read customer.Import) {
	for _, assumed := range read.Assumed {
		fmt.Fprintf(w, "note: %s\n", assumed)
	}
	if len(read.Ignored) > 0 {
		fmt.Fprintf(w, "note: columns that are not known were left out: %s\n", oneLine(strings.Join(read.Ignored, ", ")))
	}
	missing := read.Missing()
	if len(missing) == 0 {
		return
	}
	for n, name := range missing {
		missing[n] = fmt.Sprintf("%s (%s)", name, defaults[name])
	}
	fmt.Fprintf(w, "note: the file has no %s; known customers keep what they have, new ones get what is in brackets\n", strings.Join(missing, ", "))
}

// changes prints a plan, one line a customer.
func changes(w io.Writer, p customer.Plan) {
	for _, c := range p.Added {
		fmt.Fprintf(w, "add     %s  %s\n", c.TenantID, oneLine(c.Name))
	}
	for _, c := range p.Changed {
		var all []string
		for d := range slices.Values(c.Differences) {
			all = append(all, fmt.Sprintf("%s %q becomes %q", d.Column, d.Before, d.After))
		}
		fmt.Fprintf(w, "update  %s  %s: %s\n", c.After.TenantID, oneLine(c.After.Name), strings.Join(all, ", "))
	}
	for _, c := range p.Left {
		fmt.Fprintf(w, "left    %s  %s\n", c.TenantID, oneLine(c.Name))
	}
}
