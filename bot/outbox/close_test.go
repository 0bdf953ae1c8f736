package outbox

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// notes keeps what came of sends, and nothing else.
type notes struct {
	Store
	mu      sync.Mutex
	batches []int
	kept    map[string]int
	finish  func(queues []string) error // before it is kept
}

func (n *notes) Finish(_ context.Context, _ time.Time, ended []*Ended) ([]*Lease, []Lease, error) {
	var queues []string
	for _, e := range ended {
		queues = append(queues, e.Lease.Queue)
	}
	if n.finish != nil {
		if err := n.finish(queues); err != nil {
			return nil, nil, err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.batches = append(n.batches, len(ended))
	next := make([]*Lease, len(ended))
	for i, queue := range queues {
		if n.kept == nil {
			n.kept = map[string]int{}
		}
		n.kept[queue]++
		next[i] = &Lease{Queue: queue}
	}
	return next, nil, nil
}

func endedIn(queue string) *Ended { return &Ended{Lease: Lease{Queue: queue}} }

// TestWhatEndsMeanwhileIsKeptTogether lets nine sends end while the first is kept.
func TestWhatEndsMeanwhileIsKeptTogether(t *testing.T) {
	n := &notes{}
	s := &Sender{Store: n}
	begun, goOn := make(chan struct{}), make(chan struct{})
	n.finish = func() func([]string) error {
		first := sync.OnceFunc(func() { close(begun); <-goOn })
		return func([]string) error { first(); return nil }
	}()
	var work sync.WaitGroup
	end := func(queue string) {
		work.Go(func() {
			if next := s.close(t.Context(), endedIn(queue)); len(next) != 1 || next[0].Queue != queue {
				t.Errorf("%s goes on with %+v", queue, next)
			}
		})
	}
	end("first")
	<-begun
	for i := range 9 {
		end(string(rune('a' + i)))
	}
	for gathered := 0; gathered < 9; runtime.Gosched() {
		s.closer.mu.Lock()
		gathered = len(s.closer.waiting)
		s.closer.mu.Unlock()
	}
	close(goOn)
	work.Wait()
	if !slices.Equal(n.batches, []int{1, 9}) || len(n.kept) != 10 {
		t.Errorf("kept in batches of %v, %v", n.batches, n.kept)
	}
	if next := s.close(t.Context(), endedIn("later")); next == nil {
		t.Error("nothing is kept any more")
	}
}

// TestOneOutcomeThatCannotBeKeptStopsNoOther has the database refuse one of a batch.
func TestOneOutcomeThatCannotBeKeptStopsNoOther(t *testing.T) {
	n := &notes{finish: func(queues []string) error {
		if slices.Contains(queues, "poisoned") {
			return errors.New("refused")
		}
		return nil
	}}
	tries := 0
	s := &Sender{Store: n, Log: slog.New(slog.DiscardHandler), Pause: func(context.Context, time.Duration) error { tries++; return nil }}
	batch := []*closing{{ended: endedIn("a")}, {ended: endedIn("poisoned")}, {ended: endedIn("b")}}
	s.keep(t.Context(), batch)
	if n.kept["a"] != 1 || n.kept["b"] != 1 || n.kept["poisoned"] != 0 || batch[0].next == nil || batch[1].next != nil || batch[2].next == nil {
		t.Errorf("kept %v", n.kept)
	}
	if tries != keepTries {
		t.Errorf("the refused one was tried %d times", tries)
	}
}

func TestNobodyWaitsForADatabaseWhenAllIsOver(t *testing.T) {
	n := &notes{finish: func([]string) error { return errors.New("away") }}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	s := &Sender{Store: n, Log: slog.New(slog.DiscardHandler)}
	s.keep(ended, []*closing{{ended: endedIn("a")}})
}

func TestALowRateHasFewWorkers(t *testing.T) {
	for _, c := range []struct{ workers, rate, want int }{{0, 0, 64}, {8, 0, 8}, {0, 50, 64}, {0, 2, 6}, {8, 2, 6}, {8, 50, 8}} {
		s := &Sender{Workers: c.workers, TenantRate: c.rate}
		if got := s.workers(); got != c.want {
			t.Errorf("%d workers at %d a second: %d", c.workers, c.rate, got)
		}
	}
}

func TestAHostThatHangsHasAQuarterOfTheWorkers(t *testing.T) {
	s := &Sender{Workers: 8}
	s.ready()
	for range 2 {
		s.hosts.enter("slow.example")
	}
	s.hosts.enter("fast.example")
	if busy := s.hosts.busy(); !slices.Equal(busy, []string{"slow.example"}) {
		t.Errorf("busy %v", busy)
	}
	s.hosts.leave("slow.example")
	if busy := s.hosts.busy(); len(busy) > 0 {
		t.Errorf("busy %v", busy)
	}
	for host, want := range map[string]string{"https://smba.example/emea/": "smba.example", "http://127.0.0.1:80/x": "127.0.0.1:80", "://": "", "": ""} {
		if got := hostOf(host); got != want {
			t.Errorf("%s: %q", host, got)
		}
	}
}
