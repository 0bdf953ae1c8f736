package ticket

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestTitlesAreOneLine(t *testing.T) {
	for typed, want := range map[string]string{
		"  VPN\r\ndown\ttoday\u2028now ": "VPN down today now",
		"a\x00b\x1bc\u0085d":             "abc d",
		"Cafe\u0301":                     "Caf\u00e9", // NFC
		"\xff\xfe":                       "\uFFFD",
		"\n\n":                           "",
	} {
		if got := cleanLine(typed); got != want {
			t.Errorf("cleanLine(%q) = %q, want %q", typed, got, want)
		}
	}
	if got, want := cleanText(" a\r\nb\tc\x00\x07\rd \n"), "a\nb\tc\nd"; got != want {
		t.Errorf("cleanText = %q, want %q", got, want)
	}
}

func TestLimitsCountCharacters(t *testing.T) {
	a := Answers{}
	a.Set("title", strings.Repeat("я", 250))
	if len(a.Cut) != 0 || a.Title != strings.Repeat("я", 250) {
		t.Fatalf("250 characters are fine, but %v were cut", a.Cut)
	}
	a.Set("title", strings.Repeat("я", 250)+"🍀!")
	if a.Title != strings.Repeat("я", 250) || a.Cut["title"] != 2 {
		t.Fatalf("kept %d characters, cut %v", utf8.RuneCountInString(a.Title), a.Cut)
	}
	check := checkForm(a, nil)
	var found Problem
	for _, p := range check.Problems {
		if p.Field == "title" {
			found = p
		}
	}
	if found.Code != "too_long" || found.Args["limit"] != 250 || found.Args["length"] != 252 || found.Args["cut"] != 2 {
		t.Errorf("problem of a title that was cut: %+v", found)
	}
	a.Set("title", a.Title) // the form comes back with what was kept
	for _, p := range checkForm(a, nil).Problems {
		if p.Field == "title" {
			t.Errorf("the title that was kept is refused again: %+v", p)
		}
	}
}

func TestLinesOfBlanksDoNotFillTheForm(t *testing.T) {
	a := Answers{}
	a.Set("description", strings.Repeat(" \x00", 100_000)+"x")
	if a.Description != "x" {
		t.Errorf("kept %d bytes", len(a.Description))
	}
}

