package cards

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/i18n"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden compares every card, in every state and language, with
// testdata/NAME.LANG.json. The pictures for the review are made of these files.
func TestGolden(t *testing.T) {
	names := make(map[string]bool)
	for _, lang := range i18n.Languages() {
		for _, s := range samples(t, lang) {
			name := s.name + "." + lang + ".json"
			if names[name] {
				t.Fatalf("two samples are called %s", s.name)
			}
			names[name] = true
			compareGolden(t, name, s.card)
		}
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if names[filepath.Base(path)] {
			continue
		}
		if !*update {
			t.Errorf("%s belongs to no sample", path)
		} else if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func compareGolden(t *testing.T, name string, card any) {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(card); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// sample is one card in one state.
type sample struct {
	name string
	card Card
}

func at(t testing.TB, clock string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, clock)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func berlin(t testing.TB) *time.Location { return location(t, "Europe/Berlin") }

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
