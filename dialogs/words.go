package dialogs

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	edlib "github.com/hbollon/go-edlib"

	"onbehalf/bot/i18n"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/cards"
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
	Customer Name = "customer"
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
	{Customer, spelling{"customer", "клиент", "kunde"}},
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

// topics are the commands under the topics of the help.
var topics = map[string][]Name{
	"file":     {New, Yes, Back, Cancel},
	"follow":   {List, Status, Find, Customer, Watch, Unwatch, Report},
	"work":     {Take, Assign, Release, Comment, Wait, Resume, Severity, Resolve, Close, Reopen, Cancel},
	"sla":      {SLA, Ack},
	"handover": {File, Respond},
	"rights":   {Rights, Language, Where, Help},
}

// helpWords are all words of each topic in the reader's language; the filters stand behind
// the list.
func helpWords(w i18n.Words) map[string][]string {
	all := map[string][]string{}
	for topic, commands := range topics {
		for _, name := range commands {
			all[topic] = append(all[topic], name.Spelled(w.Lang()))
			if name != List {
				continue
			}
			for _, f := range filters {
				all[topic] = append(all[topic], name.Spelled(w.Lang())+" "+f.in(w.Lang()))
			}
		}
	}
	return all
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

// Press is a command that has no word of its own: it does what a button does whose words
// were typed.
const Press Name = "press"

// button is what a button's words mean when they are typed: the command name, with rest as
// what it takes, or the button's own verb and data.
type button struct {
	// labels are the keys of its words.
	labels []string
	name   Name
	rest   string
	// ofTicket says that the button stands on a request's card.
	ofTicket bool
	verb     string
	data     map[string]string
}

// buttons are all buttons whose words can be typed. Where two have the same words, the
// first one counts. Links to other sites are not among them.
var buttons = []button{
	{labels: []string{"press.new"}, name: New},
	{labels: []string{"press.next", "press.propose", "press.submit"}, name: Yes},
	{labels: []string{"press.back", "press.scope_back"}, name: Back},
	{labels: []string{"press.cancel", "press.discard"}, name: Cancel},
	{labels: []string{"press.resume", "press.resume_form"}, name: New},
	{labels: []string{"press.restart"}, name: restart},
	{labels: []string{"press.contact"}, name: Press, verb: cards.IntakeContact},
	{labels: []string{"press.impact"}, name: Press, verb: cards.IntakeNext, data: map[string]string{"ask": "impact"}},
	{labels: []string{"press.scope_vulnerability", "press.scope_marketplace", "press.scope_partner_center", "press.scope_on_premises"},
		name: Press, verb: cards.IntakeNext, data: map[string]string{"scope": "confirmed"}},

	{labels: []string{"press.ticket_assign"}, name: Take, ofTicket: true},
	{labels: []string{"press.hand_over", "ask.title_assign"}, name: Assign, ofTicket: true},
	{labels: []string{"press.ticket_severity"}, name: Severity, ofTicket: true},
	{labels: []string{"press.ticket_watch", "ask.title_watch"}, name: Watch, ofTicket: true},
	{labels: []string{"press.ticket_unwatch", "ask.title_unwatch"}, name: Unwatch, ofTicket: true},
	{labels: []string{"press.ticket_comment", "press.add_comment"}, name: Comment, ofTicket: true},
	{labels: []string{"press.ticket_respond", "press.stop_clock"}, name: Respond, ofTicket: true},
	{labels: []string{"press.ticket_wait", "press.set_waiting"}, name: Wait, ofTicket: true},
	{labels: []string{"press.ticket_resume", "press.resume_answer", "press.go_on"}, name: Resume, ofTicket: true},
	{labels: []string{"press.ticket_resolve", "press.mark_resolved"}, name: Resolve, ofTicket: true},
	{labels: []string{"press.ticket_reopen"}, name: Reopen, ofTicket: true},
	{labels: []string{"press.ticket_cancel"}, name: Cancel, ofTicket: true},
	{labels: []string{"press.ticket_close", "press.close_untold"}, name: Close, ofTicket: true},
	{labels: []string{"press.ticket_file"}, name: File, ofTicket: true},
	{labels: []string{"press.ticket_ack"}, name: Ack, ofTicket: true},
	{labels: []string{"press.ticket_release"}, name: Release, ofTicket: true},
	{labels: []string{"press.open", "ask.back"}, name: Status, ofTicket: true},
	{labels: []string{"press.ticket_sheet", "press.sheet"}, name: Press, ofTicket: true, verb: cards.TicketSheet},
	{labels: []string{"details.title"}, name: Press, ofTicket: true, verb: cards.TicketDetails},
	{labels: []string{"press.ticket_history"}, name: Press, ofTicket: true, verb: cards.TicketHistory},

	{labels: []string{"press.mine"}, name: List},
	{labels: []string{"list.title_open"}, name: List, rest: "open"},
	{labels: []string{"press.nobodys"}, name: List, rest: "unassigned"},
	{labels: []string{"press.late"}, name: List, rest: "breached"},
	{labels: []string{"press.board", "press.refresh"}, name: SLA},
	{labels: []string{"press.ack_mine"}, name: ackMine},
	{labels: []string{"press.help", "help.all"}, name: Help},
	{labels: []string{"press.rights_blocked"}, name: Press, verb: cards.RightsShow, data: map[string]string{"part": "blocked"}},
	{labels: []string{"press.rights_unknown"}, name: Press, verb: cards.RightsShow, data: map[string]string{"part": "unknown"}},
	{labels: []string{"report.press_week"}, name: Report, rest: "week"},
	{labels: []string{"report.press_month"}, name: Report, rest: "month"},
	{labels: []string{"report.press_before_week"}, name: Press, verb: cards.ReportShow, data: map[string]string{"period": "week", "back": "1"}},
	{labels: []string{"report.press_before_month"}, name: Press, verb: cards.ReportShow, data: map[string]string{"period": "month", "back": "1"}},
	{labels: []string{"report.press_csv"}, name: Press, verb: cards.ReportShow, data: map[string]string{"period": "week", "csv": "true"}},
	{labels: []string{"report.press_file"}, name: Press, verb: cards.ReportShow, data: map[string]string{"period": "week", "file": "true"}},
}

// The commands of buttons that need more than the button's verb.
const (
	restart Name = "restart"
	ackMine Name = "acknowledge mine"
)

// labels finds a button by its folded words in any language. What is a command word too
// means that command.
var labels = func() map[string]button {
	all := make(map[string]button)
	for _, b := range buttons {
		for _, key := range b.labels {
			for _, lang := range i18n.Languages() {
				label := labelOf(i18n.For(lang, nil), key)
				if _, known := all[label]; !known && names[label] == "" {
					all[label] = b
				}
			}
		}
	}
	return all
}()

// labelOf gives the words of a button, folded and without the number behind them.
func labelOf(w i18n.Words, key string) string {
	return foldWord(strings.TrimSuffix(w.T(key, "n", 0), " (0)"))
}

// buttonWords is the number of words of the longest button.
const buttonWords = 6

// countBehind is the number of requests that stands on some buttons.
var countBehind = regexp.MustCompile(` \(\d+\)$`)

// cutButton takes a button's words off the front of a line; behind them stands
// nothing, or a ticket's number. Without such words label is empty.
func cutButton(line string) (b button, label, rest string) {
	line = countBehind.ReplaceAllString(line, "")
	words := strings.Fields(line)
	for n := min(buttonWords, len(words)); n > 0; n-- {
		label := strings.Join(words[:n], " ")
		b, ok := labels[foldWord(label)]
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

// Typed is the command's word as it is typed where words are read: in a group or channel
// behind the mention of the bot.
func (n Name) Typed(w i18n.Words) string { return w.Front() + n.Spelled(w.Lang()) }

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
