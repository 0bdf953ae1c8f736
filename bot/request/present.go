package request

import (
	"onbehalf/bot/customer"
)

// FiledFor is what a ticket's customer was called when it was filed, where that is not
// what the present record says.
type FiledFor struct {
	Name          string         `json:"name"`
	PrimaryDomain string         `json:"primaryDomain,omitempty"`
	Cloud         customer.Cloud `json:"cloud,omitempty"`
}

// Present brings the customer of an open ticket up to date: name, domains, cloud and
// rights are those of the present record, so that links lead to where the customer is
// now. What the clocks go by stays as it was promised. A ticket that is closed or
// cancelled keeps the customer that it had.
func (t *Ticket) Present(now customer.Customer) {
	was := t.Customer
	if t.Status == Closed || t.Status == Cancelled || now.TenantID != was.TenantID {
		return
	}
	if t.FiledFor == (FiledFor{}) {
		t.FiledFor = FiledFor{Name: was.Name, PrimaryDomain: was.PrimaryDomain, Cloud: was.Cloud}
	}
	if t.FiledFor == (FiledFor{Name: now.Name, PrimaryDomain: now.PrimaryDomain, Cloud: now.Cloud}) {
		t.FiledFor = FiledFor{}
	}
	t.Customer = now
	t.Customer.Zone, t.Customer.Calendar, t.Customer.SupportLanguage, t.Customer.Own = was.Zone, was.Calendar, was.SupportLanguage, was.Own
}
