package customer

import (
	"errors"
	"time"

	"onbehalf/bot/sla"
)

// Cloud is the Microsoft cloud that a customer's tenant lives in (R1).
type Cloud string

// The clouds of R1. Germany closed on 2021-10-29 and gets no link.
const (
	Global  Cloud = "global"
	GCC     Cloud = "gcc"
	GCCHigh Cloud = "gcchigh"
	DoD     Cloud = "dod"
	Germany Cloud = "germany"
	China   Cloud = "china"
)

// Customer is a tenant whose problems the desk reports, as the import keeps it.
type Customer struct {
	// TenantID is a lower-case GUID and the key.
	TenantID      string   `json:"tenantId"`
	Name          string   `json:"name"`
	PrimaryDomain string   `json:"primaryDomain"`
	CustomDomains []string `json:"customDomains,omitempty"` // ASCII (IDNA)
	Country       string   `json:"country,omitempty"`       // ISO 3166-1 alpha-2
	Cloud         Cloud    `json:"cloud"`
	// Relationship is "direct", or "indirect" when the subscription comes through
	// an indirect provider (R10).
	Relationship     string `json:"relationship,omitempty"`
	IndirectProvider string `json:"indirectProvider,omitempty"`
	PartnerID        string `json:"partnerId,omitempty"`
	// AzureAccess is "owner", "support_contributor", "provider_granted" or "none".
	AzureAccess string `json:"azureAccess,omitempty"`
	// AdminRelationship is "gdap", "expired" or "none" (T2).
	AdminRelationship string `json:"adminRelationship,omitempty"`
	// AdminEnd is the day on which the relationship ends, "2006-01-02", or empty.
	AdminEnd        string `json:"adminEnd,omitempty"`
	Zone            string `json:"zone,omitempty"` // IANA
	SupportLanguage string `json:"supportLanguage,omitempty"`
	Calendar        string `json:"calendar,omitempty"`
	// Status is "active", "suspended", "trial" or "left"; one who left can't be
	// picked for a new ticket.
	Status        string         `json:"status"`
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
	// Rights is what Microsoft said about the relationship; nil where it was never asked.
	// It goes before AdminRelationship and AdminEnd, which stay as they were typed.
	Rights *Rights `json:"rights,omitempty"`
	// Own marks the partner's own tenant, which is no customer (R25, R41 to R47).
	Own bool `json:"own,omitempty"`
}

// NameLimit is how long a customer's name may be, in characters, on record and in a form.
const NameLimit = 250

// Subscription is one subscription of a customer.
type Subscription struct {
	Branch   string `json:"branch"` // azure, m365, d365, ems
	ID       string `json:"id"`
	Name     string `json:"name"`
	Status   string `json:"status"`
	Quantity int    `json:"quantity,omitempty"`
	Trial    bool   `json:"trial,omitempty"`
}

// Location is the customer's zone, UTC when it is unknown.
func (c Customer) Location() *time.Location {
	if zone, ok := sla.Location(c.Zone); ok {
		return zone
	}
	return time.UTC
}

// SubscriptionsOf gives the customer's subscriptions for a platform, Microsoft
// 365's for Office 365.
func (c Customer) SubscriptionsOf(p Platform) []Subscription {
	branch := map[Platform]string{Azure: "azure", Office365: "m365", Dynamics: "d365", EMS: "ems"}[p]
	var found []Subscription
	for _, s := range c.Subscriptions {
		if s.Branch == branch {
			found = append(found, s)
		}
	}
	return found
}

// Platforms are those for which the customer has subscriptions on record.
func (c Customer) Platforms() []Platform {
	var all []Platform
	for _, p := range []Platform{Azure, Office365, Dynamics, EMS} {
		if len(c.SubscriptionsOf(p)) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// ErrNoCustomer means that no such customer is known.
var ErrNoCustomer = errors.New("customer not found")
