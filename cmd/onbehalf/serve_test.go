package main

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

const contosoSub = "9dfb369b-ab13-4fae-a276-55daa05f1119"

// desk is a fake Teams, a database with the sample customers, and the settings
// of the bot between them.
type desk struct {
	*teamstest.Teams
	env   map[string]string
	store *store.Store // looks on; it is no part of the bot
}

// everyDesk runs a test on each database.
func everyDesk(t *testing.T, test func(t *testing.T, d *desk), options ...teamstest.Option) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, address string) {
		command(t, "customers", "import", "sample/customers.csv", "--database-url="+address).done(t)
		d := &desk{Teams: teamstest.New(t, options...), store: storetest.Open(t, address)}
		d.env = with(d.Env(), "DATABASE_URL", address)
		d.Patience = limit
		test(t, d)
	})
}

// system is the database's name in a trace.
func (d *desk) system() string {
	if strings.HasPrefix(d.env["DATABASE_URL"], "postgres") {
		return "postgresql"
	}
	return "sqlite"
}

// all gives every ticket.
func (d *desk) all() []request.Ticket {
	d.TB.Helper()
	page, err := d.store.Tickets(context.Background(), request.Query{Viewer: request.Viewer{Lead: true}, Filter: request.All, Limit: 10_000})
	if err != nil {
		d.TB.Fatal(err)
	}
	return page.Tickets
}

// history gives a ticket's entries of a sort.
func (d *desk) history(n request.Number, what string) []request.Event {
	d.TB.Helper()
	events, err := d.store.History(context.Background(), n, 0, 1000)
	if err != nil {
		d.TB.Fatal(err)
	}
	var some []request.Event
	for _, e := range events {
		if e.What == what {
			some = append(some, e)
		}
	}
	return some
}

// filled is a form on its review, everything in it but the press.
func filled(who *teamstest.Speaker, title string) *teamstest.Card {
	form := who.Say("@onbehalf /new contoso.example azure B " + title).ExpectCard("description")
	form.Fill("description", "West Europe,\nsince 8:40").Fill("subscriptionId", contosoSub).Fill("tried", "Resized them")
	form.Fill("criterion", "unavailable").Fill("healthChecked", "none").Fill("impact", "Nobody can work")
	return form.Press("intake/next").ExpectButton("intake/submit")
}

// upToDate waits until a form's message is the card of the ticket that came of
// it, for everybody.
func (d *desk) upToDate(form *teamstest.Card, number string) {
	d.TB.Helper()
	d.WaitFor(func(e teamstest.Event) bool {
		return e.Status == http.StatusOK && e.Op == "update" && e.Activity == form.MessageID && strings.Contains(string(e.Message.Raw), number)
	})
	form.See(form).Expect(number).ExpectNot("intake/submit")
}

func TestAConversationBecomesARowAndACard(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		bot := serving(t, d.env)
		teams := behind(d.Teams, bot)
		chat := d.Conversation(teamstest.Channel)
		alice := chat.As("Alice", teamstest.Speaking("de-DE"))
		form := alice.Say("@onbehalf new").ExpectCard("customer", "platform", "severity")
		form = form.Fill("customer", contosoID).Fill("platform", "azure").Fill("severity", "B").Press("intake/next", "ask", "").ExpectInput("description")

		// A restart in the middle: what was typed is in the database.
		bot.stop()
		bot = serving(t, d.env)
		teams.serve(bot)

		typed := map[string]string{
			"title": "VMs **starten** nicht", "description": "West Europe,\nseit 8:40 <b>", "tried": "Neu gestartet", "impact": "Niemand kann arbeiten",
			"criterion": "unavailable", "healthChecked": "none", "subscriptionId": contosoSub, "topic": "az.vm",
		}
		for id, value := range typed {
			form.Fill(id, value)
		}
		review := form.Press("intake/next").ExpectButton("intake/submit")
		review.Press("intake/submit").Expect("SR-1")
		d.upToDate(review, "SR-1")

		tickets := d.all()
		if len(tickets) != 1 {
			t.Fatalf("%d tickets", len(tickets))
		}
		got, details := tickets[0], tickets[0].Details
		for id, kept := range map[string]string{
			"title": got.Title, "description": got.Description, "tried": details.Tried, "impact": got.Impact, "criterion": details.Criterion,
			"healthChecked": details.HealthChecked, "subscriptionId": details.SubscriptionID, "topic": got.Topic,
		} {
			if kept != typed[id] {
				t.Errorf("%s: kept %q, typed %q", id, kept, typed[id])
			}
		}
		if got.Customer.TenantID != contosoID || got.Platform != customer.Azure || got.Severity != request.SeverityB || got.Requester.ID != alice.ObjectID ||
			got.Contact.Email != alice.Email || got.UILanguage != "de" || got.Response.None() {
			t.Errorf("kept %+v", got)
		}

		bot.stop()
		teams.serve(serving(t, d.env))
		alice.Say("@onbehalf status SR-1").ExpectCard("SR-1")
		if v := d.Violations(); len(v) > 0 {
			t.Errorf("limits of Teams were passed: %v", v)
		}
	})
}

