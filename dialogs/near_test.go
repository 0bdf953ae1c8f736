package dialogs_test

import (
	"strings"
	"testing"

	"onbehalf/bot/teams/teamstest"
)

// TestAMistypedCustomerGetsTheNearestNames lets the form, the words and the typeahead
// offer whom a name with typing mistakes may mean; what is far from all finds nobody.
func TestAMistypedCustomerGetsTheNearestNames(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		for _, typed := range []string{"fabrikm residences", "Fabirkam", "residneces fabrikam", "obhfabrikm.onmicrosoft.com", "Fabrikam Sohnne"} {
			alice := d.Conversation(teamstest.Personal).As("Alice " + typed)
			form := alice.Say("/new “"+typed+"” ems A it fails").ExpectCard("Do you mean one of these?", "obhfabrikam").ExpectNot("(fix this)")
			form.Fill("customer", fabrikam).Press("intake/next", "ask", "").ExpectInput("description").Expect("Fabrikam Residences")
		}
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("new").ExpectCard("customer")
		alice.Say("contsoo").ExpectText("no customer", "Contoso Ltd · obhcontoso.onmicrosoft.com", "Contoso Ltd · obhcontosouk.onmicrosoft.com")
		alice.Say("tailspn").ExpectText("found no customer", "part of the name") // they left
		alice.Say("northwind").ExpectText("found no customer", "part of the name")
		alice.Say("Azuer Interior").ExpectText("Azure Interior GmbH")
		alice.Say("Azure Interior").ExpectText("Next: Platform")
		if found := alice.Search("customers", "fabrkam"); len(found) != 1 || found[0].Value != fabrikam {
			t.Errorf("the typeahead finds %+v", found)
		}

		room := d.Conversation(teamstest.GroupChat) // guests may read along
		bob := room.As("Bob")
		bob.Say("@onbehalf new fabrikm ems").ExpectCard("customer").ExpectNot("obhfabrikam")
		for _, m := range d.Messages(room.ChannelID()) {
			if m.Recipient == "" && strings.Contains(string(m.Raw), "Fabrikam") {
				t.Errorf("everybody reads a customer: %s", m.Raw)
			}
		}
	})
}
