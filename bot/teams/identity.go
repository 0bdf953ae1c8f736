package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// ManagedIdentity signs the bot in with the identity that the platform gives to the
// machine it runs on. Where the bot is registered under the identity's own client id,
// the platform's token goes straight to the service; otherwise it is exchanged for one
// of the bot's app, whose registration has a federated credential for the identity.
type ManagedIdentity struct {
	// ClientID is that of a user-assigned identity; empty is the system-assigned one.
	ClientID string
	// URL is where the platform gives its tokens; empty is that of virtual machines.
	URL string
	// Header is what App Service, Functions and Container Apps want in
	// X-IDENTITY-HEADER; empty is a virtual machine.
	Header Secret
	// Audience is what the token for an exchange is for, by the cloud.
	Audience string
}

const machineIdentity = "http://169.254.169.254/metadata/identity/oauth2/token"

// String names the identity.
func (m *ManagedIdentity) String() string {
	if m.ClientID == "" {
		return "managed identity of the system"
	}
	return "managed identity " + m.ClientID
}

// Validity has no end: the platform renews it.
func (m *ManagedIdentity) Validity() (Validity, error) { return Validity{Renewed: true}, nil }

// Direct says whether an app is the identity itself.
func (m *ManagedIdentity) Direct(appID string) bool { return strings.EqualFold(m.ClientID, appID) }

func (m *ManagedIdentity) issue(ctx context.Context, t *Tokens) (string, time.Duration, error) {
	if m.Direct(t.AppID) {
		return m.platformToken(ctx, t, strings.TrimSuffix(t.Scope, "/.default"))
	}
	statement, _, err := m.platformToken(ctx, t, m.Audience)
	if err != nil {
		return "", 0, err
	}
	return t.exchange(ctx, assertion(statement))
}

// platformToken asks the platform for the identity's own token for a resource. What it
// refuses just after the start of a machine may pass.
func (m *ManagedIdentity) platformToken(ctx context.Context, t *Tokens, resource string) (string, time.Duration, error) {
	req, err := m.request(ctx, resource)
	if err != nil {
		return "", 0, &TokenError{Err: err}
	}
	token, lifetime, err := t.answered(platformClient(t.Client), req)
	if failed := (*TokenError)(nil); errors.As(err, &failed) {
		failed.temporary = failed.temporary || failed.Status == http.StatusNotFound || failed.Status == http.StatusGone
		failed.Err = errors.Join(fmt.Errorf("the platform gave no token of the %s", m), failed.Err)
	}
	return token, lifetime, err
}

func (m *ManagedIdentity) request(ctx context.Context, resource string) (*http.Request, error) {
	address := m.URL
	if address == "" {
		address = machineIdentity
	}
	if err := CheckPlatformAddress(address); err != nil {
		return nil, err
	}
	query := url.Values{"resource": {resource}, "api-version": {"2018-02-01"}}
	if m.Header != "" {
		query.Set("api-version", "2019-08-01")
	}
	if m.ClientID != "" {
		query.Set("client_id", m.ClientID)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	if m.Header != "" {
		req.Header.Set("X-IDENTITY-HEADER", string(m.Header))
	} else {
		req.Header.Set("Metadata", "true")
	}
	return req, nil
}

// CheckPlatformAddress refuses an address of a platform's tokens that is neither https
// nor on this machine or its own link, where platforms put it.
func CheckPlatformAddress(address string) error {
	u, err := url.Parse(address)
	if err == nil && (u.RawQuery != "" || u.Fragment != "") {
		return errors.New("address has more than scheme, host and path")
	}
	if err == nil && u.Scheme == "http" && u.User == nil {
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && addr.IsLinkLocalUnicast() {
			return nil
		}
	}
	return CheckAddress(address)
}

// platformClient is base, or a client that asks no proxy: what answers is this machine.
func platformClient(base *http.Client) *http.Client {
	c := httpClient(base)
	if direct, ok := c.Transport.(*http.Transport); ok && base == nil {
		direct = direct.Clone()
		direct.Proxy = nil
		direct.DisableKeepAlives = true
		c.Transport = direct
	}
	return c
}
