package plaintext

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
		if got := Line(typed); got != want {
			t.Errorf("cleanLine(%q) = %q, want %q", typed, got, want)
		}
	}
	if got, want := Lines(" a\r\nb\tc\x00\x07\rd \n"), "a\nb\tc\nd"; got != want {
		t.Errorf("cleanText = %q, want %q", got, want)
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
		if upper := strings.ToUpper(s); utf8.ValidString(s) && IsASCII(s) && Fold(upper) != got {
			t.Fatalf("Fold(%q) = %q, but %q in capitals", s, got, Fold(upper))
		}
	})
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
