package customer

import (
	"iter"
	"reflect"
	"slices"
)

// Plan is what an import changes.
type Plan struct {
	Added   []Customer
	Changed []Change
	// Left are those who are missing from a file that is complete, as they are kept
	// from now on.
	Left []Customer
	// Same counts those of the file whom it does not change, and Renamed those whom the
	// file calls otherwise than Microsoft does, whose name is kept.
	Same, Renamed int
}

// Change is a customer whom an import changes.
type Change struct {
	Before, After Customer
	Differences   []Difference
}

// Difference is a column with its values before and after, as they are written.
type Difference struct{ Column, Before, After string }

// Customers are all that the plan keeps.
func (p Plan) Customers() []Customer {
	all := slices.Concat(p.Added, p.Left)
	for _, c := range p.Changed {
		all = append(all, c.After)
	}
	return all
}

// Plan says what the file changes of the customers that are stored. What the file
// has no column for stays as it is. Whoever is missing from a complete file has
// left, but for the tenants in keep; one who left and is in the file is back.
func (i Import) Plan(stored iter.Seq[Customer], complete bool, keep ...string) Plan {
	var p Plan
	read := make(map[string]int, len(i.Customers))
	for n, c := range i.Customers {
		read[c.TenantID] = n
	}
	known := make(map[string]bool, len(i.Customers))
	for before := range stored {
		n, there := read[before.TenantID]
		if !there {
			if complete && before.Status != "left" && !slices.Contains(keep, before.TenantID) {
				before.Status = "left"
				p.Left = append(p.Left, before)
			}
			continue
		}
		known[before.TenantID] = true
		if before.Rights != nil && before.Rights.Name != "" && before.Rights.Name != i.Customers[n].Name {
			p.Renamed++
		}
		if after := i.over(before, i.Customers[n]); reflect.DeepEqual(before, after) {
			p.Same++
		} else {
			p.Changed = append(p.Changed, Change{before, after, differences(before, after, columns)})
		}
	}
	for _, c := range i.Customers {
		if !known[c.TenantID] {
			p.Added = append(p.Added, c)
		}
	}
	return p
}

// over lays what the file says over what is known.
func (i Import) over(known, said Customer) Customer {
	if !i.has("status") && known.Status == "left" {
		known.Status = said.Status
	}
	for _, c := range i.given {
		c.copy(&known, said)
	}
	if known.Rights != nil && known.Rights.Name != "" {
		known.Name = known.Rights.Name // Microsoft's goes before what anybody writes
	}
	return known
}

// Missing are the columns that the bot makes use of and the file does not have.
func (i Import) Missing() []string {
	var missing []string
	for _, name := range []string{"cloud", "timezone", "support_language", "calendar", "admin_relationship", "subscriptions"} {
		if !i.has(name) {
			missing = append(missing, name)
		}
	}
	return missing
}

func (i Import) has(name string) bool {
	return slices.ContainsFunc(i.given, func(c column) bool { return c.name == name })
}

// differences are the columns that two records differ in.
func differences(a, b Customer, in []column) []Difference {
	var all []Difference
	for _, c := range in {
		if before, after := c.write(a), c.write(b); before != after {
			all = append(all, Difference{c.name, before, after})
		}
	}
	return all
}
