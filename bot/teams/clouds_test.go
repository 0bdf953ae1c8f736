package teams_test

import (
	"context"
	"strings"
	"testing"

	"onbehalf/bot/teams"
)

func contextWithCancel(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

func TestCloudsSignInWhereTheyShould(t *testing.T) {
	for name, want := range map[string][2]string{
		"global":  {"https://login.microsoftonline.com/tid/oauth2/v2.0/token", "https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token"},
		"gcc":     {"https://login.microsoftonline.com/tid/oauth2/v2.0/token", "https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token"},
		"gcchigh": {"https://login.microsoftonline.us/tid/oauth2/v2.0/token", "https://login.microsoftonline.us/MicrosoftServices.onmicrosoft.us/oauth2/v2.0/token"},
		"dod":     {"https://login.microsoftonline.us/tid/oauth2/v2.0/token", "https://login.microsoftonline.us/MicrosoftServices.onmicrosoft.us/oauth2/v2.0/token"},
		"china":   {"https://login.partner.microsoftonline.cn/tid/oauth2/v2.0/token", "https://login.partner.microsoftonline.cn/microsoftservices.partner.onmschina.cn/oauth2/v2.0/token"},
	} {
		cloud, err := teams.CloudNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		single, err := cloud.LoginURL(teams.SingleTenant, "tid")
		if err != nil || single != want[0] {
			t.Errorf("%s single-tenant: %s, %v", name, single, err)
		}
		multi, err := cloud.LoginURL(teams.MultiTenant, "tid")
		if err != nil || multi != want[1] {
			t.Errorf("%s multi-tenant: %s, %v", name, multi, err)
		}
		for _, address := range []string{single, multi, cloud.MetadataURL, cloud.Issuer} {
			if err := teams.CheckAddress(address); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		hosts, err := teams.NewHosts(cloud, nil)
		if err != nil {
			t.Fatal(err)
		}
		if cloud.ServiceURL != "" && hosts.Allowed(cloud.ServiceURL) != nil {
			t.Errorf("%s does not trust its own service", name)
		}
		if !strings.HasSuffix(cloud.MetadataURL, "/openidconfiguration") {
			t.Errorf("%s: metadata at %s", name, cloud.MetadataURL)
		}
	}
	if len(teams.CloudNames()) != 5 {
		t.Errorf("clouds %v", teams.CloudNames())
	}
}

func TestUnknownRegistrationsAreRefused(t *testing.T) {
	for _, name := range []string{"", "Global", "germany"} {
		if _, err := teams.CloudNamed(name); err == nil {
			t.Errorf("cloud %q exists", name)
		}
	}
	cloud, _ := teams.CloudNamed("global")
	for _, c := range [][2]string{{"", "tid"}, {"UserAssignedMSI", "tid"}, {teams.SingleTenant, ""}} {
		if url, err := cloud.LoginURL(c[0], c[1]); err == nil {
			t.Errorf("%q: %s", c, url)
		}
	}
}

func TestTokenTravelsOnlyToTrustedHosts(t *testing.T) {
	cloud, _ := teams.CloudNamed("global")
	hosts, err := teams.NewHosts(cloud, []string{"Proxy.example:8443", "plain.example", "127.0.0.1:56150", "[::1]:7000"})
	if err != nil {
		t.Fatal(err)
	}
	for url, allowed := range map[string]bool{
		"https://smba.trafficmanager.net/emea/":               true,
		"https://SMBA.TrafficManager.net/teams":               true,
		"https://smba.trafficmanager.net:443/amer/tenant/":    true,
		"https://smba.infra.gcc.teams.microsoft.com/teams":    true,
		"https://proxy.example:8443/x":                        true,
		"https://plain.example/":                              true,
		"https://plain.example:443/":                          true,
		"http://127.0.0.1:56150/_connector":                   true,
		"http://[::1]:7000/_connector":                        true,
		"http://smba.trafficmanager.net/emea/":                false,
		"https://smba.trafficmanager.net:8443/emea/":          false,
		"https://evil.trafficmanager.net/emea/":               false,
		"https://smba.trafficmanager.net.evil.example/emea/":  false,
		"https://smba.trafficmanager.net./emea/":              false,
		"https://smba.trafficmanager.net@evil.example/":       false,
		"https://user:pass@smba.trafficmanager.net/emea/":     false,
		"https://smba.infra.gov.teams.microsoft.us/teams":     false,
		"https://smba.trafficmanager.net/emea/../../evil":     false,
		"https://smba.trafficmanager.net/emea/%2e%2e/evil":    false,
		"https://smba.trafficmanager.net/emea/?x=1":           false,
		"https://smba.trafficmanager.net/emea/#x":             false,
		"https://smba.trafficmanager.net/emea/?":              false,
		"https://proxy.example/x":                             false,
		"https://proxy.example:443/x":                         false,
		"https://plain.example:8443/":                         false,
		"http://plain.example/":                               false,
		"http://127.0.0.1:56151/_connector":                   false,
		"http://localhost:56150/_connector":                   false,
		"https://169.254.169.254/metadata":                    false,
		"":                                                    false,
		"smba.trafficmanager.net":                             false,
		"//smba.trafficmanager.net/":                          false,
		"ftp://smba.trafficmanager.net/":                      false,
		"https:///emea":                                       false,
		"https:smba.trafficmanager.net/emea":                  false,
		"https://smba.trafficmanager.net\\@evil.example/":     false,
		"https://smba.trafficmanager.net\n.evil.example/emea": false,
	} {
		if err := hosts.Allowed(url); (err == nil) != allowed {
			t.Errorf("%q: %v", url, err)
		} else if err != nil && status(err) != 403 {
			t.Errorf("%q: %v is no 403", url, err)
		}
	}
	if (teams.Hosts{}).Allowed("https://smba.trafficmanager.net/emea/") == nil {
		t.Error("no list, yet somebody is on it")
	}
}

func TestTrustedHostsAreHosts(t *testing.T) {
	for _, bad := range []string{"", "https://host", "host/path", "host:", "a b", "user@host", "host?x", "host:port"} {
		if _, err := teams.NewHosts(teams.Cloud{}, []string{bad}); err == nil {
			t.Errorf("%q is taken for a host", bad)
		}
	}
}

func TestWithoutRegistrationOnlyThisMachine(t *testing.T) {
	hosts := teams.LoopbackHosts()
	for url, allowed := range map[string]bool{
		"http://localhost:56150/_connector":     true,
		"http://127.0.0.1:56150/_connector":     true,
		"http://127.8.9.1/_connector":           true,
		"https://[::1]:56150/":                  true,
		"http://[::ffff:127.0.0.1]/":            true,
		"http://0.0.0.0:56150/":                 false,
		"http://10.0.0.1/":                      false,
		"http://localhost.evil.example/":        false,
		"http://127.0.0.1.evil.example/":        false,
		"http://127.1/":                         false,
		"http://2130706433/":                    false,
		"https://smba.trafficmanager.net/emea/": false,
		"http://localhost@evil.example/":        false,
		"file://localhost/etc/passwd":           false,
	} {
		if err := hosts.Allowed(url); (err == nil) != allowed {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestLoopbackAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:3978": true, "localhost:3978": true, "[::1]:3978": true, "localhost": true, "::1": true, "[::1]": true, "LOCALHOST:1": true,
		":3978": false, "0.0.0.0:3978": false, "[::]:3978": false, "example.org:3978": false, "": false, "127.0.0.1.nip.io:80": false,
	} {
		if got := teams.IsLoopbackHostPort(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func TestAddressesAreEncryptedOrLocal(t *testing.T) {
	for address, good := range map[string]bool{
		"https://login.example/x": true, "http://127.0.0.1:1/x": true, "http://localhost/x": true, "http://[::1]:1/": true,
		"http://login.example/x": false, "ftp://127.0.0.1/": false, "/x": false, "": false, "https://": false, "https://u:p@login.example/": false,
	} {
		if err := teams.CheckAddress(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}
