package dialogs

import (
	"slices"
	"strings"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/i18n"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/cards"
)

// commandOf reads what was typed, and says whether it is surely a command, even
// while a form of the person waits for an answer: with a slash, or exactly one.
// What is not sure is a command too where no form is open.
func commandOf(t *bot.Turn) (c Command, sure bool) {
	c = Parse(t.Text)
	if c.Slash {
		return c, true
	}
	rest := c.Rest
	for _, who := range t.Activity.MentionedPeople() {
		rest = strings.Replace(rest, who.Spoken, "@", 1)
	}
	return c, c.exact(rest, t.Words)
}

// exact says whether a line is a command word alone, or with nothing but what the
// command takes. rest is what follows the word, with each mention as "@".
func (c Command) exact(rest string, w i18n.Words) bool {
	switch {
	case c.Name == "" || c.Digits:
		return false
	case rest == "":
		return true
	case c.Name == Help:
		topic := Parse(rest)
		return (topic.Name == "" || topic.Alone()) && cards.HasHelp(topicOf(rest), w)
	}
	takes, ok := takings[c.Name]
	return ok && takes(rest)
}

// takings say of each command whether words are just what it takes, text of one's
// own left aside. A command that is not here takes nothing.
var takings = func() map[Name]func(rest string) bool {
	all := map[Name]func(string) bool{Status: isNumber, SLA: isNumber, Press: isNumber}
	for name := range actions {
		all[name] = isNumber
	}
	all[Assign], all[Watch], all[Unwatch] = takesPerson, takesPerson, takesPerson
	all[File], all[Severity] = takesCase, takesSeverity
	all[List] = takesFilter
	all[Report] = func(rest string) bool { _, ok := periodOf(rest); return ok }
	all[Language] = func(rest string) bool { return slices.Contains(i18n.Languages(), plaintext.Fold(rest)) }
	return all
}()

// takesFilter is a filter, a person, or both.
func takesFilter(rest string) bool {
	word, after := cutWord(rest)
	if _, ok := filterOf(word); ok {
		return after == "" || isPerson(after)
	}
	return isPerson(rest)
}

// takesPerson is a number, and a person behind it.
func takesPerson(rest string) bool {
	_, after, ok := cutNumber(rest)
	return ok && (after == "" || isPerson(after))
}

// personWords is how many words a name behind "@" may have that Teams did not make
// a mention of.
const personWords = 3

// isPerson is a mention, a name behind "@", or the one who speaks.
func isPerson(words string) bool {
	return slices.Contains(me, plaintext.Fold(words)) || strings.HasPrefix(words, "@") && len(strings.Fields(words)) <= personWords
}

// takesCase is a number, Microsoft's behind it, and a time behind that.
func takesCase(rest string) bool {
	_, after, ok := cutNumber(rest)
	if !ok || after == "" {
		return ok
	}
	number, when := request.CutCase(after)
	if _, problem := request.ParseCase(number); problem != nil {
		return false
	}
	_, ok = request.ParseTime(when, time.UTC, time.Time{})
	return when == "" || ok
}

// takesSeverity is a number, and a severity behind it.
func takesSeverity(rest string) bool {
	_, after, ok := cutNumber(rest)
	if !ok || after == "" {
		return ok
	}
	_, severity := request.ParseSeverity(after)
	return severity
}
