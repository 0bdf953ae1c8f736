package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"onbehalf/bot/teams"
)

// settings are what an operator may set, by environment or by a flag of the same
// name; a flag wins. They are taken as text, so that config can report all
// problems at once instead of the first.
type settings struct {
	ListenAddr string `env:"LISTEN_ADDR" group:"settings" placeholder:"HOST:PORT" help:"Address of the endpoint. Default: :3978 with an app id, 127.0.0.1:3978 without."`
	AdminAddr  string `env:"ADMIN_ADDR" group:"settings" placeholder:"HOST:PORT" help:"Where /metrics and /readyz with reasons are served. Default: LISTEN_ADDR when that is loopback, else nowhere."`

	TLSCertFile string `name:"tls-cert-file" env:"TLS_CERT_FILE" group:"settings" placeholder:"FILE.pem" help:"Certificate to serve TLS with directly; read again when it changes. Default: plain HTTP, behind a proxy."`
	TLSKeyFile  string `name:"tls-key-file" env:"TLS_KEY_FILE" group:"settings" placeholder:"FILE.pem" help:"Its key."`

	PublicURL string `name:"public-url" env:"PUBLIC_URL" group:"settings" placeholder:"URL" help:"https address under which the bot is reached from outside; links to requests begin with it. Default: no links."`

	DatabaseURL     string `name:"database-url" env:"DATABASE_URL" group:"settings" placeholder:"URL" help:"postgres://… or sqlite:PATH. Default: sqlite:onbehalf.db."`
	DatabaseURLFile string `name:"database-url-file" env:"DATABASE_URL_FILE" group:"settings" placeholder:"PATH" help:"A file that holds it, with its password."`

	AppID                   string `name:"microsoft-app-id" env:"MICROSOFT_APP_ID" group:"settings" placeholder:"GUID" help:"The bot's application id. Without one only this machine is served."`
	AppPassword             string `name:"microsoft-app-password" env:"MICROSOFT_APP_PASSWORD" group:"settings" placeholder:"SECRET" help:"Its client secret."`
	AppPasswordFile         string `name:"microsoft-app-password-file" env:"MICROSOFT_APP_PASSWORD_FILE" group:"settings" placeholder:"PATH" help:"A file that holds the client secret."`
	CertificateFile         string `name:"microsoft-app-certificate-file" env:"MICROSOFT_APP_CERTIFICATE_FILE" group:"settings" placeholder:"FILE.pem" help:"Certificate and key to sign in with instead; read again when it changes."`
	FederatedTokenFile      string `name:"microsoft-app-federated-token-file" env:"MICROSOFT_APP_FEDERATED_TOKEN_FILE" group:"settings" placeholder:"PATH" help:"A platform's token to sign in with instead, such as Kubernetes'."`
	ManagedIdentity         string `name:"managed-identity-client-id" env:"MANAGED_IDENTITY_CLIENT_ID" group:"settings" placeholder:"GUID" help:"Managed identity to sign in with instead: its client id, or system."`
	ManagedIdentityURL      string `name:"managed-identity-url" env:"MANAGED_IDENTITY_URL" group:"settings" placeholder:"URL" help:"Where the platform gives its token. Default: by platform."`
	ManagedIdentityAudience string `name:"managed-identity-audience" env:"MANAGED_IDENTITY_AUDIENCE" group:"settings" placeholder:"URI" help:"What that token is for. Default: by cloud."`
	IdentityEndpoint        string `env:"IDENTITY_ENDPOINT" hidden:"" help:"Set by App Service and its kin."`
	IdentityHeader          string `env:"IDENTITY_HEADER" hidden:"" help:"Set by App Service and its kin."`
	AppType                 string `name:"microsoft-app-type" env:"MICROSOFT_APP_TYPE" group:"settings" default:"SingleTenant" help:"SingleTenant or MultiTenant."`
	AppTenant               string `name:"microsoft-app-tenant-id" env:"MICROSOFT_APP_TENANT_ID" group:"settings" placeholder:"GUID" help:"The tenant of the registration."`

	PartnerTenants         string `env:"PARTNER_TENANTS" group:"settings" placeholder:"GUID,…" help:"Tenants whose people may use the bot. Default: MICROSOFT_APP_TENANT_ID."`
	Leads                  string `env:"LEADS" group:"settings" placeholder:"GUID,…" help:"Entra object ids of the people who lead the desk."`
	LeadsFile              string `env:"LEADS_FILE" group:"settings" placeholder:"PATH" help:"A file with more of them, one a line; a change counts at once."`
	DeskConversation       string `env:"DESK_CONVERSATION" group:"settings" placeholder:"ID" help:"Conversation that gets the card of every request that was opened elsewhere."`
	EscalationConversation string `env:"ESCALATION_CONVERSATION" group:"settings" placeholder:"ID" help:"Conversation that breaches are also sent to."`

	Cloud       string `env:"CLOUD" group:"settings" default:"global" help:"global, gcc, gcchigh, dod or china."`
	MetadataURL string `name:"to-bot-from-channel-openid-metadata-url" env:"TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL" group:"settings" placeholder:"URL" help:"Where the channel's signing keys are announced."`
	Issuer      string `name:"to-bot-from-channel-token-issuer" env:"TO_BOT_FROM_CHANNEL_TOKEN_ISSUER" group:"settings" placeholder:"ISSUER" help:"Issuer of the channel's tokens."`
	LoginURL    string `name:"to-channel-from-bot-login-url" env:"TO_CHANNEL_FROM_BOT_LOGIN_URL" group:"settings" placeholder:"URL" help:"Token endpoint of the bot's own tokens."`
	OAuthScope  string `name:"to-channel-from-bot-oauth-scope" env:"TO_CHANNEL_FROM_BOT_OAUTH_SCOPE" group:"settings" placeholder:"SCOPE" help:"Scope of the bot's own tokens."`

	GraphSync     string `env:"GRAPH_SYNC" group:"settings" default:"off" help:"on: customers, rights and known incidents come from Microsoft Graph, in the tenant of the registration."`
	GraphURL      string `name:"graph-url" env:"GRAPH_URL" group:"settings" placeholder:"URL" help:"Address of Microsoft Graph. Default: by CLOUD."`
	GraphLoginURL string `name:"graph-login-url" env:"GRAPH_LOGIN_URL" group:"settings" placeholder:"URL" help:"Token endpoint for Microsoft Graph. Default: by CLOUD and MICROSOFT_APP_TENANT_ID."`

	PartnerCenterWebhook string `env:"PARTNER_CENTER_WEBHOOK" group:"settings" default:"off" help:"on: signed events of Partner Center are taken at /partner-center/events."`
	CertificateHosts     string `name:"partner-center-certificate-hosts" env:"PARTNER_CENTER_CERTIFICATE_HOSTS" group:"settings" placeholder:"HOST,…" help:"Hosts from which the certificates of their signatures may come. Default: Microsoft's."`

	TrustedServiceHosts string `env:"TRUSTED_SERVICE_HOSTS" group:"settings" placeholder:"HOST,…" help:"Hosts that may be a serviceUrl besides the official ones."`
	TeamsTenantRate     string `env:"TEAMS_TENANT_RATE" group:"settings" default:"50" help:"Connector requests a second for each tenant; 0 is no limit."`
	SLAPolicy           string `name:"sla-policy" env:"SLA_POLICY" group:"settings" placeholder:"FILE.yaml" help:"The desk's own deadlines. Default: built in."`
	RetainClosed        string `env:"RETAIN_CLOSED" group:"settings" default:"0" placeholder:"DURATION" help:"Closed and withdrawn requests are removed after this long, such as 8760h; 0 is never."`
	HeartbeatURLFile    string `name:"heartbeat-url-file" env:"HEARTBEAT_URL_FILE" group:"settings" placeholder:"PATH" help:"A file that holds it."`
	HeartbeatURL        string `name:"heartbeat-url" env:"HEARTBEAT_URL" group:"settings" placeholder:"URL" help:"Asked once a minute while due notices are being sent on time."`
	OTelEndpoint        string `name:"otel-exporter-otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" group:"settings" placeholder:"URL" help:"Collector that gets traces, by OTLP over HTTP. Default: no traces."`
	OTelTracesEndpoint  string `name:"otel-exporter-otlp-traces-endpoint" env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" hidden:"" help:"The same, with its whole path."`
	OTelHeaders         string `name:"otel-exporter-otlp-headers" env:"OTEL_EXPORTER_OTLP_HEADERS" group:"settings" placeholder:"NAME=VALUE,…" help:"Headers for the collector, such as its key."`
	OTelHeadersFile     string `name:"otel-exporter-otlp-headers-file" env:"OTEL_EXPORTER_OTLP_HEADERS_FILE" group:"settings" placeholder:"PATH" help:"A file that holds them."`
	OTelTracesHeaders   string `name:"otel-exporter-otlp-traces-headers" env:"OTEL_EXPORTER_OTLP_TRACES_HEADERS" hidden:"" help:"The same, for traces alone."`
	OTelProtocol        string `name:"otel-exporter-otlp-protocol" env:"OTEL_EXPORTER_OTLP_PROTOCOL" hidden:"" help:"http/protobuf or http/json."`
	OTelTracesProtocol  string `name:"otel-exporter-otlp-traces-protocol" env:"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL" hidden:"" help:"The same, for traces alone."`
	OTelExporter        string `name:"otel-traces-exporter" env:"OTEL_TRACES_EXPORTER" hidden:"" help:"otlp, or none for no traces."`
	OTelDisabled        string `name:"otel-sdk-disabled" env:"OTEL_SDK_DISABLED" hidden:"" help:"true for no traces."`
	LogLevel            string `env:"LOG_LEVEL" group:"settings" default:"info" help:"debug, info, warn or error."`
	LogFormat           string `env:"LOG_FORMAT" group:"settings" default:"text" help:"text or json."`
}

