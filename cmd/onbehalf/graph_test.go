package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/graph"
	"onbehalf/bot/graph/graphtest"
	"onbehalf/bot/store/storetest"
)

// inGraph starts a Graph with one relationship and points the settings at it.
func inGraph(t *testing.T, address string) *graphtest.Graph {
	t.Helper()
	g := graphtest.Start(t)
	g.Put(graphtest.Relationship{
		ID: "a", Name: "Contoso support", Status: "active", Tenant: contosoID, CustomerName: "Contoso Group", End: time.Now().AddDate(0, 0, 20),
		Roles: []string{customer.ServiceSupportAdministrator},
	})
	for name, value := range map[string]string{
		"DATABASE_URL": address, "GRAPH_SYNC": "on", "GRAPH_URL": g.URL + "/", "GRAPH_LOGIN_URL": g.URL,
		"MICROSOFT_APP_ID": graphtest.AppID, "MICROSOFT_APP_PASSWORD": graphtest.Password, "MICROSOFT_APP_TENANT_ID": graphtest.Tenant,
	} {
		t.Setenv(name, value)
	}
	return g
}

func TestCustomersAreSyncedOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		g := inGraph(t, address)
		first := written(t, "customers.csv", "tenant_id,company_name,primary_domain,admin_relationship,timezone\n"+contosoID+",Contoso,contoso.example,none,Europe/Berlin\n")
		command(t, "customers", "import", first).done(t)
		command(t, "customers", "sync").done(t, `"Contoso" is called "Contoso Group"`, "of 1 customers something else was typed", "1 customers and 1 relationships in Microsoft Graph; 0 added, 1 updated, 0 unchanged")
		command(t, "customers", "sync").done(t, "0 added, 0 updated, 1 unchanged")
		command(t, "customers", "import", first).done(t, "another name for 1 of these customers", "1 unchanged; everything was so before")
		command(t, "customers", "list").done(t, "Contoso Group", "contoso.example", "Europe/Berlin")

		g.Permit(false)
		command(t, "customers", "sync").fails(t, exitFailed, "status 403 Authorization_RequestDenied", graph.Permission, "consent")
		command(t, "customers", "sync", "--graph-sync=off").fails(t, exitFailed, "GRAPH_SYNC is off")
	})
}

func TestGraphsSettingsAreChecked(t *testing.T) {
	for flags, want := range map[string]string{
		"--graph-sync=maybe": "GRAPH_SYNC is \"maybe\"",
		"--graph-sync=on":    "MICROSOFT_APP_ID is not set",
		"--graph-sync=on --microsoft-app-id=" + graphtest.AppID + " --microsoft-app-password=x --microsoft-app-type=MultiTenant --partner-tenants=" + graphtest.Tenant:                         "MICROSOFT_APP_TENANT_ID",
		"--graph-sync=on --microsoft-app-id=" + graphtest.AppID + " --microsoft-app-password=x --microsoft-app-tenant-id=" + graphtest.Tenant + " --graph-url=http://graph.example":            "GRAPH_URL",
		"--graph-sync=on --microsoft-app-id=" + graphtest.AppID + " --microsoft-app-password=x --microsoft-app-tenant-id=" + graphtest.Tenant + " --graph-login-url=ftp://login.example/token": "GRAPH_LOGIN_URL",
	} {
		command(t, append([]string{"customers", "sync"}, strings.Fields(flags)...)...).fails(t, exitFailed, want)
	}
	c, err := settings{GraphSync: "on", Cloud: "gcchigh", AppID: graphtest.AppID, AppPassword: "x", AppTenant: graphtest.Tenant}.config()
	if err != nil || c.GraphURL != "https://graph.microsoft.us" || c.GraphScope != "https://graph.microsoft.us/.default" ||
		c.GraphLoginURL != "https://login.microsoftonline.us/"+graphtest.Tenant+"/oauth2/v2.0/token" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestTheDoctorAsksGraph(t *testing.T) {
	g := inGraph(t, storetest.EmptySQLite(t))
	t.Setenv("PARTNER_TENANTS", graphtest.Tenant+","+fabrikamID)
	command(t, "migrate").done(t)
	said := command(t, "doctor").out
	if !strings.Contains(said, "ok    Microsoft Graph never brought customers yet") || !strings.Contains(said, "not read, only those of MICROSOFT_APP_TENANT_ID: "+fabrikamID) {
		t.Error(said)
	}
	command(t, "customers", "sync").done(t)
	if said := command(t, "doctor").out; !strings.Contains(said, "ok    Microsoft Graph as of ") || !strings.Contains(said, "1 customers") {
		t.Error(said)
	}
	g.Permit(false)
	if said := command(t, "doctor").out; !strings.Contains(said, "MEND  Microsoft Graph") || !strings.Contains(said, graph.Permission) {
		t.Error(said)
	}
}

func TestABotThatStartsBringsCustomersAndThenEachNight(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		g := inGraph(t, address)
		g.Permit(false)
		cfg, err := settings{
			DatabaseURL: address, GraphSync: "on", GraphURL: g.URL, GraphLoginURL: g.LoginURL(),
			AppID: graphtest.AppID, AppPassword: graphtest.Password, AppTenant: graphtest.Tenant,
		}.config()
		if err != nil {
			t.Fatal(err)
		}
		st := storetest.Open(t, address)
		p, err := assemble(t.Context(), cfg, st, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		g.Now, st.Now = func() time.Time { return now }, func() time.Time { return now }
		look := func(wantCalls bool) error {
			t.Helper()
			before := len(g.Calls())
			err := p.nightly.look(t.Context())
			if called := len(g.Calls()) > before; called != wantCalls {
				t.Errorf("asked Graph: %v, want %v", called, wantCalls)
			}
			return err
		}
		if err := look(true); !graph.Forbidden(err) {
			t.Errorf("%v", err)
		}
		if f, err := st.Figures(t.Context()); err != nil || !f.SyncFailed.After(f.Synced) {
			t.Errorf("%+v, %v", f, err)
		}
		g.Permit(true)
		if err := look(false); err != nil { // not at once again
			t.Error(err)
		}
		now = now.Add(time.Hour + time.Minute)
		if err := look(true); err != nil {
			t.Error(err)
		}
		if c, err := st.Customer(t.Context(), contosoID); err != nil || c.Name != "Contoso Group" {
			t.Errorf("%+v, %v", c, err)
		}
		if err := look(false); err != nil {
			t.Error(err)
		}
		now = now.Add(24 * time.Hour)
		if err := look(true); err != nil {
			t.Error(err)
		}
		metrics := httptest.NewRecorder()
		p.server.AdminRoutes().ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		for _, want := range []string{
			`onbehalf_sync_runs_total{result="forbidden"} 1`, `onbehalf_sync_runs_total{result="done"} 2`, "onbehalf_sync_failing 0", "onbehalf_sync_customers 1",
			"onbehalf_sync_success_timestamp_seconds " + strconv.FormatFloat(float64(now.Unix()), 'g', -1, 64),
		} {
			if !strings.Contains(metrics.Body.String(), want+"\n") {
				t.Errorf("no %s among the metrics", want)
			}
		}
	})
}

