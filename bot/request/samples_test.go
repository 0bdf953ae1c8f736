package request

import (
	"onbehalf/bot/customer/customertest"
	"time"
)

const (
	tenant       = customertest.Tenant
	ownTenant    = customertest.OwnTenant
	subscription = customertest.Subscription
)

// noon is a Sunday.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
