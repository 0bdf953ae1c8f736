package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"onbehalf/bot/notify"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/ticket"
)

// TestNoticesOfAnotherClockAreReady leaves what somebody left by a clock that was
// hours or minutes ahead of the one that is looked at now.
func TestNoticesOfAnotherClockAreReady(t *testing.T) {
	for _, ahead := range []time.Duration{10 * time.Second, 7 * time.Minute, 10 * time.Hour, 400 * 24 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				early := func(conversation string, event int64) ticket.Notice {
					n := notice(conversation, event)
					n.Created = monday.Add(ahead)
					return n
				}
				second := early("x", 2)
				second.NotBefore = second.Created.Add(3 * time.Second)
				leave(t, s, early("x", 1), second, early("x", 3))
				lanes := claimLanes(t, s, monday, 5)
				want := "x: 1 3"
				if ahead > 3*time.Hour {
					want = "x: 1 2 3" // nothing waits so long
				}
				expectLanes(t, "at once", lanes, want)
				settle(t, s, lanes[0], notify.Outcome{Done: ids(lanes[0].Notices[:1])})
				leave(t, s, notice("y", 4))
				lanes = claimLanes(t, s, monday.Add(time.Second), 5)
				if len(lanes) != 2 {
					t.Errorf("then %s", told(lanes))
				}
			})
		})
	}
}

// TestOnlyWhatNothingExplainsIsBroughtForward keeps everything waiting that waits
// for good reason, and lets nothing wait that cannot have one.
func TestOnlyWhatNothingExplainsIsBroughtForward(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		held := notice("held", 1)
		held.NotBefore = monday.Add(time.Hour) // an answer that Teams wants later
		stuck := notice("stuck", 2)
		stuck.NotBefore = monday.Add(3 * time.Hour)
		leave(t, s, held, stuck, notice("resting", 3), notice("asleep", 4))
		for _, l := range claimLanes(t, s, monday, 5) {
			rest := map[string]time.Duration{"resting": time.Hour, "asleep": 3 * time.Hour}[l.Key]
			settle(t, s, l, notify.Outcome{RestUntil: monday.Add(rest)})
		}
		late := notice("resting", 5)
		late.Created = monday.Add(10 * time.Hour)
		leave(t, s, late)
		lanes := claimLanes(t, s, monday.Add(time.Second), 5)
		for _, l := range lanes {
			if l.Key == "held" || l.Key == "resting" {
				t.Errorf("%s did not wait", l.Key)
			}
		}
		if len(lanes) != 2 {
			t.Errorf("claimed %s", told(lanes))
		}
		for _, l := range lanes {
			settle(t, s, l, notify.Outcome{Done: ids(l.Notices)})
		}
		expectLanes(t, "an hour later", claimLanes(t, s, monday.Add(time.Hour), 5), "held: 1, resting: 3 5")
	})
}

// TestLeasesDoNotGoByTheMachinesClocks has replicas whose clocks are minutes apart,
// and one whose clock is put forward and back while another sends: nobody takes a
// lane that is in hand, and that of a dead one is taken over all the same.
func TestLeasesDoNotGoByTheMachinesClocks(t *testing.T) {
	for _, apart := range []time.Duration{-10 * time.Minute, -20 * time.Second, 20 * time.Second, 10 * time.Minute, 5 * time.Hour} {
		t.Run(fmt.Sprint(apart), func(t *testing.T) {
			replicas(t, func(t *testing.T, a, b *store.Store) {
				leave(t, a, notice("x", 1))
				held := claimLanes(t, a, monday, 1)
				if len(held) != 1 {
					t.Fatal("nothing to hold")
				}
				for since := time.Duration(0); since < lease; since += lease / 6 {
					expectLanes(t, "in hand for "+since.String(), claimLanes(t, b, monday.Add(apart+since), 5), "")
				}
				taken := claimLanes(t, b, monday.Add(apart+lease), 5)
				expectLanes(t, "taken over", taken, "x: 1")
				if err := a.Finish(t.Context(), held[0], notify.Outcome{Done: ids(held[0].Notices)}); !errors.Is(err, notify.ErrLeaseLost) {
					t.Error(err)
				}
				settle(t, b, taken[0], notify.Outcome{Done: ids(taken[0].Notices)})
			})
		})
	}
}

// TestALeaseEndsAlsoWhereTheClockWentBack looks at a lease by a clock that is put
// back for good meanwhile, as a replica does whose instants have no monotonic part.
func TestALeaseEndsAlsoWhereTheClockWentBack(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		leave(t, a, notice("x", 1))
		claimLanes(t, a, monday.Add(5*time.Hour), 1)
		expectLanes(t, "before", claimLanes(t, b, monday.Add(5*time.Hour), 5), "")
		expectLanes(t, "put back", claimLanes(t, b, monday, 5), "")
		expectLanes(t, "a moment earlier", claimLanes(t, b, monday.Add(lease-time.Millisecond), 5), "")
		expectLanes(t, "taken over", claimLanes(t, b, monday.Add(lease), 5), "x: 1")
	})
}
