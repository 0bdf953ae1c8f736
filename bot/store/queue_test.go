package store_test

import (
	"slices"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

func TestLongQueueIsShownInPieces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		var many []outbox.Message
		for i := range outbox.BatchLimit + 20 {
			many = append(many, notice("x", int64(i)))
		}
		leave(t, s, many...)
		l := claim(t, s, monday, 1)[0]
		if len(l.Messages) != outbox.BatchLimit || l.Messages[outbox.BatchLimit-1].Event != outbox.BatchLimit-1 || l.Waiting != outbox.BatchLimit+20 {
			t.Errorf("%d messages of %d", len(l.Messages), l.Waiting)
		}
		settle(t, s, l, outbox.Ended{Done: ids(l.Messages)})

		// Every milestone is among them, because one card tells all.
		many = nil
		for i := range 3 * outbox.BatchLimit / 2 {
			m, other := notice("x", int64(1000+i)), notice("x", int64(5000+i))
			m.Kind, m.Rank = outbox.BundleKind, outbox.Urgent
			many = append(many, other, m)
		}
		later := notice("x", 9000)
		later.Kind, later.NotBefore = outbox.BundleKind, monday.Add(time.Hour)
		leave(t, s, append(many, later)...)
		l = claim(t, s, monday, 1)[0]
		milestones := slices.DeleteFunc(slices.Clone(l.Messages), func(m outbox.Message) bool { return m.Kind != outbox.BundleKind })
		if len(milestones) != 3*outbox.BatchLimit/2 || !slices.IsSortedFunc(l.Messages, func(a, b outbox.Message) int { return int(a.ID - b.ID) }) {
			t.Errorf("%d milestones among %d", len(milestones), len(l.Messages))
		}
		next := finish(t, s, monday, end(l, outbox.Ended{Done: ids(milestones)}))[0]
		if next == nil || len(next.Messages) != outbox.BatchLimit || next.Messages[0].Event != 100 {
			t.Errorf("then %d messages", len(next.Messages))
		}
	})
}

// TestWhatMustGoFirstIsAmongThePiece has an answer at the end of a long queue, with
// what it is related to, by request and by card, in the middle.
func TestWhatMustGoFirstIsAmongThePiece(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		var many []outbox.Message
		for i := range 300 {
			m := notice("x", int64(i))
			switch i {
			case 150:
				m.Ticket, m.Handle = 7000, ""
			case 180:
				m.Ticket, m.Handle = 7000, "form:f"
			case 200:
				m.Ticket, m.Handle = 0, "form:f"
			case 299:
				m.Ticket, m.Handle, m.Rank = 0, "form:f", outbox.Answer
			}
			many = append(many, m)
		}
		leave(t, s, many...)
		events := map[int64]bool{}
		for _, m := range claim(t, s, monday, 1)[0].Messages {
			events[m.Event] = true
		}
		for _, wanted := range []int64{150, 180, 200, 299} {
			if !events[wanted] {
				t.Errorf("%d is missing", wanted)
			}
		}
	})
}

func TestReplicasShareATenantsTime(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		standingStill(monday, a, b)
		starts := make([]time.Duration, 40)
		for _, err := range atOnce(40, func(i int) (err error) {
			starts[i], err = []*store.Store{a, b}[i%2].Pace(t.Context(), "t", 22*time.Millisecond)
			return err
		}) {
			if err != nil {
				t.Error(err)
			}
		}
		slices.Sort(starts)
		for i, start := range starts {
			if want := time.Duration(i) * 22 * time.Millisecond; start != want {
				t.Fatalf("block %d begins after %s, want %s", i, start, want)
			}
		}
		if wait, err := a.Pace(t.Context(), "another", time.Second); err != nil || wait != 0 {
			t.Errorf("another tenant waits %s, %v", wait, err)
		}
		standingStill(monday.Add(time.Hour), a, b)
		if wait, err := b.Pace(t.Context(), "t", time.Second); err != nil || wait != 0 {
			t.Errorf("an hour later: %s, %v", wait, err)
		}
		standingStill(monday.Add(-time.Hour), a, b)
		if wait, err := b.Pace(t.Context(), "t", time.Second); err != nil || wait > time.Minute {
			t.Errorf("with the clock put back: %s, %v", wait, err)
		}
	})
}

// TestEveryHostHasItsShare leaves out queues of hosts that hang.
func TestEveryHostHasItsShare(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		leases := turn(t, s, func(tx bot.Tx) error {
			for i, host := range []string{"slow.example", "fast.example"} {
				c := personalOf(ines, host)
				c.ServiceURL = "https://" + host + "/emea/"
				ref, m := c.Ref(), notice(host, int64(i))
				m.Ref = &ref
				tx.Post(m)
			}
			return nil
		})
		for _, l := range leases {
			settle(t, s, l, outbox.Ended{})
		}
		expectLeases(t, "one hangs", mustClaim(t, s, monday, outbox.Ordinary, []string{"slow.example", "other.example"}), "fast.example: 1")
		expectLeases(t, "none hangs", mustClaim(t, s, monday, outbox.Ordinary, nil), "slow.example: 0")
	})
}
