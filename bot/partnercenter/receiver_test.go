package partnercenter_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/customer/customertest"
	"onbehalf/bot/graph"
	"onbehalf/bot/graph/graphtest"
	"onbehalf/bot/partnercenter"
	"onbehalf/bot/partnercenter/partnercentertest"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams"
)

const (
	terminated = "granular-admin-relationship-terminated"
	approved   = "granular-admin-relationship-approved"
	fraud      = "azure-fraud-event-detected"
	lead       = "5d0e2c6a-1111-4000-8000-000000000001"
	another    = "0b5b7f1e-2222-4000-8000-000000000002" // a subscription of nobody here
)

// desk is a bot that takes events, and Microsoft around it.
type desk struct {
	*partnercentertest.Sender
	graph    *graphtest.Graph
	store    *store.Store
	receiver *partnercenter.Receiver
	follower *partnercenter.Follower
	routes   http.Handler

	mu     sync.Mutex
	now    time.Time
	counts []string
	log    bytes.Buffer
}

func newDesk(t *testing.T, s *store.Store) *desk {
	t.Helper()
	d := &desk{store: s, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)}
	d.Sender = partnercentertest.Start(t, d.time)
	d.graph = graphtest.Start(t)
	d.graph.Now = d.time
	d.routes = d.replica(t, s)
	if _, _, err := s.PutCustomers(t.Context(), []customer.Customer{*customertest.Contoso()}); err != nil {
		t.Fatal(err)
	}
	return d
}

// replica is one process of the bot.
func (d *desk) replica(t *testing.T, s *store.Store) http.Handler {
	t.Helper()
	s.Now = d.time
	log := slog.New(slog.NewTextHandler(d, nil))
	work := &request.Desk{Policy: sla.BuiltIn(), OwnTenant: graphtest.Tenant, Leads: func() request.Leads { return request.Leads{lead} }, Now: d.time}
	d.receiver = &partnercenter.Receiver{
		Certificates: &partnercenter.Certificates{Hosts: []string{d.Host()}, Roots: d.Roots(), Now: d.time, Log: log},
		Store:        s, Desk: work, Meter: d, Now: d.time, Log: log,
	}
	tokens := &teams.Tokens{LoginURL: d.graph.LoginURL(), AppID: graphtest.AppID, Credential: teams.Secret(graphtest.Password), Scope: graphtest.Scope, Now: d.time}
	sync := &graph.Sync{
		Client: &graph.Client{URL: d.graph.URL, Tokens: tokens, Now: d.time, Log: log},
		Store:  s, Cloud: customer.Global, Own: []string{graphtest.Tenant}, Now: d.time,
	}
	d.follower = partnercenter.NewFollower(s, sync, d, d.time, log)
	d.receiver.Follow = d.follower.Wake
	return (&bot.Server{Events: d.receiver, Log: log, Now: d.time}).Routes(false)
}

func (d *desk) time() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) move(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func (d *desk) PartnerEvent(name, outcome string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts = append(d.counts, name+" "+outcome)
}

func (d *desk) TicketOpened(string) { d.PartnerEvent("ticket", "opened") }

// counted gives what was counted since it was asked last.
func (d *desk) counted() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := strings.Join(d.counts, ", ")
	d.counts = nil
	return all
}

// Write takes the log.
func (d *desk) Write(line []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.Write(line)
}

// said gives what was logged since it was asked last.
func (d *desk) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.log.Reset()
	return d.log.String()
}

