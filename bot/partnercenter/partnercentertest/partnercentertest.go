// Package partnercentertest has Microsoft Partner Center as a sender of signed events, for
// tests: with an authority of its own, certificates that can be had as Microsoft's can, and
// everything that somebody does who pretends to be it.
package partnercentertest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Path is where events are posted.
const Path = "/partner-center/events"

// Sender is Partner Center, and the host of its certificates.
type Sender struct {
	TB  testing.TB
	URL string // of the host
	// Certificate is the address of the one that signs.
	Certificate string
	// Now is its clock.
	Now func() time.Time

	root, issuer *authority

	mu      sync.Mutex
	files   map[string][]byte
	asked   []string
	away    bool
	serial  int64
	revoked []*big.Int
}

// authority issues certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// keys are those of RSA that sign: making one takes long, so a process has few.
var keys = [2]func() *rsa.PrivateKey{newKey(2048), newKey(2048)}

// weak is too short a key.
var weak = newKey(1024)

func newKey(bits int) func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err) // there is no randomness
		}
		return key
	})
}

// Start makes a Partner Center that ends with the test, with one certificate.
func Start(tb testing.TB, now func() time.Time) *Sender {
	tb.Helper()
	s := &Sender{TB: tb, Now: now, files: map[string][]byte{}}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	tb.Cleanup(server.Close)
	s.URL = server.URL
	s.root = s.authority("Test Root", nil)
	s.issuer = s.authority("Test Issuing CA", s.root)
	s.files["/pki/issuer.crt"] = s.issuer.certificate.Raw
	s.Certificate = s.Publish(Leaf{})
	return s
}

// Host is the host of the certificates, with its port.
func (s *Sender) Host() string { return strings.TrimPrefix(s.URL, "http://") }

// Roots trust the sender's authority alone.
func (s *Sender) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.root.certificate)
	return pool
}

// RootFile is a file with the root, such as SSL_CERT_FILE names.
func (s *Sender) RootFile() string {
	s.TB.Helper()
	path := filepath.Join(s.TB.TempDir(), "roots.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.root.certificate.Raw}), 0o600); err != nil {
		s.TB.Fatal(err)
	}
	return path
}

// Asked are the paths that were asked for, in their order.
func (s *Sender) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Away makes the host answer 503, or as usual again.
func (s *Sender) Away(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

// Put lays something at a path of the host; nothing takes it away.
func (s *Sender) Put(path string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if content == nil {
		delete(s.files, path)
		return
	}
	s.files[path] = content
}

// serve is as strict as a test can want: nobody but an anonymous reader gets anything.
func (s *Sender) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.URL.Path)
	agent := r.Header.Get("User-Agent")
	switch content, known := s.files[r.URL.Path]; {
	case r.Method != http.MethodGet, r.URL.RawQuery != "", r.Header.Get("Authorization") != "", r.Header.Get("Cookie") != "", agent == "", strings.HasPrefix(agent, "Go-http"):
		w.WriteHeader(http.StatusBadRequest)
	case s.away:
		w.WriteHeader(http.StatusServiceUnavailable)
	case strings.HasPrefix(r.URL.Path, "/cert/moved"):
		http.Redirect(w, r, s.Certificate, http.StatusFound)
	case r.URL.Path == "/pki/revoked.crl" && !known:
		_, _ = w.Write(s.revocations()) // who went away asks again
	case !known:
		w.WriteHeader(http.StatusNotFound)
	default:
		_, _ = w.Write(content) // who went away asks again
	}
}

func (s *Sender) authority(name string, by *authority) *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.TB.Fatal(err)
	}
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: name, Organization: []string{"Test Authority"}},
		NotBefore: s.Now().AddDate(-1, 0, 0), NotAfter: s.Now().AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	a := &authority{key: key}
	if by == nil {
		by = &authority{template, key}
	}
	a.certificate = s.issue(template, by, &key.PublicKey)
	return a
}

func (s *Sender) issue(template *x509.Certificate, by *authority, public crypto.PublicKey) *x509.Certificate {
	s.serial++
	template.SerialNumber = big.NewInt(s.serial)
	der, err := x509.CreateCertificate(rand.Reader, template, by.certificate, public, by.key)
	if err != nil {
		s.TB.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		s.TB.Fatal(err)
	}
	return made
}

// Leaf is a certificate that may sign events. The zero value is a good one.
type Leaf struct {
	// Path is where it is, by default a new one below /cert/.
	Path string
	// Organization is by default Microsoft's.
	Organization string
	// Until is when it ends, by default in a year, and From when it begins.
	From, Until time.Time
	// Key tells two keys apart; Weak is one of 1024 bits.
	Key  int
	Weak bool
	// Strange is issued by an authority that nobody trusts.
	Strange bool
	// Lonely says nothing about who issued it.
	Lonely bool
	// PEM is written as text.
	PEM bool
	// Revoked was taken back by its issuer.
	Revoked bool
}

