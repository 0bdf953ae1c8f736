package request

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/sla"
)

// Wait is what a waiting ticket waits for.
type Wait struct {
	// For is empty on tickets of releases that did not ask.
	For WaitFor `json:"for,omitempty"`
	// AskAgainAt is when the assignee is asked whether the answer has come, zero for
	// never.
	AskAgainAt time.Time `json:"askAgainAt,omitzero"`
}

// WaitFor is whom a ticket waits for.
type WaitFor string

// Whom a ticket may wait for.
const (
	ForCustomer  WaitFor = "customer"
	ForMicrosoft WaitFor = "microsoft"
	ForOther     WaitFor = "other"
)

// WaitsFor are all of them, in the order in which a card offers them.
var WaitsFor = []WaitFor{ForCustomer, ForMicrosoft, ForOther}

// askAgain is when a person wants to be asked about the ticket, as long as it waits.
func (t Ticket) askAgain() time.Time {
	if t.Status != Waiting {
		return time.Time{}
	}
	return t.Wait.AskAgainAt
}

// WillAsk is when the assignee will be asked whether the answer has come, zero where
// nobody is asked any more.
func (t Ticket) WillAsk() time.Time {
	at := t.askAgain()
	if !at.IsZero() && slices.Contains(t.Fired, sla.AskName(at)) {
		return time.Time{}
	}
	return at
}

// waitWords are the beginnings of words that say whom a ticket waits for, folded, in
// the three languages.
var waitWords = []struct {
	who    WaitFor
	begins []string
}{
	{ForCustomer, []string{"customer", "client", "клиент", "заказчик", "kunde", "kundin"}},
	{ForMicrosoft, []string{"microsoft", "msft", "майкрософт"}},
	{ForOther, []string{
		"other", "somebody", "someone", "provider", "reseller", "vendor", "publisher", "manufacturer",
		"друг", "кто-то", "кого-то", "провайдер", "поставщик", "реселлер", "издател",
		"andere", "jemand", "anbieter", "lieferant", "hersteller",
	}},
}