// tickets are all of them.
func (d *desk) tickets(t *testing.T) []request.Ticket {
	t.Helper()
	page, err := d.store.Tickets(t.Context(), request.Query{Viewer: request.Viewer{Lead: true}, Filter: request.All, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return page.Tickets
}

// right is Contoso's.
func (d *desk) right(t *testing.T) customer.Right {
	t.Helper()
	c, err := d.store.Customer(t.Context(), customertest.Tenant)
	if err != nil {
		t.Fatal(err)
	}
	return c.RightAt("", d.time())
}

// look follows events up.
func (d *desk) look(t *testing.T) {
	t.Helper()
	if err := d.follower.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// related is an active relationship with Contoso.
func (d *desk) related(id, status string) graphtest.Relationship {
	return graphtest.Relationship{
		ID: id, Name: id, Status: status, Tenant: customertest.Tenant, CustomerName: "Contoso Ltd", End: d.time().AddDate(1, 0, 0),
		Roles: []string{customer.ServiceSupportAdministrator},
	}
}

func TestFraudOpensOneRequestForLeads_R5(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		d := newDesk(t, storetest.Open(t, address))
		replicas := []http.Handler{d.routes, d.replica(t, storetest.Open(t, address))}
		body := partnercentertest.Event(fraud, partnercentertest.FraudURI(strings.ToUpper(customertest.Subscription)), d.time().Add(-time.Hour))
		var all sync.WaitGroup
		for i := range 10 { // Partner Center tries so often, here all at once
			r := d.Request(body)
			all.Go(func() {
				if status := d.Send(replicas[i%2], r); status != http.StatusOK {
					t.Errorf("answered %d", status)
				}
			})
		}
		all.Wait()
		tickets := d.tickets(t)
		if len(tickets) != 1 {
			t.Fatalf("%d requests", len(tickets))
		}
		got := tickets[0]
		if got.Kind != request.Fraud || got.Platform != customer.Azure || got.Customer.TenantID != customertest.Tenant || got.Requester != (request.Person{Name: "Partner Center"}) ||
			got.Contact != (request.Contact{}) || got.Details.SubscriptionID != customertest.Subscription || got.Status != request.Open || got.Response.None() {
			t.Errorf("%+v", got)
		}
		if !strings.Contains(got.Title, "Azure plan, "+customertest.Subscription) || !strings.Contains(got.Description, "2026-11-27 08:00:00 UTC") || !strings.Contains(got.Description, "active") {
			t.Errorf("%q\n%s", got.Title, got.Description)
		}
		if request.VisibleTo(got, request.Viewer{Person: request.Person{ID: "somebody"}}) || request.VisibleTo(got, request.Viewer{}) {
			t.Error("others than leads see it")
		}
		counts := d.counted()
		if strings.Count(counts, fraud+" opened") != 1 || strings.Count(counts, fraud+" seen") != 9 || strings.Count(counts, "ticket opened") != 1 {
			t.Error(counts)
		}
		if waiting, err := d.store.Figures(t.Context()); err != nil || waiting.Waiting != 1 { // one lead
			t.Errorf("%+v, %v", waiting, err)
		}
		for _, again := range [][]byte{
			bytes.ReplaceAll(body, []byte(","), []byte(" ,\n ")),                        // the same event, written otherwise
			bytes.Replace(body, []byte("+00:00"), []byte("Z"), 1),                       // and its date
			append([]byte("\xef\xbb\xbf"), body...),                                     // and with a mark before it
			bytes.Replace(body, []byte(fraud), []byte("Azure-Fraud-Event-Detected"), 1), // and in other letters
		} {
			if status, _ := d.Post(d.routes, again); status != http.StatusOK {
				t.Errorf("answered %d to %s", status, again)
			}
		}
		d.move(time.Minute)
		if status, _ := d.Post(d.routes, partnercentertest.Event(fraud, partnercentertest.FraudURI(customertest.Subscription), d.time())); status != http.StatusOK {
			t.Errorf("answered %d", status)
		}
		if n := len(d.tickets(t)); n != 2 {
			t.Errorf("%d requests after another event", n)
		}
	})
}

// Whoever is a partner too has events with good signatures, of other customers.
func TestAnEventOfAnotherTenantOpensAndChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		for i := range 3 {
			d.move(time.Second)
			if status, _ := d.Post(d.routes, partnercentertest.Event(fraud, partnercentertest.FraudURI(another), d.time())); status != http.StatusOK {
				t.Errorf("event %d: answered %d", i, status)
			}
		}
		if n := len(d.tickets(t)); n != 0 {
			t.Errorf("%d requests", n)
		}
		due, err := s.Figures(t.Context())
		if err != nil || due.Waiting != 3 {
			t.Errorf("%+v, %v", due, err)
		}
		d.graph.Put(d.related("ours", "active"))
		if status, _ := d.Post(d.routes, partnercentertest.Event(terminated, partnercentertest.RelationshipURI("theirs"), d.time())); status != http.StatusOK {
			t.Errorf("answered %d", status)
		}
		before := d.right(t)
		d.look(t)
		if after := d.right(t); after != before {
			t.Errorf("%+v, before %+v", after, before)
		}
		if counts := d.counted(); !strings.HasSuffix(counts, terminated+" waiting, "+terminated+" elsewhere") || strings.Count(counts, "unconfirmed") != 3 {
			t.Error(counts)
		}
		// Two customers with one subscription, and one who left, are no owner either.
		twin := customertest.Contoso()
		twin.TenantID, twin.Name = "7e02ff05-b7c1-4ce2-bf76-95f56fced11d", "Fabrikam"
		left := customertest.Contoso()
		left.TenantID, left.Name, left.Status = "a22ea180-c5c2-42af-b977-a65499356597", "Gone", "left"
		left.Subscriptions[0].ID = another
		if _, _, err := s.PutCustomers(t.Context(), []customer.Customer{*twin, *left}); err != nil {
			t.Fatal(err)
		}
		for i, subscription := range []string{customertest.Subscription, another} {
			d.move(time.Second)
			if status, _ := d.Post(d.routes, partnercentertest.Event(fraud, partnercentertest.FraudURI(subscription), d.time())); status != http.StatusOK {
				t.Errorf("event %d: answered %d", i, status)
			}
		}
		over := strings.Replace(partnercentertest.FraudURI(customertest.Subscription), "Active", "Resolved", 1)
		if status, _ := d.Post(d.routes, partnercentertest.Event(fraud, over, d.time())); status != http.StatusOK {
			t.Errorf("answered %d", status)
		}
		if n, counts := len(d.tickets(t)), d.counted(); n != 0 || strings.Count(counts, "unconfirmed") != 2 || strings.Count(counts, "over") != 1 {
			t.Errorf("%d requests, %s", n, counts)
		}
	})
}

