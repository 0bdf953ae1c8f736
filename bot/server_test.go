package bot_test

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// echo is a desk that says back what it hears.
type echo struct {
	mu      sync.Mutex
	turns   []*bot.Turn
	message func(context.Context, *bot.Turn) error
	press   func(context.Context, *bot.Turn, teams.CardAction) error
}

// note counts a turn once it is kept.
func (e *echo) note(t *bot.Turn) {
	t.Do(func(context.Context, bot.Tx) error { return nil })
	t.AfterCommit(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.turns = append(e.turns, t)
	})
}

func (e *echo) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.turns)
}

func (e *echo) Free(t *bot.Turn) bool { return t.Text == "help" }

func (e *echo) Message(ctx context.Context, t *bot.Turn) error {
	e.note(t)
	if e.message != nil {
		return e.message(ctx, t)
	}
	return t.Reply(teams.Message{Text: "heard " + t.Text, TextFormat: teams.Plain})
}

func (e *echo) Press(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	e.note(t)
	if e.press != nil {
		return e.press(ctx, t, press)
	}
	return t.AnswerText("pressed " + press.Verb)
}

func (e *echo) Search(context.Context, *bot.Turn, teams.SearchQuery) ([]teams.Choice, error) {
	return []teams.Choice{{Title: "Contoso", Value: "1"}}, nil
}

func (e *echo) Extension(context.Context, *bot.Turn, teams.ExtensionQuery) ([]teams.ExtensionResult, error) {
	return nil, nil
}

func (e *echo) File(context.Context, *bot.Turn, teams.FileConsent) error { return nil }

func (e *echo) Link(_ context.Context, _ *bot.Turn, address string) (*teams.ExtensionResult, error) {
	if address == "broken" {
		return nil, errors.New("out of order")
	}
	return nil, nil
}

func (e *echo) Absent(_ context.Context, t *bot.Turn, _ teams.CardAction) error {
	return t.AnswerText("add me")
}

func (e *echo) Installed(_ context.Context, t *bot.Turn) error {
	return t.Reply(teams.Message{Text: "hello"})
}

// bench is a bot on a fake Teams and a real database.
type bench struct {
	*teamstest.Teams
	server *bot.Server
	store  *store.Store
	sender *outbox.Sender
	desk   *echo
	log    *bytes.Buffer
	away   atomic.Bool // the database
}

func newBench(t *testing.T, options ...teamstest.Option) *bench {
	t.Helper()
	fake := teamstest.New(t, options...)
	b := &bench{Teams: fake, store: storetest.Open(t, storetest.SQLite(t)), desk: &echo{}, log: new(bytes.Buffer)}
	b.store.Trace = func(string) error {
		if b.away.Load() {
			return driver.ErrBadConn
		}
		return nil
	}
	registry := prometheus.NewRegistry()
	log := slog.New(slog.NewTextHandler(b.log, nil))
	b.sender = &outbox.Sender{
		Store: b.store, Teams: fake.Connector(), BotID: teamstest.BotID, Tenant: teamstest.Tenant, ServiceURL: fake.ServiceURL(), Log: log,
	}
	b.server = &bot.Server{
		Handler: b.desk, Store: b.store, Connector: fake.Connector(), Verifier: fake.Verifier(), Hosts: fake.Hosts(),
		Tenants: []string{teamstest.Tenant}, Deliver: b.sender.DeliverNow, Metrics: bot.NewMetrics(registry), Gatherer: registry, Log: log,
	}
	fake.Attach(b.server.Routes(true))
	return b
}

// clock moves the bench's time.
func (b *bench) clock(now func() time.Time) { b.store.Now, b.server.Now, b.sender.Now = now, now, now }

// reach says whether a conversation can be written to.
func (b *bench) reach(t *testing.T, id string) outbox.Reach {
	t.Helper()
	c, err := b.store.Conversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c.Reach
}

