package request

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
)

// MatchCustomer says whom words mean: a tenant id, a domain, an address, a URL or a name
// in any spelling (R7). The partner's own tenant is found by its id; a customer who left
// only by theirs. Words that may mean several customers, or that are not all used for
// one, are not sure.
func (d *Desk) MatchCustomer(ctx context.Context, r Reader, typed string) (customer.Match, error) {
	typed = plaintext.Line(typed)
	if typed == "" {
		return customer.Match{}, nil
	}
	if id, ok := customer.ParseGUID(typed); ok {
		found, err := d.customers(ctx, r, []string{id})
		return customer.Match{Customers: found, Sure: len(found) == 1, Whole: len(found) == 1}, err
	}
	if ids, ok := customer.ParseAsked(typed); ok {
		found, err := d.customers(ctx, r, ids)
		return customer.Match{Customers: found}, err
	}
	if titled, err := d.titled(ctx, r, typed); err != nil || len(titled) > 0 {
		return customer.Match{Customers: titled, Sure: len(titled) == 1}, err
	}
	typed = plaintext.SearchText(typed)
	named, err := r.CustomersNamed(ctx, customer.ExactTerms(typed))
	if err != nil {
		return customer.Match{}, err
	}
	m := customer.Exact(named, typed)
	if !m.Whole {
		called, cut, err := r.CustomersCalled(ctx, customer.SearchWords(typed))
		if err != nil {
			return customer.Match{}, err
		}
		m = customer.Narrow(customer.Join(named, called), typed, cut)
	}
	for i := range m.Customers {
		m.Customers[i].Own = d.owns(m.Customers[i].TenantID)
	}
	return m, nil
}

// MatchAnyCustomer is MatchCustomer among those who left as well, as long as they have
// requests: nothing can be filed for them any more, but they are looked for.
func (d *Desk) MatchAnyCustomer(ctx context.Context, r Reader, typed string) (customer.Match, error) {
	m, err := d.MatchCustomer(ctx, r, typed)
	if err != nil || m.Sure && m.Whole {
		return m, err
	}
	typed = plaintext.SearchText(plaintext.Line(typed))
	left, cut, err := r.CustomersLeft(ctx, customer.ExactTerms(typed), customer.SearchWords(typed))
	if err != nil || len(left) == 0 {
		return m, err
	}
	return customer.Narrow(customer.Join(m.Customers, left), typed, cut), nil
}

// customers finds customers by their tenant ids; who is not known is left out.
func (d *Desk) customers(ctx context.Context, r Reader, ids []string) ([]customer.Customer, error) {
	var found []customer.Customer
	for _, id := range ids {
		c, err := d.customer(ctx, r, id)
		if errors.Is(err, customer.ErrNoCustomer) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, *c)
	}
	return found, nil
}

// titled gives the customers whom a choice's title means, "Contoso Ltd · contoso.example":
// some clients send it instead of the value. A part that the title cut ends in "…", and
// the end of a tenant id begins with it. Anything else is nobody's title.
func (d *Desk) titled(ctx context.Context, r Reader, typed string) ([]customer.Customer, error) {
	parts := strings.Split(typed, " · ")
	if len(parts) < 2 {
		return nil, nil
	}
	name := strings.TrimSuffix(parts[0], "…")
	found, err := d.SearchCustomers(ctx, r, name, matchLimit)
	if err != nil {
		return nil, err
	}
	own, err := d.OwnCustomers(ctx, r)
	if err != nil {
		return nil, err
	}
	var meant []customer.Customer
	for _, c := range append(found, own...) {
		fits := c.Own || strings.HasPrefix(plaintext.Fold(c.Name), plaintext.Fold(name))
		for _, part := range parts[1:] {
			if end, masked := strings.CutPrefix(part, "…"); masked {
				fits = fits && end != "" && strings.HasSuffix(c.TenantID, end)
			} else {
				domain := plaintext.Fold(strings.TrimSuffix(part, "…"))
				fits = fits && domain != "" && strings.HasPrefix(c.PrimaryDomain, domain)
			}
		}
		if fits && !slices.ContainsFunc(meant, func(m customer.Customer) bool { return m.TenantID == c.TenantID }) {
			meant = append(meant, c)
		}
	}
	return meant, nil
}

// matchLimit is how many candidates are looked at.
const matchLimit = 50

// customer finds a customer by tenant id; the partner's own tenant needs no
// record.
func (d *Desk) customer(ctx context.Context, r Reader, id string) (*customer.Customer, error) {
	c, err := r.Customer(ctx, id)
	own := d.owns(id)
	switch {
	case own && errors.Is(err, customer.ErrNoCustomer):
		return &customer.Customer{TenantID: id, Name: id, Cloud: cmp.Or(d.OwnCloud, customer.Global), Status: "active", Own: true}, nil
	case err != nil:
		return nil, err
	case own:
		c.Own = true
	}
	return c, nil
}

// owns says whether a tenant is the partner's own (R25).
func (d *Desk) owns(tenant string) bool {
	return slices.ContainsFunc(append([]string{d.OwnTenant}, d.Tenants...), func(own string) bool {
		return own != "" && customer.BareGUID(own) == tenant
	})
}

// OwnTenants are the partner's own tenants, each once.
func (d *Desk) OwnTenants() []string {
	var own []string
	for _, tenant := range append([]string{d.OwnTenant}, d.Tenants...) {
		if id, ok := customer.ParseGUID(tenant); ok && !slices.Contains(own, id) {
			own = append(own, id)
		}
	}
	return own
}

// OwnCustomers are the partner's own tenants, for whose subscriptions requests are
// filed too (R42 to R44, R47). One without a record has its id for a name.
func (d *Desk) OwnCustomers(ctx context.Context, r Reader) ([]customer.Customer, error) {
	var own []customer.Customer
	for _, id := range d.OwnTenants() {
		c, err := d.customer(ctx, r, id)
		if err != nil {
			return nil, fmt.Errorf("own tenant: %w", err)
		}
		if c.Status != "left" {
			own = append(own, *c)
		}
	}
	return own, nil
}

// SearchCustomers finds customers who can be picked for a new ticket, for the
// typeahead: by folded name, domain or tenant id, prefix first, then infix.
func (d *Desk) SearchCustomers(ctx context.Context, r Reader, query string, limit int) ([]customer.Customer, error) {
	found, err := r.SearchCustomers(ctx, plaintext.SearchText(query), limit)
	for i := range found {
		found[i].Own = d.owns(found[i].TenantID)
	}
	return found, err
}

// MarkedRights gives the customers who have a mark at an instant that was not acknowledged
// in a place, whoever's right ends first in front, and their marks by tenant.
func (d *Desk) MarkedRights(ctx context.Context, r Reader, place string, at time.Time) ([]customer.Customer, map[string]customer.Mark, error) {
	acked, err := r.RightsAcked(ctx, place)
	if err != nil {
		return nil, nil, err
	}
	var all []customer.Customer
	marks := map[string]customer.Mark{}
	err = r.RightsBetween(ctx, customer.Marked(at, d.OwnTenants()), func(c customer.Customer) error {
		if mark := c.MarkAt(at); mark != "" && !slices.Contains(acked[c.TenantID], mark) {
			all = append(all, c)
			marks[c.TenantID] = mark
		}
		return nil
	})
	return all, marks, err
}
