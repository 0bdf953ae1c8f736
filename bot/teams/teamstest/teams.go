package teamstest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot/teams"
)

// The three kinds of conversation.
const (
	Personal  = teams.Personal
	GroupChat = teams.GroupChat
	Channel   = teams.TeamsChannel
)

// The registration and the tenants of the fake.
const (
	AppID       = "4f1d2a6e-7b0c-4d5e-9a43-0c5b6f2d8e11"
	BotID       = "28:" + AppID
	BotName     = "Onbehalf"
	Password    = "fake-password"
	Tenant      = "7d0b2f3e-6f0f-4a6d-8f3c-2c1b9a7e4d55"
	OtherTenant = "3ceaaf30-8142-48ea-91d9-3080f9b439fc"
	Issuer      = "https://api.botframework.com"
	Scope       = "https://api.botframework.com/.default"
)

// patience is how long a test waits for what should come at once.
const patience = 10 * time.Second

// Teams is one fake. All its methods may be used from several goroutines.
type Teams struct {
	TB testing.TB
	// Patience is how long Expect methods and WaitFor wait: 10 s, or more for what
	// waits itself. Set it before anything is expected.
	Patience time.Duration

	base         string
	client       *http.Client
	now          func() time.Time
	enforce      bool
	unregistered bool
	bot          func(*http.Request) (*http.Response, error)

	mu            sync.Mutex
	keys          []*Key
	retired       []*Key
	credentials   credentials
	tokens        map[string]issued
	scopes        []string
	tokenLifetime time.Duration
	everyTenant   bool // the registration is for all of them
	signatures    map[signedBy]string
	people        map[string]*Person
	conversations map[string]*conversation
	windows       map[string][]time.Time
	violations    []string
	faults        []*Fault
	events        []Event
	changed       chan struct{}
	lastID        int64
	uploads       map[string]bool
	stored        [][]byte
}

// Option changes how the fake behaves.
type Option func(*Teams)

// WithClock makes the fake live by this clock: tokens, rate windows, expiry.
func WithClock(now func() time.Time) Option { return func(t *Teams) { t.now = now } }

// EnforceLimits answers 429 when the limits of Teams are passed. Without it
// they are only recorded, see Violations.
func EnforceLimits() Option { return func(t *Teams) { t.enforce = true } }

// Unregistered is Teams as a bot without an app id sees it, the Playground: no
// tokens in either direction.
func Unregistered() Option { return func(t *Teams) { t.unregistered = true } }

// InMemory has no listener: the bot must use Client. It works inside of
// testing/synctest, where a listening socket would stop the clock.
func InMemory() Option { return func(t *Teams) { t.base = "http://127.0.0.1:56150" } }

// New starts a fake Teams that ends with the test.
func New(tb testing.TB, options ...Option) *Teams {
	tb.Helper()
	t := &Teams{
		TB: tb, Patience: patience, now: time.Now, tokens: map[string]issued{}, scopes: []string{Scope}, tokenLifetime: time.Hour, signatures: map[signedBy]string{},
		people: map[string]*Person{}, conversations: map[string]*conversation{}, windows: map[string][]time.Time{},
		changed: make(chan struct{}), lastID: 1795400000000,
	}
	for _, o := range options {
		o(t)
	}
	t.Rotate()
	handler := t.handler()
	if t.base != "" {
		t.client = &http.Client{Transport: memory{handler}}
		return t
	}
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	t.base, t.client = server.URL, server.Client()
	return t
}

func (t *Teams) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/.well-known/openidconfiguration", t.serveMetadata)
	mux.HandleFunc("GET /v1/.well-known/keys", t.serveKeys)
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", t.serveToken)
	mux.HandleFunc("GET /metadata/identity/oauth2/token", func(w http.ResponseWriter, r *http.Request) {
		t.servePlatform(w, r, "2018-02-01", func(i Identity) bool { return i.Header == "" && r.Header.Get("Metadata") == "true" })
	})
	mux.HandleFunc("GET /msi/token", func(w http.ResponseWriter, r *http.Request) {
		t.servePlatform(w, r, "2019-08-01", func(i Identity) bool { return i.Header != "" && r.Header.Get("X-IDENTITY-HEADER") == i.Header })
	})
	mux.HandleFunc("PUT /onedrive/{session}", t.upload)
	t.connectorRoutes(mux)
	return mux
}

