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
	seen map[string]seenLease // by the lease's name
}

type seenLease struct{ since, until time.Time }

// dead takes the leases that are held at now, and gives those that have lasted
// too long.
func (l *leases) dead(held []string, now time.Time, lease time.Duration) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var gone []string
	seen := make(map[string]seenLease, len(held))
	for _, name := range held {
		one, known := l.seen[name]
		if !known || now.Before(one.since) {
			one.since = now
		}
		one.until = one.since.Add(lease)
		seen[name] = one
		if !now.Before(one.until) {
			gone = append(gone, name)
		}
	}
	l.seen = seen
	return gone
}

// until is when a lease that lasts on will be dead; otherwise where it was not
// seen yet.
func (l *leases) until(name string, otherwise time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one, known := l.seen[name]; known {
		return one.until
	}
	return otherwise
}
