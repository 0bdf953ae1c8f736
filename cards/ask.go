package cards

import (
	"slices"
	"strings"

	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// Question is what a card for a move has to ask.
type Question struct {
	// Problem is what is missing or wrong, nil for a card that was asked for.
	Problem *request.Problem
	// Typed is what was typed, by the ids of the inputs.
	Typed map[string]string
	// First says that nobody has answered yet: nothing was wrong, so nothing is red.
	First bool
	// People are offered to choose from, where the move wants one and who reads the card
	// may know them.
	People []request.Person
}

// Ask is the card for a move that needs words: whom, which number, which
// severity, why. verb is the move's ("ticket/assign" or "assign"). What was typed
// is kept; a first question is asked plainly, and what was answered wrongly stands in
// red at its field.
func Ask(verb string, v TicketView, q Question, w i18n.Words) Card {
	verb = fullVerb(verb)
	t := v.View.Ticket
	w = w.AsOf(t.UpdatedAt)
	a := asking{verb: verb, v: v, typed: q.Typed, people: q.People, w: w}
	if !q.First {
		a.problem = q.Problem
	}
	body := []element{titleRow(join(t.Number.String(), w.T("ask.title_"+short(verb))), severityCorner(t.Severity, w))}
	body = append(body, subject(t, w, "Small")...)
	speak := w.T("ask.speak", "number", t.Number, "what", w.T("ask.title_"+short(verb)))
	said := ""
	if q.Problem != nil {
		said = capital(sentence(w, "problem."+q.Problem.Code, q.Problem.Args))
	}
	if q.First && !slices.Contains(labelled, q.Problem.Code) {
		body = append(body, rich(say(said)).space("Small"))
		speak += " " + said
	}
	body = append(body, a.fields()...)
	if a.problem != nil {
		body = append(body, rich(say(w.T("ask.needs_change")+" ").bold(), say(w.T("ask.kept"))).space("Medium"))
		speak += " " + w.T("ask.needs_change") + " " + said
	}
	body = append(body, pack(a.buttons()...))
	return newCard(w, speak, body...)
}

// labelled are the problems whose question the field's label asks already.
var labelled = []string{"required", "person_required", "choice", "not_informed"}

func fullVerb(verb string) string {
	if strings.Contains(verb, "/") {
		return verb
	}
	return "ticket/" + verb
}

func short(verb string) string { return strings.TrimPrefix(verb, "ticket/") }

type asking struct {
	verb    string
	v       TicketView
	problem *request.Problem
	typed   map[string]string
	people  []request.Person
	w       i18n.Words
}

func (a asking) fields() []element {
	w := a.w
	switch a.verb {
	case TicketAssign, TicketWatch, TicketUnwatch:
		if len(a.people) == 0 {
			return a.marked(field("text", w.T("ask.person"), 250, a.typed["text"]))
		}
		var choices []choice
		for _, p := range a.people {
			choices = append(choices, choice{UserText(p.Name).line(nameCut), p.ID})
		}
		return append([]element{compact("person", w.T("field.person"), a.typed["person"], choices)},
			a.marked(field("text", w.T("ask.person_else"), 250, a.typed["text"]))...)
	case TicketFile:
		number := a.number()
		when := field("text", w.T("ask.filed_at"), 40, a.typed["text"])
		when.Placeholder = w.T("intake.reported_hint")
		fields := append(a.marked(number), a.marked(when)...)
		if t := a.v.View.Ticket; t.WantsPlan() && !t.Details.PlanConfirmed {
			plan := tick("planConfirmed", w.T("field.planConfirmed"), w.T("ask.plan"), a.typed["planConfirmed"])
			fields = append([]element{plan}, fields...) // R14
		}
		return fields
	case TicketRespond:
		text := words(field("text", w.T("ask.respond"), textLimit, a.typed["text"]), w)
		if a.v.View.MicrosoftCase == "" {
			return append(a.marked(a.number()), a.marked(text)...)
		}
		return a.marked(text)
	case TicketSeverity:
		var choices []choice
		for _, s := range order {
			if s != a.v.View.Severity && (s != request.NonCritical || a.v.View.Kind == request.Technical) {
				choices = append(choices, choice{w.T("severity_choice." + string(s)), string(s)})
			}
		}
		reason := words(field("reason", w.T("ask.reason"), 500, a.typed["reason"]), w)
		return append(a.marked(expanded("severity", w.T("field.severity"), a.typed["severity"], choices)), a.marked(reason)...)
	case TicketWait:
		return waitFields(a.typed, a.marked, w)
	case TicketClose:
		lines := []element{rich(say(w.T("ticket.told_question", "customer", UserText(a.v.View.Customer.Name).line(nameCut))+" ").bold(),
			say(w.T("ticket.told_why"))).space("Medium")}
		return append(lines, a.marked(words(field("reason", w.T("ask.close_reason"), 500, a.typed["reason"]), w))...)
	}
	return a.marked(words(field("text", w.T("ask."+short(a.verb)), textLimit, a.typed["text"]), w))
}

// waitFields ask whom a ticket waits for, for what, and when to ask again.
func waitFields(typed map[string]string, marked func(element) []element, w i18n.Words) []element {
	var choices []choice
	for _, who := range request.WaitsFor {
		choices = append(choices, choice{w.T("wait_for." + string(who)), string(who)})
	}
	again := field("askAgain", w.T("field.askAgain"), 40, typed["askAgain"])
	again.Placeholder = w.T("ask.again_hint")
	return slices.Concat(marked(expanded("waitFor", w.T("field.waitFor"), typed["waitFor"], choices)),
		marked(words(field("text", w.T("ask.wait"), textLimit, typed["text"]), w)), marked(again))
}

// number asks for Microsoft's.
func (a asking) number() textInput {
	number := field("microsoftCase", a.w.T("field.microsoftCase"), 40, a.typed["microsoftCase"])
	number.Placeholder = "2611230010000417"
	return number
}

// marked puts the field that the problem is about into a red box. A problem of
// another field, such as the person, belongs to the only field there is.
func (a asking) marked(input element) []element {
	if a.problem == nil || !a.about(input) {
		return []element{input}
	}
	line := []run{say(capital(sentence(a.w, "problem."+a.problem.Code, a.problem.Args)))}
	if a.problem.Suggest != "" {
		line = append(line, say(" "), UserText(a.problem.Suggest).run(nameCut).code())
	}
	fix := " " + a.w.T("intake.fix_label")
	switch in := input.(type) {
	case textInput:
		in.Label += fix
		input = in
	case choiceInput:
		in.Label += fix
		input = in
	}
	return []element{box("attention", "Medium", input, rich(line...).space("Small"))}
}

func (a asking) about(input element) bool {
	id := ""
	switch in := input.(type) {
	case textInput:
		id = in.ID
	case choiceInput:
		id = in.ID
	}
	switch a.verb {
	case TicketAssign:
		return id == "text"
	case TicketFile, TicketRespond:
		return id == a.problem.Field || id == "text" && a.problem.Field != "microsoftCase"
	case TicketWait:
		return id == a.problem.Field
	case TicketSeverity:
		return id == a.problem.Field || id == "severity" && a.problem.Field != "reason"
	}
	return true
}

func (a asking) buttons() []button {
	w := a.w
	back := button{title: w.T("ask.back"), verb: TicketShow, data: a.v.data(), alone: true}
	switch {
	case a.verb == TicketRespond && a.v.View.MicrosoftCase == "":
		return []button{
			{title: w.T("ask.press_respond"), verb: TicketRespond, data: a.v.data("asked", true), filled: true},
			{title: w.T("press.no_number"), verb: TicketRespond, data: a.v.data("noNumber", true)}, back,
		}
	case a.verb == TicketClose:
		return []button{
			{title: w.T("press.ticket_close"), verb: TicketClose, data: a.v.data("customerInformed", true), filled: true},
			{title: w.T("press.close_untold"), verb: TicketClose, data: a.v.data("override", true)}, back,
		}
	}
	return []button{{title: w.T("ask.press_" + short(a.verb)), verb: a.verb, data: a.v.data(), filled: true}, back}
}
