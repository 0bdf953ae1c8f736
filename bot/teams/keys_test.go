package teams

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"testing"
)

func TestWeakKeysAreNotUsed(t *testing.T) {
	for bits, usable := range map[uint]bool{1024: false, 2047: false, 2048: true, 4096: true, 20_000: false} {
		modulus := new(big.Int).Lsh(big.NewInt(1), bits-1)
		entry, err := json.Marshal(map[string]any{
			"kty": "RSA", "kid": "k", "e": "AQAB", "n": base64.RawURLEncoding.EncodeToString(modulus.Bytes()),
		})
		if err != nil {
			t.Fatal(err)
		}
		if key, err := parseKey(entry); (err == nil) != usable {
			t.Errorf("%d bits: %+v, %v", bits, key, err)
		}
	}
}
