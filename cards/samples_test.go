package cards

import (
	"context"
	"slices"
	"testing"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/sla"
	"onbehalf/bot/ticket"
)

var (
	ines  = ticket.Person{ID: "11111111-0000-4000-8000-000000000001", TeamsID: "29:1kQf-3hHk9dVYp0mPz0rVYjv6tQ", Name: "Ines Kowal", Email: "ines.kowal@proactive-cloud.example"}
	jonas = ticket.Person{ID: "11111111-0000-4000-8000-000000000002", TeamsID: "29:1a8-hQxw2PlE6m0Yd4uT9bSgV3c", Name: "Jonas Weber", Email: "jonas.weber@proactive-cloud.example"}
	mara  = ticket.Person{ID: "11111111-0000-4000-8000-000000000003", TeamsID: "29:1x", Name: "Mara Lind"}
)

// world is what the samples of one language are made of.
type world struct {
	t testing.TB
	w i18n.Words
}

func samples(t testing.TB, lang string) []sample {
	t.Helper()
	s := world{t: t, w: i18n.For(lang, berlin(t))}
	return slices.Concat(s.tickets(), s.forms(), s.besides(), s.lists(), s.asks(), s.alarms(), s.talk(), s.sheets(), s.reports())
}

func wingtip() ticket.Customer {
	return ticket.Customer{
		TenantID: "a94a7277-5ac7-42c2-bf82-f27277eddd77", Name: "Wingtip Toys", PrimaryDomain: "obhwingtip.onmicrosoft.com",
		Cloud: ticket.Global, Relationship: "direct", Zone: "Asia/Kolkata", SupportLanguage: "en", Calendar: "in", Status: "active",
		AzureAccess: "owner", AdminRelationship: "gdap", AdminEnd: "2026-12-01",
		Subscriptions: []ticket.Subscription{{Branch: "azure", ID: "ebb57ee0-10f5-4e0d-b79b-b1726d250099", Name: "Azure plan", Status: "active"}},
	}
}

func fabrikam() ticket.Customer {
	return ticket.Customer{
		TenantID: "8dabf68e-2eb7-4728-afea-875e75365e14", Name: "Fabrikam Residences", PrimaryDomain: "fabrikam-residences.example",
		Cloud: ticket.Global, Relationship: "indirect", IndirectProvider: "Relecloud Distribution", Zone: "Europe/Berlin", SupportLanguage: "de",
		Calendar: "de", Status: "active", AzureAccess: "provider_granted", AdminRelationship: "gdap",
		Subscriptions: []ticket.Subscription{{Branch: "azure", ID: "ea5ee53c-ac3e-4b5b-8291-77094c1e2603", Name: "Azure plan", Status: "active"}},
	}
}

func weisswurst() ticket.Customer {
	return ticket.Customer{
		TenantID: "d8da98de-bac7-4b89-a19f-b966771206f9", Name: "Weißwurst & Söhne Straßenbau GmbH", PrimaryDomain: "weisswurst.example",
		Cloud: ticket.Global, Relationship: "direct", Zone: "Europe/Berlin", SupportLanguage: "de", Calendar: "de", Status: "active",
		AdminRelationship: "gdap",
	}
}

func (s world) at(clock string) time.Time { return at(s.t, clock) }

// vms is the ticket of the mock-ups: opened at 01:32 in Berlin, due at 03:32.
func (s world) vms() ticket.Ticket {
	opened := s.at("2026-11-23T01:32:00+01:00")
	return ticket.Ticket{
		Number: 128, Revision: 1, Status: ticket.Open, Customer: wingtip(), Platform: ticket.Azure, Kind: ticket.Technical,
		Severity: ticket.SeverityA, Language: "en", Title: "VMs in Central India do not start", Topic: "az.vm",
		Description: "All 14 VMs in the subscription fail to start with AllocationFailed since 00:50. Tried: other size, other zone, stop and deallocate.",
		Impact:      "Production down, 220 people cannot work.",
		Contact:     ticket.Contact{Name: ines.Name, Email: ines.Email},
		Details:     ticket.Details{SubscriptionID: "ebb57ee0-10f5-4e0d-b79b-b1726d250099", Tried: "Other size, other zone", HealthChecked: "none"},
		Requester:   ines, Words: "en", Zone: "Europe/Berlin", OpenedAt: opened, StartedAt: opened, UpdatedAt: opened,
		Response: sla.Run{Clock: sla.ClockResponse, Start: opened, Budget: 2 * time.Hour, Mode: sla.Wall, Due: opened.Add(2 * time.Hour), Basis: sla.Published},
		Handoff:  sla.Run{Clock: sla.ClockHandoff, Start: opened, Budget: 15 * time.Minute, Mode: sla.Wall, Due: opened.Add(15 * time.Minute), Basis: sla.Published},
	}
}

