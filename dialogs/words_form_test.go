package dialogs_test

import (
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// A line that is exactly a command is one while a form is open too; everything
// else answers the open question.
func TestCommandsAreCommandsWhileAFormIsOpen(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		opened(alice)
		form := alice.Say("new contoso.example ems B").ExpectCard("title")
		for line, want := range map[string]string{
			"list": "SR-1", "list all": "SR-1", "мои запросы": "SR-1", "SR-1": "VMs do not start", "sr1": "VMs do not start", "#1": "VMs do not start",
			"status SR-1": "VMs do not start", "sla": "SR-1", "help": "help/show", "report month": "report/show",
		} {
			d.move(time.Minute)
			alice.Say(line).ExpectCard(want)
		}
		for line, want := range map[string]string{
			"status": "status SR-1", "find": "find outlook", "language": "language en", "withdraw": "cancel SR-1", "comment": "comment SR-1", "yes": "Next: Title",
			"take": "take SR-1", "SR-99": "no request with this number",
		} {
			d.move(time.Minute)
			alice.Say(line).ExpectText(want)
		}
		d.move(time.Minute)
		alice.Say("take 1").ExpectCard("Alice", "ticket/sheet")
		if got := d.one(); got.Assignee.Name != "Alice" {
			t.Errorf("it is of %+v", got.Assignee)
		}
		alice.See(form).ExpectValue("title", "").ExpectValue("description", "")
		alice.Say("365").ExpectText("Next: What happened") // bare digits are an answer
		alice.See(form).ExpectValue("title", "365")
		d.move(time.Minute)
		alice.Say("comment SR-1 they called").ExpectText("type: yes") // and so is more than a command
		alice.See(form).ExpectValue("description", "comment SR-1 they called")
		alice.Say("back").ExpectText("type: yes")
		alice.Say("next").ExpectText("type: yes")
		alice.Say("Cancel.").ExpectText("cancelled")
		if n := len(d.entries(1)); n != 2 {
			t.Errorf("SR-1 was changed: %q", d.entries(1))
		}
	})
}

func TestNewAloneShowsTheOpenFormAgain(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		first := alice.Say("new contoso.example ems B Slow").ExpectCard("description")
		for _, typed := range []string{"new", "/new", "новый", "New request"} {
			d.move(time.Minute)
			again := alice.Say(typed).ExpectCard("description", "intake/next").ExpectValue("title", "Slow")
			alice.ExpectUpdate(first, "in a message below").ExpectNoButton("intake/next")
			first = again
		}
		d.move(time.Minute)
		alice.Say("Since nine").ExpectText("type: yes")
		alice.See(first).ExpectValue("description", "Since nine")
		first.Press("intake/restart").ExpectInput("customer").ExpectValue("customer", "")

		room := d.Conversation(teamstest.GroupChat)
		bob := room.As("Bob")
		form := bob.Say("@onbehalf new contoso.example ems B Slow").ExpectCard("description")
		form.Fill("description", "only mine to read").Fill("reportedAt", "soon").Press("intake/next").Expect("(fix this)")
		carol := room.As("Carol")
		turn := bob.Say("@onbehalf new")
		turn.ExpectCard("description").ExpectValue("description", "only mine to read")
		carol.ExpectNothing()
	})
}

// TestASeverityThatDoesNotCountIsSaid files a bill as A, with the card and by typing.
func TestASeverityThatDoesNotCountIsSaid(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		const left = "Severity A was left out"
		alice, bob := d.Conversation(teamstest.Personal).As("Alice"), d.Conversation(teamstest.Personal).As("Bob")
		who := alice.Say("new").ExpectCard("severity")
		what := who.Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "A").Fill("kind", "billing").Press("intake/next", "ask", "").Expect(left)
		review := what.Fill("title", "Invoice").Fill("description", "Twice").Press("intake/next").Expect(left)
		review.Press("intake/submit").Expect("SR-1").ExpectNot(left)
		if got := d.one(); got.Severity != request.NonCritical {
			t.Errorf("filed as %q", got.Severity)
		}

		who = bob.Say("new").ExpectCard("severity")
		who.Fill("platform", "ems").Fill("severity", "A").Fill("kind", "billing").Press("intake/next", "ask", "").Expect("(fix this)")
		bob.Say("contoso.example").ExpectText("type: yes")
		bob.Say("yes").ExpectText(left)
		bob.Say("Invoice").ExpectText("Next: What happened")
	})
}
