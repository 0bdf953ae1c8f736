package intake

import (
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/customer/customertest"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// TestEachLanguageNamesItsClock looks at what the choices of language say: the
// policy, and not the language alone, decides whether nights count.
func TestEachLanguageNamesItsClock(t *testing.T) {
	business, err := sla.Parse("business.yaml", []byte("english: business\n"))
	if err != nil {
		t.Fatal(err)
	}
	untimed, err := sla.Parse("untimed.yaml", []byte("clocks: {response: {targets: {}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		policy          *sla.Policy
		kind            request.Kind
		english, german sla.Basis
		mode            sla.Mode
	}{
		"technical":                   {sla.BuiltIn(), request.Technical, sla.Published, sla.Estimate, sla.Wall},
		"technical, business hours":   {business, request.Technical, sla.Published, sla.Estimate, sla.Business},
		"billing":                     {sla.BuiltIn(), request.Billing, sla.UpTo, sla.UpTo, sla.Business},
		"technical, nothing promised": {untimed, request.Technical, sla.NoTarget, sla.NoTarget, sla.Business},
	} {
		t.Run(name, func(t *testing.T) {
			a := complete()
			a.Kind, a.Severity = string(tc.kind), ""
			c := formOf(a).of(customertest.Contoso()).check(Draft{Answers: a, Step: StepWho}, []customer.Customer{*customertest.Contoso()}, tc.policy, noon)
			en, de := c.Spoken["en"], c.Spoken["de"]
			if en.Basis != tc.english || en.Mode != tc.mode || de.Basis != tc.german || de.Mode != sla.Business {
				t.Errorf("English %s %q, German %s %q", en.Mode, en.Basis, de.Mode, de.Basis)
			}
			if len(c.Spoken) != len(c.Languages) {
				t.Errorf("%d clocks for %v", len(c.Spoken), c.Languages)
			}
		})
	}
}

// TestClockThatWaitsForTheOpeningSaysSo files on a Sunday: German counts from
// Monday morning, English at once.
func TestClockThatWaitsForTheOpeningSaysSo(t *testing.T) {
	a := complete()
	a.Language = "de"
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, customertest.Contoso().Location())
	if c := checkForm(a, customertest.Contoso()); !c.Opens.Equal(monday) {
		t.Errorf("counts from %s, want %s", c.Opens, monday)
	}
	a.Language = "en"
	if c := checkForm(a, customertest.Contoso()); !c.Opens.IsZero() {
		t.Errorf("day and night count, but only from %s", c.Opens)
	}
}

// TestOwnTenantWithoutRecordIsCalledByItsDomain looks that nobody has to read a
// GUID where a company's name belongs.
func TestOwnTenantWithoutRecordIsCalledByItsDomain(t *testing.T) {
	own := customer.Customer{TenantID: ownTenant, Name: ownTenant, Cloud: customer.Global, Status: "active", Own: true}
	a := complete()
	by := func(email string) func(*Draft) { return func(d *Draft) { d.Person.Email = email } }
	for email, want := range map[string]string{"ann@partner.example": "partner.example", "": ownTenant, "ann": ownTenant} {
		if c := checkForm(a, &own, by(email)); c.Customer.Name != want || c.Customer.TenantID != ownTenant {
			t.Errorf("%q: called %q, want %q", email, c.Customer.Name, want)
		}
	}
	named := own
	named.Name = "Proactive Cloud"
	if c := checkForm(a, &named, by("ann@partner.example")); c.Customer.Name != "Proactive Cloud" {
		t.Errorf("a name on record becomes %q", c.Customer.Name)
	}
	stranger := *customertest.Contoso()
	stranger.Name = stranger.TenantID
	if c := checkForm(a, &stranger, by("ann@partner.example")); c.Customer.Name != stranger.TenantID {
		t.Errorf("a customer without a name is called by our domain: %q", c.Customer.Name)
	}
}