// waiting are the answers in the queue of somebody's own chat.
func (b *bench) waiting(t *testing.T, who *teamstest.Speaker) []outbox.Message {
	t.Helper()
	left, err := b.store.Waiting(t.Context(), outbox.Lease{Queue: outbox.Target{Person: who.ObjectID}.Queue()})
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// unregistered is the bench of a bot without an app id.
func unregistered(t *testing.T) *bench {
	b := newBench(t, teamstest.Unregistered())
	b.server.Verifier = nil
	return b
}

func signed(b *bench, changes ...func(*teamstest.TokenParts)) http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + b.Token(changes...)}}
}

func body(t *testing.T, a teamstest.Activity) []byte {
	t.Helper()
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestStatusCodes(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	change := func(do func(a teamstest.Activity)) []byte {
		a := alice.Message("hi")
		do(a)
		return body(t, a)
	}
	good := func() []byte { return change(func(teamstest.Activity) {}) }
	noTenant := func(a teamstest.Activity) {
		delete(a["conversation"].(map[string]any), "tenantId")
		delete(a, "channelData")
	}
	for name, c := range map[string]struct {
		body   []byte
		header http.Header
		want   int
	}{
		"good":                   {good(), signed(b), 200},
		"charset":                {good(), with(signed(b), "Content-Type", "application/json; charset=utf-8"), 200},
		"no token":               {good(), http.Header{"Content-Type": {"application/json"}}, 401},
		"no token, junk":         {[]byte("{"), http.Header{"Content-Type": {"application/json"}}, 401},
		"no token, huge":         {bytes.Repeat([]byte("x"), 5<<20), http.Header{"Content-Type": {"application/json"}}, 401},
		"wrong audience":         {good(), signed(b, teamstest.Claim("aud", "other")), 401},
		"wrong issuer":           {good(), signed(b, teamstest.Claim("iss", "https://evil.example")), 401},
		"expired":                {good(), signed(b, teamstest.Claim("exp", time.Now().Add(-time.Hour).Unix())), 401},
		"no serviceurl claim":    {good(), signed(b, teamstest.Claim("serviceurl", nil)), 401},
		"other serviceurl claim": {good(), signed(b, teamstest.Claim("serviceurl", "https://smba.trafficmanager.net/emea/")), 401},
		"own key":                {good(), signed(b, teamstest.SignedBy(b.NewKey("msteams"))), 401},
		"two headers":            {good(), http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + b.Token(), "Bearer " + b.Token()}}, 401},
		"duplicate key":          {bytes.Replace(good(), []byte(`"type"`), []byte(`"SERVICEURL":"https://evil.example","type"`), 1), signed(b), 200},
		"host not trusted":       {change(func(a teamstest.Activity) { a["serviceUrl"] = "https://evil.example/" }), signed(b, teamstest.Claim("serviceurl", "https://evil.example/")), 403},
		"other channel":          {change(func(a teamstest.Activity) { a["channelId"] = "webchat" }), signed(b), 403},
		"other tenant":           {change(func(a teamstest.Activity) { a["conversation"].(map[string]any)["tenantId"] = teamstest.OtherTenant }), signed(b), 403},
		"other tenant, channel data": {change(func(a teamstest.Activity) {
			a["channelData"] = map[string]any{"tenant": map[string]any{"id": teamstest.OtherTenant}}
		}), signed(b), 403},
		"tenant in capitals": {change(func(a teamstest.Activity) {
			a["conversation"].(map[string]any)["tenantId"] = strings.ToUpper(teamstest.Tenant)
		}), signed(b), 200},
		"no tenant, message":  {change(noTenant), signed(b), 403},
		"no tenant, invoke":   {change(func(a teamstest.Activity) { noTenant(a); a["type"] = "invoke" }), signed(b), 403},
		"no tenant, reaction": {change(func(a teamstest.Activity) { noTenant(a); a["type"] = "messageReaction" }), signed(b), 200},
		"no tenant, install":  {change(func(a teamstest.Activity) { noTenant(a); a["type"] = "installationUpdate"; a["action"] = "add" }), signed(b), 200},
		"not JSON":            {[]byte("hi"), signed(b), 400},
		"null":                {[]byte("null"), signed(b), 400},
		"array":               {[]byte("[]"), signed(b), 400},
		"empty":               {nil, signed(b), 400},
		"no type":             {change(func(a teamstest.Activity) { delete(a, "type") }), signed(b), 400},
		"no conversation":     {change(func(a teamstest.Activity) { delete(a, "conversation") }), signed(b), 400},
		"too large":           {bytes.Repeat([]byte(" "), 256<<10+1), signed(b), 413},
		"5 MB":                {append(bytes.Repeat([]byte(" "), 5<<20), good()...), signed(b), 413},
		"just not too large":  {append(bytes.Repeat([]byte(" "), 256<<10-len(good())-100), good()...), signed(b), 200},
		"plain text":          {good(), with(signed(b), "Content-Type", "text/plain"), 415},
		"no content type":     {good(), without(signed(b), "Content-Type"), 415},
		"odd content type":    {good(), with(signed(b), "Content-Type", ";;"), 415},
		"unknown type":        {change(func(a teamstest.Activity) { a["type"] = "somethingNew" }), signed(b), 200},
		"unknown invoke":      {change(func(a teamstest.Activity) { a["type"], a["name"] = "invoke", "tab/fetch" }), signed(b), 501},
		"sign-in invoke":      {change(func(a teamstest.Activity) { a["type"], a["name"] = "invoke", "signin/verifyState" }), signed(b), 501},
		"invoke, no name":     {change(func(a teamstest.Activity) { a["type"] = "invoke" }), signed(b), 501},
		"invoke, odd value":   {change(func(a teamstest.Activity) { a["type"], a["name"], a["value"] = "invoke", "adaptiveCard/action", 7 }), signed(b), 200},
		"odd submit":          {change(func(a teamstest.Activity) { a["text"], a["value"] = "", []any{1} }), signed(b), 200},
		"nulls everywhere":    {[]byte(strings.Replace(string(good()), `"attachments"`, `"from":null,"entities":null,"x"`, 1)), signed(b), 200},
	} {
		t.Run(name, func(t *testing.T) {
			if got := b.PostRaw(c.body, c.header); got.Status != c.want {
				t.Errorf("status %d, want %d; log: %s", got.Status, c.want, b.log)
			} else if c.want >= 400 && len(got.Body) > 0 {
				t.Errorf("a refusal has a body: %s", got.Body)
			}
		})
	}
}

