package dialogs

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// Command is what somebody typed, taken apart: "/status SR-1" is Status with
// the rest "SR-1". Name is empty when the first word is no command; then Word
// and Rest are still set.
type Command struct {
	Name Name
	// Slash says that it began with "/": then it is a command even while a form is
	// open.
	Slash bool
	// Word is the first word as typed, or all words of a button, without the slash.
	Word string
	// Rest is what follows the word, line breaks kept.
	Rest string
	// Digits says that the line is bare digits: the number of a request, unless a
	// form waits for an answer.
	Digits bool
	// OfTicket says that the words stand on a request's button.
	OfTicket bool
}

// Parse reads a message from which the bot's own mention is taken out. The word
// counts in any of the three languages, letter case and spelling of ё and
// umlauts, and so does what stands on a button; a bare "SR-7" asks for the status
// of that ticket.
func Parse(text string) Command {
	line := unwrapped(clean(text))
	var c Command
	if after, ok := strings.CutPrefix(line, "/"); ok {
		c.Slash, line = true, strings.TrimSpace(after)
	}
	line = numberBehind(line)
	c.Word, c.Rest = cutWord(line)
	name := names[foldWord(c.Word)]
	switch pressed, label, rest := cutButton(line); {
	case label != "" && (name == "" || !c.Slash): // "New request" is no command with a customer
		c.Name, c.Word, c.Rest, c.OfTicket = pressed.name, label, cmp.Or(rest, pressed.rest), pressed.ofTicket
	case name != "":
		c.Name = name
	case isNumber(line):
		c.Name, c.Rest = Status, line
		c.Digits = strings.Trim(line, "0123456789 "+punctuation) == ""
	}
	if c.takesNumber() {
		c.Rest = withoutOf(c.Rest)
	}
	return c
}

// numberBehind puts a number that stands before a word behind it: "SR-7 übernehmen" is what
// a button says.
func numberBehind(line string) string {
	_, word, ok := cutNumber(line)
	if !ok || word == "" {
		return line
	}
	name := names[foldWord(word)]
	_, moves := actions[name]
	if b := labels[foldWord(word)]; !moves && name != SLA && name != Status && !b.ofTicket {
		return line
	}
	return word + " " + strings.TrimSpace(strings.TrimSuffix(line, word))
}

// unwrapped takes the quotes off a line that stands in them as a whole: the bot's own
// texts put its words into quotes.
func unwrapped(line string) string {
	if bare := strings.Trim(line, "`"); len(bare) == len(line)-2 && !strings.Contains(bare, "`") {
		return strings.TrimSpace(bare)
	}
	if inside, rest, ok := cutQuoted(line); ok && strings.Trim(rest, punctuation) == "" {
		return inside
	}
	return line
}

// ofWords stand between a command and its number, as in "status of SR-1".
var ofWords = []string{"of", "for", "on", "request", "ticket", "von", "fur", "zu", "anfrage", "по", "для", "запроса", "запросу", "запрос"}

func withoutOf(rest string) string {
	for after := rest; ; {
		if _, _, ok := cutNumber(after); ok {
			return after
		}
		word, left := cutWord(after)
		if !slices.Contains(ofWords, plaintext.Fold(word)) {
			return rest
		}
		after = left
	}
}

// takesNumber says whether the command is about one request.
func (c Command) takesNumber() bool {
	_, moves := actions[c.Name]
	return moves || c.OfTicket || c.Name == Status || c.Name == SLA
}

// foldWord makes words comparable; what is put behind them does not count.
func foldWord(s string) string { return plaintext.Fold(strings.TrimRight(s, punctuation)) }

// punctuation is what people put behind a word.
const punctuation = ".,:;!?"

// isNumber says whether a line is a ticket's number and nothing else.
func isNumber(line string) bool {
	_, rest, ok := cutNumber(line)
	return ok && strings.Trim(rest, ".!?") == ""
}

// Alone says whether nothing follows the word.
func (c Command) Alone() bool { return c.Rest == "" }

// Number takes a ticket's number off the front of the rest: "SR-1", "sr1",
// "SR 1", "#1" or "1". Without one, ok is false and rest is all of it.
func (c Command) Number() (n request.Number, rest string, ok bool) { return cutNumber(c.Rest) }

// cutNumber takes a ticket's number off the front of s, together with a colon
// or comma that follows it.
func cutNumber(s string) (request.Number, string, bool) {
	first, rest := cutWord(strings.TrimPrefix(s, "№"))
	switch plaintext.Fold(first) {
	case "sr", "#": // the digits stand apart
		digits, after := cutWord(rest)
		first, rest = "SR"+digits, after
	}
	n, ok := request.ParseNumber(strings.TrimRight(first, punctuation))
	if !ok {
		return 0, s, false
	}
	return n, rest, true
}

// cutWord splits s after its first word. Text in double quotes is one word.
func cutWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	if quoted, after, ok := cutQuoted(s); ok {
		return quoted, after
	}
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
		return s[:i], strings.TrimSpace(s[i:])
	}
	return s, ""
}

// quotes are the pairs that the three languages and their keyboards use.
var quotes = map[rune]string{'"': `"`, '“': "”", '„': "“”", '«': "»", '»': "«"}

func cutQuoted(s string) (inside, rest string, ok bool) {
	open, size := utf8.DecodeRuneInString(s)
	closers, isQuote := quotes[open]
	if !isQuote {
		return "", "", false
	}
	inside, after, found := cutAny(s[size:], closers)
	inside = strings.TrimSpace(inside)
	return inside, strings.TrimSpace(after), found && inside != ""
}

// cutAny cuts s around the first of chars.
func cutAny(s, chars string) (before, after string, found bool) {
	i := strings.IndexAny(s, chars)
	if i < 0 {
		return s, "", false
	}
	r := []rune(s[i:])[0]
	return s[:i], s[i+len(string(r)):], true
}

// clean takes out what nobody typed on purpose: control characters, invisible
// marks at the ends, and the special blanks that Teams puts between words.
func clean(text string) string {
	text = lineBreaks.Replace(strings.ToValidUTF8(text, ""))
	return strings.TrimFunc(strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text), func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")
