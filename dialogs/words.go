package dialogs

import (
	"slices"
	"strings"
	"unicode"

	edlib "github.com/hbollon/go-edlib"

	"onbehalf/bot/i18n"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// Name is a command by its English word.
type Name string

// The commands that people type.
const (
	New      Name = "new"
	Status   Name = "status"
	List     Name = "list"
	Find     Name = "find"
	Assign   Name = "assign"
	Take     Name = "take"
	Ack      Name = "ack"
	File     Name = "file"
	Respond  Name = "respond"
	Comment  Name = "comment"
	Wait     Name = "wait"
	Resume   Name = "resume"
	Resolve  Name = "resolve"
	Close    Name = "close"
	Reopen   Name = "reopen"
	Cancel   Name = "cancel"
	Severity Name = "severity"
	Watch    Name = "watch"
	Unwatch  Name = "unwatch"
	SLA      Name = "sla"
	Report   Name = "report"
	Language Name = "language"
	Back     Name = "back"
	Release  Name = "release"
	Where    Name = "where"
	Rights   Name = "rights"
	Help     Name = "help"
	Yes      Name = "yes"
)

// spelling is one word in the three languages.
type spelling struct{ en, ru, de string }

// in gives the word in a language, English for one that we do not speak.
func (s spelling) in(lang string) string {
	switch lang {
	case "ru":
		return s.ru
	case "de":
		return s.de
	}
	return s.en
}

// words is every command in every language, in the order of the help.
var words = []struct {
	name Name
	spelling
}{
	{New, spelling{"new", "новый", "neu"}},
	{Status, spelling{"status", "статус", "status"}},
	{List, spelling{"list", "список", "liste"}},
	{Find, spelling{"find", "найти", "suche"}},
	{Assign, spelling{"assign", "назначить", "zuweisen"}},
	{Take, spelling{"take", "взять", "nehmen"}},
	{Ack, spelling{"ack", "принято", "bestätigen"}},
	{File, spelling{"file", "подано", "eingereicht"}},
	{Respond, spelling{"respond", "ответ", "antwort"}},
	{Comment, spelling{"comment", "комментарий", "kommentar"}},
	{Wait, spelling{"wait", "ждать", "warten"}},
	{Resume, spelling{"resume", "продолжить", "fortsetzen"}},
	{Resolve, spelling{"resolve", "решено", "gelöst"}},
	{Close, spelling{"close", "закрыть", "schließen"}},
	{Reopen, spelling{"reopen", "открыть", "wiederöffnen"}},
	{Cancel, spelling{"cancel", "отмена", "abbrechen"}},
	{Severity, spelling{"severity", "серьёзность", "schweregrad"}},
	{Watch, spelling{"watch", "следить", "beobachten"}},
	{Unwatch, spelling{"unwatch", "неследить", "nichtbeobachten"}},
	{SLA, spelling{"sla", "срок", "frist"}},
	{Report, spelling{"report", "отчёт", "bericht"}},
	{Language, spelling{"language", "язык", "sprache"}},
	{Back, spelling{"back", "назад", "zurück"}},
	{Release, spelling{"release", "освободить", "freigeben"}},
	{Where, spelling{"where", "где", "wo"}},
	{Rights, spelling{"rights", "права", "rechte"}},
	{Help, spelling{"help", "помощь", "hilfe"}},
	{Yes, spelling{"yes", "да", "ja"}},
}

// filters are the words that narrow a list.
var filters = []struct {
	filter request.Filter
	spelling
}{
	{request.OnlyOpen, spelling{"open", "открытые", "offen"}},
	{request.OnlyMine, spelling{"mine", "мои", "meine"}},
	{request.OnlyUnassigned, spelling{"unassigned", "свободные", "frei"}},
	{request.OnlyBreached, spelling{"breached", "просроченные", "überfällig"}},
	{request.All, spelling{"all", "все", "alle"}},
}

// names finds a command by its folded word in any language.
var names = func() map[string]Name {
	all := make(map[string]Name)
	for _, w := range words {
		for _, s := range []string{w.en, w.ru, w.de} {
			all[plaintext.Fold(s)] = w.name
			all[plaintext.Fold(spellOut.Replace(s))] = w.name
		}
	}
	return all
}()

// button is the command that a button's words mean when they are typed.
type button struct {
	name Name
	// ofTicket says that the button stands on a request's card.
	ofTicket bool
}

// buttons finds the command of a button by its folded words in any language. What
// is a command word too means that command.
var buttons = func() map[string]button {
	all := make(map[string]button)
	for key, b := range map[string]button{
		"press.new": {name: New}, "press.next": {name: Yes}, "press.propose": {name: Yes}, "press.submit": {name: Yes},
		"press.back": {name: Back}, "press.cancel": {name: Cancel}, "press.discard": {name: Cancel}, "press.mine": {name: List},
		"press.board":         {name: SLA},
		"press.ticket_assign": {Take, true}, "press.hand_over": {Assign, true}, "press.ticket_severity": {Severity, true},
		"press.ticket_watch": {Watch, true}, "press.ticket_unwatch": {Unwatch, true}, "press.ticket_comment": {Comment, true},
		"press.ticket_respond": {Respond, true}, "press.ticket_wait": {Wait, true}, "press.ticket_resume": {Resume, true}, "press.resume_answer": {Resume, true},
		"press.ticket_resolve": {Resolve, true}, "press.ticket_reopen": {Reopen, true}, "press.ticket_cancel": {Cancel, true},
		"press.ticket_close": {Close, true}, "press.ticket_file": {File, true}, "press.ticket_ack": {Ack, true},
		"press.ticket_release": {Release, true},
	} {
		for _, lang := range i18n.Languages() {
			if label := foldWord(i18n.For(lang, nil).T(key)); names[label] == "" {
				all[label] = b
			}
		}
	}
	return all
}()

// buttonWords is the number of words of the longest button.
const buttonWords = 4

// cutButton takes a button's words off the front of a line; behind them stands
// nothing, or a ticket's number. Without such words label is empty.
func cutButton(line string) (b button, label, rest string) {
	words := strings.Fields(line)
	for n := min(buttonWords, len(words)); n > 0; n-- {
		label := strings.Join(words[:n], " ")
		b, ok := buttons[foldWord(label)]
		if !ok {
			continue
		}
		rest := afterWords(line, n)
		if _, _, numbered := cutNumber(rest); rest == "" || numbered && b.ofTicket {
			return b, label, rest
		}
	}
	return button{}, "", ""
}

// afterWords is what of a line follows its first words, line breaks kept.
func afterWords(line string, words int) string {
	for range words {
		line = strings.TrimSpace(line)
		end := strings.IndexFunc(line, unicode.IsSpace)
		if end < 0 {
			return ""
		}
		line = line[end:]
	}
	return strings.TrimSpace(line)
}

// spellOut writes German umlauts as keyboards without them do.
var spellOut = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue")

// filterOf reads a word that narrows a list.
func filterOf(word string) (request.Filter, bool) {
	folded := plaintext.Fold(word)
	for _, f := range filters {
		for _, s := range []string{f.en, f.ru, f.de} {
			if folded == plaintext.Fold(s) || folded == plaintext.Fold(spellOut.Replace(s)) {
				return f.filter, true
			}
		}
	}
	return "", false
}

// Spelled gives a command's word in a language.
func (n Name) Spelled(lang string) string {
	for _, w := range words {
		if w.name == n {
			return w.in(lang)
		}
	}
	return string(n)
}

// nearest finds the command that a mistyped word most likely means, empty when
// none is near: at most two letters of five may differ. Among equally near
// ones the reader's language goes first, then the order of the help.
func nearest(word, lang string) Name {
	folded := plaintext.Fold(word)
	length := len([]rune(folded))
	if length < 2 || length > 2*longestWord {
		return ""
	}
	best, found := max(1, length*2/5)+1, Name("")
	for _, w := range words {
		for _, s := range slices.Compact([]string{w.in(lang), w.en, w.ru, w.de}) {
			if d := edlib.OSADamerauLevenshteinDistance(folded, plaintext.Fold(s)); d < best {
				best, found = d, w.name
			}
		}
	}
	return found
}

// longestWord is the number of letters of the longest command.
var longestWord = func() int {
	longest := 0
	for w := range names {
		longest = max(longest, len([]rune(w)))
	}
	return longest
}()
