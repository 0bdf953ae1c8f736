package teams

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// FederatedToken signs the bot in with a token that a platform such as Kubernetes keeps
// in a file, for which the registration has a federated credential. The file is read
// for each sign-in, because the platform replaces it.
type FederatedToken struct{ Path string }

// federatedLimit is the most that such a file may hold.
const federatedLimit = 16 << 10

// String names the file.
func (f FederatedToken) String() string { return "federated token " + f.Path }

// Validity is that of the token that is in the file now.
func (f FederatedToken) Validity() (Validity, error) {
	token, err := f.read()
	if err != nil {
		return Validity{}, err
	}
	v := Validity{Renewed: true}
	var claims jwt.RegisteredClaims
	// One that is no JWT is Microsoft's to refuse.
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err == nil && claims.ExpiresAt != nil {
		v.Until = claims.ExpiresAt.Time
	}
	return v, nil
}

func (f FederatedToken) issue(ctx context.Context, t *Tokens) (string, time.Duration, error) {
	token, err := f.read()
	if err != nil {
		// The platform may be replacing it.
		return "", 0, &TokenError{Err: err, temporary: true}
	}
	return t.exchange(ctx, assertion(token))
}

func (f FederatedToken) read() (string, error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, federatedLimit+1))
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(text))
	switch {
	case len(text) > federatedLimit:
		return "", fmt.Errorf("%s is longer than %d bytes: that is no token", f.Path, federatedLimit)
	case token == "":
		return "", errors.New(f.Path + " is empty")
	}
	return token, nil
}
