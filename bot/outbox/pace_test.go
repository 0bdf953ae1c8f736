package outbox

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// calendar gives out a tenant's time as the database does, and nothing else.
type calendar struct {
	Store
	mu     sync.Mutex
	next   map[string]time.Time
	asks   int
	before func() // each question
}

func (c *calendar) Pace(_ context.Context, tenant string, span time.Duration) (time.Duration, error) {
	if c.before != nil {
		c.before()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asks++
	if c.next == nil {
		c.next = map[string]time.Time{}
	}
	now := time.Now()
	from := c.next[tenant]
	if from.Before(now) {
		from = now
	}
	c.next[tenant] = from.Add(span)
	return from.Sub(now), nil
}

// TestFourReplicasNeverPassATenantsRate lets each send in bursts of any size.
func TestFourReplicasNeverPassATenantsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const perSecond, each = 50, 200
		shared := &calendar{}
		var mu sync.Mutex
		var sent []time.Time
		var work sync.WaitGroup
		start := time.Now()
		for replica := range 4 {
			s := &Sender{Store: shared, TenantRate: perSecond}
			for i := range each {
				work.Go(func() {
					if i >= each/2 { // the second burst comes later
						time.Sleep(time.Duration(replica) * 700 * time.Millisecond)
					}
					if err := s.Pace(t.Context(), "tenant"); err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					sent = append(sent, time.Now())
				})
			}
		}
		work.Wait()
		slices.SortFunc(sent, time.Time.Compare)
		for i := perSecond; i < len(sent); i++ {
			if gap := sent[i].Sub(sent[i-perSecond]); gap < time.Second {
				t.Fatalf("%d requests of a tenant within %s", perSecond+1, gap)
			}
		}
		if took := sent[len(sent)-1].Sub(start); took > 20*time.Second {
			t.Errorf("%d requests take %s at %d a second", len(sent), took, perSecond)
		}
	})
}

// TestThoseWhoWaitShareABlock has ten requests while the database is slow.
func TestThoseWhoWaitShareABlock(t *testing.T) {
	shared := &calendar{}
	now := time.Now()
	s := &Sender{Store: shared, TenantRate: 1000, Now: func() time.Time { return now }} // so that no slot goes by
	asked := &s.paces.of("tenant").asked
	shared.before = sync.OnceFunc(func() {
		for asked.Load() < 10 {
			runtime.Gosched()
		}
	})
	var work sync.WaitGroup
	for range 10 {
		work.Go(func() {
			if err := s.Pace(t.Context(), "tenant"); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if shared.asks != 2 && shared.asks != 1 {
		t.Errorf("the database was asked %d times for 10 requests", shared.asks)
	}
}

func TestTenantsDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Sender{Store: &calendar{}, TenantRate: 1}
		start := time.Now()
		for _, tenant := range []string{"a", "b", "c"} {
			if err := s.Pace(t.Context(), tenant); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(start); waited > 0 {
			t.Errorf("waited %s", waited)
		}
	})
}

func TestASlotThatNobodyUsedIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Sender{Store: &calendar{}, TenantRate: 10}
		p := s.paces.of("tenant")
		p.next, p.left = time.Now().Add(-time.Minute), 10 // taken for a burst that went elsewhere
		var sent []time.Time
		for range 12 {
			if err := s.Pace(t.Context(), "tenant"); err != nil {
				t.Fatal(err)
			}
			sent = append(sent, time.Now())
		}
		if gap := sent[11].Sub(sent[1]); gap < time.Second {
			t.Errorf("11 requests within %s", gap)
		}
	})
}

func TestABlockOfAnotherClockIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Sender{Store: &calendar{}, TenantRate: 10}
		p := s.paces.of("tenant")
		p.next, p.left = time.Now().Add(10*time.Hour), 10 // the clock was put back since
		start := time.Now()
		if err := s.Pace(t.Context(), "tenant"); err != nil || time.Since(start) > time.Second {
			t.Errorf("waited %s, %v", time.Since(start), err)
		}
	})
}

func TestNoRateIsNoWait(t *testing.T) {
	s := &Sender{}
	if err := s.Pace(t.Context(), "tenant"); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Pace(ended, "tenant"); err == nil {
		t.Error("nobody waits any more, and it is this one's turn")
	}
}
