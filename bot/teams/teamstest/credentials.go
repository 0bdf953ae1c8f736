package teamstest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The credentials of the bot's registration besides its secret.
type credentials struct {
	certificates map[string]*rsa.PublicKey // by x5t#S256
	spent        map[string]bool           // jti of statements that were used
	federated    []Federated
	identities   []Identity
	secretless   bool
}

// Federated is a federated credential of the registration: whose tokens prove that
// their bearer is the bot.
type Federated struct{ Issuer, Subject, Audience string }

// Identity is a managed identity of the platform that the bot runs on.
type Identity struct {
	ClientID  string // asked for by; empty for the system's own
	AppID     string // that its tokens name
	Principal string // object id, the subject of its tokens
	Header    string // App Service wants it; empty is a virtual machine
}

// ExchangeAudience is what an identity's token must be for to be exchanged.
const ExchangeAudience = "api://AzureADTokenExchange"

// PlatformIssuer issues the tokens of managed identities.
const PlatformIssuer = "https://login.microsoftonline.com/" + Tenant + "/v2.0"

// NoSecret takes the client secret off the registration.
func (t *Teams) NoSecret() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.credentials.secretless = true
}

// Certificate is a certificate with its key, good from an hour ago until a time. n
// tells certificates of one test apart.
func (t *Teams) Certificate(n int, until time.Time) (pemText []byte, leaf *x509.Certificate) {
	t.TB.Helper()
	key := pooledKey(t.TB, n)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(n) + 1), Subject: pkix.Name{CommonName: "onbehalf"},
		NotBefore: t.now().Add(-time.Hour), NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.TB.Fatalf("make a certificate: %v", err)
	}
	if leaf, err = x509.ParseCertificate(der); err != nil {
		t.TB.Fatalf("read a certificate: %v", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.TB.Fatalf("write a key: %v", err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), leaf
}

// CertificateFile is Certificate in a file, registered.
func (t *Teams) CertificateFile(n int, until time.Time) string {
	t.TB.Helper()
	text, leaf := t.Certificate(n, until)
	t.Register(leaf)
	path := filepath.Join(t.TB.TempDir(), "bot.pem")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.TB.Fatal(err)
	}
	return path
}

// Register uploads the public part of a certificate to the registration.
func (t *Teams) Register(leaf *x509.Certificate) {
	t.mu.Lock()
	defer t.mu.Unlock()
	public, ok := leaf.PublicKey.(*rsa.PublicKey)
	if !ok {
		t.TB.Fatalf("certificates here have RSA keys")
	}
	if t.credentials.certificates == nil {
		t.credentials.certificates = map[string]*rsa.PublicKey{}
	}
	t.credentials.certificates[thumbprint(leaf)] = public
}

// Unregister takes a certificate off the registration.
func (t *Teams) Unregister(leaf *x509.Certificate) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.credentials.certificates, thumbprint(leaf))
}

func thumbprint(leaf *x509.Certificate) string {
	sum := sha256.Sum256(leaf.Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Federate adds a federated credential to the registration.
func (t *Teams) Federate(f Federated) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.credentials.federated = append(t.credentials.federated, f)
}

// FederatedToken is a token of the issuer, subject and audience of f.
func (t *Teams) FederatedToken(f Federated, until time.Time) string {
	t.TB.Helper()
	signed, err := t.foreign(jwt.MapClaims{
		"iss": f.Issuer, "sub": f.Subject, "aud": f.Audience, "iat": t.now().Unix(), "exp": until.Unix(),
	})
	if err != nil {
		t.TB.Fatalf("sign a token: %v", err)
	}
	return signed
}

// foreign signs what another issuer than Teams says.
func (t *Teams) foreign(claims jwt.MapClaims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(pooledKey(t.TB, 3))
}

// AddIdentity gives the platform an identity.
func (t *Teams) AddIdentity(i Identity) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.credentials.identities = append(t.credentials.identities, i)
}

// IdentityURL is where the platform gives its tokens: that of a virtual machine, and
// that of App Service.
func (t *Teams) IdentityURL(appService bool) string {
	if appService {
		return t.base + "/msi/token"
	}
	return t.base + "/metadata/identity/oauth2/token"
}

// servePlatform gives tokens of managed identities, as virtual machines do and App
// Service.
func (t *Teams) servePlatform(w http.ResponseWriter, r *http.Request, version string, allowed func(Identity) bool) {
	if t.trouble(w, r, Event{Op: "identity"}) {
		return
	}
	status, body := t.identityToken(r, version, allowed)
	t.record(Event{Op: "identity", Status: status})
	writeJSON(w, status, body)
}

