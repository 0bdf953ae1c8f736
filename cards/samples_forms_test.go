package cards

import (
	"context"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// check is what the real desk says about a form, at 01:32 in Berlin.
func (s world) check(d intake.Draft, customer *customer.Customer, candidates ...customer.Customer) intake.Check {
	s.t.Helper()
	desk := &request.Desk{Incidents: s.incidents, Policy: sla.BuiltIn(), Now: func() time.Time { return s.at("2026-11-23T01:32:00+01:00") }}
	c, err := intake.Desk{Desk: desk}.Check(context.Background(), known{customer: customer, found: candidates}, d)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// known knows one customer and one ticket, takes every change and keeps none.
type known struct {
	request.Tx
	customer *customer.Customer
	found    []customer.Customer
	ticket   *request.Ticket
}

func (k known) LockTicket(context.Context, request.Number) (*request.Ticket, error) {
	t := *k.ticket
	return &t, nil
}

func (known) UpdateTicket(context.Context, *request.Ticket, *request.Ticket) error { return nil }

func (k known) Customer(context.Context, string) (*customer.Customer, error) {
	if k.customer == nil {
		return nil, customer.ErrNoCustomer
	}
	return k.customer, nil
}

func (k known) SearchCustomers(_ context.Context, query string, _ int) ([]customer.Customer, error) {
	if query != "" && strings.Contains("fabrikam residences", query) { // what of a mistyped name is right
		return []customer.Customer{fabrikam()}, nil
	}
	return k.found, nil
}

func (k known) CustomersNamed(context.Context, []string) ([]customer.Customer, error) {
	return nil, nil
}

func (k known) CustomersCalled(context.Context, [][]string) ([]customer.Customer, bool, error) {
	return k.found, false, nil
}

func (s world) draft(step intake.Step, answers map[string]string) intake.Draft {
	d := intake.Draft{
		Form: "f-7q2m", Version: 1, Person: ines, Step: step, Zone: "Europe/Berlin", UILanguage: s.w.Lang(),
		Started: s.at("2026-11-23T01:20:00+01:00"), Expires: s.at("2026-11-24T01:20:00+01:00"),
	}
	for id, value := range answers {
		if !d.Answers.Set(id, value) {
			s.t.Fatalf("no input %s", id)
		}
	}
	return d
}

func (s world) form(d intake.Draft, problems bool, c *customer.Customer, candidates ...customer.Customer) Card {
	contoso := customer.Customer{TenantID: "3ceaaf30-8142-48ea-91d9-3080f9b439fc", Name: "Contoso Ltd", PrimaryDomain: "contoso.example"}
	uk := customer.Customer{TenantID: "7e02ff05-b7c1-4ce2-bf76-95f56fced11d", Name: "Contoso Ltd", PrimaryDomain: "contoso-uk.example"}
	return IntakeForm(Form{
		Draft: d, Check: s.check(d, c, candidates...), Choices: []customer.Customer{wingtip(), contoso, uk, fabrikam()},
		ShowProblems: problems, Now: s.at("2026-11-23T01:32:00+01:00"),
	}, s.w)
}

// aloud is a form that others read, with the customer as it was said.
func (s world) aloud(step intake.Step, said string) Card {
	d := s.draft(step, map[string]string{"kind": "technical", "language": "en", "platform": "azure", "severity": "B"})
	check := s.check(d, nil)
	d.Answers.Set("customer", said)
	return IntakeForm(Form{Draft: d, Check: check, Shared: true, Now: s.at("2026-11-23T01:32:00+01:00")}, s.w)
}

func (s world) forms() []sample {
	w, f, o := wingtip(), fabrikam(), weisswurst()
	own := customer.Customer{TenantID: "0f9b0c2e-3b0c-4a37-9f0e-5d3b0e0f9b0c", Name: "Proactive Cloud", PrimaryDomain: "proactive-cloud.example", Cloud: customer.Global, Status: "active", Own: true}
	unnamed := fabrikam()
	unnamed.IndirectProvider, unnamed.Status, unnamed.AdminRelationship, unnamed.AdminEnd = "", "suspended", "expired", "2026-11-20"
	contact := map[string]string{"contactName": ines.Name, "contactEmail": ines.Email}
	a := func(pairs ...string) map[string]string {
		answers := map[string]string{"kind": "technical", "language": "en"}
		for id, value := range contact {
			answers[id] = value
		}
		for i := 0; i < len(pairs); i += 2 {
			answers[pairs[i]] = pairs[i+1]
		}
		return answers
	}
	vms := a("customer", w.TenantID, "platform", "azure", "severity", "A", "title", "VMs in Central India do not start", "topic", "az.vm",
		"subscriptionId", "ebb57ee0-10f5-4e0d-b79b-b1726d250099", "criterion", "unavailable", "healthChecked", "none",
		"description", "All 14 VMs in the subscription fail to start with AllocationFailed since 00:50.", "tried", "Other size, other zone, stop and deallocate.")
	return []sample{
		{"intake-who", s.form(s.draft(intake.StepWho, a("platform", "azure")), false, nil)},
		{"intake-who-shared", s.aloud(intake.StepWho, "contoso")},
		{"intake-what-shared", s.aloud(intake.StepWhat, "contoso")},
		{"intake-who-redrawn", s.form(s.draft(intake.StepWho, a("customer", w.TenantID, "platform", "azure", "language", "de")), true, &w)},
		{"intake-who-near", s.form(s.draft(intake.StepWho, a("customer", "fabrikm residences", "platform", "azure", "severity", "B")), true, nil)},
		{"intake-who-many", s.form(s.draft(intake.StepWho, a("customer", "contoso", "severity", "B")), true, nil, fabrikam(), weisswurst())},
		{"intake-who-billing", s.form(s.draft(intake.StepWho, a("kind", "billing", "platform", "office365")), false, nil)},
		{"intake-impact", s.form(s.draft(intake.StepImpact, a("platform", "azure")), false, nil)},
		{"intake-who-proposed", s.form(s.draft(intake.StepWho, a("customer", w.TenantID, "platform", "azure", "severity", "B", "production", "partly", "loss", "moderate", "workaround", "yes")), false, &w)},
		{"intake-what", s.form(s.draft(intake.StepWhat, a("customer", w.TenantID, "platform", "azure", "severity", "A")), false, &w)},
		{"intake-what-asked", s.form(asked(s.draft(intake.StepWhat, a("customer", w.TenantID, "platform", "azure", "severity", "A"))), false, &w)},
		{"intake-what-errors", s.form(s.draft(intake.StepWhat, a("customer", f.TenantID, "platform", "azure", "severity", "B",
			"title", "VPN to head office drops every 10 minutes", "topic", "az.net", "subscriptionId", "ea5ee53c-ac3e-4b5b-8291-77094c1e260",
			"description", "Since 21 Nov the site-to-site VPN drops every 10 minutes.\nPassword: Kx7!pQ2z-9Lm\nTried: new gateway, firmware 7.4, other ISP line.",
			"impact", "40 residents’ offices lose access to files several times an hour.", "accessConfirmed", "true")), true, &f)},
		{"intake-what-office", s.form(s.draft(intake.StepWhat, a("customer", o.TenantID, "platform", "office365", "severity", "B", "healthChecked", "looked, EX123456")), false, &o)},
		{"intake-what-own", s.form(s.draft(intake.StepWhat, a("customer", own.TenantID, "platform", "azure", "severity", "C")), true, &own)},
		{"intake-contact", s.form(s.draft(intake.StepContact, vms), false, &w)},
		{"intake-contact-error", s.form(s.draft(intake.StepContact, merge(vms, "contactEmail", "ann@obhwingtip.onmicrosoft.com", "contactPhone", "12")), true, &w)},
		{"intake-review", s.form(s.draft(intake.StepReview, vms), false, &w)},
		{"intake-review-estimate", s.form(s.draft(intake.StepReview, a("customer", o.TenantID, "platform", "office365", "severity", "B", "language", "de",
			"title", "Outlook fragt alle paar Minuten nach dem Kennwort", "topic", "m.exo", "healthChecked", "none", "criterion", "bug",
			"description", "Seit Freitag bei 6 von 10 Personen.", "tried", "Profil neu, Anmeldeinformationen gelöscht")), false, &o)},
		{"intake-review-indirect", s.form(s.draft(intake.StepReview, merge(vms, "customer", f.TenantID, "subscriptionId", "ea5ee53c-ac3e-4b5b-8291-77094c1e2603", "reachable", "true")), false, &f)},
		{"intake-review-language", s.form(s.draft(intake.StepReview, merge(vms, "title", "Не запускаются виртуальные машины", "reachable", "true",
			"description", "С 00:50 все 14 машин останавливаются с ошибкой AllocationFailed.")), false, &w)},
		{"intake-review-warnings", s.form(s.draft(intake.StepReview, merge(vms, "criterion", "", "healthChecked", "", "tried", "")), false, &w)},
		{"intake-review-late", s.form(s.draft(intake.StepReview, merge(vms, "reachable", "true", "reportedAt", "gestern um 13:30")), false, &w)},
		{"intake-review-own", s.form(s.draft(intake.StepReview, merge(vms, "customer", own.TenantID, "severity", "B", "planKind", "azure_plan", "supportPlan", "SP-12345")), false, &own)},
		{"intake-review-fraud", s.form(s.draft(intake.StepReview, merge(vms, "customer", unnamed.TenantID, "kind", "fraud", "subscriptionId", "ea5ee53c-ac3e-4b5b-8291-77094c1e2603",
			"title", "Unknown VMs mine coins", "topic", "az.bill")), false, &unnamed)},
		{"intake-review-billing", s.form(s.draft(intake.StepReview, a("customer", o.TenantID, "platform", "office365", "kind", "billing",
			"title", "Invoice G012345678 counts 12 seats twice", "description", "See lines 3 and 7.")), false, &o)},
	}
}

// waitingFor is a form whose person wanted to file a message meanwhile.
func waitingFor(d intake.Draft, title string) intake.Draft {
	d.Next = &intake.Beginning{Answers: intake.Answers{Title: title}}
	return d
}

// asked is a form whose review asked for a detail.
func asked(d intake.Draft) intake.Draft {
	d.Unfolded = true
	return d
}

func merge(answers map[string]string, pairs ...string) map[string]string {
	merged := map[string]string{}
	for id, value := range answers {
		merged[id] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		merged[pairs[i]] = pairs[i+1]
	}
	return merged
}

func (s world) besides() []sample {
	d := s.draft(intake.StepScope, map[string]string{"title": "Token of one tenant opens another tenant’s storage"})
	d.Personal = true
	scope := func(topic string) intake.OutOfScope {
		c := s.check(s.draft(intake.StepWho, map[string]string{"topic": topic}), nil)
		if c.Scope == nil {
			s.t.Fatalf("%s is in scope", topic)
		}
		return *c.Scope
	}
	return []sample{
		{"scope-vulnerability", OutOfScope(d, scope("x.sec"), s.w)},
		{"scope-marketplace", OutOfScope(d, scope("x.market"), s.w)},
		{"scope-partner-center", OutOfScope(d, scope("x.pc"), s.w)},
		{"scope-on-premises", OutOfScope(d, scope("x.onprem"), s.w)},
		{"scope-germany", OutOfScope(d, intake.OutOfScope{Code: "germany", Field: "customer", Args: map[string]any{"customer": "Litware GmbH"}}, s.w)},
		{"scope-left", OutOfScope(d, intake.OutOfScope{Code: "left", Field: "customer", Args: map[string]any{"customer": "Litware GmbH"}}, s.w)},
		{"form-resume", ResumeForm(d, "", s.w)},
		{"form-resume-line", ResumeForm(d, "fabrikam azure B Slow again", s.w)},
		{"form-resume-message", ResumeForm(waitingFor(d, "VPN is down"), "", s.w)},
		{"form-add-here", AddHere(d, s.w)},
		{"form-add-first", AddFirst(intake.Beginning{}, false, s.w)}, {"form-add-again", AddFirst(intake.Beginning{}, true, s.w)},
		{"form-gone", FormGone(s.w)},
		{"form-cancelled", FormCancelled(s.w)},
		{"form-filed", FormFiled(129, s.w)},
		{"form-private-notice", PrivateNotice(ines, s.w)},
		{"form-below", FormBelow(s.w)},
	}
}
