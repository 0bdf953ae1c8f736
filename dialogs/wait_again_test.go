package dialogs_test

import (
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// TestWaitingForSomebodyElseChangesTheWait says of a request that waits already for whom
// else, until when, and nothing.
func TestWaitingForSomebodyElseChangesTheWait(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		opened(alice)
		say := func(typed string) *teamstest.Turn {
			d.move(30 * time.Second)
			return alice.Say(typed)
		}
		say("wait 1 customer, logs").ExpectCard("Waiting for the customer since")
		since := d.ticket(1).WaitingSince
		say("wait 1 Microsoft").ExpectCard("Waiting for Microsoft since")
		say("wait 1 until tomorrow 10:00").ExpectCard("I ask again:")
		got := d.ticket(1)
		if got.Wait.For != request.ForMicrosoft || got.Wait.AskAgainAt.IsZero() || !got.WaitingSince.Equal(since) {
			t.Errorf("%+v since %s, want Microsoft, a time and since %s", got.Wait, got.WaitingSince, since)
		}
		entries := len(d.entries(1))
		say("wait 1").ExpectText("SR-1 is waiting already", "Nothing was changed")
		if n := len(d.entries(1)); n != entries {
			t.Errorf("%d entries, want %d", n, entries)
		}
	})
}

// TestDigitsThatBeginACommentAreNoOtherRequest comments in the thread of SR-1 with words
// that begin with a number.
func TestDigitsThatBeginACommentAreNoOtherRequest(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Channel).As("Alice")
		alice.Say("@onbehalf comment").ExpectText("Which request?")
		d.file(alice)
		d.settle()
		alice.Say("@onbehalf comment 2 users cannot log in")
		d.settle()
		if ticks := d.Events("react"); len(ticks) != 1 {
			t.Errorf("%d ticks, want one on the message that was taken", len(ticks))
		}
		if said := d.ticket(1).LastWords.Text; said != "2 users cannot log in" {
			t.Errorf("the comment is %q", said)
		}
		d.file(d.Conversation(teamstest.Personal).As("Bob"), func(a *intake.Answers) { a.Set("title", "Another one") })
		d.move(30 * time.Second)
		alice.Say("@onbehalf comment 2 users have been helped").ExpectText("Which request: SR-2, or SR-1 of this thread?", "@Onbehalf comment SR-1")
		d.move(30 * time.Second)
		alice.Say("@onbehalf comment 1 they are back").ExpectText("SR-1: comment added")
		d.move(30 * time.Second)
		alice.Say("@onbehalf comment SR-2 it is the same").ExpectText("SR-2: comment added")
	})
}