func (s world) filed(t ticket.Ticket) ticket.Ticket {
	t.Status, t.Revision, t.Assignee, t.MicrosoftCase = ticket.Filed, 3, ines, "2611230010000417"
	t.FiledAt, t.UpdatedAt = s.at("2026-11-23T01:44:00+01:00"), s.at("2026-11-23T01:44:00+01:00")
	t.Microsoft = sla.Run{Clock: sla.ClockMicrosoft, Start: t.FiledAt, Budget: 2 * time.Hour, Mode: sla.Wall, Due: t.FiledAt.Add(2 * time.Hour), Basis: sla.Published}
	return t
}

func (s world) answered(t ticket.Ticket, clock string) ticket.Ticket {
	t = s.filed(t)
	t.Status, t.Revision, t.RespondedAt = ticket.InProgress, 5, s.at(clock)
	t.MicrosoftRespondedAt, t.UpdatedAt = t.RespondedAt, t.RespondedAt
	return t
}

// view is what the desk shows of a ticket; the desk alone decides the moves.
func (s world) view(t ticket.Ticket, by ticket.Viewer, shared bool) TicketView {
	return TicketView{
		View: (&ticket.Desk{}).Show(t, by, shared), Viewer: by, Shared: shared, RefreshFor: []string{ines.TeamsID, jonas.TeamsID},
	}
}

func (s world) tickets() []sample {
	open := s.vms()
	warned := s.filed(open)
	warned.Fired = []string{"response/warn/1"}
	late := open
	late.Response.Due, late.Fired = s.at("2026-11-23T01:33:00+01:00"), []string{"response/breach"}
	progress := s.answered(open, "2026-11-23T02:58:00+01:00")
	answeredLate := s.answered(open, "2026-11-23T04:10:00+01:00")
	waiting := progress
	waiting.Status, waiting.Revision, waiting.WaitingSince = ticket.Waiting, 8, s.at("2026-11-23T05:10:00+01:00")
	unansweredWaiting := s.filed(open)
	unansweredWaiting.Status, unansweredWaiting.WaitingSince = ticket.Waiting, s.at("2026-11-23T02:10:00+01:00")
	resolved := progress
	resolved.Status, resolved.Revision, resolved.ResolvedAt = ticket.Resolved, 10, s.at("2026-11-23T07:45:00+01:00")
	closed := resolved
	closed.Status, closed.ClosedAt = ticket.Closed, s.at("2026-11-23T09:00:00+01:00")
	cancelled := open
	cancelled.Status, cancelled.ClosedAt = ticket.Cancelled, s.at("2026-11-23T01:40:00+01:00")
	estimate := s.outlook()
	fraud := open
	fraud.Kind, fraud.Severity, fraud.Topic = ticket.Fraud, ticket.NonCritical, ""
	fraud.Response.Basis = sla.UpTo
	unreachable := s.filed(open)
	unreachable.Unreachable = []string{ines.ID}
	untimed := open
	untimed.Response, untimed.Kind, untimed.Severity, untimed.Topic = sla.Run{}, ticket.Billing, ticket.NonCritical, "az.bill"

	said := func(what, text string, by ticket.Person) []ticket.Event {
		return []ticket.Event{{ID: 9, At: s.at("2026-11-23T03:20:00+01:00"), By: by, What: what, Text: text}}
	}
	me, other, lead := ticket.Viewer{Person: ines}, ticket.Viewer{Person: mara}, ticket.Viewer{Person: jonas, Lead: true}
	with := func(v TicketView, change func(*TicketView)) Card {
		change(&v)
		return Ticket(v, s.w)
	}
	plain := func(*TicketView) {}
	return []sample{
		{"ticket-open-others", with(s.view(open, other, false), plain)},
		{"ticket-open-shared", with(s.view(open, other, true), plain)},
		{"ticket-open-requester", with(s.view(open, me, false), plain)},
		{"ticket-open-lead", with(s.view(open, lead, false), plain)},
		{"ticket-open-assignee", with(s.view(assigned(open, ines), me, false), plain)},
		{"ticket-open-taken-by-other", with(s.view(assigned(open, ines), other, false), plain)},
		{"ticket-open-estimate", with(s.view(estimate, other, false), plain)},
		{"ticket-open-untimed", with(s.view(untimed, other, false), plain)},
		{"ticket-late-others", with(s.view(late, other, false), func(v *TicketView) { v.Late = true })},
		{"ticket-filed-assignee", with(s.view(s.filed(open), me, false), plain)},
		{"ticket-warned-assignee", with(s.view(warned, me, false), plain)},
		{"ticket-filed-unreachable", with(s.view(unreachable, other, true), plain)},
		{"ticket-progress-assignee", with(s.view(progress, me, false), func(v *TicketView) {
			v.Newest = said("commented", "Microsoft sees a capacity limit in zone 2 and moves us to zone 3. [Not a link](https://evil.example), shown as typed.", jonas)
		})},
		{"ticket-progress-others", with(s.view(progress, other, false), plain)},
		{"ticket-progress-lead", with(s.view(progress, lead, false), plain)},
		{"ticket-answered-late", with(s.view(answeredLate, me, false), plain)},
		{"ticket-waiting-assignee", with(s.view(waiting, me, false), func(v *TicketView) {
			v.Newest = said("waiting", "serial console log of vm-erp-02, from 00:40 to 01:10", ines)
			v.AskAgain = s.at("2026-11-23T13:10:00+01:00")
		})},
		{"ticket-waiting-unanswered", with(s.view(unansweredWaiting, me, false), plain)},
		{"ticket-waiting-others", with(s.view(waiting, other, false), plain)},
		{"ticket-resolved-assignee", with(s.view(resolved, me, false), func(v *TicketView) {
			v.Newest = said("resolved", "Microsoft moved the allocation to zone 3; all 14 VMs run.", ines)
		})},
		{"ticket-resolved-requester", with(s.view(assigned(resolved, jonas), me, false), plain)},
		{"ticket-resolved-others", with(s.view(resolved, other, true), plain)},
		{"ticket-closed-others", with(s.view(closed, other, false), plain)},
		{"ticket-closed-assignee", with(s.view(closed, me, false), plain)},
		{"ticket-cancelled", with(s.view(cancelled, me, false), plain)},
		{"ticket-fraud-shared", with(s.view(fraud, other, true), plain)},
		{"ticket-fraud-requester", with(s.view(fraud, me, false), plain)},
		{"ticket-changed-since", with(s.view(s.filed(assigned(open, jonas)), other, false), func(v *TicketView) {
			v.Pressed = TicketAssign
			v.Since = []ticket.Event{
				{At: s.at("2026-11-23T01:41:00+01:00"), By: jonas, What: "assigned", To: jonas.Name},
				{At: s.at("2026-11-23T01:44:00+01:00"), By: jonas, What: "filed", To: "2611230010000417"},
			}
		})},
	}
}

