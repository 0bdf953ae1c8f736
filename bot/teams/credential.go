package teams

import (
	"context"
	"net/url"
	"time"
)

// Credential is how the bot proves to Microsoft's sign-in that it is the registered
// app. One credential may serve several Tokens at once.
type Credential interface {
	// issue signs the app of t in for the scope of t. The error is a *TokenError.
	issue(ctx context.Context, t *Tokens) (token string, lifetime time.Duration, err error)
}

// Secret is a client secret of the registration.
type Secret string

func (s Secret) issue(ctx context.Context, t *Tokens) (string, time.Duration, error) {
	return t.exchange(ctx, url.Values{"client_secret": {string(s)}})
}

// String names the credential and never tells it.
func (Secret) String() string { return "client secret" }

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String, for JSON and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
