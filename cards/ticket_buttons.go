package cards

import (
	"slices"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// buttons are what this reader may press now: the next step first and filled, its
// usual alternative, the portal; the rest behind "…". Same order in all states.
func (v TicketView) buttons(w i18n.Words) []element {
	t := v.View.Ticket
	works := !v.Shared && (v.View.Role == request.RoleAssignee || v.View.Role == request.RoleLead)
	var list []button
	if works {
		list = v.workersButtons(w)
	} else {
		list = v.othersButtons(w)
	}
	list = append(list, button{title: w.T("details.title"), verb: TicketDetails, data: v.data(), behind: true},
		button{title: w.T("press.ticket_history"), verb: TicketHistory, data: v.data(), behind: true}, v.copyLink(w))
	list = slices.DeleteFunc(list, func(b button) bool { return b.title == "" })

	var all []element
	if t.Status == request.Resolved && works && v.may(TicketClose) {
		all = append(all, rich(say(w.T("ticket.told_question", "customer", UserText(t.Customer.Name).line(nameCut))+" ").bold(),
			say(w.T("ticket.told_why"))).space("Medium"))
	}
	if link := portalOf(t); link.Directory != "" && slices.ContainsFunc(list, func(b button) bool { return b.url != "" }) {
		all = append(all, directoryLine(link, w))
	}
	return append(all, pack(append(list, v.source(w)...)...))
}

// source leads back to the message that the request was made from.
func (v TicketView) source(w i18n.Words) []button {
	link := v.View.Ticket.Details.Source.Link
	if link == "" {
		return nil
	}
	return []button{{title: w.T("press.source"), url: link, behind: true}}
}

// directoryLine stands beside every button that opens a portal (R41, R46).
func directoryLine(l customer.Link, w i18n.Words) element {
	name := UserText(l.Directory).run(nameCut).bold()
	line := []run{say(w.T("portal.check") + " ").quiet(), name}
	if stop := fullStop(name.Text); stop != "" {
		line = append(line, say(stop).quiet())
	}
	return rich(line...).space("Medium")
}

func (v TicketView) data(more ...any) Data {
	return TicketData(v.View.Number, v.View.Revision, more...)
}

func (v TicketView) may(verb string) bool { return slices.Contains(v.View.Moves, verb) }

// workersButtons are those of the assignee and of leads; leads have "Take over"
// as the next step.
func (v TicketView) workersButtons(w i18n.Words) []button {
	t := v.View.Ticket
	answered := !t.RespondedAt.IsZero()
	var list []button
	switch t.Status {
	case request.Open:
		list = []button{v.sheet(w), v.respond(w), v.wait(w).hidden(), v.comment(w).hidden()}
	case request.Filed:
		list = []button{v.respond(w), v.portal(w), v.wait(w).hidden(), v.comment(w).hidden(), v.sheet(w).hidden()}
	case request.InProgress:
		list = []button{v.resolve(w), v.wait(w), v.comment(w), v.portalOrSheet(w), v.respond(w).hidden(), v.filedSheet(w).hidden()}
	case request.Waiting:
		second := v.resolve(w)
		if !answered {
			second = v.respond(w)
		}
		list = []button{v.resume(w), second, v.portalOrSheet(w), v.comment(w).hidden(), v.filedSheet(w).hidden()}
	case request.Resolved:
		list = []button{v.close(w), v.reopen(w), v.closeUntold(w).hidden()}
	case request.Closed:
		list = []button{v.comment(w), v.reopen(w).hidden()}
	}
	list = slices.DeleteFunc(list, func(b button) bool { return b.title == "" })
	if v.View.Role == request.RoleLead && !t.Over() && v.may(TicketAssign) {
		list = append([]button{v.takeOver(w, false)}, list...)
	}
	if len(list) > 0 && !list[0].behind && t.Status != request.Closed {
		list[0].filled = true
	}
	if !t.Over() {
		list = append(list, v.handOver(w), v.release(w), v.severity(w))
	}
	return list
}

// othersButtons are those of everybody else, the requester among them. A card
// that several people see has these.
func (v TicketView) othersButtons(w i18n.Words) []button {
	t := v.View.Ticket
	requester := !v.Shared && v.View.Role == request.RoleRequester
	watch := v.watch(w)
	if requester {
		watch = button{}
	}
	switch {
	case t.Status == request.Cancelled:
		return nil
	case t.Status == request.Closed:
		if requester {
			return []button{v.reopen(w), v.comment(w).hidden()}
		}
		return []button{v.comment(w), v.reopen(w).hidden()}
	case t.Status == request.Resolved:
		if requester {
			return []button{v.reopen(w).next(), v.comment(w)}
		}
		return []button{v.comment(w), v.reopen(w)}
	case t.Assignee.Nobody():
		list := []button{v.takeOver(w, false).next(), watch, v.comment(w).hidden()}
		if requester {
			list[2] = v.comment(w)
		}
		return append(list, v.withdraw(w).hidden())
	}
	return []button{watch, v.comment(w), v.takeOver(w, true).hidden(), v.withdraw(w).hidden()}
}

func (b button) hidden() button { b.behind = true; return b }
func (b button) next() button   { b.filled = true; return b }

// offered is the button where the view allows its verb, nothing otherwise.
func (v TicketView) offered(verb string, b button) button {
	if !v.may(verb) {
		return button{}
	}
	return b
}

// asking is a button that opens its one field.
func (v TicketView) asking(w i18n.Words, verb, title, label, press string) button {
	return v.offered(verb, askBelow(w, title, "text", label, press, verb, v.data()))
}

func (v TicketView) takeOver(w i18n.Words, named bool) button {
	title := w.T("press.ticket_assign")
	if named {
		title = w.T("press.take_from", "name", UserText(v.View.Assignee.Name).line(titleCut))
	}
	return v.offered(TicketAssign, button{title: title, verb: TicketAssign, data: v.data("to", "me")})
}

func (v TicketView) handOver(w i18n.Words) button {
	return v.offered(TicketAssign, button{title: w.T("press.hand_over"), verb: TicketAssign, data: v.data("ask", true), behind: true})
}

// copyLink opens the request's address as a field that can be selected whole: nothing
// on a card reaches the clipboard.
func (v TicketView) copyLink(w i18n.Words) button {
	if v.View.Link == "" {
		return button{}
	}
	return button{title: w.T("press.copy_link"), under: []element{field("link", w.T("ticket.link", "number", v.View.Number), 0, v.View.Link)}, behind: true}
}

// release is for those who have it: nobody else does so by accident.
func (v TicketView) release(w i18n.Words) button {
	if v.View.Assignee.Nobody() {
		return button{}
	}
	return v.offered(TicketRelease, button{title: w.T("press.ticket_release"), verb: TicketRelease, data: v.data(), behind: true})
}

func (v TicketView) severity(w i18n.Words) button {
	return v.offered(TicketSeverity, button{title: w.T("press.ticket_severity"), verb: TicketSeverity, data: v.data("ask", true), behind: true})
}

func (v TicketView) watch(w i18n.Words) button {
	if !v.Shared && v.may(TicketUnwatch) {
		return button{title: w.T("press.ticket_unwatch"), verb: TicketUnwatch, data: v.data()}
	}
	return v.offered(TicketWatch, button{title: w.T("press.ticket_watch"), verb: TicketWatch, data: v.data()})
}

func (v TicketView) comment(w i18n.Words) button {
	return v.asking(w, TicketComment, w.T("press.ticket_comment"), w.T("ask.comment"), w.T("press.add_comment"))
}

func (v TicketView) respond(w i18n.Words) button {
	return v.offered(TicketRespond, respondButton(v.View.Ticket, v.data, w))
}

// respondButton notes Microsoft's first response: with one field under it, or, of a
// request without Microsoft's number, on the card that asks for that.
func respondButton(t request.Ticket, data func(more ...any) Data, w i18n.Words) button {
	title := w.T("press.ticket_respond")
	if t.MicrosoftCase == "" {
		return button{title: title, verb: TicketRespond, data: data("ask", true)}
	}
	return askBelow(w, title, "text", w.T("ask.respond"), w.T("press.stop_clock"), TicketRespond, data())
}

func (v TicketView) wait(w i18n.Words) button {
	under := slices.Concat(waitFields(nil, func(input element) []element { return []element{input} }, w),
		[]element{pack(button{title: w.T("press.set_waiting"), verb: TicketWait, data: v.data(), filled: true})})
	return v.offered(TicketWait, button{title: w.T("press.ticket_wait"), under: under})
}

func (v TicketView) resume(w i18n.Words) button {
	return v.asking(w, TicketResume, resumeTitle(v.View.Ticket, w), w.T("ask.resume"), w.T("press.go_on"))
}

// resumeTitle says what has come that the ticket waited for.
func resumeTitle(t request.Ticket, w i18n.Words) string {
	if t.Wait.For == request.ForCustomer {
		return w.T("press.ticket_resume")
	}
	return w.T("press.resume_answer")
}

func (v TicketView) resolve(w i18n.Words) button {
	return v.asking(w, TicketResolve, w.T("press.ticket_resolve"), w.T("ask.resolve"), w.T("press.mark_resolved"))
}

func (v TicketView) reopen(w i18n.Words) button {
	return v.asking(w, TicketReopen, w.T("press.ticket_reopen"), w.T("ask.reopen"), w.T("press.ticket_reopen"))
}

func (v TicketView) withdraw(w i18n.Words) button {
	return v.asking(w, TicketCancel, w.T("press.ticket_cancel"), w.T("ask.cancel"), w.T("press.ticket_cancel"))
}

// close asks by the button itself whether the customer knows (E10).
func (v TicketView) close(w i18n.Words) button {
	return v.offered(TicketClose, button{title: w.T("press.ticket_close"), verb: TicketClose, data: v.data("customerInformed", true)})
}

// closeUntold keeps name and reason (E10).
func (v TicketView) closeUntold(w i18n.Words) button {
	return v.offered(TicketClose, askBelow(w, w.T("press.close_untold"), "reason", w.T("ask.close_untold"), w.T("press.close_untold"),
		TicketClose, v.data("override", true)))
}

// sheet leads to the fields for Microsoft's portal.
func (v TicketView) sheet(w i18n.Words) button {
	title := w.T("press.ticket_sheet")
	if v.View.MicrosoftCase != "" {
		title = w.T("press.sheet")
	}
	return v.offered(TicketSheet, button{title: title, verb: TicketSheet, data: v.data()})
}

// portal opens Microsoft's page in the customer's context (R41, R46). It is shown
// to those who work on the ticket only: two people who both file make two cases.
func (v TicketView) portal(w i18n.Words) button {
	link := portalOf(v.View.Ticket)
	if link.None() {
		return button{}
	}
	return button{title: w.T("portal.open_" + link.Name), url: link.URL}
}

func (v TicketView) portalOrSheet(w i18n.Words) button {
	if v.View.MicrosoftCase == "" {
		return v.sheet(w)
	}
	return v.portal(w)
}

// filedSheet is the sheet of what is filed already, to read again.
func (v TicketView) filedSheet(w i18n.Words) button {
	if v.View.MicrosoftCase == "" {
		return button{}
	}
	return v.sheet(w)
}

func portalOf(t request.Ticket) customer.Link {
	link, ok := request.Portal(t)
	if !ok {
		return customer.Link{}
	}
	return link
}
