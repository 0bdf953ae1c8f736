package customer_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/customer/customertest"
	"onbehalf/bot/request"
)

// hosts are all that a link may lead to, by cloud; links of one cloud never lead
// into another's.
var hosts = map[customer.Cloud][]string{
	customer.Global: {
		"portal.azure.com", "portal.office.com", "admin.powerplatform.microsoft.com", "intune.microsoft.com", "entra.microsoft.com",
		"purview.microsoft.com", "security.microsoft.com",
	},
	customer.GCC: {
		"portal.azure.com", "portal.office.com", "gcc.admin.powerplatform.microsoft.us", "intune.microsoft.com", "entra.microsoft.com",
		"purview.microsoft.com", "security.microsoft.com",
	},
	customer.GCCHigh: {
		"portal.azure.us", "portal.office365.us", "high.admin.powerplatform.microsoft.us", "intune.microsoft.us", "entra.microsoft.us",
		"purview.microsoft.us", "security.microsoft.us",
	},
	customer.DoD: {
		"portal.azure.us", "portal.apps.mil", "admin.appsplatform.us", "intune.microsoft.us", "entra.microsoft.us",
		"purview.microsoft.us", "security.microsoft.us",
	},
	customer.China: {"portal.azure.cn", "portal.partner.microsoftonline.cn", "intune.microsoft.cn", "entra.microsoft.cn"},
}

// hostile are customers whose values try to get out of a link.
func hostile() []customer.Customer {
	return []customer.Customer{
		{Name: "Contoso", PrimaryDomain: "obhcontoso.onmicrosoft.com"},
		{Name: "*Wide* [Importers](https://evil.example/)", PrimaryDomain: "evil.example/@portal.azure.com"},
		{Name: "x", PrimaryDomain: "obh.onmicrosoft.com/../../evil?x=y#z"},
		{Name: "javascript:alert(1)", PrimaryDomain: "javascript:alert(1).onmicrosoft.com"},
		{Name: "=cmd", PrimaryDomain: "obh.onmicrosoft.com\r\nLocation: https://evil.example"},
		{Name: "شركة", PrimaryDomain: "%2e%2e%2fevil.onmicrosoft.com"},
		{Name: "{tid}", PrimaryDomain: "{tid}.onmicrosoft.com"},
		{Name: "moved", PrimaryDomain: "moved-to-another-tenant.example"},
		{Name: "us", PrimaryDomain: "obhcity.onmicrosoft.us"},
		{Name: "cn", PrimaryDomain: "obhcn.partner.onmschina.cn"},
		{Name: ""},
	}
}

// R1, R8, R9, R12, R16, R21, R23, R41, R46, E2, E9, E11, T6: in every cloud, for every
// platform and topic, and whatever the customer is called, a link leads to a known
// host of that cloud and names the customer's tenant.
func TestEveryLinkOpensInTheCustomersContext(t *testing.T) {
	for cloud, allowed := range hosts {
		for _, c := range hostile() {
			c.TenantID, c.Cloud = tenant, cloud
			for _, topic := range append([]request.Topic{{}}, request.Topics...) {
				for _, platform := range []customer.Platform{customer.Azure, customer.Office365, customer.Dynamics, customer.EMS} {
					if topic.Platform != "" && topic.Platform != platform {
						continue
					}
					for name, give := range map[string]func() (customer.Link, bool){
						"new (R9, R12, E9)":   func() (customer.Link, bool) { return customer.NewRequestLink(c, platform, topic.Code) },
						"existing (R16, R21)": func() (customer.Link, bool) { return customer.RequestsLink(c, platform, topic.Code) },
						"health (E2)":         func() (customer.Link, bool) { return customer.HealthLink(c, platform) },
					} {
						link, ok := give()
						if !ok {
							t.Fatalf("%s %s %s: no link", cloud, platform, name)
						}
						u, err := url.Parse(link.URL)
						if err != nil || u.Scheme != "https" || !slices.Contains(allowed, u.Host) || u.User != nil {
							t.Fatalf("%s %s %s %s for %q: %s (%v)", cloud, platform, topic.Code, name, c.PrimaryDomain, link.URL, err)
						}
						domain := strings.ToLower(c.PrimaryDomain)
						context := strings.Contains(u.Path+"?"+u.RawQuery, tenant) || domain != "" && u.Path == "/"+domain
						if !context {
							t.Errorf("%s %s %s: a bare portal (R41, R46): %s", cloud, platform, name, link.URL)
						}
						if strings.ContainsAny(link.URL, " \r\n<>\"{}") || strings.Contains(link.URL, "evil") {
							t.Errorf("%q got into %s", c.PrimaryDomain, link.URL)
						}
						if link.Directory != c.Name {
							t.Errorf("the directory to check is %q, not %q (R23, E11)", link.Directory, c.Name)
						}
					}
				}
			}
		}
	}
	azure, _ := customer.NewRequestLink(*customertest.Contoso(), customer.Azure, "") // R8: the platform decides; T6: by the domain
	office, _ := customer.NewRequestLink(*customertest.Contoso(), customer.Office365, "")
	if azure.URL != "https://portal.azure.com/obhcontoso.onmicrosoft.com#view/Microsoft_Azure_Support/NewSupportRequestV3Blade" ||
		office.URL != "https://portal.office.com/Partner/BeginClientSession.aspx?CTID="+tenant+"&CSDEST=Support" {
		t.Errorf("links %s and %s", azure.URL, office.URL)
	}
}

