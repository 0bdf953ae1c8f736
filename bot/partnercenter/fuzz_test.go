package partnercenter

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/customer"
)

// FuzzParse has anybody write an event. Whatever it says, what is read from it has the
// shape in which it is stored, asked for and counted.
func FuzzParse(f *testing.F) {
	const relationship = `{"EventName":"granular-admin-relationship-expired","ResourceUri":"https://api.partnercenter.microsoft.com/v1/granularAdminRelationships/5e5594d3-6f82-458b-b567-77db4811f0cd-1","ResourceName":"GranularAdminRelationship","AuditUri":null,"ResourceChangeUtcDate":"2026-11-27T06:19:06.3520276+00:00"}`
	const fraud = `{"EventName":"azure-fraud-event-detected","ResourceUri":"https://api.partnercenter.microsoft.com/v1/fraudEvents?SubscriptionId=9DFB369B-ab13-4fae-a276-55daa05f1119&EventStatus=Active","ResourceChangeUtcDate":"2026-11-27T06:19:06"}`
	for _, seed := range []string{
		relationship, fraud, "\xef\xbb\xbf" + fraud, strings.Replace(relationship, "Relationships/", "Relationships/../../", 1), strings.Replace(fraud, "&", "&SubscriptionId=&", 1),
		strings.Replace(relationship, "2026", "0001", 1), `{"eventname":"X","ResourceChangeUtcDate":"2026-11-27T06:19:06+14:00"}`, `{}`, `null`, `[]`, `{"EventName":1}`, "",
	} {
		f.Add([]byte(seed))
	}
	opaque := regexp.MustCompile(`^[0-9A-Za-z-]{1,200}$`)
	known := map[string]bool{"other": true}
	for _, name := range Names() {
		known[name] = true
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := Parse(body)
		if err != nil {
			if e != (Event{}) || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("%+v beside %v", e, err)
			}
			return
		}
		if !known[e.Label()] || len(e.Key) != 64 || e.Name != strings.ToLower(e.Name) || e.At.IsZero() || e.At.Location() != time.UTC {
			t.Errorf("%+v", e)
		}
		switch e.Kind {
		case Relationship:
			if !opaque.MatchString(e.Resource) {
				t.Errorf("relationship %q", e.Resource)
			}
		case Fraud:
			if id, ok := customer.ParseGUID(e.Resource); !ok || id != e.Resource || e.Status != strings.ToLower(e.Status) {
				t.Errorf("subscription %q, status %q", e.Resource, e.Status)
			}
		default:
			if e.Resource != "" || e.Status != "" {
				t.Errorf("%+v", e)
			}
		}
		if again, err := Parse(append([]byte("\xef\xbb\xbf \n"), body...)); err == nil && again != e && !bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
			t.Errorf("with blanks before it another event: %+v, %+v", again, e)
		}
	})
}

// FuzzSignature has anybody write the headers. What is taken as a signature has the length
// of one and is the only one there.
func FuzzSignature(f *testing.F) {
	good := strings.Repeat("QUJD", 86)[:342] + "=="
	for _, seed := range [][4]string{
		{"Signature " + good, "", "https://host/cert/a.cer", "rsa-sha256"}, {"", good, "https://host/cert/a.cer", "RSA-SHA256"}, {"signature " + good, "Signature " + good, "x", "rsa-sha256"},
		{"Basic x", good, "x", "rsa-sha256"}, {"Signature", "", "x", "rsa-sha256"}, {"Signature  " + good + " ", "", " x ", "rsa-sha256"}, {good, "", "x", "rsa-sha256"},
		{"Signature " + good[:4] + "\r\n" + good[4:], "", "x", "rsa-sha256"}, {"Signature " + good, good[4:], "x", "rsa-sha256"}, {"Signature " + good, "", "x", "none"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, authorization, other, certificate, algorithm string) {
		h := http.Header{}
		for name, value := range map[string]string{"Authorization": authorization, "X-Ms-Signature": other, "X-Ms-Certificate-Url": certificate, "X-Ms-Signature-Algorithm": algorithm} {
			if value != "" {
				h.Set(name, value)
			}
		}
		s, err := signedBy(h)
		if err != nil {
			return
		}
		if len(s.signature) < 256 || len(s.signature) > 512 || !strings.EqualFold(strings.TrimSpace(algorithm), "rsa-sha256") {
			t.Errorf("a signature of %d bytes by %q", len(s.signature), algorithm)
		}
		h.Add("X-Ms-Signature", "Signature "+strings.Repeat("QUJE", 86)[:342]+"==")
		if _, err := signedBy(h); err == nil && !strings.Contains(authorization+other, "QUJEQUJE") {
			t.Error("one of two signatures was taken")
		}
		h.Add("X-Ms-Certificate-Url", certificate)
		if _, err := signedBy(h); err == nil {
			t.Error("one of two certificates was taken")
		}
	})
}
