package intake

import (
	"net/url"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/customer/customertest"
)

// R3: who gives no criterion is led to what Microsoft has written for the platform;
// E2: who did not look is led to the customer's service health.
func TestWarningsLeadToSelfHelpAndHealth(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range []customer.Platform{customer.Azure, customer.Office365, customer.Dynamics, customer.EMS} {
		a := complete()
		a.Platform, a.Criterion, a.HealthChecked = string(p), "", ""
		links := map[string]string{}
		for _, w := range checkForm(a, customertest.Contoso()).Warnings {
			links[w.Code] = w.Link.URL
		}
		u, err := url.Parse(links["criterion"])
		if err != nil || u.Scheme != "https" || u.Host != "learn.microsoft.com" || seen[u.Path] {
			t.Errorf("%s (R3): self-help %q", p, links["criterion"])
		}
		seen[u.Path] = true
		if health, _ := customer.HealthLink(*customertest.Contoso(), p); links["health"] != health.URL || health.None() {
			t.Errorf("%s (E2): health %q", p, links["health"])
		}
	}
	if link := customer.SelfHelpLink(""); !link.None() {
		t.Errorf("no platform has %+v", link)
	}
}
