package notify

import (
	"context"
	"errors"
	"sync"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// memberships remembers for a while who reads along where. It is only about
// telling somebody twice, so every replica has its own.
type memberships struct {
	mu    sync.Mutex
	known map[[2]string]membership
}

type membership struct {
	in bool
	at time.Time
}

const (
	// memberFor is how long an answer about a member is believed.
	memberFor = 10 * time.Minute
	// lookupLimit bounds one question to Teams.
	lookupLimit = 3 * time.Second
	// membersKept bounds the memory; beyond it everything is asked anew.
	membersKept = 10_000
)

func (m *memberships) get(key [2]string, now time.Time) (in, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.known[key]
	return found.in, ok && now.Sub(found.at).Abs() < memberFor
}

func (m *memberships) put(key [2]string, in bool, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= membersKept {
		m.known = map[[2]string]membership{}
	}
	m.known[key] = membership{in, now}
}

// readsAlong says whether somebody is in the conversation that the ticket came
// from, so that a line there reaches them. The requester spoke there. When it
// cannot be found out they count as absent: told twice is better than not.
func (l *Renderer) readsAlong(ctx context.Context, t request.Ticket, who request.Person) bool {
	if who.Is(t.Requester) {
		return true
	}
	if t.Home.Personal || t.Home.Conversation == "" {
		return false
	}
	now := l.now()
	key := [2]string{outbox.Channel(t.Home.Conversation), who.ID}
	if in, known := l.members.get(key, now); known {
		return in
	}
	home, err := l.Store.Conversation(ctx, t.Home.Conversation)
	if err != nil || home.Reach != outbox.Reachable {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	if l.Pace != nil && l.Pace(ctx, home.Tenant) != nil {
		return false
	}
	_, err = l.Teams.Member(ctx, home.Ref(), who.ID)
	missing := (*teams.Error)(nil)
	if err != nil && !(errors.As(err, &missing) && missing.MemberMissing()) {
		return false
	}
	l.members.put(key, err == nil, now)
	return err == nil
}

// fewReadAlong says whether a conversation has so few members that everybody gets
// a view of a card of their own. Where that cannot be found out it has more.
func (l *Renderer) fewReadAlong(ctx context.Context, place outbox.Conversation) bool {
	now := l.now()
	key := [2]string{outbox.Channel(place.ID), "few"}
	if few, known := l.members.get(key, now); known {
		return few
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	if l.Pace != nil && l.Pace(ctx, place.Tenant) != nil {
		return false
	}
	page, more, err := l.Teams.Members(ctx, place.Ref(), "")
	if err != nil {
		return false
	}
	few := more == "" && len(page) <= cards.MaxRefresh
	l.members.put(key, few, now)
	return few
}

// readers remembers for some seconds in which words people read. Somebody who has just
// chosen another language hears in the old one for no longer than that.
type readers struct {
	mu    sync.Mutex
	known map[string]reader
}

type reader struct {
	language, zone string
	at             time.Time
}

// readerFor is how long the words of a person are believed.
const readerFor = 5 * time.Second

// reader gives a person's own language and zone.
func (l *Renderer) reader(ctx context.Context, personID string) (language, zone string, err error) {
	now := l.now()
	l.readers.mu.Lock()
	found, ok := l.readers.known[personID]
	l.readers.mu.Unlock()
	if ok && now.Sub(found.at).Abs() < readerFor {
		return found.language, found.zone, nil
	}
	if language, zone, err = l.Store.Reader(ctx, personID); err != nil {
		return "", "", err
	}
	l.readers.mu.Lock()
	defer l.readers.mu.Unlock()
	if l.readers.known == nil || len(l.readers.known) >= membersKept {
		l.readers.known = map[string]reader{}
	}
	l.readers.known[personID] = reader{language, zone, now}
	return language, zone, nil
}