// Config is what settings say, checked.
type Config struct {
	ListenAddr, AdminAddr string
	TLS                   *keyPair // nil is plain HTTP
	PublicURL             string   // without a slash at its end; empty where there is none
	DatabaseURL           string

	AppID, AppTenant string
	Credential       teams.Credential // nil without a registration
	MultiTenant      bool
	PartnerTenants   []string

	Leads                                    []string
	LeadsFile                                string
	DeskConversation, EscalationConversation string

	Cloud                                     teams.Cloud
	MetadataURL, Issuer, LoginURL, OAuthScope string
	ServiceHosts                              teams.Hosts
	TenantRate                                int // requests a second, 0 is no limit
	// GraphURL is empty where nothing comes from Microsoft Graph.
	GraphURL, GraphLoginURL, GraphScope string
	// CertificateHosts is empty where no events of Partner Center are taken.
	CertificateHosts []string
	SLAPolicy        string
	RetainClosed     time.Duration // 0 is for ever
	HeartbeatURL     string
	Traces           Traces

	LogLevel slog.Level
	LogJSON  bool
}

// Registered says whether the bot has a registration; without one it serves
// loopback only and asks for no tokens.
func (c Config) Registered() bool { return c.AppID != "" }

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// config checks the settings and reports every problem with them, each naming
// the variable and what to write instead.
func (s settings) config() (Config, error) {
	s.fill()
	problems := s.readSecrets()
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	c := Config{
		// Tokens name the app id in lower case, and it is compared letter by letter.
		DatabaseURL: s.database(), AppID: strings.ToLower(s.AppID), AppTenant: s.AppTenant,
		Leads: list(s.Leads), LeadsFile: s.LeadsFile,
		DeskConversation: s.DeskConversation, EscalationConversation: s.EscalationConversation,
		SLAPolicy: s.SLAPolicy,
	}
	if !strings.HasPrefix(c.DatabaseURL, "sqlite:") && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		problem("DATABASE_URL must begin with postgres:// or sqlite:, such as sqlite:onbehalf.db")
	}
	problems = append(problems, s.registration(&c)...)
	problems = append(problems, s.addresses(&c)...)
	if s.TLSCertFile != "" || s.TLSKeyFile != "" {
		pair, err := openKeyPair(s.TLSCertFile, s.TLSKeyFile)
		if err != nil {
			problems = append(problems, err)
		}
		c.TLS = pair
	}
	problems = append(problems, s.cloud(&c)...)
	problems = append(problems, s.graph(&c)...)
	problems = append(problems, s.partnerCenter(&c)...)
	for _, lead := range c.Leads {
		if !guid.MatchString(lead) {
			problem("LEADS: %q is not an Entra object id (a GUID)", lead)
		}
	}
	rate, err := strconv.Atoi(s.TeamsTenantRate)
	if err != nil || rate < 0 {
		problem("TEAMS_TENANT_RATE is %q; it is a number of requests a second, 0 for no limit", s.TeamsTenantRate)
	}
	c.TenantRate = rate
	if c.RetainClosed, err = time.ParseDuration(s.RetainClosed); err != nil || c.RetainClosed < 0 {
		problem("RETAIN_CLOSED is %q; it is a duration such as 8760h, 0 for never", s.RetainClosed)
	}
	c.HeartbeatURL = s.HeartbeatURL
	if c.HeartbeatURL != "" && teams.CheckAddress(c.HeartbeatURL) != nil { // its path may be a secret
		problem("HEARTBEAT_URL is no https address; http is for this machine alone")
	}
	problems = append(problems, s.traces(&c)...)
	if err := c.LogLevel.UnmarshalText([]byte(s.LogLevel)); err != nil {
		problem("LOG_LEVEL is %q; it can be debug, info, warn or error", s.LogLevel)
	}
	switch strings.ToLower(s.LogFormat) {
	case "text":
	case "json":
		c.LogJSON = true
	default:
		problem("LOG_FORMAT is %q; it can be text or json", s.LogFormat)
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return c, errors.Join(problems...)
}