// WaitForIn finds whom words name that say what a ticket waits for: the first one that
// is named. Words that name nobody give ForOther, and false.
func WaitForIn(text string) (WaitFor, bool) {
	words := strings.FieldsFunc(plaintext.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' })
	for _, word := range words {
		if word == "ms" {
			return ForMicrosoft, true
		}
		for _, w := range waitWords {
			if slices.ContainsFunc(w.begins, func(begin string) bool { return strings.HasPrefix(word, plaintext.Fold(begin)) }) {
				return w.who, true
			}
		}
	}
	return ForOther, false
}

// untilWords stand before the time at which a person wants to be asked again, folded;
// those of several words come first.
var untilWords = []string{
	"ask again at", "ask again on", "ask again", "until", "till", "ask me",
	"спросить снова", "спросить", "напомнить", "до",
	"erneut fragen", "nachfragen am", "nachfragen um", "nachfragen", "bis zum", "bis",
}

// CutAskAgain finds the time at which a person wants to be asked again, behind a word
// such as "until" at the end of what was typed. Without one it gives zero.
func CutAskAgain(text string, zone *time.Location, now time.Time) time.Time {
	words := strings.Fields(text)
	for i := range words {
		for _, until := range untilWords {
			n := len(strings.Fields(until))
			if i+n >= len(words) || plaintext.Fold(strings.Join(words[i:i+n], " ")) != until {
				continue
			}
			if at, ok := ParseLater(strings.Join(words[i+n:], " "), zone, now); ok && at.After(now) {
				return at
			}
		}
	}
	return time.Time{}
}

// AskAgainAt reads the time at which a person wants to be asked again; what cannot be
// read, or has passed, is a problem of the input "askAgain".
func AskAgainAt(typed string, zone *time.Location, now time.Time) (time.Time, error) {
	at, ok := ParseLater(typed, zone, now)
	switch {
	case !ok:
		return at, askAgainProblem("ask_again_shape")
	case !at.After(now):
		return at, askAgainProblem("ask_again_past")
	}
	return at, nil
}

func askAgainProblem(code string) error {
	return &Invalid{Problems: []Problem{{Field: "askAgain", Code: code}}}
}

// askHour is the hour of a day that was named without a time.
const askHour = 9

// dates are the layouts of a day with its year, and daysAlone of one without it.
var (
	dates     = []string{"2006-01-02", "2.1.2006", "2/1/2006", "2 Jan 2006", "Jan 2 2006"}
	daysAlone = []string{"2.1.", "2.1", "2 Jan", "Jan 2"}
)

// weekdays are the beginnings of their folded names, Sunday first.
var weekdays = [7][]string{
	{"sunday", "sun", "sonntag", "so", "воскресень", "вс"},
	{"monday", "mon", "montag", "mo", "понедельник", "пн"},
	{"tuesday", "tue", "dienstag", "di", "вторник", "вт"},
	{"wednesday", "wed", "mittwoch", "mi", "сред", "ср"},
	{"thursday", "thu", "donnerstag", "do", "четверг", "чт"},
	{"friday", "fri", "freitag", "fr", "пятниц", "пт"},
	{"saturday", "sat", "samstag", "sa", "суббот", "сб"},
}

// ParseLater reads an instant that is still to come: what ParseTime reads, of which a
// time of day or a day without its year is the next such one, and besides a day alone,
// at nine in the morning, "tomorrow" and the days of the week. A day that is named with
// its year may lie in the past, which callers refuse.
func ParseLater(s string, zone *time.Location, now time.Time) (time.Time, bool) {
	s = strings.TrimRight(spelledTime(s), ";!")
	for _, before := range []string{"am ", "den ", "next ", "во "} {
		s = strings.TrimPrefix(s, before)
	}
	today := now.In(zone)
	on := func(days int, clock time.Time) time.Time {
		return time.Date(today.Year(), today.Month(), today.Day()+days, clock.Hour(), clock.Minute(), 0, 0, zone)
	}
	first, rest, _ := strings.Cut(s, " ")
	if days, ok := daysAhead(first, today.Weekday()); ok {
		clock, ok := clockOf(rest, onADay)
		return on(days, clock), ok
	}
	if clock, ok := clockOf(s, timesOfDay); ok && s != "" {
		if at := on(0, clock); at.After(now) {
			return at, true
		}
		return on(1, clock), true
	}
	for _, layout := range dates {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.Add(askHour * time.Hour), sane(t)
		}
	}
	for _, layout := range slices.Concat(daysAlone, daysOfAYear) {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if slices.Contains(daysAlone, layout) {
			t = t.Add(askHour * time.Hour)
		}
		at := time.Date(today.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, zone)
		if !at.After(now) {
			at = time.Date(today.Year()+1, t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, zone)
		}
		return at, at.Day() == t.Day() // most years have no 29 February
	}
	return ParseTime(s, zone, now)
}

// daysAhead says how many days from now a day is that a word names; a day of the week
// is the next one.
func daysAhead(word string, today time.Weekday) (int, bool) {
	switch word = strings.Trim(plaintext.Fold(word), "."); word {
	case "today", "heute", "сегодня":
		return 0, true
	case "tomorrow", "morgen", "завтра":
		return 1, true
	case "ubermorgen", "uebermorgen", "послезавтра":
		return 2, true
	}
	for day, names := range weekdays {
		for _, name := range names {
			if word == name || len([]rune(name)) > 3 && strings.HasPrefix(word, name) && len([]rune(word)) <= len([]rune(name))+2 {
				return (day-int(today)+6)%7 + 1, true
			}
		}
	}
	return 0, false
}

// clockOf reads a time without a day, in one of the layouts; none is nine in the morning.
func clockOf(s string, layouts []string) (time.Time, bool) {
	if s == "" {
		return time.Time{}.Add(askHour * time.Hour), true
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// ParseWaitFor reads whom a ticket waits for by its value, or by the words of a choice.
func ParseWaitFor(s string) (WaitFor, bool) {
	if who := WaitFor(plaintext.Fold(s)); slices.Contains(WaitsFor, who) {
		return who, true
	}
	return WaitForIn(s)
}
