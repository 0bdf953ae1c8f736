package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.yaml.in/yaml/v3"

	"onbehalf/bot/graph/graphtest"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// metric is a metric of ours in an expression; the names of others that it uses begin as
// those of Go's own collectors do.
var metric = regexp.MustCompile(`\b(onbehalf|go|process)_[a-z_]+`)

// TestDashboardAndAlertsAskForMetricsThatExist has a bot work, and compares what it serves
// with every expression in the files for Grafana and Prometheus. What is in neither file
// is not watched by anybody.
func TestDashboardAndAlertsAskForMetricsThatExist(t *testing.T) {
	t.Parallel()
	d := &desk{Teams: teamstest.New(t)}
	address := storetest.SQLite(t)
	command(t, "customers", "import", "sample/customers.csv", "--database-url="+address).done(t)
	d.env = with(d.Env(), "DATABASE_URL", address, "RETAIN_CLOSED", "1ms", "SLA_POLICY", written(t, "policy.yaml", breachPolicy), "PARTNER_CENTER_WEBHOOK", "on")
	d.Patience, d.store = limit, storetest.Open(t, address)
	g := graphtest.Start(t) // which knows another password
	d.env = with(d.env, "GRAPH_SYNC", "on", "GRAPH_URL", g.URL, "GRAPH_LOGIN_URL", g.LoginURL())
	bot := serving(t, d.env)
	behind(d.Teams, bot)
	// Each counter is shown from its first count on.
	alice := d.Conversation(teamstest.Personal).As("Alice")
	filled(alice, "Late").Press("intake/submit").Expect("SR-1")
	alice.Say("cancel SR-1 solved").ExpectCard("Withdrawn")
	d.fill(d.env["SLA_POLICY"], 1, time.Now())
	d.WaitFor(func(e teamstest.Event) bool { return numberIn(e) == 2 })
	if resp, err := http.Post(bot.URL+eventsPath, "application/json", strings.NewReader("{}")); err != nil || resp.StatusCode != http.StatusUnauthorized || resp.Body.Close() != nil {
		t.Errorf("an event that nobody signed: %+v, %v", resp, err)
	}
	statement(t, address, `insert into outgoing (queue, rank, kind, ticket, event, handle, created_at, document) values ('q', 1, 'card', 2, 0, '', 0, '"no"')`)
	statement(t, address, "insert into queues (queue, rank, ready_at, waiting) values ('q', 1, 0, 1)")
	statement(t, address, `insert into outgoing (queue, rank, kind, ticket, event, handle, created_at, expires_at, document, body) values ('19:x@thread.v2', 1, 'answer', 0, 0, '', 1, 1, '{"to": {"conversation": "19:x@thread.v2"}}', x'7b7d')`)
	statement(t, address, "insert into queues (queue, rank, ready_at, waiting) values ('19:x@thread.v2', 1, 0, 1)")
	bot.err.wait(bot, func(line string) bool { return strings.Contains(line, "customers did not come from Microsoft Graph") })
	bot.err.wait(bot, func(line string) bool { return strings.Contains(line, "closed requests were removed") })
	bot.err.wait(bot, func(line string) bool { return strings.Contains(line, "row cannot be read") })
	bot.err.wait(bot, func(line string) bool { return strings.Contains(line, "message dropped") })

	served := map[string]bool{}
	for line := range strings.Lines(get(t, bot.URL+"/metrics")) {
		if name := metric.FindString(line); !strings.HasPrefix(line, "#") {
			served[name] = true
		}
	}
	asked := map[string]bool{}
	for file, expressions := range map[string][]string{"grafana.json": dashboard(t), "alerts.yaml": alerts(t)} {
		if len(expressions) < 10 {
			t.Errorf("%s has %d expressions", file, len(expressions))
		}
		for _, expression := range expressions {
			for _, name := range metric.FindAllString(expression, -1) {
				if asked[name] = true; !served[name] {
					t.Errorf("%s asks for %s, which is not served: %s", file, name, expression)
				}
			}
		}
	}
	for name := range served {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		if strings.HasPrefix(name, "onbehalf_") && !asked[name] && !asked[base] && !asked[base+"_bucket"] {
			t.Errorf("%s is served, and no dashboard or alert shows it", name)
		}
	}
}

