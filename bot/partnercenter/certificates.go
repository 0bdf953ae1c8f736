package partnercenter

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"onbehalf/bot/teams"
)

// MicrosoftHost is where the certificates of Partner Center's signatures are.
const MicrosoftHost = "3psostorageacct.blob.core.windows.net"

const (
	fetchLimit       = 10 * time.Second
	certificateLimit = 64 << 10 // bytes
	revocationLimit  = 8 << 20
	// certificateLife is how long a certificate is used before it is fetched anew;
	// againAfter is how long after a fetch a signature that does not fit causes another:
	// the key may have been changed under the same address.
	certificateLife = 24 * time.Hour
	againAfter      = 5 * time.Minute
	// failureLife is how long an address is left alone whose certificate was none.
	failureLife = time.Minute
	// certificatesKept bounds the memory.
	certificatesKept = 32
	// chainMost is how many issuers are between a certificate and a trusted root.
	chainMost = 3
	// keyLeast is the smallest RSA key, in bits.
	keyLeast = 2048
)

// organization is whose certificates count.
const organization = "Microsoft Corporation"

// Certificates finds out whether Microsoft signed something. Its fields are set before the
// first use; it is safe for many goroutines.
type Certificates struct {
	// Hosts are where certificates may come from, host or host:port in lower case,
	// compared whole. Addresses are https, but for hosts of this machine.
	Hosts []string
	// Roots are trusted; nil are the system's.
	Roots  *x509.CertPool
	Client *http.Client     // nil is one that follows no redirect
	Now    func() time.Time // nil is time.Now
	Log    *slog.Logger     // nil is slog.Default

	flight singleflight.Group

	mu      sync.Mutex
	known   map[string]*certificate
	fetches *rate.Limiter
}

// certificate is what is known of one address.
type certificate struct {
	leaf    *x509.Certificate
	issuers []*x509.Certificate
	fetched time.Time
	tried   time.Time // last, in vain too
	failure error     // why there is none
}

var errRevoked = errors.New("the certificate was revoked")

// Verify says whether the signature over body is Microsoft's, with the certificate at an
// address that the sender names.
func (c *Certificates) Verify(ctx context.Context, address string, body, signature []byte) error {
	at, err := c.locate(address)
	if err != nil {
		return err
	}
	cert, err := c.find(ctx, at, certificateLife)
	if err != nil {
		return err
	}
	wrong := c.verify(cert, body, signature)
	if wrong == nil || c.now().Sub(cert.fetched) < againAfter {
		return wrong
	}
	// Whoever forges signatures makes the bot ask Microsoft once in five minutes.
	renewed, err := c.find(ctx, at, againAfter)
	if err != nil || renewed.fetched.Equal(cert.fetched) {
		return wrong
	}
	return c.verify(renewed, body, signature)
}

// verify checks the certificate as it is now, and the signature.
func (c *Certificates) verify(cert *certificate, body, signature []byte) error {
	if _, err := c.chain(cert); err != nil {
		return fmt.Errorf("the certificate does not count: %w", err)
	}
	public, ok := cert.leaf.PublicKey.(*rsa.PublicKey)
	switch {
	case !ok || public.N.BitLen() < keyLeast:
		return errors.New("the certificate has no RSA key of 2048 bits or more")
	case !slices.Equal(cert.leaf.Subject.Organization, []string{organization}):
		return errors.New("the certificate is not one of " + organization)
	}
	digest := sha256.Sum256(body)
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature); err != nil {
		return errors.New("the signature does not fit the body")
	}
	return nil
}

