package request

import (
	"slices"
	"strings"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/customer/customertest"
)

func TestPortalFollowsTheTicket(t *testing.T) {
	ticket := Ticket{Customer: *customertest.Contoso(), Platform: customer.Azure}
	before, _ := Portal(ticket)
	ticket.MicrosoftCase = "2611220010000417"
	after, _ := Portal(ticket)
	if !strings.Contains(before.URL, "NewSupportRequest") || !strings.Contains(after.URL, "managesupportrequest") {
		t.Errorf("%s, then %s", before.URL, after.URL)
	}
}

func TestSheetIsInThePortalsOrder(t *testing.T) {
	ticket := Ticket{
		Number: 128, Customer: *customertest.Contoso(), Platform: customer.Azure, Kind: Technical, Severity: SeverityA, Language: "en", Title: "VMs do not start",
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
	ticket.Platform, ticket.Topic = customer.Office365, "m.exo"
	office := Sheet{Fields: ticket.sheetFields()}.Text() // R19
	if !strings.HasPrefix(office, "Topic: Exchange Online\n") || strings.Contains(office, "Subscription:") {
		t.Errorf("admin center:\n%s", office)
	}
}
