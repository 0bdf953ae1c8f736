package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// skew is how far clocks may differ, on the way in.
const skew = 5 * time.Minute

// AuthError refuses a request. Reason is for the log; the response has no
// body.
type AuthError struct {
	Status int // 401, 403 or 503
	Reason string
	Err    error
}

func (e *AuthError) Error() string {
	if e.Err != nil {
		return e.Reason + ": " + e.Err.Error()
	}
	return e.Reason
}

func (e *AuthError) Unwrap() error { return e.Err }

func unauthorized(reason string, err error) error {
	return &AuthError{Status: http.StatusUnauthorized, Reason: reason, Err: err}
}

// Verifier checks that a request comes from Teams. One Verifier serves all
// requests and keeps the signing keys.
type Verifier struct {
	AppID       string
	Issuer      string
	MetadataURL string
	Client      *http.Client     // nil is a client of our own
	Now         func() time.Time // nil is time.Now

	keys keyCache
}

// Claims is what a good token vouches for.
type Claims struct {
	ServiceURL   string
	KeyID        string
	endorsements []string
}

// Warm loads the signing keys, so that the first request need not wait. The
// program runs on without them; each request tries again.
func (v *Verifier) Warm(ctx context.Context) error {
	return v.keys.load(ctx, v.source(), func() bool { return true })
}

// Ready says whether keys were loaded, so that a token can be checked.
func (v *Verifier) Ready() bool {
	v.keys.mu.Lock()
	defer v.keys.mu.Unlock()
	return len(v.keys.byID) > 0
}

// Verify checks the token of a request, before its body is read: the values of
// all its Authorization headers go in, and exactly one bearer token must be
// there. The error is always an *AuthError: 401, or 503 when no key was ever
// loaded. What the token says about the activity is checked by Match.
func (v *Verifier) Verify(ctx context.Context, authorization []string) (*Claims, error) {
	token, err := bearer(authorization)
	if err != nil {
		return nil, err
	}
	if v.AppID == "" || v.Issuer == "" {
		return nil, unauthorized("no app id or issuer is configured", nil)
	}
	var key signingKey
	claims := jwt.MapClaims{}
	_, err = v.parser().ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		kid, ok := t.Header["kid"].(string)
		if !ok || kid == "" {
			return nil, errors.New("no kid")
		}
		if _, critical := t.Header["crit"]; critical {
			return nil, errors.New("critical extensions are not known")
		}
		found, err := v.keys.find(ctx, v.source(), kid)
		if err != nil {
			return nil, err
		}
		key = found
		return key.public, nil
	})
	if unavailable := (*noKeysError)(nil); errors.As(err, &unavailable) {
		return nil, &AuthError{Status: http.StatusServiceUnavailable, Reason: "signing keys cannot be loaded", Err: unavailable.err}
	}
	if err != nil {
		return nil, unauthorized("token refused", err)
	}
	service, ok := claims["serviceurl"].(string)
	if !ok || service == "" {
		return nil, unauthorized("token names no service", nil)
	}
	return &Claims{ServiceURL: service, KeyID: key.id, endorsements: key.endorsements}, nil
}

// parser allows RS256 alone, and looks at that before it asks for a key.
func (v *Verifier) parser() *jwt.Parser {
	return jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}),
		jwt.WithIssuer(v.Issuer),
		jwt.WithAudience(v.AppID),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(skew),
		jwt.WithTimeFunc(v.source().now),
		jwt.WithStrictDecoding(),
	)
}

// bearer takes the token out of the one header: two words, the first one
// Bearer in any letter case.
func bearer(headers []string) (string, error) {
	if len(headers) != 1 {
		return "", unauthorized(fmt.Sprintf("%d authorization headers", len(headers)), nil)
	}
	scheme, token, ok := strings.Cut(headers[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", unauthorized("authorization is not one bearer token", nil)
	}
	return token, nil
}

// Match holds a decoded activity against the token that came with it. The
// error is an *AuthError: 401 for another service or a key that may not speak
// for Teams, 403 for another channel. Whether the service may be talked to at
// all is Hosts' to say.
func (c *Claims) Match(a *Activity) error {
	if !sameService(c.ServiceURL, a.ServiceURL) {
		return unauthorized("token is for another service", nil)
	}
	if a.ChannelID != Channel {
		return refused("channel is not Teams")
	}
	if !slices.Contains(c.endorsements, Channel) {
		return unauthorized("signing key is not endorsed for Teams", nil)
	}
	return nil
}

func (v *Verifier) source() keySource {
	s := keySource{metadataURL: v.MetadataURL, client: httpClient(v.Client), now: v.Now}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}
