package bot

import (
	"strconv"
	"testing"
	"time"
)

func TestSendersAreForgotten(t *testing.T) {
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	shares := DefaultShares()
	one := Share{Burst: 1, Rate: 1, Rest: time.Hour}
	shares.take(one, "greedy", now)
	if wait := shares.take(one, "greedy", now); wait != time.Hour {
		t.Fatalf("wait %s", wait)
	}
	for i := range 3 * sendersKept {
		shares.take(one, strconv.Itoa(i), now)
		now = now.Add(time.Millisecond)
		if n := len(shares.senders); n > sendersKept {
			t.Fatalf("%d senders are remembered", n)
		}
	}
	if wait := shares.take(one, "greedy", now); wait <= 0 {
		t.Error("who has to wait was forgotten before those who have not")
	}
}
