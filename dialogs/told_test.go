package dialogs_test

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/teams/teamstest"
)

// What somebody types in the thread of a request is told there once: by the answer.
func TestATypedMoveIsToldOnceInItsThread(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice := room.As("Alice")
		opened(alice)
		d.settle()
		told := func(typed string) (lines int) {
			t.Helper()
			before := len(d.Events("send"))
			alice.Say(typed)
			d.settle()
			for _, e := range d.Events("send")[before:] {
				if e.Message != nil && e.Message.Card == nil && strings.Contains(e.Message.Text, "SR-1") {
					lines++
				}
			}
			return lines
		}
		for _, typed := range []string{"@onbehalf take 1", "@onbehalf comment 1 It is the disk", "@onbehalf wait 1 logs"} {
			if lines := told(typed); lines != 1 {
				t.Errorf("%q is told %d times", typed, lines)
			}
			d.move(time.Minute)
		}
	})
}

// The only subscription of a customer need not be picked.
func TestTheOnlySubscriptionIsPreselected(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new").ExpectCard("customer").Fill("customer", contoso).Fill("platform", "azure").Fill("severity", "B").Press("intake/next", "ask", "")
		form.ExpectValue("subscriptionId", contosoSub)
	})
}
