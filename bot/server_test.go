package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"onbehalf/bot"
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

func (e *echo) note(t *bot.Turn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.turns = append(e.turns, t)
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
	_, err := t.Reply(ctx, teams.Message{Text: "heard " + t.Text, TextFormat: teams.Plain})
	return err
}

func (e *echo) Press(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	e.note(t)
	if e.press != nil {
		return e.press(ctx, t, press)
	}
	return t.AnswerText(ctx, "pressed "+press.Verb)
}

func (e *echo) Search(context.Context, *bot.Turn, teams.SearchQuery) ([]teams.Choice, error) {
	return []teams.Choice{{Title: "Contoso", Value: "1"}}, nil
}

func (e *echo) Extension(context.Context, *bot.Turn, teams.ExtensionQuery) ([]teams.ExtensionResult, error) {
	return nil, nil
}

func (e *echo) Installed(ctx context.Context, t *bot.Turn) error {
	_, err := t.Reply(ctx, teams.Message{Text: "hello"})
	return err
}

// bench is a bot on a fake Teams.
type bench struct {
	*teamstest.Teams
	server *bot.Server
	keeper *memory
	desk   *echo
	log    *bytes.Buffer
}

func newBench(t *testing.T, options ...teamstest.Option) *bench {
	t.Helper()
	fake := teamstest.New(t, options...)
	b := &bench{Teams: fake, keeper: newMemory(), desk: &echo{}, log: new(bytes.Buffer)}
	registry := prometheus.NewRegistry()
	b.server = &bot.Server{
		Handler: b.desk, Keeper: b.keeper, Connector: fake.Connector(), Verifier: fake.Verifier(), Hosts: fake.Hosts(),
		Tenants: []string{teamstest.Tenant}, Leave: b.keeper.leave, Metrics: bot.NewMetrics(registry), Gatherer: registry,
		Log: slog.New(slog.NewTextHandler(b.log, nil)),
	}
	fake.Attach(b.server.Routes(true))
	return b
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
	b.keeper.setAway(true)
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

func TestStrangersGetOneSentenceAndNothingElse(t *testing.T) {
	for name, option := range map[string]teamstest.PersonOption{
		"guest": teamstest.Guest(), "foreign": teamstest.Foreign(), "anonymous": teamstest.Anonymous(),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			stranger := b.Conversation(teamstest.GroupChat).As("Mallory", option)
			stranger.Say("@onbehalf list").ExpectText("this support desk only")
			press := stranger.Invoke("adaptiveCard/action", map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "x", "data": map[string]any{}}})
			if !strings.Contains(string(press.Response.Body), "this support desk only") {
				t.Errorf("a press is answered with %s", press.Response.Body)
			}
			if found := stranger.Search("customers", "con"); len(found) != 0 {
				t.Errorf("the typeahead shows %v", found)
			}
			if b.desk.count() != 0 {
				t.Error("the desk heard a stranger")
			}
			stranger.Say("@onbehalf help").ExpectText("heard help")
		})
	}
}

func TestSenderThatCannotBeLookedUpIsTurnedAway(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	b.Fault(teamstest.Fault{Op: "member", Status: 503})
	alice.Say("list").ExpectText("Try again")
	alice.Say("list").ExpectText("heard list") // and it is not held against them
}

func TestMembersAreLookedUpOncePerHour(t *testing.T) {
	b := newBench(t)
	now := time.Now()
	b.server.Now = func() time.Time { return now }
	alice := b.Conversation(teamstest.GroupChat).As("Alice")
	for range 3 {
		alice.Say("@onbehalf hi").ExpectText("heard hi")
	}
	if n := len(b.Events("member")); n != 1 {
		t.Errorf("%d lookups, want 1", n)
	}
	now = now.Add(time.Hour)
	alice.Say("@onbehalf hi").ExpectText("heard hi")
	if n := len(b.Events("member")); n != 2 {
		t.Errorf("%d lookups after an hour, want 2", n)
	}
	// Somebody who became a guest meanwhile is one after the hour.
	b.Person("Alice", teamstest.Guest())
	now = now.Add(time.Hour)
	alice.Say("@onbehalf hi").ExpectText("this support desk only")
}

