package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

func TestMessageTakesItsFallback(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		leave(t, s, notice("x", 1), notice("x", 2), notice("x", 4), notice("y", 3))
		leases := byQueue(claim(t, s, monday, 5))
		x := leases[0]
		moved, strange, again := x.Messages[0], x.Messages[1], x.Messages[2]
		moved.To = outbox.Target{Conversation: "y"}
		strange.To = outbox.Target{Person: lena.ID}
		again.Kind = "again"
		settle(t, s, x, outbox.Ended{
			Done: ids(x.Messages), Moved: []outbox.Message{moved, strange, again},
			Posted: []outbox.Posted{{Handle: "form:f", Conversation: "x", Activity: "1", Revision: 1}, {Handle: "desk:1", Conversation: "d", Activity: "2", Revision: 1}},
		})
		settle(t, s, leases[1], outbox.Ended{
			Done: ids(leases[1].Messages), Posted: []outbox.Posted{{Handle: "form:f", Conversation: "y", Activity: "3", Revision: 2}}, Gone: []string{"desk:1"},
		})
		expectLeases(t, "moved", byQueue(claim(t, s, monday, 5)), "person:"+lena.ID+": 2, x: 4, y: 1")
		want := outbox.Posted{Handle: "form:f", Conversation: "y", Activity: "3", Revision: 2}
		if got, known, err := s.Posted(t.Context(), "form:f"); err != nil || !known || got != want {
			t.Errorf("%+v, %v", got, err)
		}
		if _, known, err := s.Posted(t.Context(), "desk:1"); err != nil || known {
			t.Errorf("what is gone is there: %v", err)
		}
	})
}

func TestAnOlderStateNeverReplacesANewerOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []struct{ revision, want int }{{0, 0}, {0, 0}, {2, 2}, {1, 2}, {2, 2}, {3, 3}, {0, 3}} {
			turn(t, s, func(tx bot.Tx) error {
				return tx.Posted(t.Context(), outbox.Posted{Handle: "form:f", Conversation: "c", Activity: fmt.Sprint(c.revision), Revision: c.revision})
			})
			if got, known, err := s.Posted(t.Context(), "form:f"); err != nil || !known || got.Revision != c.want || got.Activity != fmt.Sprint(c.want) {
				t.Errorf("after %d: %+v, %v", c.revision, got, err)
			}
		}
		turn(t, s, func(tx bot.Tx) error { return tx.Unpost(t.Context(), "form:f") })
		if _, known, err := s.Posted(t.Context(), "form:f"); known || err != nil {
			t.Errorf("known %v, %v", known, err)
		}
	})
}

// TestALostLeaseIsKnownBesideTheOneThatTookOver has a process that was too slow end both
// in one transaction.
func TestALostLeaseIsKnownBesideTheOneThatTookOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		leave(t, s, notice("x", 1), notice("x", 2))
		slow := claim(t, s, monday, 1)[0]
		claim(t, s, monday, 1) // sees its own lease
		standingStill(monday.Add(outbox.LeaseFor), s)
		now := claim(t, s, monday, 1)
		expectLeases(t, "taken over", now, "x: 1 2")
		gone := end(slow, outbox.Ended{Done: ids(slow.Messages[:1]), Moved: []outbox.Message{notice("y", 3)}})
		next := finish(t, s, monday, gone, end(now[0], outbox.Ended{Done: ids(slow.Messages[:1])}))
		if next[0] != nil || next[1] == nil {
			t.Errorf("go on with %v", next)
		}
		if left := waiting(t, s, "y"); len(left) > 0 {
			t.Errorf("something of a lost lease was kept: %+v", left)
		}
	})
}

