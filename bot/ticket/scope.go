package ticket

// OutOfScope says that a problem is not for this process, and where to go
// instead. Code and Args name a sentence of the catalogue ("scope." + Code).
type OutOfScope struct {
	Code string
	Args map[string]any
	Rule string
	// Field is the input that decides it; changing it is the way back.
	Field string
	// Link leads to the right place; zero where there is none.
	Link Link
}

// Link is an address that a button opens. Name is its catalogue key without
// "link.".
type Link struct {
	Name string
	URL  string
	// Directory is the name that the portal has to show at the top right once it is
	// open; empty where the link leads into no customer's context (R41, R46).
	Directory string
	// Domain tells two directories of one name apart.
	Domain string
}

// None says that there is nothing to open.
func (l Link) None() bool { return l.URL == "" }

// outside are the topics that are not for this process.
var outside = map[string]OutOfScope{
	"x.market": {Code: "marketplace", Rule: "T5", Field: "topic", Link: Link{Name: "marketplace", URL: "https://azuremarketplace.microsoft.com/marketplace/apps"}},
	"x.pc":     {Code: "partner_center", Rule: "T10", Field: "topic", Link: Link{Name: "partner_center", URL: "https://partner.microsoft.com/dashboard/v2/support/servicerequests/create?category=csp"}},
	"x.sec":    {Code: "vulnerability", Rule: "T9", Field: "topic", Link: Link{Name: "msrc", URL: "https://msrc.microsoft.com/report"}},
	"x.onprem": {Code: "on_premises", Rule: "R22", Field: "topic", Link: Link{Name: "support_for_business", URL: "https://support.serviceshub.microsoft.com/supportforbusiness"}},
}

// scope says what stops the form altogether, before anything else is asked.
func (f form) scope() *OutOfScope {
	if c := f.customer; c != nil {
		switch {
		case c.Status == "left":
			return &OutOfScope{Code: "left", Field: "customer", Args: args("customer", c.Name)}
		case c.Cloud == Germany:
			return &OutOfScope{Code: "germany", Rule: "R1", Field: "customer", Args: args("customer", c.Name)}
		}
	}
	if o, ok := outside[f.Topic]; ok {
		return &o
	}
	return nil
}
