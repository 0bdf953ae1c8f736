package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

const identityID = "5f3c9a52-6f3b-4f0e-9a55-0d8a5a1d8f10"

// withoutSecret are the ways to sign in without one, each as the settings that it needs
// and what the doctor says of it.
func withoutSecret(t *testing.T, fake *teamstest.Teams) map[string]struct {
	env  map[string]string
	says string
} {
	t.Helper()
	cluster := teamstest.Federated{Issuer: "https://oidc.example/cluster", Subject: "system:serviceaccount:desk:onbehalf", Audience: teamstest.ExchangeAudience}
	fake.Federate(cluster)
	fake.Federate(teamstest.Federated{Issuer: teamstest.PlatformIssuer, Subject: "principal", Audience: teamstest.ExchangeAudience})
	fake.AddIdentity(teamstest.Identity{ClientID: identityID, AppID: identityID, Principal: "principal"})
	fake.AddIdentity(teamstest.Identity{AppID: identityID, Principal: "principal", Header: "platform-hush"})
	token := written(t, "token", fake.FederatedToken(cluster, time.Now().Add(time.Hour)))
	certificate := fake.CertificateFile(0, time.Now().Add(90*24*time.Hour))
	return map[string]struct {
		env  map[string]string
		says string
	}{
		"certificate":      {map[string]string{"MICROSOFT_APP_CERTIFICATE_FILE": certificate}, "ok    credential certificate " + certificate + ", thumbprint "},
		"federated token":  {map[string]string{"MICROSOFT_APP_FEDERATED_TOKEN_FILE": token}, "ok    credential federated token " + token + ", which the platform renews until 20"},
		"managed identity": {map[string]string{"MANAGED_IDENTITY_CLIENT_ID": identityID, "MANAGED_IDENTITY_URL": fake.IdentityURL(false)}, "ok    credential managed identity " + identityID + ", which the platform renews\n"},
		"App Service": {
			map[string]string{"MANAGED_IDENTITY_CLIENT_ID": "system", "IDENTITY_ENDPOINT": fake.IdentityURL(true), "IDENTITY_HEADER": "platform-hush"},
			"ok    credential managed identity of the system, which the platform renews\n",
		},
	}
}

func TestDoctorNamesTheCredential(t *testing.T) {
	fake := teamstest.New(t)
	url := storetest.EmptySQLite(t)
	command(t, "migrate", "--database-url="+url).done(t)
	for what, c := range withoutSecret(t, fake) {
		t.Run(what, func(t *testing.T) {
			for name, value := range with(fake.Env(), "DATABASE_URL", url) {
				t.Setenv(name, value)
			}
			t.Setenv("MICROSOFT_APP_PASSWORD", "")
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			got := command(t, "doctor")
			got.done(t, c.says, "ok    token endpoint", "all is well")
			if strings.Contains(got.out, "hush") || strings.Contains(got.out, "eyJ") {
				t.Errorf("a credential is told:\n%s", got.out)
			}
		})
	}
	for name, value := range with(fake.Env(), "DATABASE_URL", url) {
		t.Setenv(name, value)
	}
	command(t, "doctor").done(t, "ok    credential client secret; only the app registration knows when it ends")
	t.Setenv("MICROSOFT_APP_PASSWORD", "")
	soon := "--microsoft-app-certificate-file=" + fake.CertificateFile(1, time.Now().Add(20*24*time.Hour))
	command(t, "doctor", soon).done(t, "SOON  credential: certificate ", "19 days: make a new one, upload", "all is well")
	over := "--microsoft-app-certificate-file=" + fake.CertificateFile(2, time.Now().Add(-time.Minute))
	if got := command(t, "doctor", over); got.status != exitFailed || !strings.Contains(got.out, "MEND  credential: certificate ") || !strings.Contains(got.out, " ended on ") {
		t.Errorf("a certificate that has ended:\n%s", got.out)
	}
	if got := command(t, "doctor"); got.status != exitFailed || !strings.Contains(got.out, "MEND  configuration: MICROSOFT_APP_PASSWORD is missing; set it or MICROSOFT_APP_PASSWORD_FILE, or sign in without a secret") {
		t.Errorf("nothing to sign in with:\n%s", got.out)
	}
}

func TestTheBotAnswersWithoutASecret(t *testing.T) {
	fake := teamstest.New(t)
	fake.Patience = limit
	url := storetest.EmptySQLite(t)
	for what, c := range withoutSecret(t, fake) {
		t.Run(what, func(t *testing.T) {
			env := with(fake.Env(), "DATABASE_URL", url)
			delete(env, "MICROSOFT_APP_PASSWORD")
			maps.Copy(env, c.env)
			bot := serving(t, env)
			behind(fake, bot)
			fake.Conversation(teamstest.Personal).As("Alice").Say("help").ExpectCard("help/show")
			bot.stop()
			if said := bot.err.String(); strings.Contains(said, "hush") || strings.Contains(said, "eyJ") {
				t.Errorf("a credential is told:\n%s", said)
			}
		})
	}
}

