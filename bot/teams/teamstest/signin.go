package teamstest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Key signs what Teams sends to bots.
type Key struct {
	ID           string
	Endorsements []string
	Private      *rsa.PrivateKey
	Entry        map[string]any // overrides fields of the published entry; nil values take them out
}

// Making keys is slow, so all fakes of a test binary share them; what differs
// is the id.
var pool struct {
	sync.Mutex
	keys []*rsa.PrivateKey
}

func pooledKey(tb interface{ Fatalf(string, ...any) }, i int) *rsa.PrivateKey {
	pool.Lock()
	defer pool.Unlock()
	i %= 4
	for len(pool.keys) <= i {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			tb.Fatalf("make a signing key: %v", err)
		}
		pool.keys = append(pool.keys, k)
	}
	return pool.keys[i]
}

// NewKey makes a key that is not published yet.
func (t *Teams) NewKey(endorsements ...string) *Key {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.newKey(endorsements)
}

func (t *Teams) newKey(endorsements []string) *Key {
	n := len(t.keys) + len(t.retired)
	return &Key{ID: fmt.Sprintf("key-%d", n), Endorsements: endorsements, Private: pooledKey(t.TB, n)}
}

// Publish adds a key to the keys document.
func (t *Teams) Publish(k *Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keys = append(t.keys, k)
}

// Rotate replaces the published keys by a new one, and signs with it from now
// on.
func (t *Teams) Rotate() *Key {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.newKey([]string{"msteams"})
	t.retired = append(t.retired, t.keys...)
	t.keys = []*Key{k}
	return k
}

func (t *Teams) currentKey() *Key {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keys[0]
}

// TokenParts is an inbound token before it is signed.
type TokenParts struct {
	Header map[string]any
	Claims jwt.MapClaims
	Key    *Key
}

// Token makes the token of a request to the bot, good unless changed.
func (t *Teams) Token(changes ...func(*TokenParts)) string {
	t.TB.Helper()
	now := t.now()
	p := &TokenParts{
		Key:    t.currentKey(),
		Header: map[string]any{},
		Claims: jwt.MapClaims{
			"iss": Issuer, "aud": AppID, "serviceurl": t.ServiceURL(),
			"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		},
	}
	for _, change := range changes {
		change(p)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, p.Claims)
	token.Header["kid"] = p.Key.ID
	for k, v := range p.Header {
		if v == nil {
			delete(token.Header, k)
			continue
		}
		token.Header[k] = v
	}
	signed, err := t.signed(token, p.Key)
	if err != nil {
		t.TB.Fatalf("sign a token: %v", err)
	}
	return signed
}

// signed signs a token, once for all that say the same: to sign takes longer than most
// turns.
func (t *Teams) signed(token *jwt.Token, key *Key) (string, error) {
	text, err := token.SigningString()
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	name := signedBy{key, text}
	if t.signatures[name] == "" {
		if t.signatures[name], err = token.SignedString(key.Private); err != nil {
			return "", err
		}
	}
	return t.signatures[name], nil
}

// signedBy is a token's text and who signs it.
type signedBy struct {
	key  *Key
	text string
}

// Claim sets a claim; nil takes it out.
func Claim(name string, value any) func(*TokenParts) {
	return func(p *TokenParts) {
		if value == nil {
			delete(p.Claims, name)
			return
		}
		p.Claims[name] = value
	}
}

// Header sets a field of the token's header; nil takes it out.
func Header(name string, value any) func(*TokenParts) {
	return func(p *TokenParts) { p.Header[name] = value }
}

// SignedBy signs with another key, published or not.
func SignedBy(k *Key) func(*TokenParts) { return func(p *TokenParts) { p.Key = k } }

func (t *Teams) serveMetadata(w http.ResponseWriter, r *http.Request) {
	if t.trouble(w, r, Event{Op: "metadata"}) {
		return
	}
	t.record(Event{Op: "metadata", Status: http.StatusOK})
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": Issuer, "jwks_uri": t.base + "/v1/.well-known/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (t *Teams) serveKeys(w http.ResponseWriter, r *http.Request) {
	if t.trouble(w, r, Event{Op: "keys"}) {
		return
	}
	t.mu.Lock()
	entries := make([]map[string]any, 0, len(t.keys))
	for _, k := range t.keys {
		entries = append(entries, k.entry())
	}
	t.mu.Unlock()
	t.record(Event{Op: "keys", Status: http.StatusOK})
	writeJSON(w, http.StatusOK, map[string]any{"keys": entries})
}

func (k *Key) entry() map[string]any {
	e := map[string]any{
		"kty": "RSA", "use": "sig", "kid": k.ID, "x5t": k.ID,
		"n":            base64.RawURLEncoding.EncodeToString(k.Private.N.Bytes()),
		"e":            base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.Private.E)).Bytes()),
		"endorsements": k.Endorsements,
	}
	for field, v := range k.Entry {
		if v == nil {
			delete(e, field)
			continue
		}
		e[field] = v
	}
	return e
}