// TestOutcomesThatEndTogetherAreKeptTogether counts what keeping many sends asks of the
// database.
func TestOutcomesThatEndTogetherAreKeptTogether(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		leave(t, s, notice("one", 1))
		for i := range 40 {
			leave(t, s, notice(fmt.Sprintf("queue%02d", i), 1))
		}
		one := claim(t, s, monday, 1)
		many := claim(t, s, monday, 40)
		commits, statements := 0, 0
		s.Trace = func(statement string) error {
			statements++
			if statement == "commit" {
				commits++
			}
			return nil
		}
		finish(t, s, monday, end(one[0], outbox.Ended{Done: ids(one[0].Messages)}))
		if commits != 1 || statements > 5 {
			t.Errorf("one send: %d statements, %d commits", statements, commits)
		}
		commits, statements = 0, 0
		var ended []*outbox.Ended
		for i, l := range many {
			ended = append(ended, end(l, outbox.Ended{Done: ids(l.Messages), Posted: []outbox.Posted{{Handle: fmt.Sprint(i), Activity: "1"}}}))
		}
		finish(t, s, monday, ended...)
		if commits != 1 || statements > 8 {
			t.Errorf("forty sends: %d statements, %d commits", statements, commits)
		}
		s.Trace = nil
		drain(t, s)
		var left int
		if err := raw(t, url).QueryRowContext(t.Context(), "select (select count(*) from outgoing) + (select count(*) from queues where waiting <> 0 or lease <> '')").Scan(&left); err != nil || left != 0 {
			t.Errorf("%d rows are left, %v", left, err)
		}
	})
}

// TestAFinishThatFailsKeepsNothing breaks it at each of its statements in turn.
func TestAFinishThatFailsKeepsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		broken := errors.New("broken")
		leave(t, s, notice("x", 1), notice("y", 2))
		leases := byQueue(claim(t, s, monday, 2))
		outcome := func() []*outbox.Ended {
			return []*outbox.Ended{
				end(leases[0], outbox.Ended{Done: ids(leases[0].Messages), Moved: []outbox.Message{notice("z", 3)}, Posted: []outbox.Posted{{Handle: "h", Activity: "1"}}}),
				end(leases[1], outbox.Ended{Failed: ids(leases[1].Messages), RestUntil: monday.Add(time.Hour), Places: []outbox.Conversation{personalOf(ines, "a:1")}}),
			}
		}
		for fail := 1; ; fail++ {
			at := 0
			s.Trace = func(statement string) error {
				if at++; at == fail && statement != "committed" {
					return broken
				}
				return nil
			}
			_, more, err := s.Finish(t.Context(), monday, outcome())
			s.Trace = nil
			if err == nil {
				if fail < 8 {
					t.Errorf("a whole Finish has %d statements", fail)
				}
				expectLeases(t, "this process goes on", more, "z: 3")
				settle(t, s, more[0], outbox.Ended{})
				break
			}
			if _, known, err := s.Posted(t.Context(), "h"); err != nil || known || len(waiting(t, s, "x")) != 1 || len(waiting(t, s, "z")) != 0 {
				t.Fatalf("broken at statement %d, and something was kept, or %v", fail, err)
			}
		}
		expectLeases(t, "kept", byQueue(claim(t, s, monday.Add(time.Hour), 5)), "y: 2, z: 3")
	})
}

// TestAChangeThatCameMeanwhileIsToldOnce leaves a change of what is just being told, and
// one that the message does not tell.
func TestAChangeThatCameMeanwhileIsToldOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		change := func(event int64) outbox.Message {
			m := notice("x", event)
			m.Kind, m.Ticket = "change", 7
			return m
		}
		leave(t, s, change(1), change(2))
		l := claim(t, s, monday, 1)[0]
		other := change(3)
		other.Ticket = 8
		leave(t, s, change(3), other, change(4))
		told := []outbox.Told{{Kind: "change", Ticket: 7, To: l.Messages[0].To, Through: 3}}
		next := finish(t, s, monday, end(l, outbox.Ended{Done: ids(l.Messages[:1]), Told: told}))[0]
		if next == nil || len(next.Messages) != 2 || next.Messages[0].Ticket != 8 || next.Messages[1].Event != 4 || next.Waiting != 2 {
			t.Errorf("goes on with %+v", next)
		}
	})
}
