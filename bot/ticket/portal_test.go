package ticket

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// hosts are all that a link may lead to, by cloud; links of one cloud never lead
// into another's.
var hosts = map[Cloud][]string{
	Global: {
		"portal.azure.com", "portal.office.com", "admin.powerplatform.microsoft.com", "intune.microsoft.com", "entra.microsoft.com",
		"purview.microsoft.com", "security.microsoft.com",
	},
	GCC: {
		"portal.azure.com", "portal.office.com", "gcc.admin.powerplatform.microsoft.us", "intune.microsoft.com", "entra.microsoft.com",
		"purview.microsoft.com", "security.microsoft.com",
	},
	GCCHigh: {
		"portal.azure.us", "portal.office365.us", "high.admin.powerplatform.microsoft.us", "intune.microsoft.us", "entra.microsoft.us",
		"purview.microsoft.us", "security.microsoft.us",
	},
	DoD: {
		"portal.azure.us", "portal.apps.mil", "admin.appsplatform.us", "intune.microsoft.us", "entra.microsoft.us",
		"purview.microsoft.us", "security.microsoft.us",
	},
	China: {"portal.azure.cn", "portal.partner.microsoftonline.cn", "intune.microsoft.cn", "entra.microsoft.cn"},
}

// hostile are customers whose values try to get out of a link.
func hostile() []Customer {
	return []Customer{
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
			for _, topic := range append([]Topic{{}}, Topics...) {
				for _, platform := range []Platform{Azure, Office365, Dynamics, EMS} {
					if topic.Platform != "" && topic.Platform != platform {
						continue
					}
					for name, give := range map[string]func() (Link, bool){
						"new (R9, R12, E9)":   func() (Link, bool) { return NewRequestLink(c, platform, topic.Code) },
						"existing (R16, R21)": func() (Link, bool) { return RequestsLink(c, platform, topic.Code) },
						"health (E2)":         func() (Link, bool) { return HealthLink(c, platform) },
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
	azure, _ := NewRequestLink(*contoso(), Azure, "") // R8: the platform decides; T6: by the domain
	office, _ := NewRequestLink(*contoso(), Office365, "")
	if azure.URL != "https://portal.azure.com/obhcontoso.onmicrosoft.com#view/Microsoft_Azure_Support/NewSupportRequestV3Blade" ||
		office.URL != "https://portal.office.com/Partner/BeginClientSession.aspx?CTID="+tenant+"&CSDEST=Support" {
		t.Errorf("links %s and %s", azure.URL, office.URL)
	}
}

func TestClosedCloudAndUnknownTenantsHaveNoLink(t *testing.T) {
	for _, change := range []func(*Customer){
		func(c *Customer) { c.Cloud = Germany }, func(c *Customer) { c.Cloud = "moon" }, func(c *Customer) { c.Cloud = "" },
		func(c *Customer) { c.TenantID = "" }, func(c *Customer) { c.TenantID = "../evil" }, func(c *Customer) { c.TenantID = zeros },
	} {
		c := contoso()
		change(c)
		for _, p := range []Platform{Azure, Office365, Dynamics, EMS, ""} {
			if link, ok := NewRequestLink(*c, p, ""); ok || !link.None() {
				t.Errorf("%+v gets %+v", c, link)
			}
		}
	}
}

// R42, R47: the partner's own tenant gets the bare pages of its own cloud.
func TestOwnTenantGetsTheBareLink(t *testing.T) {
	for cloud, allowed := range hosts {
		own := Customer{TenantID: ownTenant, Name: "Partner", PrimaryDomain: "obhpartner.onmicrosoft.com", Cloud: cloud, Own: true}
		if cloud == Global || cloud == GCC {
			allowed = append(slices.Clone(allowed), "admin.cloud.microsoft")
		}
		for _, p := range []Platform{Azure, Office365, Dynamics, EMS} {
			for _, topic := range TopicsOf(p) {
				for name, give := range map[string]func() (Link, bool){
					"new":      func() (Link, bool) { return NewRequestLink(own, p, topic.Code) },
					"existing": func() (Link, bool) { return RequestsLink(own, p, topic.Code) },
					"health":   func() (Link, bool) { return HealthLink(own, p) },
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
	if link, ok := NewRequestLink(Customer{TenantID: ownTenant, Cloud: Germany, Own: true}, Azure, ""); ok {
		t.Errorf("the closed cloud has %+v", link)
	}
	if u, err := url.Parse(SupportFAQ.URL); err != nil || u.Scheme != "https" || u.Host != "azure.microsoft.com" { // R45
		t.Errorf("%+v", SupportFAQ)
	}
}

// R3: who gives no criterion is led to what Microsoft has written for the platform;
// E2: who did not look is led to the customer's service health.
func TestWarningsLeadToSelfHelpAndHealth(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range []Platform{Azure, Office365, Dynamics, EMS} {
		a := complete()
		a.Platform, a.Criterion, a.HealthChecked = string(p), "", ""
		links := map[string]string{}
		for _, w := range checkForm(a, contoso()).Warnings {
			links[w.Code] = w.Link.URL
		}
		u, err := url.Parse(links["criterion"])
		if err != nil || u.Scheme != "https" || u.Host != "learn.microsoft.com" || seen[u.Path] {
			t.Errorf("%s (R3): self-help %q", p, links["criterion"])
		}
		seen[u.Path] = true
		if health, _ := HealthLink(*contoso(), p); links["health"] != health.URL || health.None() {
			t.Errorf("%s (E2): health %q", p, links["health"])
		}
	}
	if link := SelfHelpLink(""); !link.None() {
		t.Errorf("no platform has %+v", link)
	}
}

func TestPortalFollowsTheTicket(t *testing.T) {
	ticket := Ticket{Customer: *contoso(), Platform: Azure}
	before, _ := Portal(ticket)
	ticket.MicrosoftCase = "2611220010000417"
	after, _ := Portal(ticket)
	if !strings.Contains(before.URL, "NewSupportRequest") || !strings.Contains(after.URL, "managesupportrequest") {
		t.Errorf("%s, then %s", before.URL, after.URL)
	}
}

func TestSheetIsInThePortalsOrder(t *testing.T) {
	ticket := Ticket{
		Number: 128, Customer: *contoso(), Platform: Azure, Kind: Technical, Severity: SeverityA, Language: "en", Title: "VMs do not start",
		Description: "All 14 fail.", Impact: "220 people", Topic: "az.vm", Contact: Contact{Name: "Ines", Email: "ines@partner.example"},
		Details: Details{SubscriptionID: subscription, Tried: "other size", Reachable: true},
	}
	var names []string
	values := map[string]string{}
	for _, f := range ticket.sheetFields() {
		names = append(names, f.Name)
		values[f.Name] = f.Value
	}
	want := []string{"Issue type", "Subscription", "Service", "Problem type", "Summary", "Support plan", "Description", "Severity", "Contact method", "Contact name", "E-mail", "Support language"}
	if !slices.Equal(names, want) { // R13
		t.Errorf("fields %v, want %v", names, want)
	}
	if want := "Connectivity / Start or stop / Performance / Deployment; More…: Backup / Extensions"; values["Problem type"] != want {
		t.Errorf("problem types (R17, R18) %q, want %q", values["Problem type"], want)
	}
	if values["Support plan"] != "Cloud Solution Provider" { // R14
		t.Errorf("support plan %q", values["Support plan"])
	}
	if values["Contact method"] != "E-mail" { // R40
		t.Errorf("contact method %q", values["Contact method"])
	}
	if d := values["Description"]; !strings.Contains(d, "Our reference: SR-128") || !strings.Contains(d, "Tried: other size") || !strings.Contains(d, "Impact: 220 people") {
		t.Errorf("description %q", d)
	}
	if values["Severity"] != "A - Critical impact, 24/7" {
		t.Errorf("severity %q (T16)", values["Severity"])
	}
	for health, want := range map[string]string{"none": "checked, nothing reported", "incident": "checked, an incident is reported", "looked twice": "looked twice"} {
		ticket.Details.HealthChecked = health // E2
		if got := ticket.sheetDescription(); !strings.Contains(got, "\nService health: "+want+"\n") {
			t.Errorf("%s: %q", health, got)
		}
	}
	ticket.Platform, ticket.Topic = Office365, "m.exo"
	office := Sheet{Fields: ticket.sheetFields()}.Text() // R19
	if !strings.HasPrefix(office, "Topic: Exchange Online\n") || strings.Contains(office, "Subscription:") {
		t.Errorf("admin center:\n%s", office)
	}
}
