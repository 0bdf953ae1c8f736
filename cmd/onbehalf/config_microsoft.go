package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"onbehalf/bot/graph"
	"onbehalf/bot/partnercenter"
	"onbehalf/bot/teams"
)

// graph settles where customers and rights come from.
func (s settings) graph(c *Config) (problems []error) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	switch strings.ToLower(s.GraphSync) {
	case "off":
		return nil
	case "on":
	default:
		problem("GRAPH_SYNC is %q; it can be on or off", s.GraphSync)
		return problems
	}
	if !c.Registered() {
		problem("GRAPH_SYNC is on, and MICROSOFT_APP_ID is not set: the bot's registration is what reads Microsoft Graph")
	}
	if !guid.MatchString(s.AppTenant) {
		problem("GRAPH_SYNC is on, and MICROSOFT_APP_TENANT_ID is %q; it is the GUID of the partner's tenant, whose customers are read", s.AppTenant)
	}
	address, scope := graph.URLOf(c.Cloud.Name)
	c.GraphScope = scope
	c.GraphURL = strings.TrimSuffix(strings.TrimSuffix(cmp.Or(s.GraphURL, address), "/"), "/v1.0")
	c.GraphLoginURL = strings.TrimSuffix(s.GraphLoginURL, "/")
	if c.GraphLoginURL == "" && c.Cloud.Name != "" {
		c.GraphLoginURL = "https://" + c.Cloud.LoginHost
	}
	if at, err := url.Parse(c.GraphLoginURL); err == nil && at.Path == "" {
		c.GraphLoginURL += "/" + url.PathEscape(c.AppTenant) + "/oauth2/v2.0/token"
	}
	for name, address := range map[string]string{"GRAPH_URL": c.GraphURL, "GRAPH_LOGIN_URL": c.GraphLoginURL} {
		if err := teams.CheckAddress(address); c.Cloud.Name != "" && err != nil {
			problem("%s: %w; http is for loopback hosts only", name, err)
		}
	}
	return problems
}

// partnerCenter settles whether events of Partner Center are taken. What is found by an
// event of fraud is for leads alone, so there are some.
func (s settings) partnerCenter(c *Config) (problems []error) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	switch strings.ToLower(s.PartnerCenterWebhook) {
	case "off":
		return nil
	case "on":
	default:
		problem("PARTNER_CENTER_WEBHOOK is %q; it can be on or off", s.PartnerCenterWebhook)
		return problems
	}
	if leads := (&leadership{fixed: c.Leads, path: c.LeadsFile, log: slog.New(slog.DiscardHandler)}).leads(); len(leads) == 0 {
		problem("PARTNER_CENTER_WEBHOOK is on, and LEADS is empty: a fraud request that comes by it is seen by leads alone, so name at least one, by the Entra object id")
	}
	c.CertificateHosts = []string{partnercenter.MicrosoftHost}
	if s.CertificateHosts != "" {
		c.CertificateHosts = list(s.CertificateHosts)
	}
	for _, host := range c.CertificateHosts {
		if at, err := url.Parse("https://" + host); err != nil || at.Host != host || at.Hostname() == "" || strings.HasSuffix(host, ":") || strings.Contains(host, "*") {
			problem("PARTNER_CENTER_CERTIFICATE_HOSTS: %q is not a host or host:port, without scheme or path", host)
		}
	}
	return problems
}
