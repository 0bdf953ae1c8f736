package outbox

import (
	"context"
	"sync"
	"time"
)

// closer gathers what came of sends that end at the same time, so that one
// transaction keeps all of it: what gathers while one is committed is kept by the
// next.
type closer struct {
	mu      sync.Mutex
	busy    bool
	waiting []*closing
}

// closing is one outcome on its way into the database. Its signal is true when it is
// this one's turn to keep what has gathered, false when it is kept.
type closing struct {
	ended  *Ended
	next   []Lease
	signal chan bool
}

// close keeps what came of a send, and gives the leases under which this process goes
// on: that of the same queue, and those of queues that messages have moved to.
// It tries for as long as somebody else could not do better: while this process
// lives, the message is not sent again.
func (s *Sender) close(ctx context.Context, ended *Ended) []Lease {
	own := &closing{ended: ended, signal: make(chan bool, 1)}
	c := &s.closer
	c.mu.Lock()
	c.waiting = append(c.waiting, own)
	waits := c.busy
	c.busy = true
	c.mu.Unlock()
	if waits && !<-own.signal {
		return own.next
	}
	c.mu.Lock()
	batch := c.waiting
	c.waiting = nil
	c.mu.Unlock()
	s.keep(ctx, batch)
	for _, other := range batch {
		if other != own {
			other.signal <- false
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy = len(c.waiting) > 0; c.busy {
		c.waiting[0].signal <- true
	}
	return own.next
}

// keepTries is how often an outcome is tried. A database that is away for longer is
// away for everybody.
const keepTries = 30

// keep tries a batch together, and where that fails one by one, so that nothing stands
// in the way of the others.
func (s *Sender) keep(ctx context.Context, batch []*closing) {
	if s.keepOnce(ctx, batch) == nil {
		return
	}
	for _, c := range batch {
		wait := 50 * time.Millisecond
		for try := range keepTries {
			err := s.keepOnce(ctx, []*closing{c})
			if err == nil {
				break
			}
			s.Log.ErrorContext(ctx, "what was sent is not noted yet", "queue", c.ended.Lease.Queue, "attempt", try+1, "err", err)
			if s.pause(ctx, wait) != nil {
				return
			}
			wait = min(2*wait, 2*time.Second)
		}
	}
}

func (s *Sender) keepOnce(ctx context.Context, batch []*closing) error {
	ended := make([]*Ended, len(batch))
	for i, c := range batch {
		ended[i] = c.ended
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	next, more, err := s.Store.Finish(ctx, s.now(), ended)
	if err != nil {
		return err
	}
	for i, c := range batch {
		if next[i] != nil {
			c.next = append(c.next, *next[i])
		}
	}
	batch[0].next = append(batch[0].next, more...)
	return nil
}
