package teams_test

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"onbehalf/bot/teams/teamstest"
)

func TestBrokenKeysAreLeftOut(t *testing.T) {
	small := base64.RawURLEncoding.EncodeToString(new(big.Int).Lsh(big.NewInt(1), 1023).Bytes())
	for what, entry := range map[string]map[string]any{
		"no modulus":         {"n": nil},
		"no exponent":        {"e": nil},
		"modulus not base64": {"n": "!!"},
		"small modulus":      {"n": small},
		"exponent 1":         {"e": "AQ"},
		"huge exponent":      {"e": strings.Repeat("A_", 40)},
		"elliptic":           {"kty": "EC"},
		"for encryption":     {"use": "enc"},
		"no id":              {"kid": nil},
		"id is a number":     {"kid": 7},
		"bad certificate":    {"x5c": []string{"AAAA"}},
	} {
		fake := teamstest.New(t)
		key := fake.NewKey("msteams")
		key.Entry = entry
		fake.Publish(key)
		v := fake.Verifier()
		if _, err := v.Verify(t.Context(), bearer(fake.Token(teamstest.SignedBy(key)))); status(err) != http.StatusUnauthorized {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := v.Verify(t.Context(), bearer(fake.Token())); err != nil {
			t.Errorf("%s cost the good key: %v", what, err)
		}
	}
}

func TestExpiredCertificateEndsItsKey(t *testing.T) {
	time0 := newClock()
	fake := teamstest.New(t, teamstest.WithClock(time0.Now))
	key := fake.NewKey("msteams")
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time0.Now().Add(-time.Hour), NotAfter: time0.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.Private.PublicKey, key.Private)
	if err != nil {
		t.Fatal(err)
	}
	key.Entry = map[string]any{"x5c": []string{base64.StdEncoding.EncodeToString(der)}}
	fake.Publish(key)
	v := fake.Verifier()
	if _, err := v.Verify(t.Context(), bearer(fake.Token(teamstest.SignedBy(key)))); err != nil {
		t.Fatal(err)
	}
	time0.Advance(66 * time.Minute)
	if _, err := v.Verify(t.Context(), bearer(fake.Token(teamstest.SignedBy(key)))); status(err) != http.StatusUnauthorized {
		t.Errorf("after its certificate: %v", err)
	}
}

func TestKeysThatCannotBeLoadedAreOurTrouble(t *testing.T) {
	for what, fault := range map[string]teamstest.Fault{
		"metadata 500":       {Op: "metadata", Status: 500},
		"metadata 404":       {Op: "metadata", Status: 404},
		"metadata junk":      {Op: "metadata", Status: 200, Body: "<html>"},
		"metadata empty":     {Op: "metadata", Status: 200, Body: "{}"},
		"metadata cut":       {Op: "metadata", CutBefore: true},
		"metadata redirects": {Op: "metadata", Status: 302, Location: "/v1/.well-known/keys"},
		"keys elsewhere":     {Op: "metadata", Status: 200, Body: `{"jwks_uri":"http://keys.example/keys"}`},
		"keys in a file":     {Op: "metadata", Status: 200, Body: `{"jwks_uri":"file:///etc/passwd"}`},
		"keys down":          {Op: "keys", Status: 503},
		"keys empty object":  {Op: "keys", Status: 200, Body: "{}"},
		"keys empty list":    {Op: "keys", Status: 200, Body: `{"keys":[]}`},
		"keys null":          {Op: "keys", Status: 200, Body: "null"},
		"keys broken":        {Op: "keys", Status: 200, Body: `{"keys":[null,5,"x",{},{"kty":"RSA","kid":"key-0"}]}`},
		"keys of 2 MiB":      {Op: "keys", Status: 200, Body: `{"pad":"` + strings.Repeat("x", 2<<20) + `","keys":[]}`},
	} {
		time0 := newClock()
		fake := teamstest.New(t, teamstest.WithClock(time0.Now))
		fake.Fault(fault)
		v := fake.Verifier()
		if _, err := v.Verify(t.Context(), bearer(fake.Token())); status(err) != http.StatusServiceUnavailable {
			t.Errorf("%s: %v", what, err)
		}
		time0.Advance(2 * time.Second)
		if _, err := v.Verify(t.Context(), bearer(fake.Token())); err != nil {
			t.Errorf("%s, after it passed: %v", what, err)
		}
	}
}