func TestARelationshipEventRefreshesItsCustomer(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		s := storetest.Open(t, address)
		d := newDesk(t, s)
		id := "5e5594d3-6f82-458b-b567-77db4811f0cd-00000000-0000-0000-0000-000000001234"
		event := func(name string) {
			t.Helper()
			d.move(time.Minute)
			if status, attempts := d.Post(d.routes, partnercentertest.Event(name, partnercentertest.RelationshipURI(id), d.time())); status != http.StatusOK || attempts != 1 {
				t.Errorf("answered %d after %d", status, attempts)
			}
		}
		step := func(name, want string, standing customer.Standing) {
			t.Helper()
			event(name)
			d.look(t)
			if counts := d.counted(); counts != name+" waiting, "+name+" "+want {
				t.Errorf("%s: %s", name, counts)
			}
			if got := d.right(t); got.Standing != standing {
				t.Errorf("%s: %+v", name, got)
			}
		}
		d.graph.Put(d.related(id, "active"))
		step(approved, "refreshed", customer.May)
		if !d.right(t).Synced {
			t.Error("not by what Graph says")
		}
		step("granular-admin-relationship-activated", "unchanged", customer.May)
		// In the wrong order: Graph decides.
		step(terminated, "unchanged", customer.May)
		over := d.related(id, "terminated")
		over.Modified = d.time()
		d.graph.Put(over)
		step(approved, "refreshed", customer.Terminated)
		d.graph.Put(d.related(id, "active"))
		step(approved, "refreshed", customer.May)
		d.graph.Remove(id)
		step("granular-admin-relationship-expired", "refreshed", customer.Terminated)

		// A new customer is added, once they can be named.
		fabrikam := d.related("new", "activating")
		fabrikam.Tenant, fabrikam.CustomerName = "7e02ff05-b7c1-4ce2-bf76-95f56fced11d", "Fabrikam"
		id = "new"
		d.graph.Put(fabrikam)
		step(approved, "unchanged", customer.Terminated)
		if _, err := s.Customer(t.Context(), fabrikam.Tenant); !errors.Is(err, customer.ErrNoCustomer) {
			t.Errorf("%v", err)
		}
		fabrikam.Status = "active"
		d.graph.Put(fabrikam)
		step("granular-admin-relationship-activated", "refreshed", customer.Terminated)
		if c, err := s.Customer(t.Context(), fabrikam.Tenant); err != nil || c.Name != "Fabrikam" || c.RightAt("", d.time()).Standing != customer.May {
			t.Errorf("%+v, %v", c, err)
		}

		// What one process took another follows up, and what one does the other leaves.
		event(terminated)
		first := d.follower
		d.replica(t, storetest.Open(t, address))
		held, err := s.DueEvents(t.Context(), 10, time.Hour)
		if err != nil || len(held) != 1 {
			t.Fatalf("%d events, %v", len(held), err)
		}
		d.counted()
		if d.look(t); d.counted() != "" {
			t.Error("followed up what another one had")
		}
		d.move(time.Hour)
		if d.look(t); d.counted() != terminated+" unchanged" {
			t.Error("left what its holder did not do")
		}
		d.follower = first
	})
}

