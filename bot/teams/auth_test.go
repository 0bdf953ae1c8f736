package teams_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func bearer(token string) []string { return []string{"Bearer " + token} }

// status is what the endpoint would answer.
func status(err error) int {
	if err == nil {
		return http.StatusOK
	}
	if refusal := (*teams.AuthError)(nil); errors.As(err, &refusal) {
		return refusal.Status
	}
	return -1
}

// message is an activity as it comes with the fake's tokens.
func message(fake *teamstest.Teams) *teams.Activity {
	return &teams.Activity{Type: teams.TypeMessage, ChannelID: teams.Channel, ServiceURL: fake.ServiceURL()}
}

func TestTokenOfTeamsIsTaken(t *testing.T) {
	fake := teamstest.New(t)
	v := fake.Verifier()
	for _, header := range []string{"Bearer ", "bearer ", "BEARER "} {
		claims, err := v.Verify(t.Context(), []string{header + fake.Token()})
		if err != nil {
			t.Fatalf("%q: %v", header, err)
		}
		if err := claims.Match(message(fake)); err != nil {
			t.Errorf("%q: %v", header, err)
		}
	}
	if n := len(fake.Events("metadata", "keys")); n != 2 {
		t.Errorf("three requests fetched %d documents", n)
	}
}

func TestBadTokensAreRefused(t *testing.T) {
	fake := teamstest.New(t)
	stranger := fake.NewKey("msteams")
	stranger.ID = "stranger"
	imposter := fake.NewKey("msteams") // another key under the known id
	imposter.ID = "key-0"
	now := time.Now()

	for what, change := range map[string]func(*teamstest.TokenParts){
		"no issuer":                 teamstest.Claim("iss", nil),
		"empty issuer":              teamstest.Claim("iss", ""),
		"issuer is a number":        teamstest.Claim("iss", 5),
		"another issuer":            teamstest.Claim("iss", "https://sts.windows.net/"+teamstest.Tenant+"/"),
		"issuer in other letters":   teamstest.Claim("iss", strings.ToUpper(teamstest.Issuer)),
		"no audience":               teamstest.Claim("aud", nil),
		"empty audience":            teamstest.Claim("aud", ""),
		"audience is a number":      teamstest.Claim("aud", 5),
		"audience is null":          func(p *teamstest.TokenParts) { p.Claims["aud"] = nil },
		"another bot":               teamstest.Claim("aud", "00000000-0000-0000-0000-000000000000"),
		"other bots":                teamstest.Claim("aud", []string{"a", "b"}),
		"no expiry":                 teamstest.Claim("exp", nil),
		"expiry is text":            teamstest.Claim("exp", "tomorrow"),
		"expired":                   teamstest.Claim("exp", now.Add(-6*time.Minute).Unix()),
		"not yet valid":             teamstest.Claim("nbf", now.Add(6*time.Minute).Unix()),
		"no service":                teamstest.Claim("serviceurl", nil),
		"empty service":             teamstest.Claim("serviceurl", ""),
		"service is a number":       teamstest.Claim("serviceurl", 5),
		"service is a list":         teamstest.Claim("serviceurl", []string{fake.ServiceURL()}),
		"unknown key":               teamstest.SignedBy(stranger),
		"wrong signature":           teamstest.SignedBy(imposter),
		"no key id":                 teamstest.Header("kid", nil),
		"key id is a number":        teamstest.Header("kid", 0),
		"key id is a path":          teamstest.Header("kid", "../../etc/passwd"),
		"key id is an address":      teamstest.Header("kid", "https://evil.example/keys"),
		"critical extension":        teamstest.Header("crit", []string{"exp"}),
		"service in other letters":  func(p *teamstest.TokenParts) { delete(p.Claims, "serviceurl"); p.Claims["serviceUrl"] = "x" },
		"right audience, bad issue": func(p *teamstest.TokenParts) { p.Claims["iss"] = "https://evil.example" },
	} {
		if _, err := fake.Verifier().Verify(t.Context(), bearer(fake.Token(change))); status(err) != http.StatusUnauthorized {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestClocksMayDifferByFiveMinutes(t *testing.T) {
	fake := teamstest.New(t)
	now := time.Now()
	for what, change := range map[string]func(*teamstest.TokenParts){
		"expired 4 minutes ago":   teamstest.Claim("exp", now.Add(-4*time.Minute).Unix()),
		"valid in 4 minutes":      teamstest.Claim("nbf", now.Add(4*time.Minute).Unix()),
		"issued in 4 minutes":     teamstest.Claim("iat", now.Add(4*time.Minute).Unix()),
		"audience among others":   teamstest.Claim("aud", []string{"other", teamstest.AppID}),
		"no time of its issue":    teamstest.Claim("iat", nil),
		"further claims":          teamstest.Claim("roles", []string{"x"}),
		"kind of token not given": teamstest.Header("typ", nil),
	} {
		if _, err := fake.Verifier().Verify(t.Context(), bearer(fake.Token(change))); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestOnlyRS256Counts(t *testing.T) {
	fake := teamstest.New(t)
	key := fake.NewKey("msteams")
	fake.Publish(key)
	claims := jwt.MapClaims{"iss": teamstest.Issuer, "aud": teamstest.AppID, "serviceurl": fake.ServiceURL(), "exp": time.Now().Add(time.Hour).Unix()}
	der, err := x509.MarshalPKIXPublicKey(&key.Private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})

	for name, sign := range map[string]struct {
		method jwt.SigningMethod
		key    any
	}{
		"none":  {jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType},
		"HS256": {jwt.SigningMethodHS256, public},
		"RS384": {jwt.SigningMethodRS384, key.Private},
		"RS512": {jwt.SigningMethodRS512, key.Private},
		"PS256": {jwt.SigningMethodPS256, key.Private},
	} {
		token := jwt.NewWithClaims(sign.method, claims)
		token.Header["kid"] = key.ID
		signed, err := token.SignedString(sign.key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fake.Verifier().Verify(t.Context(), bearer(signed)); status(err) != http.StatusUnauthorized {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(fake.Events("keys")); n != 0 {
		t.Errorf("keys were fetched %d times for algorithms that nobody uses", n)
	}
}

func TestHeaderMustBeOneBearerToken(t *testing.T) {
	fake := teamstest.New(t)
	token := fake.Token()
	for _, headers := range [][]string{
		nil, {}, {""}, {" "}, {"x"}, {"Bearer"}, {"Bearer "}, {token}, {"Basic " + token}, {"Bearer  " + token}, {"Bearer\t" + token},
		{"Bearer " + token + " x"}, {"Bearer " + token + ", Bearer " + token}, {"Bearer " + token, "Bearer " + token}, {"Bearer a.b.c"},
		{"Bearer " + token + "."}, {"Bearer .."}, {"Bearer " + strings.Repeat("a", 100_000)},
	} {
		if _, err := fake.Verifier().Verify(t.Context(), headers); status(err) != http.StatusUnauthorized {
			t.Errorf("%.80q: %v", headers, err)
		}
	}
}

func TestWithoutAnAppIDNobodyIsTrusted(t *testing.T) {
	fake := teamstest.New(t)
	v := fake.Verifier()
	v.AppID = ""
	for _, headers := range [][]string{nil, {"x"}, bearer(fake.Token(teamstest.Claim("aud", ""))), bearer(fake.Token(teamstest.Claim("aud", nil)))} {
		if _, err := v.Verify(t.Context(), headers); status(err) != http.StatusUnauthorized {
			t.Errorf("%v", err)
		}
	}
}

func TestTokenBelongsToItsActivity(t *testing.T) {
	fake := teamstest.New(t)
	claims, err := fake.Verifier().Verify(t.Context(), bearer(fake.Token()))
	if err != nil {
		t.Fatal(err)
	}
	upper := strings.Replace(fake.ServiceURL(), "http://127.0.0.1", "HTTP://127.0.0.1", 1)
	for what, c := range map[string]struct {
		service, channel string
		want             int
	}{
		"same":                      {fake.ServiceURL(), "msteams", 200},
		"without the slash":         {strings.TrimSuffix(fake.ServiceURL(), "/"), "msteams", 200},
		"scheme in other letters":   {upper, "msteams", 200},
		"another host":              {"https://evil.example/emea/", "msteams", 401},
		"another path":              {strings.Replace(fake.ServiceURL(), "emea", "amer", 1), "msteams", 401},
		"path in other letters":     {strings.Replace(fake.ServiceURL(), "emea", "EMEA", 1), "msteams", 401},
		"none":                      {"", "msteams", 401},
		"nonsense":                  {"::", "msteams", 401},
		"no channel":                {fake.ServiceURL(), "", 403},
		"another channel":           {fake.ServiceURL(), "webchat", 403},
		"channel in other letters":  {fake.ServiceURL(), "MSTeams", 403},
		"another service, and chan": {"https://evil.example", "webchat", 401},
	} {
		a := &teams.Activity{ServiceURL: c.service, ChannelID: c.channel}
		if got := status(claims.Match(a)); got != c.want {
			t.Errorf("%s: %d, want %d", what, got, c.want)
		}
	}
}

func TestHostOfServiceComparesInAnyLetters(t *testing.T) {
	fake := teamstest.New(t)
	claims, err := fake.Verifier().Verify(t.Context(), bearer(fake.Token(teamstest.Claim("serviceurl", "https://SMBA.trafficmanager.net/emea"))))
	if err != nil {
		t.Fatal(err)
	}
	if err := claims.Match(&teams.Activity{ServiceURL: "https://smba.Trafficmanager.net/emea/", ChannelID: "msteams"}); err != nil {
		t.Error(err)
	}
}

func TestKeyMustBeEndorsedForTeams(t *testing.T) {
	for what, c := range map[string]struct {
		endorsements []string
		want         int
	}{
		"none":              {nil, 401},
		"empty":             {[]string{}, 401},
		"another channel":   {[]string{"webchat"}, 401},
		"other letters":     {[]string{"MSTeams"}, 401},
		"nearly":            {[]string{"msteams "}, 401},
		"among many others": {[]string{"webchat", "skype", "msteams", "sms"}, 200},
	} {
		fake := teamstest.New(t)
		key := fake.NewKey(c.endorsements...)
		fake.Publish(key)
		claims, err := fake.Verifier().Verify(t.Context(), bearer(fake.Token(teamstest.SignedBy(key))))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := status(claims.Match(message(fake))); got != c.want {
			t.Errorf("%s: %d, want %d", what, got, c.want)
		}
	}
}

// FuzzAuthorization holds that nothing but the token itself gets in, however it is
// changed or wrapped.
func FuzzAuthorization(f *testing.F) {
	fake := teamstest.New(f)
	v, good := fake.Verifier(), fake.Token()
	parts := strings.Split(good, ".")
	for _, header := range []string{
		"", "Bearer", "Bearer ", "Basic " + good, "Bearer  " + good, "Bearer " + good + " ", "Bearer\t" + good, "bEARER " + good, "Bearer " + good + ", Bearer " + good,
		"Bearer " + good + "=", "Bearer " + parts[0] + "." + parts[1] + ".", "Bearer " + parts[0] + "." + parts[1], "Bearer ..", "Bearer " + good + "." + good,
		"Bearer eyJhbGciOiJub25lIiwia2lkIjoia2V5LTAifQ." + parts[1] + ".", "Bearer " + parts[0] + "." + parts[2] + "." + parts[1], "Bearer \x00" + good, "Bearer " + strings.ToUpper(good),
	} {
		f.Add(header, "")
		f.Add(header, header)
	}
	f.Add("Bearer "+good, "")
	f.Fuzz(func(t *testing.T, header, another string) {
		headers := []string{header}
		if another != "" {
			headers = append(headers, another)
		}
		claims, err := v.Verify(t.Context(), headers)
		scheme, token, _ := strings.Cut(header, " ")
		if want := len(headers) == 1 && token == good && strings.EqualFold(scheme, "Bearer"); want != (err == nil) {
			t.Fatalf("%q: %v", headers, err)
		}
		if err == nil && claims.ServiceURL != fake.ServiceURL() {
			t.Fatalf("%q is for %q", headers, claims.ServiceURL)
		}
		if err != nil && status(err) != http.StatusUnauthorized {
			t.Fatalf("%q: %v", headers, err)
		}
		if err != nil && len(token) > 20 && strings.Contains(err.Error(), token) {
			t.Fatalf("the refusal repeats the token: %v", err)
		}
	})
}

// FuzzClaims signs whatever is claimed with a key of Teams, and compares what is taken
// with what the claims say when they are read letter by letter.
func FuzzClaims(f *testing.F) {
	fake := teamstest.New(f)
	v, key := fake.Verifier(), fake.NewKey(teams.Channel)
	fake.Publish(key)
	now := time.Now()
	v.Now = func() time.Time { return now }
	soon := now.Add(time.Hour).Unix()
	head := `{"alg":"RS256","kid":"` + key.ID + `"}`
	for _, claims := range []string{
		fmt.Sprintf(`{"iss":%q,"aud":%q,"exp":%d,"serviceurl":"https://x.example/"}`, teamstest.Issuer, teamstest.AppID, soon),
		fmt.Sprintf(`{"iss":%q,"aud":["a",%q],"exp":%d.5,"nbf":1,"serviceurl":"x"}`, teamstest.Issuer, teamstest.AppID, soon),
		fmt.Sprintf(`{"iss":"x","iss":%q,"aud":%q,"EXP":1,"exp":%d,"serviceurl":"x","serviceurl":""}`, teamstest.Issuer, teamstest.AppID, soon),
		fmt.Sprintf(`{"ISS":%q,"aud":%q,"exp":1e300,"serviceUrl":"x"}`, teamstest.Issuer, teamstest.AppID),
		fmt.Sprintf(`{"iss":%q,"aud":[[%q]],"exp":"%d","serviceurl":"x"}`, teamstest.Issuer, teamstest.AppID, soon),
		fmt.Sprintf(`{"iss":%q,"aud":null,"exp":null,"nbf":9e15,"serviceurl":{}}`, teamstest.Issuer),
		`null`, `[]`, `{}`, `{"exp":-1}`, "{\"iss\":\"\\ud800\"}",
	} {
		f.Add(head, claims)
	}
	f.Add(`{"alg":"RS256","kid":"`+key.ID+`","crit":["exp"]}`, `{}`)
	f.Add(`{"alg":"HS256","kid":"`+key.ID+`"}`, `{}`)
	f.Add(`{"alg":"RS256","kid":["`+key.ID+`"]}`, `{}`)
	f.Fuzz(func(t *testing.T, head, claims string) {
		text := base64.RawURLEncoding.EncodeToString([]byte(head)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
		digest := sha256.Sum256([]byte(text))
		signature, err := rsa.SignPKCS1v15(nil, key.Private, crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		taken, err := v.Verify(t.Context(), bearer(text+"."+base64.RawURLEncoding.EncodeToString(signature)))
		if err != nil {
			if status(err) != http.StatusUnauthorized {
				t.Fatalf("%s %s: %v", head, claims, err)
			}
			return
		}
		var h, c map[string]any
		if json.Unmarshal([]byte(head), &h) != nil || json.Unmarshal([]byte(claims), &c) != nil {
			t.Fatalf("%q %q is taken and no JSON", head, claims)
		}
		audiences, many := c["aud"].([]any)
		if !many {
			audiences = []any{c["aud"]}
		}
		until, _ := c["exp"].(float64)
		from, _ := c["nbf"].(float64)
		if h["alg"] != "RS256" || h["kid"] != key.ID || h["crit"] != nil || c["iss"] != teamstest.Issuer || !slices.Contains(audiences, any(teamstest.AppID)) ||
			until < float64(now.Add(-6*time.Minute).Unix()) || from > float64(now.Add(6*time.Minute).Unix()) || c["serviceurl"] != taken.ServiceURL || taken.ServiceURL == "" {
			t.Fatalf("%s %s is taken for %q", head, claims, taken.ServiceURL)
		}
	})
}