func TestRotationIsFollowedAtOnce(t *testing.T) {
	fake := teamstest.New(t)
	v := fake.Verifier()
	if err := v.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		fake.Rotate()
		if _, err := v.Verify(t.Context(), bearer(fake.Token())); err != nil {
			t.Fatalf("rotation %d: %v", i, err)
		}
	}
	if n := len(fake.Events("keys")); n != 4 {
		t.Errorf("%d fetches for the start and three rotations", n)
	}
}

func TestForgedKeyIDsCannotHammerMicrosoft(t *testing.T) {
	time0 := newClock()
	fake := teamstest.New(t, teamstest.WithClock(time0.Now))
	v := fake.Verifier()
	if err := v.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	good := fake.Token()
	tokens := make([]string, 1000)
	for i := range tokens {
		// The key is looked for before the signature is.
		header := fmt.Sprintf(`{"alg":"RS256","typ":"JWT","kid":"forged-%d"}`, i)
		tokens[i] = base64.RawURLEncoding.EncodeToString([]byte(header)) + good[strings.Index(good, "."):]
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := i; j < len(tokens); j += 8 {
				if _, err := v.Verify(t.Context(), bearer(tokens[j])); status(err) != http.StatusUnauthorized {
					t.Errorf("forged key id: %v", err)
				}
				if _, err := v.Verify(t.Context(), bearer(good)); err != nil {
					t.Errorf("good token meanwhile: %v", err)
				}
			}
		})
	}
	group.Wait()
	if n := len(fake.Events("keys")); n != 4 {
		t.Errorf("%d fetches, want the start and a bucket of three", n)
	}
	time0.Advance(5 * time.Minute)
	for _, token := range tokens[:50] {
		_, _ = v.Verify(t.Context(), bearer(token)) // refused, as counted above
	}
	if n := len(fake.Events("keys")); n != 5 {
		t.Errorf("%d fetches after five minutes, want one more", n)
	}
}

func TestKeysAreRenewedAfterADay(t *testing.T) {
	time0 := newClock()
	fake := teamstest.New(t, teamstest.WithClock(time0.Now))
	v := fake.Verifier()
	verify := func(change ...func(*teamstest.TokenParts)) int {
		_, err := v.Verify(t.Context(), bearer(fake.Token(change...)))
		return status(err)
	}
	verify()
	time0.Advance(24*time.Hour - time.Second)
	verify()
	if n := len(fake.Events("keys")); n != 1 {
		t.Errorf("%d fetches within a day", n)
	}
	time0.Advance(time.Second)
	verify()
	fake.WaitFor(func(teamstest.Event) bool { return len(fake.Events("keys")) == 2 })
}

func TestOldKeysServeWhileMicrosoftIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := teamstest.New(t, teamstest.InMemory())
		v := fake.Verifier()
		verify := func(change ...func(*teamstest.TokenParts)) int {
			_, err := v.Verify(t.Context(), bearer(fake.Token(change...)))
			synctest.Wait() // a fetch behind has ended
			return status(err)
		}
		verify()
		time.Sleep(25 * time.Hour)
		fake.Fault(teamstest.Fault{Op: "metadata", Status: 500, Times: -1})
		if got := verify(); got != http.StatusOK {
			t.Errorf("known key while Microsoft is down: %d", got)
		}
		if got := verify(teamstest.Header("kid", "new")); got != http.StatusUnauthorized {
			t.Errorf("unknown key while Microsoft is down: %d", got)
		}
		// Pauses grow from a second to thirty: 1+2+4+8+16+30 s for the first six.
		before := len(fake.Events("metadata"))
		for range 61 {
			time.Sleep(time.Second)
			verify()
		}
		if n := len(fake.Events("metadata")) - before; n != 6 {
			t.Errorf("%d fetches in a minute of outage", n)
		}
		fake.ClearFaults()
		fake.Rotate()
		time.Sleep(30 * time.Second)
		if got := verify(); got != http.StatusOK {
			t.Errorf("after the outage: %d", got)
		}
		// The next outage begins with short pauses again.
		time.Sleep(25 * time.Hour)
		fake.Fault(teamstest.Fault{Op: "metadata", Status: 500, Times: -1})
		before = len(fake.Events("metadata"))
		verify()
		time.Sleep(time.Second)
		verify()
		if n := len(fake.Events("metadata")) - before; n != 2 {
			t.Errorf("%d fetches in the first second of the next outage", n)
		}
	})
}

