package teams

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

const (
	keyLifetime   = 24 * time.Hour
	keyTimeout    = 10 * time.Second
	documentLimit = 1 << 20 // bytes
)

type signingKey struct {
	id           string
	public       *rsa.PublicKey
	endorsements []string
	certificate  time.Time // end of its certificate, zero when it has none
}

type keySource struct {
	metadataURL string
	client      *http.Client
	now         func() time.Time
}

// noKeysError says that no key was ever loaded, which is our trouble and not
// the caller's.
type noKeysError struct{ err error }

func (e *noKeysError) Error() string { return "no signing keys: " + e.err.Error() }

var errUnknownKey = errors.New("signing key is not known")

// keyCache keeps the channel's keys. After a day the next known key starts a
// fetch, but does not wait for it: only an unknown key needs the answer. An
// unknown key id makes it fetch at once, so that a rotation is followed, but
// forged ids spend from a bucket of three that gets one back every five minutes.
// A failed fetch spends nothing, keeps the old keys, and pauses the next one for
// a second, then two, up to thirty.
type keyCache struct {
	flight singleflight.Group

	mu      sync.Mutex
	byID    map[string]signingKey
	loaded  time.Time
	begun   time.Time // when the fetch that brought them began
	unknown *rate.Limiter
	pause   time.Duration
	retryAt time.Time
	failure error
}

func (c *keyCache) find(ctx context.Context, src keySource, id string) (signingKey, error) {
	key, look, err := c.kept(src.now(), id)
	switch {
	case look && key.public != nil:
		c.start(ctx, src, c.wants(src, id))
	case look:
		key, err = c.lookAgain(ctx, src, id)
	}
	if err != nil {
		return signingKey{}, err
	}
	if !key.certificate.IsZero() && src.now().After(key.certificate.Add(skew)) {
		return signingKey{}, errors.New("certificate of the signing key has expired")
	}
	return key, nil
}

// kept looks into the cache, and says whether a fetch is worth it now.
func (c *keyCache) kept(now time.Time, id string) (key signingKey, look bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, known := c.byID[id]
	fresh := known && now.Sub(c.loaded) < keyLifetime
	switch {
	case fresh:
		return key, false, nil
	case now.Before(c.retryAt):
		return c.cached(id)
	case known || c.byID == nil || now.Sub(c.loaded) >= keyLifetime:
		return key, true, nil
	case c.unknown.TokensAt(now) >= 1:
		return key, true, nil
	}
	return key, false, errUnknownKey
}

// cached answers from what there is.
func (c *keyCache) cached(id string) (signingKey, bool, error) {
	if c.byID == nil {
		return signingKey{}, false, &noKeysError{c.failure}
	}
	key, known := c.byID[id]
	if !known {
		return signingKey{}, false, errUnknownKey
	}
	return key, false, nil
}

// lookAgain fetches the keys and looks for one. A fetch that others had begun may have
// missed a key that was published meanwhile: then there is one more.
func (c *keyCache) lookAgain(ctx context.Context, src keySource, id string) (signingKey, error) {
	arrived := src.now()
	for again := false; ; again = true {
		if err := c.load(ctx, src, c.wants(src, id)); err != nil && ctx.Err() != nil {
			return signingKey{}, ctx.Err()
		}
		c.mu.Lock()
		key, _, err := c.cached(id)
		older := c.begun.Before(arrived)
		c.mu.Unlock()
		if !errors.Is(err, errUnknownKey) || !older || again {
			return key, err
		}
	}
}

// wants says whether a fetch is still worth it for this key id: another caller
// may have fetched since this one looked.
func (c *keyCache) wants(src keySource, id string) func() bool {
	return func() bool {
		_, look, _ := c.kept(src.now(), id)
		return look
	}
}

// load fetches the keys and waits for them, no longer than the context lasts.
func (c *keyCache) load(ctx context.Context, src keySource, wanted func() bool) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case r := <-c.start(ctx, src, wanted):
		return r.Err
	}
}

