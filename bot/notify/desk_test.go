package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/notify"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// clock stands still until somebody moves it. Waiting moves it on.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	runs func() time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.runs != nil {
		c.now = c.runs()
	}
	return c.now
}

// source lets the clock run; nil stops it where it is.
func (c *clock) source(runs func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs = runs
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

// desk is a support desk in a test: a database, a Teams, and the replicas that
// look after both.
type desk struct {
	testing.TB
	*clock
	teams    *teamstest.Teams
	store    *store.Store
	desk     storetest.Desk
	replicas []*replica
	channel  *teamstest.Conversation
}

// replica is one process of the bot.
type replica struct {
	sweeper  *notify.Sweeper
	renderer *notify.Renderer
	sender   *outbox.Sender
}

// database is what a replica sees of the store.
type database interface {
	notify.Store
	outbox.Store
}

// policyText has short, round times: due after an hour, a warning at half of it.
const policyText = `
clocks:
  response:
    targets: {A: 1h, B: 2h, C: 4h, noncritical: 1bd}
    warn: [50%]
    repeat: 10m
    repeats: 3
  handoff: {targets: {}}
escalate:
  - {after: 0s, to: [assignee, thread]}
  - {after: 30m, to: [leads]}
  - {after: 1h, to: [escalation]}
`

// everyDesk runs a test on each database.
func everyDesk(t *testing.T, test func(d *desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(newDesk(t, s)) })
}

func newDesk(tb testing.TB, s *store.Store, options ...teamstest.Option) *desk {
	tb.Helper()
	d := &desk{TB: tb, store: s, clock: &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}}
	s.Now = d.Now
	d.teams = teamstest.New(tb, append([]teamstest.Option{teamstest.WithClock(d.Now)}, options...)...)
	d.channel = d.teams.Conversation(teamstest.Channel)
	d.desk = storetest.Desk{Desk: newTicketDesk(tb, d.Now, policyText), Store: s}
	lead := d.teams.Lead()
	d.teams.InstallFor(lead)
	d.desk.Leads = func() request.Leads { return request.Leads{lead.ObjectID} }
	d.desk.DeskConversation = d.teams.Conversation(teamstest.Channel).ChannelID()
	d.desk.EscalationConversation = d.teams.Conversation(teamstest.GroupChat).ID()
	d.addReplica(s)
	return d
}

