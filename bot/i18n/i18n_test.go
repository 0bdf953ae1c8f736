package i18n

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestALocaleFindsItsLanguage(t *testing.T) {
	for locale, want := range map[string]string{
		"en": "en", "de": "de", "de-DE": "de", "de-AT": "de", "DE": "de", "ru-KZ": "ru", "ru": "ru",
		"": "en", "uk-UA": "en", "fr-FR": "en", "x": "en", "zh-Hant-TW": "en",
		"de_CH": "de", " de ": "de", "\x00": "en", strings.Repeat("de-", 10000): "en",
	} {
		if got := Match(locale); got != want {
			t.Errorf("%.20q: %q, want %q", locale, got, want)
		}
	}
}

func TestTheZeroWordsAreEnglishInUTC(t *testing.T) {
	var w Words
	if got, want := w.Time(due), "Mon 23 Nov, 02:32 (UTC)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if w.Lang() != "en" || w.Zone() != time.UTC {
		t.Errorf("%s in %s", w.Lang(), w.Zone())
	}
}

func TestThousandsStandApart(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"0", "999", "4,000", "12,345", "1,234,567"}, "de": {"0", "999", "4.000", "12.345", "1.234.567"},
		"ru": {"0", "999", "4000", "12\u00a0345", "1\u00a0234\u00a0567"},
	} {
		for i, n := range []int{0, 999, 4000, 12345, 1234567} {
			if got := For(lang, nil).Number(n); got != want[i] {
				t.Errorf("%s: %q, want %q", lang, got, want[i])
			}
		}
	}
}

func TestArgumentsArePairsOrAMap(t *testing.T) {
	w := For("en", nil)
	pairs := w.T("duration.both", "large", 2*time.Hour, "small", due)
	if want := "2 hours Mon 23 Nov, 02:32 (UTC)"; pairs != want {
		t.Errorf("%q, want %q", pairs, want)
	}
	if got := w.T("duration.both", map[string]any{"large": 2 * time.Hour, "small": due}); got != pairs {
		t.Errorf("%q, want %q", got, pairs)
	}
}

func TestAMissingSentenceIsLoudInTests(t *testing.T) {
	for name, call := range map[string]func(Words) string{
		"key":         func(w Words) string { return w.T("no.such.key") },
		"placeholder": func(w Words) string { return w.T("duration.both", "large", 1) },
		"count":       func(w Words) string { return w.T("duration.hours", "count", "many") },
		"no count":    func(w Words) string { return w.T("duration.hours", "hours", 1) },
		"odd":         func(w Words) string { return w.T("duration.both", "large") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: nobody noticed", name)
				}
			}()
			call(For("ru", nil))
		}()
	}
}

func TestInProductionAMissingSentenceIsEnglish(t *testing.T) {
	loud = false
	t.Cleanup(func() { loud = true })
	vocabulary, _, err := load(fstest.MapFS{
		"catalogue/a.en.yaml": {Data: []byte("x.hello: Hello\nx.count: {one: '{{.count}} owl', other: '{{.count}} owls'}\nx.name: 'Hello {{.name}}'\n")},
		"catalogue/a.de.yaml": {Data: []byte("x.hello: Hallo\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := Words{lang: vocabulary["de"]}
	for key, want := range map[string]string{"x.hello": "Hallo", "x.count": "2 owls", "x.name": "Hello …", "x.none": "x.none"} {
		if got := w.T(key, "count", 2); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

func TestValuesAreNotReadAsTemplates(t *testing.T) {
	got := For("en", nil).T("duration.both", "large", "{{.small}}", "small", "{{end}}")
	if want := "{{.small}} {{end}}"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestABadCatalogueIsRefused(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"same key in two areas": {
			"catalogue/a.en.yaml": {Data: []byte("x.y: one\n")},
			"catalogue/b.en.yaml": {Data: []byte("x.y: two\n")},
		},
		"same key twice":   {"catalogue/a.en.yaml": {Data: []byte("x.y: one\nx.y: two\n")}},
		"unknown language": {"catalogue/a.fr.yaml": {Data: []byte("x.y: un\n")}},
		"not YAML":         {"catalogue/a.en.yaml": {Data: []byte("x: [\n")}},
	} {
		if _, _, err := load(files); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func BenchmarkSentence(b *testing.B) {
	w := For("ru", nil)
	for b.Loop() {
		w.Time(due)
		w.Duration(94 * time.Minute)
	}
}