func assigned(t ticket.Ticket, to ticket.Person) ticket.Ticket {
	t.Assignee, t.Revision = to, 2
	return t
}

// outlook is a German ticket on the business clock.
func (s world) outlook() ticket.Ticket {
	t := s.vms()
	t.Number, t.Customer, t.Platform, t.Topic = 119, weisswurst(), ticket.Office365, "m.exo"
	t.Severity, t.Language, t.Title = ticket.SeverityB, "de", "Outlook fragt alle paar Minuten nach dem Kennwort"
	t.Description = "Seit Freitag bei 6 von 10 Personen. Versucht: Profil neu, Anmeldeinformationen gelöscht, Update KB5046740 entfernt."
	t.Response.Due, t.Response.Budget = s.at("2026-11-23T13:00:00+01:00"), 4*time.Hour
	t.Response.Mode, t.Response.Basis, t.Response.Calendar = sla.Business, sla.Estimate, "de"
	return t
}

// check is what the real desk says about a form, at 01:32 in Berlin.
func (s world) check(d ticket.Draft, customer *ticket.Customer, candidates ...ticket.Customer) ticket.Check {
	s.t.Helper()
	desk := &ticket.Desk{
		Store: known{customer: customer, found: candidates}, Policy: sla.BuiltIn(),
		Now: func() time.Time { return s.at("2026-11-23T01:32:00+01:00") },
	}
	c, err := desk.Check(context.Background(), d)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// known is a store with one customer.
type known struct {
	ticket.Store
	customer *ticket.Customer
	found    []ticket.Customer
	ticket   *ticket.Ticket
}

func (k known) InTx(_ context.Context, work func(ticket.Tx) error) error {
	return work(knownTx{ticket: k.ticket})
}

func (k known) Ticket(context.Context, ticket.Number) (*ticket.Ticket, error) { return k.ticket, nil }

func (k known) SavePolicy(context.Context, string, []byte) error { return nil }

// knownTx takes every change and keeps none.
type knownTx struct {
	ticket.Tx
	ticket *ticket.Ticket
}

func (k knownTx) LockTicket(context.Context, ticket.Number) (*ticket.Ticket, error) {
	t := *k.ticket
	return &t, nil
}

func (knownTx) UpdateTicket(context.Context, *ticket.Ticket) error { return nil }

func (knownTx) Record(context.Context, *ticket.Event) error { return nil }

func (knownTx) Notify(context.Context, ticket.Notice) error { return nil }

func (k known) Customer(context.Context, string) (*ticket.Customer, error) {
	if k.customer == nil {
		return nil, ticket.ErrNoCustomer
	}
	return k.customer, nil
}

func (k known) SearchCustomers(context.Context, string, int) ([]ticket.Customer, error) {
	return k.found, nil
}

func (s world) draft(step ticket.Step, answers map[string]string) ticket.Draft {
	d := ticket.Draft{
		Form: "f-7q2m", Version: 1, Person: ines, Step: step, Zone: "Europe/Berlin", Words: s.w.Lang(),
		Started: s.at("2026-11-23T01:20:00+01:00"), Expires: s.at("2026-11-24T01:20:00+01:00"),
	}
	for id, value := range answers {
		if !d.Answers.Set(id, value) {
			s.t.Fatalf("no input %s", id)
		}
	}
	return d
}

func (s world) form(d ticket.Draft, problems bool, customer *ticket.Customer, candidates ...ticket.Customer) Card {
	contoso := ticket.Customer{TenantID: "3ceaaf30-8142-48ea-91d9-3080f9b439fc", Name: "Contoso Ltd", PrimaryDomain: "contoso.example"}
	uk := ticket.Customer{TenantID: "7e02ff05-b7c1-4ce2-bf76-95f56fced11d", Name: "Contoso Ltd", PrimaryDomain: "contoso-uk.example"}
	return IntakeForm(Form{
		Draft: d, Check: s.check(d, customer, candidates...), Choices: []ticket.Customer{wingtip(), contoso, uk, fabrikam()},
		ShowProblems: problems, Now: s.at("2026-11-23T01:32:00+01:00"),
	}, s.w)
}

func (s world) forms() []sample {
	w, f, o := wingtip(), fabrikam(), weisswurst()
	own := ticket.Customer{TenantID: "0f9b0c2e-3b0c-4a37-9f0e-5d3b0e0f9b0c", Name: "Proactive Cloud", PrimaryDomain: "proactive-cloud.example", Cloud: ticket.Global, Status: "active", Own: true}
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
		{"intake-who", s.form(s.draft(ticket.StepWho, a("platform", "azure")), false, nil)},
		{"intake-who-redrawn", s.form(s.draft(ticket.StepWho, a("customer", w.TenantID, "platform", "azure", "language", "de")), true, &w)},
		{"intake-who-many", s.form(s.draft(ticket.StepWho, a("customer", "contoso", "severity", "B")), true, nil, fabrikam(), weisswurst())},
		{"intake-who-billing", s.form(s.draft(ticket.StepWho, a("kind", "billing", "platform", "office365")), false, nil)},
		{"intake-impact", s.form(s.draft(ticket.StepImpact, a("platform", "azure")), false, nil)},
		{"intake-who-proposed", s.form(s.draft(ticket.StepWho, a("customer", w.TenantID, "platform", "azure", "severity", "B", "production", "partly", "loss", "moderate", "workaround", "yes")), false, &w)},
		{"intake-what", s.form(s.draft(ticket.StepWhat, a("customer", w.TenantID, "platform", "azure", "severity", "A")), false, &w)},
		{"intake-what-errors", s.form(s.draft(ticket.StepWhat, a("customer", f.TenantID, "platform", "azure", "severity", "B",
			"title", "VPN to head office drops every 10 minutes", "topic", "az.net", "subscriptionId", "ea5ee53c-ac3e-4b5b-8291-77094c1e260",
			"description", "Since 21 Nov the site-to-site VPN drops every 10 minutes.\nPassword: Kx7!pQ2z-9Lm\nTried: new gateway, firmware 7.4, other ISP line.",
			"impact", "40 residents’ offices lose access to files several times an hour.", "accessConfirmed", "true")), true, &f)},
		{"intake-what-office", s.form(s.draft(ticket.StepWhat, a("customer", o.TenantID, "platform", "office365", "severity", "B", "healthChecked", "looked, EX123456")), false, &o)},
		{"intake-what-own", s.form(s.draft(ticket.StepWhat, a("customer", own.TenantID, "platform", "azure", "severity", "C")), true, &own)},
		{"intake-contact", s.form(s.draft(ticket.StepContact, vms), false, &w)},
		{"intake-contact-error", s.form(s.draft(ticket.StepContact, merge(vms, "contactEmail", "ann@obhwingtip.onmicrosoft.com", "contactPhone", "12")), true, &w)},
		{"intake-review", s.form(s.draft(ticket.StepReview, vms), false, &w)},
		{"intake-review-estimate", s.form(s.draft(ticket.StepReview, a("customer", o.TenantID, "platform", "office365", "severity", "B", "language", "de",
			"title", "Outlook fragt alle paar Minuten nach dem Kennwort", "topic", "m.exo", "healthChecked", "none", "criterion", "bug",
			"description", "Seit Freitag bei 6 von 10 Personen.", "tried", "Profil neu, Anmeldeinformationen gelöscht")), false, &o)},
		{"intake-review-indirect", s.form(s.draft(ticket.StepReview, merge(vms, "customer", f.TenantID, "subscriptionId", "ea5ee53c-ac3e-4b5b-8291-77094c1e2603", "reachable", "true")), false, &f)},
		{"intake-review-billing", s.form(s.draft(ticket.StepReview, a("customer", o.TenantID, "platform", "office365", "kind", "billing",
			"title", "Invoice G012345678 counts 12 seats twice", "description", "See lines 3 and 7.")), false, &o)},
	}
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
	d := s.draft(ticket.StepScope, map[string]string{"title": "Token of one tenant opens another tenant’s storage"})
	d.Personal = true
	scope := func(topic string) ticket.OutOfScope {
		c := s.check(s.draft(ticket.StepWho, map[string]string{"topic": topic}), nil)
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
		{"scope-germany", OutOfScope(d, ticket.OutOfScope{Code: "germany", Field: "customer", Args: map[string]any{"customer": "Litware GmbH"}}, s.w)},
		{"scope-left", OutOfScope(d, ticket.OutOfScope{Code: "left", Field: "customer", Args: map[string]any{"customer": "Litware GmbH"}}, s.w)},
		{"form-resume", ResumeForm(d, s.w)},
		{"form-gone", FormGone(s.w)},
		{"form-cancelled", FormCancelled(s.w)},
		{"form-others", IntakeOthers(d, s.w)},
		{"form-private-notice", PrivateNotice(ines, s.w)},
	}
}

