package customer

import (
	"net/url"
	"slices"
	"strings"
)

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

// page is one page of Microsoft's portals that opens in a customer's context.
// {tid} is the customer's tenant id, {dir} their initial domain where it is
// known, else the tenant id; a custom domain may have moved to another tenant.
type page string

// The pages, by purpose.
const (
	newRequest    = "new"
	manage        = "manage"
	health        = "health"
	azureNew      = "{dir}#view/Microsoft_Azure_Support/NewSupportRequestV3Blade"
	azureManage   = "{dir}#blade/Microsoft_Azure_Support/HelpAndSupportBlade/managesupportrequest"
	azureHealth   = "{dir}#view/Microsoft_Azure_Health/AzureHealthBrowseBlade/~/serviceIssues"
	clientSupport = "/Partner/BeginClientSession.aspx?CTID={tid}&CSDEST=Support"
	clientHealth  = "/Partner/BeginClientSession.aspx?CTID={tid}&CSDEST=ServiceStatus"
)

// portal is where one product family is supported in one cloud.
type portal struct {
	// name is the catalogue key of the portal, without "link.".
	name              string
	new, manage, well page
}

func azurePortal(host string) portal {
	at := page("https://" + host + "/")
	return portal{"azure", at + azureNew, at + azureManage, at + azureHealth}
}

func adminCenter(host string) portal {
	at := page("https://" + host)
	return portal{"m365", at + clientSupport, at + clientSupport, at + clientHealth}
}

// beside is a portal of its own whose customers' health stands in the admin
// center.
func beside(name string, at page, admin portal) portal { return portal{name, at, at, admin.well} }

var (
	officeGlobal = adminCenter("portal.office.com")
	officeHigh   = adminCenter("portal.office365.us")
	officeDoD    = adminCenter("portal.apps.mil")
	officeChina  = adminCenter("portal.partner.microsoftonline.cn")
)

// cloudPortals is the table of links: for each cloud the portal of each
// platform, and of the topics that have their own. The closed German cloud has
// none.
var cloudPortals = map[Cloud]map[string]portal{
	Global: {
		"azure": azurePortal("portal.azure.com"), "office365": officeGlobal,
		"dynamics365": beside("power_platform", "https://admin.powerplatform.microsoft.com/account/login/{tid}", officeGlobal),
		"ems":         officeGlobal,
		"e.intune":    beside("intune", "https://intune.microsoft.com/{dir}", officeGlobal),
		"e.entra":     beside("entra", "https://entra.microsoft.com/{dir}", officeGlobal),
		"e.aip":       beside("purview", "https://purview.microsoft.com/?tid={tid}", officeGlobal),
		"e.cas":       beside("defender", "https://security.microsoft.com/?tid={tid}", officeGlobal),
	},
	GCC: {
		"azure": azurePortal("portal.azure.com"), "office365": officeGlobal,
		"dynamics365": beside("power_platform", "https://gcc.admin.powerplatform.microsoft.us/account/login/{tid}", officeGlobal),
		"ems":         officeGlobal,
		"e.intune":    beside("intune", "https://intune.microsoft.com/{dir}", officeGlobal),
		"e.entra":     beside("entra", "https://entra.microsoft.com/{dir}", officeGlobal),
		"e.aip":       beside("purview", "https://purview.microsoft.com/?tid={tid}", officeGlobal),
		"e.cas":       beside("defender", "https://security.microsoft.com/?tid={tid}", officeGlobal),
	},
	GCCHigh: {
		"azure": azurePortal("portal.azure.us"), "office365": officeHigh,
		"dynamics365": beside("power_platform", "https://high.admin.powerplatform.microsoft.us/account/login/{tid}", officeHigh),
		"ems":         officeHigh,
		"e.intune":    beside("intune", "https://intune.microsoft.us/{dir}", officeHigh),
		"e.entra":     beside("entra", "https://entra.microsoft.us/{dir}", officeHigh),
		"e.aip":       beside("purview", "https://purview.microsoft.us/?tid={tid}", officeHigh),
		"e.cas":       beside("defender", "https://security.microsoft.us/?tid={tid}", officeHigh),
	},
	DoD: {
		"azure": azurePortal("portal.azure.us"), "office365": officeDoD,
		"dynamics365": beside("power_platform", "https://admin.appsplatform.us/account/login/{tid}", officeDoD),
		"ems":         officeDoD,
		"e.intune":    beside("intune", "https://intune.microsoft.us/{dir}", officeDoD),
		"e.entra":     beside("entra", "https://entra.microsoft.us/{dir}", officeDoD),
		"e.aip":       beside("purview", "https://purview.microsoft.us/?tid={tid}", officeDoD),
		"e.cas":       beside("defender", "https://security.microsoft.us/?tid={tid}", officeDoD),
	},
	China: {
		"azure": azurePortal("portal.azure.cn"), "office365": officeChina, "dynamics365": officeChina, "ems": officeChina,
		"e.intune": beside("intune", "https://intune.microsoft.cn/{dir}", officeChina),
		"e.entra":  beside("entra", "https://entra.microsoft.cn/{dir}", officeChina),
	},
}