func TestClosedCloudAndUnknownTenantsHaveNoLink(t *testing.T) {
	for _, change := range []func(*customer.Customer){
		func(c *customer.Customer) { c.Cloud = customer.Germany }, func(c *customer.Customer) { c.Cloud = "moon" }, func(c *customer.Customer) { c.Cloud = "" },
		func(c *customer.Customer) { c.TenantID = "" }, func(c *customer.Customer) { c.TenantID = "../evil" }, func(c *customer.Customer) { c.TenantID = customer.ZeroGUID },
	} {
		c := customertest.Contoso()
		change(c)
		for _, p := range []customer.Platform{customer.Azure, customer.Office365, customer.Dynamics, customer.EMS, ""} {
			if link, ok := customer.NewRequestLink(*c, p, ""); ok || !link.None() {
				t.Errorf("%+v gets %+v", c, link)
			}
		}
	}
}

// R42, R47: the partner's own tenant gets the bare pages of its own cloud.
func TestOwnTenantGetsTheBareLink(t *testing.T) {
	for cloud, allowed := range hosts {
		own := customer.Customer{TenantID: ownTenant, Name: "Partner", PrimaryDomain: "obhpartner.onmicrosoft.com", Cloud: cloud, Own: true}
		if cloud == customer.Global || cloud == customer.GCC {
			allowed = append(slices.Clone(allowed), "admin.cloud.microsoft")
		}
		for _, p := range []customer.Platform{customer.Azure, customer.Office365, customer.Dynamics, customer.EMS} {
			for _, topic := range request.TopicsOf(p) {
				for name, give := range map[string]func() (customer.Link, bool){
					"new":      func() (customer.Link, bool) { return customer.NewRequestLink(own, p, topic.Code) },
					"existing": func() (customer.Link, bool) { return customer.RequestsLink(own, p, topic.Code) },
					"health":   func() (customer.Link, bool) { return customer.HealthLink(own, p) },
				} {
					link, ok := give()
					u, err := url.Parse(link.URL)
					if !ok || err != nil || u.Scheme != "https" || !slices.Contains(allowed, u.Host) || link.Directory != "" {
						t.Errorf("%s %s %s %s: %+v (R42, R47)", cloud, p, topic.Code, name, link)
					}
					if strings.Contains(link.URL, ownTenant) || strings.Contains(link.URL, "obhpartner") || strings.ContainsAny(link.URL, "{}") {
						t.Errorf("%s %s %s: not bare: %s", cloud, p, name, link.URL)
					}
				}
			}
		}
	}
	if link, ok := customer.NewRequestLink(customer.Customer{TenantID: ownTenant, Cloud: customer.Germany, Own: true}, customer.Azure, ""); ok {
		t.Errorf("the closed cloud has %+v", link)
	}
	if u, err := url.Parse(customer.SupportFAQ.URL); err != nil || u.Scheme != "https" || u.Host != "azure.microsoft.com" { // R45
		t.Errorf("%+v", customer.SupportFAQ)
	}
}
