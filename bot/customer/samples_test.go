package customer_test

import "onbehalf/bot/customer/customertest"

const (
	tenant       = customertest.Tenant
	ownTenant    = customertest.OwnTenant
	subscription = customertest.Subscription
)
