package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/graph/graphtest"
	"onbehalf/bot/partnercenter"
	"onbehalf/bot/partnercenter/partnercentertest"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

const someLead = "5d0e2c6a-1111-4000-8000-000000000001"

func TestPartnerCentersSettingsAreChecked(t *testing.T) {
	empty := written(t, "leads.txt", "# nobody yet\n")
	for name, c := range map[string]struct {
		s    settings
		want string
	}{
		"no word":          {settings{PartnerCenterWebhook: "yes"}, `PARTNER_CENTER_WEBHOOK is "yes"; it can be on or off`},
		"nobody leads":     {settings{PartnerCenterWebhook: "on"}, "PARTNER_CENTER_WEBHOOK is on, and LEADS is empty"},
		"an empty file":    {settings{PartnerCenterWebhook: "on", LeadsFile: empty}, "PARTNER_CENTER_WEBHOOK is on, and LEADS is empty"},
		"a host as a URL":  {settings{PartnerCenterWebhook: "on", Leads: someLead, CertificateHosts: "https://a.example/cert"}, "PARTNER_CENTER_CERTIFICATE_HOSTS"},
		"a host with star": {settings{PartnerCenterWebhook: "on", Leads: someLead, CertificateHosts: "*.example"}, "PARTNER_CENTER_CERTIFICATE_HOSTS"},
	} {
		if _, err := c.s.config(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := settings{PartnerCenterWebhook: "ON", LeadsFile: written(t, "some.txt", someLead)}.config()
	if err != nil || len(c.CertificateHosts) != 1 || c.CertificateHosts[0] != partnercenter.MicrosoftHost {
		t.Errorf("%v, %v", c.CertificateHosts, err)
	}
	c, err = settings{PartnerCenterWebhook: "on", Leads: someLead, CertificateHosts: "A.example, b.example:8443"}.config()
	if err != nil || strings.Join(c.CertificateHosts, " ") != "a.example b.example:8443" {
		t.Errorf("%v, %v", c.CertificateHosts, err)
	}
	if c, err = (settings{}).config(); err != nil || len(c.CertificateHosts) != 0 {
		t.Errorf("switched off: %v, %v", c.CertificateHosts, err)
	}
	command(t, "serve", "--partner-center-webhook=on", "--database-url=sqlite:"+t.TempDir()+"/none.db").fails(t, exitFailed, "LEADS is empty")
}

// TestFraudReachesTheLeadsOfARunningBot has the program itself, with nothing of a test in
// it: the authority is trusted because the system says so.
func TestFraudReachesTheLeadsOfARunningBot(t *testing.T) {
	d := &desk{Teams: teamstest.New(t)}
	address := storetest.EmptySQLite(t)
	command(t, "customers", "import", "sample/customers.csv", "--database-url="+address).done(t)
	d.Patience, d.store = limit, storetest.Open(t, address)
	sender := partnercentertest.Start(t, time.Now)
	lead := d.Conversation(teamstest.Personal).As("Lena Lead")
	bot := serving(t, with(d.Env(), "DATABASE_URL", address, "PARTNER_CENTER_WEBHOOK", "on", "PARTNER_CENTER_CERTIFICATE_HOSTS", sender.Host(), "SSL_CERT_FILE", sender.RootFile()))
	behind(d.Teams, bot)
	lead.Say("help")
	at, err := url.Parse(bot.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(at)
	body := partnercentertest.Event("azure-fraud-event-detected", partnercentertest.FraudURI(contosoSub), time.Now())
	forged := sender.Request(body)
	forged.Header.Set("Authorization", "Signature "+partnercentertest.Sign(t, body, 1))
	if status := sender.Send(proxy, forged); status != http.StatusUnauthorized {
		t.Errorf("a forged event: answered %d", status)
	}
	for range 2 {
		if status, attempts := sender.Post(proxy, body); status != http.StatusOK || attempts != 1 {
			t.Errorf("answered %d after %d", status, attempts)
		}
	}
	lead.ExpectCard("SR-1", "Azure fraud detected", contosoSub, "Partner Center").Press("ticket/assign", "to", "me").Expect("Lena Lead")
	if n := len(d.all()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// The whole program with its parts as serve puts them together: the route is there where it
// is switched on, an event is followed up by Graph, and the doctor says what came.
func TestEventsOfPartnerCenterReachTheProgram(t *testing.T) {
	address := storetest.EmptySQLite(t)
	g := inGraph(t, address)
	sender := partnercentertest.Start(t, time.Now)
	s := settings{
		DatabaseURL: address, GraphSync: "on", GraphURL: g.URL, GraphLoginURL: g.LoginURL(), Leads: someLead,
		AppID: graphtest.AppID, AppPassword: graphtest.Password, AppTenant: graphtest.Tenant,
	}
	st := storetest.Open(t, address)
	started := func() *program {
		t.Helper()
		cfg, err := s.config()
		if err != nil {
			t.Fatal(err)
		}
		p, err := assemble(t.Context(), cfg, st, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	body := partnercentertest.Event("granular-admin-relationship-approved", partnercentertest.RelationshipURI("a"), time.Now())
	off := started()
	if status := sender.Send(off.server.Routes(false), sender.Request(body)); status != http.StatusNotFound || off.follower != nil {
		t.Errorf("switched off it answers %d", status)
	}

	for name, value := range map[string]string{"PARTNER_CENTER_WEBHOOK": "on", "LEADS": someLead, "PUBLIC_URL": "https://onbehalf.example.org"} {
		t.Setenv(name, value)
	}
	if said := command(t, "doctor").out; !strings.Contains(said, "ok    Partner Center events at https://onbehalf.example.org/partner-center/events; none came yet") {
		t.Error(said)
	}
	s.PartnerCenterWebhook, s.CertificateHosts = "on", sender.Host()
	p := started()
	p.server.Events.(*partnercenter.Receiver).Certificates.Roots = sender.Roots()
	routes := p.server.Routes(false)
	if status, attempts := sender.Post(routes, body); status != http.StatusOK || attempts != 1 {
		t.Errorf("answered %d after %d", status, attempts)
	}
	if said := command(t, "doctor").out; !strings.Contains(said, "1 wait for Microsoft Graph") {
		t.Error(said)
	}
	if err := p.follower.Look(t.Context()); err != nil {
		t.Error(err)
	}
	if c, err := st.Customer(t.Context(), contosoID); err != nil || c.Name != "Contoso Group" || c.Rights == nil {
		t.Errorf("%+v, %v", c, err)
	}
	if status, _ := sender.Post(routes, partnercentertest.Event("test-created", "test", time.Now())); status != http.StatusOK {
		t.Errorf("answered %d", status)
	}
	if said := command(t, "doctor", "--graph-sync=off").out; !strings.Contains(said, "the last test at ") || !strings.Contains(said, "because GRAPH_SYNC is off") {
		t.Error(said)
	}
	if said := command(t, "doctor", "--public-url=").out; !strings.Contains(said, "MEND  Partner Center events: PUBLIC_URL is not set") {
		t.Error(said)
	}
	w := httptest.NewRecorder()
	p.server.AdminRoutes().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range []string{
		`onbehalf_partner_center_events_total{event="granular-admin-relationship-approved",outcome="refreshed"} 1`,
		`onbehalf_partner_center_events_total{event="test-created",outcome="tested"} 1`,
	} {
		if !strings.Contains(w.Body.String(), line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
}
