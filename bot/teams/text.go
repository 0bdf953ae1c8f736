package teams

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MentionedPerson is somebody whom the sender picked, beside the words that
// stand for them in SpokenText. Who is meant says the account, never the
// words: the sender can change those.
type MentionedPerson struct {
	Account
	Spoken string
}

// SpokenText returns what the person said to the bot: mentions of the bot are
// gone together with the punctuation that set them off, those of others read
// "@Name", markers of quoted messages are no words, character
// references are resolved, blanks are plain, control characters are dropped.
func (a *Activity) SpokenText() string {
	text := a.unquoted()
	var b strings.Builder
	rest, addressed := 0, false
	add := func(piece string) {
		if addressed {
			piece = withoutAddressing(piece)
			addressed = piece == ""
		}
		b.WriteString(piece)
	}
	for _, m := range a.mentions() {
		add(text[rest:m.from])
		switch {
		case !a.isBot(m.who):
			add("@" + m.inner)
		case strings.TrimSpace(html.UnescapeString(b.String())) == "":
			addressed = true
		}
		rest = m.to
	}
	add(text[rest:])
	said := clean(b.String())
	if found := a.mentions(); len(found) > 0 && rest == len(strings.TrimRightFunc(text, unicode.IsSpace)) && a.isBot(found[len(found)-1].who) {
		said = strings.TrimRight(said, " \n,;:–—") // "list all, @onbehalf"
	}
	return said
}

// addressing is what people put between the name of the bot and what they want.
const addressing = ",:;!.–—"

// withoutAddressing drops what follows the bot's name but is not meant: "@onbehalf,
// list" and "@onbehalf - list". A hyphen counts only when a blank follows.
func withoutAddressing(s string) string {
	for {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
		if blank, ok := strings.CutPrefix(s, "&nbsp;"); ok {
			s = blank
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		following, _ := utf8.DecodeRuneInString(s[size:])
		if s == "" || !strings.ContainsRune(addressing, r) && (r != '-' || size < len(s) && !unicode.IsSpace(following)) {
			return s
		}
		s = s[size:]
	}
}

// quotedMarker stands in a text for a message that it quotes.
var quotedMarker = regexp.MustCompile(`<quoted(?:\s[^<>]*)?/?>(?:\s*</quoted>)?`)

// unquoted is the text without the markers of quoted messages.
func (a *Activity) unquoted() string {
	if !strings.Contains(a.Text, "<quoted") {
		return a.Text
	}
	return quotedMarker.ReplaceAllString(a.Text, " ")
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

// mention is a place in the text that stands for somebody.
type mention struct {
	from, to int
	inner    string
	who      Account
}

var (
	atTag   = regexp.MustCompile(`(?s)^<at(?:\s[^<>]*)?>(.*)</at>$`)
	atToken = regexp.MustCompile(`<at(?:\s[^<>]*)?>|</at>`)
)

// maxMentions is more than anybody writes; beyond it a message is forged to
// keep us busy.
const maxMentions = 50

// mentions gives the places of a.unquoted() that stand for somebody, left to right
// and never overlapping. The n-th tag of a name belongs to the n-th entity of that
// name, however each of them escapes it.
func (a *Activity) mentions() []mention {
	if len(a.Entities) == 0 {
		return nil
	}
	text := a.unquoted()
	tags := tagsIn(text)
	byName := map[string][]int{}
	for i, tag := range tags {
		byName[spokenName(tag.inner)] = append(byName[spokenName(tag.inner)], i)
	}
	var found, strayed []mention // strayed: of the bot, by a name that no tag has
	nth, taken := 0, make([]bool, len(tags))
	for _, e := range a.Entities {
		if e.Type != "mention" || e.Mentioned.ID == "" {
			continue
		}
		if nth++; nth > maxMentions {
			break
		}
		name := e.Mentioned.Name
		if e.Text != "" {
			name = e.Text
			if tag := atTag.FindStringSubmatch(e.Text); tag != nil {
				name = tag[1]
			}
		}
		places := byName[spokenName(name)]
		switch {
		case len(places) > 0:
			i := places[0]
			byName[spokenName(name)] = places[1:]
			tags[i].who, taken[i] = e.Mentioned, true
			found = append(found, tags[i])
		case e.Text != "" && !atTag.MatchString(e.Text):
			if m, ok := find(text, e, append(found, tags...)); ok {
				found = append(found, m)
			}
		case a.isBot(e.Mentioned) && nth <= len(tags):
			m := tags[nth-1]
			m.who = e.Mentioned
			strayed = append(strayed, m)
		}
	}
	for _, m := range strayed {
		if i := slices.IndexFunc(tags, func(tag mention) bool { return tag.from == m.from }); !taken[i] {
			taken[i] = true
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(x, y mention) int { return x.from - y.from })
	return joined(text, found)
}

// tagsIn finds the tags of mentions, of which none holds another.
func tagsIn(text string) []mention {
	var tags []mention
	var open []int
	for _, token := range atToken.FindAllStringIndex(text, -1) {
		if text[token[0]:token[1]] != "</at>" {
			open = token
			continue
		}
		if open != nil {
			tags = append(tags, mention{from: open[0], to: token[1], inner: text[open[1]:token[0]]})
		}
		open = nil
	}
	return tags
}

// spokenName makes names comparable that are escaped in different ways.
func spokenName(s string) string { return strings.Join(strings.Fields(html.UnescapeString(s)), " ") }

// find looks for the words of an entity that has no tag.
func find(text string, e Entity, taken []mention) (mention, bool) {
	m := mention{who: e.Mentioned, inner: e.Text}
	for at := 0; at < len(text); at = m.to {
		i := strings.Index(text[at:], e.Text)
		if i < 0 {
			break
		}
		m.from, m.to = at+i, at+i+len(e.Text)
		if !slices.ContainsFunc(taken, func(t mention) bool { return m.from < t.to && t.from < m.to }) {
			return m, true
		}
	}
	return m, false
}

// joined makes one of mentions side by side of the same person: a client may send
// first and last name apart.
func joined(text string, all []mention) []mention {
	var kept []mention
	for _, m := range all {
		last := len(kept) - 1
		if last < 0 || kept[last].who.ID != m.who.ID || strings.TrimSpace(text[kept[last].to:m.from]) != "" {
			kept = append(kept, m)
			continue
		}
		if spokenName(kept[last].inner) != spokenName(m.inner) {
			kept[last].inner += " " + m.inner
		}
		kept[last].to = m.to
	}
	return kept
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
