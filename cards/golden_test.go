package cards

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/i18n"
)

var (
	update = flag.Bool("update", false, "rewrite the outlines in testdata")
	jsonTo = flag.String("json-to", "", "write every card as NAME.LANG.json into this `folder`, seen from cards, and drop others of such names")
)

// TestGolden compares the outline of every card, in every state and language,
// with testdata/NAME.LANG.txt.
func TestGolden(t *testing.T) {
	encoded := encodedSamples(t)
	for name, s := range encoded {
		got, err := outline(s.json, s.summary)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		path := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, path := range strays(t, "testdata", "*.*", ".txt", encoded) {
		if !*update {
			t.Errorf("%s belongs to no sample", path)
		} else if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestJSON writes every card for Microsoft's renderer, which the tests of cmd/e2e
// give it: into the folder of -json-to, or one that goes away again.
func TestJSON(t *testing.T) {
	folder := *jsonTo
	if folder == "" {
		folder = filepath.Join(t.TempDir(), "cards")
	}
	dialogs := filepath.Join(folder, "dialog")
	if err := errors.Join(os.RemoveAll(dialogs), os.MkdirAll(dialogs, 0o755)); err != nil {
		t.Fatal(err)
	}
	encoded := encodedSamples(t)
	for name, s := range encoded {
		var b bytes.Buffer
		if err := json.Indent(&b, s.json, "", " "); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".json"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, encoded := range dialogSamples(t) {
		if err := os.WriteFile(filepath.Join(dialogs, name+".json"), encoded, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// A folder that is used again must not keep cards that are gone.
	for _, path := range strays(t, folder, "*.??.json", ".json", encoded) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) != len(encoded) {
		t.Errorf("%d files for %d cards, %v", len(files), len(encoded), err)
	}
}

// dialogSamples are the cards that stand in dialogs, as a dialog has them, in one language:
// in the others the words differ, which are those of the same card in a message. Clients
// without universal actions draw every card so.
func dialogSamples(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, s := range samples(t, i18n.English) {
		kind, _, _ := strings.Cut(s.name, "-")
		if !slices.Contains([]string{"form", "intake", "scope", "refusal"}, kind) {
			continue
		}
		encoded, err := json.Marshal(s.card.ForDialog())
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		all[s.name+"."+i18n.English] = encoded
	}
	return all
}

// encodedSample is a card as Teams gets it.
type encodedSample struct {
	json    []byte
	summary string
}

// encodedSamples are all samples in all languages, by NAME.LANG.
func encodedSamples(t *testing.T) map[string]encodedSample {
	t.Helper()
	all := map[string]encodedSample{}
	for _, lang := range i18n.Languages() {
		for _, s := range samples(t, lang) {
			name := s.name + "." + lang
			if _, taken := all[name]; taken {
				t.Fatalf("two samples are called %s", s.name)
			}
			encoded, err := s.card.MarshalJSON()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all[name] = encodedSample{encoded, s.card.Summary()}
		}
	}
	return all
}

// strays are the files of a folder that fit the pattern and belong to no sample.
func strays(t *testing.T, folder, pattern, ending string, known map[string]encodedSample) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(path string) bool {
		name, ok := strings.CutSuffix(filepath.Base(path), ending)
		_, sampled := known[name]
		return ok && sampled
	})
}
