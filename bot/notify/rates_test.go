package notify

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"onbehalf/bot/ticket"
)

// rateRows keeps the states of rates as a database would, and nothing else.
type rateRows struct {
	Store
	mu   sync.Mutex
	rows map[string][]byte
}

func (r *rateRows) Rates(_ context.Context, keys []string, work func([][]byte) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	states := make([][]byte, len(keys))
	for i, key := range keys {
		states[i] = r.rows[key]
	}
	if err := work(states); err != nil {
		return err
	}
	for i, key := range keys {
		r.rows[key] = states[i]
	}
	return nil
}

// limited is a Lanes that can do nothing but ask for permits, with its clock.
func limited(rate int) (*Lanes, *time.Time) {
	clock := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	return &Lanes{Store: &rateRows{rows: map[string][]byte{}}, TenantRate: rate, Now: func() time.Time { return clock }}, &clock
}

// teamsWindows are the limits as Microsoft writes them, without our margin.
var teamsWindows = []struct {
	span time.Duration
	most int
}{{time.Second, 7}, {2 * time.Second, 8}, {30 * time.Second, 60}, {time.Hour, 1800}}

func checkWindows(t *testing.T, sent []time.Time) {
	t.Helper()
	slices.SortFunc(sent, time.Time.Compare)
	for _, w := range teamsWindows {
		for i := w.most; i < len(sent); i++ {
			if gap := sent[i].Sub(sent[i-w.most]); gap < w.span {
				t.Fatalf("%d sends within %s, the last at %s", w.most+1, gap, sent[i])
			}
		}
	}
}

func TestOneConversationNeverPassesItsWindows(t *testing.T) {
	l, clock := limited(0)
	var sent []time.Time
	start := *clock
	for clock.Sub(start) < 2*time.Hour {
		given, err := l.permit(t.Context(), "19:desk@thread.tacv2;messageid=1", "tenant", true)
		if err != nil {
			t.Fatal(err)
		}
		if given.Wait > 0 {
			*clock = clock.Add(given.Wait)
			continue
		}
		sent = append(sent, given.At)
		*clock = given.At.Add(time.Duration(rand.N(40)) * time.Millisecond)
	}
	checkWindows(t, sent)
	if most := 2 * 1800; len(sent) < most*9/10 {
		t.Errorf("%d sends in two hours, Teams would take %d", len(sent), most)
	}
}

func TestThreadsOfAChannelShareItsWindows(t *testing.T) {
	l, _ := limited(0)
	taken := 0
	for i := range 20 {
		thread := "19:c@thread.tacv2;messageid=" + string(rune('a'+i))
		given, err := l.permit(t.Context(), thread, "tenant", true)
		if err != nil {
			t.Fatal(err)
		}
		if given.Wait == 0 {
			taken++
		}
	}
	if taken != 7 {
		t.Errorf("%d threads of one channel may send at one instant, want 7", taken)
	}
}

func TestThoseWhoWaitForOneChannelAskOneAfterTheOther(t *testing.T) {
	l, clock := limited(0)
	var waits []time.Duration
	for range 27 {
		given, err := l.permit(t.Context(), "19:c@thread.tacv2", "tenant", false)
		if err != nil {
			t.Fatal(err)
		}
		if given.Wait > 0 {
			waits = append(waits, given.Wait)
		}
	}
	for i := 1; i < len(waits); i++ {
		if waits[i]-waits[i-1] < sustained {
			t.Fatalf("waits %v: number %d comes with the one before", waits, i)
		}
	}
	given, err := l.permit(t.Context(), "19:c@thread.tacv2", "tenant", true)
	if err != nil || given.Wait > 2*time.Second {
		t.Errorf("an urgent one waits %v behind the others, %v", given.Wait, err)
	}
	*clock = clock.Add(given.Wait)
	if given, _ = l.permit(t.Context(), "19:c@thread.tacv2", "tenant", true); given.Wait != 0 {
		t.Errorf("after its wait it waits again: %v", given.Wait)
	}
}

func TestATenantNeverPassesItsRate(t *testing.T) {
	const perSecond = 50
	l, clock := limited(perSecond)
	var sent []time.Time
	for i := range 500 {
		given, err := l.permit(t.Context(), ticket.Number(i).String(), "tenant", true)
		if err != nil {
			t.Fatal(err)
		}
		if given.Wait > 0 {
			*clock = clock.Add(given.Wait)
			continue
		}
		sent = append(sent, given.At)
		*clock = clock.Add(time.Duration(rand.N(25)) * time.Millisecond)
	}
	for i := perSecond; i < len(sent); i++ {
		if gap := sent[i].Sub(sent[i-perSecond]); gap < time.Second {
			t.Fatalf("%d requests of a tenant within %s", perSecond+1, gap)
		}
	}
	if whole := sent[len(sent)-1].Sub(sent[0]); whole > 12*time.Second {
		t.Errorf("500 requests take %s at 50 a second", whole)
	}
}

func TestAClockPutBackDoesNotCloseAConversation(t *testing.T) {
	l, clock := limited(50)
	for range 60 {
		given, err := l.permit(t.Context(), "c", "tenant", false)
		if err != nil {
			t.Fatal(err)
		}
		*clock = clock.Add(given.Wait + 100*time.Millisecond)
	}
	*clock = clock.Add(-10 * time.Hour)
	given, err := l.permit(t.Context(), "c", "tenant", true)
	if err != nil {
		t.Fatal(err)
	}
	if given.Wait > 35*time.Second {
		t.Errorf("after the clock went back ten hours a message waits %s", given.Wait)
	}
}

func TestASlowRequestCountsFromItsAnswer(t *testing.T) {
	l, clock := limited(0)
	given, err := l.permit(t.Context(), "c", "tenant", true)
	if err != nil {
		t.Fatal(err)
	}
	*clock = clock.Add(900 * time.Millisecond)
	if err := l.sentLate(t.Context(), "c", given.At, *clock); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if _, err := l.permit(t.Context(), "c", "tenant", true); err != nil {
			t.Fatal(err)
		}
	}
	*clock = clock.Add(400 * time.Millisecond)
	if given, err = l.permit(t.Context(), "c", "tenant", true); err != nil || given.Wait == 0 {
		t.Errorf("an eighth message within a second of the slow one's arrival: wait %v, %v", given.Wait, err)
	}
}

func TestAnswersAndLanesShareTheLimits(t *testing.T) {
	l, clock := limited(50)
	for i := range 7 {
		var err error
		ok := true
		if i%2 == 0 {
			_, ok, err = l.Admit(t.Context(), "c", "tenant")
		} else {
			var given permit
			given, err = l.permit(t.Context(), "c", "tenant", true)
			ok = given.Wait == 0
		}
		if !ok || err != nil {
			t.Fatalf("message %d was refused: %v", i+1, err)
		}
	}
	wait, ok, err := l.Admit(t.Context(), "c", "tenant")
	if ok || err != nil || wait <= 0 {
		t.Fatalf("an eighth message in a second was admitted: %v, %v, %v", wait, ok, err)
	}
	*clock = clock.Add(wait)
	if _, ok, err := l.Admit(t.Context(), "c", "tenant"); !ok || err != nil {
		t.Errorf("refused after the wait that it named: %v", err)
	}
}
