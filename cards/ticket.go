package cards

import (
	"slices"
	"strings"

	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// TicketView is everything that a ticket's card shows.
type TicketView struct {
	View request.View
	// Viewer is the one reader; ignored where several people see the card.
	Viewer request.Viewer
	// Shared is the card in the conversation itself: written for everybody, with the
	// buttons that everybody has.
	Shared bool
	// Newest are the newest entries of the history, newest first.
	Newest []request.Event
	// Since are the entries that the reader had not seen when they pressed Pressed,
	// oldest first; Pressed is the verb that changed nothing.
	Since   []request.Event
	Pressed string
	// RefreshFor are the Teams ids of those who get their own view; on a hidden
	// ticket only the reader's counts. RefreshAll gives one to everybody, which Teams
	// does up to MaxRefresh members.
	RefreshFor []string
	RefreshAll bool
	// Warnings are what is odd about what the reader has just noted.
	Warnings []request.Warning
	// Late says that the first response is overdue and owed.
	Late bool
}

// MaxRefresh is how many people Teams draws an own view for.
const MaxRefresh = 60

// Ticket shows where a ticket stands: number and status, what it is about, the
// one time that matters, who has it, the newest words, and what to press. Its
// buttons are the moves that the view allows, so a card that is up to date never
// offers a refused one.
func Ticket(v TicketView, w i18n.Words) Card {
	t := v.View.Ticket
	w = w.AsOf(t.UpdatedAt)
	if v.View.Hidden {
		return hiddenTicket(v, w)
	}
	var body []element
	if v.Pressed != "" {
		body = append(body, v.changed(w))
	}
	if len(v.Warnings) > 0 {
		body = append(body, v.warnings(w))
	}
	row := titleRow(numberStatus(t, w), severityCorner(t.Severity, w))
	if len(body) > 0 {
		row.Spacing = "Medium"
	}
	body = append(body, row)
	body = append(body, subject(t, w, "Small")...)
	body = append(body, v.band(w))
	body = append(body, v.facts(w)...)
	if lost := v.unreachable(); lost != "" {
		body = append(body, rich(say(w.T("ticket.unreachable", "names", lost)).quiet()).space("Small"))
	}
	if t.Severity == request.SeverityA && !t.Details.Reachable && !t.Over() {
		body = append(body, rich(say(w.T("ticket.not_reachable")).quiet()).space("Small"))
	}
	body = append(body, v.words(w))
	body = append(body, v.buttons(w)...)

	c := newCard(w, v.sentence(w), body...)
	c.refresh = v.refresh()
	return c
}

func numberStatus(t request.Ticket, w i18n.Words) string {
	return join(t.Number.String(), statusName(t.Status, w))
}

// hiddenTicket is what people see of a fraud case that is not theirs (R5).
func hiddenTicket(v TicketView, w i18n.Words) Card {
	t := v.View.Ticket
	body := []element{heading(numberStatus(t, w), "Medium")}
	if !t.Response.None() {
		body = append(body, v.band(w))
	}
	body = append(body, text(w.T("ticket.hidden")).space("Medium"))
	c := newCard(w, w.T("ticket.speak_hidden", "number", t.Number, "status", lower(statusName(t.Status, w))), body...)
	c.refresh = v.refresh()
	return c
}

// refresh asks for each person's own view. A view that somebody got asks again,
// or Teams would never redraw it. The list can be read by everybody who has the
// card, so that of a fraud case names nobody but its one reader (R5).
func (v TicketView) refresh() *refresh {
	users := v.RefreshFor
	if v.View.Hidden {
		users = slices.DeleteFunc(slices.Clone(users), func(id string) bool {
			own := v.reader()
			return id != own.TeamsID && id != own.ID
		})
	}
	if len(users) == 0 && !v.RefreshAll {
		return nil
	}
	t := v.View.Ticket
	users = users[:min(len(users), MaxRefresh)]
	if v.RefreshAll {
		users = nil
	}
	return &refresh{
		Action: execute{Type: "Action.Execute", Title: "Refresh", Verb: TicketRefresh, Data: TicketData(t.Number, t.Revision)},
		Users:  users,
	}
}

// sentence is the card for a screen reader: number, state, severity, customer,
// due.
func (v TicketView) sentence(w i18n.Words) string {
	t := v.View.Ticket
	about := w.T("ticket.speak", "number", t.Number, "status", lower(statusName(t.Status, w)),
		"severity", severitySpoken(t.Severity, w), "customer", UserText(t.Customer.Name).line(nameCut), "title", UserText(t.Title).line(120))
	parts := []string{about, v.clock(w).spoken()}
	if t.Assignee.Nobody() && !t.Over() {
		parts = append(parts, w.T("ticket.speak_nobody"))
	}
	if v.Pressed != "" {
		parts = append([]string{w.T("changed.heading")}, parts...)
	}
	for _, odd := range v.Warnings {
		parts = append(parts, sentence(w, "warning."+odd.Code, odd.Args))
	}
	return strings.Join(parts, " ")
}

// facts are assignee and Microsoft's number, and at most two more.
func (v TicketView) facts(w i18n.Words) []element {
	t := v.View.Ticket
	all := []fact{assigneeFact(t, v.reader(), w), caseFact(t, w)}
	switch t.Status {
	case request.Open:
		all = append(all,
			fact{label: w.T("fact.opened"), value: []run{say(w.TimeYear(t.OpenedAt))}},
			fact{label: w.T("fact.opened_by"), value: person(t.Requester, v.reader(), w)})
	case request.Filed, request.InProgress:
		if !t.FiledAt.IsZero() {
			all = append(all,
				fact{label: w.T("fact.filed"), value: []run{say(w.TimeYear(t.FiledAt))}},
				fact{label: w.T("fact.language"), value: []run{say(languageName(t.Language, w))}})
		}
	}
	return facts(all...)
}

// reader is the one person who reads the card, nobody where several do.
func (v TicketView) reader() request.Person {
	if v.Shared {
		return request.Person{}
	}
	return v.Viewer.Person
}

func assigneeFact(t request.Ticket, reader request.Person, w i18n.Words) fact {
	switch {
	case t.Assignee.Nobody() && t.Over():
		return fact{label: w.T("fact.assignee"), value: []run{say(w.T("ticket.nobody_any_more"))}}
	case t.Assignee.Nobody():
		return fact{label: w.T("fact.assignee"), value: []run{say(w.T("ticket.nobody")).bold()}}
	}
	return fact{label: w.T("fact.assignee"), value: person(t.Assignee, reader, w)}
}

func caseFact(t request.Ticket, w i18n.Words) fact {
	switch {
	case t.MicrosoftCase == "" && t.Over():
		return fact{label: w.T("fact.case"), value: []run{say(w.T("ticket.never_filed"))}}
	case t.MicrosoftCase == "":
		return fact{label: w.T("fact.case"), value: []run{say(w.T("ticket.not_filed"))}}
	}
	return fact{label: w.T("fact.case"), value: []run{UserText(t.MicrosoftCase).run(nameCut)}}
}

// unreachable names the people of the ticket whom the bot could not write to.
func (v TicketView) unreachable() string {
	t := v.View.Ticket
	people := []request.Person{t.Assignee, t.Requester}
	for _, watcher := range t.Watchers {
		people = append(people, watcher.Person)
	}
	var names []string
	for _, p := range people {
		name := UserText(p.Name).line(nameCut)
		if name != "" && slices.Contains(t.Unreachable, p.ID) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return UserText(strings.Join(names, ", ")).line(excerpt)
}

// words is the newest entry that holds words, or the description.
func (v TicketView) words(w i18n.Words) element {
	t := v.View.Ticket
	label, said := w.T("ticket.description"), t.Description
	if last := t.LastWords; last.Text != "" { // however much was pressed since
		label, said = entryLabel(t, last, w), last.Text
	}
	for _, e := range v.Newest {
		if e.Text == "" {
			continue
		}
		label, said = entryLabel(t, e, w), e.Text
		break
	}
	return rich(say(label+" ").quiet(), UserText(said).run(excerpt)).space("Medium").line()
}

// entryLabel is what stands before an entry's words.
func entryLabel(t request.Ticket, e request.Event, w i18n.Words) string {
	switch {
	case e.What == "waiting" && t.Status == request.Waiting:
		return w.T("ticket.wanted")
	case e.What == "resolved" && t.Over():
		return w.T("ticket.solved_by")
	case e.What == "incident", e.What == "incident_over":
		return w.T("ticket.incident_said", "when", w.TimeDay(e.At), "incident", UserText(e.From).line(nameCut))
	case e.By.Name == "":
		return w.TimeDay(e.At) + ":"
	}
	return w.TimeDay(e.At) + ", " + UserText(e.By.Name).line(nameCut) + ":"
}

// changed says who did what since the reader's card was drawn, and that the
// press changed nothing.
func (v TicketView) changed(w i18n.Words) element {
	runs := []run{say(w.T("changed.heading") + " ").bold()}
	shown := v.Since
	if len(shown) > 3 {
		shown = shown[len(shown)-3:]
	}
	for _, e := range shown {
		runs = append(runs, say(entrySentence(e, w)+" "))
	}
	runs = append(runs, say(w.T("changed.nothing", "button", pressName(v.Pressed, w))))
	return box("accent", "", rich(runs...))
}

// warnings stand on top of the answer to the press, or the word, that they are
// about.
func (v TicketView) warnings(w i18n.Words) element {
	var lines []element
	for _, odd := range v.Warnings {
		lines = append(lines, rich(say(sentence(w, "warning."+odd.Code, odd.Args))))
	}
	return box("warning", "", lines...)
}

// pressName is what the button of a verb says.
func pressName(verb string, w i18n.Words) string {
	key := "press." + strings.ReplaceAll(fullVerb(verb), "/", "_")
	if w.Has(key) {
		return w.T(key)
	}
	return w.T("press.other")
}
