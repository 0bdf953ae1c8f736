package cards

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/i18n"
	"onbehalf/bot/ticket"
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

// TestEveryCodeHasItsSentence writes each sentence that the desk gives out, with
// the values that the table of codes promises, in every language.
func TestEveryCodeHasItsSentence(t *testing.T) {
	for _, lang := range i18n.Languages() {
		w := i18n.For(lang, berlin(t))
		for _, code := range ticket.CodeTable {
			if code.Family == ticket.LateCode {
				whyLate(ticket.LateTicket{Code: code.Name, Args: map[string]any{"minutes": 5}}, w)
				continue
			}
			args := map[string]any{}
			for _, name := range code.Args {
				args[name] = map[string]any{
					"count": 2, "days": 9, "minutes": 5, "line": 2, "limit": 250, "length": 300, "cut": 50, "least": 8, "most": 16,
					"status": "open", "severity": "A", "from": "B", "to": "A", "platform": "azure", "topic": "az.vm", "verb": "resolve",
					"language": "de", "criterion": "bug", "at": at(t, "2026-11-23T01:32:00Z"), "date": at(t, "2026-12-01T00:00:00Z"),
				}[name]
				if args[name] == nil {
					args[name] = "Contoso"
				}
			}
			if said := Sentence(w, code.Key(), args); strings.Contains(said, "…") || strings.Contains(said, "{{") {
				t.Errorf("%s: %s reads %q", lang, code.Key(), said)
			}
		}
	}
}

func BenchmarkTicket(b *testing.B) {
	s := world{t: b, w: i18n.For("de", berlin(b))}
	v := s.view(s.answered(s.vms(), "2026-11-23T02:58:00+01:00"), ticket.Viewer{Person: ines}, false)
	b.ReportAllocs()
	for b.Loop() {
		Ticket(v, s.w).Size()
	}
}

func BenchmarkReview(b *testing.B) {
	s, c := world{t: b, w: i18n.For("ru", berlin(b))}, wingtip()
	d := s.draft(ticket.StepReview, map[string]string{"customer": c.TenantID, "platform": "azure", "severity": "A", "kind": "technical", "title": "x", "description": "y"})
	form := Form{Draft: d, Check: s.check(d, &c), Now: s.at("2026-11-23T01:32:00+01:00")}
	b.ReportAllocs()
	for b.Loop() {
		IntakeForm(form, s.w).Size()
	}
}
