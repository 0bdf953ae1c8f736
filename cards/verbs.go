package cards

import "onbehalf/bot/request"

// The verbs of the buttons. Old cards stay in channels for months, so a verb is
// never renamed.
const (
	IntakeStart   = "intake/start"
	IntakeNext    = "intake/next"
	IntakeBack    = "intake/back"
	IntakeContact = "intake/contact"
	IntakeCancel  = "intake/cancel"
	IntakeSubmit  = "intake/submit"
	IntakeResume  = "intake/resume"
	IntakeRestart = "intake/restart"

	TicketAck      = "ticket/ack"
	TicketAssign   = "ticket/assign"
	TicketRelease  = "ticket/release"
	TicketFile     = "ticket/file"
	TicketRespond  = "ticket/respond"
	TicketComment  = "ticket/comment"
	TicketWait     = "ticket/wait"
	TicketResume   = "ticket/resume"
	TicketResolve  = "ticket/resolve"
	TicketClose    = "ticket/close"
	TicketReopen   = "ticket/reopen"
	TicketCancel   = "ticket/cancel"
	TicketSeverity = "ticket/severity"
	TicketWatch    = "ticket/watch"
	TicketUnwatch  = "ticket/unwatch"
	TicketSheet    = "ticket/sheet"
	TicketDetails  = "ticket/details"
	TicketHistory  = "ticket/history"
	TicketShow     = "ticket/show"
	TicketRefresh  = "ticket/refresh"

	CustomerShow = "customer/show"

	ListPage   = "list/page"
	SLABoard   = "sla/board"
	SLAAck     = "sla/ack"
	ReportShow = "report/show"
	HelpShow   = "help/show"
	RightsShow = "rights/show"
	RightsAck  = "rights/ack"
)

// Data is what a button sends besides its verb and the inputs: ids only, since
// every member can read it and it comes back on each press. A fallback button
// carries the verb in it as "verb".
//
// Ticket verbs carry "number" and "rev"; form verbs "form" and "rev", and "shown",
// the ids of the inputs on the card with commas between them. Besides:
// ticket/assign "to": "me", or "ask": true for the card that asks whom;
// ticket/file, ticket/severity and ticket/respond "ask": true likewise; ticket/respond
// "asked": true on the card that asks for Microsoft's number, and "noNumber": true when
// none is known; ticket/file "from":
// "sheet" when it stands on the sheet, with the input "planConfirmed" for Azure (R14); ticket/close
// "customerInformed": true, or "override": true with the input "reason"; ticket/history "before", an entry's id; ticket/details "page"; ticket/sheet "plain": true for
// the plain text; intake/next "ask": "impact" for the three questions and "scope":
// "confirmed" to go on; list/page "filter", "customer", "of", "words" and
// "offset"; customer/show, and intake/start where the customer is known, "customer"; sla/ack
// "numbers"; report/show "period", "back", "csv" and "file"; help/show
// "topic"; rights/show "part" and "offset"; rights/ack "at", the instant in seconds that
// its card was drawn for.
type Data map[string]any

// TicketData is the data of a button of a ticket.
func TicketData(n request.Number, revision int, more ...any) Data {
	return with(Data{"number": int64(n), "rev": revision}, more)
}

// FormData is the data of a button of a form.
func FormData(form string, version int, more ...any) Data {
	return with(Data{"form": form, "rev": version}, more)
}

func with(d Data, more []any) Data {
	for i := 0; i+1 < len(more); i += 2 {
		d[more[i].(string)] = more[i+1]
	}
	return d
}
