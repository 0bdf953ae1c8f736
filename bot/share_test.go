package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// narrow gives every sender three turns at once and one in ten seconds after that.
func narrow(b *bench) *time.Time {
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	b.clock(func() time.Time { return now })
	few := bot.Share{Burst: 3, Rate: 0.1, Rest: 5 * time.Second}
	b.server.Shares = &bot.Shares{Person: few, Stranger: few}
	return &now
}

func TestOnePersonCannotTakeWhatIsOthers(t *testing.T) {
	b := newBench(t)
	now := narrow(b)
	chat := b.Conversation(teamstest.Channel)
	alice, bob := chat.As("Alice", teamstest.Speaking("de-DE")), chat.As("Bob")
	for i := range 3 {
		alice.Say(fmt.Sprintf("@onbehalf %d", i)).ExpectText(fmt.Sprintf("heard %d", i))
	}
	alice.Say("@onbehalf 3").ExpectText("zu viel auf einmal", "in 5 Sekunden noch einmal")
	*now = now.Add(3 * time.Second)
	for range 5 {
		alice.Say("@onbehalf 4").ExpectNothing()
	}
	if got := b.desk.count(); got != 3 {
		t.Errorf("%d turns", got)
	}
	bob.Say("@onbehalf mine").ExpectText("heard mine")

	card := map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "echo", "data": map[string]any{}}, "trigger": "manual"}
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"adaptiveCard/action":        {card, `{"statusCode":200,"type":"application/vnd.microsoft.activity.message","value":"Das war zu viel auf einmal, geändert wurde nichts. Versuchen Sie es in 2 Sekunden noch einmal."}`},
		"application/search":         {map[string]any{"kind": "search", "queryText": "x", "dataset": "customers"}, `{"statusCode":200,"type":"application/vnd.microsoft.search.searchResponse","value":{"results":[]}}`},
		"composeExtension/query":     {map[string]any{"commandId": "find"}, `{"composeExtension":{"type":"message","text":"Das war zu viel auf einmal, geändert wurde nichts. Versuchen Sie es in 2 Sekunden noch einmal."}}`},
		"composeExtension/queryLink": {map[string]any{"url": "https://bot.example/t/SR-1"}, ""},
	} {
		if got := alice.Invoke(name, c.value).Response; got.Status != http.StatusOK || strings.TrimSpace(string(got.Body)) != c.want {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if got := alice.Invoke("nobody/knows", nil).Response.Status; got != http.StatusNotImplemented {
		t.Errorf("an unknown invoke: %d", got)
	}

	*now = now.Add(12 * time.Second)
	alice.Say("@onbehalf again").ExpectText("heard again")
	alice.Say("@onbehalf once more").ExpectNothing() // over again, and told a minute ago at most
	*now = now.Add(-time.Hour)                       // a clock that is put back keeps nobody waiting for an hour
	*now = now.Add(time.Minute)
	*now = now.Add(59*time.Minute + 50*time.Second)
	alice.Say("@onbehalf later").ExpectText("heard later")
}

// TestWhoWaitsForEachAnswerIsNeverTooFast counts only what comes while as many turns of the
// same person run as may.
func TestWhoWaitsForEachAnswerIsNeverTooFast(t *testing.T) {
	b := newBench(t)
	now := narrow(b)
	b.server.Shares.Person.AtOnce = 1
	alice := b.Conversation(teamstest.Channel).As("Alice")
	for i := range 6 {
		alice.Say(fmt.Sprintf("@onbehalf %d", i)).ExpectText(fmt.Sprintf("heard %d", i))
	}
	*now = now.Add(time.Minute) // Teams' own limit for the channel
	running, end := make(chan struct{}), make(chan struct{})
	b.desk.message = func(_ context.Context, turn *bot.Turn) error {
		if strings.Contains(turn.Text, "slow") {
			close(running)
			<-end
		}
		return turn.Reply(teams.Message{Text: "heard " + turn.Text, TextFormat: teams.Plain})
	}
	slow := b.Conversation(teamstest.Channel).As("Alice")
	done := make(chan struct{})
	go func() {
		defer close(done)
		slow.Say("@onbehalf slow")
	}()
	<-running
	for range 3 {
		alice.Say("@onbehalf and").ExpectText("heard and")
	}
	alice.Say("@onbehalf too much").ExpectText("Try again in 5 seconds.")
	close(end)
	<-done
}

func TestOneTenantCannotTakeWhatIsOthers(t *testing.T) {
	b := newBench(t)
	now := narrow(b)
	b.server.Shares = &bot.Shares{Person: bot.Share{Burst: 100, Rate: 1, Rest: time.Second}, Tenant: bot.Share{Burst: 3, Rate: 0.1, Rest: 5 * time.Second}}
	alice := b.Conversation(teamstest.Personal).As("Alice")
	for range 5 {
		alice.Say("x").ExpectText("heard x") // it is the only one
	}
	*now = now.Add(time.Minute) // Teams' own limit for the chat
	b.server.Tenants = append(b.server.Tenants, teamstest.OtherTenant)
	for range 3 {
		alice.Say("x").ExpectText("heard x")
	}
	alice.Say("x").ExpectText("Try again in 5 seconds.")
	alice.Say("x").ExpectNothing()
	b.Conversation(teamstest.Personal).As("Bob").Say("y").ExpectText("Try again in 5 seconds.")
}

// unread is a body that nobody may read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, errors.New("nobody may read this")
}

func TestBadTokensAreSlowedDownAndGoodOnesNot(t *testing.T) {
	b := newBench(t)
	narrow(b)
	ask := func(header http.Header, remote string, body io.Reader) *http.Response {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/messages", body)
		r.Header, r.RemoteAddr = header, remote
		w := httptest.NewRecorder()
		b.server.Routes(false).ServeHTTP(w, r)
		return w.Result()
	}
	forged := func() http.Header { return signed(b, teamstest.Claim("aud", "another")) }
	for range 3 {
		if got := ask(forged(), "203.0.113.9:1000", unread{t}).StatusCode; got != http.StatusUnauthorized {
			t.Errorf("a bad token: %d", got)
		}
	}
	for range 2 {
		got := ask(forged(), "203.0.113.9:1001", unread{t})
		if got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") != "5" || got.ContentLength > 0 {
			t.Errorf("too many bad tokens: %d, after %q", got.StatusCode, got.Header.Get("Retry-After"))
		}
	}
	raw, err := json.Marshal(b.Conversation(teamstest.Personal).As("Alice").Message("hello"))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := ask(signed(b), "203.0.113.9:1002", strings.NewReader(string(raw))).StatusCode; got != http.StatusOK {
			t.Errorf("a good token from there: %d", got)
		}
	}
	for remote, want := range map[string]int{
		"203.0.113.10:1": http.StatusUnauthorized, "[2001:db8:1:1::1]:1": http.StatusUnauthorized, "[2001:db8:1:1::2]:1": http.StatusUnauthorized,
	} {
		if got := ask(forged(), remote, unread{t}).StatusCode; got != want {
			t.Errorf("%s: %d", remote, got)
		}
	}
	ask(forged(), "[2001:db8:1:1::3]:1", unread{t})
	if got := ask(forged(), "[2001:db8:1:1::4]:1", unread{t}).StatusCode; got != http.StatusTooManyRequests {
		t.Errorf("another address of the same network: %d", got)
	}
	if told := strings.Count(b.log.String(), "many requests with bad tokens"); told != 2 {
		t.Errorf("the log says so %d times, of two networks", told)
	}
}
