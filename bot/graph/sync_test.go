package graph_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/graph"
	"onbehalf/bot/graph/graphtest"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

const (
	contoso  = "3ceaaf30-8142-48ea-91d9-3080f9b439fc"
	fabrikam = "7e02ff05-b7c1-4ce2-bf76-95f56fced11d"
	reader   = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
)

// partner is a partner's tenant in Graph, and the desk that syncs with it.
type partner struct {
	*graphtest.Graph
	t     testing.TB
	store *store.Store
	sync  *graph.Sync
	now   time.Time
	waits []time.Duration
}

func newPartner(t testing.TB, s *store.Store) *partner {
	p := &partner{Graph: graphtest.Start(t), t: t, store: s, now: noon}
	clock := func() time.Time { return p.now }
	p.Now, s.Now = clock, clock
	p.sync = &graph.Sync{
		Client: &graph.Client{
			URL: p.URL, Now: clock,
			Tokens: &teams.Tokens{LoginURL: p.LoginURL(), AppID: graphtest.AppID, Credential: teams.Secret(graphtest.Password), Scope: graphtest.Scope, Now: clock},
			Wait: func(_ context.Context, span time.Duration) error {
				p.waits = append(p.waits, span)
				p.now = p.now.Add(span)
				return nil
			},
		},
		Store: s, Cloud: customer.Global, Own: []string{graphtest.Tenant}, Now: clock,
	}
	return p
}

// each runs a test on each database.
func each(t *testing.T, test func(t *testing.T, p *partner)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newPartner(t, s)) })
}

