package dialogs_test

import (
	"testing"

	"onbehalf/bot/teams/teamstest"
)

// What people do at three in the morning: they press before they read, twice, and
// on cards of yesterday.

func TestQuestionsThatProposeNothingYetComeBackMarked(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example azure").ExpectCard("severity")
		asked := form.Press("intake/next", "ask", "impact").ExpectInput("production")
		again := asked.Fill("production", "partly").Press("intake/next")
		again.Expect("2 fields need", "This is still missing").ExpectValue("production", "partly").ExpectInput("workaround")
		again.Fill("loss", "significant").Press("intake/next").ExpectValue("severity", "A") // one answer can be enough

		bob := d.Conversation(teamstest.Personal).As("Bob")
		bob.Say("new contoso.example azure").ExpectCard("severity").Press("intake/next", "ask", "impact").ExpectInput("production")
		bob.Say("yes").ExpectText("Severity") // typed, it goes on without an answer
	})
}

func TestAFormThatNobodySentYetAccusesNobody(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		what := alice.Say("new " + teamstest.Tenant + " azure B Our own").ExpectCard("supportPlan").ExpectNot("(fix this)")
		what.Fill("description", "Since nine").Fill("subscriptionId", contosoSub).Press("intake/next").
			Expect("1 field needs", "Give the plan or contract ID")
	})
}

func TestAFormStandsInOneMessageOnly(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		first := alice.Say("new contoso.example azure B Slow").ExpectCard("description")
		second := alice.Say("/new fabrikam").ExpectCard("intake/resume")
		second.Press("intake/resume").ExpectValue("title", "Slow")
		alice.ExpectUpdate(first, "in a message below").ExpectNoButton("intake/next")
		third := alice.Say("/new fabrikam").ExpectCard("intake/restart")
		third.Press("intake/restart").ExpectInput("customer")
		alice.ExpectUpdate(second, "in a message below").ExpectNoButton("intake/next")
		alice.Say("/new").ExpectCard("intake/next").ExpectInput("customer")
		alice.ExpectUpdate(third, "in a message below").ExpectNoButton("intake/next")
	})
}