func TestGraphIsAskedAgainAndInTheEndLeftToTheNight(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		d.graph.Put(d.related("r", "active"))
		// A run that began before may have read what was so before.
		if mine, err := s.BeginRun(t.Context(), graph.Source, time.Hour); err != nil || !mine {
			t.Fatalf("%v, %v", mine, err)
		}
		d.Post(d.routes, partnercentertest.Event(approved, partnercentertest.RelationshipURI("r"), d.time()))
		d.look(t)
		if calls := len(d.graph.Calls()); calls != 0 {
			t.Errorf("asked Graph %d times during a run", calls)
		}
		if err := s.EndRun(t.Context(), graph.Source, graph.Result{}, nil); err != nil {
			t.Fatal(err)
		}
		d.graph.Script(func(graphtest.Call) graphtest.Answer { return graphtest.Answer{Status: http.StatusBadRequest} })
		for _, wait := range []time.Duration{time.Minute, time.Minute, 5 * time.Minute, 30 * time.Minute} {
			d.move(wait - time.Second)
			d.look(t)
			calls := len(d.graph.Calls())
			d.move(time.Second)
			if d.look(t); len(d.graph.Calls()) != calls+1 {
				t.Errorf("not asked after %s", wait)
			}
		}
		if e, err := s.PartnerEvents(t.Context()); err != nil || e.Waiting != 1 || e.GivenUp != 0 {
			t.Errorf("%+v, %v", e, err)
		}
		d.move(2 * time.Hour)
		d.look(t)
		if e, err := s.PartnerEvents(t.Context()); err != nil || e.Waiting != 0 || e.GivenUp != 1 || e.Last.IsZero() || !e.Tested.IsZero() {
			t.Errorf("%+v, %v", e, err)
		}
		if counts := d.counted(); counts != approved+" waiting, "+approved+" given_up" {
			t.Error(counts)
		}
		if said := d.said(); strings.Contains(said, "Contoso") {
			t.Errorf("a customer's name is in the log: %s", said)
		}
	})
}

