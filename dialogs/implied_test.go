package dialogs_test

import (
	"strings"
	"testing"

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
		alice.Say("@onbehalf take").ExpectText("SR-1 is yours")
		alice.Say("@onbehalf comment They restarted twice").ExpectText("SR-1")
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
