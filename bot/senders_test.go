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
	_, done := shares.take(one, "greedy", now)
	done()
	if wait, _ := shares.take(one, "greedy", now); wait != time.Hour {
		t.Fatalf("wait %s", wait)
	}
	for i := range 3 * sendersKept {
		_, done := shares.take(one, strconv.Itoa(i), now)
		done()
		now = now.Add(time.Millisecond)
		if n := len(shares.senders); n > sendersKept {
			t.Fatalf("%d senders are remembered", n)
		}
	}
	if wait, _ := shares.take(one, "greedy", now); wait <= 0 {
		t.Error("who has to wait was forgotten before those who have not")
	}
}
