package request

import (
	"cmp"
	"context"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/sla"
)

// Sheet is what is typed into Microsoft's portal, field by field in the portal's
// order (R13, R17, R19).
type Sheet struct {
	Ticket Ticket
	// Link opens the portal in the customer's context.
	Link   customer.Link
	Fields []SheetField
	// FileBy is the desk's own goal for filing; zero where there is none.
	FileBy time.Time
}

// Section is a tab of the portal's form.
type Section string

// The sections, in order.
const (
	SectionProblem Section = "problem"
	SectionDetails Section = "details"
)

// SheetField is one field of the portal. Name and Value are English, as the portal
// and Microsoft's engineers read them.
type SheetField struct {
	Section Section
	Name    string
	Value   string
	// Paste says that the value is typed, so it should be easy to copy; else it is
	// chosen from a list.
	Paste bool
}

// SupportPlan is the support plan of every customer's request (R14).
const SupportPlan = "Cloud Solution Provider"

// planKinds are the names of support plans of one's own (R44).
var planKinds = map[string]string{
	"mpn_contract": "MPN contract", "premier": "Premier", "unified": "Unified", "azure_plan": "Azure support plan", "asfp": "Advanced Support for Partners",
}

// Sheet gives what is to be typed into the portal, to those who work on the
// ticket. The first time is noted, since from then on Microsoft's number is
// expected.
func (d *Desk) Sheet(ctx context.Context, tx Tx, by Person, m Move) (Sheet, error) {
	t, err := d.apply(ctx, tx, by, m, "sheet", func(t *Ticket, _ *sla.Policy, now time.Time) (Event, error) {
		if _, ok := Portal(*t); !ok {
			return Event{}, refused(*t, "no_portal", "number", t.Number.String())
		}
		if t.PortalOpenedAt.IsZero() {
			t.PortalOpenedAt = now
		}
		return Event{}, nil
	})
	if err != nil {
		return Sheet{}, err
	}
	link, _ := Portal(*t)
	s := Sheet{Ticket: *t, Link: link, Fields: t.sheetFields()}
	if t.MicrosoftCase == "" && t.RespondedAt.IsZero() {
		s.FileBy = t.Handoff.Due
	}
	return s, nil
}

// severityChoices are the portal's words.
var severityChoices = map[Severity]string{
	SeverityA: "A - Critical impact", SeverityB: "B - Moderate impact", SeverityC: "C - Minimal impact", NonCritical: "C - Minimal impact",
}

func (t Ticket) sheetFields() []SheetField {
	var fields []SheetField
	add := func(section Section, name, value string, paste bool) {
		if value != "" {
			fields = append(fields, SheetField{section, name, value, paste})
		}
	}
	topic, _ := TopicByCode(t.Topic)
	if t.Platform == customer.Azure {
		add(SectionProblem, "Issue type", t.issueType(), false)
		add(SectionProblem, "Subscription", t.Details.SubscriptionID, true)
		add(SectionProblem, "Service", topic.Service, false)
		add(SectionProblem, "Problem type", topic.types(), false)
		add(SectionProblem, "Summary", t.Title, true)
		add(SectionProblem, "Support plan", t.plan(), false)
	} else {
		add(SectionProblem, "Topic", topic.Service, false)
		add(SectionProblem, "Problem type", topic.types(), false)
		add(SectionProblem, "Title", t.Title, true)
		if t.Customer.Own {
			add(SectionProblem, "Support plan", t.plan(), false)
		}
	}
	add(SectionDetails, "Description", t.sheetDescription(), true)
	severity := severityChoices[t.Severity]
	if t.Severity == SeverityA && t.Details.Reachable {
		severity += ", 24/7"
	}
	add(SectionDetails, "Severity", severity, false)
	add(SectionDetails, "Contact method", "E-mail", false) // R40: none of the requests is answered by phone
	add(SectionDetails, "Contact name", t.Contact.Name, true)
	add(SectionDetails, "E-mail", t.Contact.Email, true)
	add(SectionDetails, "Phone", t.Contact.Phone, true)
	add(SectionDetails, "Support language", t.Language, false)
	return fields
}

func (t Ticket) issueType() string {
	switch {
	case t.Topic == "az.quota":
		return "Service and subscription limits (quotas)"
	case t.Kind == Billing || t.Kind == Fraud:
		return "Billing"
	case t.Kind == Subscribing:
		return "Subscription management"
	}
	return "Technical"
}

// plan is the CSP plan for customers, and never that for the partner's own tenant
// (R14, R25, R43, R44). A plan of one's own is known to the portal once it was
// activated there (T14), so its end is enough to choose it by.
func (t Ticket) plan() string {
	if !t.Customer.Own {
		return SupportPlan
	}
	return strings.TrimSpace(planKinds[t.Details.PlanKind] + " " + maskIfAny(t.Details.SupportPlan))
}

// The choices of "service health checked?"; it may be answered in other words too
// (E2).
const (
	HealthNone     = "none"
	HealthIncident = "incident"
)

// healthWords say the choices to Microsoft's engineer.
var healthWords = map[string]string{HealthNone: "checked, nothing reported", HealthIncident: "checked, an incident is reported"}

// sheetDescription is everything that Microsoft's engineer should read.
func (t Ticket) sheetDescription() string {
	lines := []string{t.Description}
	for _, part := range []struct{ name, value string }{
		{"Tried", t.Details.Tried}, {"Impact", t.Impact}, {"Service health", cmp.Or(healthWords[t.Details.HealthChecked], t.Details.HealthChecked)}, {"Known incident", t.Details.Incident},
		{"Our reference", t.Number.String()},
	} {
		if part.value != "" {
			lines = append(lines, part.name+": "+part.value)
		}
	}
	return strings.Join(lines, "\n")
}

// Text is the sheet as one plain text, to be copied on a phone.
func (s Sheet) Text() string {
	lines := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		lines[i] = f.Name + ": " + f.Value
	}
	return strings.Join(lines, "\n")
}

// Portal is where those who work on a ticket go on: the page for a new request
// until it is filed, then the customer's requests.
func Portal(t Ticket) (customer.Link, bool) {
	if t.MicrosoftCase == "" {
		return customer.NewRequestLink(t.Customer, t.Platform, t.Topic)
	}
	return customer.RequestsLink(t.Customer, t.Platform, t.Topic)
}
