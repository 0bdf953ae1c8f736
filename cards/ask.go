package cards

import (
	"strings"

	"onbehalf/bot/i18n"
	"onbehalf/bot/ticket"
)

// Ask is the card for a move that needs words: whom, which number, which
// severity, why. verb is the move's ("ticket/assign" or "assign"). What was typed
// is kept, and a problem stands at its field.
func Ask(verb string, v TicketView, problem *ticket.Problem, typed map[string]string, w i18n.Words) Card {
	verb = fullVerb(verb)
	t := v.View.Ticket
	w = w.AsOf(t.UpdatedAt)
	a := asking{verb: verb, v: v, problem: problem, typed: typed, w: w}
	body := []element{titleRow(join(t.Number.String(), w.T("ask.title_"+short(verb))), severityCorner(t.Severity, w))}
	body = append(body, subject(t, w, "Small")...)
	speak := w.T("ask.speak", "number", t.Number, "what", w.T("ask.title_"+short(verb)))
	if problem != nil {
		said := sentence(w, "problem."+problem.Code, problem.Args)
		body = append(body, rich(say(w.T("ask.needs_change")+" ").bold(), say(w.T("ask.kept"))).space("Small"))
		speak += " " + w.T("ask.needs_change") + " " + capital(said)
	}
	body = append(body, a.fields()...)
	body = append(body, pack(a.buttons()...))
	return newCard(w, speak, body...)
}

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
	problem *ticket.Problem
	typed   map[string]string
	w       i18n.Words
}

func (a asking) fields() []element {
	w := a.w
	switch a.verb {
	case TicketAssign, TicketWatch, TicketUnwatch:
		return a.marked(field("text", w.T("ask.person"), 250, a.typed["text"]))
	case TicketFile:
		number := field("microsoftCase", w.T("field.microsoftCase"), 40, a.typed["microsoftCase"])
		number.Placeholder = "2611230010000417"
		when := field("text", w.T("ask.filed_at"), 40, a.typed["text"])
		when.Placeholder = w.T("intake.reported_hint")
		fields := append(a.marked(number), a.marked(when)...)
		if t := a.v.View.Ticket; t.WantsPlan() && !t.Details.PlanConfirmed {
			plan := tick("planConfirmed", w.T("field.planConfirmed"), w.T("ask.plan"), a.typed["planConfirmed"])
			fields = append([]element{plan}, fields...) // R14
		}
		return fields
	case TicketSeverity:
		var choices []choice
		for _, s := range order {
			if s != a.v.View.Severity && (s != ticket.NonCritical || a.v.View.Kind == ticket.Technical) {
				choices = append(choices, choice{w.T("severity_choice." + string(s)), string(s)})
			}
		}
		reason := field("reason", w.T("ask.reason"), 500, a.typed["reason"]).lines()
		return append(a.marked(expanded("severity", w.T("field.severity"), a.typed["severity"], choices)), a.marked(reason)...)
	case TicketClose:
		lines := []element{rich(say(w.T("ticket.told_question", "customer", Foreign(a.v.View.Customer.Name).line(nameCut))+" ").bold(),
			say(w.T("ticket.told_why"))).space("Medium")}
		return append(lines, a.marked(field("reason", w.T("ask.close_reason"), 500, a.typed["reason"]).lines())...)
	}
	return a.marked(field("text", w.T("ask."+short(a.verb)), textLimit, a.typed["text"]).lines())
}

// marked puts the field that the problem is about into a red box. A problem of
// another field, such as the person, belongs to the only field there is.
func (a asking) marked(input element) []element {
	if a.problem == nil || !a.about(input) {
		return []element{input}
	}
	line := []run{say(a.w.T("intake.fix") + " ").bold(), say(sentence(a.w, "problem."+a.problem.Code, a.problem.Args))}
	if a.problem.Suggest != "" {
		line = append(line, say(" "), Foreign(a.problem.Suggest).run(nameCut).code())
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
	case TicketFile:
		return id == a.problem.Field || id == "text" && a.problem.Field != "microsoftCase"
	case TicketSeverity:
		return id == a.problem.Field || id == "severity" && a.problem.Field != "reason"
	}
	return true
}

func (a asking) buttons() []button {
	w := a.w
	back := button{title: w.T("ask.back"), verb: TicketShow, data: a.v.data(), alone: true}
	if a.verb == TicketClose {
		return []button{
			{title: w.T("press.ticket_close"), verb: TicketClose, data: a.v.data("customerInformed", true), filled: true},
			{title: w.T("press.close_untold"), verb: TicketClose, data: a.v.data("override", true)}, back,
		}
	}
	return []button{{title: w.T("ask.press_" + short(a.verb)), verb: a.verb, data: a.v.data(), filled: true}, back}
}
