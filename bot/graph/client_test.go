package graph_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/graph"
)

// page answers each call with the same page.
type page struct {
	t      *testing.T
	status int
	body   []byte
	wait   string
	calls  int
}

func (p *page) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.calls++; r.URL.Host != "graph.example" || r.URL.Scheme != "https" || r.Header.Get("Authorization") != "Bearer t0ken" {
		p.t.Errorf("the token went to %s", r.URL)
	}
	return &http.Response{
		StatusCode: p.status, Header: http.Header{"Retry-After": {p.wait}, "Request-Id": {"1"}}, Body: io.NopCloser(bytes.NewReader(p.body)), Request: r,
	}, nil
}

// Token and Drop make it the app's token as well.
func (*page) Token(context.Context) (string, error) { return "t0ken", nil }
func (*page) Drop(string)                           {}

// FuzzAnswers holds that whatever Graph answers, the token stays with it, the reading
// ends, and what is handed on are customers with an id and times that can be kept; an
// error repeats nothing of the answer.
func FuzzAnswers(f *testing.F) {
	const entry = `{"id":"a-b","tenantId":"3CEAAF30-8142-48ea-91d9-3080f9b439fc","displayName":" Contoso\n","status":"Active","endDateTime":"2027-01-01T00:00:00.1234567Z",
		"lastModifiedDateTime":"0001-01-01T00:00:00Z","autoExtendDuration":"P180D","customer":{"tenantId":"x"},"accessDetails":{"unifiedRoles":[{"roleDefinitionId":" F2EF "},{}]}}`
	for _, body := range []string{
		`{"value":[` + entry + `,` + entry + `]}`, `{"value":[` + entry + `],"@odata.nextLink":"https://graph.example/v1.0/more?$skiptoken=1"}`,
		`{"value":[],"@odata.nextLink":"https://evil.example/v1.0/"}`, `{"value":[],"@odata.nextLink":"//evil.example/"}`, `{"value":[],"@odata.nextLink":"http://graph.example/"}`,
		`{"value":[],"@odata.nextLink":"https://graph.example@evil.example/"}`, `{"value":[],"@odata.nextLink":"%zz"}`, `{"value":[null,{"tenantId":null}]}`, `{"value":null}`, `{}`, "null", "",
		`{"value":[{"endDateTime":"yesterday"}]}`, `{"value":[{"endDateTime":"2027-01-01T00:00:00","id":7}]}`, "\xff", `{"error":{"code":"Authorization_RequestDenied","message":"s3cret"}}`,
		`{"VALUE":[],"value":[` + entry + `],"@ODATA.NEXTLINK":"https://graph.example/again"}`,
	} {
		f.Add(uint16(200), []byte(body), "")
		f.Add(uint16(403), []byte(body), "2")
		f.Add(uint16(429), []byte(body), "99999999999999999")
	}
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, status uint16, body []byte, wait string) {
		if status < 200 || status > 599 || status >= 300 && status <= 399 { // redirects are the HTTP client's
			return
		}
		answers := &page{t: t, status: int(status), body: body, wait: wait}
		c := &graph.Client{
			URL: "https://graph.example", Tokens: answers, HTTP: &http.Client{Transport: answers}, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
			Wait: func(_ context.Context, span time.Duration) error {
				if span < 0 || span > 10*time.Minute {
					t.Errorf("waits for %s", span)
				}
				return nil
			},
		}
		check := func(err error) {
			t.Helper()
			if answers.calls > 6 { // five tries, or a page that leads to itself
				t.Errorf("%d calls for %q", answers.calls, body)
			}
			answers.calls = 0
			failed := (*graph.Error)(nil)
			if err != nil && (!errors.As(err, &failed) || strings.Contains(err.Error(), "s3cret") || strings.ContainsAny(err.Error(), "\r\n")) {
				t.Errorf("%d %q: %v", status, body, err)
			}
			if err == nil && status != http.StatusOK {
				t.Errorf("status %d is taken", status)
			}
		}
		check(c.Customers(t.Context(), func(all []graph.Customer) error {
			for _, one := range all {
				if id, ok := customer.ParseGUID(one.TenantID); !ok || id != one.TenantID || one.Name != strings.TrimSpace(one.Name) {
					t.Errorf("%+v of %q", one, body)
				}
			}
			return nil
		}))
		check(c.Relationships(t.Context(), func(all []graph.Relationship) error {
			for _, one := range all {
				if id, ok := customer.ParseGUID(one.Customer.TenantID); one.Customer.TenantID != "" && (!ok || id != one.Customer.TenantID) {
					t.Errorf("%+v of %q", one, body)
				}
				if one.Status != strings.ToLower(one.Status) || one.End.Location() != time.UTC || one.End.Nanosecond() != 0 || !one.Over.IsZero() && !one.Terminated() {
					t.Errorf("%+v of %q", one, body)
				}
				if one.Usable(now) && (one.Terminated() || one.Awaited()) {
					t.Errorf("%+v can be used and cannot", one)
				}
			}
			return nil
		}))
		one, err := c.Relationship(t.Context(), "../x?y#z")
		check(err)
		if err == nil && one.Status != strings.ToLower(one.Status) {
			t.Errorf("%+v of %q", one, body)
		}
	})
}
