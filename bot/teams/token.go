package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/sync/singleflight"
)

// Tokens gets the bot's own token for one scope from Microsoft's sign-in (client
// credentials, RFC 6749 4.4) and keeps it until shortly before it ends.
type Tokens struct {
	LoginURL   string // full address of the token endpoint
	AppID      string
	Credential Credential
	Scope      string
	Client     *http.Client     // nil is a client of our own
	Now        func() time.Time // nil is time.Now

	flight  singleflight.Group
	mu      sync.Mutex
	token   string
	renewAt time.Time
	endsAt  time.Time
	pause   time.Duration // after the last failure, 0 after a success
	retryAt time.Time     // no sign-in before
	failure error
}

// For returns tokens of the same app, with the same credential, for another scope
// at another token endpoint: Microsoft Graph in a customer's tenant, for example.
// They are kept apart from those of t.
func (t *Tokens) For(loginURL, scope string) *Tokens {
	return &Tokens{LoginURL: loginURL, AppID: t.AppID, Credential: t.Credential, Scope: scope, Client: t.Client, Now: t.Now}
}

// Token returns a token that is good for ten seconds at least. It is renewed
// minutes before its end, and callers wait for that only when there is no good
// one. A failure is returned for a second without asking again, then for two, up
// to thirty, or for as long as Microsoft says; its RetryAfter is what is left of
// that. The error is a *TokenError.
func (t *Tokens) Token(ctx context.Context) (string, error) {
	token, ask, err := t.kept()
	if !ask {
		return token, err
	}
	done := t.flight.DoChan("token", func() (any, error) { return t.renew(context.WithoutCancel(ctx)) })
	if token != "" {
		return token, nil
	}
	select {
	case <-ctx.Done():
		return "", &TokenError{Err: ctx.Err(), temporary: true}
	case r := <-done:
		if r.Err != nil {
			return "", r.Err
		}
		return r.Val.(string), nil
	}
}

// Drop forgets a token that was refused. Another one, fetched meanwhile,
// stays.
func (t *Tokens) Drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token = ""
	}
}

// lastUse is how long before its end a token is used for the last time.
const lastUse = 10 * time.Second

// kept is the token, or the failure, that there is. ask says that Microsoft is to
// be asked now; the token is empty where the caller has to wait for the answer.
func (t *Tokens) kept() (token string, ask bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.token != "" && now.Before(t.renewAt) {
		return t.token, false, nil
	}
	if now.Add(lastUse).Before(t.endsAt) {
		token = t.token
	}
	if !now.Before(t.retryAt) {
		return token, true, nil
	}
	if token != "" {
		return token, false, nil
	}
	err = t.failure
	if known := (*TokenError)(nil); errors.As(err, &known) {
		again := *known
		again.RetryAfter, err = t.retryAt.Sub(now), &again
	}
	return "", false, err
}

// renew signs in, unless another caller did since this one looked.
func (t *Tokens) renew(ctx context.Context) (string, error) {
	if token, ask, err := t.kept(); !ask {
		return token, err
	}
	token, lifetime, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if err != nil {
		t.pause = min(max(2*t.pause, time.Second), 30*time.Second)
		wait := t.pause
		if failed := (*TokenError)(nil); errors.As(err, &failed) {
			wait = max(wait, failed.RetryAfter)
		}
		t.retryAt, t.failure = now.Add(wait), err
		return "", err
	}
	margin := min(5*time.Minute, lifetime/2)
	t.token, t.endsAt, t.renewAt = token, now.Add(lifetime), now.Add(lifetime-margin)
	t.pause, t.retryAt, t.failure = 0, time.Time{}, nil
	return token, nil
}

func (t *Tokens) fetch(ctx context.Context) (string, time.Duration, error) {
	if t.Credential == nil {
		return "", 0, &TokenError{Err: errors.New("no credential is configured")}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	token, lifetime, err := t.Credential.issue(ctx, t)
	if err != nil {
		return "", 0, err
	}
	if app := appOf(token); app != "" && !strings.EqualFold(app, t.AppID) {
		// Every send would be refused with it.
		return "", 0, &TokenError{Advice: fmt.Sprintf("the token is one of app %s, not of MICROSOFT_APP_ID: check MANAGED_IDENTITY_CLIENT_ID", app)}
	}
	return token, lifetime, nil
}

// appOf is the app that a token names, empty where that cannot be read.
func appOf(token string) string {
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		return ""
	}
	for _, name := range []string{"appid", "azp"} { // versions 1.0 and 2.0
		if app, ok := claims[name].(string); ok {
			return app
		}
	}
	return ""
}

// exchange asks the token endpoint for a token; proof is what shows that the app is
// who it says.
func (t *Tokens) exchange(ctx context.Context, proof url.Values) (string, time.Duration, error) {
	if err := CheckAddress(t.LoginURL); err != nil {
		return "", 0, &TokenError{Err: err}
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {t.AppID}, "scope": {t.Scope}}
	maps.Copy(form, proof)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.LoginURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, &TokenError{Err: err}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	return t.answered(httpClient(t.Client), req)
}

