package outbox

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

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

// again is a window as the next holder of the lease reads it.
func again(t *testing.T, w Window) Window {
	t.Helper()
	text, err := w.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return DecodeWindow(text)
}

func TestOneConversationNeverPassesItsWindows(t *testing.T) {
	now := monday
	var w Window
	var sent []time.Time
	for now.Sub(monday) < 2*time.Hour {
		if free := w.free(now); free.After(now) {
			now = free
			continue
		}
		sent = append(sent, now)
		now = now.Add(time.Duration(rand.N(40)) * time.Millisecond) // until the answer
		w.Add(now)
		w = again(t, w)
	}
	checkWindows(t, sent)
	if most := 2 * 1800; len(sent) < most*9/10 {
		t.Errorf("%d sends in two hours, Teams would take %d", len(sent), most)
	}
	if text, err := w.Encode(); err != nil || len(text) > 4096 {
		t.Errorf("the row holds %d bytes, %v", len(text), err)
	}
}

func TestASlowRequestCountsFromItsAnswer(t *testing.T) {
	var w Window
	w.Add(monday.Add(900 * time.Millisecond)) // it was sent at monday
	for range 6 {
		w.Add(monday.Add(900 * time.Millisecond))
	}
	if free := w.free(monday.Add(1300 * time.Millisecond)); !free.After(monday.Add(1900 * time.Millisecond)) {
		t.Errorf("an eighth message within a second of the slow one's arrival, at %s", free)
	}
}

func TestAClockPutBackDoesNotCloseAConversation(t *testing.T) {
	now := monday
	var w Window
	for range 1900 {
		now = later(now, w.free(now))
		w.Add(now)
		now = now.Add(100 * time.Millisecond)
	}
	now = now.Add(-10 * time.Hour)
	if wait := w.free(now).Sub(now); wait > time.Hour+time.Minute {
		t.Errorf("after the clock went back ten hours a message waits %s", wait)
	}
	few := Window{}
	for range 60 {
		few.Add(monday)
	}
	if wait := few.free(monday.Add(-10 * time.Hour)).Sub(monday.Add(-10 * time.Hour)); wait > 32*time.Second {
		t.Errorf("a message waits %s", wait)
	}
}

func TestAWindowIsIdleWhenNothingCounts(t *testing.T) {
	var w Window
	if !w.Idle(monday) {
		t.Error("one that is empty is not idle")
	}
	w.Add(monday)
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{time.Second, false}, {time.Minute, false}, {time.Hour, false}, {time.Hour + 2*bucketSpan, true}} {
		if got := again(t, w).Idle(monday.Add(c.after)); got != c.want {
			t.Errorf("%s later: %v", c.after, got)
		}
	}
}

func TestAWindowOfAnotherReleaseStartsAfresh(t *testing.T) {
	for _, text := range []string{"", "[]", "{", "\x01"} {
		w := DecodeWindow(text)
		if free := w.free(monday); free.After(monday) {
			t.Errorf("%q: free at %s", text, free)
		}
	}
}
