package dialogs_test

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// complete fills in a form that was just opened, up to its review.
func complete(form *teamstest.Card) *teamstest.Card {
	what := form.Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "")
	if what.Value("title") == "" {
		what.Fill("title", "Slow")
	}
	if what.Value("description") == "" {
		what.Fill("description", "All of it")
	}
	return what.Press("intake/next").ExpectButton("intake/submit")
}

// TestANewRequestFromTheComposeBox files where the person writes, from the chat with the
// bot, a group chat and a thread.
func TestANewRequestFromTheComposeBox(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		for i, kind := range []string{teamstest.Personal, teamstest.GroupChat, teamstest.Channel} {
			d.move(time.Minute)
			room := d.Conversation(kind)
			alice := room.As("Alice")
			if kind == teamstest.Channel {
				alice.Say("@onbehalf help").ExpectCard("help/show")
			}
			review := complete(alice.Command("new"))
			review.Press("intake/submit").ExpectClosed("is open", "First response due")
			card := alice.ExpectCard("Slow", "ticket/assign")
			if got := d.ticket(request.Number(i + 1)).Home; kind != teamstest.Personal && got.Conversation != room.ID() || got.Personal != (kind == teamstest.Personal) || card == nil {
				t.Errorf("%s: its home is %+v", kind, got)
			}
		}
	})
}

// TestTheCommandBoxBelongsToNoConversation files in the person's own chat.
func TestTheCommandBoxBelongsToNoConversation(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("help")
		form := alice.CommandBox("new").ExpectInput("customer")
		d.move(time.Minute)
		alice.Say("new").ExpectCard("customer", "intake/next")
		complete(form).Press("intake/submit").ExpectClosed("SR-1 is open")
		if got := d.one().Home; !got.Personal || got.Conversation != alice.In.ID() {
			t.Errorf("its home is %+v", got)
		}
	})
}

// TestWhereTheBotIsNot files without it in the person's own chat, or adds it and files in
// the conversation, whether Teams remembers what the button carried or not.
func TestWhereTheBotIsNot(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		own := d.Conversation(teamstest.Personal).As("Alice")
		own.Say("help")
		d.settle()
		room := func() *teamstest.Speaker {
			d.move(time.Minute)
			c := d.Conversation(teamstest.GroupChat)
			c.Uninstall()
			return c.As("Alice")
		}
		there := room()
		ask := there.Command("new").Expect("I am not in this conversation")
		complete(ask.Press("intake/resume")).Press("intake/submit").ExpectClosed("SR-1 is open")
		there.InPersonalChat().ExpectCard("SR-1")
		there.ExpectNothing()
		if got := d.one().Home; !got.Personal || got.Conversation != own.In.ID() {
			t.Errorf("its home is %+v", got)
		}

		there = room()
		complete(there.Command("new").AddBot(true)).Press("intake/submit").ExpectClosed("SR-2 is open")
		there.ExpectCard("SR-2")

		there = room()
		form := there.Command("new").AddBot(false).ExpectInput("customer")
		complete(form).Press("intake/submit").ExpectClosed("SR-3 is open")
		there.ExpectCard("SR-3")
		for _, n := range []request.Number{2, 3} {
			if got := d.ticket(n); got.Home.Personal || got.Details.Source != (request.Source{}) {
				t.Errorf("%s is of %+v, from %+v", n, got.Home, got.Details.Source)
			}
		}
		own.Say("new").ExpectCard("customer").ExpectValue("customer", "") // nothing was left unfinished
	})
}

// TestNobodyIsThereToAnswer is a person without a chat with the bot, where it is not either,
// and one who removed the bot from their own chat: the way to add it, and nothing of the desk's.
func TestNobodyIsThereToAnswer(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		n := request.Number(0)
		filed := func(form *teamstest.Card, there *teamstest.Speaker) {
			t.Helper()
			complete(form).Press("intake/submit").ExpectClosed("is open")
			n++
			if got := d.ticket(n); got.Home.Personal || !request.SameConversation(got.Home.Conversation, there.In.ID()) {
				t.Errorf("%s: at %+v", n, got.Home)
			}
		}
		rita := d.Conversation(teamstest.Personal).As("Rita")
		rita.Install()
		rita.Remove()
		for i, kind := range []string{teamstest.GroupChat, teamstest.Channel, teamstest.GroupChat} {
			d.move(time.Minute)
			room := d.Conversation(kind)
			room.Uninstall()
			who := []*teamstest.Speaker{room.As("Zoe"), room.As("Yuri"), room.As("Rita")}[i]
			ask := who.Command("new").Expect("I am not in this conversation", "the form opens here").ExpectNoButton("intake/resume", "intake/next")
			filed(ask.AddBot(i == 0), who)
		}

		// What the message said is carried past the time until Teams has added the bot.
		d.move(time.Minute)
		room := d.Conversation(teamstest.Channel)
		room.Uninstall()
		xenia := room.As("Xenia")
		ask := xenia.OnMessage("file", payload(room, map[string]any{"replyToId": "1795400000700"})).Expect("I am not in this conversation")
		again := ask.AddBotLater().Expect("Teams has not added me yet")
		filed(again.AddBot(true), xenia)
		got := d.ticket(n)
		if got.Title != "Our VPN is down since 8:40." || got.Details.Source.Link == "" || !strings.HasSuffix(got.Home.Conversation, ";messageid=1795400000700") {
			t.Errorf("%q at %+v, from %+v", got.Title, got.Home, got.Details.Source)
		}
		if !strings.Contains(got.Description, "Nobody can work.") {
			t.Errorf("it says %q", got.Description)
		}
	})
}