func TestAFormThatComesTwiceAtOnceToTwoReplicasIsOneTicket(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		// On SQLite too: a second instance on the same file behaves.
		behind(d.Teams, serving(t, d.env), serving(t, d.env))
		chat := d.Conversation(teamstest.Personal)
		for round := 1; round <= 4; round++ {
			review := filled(chat.As("Alice "+string(rune('A'+round))), "Slow")
			press := review.Invoke("intake/submit")
			var answers sync.WaitGroup
			for i := range 4 {
				again := maps.Clone(press)
				if i%2 == 1 { // the second layer of Teams' retries gives it a new id
					again["id"] = review.Activity("invoke")["id"]
				}
				answers.Go(func() {
					if got := d.Post(again); got.Status != http.StatusOK || !strings.Contains(string(got.Body), "SR-") {
						t.Errorf("answered %d: %.200s", got.Status, got.Body)
					}
				})
			}
			answers.Wait()
			if n := len(d.all()); n != round {
				t.Fatalf("%d tickets after %d forms", n, round)
			}
			d.upToDate(review, "SR-")
		}
	})
}

func TestTeamsIsDownAtSubmitAndThenUp(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.env["DESK_CONVERSATION"] = d.Conversation(teamstest.GroupChat).ID()
		behind(d.Teams, serving(t, d.env))
		alice := d.Conversation(teamstest.Personal).As("Alice")
		review := filled(alice, "Slow")
		d.Fault(teamstest.Fault{Op: "send reply update create", Times: -1, Status: http.StatusServiceUnavailable})
		review.Press("intake/submit").Expect("SR-1")
		d.WaitFor(func(e teamstest.Event) bool { return e.Op == "update" && e.Status == http.StatusServiceUnavailable })
		d.WaitFor(func(e teamstest.Event) bool { return e.Op == "send" && e.Status == http.StatusServiceUnavailable })
		d.ClearFaults()
		d.upToDate(review, "SR-1")
		d.WaitFor(func(e teamstest.Event) bool {
			return e.Op == "send" && e.Status == http.StatusCreated && e.Conversation == d.env["DESK_CONVERSATION"]
		})
		if cards := d.Messages(d.env["DESK_CONVERSATION"]); len(cards) != 1 || !strings.Contains(string(cards[0].Raw), "SR-1") {
			t.Errorf("the desk has %d cards", len(cards))
		}
	})
}

func TestWhoMayNotSpeakIsTurnedAway(t *testing.T) {
	d := &desk{Teams: teamstest.New(t)}
	d.env = with(d.Env(), "DATABASE_URL", storetest.EmptySQLite(t))
	bot := serving(t, d.env)
	behind(d.Teams, bot)
	alice := d.Conversation(teamstest.Personal).As("Alice")
	activity := alice.Message("list")
	for what, header := range map[string]string{"no token": "", "junk": "Bearer junk", "not a bearer": "Basic " + d.Token()} {
		h := http.Header{"Content-Type": {"application/json"}, "Authorization": {header}}
		if got := d.PostRaw([]byte(`{"type":"message"}`), h); got.Status != http.StatusUnauthorized || len(got.Body) > 0 {
			t.Errorf("%s: %d %s", what, got.Status, got.Body)
		}
	}
	elsewhere := maps.Clone(activity)
	elsewhere["conversation"] = map[string]any{"conversationType": "personal", "tenantId": teamstest.OtherTenant, "id": alice.In.ID()}
	elsewhere["channelData"] = map[string]any{"tenant": map[string]any{"id": teamstest.OtherTenant}}
	if got := d.Post(elsewhere); got.Status != http.StatusForbidden || len(got.Body) > 0 {
		t.Errorf("another tenant: %d %s", got.Status, got.Body)
	}
	group := d.Conversation(teamstest.GroupChat)
	for name, option := range map[string]teamstest.PersonOption{"Gustav Guest": teamstest.Guest(), "Fred Foreign": teamstest.Foreign()} {
		group.As(name, option).Say("@onbehalf list all").ExpectText("")
	}
	for _, e := range d.Events("send", "reply") {
		if e.Message != nil && e.Message.Card != nil {
			t.Errorf("a stranger got a card: %s", e.Message)
		}
	}
}

