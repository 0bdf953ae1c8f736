package customer_test

import (
	"onbehalf/bot/customer"
)

const (
	tenant       = "3ceaaf30-8142-48ea-91d9-3080f9b439fc"
	ownTenant    = "b1c2d3e4-0000-4000-8000-000000000001"
	subscription = "9dfb369b-ab13-4fae-a276-55daa05f1119"
)

// contoso is an ordinary customer with nothing to warn of.
func contoso() *customer.Customer {
	return &customer.Customer{
		TenantID: tenant, Name: "Contoso Ltd", PrimaryDomain: "obhcontoso.onmicrosoft.com", CustomDomains: []string{"contoso.example"},
		Country: "DE", Cloud: customer.Global, Relationship: "direct", AzureAccess: "owner", AdminRelationship: "gdap", AdminEnd: "2027-11-22",
		Zone: "Europe/Berlin", SupportLanguage: "fr-fr", Calendar: "de", Status: "active",
		Subscriptions: []customer.Subscription{
			{Branch: "azure", ID: subscription, Name: "Azure plan", Status: "active"},
			{Branch: "m365", ID: "cdde8d51-6301-4bfc-a0c5-154e0ff9bb51", Name: "Microsoft 365 E3", Status: "active", Trial: true},
		},
	}
}
