package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"onbehalf/bot/notify"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/ticket"
)

const lease = 30 * time.Second

// notice leaves a notice for a conversation, with event telling them apart.
func notice(conversation string, event int64) ticket.Notice {
	return ticket.Notice{
		Ticket: 1, Reason: ticket.DeskCard, To: ticket.Target{Conversation: conversation}, Event: event, Severity: ticket.SeverityB, Created: monday,
	}
}

func leave(t testing.TB, s *store.Store, notices ...ticket.Notice) {
	t.Helper()
	do(t, s, func(tx ticket.Tx) error {
		for _, n := range notices {
			if err := tx.Notify(t.Context(), n); err != nil {
				return err
			}
		}
		return nil
	})
}

func claimLanes(t testing.TB, s *store.Store, now time.Time, n int) []notify.Lane {
	t.Helper()
	lanes, err := s.Claim(t.Context(), "test", now, lease, n)
	if err != nil {
		t.Fatal(err)
	}
	return lanes
}

// told gives what is claimed as "lane: event event, lane: …".
func told(lanes []notify.Lane) string {
	var all []string
	for _, l := range lanes {
		s := l.Key + ":"
		for _, n := range l.Notices {
			s += fmt.Sprint(" ", n.Event)
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func expectLanes(t testing.TB, what string, lanes []notify.Lane, want string) {
	t.Helper()
	if got := told(lanes); got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func settle(t testing.TB, s *store.Store, l notify.Lane, o notify.Outcome) {
	t.Helper()
	if err := s.Finish(t.Context(), l, o); err != nil {
		t.Fatal(err)
	}
}

func ids(notices []ticket.Notice) []int64 {
	var all []int64
	for _, n := range notices {
		all = append(all, n.ID)
	}
	return all
}

func TestNoticeComesBackAsItWasLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := filled[ticket.Notice]()
		want.Reason = ticket.Answer
		want.NotBefore = monday
		leave(t, s, want)
		lanes := claimLanes(t, s, monday, 1)
		if len(lanes) != 1 || len(lanes[0].Notices) != 1 {
			t.Fatalf("%+v", lanes)
		}
		want.ID = lanes[0].Notices[0].ID
		if diff := gocmp.Diff(want, lanes[0].Notices[0]); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLaneIsServedInOrderByOne(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		expectLanes(t, "nothing", claimLanes(t, a, monday, 5), "")
		leave(t, a, notice("x", 1), notice("y", 2), notice("x", 3))
		leave(t, b, notice("x", 4))
		expectLanes(t, "before it was left", claimLanes(t, a, monday.Add(-time.Millisecond), 5), "")
		lanes := claimLanes(t, a, monday, 1)
		lanes = append(lanes, claimLanes(t, b, monday, 5)...)
		slices.SortFunc(lanes, func(a, b notify.Lane) int { return strings.Compare(a.Key, b.Key) })
		expectLanes(t, "both", lanes, "x: 1 3 4, y: 2")
		expectLanes(t, "leased", claimLanes(t, a, monday.Add(lease-time.Millisecond), 5), "")

		// Some done, one failed: the rest comes again, in order, the failed first.
		x := lanes[0]
		settle(t, a, x, notify.Outcome{Done: []int64{x.Notices[0].ID}, Failed: []int64{x.Notices[1].ID}})
		settle(t, b, lanes[1], notify.Outcome{Done: ids(lanes[1].Notices)})
		again := claimLanes(t, b, monday, 5)
		expectLanes(t, "again", again, "x: 3 4")
		if n := again[0].Notices; n[0].Attempts != 1 || n[1].Attempts != 0 {
			t.Errorf("attempts %d and %d", n[0].Attempts, n[1].Attempts)
		}
		if err := a.Finish(t.Context(), x, notify.Outcome{Done: ids(x.Notices)}); !errors.Is(err, notify.ErrLeaseLost) {
			t.Errorf("finished with a lease that ended: %v", err)
		}
		settle(t, b, again[0], notify.Outcome{Done: ids(again[0].Notices)})
		expectLanes(t, "the end", claimLanes(t, a, monday.Add(time.Hour), 5), "")
		if next, err := a.NextReady(t.Context(), monday); err != nil || !next.IsZero() {
			t.Errorf("next ready %v, %v", next, err)
		}
	})
}

func TestLeaseThatRunsOutIsTakenOver(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		leave(t, a, notice("x", 1))
		lost := claimLanes(t, a, monday, 1)[0]
		if next, err := b.NextReady(t.Context(), monday); err != nil || !next.Equal(monday.Add(lease)) {
			t.Errorf("next ready %v, %v", next, err)
		}
		expectLanes(t, "held by another", claimLanes(t, b, monday, 1), "")
		expectLanes(t, "still held", claimLanes(t, b, monday.Add(lease-time.Millisecond), 1), "")
		now := claimLanes(t, b, monday.Add(lease), 1)
		expectLanes(t, "taken over", now, "x: 1")
		if err := a.Finish(t.Context(), lost, notify.Outcome{Done: ids(lost.Notices), Cards: []notify.Card{{Ticket: 1, Role: notify.HomeCard}}}); !errors.Is(err, notify.ErrLeaseLost) {
			t.Error(err)
		}
		if cards, err := a.Cards(t.Context(), 1); err != nil || len(cards) != 0 {
			t.Errorf("something of a lost lease was kept: %v, %v", cards, err)
		}
		settle(t, b, now[0], notify.Outcome{Done: ids(now[0].Notices)})
	})
}

func TestLanesWithSeverityAComeFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i, severity := range []ticket.Severity{"B", "C", "A", "", "A"} {
			n := notice(fmt.Sprint("lane", i), int64(i))
			n.Severity, n.Created = severity, monday.Add(time.Duration(9-i)*time.Second)
			leave(t, s, n)
		}
		leave(t, s, func() ticket.Notice {
			n := notice("lane0", 9)
			n.Severity, n.Created = "A", monday.Add(time.Minute)
			return n
		}())
		lanes := claimLanes(t, s, monday.Add(time.Hour), 4)
		expectLanes(t, "first", lanes, "lane4: 4, lane2: 2, lane0: 0 9, lane3: 3")
		// Once its notice of severity A is done, a lane waits its turn again.
		settle(t, s, lanes[2], notify.Outcome{Done: []int64{lanes[2].Notices[1].ID}})
		expectLanes(t, "then", claimLanes(t, s, monday.Add(time.Hour), 4), "lane1: 1, lane0: 0")
	})
}

func TestLaneRests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		leave(t, s, notice("x", 1), notice("y", 2))
		lanes := claimLanes(t, s, monday, 2)
		until := monday.Add(17 * time.Second)
		for _, l := range lanes {
			settle(t, s, l, notify.Outcome{RestUntil: until, Done: map[string][]int64{"y": ids(l.Notices)}[l.Key]})
		}
		urgent := notice("y", 3) // even what is urgent waits while Teams says so
		urgent.Severity = ticket.SeverityA
		leave(t, s, urgent, notice("z", 4))
		lanes = claimLanes(t, s, until.Add(-time.Millisecond), 5)
		expectLanes(t, "resting", lanes, "z: 4")
		settle(t, s, lanes[0], notify.Outcome{Done: ids(lanes[0].Notices)})
		if next, err := s.NextReady(t.Context(), monday); err != nil || !next.Equal(until) {
			t.Errorf("next ready %v, %v", next, err)
		}
		expectLanes(t, "rested", claimLanes(t, s, until, 5), "y: 3, x: 1")
	})
}

func TestNoticeThatWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		held := notice("x", 1)
		held.NotBefore = monday.Add(3 * time.Second)
		leave(t, s, held)
		expectLanes(t, "held back", claimLanes(t, s, monday.Add(2*time.Second), 5), "")
		leave(t, s, notice("x", 2)) // is not held up by it
		lanes := claimLanes(t, s, monday.Add(2*time.Second), 5)
		expectLanes(t, "the other", lanes, "x: 2")
		settle(t, s, lanes[0], notify.Outcome{Done: ids(lanes[0].Notices)})
		expectLanes(t, "still", claimLanes(t, s, monday.Add(3*time.Second-time.Millisecond), 5), "")
		expectLanes(t, "now", claimLanes(t, s, monday.Add(3*time.Second), 5), "x: 1")
	})
}

func TestChangesAreToldTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		change := func(conversation string, event int64) ticket.Notice {
			n := notice(conversation, event)
			n.Reason, n.NotBefore = ticket.ChangeLine, monday.Add(time.Duration(event)*time.Second)
			return n
		}
		another := change("x", 7)
		another.Ticket = 2
		leave(t, s, change("x", 1), change("x", 2), change("y", 3))
		leave(t, s, change("x", 4), notice("x", 5), notice("x", 6), another)
		lanes := claimLanes(t, s, monday.Add(time.Minute), 1)
		expectLanes(t, "merged", lanes, "x: 1 5 6 7")
		if !lanes[0].Notices[0].NotBefore.Equal(monday.Add(time.Second)) {
			t.Error("each change puts the line off")
		}
		// What is on its way was read already.
		leave(t, s, change("x", 8), change("x", 9))
		settle(t, s, lanes[0], notify.Outcome{Done: ids(lanes[0].Notices)})
		leave(t, s, change("x", 10))
		lanes = claimLanes(t, s, monday.Add(time.Minute), 5)
		slices.SortFunc(lanes, func(a, b notify.Lane) int { return strings.Compare(a.Key, b.Key) })
		expectLanes(t, "left while it was leased", lanes, "x: 8 9, y: 3")
	})
}

func TestPersonWithoutAConversation(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		to := func(p ticket.Person, event int64) ticket.Notice {
			n := notice("", event)
			n.To = ticket.Target{Person: p}
			return n
		}
		leave(t, a, to(ines, 1), to(pavel, 2))
		leave(t, b, to(ines, 3))
		room := claimLanes(t, a, monday, 1)
		expectLanes(t, "room", room, notify.PersonLane(ines.ID)+": 1 3")
		if err := b.KeepConversation(t.Context(), notify.Conversation{ID: "a:1", Kind: "personal", Person: ines.ID, Heard: monday}); err != nil {
			t.Fatal(err)
		}
		if err := a.Finish(t.Context(), room[0], notify.Outcome{Done: ids(room[0].Notices)}); !errors.Is(err, notify.ErrLeaseLost) {
			t.Errorf("the room was finished after its notices moved: %v", err)
		}
		leave(t, a, to(ines, 4))
		lanes := claimLanes(t, b, monday, 5)
		slices.SortFunc(lanes, func(a, b notify.Lane) int { return strings.Compare(a.Key, b.Key) })
		expectLanes(t, "moved", lanes, "a:1: 1 3 4, "+notify.PersonLane(pavel.ID)+": 2")

		// Another personal conversation takes over from the first.
		if err := a.Remember(t.Context(), personalOf(ines, "a:2")); err != nil {
			t.Fatal(err)
		}
		if err := b.Finish(t.Context(), lanes[0], notify.Outcome{Done: ids(lanes[0].Notices)}); !errors.Is(err, notify.ErrLeaseLost) {
			t.Error(err)
		}
		lanes = claimLanes(t, b, monday, 5)
		expectLanes(t, "moved again", lanes, "a:2: 1 3 4")
		if c, err := a.PersonalOf(t.Context(), ines.ID); err != nil || c.ID != "a:2" {
			t.Errorf("%+v, %v", c, err)
		}
		if err := a.Remember(t.Context(), personalOf(ines, "a:2")); err != nil {
			t.Fatal(err)
		}
		settle(t, b, lanes[0], notify.Outcome{Done: ids(lanes[0].Notices)}) // nothing moved: the lease stands
	})
}

func TestNoticeTakesItsFallback(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		leave(t, s, notice("x", 1), notice("x", 2), notice("y", 3))
		lanes := claimLanes(t, s, monday, 5)
		slices.SortFunc(lanes, func(a, b notify.Lane) int { return strings.Compare(a.Key, b.Key) })
		x := lanes[0]
		moved := x.Notices[0]
		moved.To = ticket.Target{Conversation: "y"}
		strange := x.Notices[1]
		strange.To = ticket.Target{Person: lena}
		settle(t, s, x, notify.Outcome{
			Done: ids(x.Notices), Moved: []ticket.Notice{moved, strange},
			Cards: []notify.Card{{Ticket: 1, Role: notify.HomeCard, Conversation: "x", Activity: "1", Revision: 1}, {Ticket: 1, Role: notify.DeskRole, Conversation: "d", Activity: "2", Revision: 1}},
		})
		settle(t, s, lanes[1], notify.Outcome{
			Done: ids(lanes[1].Notices), Cards: []notify.Card{{Ticket: 1, Role: notify.HomeCard, Conversation: "y", Activity: "3", Revision: 2}},
		})
		lanes = claimLanes(t, s, monday, 5)
		slices.SortFunc(lanes, func(a, b notify.Lane) int { return strings.Compare(a.Key, b.Key) })
		expectLanes(t, "moved", lanes, notify.PersonLane(lena.ID)+": 2, y: 1")
		cards, err := s.Cards(t.Context(), 1)
		want := []notify.Card{{Ticket: 1, Role: notify.DeskRole, Conversation: "d", Activity: "2", Revision: 1}, {Ticket: 1, Role: notify.HomeCard, Conversation: "y", Activity: "3", Revision: 2}}
		if err != nil || !slices.Equal(cards, want) {
			t.Errorf("%+v, %v", cards, err)
		}
	})
}

func TestLanesFollowAClockThatIsPutBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		held := notice("held", 1)
		held.NotBefore = monday.Add(time.Hour + 3*time.Second)
		leave(t, s, held, notice("resting", 2), notice("ready", 3))
		for _, l := range claimLanes(t, s, monday, 5) {
			if l.Key == "resting" {
				settle(t, s, l, notify.Outcome{RestUntil: monday.Add(time.Hour + 5*time.Second)})
			} else {
				settle(t, s, l, notify.Outcome{})
			}
		}
		for range 2 { // each replica notices it
			if err := s.Rewind(t.Context(), monday, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		if next, err := s.NextReady(t.Context(), monday.Add(2*time.Second)); err != nil || next.After(monday.Add(3*time.Second)) {
			t.Errorf("%v, %v", next, err)
		}
		lanes := claimLanes(t, s, monday.Add(5*time.Second), 5)
		slices.SortFunc(lanes, func(a, b notify.Lane) int { return strings.Compare(a.Key, b.Key) })
		expectLanes(t, "after it", lanes, "held: 1, ready: 3, resting: 2")
	})
}

func TestLongLaneIsShownInPieces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var many []ticket.Notice
		for i := range notify.BatchLimit + 20 {
			many = append(many, notice("x", int64(i)))
		}
		leave(t, s, many...)
		l := claimLanes(t, s, monday, 1)[0]
		if len(l.Notices) != notify.BatchLimit || l.Notices[notify.BatchLimit-1].Event != notify.BatchLimit-1 {
			t.Errorf("%d notices", len(l.Notices))
		}
		settle(t, s, l, notify.Outcome{Done: ids(l.Notices)})
		if l = claimLanes(t, s, monday, 1)[0]; len(l.Notices) != 20 || l.Notices[0].Event != notify.BatchLimit {
			t.Errorf("then %d notices", len(l.Notices))
		}
	})
}

func TestMilestonesOfALongLaneAreShownTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		milestone := func(event int64) ticket.Notice {
			n := notice("x", event)
			n.Reason = ticket.MilestoneDue
			return n
		}
		var many []ticket.Notice
		for i := range int64(notify.BatchLimit) {
			many = append(many, milestone(4*i), notice("x", 4*i+1), milestone(4*i+2), notice("x", 4*i+3))
		}
		held := milestone(9999)
		held.NotBefore = monday.Add(time.Hour)
		leave(t, s, append(many, held)...)
		l := claimLanes(t, s, monday, 1)[0]
		var milestones []ticket.Notice
		for i, n := range l.Notices {
			if i > 0 && n.ID <= l.Notices[i-1].ID {
				t.Fatal("out of order, or twice")
			}
			if n.Reason == ticket.MilestoneDue {
				milestones = append(milestones, n)
			}
		}
		if len(milestones) != 2*notify.BatchLimit || len(l.Notices) != notify.BatchLimit+3*notify.BatchLimit/2 {
			t.Errorf("%d milestones among %d notices", len(milestones), len(l.Notices))
		}
		settle(t, s, l, notify.Outcome{Done: ids(milestones)})
		// A lane that begins with other things shows no more than those.
		l = claimLanes(t, s, monday, 1)[0]
		if len(l.Notices) != notify.BatchLimit || l.Notices[0].Event != 1 {
			t.Errorf("then %d notices, the first is %d", len(l.Notices), l.Notices[0].Event)
		}
	})
}

