package main

import (
	"onbehalf/bot/teams"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	appID  = "0b7f6f7e-1f0c-4c1f-8a3e-5d1c7a9e4b21"
	tenant = "7d0b2f3e-6f0f-4a6d-8f3c-2c1b9a7e4d55"
)

// plain are the settings of somebody who set nothing.
func plain() settings {
	return settings{DatabaseURL: "sqlite:onbehalf.db", AppType: "SingleTenant", Cloud: "global", TeamsTenantRate: "50", LogLevel: "info", LogFormat: "text"}
}

func TestNothingSetServesThisMachineOnly(t *testing.T) {
	c, err := plain().config()
	if err != nil {
		t.Fatal(err)
	}
	if c.ListenAddr != "127.0.0.1:3978" || c.AdminAddr != c.ListenAddr || c.Registered() || c.TenantRate != 50 {
		t.Errorf("got %+v", c)
	}
}

func TestRegistrationOpensTheDoorAndHidesTheMetrics(t *testing.T) {
	s := plain()
	s.AppID, s.AppPassword, s.AppTenant = appID, "secret", tenant
	c, err := s.config()
	if err != nil {
		t.Fatal(err)
	}
	if c.ListenAddr != ":3978" || c.AdminAddr != "" {
		t.Errorf("listens on %q, metrics on %q", c.ListenAddr, c.AdminAddr)
	}
	if !slices.Equal(c.PartnerTenants, []string{tenant}) {
		t.Errorf("tenants are %v, want the registration's own", c.PartnerTenants)
	}
}

func TestPasswordMayComeFromAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := plain()
	s.AppID, s.AppPasswordFile, s.AppTenant = appID, file, tenant
	c, err := s.config()
	if err != nil {
		t.Fatal(err)
	}
	if c.Credential != teams.Secret("hush") {
		t.Errorf("credential is %q", c.Credential)
	}
}

func TestEachMistakeIsNamedWithItsVariable(t *testing.T) {
	for name, tc := range map[string]struct {
		set  func(*settings)
		want string
	}{
		"open to the network without registration": {func(s *settings) { s.ListenAddr = ":3978" }, "LISTEN_ADDR"},
		"another machine without registration":     {func(s *settings) { s.ListenAddr = "10.0.0.1:80" }, "LISTEN_ADDR"},
		"no port":                                  {func(s *settings) { s.ListenAddr = "127.0.0.1" }, "LISTEN_ADDR"},
		"admin without port":                       {func(s *settings) { s.AdminAddr = "x" }, "ADMIN_ADDR"},
		"database of another sort":                 {func(s *settings) { s.DatabaseURL = "mysql://x" }, "DATABASE_URL"},
		"app id is no GUID":                        {func(s *settings) { s.AppID, s.AppPassword, s.AppTenant = "me", "x", tenant }, "MICROSOFT_APP_ID"},
		"no password":                              {func(s *settings) { s.AppID, s.AppTenant = appID, tenant }, "MICROSOFT_APP_PASSWORD"},
		"two passwords":                            {func(s *settings) { s.AppPassword, s.AppPasswordFile = "x", "/dev/null" }, "leave one"},
		"single tenant without tenant":             {func(s *settings) { s.AppID, s.AppPassword = appID, "x" }, "MICROSOFT_APP_TENANT_ID"},
		"multi tenant with nobody inside":          {func(s *settings) { s.AppID, s.AppPassword, s.AppType = appID, "x", "MultiTenant" }, "PARTNER_TENANTS"},
		"app type":                                 {func(s *settings) { s.AppType = "UserAssignedMSI" }, "write SingleTenant, and MANAGED_IDENTITY_CLIENT_ID"},
		"tenant is no GUID":                        {func(s *settings) { s.PartnerTenants = "contoso" }, "PARTNER_TENANTS"},
		"lead is no GUID":                          {func(s *settings) { s.Leads = "ines" }, "LEADS"},
		"cloud":                                    {func(s *settings) { s.Cloud = "germany" }, "CLOUD"},
		"metadata in the clear":                    {func(s *settings) { s.MetadataURL = "http://login.example.org/" }, "OPENID_METADATA_URL"},
		"login in the clear":                       {func(s *settings) { s.LoginURL = "http://login.example.org/" }, "LOGIN_URL"},
		"trusted host with a path":                 {func(s *settings) { s.TrustedServiceHosts = "https://x.example/" }, "TRUSTED_SERVICE_HOSTS"},
		"trusted host with a star":                 {func(s *settings) { s.TrustedServiceHosts = "*.trafficmanager.net" }, "TRUSTED_SERVICE_HOSTS"},
		"retention without a unit":                 {func(s *settings) { s.RetainClosed = "8760" }, "RETAIN_CLOSED"},
		"retention below nothing":                  {func(s *settings) { s.RetainClosed = "-1h" }, "RETAIN_CLOSED"},
		"heartbeat in the clear":                   {func(s *settings) { s.HeartbeatURL = "http://beat.example.org/x" }, "HEARTBEAT_URL"},
		"rate below nothing":                       {func(s *settings) { s.TeamsTenantRate = "-1" }, "TEAMS_TENANT_RATE"},
		"rate that is no number":                   {func(s *settings) { s.TeamsTenantRate = "NaN" }, "TEAMS_TENANT_RATE"},
		"log level":                                {func(s *settings) { s.LogLevel = "loud" }, "LOG_LEVEL"},
		"log format":                               {func(s *settings) { s.LogFormat = "xml" }, "LOG_FORMAT"},
	} {
		t.Run(name, func(t *testing.T) {
			s := plain()
			tc.set(&s)
			_, err := s.config()
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want a problem that names %s", err, tc.want)
			}
		})
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	s := plain()
	s.ListenAddr, s.Cloud, s.LogLevel, s.TeamsTenantRate = "0.0.0.0:1", "moon", "loud", "fast"
	_, err := s.config()
	if err == nil || len(strings.Split(err.Error(), "\n")) != 4 {
		t.Errorf("want four lines, got:\n%v", err)
	}
}

func TestABadCloudHidesNoOtherMistake(t *testing.T) {
	s := plain()
	s.Cloud, s.TrustedServiceHosts, s.LoginURL = "moon", "*.example", "http://login.example.org/"
	_, err := s.config()
	for _, name := range []string{"CLOUD", "TRUSTED_SERVICE_HOSTS", "TO_CHANNEL_FROM_BOT_LOGIN_URL"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}
