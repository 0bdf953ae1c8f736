package cards

import (
	"slices"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// AlarmView is a milestone that the bot speaks up about, with its ticket.
type AlarmView struct {
	TicketView
	Milestone sla.Milestone
	// Next is what comes after it on the same clock, if nobody does anything; zero
	// when nothing does.
	Next sla.Milestone
	// Sent is when the message is written; what it says was true then.
	Sent time.Time
}

// Alarm warns of one ticket: it will be late, it is late, it is not filed yet,
// Microsoft has not answered, an announced incident may be over, what the ticket waits
// for may have come. It is sent once, so it may say how much time was
// left; who reads it later sees when that was.
func Alarm(a AlarmView, w i18n.Words) Card {
	t := a.View.Ticket
	w = w.AsOf(a.Sent)
	title := a.title(w)
	band := a.band(w)
	if a.View.Hidden {
		c := newCard(w, ended(title)+" "+w.T("ticket.hidden"), heading(title, "Medium"), band, text(w.T("ticket.hidden")).space("Medium"))
		c.summary = title
		return c
	}
	body := []element{titleRow(title, severityCorner(t.Severity, w)), band}
	body = append(body, subject(t, w, "Medium")...)
	assignee, mentions := a.assignee(w)
	body = append(body, facts(append([]fact{assignee, caseFact(t, w)}, a.incident(w)...)...)...)
	if a.waits() {
		body = append(body, text(w.T("alarm.wait_since", "time", w.Time(t.WaitingSince))).space("Small"))
	}
	switch {
	case a.past():
		body = append(body, text(w.T("alarm.past_asks")).space("Small"))
	case a.looks():
		body = append(body, text(w.T("alarm.look_asks")).space("Small"))
	}
	if a.Milestone.Asks && !t.Assignee.Nobody() {
		question := w.T("alarm.asks")
		if t.MicrosoftCase == "" {
			question = w.T("alarm.asks_file")
		}
		if t.Assignee.Is(a.reader()) {
			question = w.T("alarm.asks_you") + " " + question
		}
		body = append(body, text(question).space("Small"))
	}
	list := slices.DeleteFunc(a.buttons(w), func(b button) bool { return b.title == "" })
	if link := portalOf(t); link.Directory != "" && slices.ContainsFunc(list, func(b button) bool { return b.url != "" }) {
		body = append(body, directoryLine(link, w))
	}
	body = append(body, pack(list...))
	if foot := a.foot(w); foot != "" {
		body = append(body, small(foot).space("Small"))
	}
	first := a.first(w)
	speak := ended(title) + " " + first.spoken() + " " + UserText(t.Customer.Name).line(nameCut) + ": " + UserText(t.Title).line(120) + "."
	if t.Assignee.Nobody() {
		speak += " " + w.T("ticket.speak_nobody")
	}
	c := newCard(w, speak, body...)
	c.mentions = mentions
	c.summary = title
	return c
}

// late says that the milestone's time has passed.
func (a AlarmView) late() bool {
	return a.Milestone.Kind != sla.Warn || !a.Sent.Before(a.Milestone.Due)
}

// title is the toast too: number, and time or what is wrong.
func (a AlarmView) title(w i18n.Words) string {
	t := a.View.Ticket
	due := dueBeside(a.Milestone.Due, a.Sent, w)
	switch a.Milestone.Clock {
	case sla.ClockHandoff:
		if a.late() {
			return w.T("alarm.not_filed", "number", t.Number)
		}
		return w.T("alarm.file_by", "number", t.Number, "time", due)
	case sla.ClockMicrosoft:
		return w.T("alarm.microsoft", "number", t.Number)
	case sla.ClockIncident:
		if a.past() && !a.View.Hidden {
			return w.T("alarm.past", "number", t.Number, "incident", UserText(t.Details.Incident).line(nameCut))
		}
		return w.T("alarm.look", "number", t.Number)
	case sla.ClockWaiting:
		return w.T(WaitKey("alarm.wait_", t), "number", t.Number)
	}
	switch {
	case !a.late():
		return w.T("alarm.due", "number", t.Number, "time", due)
	case t.Assignee.Nobody() && !a.View.Hidden:
		return w.T("alarm.late_nobody", "number", t.Number)
	case a.Milestone.Kind == sla.Repeat || a.Milestone.Kind == sla.Ladder:
		return w.T("alarm.still_late", "number", t.Number)
	}
	return w.T("alarm.late", "number", t.Number)
}

// run is the clock that the milestone is of.
func (a AlarmView) run() sla.Run {
	t := a.View.Ticket
	r := map[sla.Clock]sla.Run{sla.ClockResponse: t.Response, sla.ClockHandoff: t.Handoff, sla.ClockMicrosoft: t.Microsoft, sla.ClockIncident: t.IncidentReminder}[a.Milestone.Clock]
	r.Due = a.Milestone.Due
	return r
}

func (a AlarmView) first(w i18n.Words) clockBand {
	c := clockBand{style: "warning", value: w.Time(a.Milestone.Due)}
	if a.late() && !a.reminds() {
		c.style = "attention"
	}
	switch {
	case a.Milestone.Clock == sla.ClockHandoff && a.late():
		c.label = w.T("alarm.filing_was_due")
	case a.Milestone.Clock == sla.ClockHandoff:
		c.label = w.T("alarm.filing_due")
	case a.Milestone.Clock == sla.ClockMicrosoft:
		c.label = w.T("alarm.microsoft_was_due")
	case a.past():
		c.label = w.T("alarm.past_due")
	case a.looks():
		c.label = w.T("alarm.look_due")
	case a.waits():
		c.label = w.T("alarm.wait_due")
	case a.late():
		c.label = a.wasDue(w)
	default:
		c.label = dueLabel(a.run(), w)
	}
	return c
}

// wasDue says what a due time that has passed is worth; the title says that it
// is late.
func (a AlarmView) wasDue(w i18n.Words) string {
	switch a.run().Basis {
	case sla.Estimate:
		return w.T("alarm.was_due_estimate")
	case sla.UpTo:
		return w.T("alarm.was_due_up_to")
	}
	return w.T("alarm.was_due")
}

// band is the due time, and below it what was true when this was written.
func (a AlarmView) band(w i18n.Words) element {
	c := a.first(w)
	sent := w.Clock(a.Sent)
	if a.late() {
		below := w.T("alarm.sent", "time", sent)
		if by := a.Sent.Sub(a.Milestone.Due); by >= time.Minute && !a.reminds() {
			below = w.T("alarm.sent_late", "span", w.Duration(by.Truncate(time.Minute)), "time", sent)
		}
		if next := a.next(w); next != "" {
			below += " " + next
		}
		return band(c.style, c.label, c.value, below)
	}
	left := a.Milestone.Due.Sub(a.Sent)
	return band(c.style, c.label, c.value, w.T("alarm.left", "count", units(left), "span", w.Duration(left), "time", sent))
}

// units is the number that the words for a span agree with: one hour was left,
// one hour and a half were.
func units(span time.Duration) int {
	if span == time.Hour || span == time.Minute || span == time.Second {
		return 1
	}
	return 2
}

// next says who hears of it next, and when.
func (a AlarmView) next(w i18n.Words) string {
	switch {
	case a.Next.Name != "":
	case a.reminds():
		return ""
	default:
		return w.T("alarm.next_none")
	}
	time := dueBeside(a.Next.At, a.Sent, w)
	switch {
	case slices.Contains(a.Next.To, sla.ToEscalation):
		return w.T("alarm.next_escalation", "time", time)
	case slices.Contains(a.Next.To, sla.ToLeads):
		return w.T("alarm.next_leads", "time", time)
	}
	return w.T("alarm.next_again", "time", time)
}

// assignee is a real mention in a conversation, which notifies; alone with the
// bot it is a name.
func (a AlarmView) assignee(w i18n.Words) (fact, []mention) {
	t := a.View.Ticket
	name := Mentionable(t.Assignee.Name)
	id := t.Assignee.TeamsID
	if id == "" {
		id = t.Assignee.ID
	}
	if !a.Shared || t.Assignee.Nobody() || name == "" {
		return assigneeFact(t, a.reader(), w), nil
	}
	at := "<at>" + name + "</at>"
	return fact{label: w.T("fact.assignee"), mention: at}, []mention{{Type: "mention", Text: at, Mentioned: mentioned{ID: id, Name: name}}}
}

// buttons are what helps now. They stand for everybody who reads along; who may
// not press one is told so.
func (a AlarmView) buttons(w i18n.Words) []button {
	t := a.View.Ticket
	ack := button{title: w.T("press.ticket_ack"), verb: TicketAck, data: a.data()}
	open := button{title: w.T("press.open"), verb: TicketShow, data: a.data()}
	respond := respondButton(t, a.data, w)
	take := button{title: w.T("press.ticket_assign"), verb: TicketAssign, data: a.data("to", "me")}
	sheet := button{title: w.T("press.ticket_sheet"), verb: TicketSheet, data: a.data()}
	switch {
	case a.Milestone.Clock == sla.ClockMicrosoft:
		return []button{respond.next(), a.portal(w), open}
	case a.looks():
		return a.lookButtons(open, take, sheet, w)
	case a.waits():
		return a.waitButtons(open, take, w)
	case t.Assignee.Nobody():
		return []button{take.next(), ack, open, respond.hidden()}
	case a.Milestone.Clock == sla.ClockHandoff:
		return []button{sheet.next(), ack, open, take.hidden()}
	case t.MicrosoftCase == "": // Microsoft cannot answer what it does not have
		return []button{sheet.next(), ack, open, respond.hidden(), take.hidden()}
	}
	return []button{respond.next(), ack, open, take.hidden()}
}

// foot says what the buttons do: people fear "Acknowledge".
func (a AlarmView) foot(w i18n.Words) string {
	t := a.View.Ticket
	switch {
	case a.Milestone.Clock == sla.ClockMicrosoft:
		return w.T("alarm.foot_microsoft")
	case a.past():
		return w.T("alarm.foot_past")
	case a.looks():
		return w.T("alarm.foot_look")
	case a.waits():
		return w.T("alarm.foot_wait")
	case a.Milestone.Clock == sla.ClockHandoff:
		return w.T("alarm.foot_handoff")
	case a.late() && t.Assignee.Nobody():
		return w.T("alarm.foot_late_nobody")
	case a.late():
		return w.T("alarm.foot_late")
	}
	return w.T("alarm.foot_due", "time", dueBeside(a.Milestone.Due, a.Sent, w))
}

// bundleRows is how many requests a card of many names; the board has the rest.
const bundleRows = 8

// MostAcked is how many requests one press on a bundle acknowledges: as many as
// are done before Teams waits too long for its answer.
const MostAcked = 100

// Alarms is one card for the milestones of many tickets in one conversation, the
// most urgent first. Acknowledging is for the presser's own: nobody silences
// other people's alarms in one press. Reminders to look again, and those of what
// waits, have cards of their own, because nothing of theirs is late. The card is drawn
// anew as its requests change; redrawn says that it names fewer than it did.
func Alarms(all []AlarmView, redrawn bool, w i18n.Words) Card {
	sent := all[0].Sent
	w = w.AsOf(sent)
	late, latest, nobodys := 0, all[0].Milestone.Due, 0
	reader := all[0].reader()
	var mine, numbers []int64
	for _, a := range all {
		if a.late() {
			late++
		}
		if a.Milestone.Due.After(latest) {
			latest = a.Milestone.Due
		}
		n := int64(a.View.Number)
		if !a.View.Hidden {
			numbers = append(numbers, n)
			if a.View.Assignee.Nobody() {
				nobodys++
			}
			if a.View.Assignee.Is(reader) && len(mine) < MostAcked {
				mine = append(mine, n)
			}
		}
	}
	title := w.T("bundle.heading", "count", len(all), "time", dueBeside(latest, sent, w), "late", late)
	if late == len(all) {
		title = w.T("bundle.all_late", "count", len(all))
	} else if late == 0 {
		title = w.T("bundle.none_late", "count", len(all), "time", dueBeside(latest, sent, w))
	}
	switch {
	case all[0].looks():
		title = w.T("bundle.look", "count", len(all))
	case all[0].waits():
		title = w.T("bundle.wait", "count", len(all))
	}
	body := []element{heading(title, "Medium"), small(w.T("bundle.as_of", "time", w.Time(sent))).space("None")}
	if redrawn {
		body = append(body, small(w.T("bundle.fewer")).space("None"))
	}
	for i, a := range all {
		if i == bundleRows {
			body = append(body, small(w.T("bundle.more", "count", len(all)-bundleRows)).space("Medium"))
			break
		}
		body = append(body, a.row(reader, w))
	}
	var list []button
	switch {
	case all[0].reminds(): // there is nothing to acknowledge
	case !all[0].Shared && len(mine) == 1:
		list = append(list, button{title: w.T("press.ack_mine"), verb: SLAAck, data: Data{"numbers": mine}, filled: true})
	case !all[0].Shared && len(mine) > 1:
		list = append(list, button{title: w.T("press.ack_my", "n", len(mine)), verb: SLAAck, data: Data{"numbers": mine}, filled: true})
	case all[0].Shared && len(numbers) > 0:
		list = append(list, button{title: w.T("press.ack_mine"), verb: SLAAck, data: Data{"numbers": numbers}, filled: true})
	}
	if nobodys > 0 {
		list = append(list, button{title: w.T("press.nobodys", "n", nobodys), verb: ListPage, data: listData(ListView{Filter: request.OnlyUnassigned}, 0)})
	}
	list = append(list, button{title: w.T("press.board"), verb: SLABoard})
	c := newCard(w, ended(title)+" "+w.T("list.speak_first", "row", all[0].spoken(w)), append(body, pack(list...))...)
	c.summary = title
	return c
}

// row is one of many: as in a list, with what is due where it is not the
// response.
func (a AlarmView) row(reader request.Person, w i18n.Words) element {
	t := a.View.Ticket
	if a.View.Hidden {
		c := box("", "Medium", rich(say(a.when(w)+" · "+t.Number.String()).bold(), say(" · "+lower(statusName(t.Status, w))).quiet()))
		c.Separator = true
		return c
	}
	c := row(t, reader, a.Sent, w)
	if a.Milestone.Clock != sla.ClockResponse && !a.reminds() { // the heading of many asks it once
		title := a.title(w)
		if a.late() {
			title = join(title, a.when(w)) // the row's own time is the response's
		}
		c.Items = append(c.Items, small(title).space("None"))
	}
	return c
}

func (a AlarmView) when(w i18n.Words) string {
	if a.late() && !a.reminds() {
		return w.T("row.late_since", "time", w.Short(a.Milestone.Due, a.Sent))
	}
	return w.Short(a.Milestone.Due, a.Sent)
}

func (a AlarmView) spoken(w i18n.Words) string {
	if a.View.Hidden {
		return a.View.Number.String()
	}
	return rowSpoken(a.View.Ticket, a.Sent, w)
}