func TestEventsOfNoUseAreTaken(t *testing.T) {
	d := newDesk(t, storetest.Open(t, storetest.SQLite(t)))
	for name, want := range map[string]string{
		"test-created": "test-created tested", "invoice-ready": "other ignored", "granular-admin-access-assignment-created": "other ignored", "Something-New": "other ignored",
	} {
		if status, _ := d.Post(d.routes, partnercentertest.Event(name, "http://api.partnercenter.microsoft.com/v1/x", d.time())); status != http.StatusOK || d.counted() != want {
			t.Errorf("%s: answered %d", name, status)
		}
	}
	d.receiver.Follow = nil // nothing comes from Graph
	if status, _ := d.Post(d.routes, partnercentertest.Event(approved, partnercentertest.RelationshipURI("r"), d.time())); status != http.StatusOK || d.counted() != approved+" unread" {
		t.Errorf("answered %d", status)
	}
	if e, err := d.store.PartnerEvents(t.Context()); err != nil || e.Tested.IsZero() || e.Waiting != 0 {
		t.Errorf("%+v, %v", e, err)
	}
	d.move(partnercenter.Kept + time.Minute)
	removed, err := d.store.Clean(t.Context(), 0)
	if err != nil || removed["events of Partner Center"] != 5 {
		t.Errorf("%v, %v", removed, err)
	}
}

