package cards

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestForeignTextIsOneHarmlessLine(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"two\nlines\tand  blanks", 60, "two lines and blanks"},
		{"nul\x00 esc\x1b[31m bell\a", 60, "nul esc[31m bell"},
		{"gpj.\u202Eexe", 60, "gpj.exe"},
		{"a\u2028b\u2029c", 60, "a b c"},
		{"{{DATE(2026)}}{{{", 60, "{\u2060{DATE(2026)}}{\u2060{\u2060{"},
		{"one two three four", 12, "one two…"},
		{"onelongword", 5, "onel…"},
		{"ends here, now", 11, "ends here…"},
		{"\xff\xfe", 60, "\uFFFD"},
		{"exact", 5, "exact"},
		{"", 5, ""},
	} {
		if got := UserText(c.in).line(c.limit); got != c.want {
			t.Errorf("%q in %d: %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestAMentionHoldsPartsOfNamesOnly(t *testing.T) {
	for in, want := range map[string]string{
		"Ines Kowal":                    "Ines Kowal",
		"O’Brien-Smith, J. (EXT)":       "O’Brien-Smith, J. (EXT)",
		"<at>Boss</at> & *co*":          "atBossat co",
		"[x](https://evil.example) Ann": "x(httpsevil.example) Ann",
		"Айгерим Садыкова":              "Айгерим Садыкова",
		"<>&":                           "",
	} {
		if got := Mentionable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTheFirstSentenceIsParted(t *testing.T) {
	for in, want := range map[string]string{
		"It ends on Tue 1 Dec. Renew it now.":                      "It ends on Tue 1 Dec.",
		"Sie endet am Di 1. Dez. Verlängern Sie sie jetzt.":        "Sie endet am Di 1. Dez.",
		"Only Ines or a lead can resolve SR-128. Nothing changed.": "Only Ines or a lead can resolve SR-128.",
		"Договор до вт 1 дек. Продлите его.":                       "Договор до вт 1 дек.",
		"No point at all": "No point at all",
		"Contoso Ltd. buys through a provider. Ask for access now.": "Contoso Ltd. buys through a provider.",
	} {
		if first, rest := lead(in); first != want || strings.TrimSpace(first+" "+rest) != in {
			t.Errorf("%q: %q and %q, want %q", in, first, rest, want)
		}
	}
}

func FuzzForeign(f *testing.F) {
	f.Add(evil, 20)
	f.Add("🦉🦉🏽‍🦱 e\u0301e\u0301", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 1 + (limit&0x7fffffff)%300
		line := UserText(s).line(limit)
		if n := utf8.RuneCountInString(line); n > limit {
			t.Errorf("%q in %d has %d characters", s, limit, n)
		}
		if !utf8.ValidString(line) || strings.Contains(line, "{{") || strings.ContainsFunc(line, func(r rune) bool {
			return unicode.IsControl(r) || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\u2028' || r == '\u2029'
		}) {
			t.Errorf("%q keeps something in %q", s, line)
		}
		if again := UserText(line).line(limit); again != line {
			t.Errorf("%q changes when it is cleaned again: %q", line, again)
		}
		if name := Mentionable(s); strings.ContainsAny(name, "<>&*_[]`~#|\\") {
			t.Errorf("%q is mentioned as %q", s, name)
		}
		if plain := withoutMarkdown(scrub(s)); strings.ContainsAny(plain, "<>*_[]`~#|\\\n") {
			t.Errorf("%q is plain as %q", s, plain)
		}
	})
}