func newTicketDesk(tb testing.TB, now func() time.Time, text string) *request.Desk {
	tb.Helper()
	policy, err := sla.Parse("test.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return &request.Desk{Policy: policy, OwnTenant: teamstest.Tenant, Tenants: []string{teamstest.Tenant}, Now: now}
}

// addReplica starts one more process on the same database, as it sees it.
func (d *desk) addReplica(s database) *replica {
	log := slog.New(slog.NewTextHandler(d.Output(), nil))
	connector := d.teams.Connector()
	r := &replica{
		sweeper:  &notify.Sweeper{Store: s, Desk: d.desk.Desk, Now: d.Now, Log: log},
		renderer: &notify.Renderer{Store: s, Desk: d.desk.Desk, Teams: connector, Now: d.Now, Log: log},
	}
	r.sender = &outbox.Sender{
		Store: s, Renderer: r.renderer, Teams: connector, BotID: teamstest.BotID, Tenant: teamstest.Tenant, ServiceURL: d.teams.ServiceURL(),
		TenantRate: 50, Now: d.Now, Pause: d.pause, Log: log,
	}
	r.renderer.Pace = r.sender.Pace
	d.replicas = append(d.replicas, r)
	return r
}

// person is somebody of the fake Teams as the desk knows them.
func (d *desk) person(name string) request.Person {
	d.Helper()
	p := d.teams.Person(name)
	return request.Person{ID: p.ObjectID, TeamsID: p.ID, Tenant: p.TenantID, Name: p.Name}
}

// open keeps a ticket of severity A that Alice filed in a thread of the channel;
// changes alter it before.
func (d *desk) open(changes ...func(*request.Ticket)) *request.Ticket {
	d.Helper()
	alice := d.person("Alice")
	d.channel.Add(d.teams.Person("Alice"))
	d.teams.InstallFor(d.teams.Person("Alice"))
	now := d.Now()
	t := &request.Ticket{
		Revision: 1, Status: request.Open, Form: fmt.Sprintf("form-%d-%d", now.UnixNano(), formCounter.next()),
		Customer: customer.Customer{TenantID: "c0ffee00-0000-4000-8000-000000000001", Name: "Contoso", Zone: "Europe/Berlin", Calendar: "de"},
		Platform: customer.Azure, Kind: request.Technical, Severity: request.SeverityA, Language: "en",
		Title: "VMs do not start", Description: "West Europe, since 8:40", Requester: alice, UILanguage: "en", Zone: "Europe/Berlin",
		OpenedAt: now, StartedAt: now, UpdatedAt: now,
	}
	for _, change := range changes {
		change(t)
	}
	shown := "" // the form's message
	if t.Home.Conversation == "" {
		t.Home.Conversation, shown = d.post(d.channel.ChannelID())
	}
	t.PolicyID = d.desk.Policy.ID()
	t.Response = d.desk.Policy.Start(sla.ClockResponse, t.Terms(), t.StartedAt)
	t.Handoff = d.desk.Policy.Start(sla.ClockHandoff, t.Terms(), t.OpenedAt)
	t.Plan(d.desk.Policy)
	d.tx(func(tx request.Tx) error {
		if err := tx.InsertTicket(d.Context(), t); err != nil || shown == "" {
			return err
		}
		return tx.(bot.Tx).Posted(d.Context(), outbox.Posted{Handle: request.Handle(t.Form), Conversation: t.Home.Conversation, Activity: shown})
	})
	return t
}

var formCounter counter

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

// thread is a new thread of the channel, with a message of the bot in it.
func (d *desk) thread() request.Place {
	d.Helper()
	id, _ := d.post(d.channel.ChannelID())
	return request.Place{Conversation: id}
}

func (d *desk) post(conversation string) (id, activity string) {
	d.Helper()
	place := outbox.Conversation{ID: conversation, Kind: kindOf(conversation), Tenant: teamstest.Tenant, ServiceURL: d.teams.ServiceURL(), BotID: teamstest.BotID, Seen: d.Now()}
	made, err := d.teams.Connector().Send(d.Context(), place.Ref(), d.text("the form"), false)
	if err != nil {
		d.Fatal(err)
	}
	d.move(5 * time.Second) // its place in the rates is not what is tested here
	for _, m := range d.teams.Messages(conversation) {
		if m.ID == made {
			id = m.Conversation
		}
	}
	place.ID = id
	d.remember(place)
	return id, made
}

// remember keeps a conversation, as a turn from there does.
func (d *desk) remember(place outbox.Conversation) {
	d.Helper()
	d.tx(func(tx request.Tx) error { return tx.(bot.Tx).Remember(d.Context(), place) })
}

func (d *desk) text(words string) json.RawMessage {
	d.Helper()
	body, err := teams.Message{Text: words, TextFormat: teams.Plain}.Encode()
	if err != nil {
		d.Fatal(err)
	}
	return body
}

func (d *desk) tx(work func(tx request.Tx) error) {
	d.Helper()
	if err := d.store.InTx(d.Context(), work); err != nil {
		d.Fatal(err)
	}
}

// sweep lets every replica fire what is due.
func (d *desk) sweep() {
	d.Helper()
	for _, r := range d.replicas {
		if _, err := r.sweeper.Sweep(d.Context()); err != nil {
			d.Fatal(err)
		}
	}
}

// settle sweeps and delivers until nothing waits, moving the clock on where the
// queues rest. It fails after a day on the clock.
func (d *desk) settle() {
	d.Helper()
	d.sweep()
	d.deliverWithin(24 * time.Hour)
}

func (d *desk) deliverWithin(limit time.Duration) {
	d.Helper()
	end := d.Now().Add(limit)
	for d.Now().Before(end) {
		served := 0
		for _, r := range d.replicas {
			served += r.sender.Serve(d.Context())
		}
		next, err := d.store.NextReady(d.Context())
		if err != nil {
			d.Fatal(err)
		}
		if next.IsZero() {
			return
		}
		if wait := next.Sub(d.Now()); wait > 0 {
			d.move(min(wait, end.Sub(d.Now())))
		} else if served == 0 {
			d.Fatalf("something is ready since %s, and nobody takes it", next)
		}
	}
}

// in gives the bot's messages in a conversation that hold every one of the words,
// in their text, summary or card.
func (d *desk) in(conversation string, words ...string) []teamstest.Message {
	d.Helper()
	var found []teamstest.Message
	for _, m := range d.teams.Messages(conversation) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(m.Text+" "+m.Summary+" "+string(m.Raw), word)
		}
		if all {
			found = append(found, m)
		}
	}
	return found
}

// expect is one message in a conversation, with these words.
func (d *desk) expect(conversation string, words ...string) teamstest.Message {
	d.Helper()
	found := d.in(conversation, words...)
	if len(found) != 1 {
		d.Fatalf("%d messages with %q in %s, want 1; all:\n%s", len(found), words, conversation, d.events())
	}
	return found[0]
}

func (d *desk) expectNone(conversation string, words ...string) {
	d.Helper()
	if found := d.in(conversation, words...); len(found) > 0 {
		d.Fatalf("%d messages with %q in %s, want none: %s", len(found), words, conversation, found[0].String())
	}
}

func (d *desk) events() string {
	var b strings.Builder
	for _, e := range d.teams.Events() {
		fmt.Fprintf(&b, "  %s %s\n", e.At.Format(time.TimeOnly), e)
	}
	return b.String()
}

// chat is the id of somebody's own chat with the bot.
func (d *desk) chat(name string) string { return d.teams.PersonalID(d.teams.Person(name)) }

// now reads a ticket as it is.
func (d *desk) ticket(n request.Number) *request.Ticket {
	d.Helper()
	t, err := d.store.Ticket(d.Context(), n)
	if err != nil {
		d.Fatal(err)
	}
	return t
}

// history gives what happened to a ticket, oldest first.
func (d *desk) history(n request.Number) []string {
	d.Helper()
	entries, err := d.store.History(d.Context(), n, 0, 100)
	if err != nil {
		d.Fatal(err)
	}
	all := make([]string, len(entries))
	for i, e := range entries {
		all[len(entries)-1-i] = e.What
	}
	return all
}

func assignedTo(p request.Person) func(*request.Ticket) {
	return func(t *request.Ticket) { t.Assignee = p }
}
