package dialogs

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

func TestParseUnderstandsEveryWordInEveryLanguage(t *testing.T) {
	for _, w := range words {
		for _, s := range []string{w.en, w.ru, w.de} {
			for _, typed := range []string{s, "/" + s, "/ " + s, strings.ToUpper(s), " " + s + "\n", s + " SR-7", spellOut.Replace(s), strings.ReplaceAll(s, "ё", "е")} {
				c := Parse(typed)
				if c.Name != w.name {
					t.Errorf("Parse(%q) is %q, want %q", typed, c.Name, w.name)
				}
				if c.Slash != strings.HasPrefix(typed, "/") {
					t.Errorf("Parse(%q).Slash = %v", typed, c.Slash)
				}
			}
		}
	}
}

func TestNoWordMeansTwoCommands(t *testing.T) {
	seen := map[string]Name{}
	for _, w := range words {
		for _, s := range []string{w.en, w.ru, w.de} {
			if other, ok := seen[plaintext.Fold(s)]; ok && other != w.name {
				t.Errorf("%q is both %s and %s", s, other, w.name)
			}
			seen[plaintext.Fold(s)] = w.name
		}
	}
}

func TestParse(t *testing.T) {
	for typed, want := range map[string]Command{
		"":                                      {},
		"  \u00a0\u200b ":                       {},
		"new":                                   {Name: New, Word: "new"},
		"/new\u00a0contoso azure A VMs":         {Name: New, Slash: true, Word: "new", Rest: "contoso azure A VMs"},
		"Help?":                                 {Name: Help, Word: "Help?"},
		"comment SR-1 two\r\nlines":             {Name: Comment, Word: "comment", Rest: "SR-1 two\nlines"},
		"status\x00 sr1":                        {Name: Status, Word: "status", Rest: "sr1"},
		"SR-12":                                 {Name: Status, Word: "SR-12", Rest: "SR-12"},
		"#12":                                   {Name: Status, Word: "#12", Rest: "#12"},
		"sr 12?":                                {Name: Status, Word: "sr", Rest: "sr 12?"},
		"New request":                           {Name: New, Word: "New request"},
		"/neu request":                          {Name: New, Slash: true, Word: "neu", Rest: "request"},
		"/new request":                          {Name: New, Slash: true, Word: "new", Rest: "request"},
		"Take  over\n3 now":                     {Name: Take, Word: "Take over", Rest: "3 now", OfTicket: true},
		"12":                                    {Name: Status, Word: "12", Rest: "12", Digits: true},
		"12 monkeys":                            {Word: "12", Rest: "monkeys"},
		"nwe contoso":                           {Word: "nwe", Rest: "contoso"},
		"/":                                     {Slash: true},
		"//new":                                 {Slash: true, Word: "/new"},
		"ОТМЕНА":                                {Name: Cancel, Word: "ОТМЕНА"},
		"schliessen 4":                          {Name: Close, Word: "schliessen", Rest: "4"},
		"\u200f\u202bnew\u202c":                 {Name: New, Word: "\u202bnew"}, // marks inside the word do not count
		strings.Repeat("x", 20000) + " contoso": {Word: strings.Repeat("x", 20000), Rest: "contoso"},
	} {
		got := Parse(typed)
		if typed == "\u200f\u202bnew\u202c" {
			got.Word, want.Word = "", ""
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Parse(%.40q): %s", typed, diff)
		}
	}
}

func TestNumbers(t *testing.T) {
	for rest, want := range map[string]struct {
		n    request.Number
		rest string
	}{
		"SR-1":                 {1, ""},
		"sr1 text":             {1, "text"},
		"SR 1 text":            {1, "text"},
		"Sr # 5":               {0, "Sr # 5"},
		"#1":                   {1, ""},
		"# 1 x":                {1, "x"},
		"№ 3":                  {3, ""},
		"№3 да":                {3, "да"},
		"1":                    {1, ""},
		"SR-7: it works":       {7, "it works"},
		"SR-7, it works":       {7, "it works"},
		"SR-007":               {7, ""},
		"0":                    {0, "0"},
		"-1":                   {0, "-1"},
		"":                     {0, ""},
		"SR":                   {0, "SR"},
		"seven":                {0, "seven"},
		"99999999999999999999": {0, "99999999999999999999"},
		"1; drop table":        {1, "drop table"},
	} {
		n, after, ok := Command{Rest: rest}.Number()
		if n != want.n || after != want.rest || ok != (want.n != 0) {
			t.Errorf("Number of %q = %d, %q, %v; want %d, %q", rest, n, after, ok, want.n, want.rest)
		}
	}
}

func TestNearestCommand(t *testing.T) {
	for _, c := range []struct {
		word, lang string
		want       Name
	}{
		{"nwe", "en", New}, {"statsu", "en", Status}, {"hlep", "en", Help}, {"спсиок", "ru", List}, {"отменна", "ru", Cancel},
		{"hilfee", "de", Help}, {"listee", "de", List}, {"schweregrat", "de", Severity},
		{"hi", "en", ""}, {"x", "en", ""}, {"", "en", ""}, {"zzzzzzzz", "en", ""}, {strings.Repeat("new", 5000), "en", ""},
	} {
		if got := nearest(c.word, c.lang); got != c.want {
			t.Errorf("nearest(%.20q, %s) = %q, want %q", c.word, c.lang, got, c.want)
		}
	}
}

func TestFilters(t *testing.T) {
	for _, f := range filters {
		for _, s := range []string{f.en, f.ru, f.de, strings.ToUpper(f.de), spellOut.Replace(f.de)} {
			if got, ok := filterOf(s); !ok || got != f.filter {
				t.Errorf("filterOf(%q) = %q, %v", s, got, ok)
			}
		}
	}
	if _, ok := filterOf("contoso"); ok {
		t.Error("a customer's name is taken for a filter")
	}
}

// FuzzParse holds that what was typed after the word is never lost or changed
// beyond blanks and controls, and that parsing the parts again changes nothing.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"new", "/new contoso azure A VMs", "SR 1", "«new» x", "\"a b\" c", "/ \u00a0статус №1", "\xff\xfe", "a\u2028b", "„x“ y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		c := Parse(typed)
		if !utf8.ValidString(c.Word) || !utf8.ValidString(c.Rest) {
			t.Fatalf("Parse(%q) is not UTF-8: %+v", typed, c)
		}
		if strings.ContainsFunc(c.Word+c.Rest, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
			t.Fatalf("controls survive: %+v", c)
		}
		if c.Rest != strings.TrimSpace(c.Rest) {
			t.Fatalf("rest %q has blanks around it", c.Rest)
		}
		if c.Name != "" && c.Slash {
			if again := Parse("/" + c.Name.Spelled("en") + " " + c.Rest); again.Name != c.Name || again.Rest != strings.TrimSpace(clean(c.Rest)) {
				t.Fatalf("Parse(%q) = %+v, again %+v", typed, c, again)
			}
		}
		letters := func(s string) (n int) {
			for _, r := range strings.ToValidUTF8(s, "") {
				if unicode.IsLetter(r) || unicode.IsDigit(r) {
					n++
				}
			}
			return n
		}
		if got := letters(c.Word) + letters(c.Rest); c.Name != Status && got != letters(typed) {
			t.Fatalf("Parse(%q) lost letters: %+v", typed, c)
		}
		if n, rest, ok := c.Number(); ok && (n <= 0 || len(rest) >= len(c.Rest)) {
			t.Fatalf("Number of %q = %d, %q", c.Rest, n, rest)
		}
	})
}
