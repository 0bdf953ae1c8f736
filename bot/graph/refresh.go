package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"onbehalf/bot/customer"
)

// Refreshed is what came of asking for one relationship.
type Refreshed string

// The outcomes.
const (
	Changed Refreshed = "changed"
	Same    Refreshed = "same"
	// NotOurs is a relationship that Graph does not know and that no customer has.
	NotOurs Refreshed = "not ours"
)

// Refresh asks for one relationship and lays what Graph says over its customer, who is
// added where they are new. One that a customer had and that Graph does not know any more
// is over. Run takes care of everything else; the two may be at work at the same time, but a
// run that began before the relationship changed may keep what it was.
func (s *Sync) Refresh(ctx context.Context, id string) (Refreshed, error) {
	now := s.now()
	one, err := s.Client.Relationship(ctx, id)
	unknown := (*Error)(nil)
	switch {
	case errors.As(err, &unknown) && unknown.Status == http.StatusNotFound:
		return s.refreshGone(ctx, id, now)
	case err != nil:
		return "", err
	}
	r := newReading()
	r.add(one)
	tenant := one.Customer.TenantID
	if _, counts := r.ids[one.ID]; !counts || s.own(tenant) {
		return Same, nil // of Microsoft's making, or nobody has it yet
	}
	return s.refresh(ctx, tenant, func(c *customer.Customer, known bool) bool {
		if !known {
			if r.names[tenant] == "" {
				return false // not active yet
			}
			*c = customer.Customer{TenantID: tenant, Cloud: s.Cloud, Relationship: "direct", Status: "active"}
		}
		return s.over(c, r, now)
	})
}

// refreshGone ends a relationship of a customer that Graph does not know.
func (s *Sync) refreshGone(ctx context.Context, id string, now time.Time) (Refreshed, error) {
	tenant, err := s.Store.CustomerOfRelationship(ctx, id)
	if errors.Is(err, customer.ErrNoCustomer) {
		return NotOurs, nil
	}
	if err != nil {
		return "", fmt.Errorf("find the customer of a relationship: %w", err)
	}
	return s.refresh(ctx, tenant, func(c *customer.Customer, known bool) bool {
		if !known || c.Rights == nil {
			return false
		}
		rights := &customer.Rights{Name: c.Rights.Name}
		for _, one := range c.Rights.Relationships {
			if one.ID == id {
				rights.Relationships = append(rights.Relationships, gone(one, now)...)
			} else {
				rights.Relationships = append(rights.Relationships, one)
			}
		}
		rights.Relationships = withoutHistory(rights.Relationships, now)
		rights.Settle(now)
		c.Rights = rights
		return true
	})
}

// refresh changes one customer.
func (s *Sync) refresh(ctx context.Context, tenant string, change func(c *customer.Customer, known bool) bool) (Refreshed, error) {
	found := Same
	err := s.Store.ChangeCustomers(ctx, []string{tenant}, func(c *customer.Customer, known bool) bool {
		found = Same
		before := *c
		if change(c, known) && !reflect.DeepEqual(before, *c) {
			found = Changed
		}
		return found == Changed
	})
	if err != nil {
		return "", fmt.Errorf("keep the customer of a relationship: %w", err)
	}
	return found, nil
}
