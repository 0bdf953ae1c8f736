package dialogs_test

import (
	"strings"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// TestACustomersCard shows a customer by name, in three languages, with the requests that
// the one who asks may see, and begins a request with the customer filled in.
func TestACustomersCard(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		d.file(alice, func(a *intake.Answers) { a.Title = "Mail is slow" })
		d.file(alice, func(a *intake.Answers) { a.Title, a.Kind, a.Severity = "Stolen card", string(request.Fraud), "" })
		card := alice.Say("customer contoso.example").ExpectCard("Contoso Ltd", "obhcontoso.onmicrosoft.com, contoso.example", "You can file requests until 15 Jan 2028",
			"Azure plan", "Open requests: 2", "Mail is slow", "Stolen card").ExpectButton("intake/start").ExpectButton("list/page")
		bob := d.Conversation(teamstest.Personal).As("Bob")
		bob.Say("kunde contoso.example").ExpectCard("Open requests: 1", "Mail is slow").ExpectNot("Stolen card")
		bob.Say("клиент fabrikam residences").ExpectCard("Fabrikam Residences", "Open requests: 0")
		bob.Say("customer").ExpectText("Whose card?")
		bob.Say("customer contoso").ExpectText("Which customer is “contoso”?")
		bob.Say("customer fabrikm").ExpectText("found no customer “fabrikm”", "Fabrikam Residences")
		bob.Say("customer tailspin").ExpectText("no customer “tailspin”")

		card.Press("list/page").Expect("SR-1")
		alice.Say("customer contoso.example").ExpectCard("Contoso Ltd").Press("intake/start").ExpectValue("customer", contoso)

		left := customers()[0]
		left.Status = "left"
		if _, _, err := d.store.PutCustomers(t.Context(), []customer.Customer{left}); err != nil {
			t.Fatal(err)
		}
		bob.Say("customer Contoso Ltd obhcontoso").ExpectText("Which customer is", "obhcontosouk.onmicrosoft.com", "obhcontoso.onmicrosoft.com")
		bob.Say("customer obhcontoso.onmicrosoft.com").ExpectCard("No customer of yours any more")
		bob.Say("customer "+contoso).ExpectCard("No customer of yours any more", "Mail is slow").ExpectNoButton("intake/start")
		room := d.Conversation(teamstest.GroupChat)
		room.As("Carol").Say("@onbehalf customer fabrikam residences")
		for _, m := range d.Messages(room.ChannelID()) {
			if m.Recipient == "" {
				for _, secret := range []string{"Fabrikam", "obhfabrikam"} {
					if strings.Contains(string(m.Raw), secret) {
						t.Errorf("everybody reads a customer: %s", m.Raw)
					}
				}
			}
		}
	})
}
