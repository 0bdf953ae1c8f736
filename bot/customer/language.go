package customer

import (
	"strings"

	"golang.org/x/text/language"
)

// offered are the languages in which Microsoft gives support, by primary tag;
// true means that it matters which kind of them.
var offered = map[string]bool{
	"en": false, "es": false, "fr": false, "de": false, "it": false, "ja": false, "ko": false, "ru": false, "pt": true, "zh": true,
}

// ParseLanguage reads a BCP 47 tag and gives it in its canonical spelling;
// English is always "en".
func ParseLanguage(s string) (string, bool) {
	tag, err := language.Parse(strings.TrimSpace(s))
	if err != nil || tag == language.Und {
		return "", false
	}
	if base, _ := tag.Base(); base.String() == "en" {
		return "en", true
	}
	return tag.String(), true
}

// Offered says whether Microsoft gives support in the language (R37, R38).
func Offered(tag string) bool {
	_, ok := offered[primary(tag)]
	return ok
}

// OfferedAs gives the spelling under which an offered language is offered: "fr"
// for "fr-fr", but "zh-TW" for "zh-tw".
func OfferedAs(tag string) string {
	if base := primary(tag); !offered[base] {
		return base
	}
	canonical, _ := ParseLanguage(tag) // what is offered can be read
	return canonical
}

// primary is the primary tag of a language, empty for what is none.
func primary(tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return ""
	}
	base, _ := parsed.Base()
	return base.String()
}
