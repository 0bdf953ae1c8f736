package dialogs_test

import (
	"testing"
	"time"

	"onbehalf/bot/teams/teamstest"
)

// TestAPersonalChatHandsOverToWhomTheBotKnows has Bob speak to the bot somewhere else
// first; a guest who tried as well is offered to nobody.
func TestAPersonalChatHandsOverToWhomTheBotKnows(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		bob := room.As("Bob Example")
		bob.Say("@onbehalf list")
		room.As("Gast", teamstest.Guest()).Say("@onbehalf list")
		alice := d.Conversation(teamstest.Personal).As("Alice")
		card := opened(alice).Press("ticket/assign").Expect("Alice (you)")
		d.move(30 * time.Second)

		ask := card.Press("ticket/assign", "ask", "true").ExpectInput("person").Expect("Bob Example").ExpectNot("Gast")
		ask.Press("ticket/assign").Expect("Say whom")
		ask = alice.Say("assign 1").ExpectCard("person")
		ask.Fill("person", bob.ObjectID).Press("ticket/assign").Expect("Bob Example")
		if got := d.ticket(1); got.Assignee.ID != bob.ObjectID {
			t.Errorf("it is %+v's", got.Assignee)
		}
		d.settle()
		d.move(30 * time.Second)
		alice.Say("assign 1 me").ExpectCard("Alice")
		d.move(30 * time.Second)
		alice.Say("assign 1 bob").ExpectCard("Bob Example")
		if got := d.ticket(1); got.Assignee.ID != bob.ObjectID {
			t.Errorf("typed, it is %+v's", got.Assignee)
		}
		d.move(30 * time.Second)
		alice.Say("assign 1 Gast").ExpectCard("Gast", "text") // asked again
	})
}
