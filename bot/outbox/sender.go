package outbox

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Sender sends what the outbox holds. Any number of replicas may run one on the same
// database. Its fields are set before it is used.
type Sender struct {
	Store    Store
	Renderer Renderer
	Teams    Connector
	// BotID is the bot's own account ("28:" and the app id), Tenant the desk's own
	// tenant and ServiceURL the cloud's global service, for conversations from which
	// nothing came yet.
	BotID, Tenant, ServiceURL string
	// TenantRate is the requests a second for each tenant; 0 is no limit.
	TenantRate int
	// Workers is how many queues are served at once, 0 is 64, and never more than the
	// rate of a tenant lets go in three seconds: whoever waits for it holds a lease. One
	// host has at most a quarter of them.
	Workers int
	Now     func() time.Time // nil is time.Now
	// Pause waits; nil is a timer. It returns early, with the context's error, when
	// the context ends.
	Pause func(ctx context.Context, d time.Duration) error
	Log   *slog.Logger // nil is slog.Default
	Meter Meter        // nil counts nothing

	setUp   sync.Once
	wake    chan struct{}
	working sync.WaitGroup
	held    atomic.Pointer[time.Time]
	stopped atomic.Bool
	hosts   hosts
	paces   paces
	closer  closer
}

const (
	// LeaseFor is how long a queue stays with a replica that does not come back. One
	// message, with its waits, must fit in.
	LeaseFor = 30 * time.Second
	// sendWithin bounds one request to Teams, sign-in included.
	sendWithin = 12 * time.Second
	// patience is how long a lease is kept for a place under the limits.
	patience = 2 * time.Second
	// pollEvery is how often queues that another replica left are looked for.
	pollEvery = 250 * time.Millisecond
	// holdFor bounds how long ordinary messages are kept back when nobody ends it.
	holdFor = time.Second
	// giveUpAfter bounds how long a message is tried again.
	giveUpAfter = 24 * time.Hour
)

// Deliver sends what a commit has just left to this process, without waiting for it.
func (s *Sender) Deliver(ctx context.Context, leases []Lease) {
	s.ready()
	ctx = context.WithoutCancel(ctx)
	for _, lease := range leases {
		s.working.Go(func() { s.drain(ctx, lease) })
	}
}

// Wake makes Run look at once, after a commit that left messages to anybody. It never
// waits.
func (s *Sender) Wake() {
	s.ready()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Hold keeps ordinary messages back until Release, and no longer than a second, while
// many are being left. Answers and severity A go on.
func (s *Sender) Hold() {
	until := time.Now().Add(holdFor) // not the clock of Now: that may be put back
	s.held.Store(&until)
}

// Release ends what Hold began, and makes Run look at once.
func (s *Sender) Release() {
	s.held.Store(nil)
	s.Wake()
}

// Run sends what no commit of this process sends by itself: what waited, what was
// refused for a while, what others left. When the context ends it lets the messages
// that are on their way arrive, and returns. Errors of the database are logged and
// tried again.
func (s *Sender) Run(ctx context.Context) {
	s.ready()
	slots := make(chan struct{}, s.workers())
	clock := s.now()
	for ctx.Err() == nil {
		clock = s.follow(ctx, clock)
		claimed := s.claim(ctx, cap(slots)-len(slots))
		for _, lease := range claimed {
			slots <- struct{}{}
			s.working.Go(func() {
				defer func() { <-slots; s.Wake() }()
				s.drain(context.WithoutCancel(ctx), lease)
			})
		}
		if len(claimed) == 0 || len(slots) == cap(slots) {
			s.idle(ctx)
		}
	}
	s.stopped.Store(true)
	s.working.Wait()
}

// Serve sends what is ready now, one queue after another, and returns how many times
// it took one up. It is Run without waiting.
func (s *Sender) Serve(ctx context.Context) (served int) {
	s.ready()
	for ctx.Err() == nil {
		leases := s.claim(ctx, 1)
		if len(leases) == 0 {
			return served
		}
		s.drain(ctx, leases[0])
		served++
	}
	return served
}

// DeliverNow is Deliver that returns when everything is sent.
func (s *Sender) DeliverNow(ctx context.Context, leases []Lease) {
	s.ready()
	for _, lease := range leases {
		s.drain(ctx, lease)
	}
}

func (s *Sender) ready() {
	s.setUp.Do(func() {
		s.wake = make(chan struct{}, 1)
		if s.Log == nil {
			s.Log = slog.Default()
		}
		s.hosts.most = max(s.workers()/4, 1)
	})
}

func (s *Sender) workers() int {
	n := s.Workers
	if n <= 0 {
		n = 64
	}
	if s.TenantRate > 0 {
		n = min(n, 3*s.TenantRate)
	}
	return n
}

func (s *Sender) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Sender) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	if s.Pause != nil {
		return s.Pause(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// idle waits for work: until a queue has rested, something wakes us, or another
// replica may have left some.
func (s *Sender) idle(ctx context.Context) {
	wait := pollEvery
	if next, err := s.Store.NextReady(ctx); err == nil && next.After(s.now()) {
		wait = min(wait, next.Sub(s.now()))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-s.wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// follow notices a clock that was put back since before, and moves what waits along
// with it. Steps that a lease or a pause bridges anyway are left alone.
func (s *Sender) follow(ctx context.Context, before time.Time) time.Time {
	now := s.now()
	// Round drops the monotonic reading: both are what the machine's clock says.
	if back := before.Round(0).Sub(now.Round(0)); back > time.Second {
		s.Log.WarnContext(ctx, "clock was put back", "by", back)
		if err := s.Store.Rewind(ctx, now, back); err != nil {
			s.Log.ErrorContext(ctx, "outbox not moved with the clock", "err", err)
			return before
		}
	}
	return now
}

func (s *Sender) claim(ctx context.Context, n int) []Lease {
	if n <= 0 {
		return nil
	}
	worst := Ordinary
	if until := s.held.Load(); until != nil && time.Now().Before(*until) {
		worst = Urgent
	}
	leases, err := s.Store.Claim(ctx, s.now(), n, worst, s.hosts.busy())
	if err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "outbox not read", "err", err)
	}
	return leases
}

// drain sends from a queue, and from those that its messages move to, until nothing of
// them is ready any more.
func (s *Sender) drain(ctx context.Context, lease Lease) {
	for leases := []Lease{lease}; len(leases) > 0; {
		ended := s.attempt(ctx, leases[0])
		if s.stopped.Load() && ended.RestUntil.IsZero() {
			ended.RestUntil = s.now() // handed back
		}
		leases = append(leases[1:], s.close(ctx, ended)...)
	}
}

// hosts counts the queues that are being served at each host, so that one that hangs
// takes no more than its share of the workers.
type hosts struct {
	most    int
	mu      sync.Mutex
	serving map[string]int
}

func (h *hosts) enter(host string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.serving == nil {
		h.serving = map[string]int{}
	}
	h.serving[host]++
}

func (h *hosts) leave(host string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.serving[host]--; h.serving[host] == 0 {
		delete(h.serving, host)
	}
}

// busy are the hosts that have their share.
func (h *hosts) busy() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var full []string
	for host, n := range h.serving {
		if n >= h.most {
			full = append(full, host)
		}
	}
	return full
}