// answered sends a request for a token and reads what comes back.
func (t *Tokens) answered(client *http.Client, req *http.Request) (string, time.Duration, error) {
	resp, err := client.Do(req)
	if err != nil {
		return "", 0, &TokenError{Err: err, temporary: true}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, documentLimit))
	if err != nil {
		return "", 0, &TokenError{Status: resp.StatusCode, Err: err, temporary: true}
	}
	if resp.StatusCode != http.StatusOK {
		return "", 0, tokenFailure(resp, body, t.now())
	}
	var answer struct {
		AccessToken string      `json:"access_token"`
		ExpiresIn   json.Number `json:"expires_in"` // seconds, a number or in quotes
		ExpiresOn   json.Number `json:"expires_on"` // Unix time, where platforms say nothing else
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", 0, &TokenError{Status: resp.StatusCode, Err: errors.New("answer is not the JSON of a token"), temporary: true}
	}
	if answer.AccessToken == "" {
		return "", 0, &TokenError{Status: resp.StatusCode, Err: errors.New("answer holds no token"), temporary: true}
	}
	return answer.AccessToken, lifetimeOf(answer.ExpiresIn.String(), answer.ExpiresOn.String(), t.now()), nil
}

// lifetimeOf reads how long a token is good; nothing where that is not said.
func lifetimeOf(in, on string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(in, 10, 32); err == nil {
		return time.Duration(max(0, seconds)) * time.Second
	}
	if until, err := strconv.ParseInt(on, 10, 64); err == nil {
		return min(max(0, time.Unix(until, 0).Sub(now)), 48*time.Hour)
	}
	return 0
}

func (t *Tokens) now() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

// TokenError says why the bot could not sign in, in words for the operator. It
// never holds what was sent.
type TokenError struct {
	Status     int    // 0 when no answer came
	Code       string // Entra's, such as AADSTS7000215
	Advice     string // what the operator can do, empty when unknown
	RetryAfter time.Duration
	Err        error

	temporary bool
}

func (e *TokenError) Error() string {
	var b strings.Builder
	b.WriteString("sign in the bot")
	if e.Code != "" {
		b.WriteString(": " + e.Code)
	} else if e.Status != 0 && e.Status != http.StatusOK {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Advice != "" {
		b.WriteString(": " + e.Advice)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *TokenError) Unwrap() error { return e.Err }

// Temporary tells a failure that may pass by itself: the network, 429, 5xx.
// Others need the operator.
func (e *TokenError) Temporary() bool { return e.temporary }

// advice is what the operator can do about Entra's error codes.
var advice = map[string]string{
	"AADSTS7000215": "the client secret is wrong: MICROSOFT_APP_PASSWORD wants the secret's value, not its id",
	"AADSTS7000222": "the client secret has expired: make a new one in the app registration",
	"AADSTS700016":  "the app is not in this tenant: check MICROSOFT_APP_ID, MICROSOFT_APP_TENANT_ID and MICROSOFT_APP_TYPE (single-tenant bots cannot use the multi-tenant endpoint)",
	"AADSTS90002":   "the tenant was not found: check MICROSOFT_APP_TENANT_ID and CLOUD",
	"AADSTS900023":  "the tenant is not a valid id: check MICROSOFT_APP_TENANT_ID",
	"AADSTS7000229": "the app has no service principal in this tenant: grant it consent there, or check MICROSOFT_APP_TENANT_ID",
	"AADSTS700027":  "the registration does not know the certificate: upload its public part under Certificates & secrets",
	"AADSTS700024":  "the signed statement is not good now: check this machine's clock, and that the platform renews the token file",
	"AADSTS70021":   federatedAdvice,
	"AADSTS700211":  federatedAdvice,
	"AADSTS700212":  federatedAdvice,
	"AADSTS700213":  federatedAdvice,
	"AADSTS1002012": "the scope is wrong: check CLOUD and TO_CHANNEL_FROM_BOT_OAUTH_SCOPE",
}

// federatedAdvice is about a token that no federated credential fits. Microsoft's words
// about it name the value that it was given.
const federatedAdvice = "no federated credential of the registration fits in issuer, subject and audience"

// wordsLimit is how much of Microsoft's own words is told.
const wordsLimit = 300

func tokenFailure(resp *http.Response, body []byte, now time.Time) error {
	var answer struct {
		Error       string        `json:"error"`
		Description string        `json:"error_description"`
		Codes       []json.Number `json:"error_codes"`
	}
	// Whatever is not JSON leaves the status alone to speak.
	_ = json.Unmarshal(body, &answer)
	e := &TokenError{
		Status: resp.StatusCode, Code: answer.Error, RetryAfter: retryAfter(resp.Header, now),
		temporary: resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500,
	}
	code, words, found := strings.Cut(answer.Description, ":")
	switch {
	case found && strings.HasPrefix(code, "AADSTS"):
		e.Code = code
	case len(answer.Codes) > 0:
		e.Code = "AADSTS" + answer.Codes[0].String()
	}
	if e.Advice = advice[e.Code]; e.Advice == federatedAdvice {
		words, _, _ = strings.Cut(strings.TrimSpace(words), "\n")
		e.Advice += ": " + strings.ToValidUTF8(words[:min(len(words), wordsLimit)], "")
	}
	return e
}
