package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// mortal is a process that is killed at one of its steps: a step lies before and
// after each thing that it asks of the database or of Teams. Once dead it does
// nothing any more.
type mortal struct {
	mu   sync.Mutex
	left int
	dead bool
	// sending is how many messages Teams has that the database does not know of.
	sending int
	doubled int
	// inTheMiddle is closed once it has sent something, or is dead.
	inTheMiddle chan struct{}
	once        sync.Once
}

func (m *mortal) started() { m.once.Do(func() { close(m.inTheMiddle) }) }

var errKilled = errors.New("killed")

func (m *mortal) step() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errKilled
	}
	if m.left--; m.left == 0 {
		m.dead, m.doubled = true, m.sending
		m.started()
		return errKilled
	}
	return nil
}

// sent counts a message that Teams has, until the database knows of it.
func (m *mortal) sent(n int) {
	m.started()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sending = max(0, m.sending+n)
	if m.dead { // it was on its way when the others were killed
		m.doubled = max(m.doubled, m.doubled+n)
	}
}

func (m *mortal) around(work func() error) error {
	if err := m.step(); err != nil {
		return err
	}
	if err := work(); err != nil {
		return err
	}
	return m.step()
}

type mortalStore struct {
	database
	m *mortal
}

func (s mortalStore) Claim(ctx context.Context, now time.Time, n int, worst outbox.Rank, busy []string) (leases []outbox.Lease, err error) {
	err = s.m.around(func() (err error) { leases, err = s.database.Claim(ctx, now, n, worst, busy); return })
	return leases, err
}

// Finish says after the first try of a dead process that it is over: it tries for as
// long as it lives.
func (s mortalStore) Finish(ctx context.Context, now time.Time, ended []*outbox.Ended) (next []*outbox.Lease, more []outbox.Lease, err error) {
	err = s.m.around(func() (err error) {
		if next, more, err = s.database.Finish(ctx, now, ended); err == nil {
			for _, e := range ended {
				s.m.sent(-min(len(e.Done), 1))
			}
		}
		return err
	})
	if errors.Is(err, errKilled) {
		return make([]*outbox.Lease, len(ended)), nil, nil
	}
	return next, more, err
}

func (s mortalStore) Pace(ctx context.Context, tenant string, span time.Duration) (wait time.Duration, err error) {
	err = s.m.around(func() (err error) { wait, err = s.database.Pace(ctx, tenant, span); return })
	return wait, err
}

func (s mortalStore) NextDue(ctx context.Context) (at time.Time, err error) {
	err = s.m.around(func() (err error) { at, err = s.database.NextDue(ctx); return })
	return at, err
}

func (s mortalStore) InTx(ctx context.Context, work func(request.Tx) error) error {
	return s.m.around(func() error {
		return s.database.InTx(ctx, func(tx request.Tx) error {
			if err := work(tx); err != nil {
				return err
			}
			return s.m.step() // killed before the commit
		})
	})
}

type mortalTeams struct {
	outbox.Connector
	m *mortal
}

func (c mortalTeams) Create(ctx context.Context, url string, p teams.ConversationParameters) (r teams.ConversationResource, err error) {
	err = c.m.around(func() (err error) {
		if r, err = c.Connector.Create(ctx, url, p); err == nil && p.ChannelID != "" {
			c.m.sent(1)
		}
		return err
	})
	return r, err
}

func (c mortalTeams) Send(ctx context.Context, ref teams.Ref, body json.RawMessage, targeted bool) (id string, err error) {
	err = c.m.around(func() (err error) {
		if id, err = c.Connector.Send(ctx, ref, body, targeted); err == nil {
			c.m.sent(1)
		}
		return err
	})
	return id, err
}

func (c mortalTeams) Update(ctx context.Context, ref teams.Ref, id string, body json.RawMessage, targeted bool) error {
	return c.m.around(func() error { return c.Connector.Update(ctx, ref, id, body, targeted) })
}

// kill makes a replica one that dies at the step.
func (r *replica) kill(s database, step int) *mortal {
	m := &mortal{left: step, inTheMiddle: make(chan struct{})}
	dying := mortalStore{s, m}
	r.sweeper.Store, r.renderer.Store, r.sender.Store = dying, dying, dying
	r.sender.Teams = mortalTeams{r.sender.Teams, m}
	return m
}

