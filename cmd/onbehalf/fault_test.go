package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

var (
	faultsFor    = flag.Duration("faults", 2*time.Second, "how long things go wrong on each database; 30m is the full proof")
	faultsSeed   = flag.Uint64("faultseed", 0, "seed of what goes wrong, 0 for another one each time")
	faultsPeople = flag.Int("faultpeople", 4, "people who file and work tickets meanwhile")
)

const faultsPolicy = `
clocks:
  response: {targets: {B: 2s}, warn: [50%], repeat: 1h, repeats: 0}
  handoff: {targets: {}}
escalate:
  - {after: 0s, to: [thread]}
`

// TestNothingIsLostWhateverGoesWrong lets people file and work tickets with real processes
// while those are killed, the database is taken away in every way that it can, Teams and
// its sign-in fail, keys change, and everything is delivered several times and out of
// order. Afterwards each answered filing is one ticket with its card here and at the desk,
// every milestone was fired once, each comment stands once, and nothing is left over. The
// same seed makes the same faults in the same order; what they hit is up to the machine.
func TestNothingIsLostWhateverGoesWrong(t *testing.T) {
	t.Parallel()
	seed := *faultsSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("go test ./cmd/onbehalf -run WhateverGoesWrong -v -faults %s -faultseed %d", *faultsFor, seed)
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir, small := smallDisk(t)
		newFaults(t, "sqlite:"+filepath.Join(dir, "desk.db"), seed, map[bool]string{true: dir}[small]).run()
	})
	if os.Getenv(storetest.Variable) != "" {
		t.Run("postgres", func(t *testing.T) {
			t.Parallel()
			newFaults(t, storetest.Postgres(t), seed, "").run()
		})
	}
}

// faults is a desk in trouble.
type faults struct {
	*desk
	t       *testing.T
	address string
	dice    *rand.Rand
	disk    string // a folder on a disk so small that it can be filled, empty for none
	server  *pgx.Conn
	front   *redelivering
	bots    []*process
	said    map[string]int

	mu   sync.Mutex
	work []*worked
}

// worked is a ticket that somebody was told of.
type worked struct {
	title, number, conversation string
	comments                    int
	answered                    bool // before the end, perhaps after it was due
}

func newFaults(t *testing.T, address string, seed uint64, disk string) *faults {
	t.Helper()
	command(t, "customers", "import", "sample/customers.csv", "--database-url="+address).done(t)
	f := &faults{t: t, desk: &desk{Teams: teamstest.New(t)}, address: address, dice: rand.New(rand.NewPCG(seed, 0)), disk: disk, said: map[string]int{}}
	f.Patience = limit
	f.env = with(f.Env(), "DATABASE_URL", address, "SLA_POLICY", written(t, "policy.yaml", faultsPolicy), "TEAMS_TENANT_RATE", "0",
		"DESK_CONVERSATION", f.Conversation(teamstest.GroupChat).ID())
	if strings.HasPrefix(address, "postgres") {
		server, err := pgx.Connect(t.Context(), os.Getenv(storetest.Variable))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := server.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		f.server = server
	}
	return f
}

func (f *faults) run() {
	f.bots = []*process{servingShipped(f.t, f.env)}
	if f.server != nil {
		f.bots = append(f.bots, servingShipped(f.t, f.env))
	}
	f.front = &redelivering{front: front{replicas: slices.Clone(f.bots), client: http.Client{Timeout: 20 * time.Second}}, token: func() string { return f.Token() }}
	f.Attach(f.front)
	var people sync.WaitGroup
	var over atomic.Bool
	for i := range *faultsPeople {
		// Who speaks first is looked up, which is answered by "try again" in a trouble.
		name := fmt.Sprintf("Alice %d", i)
		f.Conversation(teamstest.Personal).As(name).Say("list").ExpectCard()
		dice := rand.New(rand.NewPCG(f.dice.Uint64(), 0))
		people.Go(func() {
			for n := 0; !over.Load(); n++ {
				// Each in a chat of its own: a message whose answer was lost may come once more,
				// and must not be taken for the next one's.
				who := f.Conversation(teamstest.GroupChat).As(name)
				f.file(who, fmt.Sprintf("Problem %d of %s", n, name), dice.IntN(2) == 0)
			}
		})
	}
	for until := time.Now().Add(*faultsFor); time.Now().Before(until) && !f.t.Failed(); {
		f.something()
	}
	f.ClearFaults()
	over.Store(true)
	people.Wait()
	f.front.late.Wait()
	f.t.Logf("%d tickets; what went wrong: %v; %d deliveries, %d of them failed", len(f.work), f.said, f.front.all.Load(), f.front.failed.Load())
	f.check()
}