func TestKnownIncidentsReachEveryReplicaAndTheDoctor(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		g := inGraph(t, address)
		g.PutIssues(graphtest.Issue{ID: "EX1234567", Title: "Mail does not leave", Service: "Exchange Online", Status: "Investigating", Modified: time.Now()})
		cfg, err := settings{
			DatabaseURL: address, GraphSync: "on", GraphURL: g.URL, GraphLoginURL: g.LoginURL(),
			AppID: graphtest.AppID, AppPassword: graphtest.Password, AppTenant: graphtest.Tenant,
		}.config()
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		replica := func() *program {
			st := storetest.Open(t, address)
			st.Now = func() time.Time { return now }
			p, err := assemble(t.Context(), cfg, st, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		g.Now = func() time.Time { return now }
		g.PermitHealth(false)
		one, other := replica(), replica()
		known := func(p *program) int {
			open, _ := p.health.desk.Incidents.On(now)
			return len(open)
		}
		if err := one.health.look(t.Context()); !graph.Forbidden(err) || !strings.Contains(explainHealth(err).Error(), graph.HealthPermission) {
			t.Errorf("%v", err)
		}
		if said := command(t, "doctor").out; !strings.Contains(said, "ok    Microsoft Graph") || !strings.Contains(said, "MEND  known incidents") || !strings.Contains(said, graph.HealthPermission) {
			t.Error(said)
		}
		g.PermitHealth(true)
		now = now.Add(time.Hour)
		for _, p := range []*program{one, other} {
			if err := p.health.look(t.Context()); err != nil || known(p) != 1 {
				t.Errorf("%v, %d are known", err, known(p))
			}
		}
		calls := len(g.Calls())
		if err := other.health.look(t.Context()); err != nil || len(g.Calls()) != calls {
			t.Errorf("%v, asked again", err)
		}
		if said := command(t, "doctor").out; !strings.Contains(said, "ok    known incidents as of ") || !strings.Contains(said, "1 open") {
			t.Error(said)
		}
		now = now.Add(time.Hour)
		g.Script(func(graphtest.Call) graphtest.Answer {
			return graphtest.Answer{Status: 400, Body: graphtest.Refusal("BadRequest", "no")}
		})
		if err := one.health.look(t.Context()); err == nil || known(one) != 1 {
			t.Errorf("%v: what was known is known still: %d", err, known(one))
		}
	})
}