func (s world) lists() []sample {
	asOf := s.at("2026-11-23T02:14:00+01:00")
	all := s.listed()
	answered := s.answered(s.vms(), "2026-11-23T02:58:00+01:00")
	closed := answered
	closed.Status, closed.ClosedAt = ticket.Closed, s.at("2026-11-23T02:00:00+01:00")
	me := ticket.Viewer{Person: ines}
	board := ticket.Board{
		Late: map[ticket.Severity]int{"A": 1, "B": 1}, Soon: map[ticket.Severity]int{"B": 1},
		Running: map[ticket.Severity]int{"A": 3, "B": 7, "C": 4, "noncritical": 4}, Unassigned: 4, Next: all[:3],
	}
	return []sample{
		{"list-open", List(ListView{Viewer: me, Filter: ticket.OnlyOpen, Page: ticket.Page{Tickets: all, Total: 21}, AsOf: asOf}, s.w)},
		{"list-mine-last", List(ListView{Viewer: me, Filter: ticket.OnlyMine, Page: ticket.Page{Tickets: []ticket.Ticket{all[0], answered}, Total: 10, Offset: 8}, AsOf: asOf}, s.w)},
		{"list-customer", List(ListView{Viewer: me, Filter: ticket.All, Customer: fabrikam(), Page: ticket.Page{Tickets: []ticket.Ticket{all[5], closed}, Total: 2}, AsOf: asOf}, s.w)},
		{"list-of", List(ListView{Viewer: me, Filter: ticket.OnlyMine, Of: jonas, Page: ticket.Page{Tickets: all[6:7], Total: 1}, AsOf: asOf}, s.w)},
		{"list-found", List(ListView{Viewer: me, Words: "VM india", Page: ticket.Page{Tickets: all[3:4], Total: 1}, AsOf: asOf}, s.w)},
		{"list-empty", List(ListView{Viewer: me, Filter: ticket.OnlyBreached, Page: ticket.Page{}, AsOf: asOf}, s.w)},
		{"board", Board(board, me, asOf, s.w)},
		{"board-calm", Board(ticket.Board{Running: map[ticket.Severity]int{"C": 2}}, me, asOf, s.w)},
	}
}