func TestWhatMicrosoftDidNotSignIsRefused(t *testing.T) {
	d := newDesk(t, storetest.Open(t, storetest.SQLite(t)))
	good := partnercentertest.Event(fraud, partnercentertest.FraudURI(customertest.Subscription), d.time())
	d.Put("/cert/empty.cer", []byte(""))
	d.Put("/cert/two.cer", append(pemOf(t, d), pemOf(t, d)...))
	d.Put("/cert/huge.cer", bytes.Repeat([]byte("a"), 70<<10))
	type change func(r *http.Request)
	header := func(name, value string) change { return func(r *http.Request) { r.Header.Set(name, value) } }
	certificate := func(address string) change { return header("X-MS-Certificate-Url", address) }
	leaf := func(l partnercentertest.Leaf) change { return certificate(d.Publish(l)) }
	signature := partnercentertest.Sign(t, good, 0)
	raw, _ := base64.StdEncoding.DecodeString(signature)
	raw[10] ^= 1
	for name, do := range map[string]change{
		"no signature":                func(r *http.Request) { r.Header.Del("Authorization") },
		"another scheme":              header("Authorization", "Bearer "+signature),
		"no base64":                   header("Authorization", "Signature "+signature[1:]),
		"a bit of it changed":         header("Authorization", "Signature "+base64.StdEncoding.EncodeToString(raw)),
		"a signature of another body": header("Authorization", "Signature "+partnercentertest.Sign(t, good[1:], 0)),
		"of another key":              header("Authorization", "Signature "+partnercentertest.Sign(t, good, 1)),
		"of a weak key": func(r *http.Request) {
			leaf(partnercentertest.Leaf{Weak: true})(r)
			header("Authorization", "Signature "+partnercentertest.SignWeakly(t, good))(r)
		},
		"two that differ":       header("X-MS-Signature", partnercentertest.Sign(t, good, 1)),
		"one twice in a header": func(r *http.Request) { r.Header["X-Ms-Signature"] = []string{signature, signature} },
		"another algorithm":     header("X-MS-Signature-Algorithm", "rsa-sha1"),
		"no algorithm":          func(r *http.Request) { r.Header.Del("X-MS-Signature-Algorithm") },
		"no certificate":        func(r *http.Request) { r.Header.Del("X-MS-Certificate-Url") },
		"two certificates":      func(r *http.Request) { r.Header.Add("X-MS-Certificate-Url", d.Certificate) },
		"the body changed": func(r *http.Request) {
			r.Body = io.NopCloser(bytes.NewReader(bytes.Replace(good, []byte("Active"), []byte("active"), 1)))
		},
		"a blank behind the body":       func(r *http.Request) { r.Body = io.NopCloser(bytes.NewReader(append(slices.Clone(good), ' '))) },
		"a host that is not allowed":    certificate("http://127.0.0.2/cert/a.cer"),
		"Microsoft's, but not allowed":  certificate("https://www.microsoft.com/cert/a.cer"),
		"the allowed one as a name":     certificate("http://" + d.Host() + "@evil.example/cert/a.cer"),
		"the allowed one in front":      certificate("http://" + d.Host() + ".evil.example/cert/a.cer"),
		"another port":                  certificate("http://127.0.0.1:1/cert/a.cer"),
		"another folder":                certificate(d.URL + "/pki/issuer.crt"),
		"a climbing path":               certificate(d.URL + "/cert/..cer"),
		"a path that is written hidden": certificate(d.URL + "/cert/%61.cer"),
		"a query":                       certificate(d.Certificate + "?a=b"),
		"a mark of a query":             certificate(d.Certificate + "?"),
		"a fragment":                    certificate(d.Certificate + "#a"),
		"a file":                        certificate("file:///cert/a.cer"),
		"a certificate that is missing": certificate(d.URL + "/cert/missing.cer"),
		"one that has moved":            certificate(d.URL + "/cert/moved.cer"),
		"nothing there":                 certificate(d.URL + "/cert/empty.cer"),
		"two of them":                   certificate(d.URL + "/cert/two.cer"),
		"much more than one":            certificate(d.URL + "/cert/huge.cer"),
		"an authority of their own":     leaf(partnercentertest.Leaf{Strange: true}),
		"an issuer that is not named":   leaf(partnercentertest.Leaf{Lonely: true}),
		"somebody else's certificate":   leaf(partnercentertest.Leaf{Organization: "Contoso Ltd"}),
		"nearly Microsoft's":            leaf(partnercentertest.Leaf{Organization: "Microsoft Corporation Ltd"}),
		"an expired certificate":        leaf(partnercentertest.Leaf{Until: d.time().Add(-time.Second)}),
		"one that is not good yet":      leaf(partnercentertest.Leaf{From: d.time().Add(time.Minute)}),
		"a revoked one":                 leaf(partnercentertest.Leaf{Revoked: true}),
	} {
		r := d.Request(good)
		do(r)
		status, counts, said := d.Send(d.routes, r), d.counted(), d.said()
		if status != http.StatusUnauthorized || counts != "other unsigned" || !strings.Contains(said, "reason=") {
			t.Errorf("%s: answered %d, counted %q, said %s", name, status, counts, said)
		}
		d.move(time.Second) // certificates may be asked for again
	}
	if n := len(d.tickets(t)); n != 0 {
		t.Fatalf("%d requests", n)
	}
	shares := &bot.Shares{Stranger: bot.Share{Burst: 2, Rate: 1, Rest: time.Minute}}
	limited := (&bot.Server{Events: d.receiver, Shares: shares, Log: d.receiver.Log, Now: d.time}).Routes(false)
	for i, want := range []int{401, 401, 429, 429} {
		r := d.Request(good)
		r.Header.Del("Authorization")
		if status := d.Send(limited, r); status != want {
			t.Errorf("bad signature %d of one address: answered %d", i+1, status)
		}
	}
	d.counted()
	d.said()
	asked := d.Asked()
	for _, path := range []string{"/pki/issuer.crt", "/pki/revoked.crl"} {
		if !slices.Contains(asked, path) {
			t.Errorf("%s was never asked for", path)
		}
	}
	if slices.Contains(asked, "/cert/a.cer") || slices.Contains(asked, "/cert/..cer") {
		t.Errorf("asked for %v", asked)
	}

	for name, do := range map[string]change{
		"as it comes":         func(*http.Request) {},
		"in other letters":    header("Authorization", "SIGNATURE "+signature),
		"in the other header": func(r *http.Request) { r.Header.Del("Authorization"); header("X-MS-Signature", signature)(r) },
		"there with its scheme": func(r *http.Request) {
			r.Header.Del("Authorization")
			header("X-MS-Signature", "Signature "+signature)(r)
		},
		"in both": header("X-MS-Signature", signature),
		"beside a proxy's own": func(r *http.Request) {
			header("Authorization", "Basic eDp5")(r)
			header("X-MS-Signature", signature)(r)
		},
		"with a certificate as text": leaf(partnercentertest.Leaf{PEM: true}),
		"with the algorithm in caps": header("X-MS-Signature-Algorithm", "RSA-SHA256"),
		"with a charset":             header("Content-Type", "application/json; charset=utf-8"),
	} {
		r := d.Request(good)
		do(r)
		if status := d.Send(d.routes, r); status != http.StatusOK {
			t.Errorf("%s: answered %d: %s", name, status, d.said())
		}
	}
	if n := len(d.tickets(t)); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func pemOf(t *testing.T, d *desk) []byte {
	t.Helper()
	address := d.Publish(partnercentertest.Leaf{PEM: true})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "test")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnEventOfAnotherShapeOrTimeIsRefused(t *testing.T) {
	d := newDesk(t, storetest.Open(t, storetest.SQLite(t)))
	uri := partnercentertest.FraudURI(customertest.Subscription)
	at := func(age time.Duration) []byte { return partnercentertest.Event(fraud, uri, d.time().Add(-age)) }
	for name, body := range map[string][]byte{
		"nothing":                 nil,
		"no JSON":                 []byte("EventName=" + fraud),
		"a list":                  []byte("[" + string(at(0)) + "]"),
		"two events":              append(at(0), at(0)...),
		"half of it":              at(0)[:100],
		"no name":                 partnercentertest.Event("", uri, d.time()),
		"a name that is a line":   partnercentertest.Event("a\nb", uri, d.time()),
		"no time":                 []byte(`{"EventName":"` + fraud + `","ResourceUri":"` + uri + `"}`),
		"the year 1":              partnercentertest.Event(fraud, uri, time.Time{}),
		"no subscription":         partnercentertest.Event(fraud, "https://api.partnercenter.microsoft.com/v1/fraudEvents", d.time()),
		"two subscriptions":       partnercentertest.Event(fraud, uri+"&SubscriptionId="+another, d.time()),
		"no relationship":         partnercentertest.Event(terminated, uri, d.time()),
		"a path as relationship":  partnercentertest.Event(terminated, partnercentertest.RelationshipURI("../a"), d.time()),
		"older than three days":   at(72*time.Hour + time.Second),
		"of a time that will be":  at(-10*time.Minute - time.Second),
		"more than it may have":   append(at(0), bytes.Repeat([]byte(" "), 64<<10)...),
		"as much as nobody sends": bytes.Repeat([]byte("a"), 4<<20),
	} {
		if status := d.Send(d.routes, d.Request(body)); status != http.StatusBadRequest || !strings.Contains(d.counted(), "unfit") {
			t.Errorf("%s: answered %d", name, status)
		}
	}
	text := d.Request(at(0))
	text.Header.Set("Content-Type", "text/plain")
	if status := d.Send(d.routes, text); status != http.StatusBadRequest {
		t.Errorf("text: answered %d", status)
	}
	if status := d.Send(d.routes, httptest.NewRequest(http.MethodGet, partnercentertest.Path, nil)); status != http.StatusMethodNotAllowed {
		t.Errorf("GET: answered %d", status)
	}
	if n := len(d.tickets(t)); n != 0 {
		t.Errorf("%d requests", n)
	}
	for name, body := range map[string][]byte{"as old as it may be": at(72 * time.Hour), "as early as it may be": at(-10 * time.Minute)} {
		if status := d.Send(d.routes, d.Request(body)); status != http.StatusOK {
			t.Errorf("%s: answered %d", name, status)
		}
	}
	// Long after it was taken it is too old, not new.
	body := at(0)
	d.Send(d.routes, d.Request(body))
	n := len(d.tickets(t))
	d.move(partnercenter.Kept + time.Hour)
	if _, err := d.store.Clean(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if status := d.Send(d.routes, d.Request(body)); status != http.StatusBadRequest || len(d.tickets(t)) != n {
		t.Errorf("a replay after a month: answered %d", status)
	}
}

func TestCertificatesAreKeptAndRenewed(t *testing.T) {
	d := newDesk(t, storetest.Open(t, storetest.SQLite(t)))
	n := 0
	post := func(key int) int {
		t.Helper()
		n++
		body := partnercentertest.Event("test-created", fmt.Sprint("test/", n), d.time())
		r := d.Request(body)
		r.Header.Set("Authorization", "Signature "+partnercentertest.Sign(t, body, key))
		return d.Send(d.routes, r)
	}
	fetched := func() (times int) {
		for _, path := range d.Asked() {
			if d.URL+path == d.Certificate {
				times++
			}
		}
		return times
	}
	want := func(what string, key, status, fetches int) {
		t.Helper()
		if got := post(key); got != status || fetched() != fetches {
			t.Errorf("%s: answered %d, fetched %d times: %s", what, got, fetched(), d.said())
		}
	}
	want("first", 0, 200, 1)
	want("again", 0, 200, 1)
	want("a forged one, just after", 1, 401, 1)
	d.move(6 * time.Minute)
	want("a forged one, later", 1, 401, 2)
	want("and at once another", 1, 401, 2)
	d.move(6 * time.Minute)
	path := strings.TrimPrefix(d.Certificate, d.URL)
	d.Publish(partnercentertest.Leaf{Path: path, Key: 1})
	want("the key has changed", 1, 200, 3)
	want("the one before is over", 0, 401, 3)

	d.Away(true)
	d.move(25 * time.Hour)
	want("the host is away", 1, 200, 4)
	want("it is not asked all the time", 1, 200, 4)
	d.Away(false)
	d.move(2 * time.Minute)
	d.Publish(partnercentertest.Leaf{Path: path, Key: 1, Revoked: true})
	want("it was revoked", 1, 401, 5)
	d.Publish(partnercentertest.Leaf{Path: path, Key: 1})
	d.move(2 * time.Minute)
	want("a new one", 1, 200, 6)
	d.move(366 * 24 * time.Hour)
	want("it has ended meanwhile", 1, 401, 7)

	// Whoever names addresses that are not there is not passed on all the time.
	before := len(d.Asked())
	for i := range 200 {
		body := partnercentertest.Event("test-created", "test", d.time())
		r := d.Request(body)
		r.Header.Set("X-MS-Certificate-Url", fmt.Sprintf("%s/cert/%d.cer", d.URL, i))
		d.Send(d.routes, r)
	}
	if asked := len(d.Asked()) - before; asked > 40 {
		t.Errorf("asked %d times", asked)
	}
}

func TestAnEventThatCannotBeKeptComesAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := newDesk(t, s)
		body := partnercentertest.Event(fraud, partnercentertest.FraudURI(customertest.Subscription), d.time())
		for _, dies := range []string{"insert into partner_events", "insert into tickets", "insert into outgoing", "commit"} {
			s.Trace = func(statement string) error {
				if strings.HasPrefix(statement, dies) {
					return io.ErrUnexpectedEOF
				}
				return nil
			}
			if status := d.Send(d.routes, d.Request(body)); status != http.StatusServiceUnavailable || d.counted() != fraud+" failed" {
				t.Errorf("%s: answered %d", dies, status)
			}
			s.Trace = nil
			if n := len(d.tickets(t)); n != 0 {
				t.Errorf("%s: %d requests", dies, n)
			}
		}
		if status := d.Send(d.routes, d.Request(body)); status != http.StatusOK || len(d.tickets(t)) != 1 {
			t.Errorf("answered %d, %d requests", status, len(d.tickets(t)))
		}
	})
}
