package dialogs_test

import (
	"testing"

	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// Clients that can less lose comfort and no function.

// TestAClientThatOnlySubmits knows no universal actions: every button arrives as a
// message, and its card is changed in place.
func TestAClientThatOnlySubmits(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		card := alice.Say("new contoso.example azure B Slow").ExpectCard("description")
		press := func(verb, want string, data ...string) {
			t.Helper()
			d.move(20e9) // so that Teams' windows are no subject here
			card = card.PressOld(verb, data...).ExpectUpdate(card, want)
		}
		card.Fill("description", "Since 8:40").Fill("subscriptionId", contosoSub)
		press("intake/next", "intake/submit")
		press("intake/back", "description")
		press("intake/next", "intake/submit")
		press("intake/submit", "SR-1")
		press("ticket/assign", "ticket/respond", "to", "me")
		press("ticket/respond", "microsoftCase")
		card.Fill("text", "On it")
		press("ticket/respond", "ticket/resolve", "noNumber", "true")
		press("ticket/history", "ticket/show")
		press("ticket/show", "ticket/resolve")
		card.Fill("text", "New host")
		press("ticket/resolve", "ticket/close")
		press("ticket/close", "Closed")
		if got := d.one(); got.Status != request.Closed || got.Assignee.Name != "Alice" {
			t.Errorf("%+v", got)
		}
	})
}

// TestAClientThatNeverRedraws shows the card that everybody has, without the buttons of
// the one who works: what they press or type leads on all the same.
func TestAClientThatNeverRedraws(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		d.file(alice)
		d.settle()
		card := alice.ExpectCard("ticket/assign")
		card.Press("ticket/assign").ExpectButton("ticket/respond")
		d.settle()
		stale := alice.See(card).ExpectNoButton("ticket/respond", "ticket/resolve")
		own := stale.Press("ticket/details").Press("ticket/show").ExpectButton("ticket/respond")
		own.Press("ticket/respond").Fill("text", "On it").Press("ticket/respond", "noNumber", "true").ExpectButton("ticket/resolve")
		d.move(60e9)
		alice.Say("@onbehalf resolve 1 New host").ExpectText("SR-1")
		if got := d.one(); got.Status != request.Resolved {
			t.Errorf("it is %s", got.Status)
		}
	})
}

// TestAClientWithoutTypeahead sends what was typed into the customer's box: one name is
// taken, several are answered to their owner alone, with the choices.
func TestAClientWithoutTypeahead(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		form := alice.Say("@onbehalf new").ExpectCard("customer")
		several := form.Fill("customer", "contoso").Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "").
			Expect("obhcontoso.", "obhcontosouk.")
		room.As("Bob").See(form).ExpectNot("obhcontoso", "Contoso Ltd")
		what := several.Fill("customer", contoso).Press("intake/next", "ask", "").ExpectInput("title")
		what.Fill("title", "Slow").Fill("description", "All of it").Press("intake/next").Press("intake/submit").Expect("SR-1")
		if got := d.one().Customer.TenantID; got != contoso {
			t.Errorf("filed for %s", got)
		}
	})
}

// TestATenantWithoutTargetedMessages answers slash commands in the personal chat, and is
// asked once.
func TestATenantWithoutTargetedMessages(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		d.InstallFor(alice.Person)
		alice.Say("@onbehalf help")
		d.file(alice)
		d.Fault(teamstest.Fault{Op: "send", Conversation: room.ID(), Status: 403, Code: "TargetedMessagesNotAllowed"})
		alice.Slash("list").InPersonalChat().ExpectCard("SR-1")
		d.move(60e9)
		alice.Slash("status 1").InPersonalChat().ExpectCard("SR-1")
		asked := 0
		for _, e := range d.Events("send") {
			if e.Conversation == room.ID() && e.Status == 403 {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("Teams was asked %d times", asked)
		}
	})
}

// TestAMeetingOnAPhone has no dialogs: the button that opens one elsewhere is sent like any
// other, and the form stands in the meeting's chat without a customer's name. Whoever joined
// by a link is nobody.
func TestAMeetingOnAPhone(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		meeting := d.Meeting()
		alice, bob := meeting.As("Alice"), meeting.As("Bob")
		ann := meeting.As("Ann", teamstest.Anonymous())
		help := alice.Say("@onbehalf help").ExpectCard("intake/start")
		form := help.PressWithoutDialogs("intake/start").ExpectCard("intake/next")
		what := form.Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "").ExpectInput("title")
		bob.See(form).ExpectNot("Contoso", "obhcontoso")
		if got := ann.See(help).PressWithoutDialogs("intake/start").InPersonalChat(); d.draft(got) != nil {
			t.Error("who joined by a link has a form")
		}
		what.Fill("title", "Slow").Fill("description", "All of it").Press("intake/next").Press("intake/submit").Expect("SR-1")
		bob.ExpectUpdate(form, "SR-1", "Slow")
		if got := d.one(); got.Home.Conversation != meeting.ID() || got.Home.Personal {
			t.Errorf("its home is %+v", got.Home)
		}
	})
}

// TestAClientThatCanNothing only submits, in a group of a tenant without targeted messages:
// the form goes on in the person's own chat, and the request's card stands in the group.
func TestAClientThatCanNothing(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		d.Fault(teamstest.Fault{Op: "send reply", Targeted: true, Times: -1, Status: 403, Code: "TargetedMessagesNotAllowed"})
		help := alice.Say("@onbehalf help").ExpectCard("intake/start")
		form := help.PressWithoutDialogs("intake/start").ExpectCard("intake/next")
		form.Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "C")
		what := form.PressOld("intake/next", "ask", "").InPersonalChat().ExpectCard("title")
		d.move(20e9)
		review := what.Fill("title", "Slow").Fill("description", "All of it").PressOld("intake/next").ExpectUpdate(what, "intake/submit")
		d.move(20e9)
		review.PressOld("intake/submit").ExpectUpdate(review, "SR-1")
		alice.ExpectUpdate(form, "SR-1", "ticket/assign")
		d.move(20e9)
		alice.See(form).PressOld("ticket/assign", "to", "me").ExpectUpdate(form, "Alice")
		if got := d.one(); got.Assignee.Name != "Alice" || got.Home.Conversation != room.ID() {
			t.Errorf("%+v", got)
		}
	})
}