func TestACredentialThatEndsIsSaidInTheLogAndToTheLeads(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		now := time.Now().Truncate(time.Second)
		lead := d.Conversation(teamstest.Personal).As("Ines", teamstest.Speaking("de-DE"))
		env := with(d.env, "LEADS", lead.ObjectID)
		before := serving(t, env)
		behind(d.Teams, before)
		lead.Say("sprache de").ExpectText("Deutsch")
		before.stop()
		delete(env, "MICROSOFT_APP_PASSWORD")
		env["MICROSOFT_APP_CERTIFICATE_FILE"] = d.CertificateFile(0, now.Add(20*24*time.Hour+time.Hour))
		first := serving(t, env)
		lead.ExpectText("Die Anmeldung des Bots endet am", "in 20 Tagen")
		first.stop()
		if said := first.err.String(); !strings.Contains(said, "the credential ends soon: make a new one and upload its public part") || !strings.Contains(said, `"days":20`) {
			t.Errorf("the log says nothing:\n%s", said)
		}
		// A restart and another replica say it again in the log alone.
		second, third := serving(t, env), serving(t, env)
		behind(d.Teams, second, third)
		lead.Say("hilfe").ExpectCard("help/show")
		second.stop()
		third.stop()
		told := 0
		for _, e := range d.Events("create", "send") {
			if e.Message != nil && strings.Contains(e.Message.Text, "Anmeldung des Bots") {
				told++
			}
		}
		if told != 1 {
			t.Errorf("the lead is told %d times", told)
		}
		nobody := serving(t, with(env, "MICROSOFT_APP_CERTIFICATE_FILE", d.CertificateFile(1, now.Add(31*24*time.Hour+time.Hour))))
		nobody.stop()
		if strings.Contains(nobody.err.String(), "credential") {
			t.Errorf("a month and a day before the end:\n%s", nobody.err)
		}
		over := serving(t, with(env, "MICROSOFT_APP_CERTIFICATE_FILE", d.CertificateFile(2, now.Add(-time.Minute))))
		over.stop()
		if !strings.Contains(over.err.String(), "the credential cannot be used") {
			t.Errorf("after the end:\n%s", over.err)
		}
	})
}

func TestMistakesAboutSecretsAreNamed(t *testing.T) {
	for name, tc := range map[string]struct {
		set  func(*settings)
		want string
	}{
		"no such certificate":          {func(s *settings) { s.CertificateFile = "none.pem" }, "MICROSOFT_APP_CERTIFICATE_FILE: open none.pem"},
		"certificate that is none":     {func(s *settings) { s.CertificateFile = "config.go" }, "config.go does not hold a certificate"},
		"no such token":                {func(s *settings) { s.FederatedTokenFile = "none.jwt" }, "MICROSOFT_APP_FEDERATED_TOKEN_FILE: open none.jwt"},
		"identity is no GUID":          {func(s *settings) { s.ManagedIdentity = "me" }, "MANAGED_IDENTITY_CLIENT_ID"},
		"identity in the clear":        {func(s *settings) { s.ManagedIdentity, s.ManagedIdentityURL = "system", "http://identity.example/" }, "MANAGED_IDENTITY_URL"},
		"Azure Arc":                    {func(s *settings) { s.ManagedIdentity, s.IdentityEndpoint = "system", "http://localhost:40342/x" }, "Arc"},
		"two ways to sign in":          {func(s *settings) { s.AppPassword, s.ManagedIdentity = "x", "system" }, "MICROSOFT_APP_PASSWORD and MANAGED_IDENTITY_CLIENT_ID are set"},
		"TLS without key":              {func(s *settings) { s.AppPassword, s.TLSCertFile = "x", "config.go" }, "TLS_CERT_FILE, TLS_KEY_FILE"},
		"TLS with files that are none": {func(s *settings) { s.AppPassword, s.TLSCertFile, s.TLSKeyFile = "x", "config.go", "config.go" }, "TLS_CERT_FILE, TLS_KEY_FILE"},
		"database and its file":        {func(s *settings) { s.DatabaseURLFile = "/dev/null" }, "DATABASE_URL and DATABASE_URL_FILE are both set"},
		"no file for the database":     {func(s *settings) { s.DatabaseURL, s.DatabaseURLFile = "", "none" }, "DATABASE_URL_FILE: open none"},
		"empty file for the database":  {func(s *settings) { s.DatabaseURL, s.DatabaseURLFile = "", "/dev/null" }, "/dev/null is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			s := plain()
			s.AppID, s.AppTenant = appID, tenant
			tc.set(&s)
			if _, err := s.config(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want a problem that says %s", err, tc.want)
			}
		})
	}
}

func TestSecretsMayComeFromFiles(t *testing.T) {
	url := storetest.EmptySQLite(t)
	command(t, "migrate", "--database-url-file="+written(t, "url", url+"\n")).done(t, "up to date")
	if _, err := os.Stat(strings.TrimPrefix(url, "sqlite:")); err != nil {
		t.Error(err)
	}
	none := filepath.Join(t.TempDir(), "none")
	for _, name := range []string{"migrate", "customers list", "serve", "doctor"} {
		got := command(t, append(strings.Fields(name), "--database-url-file="+none, "--cloud=moon")...)
		got.fails(t, exitFailed, "DATABASE_URL_FILE: open "+none, "CLOUD")
	}
}
