package dialogs_test

import (
	"encoding/json"
	"strings"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/teams/teamstest"
)

// TestAnOpenRequestGoesByThePresentRecord renames a customer and moves them to another
// cloud: an open request shows, links and is found by what is so now, and says what it was
// filed as. A closed one keeps its name and is found by both. Customers who left are found
// by name while they have requests.
func TestAnOpenRequestGoesByThePresentRecord(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alpha := customers()[0]
		alpha.TenantID, alpha.Name, alpha.PrimaryDomain, alpha.CustomDomains = "00000001-0000-4000-8000-000000000001", "Alpha Ltd", "alpha.example", nil
		keep := func(c customer.Customer) {
			t.Helper()
			if _, _, err := d.store.PutCustomers(t.Context(), []customer.Customer{c}); err != nil {
				t.Fatal(err)
			}
		}
		keep(alpha)
		alice := d.Conversation(teamstest.Personal).As("Alice")
		for _, title := range []string{"Slow", "Over"} {
			d.file(alice, func(a *intake.Answers) { a.Customer, a.Title = alpha.TenantID, title })
		}
		alice.Say("take SR-2")
		alice.Say("resolve SR-2 done").ExpectCard("ticket/close").Press("ticket/close", "customerInformed", "true").ExpectButton("ticket/reopen")
		alice.Say("status SR-1").ExpectCard("Alpha Ltd").ExpectNot("Opened for")

		beta := alpha
		beta.Name, beta.PrimaryDomain, beta.Cloud = "Beta O'Brien Ltd", "beta.example", customer.GCCHigh
		beta.Zone = "America/Chicago"
		keep(beta)
		alice.Say("status SR-1").ExpectCard("Beta O'Brien Ltd", "Opened for", "Alpha Ltd · alpha.example · Global")
		alice.Say("find Beta").ExpectCard("SR-1", "SR-2")
		alice.Say("find obrien slow").ExpectCard("SR-1").ExpectNot("SR-2")
		alice.Say("find Alpha").ExpectCard("SR-1", "SR-2")
		alice.Say("list open Beta").ExpectCard("SR-1", "Beta O'Brien Ltd").ExpectNot("SR-2")
		if got := d.ticket(1); got.Customer.Zone != "Europe/Berlin" || got.FiledFor.Name != "Alpha Ltd" {
			t.Errorf("the clocks moved, or what it was filed for is gone: %+v, %+v", got.Customer, got.FiledFor)
		}
		alice.Say("take SR-1")
		sheet := alice.Say("status SR-1").ExpectCard("SR-1").Press("ticket/sheet").Expect("Beta O'Brien Ltd", "beta.example")
		if raw, err := json.Marshal(sheet.Content); err != nil || !strings.Contains(string(raw), "https://portal.azure.us/") || strings.Contains(string(raw), "portal.azure.com") {
			t.Errorf("the sheet leads to another portal: %s", raw)
		}
		alice.Say("comment SR-1 still slow") // what is kept then is still what it was filed for
		alice.Say("status SR-1").ExpectCard("Beta O'Brien Ltd", "Opened for", "Alpha Ltd")

		gone := beta
		gone.Status = "left"
		keep(gone)
		alice.Say("list open Beta").ExpectCard("SR-1", "Beta O'Brien Ltd")
		for _, typed := range []string{"Beta OBrien", "beta o’brien", "obrien", "beta.example", "ann@mail.beta.example", "https://beta.example/x"} {
			alice.Say("list open "+typed).ExpectCard("SR-1", "Beta O'Brien Ltd")
		}
		alice.Say("list open Beta Bauten").ExpectText("found no customer")
		alice.Say("list tailspin").ExpectText("no customer") // left, and never had a request
		alice.Say("new Beta O'Brien Ltd azure B Slow").ExpectCard("found no customer")
	})
}