// MetadataURL announces the signing keys.
func (t *Teams) MetadataURL() string { return t.base + "/v1/.well-known/openidconfiguration" }

// LoginURL is the token endpoint of the bot's own tokens.
func (t *Teams) LoginURL() string { return t.base + "/" + Tenant + "/oauth2/v2.0/token" }

// ServiceURL is the connector, as activities name it.
func (t *Teams) ServiceURL() string { return t.base + "/emea/" }

// ServiceHost is the connector's host for TRUSTED_SERVICE_HOSTS.
func (t *Teams) ServiceHost() string { _, host, _ := strings.Cut(t.base, "://"); return host }

// Client reaches the fake.
func (t *Teams) Client() *http.Client { return t.client }

// Env is the configuration of a bot that is registered here, by the names of
// the environment variables. The lead is Lead.
func (t *Teams) Env() map[string]string {
	if t.unregistered {
		return map[string]string{"LEADS": t.Lead().ObjectID}
	}
	return map[string]string{
		"MICROSOFT_APP_ID":                        AppID,
		"MICROSOFT_APP_PASSWORD":                  Password,
		"MICROSOFT_APP_TYPE":                      teams.SingleTenant,
		"MICROSOFT_APP_TENANT_ID":                 Tenant,
		"PARTNER_TENANTS":                         Tenant,
		"LEADS":                                   t.Lead().ObjectID,
		"TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL": t.MetadataURL(),
		"TO_BOT_FROM_CHANNEL_TOKEN_ISSUER":        Issuer,
		"TO_CHANNEL_FROM_BOT_LOGIN_URL":           t.LoginURL(),
		"TO_CHANNEL_FROM_BOT_OAUTH_SCOPE":         Scope,
		"TRUSTED_SERVICE_HOSTS":                   t.ServiceHost(),
	}
}

// Verifier checks inbound tokens of this fake.
func (t *Teams) Verifier() *teams.Verifier {
	return &teams.Verifier{AppID: AppID, Issuer: Issuer, MetadataURL: t.MetadataURL(), Client: t.client, Now: t.now}
}

// Hosts allows this fake alone.
func (t *Teams) Hosts() teams.Hosts {
	if t.unregistered {
		return teams.LoopbackHosts()
	}
	hosts, err := teams.NewHosts(teams.Cloud{}, []string{t.ServiceHost()})
	if err != nil {
		t.TB.Fatalf("trust the fake connector: %v", err)
	}
	return hosts
}

// Tokens signs the bot in here.
func (t *Teams) Tokens() *teams.Tokens {
	return &teams.Tokens{LoginURL: t.LoginURL(), AppID: AppID, Credential: teams.Secret(Password), Scope: Scope, Client: t.client, Now: t.now}
}

// Connector talks to this fake.
func (t *Teams) Connector() *teams.Connector {
	c := &teams.Connector{Hosts: t.Hosts(), Client: t.client, Now: t.now}
	if !t.unregistered {
		c.Tokens = t.Tokens()
	}
	return c
}

// Attach names the bot that conversations talk to.
func (t *Teams) Attach(bot http.Handler) {
	transport := memory{bot}
	t.bot = transport.RoundTrip
}

// AttachURL names the bot by its endpoint, /api/messages included.
func (t *Teams) AttachURL(endpoint string) {
	client := &http.Client{Timeout: patience}
	t.bot = func(r *http.Request) (*http.Response, error) {
		u, err := r.URL.Parse(endpoint)
		if err != nil {
			return nil, err
		}
		r.URL, r.Host = u, u.Host
		return client.Do(r)
	}
}