func (s world) asks() []sample {
	me := ticket.Viewer{Person: ines}
	filed := s.view(s.filed(s.vms()), me, false)
	open := s.view(assigned(s.vms(), ines), me, false)
	resolved := s.answered(s.vms(), "2026-11-23T02:58:00+01:00")
	resolved.Status, resolved.ResolvedAt = ticket.Resolved, s.at("2026-11-23T07:45:00+01:00")
	list := []sample{
		{"ask-assign-problem", Ask(TicketAssign, filed, &ticket.Problem{Field: "person", Code: "person_required"}, map[string]string{"text": "Jo"}, s.w)},
		{"ask-file-problem", Ask(TicketFile, open, &ticket.Problem{Field: "microsoftCase", Code: "case_length", Args: map[string]any{"length": 3, "least": 8, "most": 16}},
			map[string]string{"microsoftCase": "123", "text": "01:44"}, s.w)},
		{"ask-file-time", Ask(TicketFile, open, &ticket.Problem{Field: "time", Code: "time_future"}, map[string]string{"microsoftCase": "2611230010000417", "text": "23:59"}, s.w)},
		{"ask-severity", Ask(TicketSeverity, filed, nil, nil, s.w)},
		{"ask-severity-reason", Ask(TicketSeverity, s.view(s.outlook(), me, false), &ticket.Problem{Field: "reason", Code: "reason_severity", Rule: "R32", Args: map[string]any{"from": "B", "to": "A"}},
			map[string]string{"severity": "A"}, s.w)},
		{"ask-close", Ask(TicketClose, s.view(resolved, me, false), &ticket.Problem{Field: "reason", Code: "not_informed", Rule: "E10", Args: map[string]any{"customer": "Wingtip Toys"}}, nil, s.w)},
	}
	for _, verb := range []string{"respond", "comment", "wait", "resume", "resolve", "reopen", "cancel", "assign", "watch", "file"} {
		list = append(list, sample{"ask-" + verb, Ask(verb, filed, nil, nil, s.w)})
	}
	events := []ticket.Event{
		{ID: 5, At: s.at("2026-11-23T03:20:00+01:00"), By: jonas, What: "commented", Text: "Microsoft sees a capacity limit in zone 2.\nIt moves us to zone 3."},
		{ID: 4, At: s.at("2026-11-23T02:58:00+01:00"), By: ines, What: "responded", From: "filed"},
		{ID: 3, At: s.at("2026-11-23T02:32:00+01:00"), What: "warned"},
		{ID: 2, At: s.at("2026-11-23T01:44:00+01:00"), By: ines, What: "filed", To: "2611230010000417"},
		{ID: 1, At: s.at("2026-11-23T01:32:00+01:00"), By: ines, What: "opened", To: "open"},
	}
	all := []ticket.Event{}
	for i, what := range []string{"assigned", "acked", "waiting", "resumed", "resolved", "closed", "reopened", "cancelled", "watched", "unwatched", "breached", "escalated", "unreachable", "migrated"} {
		e := ticket.Event{ID: int64(40 - i), At: s.at("2026-11-23T05:00:00+01:00"), By: ines, What: what, To: jonas.Name}
		if what == "breached" || what == "escalated" || what == "unreachable" {
			e.By = ticket.Person{}
		}
		all = append(all, e)
	}
	all = append(all, ticket.Event{At: s.at("2026-11-23T05:00:00+01:00"), By: ines, What: "severity", From: "B", To: "A", Text: "The shop is down."})
	return append(list,
		sample{"history", History(filed, events, 0, s.w)},
		sample{"history-more", History(filed, all, 26, s.w)})
}

