package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"onbehalf/bot/customer"
)

// customersCommand prints the customers.
type customersCommand struct {
	CSV bool `help:"Print all columns as CSV, as import reads them."`
}

// Run prints one line a customer, by name.
func (l customersCommand) Run(c console, s settings) (err error) {
	st, err := openMigrated(c.ctx, s.database())
	if err != nil {
		return err
	}
	defer st.Close()
	if l.CSV {
		var all []customer.Customer
		if err := st.EachCustomer(c.ctx, func(one customer.Customer) error { all = append(all, one); return nil }); err != nil {
			return err
		}
		return customer.WriteCustomers(c.out, slices.Values(all))
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	defer func() { err = errors.Join(err, w.Flush()) }()
	fmt.Fprintln(w, "TENANT\tNAME\tDOMAIN\tCLOUD\tSTATUS\tZONE\tCALENDAR")
	return st.EachCustomer(c.ctx, func(one customer.Customer) error {
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", one.TenantID, oneLine(one.Name), one.PrimaryDomain, one.Cloud, one.Status, one.Zone, one.Calendar)
		return err
	})
}

// oneLine keeps a name from moving the terminal's cursor or the columns.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// migrateCommand brings the database to the newest schema.
type migrateCommand struct{}

// Run does it and says so.
func (migrateCommand) Run(c console, s settings) error {
	st, err := openMigrated(c.ctx, s.database())
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, "the database is up to date")
	return st.Close()
}