func TestTheSameDeliveryIsAnsweredOnceAndAlike(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	turn := alice.Invoke("adaptiveCard/action", map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "x", "data": map[string]any{}}})
	again := turn.Again()
	if !bytes.Equal(again.Response.Body, turn.Response.Body) || len(turn.Response.Body) == 0 {
		t.Errorf("the second delivery got %s, the first %s", again.Response.Body, turn.Response.Body)
	}
	alice.Say("hi").Again()
	if n := b.desk.count(); n != 2 {
		t.Errorf("%d turns ran, want 2", n)
	}
}

func TestParallelDeliveriesRunOnce(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	release := make(chan struct{})
	b.desk.press = func(ctx context.Context, turn *bot.Turn, _ teams.CardAction) error {
		<-release
		return turn.AnswerText(ctx, "done")
	}
	a := alice.Activity("invoke")
	a["name"], a["value"] = "adaptiveCard/action", map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "x", "data": map[string]any{}}}
	var group sync.WaitGroup
	answers := make([]string, 5)
	for i := range answers {
		group.Go(func() { answers[i] = string(b.Post(a).Body) })
	}
	close(release)
	group.Wait()
	for _, got := range answers {
		if got != answers[0] || !strings.Contains(got, "done") {
			t.Errorf("answers differ: %q", answers)
		}
	}
	if n := b.desk.count(); n != 1 {
		t.Errorf("%d turns ran, want 1", n)
	}
}

func TestEditedMessagesNeverRun(t *testing.T) {
	b := newBench(t)
	turn := b.Conversation(teamstest.Personal).As("Alice").Say("new contoso")
	turn.Edited("new fabrikam")
	if n := b.desk.count(); n != 1 {
		t.Errorf("%d turns ran, want 1", n)
	}
}

func TestTalkOfOthersInAGroupIsNotForUs(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Channel).As("Alice")
	b.Person("Bob")
	alice.Say("new contoso")
	alice.Say("@Bob new contoso")
	if n := b.desk.count(); n != 0 {
		t.Errorf("%d turns ran, want 0", n)
	}
	alice.Say("@onbehalf hi").ExpectText("heard hi")
	alice.Slash("hi").ExpectText("heard hi")
}

func TestDatabaseAwayIs503AndTheTurnComesAgain(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	b.keeper.setAway(true)
	a := alice.Message("hi")
	if got := b.Post(a); got.Status != 503 {
		t.Fatalf("status %d, want 503", got.Status)
	}
	b.keeper.setAway(false)
	b.desk.message = func(context.Context, *bot.Turn) error {
		b.keeper.setAway(true)
		return errors.New("write: connection reset")
	}
	if got := b.Post(a); got.Status != 503 {
		t.Fatalf("status %d, want 503", got.Status)
	}
	// Nothing could be kept of that turn, not even that it is over: its claim has
	// to run out.
	b.keeper.setAway(false)
	b.desk.message = nil
	b.server.Now = func() time.Time { return time.Now().Add(bot.ClaimLease + time.Second) }
	alice.Do(a).ExpectText("heard hi")
}

func TestPanicsAndErrorsAreAnsweredWithAReference(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	b.desk.press = func(context.Context, *bot.Turn, teams.CardAction) error { panic("secret detail") }
	press := alice.Invoke("adaptiveCard/action", map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "x", "data": map[string]any{}}})
	if got := string(press.Response.Body); press.Response.Status != 200 || !strings.Contains(got, `"statusCode":500`) || !strings.Contains(got, "reference") || strings.Contains(got, "secret") {
		t.Errorf("a panic is answered with %d %s", press.Response.Status, got)
	}
	b.desk.message = func(context.Context, *bot.Turn) error { return errors.New("secret detail") }
	if got := b.Post(alice.Message("crash me")); got.Status != 500 || len(got.Body) != 0 {
		t.Errorf("an error is answered with %d %s", got.Status, got.Body)
	}
	alice.ExpectText("reference")
	if strings.Contains(b.log.String(), "crash me") {
		t.Error("what somebody typed stands in the log")
	}
	if !strings.Contains(b.log.String(), "secret detail") {
		t.Error("the fault does not stand in the log")
	}
}

