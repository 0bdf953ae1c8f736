package store_test

import (
	"testing"
	"time"

	"onbehalf/bot/notify"
	"onbehalf/bot/store"
	"onbehalf/bot/ticket"
)

// TestWhatMovesToALaneInHandWaitsThere meets somebody in a conversation to which a
// message is on its way: the one who sends it keeps the lane, and finds there next
// what had waited for the person.
func TestWhatMovesToALaneInHandWaitsThere(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		waiting := notice("", 2)
		waiting.To = ticket.Target{Person: ines}
		leave(t, a, notice("a:1", 1), waiting)
		var held notify.Lane
		for _, l := range claimLanes(t, a, monday, 5) {
			if l.Key == "a:1" {
				held = l
			} else {
				settle(t, a, l, notify.Outcome{}) // handed back
			}
		}
		if err := b.KeepConversation(t.Context(), notify.Conversation{ID: "a:1", Kind: "personal", Person: ines.ID, Heard: monday}); err != nil {
			t.Fatal(err)
		}
		expectLanes(t, "in hand", claimLanes(t, b, monday.Add(time.Second), 5), "")
		settle(t, a, held, notify.Outcome{Done: ids(held.Notices)})
		expectLanes(t, "then", claimLanes(t, b, monday.Add(time.Second), 5), "a:1: 2")
	})
}
