package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// silence is how long the bot must send nothing until its work counts as done.
const silence = 700 * time.Millisecond

// measure starts a candidate, lets the users loose on it, and stops it.
func (b *bench) measure(ctx context.Context, c *candidate, users int) (m measured, err error) {
	commits, statements := c.database.done(ctx)
	p, err := launch(ctx, c.command())
	if err != nil {
		return m, err
	}
	running := true
	defer func() {
		if running {
			err = errors.Join(err, p.stop())
		}
	}()
	all, err := b.connect(c, p, users)
	if err != nil {
		return m, err
	}
	if err := b.greet(all[0]); err != nil {
		return m, fmt.Errorf("the first turn: %w", err)
	}
	m.first = time.Since(p.began)
	m.life = 1
	all[0].turns = nil

	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	m.window = seconds(b.seconds)
	begin := time.Now().Add(seconds(b.warm))
	end := begin.Add(m.window)
	var talking sync.WaitGroup
	for _, u := range all {
		talking.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				if err := c.talk(u); err != nil {
					u.fail(err)
				}
			}
		})
	}
	own, server, load := time.Duration(0), time.Duration(0), time.Duration(0)
	sent := int64(0)
	select {
	case <-time.After(time.Until(begin)):
		own, server, load, sent = cpuOf(p.cmd.Process.Pid), c.database.cpu(), cpuOf(os.Getpid()), b.teams.sent.Load()
	case <-ctx.Done():
	}
	talking.Wait()
	if ctx.Err() != nil {
		return m, ctx.Err()
	}
	m.loadCPU = used(load, cpuOf(os.Getpid()))
	if c.bot {
		ended := time.Now()
		m.drained = max(0, b.teams.quiet(ctx, silence).Sub(ended))
	}
	m.ownCPU, m.dbCPU = used(own, cpuOf(p.cmd.Process.Pid)), used(server, c.database.cpu())
	m.sent = int(b.teams.sent.Load() - sent)
	m.peak = p.peak()
	running = false
	if err := p.stop(); err != nil {
		return m, err
	}
	m.commits, m.statements = c.database.done(ctx)
	m.commits, m.statements = m.commits-commits, m.statements-statements
	b.count(&m, all, begin, end)
	return m, nil
}

// count takes together what the users saw.
func (b *bench) count(m *measured, all []*user, begin, end time.Time) {
	asked := 0
	for _, u := range all {
		m.errors += u.fails
		m.life += len(u.turns)
		m.forms = append(m.forms, u.forms...)
		for _, t := range u.turns {
			if t.ended.Before(begin) {
				continue
			}
			m.worked++
			m.answered += t.bytes
			asked += t.asked
			if t.ended.Before(end) {
				m.turns++
				m.latencies = append(m.latencies, t.took)
			}
		}
	}
	m.latencies, m.forms = sorted(m.latencies), sorted(m.forms)
	if b.request == nil && m.worked > 0 { // of the bot, who comes first
		b.request = bytes.Repeat([]byte{' '}, asked/m.worked)
	}
}

// connect makes the users of a candidate, each with a connection of their own.
func (b *bench) connect(c *candidate, p *process, n int) ([]*user, error) {
	all := make([]*user, n)
	for i := range all {
		token, err := b.teams.token()
		if err != nil {
			return nil, err
		}
		all[i] = &user{bench: b, candidate: c, address: p.address, token: token}
	}
	return all, nil
}

// meet lets the bot get to know everybody, as it does once in their life.
func (b *bench) meet(ctx context.Context, c *candidate) (err error) {
	p, err := launch(ctx, c.command())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	const visitors = 8
	all, err := b.connect(c, p, visitors)
	if err != nil {
		return err
	}
	next := atomic.Int64{}
	failed := make([]error, visitors)
	var meeting sync.WaitGroup
	for i, u := range all {
		meeting.Go(func() {
			for at := next.Add(1) - 1; at < int64(len(b.teams.people)) && failed[i] == nil && ctx.Err() == nil; at = next.Add(1) - 1 {
				failed[i] = u.say(b.teams.people[at], "list")
			}
		})
	}
	meeting.Wait()
	b.teams.quiet(ctx, silence)
	return errors.Join(append(failed, ctx.Err())...)
}

// greet is the first turn after a start.
func (b *bench) greet(u *user) error {
	if !u.candidate.bot {
		_, err := u.turn(b.request)
		return err
	}
	p := <-b.people
	defer func() { b.people <- p }()
	return u.say(p, "list")
}

// fail counts an error; the first ones of a user are shown.
func (u *user) fail(err error) {
	if u.fails++; u.fails <= 3 {
		fmt.Fprintf(os.Stderr, "%s: %v\n", u.candidate.name, err)
	}
}

// converse is one conversation of whoever has been silent the longest.
func (b *bench) converse(u *user) error {
	p := <-b.people
	defer func() { b.people <- p }()
	n := rand.N(b.customers)
	title := fmt.Sprintf("Machines do not start %s", b.teams.nextID())
	err := u.conversation(p, domainOf(n), subscriptionOf(n), title, func(answered bool) { b.filings.note(u.candidate.name, title, answered) })
	if err == nil {
		return nil
	}
	// What was begun must not meet the next conversation in this chat. It may fail
	// like what came before.
	_ = u.say(p, "/cancel")
	return err
}

// sample is a real answer of the bot, so that the limit stores and answers what
// compresses alike.
type sample struct {
	mu   sync.Mutex
	body []byte
}

func (s *sample) keep(answer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(answer) > len(s.body) {
		s.body = answer
	}
}

// cut is so much of it, again and again where it is short.
func (s *sample) cut(size float64) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.body) == 0 {
		return bytes.Repeat([]byte("{}"), int(size)/2)
	}
	times := int(size)/len(s.body) + 1
	return bytes.Repeat(s.body, times)[:int(size)]
}
