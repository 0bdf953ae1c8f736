package teams

import (
	"context"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// Certificate signs the bot in with a certificate whose public part the registration
// holds. The PEM file has the certificate and its RSA key, not encrypted. It is read
// again for each sign-in; while it cannot be read, the last good one is used.
type Certificate struct {
	Path string

	mu   sync.Mutex
	last *tls.Certificate
}

// assertionLife is how long a statement that the bot signs is good: Microsoft wants
// five to ten minutes.
const assertionLife = 5 * time.Minute

// String names the file.
func (c *Certificate) String() string { return "certificate " + c.Path }

// Validity is the certificate's own. The error says what is wrong with the file as it
// is now.
func (c *Certificate) Validity() (Validity, error) {
	pair, err := readCertificate(c.Path)
	if err != nil {
		return Validity{}, err
	}
	return Validity{Until: pair.Leaf.NotAfter}, nil
}

// Thumbprint is the SHA-1 of the certificate in hexadecimal, as the registration lists
// it; empty when the file cannot be read.
func (c *Certificate) Thumbprint() string {
	pair, err := c.pair()
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%X", sha1.Sum(pair.Leaf.Raw))
}

func (c *Certificate) issue(ctx context.Context, t *Tokens) (string, time.Duration, error) {
	statement, err := c.sign(t)
	if err != nil {
		return "", 0, &TokenError{Err: err}
	}
	return t.exchange(ctx, assertion(statement))
}

// sign states that the bot is the app of t, for the token endpoint of t alone.
func (c *Certificate) sign(t *Tokens) (string, error) {
	pair, err := c.pair()
	if err != nil {
		return "", err
	}
	now := t.now()
	statement := jwt.NewWithClaims(jwt.SigningMethodPS256, jwt.MapClaims{
		"aud": t.LoginURL, "iss": t.AppID, "sub": t.AppID, "jti": uuid.NewString(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	sum := sha256.Sum256(pair.Leaf.Raw)
	statement.Header["x5t#S256"] = base64.RawURLEncoding.EncodeToString(sum[:])
	return statement.SignedString(pair.PrivateKey)
}

// pair is the certificate with its key as the file has it, or as it last had it.
func (c *Certificate) pair() (*tls.Certificate, error) {
	pair, err := readCertificate(c.Path)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.last = pair
	}
	if c.last == nil {
		return nil, err
	}
	return c.last, nil
}

// readCertificate reads a PEM file with a certificate and its key. Errors name the
// file and hold nothing of it.
func readCertificate(path string) (*tls.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if strings.Contains(block.Type, "ENCRYPTED") || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return nil, fmt.Errorf("the key in %s is encrypted: write it without a passphrase, for example with openssl pkey", path)
		}
	}
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, fmt.Errorf("%s does not hold a certificate and its key in PEM: %s", path, strings.TrimPrefix(err.Error(), "tls: "))
	}
	if key, ok := pair.PrivateKey.(*rsa.PrivateKey); !ok || key.N.BitLen() < 2048 {
		return nil, errors.New(path + ": Microsoft takes RSA keys of 2048 bits and more")
	}
	return &pair, nil
}