// ownPortals are the bare pages, which show whoever opens them their own context:
// right for the partner's own subscriptions and for nothing else (R42, R47).
var ownPortals = map[Cloud]map[string]portal{
	Global:  bare("portal.azure.com", "admin.cloud.microsoft/#", "admin.powerplatform.microsoft.com/support"),
	GCC:     bare("portal.azure.com", "admin.cloud.microsoft/#", "gcc.admin.powerplatform.microsoft.us/support"),
	GCCHigh: bare("portal.azure.us", "portal.office365.us/adminportal/home#", "high.admin.powerplatform.microsoft.us/support"),
	DoD:     bare("portal.azure.us", "portal.apps.mil/adminportal/home#", "admin.appsplatform.us/support"),
	China:   bare("portal.azure.cn", "portal.partner.microsoftonline.cn/adminportal/home#", ""),
}

// bare are the pages of one cloud; without a portal of its own Dynamics 365 is
// supported in the admin center.
func bare(azure, office, dynamics string) map[string]portal {
	of := azurePortal(azure)
	for _, p := range []*page{&of.new, &of.manage, &of.well} {
		*p = page(strings.Replace(string(*p), "{dir}", "", 1))
	}
	at := page("https://" + office)
	admin := portal{"m365", at + "/support", at + "/support/requests", at + "/servicehealth"}
	pages := map[string]portal{"azure": of, "office365": admin, "ems": admin, "dynamics365": admin}
	if dynamics != "" {
		pages["dynamics365"] = beside("power_platform", page("https://"+dynamics), admin)
	}
	return pages
}

// initialDomains end the domains that Microsoft gives a tenant and that never
// move to another.
var initialDomains = []string{".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn", ".onmicrosoft.de"}

// NewRequestLink opens the page on which a request for this customer is filed, in
// the customer's context and never a bare portal (R9, R12, R41, R46). It is false
// where there is none: in the closed German cloud (R1), and for a customer whose
// tenant id is no GUID.
func NewRequestLink(c Customer, p Platform, topic string) (Link, bool) {
	return c.link(p, topic, newRequest)
}

// RequestsLink opens the customer's existing requests (R16, R21).
func RequestsLink(c Customer, p Platform, topic string) (Link, bool) {
	return c.link(p, topic, manage)
}

// HealthLink opens the customer's service health (E2).
func HealthLink(c Customer, p Platform) (Link, bool) { return c.link(p, "", health) }

func (c Customer) link(p Platform, topic, purpose string) (Link, bool) {
	table := cloudPortals[c.Cloud]
	if c.Own {
		table = ownPortals[c.Cloud]
	}
	at, ok := table[topic]
	if !ok {
		at, ok = table[string(p)]
	}
	tid, valid := ParseGUID(c.TenantID)
	if !ok || !valid {
		return Link{}, false
	}
	chosen := map[string]page{newRequest: at.new, manage: at.manage, health: at.well}[purpose]
	dir := tid
	if domain, ok := c.initialDomain(); ok {
		dir = domain
	}
	link := Link{Name: at.name, URL: strings.NewReplacer("{tid}", url.QueryEscape(tid), "{dir}", url.PathEscape(dir)).Replace(string(chosen))}
	if !c.Own {
		link.Directory, link.Domain = c.Name, c.PrimaryDomain
	}
	return link, true
}

// initialDomain gives the customer's initial domain, if it is on record.
func (c Customer) initialDomain() (string, bool) {
	for _, domain := range append([]string{c.PrimaryDomain}, c.CustomDomains...) {
		ascii, ok := ParseDomain(domain)
		if ok && slices.ContainsFunc(initialDomains, func(end string) bool { return strings.HasSuffix(ascii, end) }) {
			return ascii, true
		}
	}
	return "", false
}

// RelationshipsLink opens the page of Partner Center on which the partner asks a customer
// for a delegated admin relationship. It is the partner's own context, with no customer in
// it, and is known for the clouds of partner.microsoft.com alone.
func RelationshipsLink(c Customer) Link {
	switch c.Cloud {
	case China, Germany:
		return Link{}
	}
	return Link{Name: "relationships", URL: "https://partner.microsoft.com/commerce/granularadminaccess/list"}
}

// SupportFAQ is Microsoft's page of questions about Azure support (R45).
var SupportFAQ = Link{Name: "support_faq", URL: "https://azure.microsoft.com/support/faq/"}

// selfHelp are Microsoft's troubleshooting articles, public and alike in all
// clouds.
var selfHelp = map[Platform]string{
	Azure: "azure", Office365: "microsoft-365", Dynamics: "dynamics-365", EMS: "mem/intune",
}

// SelfHelpLink opens what Microsoft has written for those who solve a problem
// themselves (R3, E1); none without a platform.
func SelfHelpLink(p Platform) Link {
	path, ok := selfHelp[p]
	if !ok {
		return Link{}
	}
	return Link{Name: "self_help", URL: "https://learn.microsoft.com/troubleshoot/" + path + "/"}
}

// None says that there is nothing to open.
func (l Link) None() bool { return l.URL == "" }
