package intake

import (
	"unicode"

	"golang.org/x/text/language"
)

// foreignText says whether the description is plainly not in the language of
// support: that one is written in Latin letters, and most of the text is not.
// The other way round tells nothing, since logs are English everywhere.
func (f form) foreignText() bool {
	tag, err := language.Parse(f.language())
	if err != nil {
		return false
	}
	if script, _ := tag.Script(); script.String() != "Latn" {
		return false
	}
	letters, latin := 0, 0
	for _, r := range f.Description {
		if unicode.IsLetter(r) {
			letters++
			if unicode.Is(unicode.Latin, r) {
				latin++
			}
		}
	}
	return latin*2 < letters
}
