package cards

import (
	"slices"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/incident"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

var (
	ines  = request.Person{ID: "11111111-0000-4000-8000-000000000001", TeamsID: "29:1kQf-3hHk9dVYp0mPz0rVYjv6tQ", Name: "Ines Kowal", Email: "ines.kowal@proactive-cloud.example"}
	jonas = request.Person{ID: "11111111-0000-4000-8000-000000000002", TeamsID: "29:1a8-hQxw2PlE6m0Yd4uT9bSgV3c", Name: "Jonas Weber", Email: "jonas.weber@proactive-cloud.example"}
	mara  = request.Person{ID: "11111111-0000-4000-8000-000000000003", TeamsID: "29:1x", Name: "Mara Lind"}
)

// world is what the samples of one language are made of.
type world struct {
	t testing.TB
	w i18n.Words
	// incidents are those that the desk knows to be open.
	incidents *incident.Known
}

func samples(t testing.TB, lang string) []sample {
	t.Helper()
	s := world{t: t, w: i18n.For(lang, berlin(t))}
	return slices.Concat(s.tickets(), s.forms(), s.besides(), s.lists(), s.rights(), s.health(), s.asks(), s.alarms(), s.talk(), s.sheets(), s.reports())
}

func wingtip() customer.Customer {
	return customer.Customer{
		TenantID: "a94a7277-5ac7-42c2-bf82-f27277eddd77", Name: "Wingtip Toys", PrimaryDomain: "obhwingtip.onmicrosoft.com",
		Cloud: customer.Global, Relationship: "direct", Zone: "Asia/Kolkata", SupportLanguage: "en", Calendar: "in", Status: "active",
		AzureAccess: "owner", AdminRelationship: "gdap", AdminEnd: "2026-12-01",
		Subscriptions: []customer.Subscription{{Branch: "azure", ID: "ebb57ee0-10f5-4e0d-b79b-b1726d250099", Name: "Azure plan", Status: "active"}},
	}
}

func fabrikam() customer.Customer {
	return customer.Customer{
		TenantID: "8dabf68e-2eb7-4728-afea-875e75365e14", Name: "Fabrikam Residences", PrimaryDomain: "fabrikam-residences.example",
		Cloud: customer.Global, Relationship: "indirect", IndirectProvider: "Relecloud Distribution", Zone: "Europe/Berlin", SupportLanguage: "de",
		Calendar: "de", Status: "active", AzureAccess: "provider_granted", AdminRelationship: "gdap",
		Subscriptions: []customer.Subscription{{Branch: "azure", ID: "ea5ee53c-ac3e-4b5b-8291-77094c1e2603", Name: "Azure plan", Status: "active"}},
	}
}

func weisswurst() customer.Customer {
	return customer.Customer{
		TenantID: "d8da98de-bac7-4b89-a19f-b966771206f9", Name: "Weißwurst & Söhne Straßenbau GmbH", PrimaryDomain: "weisswurst.example",
		Cloud: customer.Global, Relationship: "direct", Zone: "Europe/Berlin", SupportLanguage: "de", Calendar: "de", Status: "active",
		AdminRelationship: "gdap",
	}
}

// renamed is a ticket of a customer who had another name and cloud when it was filed.
func renamed(t request.Ticket) request.Ticket {
	was := t.Customer
	t.Customer.Name, t.Customer.Cloud = "Wingtip *Games* Ltd", customer.GCCHigh
	t.FiledFor = request.FiledFor{Name: was.Name, PrimaryDomain: was.PrimaryDomain, Cloud: was.Cloud}
	return t
}

func (s world) at(clock string) time.Time { return at(s.t, clock) }

// vms is the ticket of most samples: opened at 01:32 in Berlin, due at 03:32.
func (s world) vms() request.Ticket {
	opened := s.at("2026-11-23T01:32:00+01:00")
	return request.Ticket{
		Number: 128, Revision: 1, Status: request.Open, Customer: wingtip(), Platform: customer.Azure, Kind: request.Technical,
		Severity: request.SeverityA, Language: "en", Title: "VMs in Central India do not start", Topic: "az.vm",
		Description: "All 14 VMs in the subscription fail to start with AllocationFailed since 00:50. Tried: other size, other zone, stop and deallocate.",
		Impact:      "Production down, 220 people cannot work.",
		Contact:     request.Contact{Name: ines.Name, Email: ines.Email},
		Details:     request.Details{SubscriptionID: "ebb57ee0-10f5-4e0d-b79b-b1726d250099", Tried: "Other size, other zone", HealthChecked: "none"},
		Requester:   ines, UILanguage: "en", Zone: "Europe/Berlin", OpenedAt: opened, StartedAt: opened, UpdatedAt: opened,
		Response: sla.Run{Clock: sla.ClockResponse, Start: opened, Budget: 2 * time.Hour, Mode: sla.Wall, Due: opened.Add(2 * time.Hour), Basis: sla.Published},
		Handoff:  sla.Run{Clock: sla.ClockHandoff, Start: opened, Budget: 15 * time.Minute, Mode: sla.Wall, Due: opened.Add(15 * time.Minute), Basis: sla.Published},
	}
}

func (s world) filed(t request.Ticket) request.Ticket {
	t.Status, t.Revision, t.Assignee, t.MicrosoftCase = request.Filed, 3, ines, "2611230010000417"
	t.FiledAt, t.UpdatedAt = s.at("2026-11-23T01:44:00+01:00"), s.at("2026-11-23T01:44:00+01:00")
	t.Microsoft = sla.Run{Clock: sla.ClockMicrosoft, Start: t.FiledAt, Budget: 2 * time.Hour, Mode: sla.Wall, Due: t.FiledAt.Add(2 * time.Hour), Basis: sla.Published}
	return t
}

func (s world) answered(t request.Ticket, clock string) request.Ticket {
	t = s.filed(t)
	t.Status, t.Revision, t.RespondedAt = request.InProgress, 5, s.at(clock)
	t.MicrosoftRespondedAt, t.UpdatedAt = t.RespondedAt, t.RespondedAt
	return t
}

// view is what the desk shows of a ticket; the desk alone decides the moves.
func (s world) view(t request.Ticket, by request.Viewer, shared bool) TicketView {
	return TicketView{
		View: (&request.Desk{}).Show(t, by, shared), Viewer: by, Shared: shared, RefreshFor: []string{ines.TeamsID, jonas.TeamsID},
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
	waiting.Status, waiting.Revision, waiting.WaitingSince = request.Waiting, 8, s.at("2026-11-23T05:10:00+01:00")
	waiting.Wait = request.Wait{For: request.ForCustomer, AskAgainAt: s.at("2026-11-24T09:00:00+01:00")}
	unansweredWaiting := s.filed(open)
	unansweredWaiting.Status, unansweredWaiting.WaitingSince = request.Waiting, s.at("2026-11-23T02:10:00+01:00")
	unansweredWaiting.Wait.For = request.ForMicrosoft
	anyWaiting := unansweredWaiting
	anyWaiting.Wait = request.Wait{For: request.ForOther, AskAgainAt: s.at("2026-11-24T09:00:00+01:00")}
	resolved := progress
	resolved.Status, resolved.Revision, resolved.ResolvedAt = request.Resolved, 10, s.at("2026-11-23T07:45:00+01:00")
	closed := resolved
	closed.Status, closed.ClosedAt = request.Closed, s.at("2026-11-23T09:00:00+01:00")
	cancelled := open
	cancelled.Status, cancelled.ClosedAt = request.Cancelled, s.at("2026-11-23T01:40:00+01:00")
	estimate := s.outlook()
	fraud := open
	fraud.Kind, fraud.Severity, fraud.Topic = request.Fraud, request.NonCritical, ""
	fraud.Response.Basis = sla.UpTo
	unreachable := s.filed(open)
	unreachable.Unreachable = []string{ines.ID}
	untimed := open
	untimed.Response, untimed.Kind, untimed.Severity, untimed.Topic = sla.Run{Clock: sla.ClockResponse, Start: untimed.OpenedAt, Basis: sla.NoTarget}, request.Billing, request.NonCritical, "az.bill"

	ofMessage := open
	ofMessage.Details.Source = request.Source{Message: "1795400000777", Link: "https://teams.microsoft.com/l/message/19:c@thread.tacv2/1795400000777"}

	said := func(what, text string, by request.Person) []request.Event {
		return []request.Event{{ID: 9, At: s.at("2026-11-23T03:20:00+01:00"), By: by, What: what, Text: text}}
	}
	me, other, lead := request.Viewer{Person: ines}, request.Viewer{Person: mara}, request.Viewer{Person: jonas, Lead: true}
	with := func(v TicketView, change func(*TicketView)) Card {
		change(&v)
		return Ticket(v, s.w)
	}
	plain := func(*TicketView) {}
	return []sample{
		{"ticket-open-others", with(s.view(open, other, false), plain)},
		{"ticket-open-shared", with(s.view(open, other, true), plain)},
		{"ticket-open-of-message", with(s.view(ofMessage, other, true), plain)},
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
		{"ticket-renamed", with(s.view(renamed(progress), other, false), plain)},
		{"ticket-linked", with(s.view(progress, other, true), func(v *TicketView) { v.View.Link = "https://onbehalf.example.org/t/SR-128" })},
		{"ticket-progress-others", with(s.view(progress, other, false), plain)},
		{"ticket-progress-lead", with(s.view(progress, lead, false), plain)},
		{"ticket-answered-late", with(s.view(answeredLate, me, false), plain)},
		{"ticket-waiting-assignee", with(s.view(waiting, me, false), func(v *TicketView) {
			v.Newest = said("waiting", "serial console log of vm-erp-02, from 00:40 to 01:10", ines)
		})},
		{"ticket-waiting-unanswered", with(s.view(unansweredWaiting, me, false), plain)},
		{"ticket-waiting-any", with(s.view(anyWaiting, me, false), plain)},
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
			v.Since = []request.Event{
				{At: s.at("2026-11-23T01:41:00+01:00"), By: jonas, What: "assigned", To: jonas.Name},
				{At: s.at("2026-11-23T01:44:00+01:00"), By: jonas, What: "filed", To: "2611230010000417"},
			}
		})},
	}
}

func assigned(t request.Ticket, to request.Person) request.Ticket {
	t.Assignee, t.Revision = to, 2
	return t
}

// outlook is a German ticket on the business clock.
func (s world) outlook() request.Ticket {
	t := s.vms()
	t.Number, t.Customer, t.Platform, t.Topic = 119, weisswurst(), customer.Office365, "m.exo"
	t.Severity, t.Language, t.Title = request.SeverityB, "de", "Outlook fragt alle paar Minuten nach dem Kennwort"
	t.Description = "Seit Freitag bei 6 von 10 Personen. Versucht: Profil neu, Anmeldeinformationen gelöscht, Update KB5046740 entfernt."
	t.Response.Due, t.Response.Budget = s.at("2026-11-23T13:00:00+01:00"), 4*time.Hour
	t.Response.Mode, t.Response.Basis, t.Response.Calendar = sla.Business, sla.Estimate, "de"
	return t
}
