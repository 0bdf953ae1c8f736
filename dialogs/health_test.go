package dialogs_test

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/incident"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// knows lets the desk know two open incidents, one of them of Exchange Online.
func (d *desk) knows() {
	d.desk.Incidents = &incident.Known{}
	d.desk.Incidents.Set([]incident.Incident{
		{ID: "EX1234567", Title: "Mail does not leave", Service: "Exchange Online", Status: "investigating", Started: d.Now().Add(-time.Hour)},
		{ID: "IT7654321", Title: "Enrolment fails", Service: "Microsoft Intune", Status: "investigating", Started: d.Now().Add(-time.Hour)},
	}, d.Now())
}

// TestTheFormOffersKnownIncidents_E2 chooses one, sends a title as some clients do, and takes
// an id that the list does not have.
func TestTheFormOffersKnownIncidents_E2(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.knows()
		alice := d.Conversation(teamstest.Personal).As("Alice")
		what := func() *teamstest.Card {
			d.move(time.Minute)
			return alice.Say("new contoso.example office365 B Slow").ExpectCard("None of these", "EX1234567 · Mail does not leave", "from your own tenant").
				ExpectNot("IT7654321").Fill("description", "x").Fill("tried", "x")
		}
		for n, c := range []struct{ sent, typed, incident, health, review string }{
			{"EX1234567", "", "EX1234567", "incident", "EX1234567 · Mail does not leave"},
			{"EX1234567 · Mail does not leave", "", "EX1234567", "incident", "EX1234567 · Mail does not leave"},
			{"incident", "sp 123456", "SP123456", "incident", "SP123456"},
			{"EX1234567", "SP123456", "SP123456", "incident", "SP123456"}, // what was typed is nearer
			{"None of these", "", "", "none", "nothing reported"},
			{"", "", "", "", "without"},
		} {
			values := map[string]any{}
			if c.sent != "" {
				values["healthChecked"] = c.sent
			}
			if c.typed != "" {
				values["incident"] = c.typed
			}
			review := sent(what(), values).ExpectButton("intake/submit")
			if c.review != "without" {
				review.Expect(c.review)
			}
			review.Press("intake/back").ExpectInput("healthChecked").Press("intake/next").Press("intake/submit").Expect("SR-")
			got, err := d.store.Ticket(t.Context(), request.Number(n+1))
			if err != nil || got.Details.Incident != c.incident || got.Details.HealthChecked != c.health || got.IncidentReminder.None() != (c.incident == "") {
				t.Errorf("%+v: %+v, %v", c, got.Details, err)
			}
		}
		alice.Say("new fabrikam ems B Slow").ExpectCard("IT7654321").ExpectNot("EX1234567").Press("intake/cancel")
		alice.Say("new fabrikam ems B Slow").ExpectCard("IT7654321").Press("intake/cancel")
		d.move(25 * time.Hour)
		alice.Say("new fabrikam ems B Slow").ExpectCard("healthChecked").ExpectNot("IT7654321", "None of these")
	})
}

func TestKnownIncidentsAreTheDesksAlone_F2(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.knows()
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		form := alice.Say("@onbehalf new contoso.example office365 B Slow").ExpectCard("description")
		form.ExpectNot("EX1234567").Press("intake/next").Expect("EX1234567", "from your own tenant")
		alice.Say("@onbehalf /customer fabrikam residences").ExpectCard("Known incidents", "EX1234567", "IT7654321", "from your own tenant")
		for _, m := range d.Messages(room.ChannelID()) {
			if m.Recipient == "" && (strings.Contains(string(m.Raw), "EX1234567") || strings.Contains(string(m.Raw), "Mail does not leave")) {
				t.Errorf("everybody reads an incident: %s", m.Raw)
			}
		}
	})
}

func TestACustomersCardShowsTheIncidentsOfTheirPlatforms(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.knows()
		some := customers()[2]
		some.Subscriptions = []customer.Subscription{{Branch: "ems", ID: "x", Name: "EMS", Status: "active"}}
		if _, _, err := d.store.PutCustomers(t.Context(), []customer.Customer{some}); err != nil {
			t.Fatal(err)
		}
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("customer fabrikam residences").ExpectCard("Known incidents", "IT7654321", "investigating").ExpectNot("EX1234567")
		alice.Say("customer obhcontosouk.onmicrosoft.com").ExpectCard("EX1234567", "IT7654321")
	})
}
