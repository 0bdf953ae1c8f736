package notify_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // for the rows that only take up room

	"onbehalf/bot/customer"
	"onbehalf/bot/notify"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// million gives the PostgreSQL benchmarks a million open tickets instead of a
// hundred thousand. It takes about two minutes to make them.
var million = flag.Bool("million", false, "1,000,000 open tickets on PostgreSQL")

const (
	ballastRows = 100_000
	dueTickets  = 1000
	// lead is the time for keeping the tickets before they fall due.
	lead = 20 * time.Second
)

// ballast fills the database with open tickets that are due far in the future:
// copies of the first one.
func ballast(b *testing.B, address string, n int) {
	b.Helper()
	driver, source, clone := "sqlite", strings.TrimPrefix(address, "sqlite:"), `with recursive n(i) as (select ? union all select i + 1 from n where i < ?) `
	if u, err := url.Parse(address); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		driver, source, clone = "pgx", address, `with n(i) as (select generate_series($1::bigint, $2::bigint)) `
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	far := time.Now().Add(1000 * time.Hour).UnixMilli()
	columns := columnsOf(b, db, driver)
	clone += `insert into tickets (number, form, next_due_at, ` + columns + `) select i, 'ballast-' || i, ` + fmt.Sprint(far) + ` + i, ` + columns + ` from tickets, n where number = 1`
	if _, err := db.Exec(clone, 2, n); err != nil {
		b.Fatal(err)
	}
	for _, statement := range []string{`update counters set value = ` + fmt.Sprint(n) + ` where name = 'ticket'`, `analyze`} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
}

// columnsOf gives the columns of a ticket that a copy takes as they are.
func columnsOf(b *testing.B, db *sql.DB, driver string) string {
	b.Helper()
	query := `select name from pragma_table_xinfo('tickets') where hidden = 0`
	if driver == "pgx" {
		query = `select column_name from information_schema.columns where table_name = 'tickets' and is_generated = 'NEVER'`
	}
	rows, err := db.Query(query)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			b.Fatal(err)
		}
		if !slices.Contains([]string{"number", "form", "next_due_at"}, name) {
			names = append(names, name)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return strings.Join(names, ", ")
}

// dueRecorder notes when the notices of each due ticket were committed.
type dueRecorder struct {
	notify.Store
	mu   sync.Mutex
	late []time.Duration
}

type dueTx struct {
	request.Tx
	due []time.Time
}

func (t *dueTx) DueTickets(ctx context.Context, now time.Time, limit int) ([]*request.Ticket, error) {
	tickets, err := t.Tx.DueTickets(ctx, now, limit)
	for _, found := range tickets {
		t.due = append(t.due, found.NextDueAt)
	}
	return tickets, err
}

