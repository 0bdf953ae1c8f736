package store_test

import (
	"fmt"
	"testing"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// TestShownNamesTheRequestsOfMessages has cards of three requests: two in threads of one
// channel, of which one was begun by the card itself, and one in a chat.
func TestShownNamesTheRequestsOfMessages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one, two, three := insert(t, s, newTicket("f1")), insert(t, s, newTicket("f2")), insert(t, s, newTicket("f3"))
		const channel, chat = "19:c@thread.tacv2", "19:g@thread.v2"
		posted := []outbox.Posted{
			{Handle: request.Handle("f1"), Conversation: channel + ";messageid=10", Activity: "11", Ticket: int64(one.Number)},
			{Handle: fmt.Sprintf("desk:%d", two.Number), Conversation: channel, Activity: "20", Ticket: int64(two.Number)},
			{Handle: request.Handle("f3"), Conversation: chat, Activity: "30"}, // as the form, which has no number yet
			{Handle: request.Handle("f4"), Conversation: chat, Activity: "40"},
		}
		write := func(posted ...outbox.Posted) {
			t.Helper()
			for _, p := range posted {
				post(t, s, p)
			}
		}
		write(posted...)
		shown := func(conversation string, messages ...string) string {
			t.Helper()
			numbers, err := s.Shown(t.Context(), conversation, messages)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(numbers)
		}
		check := func(where, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %s, want %s", where, got, want)
			}
		}
		check("a thread", shown(channel+";messageid=10"), "[SR-1]")
		check("the thread below a card", shown(channel+";messageid=20"), "[SR-2]")
		check("another thread", shown(channel+";messageid=30"), "[]")
		check("a quote in another thread", shown(channel+";messageid=10", "20"), "[SR-2]")
		check("a quote of both", shown(channel+";messageid=10", "11", "20"), "[SR-1 SR-2]")
		check("an open form", shown(chat, "40"), "[]")
		check("a card that says no number", shown(chat, "30"), "[]")
		posted[2].Revision, posted[2].Ticket = 1, int64(three.Number)
		write(posted[2])
		check("the same, drawn anew", shown(chat, "30"), "[SR-3]")
		posted[2].Revision, posted[2].Ticket = 2, 0 // as the release before does
		write(posted[2])
		check("drawn by an older release", shown(chat, "30"), "[SR-3]")
	})
}

// TestCardsOfBeforeAreShownAfterAMigration keeps cards as the release before did.
func TestCardsOfBeforeAreShownAfterAMigration(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one, two := insert(t, s, newTicket("f1")), insert(t, s, newTicket("f2"))
		if err := s.MigrateDown(t.Context(), 9); err != nil {
			t.Fatal(err)
		}
		post(t, s, outbox.Posted{Handle: request.Handle("f1"), Conversation: "chat", Activity: "1"})
		post(t, s, outbox.Posted{Handle: fmt.Sprintf("desk:%d", two.Number), Conversation: "chat", Activity: "2"})
		post(t, s, outbox.Posted{Handle: request.Handle("f9"), Conversation: "chat", Activity: "3"})
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := s.Shown(t.Context(), "chat", []string{"1", "2", "3"})
		if want := []request.Number{one.Number, two.Number}; err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	})
}

func post(t *testing.T, s *store.Store, p outbox.Posted) {
	t.Helper()
	if err := s.InTx(t.Context(), func(tx request.Tx) error { return tx.(bot.Tx).Posted(t.Context(), p) }); err != nil {
		t.Fatal(err)
	}
}
