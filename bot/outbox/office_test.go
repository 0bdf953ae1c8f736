package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// clock stands still until somebody moves it. Waiting moves it on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

func (c *clock) pause(_ context.Context, d time.Duration) error {
	c.move(d)
	return nil
}

// office is a database and a Teams, with the replicas that send between them.
type office struct {
	testing.TB
	*clock
	url     string
	store   *store.Store
	teams   *teamstest.Teams
	senders []*outbox.Sender
	words   *plainWords
	counts  *counts
}

// everyOffice runs a test on each database.
func everyOffice(t *testing.T, test func(o *office)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) {
		o := &office{TB: t, url: url, clock: &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}, counts: &counts{}}
		o.store = o.open()
		o.words = &plainWords{}
		o.teams = teamstest.New(t, teamstest.WithClock(o.Now))
		o.addReplica(o.store)
		defer o.close()
		test(o)
		if v := o.teams.Violations(); len(v) > 0 {
			t.Errorf("limits passed: %v", v)
		}
	})
}

// close waits for what is still on its way: a sender must not outlive its test.
func (o *office) close() {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for _, s := range o.senders {
		s.Run(over)
	}
}

// open is the database as one more process sees it.
func (o *office) open() *store.Store {
	o.Helper()
	s := storetest.Open(o, o.url)
	s.Now = o.Now
	return s
}

func (o *office) addReplica(s outbox.Store) *outbox.Sender {
	sender := &outbox.Sender{
		Store: s, Renderer: o.words, Teams: o.teams.Connector(), BotID: teamstest.BotID, Tenant: teamstest.Tenant, ServiceURL: o.teams.ServiceURL(),
		TenantRate: 50, Now: o.Now, Pause: o.pause, Log: slog.New(slog.NewTextHandler(o.Output(), nil)), Meter: o.counts,
	}
	o.senders = append(o.senders, sender)
	return sender
}

// plainWords writes the text of a payload. Changes of one ticket it tells in one
// message, up to the newest that there is.
type plainWords struct {
	mu          sync.Mutex
	newest      int64  // event of the history
	during      func() // runs while a message is written
	fails       error
	unreachable []int64 // tickets of what could not be delivered to anybody there
	given       []int64 // and of what could not be delivered
	delivered   []int64
}

// said is the payload of a notice.
type said struct {
	Text     string        `json:"text"`
	Short    string        `json:"short,omitempty"`
	Handle   string        `json:"handle,omitempty"`
	Revision int           `json:"revision,omitempty"`
	Thread   bool          `json:"thread,omitempty"`
	Next     outbox.Target `json:"next,omitzero"`
}

const changeKind = "change"

func (w *plainWords) Render(_ context.Context, _ outbox.Conversation, waiting []outbox.Message) (outbox.Parcel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fails != nil {
		return outbox.Parcel{}, w.fails
	}
	first := waiting[0]
	var s said
	if err := json.Unmarshal(first.Payload, &s); err != nil {
		return outbox.Parcel{}, err
	}
	p := outbox.Parcel{Sent: waiting[:1], Handle: s.Handle, Revision: s.Revision, Thread: s.Thread, Over: first.Over}
	if first.Kind == changeKind {
		p.Told = []outbox.Told{{Kind: changeKind, Ticket: first.Ticket, To: first.To, Through: w.newest}}
	}
	if w.during != nil {
		w.during()
	}
	var err error
	if p.Body, err = encoded(s.Text); s.Short != "" && err == nil {
		p.Short, err = encoded(s.Short)
	}
	return p, err
}

func (w *plainWords) Undelivered(_ context.Context, _ outbox.Conversation, messages []outbox.Message, unreachable bool) ([]outbox.Message, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var moved []outbox.Message
	for _, m := range messages {
		w.given = append(w.given, m.Ticket)
		if unreachable {
			w.unreachable = append(w.unreachable, m.Ticket)
		}
		var s said
		if err := json.Unmarshal(m.Payload, &s); err != nil {
			return nil, err
		}
		if s.Next != (outbox.Target{}) {
			m.ID, m.To, m.Queue, m.Attempts = 0, s.Next, s.Next.Queue(), 0
			moved = append(moved, m)
		}
	}
	return moved, nil
}

func (w *plainWords) Delivered(_ context.Context, messages []outbox.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range messages {
		w.delivered = append(w.delivered, m.Ticket)
	}
}

// counts is a meter.
type counts struct {
	mu        sync.Mutex
	delivered int
	lost      int
	longest   time.Duration
}

func (c *counts) Delivered(_ string, waited time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delivered++
	c.longest = max(c.longest, waited)
}

func (c *counts) Lost(string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost++
}

func encoded(text string) (json.RawMessage, error) {
	return teams.Message{Text: text, TextFormat: teams.Plain}.Encode()
}

