package customer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"onbehalf/bot/plaintext"
)

// name is a customer's name, or what somebody typed for one, as it is compared: words
// without case, accents, punctuation, apostrophes and quotes. "&", "+" and the words for
// "and" are one word, and so are letters that stand alone in a row, "I. B. M.".
type name struct {
	words []word
	// front and end are how many words at either end are a legal form, and form is that,
	// spelled in one way.
	front, end int
	form       string
}

// word is one word in the spellings that people use for it, the plain one first:
// "Müller" is "muller" and "mueller", "Straße" is "strasse" and "strase". Typed without
// umlauts it has one spelling, so that "Mueller" is not "Muller".
type word []string

// and is the word for "and" in whatever language.
const and = "&"

var (
	andWords = []string{"&", "+", "and", "und", "et", "и"}

	apostrophes = strings.NewReplacer("'", "", "’", "", "‘", "", "ʼ", "", "ʻ", "", "ʹ", "", "`", "", "´", "", "′", "", "＇", "")

	// spelledOut are letters as they are written by who has no key for them, and short
	// is the other way of writing ß.
	spelledOut = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "ae", "Ö", "oe", "Ü", "ue", "ø", "oe", "Ø", "oe", "å", "aa", "Å", "aa")
	short      = strings.NewReplacer("ß", "s", "ẞ", "s")
)

// nameOf takes a name apart.
func nameOf(s string) name {
	var tokens []string
	rest := norm.NFKC.String(apostrophes.Replace(strings.ToValidUTF8(s, " ")))
	for rest != "" {
		r, size := utf8.DecodeRuneInString(rest)
		end := size
		if inWord(r) {
			if end = strings.IndexFunc(rest, func(r rune) bool { return !inWord(r) }); end < 0 {
				end = len(rest)
			}
			tokens = append(tokens, rest[:end])
		} else if r == '&' || r == '+' {
			tokens = append(tokens, and)
		}
		rest = rest[end:]
	}
	var n name
	for _, token := range joined(tokens) {
		if w := spellings(token); w != nil {
			n.words = append(n.words, w)
		}
	}
	if len(n.words) == 0 {
		if folded := plaintext.Fold(s); folded != "" { // nothing but signs
			n.words = []word{{folded}}
		}
	}
	n.findForm()
	return n
}

// inWord says whether a character is part of a word. Invisible ones between its letters
// disappear when it is folded.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || unicode.Is(unicode.Cf, r)
}

// joined makes one word of letters that stand alone in a row.
func joined(tokens []string) []string {
	var all []string
	alone := false
	for _, token := range tokens {
		single := token != and && utf8.RuneCountInString(token) == 1 && unicode.IsLetter([]rune(token)[0])
		if single && alone {
			all[len(all)-1] += token
		} else {
			all = append(all, token)
		}
		alone = single
	}
	return all
}

func spellings(token string) word {
	plain := plaintext.Fold(token)
	switch {
	case plain == "":
		return nil
	case slices.Contains(andWords, plain):
		return word{and}
	}
	w := word{plain}
	for _, other := range []string{plaintext.Fold(spelledOut.Replace(token)), plaintext.Fold(short.Replace(token))} {
		if !slices.Contains(w, other) {
			w = append(w, other)
		}
	}
	return w
}

// legalForms are the forms of companies, as plain words of a name, and the one spelling
// of those that have several. The longest that fits counts.
var legalForms = func() map[string]string {
	all := map[string]string{
		"incorporated": "inc", "limited": "ltd", "corporation": "corp", "company": "co", "private limited": "pvt ltd", "pty limited": "pty ltd",
		"public limited company": "plc", "co limited": "co ltd", "company limited": "co ltd", "gesellschaft mit beschrankter haftung": "gmbh",
		"aktiengesellschaft": "ag", "ug haftungsbeschrankt": "ug", "e v": "ev", "sp zoo": "sp z oo",
		"общество с ограниченнои ответственностью": "ооо", "акционерное общество": "ао", "товарищество с ограниченнои ответственностью": "тоо",
	}
	for form := range strings.SplitSeq(`inc|ltd|llc|llp|lp|plc|corp|co|co ltd|pvt ltd|pte ltd|pty|pty ltd|gmbh|gmbh & co kg|gmbh & co kgaa|gmbh & co ohg|mbh|ag|ag & co kg|ag & co kgaa|`+
		`kg|kgaa|ohg|gbr|ug|ug & co kg|se|se & co kg|eg|ev|ek|co kg|sa|sas|sarl|srl|spa|sl|bv|nv|vof|as|aps|ab|oy|oyj|asa|kft|zrt|sro|doo|sp z oo|kk|ltda|ltd sti|`+
		`ооо|оао|зао|пао|ао|нао|тоо|ип|чп|тов|пп|фгуп|гуп|муп`, "|") {
		all[form] = form
	}
	return all
}()

// leading are the legal forms that stand in front of a name in the languages that use
// them.
var leading = []string{"ооо", "оао", "зао", "пао", "ао", "нао", "тоо", "ип", "чп", "тов", "пп", "фгуп", "гуп", "муп"}

// longestForm is how many words a legal form has at most.
const longestForm = 5

// findForm finds the legal form. A name is never nothing but that.
func (n *name) findForm() {
	for words := min(longestForm, len(n.words)-1); words > 0; words-- {
		if form, ok := legalForms[plain(n.words[len(n.words)-words:])]; ok {
			n.end, n.form = words, form
			break
		}
	}
	for words := min(longestForm, len(n.words)-n.end-1); words > 0; words-- {
		if form, ok := legalForms[plain(n.words[:words])]; ok && slices.Contains(leading, form) {
			n.front = words
			if n.form == "" {
				n.form = form
			} else if n.form != form {
				n.form = form + " " + n.form
			}
			break
		}
	}
}

// core is the name without its legal form.
func (n name) core() []word { return n.words[n.front : len(n.words)-n.end] }

func plain(words []word) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w[0]
	}
	return strings.Join(all, " ")
}

// styles are words written in one way throughout, each way once.
func styles(words []word) []string {
	var all []string
	for style := range 3 {
		line := make([]string, len(words))
		for i, w := range words {
			line[i] = w[min(style, len(w)-1)]
		}
		if s := strings.Join(line, " "); s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// NameTerms are the forms by which a customer's name is looked up from its beginning:
// with its legal form and without it, in each way of writing its umlauts.
func NameTerms(s string) []string {
	n := nameOf(s)
	terms := styles(n.words)
	for _, term := range styles(n.core()) {
		if !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	return terms
}

// NameBeginnings are the forms in which what somebody types for a name begins one of
// NameTerms.
func NameBeginnings(s string) []string { return styles(nameOf(s).words) }

// SearchWords are the words of what somebody types for a customer, each with the
// spellings by which it may stand in NameTerms. The words for "and" are left out.
func SearchWords(s string) [][]string {
	var all [][]string
	for _, w := range nameOf(s).words {
		if w[0] != and {
			all = append(all, w)
		}
	}
	return all
}

// same says whether two words can be the same one.
func (w word) same(other word) bool {
	return slices.ContainsFunc(w, func(s string) bool { return slices.Contains(other, s) })
}

// begins says whether w can be the beginning of another word.
func (w word) begins(other word) bool {
	return slices.ContainsFunc(w, func(s string) bool {
		return slices.ContainsFunc(other, func(o string) bool { return strings.HasPrefix(o, s) })
	})
}

func sameWords(a, b []word) bool { return slices.EqualFunc(a, b, word.same) }