// conversationID is the shape of a conversation's id in Teams: a channel, a group
// chat or meeting, or the chat of one person with the bot.
var conversationID = regexp.MustCompile(`^(19:[^\s@;]+@(thread\.(tacv2|skype|v2)|unq\.gbl\.spaces)|a:[A-Za-z0-9_-]+)$`)

// conversations checks the ids of conversations. It stands apart from config: the
// ids of a Playground look otherwise, and the bot works without them.
func (s settings) conversations() error {
	var problems []error
	for _, c := range []struct{ name, id string }{{"DESK_CONVERSATION", s.DeskConversation}, {"ESCALATION_CONVERSATION", s.EscalationConversation}} {
		if c.id != "" && !conversationID.MatchString(c.id) {
			problems = append(problems, fmt.Errorf("%s is %q, which is no conversation's id such as 19:…@thread.tacv2: type “where” to the bot in that conversation, it tells leads the id", c.name, c.id))
		}
	}
	return errors.Join(problems...)
}

// fill gives defaults to what was set to nothing, as container files do with
// variables that their author left open.
func (s *settings) fill() {
	s.AppType = cmp.Or(s.AppType, "SingleTenant")
	s.Cloud = cmp.Or(s.Cloud, "global")
	s.TeamsTenantRate = cmp.Or(s.TeamsTenantRate, "50")
	s.GraphSync = cmp.Or(s.GraphSync, "off")
	s.PartnerCenterWebhook = cmp.Or(s.PartnerCenterWebhook, "off")
	s.RetainClosed = cmp.Or(s.RetainClosed, "0")
	s.LogLevel = cmp.Or(s.LogLevel, "info")
	s.LogFormat = cmp.Or(s.LogFormat, "text")
}

