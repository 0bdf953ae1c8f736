package cards

import (
	"strings"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/sla"
)

// looks says that the milestone asks to look again after an announced incident
// (E12): nothing is late then.
func (a AlarmView) looks() bool { return a.Milestone.Clock == sla.ClockIncident }

// past says that Microsoft has ended the announced incident (E12).
func (a AlarmView) past() bool { return a.Milestone.Kind == sla.Past }

// waits says that the milestone asks whether the answer has come that the ticket
// waits for.
func (a AlarmView) waits() bool { return a.Milestone.Clock == sla.ClockWaiting }

// reminds says that the milestone asks a question, and that nothing is late by it.
func (a AlarmView) reminds() bool { return a.looks() || a.waits() }

// waitButtons go on with what waited; what is still missing goes into a comment.
func (a AlarmView) waitButtons(open, take button, w i18n.Words) []button {
	resume := askBelow(w, resumeTitle(a.View.Ticket, w), "text", w.T("ask.resume"), w.T("press.go_on"), TicketResume, a.data())
	comment := askBelow(w, w.T("press.ticket_comment"), "text", w.T("ask.comment"), w.T("press.add_comment"), TicketComment, a.data())
	list := []button{resume.next(), open, comment.hidden()}
	if a.View.Assignee.Nobody() {
		list = append(list, take.hidden())
	}
	return list
}

// incident is what the ticket keeps of the announced incident, where that is what
// the alarm is about.
func (a AlarmView) incident(w i18n.Words) []fact {
	if !a.looks() {
		return nil
	}
	return []fact{{label: w.T("fact.incident"), value: []run{UserText(a.View.Details.Incident).run(nameCut)}}}
}

// lookButtons begin with the customer's service health (E2); what was found goes
// into a comment.
func (a AlarmView) lookButtons(open, take, sheet button, w i18n.Words) []button {
	t := a.View.Ticket
	comment := askBelow(w, w.T("press.ticket_comment"), "text", w.T("ask.comment"), w.T("press.add_comment"), TicketComment, a.data())
	resolve := askBelow(w, w.T("press.ticket_resolve"), "text", w.T("ask.resolve"), w.T("press.mark_resolved"), TicketResolve, a.data())
	list := []button{comment, open, resolve.hidden()}
	if t.MicrosoftCase == "" {
		list = append(list, sheet.hidden())
	}
	if t.Assignee.Nobody() {
		list = append(list, take.hidden())
	}
	if link, ok := customer.HealthLink(t.Customer, t.Platform); ok {
		return append([]button{{title: w.T("press.health"), url: link.URL, filled: true}}, list...)
	}
	list[0].filled = true
	return list
}

// ended makes a title a sentence of its own, for reading aloud.
func ended(title string) string {
	if strings.HasSuffix(title, "?") {
		return title
	}
	return title + "."
}
