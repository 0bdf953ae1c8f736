package plaintext

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters are those that no Unicode decomposition takes apart, though people
// type them without their stroke or as two.
var letters = strings.NewReplacer(
	"ß", "ss", "ı", "i", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th",
	"æ", "ae", "œ", "oe", "ħ", "h", "ŧ", "t", "ŋ", "n", "ĸ", "k", "ς", "σ",
	"’", "'", "‘", "'", "ʼ", "'", "‐", "-", "‑", "-", "–", "-", "—", "-",
)

// Fold brings text to the form in which names and words are compared: no case,
// no accents (so ё is е and й is и), no invisible characters, single blanks.
// Folding twice changes nothing. Both databases keep folded text, because their
// own LOWER functions disagree.
func Fold(s string) string {
	if IsASCII(s) {
		return strings.Join(strings.Fields(strings.ToLower(s)), " ")
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	// Lowering can bring forth characters that decompose again; two rounds are
	// enough for all of Unicode, a third is there for what is still to come.
	for range 3 {
		next := foldOnce(s)
		if next == s {
			break
		}
		s = next
	}
	return s
}

func foldOnce(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.In(r, unicode.Cf, unicode.Cc):
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	// Hangul stays in one piece per syllable.
	return norm.NFC.String(strings.Join(strings.Fields(letters.Replace(b.String())), " "))
}

// IsASCII says whether s is printable ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

const (
	// searchLimit is how many characters of a search are read, searchWords how many
	// words of it are looked for.
	searchLimit = 250
	searchWords = 12
)

// SearchText is what of a search is read: as much as anything that is searched for
// has characters.
func SearchText(s string) string {
	if len(s) <= searchLimit {
		return s
	}
	kept, _ := Cut(strings.ToValidUTF8(s, ""), searchLimit)
	return kept
}

// FoldWords gives the folded words of a search, each of which must be found. Beyond a
// dozen words nobody narrows a search any more, and each costs the database.
func FoldWords(s string) []string {
	words := strings.Fields(Fold(SearchText(s)))
	return words[:min(len(words), searchWords)]
}