func (o *office) body(text string) json.RawMessage {
	o.Helper()
	body, err := encoded(text)
	if err != nil {
		o.Fatal(err)
	}
	return body
}

// answer is a message with a body, of use for ten minutes.
func (o *office) answer(conversation, text string) outbox.Message {
	o.Helper()
	return outbox.Message{
		To: outbox.Target{Conversation: conversation}, Rank: outbox.Answer, Kind: outbox.AnswerKind, Body: o.body(text),
		Created: o.Now(), Expires: o.Now().Add(10 * time.Minute),
	}
}

// notice is a message that is written when it is sent.
func (o *office) notice(to outbox.Target, about int64, s said) outbox.Message {
	o.Helper()
	payload, err := json.Marshal(s)
	if err != nil {
		o.Fatal(err)
	}
	return outbox.Message{To: to, Rank: outbox.Ordinary, Kind: "card", Ticket: about, Handle: s.Handle, Payload: payload, Created: o.Now()}
}

func at(conversation string) outbox.Target { return outbox.Target{Conversation: conversation} }

func (o *office) to(name string) outbox.Target {
	p := o.teams.Person(name)
	return outbox.Target{Person: p.ObjectID, Account: p.ID, Tenant: p.TenantID}
}

// leave leaves messages to whoever sends first.
func (o *office) leave(messages ...outbox.Message) {
	o.Helper()
	o.tx(func(tx bot.Tx) error {
		for _, m := range messages {
			tx.Post(m)
		}
		return nil
	})
}

func (o *office) tx(work func(tx bot.Tx) error) {
	o.Helper()
	if err := o.store.InTx(o.Context(), func(tx request.Tx) error { return work(tx.(bot.Tx)) }); err != nil {
		o.Fatal(err)
	}
}

// turn leaves messages as a turn does: this process may send them at once.
func (o *office) turn(s *store.Store, messages ...outbox.Message) []outbox.Lease {
	o.Helper()
	leases, err := s.Turn(o.Context(), bot.Session{}, bot.Delivery{}, func(_ context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
		for _, m := range messages {
			tx.Post(m)
		}
		return bot.StoredAnswer{}, nil
	})
	if err != nil {
		o.Fatal(err)
	}
	return leases
}

// settle sends until nothing waits, moving the clock on where queues rest. It fails
// after two days on the clock.
func (o *office) settle() {
	o.Helper()
	o.within(48 * time.Hour)
}

func (o *office) within(limit time.Duration) {
	o.Helper()
	for end := o.Now().Add(limit); o.Now().Before(end); {
		for _, s := range o.senders {
			s.Serve(o.Context())
		}
		next, err := o.store.NextReady(o.Context())
		if err != nil {
			o.Fatal(err)
		}
		if next.IsZero() {
			return
		}
		o.move(min(max(next.Sub(o.Now()), 0), end.Sub(o.Now())))
	}
}

// texts are the messages that a conversation shows, oldest first.
func (o *office) texts(conversation string) []string {
	var all []string
	for _, m := range o.teams.Messages(conversation) {
		all = append(all, m.Text)
	}
	return all
}

func (o *office) expect(conversation string, want ...string) {
	o.Helper()
	if got := o.texts(conversation); !slices.Equal(got, want) {
		o.Errorf("%s shows %q, want %q\n%s", conversation, got, want, o.events())
	}
}

func (o *office) events() string {
	var b strings.Builder
	for _, e := range o.teams.Events() {
		fmt.Fprintf(&b, "  %s %s\n", e.At.Format("15:04:05.000"), e)
	}
	return b.String()
}

// requests counts what Teams was asked for.
func (o *office) requests(ops ...string) int { return len(o.teams.Events(ops...)) }

func (o *office) group() string { return o.teams.Conversation(teamstest.GroupChat).ID() }

func (o *office) remember(c outbox.Conversation) {
	o.Helper()
	if c.ServiceURL == "" {
		c.ServiceURL = o.teams.ServiceURL()
	}
	if c.Tenant == "" {
		c.Tenant = teamstest.Tenant
	}
	o.tx(func(tx bot.Tx) error { return tx.Remember(o.Context(), c) })
}

func (o *office) reach(conversation string) outbox.Reach {
	o.Helper()
	c, err := o.store.Conversation(o.Context(), conversation)
	if err != nil && !errors.Is(err, outbox.ErrNoConversation) {
		o.Fatal(err)
	}
	return c.Reach
}

func (o *office) posted(handle string) outbox.Posted {
	o.Helper()
	p, _, err := o.store.Posted(o.Context(), handle)
	if err != nil {
		o.Fatal(err)
	}
	return p
}

// ref is the address of a conversation as a turn knows it.
func (o *office) ref(conversation string) *teams.Ref {
	return &teams.Ref{ServiceURL: o.teams.ServiceURL(), ConversationID: conversation, TenantID: teamstest.Tenant, BotID: teamstest.BotID}
}
