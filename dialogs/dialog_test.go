package dialogs_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/teams/teamstest"
)

// TestTheIntakeAsADialog files from the button of a channel's help: what is typed, right or
// wrong, is seen by nobody else, and the request's card stands in the thread.
func TestTheIntakeAsADialog(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice := room.As("Alice")
		help := alice.Say("@onbehalf help").ExpectCard("help/show")
		carol := room.As("Carol")
		who := help.OpenDialog("intake/start").ExpectInput("customer")
		before := len(d.Messages(room.ChannelID()))

		wrong := who.Fill("platform", "azure").Fill("severity", "B").Press("intake/next", "ask", "").Expect("(fix this)").ExpectValue("platform", "azure")
		what := wrong.Fill("customer", contoso).Press("intake/next", "ask", "").ExpectHidden("topic")
		wrong = what.Fill("title", "VPN").Fill("description", "Password: hunter2hunter2").Fill("subscriptionId", contosoSub).Press("intake/next").Expect("looks like a password")
		wrong.ExpectValue("title", "VPN").ExpectValue("description", "Password: hunter2hunter2").ExpectValue("subscriptionId", contosoSub)
		back := wrong.Fill("description", "Down since nine").Press("intake/back").ExpectValue("customer", contoso)
		review := back.Press("intake/next", "ask", "").ExpectValue("description", "Down since nine").Press("intake/next").Expect("Check and submit")
		contact := review.Press("intake/contact").Fill("contactPhone", "12").Press("intake/next").Expect("(fix this)")
		review = contact.Fill("contactPhone", "").Press("intake/next").ExpectButton("intake/submit")
		if now := len(d.Messages(room.ChannelID())); now != before {
			t.Errorf("%d messages came while the form was filled in: %v", now-before, d.Messages(room.ChannelID()))
		}
		carol.ExpectNothing()

		review.Press("intake/submit").ExpectClosed("SR-1 is open", "First response due")
		carol.ExpectCard("SR-1", "VPN", "ticket/assign")
		if got := d.one(); got.Home.Conversation != room.ID() || got.Details.SubscriptionID != contosoSub {
			t.Errorf("filed as %+v", got)
		}
	})
}

// TestAClosedDialogIsKept closes the dialog, of which Teams says nothing: "new" goes on with
// the form in private, and so does the button.
func TestAClosedDialogIsKept(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		welcome := alice.Install().ExpectCard("intake/start")
		carol := room.As("Carol")
		what := welcome.OpenDialog("intake/start").Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "")
		what.Fill("title", "Slow").Press("intake/next").Expect("(fix this)")

		d.move(time.Minute)
		turn := alice.Say("@onbehalf new")
		turn.ExpectCard("description").ExpectValue("title", "Slow")
		carol.ExpectNothing()
		again := welcome.OpenDialog("intake/start").Expect("unfinished form").Press("intake/resume").ExpectValue("title", "Slow")
		again.Press("intake/cancel").ExpectClosed()
		welcome.OpenDialog("intake/start").ExpectValue("platform", "")

		// Started anew, the dialog has an empty form.
		welcome.OpenDialog("intake/start").Press("intake/restart").ExpectInput("customer")
	})
}

// TestAFormInTheChatGoesOnAsADialog keeps the form's own message out of it until it is
// filed.
func TestAFormInTheChatGoesOnAsADialog(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		form := alice.Say("@onbehalf new contoso.example ems B Slow").ExpectCard("intake/next")
		d.move(time.Minute)
		help := alice.Say("@onbehalf help").ExpectCard("intake/start")
		what := help.OpenDialog("intake/start").Press("intake/resume").ExpectValue("title", "Slow")
		what.Fill("description", "All of it").Press("intake/next").Press("intake/submit").ExpectClosed("SR-1")
		alice.ExpectUpdate(form, "SR-1")
	})
}

// TestClientsWithoutDialogsHaveTheCard presses the same button where it is sent as any
// other.
func TestClientsWithoutDialogsHaveTheCard(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.GroupChat).As("Alice")
		help := alice.Say("@onbehalf help").ExpectCard("intake/start")
		form := help.PressWithoutDialogs("intake/start").ExpectCard("intake/next")
		form.Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "").ExpectInput("title")
		// In one's own chat there is nobody to hide the form from.
		d.Conversation(teamstest.Personal).As("Alice").Say("help").ExpectCard("help/show").Press("intake/start").ExpectInput("customer")
	})
}

