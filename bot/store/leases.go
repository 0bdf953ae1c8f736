package store

import (
	"sync"
	"time"
)

// leases remembers since when this process has seen the leases of others, and its
// own. One is dead when it was seen for as long as it may last, by one and the
// same clock: replicas whose clocks differ take nothing from each other, and
// neither does one whose clock is put forward or back, since instants of time.Now
// are compared by their monotonic readings.
type leases struct {
	mu   sync.Mutex
	seen map[string]time.Time // by the lease's name
}

// dead takes the leases that are held at now, and gives those that have lasted
// too long.
func (l *leases) dead(held []string, now time.Time, lease time.Duration) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var gone []string
	seen := make(map[string]time.Time, len(held))
	for _, name := range held {
		since, known := l.seen[name]
		if !known || now.Before(since) {
			since = now
		}
		seen[name] = since
		if now.Sub(since) >= lease {
			gone = append(gone, name)
		}
	}
	l.seen = seen
	return gone
}
