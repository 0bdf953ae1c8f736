package dialogs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/notify"
	"onbehalf/bot/request"
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

// TestRightsThatEndAreToldOnceADayUntilAcknowledged walks a relationship to its end: the
// desk's conversation hears of it at each mark, each morning until somebody acknowledges.
func TestRightsThatEndAreToldOnceADayUntilAcknowledged(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		rita := room.As("Rita")
		rita.Say("@onbehalf help").ExpectCard("What do you need?") // so that the place is known
		d.desk.DeskConversation = room.ID()
		d.related(contosoTenant, d.ending(61, customer.ServiceSupportAdministrator))
		radar := &notify.Radar{Store: d.store, Desk: d.desk.Desk, Now: d.Now, Log: d.log()}
		other := &notify.Radar{Store: d.store, Desk: d.desk.Desk, Now: d.Now, Log: d.log()}
		heard := func() (messages int) {
			t.Helper()
			for _, r := range []*notify.Radar{radar, other} { // two replicas are one
				if err := r.Look(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			d.settle()
			for _, m := range d.Messages(room.ID()) {
				if strings.Contains(m.Summary, "end soon or have ended") {
					messages++
				}
			}
			return messages
		}
		expect := func(want int, when string) {
			t.Helper()
			if got := heard(); got != want {
				t.Fatalf("%s: %d messages, want %d", when, got, want)
			}
		}
		morning := func(days int) { // the built-in policy opens at nine, UTC
			to := time.Date(2026, 11, 23, 9, 5, 0, 0, time.UTC).AddDate(0, 0, days)
			d.move(to.Sub(d.Now()))
		}
		expect(0, "before the desk opens")
		morning(0)
		expect(0, "61 days before")
		morning(1)
		expect(1, "60 days before")
		expect(1, "once a day")
		morning(2)
		expect(2, "nobody has acknowledged")
		rita.ExpectCard("Contoso Ltd", "Ends on").Press("rights/ack").Expect("Acknowledged: 1")
		morning(3)
		expect(2, "acknowledged")
		morning(35)
		expect(3, "30 days before")
		morning(61) // 23 January 2027 is a Saturday: nobody hears of it then
		expect(3, "closed")
		morning(63)
		expect(4, "after the end")
		d.related(contosoTenant, d.ending(400, customer.ServiceSupportAdministrator))
		morning(64)
		expect(4, "there is a new relationship")
	})
}

func TestLeadsAreToldOfRightsWhereThereIsNoDesk(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.InstallFor(d.Lead())
		over := d.ending(200, customer.ServiceSupportAdministrator)
		over.Status, over.Over = "terminated", d.Now().AddDate(0, 0, -1)
		d.related(contosoTenant, over)
		d.move(8 * time.Hour)
		radar := &notify.Radar{Store: d.store, Desk: d.desk.Desk, Now: d.Now, Log: d.log()}
		if err := radar.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.settle()
		said := d.Messages(d.PersonalID(d.Lead()))
		if len(said) != 1 || !strings.Contains(said[0].Summary, "1 customer") || !strings.Contains(string(said[0].Raw), "Terminated on") {
			t.Errorf("%+v", said)
		}
	})
}

func TestLeadsHearOnceAWeekThatGraphMayNotBeRead(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.InstallFor(d.Lead())
		for day := range 9 {
			if mine, err := d.store.BeginRun(t.Context(), "graph", time.Minute); err != nil || !mine {
				t.Fatal(mine, err)
			}
			left, err := d.store.TellRun(t.Context(), "graph", 7*24*time.Hour, notify.ForbiddenNotices(d.desk.Desk, request.SyncForbidden, d.Now()))
			if want := day == 0 || day == 7; err != nil || left != want {
				t.Errorf("day %d: %v, %v", day, left, err)
			}
			d.move(24*time.Hour + time.Minute)
		}
		d.settle()
		said := d.Messages(d.PersonalID(d.Lead()))
		if len(said) == 0 || !strings.Contains(said[0].Text, "DelegatedAdminRelationship.Read.All") {
			t.Errorf("%+v", said)
		}
	})
}
