package cards

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

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
		for _, code := range intake.CodeTable {
			if code.Family == intake.LateCode {
				whyLate(request.LateTicket{Code: code.Name, Args: map[string]any{"minutes": 5}}, w)
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
	v := s.view(s.answered(s.vms(), "2026-11-23T02:58:00+01:00"), request.Viewer{Person: ines}, false)
	b.ReportAllocs()
	for b.Loop() {
		Ticket(v, s.w).Size()
	}
}

func BenchmarkReview(b *testing.B) {
	s, c := world{t: b, w: i18n.For("ru", berlin(b))}, wingtip()
	d := s.draft(intake.StepReview, map[string]string{"customer": c.TenantID, "platform": "azure", "severity": "A", "kind": "technical", "title": "x", "description": "y"})
	form := Form{Draft: d, Check: s.check(d, &c), Now: s.at("2026-11-23T01:32:00+01:00")}
	b.ReportAllocs()
	for b.Loop() {
		IntakeForm(form, s.w).Size()
	}
}