// Publish issues a certificate and lays it where it can be fetched.
func (s *Sender) Publish(l Leaf) (address string) {
	s.TB.Helper()
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "pcnotifications-dispatch.microsoft.com", Organization: []string{"Microsoft Corporation"}},
		NotBefore: s.Now().AddDate(0, -1, 0), NotAfter: s.Now().AddDate(1, 0, 0),
		IssuingCertificateURL: []string{s.URL + "/pki/issuer.crt"}, CRLDistributionPoints: []string{s.URL + "/pki/revoked.crl"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if l.Organization != "" {
		template.Subject.Organization = []string{l.Organization}
	}
	if !l.From.IsZero() {
		template.NotBefore = l.From
	}
	if !l.Until.IsZero() {
		template.NotAfter = l.Until
	}
	by := s.issuer
	if l.Strange {
		by = s.authority("Test Issuing CA", nil) // of the same name
		template.IssuingCertificateURL = nil
	}
	if l.Lonely {
		template.IssuingCertificateURL = nil
	}
	key := keys[l.Key]()
	if l.Weak {
		key = weak()
	}
	made := s.issue(template, by, &key.PublicKey)
	content := made.Raw
	if l.PEM {
		content = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: content})
	}
	if l.Path == "" {
		l.Path = "/cert/signing-" + strconv.FormatInt(s.serial, 10) + ".cer"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.Revoked {
		s.revoked = append(s.revoked, made.SerialNumber)
	}
	s.files[l.Path] = content
	return s.URL + l.Path
}

func (s *Sender) revocations() []byte {
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: s.Now().Add(-time.Hour), NextUpdate: s.Now().AddDate(0, 0, 7)}
	for _, serial := range s.revoked {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: s.Now()})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, s.issuer.certificate, s.issuer.key)
	if err != nil {
		s.TB.Error(err)
	}
	return der
}

// Event is the body of an event as Partner Center writes it.
func Event(name, resource string, at time.Time) []byte {
	kind := ""
	if strings.HasPrefix(name, "granular-admin-relationship-") {
		kind = "GranularAdminRelationship"
	}
	return encoded(map[string]any{
		"EventName": name, "ResourceUri": resource, "ResourceName": kind, "AuditUri": nil,
		"ResourceChangeUtcDate": at.UTC().Format("2006-01-02T15:04:05.0000000+00:00"),
	})
}

// encoded is JSON of texts, which there is for all of them.
func encoded(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// RelationshipURI is how an event names a relationship, FraudURI a subscription.
func RelationshipURI(id string) string {
	return "https://api.partnercenter.microsoft.com/v1/granularAdminRelationships/" + id
}

// FraudURI names the fraud events of a subscription.
func FraudURI(subscription string) string {
	return "https://api.partnercenter.microsoft.com/v1/fraudEvents?SubscriptionId=" + subscription + "&EventStatus=Active"
}

// Sign is the signature over a body, by one of the keys, as it stands in a header.
func Sign(tb testing.TB, body []byte, key int) string {
	tb.Helper()
	return sign(tb, body, keys[key]())
}

// SignWeakly is Sign with too short a key.
func SignWeakly(tb testing.TB, body []byte) string {
	tb.Helper()
	return sign(tb, body, weak())
}

func sign(tb testing.TB, body []byte, key *rsa.PrivateKey) string {
	tb.Helper()
	digest := sha256.Sum256(body)
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// Request is one delivery of a body, signed.
func (s *Sender) Request(body []byte) *http.Request {
	s.TB.Helper()
	r := httptest.NewRequest(http.MethodPost, Path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Signature "+Sign(s.TB, body, 0))
	r.Header.Set("X-MS-Certificate-Url", s.Certificate)
	r.Header.Set("X-MS-Signature-Algorithm", "rsa-sha256")
	return r
}

// Post delivers a body as Partner Center does, up to ten times until it is taken, and gives
// the last answer and how many there were.
func (s *Sender) Post(to http.Handler, body []byte) (status, attempts int) {
	s.TB.Helper()
	for attempts = 1; ; attempts++ {
		if status = s.Send(to, s.Request(body)); status == http.StatusOK || attempts == 10 {
			return status, attempts
		}
	}
}

// Send sends one request. Answers have no body.
func (s *Sender) Send(to http.Handler, r *http.Request) (status int) {
	s.TB.Helper()
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	if w.Body.Len() > 0 && w.Code != http.StatusNotFound {
		s.TB.Errorf("the answer %d has a body: %s", w.Code, w.Body)
	}
	return w.Code
}
