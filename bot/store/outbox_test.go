package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// notice is a message to a conversation without a body; event tells them apart.
func notice(conversation string, event int64) outbox.Message {
	return outbox.Message{
		To: outbox.Target{Conversation: conversation}, Rank: outbox.Ordinary, Kind: "desk", Ticket: event, Event: event,
		Payload: json.RawMessage(`{}`), Created: monday,
	}
}

// leave leaves messages to whoever sends first.
func leave(t testing.TB, s *store.Store, messages ...outbox.Message) {
	t.Helper()
	do(t, s, func(tx request.Tx) error {
		for _, m := range messages {
			tx.(bot.Tx).Post(m)
		}
		return nil
	})
}

func claim(t testing.TB, s *store.Store, now time.Time, n int) []outbox.Lease {
	t.Helper()
	leases, err := s.Claim(t.Context(), now, n, outbox.Ordinary, nil)
	if err != nil {
		t.Fatal(err)
	}
	return leases
}

// told gives what is leased as "queue: event event, queue: …".
func told(leases []outbox.Lease) string {
	var all []string
	for _, l := range leases {
		s := l.Queue + ":"
		for _, m := range l.Messages {
			s += fmt.Sprint(" ", m.Event)
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func expectLeases(t testing.TB, what string, leases []outbox.Lease, want string) {
	t.Helper()
	if got := told(leases); got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func byQueue(leases []outbox.Lease) []outbox.Lease {
	slices.SortFunc(leases, func(a, b outbox.Lease) int { return strings.Compare(a.Queue, b.Queue) })
	return leases
}

// end is what came of a lease, with what the sender adds: the messages that are left.
func end(l outbox.Lease, e outbox.Ended) *outbox.Ended {
	e.Lease = l
	e.Done = append(e.Done, e.ToldAlready(l.Messages)...)
	for _, m := range l.Messages {
		if !slices.Contains(e.Done, m.ID) {
			e.Left = append(e.Left, m)
		}
	}
	return &e
}

// finish gives the leases under which the queues go on.
func finish(t testing.TB, s *store.Store, now time.Time, ended ...*outbox.Ended) []*outbox.Lease {
	t.Helper()
	next, more, err := s.Finish(t.Context(), now, ended)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range more { // handed back
		finish(t, s, now, end(l, outbox.Ended{RestUntil: monday.Add(-time.Hour)}))
	}
	return next
}

// settle ends a lease, and hands the queue back where it does not rest.
func settle(t testing.TB, s *store.Store, l outbox.Lease, e outbox.Ended) {
	t.Helper()
	if e.RestUntil.IsZero() {
		e.RestUntil = monday.Add(-time.Hour)
	}
	finish(t, s, monday, end(l, e))
}

// lost says that nothing of an outcome is kept, because the lease was lost.
func lost(t testing.TB, s *store.Store, l outbox.Lease, e outbox.Ended) {
	t.Helper()
	e.Posted = append(e.Posted, outbox.Posted{Handle: "lost", Activity: "1"})
	e.Moved = append(e.Moved, notice("lost", 1))
	if next := finish(t, s, monday, end(l, e)); next[0] != nil {
		t.Errorf("goes on with a lost lease: %+v", next[0])
	}
	if _, known, err := s.Posted(t.Context(), "lost"); known || err != nil || len(waiting(t, s, "lost")) > 0 {
		t.Errorf("something of a lost lease was kept, %v", err)
	}
}

func ids(messages []outbox.Message) []int64 {
	var all []int64
	for _, m := range messages {
		all = append(all, m.ID)
	}
	return all
}

func waiting(t testing.TB, s *store.Store, queue string) []outbox.Message {
	t.Helper()
	messages, err := s.Waiting(t.Context(), outbox.Lease{Queue: queue})
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// drain takes everything that is ready out of the queues.
func drain(t testing.TB, s *store.Store) {
	t.Helper()
	for leases := claim(t, s, monday, 10); len(leases) > 0; leases = claim(t, s, monday, 10) {
		for _, l := range leases {
			settle(t, s, l, outbox.Ended{Done: ids(l.Messages)})
		}
	}
}

func TestMessageComesBackAsItWasLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		body := json.RawMessage(`{"text":"` + strings.Repeat("почта ", 200) + `"}`)
		full := outbox.Message{
			To:   outbox.Target{Conversation: "a:1", Person: ines.ID, Account: "29:ines", Tenant: "t"},
			Rank: outbox.Urgent, Kind: "assigned", Ticket: 7, Event: 8, Handle: "desk:7", Revision: 9, Update: "10", Targeted: true, Body: body,
			Otherwise: &outbox.Otherwise{To: outbox.Target{Person: ines.ID}, Told: json.RawMessage(`{"a":1}`), NoWayOut: json.RawMessage(`{"b":2}`)},
			Payload:   json.RawMessage(`{"c":3}`), NotBefore: monday, Expires: monday.Add(time.Minute), Created: monday.Add(-time.Second), Attempts: 3,
		}
		bare := outbox.Message{To: outbox.Target{Conversation: "c"}, Created: monday}
		leave(t, s, full, bare)
		for _, l := range byQueue(claim(t, s, monday, 5)) {
			want := map[string]outbox.Message{"person:" + ines.ID: full, "c": bare}[l.Queue]
			want.Queue = l.Queue
			if len(l.Messages) != 1 || l.Waiting != 1 {
				t.Fatalf("%+v", l)
			}
			want.ID = l.Messages[0].ID
			if diff := cmp.Diff(want, l.Messages[0], cmp.Comparer(sameJSON)); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// sameJSON is without blanks, which PostgreSQL adds.
func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return len(a) == 0 && len(b) == 0 || json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && cmp.Equal(x, y)
}

func TestQueueIsServedInOrderByOne(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		standingStill(monday, a, b)
		expectLeases(t, "nothing", claim(t, a, monday, 5), "")
		leave(t, a, notice("x;messageid=1", 1), notice("y", 2), notice("x;messageid=2", 3))
		leave(t, b, notice("x", 4))
		leases := byQueue(append(claim(t, a, monday, 1), claim(t, b, monday, 5)...))
		expectLeases(t, "both", leases, "x: 1 3 4, y: 2")
		expectLeases(t, "leased", claim(t, a, monday.Add(outbox.LeaseFor), 5), "")

		// Some done, one failed: the rest comes again, in order, the failed first.
		x := leases[0]
		settle(t, a, x, outbox.Ended{Done: []int64{x.Messages[0].ID}, Failed: []int64{x.Messages[1].ID}})
		settle(t, b, leases[1], outbox.Ended{Done: ids(leases[1].Messages)})
		again := claim(t, b, monday, 5)
		expectLeases(t, "again", again, "x: 3 4")
		if m := again[0].Messages; m[0].Attempts != 1 || m[1].Attempts != 0 {
			t.Errorf("attempts %d and %d", m[0].Attempts, m[1].Attempts)
		}
		lost(t, a, x, outbox.Ended{Done: ids(x.Messages)})
		settle(t, b, again[0], outbox.Ended{Done: ids(again[0].Messages)})
		expectLeases(t, "the end", claim(t, a, monday.Add(time.Hour), 5), "")
		if at, err := a.NextReady(t.Context()); err != nil || !at.IsZero() {
			t.Errorf("next ready %v, %v", at, err)
		}
	})
}

// TestTheTurnThatLeavesAMessageSendsIt has a turn hold the queues of its messages from
// the commit on, where nobody else holds them and they do not rest.
func TestTheTurnThatLeavesAMessageSendsIt(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		standingStill(monday, a, b)
		post := func(s *store.Store, messages ...outbox.Message) []outbox.Lease {
			return byQueue(turn(t, s, func(tx bot.Tx) error {
				for _, m := range messages {
					tx.Post(m)
				}
				return nil
			}))
		}
		held := notice("held", 1)
		held.NotBefore = monday.Add(time.Second)
		leases := post(a, notice("x;messageid=7", 2), notice("y", 3), held, notice("x", 4))
		expectLeases(t, "at once", leases, "x: 2 4, y: 3")
		expectLeases(t, "by another", claim(t, b, monday, 5), "")
		expectLeases(t, "a second turn", post(b, notice("x", 5)), "")

		// What came meanwhile goes on under the same sender.
		next := finish(t, a, monday, end(leases[0], outbox.Ended{Done: ids(leases[0].Messages)}), end(leases[1], outbox.Ended{Done: ids(leases[1].Messages), RestUntil: monday.Add(time.Minute)}))
		if next[0] == nil || next[1] != nil {
			t.Fatalf("%+v", next)
		}
		expectLeases(t, "goes on", []outbox.Lease{*next[0]}, "x: 5")
		expectLeases(t, "while it rests", post(b, notice("y", 6)), "")
		settle(t, a, *next[0], outbox.Ended{})
		// A turn that finds others waiting there reads them too.
		more := post(b, notice("x", 7))
		if len(more) != 1 || more[0].Messages != nil || more[0].Waiting != 2 {
			t.Fatalf("%+v", more)
		}
		if got, err := b.Waiting(t.Context(), more[0]); err != nil || len(got) != 2 || got[0].Event != 5 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestLeaseThatRunsOutIsTakenOver(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		clock := monday
		for _, s := range []*store.Store{a, b} {
			s.Now = func() time.Time { return clock }
		}
		leave(t, a, notice("x", 1))
		gone := claim(t, a, clock, 1)[0]
		expectLeases(t, "held by another", claim(t, b, clock, 1), "")
		clock = clock.Add(outbox.LeaseFor - time.Millisecond)
		expectLeases(t, "still held", claim(t, b, clock, 1), "")
		clock = clock.Add(time.Millisecond)
		now := claim(t, b, clock, 1)
		expectLeases(t, "taken over", now, "x: 1")
		if now[0].Window.Idle(clock) {
			t.Error("the message that was on its way does not count")
		}
		lost(t, a, gone, outbox.Ended{Done: ids(gone.Messages)})
		settle(t, b, now[0], outbox.Ended{Done: ids(now[0].Messages)})
	})
}

func TestQueuesOfTheBestRankComeFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ranked := func(queue string, event int64, rank outbox.Rank) outbox.Message {
			m := notice(queue, event)
			m.Rank = rank
			return m
		}
		for i, rank := range []outbox.Rank{outbox.Ordinary, outbox.Ordinary, outbox.Urgent, outbox.Answer, outbox.Urgent} {
			standingStill(monday.Add(time.Duration(9-i)*time.Second), s) // the later ones have waited longer
			leave(t, s, ranked(fmt.Sprint("queue", i), int64(i), rank))
		}
		standingStill(monday.Add(time.Minute), s)
		leave(t, s, ranked("queue0", 9, outbox.Urgent))
		now := monday.Add(time.Hour)
		expectLeases(t, "nothing so good", mustClaim(t, s, now, outbox.Answer-1, nil), "")
		answers := mustClaim(t, s, now, outbox.Answer, nil)
		expectLeases(t, "answers alone", answers, "queue3: 3")
		settle(t, s, answers[0], outbox.Ended{})
		leases := claim(t, s, now, 4)
		expectLeases(t, "first", leases, "queue3: 3, queue4: 4, queue2: 2, queue0: 0 9")
		// Once its message of severity A is done, a queue waits its turn again.
		settle(t, s, leases[3], outbox.Ended{Done: []int64{leases[3].Messages[1].ID}})
		expectLeases(t, "then", claim(t, s, now, 4), "queue1: 1, queue0: 0")
	})
}