func TestRatesAreSharedByReplicas(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		keys := [][]string{{"tenant", "x"}, {"x", "tenant"}, {"tenant"}, {"y", "x", "tenant"}}
		for _, err := range atOnce(40, func(i int) error {
			return []*store.Store{a, b}[i%2].Rates(context.Background(), keys[i%4], func(states [][]byte) error {
				for j, key := range keys[i%4] {
					if len(states[j]) > 0 && string(states[j][0]) != key[:1] {
						return fmt.Errorf("%s got the state of %s", key, states[j])
					}
					states[j] = append(states[j], key[0])
				}
				return nil
			})
		}) {
			if err != nil {
				t.Error(err)
			}
		}
		sorry := errors.New("sorry")
		err := a.Rates(t.Context(), []string{"x"}, func(states [][]byte) error { states[0] = nil; return sorry })
		if !errors.Is(err, sorry) {
			t.Error(err)
		}
		err = b.Rates(t.Context(), []string{"y", "tenant", "x", "new"}, func(states [][]byte) error {
			if len(states[0]) != 10 || len(states[1]) != 40 || len(states[2]) != 30 || states[3] != nil {
				t.Errorf("%d %d %d %v", len(states[0]), len(states[1]), len(states[2]), states[3])
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		standingStill(time.Now().Add(3*time.Hour), a)
		for range 2 {
			if err := a.Rates(t.Context(), []string{"x"}, func([][]byte) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		err = b.Rates(t.Context(), []string{"x", "y"}, func(states [][]byte) error {
			if len(states[0]) != 30 || states[1] != nil {
				t.Errorf("after three hours: %d, %d", len(states[0]), len(states[1]))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Four producers and four consumers on two replicas, with replicas that die in
// the middle and people who are met meanwhile: nothing is lost, doubled, out of
// order or stuck.
func TestManyLanesUnderLoad(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		const producers, lanes = 4, 7
		each := 60
		if testing.Short() {
			each = 15
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var mu sync.Mutex
		// By target and producer: the events, with when their lane was claimed. Whoever
		// claims next comes after this one has finished.
		type sent struct{ claimed, event int64 }
		seen := map[string][]sent{}
		var claims int64
		delivered := 0
		var work sync.WaitGroup
		for p := range producers {
			work.Go(func() {
				s := []*store.Store{a, b}[p%2]
				for i := range each {
					err := s.InTx(ctx, func(tx ticket.Tx) error {
						for j := range 3 {
							n := notice(fmt.Sprint("lane", (i*5+j*3+p)%lanes), int64(i))
							if j == 2 {
								n.To = ticket.Target{Person: ticket.Person{ID: fmt.Sprint("person", (i+p)%5)}}
							}
							n.By = fmt.Sprint(p)
							if err := tx.Notify(ctx, n); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
						return
					}
					if i%20 == 10 {
						person := fmt.Sprint("person", p)
						err := s.KeepConversation(ctx, notify.Conversation{ID: fmt.Sprint("chat", person, i/40), Kind: "personal", Person: person, Heard: monday})
						if err != nil {
							t.Error(err)
							return
						}
					}
				}
			})
		}
		now := monday
		for c := range 4 {
			work.Go(func() {
				s := []*store.Store{a, b}[c%2]
				for turn := 0; ; turn++ {
					mu.Lock()
					finished := delivered == producers*each*3
					now = now.Add(time.Second)
					at := now
					mu.Unlock()
					if finished || ctx.Err() != nil {
						return
					}
					claimed, err := s.Claim(ctx, fmt.Sprint(c), at, lease, 2)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					claims++
					stamp := claims
					mu.Unlock()
					for _, l := range claimed {
						if turn%9 == 4 {
							continue // dies with the lease in hand
						}
						head := l.Notices[:min(len(l.Notices), 3)]
						err := s.Finish(ctx, l, notify.Outcome{Done: ids(head)})
						if errors.Is(err, notify.ErrLeaseLost) {
							continue
						}
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						for _, n := range head {
							delivered++
							key := fmt.Sprint(n.To, n.By)
							seen[key] = append(seen[key], sent{stamp, n.Event})
						}
						mu.Unlock()
					}
				}
			})
		}
		work.Wait()
		if delivered != producers*each*3 {
			t.Fatalf("%d of %d delivered", delivered, producers*each*3)
		}
		for target, all := range seen {
			slices.SortStableFunc(all, func(a, b sent) int { return cmp.Compare(a.claimed, b.claimed) })
			for i := 1; i < len(all); i++ {
				if all[i].event <= all[i-1].event {
					t.Errorf("%s: doubled or out of order: %v", target, all)
					break
				}
			}
		}
	})
}
