package request

import (
	"sync"
	"time"
)

// Recent remembers for some seconds the tickets that this process has read or changed,
// each with its newest entries. Whoever asks names the revision that they know of and
// gets nothing older, so that several replicas need not agree: what another one has
// changed since has a revision, and a notice, of its own. What is remembered is never
// changed. The zero value is ready.
type Recent struct {
	mu   sync.Mutex
	seen map[Number]recent
}

type recent struct {
	ticket *Ticket
	newest []Event
	at     time.Time
}

const (
	recentLife = 3 * time.Second
	recentMost = 1000
)

// Get gives a ticket that is at least at a revision, with its newest entries.
func (r *Recent) Get(n Number, revision int, now time.Time) (*Ticket, []Event, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.seen[n]
	if !ok || now.Sub(found.at).Abs() >= recentLife || found.ticket.Revision < revision {
		return nil, nil, false
	}
	return found.ticket, found.newest, true
}

// Put remembers a ticket, unless a newer state of it is remembered already.
func (r *Recent) Put(t *Ticket, newest []Event, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil || len(r.seen) >= recentMost {
		r.seen = make(map[Number]recent)
	}
	if known, ok := r.seen[t.Number]; !ok || known.ticket.Revision <= t.Revision {
		r.seen[t.Number] = recent{t, newest, now}
	}
}