// database is where everything is kept.
func (s settings) database() string { return cmp.Or(s.DatabaseURL, "sqlite:onbehalf.db") }

// registration checks what belongs to the bot's registration and fills in the
// tenants.
func (s settings) registration(c *Config) (problems []error) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	switch strings.ToLower(s.AppType) {
	case "singletenant":
	case "multitenant":
		c.MultiTenant = true
	case "userassignedmsi":
		problem("MICROSOFT_APP_TYPE is %q; write SingleTenant, and MANAGED_IDENTITY_CLIENT_ID with the bot's own id", s.AppType)
	default:
		problem("MICROSOFT_APP_TYPE is %q; it can be SingleTenant or MultiTenant", s.AppType)
	}
	c.PartnerTenants = list(s.PartnerTenants)
	if len(c.PartnerTenants) == 0 && s.AppTenant != "" {
		c.PartnerTenants = []string{strings.ToLower(s.AppTenant)}
	}
	for _, tenant := range c.PartnerTenants {
		if !guid.MatchString(tenant) {
			problem("PARTNER_TENANTS: %q is not a tenant id (a GUID)", tenant)
		}
	}
	if s.AppID == "" {
		return problems
	}
	if !guid.MatchString(s.AppID) {
		problem("MICROSOFT_APP_ID is %q; it is a GUID", s.AppID)
	}
	if !c.MultiTenant && !guid.MatchString(s.AppTenant) {
		problem("MICROSOFT_APP_TENANT_ID is %q; a single-tenant bot needs its tenant's GUID", s.AppTenant)
	}
	if len(c.PartnerTenants) == 0 {
		problem("PARTNER_TENANTS is empty; name the tenants whose people may use the bot")
	}
	return problems
}

