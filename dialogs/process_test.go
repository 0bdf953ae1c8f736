package dialogs_test

import (
	"testing"

	"onbehalf/bot/teams/teamstest"
)

// Who files in the Azure portal confirms the plan that a customer's request has.
// It is asked, not forced: without it the number is kept, and the card says so.
func TestThePlanIsConfirmedWithMicrosoftsNumber_R14(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		sheet := opened(alice).Press("ticket/assign", "to", "me").Press("ticket/sheet").ExpectInput("planConfirmed").Expect("Cloud Solution Provider")
		wrong := sheet.Fill("planConfirmed", "true").Fill("microsoftCase", "12").Press("ticket/file").ExpectValue("planConfirmed", "true")
		wrong.Fill("microsoftCase", "119120321001170").Press("ticket/file").Expect("119120321001170").ExpectNot("is not confirmed")
		if got := d.one(); !got.Details.PlanConfirmed {
			t.Errorf("the tick is not kept: %+v", got.Details)
		}

		unticked := opened(alice).Press("ticket/assign", "to", "me").Press("ticket/sheet").Fill("microsoftCase", "119120321001171").Press("ticket/file")
		unticked.Expect("119120321001171", "The support plan is not confirmed")
		alice.Say("status 2").ExpectCard("119120321001171").ExpectNot("is not confirmed") // said once, to who filed it

		opened(alice)
		alice.Say("file 3 119120321001172").ExpectCard("119120321001172", "The support plan is not confirmed")
		room := d.Conversation(teamstest.GroupChat).As("Alice")
		opened(room)
		room.Say("@onbehalf file 4 119120321001173").ExpectText("SR-4", "has to be Cloud Solution Provider")
		alice.Say("new contoso.example ems C Slow").ExpectCard("description").Fill("description", "All of it").
			Press("intake/next").Press("intake/submit").Press("ticket/assign", "to", "me").Press("ticket/sheet").ExpectNot("Cloud Solution Provider")
	})
}