func (p *partner) run() graph.Result {
	p.t.Helper()
	result, err := p.sync.Run(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return result
}

func (p *partner) customer(id string) customer.Customer {
	p.t.Helper()
	c, err := p.store.Customer(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return *c
}

func (p *partner) stored(all ...customer.Customer) {
	p.t.Helper()
	if _, _, err := p.store.PutCustomers(p.t.Context(), all); err != nil {
		p.t.Fatal(err)
	}
}

// active is a relationship with a role that may file.
func active(id, tenant, name string, end time.Time) graphtest.Relationship {
	return graphtest.Relationship{ID: id, Name: id, Status: "active", Tenant: tenant, CustomerName: name, End: end, Extends: "PT0S", Roles: []string{customer.ServiceSupportAdministrator}}
}

func TestCustomersAndRightsComeFromGraph(t *testing.T) {
	each(t, func(t *testing.T, p *partner) {
		p.stored(customer.Customer{TenantID: contoso, Name: "Contoso", PrimaryDomain: "contoso.example", Zone: "Europe/Berlin", Status: "active",
			AdminRelationship: "gdap", AdminEnd: "2026-12-24", Cloud: customer.Global})
		end := noon.AddDate(0, 0, 40)
		longer := active("b", contoso, "Contoso Ltd", end.AddDate(0, 0, 50))
		longer.Roles = []string{strings.ToUpper(reader)}
		byMicrosoft := active("m", contoso, "Contoso Ltd", end.AddDate(9, 0, 0))
		byMicrosoft.Name = "MLT_1234"
		extending := active("f", fabrikam, "Fabrikam", noon.AddDate(0, 0, 3))
		extending.Extends, extending.Status = "P180D", "Active"
		p.Put(active("a", contoso, "Contoso Ltd", end), longer, byMicrosoft, extending)

		got := p.run()
		if got.Customers != 2 || got.Relationships != 3 || got.ByMicrosoft != 1 || got.Added != 1 || got.Changed != 1 || got.Differing != 1 ||
			len(got.Renamed) != 1 || got.Renamed[0].Before != "Contoso" {
			t.Errorf("%+v", got)
		}
		c := p.customer(contoso)
		if c.Name != "Contoso Ltd" || c.PrimaryDomain != "contoso.example" || c.Zone != "Europe/Berlin" || c.AdminEnd != "2026-12-24" {
			t.Errorf("what was typed: %+v", c)
		}
		if right := c.RightAt("", noon); right.Standing != customer.May || !right.End.Equal(end) || right.Extends {
			t.Errorf("%+v", right)
		}
		f := p.customer(fabrikam)
		if right := f.RightAt("", noon); !right.Extends || f.Name != "Fabrikam" || f.Status != "active" || f.Cloud != customer.Global {
			t.Errorf("%+v of %+v", right, f)
		}
		if again := p.run(); again.Added+again.Changed != 0 || again.Same != 2 {
			t.Errorf("again: %+v", again)
		}
		run, err := p.store.LastRun(t.Context(), graph.Source)
		if err != nil || !run.Succeeded.Equal(noon) || run.Holder != "" || run.Failure != "" || run.Result.Customers != 2 {
			t.Errorf("%+v, %v", run, err)
		}
	})
}

func TestEndsMoveAndRelationshipsGo(t *testing.T) {
	each(t, func(t *testing.T, p *partner) {
		end := noon.AddDate(0, 0, 3)
		p.Put(active("a", contoso, "Contoso", end), active("b", fabrikam, "Fabrikam", end))
		p.run()
		p.Put(active("a", contoso, "Contoso", end.AddDate(0, 0, 180))) // Microsoft extended it: the same id, a later end
		terminated := active("b", fabrikam, "Fabrikam", end)
		terminated.Status, terminated.Modified = "terminated", noon.AddDate(0, 0, -1)
		p.Put(terminated)
		p.run()
		if right := p.customer(contoso).RightAt("", noon); !right.End.Equal(end.AddDate(0, 0, 180)) {
			t.Errorf("%+v", right)
		}
		if right := p.customer(fabrikam).RightAt("", noon); right.Standing != customer.Terminated || !right.End.Equal(noon.AddDate(0, 0, -1)) {
			t.Errorf("%+v", right)
		}
		p.Remove("a", "b")
		p.Put(active("c", fabrikam, "Fabrikam", end))
		p.run()
		if right := p.customer(contoso).RightAt("", noon); right.Standing != customer.Terminated || !right.End.Equal(noon) {
			t.Errorf("not listed any more: %+v", right)
		}
		if f := p.customer(fabrikam); f.RightAt("", noon).Standing != customer.May || f.Status != "active" {
			t.Errorf("%+v", f)
		}
	})
}

func TestWhoeverGraphDoesNotNameHasNoRelationship(t *testing.T) {
	each(t, func(t *testing.T, p *partner) {
		p.Put(active("a", contoso, "Contoso", noon.AddDate(0, 0, 90)))
		p.stored(customer.Customer{TenantID: fabrikam, Name: "Fabrikam", Status: "active", AdminRelationship: "gdap", AdminEnd: "2028-01-01", Cloud: customer.GCC},
			customer.Customer{TenantID: "9c7c1f5e-6f0d-4a55-9c1e-0f1b6d2a7e03", Name: "China", Status: "active", AdminRelationship: "gdap", Cloud: customer.China},
			customer.Customer{TenantID: graphtest.Tenant, Name: "We", Status: "active", Cloud: customer.Global})
		p.sync.Own = append(p.sync.Own, "9c7c1f5e-6f0d-4a55-9c1e-0f1b6d2a7e04")
		p.run()
		if f := p.customer(fabrikam); f.Rights != nil {
			t.Errorf("of several partner tenants this customer may be another's: %+v", f.Rights)
		}
		p.sync.Own = p.sync.Own[:1]
		p.run()
		if f := p.customer(fabrikam); f.RightAt("", noon).Standing != customer.Missing || !f.RightsDiffer(noon) || f.AdminEnd != "2028-01-01" {
			t.Errorf("%+v", f)
		}
		if c := p.customer("9c7c1f5e-6f0d-4a55-9c1e-0f1b6d2a7e03"); c.Rights != nil {
			t.Error("a customer of another cloud is not for this Graph")
		}
		if own := p.customer(graphtest.Tenant); own.Rights != nil {
			t.Error("the partner's own tenant is no customer")
		}
	})
}

func TestPagesAreReadToTheEnd(t *testing.T) {
	each(t, func(t *testing.T, p *partner) {
		var all []graphtest.Relationship
		for i := range 650 {
			all = append(all, active(fmt.Sprintf("r%04d", i), fmt.Sprintf("%08x-0000-4000-8000-000000000000", i), fmt.Sprint("Customer ", i), noon.AddDate(0, 0, 90)))
		}
		p.Put(all...)
		moved := false
		p.Script(func(c graphtest.Call) graphtest.Answer {
			if strings.HasSuffix(c.Path, "Relationships") && c.Query.Get("$skiptoken") != "" && !moved {
				moved = true // between two pages one is approved that sorts in front, and an end moves
				first := all[0]
				first.End = noon.AddDate(0, 0, 270)
				p.Put(active("r0000a", contoso, "Contoso", noon.AddDate(0, 0, 30)), first)
			}
			return graphtest.Answer{}
		})
		if got := p.run(); got.Customers != 650 || got.Added != 650 {
			t.Errorf("%+v", got)
		}
		if calls := p.Calls(); len(calls) != 6 {
			t.Errorf("%d calls", len(calls))
		}
		if right := p.customer(all[649].Tenant).RightAt("", noon); right.Standing != customer.May {
			t.Errorf("%+v", right)
		}
		if got := p.run(); got.Added != 1 || got.Changed != 1 {
			t.Errorf("the next run sees both: %+v", got)
		}
	})
}

func TestGraphIsAskedAgainAsItWants(t *testing.T) {
	for name, c := range map[string]struct {
		answer graphtest.Answer
		waits  string
	}{
		"seconds":             {graphtest.Answer{Status: 429, Header: map[string]string{"Retry-After": "17"}, Body: graphtest.Refusal("TooManyRequests", "slow")}, "[17s]"},
		"a date":              {graphtest.Answer{Status: 503, Header: map[string]string{"Retry-After": noon.Add(90 * time.Second).Format(http.TimeFormat)}}, "[1m30s]"},
		"503 without a word":  {graphtest.Answer{Status: 503, Body: "<html>Service unavailable</html>"}, "1s"},
		"504":                 {graphtest.Answer{Status: 504, Body: "<html>"}, "1s"},
		"a cut connection":    {graphtest.Answer{Cut: true, Body: `{"value":[`}, "1s"},
		"JSON that ends":      {graphtest.Answer{Status: 200, Body: `{"value":[{`}, "1s"},
		"HTML instead of it":  {graphtest.Answer{Status: 200, Body: `<html></html>`}, "1s"},
		"the token was taken": {graphtest.Answer{Status: 401, Body: graphtest.Refusal("InvalidAuthenticationToken", "expired")}, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPartner(t, storetest.Open(t, storetest.SQLite(t)))
			p.Put(active("a", contoso, "Contoso", noon.AddDate(0, 0, 90)))
			p.Script(func(call graphtest.Call) graphtest.Answer {
				if call.N == 1 {
					return c.answer
				}
				return graphtest.Answer{}
			})
			if got := p.run(); got.Added != 1 {
				t.Errorf("%+v", got)
			}
			waits := fmt.Sprint(p.waits)
			if c.waits == "1s" { // with up to a quarter more
				if len(p.waits) != 1 || p.waits[0] < time.Second || p.waits[0] > 1250*time.Millisecond {
					t.Errorf("waited %s", waits)
				}
			} else if waits != c.waits {
				t.Errorf("waited %s, want %s", waits, c.waits)
			}
		})
	}
}

func TestABrokenRunTakesNothingAway(t *testing.T) {
	broken := map[string]graphtest.Answer{
		"503 for ever":    {Status: 503},
		"wants an hour":   {Status: 429, Header: map[string]string{"Retry-After": "3600"}},
		"400":             {Status: 400, Body: graphtest.Refusal("BadRequest", "no")},
		"no list":         {Status: 200, Body: `{"value":null}`},
		"another host":    {Status: 200, Body: `{"value":[],"@odata.nextLink":"https://graph.example/v1.0/x"}`},
		"not offered":     {Status: 404, Body: graphtest.Refusal("ResourceNotFound", "no")},
		"a redirect":      {Status: 302, Header: map[string]string{"Location": "https://graph.example/"}},
		"an empty answer": {Status: 200, Body: `{"value":[]}`},
	}
	for name, answer := range broken {
		t.Run(name, func(t *testing.T) {
			p := newPartner(t, storetest.Open(t, storetest.SQLite(t)))
			end := noon.AddDate(0, 0, 90)
			p.Put(active("a", contoso, "Contoso", end))
			p.run()
			p.Put(active("b", fabrikam, "Fabrikam", end))
			p.Script(func(call graphtest.Call) graphtest.Answer {
				if strings.HasSuffix(call.Path, "Relationships") {
					return answer
				}
				return graphtest.Answer{}
			})
			result, err := p.sync.Run(t.Context())
			if right := p.customer(contoso).RightAt("", noon); right.Standing != customer.May || !right.End.Equal(end) {
				t.Errorf("%+v", right)
			}
			if f := p.customer(fabrikam); f.Name != "Fabrikam" || f.Rights != nil {
				t.Errorf("what was read is kept, and nothing else: %+v", f)
			}
			run, noRun := p.store.LastRun(t.Context(), graph.Source)
			if noRun != nil || run.Holder != "" {
				t.Errorf("%+v, %v", run, noRun)
			}
			if name == "an empty answer" {
				if err != nil || !result.Empty || !run.Result.Empty {
					t.Errorf("%+v, %v", result, err)
				}
				return
			}
			if err == nil || run.Failure == "" || !strings.Contains(run.Failure, "delegatedAdminRelationships") || strings.Contains(run.Failure, "top=") || run.Failed.IsZero() {
				t.Errorf("%v, %+v", err, run)
			}
			p.Script(nil)
			if p.run(); p.customer(fabrikam).RightAt("", noon).Standing != customer.May {
				t.Error("the next run does not mend it")
			}
		})
	}
}

func TestAMissingPermissionIsSaidOnce(t *testing.T) {
	each(t, func(t *testing.T, p *partner) {
		p.Put(active("a", contoso, "Contoso", noon.AddDate(0, 0, 90)))
		p.Permit(false)
		_, err := p.sync.Run(t.Context())
		if !graph.Forbidden(err) || strings.Count(err.Error(), "403") != 1 {
			t.Errorf("%v", err)
		}
		if run, err := p.store.LastRun(t.Context(), graph.Source); err != nil || !run.Forbidden {
			t.Errorf("%+v, %v", run, err)
		}
		p.Permit(true) // the token that there is does not have it yet
		if got := p.run(); got.Added != 1 {
			t.Errorf("%+v", got)
		}
		if run, err := p.store.LastRun(t.Context(), graph.Source); err != nil || run.Forbidden || run.Failure != "" {
			t.Errorf("%+v, %v", run, err)
		}
	})
}

func TestOneProcessSyncsAtATime(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		one, other := storetest.Open(t, address), storetest.Open(t, address)
		p, q := newPartner(t, one), newPartner(t, other)
		q.Graph, q.sync.Client = p.Graph, p.sync.Client
		p.Put(active("a", contoso, "Contoso", noon.AddDate(0, 0, 90)))
		busy := 0
		p.Script(func(graphtest.Call) graphtest.Answer {
			if _, err := q.sync.Run(t.Context()); errors.Is(err, graph.ErrBusy) {
				busy++
			}
			return graphtest.Answer{}
		})
		p.run()
		if busy != 2 {
			t.Errorf("%d", busy)
		}
		// One that died is taken over when it was silent for long enough.
		if mine, err := one.BeginRun(t.Context(), graph.Source, 15*time.Minute); err != nil || !mine {
			t.Fatal(mine, err)
		}
		p.Script(nil)
		q.now = noon.Add(14 * time.Minute)
		if _, err := q.sync.Run(t.Context()); !errors.Is(err, graph.ErrBusy) {
			t.Error(err)
		}
		q.now = noon.Add(16 * time.Minute)
		q.run()
	})
}

// BenchmarkSync is a night in which nothing has changed at 100,000 customers, and "s/first" the
// run before, which adds all of them. The fake Graph is part of both.
func BenchmarkSync(b *testing.B) {
	const customers = 100_000
	storetest.EachBenchmark(b, func(b *testing.B, s *store.Store) {
		p := newPartner(b, s)
		for i := range customers {
			p.Put(active(fmt.Sprintf("r%06d", i), fmt.Sprintf("%08x-0000-4000-8000-000000000000", i), fmt.Sprint("Customer ", i), noon.AddDate(0, 0, i%700)))
		}
		began := time.Now()
		p.run()
		first := time.Since(began)
		for b.Loop() {
			if got := p.run(); got.Same != customers {
				b.Fatalf("%+v", got)
			}
		}
		b.ReportMetric(first.Seconds(), "s/first")
	})
}