func (s world) alarms() []sample {
	sent := s.at("2026-11-23T03:12:00+01:00")
	in := func(t ticket.Ticket, by ticket.Viewer, shared bool, clock sla.Clock, kind sla.MilestoneKind, due time.Time, sent time.Time) AlarmView {
		return AlarmView{TicketView: s.view(t, by, shared), Sent: sent,
			Milestone: sla.Milestone{Name: string(clock) + "/" + string(kind), Clock: clock, Kind: kind, At: due, Due: due}}
	}
	me := ticket.Viewer{Person: ines}
	filed := s.filed(s.vms())
	nobody := s.vms()
	nobody.Number, nobody.Severity, nobody.Title, nobody.Topic = 133, ticket.SeverityB, "Public website answers 502", "az.app"
	nobody.Customer.Name, nobody.Customer.Zone, nobody.Response.Due = `The "Phone" Company`, "Europe/Berlin", s.at("2026-11-23T02:05:00+01:00")
	estimate := assigned(s.outlook(), jonas)
	fraud := s.vms()
	fraud.Kind, fraud.Severity = ticket.Fraud, ticket.NonCritical
	due := s.vms().Response.Due

	warning := in(filed, me, true, sla.ClockResponse, sla.Warn, due, sent)
	asks := in(filed, me, false, sla.ClockResponse, sla.Warn, due, sent)
	asks.Milestone.Asks = true
	breach := in(nobody, me, true, sla.ClockResponse, sla.Breach, nobody.Response.Due, nobody.Response.Due)
	breach.Next = sla.Milestone{Name: "response/ladder/2", At: s.at("2026-11-23T02:35:00+01:00"), To: []string{sla.ToLeads}}
	repeat := in(filed, me, false, sla.ClockResponse, sla.Repeat, due, s.at("2026-11-23T04:02:00+01:00"))
	repeat.Next = sla.Milestone{Name: "response/ladder/3", At: s.at("2026-11-23T04:32:00+01:00"), To: []string{sla.ToEscalation}}
	ladder := in(filed, ticket.Viewer{Person: jonas, Lead: true}, false, sla.ClockResponse, sla.Ladder, due, s.at("2026-11-23T04:02:00+01:00"))
	ladder.Next = sla.Milestone{Name: "response/repeat/2", At: s.at("2026-11-23T04:32:00+01:00"), To: []string{sla.ToAssignee}}
	delayed := in(nobody, me, true, sla.ClockResponse, sla.Breach, nobody.Response.Due, s.at("2026-11-23T02:41:00+01:00"))
	handoff := in(assigned(s.vms(), ines), me, true, sla.ClockHandoff, sla.Breach, s.vms().Handoff.Due, s.vms().Handoff.Due)
	byMicrosoft := in(filed, me, false, sla.ClockMicrosoft, sla.Breach, filed.Microsoft.Due, filed.Microsoft.Due)

	var many []AlarmView
	rows := s.listed()
	for _, t := range rows[:7] {
		kind := sla.Warn
		if t.Late(sent) {
			kind = sla.Breach
		}
		many = append(many, in(t, me, true, sla.ClockResponse, kind, t.Response.Due, sent))
	}
	hiddenOne := in(fraud, me, true, sla.ClockResponse, sla.Warn, due, sent)
	personal := []AlarmView{}
	for _, a := range append(many[:4:4], many...) {
		a.Shared, a.View.Role = false, ticket.RoleOther
		personal = append(personal, a)
	}
	return []sample{
		{"alarm-warning", Alarm(warning, s.w)},
		{"alarm-warning-asks", Alarm(asks, s.w)},
		{"alarm-warning-estimate", Alarm(in(estimate, me, true, sla.ClockResponse, sla.Warn, estimate.Response.Due, s.at("2026-11-23T12:40:00+01:00")), s.w)},
		{"alarm-breach", Alarm(breach, s.w)},
		{"alarm-repeat", Alarm(repeat, s.w)},
		{"alarm-ladder", Alarm(ladder, s.w)},
		{"alarm-delayed", Alarm(delayed, s.w)},
		{"alarm-handoff", Alarm(handoff, s.w)},
		{"alarm-microsoft", Alarm(byMicrosoft, s.w)},
		{"alarm-fraud-shared", Alarm(hiddenOne, s.w)},
		{"alarms-shared", Alarms(append(many, hiddenOne), s.w)},
		{"alarms-personal", Alarms(personal, s.w)},
		{"alarms-all-late", Alarms([]AlarmView{repeat, delayed}, s.w)},
	}
}

