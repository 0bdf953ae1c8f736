package teams

import (
	"context"
	"fmt"
	"net/url"
	"time"
)

// Credential is how the bot proves to Microsoft's sign-in that it is the registered
// app. One credential may serve several Tokens at once.
type Credential interface {
	// String names the credential for the operator and tells nothing of it.
	fmt.Stringer
	// Validity says until when the credential is good. The error says why it cannot
	// be used now.
	Validity() (Validity, error)
	// issue signs the app of t in for the scope of t. The error is a *TokenError.
	issue(ctx context.Context, t *Tokens) (token string, lifetime time.Duration, err error)
}

// Validity is until when a credential is good.
type Validity struct {
	// Until is zero where the end is not known, or there is none.
	Until time.Time
	// Renewed says that the platform replaces the credential in time; otherwise a
	// person has to.
	Renewed bool
}

// Secret is a client secret of the registration. When it ends is known to the
// registration alone.
type Secret string

func (s Secret) issue(ctx context.Context, t *Tokens) (string, time.Duration, error) {
	return t.exchange(ctx, url.Values{"client_secret": {string(s)}})
}

// Validity is not known.
func (Secret) Validity() (Validity, error) { return Validity{}, nil }

// String names the credential and never tells it.
func (Secret) String() string { return "client secret" }

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String, for JSON and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// assertion is the proof of an app by a signed statement (RFC 7523 2.2).
func assertion(statement string) url.Values {
	return url.Values{
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {statement},
	}
}
