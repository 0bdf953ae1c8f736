package intake

import (
	"strings"
	"testing"

	"onbehalf/bot/customer"
)

func TestContactIsNeverTheCustomers_R15_R20(t *testing.T) {
	contoso := customer.Customer{TenantID: tenant, Name: "Contoso", PrimaryDomain: "obhcontoso.onmicrosoft.com", CustomDomains: []string{"contoso.example", "xn--bcher-kva.example"}}
	for _, tc := range []struct{ email, code string }{
		{"ann@contoso.example", "email_customer"},
		{"ann@mail.contoso.example", "email_customer"},
		{"ann@CONTOSO.Example", "email_customer"},
		{"ann@a.b.c.contoso.example", "email_customer"},
		{"ann@bücher.example", "email_customer"},
		{"ann@mail.BÜCHER.example", "email_customer"},
		{"ann@obhcontoso.onmicrosoft.com", "email_customer"},
		{"ann@xn--BCHER-KVA.example", "email_customer"},
		{"ann@bu\u0308cher.example", "email_customer"},                               // decomposed
		{"ann@\uff43\uff4f\uff4e\uff54\uff4f\uff53\uff4f.example", "email_customer"}, // full width
		{"ann@contoso\u3002example", "email_customer"},                               // the full stop of Chinese
		{"ann@con\u00adtoso.example", "email_customer"},                              // an invisible hyphen
		{"ann@contoso.example.", "email_shape"},
		{"ann@contoso..example", "email_shape"},
		{"\"ann@contoso.example\"@partner.example", "email_shape"},
		{"ann@contoso.example@partner.example", "email_shape"},
		{"ann(x)@contoso.example", "email_shape"},
		{"ann@\u0441ontoso.example", ""}, // a Cyrillic s is another domain
		{"ann@example", "email_shape"},
		{"ann@notcontoso.example", ""},
		{"ann@contoso.example.partner.example", ""},
		{"ann@onmicrosoft.com", ""},
		{"Ann <ann@partner.example>", "email_name"},
		{"<ann@partner.example>", "email_name"},
		{"ann@partner", "email_shape"},
		{"ann", "email_shape"},
		{"ann@[10.0.0.1]", "email_shape"},
		{"ann@partner.example, bob@partner.example", "email_shape"},
		{strings.Repeat("a", 250) + "@partner.example", "email_shape"},
	} {
		f := form{ContactEmail: tc.email, customer: &contoso}
		code := ""
		for _, p := range f.crossProblems(1) {
			if p.Field == "contactEmail" {
				code = p.Code
			}
		}
		if code != tc.code {
			t.Errorf("%s: problem %q, want %q", tc.email, code, tc.code)
		}
	}
	own := contoso
	own.Own = true
	f := form{ContactEmail: "ann@contoso.example", customer: &own}
	for _, p := range f.crossProblems(1) {
		t.Errorf("in the own tenant partner and customer are one, but got %+v", p)
	}
}

func TestPhonesAreE164(t *testing.T) {
	for typed, want := range map[string]string{
		"+49 (30) 123-45.67": "+49301234567", "+1 425 555 0100": "+14255550100", "＋4930１２３４５６７": "+49301234567",
	} {
		if got, ok := ParsePhone(typed); !ok || got != want {
			t.Errorf("ParsePhone(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"030 1234567", "+0301234567", "+49", "+4930123456789012", "+49 30 CALL ME", ""} {
		if _, ok := ParsePhone(typed); ok {
			t.Errorf("ParsePhone(%q) was taken", typed)
		}
	}
}
