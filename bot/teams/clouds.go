package teams

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Cloud is one of the separate Microsoft clouds that Teams runs in. The closed
// German cloud is not among them.
type Cloud struct {
	Name         string
	Issuer       string   // of the channel's tokens
	MetadataURL  string   // announces the channel's signing keys
	LoginHost    string   // signs the bot in
	SharedTenant string   // signs in multi-tenant bots
	Scope        string   // of the bot's own tokens
	ServiceURL   string   // for conversations from which nothing came yet; empty when none is published
	ServiceHosts []string // may be a serviceUrl
	WebHost      string   // where people open Teams in a browser
	Exchange     string   // audience of a managed identity's token that is exchanged for one of an app
	Files        bool     // bots can send files in personal chats; of China nothing is published
}

// The clouds by CLOUD's names. GCC is the public cloud with a connector of its
// own; either may answer that the other is the right host.
var clouds = []Cloud{
	{
		Name:         "global",
		WebHost:      "teams.microsoft.com",
		Issuer:       "https://api.botframework.com",
		MetadataURL:  "https://login.botframework.com/v1/.well-known/openidconfiguration",
		LoginHost:    "login.microsoftonline.com",
		SharedTenant: "botframework.com",
		Scope:        "https://api.botframework.com/.default",
		ServiceURL:   "https://smba.trafficmanager.net/teams/",
		ServiceHosts: []string{"smba.trafficmanager.net", gccHost},
		Exchange:     "api://AzureADTokenExchange",
		Files:        true,
	},
	{
		Name:         "gcc",
		WebHost:      "teams.microsoft.com",
		Issuer:       "https://api.botframework.com",
		MetadataURL:  "https://login.botframework.com/v1/.well-known/openidconfiguration",
		LoginHost:    "login.microsoftonline.com",
		SharedTenant: "botframework.com",
		Scope:        "https://api.botframework.com/.default",
		ServiceURL:   GCCServiceURL,
		ServiceHosts: []string{"smba.trafficmanager.net", gccHost},
		Exchange:     "api://AzureADTokenExchange",
		Files:        true,
	},
	{
		Name:         "gcchigh",
		WebHost:      "gov.teams.microsoft.us",
		Issuer:       "https://api.botframework.us",
		MetadataURL:  "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
		LoginHost:    "login.microsoftonline.us",
		SharedTenant: "MicrosoftServices.onmicrosoft.us",
		Scope:        "https://api.botframework.us/.default",
		ServiceURL:   "https://smba.infra.gov.teams.microsoft.us/teams",
		ServiceHosts: []string{"smba.infra.gov.teams.microsoft.us"},
		Exchange:     "api://AzureADTokenExchangeUSGov",
	},
	{
		Name:         "dod",
		WebHost:      "dod.teams.microsoft.us",
		Issuer:       "https://api.botframework.us",
		MetadataURL:  "https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
		LoginHost:    "login.microsoftonline.us",
		SharedTenant: "MicrosoftServices.onmicrosoft.us",
		Scope:        "https://api.botframework.us/.default",
		ServiceURL:   "https://smba.infra.dod.teams.microsoft.us/teams",
		ServiceHosts: []string{"smba.infra.dod.teams.microsoft.us"},
		Exchange:     "api://AzureADTokenExchangeUSGov",
	},
	{
		Name:         "china",
		WebHost:      "teams.microsoftonline.cn",
		Issuer:       "https://api.botframework.azure.cn",
		MetadataURL:  "https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
		LoginHost:    "login.partner.microsoftonline.cn",
		SharedTenant: "microsoftservices.partner.onmschina.cn",
		Scope:        "https://api.botframework.azure.cn/.default",
		Exchange:     "api://AzureADTokenExchangeChina",
	},
}

const gccHost = "smba.infra.gcc.teams.microsoft.com"

// GCCServiceURL is where a conversation lives whose send was answered with
// InvalidBotApiHost.
const GCCServiceURL = "https://" + gccHost + "/teams"

// CloudNames returns the values that CLOUD may have.
func CloudNames() []string {
	names := make([]string, len(clouds))
	for i, c := range clouds {
		names[i] = c.Name
	}
	return names
}

// CloudNamed returns a cloud by its name in CLOUD.
func CloudNamed(name string) (Cloud, error) {
	i := slices.IndexFunc(clouds, func(c Cloud) bool { return c.Name == name })
	if i < 0 {
		return Cloud{}, fmt.Errorf("unknown cloud %q: one of %s", name, strings.Join(CloudNames(), ", "))
	}
	return clouds[i], nil
}

// The kinds of registration, by Bot Framework's names.
const (
	SingleTenant = "SingleTenant"
	MultiTenant  = "MultiTenant"
)

// LoginURL returns the token endpoint for a registration. New registrations
// are single-tenant; they sign in at their own tenant, others at the shared
// one.
func (c Cloud) LoginURL(appType, tenant string) (string, error) {
	switch appType {
	case MultiTenant:
		tenant = c.SharedTenant
	case SingleTenant:
		if tenant == "" {
			return "", errors.New("a single-tenant bot needs the tenant of its registration")
		}
	default:
		return "", fmt.Errorf("unknown app type %q: one of %s, %s", appType, SingleTenant, MultiTenant)
	}
	return "https://" + c.LoginHost + "/" + url.PathEscape(tenant) + "/oauth2/v2.0/token", nil
}

// ChatURL is the address that opens Teams at a person's own chat with the bot. Without
// a registration it opens Teams alone.
func (c Cloud) ChatURL(appID string) string {
	if appID == "" {
		return "https://" + c.WebHost + "/"
	}
	return "https://" + c.WebHost + "/l/chat/0/0?" + url.Values{"users": {"28:" + appID}}.Encode()
}