func (s world) talk() []sample {
	v := s.view(s.filed(s.vms()), ticket.Viewer{Person: mara}, false)
	said := Sentence(s.w, "refused.only_assignee", map[string]any{"number": "SR-128", "verb": "resolve", "names": "Ines Kowal"})
	list := []sample{
		{"help", Help("", s.w)},
		{"welcome", Welcome(s.w)},
		{"refusal", Refusal(said, &v, s.w)},
		{"refusal-bare", Refusal(Sentence(s.w, "refused.hidden", map[string]any{"number": "SR-128", "status": "open"}), nil, s.w)},
	}
	outlook := s.outlook()
	outlook.Response = sla.BuiltIn().Start(sla.ClockResponse, sla.Terms{Kind: "technical", Severity: "C", Language: "de", Calendar: "de"}, s.at("2026-12-23T15:00:00+01:00"))
	unknown := outlook
	unknown.Response = sla.BuiltIn().Start(sla.ClockResponse, sla.Terms{Kind: "technical", Severity: "C", Language: "de", Calendar: "*nowhere*", Zone: "Asia/Kolkata"}, outlook.Response.Start)
	for name, t := range map[string]ticket.Ticket{"why-wall": s.vms(), "why-business": outlook, "why-unknown": unknown} {
		v := s.view(t, ticket.Viewer{Person: mara}, false)
		list = append(list, sample{name, Why(v, sla.BuiltIn().Explain(t.Response), s.w)})
	}
	for _, topic := range []string{"request", "follow", "work", "sla", "handover", "rights"} {
		list = append(list, sample{"help-" + topic, Help(topic, s.w)})
	}
	return list
}

// listed are the rows of the mock-ups.
func (s world) listed() []ticket.Ticket {
	mk := func(n ticket.Number, severity ticket.Severity, due, title, customer string, owner ticket.Person, status ticket.Status) ticket.Ticket {
		t := s.vms()
		t.Number, t.Severity, t.Title, t.Customer.Name, t.Assignee, t.Status = n, severity, title, customer, owner, status
		t.Response.Due = s.at(due)
		return t
	}
	nobody := ticket.Person{}
	return []ticket.Ticket{
		mk(129, "A", "2026-11-23T01:58:00+01:00", "Exchange Online: no mail in or out", "Woodgrove Bank", ines, ticket.Filed),
		mk(133, "B", "2026-11-23T02:05:00+01:00", "Public website answers 502", `The "Phone" Company`, nobody, ticket.Open),
		mk(136, "B", "2026-11-23T02:40:00+01:00", "Site recovery stuck at 40 %", "Adventure Works Cycles | EMEA", nobody, ticket.Open),
		mk(128, "A", "2026-11-23T03:32:00+01:00", "VMs in Central India do not start", "Wingtip Toys", ines, ticket.Filed),
		mk(131, "A", "2026-11-23T03:32:00+01:00", "Не запускаются виртуальные машины", "АО «Ёлка и партнёры»", ticket.Person{ID: "x", Name: "Aigerim Sadykova"}, ticket.Open),
		mk(130, "B", "2026-11-23T04:20:00+01:00", "VPN to head office drops", "Fabrikam Residences", nobody, ticket.Open),
		mk(119, "B", "2026-11-23T13:00:00+01:00", "Outlook fragt alle paar Minuten nach dem Kennwort", "Weißwurst & Söhne Straßenbau GmbH", jonas, ticket.Open),
		mk(121, "noncritical", "2026-12-01T12:00:00+01:00", "Move subscription to new billing profile", "*Wide* _World_ [Importers](https://evil.example/)", mara, ticket.Filed),
	}
}