func (r *dueRecorder) InTx(ctx context.Context, work func(request.Tx) error) error {
	var seen dueTx
	err := r.Store.InTx(ctx, func(tx request.Tx) error {
		seen = dueTx{Tx: tx}
		return work(&seen)
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, due := range seen.due {
		r.late = append(r.late, time.Since(due))
	}
	return nil
}

// quietPolicy has one milestone in one place: the breach, in the thread.
const quietPolicy = `
clocks:
  response: {targets: {A: 1h, B: 1h, C: 1h, noncritical: 1h}, warn: [], repeat: 1h, repeats: 0}
  handoff: {targets: {}}
escalate:
  - {after: 0s, to: [thread]}
`

// BenchmarkDue lets a thousand tickets of many fall due, at one instant and over
// ten seconds, and reports how late their notices were committed, and how late
// the fake Teams had the messages, without a rate for the tenant and with Teams'.
func BenchmarkDue(b *testing.B) {
	run := func(b *testing.B, address string, rows, replicas int) {
		s := storetest.Open(b, address)
		fake := teamstest.New(b)
		d := newTicketDesk(b, time.Now, quietPolicy)
		far := time.Now().Add(900 * time.Hour)
		insertDue(b, s, d, fake, 1, func(int) time.Time { return far })
		ballast(b, address, rows)
		for _, shape := range []struct {
			name   string
			spread time.Duration
			rate   int
		}{{"instant", 0, 0}, {"over 10s", 10 * time.Second, 0}, {"instant at 50 a second", 0, 50}} {
			b.Run(shape.name, func(b *testing.B) {
				for b.Loop() {
					measureDue(b, s, d, fake, replicas, shape.spread, shape.rate)
				}
			})
		}
	}
	b.Run("sqlite", func(b *testing.B) { run(b, storetest.SQLite(b), ballastRows, 1) })
	if os.Getenv(storetest.Variable) != "" {
		rows := ballastRows
		if *million {
			rows = 1_000_000
		}
		b.Run("postgres", func(b *testing.B) { run(b, storetest.Postgres(b), rows, 2) })
	}
}

// insertDue opens tickets in group chats of their own whose first milestone is at
// the instant given.
func insertDue(b *testing.B, s *store.Store, d *request.Desk, fake *teamstest.Teams, n int, due func(i int) time.Time) (homes map[string]time.Time) {
	b.Helper()
	homes = map[string]time.Time{}
	err := s.InTx(b.Context(), func(tx request.Tx) error {
		for i := range n {
			start := due(i).Add(-time.Hour)
			t := &request.Ticket{
				Revision: 1, Status: request.Open, Form: fmt.Sprint("bench-", formCounter.next()), PolicyID: d.Policy.ID(),
				Customer: customer.Customer{Name: "Contoso", Zone: "Europe/Berlin"}, Platform: customer.Azure, Kind: request.Technical,
				Severity: request.SeverityB, Language: "en", Title: "VMs do not start", Description: "West Europe, since 8:40",
				UILanguage: "en", Zone: "Europe/Berlin", OpenedAt: start, StartedAt: start, UpdatedAt: start,
				Home: request.Place{Conversation: fake.Conversation(teamstest.GroupChat).ID()},
			}
			homes[t.Home.Conversation] = due(i)
			t.Response = d.Policy.Start("response", t.Terms(), start)
			t.Plan(d.Policy)
			if err := tx.InsertTicket(b.Context(), t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return homes
}

// alarmMeter tells of each alarm that has arrived.
type alarmMeter chan struct{}

func (m alarmMeter) Delivered(kind string, _ time.Duration) {
	if kind == string(request.MilestoneDue) {
		m <- struct{}{}
	}
}
func (alarmMeter) Lost(string) {}

func measureDue(b *testing.B, s *store.Store, d *request.Desk, fake *teamstest.Teams, replicas int, spread time.Duration, rate int) {
	b.Helper()
	recorder := &dueRecorder{Store: s}
	timed := &request.Desk{Policy: d.Policy, OwnTenant: d.OwnTenant, Now: time.Now}
	first := time.Now().Add(lead)
	at := func(i int) time.Time {
		return first.Add(spread * time.Duration(i) / dueTickets).Truncate(time.Millisecond)
	}
	due := insertDue(b, s, timed, fake, dueTickets, at)
	if time.Now().After(first) {
		b.Fatal("the tickets were due before they were there")
	}
	isAlarm := func(e teamstest.Event) bool {
		_, ours := due[e.Conversation]
		return ours && e.Op == "send" && e.Message != nil && strings.HasSuffix(e.Message.Summary, "is late, nobody has it")
	}
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	arrived := make(alarmMeter, dueTickets)
	for range replicas {
		log := slog.New(slog.DiscardHandler)
		renderer := &notify.Renderer{Store: s, Desk: timed, Teams: fake.Connector(), Log: log}
		sender := &outbox.Sender{
			Store: s, Renderer: renderer, Teams: fake.Connector(), BotID: teamstest.BotID, Tenant: teamstest.Tenant, ServiceURL: fake.ServiceURL(),
			TenantRate: rate, Log: log, Meter: arrived,
		}
		renderer.Pace = sender.Pace
		sweeper := &notify.Sweeper{Store: recorder, Desk: timed, Outbox: sender, Log: log}
		running.Go(func() { sender.Run(ctx) })
		running.Go(func() { sweeper.Run(ctx) })
	}
	for range dueTickets {
		<-arrived
	}
	stop()
	running.Wait()
	recorder.mu.Lock()
	notices := slices.Clone(recorder.late)
	recorder.mu.Unlock()
	var sent []time.Duration
	for _, e := range fake.Events("send") {
		if isAlarm(e) {
			sent = append(sent, e.At.Sub(due[e.Conversation]))
		}
	}
	slices.Sort(notices)
	slices.Sort(sent)
	ms := func(all []time.Duration, share int) float64 {
		return float64(all[(len(all)-1)*share/100].Microseconds()) / 1000
	}
	b.ReportMetric(ms(notices, 50), "notice-p50-ms")
	b.ReportMetric(ms(notices, 99), "notice-p99-ms")
	b.ReportMetric(ms(sent, 50), "sent-p50-ms")
	b.ReportMetric(ms(sent, 99), "sent-p99-ms")
	b.ReportMetric(float64(len(notices)), "fired")
}

// BenchmarkIdle is one look for work where there is none.
func BenchmarkIdle(b *testing.B) {
	storetest.EachBenchmark(b, func(b *testing.B, s *store.Store) {
		sweeper := &notify.Sweeper{Store: s, Desk: newTicketDesk(b, time.Now, quietPolicy)}
		sender := &outbox.Sender{Store: s}
		b.Run("sweep", func(b *testing.B) {
			for b.Loop() {
				if _, err := sweeper.Sweep(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("outbox", func(b *testing.B) {
			for b.Loop() {
				sender.Serve(b.Context())
			}
		})
	})
}
