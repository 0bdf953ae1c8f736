package cards

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// UserText is text that somebody else wrote: names, titles, descriptions,
// comments. It has its own type because most of a card is Markdown, where a
// customer's name could become a link; it reaches a card as a run only, which
// shows text as it was typed.
type UserText string

// cutAt is how much of a longer text a card shows; the whole is in the history.
const (
	excerpt   = 200
	reviewCut = 300
	nameCut   = 60
	titleCut  = 24 // in a button
)

// run shows the text on one line, cut at a word.
func (f UserText) run(limit int) run { return run{Type: "TextRun", Text: f.line(limit)} }

// line is the text on one line, harmless for a run or a plain-text place, cut at
// a word with "…".
func (f UserText) line(limit int) string {
	return cut(strings.Join(strings.Fields(scrub(string(f))), " "), limit)
}

// typed is the text as the value of an input, where line breaks stay and nothing
// is interpreted.
func (f UserText) typed() string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ToValidUTF8(string(f), "\uFFFD"), "\r\n", "\n"))
}

// scrub takes out what changes how other text is read: controls, overrides of
// direction, line and paragraph separators; and breaks "{{", which the renderer
// would replace by a date. What has a meaning as text stays.
func scrub(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	for strings.Contains(s, "{{") {
		s = strings.ReplaceAll(s, "{{", "{\u2060{")
	}
	return s
}

// withoutMarkdown replaces what Markdown acts on, for places that some clients
// read as Markdown and others as plain text, where a backslash would show.
var markdown = strings.NewReplacer(
	"[", "(", "]", ")", "<", "‹", ">", "›", "*", "∗", "_", "‗", "`", "'", "~", "∼", "\\", "/", "&", "＆", "#", "№", "|", "/")

func withoutMarkdown(s string) string {
	return strings.Join(strings.Fields(markdown.Replace(s)), " ")
}

// Mentionable is a name as it may stand in a mention: Markdown and XML are both
// read there, so only what is part of names stays.
func Mentionable(name string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || strings.ContainsRune(" .,'’-()", r) {
			return r
		}
		return -1
	}, UserText(name).line(nameCut))
	return strings.Trim(strings.Join(strings.Fields(clean), " "), " -.,")
}

// cut shortens s to limit characters, at a word where one is near.
func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	kept := []rune(s)[:limit-1]
	for i := len(kept) - 1; i >= len(kept)*2/3; i-- {
		if unicode.IsSpace(kept[i]) {
			kept = kept[:i]
			break
		}
	}
	// A combining mark or a joiner must not be parted from what it belongs to.
	for len(kept) > 1 && (kept[len(kept)-1] == '\u200D' || unicode.IsMark([]rune(s)[len(kept)])) {
		kept = kept[:len(kept)-1]
	}
	return strings.TrimRightFunc(string(kept), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",;:.–-", r)
	}) + "…"
}