// sheet is what the desk gives to hand a ticket over.
func (s world) sheet(t ticket.Ticket, by ticket.Person) ticket.Sheet {
	s.t.Helper()
	t.PolicyID = sla.BuiltIn().ID()
	desk := &ticket.Desk{Store: known{ticket: &t}, Policy: sla.BuiltIn(), Now: func() time.Time { return s.at("2026-11-23T01:35:00+01:00") }}
	sheet, err := desk.Sheet(context.Background(), by, ticket.Move{Number: t.Number})
	if err != nil {
		s.t.Fatal(err)
	}
	return sheet
}

func (s world) sheets() []sample {
	azure := assigned(s.vms(), ines)
	azure.Details.Reachable = true
	outlook := assigned(s.outlook(), ines)
	outlook.Contact = ticket.Contact{Name: ines.Name, Email: ines.Email, Phone: "+493012345678"}
	outlook.Handoff.Budget, outlook.Handoff.Due = 30*time.Minute, outlook.OpenedAt.Add(30*time.Minute)
	own := azure
	own.Customer = ticket.Customer{TenantID: "0f9b0c2e-3b0c-4a37-9f0e-5d3b0e0f9b0c", Name: "Proactive Cloud", PrimaryDomain: "proactive-cloud.example", Cloud: ticket.Global, Own: true}
	own.Details.PlanKind, own.Details.SupportPlan = "azure_plan", "SP-12345"
	return []sample{
		{"handover-azure", Handover(s.sheet(azure, ines), nil, nil, s.w)},
		{"handover-office", Handover(s.sheet(outlook, ines), nil, nil, s.w)},
		{"handover-own", Handover(s.sheet(own, ines), &ticket.Problem{Field: "microsoftCase", Code: "case_shape"}, map[string]string{"microsoftCase": "SR 12"}, s.w)},
	}
}

func (s world) reports() []sample {
	week := ticket.Report{
		From: s.at("2026-11-16T00:00:00+01:00"), To: s.at("2026-11-23T00:00:00+01:00"), Total: ticket.Count{Opened: 41, InTime: 38, Late: 3},
		BySeverity: map[ticket.Severity]ticket.Count{
			"A": {Opened: 9, InTime: 8, Late: 1}, "B": {Opened: 16, InTime: 14, Late: 2}, "C": {Opened: 9, InTime: 9}, "noncritical": {Opened: 7, InTime: 7},
		},
		ByCustomer: []ticket.CustomerCount{
			{Name: "Wingtip Toys", Count: ticket.Count{Opened: 7}}, {Name: "Woodgrove Bank", Count: ticket.Count{Opened: 5}},
			{Name: "*Wide* _World_ [Importers](https://evil.example/)", Count: ticket.Count{Opened: 4}}, {Name: "Coho Winery", Count: ticket.Count{Opened: 1}},
		},
		LateOnes: []ticket.LateTicket{
			{Number: 97, Severity: "A", Customer: "Woodgrove Bank", By: 42 * time.Minute, Code: "filed_late", Args: map[string]any{"minutes": 60}},
			{Number: 104, Severity: "B", Customer: `The "Phone" Company`, By: 70 * time.Minute, Code: "nobody"},
			{Number: 101, Severity: "B", Customer: "Coho Winery", By: 5 * time.Minute, Code: "number_after"},
		},
	}
	before := ticket.Report{From: week.From.AddDate(0, 0, -7), To: week.From, Total: ticket.Count{Opened: 9, InTime: 8, Late: 1}}
	month := week
	month.From, month.To = s.at("2026-11-01T00:00:00+01:00"), s.at("2026-12-01T00:00:00+01:00")
	month.Total.Running, month.Total.NoTarget, month.Total.Late = 4, 1, 9
	for _, code := range []string{"unanswered", "not_filed", "waiting", "answered_late"} {
		month.LateOnes = append(month.LateOnes, ticket.LateTicket{Number: 110, Severity: "noncritical", Customer: "Northwind Traders", By: 50 * time.Hour, Code: code})
	}
	month.LateOnes = month.LateOnes[1:]
	empty := ticket.Report{From: week.From, To: week.To}
	return []sample{
		{"report-week", Report(ReportView{Report: week, Period: "week", Before: &before}, s.w)},
		{"report-month", Report(ReportView{Report: month, Period: "month", Back: 1}, s.w)},
		{"report-empty", Report(ReportView{Report: empty, Period: "week", Before: &empty}, s.w)},
	}
}
