package cards

import (
	"strings"
	"testing"
	"unicode/utf8"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/plaintext"
)

// What the bot can't compute it explains: each rule of the process that is a
// matter of words stands in the help of its topic, in every language.
func TestHelpExplainsTheProcess(t *testing.T) {
	for _, c := range []struct{ rule, topic, en, ru, de string }{
		{"R6, E9: the way by hand", "handover", "Partner Center, Customers", "Центр партнеров, Клиенты", "Partner Center, Kunden"},
		{"R14: the plan", "handover", "Cloud Solution Provider", "Cloud Solution Provider", "Cloud Solution Provider"},
		{"R15, R20: the contact", "handover", "never the customer", "не клиент", "nie der Kunde"},
		{"R24: priority", "sla", "priority", "приоритет", "Vorrang"},
		{"R34, R35, R36: hours", "sla", "A 2 hours, B 4, C 8", "A – 2 часа, B – 4, C – 8", "A 2 Stunden, B 4, C 8"},
		{"R38: other languages", "sla", "business hours", "рабочее время", "Geschäftszeit"},
		{"R40: no phone", "handover", "by phone", "по телефону", "per Telefon"},
		{"R41, R46: whose directory", "handover", "directory", "каталог", "Verzeichnis"},
		{"R45: questions and answers", "handover", "FAQ", "Azure", "Azure"},
		{"E1, E3: partners try first", "file", "yourself", "сами", "selbst"},
		{"E2: service health", "file", "service health", "работоспособность службы", "Dienstintegrität"},
		{"E10: the customer is told", "work", "tell the customer", "сообщите клиенту", "den Kunden"},
	} {
		topic := c.topic
		if topic == "file" {
			topic = "request" // "file" is the command that gives Microsoft's number
		}
		for lang, want := range map[string]string{"en": c.en, "ru": c.ru, "de": c.de} {
			if said := shown(t, Help(topic, nil, i18n.For(lang, berlin(t)))); !strings.Contains(said, want) {
				t.Errorf("%s, %s: nothing says %q\n%s", c.rule, lang, want, said)
			}
		}
	}
}

// Two customers of one name in one domain are told apart by their tenants (R7).
func TestNamesakesAreToldApart_R7(t *testing.T) {
	long := strings.Repeat("Nord", 12)
	found := customerChoices([]customer.Customer{
		{TenantID: "3ceaaf30-8142-48ea-91d9-3080f9b439fc", Name: "Contoso Ltd", PrimaryDomain: "contoso.example"},
		{TenantID: "7e02ff05-b7c1-4ce2-bf76-95f56fced11d", Name: "Contoso Ltd", PrimaryDomain: "contoso.example"},
		{TenantID: "ce4cda11-b43c-489b-b120-a366f0bbe9cf", Name: "Fabrikam", PrimaryDomain: "fabrikam.example"},
		{TenantID: "a22ea180-c5c2-42af-b977-a65499356597", Name: long},
		{TenantID: "8dabf68e-2eb7-4728-afea-875e75365e14", Name: long + " Süd"},
	}, 9, shortChoice)
	seen := make(map[string]bool)
	for i, c := range found {
		if seen[c.Title] || utf8.RuneCountInString(c.Title) > shortChoice {
			t.Errorf("choice %d reads %q", i, c.Title)
		}
		seen[c.Title] = true
	}
	if found[2].Title != "Fabrikam · fabrikam.example" {
		t.Errorf("who is alone reads %q", found[2].Title)
	}
}

// The review shows which tenant was chosen, and what the record knows of the
// access to Azure stands beside the question (R7, R10).
func TestTheFormShowsTenantAndAccess_R7_R10(t *testing.T) {
	s, o := english(t), weisswurst()
	o.Relationship, o.IndirectProvider, o.AzureAccess = "indirect", "Relecloud", "provider_granted"
	answers := map[string]string{"customer": o.TenantID, "platform": "azure", "kind": "technical", "severity": "B", "title": "x", "description": "y"}
	if said := shown(t, s.form(s.draft(intake.StepReview, answers), false, &o)); !strings.Contains(said, o.PrimaryDomain+" · "+plaintext.MaskID(o.TenantID)) {
		t.Errorf("the review does not say which tenant:\n%s", said)
	}
	for access, want := range map[string]string{"provider_granted": "the provider gave you access", "none": "no access yet", "owner": "own the subscription"} {
		o.AzureAccess = access
		if said := shown(t, s.form(s.draft(intake.StepWhat, answers), false, &o)); !strings.Contains(said, want) {
			t.Errorf("%s: nothing says %q", access, want)
		}
	}
}

// The caution to keep payment data out of the text stands where the text is typed.
func TestFraudIsCautionedBeforeTheTextIsTyped_R5(t *testing.T) {
	s, o := english(t), weisswurst()
	for kind, want := range map[string]bool{"fraud": true, "billing": false, "technical": false} {
		answers := map[string]string{"customer": o.TenantID, "platform": "office365", "kind": kind, "severity": "B"}
		if said := shown(t, s.form(s.draft(intake.StepWhat, answers), false, &o)); strings.Contains(said, s.w.T("note.fraud")) != want {
			t.Errorf("%s:\n%s", kind, said)
		}
	}
}
