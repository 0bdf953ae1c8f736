package dialogs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/notify"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
	"onbehalf/dialogs"
)

// The customers of the desk in these tests.
const (
	contoso    = "3ceaaf30-8142-48ea-91d9-3080f9b439fc"
	contosoUK  = "7e02ff05-b7c1-4ce2-bf76-95f56fced11d"
	fabrikam   = "a22ea180-c5c2-42af-b977-a65499356597"
	interior   = "b12ea180-c5c2-42af-b977-a65499356597"
	gone       = "c12ea180-c5c2-42af-b977-a65499356597"
	hostile    = "d12ea180-c5c2-42af-b977-a65499356597"
	contosoSub = "9dfb369b-ab13-4fae-a276-55daa05f1119"
)

func customers() []customer.Customer {
	of := func(id, name, domain string, change ...func(*customer.Customer)) customer.Customer {
		c := customer.Customer{
			TenantID: id, Name: name, PrimaryDomain: domain, Cloud: customer.Global, Status: "active", Relationship: "direct",
			AdminRelationship: "gdap", AdminEnd: "2028-01-15", Zone: "Europe/Berlin", Calendar: "de",
		}
		for _, do := range change {
			do(&c)
		}
		return c
	}
	return []customer.Customer{
		of(contoso, "Contoso Ltd", "obhcontoso.onmicrosoft.com", func(c *customer.Customer) {
			c.CustomDomains = []string{"contoso.example"}
			c.Subscriptions = []customer.Subscription{{Branch: "azure", ID: contosoSub, Name: "Azure plan", Status: "active"}}
		}),
		of(contosoUK, "Contoso Ltd", "obhcontosouk.onmicrosoft.com"),
		of(fabrikam, "Fabrikam Residences & Söhne", "obhfabrikam.onmicrosoft.com"),
		of(interior, "Azure Interior GmbH", "obhinterior.onmicrosoft.com"),
		of(gone, "Tailspin Toys", "obhtailspin.onmicrosoft.com", func(c *customer.Customer) { c.Status = "left" }),
		of(hostile, "[x](https://evil.example) **Ёлка**", "obhhostile.onmicrosoft.com", func(c *customer.Customer) {
			c.Relationship, c.IndirectProvider = "indirect", "Relecloud"
		}),
	}
}

// publicURL is the bot's own address.
const publicURL = "https://onbehalf.example.org"

// desk is the whole bot on a fake Teams and a real database.
type desk struct {
	*teamstest.Teams
	testing testing.TB
	store   *store.Store
	desk    storetest.Desk
	talk    *dialogs.Dialogs
	sender  *outbox.Sender
	mu      sync.Mutex
	now     time.Time
}

// everyDesk runs a test on each database, beside other tests: each has a database
// and a Teams of its own.
func everyDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newDesk(t, s)) })
}

func newDesk(t testing.TB, s *store.Store) *desk {
	t.Helper()
	d := &desk{Teams: teamstest.New(t), testing: t, store: s, now: time.Date(2026, 11, 23, 1, 32, 0, 0, time.UTC)}
	s.Now = d.Now
	if _, _, err := s.PutCustomers(t.Context(), customers()); err != nil {
		t.Fatal(err)
	}
	h := &hearing{}
	d.Attach(h.listen(d.replica(s).Routes(false)))
	t.Cleanup(func() { d.expectAudible(h) })
	return d
}

// replica is one process of the bot.
func (d *desk) replica(s *store.Store) *bot.Server {
	d.testing.Helper()
	lead := d.Lead()
	d.desk = storetest.Desk{Store: s, Desk: &request.Desk{
		Policy: sla.BuiltIn(), OwnTenant: teamstest.Tenant, Tenants: []string{teamstest.Tenant}, Now: d.Now,
		PublicURL: publicURL,
		Leads:     func() request.Leads { return request.Leads{lead.ObjectID} },
	}}
	if err := d.desk.KeepPolicy(d.testing.Context(), s.SavePolicy); err != nil && s.Trace == nil {
		d.testing.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	metrics := bot.NewMetrics(registry)
	renderer := &notify.Renderer{Store: s, Desk: d.desk.Desk, Teams: d.Connector(), Now: d.Now, Log: d.log()}
	d.sender = &outbox.Sender{
		Store: s, Renderer: renderer, Teams: d.Connector(), BotID: teamstest.BotID, Tenant: teamstest.Tenant, ServiceURL: d.ServiceURL(),
		Now: d.Now, Pause: d.pause, Log: d.log(), Meter: metrics,
	}
	reactor := &outbox.Reactor{Store: s, Teams: d.Connector(), Now: d.Now, Log: d.log()}
	d.talk = dialogs.NewDialogs(d.desk.Desk, metrics)
	return &bot.Server{
		Handler: d.talk, Store: s, Connector: d.Connector(), Verifier: d.Verifier(), Hosts: d.Hosts(),
		Tenants: []string{teamstest.Tenant}, Deliver: d.sender.DeliverNow, React: reactor.ReactNow, Metrics: metrics, Gatherer: registry, Log: d.log(), Now: d.Now,
	}
}

// log shows warnings and errors beside a test that fails.
func (d *desk) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(d.testing.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// Now stands still until somebody moves it.
func (d *desk) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) move(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// pause is a wait that costs no time but the desk's.
func (d *desk) pause(_ context.Context, by time.Duration) error {
	d.move(by)
	return nil
}

// deliver sends every notice that waits.
func (d *desk) deliver() {
	d.testing.Helper()
	d.sender.Serve(d.testing.Context())
}

// postTo delivers an activity to one replica and returns the answer's body.
func (d *desk) postTo(routes http.Handler, a teamstest.Activity) []byte {
	d.testing.Helper()
	raw, err := json.Marshal(a)
	if err != nil {
		d.testing.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/api/messages", bytes.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+d.Token())
	w := httptest.NewRecorder()
	routes.ServeHTTP(w, r)
	return w.Body.Bytes()
}

// tickets are all that were opened, as the lead sees them.
func (d *desk) tickets() []request.Ticket {
	d.testing.Helper()
	page, err := d.desk.List(d.testing.Context(), request.Person{ID: d.Lead().ObjectID}, request.Query{Filter: request.All, Limit: 100})
	if err != nil {
		d.testing.Fatal(err)
	}
	return page.Tickets
}

// one is the one ticket that there must be.
func (d *desk) one() request.Ticket {
	d.testing.Helper()
	all := d.tickets()
	if len(all) != 1 {
		d.testing.Fatalf("%d tickets, want one: %+v", len(all), all)
	}
	return all[0]
}

// filled is a form of Alice's at its review.
func filled(alice *teamstest.Speaker) *teamstest.Card {
	form := alice.Say("@onbehalf /new contoso.example azure B VMs do not start").ExpectCard("description")
	form.Fill("description", "West Europe, since 8:40").Fill("tried", "Resized them")
	form.Fill("subscriptionId", contosoSub).Fill("criterion", "unavailable").Fill("healthChecked", "none")
	return form.Press("intake/next").ExpectButton("intake/submit")
}
