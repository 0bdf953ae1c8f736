package store_test

import (
	"fmt"
	"testing"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// TestMessagesOfAnotherClockAreReady leaves what somebody left by a clock that was hours
// or minutes ahead of the one that is looked at now.
func TestMessagesOfAnotherClockAreReady(t *testing.T) {
	for _, ahead := range []time.Duration{10 * time.Second, 7 * time.Minute, 10 * time.Hour, 400 * 24 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				early := func(event int64) outbox.Message {
					m := notice("x", event)
					m.Created = monday.Add(ahead)
					return m
				}
				second := early(2)
				second.NotBefore = second.Created.Add(3 * time.Second)
				standingStill(monday.Add(ahead), s)
				leave(t, s, early(1), second, early(3))
				standingStill(monday, s)
				lease := claim(t, s, monday, 5)[0]
				next := finish(t, s, monday, end(lease, outbox.Ended{Done: []int64{lease.Messages[0].ID, lease.Messages[2].ID}}))[0]
				if ready := next != nil; ready != (ahead > 3*time.Hour) { // nothing waits so long
					t.Errorf("what was to wait for 3 s goes on: %v", ready)
				}
				leave(t, s, notice("y", 4))
				leases := claim(t, s, monday.Add(time.Second), 5)
				if len(leases) != 1 || leases[0].Queue != "y" {
					t.Errorf("then %s", told(leases))
				}
			})
		})
	}
}

// TestOnlyWhatNothingExplainsIsBroughtForward keeps everything waiting that waits for
// good reason, and lets nothing wait that cannot have one.
func TestOnlyWhatNothingExplainsIsBroughtForward(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		held := notice("held", 1)
		held.NotBefore = monday.Add(time.Hour) // an answer that Teams wants later
		stuck := notice("stuck", 2)
		stuck.NotBefore = monday.Add(3 * time.Hour)
		leave(t, s, held, stuck, notice("resting", 3), notice("asleep", 4))
		for _, l := range claim(t, s, monday, 5) {
			settle(t, s, l, outbox.Ended{RestUntil: map[string]time.Time{"resting": monday.Add(time.Hour), "asleep": monday.Add(3 * time.Hour)}[l.Queue]})
		}
		leave(t, s, notice("resting", 5))
		leases := byQueue(claim(t, s, monday.Add(time.Second), 5))
		expectLeases(t, "what waits too long", leases, "asleep: 4, stuck: 2")
		for _, l := range leases {
			settle(t, s, l, outbox.Ended{Done: ids(l.Messages)})
		}
		expectLeases(t, "an hour later", byQueue(claim(t, s, monday.Add(time.Hour), 5)), "held: 1, resting: 3 5")
	})
}

func TestQueuesFollowAClockThatIsPutBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		held := notice("held", 1)
		held.NotBefore = monday.Add(time.Hour + 3*time.Second)
		leave(t, s, held, notice("resting", 2), notice("ready", 3))
		for _, l := range claim(t, s, monday, 5) {
			settle(t, s, l, outbox.Ended{RestUntil: map[string]time.Time{"resting": monday.Add(time.Hour + 5*time.Second)}[l.Queue]})
		}
		for range 2 { // each replica notices it
			if err := s.Rewind(t.Context(), monday, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		if next, err := s.NextReady(t.Context()); err != nil || next.After(monday.Add(3*time.Second)) {
			t.Errorf("%v, %v", next, err)
		}
		leases := byQueue(claim(t, s, monday.Add(5*time.Second), 5))
		expectLeases(t, "after it", leases, "held: 1, ready: 3, resting: 2")
		if m := leases[0].Messages[0]; m.NotBefore.After(monday.Add(3 * time.Second)) {
			t.Errorf("the message itself waits until %s", m.NotBefore)
		}
	})
}

// TestWhatWasReadBeforeTheStepDoesNotUndoIt has a sender that read what waits by the old
// clock, and ends its lease when all has been moved.
func TestWhatWasReadBeforeTheStepDoesNotUndoIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		late := monday.Add(time.Hour)
		standingStill(late, s)
		held := notice("x", 2)
		held.NotBefore = late.Add(3 * time.Second)
		leave(t, s, notice("x", 1), held)
		leases := claim(t, s, late, 1)
		standingStill(monday, s)
		if err := s.Rewind(t.Context(), monday, time.Hour); err != nil {
			t.Fatal(err)
		}
		settle(t, s, leases[0], outbox.Ended{Done: ids(leases[0].Messages[:1])})
		expectLeases(t, "after it", claim(t, s, monday.Add(5*time.Second), 5), "x: 2")
	})
}

// TestLeasesDoNotGoByTheMachinesClocks has replicas whose clocks are minutes apart, and
// one whose clock is put forward and back while another sends: nobody takes a queue that
// is in hand, and that of a dead one is taken over all the same.
func TestLeasesDoNotGoByTheMachinesClocks(t *testing.T) {
	for _, apart := range []time.Duration{-10 * time.Minute, -20 * time.Second, 20 * time.Second, 10 * time.Minute, 5 * time.Hour} {
		t.Run(fmt.Sprint(apart), func(t *testing.T) {
			replicas(t, func(t *testing.T, a, b *store.Store) {
				standingStill(monday, a)
				leave(t, a, notice("x", 1))
				held := claim(t, a, monday, 1)
				if len(held) != 1 {
					t.Fatal("nothing to hold")
				}
				look := func(since time.Duration) []outbox.Lease {
					standingStill(monday.Add(apart+since), b)
					return claim(t, b, b.Now(), 5)
				}
				for since := time.Duration(0); since < outbox.LeaseFor; since += outbox.LeaseFor / 6 {
					expectLeases(t, "in hand for "+since.String(), look(since), "")
				}
				taken := look(outbox.LeaseFor)
				expectLeases(t, "taken over", taken, "x: 1")
				lost(t, a, held[0], outbox.Ended{Done: ids(held[0].Messages)})
				settle(t, b, taken[0], outbox.Ended{Done: ids(taken[0].Messages)})
			})
		})
	}
}

// TestALeaseEndsAlsoWhereTheClockWentBack looks at a lease by a clock that is put back
// for good meanwhile, as a replica does whose instants have no monotonic part.
func TestALeaseEndsAlsoWhereTheClockWentBack(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		leave(t, a, notice("x", 1))
		claim(t, a, monday.Add(5*time.Hour), 1)
		look := func(now time.Time) []outbox.Lease {
			standingStill(now, b)
			return claim(t, b, now, 5)
		}
		expectLeases(t, "before", look(monday.Add(5*time.Hour)), "")
		expectLeases(t, "put back", look(monday), "")
		expectLeases(t, "a moment earlier", look(monday.Add(outbox.LeaseFor-time.Millisecond)), "")
		expectLeases(t, "taken over", look(monday.Add(outbox.LeaseFor)), "x: 1")
	})
}
