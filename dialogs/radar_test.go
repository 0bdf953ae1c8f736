package dialogs_test

import (
	"fmt"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/teams/teamstest"
)

// related gives a customer of the desk relationships, as Microsoft told of them.
func (d *desk) related(tenant string, relationships ...customer.Relationship) {
	d.TB.Helper()
	err := d.store.ChangeCustomers(d.TB.Context(), []string{tenant}, func(c *customer.Customer, known bool) bool {
		c.Rights = &customer.Rights{Name: c.Name, Relationships: relationships}
		c.Rights.Settle(d.Now())
		return known
	})
	if err != nil {
		d.TB.Fatal(err)
	}
}

// ending is a relationship that ends so many days from now.
func (d *desk) ending(days int, roles ...string) customer.Relationship {
	return customer.Relationship{ID: "r", Status: "active", End: d.Now().AddDate(0, 0, days), Roles: roles}
}

func TestRightsAreShownAndPaged(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		rita := room.As("Rita")
		rita.Say("@onbehalf rights").ExpectCard("No rights end within 60 days", "As typed or imported")
		d.related(contosoTenant, d.ending(200, "f2ef992c-3afb-46b9-b7cf-a126ee74c451"))
		var more []customer.Customer
		for i := range 9 {
			c := customer.Customer{TenantID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), Name: fmt.Sprintf("Many %d", i), Status: "active"}
			c.AdminRelationship, c.AdminEnd = "gdap", d.Now().AddDate(0, 0, 20).Format(time.DateOnly)
			more = append(more, c)
		}
		if _, _, err := d.store.PutCustomers(t.Context(), more); err != nil {
			t.Fatal(err)
		}
		card := rita.Say("@onbehalf /rights").ExpectCard("Global Reader", "Service Support Administrator", "Contoso Ltd", "1–1 of 1")
		card.Press("rights/show", "part", "30").Expect("Ends on", "days left: 20", "Many 0", "1–8 of 9").Press("rights/show", "offset", "8").Expect("Many 8", "9–9 of 9")
		room.As("Otto", teamstest.Speaking("de-DE")).Say("@onbehalf rechte").ExpectCard("kann heute nichts gemeldet werden")
		room.As("Vera", teamstest.Speaking("ru-RU")).Say("@onbehalf права").ExpectCard("Сегодня нельзя подать запрос")
	})
}

func TestTheFormKnowsAtOnceThatRightsEnded_T2(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		rita := d.Conversation(teamstest.Personal).As("Rita")
		over := d.ending(100, customer.ServiceSupportAdministrator)
		over.Status = "terminated"
		d.related(contosoTenant, over)
		form := rita.Say("new "+contosoTenant+" office365").ExpectCard("was terminated", "Ask for a new one", "Admin relationships")
		form.Fill("severity", "B").Press("intake/next", "ask", "").Expect("was terminated").ExpectInput("title")
	})
}

const contosoTenant = "3ceaaf30-8142-48ea-91d9-3080f9b439fc"
