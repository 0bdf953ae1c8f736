package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// reported gathers what a store cannot read.
func reported(s *store.Store) *[]string {
	var all []string
	s.Unreadable = func(what string, err error) { all = append(all, what+" "+err.Error()) }
	return &all
}

// broken is a document that no release reads.
const broken = `'{"to": 7, "watchers": 7}'`

func TestAMessageThatCannotBeReadStopsNoOther(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		standingStill(monday, s)
		heard := reported(s)
		leave(t, s, notice("x", 1), notice("x", 2), notice("x", 3), notice("y", 4), notice("z", 5))
		exec(t, url, "update outgoing set document = "+broken+" where event in (2, 4)")
		cut := `'\x28b52ffd00'` // a packed body without its end
		if strings.HasPrefix(url, "sqlite:") {
			cut = "x'28b52ffd00'"
		}
		exec(t, url, "update outgoing set body = "+cut+" where event = 5")
		leases := byQueue(claim(t, s, monday, 5))
		expectLeases(t, "claimed", leases, "x: 1 3, y:, z:")
		if len(*heard) != 3 || !strings.Contains((*heard)[0], "message 2") {
			t.Errorf("reported %q", *heard)
		}
		for _, l := range leases {
			if next := finish(t, s, monday, end(l, outbox.Ended{Done: ids(l.Messages)}))[0]; next != nil {
				t.Errorf("%s goes on with %+v", l.Queue, next)
			}
		}
		expectLeases(t, "after it", claim(t, s, monday, 5), "")

		// One that breaks while its queue is in hand, as the slow way and a turn find it.
		leave(t, s, notice("x", 6), notice("x", 7))
		l := claim(t, s, monday, 1)[0]
		leave(t, s, notice("x", 8))
		exec(t, url, "update outgoing set document = "+broken+" where event = 7")
		next := finish(t, s, monday, end(l, outbox.Ended{Done: ids(l.Messages[:1])}))[0]
		if next == nil || told([]outbox.Lease{*next}) != "x: 8" || next.Waiting != 1 {
			t.Errorf("goes on with %+v", next)
		}
		settle(t, s, *next, outbox.Ended{})
		exec(t, url, "update outgoing set document = "+broken+" where event = 8")
		taken := turn(t, s, func(tx bot.Tx) error {
			tx.Post(notice("x", 9))
			return nil
		})
		read, err := s.Waiting(t.Context(), taken[0])
		if err != nil || len(read) != 1 || read[0].Event != 9 {
			t.Fatalf("%+v, %v", read, err)
		}
		taken[0].Messages = read
		settle(t, s, taken[0], outbox.Ended{Done: ids(read)})
		expectLeases(t, "at the end", claim(t, s, monday, 5), "")
		var aside int
		if err := raw(t, url).QueryRowContext(t.Context(), "select count(*) from outgoing where queue = 'unreadable'").Scan(&aside); err != nil || aside != 5 {
			t.Errorf("%d rows are kept for the operator, %v", aside, err)
		}
	})
}

func TestATicketThatCannotBeReadStopsNoOther(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		heard := reported(s)
		for i := range 3 {
			due := newTicket(fmt.Sprint(i))
			due.NextDueAt, due.Response.Due = monday, monday
			insert(t, s, due)
		}
		set := "jsonb_set(document, '{watchers}', '7')"
		if strings.HasPrefix(url, "sqlite:") {
			set = "json_set(document, '$.watchers', 7)"
		}
		exec(t, url, "update tickets set document = "+set+" where number = 2")
		look := func(now time.Time) (numbers []request.Number) {
			do(t, s, func(tx request.Tx) error {
				due, err := tx.DueTickets(t.Context(), now, 10)
				for _, d := range due {
					numbers = append(numbers, d.Number)
				}
				return err
			})
			return numbers
		}
		if got := look(monday); !slices.Equal(got, []request.Number{1, 3}) || len(*heard) != 1 || !strings.Contains((*heard)[0], "SR-2") {
			t.Errorf("due %v, reported %q", got, *heard)
		}
		if look(monday.Add(time.Minute)); len(*heard) != 1 {
			t.Errorf("reported again after a minute: %q", *heard)
		}
		if look(monday.Add(time.Hour)); len(*heard) != 2 {
			t.Errorf("reported %q after an hour", *heard)
		}
		if got := (desk{t, s}).list(request.Query{Viewer: lead, Filter: request.All, Limit: 10}); got != "0 2" {
			t.Errorf("listed %q", got)
		}
		if board, err := s.Board(t.Context(), lead, monday); err != nil || len(board.Next) != 2 {
			t.Errorf("board %+v, %v", board, err)
		}
		late, err := s.LateTickets(t.Context(), lead, monday, monday.Add(time.Hour), monday.Add(time.Hour), 5)
		if err != nil || len(late) != 2 {
			t.Errorf("%d late, %v", len(late), err)
		}
	})
}