func (t *Teams) identityToken(r *http.Request, version string, allowed func(Identity) bool) (int, any) {
	no := func(text string) (int, any) {
		return http.StatusBadRequest, map[string]string{"error": "invalid_request", "error_description": text}
	}
	query := r.URL.Query()
	if query.Get("api-version") != version {
		return no("Required query variable 'api-version' is missing or wrong")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.credentials.identities, func(i Identity) bool { return i.ClientID == query.Get("client_id") })
	if at < 0 {
		return no("Identity not found")
	}
	identity := t.credentials.identities[at]
	if !allowed(identity) {
		return no("Required metadata header not specified")
	}
	until := t.now().Add(t.tokenLifetime)
	claims := jwt.MapClaims{
		"iss": PlatformIssuer, "sub": identity.Principal, "aud": query.Get("resource"), "appid": identity.AppID,
		"iat": t.now().Unix(), "exp": until.Unix(),
	}
	t.lastID++
	claims["uti"] = t.lastID
	token, err := t.foreign(claims)
	if err != nil {
		return no(err.Error())
	}
	switch query.Get("resource") {
	case ExchangeAudience:
	case resourceOf(Scope):
		if identity.AppID == AppID {
			t.tokens[token] = issued{scope: Scope, ends: until}
		}
	default:
		return no("The resource principal was not found")
	}
	body := map[string]string{"access_token": token, "expires_on": strconv.FormatInt(until.Unix(), 10), "token_type": "Bearer"}
	if identity.Header == "" { // App Service says the end alone
		body["expires_in"] = strconv.Itoa(int(t.tokenLifetime.Seconds()))
	}
	return http.StatusOK, body
}

func resourceOf(scope string) string { return scope[:len(scope)-len("/.default")] }

// proven checks what shows that a caller of the token endpoint is the bot: one secret,
// or one signed statement. It gives the number of Microsoft's error, 0 for none.
func (t *Teams) proven(r *http.Request) (code int, text string) {
	secret, statement := r.PostFormValue("client_secret"), r.PostFormValue("client_assertion")
	switch {
	case secret != "" && statement != "":
		return 7000217, "The request holds more than one client credential"
	case statement == "" && (secret != Password || t.credentials.secretless):
		return 7000215, "Invalid client secret provided"
	case statement == "":
		return 0, ""
	case r.PostFormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
		return 7000218, "The request body must contain client_assertion_type"
	}
	unverified := jwt.MapClaims{}
	token, _, err := jwt.NewParser().ParseUnverified(statement, unverified)
	if err != nil {
		return 50027, "JWT token is invalid or malformed"
	}
	if _, signedByBot := token.Header["x5t#S256"]; signedByBot {
		return t.certified(statement)
	}
	return t.federated(statement)
}

// certified checks a statement that the bot signed with its certificate.
func (t *Teams) certified(statement string) (code int, text string) {
	claims := jwt.MapClaims{}
	_, err := jwt.NewParser(
		jwt.WithValidMethods([]string{"PS256"}), jwt.WithoutClaimsValidation(), jwt.WithStrictDecoding(),
	).ParseWithClaims(statement, claims, func(token *jwt.Token) (any, error) {
		name, _ := token.Header["x5t#S256"].(string)
		if key := t.credentials.certificates[name]; key != nil && token.Header["typ"] == "JWT" {
			return key, nil
		}
		return nil, jwt.ErrTokenUnverifiable
	})
	if err != nil {
		return 700027, "The certificate with identifier used to sign the client assertion is not registered on application"
	}
	// A claim of another shape counts as one that is missing, and is refused below.
	id, _ := claims["jti"].(string)
	from, _ := claims.GetNotBefore()
	until, _ := claims.GetExpirationTime()
	audience, _ := claims.GetAudience()
	now := t.now()
	switch {
	case claims["iss"] != AppID || claims["sub"] != AppID:
		return 700025, "Issuer and subject of the client assertion are not the client"
	case !slices.Equal(audience, []string{t.LoginURL()}):
		return 50013, "Assertion audience claim does not match the realm issuer"
	case from == nil || until == nil || until.Sub(from.Time) > 10*time.Minute || until.Sub(from.Time) < 5*time.Minute,
		now.Add(5 * time.Minute).Before(from.Time), now.After(until.Add(5 * time.Minute)):
		return 700024, "Client assertion is not within its valid time range"
	case id == "" || t.credentials.spent[id]:
		return 70002, "Client assertion was used before"
	}
	if t.credentials.spent == nil {
		t.credentials.spent = map[string]bool{}
	}
	t.credentials.spent[id] = true
	return 0, ""
}

// federated checks a token of another issuer.
func (t *Teams) federated(statement string) (code int, text string) {
	claims := jwt.MapClaims{}
	_, err := jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(t.now),
	).ParseWithClaims(statement, claims, func(*jwt.Token) (any, error) { return &pooledKey(t.TB, 3).PublicKey, nil })
	if err != nil {
		return 700024, "Client assertion is not within its valid time range"
	}
	issuer, _ := claims["iss"].(string)
	subject, _ := claims["sub"].(string)
	audience, _ := claims["aud"].(string)
	if len(t.credentials.federated) == 0 {
		return 70021, "No matching federated identity record found for presented assertion"
	}
	code, text = 700211, "No matching federated identity record found for presented assertion issuer '"+issuer+"'"
	for _, f := range t.credentials.federated {
		switch {
		case f.Issuer != issuer:
		case f.Subject != subject:
			code, text = 700213, "No matching federated identity record found for presented assertion subject '"+subject+"'"
		case f.Audience != audience:
			return 700212, "No matching federated identity record found for presented assertion audience '" + audience + "'"
		default:
			return 0, ""
		}
	}
	return code, text
}
