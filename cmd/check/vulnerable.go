package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// explained are findings of govulncheck that do not concern us, by their ids (such as
// GO-2026-1234), with the reason. One that is not found any more fails the check, so that
// reasons do not outlive what they are for.
var explained = map[string]string{}

// vulnerabilities is where known ones are, unless GOVULNDB names a copy.
const vulnerabilities = "https://vuln.go.dev"

// vulnerable runs govulncheck: what is called of known vulnerabilities fails the check,
// what is merely linked does not. It looks at every package, whose exported functions then
// count as called, because the commands of the program are called by reflection, which it
// does not follow.
func (c *check) vulnerable(ctx context.Context) error {
	database := cmp.Or(os.Getenv("GOVULNDB"), vulnerabilities)
	if err := reach(ctx, database); err != nil {
		return fmt.Errorf("known vulnerabilities of what is linked were %w: %s cannot be reached (%v)", errNotRun, database, err)
	}
	said, err := output(ctx, c.root, "go", "tool", "govulncheck", "-db", database, "-format", "json", "./...")
	if err != nil {
		return err
	}
	called, err := findings(strings.NewReader(said))
	if err != nil {
		return fmt.Errorf("read what govulncheck says: %w", err)
	}
	return judge(called, explained)
}

// reach says whether the database of vulnerabilities answers; one in a folder does.
func reach(ctx context.Context, database string) error {
	if !strings.HasPrefix(database, "http") {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, strings.TrimSuffix(database, "/")+"/index/db.json", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // a HEAD has none
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

// findings reads govulncheck's messages and gives the vulnerabilities that are called,
// each with where.
func findings(messages io.Reader) (map[string]string, error) {
	called := map[string]string{}
	for decoder := json.NewDecoder(messages); ; {
		var message struct {
			Finding *struct {
				OSV   string
				Trace []struct{ Module, Package, Function string }
			}
		}
		err := decoder.Decode(&message)
		if errors.Is(err, io.EOF) {
			return called, nil
		}
		if err != nil {
			return nil, err
		}
		if f := message.Finding; f != nil && len(f.Trace) > 0 && f.Trace[0].Function != "" {
			called[f.OSV] = f.Trace[0].Package + "." + f.Trace[0].Function
		}
	}
}

// judge holds what is called against what was explained.
func judge(called, explained map[string]string) error {
	var problems []error
	for _, id := range slices.Sorted(maps.Keys(called)) {
		if explained[id] == "" {
			problems = append(problems, fmt.Errorf("%s is called, in %s: https://pkg.go.dev/vuln/%s", id, called[id], id))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(explained)) {
		if called[id] == "" {
			problems = append(problems, fmt.Errorf("%s is explained and not called any more: take it out", id))
		}
	}
	return errors.Join(problems...)
}
