package bot_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/ticket"
)

// memory keeps everything in maps, by the letter of bot.Keeper. What the real
// store does with the same rules is its own contract test.
type memory struct {
	mu            sync.Mutex
	away          bool
	turns         map[string]*keptTurn
	conversations map[string]bot.Conversation
	marks         map[string]string
	greeted       map[string]bool
	members       map[string]bot.Member
	settings      map[string]bot.Settings
	left          []ticket.Notice
}

type keptTurn struct {
	bot.Delivery
	ended  time.Time
	answer bot.StoredAnswer
}

func newMemory() *memory {
	return &memory{
		turns: map[string]*keptTurn{}, conversations: map[string]bot.Conversation{}, marks: map[string]string{},
		greeted: map[string]bool{}, members: map[string]bot.Member{}, settings: map[string]bot.Settings{},
	}
}

var errAway = errors.New("connection refused")

// lock is the beginning of every method: nothing can be asked of a database
// that is away.
func (m *memory) lock() (func(), error) {
	m.mu.Lock()
	if m.away {
		m.mu.Unlock()
		return func() {}, errAway
	}
	return m.mu.Unlock, nil
}

func (m *memory) Ping(context.Context) error {
	unlock, err := m.lock()
	defer unlock()
	return err
}

func (m *memory) ClaimTurn(_ context.Context, d bot.Delivery) (bot.Claim, error) {
	unlock, err := m.lock()
	defer unlock()
	if err != nil {
		return bot.Claim{}, err
	}
	for _, t := range m.turns {
		slow := t.ended.Sub(t.At) > bot.SlowTurn && d.At.Sub(t.ended) < bot.RepeatedWithin
		if d.Said != "" && t.Said == d.Said && t.Person == d.Person && t.Conversation == d.Conversation && !t.ended.IsZero() && slow {
			return bot.Claim{State: bot.ClaimDone, Answer: t.answer}, nil
		}
	}
	key := d.Conversation + "\x00" + d.Activity
	switch t := m.turns[key]; {
	case t == nil, t.ended.IsZero() && d.At.Sub(t.At) > bot.ClaimLease, !t.ended.IsZero() && d.At.Sub(t.ended) > bot.TurnKept:
		m.turns[key] = &keptTurn{Delivery: d}
		return bot.Claim{State: bot.ClaimTaken}, nil
	case t.ended.IsZero():
		return bot.Claim{State: bot.ClaimRunning}, nil
	default:
		return bot.Claim{State: bot.ClaimDone, Answer: t.answer}, nil
	}
}

func (m *memory) FinishTurn(_ context.Context, d bot.Delivery, a bot.StoredAnswer, at time.Time) error {
	unlock, err := m.lock()
	defer unlock()
	if t := m.turns[d.Conversation+"\x00"+d.Activity]; t != nil {
		t.answer, t.ended = a, at
	}
	return err
}

func (m *memory) ReleaseTurn(_ context.Context, d bot.Delivery) error {
	unlock, err := m.lock()
	defer unlock()
	delete(m.turns, d.Conversation+"\x00"+d.Activity)
	return err
}

func (m *memory) Remember(_ context.Context, c bot.Conversation) error {
	unlock, err := m.lock()
	defer unlock()
	if err == nil {
		m.remember(c)
	}
	return err
}

func (m *memory) remember(c bot.Conversation) {
	m.conversations[c.ID] = c
	delete(m.marks, c.ID)
	if c.Person != "" {
		s := m.settings[c.Person]
		s.Personal = c.ID
		m.settings[c.Person] = s
	}
}

func (m *memory) Greet(_ context.Context, c bot.Conversation) (bool, error) {
	unlock, err := m.lock()
	defer unlock()
	if err != nil {
		return false, err
	}
	m.remember(c)
	first := !m.greeted[c.ID]
	m.greeted[c.ID] = true
	return first, nil
}

func (m *memory) Forget(_ context.Context, id string, _ time.Time) error {
	unlock, err := m.lock()
	defer unlock()
	for _, known := range slices.Collect(maps.Keys(m.conversations)) {
		if known == id || strings.HasPrefix(known, id+";") {
			m.marks[known] = "removed"
			delete(m.greeted, known)
		}
	}
	return err
}

func (m *memory) MarkUnreachable(_ context.Context, id, code string, _ time.Time) error {
	unlock, err := m.lock()
	defer unlock()
	m.marks[id] = code
	return err
}

func (m *memory) Member(_ context.Context, tenant, id string) (bot.Member, error) {
	unlock, err := m.lock()
	defer unlock()
	if err != nil {
		return bot.Member{}, err
	}
	if found, ok := m.members[tenant+" "+id]; ok {
		return found, nil
	}
	return bot.Member{}, bot.ErrUnknown
}

func (m *memory) KeepMember(_ context.Context, tenant string, who bot.Member) error {
	unlock, err := m.lock()
	defer unlock()
	m.members[tenant+" "+who.ID] = who
	return err
}

func (m *memory) Settings(_ context.Context, person string) (bot.Settings, error) {
	unlock, err := m.lock()
	defer unlock()
	return m.settings[person], err
}

func (m *memory) SaveSettings(_ context.Context, person string, s bot.Settings) error {
	unlock, err := m.lock()
	defer unlock()
	kept := m.settings[person]
	for _, f := range []struct {
		to   *string
		from string
	}{{&kept.Language, s.Language}, {&kept.Zone, s.Zone}, {&kept.Personal, s.Personal}} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	m.settings[person] = kept
	return err
}

func (m *memory) leave(_ context.Context, n ticket.Notice) error {
	unlock, err := m.lock()
	defer unlock()
	if err == nil {
		m.left = append(m.left, n)
	}
	return err
}

func (m *memory) mark(id string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.marks[id]
}

func (m *memory) notices() []ticket.Notice {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.left)
}

func (m *memory) setAway(away bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = away
}
