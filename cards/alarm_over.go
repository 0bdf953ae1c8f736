package cards

import (
	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// AlarmOver replaces an alarm whose request was taken, acknowledged or answered: one
// line that says who did what, without color. The doer reads "you" in their own chat.
// Who has the request now, and is still to act, gets one plain button there: the line
// takes the place of the card on which they pressed. Of a fraud case that is hidden it
// tells only the status.
func AlarmOver(v TicketView, e request.Event, w i18n.Words) Card {
	if v.View.Hidden {
		return quietLine(w.T("notices.changed_hidden", "number", v.View.Number, "status", statusName(v.View.Status, w)), w)
	}
	said := entrySentence(e, w)
	if key := entryKey(e) + "_you"; e.By.Is(v.reader()) && w.Has(key) {
		said = w.T(key, "when", w.TimeDay(e.At))
	}
	c := quietLine(w.T("notices.line", "number", v.View.Number, "line", said), w)
	if t := v.View.Ticket; !v.Shared && t.Assignee.Is(v.reader()) && !t.Over() && t.RespondedAt.IsZero() {
		c.body = append(c.body, pack(button{title: w.T("press.open"), verb: TicketShow, data: v.data(), alone: true}))
	}
	return c
}

// AlarmReplaced replaces an alarm after which a newer one of the same request and
// clock was posted in the same conversation.
func AlarmReplaced(n request.Number, w i18n.Words) Card {
	return quietLine(w.T("alarm.replaced", "number", n), w)
}

// AlarmsOver replaces a bundle of which nothing warns any more.
func AlarmsOver(w i18n.Words) Card { return quietLine(w.T("bundle.over"), w) }

func quietLine(line string, w i18n.Words) Card {
	c := newCard(w, line, rich(say(line).quiet()))
	c.summary = line
	return c
}