func mustClaim(t testing.TB, s *store.Store, now time.Time, worst outbox.Rank, busy []string) []outbox.Lease {
	t.Helper()
	leases, err := s.Claim(t.Context(), now, 10, worst, busy)
	if err != nil {
		t.Fatal(err)
	}
	return leases
}

func TestQueueRests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		leave(t, s, notice("x", 1), notice("y", 2))
		until := monday.Add(17 * time.Second)
		for _, l := range claim(t, s, monday, 2) {
			settle(t, s, l, outbox.Ended{RestUntil: until, Done: map[string][]int64{"y": ids(l.Messages)}[l.Queue]})
		}
		urgent := notice("y", 3) // even what is urgent waits while Teams says so
		urgent.Rank = outbox.Urgent
		leave(t, s, urgent, notice("z", 4))
		leases := claim(t, s, until.Add(-time.Millisecond), 5)
		expectLeases(t, "resting", leases, "z: 4")
		settle(t, s, leases[0], outbox.Ended{Done: ids(leases[0].Messages)})
		if next, err := s.NextReady(t.Context()); err != nil || !next.Equal(until) {
			t.Errorf("next ready %v, %v", next, err)
		}
		expectLeases(t, "rested", claim(t, s, until, 5), "y: 3, x: 1")
	})
}

func TestMessageThatWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		held := notice("x", 1)
		held.NotBefore = monday.Add(3 * time.Second)
		leave(t, s, held)
		if next, err := s.NextReady(t.Context()); err != nil || !next.Equal(held.NotBefore) {
			t.Errorf("next ready %v, %v", next, err)
		}
		expectLeases(t, "held back", claim(t, s, monday.Add(2*time.Second), 5), "")
		leave(t, s, notice("x", 2)) // is not held up by it
		leases := claim(t, s, monday.Add(2*time.Second), 5)
		expectLeases(t, "the other", leases, "x: 1 2")
		if next := finish(t, s, monday.Add(2*time.Second), end(leases[0], outbox.Ended{Done: ids(leases[0].Messages[1:])})); next[0] != nil {
			t.Errorf("goes on with %+v", next[0])
		}
		expectLeases(t, "still", claim(t, s, monday.Add(3*time.Second-time.Millisecond), 5), "")
		expectLeases(t, "now", claim(t, s, monday.Add(3*time.Second), 5), "x: 1")
	})
}

// TestAPersonsQueueIsTheSameInEveryChat writes to somebody before there is a chat, in
// it, and in the one that comes after it.
func TestAPersonsQueueIsTheSameInEveryChat(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		to := func(p request.Person, event int64) outbox.Message {
			m := notice("", event)
			m.To = outbox.Target{Person: p.ID, Account: p.TeamsID}
			return m
		}
		leave(t, a, to(ines, 1), to(pavel, 2))
		leave(t, b, to(ines, 3))
		held := byQueue(claim(t, a, monday, 5))
		expectLeases(t, "room", held, "person:"+ines.ID+": 1 3, person:"+pavel.ID+": 2")
		next := finish(t, a, monday, end(held[0], outbox.Ended{Done: ids(held[0].Messages[:1]), Places: []outbox.Conversation{personalOf(ines, "a:1")}}))[0]
		if next == nil {
			t.Fatal("the queue does not go on")
		}
		if c, err := b.PersonalOf(t.Context(), ines.ID); err != nil || c.ID != "a:1" {
			t.Errorf("%+v, %v", c, err)
		}
		inChat := to(ines, 4)
		inChat.To.Conversation = "a:1"
		leave(t, b, inChat)
		remember(t, b, personalOf(ines, "a:2")) // the lease stands
		after := finish(t, a, monday, end(*next, outbox.Ended{Done: ids(next.Messages)}))[0]
		if after == nil || told([]outbox.Lease{*after}) != "person:"+ines.ID+": 4" {
			t.Errorf("then %+v", after)
		}
		if c, err := a.PersonalOf(t.Context(), ines.ID); err != nil || c.ID != "a:2" {
			t.Errorf("%+v, %v", c, err)
		}
	})
}
