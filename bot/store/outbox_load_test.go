package store_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
)

// heavyLoad is four producers and four senders on two replicas, and what was delivered.
type heavyLoad struct {
	testing.TB
	ctx       context.Context
	each      int // transactions of one producer
	mu        sync.Mutex
	now       time.Time // moves on with each look, so that leases die
	stamps    int64
	delivered int
	seen      map[string][]sentEvent // by queue and producer
}

// sentEvent says when its queue was leased: whoever holds it next comes after this one
// has finished.
type sentEvent struct{ leased, event int64 }

const producers, loadedQueues = 4, 7

func (l *heavyLoad) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// produce leaves messages in turns, which lease their queues, and in transactions that
// do not; it sends what it leased as a process does, or dies with it in hand.
func (l *heavyLoad) produce(s *store.Store, p int) error {
	for i := range l.each {
		var left []outbox.Message
		for j := range 3 {
			m := notice(fmt.Sprint("queue", (i*5+j*3+p)%loadedQueues), int64(i))
			if j == 2 {
				m.To = outbox.Target{Person: fmt.Sprint("person", (i+p)%5)}
			}
			m.Kind = fmt.Sprint(p)
			left = append(left, m)
		}
		if i%2 == 0 {
			err := s.InTx(l.ctx, func(tx request.Tx) error {
				for _, m := range left {
					tx.(bot.Tx).Post(m)
				}
				return nil
			})
			if err != nil {
				return err
			}
			continue
		}
		leases, err := s.Turn(l.ctx, bot.Session{}, bot.Delivery{}, func(_ context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
			for _, m := range left {
				tx.Post(m)
			}
			return bot.StoredAnswer{}, nil
		})
		if err != nil {
			return err
		}
		for n, lease := range leases {
			if (i+n)%7 == 3 {
				continue // dies with the lease in hand
			}
			if err := l.serve(s, lease); err != nil {
				return err
			}
		}
	}
	return nil
}

// send takes up what is ready until everything is delivered.
func (l *heavyLoad) send(s *store.Store, c int) error {
	for look := 0; ; look++ {
		l.mu.Lock()
		finished := l.delivered == producers*l.each*3
		l.now = l.now.Add(time.Second)
		l.mu.Unlock()
		if finished || l.ctx.Err() != nil {
			return nil
		}
		leases, err := s.Claim(l.ctx, l.clock(), 2, outbox.Ordinary, nil)
		if err != nil {
			return err
		}
		for _, lease := range leases {
			if look%9 == c {
				continue // dies with the lease in hand
			}
			if err := l.serve(s, lease); err != nil {
				return err
			}
		}
	}
}

// serve sends from a queue, three messages at a time, until it does not go on.
func (l *heavyLoad) serve(s *store.Store, lease outbox.Lease) (err error) {
	for next := &lease; next != nil; {
		l.mu.Lock()
		l.stamps++
		stamp := l.stamps
		l.mu.Unlock()
		if next.Messages == nil {
			if next.Messages, err = s.Waiting(l.ctx, *next); err != nil {
				return err
			}
		}
		head := next.Messages[:min(len(next.Messages), 3)]
		kept := fmt.Sprint("kept ", stamp) // tells whether the lease was lost
		ended := end(*next, outbox.Ended{Done: ids(head), Posted: []outbox.Posted{{Handle: kept}}})
		if stamp%5 == 0 {
			ended.RestUntil = l.clock() // handed back
		}
		after, more, err := s.Finish(l.ctx, l.clock(), []*outbox.Ended{ended})
		if err != nil {
			return err
		}
		if _, ours, err := s.Posted(l.ctx, kept); err != nil || !ours {
			return err
		}
		l.mu.Lock()
		for _, m := range head {
			l.delivered++
			key := m.Queue + " " + m.Kind
			l.seen[key] = append(l.seen[key], sentEvent{stamp, m.Event})
		}
		l.mu.Unlock()
		if next = after[0]; len(more) > 0 {
			l.Errorf("leased more than was asked for: %+v", more)
		}
	}
	return nil
}

// TestManyQueuesUnderLoad has senders die in the middle: nothing is lost, doubled, out of
// order or stuck.
func TestManyQueuesUnderLoad(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		l := &heavyLoad{TB: t, ctx: ctx, each: 60, now: monday, seen: map[string][]sentEvent{}}
		if testing.Short() {
			l.each = 15
		}
		a.Now, b.Now = l.clock, l.clock
		errs := atOnce(2*producers, func(i int) error {
			if s := []*store.Store{a, b}[i%2]; i < producers {
				return l.produce(s, i)
			} else {
				return l.send(s, i-producers)
			}
		})
		if count(errs, nil) != len(errs) || l.delivered != producers*l.each*3 {
			t.Fatalf("%d of %d delivered, %v", l.delivered, producers*l.each*3, errs)
		}
		for key, all := range l.seen {
			slices.SortStableFunc(all, func(a, b sentEvent) int { return cmp.Compare(a.leased, b.leased) })
			for i := 1; i < len(all); i++ {
				if all[i].event <= all[i-1].event {
					t.Errorf("%s: doubled or out of order: %v", key, all)
					break
				}
			}
		}
	})
}
