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

// TestNobodyIsThereToAnswer is a person without a chat with the bot, where it is not either.
func TestNobodyIsThereToAnswer(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		room.Uninstall()
		zoe := room.As("Zoe")
		zoe.Command("new").ExpectClosed("we have no chat of our own yet")
		for _, command := range []string{"", "find", "nonsense"} {
			shown, err := teamstest.ReadDialog(d.Conversation(teamstest.GroupChat).As("Zoe").Invoke("composeExtension/fetchTask", map[string]any{"commandId": command}).Response)
			if err != nil || shown.Card == nil || !strings.Contains(strings.Join((&teamstest.Card{Content: shown.Card}).Texts(), " "), "I do not know this button") {
				t.Errorf("%q: %v %+v", command, err, shown)
			}
		}
	})
}