func TestKnownKeyDoesNotWaitWhileMicrosoftHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := teamstest.New(t, teamstest.InMemory())
		v := fake.Verifier()
		verify := func(change ...func(*teamstest.TokenParts)) (int, time.Duration) {
			began := time.Now()
			_, err := v.Verify(t.Context(), bearer(fake.Token(change...)))
			return status(err), time.Since(began)
		}
		verify()
		time.Sleep(25 * time.Hour)
		mended := make(chan struct{})
		fake.Fault(teamstest.Fault{Op: "metadata", Hold: mended, Times: -1})
		for range 100 {
			if got, took := verify(); got != http.StatusOK || took != 0 {
				t.Errorf("known key: %d after %s", got, took)
			}
			time.Sleep(time.Second)
		}
		if got, took := verify(teamstest.Header("kid", "new")); got != http.StatusUnauthorized || took > 10*time.Second {
			t.Errorf("unknown key: %d after %s", got, took)
		}
		close(mended)
		fake.ClearFaults()
		time.Sleep(30 * time.Second)
		before := len(fake.Events("keys"))
		if got, _ := verify(); got != http.StatusOK {
			t.Errorf("known key once Microsoft answers: %d", got)
		}
		synctest.Wait()
		if got, _ := verify(); got != http.StatusOK || len(fake.Events("keys")) != before+1 {
			t.Errorf("%d, %d fetches once Microsoft answers", got, len(fake.Events("keys"))-before)
		}
	})
}

func TestFailedLooksSpendNothing(t *testing.T) {
	time0 := newClock()
	fake := teamstest.New(t, teamstest.WithClock(time0.Now))
	v := fake.Verifier()
	if err := v.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	fake.Fault(teamstest.Fault{Op: "keys", Status: 500, Times: 5})
	for range 5 {
		_, _ = v.Verify(t.Context(), bearer(fake.Token(teamstest.Header("kid", "unknown"))))
		time0.Advance(31 * time.Second)
	}
	for range 3 {
		fake.Rotate()
		if _, err := v.Verify(t.Context(), bearer(fake.Token())); err != nil {
			t.Errorf("rotation after an outage: %v", err)
		}
	}
}

func TestManyWhoWaitShareOneFetch(t *testing.T) {
	fake := teamstest.New(t)
	open := make(chan struct{})
	fake.Fault(teamstest.Fault{Op: "keys", Hold: open})
	v, token := fake.Verifier(), fake.Token()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := v.Verify(t.Context(), bearer(token)); err != nil {
				t.Error(err)
			}
		})
	}
	fake.WaitFor(func(e teamstest.Event) bool { return e.Op == "metadata" })
	close(open)
	group.Wait()
	if n := len(fake.Events("keys")); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

func TestImpatientCallerDoesNotEndTheFetch(t *testing.T) {
	fake := teamstest.New(t)
	open := make(chan struct{})
	fake.Fault(teamstest.Fault{Op: "keys", Hold: open})
	v, token := fake.Verifier(), fake.Token()
	ctx, leave := contextWithCancel(t)
	left := make(chan error)
	go func() {
		_, err := v.Verify(ctx, bearer(token))
		left <- err
	}()
	fake.WaitFor(func(e teamstest.Event) bool { return e.Op == "metadata" })
	leave()
	if err := <-left; err == nil {
		t.Error("the one who left got an answer")
	}
	close(open)
	if _, err := v.Verify(t.Context(), bearer(token)); err != nil {
		t.Error(err)
	}
	if n := len(fake.Events("keys")); n != 1 {
		t.Errorf("%d fetches", n)
	}
}