// chain is the way from the certificate to a trusted root. What it may be used for is not
// checked: Microsoft issues these for other uses.
func (c *Certificates) chain(cert *certificate) ([]*x509.Certificate, error) {
	between := x509.NewCertPool()
	for _, issuer := range cert.issuers {
		between.AddCert(issuer)
	}
	chains, err := cert.leaf.Verify(x509.VerifyOptions{
		Roots: c.Roots, Intermediates: between, CurrentTime: c.now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

var certificatePath = regexp.MustCompile(`^/cert/[A-Za-z0-9._-]+\.cer$`)

// locate checks an address that a stranger names, and gives it in its plainest form.
func (c *Certificates) locate(address string) (string, error) {
	at, err := url.Parse(address)
	if err != nil || len(address) > 300 || at.Opaque != "" || at.User != nil || at.RawPath != "" || strings.ContainsAny(address, "?#@\\") {
		return "", errors.New("the address of the certificate is none")
	}
	host := hostOf(at)
	switch {
	case !slices.Contains(c.Hosts, host):
		return "", errors.New("the certificate is at a host that is not allowed")
	case at.Scheme != "https" && !(at.Scheme == "http" && teams.IsLoopback(at.Hostname())):
		return "", errors.New("the address of the certificate is not https")
	case !certificatePath.MatchString(at.Path) || strings.Contains(at.Path, ".."):
		return "", errors.New("the certificate has no path that one of these has")
	}
	return at.Scheme + "://" + host + at.Path, nil
}

// hostOf is the host of an address, with its port where that is not the usual one.
func hostOf(at *url.URL) string {
	usual := map[string]string{"https": ":443", "http": ":80"}[at.Scheme]
	return strings.TrimSuffix(strings.ToLower(at.Host), usual)
}

// find gives the certificate at an address that locate gave, no older than life where it
// can be had. One that is too old is better than none.
func (c *Certificates) find(ctx context.Context, address string, life time.Duration) (*certificate, error) {
	cert := c.kept(address)
	if cert != nil && cert.fresh(c.now(), life) {
		return cert, cert.failure
	}
	fetched, err, _ := c.flight.Do(address, func() (any, error) {
		if again := c.kept(address); again != nil && again.fresh(c.now(), life) {
			return again, again.failure // another one had it fetched meanwhile
		}
		if !c.mayFetch() {
			return nil, errors.New("too many certificates were asked for, this one is not fetched now")
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchLimit)
		defer cancel()
		got, err := c.fetch(ctx, address)
		if err != nil {
			got = &certificate{failure: err}
		}
		c.keep(address, got)
		return got, err
	})
	if err == nil {
		return fetched.(*certificate), nil
	}
	if cert != nil && cert.failure == nil && !errors.Is(err, errRevoked) {
		c.log().WarnContext(ctx, "the certificate of Partner Center cannot be fetched anew, the one from before counts", "err", err)
		return cert, nil
	}
	return nil, err
}

// fresh says whether there is no reason to ask again.
func (cert *certificate) fresh(now time.Time, life time.Duration) bool {
	return now.Sub(cert.tried).Abs() < failureLife || cert.failure == nil && now.Sub(cert.fetched).Abs() < life
}

// kept is a copy of what is known of an address, nil for nothing.
func (c *Certificates) kept(address string) *certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cert := c.known[address]; cert != nil {
		kept := *cert
		return &kept
	}
	return nil
}

// keep remembers a certificate, or that there is none; a certificate that counts stays when
// it cannot be fetched anew, unless it was revoked. Of too many the oldest is forgotten,
// failures first.
func (c *Certificates) keep(address string, cert *certificate) {
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	cert.fetched, cert.tried = now, now
	before := c.known[address]
	if cert.failure != nil && !errors.Is(cert.failure, errRevoked) && before != nil && before.failure == nil {
		before.tried = now
		return
	}
	if c.known == nil {
		c.known = map[string]*certificate{}
	}
	c.known[address] = cert
	if len(c.known) <= certificatesKept {
		return
	}
	worst := ""
	for other, one := range c.known {
		if other == address {
			continue
		}
		if worst == "" || worse(one, c.known[worst]) {
			worst = other
		}
	}
	delete(c.known, worst)
}

func worse(a, b *certificate) bool {
	if (a.failure != nil) != (b.failure != nil) {
		return a.failure != nil
	}
	return a.fetched.Before(b.fetched)
}

// mayFetch keeps strangers from making the bot ask a host all the time: of addresses that
// are new, thirty may come together, and one in ten seconds over a longer time.
func (c *Certificates) mayFetch() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fetches == nil {
		c.fetches = rate.NewLimiter(rate.Every(10*time.Second), 30)
	}
	return c.fetches.AllowN(c.now(), 1)
}

func (c *Certificates) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

func (c *Certificates) log() *slog.Logger {
	if c.Log != nil {
		return c.Log
	}
	return slog.Default()
}