// start begins to fetch the keys, once for all who ask at the same time. The
// fetch does not end with the caller's context.
func (c *keyCache) start(ctx context.Context, src keySource, wanted func() bool) <-chan singleflight.Result {
	return c.flight.DoChan("keys", func() (any, error) {
		if !wanted() {
			return nil, nil
		}
		fetch, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyTimeout)
		defer cancel()
		begun := src.now()
		keys, err := src.fetch(fetch)
		c.keep(begun, src.now(), keys, err)
		return nil, err
	})
}

func (c *keyCache) keep(begun, now time.Time, keys map[string]signingKey, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.pause = min(max(2*c.pause, time.Second), 30*time.Second)
		c.retryAt, c.failure = now.Add(c.pause), err
		return
	}
	if c.unknown == nil {
		c.unknown = rate.NewLimiter(rate.Every(5*time.Minute), 3)
	} else if now.Sub(c.loaded) < keyLifetime { // a look that only an unknown key caused
		c.unknown.AllowN(now, 1)
	}
	c.byID, c.loaded, c.begun = keys, now, begun
	c.pause, c.retryAt, c.failure = 0, time.Time{}, nil
}

// fetch reads the metadata document and the keys that it points to. Keys that
// cannot be used are left out; a document without any is a failure.
func (s keySource) fetch(ctx context.Context) (map[string]signingKey, error) {
	var metadata struct {
		KeysURL string `json:"jwks_uri"`
	}
	if err := s.get(ctx, s.metadataURL, &metadata); err != nil {
		return nil, fmt.Errorf("read metadata: %w", err)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := s.get(ctx, metadata.KeysURL, &set); err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	keys := make(map[string]signingKey, len(set.Keys))
	for _, raw := range set.Keys {
		if k, err := parseKey(raw); err == nil {
			keys[k.id] = k
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("read keys: document holds no usable key")
	}
	return keys, nil
}

func (s keySource) get(ctx context.Context, address string, into any) error {
	if err := CheckAddress(address); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", req.URL.Host, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, documentLimit+1))
	if err != nil {
		return err
	}
	if len(body) > documentLimit {
		return errors.New("document is larger than 1 MiB")
	}
	return json.Unmarshal(body, into)
}

// parseKey reads one entry of RFC 7517 that may verify RS256.
func parseKey(raw []byte) (signingKey, error) {
	var entry struct {
		Type         string   `json:"kty"`
		ID           string   `json:"kid"`
		Use          string   `json:"use"`
		Modulus      string   `json:"n"`
		Exponent     string   `json:"e"`
		Chain        []string `json:"x5c"`
		Endorsements []string `json:"endorsements"`
	}
	if err := json.Unmarshal(raw, &entry); err != nil {
		return signingKey{}, err
	}
	if entry.Type != "RSA" || entry.ID == "" || (entry.Use != "" && entry.Use != "sig") {
		return signingKey{}, errors.New("not a signing key")
	}
	n, err := base64.RawURLEncoding.DecodeString(entry.Modulus)
	if err != nil {
		return signingKey{}, err
	}
	e, err := base64.RawURLEncoding.DecodeString(entry.Exponent)
	if err != nil {
		return signingKey{}, err
	}
	modulus, exponent := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e)
	if modulus.BitLen() < 2048 || modulus.BitLen() > 16384 || exponent.BitLen() < 2 || exponent.BitLen() > 31 {
		return signingKey{}, errors.New("key is too weak or too large")
	}
	key := signingKey{
		id: entry.ID, endorsements: entry.Endorsements,
		public: &rsa.PublicKey{N: modulus, E: int(exponent.Int64())},
	}
	if len(entry.Chain) > 0 {
		der, err := base64.StdEncoding.DecodeString(entry.Chain[0])
		if err != nil {
			return signingKey{}, err
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			return signingKey{}, err
		}
		key.certificate = leaf.NotAfter
	}
	return key, nil
}
