package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/customer"
)

// Permission is the application permission that customers and relationships need, with
// the consent of an administrator.
const Permission = "DelegatedAdminRelationship.Read.All"

const (
	customersPath     = "/v1.0/tenantRelationships/delegatedAdminCustomers"
	relationshipsPath = "/v1.0/tenantRelationships/delegatedAdminRelationships"
	// firstPage asks for as many entries as a page may have.
	firstPage = "?$top=300"
)

// Customer is a tenant that has an active relationship with the partner.
type Customer struct{ TenantID, Name string }

// Customers hands on the partner's customers page by page.
func (c *Client) Customers(ctx context.Context, each func([]Customer) error) error {
	type entry struct {
		TenantID string `json:"tenantId"`
		Name     string `json:"displayName"`
	}
	return list(ctx, c, customersPath+firstPage, func(page []entry) error {
		var all []Customer
		for _, e := range page {
			if id, ok := customer.ParseGUID(e.TenantID); ok {
				all = append(all, Customer{TenantID: id, Name: strings.TrimSpace(e.Name)})
			}
		}
		return each(all)
	})
}

// Reach reads one relationship, whichever, to see whether Graph can be read at all.
func (c *Client) Reach(ctx context.Context) error {
	at, err := url.Parse(c.URL + relationshipsPath + "?$top=1")
	if err != nil {
		return fmt.Errorf("address of Microsoft Graph: %w", err)
	}
	var page struct {
		Value []json.RawMessage `json:"value"`
	}
	return c.get(ctx, at, &page)
}

// Relationship is a relationship, and with whom it is. Whose tenant is not known yet, as
// before the approval, has none.
type Relationship struct {
	customer.Relationship
	Customer Customer
}

// MadeByMicrosoft says whether Microsoft made the relationship to lead customers away from
// the older kind of rights. It gives a partner nothing for long.
func (r Relationship) MadeByMicrosoft() bool { return strings.HasPrefix(r.Name, "MLT_") }

// Relationships hands on all relationships page by page, those that are over included. One
// may come twice when it changes meanwhile; the later one counts.
func (c *Client) Relationships(ctx context.Context, each func([]Relationship) error) error {
	return list(ctx, c, relationshipsPath+firstPage, func(page []relationship) error {
		all := make([]Relationship, len(page))
		for i, r := range page {
			all[i] = r.read()
		}
		return each(all)
	})
}

// Relationship reads one relationship by its id. An Error with status 404 says that it is
// gone.
func (c *Client) Relationship(ctx context.Context, id string) (Relationship, error) {
	at, err := url.Parse(c.URL + relationshipsPath + "/" + url.PathEscape(id))
	if err != nil {
		return Relationship{}, fmt.Errorf("address of Microsoft Graph: %w", err)
	}
	var r relationship
	if err := c.get(ctx, at, &r); err != nil {
		return Relationship{}, err
	}
	return r.read(), nil
}

// relationship is delegatedAdminRelationship as Graph writes it.
type relationship struct {
	ID       string  `json:"id"`
	Name     string  `json:"displayName"`
	Status   string  `json:"status"`
	Extends  string  `json:"autoExtendDuration"`
	End      instant `json:"endDateTime"`
	Modified instant `json:"lastModifiedDateTime"`
	Pending  bool    `json:"isPartnerConsentPending"`
	Customer struct {
		TenantID string `json:"tenantId"`
		Name     string `json:"displayName"`
	} `json:"customer"`
	Access struct {
		Roles []struct {
			ID string `json:"roleDefinitionId"`
		} `json:"unifiedRoles"`
	} `json:"accessDetails"`
}

func (r relationship) read() Relationship {
	read := Relationship{Relationship: customer.Relationship{
		ID: r.ID, Name: strings.TrimSpace(r.Name), Status: strings.ToLower(r.Status), End: r.End.Time, Pending: r.Pending,
		Extends: extends(r.Extends),
	}}
	if id, ok := customer.ParseGUID(r.Customer.TenantID); ok {
		read.Customer = Customer{TenantID: id, Name: strings.TrimSpace(r.Customer.Name)}
	}
	for _, role := range r.Access.Roles {
		if id := strings.ToLower(strings.TrimSpace(role.ID)); id != "" {
			read.Roles = append(read.Roles, id)
		}
	}
	slices.Sort(read.Roles)
	read.Roles = slices.Compact(read.Roles)
	if read.Terminated() {
		read.Over = r.Modified.Time
	}
	return read
}

// extends says whether a duration of ISO 8601 is one at all.
func extends(duration string) bool {
	return strings.ContainsAny(duration, "123456789")
}

// instant is a time as Graph writes it, to the second.
type instant struct{ time.Time }

// UnmarshalJSON reads RFC 3339, also without a zone, and the year 1 as no time.
func (i *instant) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil || text == "" {
		return err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		if at, err = time.Parse("2006-01-02T15:04:05", text); err != nil {
			return fmt.Errorf("time: %w", err)
		}
	}
	if at.Year() > 1 {
		i.Time = at.UTC().Truncate(time.Second)
	}
	return nil
}