func TestHTTPAnswersOfTheContract(t *testing.T) {
	fake := teamstest.New(t)
	bot := serving(t, with(fake.Env(), "DATABASE_URL", storetest.EmptySQLite(t)), "--admin-addr=localhost:0")
	ask := func(method, path, contentType, token string, body []byte) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, bot.URL+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", contentType)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	const json, api = "application/json", "/api/messages"
	for what, c := range map[string]struct {
		method, path, kind, token string
		body                      string
		want                      int
	}{
		"alive":                {"GET", "/healthz", "", "", "", 200},
		"ready":                {"GET", "/readyz", "", "", "", 200},
		"metrics are not here": {"GET", "/metrics", "", "", "", 404},
		"get":                  {"GET", api, "", "", "", 405},
		"put":                  {"PUT", api, json, fake.Token(), "{}", 405},
		"a form":               {"POST", api, "application/x-www-form-urlencoded", fake.Token(), "a=b", 415},
		"no token":             {"POST", api, json, "", "{}", 401},
		"too much":             {"POST", api, json, fake.Token(), `{"type":"message","text":"` + strings.Repeat("x", 256<<10) + `"}`, 413},
		"five megabytes":       {"POST", api, json, fake.Token(), strings.Repeat("x", 5<<20), 413},
		"no activity":          {"POST", api, json, fake.Token(), "[]", 400},
		"no JSON":              {"POST", api, json, fake.Token(), "x", 400},
		"elsewhere":            {"GET", "/", "", "", "", 404},
	} {
		if got := ask(c.method, c.path, c.kind, c.token, []byte(c.body)); got != c.want {
			t.Errorf("%s: %d, want %d", what, got, c.want)
		}
	}
	behind(fake, bot)
	alice := fake.Conversation(teamstest.Personal).As("Alice")
	if got := alice.Invoke("nobody/knows", map[string]any{}).Response.Status; got != http.StatusNotImplemented {
		t.Errorf("an unknown invoke: %d", got)
	}
	bot.stop()
}

func TestWithoutARegistrationThisMachineAloneIsServed(t *testing.T) {
	fake := teamstest.New(t, teamstest.Unregistered())
	bot := serving(t, with(fake.Env(), "DATABASE_URL", storetest.EmptySQLite(t)))
	fake.AttachURL(bot.URL + "/api/messages")
	alice := fake.Conversation(teamstest.Personal).As("Alice")
	alice.Say("help").ExpectCard("help/show")
	a := alice.Message("help")
	a["serviceUrl"] = "https://smba.trafficmanager.net/emea/"
	if got := fake.Post(a).Status; got != http.StatusForbidden {
		t.Errorf("a service elsewhere: %d", got)
	}
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "Via", "X-Forwarded-Host"} {
		h := http.Header{"Content-Type": {"application/json"}, name: {"for=203.0.113.9"}}
		if got := fake.PostRaw([]byte(`{}`), h).Status; got != http.StatusForbidden {
			t.Errorf("%s: %d", name, got)
		}
	}
	resp, err := http.Get(bot.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(text), "onbehalf_") {
		t.Errorf("metrics on loopback: %d, %v", resp.StatusCode, err)
	}
}

func TestSIGTERMAnswersTheTurnInHand(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		d := &desk{Teams: teamstest.New(t)}
		d.env = with(d.Env(), "DATABASE_URL", storetest.EmptySQLite(t))
		bot := serving(t, d.env)
		behind(d.Teams, bot)
		alice := d.Conversation(teamstest.Personal).As("Alice")

		// The turn hangs where it looks up who Alice is, after it has signed in.
		goOn := make(chan struct{})
		d.Fault(teamstest.Fault{Op: "member", Hold: goOn})
		answered := make(chan teamstest.Response, 1)
		go func() { answered <- d.Post(alice.Message("help")) }()
		d.WaitFor(func(e teamstest.Event) bool { return e.Op == "token" })
		bot.signal(signal)
		bot.closed()
		close(goOn)
		if got := <-answered; got.Status != http.StatusOK {
			t.Errorf("%s: the turn in hand was answered %d", signal, got.Status)
		}
		if status := bot.ended(); status != exitDone {
			t.Errorf("%s: exit status %d", signal, status)
		}
		alice.ExpectCard("help/show")
	}
}
