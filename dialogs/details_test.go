package dialogs_test

import (
	"testing"
	"time"

	"onbehalf/bot/teams/teamstest"
)

// TestDetailsStayFoldedUntilTheyAreNeeded goes the usual way, which shows none of them,
// and the ways that call for one: a value, an error, the review that asks.
func TestDetailsStayFoldedUntilTheyAreNeeded(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		what := alice.Say("new contoso.example azure B Slow").ExpectCard("description")
		what.ExpectHidden("impact", "topic", "criterion", "healthChecked", "incident", "reason", "reportedAt")
		what.ExpectVisible("title", "description", "tried", "subscriptionId")

		// What is typed into an open fold comes along, and what is wrong opens it.
		wrong := what.Toggle("More details").Fill("description", "All of it").Fill("subscriptionId", contosoSub).Fill("incident", "foo").Press("intake/next")
		wrong.ExpectVisible("incident", "topic").ExpectValue("incident", "foo").Expect("(fix this)")

		// Emptied and sent again it is folded; the review asks for two of the details, and
		// whoever goes back for them finds them open, on every card from then on.
		review := wrong.Fill("incident", "").Press("intake/next").Expect("Left empty", "intake/submit")
		review.Press("intake/back").ExpectVisible("criterion", "healthChecked")
		d.move(time.Minute)
		alice.Say("new").ExpectCard("description").ExpectVisible("criterion")
	})
}

// TestAFormWithNothingLeftToAskStaysShort has all that the review could ask for.
func TestAFormWithNothingLeftToAskStaysShort(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		what := alice.Say("new contoso.example ems B Invoice").ExpectCard("description").Press("intake/back").Fill("kind", "billing").Press("intake/next", "ask", "")
		review := what.Fill("description", "Twice").Press("intake/next").ExpectButton("intake/submit")
		review.Press("intake/back").ExpectHidden("impact", "topic", "reportedAt")
	})
}

// TestTypedAnswersReachTheDetails names fields, in each language, where nothing else is
// asked. A line that only looks like it answers the open question.
func TestTypedAnswersReachTheDetails(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example ems B Slow").ExpectCard("description")
		alice.Say("Impact: this is what happened").ExpectText("type: yes", "To add “What you tried”, type: tried: …")
		alice.See(form).ExpectValue("description", "Impact: this is what happened").ExpectValue("impact", "")

		for _, c := range []struct{ line, id, want, says string }{
			{"tried: another profile", "tried", "another profile", "Why does it go to Microsoft?"},
			{"Why does it go to Microsoft?: Bug in look or operation", "criterion", "bug", "Service health checked?"},
			{"Dienstintegrität: none", "healthChecked", "none", "Who cannot work"},
			{"влияние: все 40", "impact", "все 40", "“Topic”"},
			{"topic: Intune", "topic", "e.intune", "type: yes"},
			{"incident: foo", "incident", "foo", "incident’s ID"},
			{"incident: EX123456", "incident", "EX123456", "type: yes"},
			{"Phone: +49 30 1234567", "contactPhone", "", "type: yes"},
		} {
			d.move(time.Minute)
			alice.Say(c.line).ExpectText(c.says)
			if c.want != "" {
				alice.See(form).ExpectVisible(c.id).ExpectValue(c.id, c.want)
			}
		}
		alice.Say("impossible: x").ExpectText("type: yes") // no field is called so
		alice.Say("yes").ExpectText("To submit")
		alice.Say("reported: 01:00").ExpectText("To submit")
		alice.See(form).Expect("4567", "EX123456", "01:00")
		alice.Say("yes").ExpectText("SR-1")
		if got := d.one(); got.Details.Tried != "another profile" || got.Impact != "все 40" || got.Topic != "e.intune" || got.Contact.Phone != "+49301234567" {
			t.Errorf("filed as %+v", got)
		}
	})
}
