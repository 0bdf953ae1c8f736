package teams

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// MentionedPerson is somebody whom the sender picked, beside the words that
// stand for them in SpokenText. Who is meant says the account, never the
// words: the sender can change those.
type MentionedPerson struct {
	Account
	Spoken string
}

// SpokenText returns what the person said to the bot: mentions of the bot are
// gone, those of others read "@Name", character references are resolved,
// blanks are plain, control characters are dropped.
func (a *Activity) SpokenText() string {
	var b strings.Builder
	rest := 0
	for _, m := range a.mentions() {
		b.WriteString(a.Text[rest:m.from])
		if !a.isBot(m.who) {
			b.WriteString("@" + m.inner)
		}
		rest = m.to
	}
	b.WriteString(a.Text[rest:])
	return clean(b.String())
}

// MentionsBot reports a mention of this bot. Without one a message in a group
// is not for us, unless it is targeted.
func (a *Activity) MentionsBot() bool {
	return slices.ContainsFunc(a.Entities, func(e Entity) bool { return e.Type == "mention" && a.isBot(e.Mentioned) })
}

// MentionedPeople returns the others who are mentioned, in the order of the
// text.
func (a *Activity) MentionedPeople() []MentionedPerson {
	var people []MentionedPerson
	for _, m := range a.mentions() {
		if !a.isBot(m.who) {
			people = append(people, MentionedPerson{Account: m.who, Spoken: clean("@" + m.inner)})
		}
	}
	return people
}

// mention is a place in Text that stands for somebody.
type mention struct {
	from, to int
	inner    string
	who      Account
}

var atTag = regexp.MustCompile(`(?s)^<at(?:\s[^<>]*)?>(.*)</at>$`)

// maxMentions is more than anybody writes; beyond it a message is forged to
// keep us busy.
const maxMentions = 50

// mentions finds each mention entity's text once, left to right and never
// overlapping, so that taking one away cannot make up another.
func (a *Activity) mentions() []mention {
	var found []mention
	looked := 0
	for _, e := range a.Entities {
		if e.Type != "mention" || e.Text == "" || e.Mentioned.ID == "" {
			continue
		}
		if looked++; looked > maxMentions {
			break
		}
		if m, ok := a.find(e, found); ok {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(x, y mention) int { return x.from - y.from })
	return found
}

func (a *Activity) find(e Entity, taken []mention) (mention, bool) {
	m := mention{who: e.Mentioned, inner: e.Text}
	if tag := atTag.FindStringSubmatch(e.Text); tag != nil {
		m.inner = tag[1]
	}
	overlaps := func(from, to int) bool {
		return slices.ContainsFunc(taken, func(t mention) bool { return from < t.to && t.from < to })
	}
	for at := 0; at < len(a.Text); {
		i := strings.Index(a.Text[at:], e.Text)
		if i < 0 {
			break
		}
		m.from, m.to = at+i, at+i+len(e.Text)
		if !overlaps(m.from, m.to) {
			return m, true
		}
		at = m.to
	}
	// HTML payloads number their tags: <at id="0">Onbehalf</at>.
	numbered, err := regexp.Compile(`<at(?:\s[^<>]*)?>` + regexp.QuoteMeta(m.inner) + `</at>`)
	if err != nil {
		return m, false
	}
	for _, span := range numbered.FindAllStringIndex(a.Text, -1) {
		if m.from, m.to = span[0], span[1]; !overlaps(m.from, m.to) {
			return m, true
		}
	}
	return m, false
}

// clean resolves character references once, makes every blank a space, keeps
// line breaks and drops what nobody typed: controls, zero-width blanks and
// direction marks around the text.
func clean(s string) string {
	s = html.UnescapeString(s)
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\u200b' || r == '\ufeff' || r == '\u2060':
			return -1
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200e' || r == '\u200f' })
}
