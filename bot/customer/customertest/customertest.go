// Package customertest has the customer that tests of the trade begin with.
package customertest

import "onbehalf/bot/customer"

// The tenants and the subscription of tests: that of Contoso, that of the partner itself,
// and Contoso's Azure plan.
const (
	Tenant       = "3ceaaf30-8142-48ea-91d9-3080f9b439fc"
	OwnTenant    = "b1c2d3e4-0000-4000-8000-000000000001"
	Subscription = "9dfb369b-ab13-4fae-a276-55daa05f1119"
)

// Contoso is an ordinary customer with nothing to warn of, a new one each time.
func Contoso() *customer.Customer {
	return &customer.Customer{
		TenantID: Tenant, Name: "Contoso Ltd", PrimaryDomain: "obhcontoso.onmicrosoft.com", CustomDomains: []string{"contoso.example"},
		Country: "DE", Cloud: customer.Global, Relationship: "direct", AzureAccess: "owner", AdminRelationship: "gdap", AdminEnd: "2027-11-22",
		Zone: "Europe/Berlin", SupportLanguage: "fr-fr", Calendar: "de", Status: "active",
		Subscriptions: []customer.Subscription{
			{Branch: "azure", ID: Subscription, Name: "Azure plan", Status: "active"},
			{Branch: "m365", ID: "cdde8d51-6301-4bfc-a0c5-154e0ff9bb51", Name: "Microsoft 365 E3", Status: "active", Trial: true},
		},
	}
}
