package teams_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

func TestASecretIsNeverWritten(t *testing.T) {
	holder := struct{ Credential any }{teams.Secret("hush-hush")}
	var written strings.Builder
	fmt.Fprintf(&written, "%v %+v %#v %s", holder, holder, holder, holder)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&written, nil), slog.NewJSONHandler(&written, nil)} {
		slog.New(handler).Info("starting", "config", holder, "credential", holder.Credential)
	}
	text, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	written.Write(text)
	if strings.Contains(written.String(), "hush") {
		t.Errorf("told: %s", written.String())
	}
}

// signIn expects that a credential gets a token that the connector takes.
func signIn(t *testing.T, fake *teamstest.Teams, c teams.Credential) *teams.Tokens {
	t.Helper()
	tokens := fake.Tokens()
	tokens.Credential = c
	if got := token(t, tokens); !fake.ValidToken(got, teamstest.Scope) {
		t.Errorf("%s: token %q is not one of the bot", c, got)
	}
	return tokens
}

// refused expects that a credential gets no token, and why.
func refused(t *testing.T, tokens *teams.Tokens, code, advice string) *teams.TokenError {
	t.Helper()
	got, err := tokens.Token(t.Context())
	var failure *teams.TokenError
	if !errors.As(err, &failure) || failure.Code != code || !strings.Contains(err.Error(), advice) {
		t.Fatalf("token %q, %v; want %s and advice about %q", got, err, code, advice)
	}
	return failure
}

func TestCertificateSignsIn(t *testing.T) {
	fake := teamstest.New(t)
	fake.NoSecret()
	until := time.Now().Add(90 * 24 * time.Hour).Truncate(time.Second)
	certificate := &teams.Certificate{Path: fake.CertificateFile(0, until)}
	tokens := signIn(t, fake, certificate)
	if v, err := certificate.Validity(); err != nil || !v.Until.Equal(until) || v.Renewed {
		t.Errorf("good until %v, %v; want %v", v, err, until)
	}
	tokens.Drop(token(t, tokens))
	token(t, tokens) // with a statement of its own: the fake takes none twice
	refused(t, fake.Tokens(), "AADSTS7000215", "client secret")

	elsewhere := tokens.For(strings.Replace(fake.LoginURL(), teamstest.Tenant, teamstest.OtherTenant, 1), teamstest.Scope)
	refused(t, elsewhere, "AADSTS700016", "MICROSOFT_APP_TENANT_ID")
}

func TestCertificateIsReplacedWhileTheBotSignsIn(t *testing.T) {
	fake := teamstest.New(t)
	fake.NoSecret()
	until := time.Now().Add(time.Hour)
	first, old := fake.Certificate(0, until)
	second, fresh := fake.Certificate(1, until)
	fake.Register(old)
	path := filepath.Join(t.TempDir(), "bot.pem")
	replace := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(path+".new", text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	replace(first)
	certificate := &teams.Certificate{Path: path}
	tokens := signIn(t, fake, certificate)

	// Eight callers whose tokens are taken from them all the while.
	var callers sync.WaitGroup
	renewed, failed := make(chan struct{}, 1000), make(chan error, 8)
	stop := make(chan struct{})
	for range 8 {
		callers.Go(func() {
			for {
				got, err := tokens.Token(t.Context())
				if err != nil {
					failed <- err
					return
				}
				tokens.Drop(got)
				select {
				case <-stop:
					return
				case renewed <- struct{}{}:
				default:
				}
			}
		})
	}
	wait := func() {
		for range 20 {
			<-renewed
		}
	}
	wait()
	fake.Register(fresh) // both are listed while one replaces the other
	replace(second)
	wait()
	replace([]byte("half a certifica")) // whatever writes it is not careful
	wait()
	replace(second)
	wait()
	close(stop)
	callers.Wait()
	select {
	case err := <-failed:
		t.Errorf("a caller got no token: %v", err)
	default:
	}
	fake.Unregister(old)
	last := token(t, tokens)
	fake.Unregister(fresh)
	tokens.Drop(last)
	refused(t, tokens, "AADSTS700027", "upload its public part")
}

func TestCertificateFileThatIsNone(t *testing.T) {
	fake := teamstest.New(t)
	good, _ := fake.Certificate(0, time.Now().Add(time.Hour))
	_, key, _ := strings.Cut(string(good), "-----END CERTIFICATE-----\n")
	other, _ := fake.Certificate(1, time.Now().Add(time.Hour))
	certificate, _, _ := strings.Cut(string(other), "-----BEGIN PRIVATE KEY-----")
	for what, c := range map[string]struct{ text, says string }{
		"empty":               {"", "does not hold a certificate and its key"},
		"key alone":           {key, "does not hold a certificate and its key"},
		"certificate alone":   {certificate, "does not hold a certificate and its key"},
		"key of another":      {certificate + key, "does not match"},
		"key with a password": {certificate + strings.ReplaceAll(key, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), "encrypted"},
	} {
		path := filepath.Join(t.TempDir(), "bot.pem")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		tokens := fake.Tokens()
		tokens.Credential = &teams.Certificate{Path: path}
		_, unusable := tokens.Credential.Validity()
		for _, err := range []error{unusable, refused(t, tokens, "", c.says)} {
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "MII") {
				t.Errorf("%s: %v; want %q", what, err, c.says)
			}
		}
	}
	tokens := fake.Tokens()
	tokens.Credential = &teams.Certificate{Path: filepath.Join(t.TempDir(), "none.pem")}
	refused(t, tokens, "", "none.pem")
}