func TestFold(t *testing.T) {
	for s, want := range map[string]string{
		"АО «Ёлка и партнёры»":          "ао «елка и партнеры»",
		"Weißwurst & Söhne":             "weisswurst & sohne",
		"İstanbul Işık Lojistik":        "istanbul isik lojistik",
		"Iğdır Çiğköfte":                "igdir cigkofte",
		"Cafe\u0301  Contoso\u00a0Sàrl": "cafe contoso sarl",
		"ﬁne ①":                         "fine 1",
		"Łódź Ørsted Æsir":              "lodz orsted aesir",
		"ΣΊΣΥΦΟΣ ς":                     "σισυφοσ σ",
		"a\u200bb\u00adc\x00":           "abc",
		"ＷＩＮＧＴＩＰ":                       "wingtip",
		"한글":                            "한글",
		"Lucky 8 🍀 Spa":                 "lucky 8 🍀 spa",
		"":                              "",
	} {
		if got := Fold(s); got != want {
			t.Errorf("Fold(%q) = %q, want %q", s, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Ёлка", "İIıi", "ß ẞ", "e\u0301", "\xff", "한글", "ΑΣ", "K", "ǅ", "\u1e9b\u0323"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Fold(s)
		if again := Fold(got); again != got {
			t.Fatalf("folding %q again: %q, then %q", s, got, again)
		}
		if !utf8.ValidString(got) || got != strings.TrimSpace(got) || strings.Contains(got, "  ") {
			t.Fatalf("Fold(%q) = %q", s, got)
		}
		for _, r := range norm.NFKD.String(got) {
			if unicode.In(r, unicode.Mn, unicode.Cc) {
				t.Fatalf("Fold(%q) = %q keeps %U", s, got, r)
			}
		}
		if upper := strings.ToUpper(s); utf8.ValidString(s) && plain(s) && Fold(upper) != got {
			t.Fatalf("Fold(%q) = %q, but %q in capitals", s, got, Fold(upper))
		}
	})
}

func TestSecretsAreFoundWithTheirLine(t *testing.T) {
	for text, want := range map[string]struct {
		code string
		line int
	}{
		"Since 21 Nov the VPN drops.\nPre-shared key Kx7!pQ2z…\nTried: new gateway": {"secret_password", 2},
		"password: Sommer2026":                                                {"secret_password", 1},
		"Das Kennwort lautet Geheim!99":                                       {"secret_password", 1},
		"a\nb\nпароль: Qwerty12":                                              {"secret_password", 3},
		"pwd=hunter2hunter2":                                                  {"secret_password", 1},
		"-----BEGIN RSA PRIVATE KEY-----":                                     {"secret_key", 1},
		"AccountKey=abcdefghijklmnopqrstuvwxyz0123456==":                      {"secret_key", 1},
		"https://x.blob.example/c?sv=1&sig=abcdefghijklmnopqrstuvwx%3D":       {"secret_key", 1},
		"Authorization: Bearer eyJ0eXAiOiJKV1QiLCJh.eyJhdWQiOiJodHRwczov.abc": {"secret_key", 1},
		"card 4111 1111 1111 1111":                                            {"secret_card", 1},
		"x\n5500-0000-0000-0004 was charged":                                  {"secret_card", 2},
		"378282246310005":                                                     {"secret_card", 1},
	} {
		if code, line := findSecret(text); code != want.code || line != want.line {
			t.Errorf("findSecret(%q) = %q in line %d, want %q in line %d", text, code, line, want.code, want.line)
		}
	}
	for _, text := range []string{
		"Users must enter their password every few minutes", "password reset fails with AADSTS50126", "Password hash sync is stuck",
		"the password is expired", "Kennwort: vergessen", "password policy: see https://contoso.example/P4ssw0rd!",
		"case 2401150050001234 is ours", "4111 1111 1111 1112", "subscription 9dfb369b-ab13-4fae-a276-55daa05f1119",
		"error 0x80070005 at 2026-11-22T23:50:00Z", "SR 615112491169010", "IP 10.0.0.1, MAC 00-11-22-33-44-55", "", "pass-through authentication",
	} {
		if code, line := findSecret(text); code != "" {
			t.Errorf("findSecret(%q) = %q in line %d, want nothing", text, code, line)
		}
	}
}

func TestMasks(t *testing.T) {
	for s, want := range map[string]string{"CTR-1234567": "••••4567", "123": "•••", "": "", "Ёлка1234": "••••1234"} {
		if got := Mask(s); got != want {
			t.Errorf("Mask(%q) = %q, want %q", s, got, want)
		}
	}
	if got, want := MaskID("ebb57ee0-10f5-4e0d-b79b-b1726d250099"), "…d250099"; got != want {
		t.Errorf("MaskID = %q, want %q", got, want)
	}
}

func TestAnInputNeverKeepsMoreThanItsLimit(t *testing.T) {
	for _, in := range inputs {
		for _, typed := range []string{
			strings.Repeat("\xff", 3*in.limit), strings.Repeat("\xffa", in.limit), strings.Repeat("ä", 2*in.limit), strings.Repeat(" ", 2*in.limit) + "x",
			"a" + strings.Repeat("\u0301", 3*in.limit), strings.Repeat("\x00", 3*in.limit), strings.Repeat("é", in.limit),
		} {
			var a Answers
			a.Set(in.id, typed)
			if kept := a.Get(in.id); !utf8.ValidString(kept) || utf8.RuneCountInString(kept) > in.limit {
				t.Errorf("%s keeps %d characters of %d, %q…", in.id, utf8.RuneCountInString(kept), in.limit, typed[:4])
			}
		}
	}
}
