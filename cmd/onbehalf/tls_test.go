package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// replace puts a file in the place of another at once, with another size or time.
func replace(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestTLSIsServedAndItsCertificateReplacedWhileTheBotRuns(t *testing.T) {
	fake := teamstest.New(t)
	first, old := fake.Certificate(0, time.Now().Add(time.Hour))
	second, fresh := fake.Certificate(1, time.Now().Add(2*time.Hour))
	cert, key := filepath.Join(t.TempDir(), "tls.crt"), filepath.Join(t.TempDir(), "tls.key")
	replace(t, cert, first)
	replace(t, key, first) // PEM blocks of the other sort are passed over
	env := with(fake.Env(), "DATABASE_URL", storetest.EmptySQLite(t), "TLS_CERT_FILE", cert, "TLS_KEY_FILE", key)
	bot := serving(t, env)
	address := strings.TrimPrefix(bot.URL, "http://")
	offered := func() *x509.Certificate {
		t.Helper()
		// The test compares the certificate itself, so nobody has to have signed it.
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0]
	}
	if !offered().Equal(old) {
		t.Error("another certificate than that of the file")
	}
	if _, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is served")
	}
	replace(t, cert, second) // its key is still the old one
	if !offered().Equal(old) {
		t.Error("a certificate without its key is served")
	}
	replace(t, key, second)
	if !offered().Equal(fresh) {
		t.Error("the new certificate is not served")
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if !offered().Equal(fresh) {
		t.Error("the certificate went with its file")
	}
	client := http.Client{Timeout: limit, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Get("https://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("healthz: %d", resp.StatusCode)
	}
	if resp, err := http.Get(bot.URL + "/healthz"); err == nil {
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			t.Error("plain http is served as well")
		}
	}
	bot.stop()
	told := map[string]int{}
	for line := range strings.Lines(bot.err.String()) {
		var entry struct{ Msg string }
		if json.Unmarshal([]byte(line), &entry) == nil {
			told[entry.Msg]++
		}
	}
	if told["TLS certificate was read again"] != 1 || told["TLS certificate cannot be read, the last one is served"] != 2 {
		t.Errorf("the log says %v", told)
	}
	if strings.Contains(bot.err.String(), "MII") {
		t.Error("the log holds a key")
	}
}