func TestInstallIsGreetedOnce(t *testing.T) {
	for _, kind := range []string{teamstest.Personal, teamstest.GroupChat, teamstest.Channel} {
		t.Run(kind, func(t *testing.T) {
			b := newBench(t)
			alice := b.Conversation(kind).As("Alice")
			greetings := func() (n int) {
				for _, e := range b.Events("send") {
					if e.Message != nil && e.Message.Text == "hello" {
						n++
					}
				}
				return n
			}
			alice.Install()
			if n := greetings(); n != 1 {
				t.Fatalf("%d greetings, want 1", n)
			}
			alice.Remove()
			if b.keeper.mark(alice.In.ID()) != "removed" {
				t.Error("the removal is not kept")
			}
			alice.Install()
			if n := greetings(); n != 2 {
				t.Errorf("%d greetings after the second install, want 2", n)
			}
		})
	}
}

func TestAnswersThatTeamsDoesNotTakeJoinTheLane(t *testing.T) {
	for name, fault := range map[string]teamstest.Fault{
		"412": {Status: 412, Code: "PreconditionFailed"}, "429": {Status: 429, RetryAfter: "7"}, "502": {Status: 502},
		"503": {Status: 503}, "504": {Status: 504}, "cut": {CutBefore: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			fault.Op = "send"
			b.Fault(fault)
			b.desk.message = func(ctx context.Context, turn *bot.Turn) error {
				for _, text := range []string{"first", "second"} {
					if _, err := turn.Reply(ctx, teams.Message{Text: text}); err != nil {
						return err
					}
				}
				return nil
			}
			alice := b.Conversation(teamstest.Personal).As("Alice")
			before := time.Now()
			alice.Say("hi")
			left := b.keeper.notices()
			if len(left) != 2 || !strings.Contains(string(left[0].Body), "first") || !strings.Contains(string(left[1].Body), "second") {
				t.Fatalf("in the lane: %+v", left)
			}
			n := left[0]
			if n.To.Conversation != alice.In.ID() || n.Reason != "answer" || n.ReplyTo == "" {
				t.Errorf("notice %+v", n)
			}
			if name == "429" && n.NotBefore.Sub(before) < 7*time.Second {
				t.Errorf("not before %v, Teams asked for 7 seconds", n.NotBefore.Sub(before))
			}
			if life := n.Expires.Sub(n.Created); life < time.Minute || life > 2*time.Minute {
				t.Errorf("the answer is of use for %v", life)
			}
		})
	}
}

func TestASendUnderWayIsLeftToItsLane(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	alice.Say("hi").ExpectText("heard hi") // now the sender is known
	hold := make(chan struct{})
	defer close(hold)
	b.Fault(teamstest.Fault{Op: "send", Hold: hold})
	began := time.Now()
	alice.Say("again")
	if took := time.Since(began); took > bot.TurnLimit+500*time.Millisecond {
		t.Errorf("the turn took %v", took)
	}
	if n := len(b.keeper.notices()); n != 1 {
		t.Errorf("%d notices, want 1", n)
	}
}

func TestFinalAnswersMarkTheConversation(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	b.Fault(teamstest.Fault{Op: "send", Status: 403, Code: "ConversationBlockedByUser"})
	alice.Say("hi")
	if got := b.keeper.mark(alice.In.ID()); got != "ConversationBlockedByUser" {
		t.Errorf("mark %q", got)
	}
	if n := len(b.Events("send")); n != 1 || len(b.keeper.notices()) != 0 {
		t.Errorf("%d attempts, %d notices; want one attempt", n, len(b.keeper.notices()))
	}
	alice.Say("hi").ExpectText("heard hi")
	if got := b.keeper.mark(alice.In.ID()); got != "" {
		t.Errorf("the next message leaves mark %q", got)
	}
}

