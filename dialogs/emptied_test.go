package dialogs_test

import (
	"testing"
	"time"

	"onbehalf/bot/teams/teamstest"
)

// Clients leave out what was emptied, or send null.
func TestAnEmptiedInputStaysEmpty(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		contact := filled(alice).Press("intake/contact")
		wrong := contact.Fill("contactPhone", "abc").Press("intake/next").Expect("(fix this)").ExpectValue("contactPhone", "abc")
		review := wrong.Fill("contactPhone", "").Press("intake/next").ExpectButton("intake/submit")
		review.Expect("VMs do not start", "Resized them") // inputs of other steps stay

		what := review.Press("intake/back").ExpectValue("tried", "Resized them")
		a := what.Fill("criterion", "").Invoke("intake/next")
		dataOf(a)["tried"] = nil
		review = what.Execute(a).ExpectButton("intake/submit").ExpectNot("Resized them")
		review.Press("intake/back").ExpectValue("tried", "").ExpectValue("criterion", "").ExpectValue("title", "VMs do not start")

		who := review.Press("intake/back").Press("intake/back").ExpectValue("customer", contoso)
		who.Fill("customer", "").Press("intake/next", "ask", "").Expect("(fix this)").ExpectValue("platform", "azure")
	})
}

func TestAnEmptiedInputStaysEmptyInOlderClients(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example ems B Slow").ExpectCard("description")
		form.Fill("description", "All of it").Fill("reportedAt", "yesterday-ish")
		wrong := form.PressOld("intake/next").ExpectUpdate(form, "cannot read this time")
		wrong.Fill("reportedAt", "").PressOld("intake/next").ExpectUpdate(form, "intake/submit")
	})
}

// A card of the release before does not say which inputs it shows.
func TestAnOldCardLeavesOutNothing(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		contact := filled(alice).Press("intake/contact").Fill("contactPhone", "+49301234567").Press("intake/next").Press("intake/contact")
		a := contact.ExpectValue("contactPhone", "+49301234567").Invoke("intake/next")
		delete(dataOf(a), "shown")
		delete(dataOf(a), "contactPhone")
		contact.Execute(a).Press("intake/contact").ExpectValue("contactPhone", "+49301234567")
	})
}

// What a card says that it showed is an id of ours, or nothing.
func TestForgedInputsEmptyNothingElse(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example ems B Slow").ExpectCard("description")
		for _, forged := range []any{"form,rev,verb,,x", 7, []any{"title"}, map[string]any{"title": true}, nil} {
			a := form.Invoke("intake/back")
			dataOf(a)["shown"] = forged
			delete(dataOf(a), "title")
			form = form.Execute(a).Press("intake/next", "ask", "").ExpectValue("title", "Slow")
		}
	})
}

// The cards that ask for what a move needs, and the sheet, keep nothing that was
// taken out either.
func TestEmptiedInputsOfAMoveAreEmpty(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		sheet := opened(alice).Press("ticket/assign", "to", "me").Press("ticket/sheet")
		wrong := sheet.Fill("microsoftCase", case1).Fill("text", "today").Fill("planConfirmed", "true").Press("ticket/file").ExpectValue("text", "today")
		none := wrong.Fill("microsoftCase", "").Fill("text", "").Press("ticket/file").Expect("(fix this)").ExpectValue("microsoftCase", "").ExpectValue("text", "")
		filed := none.Fill("microsoftCase", case1).Press("ticket/file").Expect(case1)
		if got := d.one(); !got.FiledAt.Equal(d.Now()) {
			t.Errorf("filed at %v, not now", got.FiledAt)
		}
		ask := filed.Press("ticket/severity", "ask", "true").Fill("severity", "A").Press("ticket/severity").Expect("(fix this)")
		ask.Fill("severity", "").Fill("reason", "Down").Press("ticket/severity").Expect("(fix this)").ExpectValue("severity", "").ExpectValue("reason", "Down")
		d.move(time.Minute)
		asked := alice.Say("severity 1 A").ExpectCard("reason").ExpectValue("severity", "A")
		asked.Fill("reason", "").Press("ticket/severity").Expect("(fix this)").ExpectValue("reason", "").ExpectValue("severity", "A")
		hand := filed.Press("ticket/assign", "ask", "true").Fill("text", "nobody of this name").Press("ticket/assign").Expect("(fix this)")
		hand.Fill("text", "").Press("ticket/assign").Expect("(fix this)").ExpectValue("text", "")
	})
}