// file is one ticket of a person, from the form to the answer.
func (f *faults) file(who *teamstest.Speaker, title string, answer bool) {
	review := filled(who, title)
	shown := review.Press("intake/submit").Expect("SR-")
	w := &worked{title: title, number: numberOn(shown), conversation: who.In.ID()}
	for n := range 2 {
		text := fmt.Sprintf("word %d about %s", n, title)
		who.Say("@onbehalf comment " + w.number + " " + text)
		w.comments++
	}
	if answer {
		who.Say("@onbehalf respond " + w.number + " no number: answered")
		w.answered = true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.work = append(f.work, w)
}

// numberOn is the ticket that a card shows.
func numberOn(card *teamstest.Card) string {
	for _, text := range card.Texts() {
		if i := strings.Index(text, "SR-"); i >= 0 {
			end := strings.IndexFunc(text[i+3:], func(r rune) bool { return r < '0' || r > '9' })
			if end < 0 {
				end = len(text) - i - 3
			}
			return text[i : i+3+end]
		}
	}
	return ""
}

// something goes wrong, and is over after a moment.
func (f *faults) something() {
	moment := func(most time.Duration) {
		timer := time.NewTimer(50*time.Millisecond + time.Duration(f.dice.Int64N(int64(most))))
		<-timer.C
	}
	kinds := []struct {
		name string
		do   func()
	}{
		{"killed", func() {
			i := f.dice.IntN(len(f.bots))
			f.bots[i].kill()
			f.bots[i] = servingShipped(f.t, f.env)
			f.front.serve(slices.Clone(f.bots)...)
		}},
		{"stopped", func() {
			i := f.dice.IntN(len(f.bots))
			f.bots[i].stop()
			f.bots[i] = servingShipped(f.t, f.env)
			f.front.serve(slices.Clone(f.bots)...)
		}},
		{"Teams refused", func() {
			// 500 is final: an answer is given up then, and its person would type again.
			status := []int{412, 429, 502, 503, 504}[f.dice.IntN(5)]
			f.Fault(teamstest.Fault{Op: "send reply update create", Times: 1 + f.dice.IntN(4), Status: status, RetryAfter: map[int]string{429: "1"}[status]})
			moment(200 * time.Millisecond)
		}},
		{"Teams refused an update", func() {
			f.Fault(teamstest.Fault{Op: "update", Times: 1 + f.dice.IntN(2), Status: 403, Code: "ServiceError"})
			moment(200 * time.Millisecond)
		}},
		{"Teams cut off", func() {
			f.Fault(teamstest.Fault{Op: "send reply update create", Times: 1 + f.dice.IntN(3), CutBefore: f.dice.IntN(2) == 0, CutAfter: true})
			moment(200 * time.Millisecond)
		}},
		{"Teams hung", func() {
			hold := make(chan struct{})
			f.Fault(teamstest.Fault{Op: "send reply update create", Times: 3, Hold: hold})
			moment(time.Second)
			close(hold)
		}},
		{"sign-in failed", func() {
			f.Fault(teamstest.Fault{Op: "token", Times: 2, Status: 503})
			f.RevokeTokens()
			moment(200 * time.Millisecond)
		}},
		{"keys changed", func() {
			f.Rotate()
			moment(200 * time.Millisecond)
		}},
	}
	if f.server != nil {
		u, err := url.Parse(f.address)
		if err != nil {
			f.t.Fatal(err)
		}
		name := strings.TrimPrefix(u.Path, "/")
		exec := func(statement string) {
			if _, err := f.server.Exec(f.t.Context(), statement); err != nil {
				f.t.Fatalf("%s: %v", statement, err)
			}
		}
		end := func() { exec("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'") }
		kinds = append(kinds, []struct {
			name string
			do   func()
		}{
			{"sessions ended", func() { end(); moment(300 * time.Millisecond) }},
			{"server demoted", func() {
				exec("alter database " + name + " set default_transaction_read_only = on")
				end()
				moment(700 * time.Millisecond)
				exec("alter database " + name + " reset default_transaction_read_only")
				moment(300 * time.Millisecond) // the connections to the demoted one are left by themselves
			}},
			{"server down", func() {
				exec("alter database " + name + " allow_connections false")
				end()
				moment(700 * time.Millisecond)
				exec("alter database " + name + " allow_connections true")
			}},
		}...)
	} else {
		kinds = append(kinds, struct {
			name string
			do   func()
		}{"file locked", func() {
			db := opened(f.t, f.address)
			defer db.Close()
			conn, err := db.Conn(f.t.Context())
			if err != nil {
				f.t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.ExecContext(f.t.Context(), "begin immediate"); err != nil {
				f.t.Fatal(err)
			}
			moment(time.Second)
			if _, err := conn.ExecContext(f.t.Context(), "rollback"); err != nil {
				f.t.Fatal(err)
			}
		}})
	}
	if f.disk != "" {
		kinds = append(kinds, struct {
			name string
			do   func()
		}{"disk full", func() {
			ballast := filepath.Join(f.disk, "ballast")
			full, err := os.Create(ballast)
			if err != nil {
				f.t.Fatal(err)
			}
			for block := make([]byte, 4096); err == nil; {
				_, err = full.Write(block)
			}
			moment(700 * time.Millisecond)
			if err := full.Close(); err != nil {
				f.t.Error(err)
			}
			if err := os.Remove(ballast); err != nil {
				f.t.Fatal(err)
			}
		}})
	}
	kind := kinds[f.dice.IntN(len(kinds))]
	f.said[kind.name]++
	kind.do()
}

// check holds what is left against what people were told.
func (f *faults) check() {
	f.store = storetest.Open(f.t, f.address)
	looks := time.NewTicker(100 * time.Millisecond)
	defer looks.Stop()
	for late := time.Now().Add(2 * limit); !f.settled(); <-looks.C {
		if time.Now().After(late) {
			f.t.Fatal("it does not come to rest")
		}
	}

	count := map[string]int{}
	for _, one := range f.all() {
		count[one.Title]++
	}
	office := f.env["DESK_CONVERSATION"]
	for _, w := range f.work {
		if count[w.title] != 1 {
			f.t.Errorf("%q was filed once, and there are %d tickets of it", w.title, count[w.title])
			continue
		}
		for _, one := range f.all() {
			if one.Title != w.title {
				continue
			}
			if one.Number.String() != w.number {
				f.t.Errorf("%q is %s, its person was told %s", w.title, one.Number, w.number)
			}
			for what, want := range map[string]int{"opened": 1, "commented": w.comments, "responded": map[bool]int{true: 1}[w.answered]} {
				if got := len(f.history(one.Number, what)); got != want {
					f.t.Errorf("%s: %d entries %q, want %d", w.number, got, what, want)
				}
			}
			if late := len(f.history(one.Number, "breached")); late > 1 || late == 0 && !w.answered {
				f.t.Errorf("%s was late %d times, answered: %v", w.number, late, w.answered)
			}
			events, err := f.store.History(f.t.Context(), one.Number, 0, 1000)
			if err != nil {
				f.t.Fatal(err)
			}
			for i, e := range events { // newest first
				if i > 0 && e.Revision > events[i-1].Revision || e.Revision > one.Revision || i == len(events)-1 && e.What != "opened" {
					f.t.Errorf("%s: the history is out of order at %s of revision %d", w.number, e.What, e.Revision)
				}
			}
		}
		for place, conversation := range map[string]string{"where it was filed": w.conversation, "at the desk": office} {
			shown := 0
			for _, m := range f.Messages(conversation) {
				if m.Card != nil && strings.Contains(string(m.Raw), `"`+w.number+` `) {
					shown++
				}
			}
			if shown == 0 {
				f.t.Errorf("%s has no card %s", w.number, place)
			}
		}
		delete(count, w.title)
	}
	for title, n := range count {
		f.t.Errorf("%d tickets of %q, of which nobody was told", n, title)
	}
	for _, bot := range f.bots {
		metrics := get(f.t, bot.URL+"/metrics")
		for _, gone := range []string{"\nonbehalf_outbox_messages 0\n", "\nonbehalf_outbox_unreadable_messages 0\n"} {
			if !strings.Contains(metrics, gone) {
				f.t.Errorf("after everything there is no %q", strings.TrimSpace(gone))
			}
		}
		var goroutines int
		if _, err := fmt.Sscanf(metrics[strings.Index(metrics, "\ngo_goroutines ")+1:], "go_goroutines %d", &goroutines); err != nil || goroutines > 100 {
			f.t.Errorf("%d goroutines are left, %v", goroutines, err)
		}
		if strings.Contains(bot.err.String(), `"msg":"turn failed"`) {
			f.t.Errorf("a turn failed for no reason of the database's:\n%s", bot.err)
		}
		bot.stop()
	}
}

// settled says whether nothing is due, waits, or is held by anybody.
func (f *faults) settled() bool {
	for _, query := range []string{
		"select count(*) from outgoing", "select count(*) from queues where lease <> '' or waiting <> 0",
		fmt.Sprintf("select count(*) from tickets where next_due_at < %d", time.Now().Add(time.Hour).UnixMilli()),
	} {
		if value(f.t, f.address, query) != 0 {
			return false
		}
	}
	return true
}

// redelivering is a front that does as Teams: what failed comes again under the same id,
// and some of what did not, too, at once or a while later.
type redelivering struct {
	front
	token       func() string
	all, failed atomic.Int64
	late        sync.WaitGroup
}

func (f *redelivering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err) // it is in memory
	}
	for range rand.IntN(4) { // two to four in all, now and then one
		if rand.IntN(2) == 0 {
			wait := rand.N(500 * time.Millisecond)
			f.late.Go(func() {
				timer := time.NewTimer(wait)
				<-timer.C
				f.deliver(r, body)
			})
		}
	}
	resp := f.deliver(r, body)
	for key := range resp.Header {
		w.Header().Set(key, resp.Header.Get(key))
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body) // a recorder takes everything
}

// deliver tries until the bot takes it, and no longer than Teams' people would wait.
func (f *redelivering) deliver(r *http.Request, body []byte) *http.Response {
	for late := time.Now().Add(limit); ; {
		f.all.Add(1)
		out, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, f.next()+r.URL.Path, bytes.NewReader(body))
		if err != nil {
			panic(err)
		}
		out.Header = r.Header.Clone()
		out.Header.Set("Authorization", "Bearer "+f.token())
		resp, err := f.client.Do(out)
		var answer []byte
		if err == nil {
			answer, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close() // it was read
		}
		if err != nil {
			resp = &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}}
		}
		if resp.Body = io.NopCloser(bytes.NewReader(answer)); resp.StatusCode < 500 || time.Now().After(late) {
			return resp
		}
		f.failed.Add(1)
		timer := time.NewTimer(50 * time.Millisecond)
		<-timer.C
	}
}
