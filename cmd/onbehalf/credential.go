package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"onbehalf/bot/teams"
)

// secret is a setting that nobody else may read, so that it may come from a file.
type secret struct {
	name  string
	value *string
	file  *string
}

// secrets are the settings that hold one.
func (s *settings) secrets() []secret {
	return []secret{
		{"DATABASE_URL", &s.DatabaseURL, &s.DatabaseURLFile},
		{"MICROSOFT_APP_PASSWORD", &s.AppPassword, &s.AppPasswordFile},
		{"HEARTBEAT_URL", &s.HeartbeatURL, &s.HeartbeatURLFile},
		{"OTEL_EXPORTER_OTLP_HEADERS", &s.OTelHeaders, &s.OTelHeadersFile},
	}
}

// readSecrets puts what files hold in the place of their names. Problems name the file
// and nothing of what it holds.
func (s *settings) readSecrets() (problems []error) {
	for _, one := range s.secrets() {
		file := *one.file
		if file == "" {
			continue
		}
		*one.file = ""
		if *one.value != "" {
			problems = append(problems, fmt.Errorf("%s and %s_FILE are both set; leave one", one.name, one.name))
			continue
		}
		text, err := os.ReadFile(file)
		*one.value = strings.TrimSpace(string(text))
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("%s_FILE: %w", one.name, err))
		case *one.value == "":
			problems = append(problems, fmt.Errorf("%s_FILE: %s is empty", one.name, file))
		}
	}
	return problems
}

// systemIdentity is what MANAGED_IDENTITY_CLIENT_ID says for the identity of the machine
// itself.
const systemIdentity = "system"

// credential settles how the bot signs in. There are several ways, and one of them is
// to be chosen.
func (s settings) credential(c *Config, cloud teams.Cloud) (problems []error) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	var chosen []string
	if s.AppPassword != "" {
		chosen = append(chosen, "MICROSOFT_APP_PASSWORD")
		c.Credential = teams.Secret(s.AppPassword)
	}
	if s.CertificateFile != "" {
		chosen = append(chosen, "MICROSOFT_APP_CERTIFICATE_FILE")
		c.Credential = &teams.Certificate{Path: s.CertificateFile}
	}
	if s.FederatedTokenFile != "" {
		chosen = append(chosen, "MICROSOFT_APP_FEDERATED_TOKEN_FILE")
		c.Credential = teams.FederatedToken{Path: s.FederatedTokenFile}
	}
	if s.ManagedIdentity != "" {
		chosen = append(chosen, "MANAGED_IDENTITY_CLIENT_ID")
		identity, err := s.managedIdentity(cloud)
		if err != nil {
			problem("%w", err)
		}
		c.Credential = identity
	}
	switch {
	case len(chosen) > 1:
		problem("%s are set; the bot signs in one way: leave one of them", strings.Join(chosen, " and "))
	case len(chosen) == 0:
		problem("MICROSOFT_APP_PASSWORD is missing; set it or MICROSOFT_APP_PASSWORD_FILE, or sign in without a secret by " +
			"MICROSOFT_APP_CERTIFICATE_FILE, MICROSOFT_APP_FEDERATED_TOKEN_FILE or MANAGED_IDENTITY_CLIENT_ID")
	default:
		if _, err := c.Credential.Validity(); err != nil {
			problem("%s: %w", chosen[0], err)
		}
	}
	return problems
}

// managedIdentity is the identity that the platform gives. App Service and its kin say
// by variables of their own where that is.
func (s settings) managedIdentity(cloud teams.Cloud) (*teams.ManagedIdentity, error) {
	identity := &teams.ManagedIdentity{
		ClientID: strings.ToLower(s.ManagedIdentity), Audience: cmp.Or(s.ManagedIdentityAudience, cloud.Exchange),
		URL: cmp.Or(s.ManagedIdentityURL, s.IdentityEndpoint), Header: teams.Secret(s.IdentityHeader),
	}
	if strings.EqualFold(s.ManagedIdentity, systemIdentity) {
		identity.ClientID = ""
	} else if !guid.MatchString(s.ManagedIdentity) {
		return identity, fmt.Errorf("MANAGED_IDENTITY_CLIENT_ID is %q; it is the identity's client id (a GUID), or %s", s.ManagedIdentity, systemIdentity)
	}
	if identity.URL == "" {
		return identity, nil
	}
	if err := teams.CheckPlatformAddress(identity.URL); err != nil {
		return identity, fmt.Errorf("MANAGED_IDENTITY_URL: %w; http is for this machine and its own link only", err)
	}
	if s.ManagedIdentityURL == "" && s.IdentityHeader == "" {
		return identity, fmt.Errorf("IDENTITY_ENDPOINT is set without IDENTITY_HEADER, as Azure Arc does, which is not supported: use a certificate")
	}
	return identity, nil
}