// TestADialogPressedTwiceFilesOnce delivers the last press again, under the same and another
// id, and presses it on a dialog that was left open.
func TestADialogPressedTwiceFilesOnce(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.GroupChat).As("Alice")
		what := alice.Say("@onbehalf help").ExpectCard("intake/start").OpenDialog("intake/start").
			Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "")
		review := what.Fill("title", "Slow").Fill("description", "All").Press("intake/next")
		submit := review.Invoke("intake/submit")
		review.Execute(submit).ExpectClosed("SR-1 is open")
		review.Execute(submit).ExpectClosed("SR-1 is open")
		review.Press("intake/submit").ExpectClosed("SR-1 is open")
		what.Press("intake/next").ExpectClosed("SR-1 is open")
		if n := len(d.tickets()); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// TestBadDialogs are a form that is gone, one that was changed meanwhile, somebody else's,
// and what no dialog sends: one clear sentence, and nothing changed.
func TestBadDialogs(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice, bob := room.As("Alice"), room.As("Bob")
		help := alice.Say("@onbehalf help").ExpectCard("intake/start")
		who := help.OpenDialog("intake/start")
		what := who.Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "")
		what.Fill("title", "Slow").Press("intake/next").Expect("(fix this)")
		who.Fill("platform", "azure").Press("intake/next", "ask", "").ExpectValue("title", "Slow") // the present step

		hers := what.Invoke("intake/next")
		from := bob.Activity("invoke")
		hers["from"], hers["id"] = from["from"], from["id"]
		bob.Do(hers)
		if answer := string(d.Post(hers).Body); !strings.Contains(answer, "Alice opened this form") || strings.Contains(answer, "Slow") {
			t.Errorf("somebody else's form: %s", answer)
		}

		what.Press("intake/cancel").ExpectClosed()
		what.Press("intake/next").Expect("This form is gone").Press("intake/start").ExpectInput("customer")

		for name, change := range map[string]func(value map[string]any){
			"no data":               func(v map[string]any) { delete(v, "data") },
			"null":                  func(v map[string]any) { v["data"] = nil },
			"a string":              func(v map[string]any) { v["data"] = "intake/next" },
			"no verb":               func(v map[string]any) { v["data"] = map[string]any{"title": "x"} },
			"a verb of no use":      func(v map[string]any) { v["data"] = map[string]any{"verb": "intake/none"} },
			"a verb that is a list": func(v map[string]any) { v["data"] = map[string]any{"verb": []any{"intake/next"}} },
			"no form":               func(v map[string]any) { v["data"] = map[string]any{"verb": "intake/next"} },
			"no ticket":             func(v map[string]any) { v["data"] = map[string]any{"verb": "ticket/assign", "number": 99} },
		} {
			for _, invoke := range []string{"task/fetch", "task/submit"} {
				value := map[string]any{"data": map[string]any{"verb": "intake/next"}}
				change(value)
				r := alice.Invoke(invoke, value).Response
				if shown, err := teamstest.ReadDialog(r); err != nil || shown.Message == "" && shown.Card == nil {
					t.Errorf("%s, %s: %v %d %s", invoke, name, err, r.Status, r.Body)
				}
			}
		}
		if n := len(d.tickets()); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// TestStrangersGetNoDialog are people who may not use the bot, in a conversation of ours.
func TestStrangersGetNoDialog(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		room.As("Alice")
		for _, who := range []*teamstest.Speaker{room.As("Guido", teamstest.Guest()), room.As("Frida", teamstest.Foreign())} {
			for name, value := range map[string]map[string]any{
				"task/fetch":                    {"data": map[string]any{"verb": "intake/start"}},
				"task/submit":                   {"data": map[string]any{"verb": "list/page", "filter": "all"}},
				"composeExtension/fetchTask":    {"commandId": "new", "commandContext": "compose"},
				"composeExtension/submitAction": {"commandId": "new", "data": map[string]any{"verb": "intake/start"}},
			} {
				r := who.Invoke(name, maps.Clone(value)).Response
				shown, err := teamstest.ReadDialog(r)
				if err != nil || r.Status != http.StatusOK || !strings.Contains(shown.Message, "people of this support desk only") {
					t.Errorf("%s, %s: %v %+v", who.Name, name, err, shown)
				}
			}
		}
	})
}