func TestPrivateAnswers(t *testing.T) {
	private := func(ctx context.Context, turn *bot.Turn) error {
		return turn.ReplyPrivately(ctx, teams.Message{Text: "SR-9 and SR-10"})
	}
	t.Run("targeted", func(t *testing.T) {
		b := newBench(t)
		b.desk.message = private
		room := b.Conversation(teamstest.Channel)
		bob := room.As("Bob")
		m := room.As("Alice").Say("@onbehalf list").ExpectText("SR-9")
		if m.Recipient == "" {
			t.Error("everybody sees it")
		}
		bob.ExpectNothing()
	})
	t.Run("personal chat", func(t *testing.T) {
		b := newBench(t)
		b.desk.message = private
		alice := b.Conversation(teamstest.Channel).As("Alice")
		b.Fault(teamstest.Fault{Op: "send", Status: 400, Code: "BadArgument"})
		turn := alice.Say("@onbehalf list")
		turn.InPersonalChat().ExpectText("SR-9")
		line := turn.ExpectText("personal chat")
		if strings.Contains(line.Text, "SR-") {
			t.Errorf("the channel reads %q", line.Text)
		}
	})
	t.Run("nowhere", func(t *testing.T) {
		b := newBench(t)
		b.desk.message = private
		alice := b.Conversation(teamstest.Channel).As("Alice")
		b.UninstallFor(alice.Person)
		b.Fault(teamstest.Fault{Op: "send", Status: 400, Code: "BadArgument"})
		alice.Say("@onbehalf list").ExpectText("Open a chat with me")
	})
}

func TestLanguageAndZoneComeFromThePerson(t *testing.T) {
	b := newBench(t)
	b.desk.message = func(ctx context.Context, turn *bot.Turn) error {
		if turn.Text == "sprache ru" {
			return turn.ChooseLanguage(ctx, "ru")
		}
		_, err := turn.Reply(ctx, teams.Message{Text: turn.Words.Lang() + " " + turn.Zone + " " + turn.Words.Zone().String()})
		return err
	}
	alice := b.Conversation(teamstest.Personal).As("Alice", teamstest.Speaking("de-AT"), teamstest.InZone("Asia/Almaty"))
	alice.Say("hi").ExpectText("de Asia/Almaty Asia/Almaty")
	alice.Say("sprache ru")
	b.Person("Alice", teamstest.InZone("Mars/Olympus"))
	alice.Say("hi").ExpectText("ru Asia/Almaty Asia/Almaty")
}

func TestOddTextReachesTheDeskClean(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	for _, text := range []string{strings.Repeat("x", 20000), "👩‍👩‍👧‍👦 שלום", "a\x00b", "<at>nobody</at>"} {
		alice.Say(text)
	}
	if n := b.desk.count(); n != 4 {
		t.Errorf("%d turns ran, want 4", n)
	}
	for _, turn := range b.desk.turns {
		if strings.ContainsRune(turn.Text, 0) {
			t.Errorf("NUL in %q", turn.Text)
		}
	}
}

func with(h http.Header, key, value string) http.Header { h.Set(key, value); return h }

func without(h http.Header, key string) http.Header { h.Del(key); return h }

func TestServeFinishesTheTurnsInHand(t *testing.T) {
	b := newBench(t)
	inHand, release := make(chan struct{}), make(chan struct{})
	b.desk.message = func(ctx context.Context, turn *bot.Turn) error {
		close(inHand)
		<-release
		_, err := turn.Reply(ctx, teams.Message{Text: "done"})
		return err
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

func TestASlowTurnThatComesBackUnderANewIDRunsOnce(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	bob := b.Conversation(teamstest.Personal).As("Bob")
	now := time.Now()
	b.server.Now = func() time.Time { return now }
	b.server.Pause = func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil }
	slow := true
	b.desk.message = func(context.Context, *bot.Turn) error {
		if slow {
			now = now.Add(bot.SlowTurn + time.Second)
		}
		return nil
	}
	turn := alice.Say("comment SR-1 it works")
	turn.AgainAsNew()
	if n := b.desk.count(); n != 1 {
		t.Fatalf("%d turns ran, want 1", n)
	}
	slow = false
	bob.Say("comment SR-1 it works")       // somebody else
	alice.Say("comment SR-1 it works now") // something else
	now = now.Add(bot.RepeatedWithin)
	turn.AgainAsNew() // meant anew by now
	if n := b.desk.count(); n != 4 {
		t.Errorf("%d turns ran, want 4", n)
	}
	alice.Say("yes").AgainAsNew() // a quick turn is never taken for a repetition
	if n := b.desk.count(); n != 6 {
		t.Errorf("%d turns ran, want 6", n)
	}
}
