package cards

import (
	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// whyRows is how many counted spans and skipped days are listed each; a business
// clock of hours rarely touches more.
const whyRows = 31

// Why explains a ticket's due time: the band, the budget and its clock, every
// span that counted, in the reader's zone and where it differs in the calendar's,
// and every day that did not.
func Why(v TicketView, e sla.Explanation, w i18n.Words) Card {
	t := v.View.Ticket
	w = w.AsOf(t.UpdatedAt)
	b := v.clock(w)
	body := []element{titleRow(join(t.Number.String(), w.T("why.title")), severityCorner(t.Severity, w))}
	body = append(body, subject(t, w, "Small")...)
	body = append(body, band(b.style, b.label, b.value, b.below...))
	switch {
	case e.Run.Clock == "": // it starts with filing, as the band says
	case e.Run.None():
		body = append(body, text(w.T("why.none")).space("Medium"))
	default:
		// The calendar's name comes from the customer's record, so it is no Markdown.
		body = append(body, rich(say(w.T("why.budget_"+string(e.Run.Mode), "span", budget(e.Run, w),
			"calendar", UserText(e.Run.Calendar).line(nameCut), "zone", e.Zone.String()))).space("Medium"))
		body = append(body, counted(e, w)...)
		body = append(body, skipped(e, w)...)
	}
	if e.Kept {
		body = append(body, text(w.T("why.kept")).space("Small"))
	}
	if e.Run.HolidaysUnknown {
		body = append(body, rich(say(w.T("note.holidays_unknown", "calendar", UserText(e.Run.Calendar).line(nameCut)))).space("Small"))
	}
	body = append(body, pack(button{title: w.T("ask.back"), verb: TicketShow, data: v.data(), alone: true}))
	return newCard(w, w.T("why.speak", "number", t.Number)+" "+b.spoken(), body...)
}

// Acked answers the button of a bundle: how many of the presser's own were
// acknowledged, and which there was no time for. It leads on to what is still late.
func Acked(count int, left []request.Number, w i18n.Words) Card {
	done := w.T("desk.acked_many", "count", count)
	list := []button{{title: w.T("press.board"), verb: SLABoard}, {title: w.T("filter.mine"), verb: ListPage, data: Data{"filter": "mine", "offset": 0}}}
	if len(left) == 0 {
		return newCard(w, done, rich(say(done).bold()), pack(list...))
	}
	again := w.T("desk.acked_left", "count", len(left))
	more := button{title: w.T("press.ack_mine"), verb: SLAAck, data: Data{"numbers": left}, filled: true}
	return newCard(w, done+" "+again, rich(say(done+" ").bold(), say(again)), pack(append([]button{more}, list...)...))
}

// counted lists the spans, each with what was left of the budget after it.
func counted(e sla.Explanation, w i18n.Words) []element {
	rows := []element{small(w.T("why.counted")).space("Medium")}
	for i, span := range e.Counted {
		if i == whyRows {
			return append(rows, small(w.T("why.more", "count", len(e.Counted)-whyRows)))
		}
		key := "why.span"
		if span.Left == 0 {
			key = "why.span_last"
		}
		line := w.T(key, "span", w.Span(span.From, span.To), "length", w.Duration(span.Length()), "left", w.Duration(span.Left))
		space := "Small" // each span may take two lines
		if i == 0 {
			space = "None"
		}
		rows = append(rows, text(line).space(space))
		if there := w.In(e.Zone); e.Run.Mode == sla.Business && there.Time(span.From) != w.Time(span.From) {
			rows = append(rows, small(w.T("why.span_there", "span", there.Span(span.From, span.To))).space("None"))
		}
	}
	return rows
}

// skipped lists the days on which nobody works.
func skipped(e sla.Explanation, w i18n.Words) []element {
	if len(e.Skipped) == 0 {
		return nil
	}
	there := w.In(e.Zone)
	rows := []element{small(w.T("why.skipped")).space("Medium")}
	for i, day := range e.Skipped {
		if i == whyRows {
			return append(rows, small(w.T("why.more", "count", len(e.Skipped)-whyRows)))
		}
		reason := w.T("why." + closures[day.Closed])
		if day.Name != "" {
			reason = day.Name
		}
		rows = append(rows, rich(say(there.Day(day.Date)+": "), say(reason)).space("None"))
	}
	return rows
}

// closures are the catalogue's words for why a day is closed.
var closures = map[sla.Closure]string{sla.DayOff: "day_off", sla.Holiday: "holiday", sla.ClosedDate: "closed_date"}
