package notify_test

import (
	"testing"
	"time"
)

// TestTheDesksOwnChannelHearsInItsThread has a request that was filed in the
// desk's channel, which nobody has: thread and desk are one place.
func TestTheDesksOwnChannelHearsInItsThread(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.desk.DeskConversation, d.desk.EscalationConversation = d.channel.ChannelID(), d.channel.ChannelID()
		opened := d.open()
		d.move(time.Hour)
		d.settle()
		d.expect(opened.Home.Conversation, "SR-1 is late")
		d.move(time.Hour)
		d.settle()
		d.expect(opened.Home.Conversation, "SR-1", "Acknowledge") // the last state
		d.expect(opened.Home.Conversation, "SR-1: a newer warning follows.")
		created := 0
		for _, e := range d.teams.Events("create") {
			if e.Message != nil {
				created++
			}
		}
		if created != 0 {
			t.Errorf("%d new threads in the desk's channel\n%s", created, d.events())
		}
	})
}