const deploy = "../../manifest/deploy/"

func dashboard(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile(deploy + "grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	for i, panel := range board.Panels {
		if panel.ID != i+1 || panel.Title == "" || len(panel.Targets) == 0 {
			t.Errorf("panel %d: %+v", i, panel)
		}
		for _, target := range panel.Targets {
			all = append(all, target.Expr)
		}
	}
	return all
}

func alerts(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile(deploy + "alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr string
				For         string
				Labels      map[string]string
				Annotations struct{ Summary, Description string }
			}
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&rules); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			if rule.Annotations.Summary == "" || rule.Annotations.Description == "" || rule.Labels["severity"] == "" || slices.Contains(names, rule.Alert) {
				t.Errorf("alert %+v", rule)
			}
			names = append(names, rule.Alert)
			all = append(all, rule.Expr)
		}
	}
	return all
}

func get(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestTheHeartbeatStopsWhileDueNoticesAreLate asks a real program's watchdog, and one whose
// database has a milestone that nobody fires.
func TestTheHeartbeatStopsWhileDueNoticesAreLate(t *testing.T) {
	t.Parallel()
	everyDesk(t, func(t *testing.T, d *desk) {
		t.Parallel()
		beats := make(chan string, 10)
		heart := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { beats <- r.URL.Path }))
		defer heart.Close()
		d.env = with(d.env, "HEARTBEAT_URL", heart.URL+"/s3cret")
		bot := serving(t, d.env)
		if path := <-beats; path != "/s3cret" {
			t.Errorf("asked %s", path)
		}
		bot.stop()
		if strings.Contains(bot.err.String(), "s3cret") {
			t.Errorf("the log tells the address:\n%s", bot.err)
		}

		file := written(t, "policy.yaml", breachPolicy)
		d.fill(file, 1, time.Now().Add(-2*time.Minute))
		cfg, err := settings{DatabaseURL: d.env["DATABASE_URL"], HeartbeatURL: heart.URL, SLAPolicy: file}.config()
		if err != nil {
			t.Fatal(err)
		}
		said := newSaid()
		p, err := assemble(t.Context(), cfg, d.store, slog.New(slog.NewTextHandler(said, nil)))
		if err != nil {
			t.Fatal(err)
		}
		p.watch.Look(t.Context())
		if !strings.Contains(said.String(), "due notices are late") || len(beats) > 0 {
			t.Errorf("%d beats, the log says %s", len(beats), said)
		}
		// Fired, but not sent: that is late as well a minute later.
		if n, err := p.sweeper.Sweep(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		later := d.store.Now
		d.store.Now = func() time.Time { return later().Add(2 * time.Minute) }
		p.watch.Look(t.Context())
		if strings.Count(said.String(), "due notices are late") != 2 || len(beats) > 0 {
			t.Errorf("%d beats, the log says %s", len(beats), said)
		}
		d.store.Now = later
		p.watch.Look(t.Context())
		if len(beats) != 1 {
			t.Errorf("nothing is late, and the heart beats %d times: %s", len(beats), said)
		}
		heart.Close()
		p.watch.Look(t.Context())
		if !strings.Contains(said.String(), "the heartbeat was not heard") {
			t.Error(said)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		p.watch.Look(gone) // says nothing while the bot stops
	})
}

// TestATurnIsOneLineInTheLog also compares the reference of a fault with the one that the
// person reads, and both with the trace of that turn.
func TestATurnIsOneLineInTheLog(t *testing.T) {
	t.Parallel()
	everyDesk(t, func(t *testing.T, d *desk) {
		t.Parallel()
		traces := collect(t)
		bot := serving(t, with(d.env, "OTEL_EXPORTER_OTLP_ENDPOINT", traces.URL+"/", "OTEL_EXPORTER_OTLP_HEADERS", "api-key="+collectorKey, "OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=one"))
		behind(d.Teams, bot)
		alice := d.Conversation(teamstest.Personal).As("Alice")
		filled(alice, "Top s3cret").Press("intake/submit").Expect("SR-1")
		type entry struct {
			Msg, Reference, Type, Verb, Err, Trace string
			Status                                 int
		}
		entries := func(msg string) (all []entry) {
			for line := range strings.Lines(bot.err.String()) {
				var e entry
				if json.Unmarshal([]byte(line), &e) == nil && e.Msg == msg {
					all = append(all, e)
				}
			}
			return all
		}
		bot.err.wait(bot, func(line string) bool { return strings.Contains(line, "intake/submit") })
		verbs, references := []string{}, map[string]bool{}
		for _, e := range entries("turn") {
			verbs = append(verbs, e.Type+" "+e.Verb)
			references[e.Reference] = true
			if e.Status != 200 || e.Reference == "" {
				t.Errorf("%+v", e)
			}
		}
		if want := []string{"message ", "invoke intake/next", "invoke intake/submit"}; !slices.Equal(verbs, want) || len(references) != len(want) {
			t.Errorf("turns %q with %d references, want %q", verbs, len(references), want)
		}
		statement(t, d.env["DATABASE_URL"], `update tickets set fired = '{"no": "list"}'`)
		d.Post(alice.Message("status SR-1"))
		bot.err.wait(bot, func(line string) bool { return strings.Contains(line, `"status":500`) })
		fault := entries("turn failed")
		if len(fault) != 1 || entries("turn")[len(references)].Reference != fault[0].Reference {
			t.Fatalf("the log has %+v", fault)
		}
		d.WaitFor(func(e teamstest.Event) bool {
			return e.Message != nil && strings.Contains(string(e.Message.Raw), fault[0].Reference)
		})
		bot.stop() // which sends the last spans
		if strings.Contains(bot.err.String(), "s3cret") || strings.Contains(bot.err.String(), contosoSub) {
			t.Errorf("what was typed is in the log:\n%s", bot.err)
		}
		for _, e := range entries("turn") {
			turn := traces.one(t, "onbehalf.reference", e.Reference)
			if name := "turn " + strings.TrimPrefix(e.Type, "invoke"); !strings.HasPrefix(turn.Name, name) || turn.id("trace") != e.Trace || turn.has("onbehalf.verb") != e.Verb {
				t.Errorf("the line %+v belongs to the span %v", e, turn)
			}
			if failed := turn.Status.GetCode() == tracev1.Status_STATUS_CODE_ERROR; failed != (e.Status == 500) {
				t.Errorf("%v of the line %+v", turn, e)
			}
		}
		submitted := traces.one(t, "onbehalf.verb", "intake/submit")
		kept := traces.below(t, submitted, "transaction")
		if statements, _ := strconv.Atoi(kept.has("onbehalf.statements")); statements < 5 || kept.has("onbehalf.kept") != "true" || kept.has("db.system.name") != d.system() {
			t.Errorf("the transaction is %v", kept)
		}
		traces.below(t, submitted, "read")
		traces.below(t, submitted, "plan")
		sent := traces.below(t, submitted, "send")
		if sent.has("onbehalf.kind") == "" || traces.below(t, sent, "teams update").has("onbehalf.answer") != "ok" {
			t.Errorf("sent is %v", sent)
		}
		for _, secret := range []string{"s3cret", contosoSub, "Alice", "Contoso", teamstest.ObjectID("Alice"), teamstest.Password, teamstest.Tenant} {
			if told := traces.tells(secret); told != "" {
				t.Errorf("a trace tells %q: %s", secret, told)
			}
		}
	})
}
