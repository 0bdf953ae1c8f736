package dialogs_test

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// quoting makes the activity of a message that quotes another one.
func quoting(who *teamstest.Speaker, message, text string) teamstest.Activity {
	a := who.Message(text)
	a["text"] = `<quoted messageId="` + message + `"/> ` + a["text"].(string)
	a["entities"] = append(a["entities"].([]any), map[string]any{
		"type": "quotedReply", "quotedReply": map[string]any{"messageId": message, "preview": "SR-2 · forged", "validatedMessageReference": true},
	})
	return a
}

// TestAWordInTheThreadOfARequestMeansThatRequest types without a number in the thread of
// a request, and in one of several.
func TestAWordInTheThreadOfARequestMeansThatRequest(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice := room.As("Alice")
		alice.Say("@onbehalf take").ExpectText("Which request?")
		d.file(alice)
		d.settle()
		alice.Say("@onbehalf take").ExpectText("SR-1 is assigned to you")
		alice.Say("@onbehalf comment They restarted twice")
		if got := d.entries(1); got[len(got)-1] != "commented" && got[0] != "commented" {
			t.Errorf("history: %v", got)
		}
		for _, word := range []string{"close", "cancel it was the network"} {
			alice.Say("@onbehalf " + word)
			if got := d.ticket(1); got.Status != request.Open {
				t.Fatalf("%q without a number made it %s", word, got.Status)
			}
		}
		alice.Say("@onbehalf status").ExpectCard("SR-1 · Open")

		d.file(alice, func(a *intake.Answers) { a.Set("title", "Another one") })
		d.settle()
		alice.Say("@onbehalf ack").ExpectText("Which request?")
		room.NewThread().As("Alice").Say("@onbehalf ack").ExpectText("Which request?")
	})
}

// TestAQuotedCardNamesItsRequest quotes the cards of two requests in a group chat, and
// messages that name none.
func TestAQuotedCardNamesItsRequest(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		d.file(alice)
		d.file(alice, func(a *intake.Answers) { a.Set("title", "Another one") })
		d.settle()
		card := map[string]string{}
		for _, m := range d.Messages(room.ID()) {
			for _, number := range []string{"SR-1", "SR-2"} {
				if strings.Contains(string(m.Raw), number+" · ") {
					card[number] = m.ID
				}
			}
		}
		alice.Do(quoting(alice, card["SR-1"], "@onbehalf take")).ExpectText("SR-1")
		if one, two := d.ticket(1), d.ticket(2); one.Assignee.Nobody() || !two.Assignee.Nobody() {
			t.Errorf("taken: %q and %q", one.Assignee.Name, two.Assignee.Name)
		}
		alice.Do(quoting(alice, "1795400000000", "@onbehalf ack")).ExpectText("Which request?")

		elsewhere := d.Conversation(teamstest.GroupChat).As("Alice")
		elsewhere.Do(quoting(elsewhere, card["SR-2"], "@onbehalf take")).ExpectText("Which request?")
		if two := d.ticket(2); !two.Assignee.Nobody() {
			t.Error("a quote of another conversation names a request here")
		}
	})
}

// TestACommentInItsThreadGetsATick: the words stand in the thread already, so the bot
// says no more than that it has them; where reactions are off it says nothing, and
// elsewhere it answers in words.
func TestACommentInItsThreadGetsATick(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice := room.As("Alice")
		alice.Say("@onbehalf help")
		d.file(alice)
		d.settle()
		reactions := func() (all []teamstest.Event) { return d.Events("react") }
		said := len(d.Messages(room.ChannelID()))
		turn := alice.Say("@onbehalf comment They restarted twice")
		if now := d.Messages(room.ChannelID()); len(now) != said {
			t.Errorf("the thread reads %s", now[len(now)-1].Text)
		}
		id, _ := turn.Activity["id"].(string)
		if got := reactions(); len(got) != 1 || got[0].Activity != id || got[0].Conversation != room.ID() || got[0].Reaction != "2705_whiteheavycheckmark" || got[0].Status != 200 {
			t.Fatalf("reactions %v, want one on %s", got, id)
		}
		turn.Again() // a second delivery
		if got := reactions(); len(got) != 1 {
			t.Errorf("a second delivery puts another: %v", got)
		}
		alice.Say("@onbehalf comment SR-1 And again").ExpectText("SR-1")
		alice.Slash("comment SR-1 A third time").ExpectText("SR-1")
		room.NewThread().As("Alice").Say("@onbehalf comment 1 From elsewhere").ExpectText("SR-1")
		if got := reactions(); len(got) != 1 {
			t.Errorf("an answer in words comes with reactions: %v", got)
		}
		if got := len(d.entries(1)); got != 5 {
			t.Errorf("%d entries, want the opening and four comments", got)
		}

		for _, off := range []teamstest.Fault{{Status: 405, Code: "ApiNotEnabledForTenant"}, {Status: 404, Code: "ConversationNotFound"}, {Status: 429, Code: "Throttled"}} {
			d.move(25 * time.Hour)
			d.settle()
			off.Op, off.Times = "react", 1
			d.Fault(off)
			said = len(d.Messages(room.ChannelID()))
			alice.Say("@onbehalf comment " + off.Code)
			before := len(reactions())
			alice.Say("@onbehalf comment once more")
			if now := d.Messages(room.ChannelID()); len(now) != said {
				t.Errorf("the thread reads %s", now[len(now)-1].Text)
			}
			if asked := len(reactions()) > before; asked != (off.Status == 404) {
				t.Errorf("after %d it is asked again: %t", off.Status, asked)
			}
		}
		d.settle()
		alice.Say("@onbehalf status").ExpectCard("once more")
	})
}
