package i18n

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// English is the language of last resort.
const English = "en"

// languages are those that have a catalogue, English first.
var languages = []string{English, "ru", "de"}

// Languages gives the codes of the languages that the bot speaks, English first.
func Languages() []string { return slices.Clone(languages) }

// Match gives the bot's language for a locale such as "de-AT": the one with the
// same primary tag, else English. It never fails.
func Match(locale string) string {
	tag, err := language.Parse(strings.TrimSpace(locale))
	if err != nil {
		return English
	}
	base, _ := tag.Base()
	if slices.Contains(languages, base.String()) {
		return base.String()
	}
	return English
}

// Words is one reader's language and zone. It is immutable, cheap to pass, and
// its zero value writes English in UTC.
type Words struct {
	lang *vocabulary
	zone *time.Location
	asOf time.Time
	// name is what the bot is called where it hears only those who call it.
	name string
}

// For gives the words of a language ("en", "ru", "de" or any locale) in a zone;
// nil is UTC.
func For(lang string, zone *time.Location) Words {
	return Words{lang: vocabularies[Match(lang)], zone: zone}
}

// Lang is the language's code.
func (w Words) Lang() string { return w.vocabulary().code }

// Zone is the zone that times are written in, never nil.
func (w Words) Zone() *time.Location {
	if w.zone == nil {
		return time.UTC
	}
	return w.zone
}

// In gives the same language in another zone; nil is UTC.
func (w Words) In(zone *time.Location) Words {
	w.zone = zone
	return w
}

// AsOf gives words that write the year wherever it is not the year of t. Without
// it no year is written by Time, Day and Short.
func (w Words) AsOf(t time.Time) Words {
	w.asOf = t
	return w
}

// Called gives words for a group or channel, where the bot hears only what begins with a
// mention of it.
func (w Words) Called(name string) Words {
	w.name = name
	return w
}

// Front is what stands in front of everything that is typed to the bot: its mention in a
// group or channel, nothing in a chat with it.
func (w Words) Front() string {
	if w.name == "" {
		return ""
	}
	return "@" + w.name + " "
}

// T gives the sentence of a key. The arguments are names and values in turn,
// T("ticket.late", "minutes", 38), or one map of them. Values are written as
// fmt does, but a time.Time as Time and a time.Duration as Duration. "count" is
// an integer and chooses the plural form.
//
// A key or placeholder that is missing panics in tests. In production the
// English sentence is taken, in the worst case the key itself, and it is logged.
func (w Words) T(key string, args ...any) string {
	v := w.vocabulary()
	if text, ok := v.plain[key]; ok {
		return text
	}
	values := w.values(key, args)
	config := goi18n.LocalizeConfig{MessageID: key, TemplateData: values, TemplateParser: placeholders{}}
	if v.counted[key] {
		config.PluralCount = values["count"]
	}
	text, err := v.localizer.Localize(&config)
	if err != nil {
		complain(v.code, key, err)
	}
	if text == "" {
		return key
	}
	return text
}

// Has says whether there is a sentence for the key.
func (w Words) Has(key string) bool { return known[key] }

func (w Words) vocabulary() *vocabulary {
	if w.lang == nil {
		return vocabularies[English]
	}
	return w.lang
}

// values makes the map of T's arguments, with times and spans written out.
func (w Words) values(key string, args []any) map[string]any {
	if len(args) == 1 {
		if given, ok := args[0].(map[string]any); ok {
			values := make(map[string]any, len(given))
			for name, value := range given {
				values[name] = w.value(value)
			}
			return values
		}
	}
	values := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			complain(w.Lang(), key, fmt.Errorf("argument %d is no name: %v", i, args[i]))
			continue
		}
		values[name] = w.value(args[i+1])
	}
	if len(args)%2 != 0 {
		complain(w.Lang(), key, fmt.Errorf("a value is missing for %v", args[len(args)-1]))
	}
	return values
}

func (w Words) value(v any) any {
	switch v := v.(type) {
	case time.Time:
		return w.Time(v)
	case time.Duration:
		return w.Duration(v)
	}
	return v
}

// loud is what a missing sentence does.
var loud = testing.Testing()

// complain makes a missing sentence loud where somebody can mend it, and
// harmless where somebody only wants to read.
func complain(lang, key string, err error) {
	if loud {
		panic(fmt.Sprintf("i18n: %s, %q: %v", lang, key, err))
	}
	slog.Error("sentence is missing", "language", lang, "key", key, "err", err)
}
