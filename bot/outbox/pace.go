package outbox

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// paces share the rates of tenants with the other replicas. A replica takes a block
// of slots at a time, as many as wait here; a slot is an instant, evenly spaced from
// the next, so that no second of any length of burst has more than the rate. Slots
// that nobody uses go by.
type paces struct {
	mu      sync.Mutex
	tenants map[string]*pace
}

// pace is the block that this process has of one tenant.
type pace struct {
	mu    sync.Mutex
	next  time.Time // the first slot that is left
	left  int
	asked atomic.Int64 // how many ask for a slot
}

func (p *paces) of(tenant string) *pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tenants == nil {
		p.tenants = map[string]*pace{}
	}
	if p.tenants[tenant] == nil {
		p.tenants[tenant] = new(pace)
	}
	return p.tenants[tenant]
}

// every is how far slots lie apart: a tenth further than the rate says, for requests
// that overtake each other on the way.
func every(rate int) time.Duration { return 1100 * time.Millisecond / time.Duration(rate) }

// Pace waits for this process's turn in the rate of a tenant. It returns early, with
// the context's error, when the context ends.
func (s *Sender) Pace(ctx context.Context, tenant string) error {
	if s.TenantRate <= 0 {
		return ctx.Err()
	}
	slot, err := s.slot(ctx, s.paces.of(tenant), tenant)
	if err != nil {
		return err
	}
	return s.pause(ctx, slot.Sub(s.now()))
}

func (s *Sender) slot(ctx context.Context, p *pace, tenant string) (time.Time, error) {
	p.asked.Add(1)
	defer p.asked.Add(-1)
	p.mu.Lock()
	defer p.mu.Unlock()
	now, step := s.now(), every(s.TenantRate)
	for p.left > 0 && p.next.Add(step).Before(now) { // gone by
		p.next, p.left = p.next.Add(step), p.left-1
	}
	if p.left == 0 || p.next.Sub(now) > longestBlock {
		wanted := min(int(p.asked.Load()), s.TenantRate)
		wait, err := s.Store.Pace(ctx, tenant, time.Duration(wanted)*step)
		if err != nil {
			return time.Time{}, fmt.Errorf("take a share of the rate of tenant %s: %w", tenant, err)
		}
		p.next, p.left = s.now().Add(wait), wanted
	}
	slot := p.next
	p.next, p.left = p.next.Add(step), p.left-1
	return slot, nil
}

// longestBlock is more than any slot lies ahead: what lies beyond it was taken
// before the clock was put back.
const longestBlock = time.Minute