// TestNowhereToAnswer are an unknown command, a search and the command box where there is
// nobody to look up: one sentence each.
func TestNowhereToAnswer(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		room.Uninstall()
		zoe := room.As("Zoe")
		zoe.CommandBox("new").ExpectClosed("we have no chat of our own yet")
		search := map[string]any{"commandId": "find", "parameters": []any{map[string]any{"name": "q", "value": "1"}}}
		if got := string(zoe.Invoke("composeExtension/query", search).Response.Body); !strings.Contains(got, "we have no chat of our own yet") {
			t.Errorf("a search is answered with %s", got)
		}
		for _, in := range []*teamstest.Speaker{zoe, d.Conversation(teamstest.GroupChat).As("Zoe")} {
			for _, command := range []string{"", "find", "nonsense"} {
				shown, err := teamstest.ReadDialog(in.Invoke("composeExtension/fetchTask", map[string]any{"commandId": command}).Response)
				if err != nil || shown.Card == nil || !strings.Contains(strings.Join((&teamstest.Card{Content: shown.Card}).Texts(), " "), "I do not know this button") {
					t.Errorf("%q: %v %+v", command, err, shown)
				}
			}
		}
	})
}

// TestTheBotWasTakenOutWithoutAWord is asked of Teams once an hour: the dialog offers to add
// it again instead of a card that nobody would ever see.
func TestTheBotWasTakenOutWithoutAWord(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.Conversation(teamstest.Personal).As("Alice").Say("help")
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		alice.Say("@onbehalf help")
		d.move(2 * time.Hour)
		d.Fault(teamstest.Fault{Op: "member", Conversation: room.ID(), Status: 503})
		alice.Command("new").ExpectInput("customer").Press("intake/cancel").ExpectClosed() // while Teams cannot say
		d.move(2 * time.Hour)
		room.Uninstall()
		ask := alice.Command("new").Expect("I am not in this conversation").ExpectButton("intake/resume")

		// The form is forgotten while the card lies open: begun anew it asks again.
		d.move(25 * time.Hour)
		gone := ask.Press("intake/resume").Expect("This form is gone")
		anew := gone.Press("intake/start").Expect("I am not in this conversation")
		complete(anew.AddBot(true)).Press("intake/submit").ExpectClosed("SR-1 is open")
		alice.ExpectCard("SR-1")
	})
}

// TestACardThatCannotStandWhereItWasFiled goes to the one who filed it, in one message that
// changes with the request, when the bot is taken out while the form is filled in.
func TestACardThatCannotStandWhereItWasFiled(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		own := d.Conversation(teamstest.Personal).As("Alice")
		own.Install()
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		alice.Say("@onbehalf help").ExpectCard("help/show")
		review := complete(alice.Command("new"))
		d.settle()
		room.Uninstall()
		review.Press("intake/submit").ExpectClosed("SR-1 is open")
		d.settle()
		card := alice.InPersonalChat().ExpectCard("SR-1", "ticket/assign")
		before := len(d.Messages(own.In.ID()))
		card.Press("ticket/assign", "to", "me").Expect("Alice")
		d.settle()
		d.move(time.Minute)
		d.settle()
		if got := d.Messages(own.In.ID()); len(got) != before || !strings.Contains(string(got[len(got)-1].Raw), "ticket/respond") {
			t.Errorf("%d messages, %d before: %v", len(got), before, got)
		}

		// Once the bot is there again, so is what is said of the request.
		room.Reinstall()
		d.move(time.Minute)
		alice.Say("@onbehalf status 1").ExpectCard("SR-1")
	})
}
