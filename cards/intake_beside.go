package cards

import (
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

// ResumeForm asks a person who has an unfinished form, and said "new" again,
// whether to go on with it. Line is what stood behind that word, which a form that is
// started anew takes; it may be empty.
func ResumeForm(d intake.Draft, line string, w i18n.Words) Card {
	data, anew := FormData(d.Form, d.Version), FormData(d.Form, d.Version)
	w = w.AsOf(d.Started)
	body := []element{
		heading(w.T("resume.heading"), "Medium"),
		text(w.T("resume.since", "started", w.TimeDay(d.Started), "until", w.TimeDay(d.Expires))).space("Small"),
	}
	if d.Answers.Title != "" && d.Personal {
		body = append(body, rich(say(w.T("resume.title")+" ").quiet(), UserText(d.Answers.Title).run(excerpt)).space("Small"))
	}
	if d.Next != nil {
		body = append(body, rich(say(w.T("resume.message")+" ").quiet(), UserText(d.Next.Answers.Title).run(excerpt)).space("Small"))
	}
	if line != "" {
		anew["line"] = line
		body = append(body, rich(say(w.T("resume.line")+" ").quiet(), UserText(line).run(excerpt)).space("Small"))
	}
	body = append(body, pack(
		button{title: w.T("press.resume"), verb: IntakeResume, data: data, filled: true},
		button{title: w.T("press.restart"), verb: IntakeRestart, data: anew},
		button{title: w.T("press.discard"), verb: IntakeCancel, data: data}))
	return newCard(w, w.T("resume.speak"), body...)
}

// FormGone answers a press on a form that does not exist any more: cancelled, or
// older than its 24 hours.
func FormGone(w i18n.Words) Card {
	return newCard(w, w.T("gone.heading")+" "+w.T("gone.why"),
		heading(w.T("gone.heading"), "Medium"),
		text(w.T("gone.why")).space("Small"),
		pack(newRequest(w).next(), mine(w)))
}

// FormCancelled is what a form becomes when it was cancelled.
func FormCancelled(w i18n.Words) Card {
	return newCard(w, w.T("cancelled.heading")+" "+w.T("cancelled.nothing"),
		heading(w.T("cancelled.heading"), "Medium"),
		text(w.T("cancelled.nothing")).space("Small"),
		pack(newRequest(w)))
}

// FormFiled takes the place of a form that its owner alone saw, when it was filed.
func FormFiled(n request.Number, w i18n.Words) Card {
	said := w.T("filed.heading", "number", n)
	return newCard(w, said, text(said), pack(button{title: w.T("press.open"), verb: TicketShow, data: Data{"number": int64(n)}, alone: true}))
}

func newRequest(w i18n.Words) button {
	return button{title: w.T("press.new"), verb: IntakeStart, alone: true}
}

// newRequestHere is the same on a card that says how the bot is called, because others read
// along where it stands: there the form opens as a dialog, so that nothing half-filled is
// public.
func newRequestHere(w i18n.Words) button {
	b := newRequest(w)
	b.opensDialog = w.Front() != ""
	return b
}

// PrivateNotice tells somebody who pressed another person's form, and nobody
// else, that it is not theirs.
func PrivateNotice(owner request.Person, w i18n.Words) Card {
	name := UserText(owner.Name).line(nameCut)
	if name == "" {
		name = w.T("ticket.unnamed")
	}
	return newCard(w, w.T("private.heading", "name", name)+" "+w.T("private.instead"),
		rich(say(w.T("private.heading", "name", name)).bold()),
		text(w.T("private.instead")).space("Small"),
		pack(newRequest(w)))
}

// OutOfScope says where a problem goes that is not for this process. What was
// typed is kept, and there is a way back if the bot is wrong.
func OutOfScope(d intake.Draft, o intake.OutOfScope, w i18n.Words) Card {
	title := w.T("scope_title." + o.Code)
	said := sentence(w, "scope."+o.Code, o.Args)
	data := FormData(d.Form, d.Version)
	body := []element{heading(title, "Medium"), rich(say(said)).space("Small")}
	body = append(body, rich(say(w.T("scope_do.lead")+" ").bold(), say(w.T("scope_do."+o.Code))).space("Small"))
	if d.Answers.Title != "" {
		quoted := w.T("scope.quoted", "text", UserText(d.Answers.Title).line(excerpt))
		body = append(body, rich(say(w.T("scope.kept")+" ").quiet(), UserText(quoted).run(excerpt+2)).space("Medium").line())
	}
	var buttons []button
	if !o.Link.None() {
		buttons = append(buttons, button{title: w.T("link." + o.Link.Name), url: o.Link.URL, filled: true})
	}
	back := button{title: w.T("press.scope_back"), verb: IntakeBack, data: data}
	if o.Field == "topic" {
		back = button{title: w.T("press.scope_" + o.Code), verb: IntakeNext, data: FormData(d.Form, d.Version, "scope", "confirmed")}
	}
	buttons = append(buttons, back, button{title: w.T("press.discard"), verb: IntakeCancel, data: data, alone: true})
	return newCard(w, title+". "+said, append(body, pack(buttons...))...)
}

// FormBelow takes the place of the card whose button opened a form in a message
// of its own, in the presser's view.
func FormBelow(w i18n.Words) Card {
	said := w.T("form.below")
	return newCard(w, said, text(said))
}
