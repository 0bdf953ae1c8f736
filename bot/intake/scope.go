package intake

import (
	"onbehalf/bot/customer"
	"onbehalf/bot/request"
)

// OutOfScope says that a problem is not for this process, and where to go
// instead. Code and Args name a sentence of the catalogue ("scope." + Code).
type OutOfScope struct {
	Code string
	Args map[string]any
	Rule string
	// Field is the input that decides it; changing it is the way back.
	Field string
	// Link leads to the right place; zero where there is none.
	Link customer.Link
}

// outside are the topics that are not for this process.
var outside = map[string]OutOfScope{
	"x.market": {Code: "marketplace", Rule: "T5", Field: "topic", Link: customer.Link{Name: "marketplace", URL: "https://azuremarketplace.microsoft.com/marketplace/apps"}},
	"x.pc":     {Code: "partner_center", Rule: "T10", Field: "topic", Link: customer.Link{Name: "partner_center", URL: "https://partner.microsoft.com/dashboard/v2/support/servicerequests/create?category=csp"}},
	"x.sec":    {Code: "vulnerability", Rule: "T9", Field: "topic", Link: customer.Link{Name: "msrc", URL: "https://msrc.microsoft.com/report"}},
	"x.onprem": {Code: "on_premises", Rule: "R22", Field: "topic", Link: customer.Link{Name: "support_for_business", URL: "https://support.serviceshub.microsoft.com/supportforbusiness"}},
}

// scope says what stops the form altogether, before anything else is asked.
func (f form) scope() *OutOfScope {
	if c := f.customer; c != nil {
		switch {
		case c.Status == "left":
			return &OutOfScope{Code: "left", Field: "customer", Args: request.Args("customer", c.Name)}
		case c.Cloud == customer.Germany:
			return &OutOfScope{Code: "germany", Rule: "R1", Field: "customer", Args: request.Args("customer", c.Name)}
		}
	}
	if o, ok := outside[f.Topic]; ok {
		return &o
	}
	return nil
}

// Error makes OutOfScope what Open answers a form with that has to stop.
func (o *OutOfScope) Error() string { return "out of scope: " + o.Code }