// addresses settles where to listen. Without a registration everybody who can
// connect would be believed, so only loopback will do.
func (s settings) addresses(c *Config) (problems []error) {
	if public, err := publicURL(s.PublicURL); err != nil {
		problems = append(problems, fmt.Errorf("PUBLIC_URL: %w; it is the bot's own address, such as https://onbehalf.example.com", err))
	} else {
		c.PublicURL = public
	}
	c.ListenAddr = s.ListenAddr
	if c.ListenAddr == "" {
		c.ListenAddr = "127.0.0.1:3978"
		if c.Registered() {
			c.ListenAddr = ":3978"
		}
	}
	for name, address := range map[string]string{"LISTEN_ADDR": c.ListenAddr, "ADMIN_ADDR": s.AdminAddr} {
		if address == "" {
			continue
		}
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			problems = append(problems, fmt.Errorf("%s is %q; it is HOST:PORT, such as 127.0.0.1:3978", name, address))
		}
	}
	if !c.Registered() && !teams.IsLoopbackHostPort(c.ListenAddr) {
		problems = append(problems, fmt.Errorf("LISTEN_ADDR is %q; without MICROSOFT_APP_ID only loopback is served, such as 127.0.0.1:3978", c.ListenAddr))
	}
	c.AdminAddr = s.AdminAddr
	if c.AdminAddr == "" && teams.IsLoopbackHostPort(c.ListenAddr) {
		c.AdminAddr = c.ListenAddr
	}
	return problems
}

// publicURL checks the bot's own address, and takes the slash off its end.
func publicURL(text string) (string, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "/")
	if text == "" {
		return "", nil
	}
	if err := teams.CheckAddress(text); err != nil {
		return "", err
	}
	if strings.ContainsAny(text, "?#") {
		return "", errors.New("nothing follows the path")
	}
	return text, nil
}

// cloud settles where tokens come from and where they may go. Without a
// registration there are none, and only services on this machine are spoken to.
func (s settings) cloud(c *Config) (problems []error) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	cloud, err := teams.CloudNamed(strings.ToLower(s.Cloud))
	if err != nil {
		problem("CLOUD: %w", err)
	}
	c.Cloud = cloud
	if c.Registered() {
		problems = append(problems, s.credential(c, cloud)...)
	}
	c.MetadataURL = cmp.Or(s.MetadataURL, cloud.MetadataURL)
	c.Issuer = cmp.Or(s.Issuer, cloud.Issuer)
	c.OAuthScope = cmp.Or(s.OAuthScope, cloud.Scope)
	if c.LoginURL = s.LoginURL; c.LoginURL == "" && c.Registered() && err == nil {
		appType := teams.SingleTenant
		if c.MultiTenant {
			appType = teams.MultiTenant
		}
		// A tenant that is missing is reported with the registration.
		c.LoginURL, _ = cloud.LoginURL(appType, cmp.Or(c.AppTenant, "missing"))
	}
	if err := teams.CheckAddress(c.MetadataURL); c.MetadataURL != "" && err != nil {
		problem("TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL: %w; http is for loopback hosts only", err)
	}
	if s.LoginURL != "" {
		if err := teams.CheckAddress(s.LoginURL); err != nil {
			problem("TO_CHANNEL_FROM_BOT_LOGIN_URL: %w; http is for loopback hosts only", err)
		}
	}
	if strings.Contains(s.TrustedServiceHosts, "*") {
		problem("TRUSTED_SERVICE_HOSTS: a host is compared whole, so * allows nothing; name each host")
	}
	hosts, err := teams.NewHosts(cloud, list(s.TrustedServiceHosts))
	if err != nil {
		problem("TRUSTED_SERVICE_HOSTS: %w, without scheme or path", err)
	}
	if c.ServiceHosts = hosts; !c.Registered() {
		c.ServiceHosts = teams.LoopbackHosts()
	}
	return problems
}

// list splits a comma-separated setting, drops blanks and lower-cases: all such
// settings are GUIDs or host names.
func list(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.ToLower(strings.TrimSpace(part)); part != "" && !slices.Contains(all, part) {
			all = append(all, part)
		}
	}
	return all
}