func TestOtherMethodsAndRoutes(t *testing.T) {
	b := newBench(t)
	b.Conversation(teamstest.Personal).As("Alice").Say("hi").ExpectText("heard hi") // which loads the keys
	routes := b.server.Routes(false)
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/api/messages", 405}, {"PUT", "/api/messages", 405}, {"DELETE", "/api/messages", 405},
		{"POST", "/api/messages/", 404}, {"GET", "/", 404}, {"GET", "/healthz", 200}, {"GET", "/readyz", 200}, {"GET", "/metrics", 404},
	} {
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.want)
		}
	}
}

func TestReadinessAndMetrics(t *testing.T) {
	b := newBench(t)
	b.Conversation(teamstest.Personal).As("Alice").Say("hi").ExpectText("heard hi")
	get := func(h http.Handler, path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, w.Body.String()
	}
	if _, text := get(b.server.AdminRoutes(), "/metrics"); !strings.Contains(text, `onbehalf_turns_total{status="200",type="message"} 1`) {
		t.Errorf("the turn is not counted: %s", text)
	}
	b.away.Store(true)
	if code, text := get(b.server.AdminRoutes(), "/readyz"); code != 503 || !strings.Contains(text, "database") {
		t.Errorf("admin readiness: %d %q", code, text)
	}
	if code, text := get(b.server.Routes(false), "/readyz"); code != 503 || text != "" {
		t.Errorf("public readiness: %d %q", code, text)
	}
}

