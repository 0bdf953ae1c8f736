package bot

import (
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// windows are Teams' limits for one bot in one conversation (Microsoft's page
// "rate-limit" of the Teams documentation): so many sends in so long.
var windows = []struct {
	sends int
	in    time.Duration
}{{7, time.Second}, {8, 2 * time.Second}, {60, 30 * time.Second}, {1800, time.Hour}}

// Limits keeps this process's answers within Teams' limits for each
// conversation and each tenant. What would have to wait long belongs into its
// lane, whose limits hold for all replicas.
type Limits struct {
	// TenantRate is the number of requests a second for each tenant; 0 is no limit.
	TenantRate int

	mu            sync.Mutex
	conversations map[string]*sends
	tenants       map[string]*rate.Limiter
	swept         time.Time
}

// sends remembers one conversation's last hour.
type sends struct {
	at     []time.Time // oldest first, also reserved ones in the future
	closed time.Time   // Retry-After
}

// Reserve books the next send in a conversation and says how long to wait for
// it. When that would be longer than patience nothing is booked, ok is false,
// and wait is the time until it is worth trying.
func (l *Limits) Reserve(conversation, tenant string, now time.Time, patience time.Duration) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	s := l.conversations[conversation]
	if s == nil {
		s = new(sends)
		if l.conversations == nil {
			l.conversations = make(map[string]*sends)
		}
		l.conversations[conversation] = s
	}
	at := s.next(now)
	if at.Sub(now) > patience {
		return at.Sub(now), false
	}
	if tenantLimit := l.tenant(tenant); tenantLimit != nil {
		booked := tenantLimit.ReserveN(at, 1)
		if delay := booked.DelayFrom(at); at.Add(delay).Sub(now) > patience {
			booked.CancelAt(at)
			return at.Add(delay).Sub(now), false
		} else {
			at = at.Add(delay)
		}
	}
	s.at = append(s.at, at)
	return at.Sub(now), true
}

// Close holds a conversation back until then, because Teams asked for it.
func (l *Limits) Close(conversation string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.conversations[conversation]; s != nil && s.closed.Before(until) {
		s.closed = until
	}
}

// next is the earliest instant at which one more send breaks no window.
func (s *sends) next(now time.Time) time.Time {
	at := now
	if s.closed.After(at) {
		at = s.closed
	}
	if n := len(s.at); n > 0 && s.at[n-1].After(at) {
		at = s.at[n-1] // one after the other
	}
	for _, w := range windows {
		if n := len(s.at); n >= w.sends {
			if free := s.at[n-w.sends].Add(w.in); free.After(at) {
				at = free
			}
		}
	}
	return at
}

func (l *Limits) tenant(id string) *rate.Limiter {
	if l.TenantRate <= 0 {
		return nil
	}
	if l.tenants == nil {
		l.tenants = make(map[string]*rate.Limiter)
	}
	if l.tenants[id] == nil {
		l.tenants[id] = rate.NewLimiter(rate.Limit(l.TenantRate), l.TenantRate)
	}
	return l.tenants[id]
}

// sweep forgets what no window reaches back to, once a minute.
func (l *Limits) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for id, s := range l.conversations {
		s.at = slices.DeleteFunc(s.at, func(at time.Time) bool { return now.Sub(at) > time.Hour })
		if len(s.at) == 0 && s.closed.Before(now) {
			delete(l.conversations, id)
		}
	}
}
