package dialogs_test

import (
	"testing"
	"time"

	"onbehalf/bot/teams/teamstest"
)

// TestButtonsAreTyped types what stands on buttons that have no word of their own.
func TestButtonsAreTyped(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		chat := d.Conversation(teamstest.Personal)
		alice := chat.As("Alice")
		opened(alice)
		say := func(typed string) *teamstest.Turn {
			d.move(30 * time.Second)
			return alice.Say(typed)
		}
		say("SR-1 take over").ExpectCard("SR-1", "ticket/sheet")
		say("File with Microsoft SR-1").ExpectCard("microsoftCase")
		say("details SR-1").ExpectCard("Details", "What you tried")
		say("Full history SR-1").ExpectCard("Full history", "Alice")
		say("Open request SR-1").ExpectCard("SR-1", "VMs do not start")
		say("Full history").ExpectText("Which request?", "Full history SR-1")
		say("details SR-9").ExpectText("no request with this number")
		say("Late (3)").ExpectCard("list/page")
		say("Nobody’s").ExpectCard("Nothing here")
		say("Open requests").ExpectCard("SR-1")
		say("Acknowledge mine").ExpectCard("1 request acknowledged")
		say("Week before").ExpectCard("report/show")
		say("Change contact").ExpectText("You have no open form here.")
	})
}

// TestButtonsOfAFormAreTyped has a form open, on whose steps the buttons stand.
func TestButtonsOfAFormAreTyped(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example azure").ExpectCard("severity")
		d.move(30 * time.Second)
		alice.Say("Not sure? 3 questions").ExpectUpdate(form, "production")
		d.move(30 * time.Second)
		alice.Say("back").ExpectUpdate(form, "severity")
		d.move(30 * time.Second)
		alice.Say("Change contact").ExpectUpdate(form, "contactEmail")
		d.move(30 * time.Second)
		alice.Say("Not sure? 3 questions").ExpectText("Nothing more is needed") // it stands on another step
		alice.See(form).ExpectInput("contactEmail")
		d.move(30 * time.Second)
		alice.Say("Start anew").ExpectCard("customer").ExpectValue("customer", "").ExpectNot("Step 2")
		alice.See(form).Expect("Form cancelled")
	})
}
