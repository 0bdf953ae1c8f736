package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAStepThatCannotRunIsNeitherGoodNorAFailure(t *testing.T) {
	var out bytes.Buffer
	c := &check{out: &out}
	good := step{name: "good", run: func(*check, context.Context) error { return nil }}
	away := step{name: "away", run: func(*check, context.Context) error { return fmt.Errorf("that was %w", errNotRun) }}
	if status := c.all(t.Context(), []step{away, good}); status != 0 {
		t.Errorf("status %d", status)
	}
	for _, want := range []string{"away DID NOT RUN", "away         NOT RUN", "NOT PROVEN HERE: that was not looked at", "1 of 2 steps are good", "1 COULD NOT RUN HERE"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "All 2") {
		t.Errorf("%s", &out)
	}
}

func TestTheDatabaseOfVulnerabilitiesIsLookedFor(t *testing.T) {
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/index/db.json" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	if err := reach(t.Context(), there.URL+"/"); err != nil {
		t.Error(err)
	}
	if err := reach(t.Context(), there.URL+"/elsewhere"); err == nil {
		t.Error("what is not there answers")
	}
	there.Close()
	t.Setenv("GOVULNDB", there.URL)
	if err := (&check{root: "."}).vulnerable(t.Context()); !errors.Is(err, errNotRun) || !strings.Contains(err.Error(), "known vulnerabilities") {
		t.Error(err)
	}
}

func TestVulnerabilitiesThatAreCalledFail(t *testing.T) {
	called, err := findings(strings.NewReader(`{"config":{"protocol_version":"v1.0.0"}}
{"osv":{"id":"GO-2026-0001","summary":"x"}}
{"finding":{"osv":"GO-2026-0001","trace":[{"module":"m","version":"v1.0.0"}]}}
{"finding":{"osv":"GO-2026-0002","trace":[{"module":"m","package":"m/p"}]}}
{"finding":{"osv":"GO-2026-0003","trace":[{"module":"m","package":"m/p","function":"Read"},{"module":"onbehalf","package":"onbehalf/bot","function":"main"}]}}
`))
	if err != nil || len(called) != 1 || called["GO-2026-0003"] != "m/p.Read" {
		t.Fatalf("%v, %v", called, err)
	}
	if err := judge(called, nil); err == nil || !strings.Contains(err.Error(), "GO-2026-0003 is called, in m/p.Read") {
		t.Error(err)
	}
	if err := judge(called, map[string]string{"GO-2026-0003": "only in tests"}); err != nil {
		t.Error(err)
	}
	if err := judge(nil, map[string]string{"GO-2026-0003": "only in tests"}); err == nil || !strings.Contains(err.Error(), "not called any more") {
		t.Error(err)
	}
	if _, err := findings(strings.NewReader("govulncheck: oops")); err == nil {
		t.Error("what is no message is read")
	}
}