func TestWithoutRegistrationOnlyThisMachineIsServed(t *testing.T) {
	b := unregistered(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	for name, c := range map[string]struct {
		change func(*http.Request)
		url    string
		want   int
	}{
		"loopback":          {nil, "http://localhost:56150/_connector", 200},
		"IPv6":              {func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:5000", "[::1]:3978" }, "http://[::1]:56150/_connector", 200},
		"remote caller":     {func(r *http.Request) { r.RemoteAddr = "192.0.2.7:5000" }, "http://localhost:1/", 403},
		"rebound name":      {func(r *http.Request) { r.Host = "evil.example:3978" }, "http://localhost:1/", 403},
		"loopback prefix":   {func(r *http.Request) { r.Host = "localhost.evil.example" }, "http://localhost:1/", 403},
		"no host":           {func(r *http.Request) { r.Host = "" }, "http://localhost:1/", 403},
		"tunnel":            {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "127.0.0.1") }, "http://localhost:1/", 403},
		"tunnel, empty":     {func(r *http.Request) { r.Header.Set("x-forwarded-host", "") }, "http://localhost:1/", 403},
		"forwarded":         {func(r *http.Request) { r.Header.Set("Forwarded", "for=127.0.0.1") }, "http://localhost:1/", 403},
		"via":               {func(r *http.Request) { r.Header.Set("Via", "1.1 x") }, "http://localhost:1/", 403},
		"service elsewhere": {nil, "https://smba.trafficmanager.net/emea/", 403},
		"service, userinfo": {nil, "http://localhost@evil.example/", 403},
		"no service":        {nil, "", 403},
	} {
		t.Run(name, func(t *testing.T) {
			a := alice.Activity("typing")
			a["serviceUrl"] = c.url
			r := httptest.NewRequest("POST", "http://127.0.0.1:3978/api/messages", bytes.NewReader(body(t, a)))
			r.RemoteAddr = "127.0.0.1:5000"
			r.Header.Set("Content-Type", "application/json")
			if c.change != nil {
				c.change(r)
			}
			w := httptest.NewRecorder()
			b.server.Routes(true).ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("status %d, want %d", w.Code, c.want)
			}
		})
	}
}

func TestWithoutRegistrationNoTenantAndNoMembershipIsAsked(t *testing.T) {
	b := unregistered(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	a := alice.Message("hi")
	delete(a, "channelData")
	delete(a["conversation"].(map[string]any), "tenantId")
	b.Fault(teamstest.Fault{Op: "member", Times: -1, Status: 404, Code: "MemberNotFoundInConversation"})
	alice.Do(a).ExpectText("heard hi")
}

func TestServeFinishesTheTurnsInHand(t *testing.T) {
	b := newBench(t)
	inHand, release := make(chan struct{}), make(chan struct{})
	b.desk.message = func(ctx context.Context, turn *bot.Turn) error {
		close(inHand)
		<-release
		return turn.Reply(teams.Message{Text: "done"})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.server.Serve(ctx, l, b.server.Routes(false)) }()
	b.AttachURL("http://" + l.Addr().String() + "/api/messages")
	alice := b.Conversation(teamstest.Personal).As("Alice")
	said := make(chan int, 1)
	a := alice.Message("hi")
	go func() { said <- b.Post(a).Status }()
	<-inHand
	stop()
	select {
	case err := <-ended:
		t.Fatalf("serving ended before the turn: %v", err)
	case status := <-said:
		t.Fatalf("the turn ended with %d before it was done", status)
	default:
	}
	close(release)
	if status := <-said; status != 200 {
		t.Errorf("the turn in hand got %d", status)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	b.server.AdminRoutes().ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if w.Code != 503 || !strings.Contains(w.Body.String(), "stopping") {
		t.Errorf("readiness while stopping: %d %q", w.Code, w.Body)
	}
}

func with(h http.Header, key, value string) http.Header { h.Set(key, value); return h }

func without(h http.Header, key string) http.Header { h.Del(key); return h }