// TokenLifetime sets how long the bot's own tokens are good, from now on.
func (t *Teams) TokenLifetime(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokenLifetime = d
}

// RevokeTokens makes the connector refuse every token that the bot has.
func (t *Teams) RevokeTokens() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.tokens)
}

func (t *Teams) serveToken(w http.ResponseWriter, r *http.Request) {
	if t.trouble(w, r, Event{Op: "token"}) {
		return
	}
	status, body := t.issue(r)
	t.record(Event{Op: "token", Status: status})
	writeJSON(w, status, body)
}

func (t *Teams) issue(r *http.Request) (int, any) {
	failure := func(code int, text string) (int, any) {
		return http.StatusBadRequest, map[string]any{
			"error": "invalid_client", "error_codes": []int{code}, "error_description": fmt.Sprintf("AADSTS%d: %s", code, text),
		}
	}
	t.mu.Lock()
	everywhere := t.everyTenant && r.PathValue("tenant") == "botframework.com"
	t.mu.Unlock()
	switch {
	case r.PathValue("tenant") != Tenant && !everywhere:
		return failure(700016, "Application not found in the directory")
	case r.PostFormValue("grant_type") != "client_credentials":
		return failure(70003, "The app requested an unsupported grant type")
	case r.PostFormValue("client_id") != AppID:
		return failure(700016, "Application not found in the directory")
	}
	scope := r.PostFormValue("scope")
	t.mu.Lock()
	defer t.mu.Unlock()
	if code, text := t.proven(r); code != 0 {
		return failure(code, text)
	}
	if !slices.Contains(t.scopes, scope) {
		return failure(1002012, "The provided value for scope is not valid")
	}
	t.lastID++
	token := fmt.Sprintf("bot-token-%d", t.lastID)
	t.tokens[token] = issued{scope: scope, ends: t.now().Add(t.tokenLifetime)}
	return http.StatusOK, map[string]any{
		"token_type": "Bearer", "expires_in": int(t.tokenLifetime.Seconds()), "access_token": token,
	}
}

// EveryTenant makes the bot's registration one for all tenants, which signs in at the
// shared endpoint as well.
func (t *Teams) EveryTenant() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.everyTenant = true
}

// issued is a token that the bot got.
type issued struct {
	scope string
	ends  time.Time
}

// AllowScope lets the bot sign in for another scope than the connector's. A token
// of one scope is refused where another is asked for.
func (t *Teams) AllowScope(scope string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.scopes = append(t.scopes, scope)
}

// ValidToken tells a token that was issued for this scope and has not ended.
func (t *Teams) ValidToken(token, scope string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.tokens[token]
	return ok && known.scope == scope && t.now().Before(known.ends)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A client that went away is the bot's affair; its own test sees it.
	_ = json.NewEncoder(w).Encode(body)
}