// TestAKillAtAnyStepLosesAndDoublesNothing kills a replica at its first step, its
// second, and so on, until it survives; another one goes on each time.
func TestAKillAtAnyStepLosesAndDoublesNothing(t *testing.T) {
	everyStep := func(t *testing.T, open func() *store.Store) {
		for step := 1; ; step++ {
			survived := false
			t.Run(fmt.Sprintf("step %d", step), func(t *testing.T) { survived = killAt(newDesk(t, open()), step) })
			if survived {
				if step < 20 {
					t.Errorf("a whole run has %d steps only", step)
				}
				return
			}
			if t.Failed() || step > 500 {
				t.FailNow()
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		everyStep(t, func() *store.Store { return storetest.Open(t, storetest.SQLite(t)) })
	})
}

func killAt(d *desk, step int) (survived bool) {
	d.Helper()
	bob := d.person("Bob")
	d.teams.InstallFor(d.teams.Person("Bob"))
	opened := d.open(assignedTo(bob))
	d.move(time.Hour)
	victim, other := d.replicas[0], d.addReplica(d.store)
	m := victim.kill(d.store, step)

	d.replicas = []*replica{victim}
	for range 3 { // until it has nothing left to do, or is dead
		if _, err := victim.sweeper.Sweep(d.Context()); err != nil && !errors.Is(err, errKilled) {
			d.Fatal(err)
		}
		victim.sender.Serve(d.Context())
		d.move(time.Second)
	}
	d.replicas = []*replica{other}
	d.letLeasesDie()
	d.settle()

	want := map[string]int{d.chat("Bob"): 1, opened.Home.Conversation: 2}
	for place, n := range want {
		got := len(d.in(place, "SR-1"))
		if got < n || got > n+m.doubled {
			d.Errorf("killed at step %d: %d messages in %s, want %d, %d of them may be double\n%s", step, got, place, n, m.doubled, d.events())
		}
	}
	if got := d.history(opened.Number); fmt.Sprint(got) != "[warned breached]" && fmt.Sprint(got) != "[breached]" {
		d.Errorf("killed at step %d: history %v", step, got)
	}
	return !m.dead
}

// letLeasesDie looks at what the dead have left for as long as it takes to die.
func (d *desk) letLeasesDie() {
	d.Helper()
	for _, r := range d.replicas {
		r.sender.Serve(d.Context())
	}
	d.move(time.Minute)
}

// TestOneOfTwoReplicasIsKilled lets two replicas run at the same time, on a clock
// that is five times as fast as ours, and kills one of them in the middle. The other
// begins when that one has its hands full: it might leave it nothing to do.
func TestOneOfTwoReplicasIsKilled(t *testing.T) {
	tickets := 30
	if testing.Short() {
		tickets = 20
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s, teamstest.EnforceLimits())
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		start := d.Now()
		var opened []*request.Ticket
		for range tickets {
			opened = append(opened, d.open(assignedTo(bob), func(t *request.Ticket) {
				t.Home = request.Place{Conversation: d.teams.Conversation(teamstest.GroupChat).ID()}
				t.StartedAt = start
			}))
		}
		d.move(time.Hour)
		d.addReplica(d.store)
		m := d.replicas[0].kill(d.store, tickets/3+rand.N(tickets/2))
		stop := d.race(5, m.inTheMiddle)
		defer stop()
		for _, t := range opened {
			d.teams.WaitFor(func(e teamstest.Event) bool {
				return e.Conversation == t.Home.Conversation && e.Op == "send" && e.Message != nil && strings.HasSuffix(e.Message.Summary, "is late")
			})
		}
		stop()
		d.replicas = d.replicas[1:]
		d.letLeasesDie()
		d.settle()
		if !m.dead {
			t.Error("nobody was killed")
		}
		doubled := 0
		for _, o := range opened {
			doubled += len(d.in(o.Home.Conversation, o.Number.String()+" is late")) - 1
			if got := fmt.Sprint(d.history(o.Number)); got != "[breached]" {
				t.Errorf("%s: history %s", o.Number, got)
			}
		}
		if doubled > m.doubled {
			t.Errorf("%d messages are double, %d were on their way when one was killed", doubled, m.doubled)
		}
		if n := len(d.in(d.chat("Bob"), "late")); n == 0 {
			t.Error("the assignee heard nothing")
		}
		for _, v := range d.teams.Violations() {
			// On a clock that is five times as fast a pause of the machine breaks what
			// counts in a second or two; a test of the whole program keeps to those.
			if !strings.HasSuffix(v, " in 1s") && !strings.HasSuffix(v, " in 2s") {
				t.Errorf("limit passed: %s", v)
			}
		}
	})
}

// race runs all replicas on a clock that is that many times as fast as ours, those after
// the first from a time on, until stop is called.
func (d *desk) race(times int, others <-chan struct{}) (stop func()) {
	base, real := d.Now(), time.Now()
	now := func() time.Time { return base.Add(time.Since(real) * time.Duration(times)) }
	d.clock.source(now)
	ctx, cancel := context.WithCancel(d.Context())
	var running sync.WaitGroup
	for i, r := range d.replicas {
		r.sender.TenantRate = 0
		r.sender.Pause = func(ctx context.Context, wait time.Duration) error {
			timer := time.NewTimer(wait / time.Duration(times))
			defer timer.Stop()
			select {
			case <-timer.C:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		running.Go(func() {
			if i > 0 {
				select {
				case <-others:
				case <-ctx.Done():
				}
			}
			running.Go(func() { r.sender.Run(ctx) })
			r.sweeper.Run(ctx)
		})
	}
	return sync.OnceFunc(func() {
		cancel()
		running.Wait()
		d.clock.source(nil)
		for _, r := range d.replicas {
			r.sender.Pause = d.pause
		}
	})
}
