package request

import (
	"slices"
	"strings"

	"onbehalf/bot/customer"
)

// Topic is a product that a request is about (R17). Its name for people stands in
// the catalogue under "topic." + Code.
type Topic struct {
	Code string
	// Platform is the branch it belongs to; empty for what is out of scope on each.
	Platform customer.Platform
	// Service is the product's name as the portals write it, in English.
	Service string
	// Types and MoreTypes are what the portals ask for next, the second behind
	// "More…" (R18).
	Types, MoreTypes []string
	// More says that the topic stands behind the form's own "more".
	More bool
}

// Topics lists the products, by platform, the usual ones first.
var Topics = []Topic{
	{"az.vm", customer.Azure, "Virtual Machines", []string{"Connectivity", "Start or stop", "Performance", "Deployment"}, []string{"Backup", "Extensions"}, false},
	{"az.net", customer.Azure, "Networking", []string{"VPN and ExpressRoute", "Load balancing", "DNS", "Firewall"}, []string{"CDN", "Private Link"}, false},
	{"az.storage", customer.Azure, "Storage", []string{"Access", "Performance", "Data loss"}, []string{"File sync"}, false},
	{"az.sql", customer.Azure, "SQL and databases", []string{"Connection", "Performance", "Restore"}, []string{"Migration"}, false},
	{"az.app", customer.Azure, "App Service, Functions", []string{"Down", "Errors", "Deployment"}, []string{"Domains"}, false},
	{"az.aks", customer.Azure, "Kubernetes, containers", []string{"Cluster", "Network"}, []string{"Registry"}, false},
	{"az.entra", customer.Azure, "Microsoft Entra ID", []string{"Sign-in", "Sync", "Conditional access"}, []string{"B2C"}, false},
	{"az.quota", customer.Azure, "Service and subscription limits (quotas)", []string{"Cores", "Regional"}, []string{"Other"}, true},
	{"az.bill", customer.Azure, "Billing", []string{"Invoice", "Charge dispute"}, []string{"Tax data"}, true},
	{"az.sub", customer.Azure, "Subscription management", []string{"Transfer", "Cancel", "Reactivate"}, []string{"Ownership"}, true},
	{"az.other", customer.Azure, "Other Azure service", nil, nil, false},
	{"m.exo", customer.Office365, "Exchange Online", []string{"Mail flow", "Mailbox", "Migration"}, []string{"Archive", "Hybrid"}, false},
	{"m.spo", customer.Office365, "SharePoint, OneDrive", []string{"Access", "Sync", "Restore"}, []string{"Search"}, false},
	{"m.teams", customer.Office365, "Microsoft Teams", []string{"Meetings", "Chat", "Calling"}, []string{"Rooms"}, false},
	{"m.apps", customer.Office365, "Microsoft 365 Apps", []string{"Activation", "Install", "Crash"}, []string{"Add-ins"}, false},
	{"m.id", customer.Office365, "Users, domains, identity", []string{"Password", "Domain setup", "Sync"}, []string{"Licenses"}, false},
	{"m.bill", customer.Office365, "Billing and subscriptions", []string{"License count", "Invoice", "Cancel"}, []string{"Trial"}, true},
	{"m.sec", customer.Office365, "Microsoft Defender, Microsoft Purview", []string{"Phishing", "Retention", "Labels"}, []string{"eDiscovery"}, true},
	{"d.ce", customer.Dynamics, "Dynamics 365 customer engagement", []string{"Down", "Performance", "Data"}, []string{"Customization"}, false},
	{"d.bc", customer.Dynamics, "Dynamics 365 Business Central", []string{"Environment", "Upgrade", "Performance"}, []string{"Extensions"}, false},
	{"d.fo", customer.Dynamics, "Dynamics 365 finance and operations", []string{"Environment", "Batch"}, []string{"LCS"}, false},
	{"d.pp", customer.Dynamics, "Power Platform", []string{"Apps", "Flows", "Environments"}, []string{"Gateway"}, false},
	{"e.intune", customer.EMS, "Microsoft Intune", []string{"Enrollment", "Policy", "Apps"}, []string{"Autopilot"}, false},
	{"e.entra", customer.EMS, "Microsoft Entra ID P1/P2", []string{"MFA", "Conditional access"}, []string{"PIM"}, false},
	{"e.aip", customer.EMS, "Microsoft Purview Information Protection", []string{"Labels", "Encryption"}, []string{"Scanner"}, false},
	{"e.cas", customer.EMS, "Microsoft Defender for Cloud Apps, for Identity", []string{"Alerts"}, []string{"Connectors"}, false},
	{"x.market", "", "Marketplace product", nil, nil, true},
	{"x.pc", "", "Partner Center itself", nil, nil, true},
	{"x.sec", "", "Vulnerability", nil, nil, true},
	{"x.onprem", "", "On-premises product", nil, nil, true},
}

// types are the problem types that the portal offers, those behind "More…" last
// (R18).
func (t Topic) types() string {
	usual := strings.Join(t.Types, " / ")
	if len(t.MoreTypes) == 0 {
		return usual
	}
	return usual + "; More…: " + strings.Join(t.MoreTypes, " / ")
}

// TopicByCode finds a topic.
func TopicByCode(code string) (Topic, bool) {
	i := slices.IndexFunc(Topics, func(t Topic) bool { return t.Code == code })
	if i < 0 {
		return Topic{}, false
	}
	return Topics[i], true
}

// TopicsOf gives what a platform's form offers: the usual topics first, those
// behind "more" last, what is out of scope among them (R22). Without a platform
// it gives only the latter.
func TopicsOf(p customer.Platform) []Topic {
	var usual, more []Topic
	for _, t := range Topics {
		switch {
		case t.Platform != p && t.Platform != "":
		case t.More:
			more = append(more, t)
		default:
			usual = append(usual, t)
		}
	}
	return append(usual, more...)
}