func TestFederatedTokenFileIsReadForEachSignIn(t *testing.T) {
	fake := teamstest.New(t)
	fake.NoSecret()
	cluster := teamstest.Federated{Issuer: "https://oidc.example/cluster", Subject: "system:serviceaccount:desk:onbehalf", Audience: teamstest.ExchangeAudience}
	path := filepath.Join(t.TempDir(), "token")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	credential := teams.FederatedToken{Path: path}
	anew := func() *teams.Tokens {
		tokens := fake.Tokens()
		tokens.Credential = credential
		return tokens
	}
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	write("\n" + fake.FederatedToken(cluster, until) + "\n")
	refused(t, anew(), "AADSTS70021", "federated credential")
	fake.Federate(cluster)
	tokens := signIn(t, fake, credential)
	if v, err := credential.Validity(); err != nil || !v.Until.Equal(until) || !v.Renewed {
		t.Errorf("good until %+v, %v", v, err)
	}

	write(fake.FederatedToken(cluster, time.Now().Add(-time.Minute)))
	refused(t, anew(), "AADSTS700024", "clock")
	tokens.Drop(token(t, tokens))
	write(fake.FederatedToken(cluster, until))
	token(t, tokens)

	stranger := cluster
	stranger.Subject = "system:serviceaccount:desk:default"
	write(fake.FederatedToken(stranger, until))
	refused(t, anew(), "AADSTS700213", "presented assertion subject 'system:serviceaccount:desk:default'")
	stranger = cluster
	stranger.Audience = "api://other"
	write(fake.FederatedToken(stranger, until))
	refused(t, anew(), "AADSTS700212", "api://other")
	stranger.Issuer = "https://oidc.example/other"
	write(fake.FederatedToken(stranger, until))
	refused(t, anew(), "AADSTS700211", "oidc.example/other")

	for text, says := range map[string]string{"": "is empty", strings.Repeat("x", 16<<10+1): "longer than"} {
		write(text)
		if failure := refused(t, anew(), "", says); !failure.Temporary() {
			t.Errorf("%v: the platform may be replacing it", failure)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refused(t, anew(), "", path)
	if _, err := credential.Validity(); err == nil {
		t.Error("a file that is not there is said to be good")
	}
}

const (
	identityID = "5f3c9a52-6f3b-4f0e-9a55-0d8a5a1d8f10"
	principal  = "9d0b8c5e-2f1e-4a59-8a37-7d5f6cb0a3a1"
)

func TestManagedIdentityIsExchangedForTheBotsApp(t *testing.T) {
	for what, c := range map[string]struct {
		identity   teamstest.Identity
		clientID   string
		appService bool
	}{
		"user-assigned":   {teamstest.Identity{ClientID: identityID, AppID: identityID}, identityID, false},
		"system-assigned": {teamstest.Identity{AppID: identityID}, "", false},
		"App Service":     {teamstest.Identity{ClientID: identityID, AppID: identityID, Header: "hush"}, identityID, true},
	} {
		t.Run(what, func(t *testing.T) {
			fake := teamstest.New(t)
			fake.NoSecret()
			c.identity.Principal = principal
			fake.AddIdentity(c.identity)
			credential := &teams.ManagedIdentity{
				ClientID: c.clientID, URL: fake.IdentityURL(c.appService), Header: teams.Secret(c.identity.Header), Audience: teamstest.ExchangeAudience,
			}
			wrong := teamstest.Federated{Issuer: teamstest.PlatformIssuer, Subject: identityID, Audience: teamstest.ExchangeAudience}
			fake.Federate(wrong)
			tokens := fake.Tokens()
			tokens.Credential = credential
			refused(t, tokens, "AADSTS700213", principal)
			wrong.Subject = principal
			fake.Federate(wrong)
			signed := signIn(t, fake, credential)
			before := len(fake.Events("identity"))
			token(t, signed)
			if n := len(fake.Events("identity")); n != before {
				t.Errorf("the platform was asked again while the token is good")
			}
			stranger := fake.Tokens()
			stranger.Credential = &teams.ManagedIdentity{ClientID: principal, URL: credential.URL, Header: credential.Header, Audience: credential.Audience}
			refused(t, stranger, "invalid_request", "the platform gave no token")
		})
	}
}

func TestBotThatIsTheIdentityItself(t *testing.T) {
	fake := teamstest.New(t)
	fake.NoSecret()
	fake.AddIdentity(teamstest.Identity{ClientID: teamstest.AppID, AppID: teamstest.AppID, Principal: principal})
	credential := &teams.ManagedIdentity{ClientID: strings.ToUpper(teamstest.AppID), URL: fake.IdentityURL(false)}
	fake.AddIdentity(teamstest.Identity{ClientID: credential.ClientID, AppID: teamstest.AppID, Principal: principal})
	signIn(t, fake, credential)
	if len(fake.Events("token")) != 0 {
		t.Error("an identity that is the bot asks no token endpoint")
	}

	// The platform gives the token of another identity: it is one, and useless.
	other := teamstest.New(t)
	other.AddIdentity(teamstest.Identity{ClientID: teamstest.AppID, AppID: identityID, Principal: principal})
	tokens := other.Tokens()
	tokens.Credential = &teams.ManagedIdentity{ClientID: teamstest.AppID, URL: other.IdentityURL(false)}
	refused(t, tokens, "", "one of app "+identityID)
}

func TestPlatformThatIsNotReadyYet(t *testing.T) {
	for what, fault := range map[string]teamstest.Fault{
		"not found": {Status: 404}, "gone": {Status: 410}, "throttled": {Status: 429, RetryAfter: "1"}, "broken": {Status: 500},
		"cut": {CutBefore: true}, "elsewhere": {Status: 302, Location: "https://evil.example/"}, "garbage": {Status: 200, Body: "<html>"},
	} {
		synctest.Test(t, func(t *testing.T) {
			fake := teamstest.New(t, teamstest.InMemory())
			fake.AddIdentity(teamstest.Identity{AppID: identityID, Principal: principal})
			fake.Federate(teamstest.Federated{Issuer: teamstest.PlatformIssuer, Subject: principal, Audience: teamstest.ExchangeAudience})
			fault.Op = "identity"
			fake.Fault(fault)
			tokens := fake.Tokens()
			tokens.Credential = &teams.ManagedIdentity{URL: fake.IdentityURL(false), Audience: teamstest.ExchangeAudience}
			_, err := tokens.Token(t.Context())
			if failure := (*teams.TokenError)(nil); !errors.As(err, &failure) || !failure.Temporary() {
				t.Errorf("%s: %v", what, err)
			}
			time.Sleep(time.Second)
			token(t, tokens)
		})
	}
}

func TestWhereAPlatformMayGiveItsTokens(t *testing.T) {
	for address, good := range map[string]bool{
		"http://169.254.169.254/metadata/identity/oauth2/token": true, "http://169.254.129.2:8081/msi/token": true,
		"http://127.0.0.1:41741/msi/token": true, "http://localhost:42356/msi/token": true, "https://identity.example/token": true,
		"http://identity.example/token": false, "http://10.0.0.4/token": false, "http://169.254.169.254@evil.example/": false,
		"http://u:p@169.254.169.254/": false, "http://127.0.0.1/msi?x=1": false, "http://127.0.0.1/#x": false, "": false, "ftp://169.254.169.254/": false,
	} {
		if err := teams.CheckPlatformAddress(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}
