package bot

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLimitsBreakNoWindow books sends at any pace and counts what goes out in each
// of Teams' windows.
func TestLimitsBreakNoWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Limits
		now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		var out []time.Time
		for range rapid.IntRange(1, 400).Draw(t, "sends") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "pause")) * time.Millisecond)
			wait, ok := l.Reserve("a", "tenant", now, patience)
			if ok && wait > patience {
				t.Fatalf("a wait of %v is more than patience", wait)
			}
			if ok {
				out = append(out, now.Add(wait))
			} else if wait <= patience {
				t.Fatalf("refused although it is free in %v", wait)
			}
		}
		for _, w := range windows {
			for i := w.sends; i < len(out); i++ {
				if gap := out[i].Sub(out[i-w.sends]); gap < w.in {
					t.Fatalf("%d sends in %v, the limit is %d in %v", w.sends+1, gap, w.sends, w.in)
				}
			}
		}
	})
}

func TestLimitsAreForEachConversationAndTenant(t *testing.T) {
	l := Limits{TenantRate: 10}
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for i := range 7 {
		if wait, ok := l.Reserve("a", "one", now, 0); !ok || wait != 0 {
			t.Fatalf("send %d has to wait %v", i, wait)
		}
	}
	if wait, ok := l.Reserve("a", "one", now, 0); ok || wait != time.Second {
		t.Errorf("the eighth waits %v, %v", wait, ok)
	}
	for i := range 3 {
		if _, ok := l.Reserve("b", "one", now, 0); !ok {
			t.Errorf("another conversation is held back at %d", i)
		}
	}
	if _, ok := l.Reserve("c", "one", now, 0); ok {
		t.Error("the tenant's rate is passed")
	}
	if _, ok := l.Reserve("c", "two", now, 0); !ok {
		t.Error("another tenant is held back")
	}
	l.Close("d", now.Add(time.Minute)) // never spoken to: nothing to hold back
	l.Close("a", now.Add(time.Minute))
	if wait, ok := l.Reserve("a", "one", now.Add(10*time.Second), patience); ok || wait != 50*time.Second {
		t.Errorf("Retry-After holds back for %v, %v", wait, ok)
	}
}
