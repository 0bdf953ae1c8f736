package cards

import (
	"strings"

	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// History shows a ticket's entries, newest first, each with the words that were
// written. before is the id below which the next page goes on; 0 says that there
// are no older ones.
func History(v TicketView, events []request.Event, before int64, w i18n.Words) Card {
	t := v.View.Ticket
	w = w.AsOf(t.UpdatedAt)
	head := []element{titleRow(join(t.Number.String(), w.T("history.title")), severityCorner(t.Severity, w))}
	head = append(head, subject(t, w, "Small")...)
	for limit := historyCut; ; {
		body := append([]element{}, head...)
		for _, e := range events {
			body = append(body, entry(e, limit, w))
		}
		buttons := []button{{title: w.T("ask.back"), verb: TicketShow, data: v.data(), alone: true}}
		if before > 0 {
			buttons = append([]button{{title: w.T("history.older"), verb: TicketHistory, data: v.data("before", before), alone: true}}, buttons...)
		}
		speak := w.T("history.speak", "number", t.Number, "count", len(events))
		c := newCard(w, speak, append(body, pack(buttons...))...)
		switch {
		case c.Size() <= Limit || limit < excerpt/2:
			return c
		case len(events) > 1: // the rest stands on the next page, whole
			events = events[:len(events)-1]
			before = events[len(events)-1].ID
		default:
			limit /= 2
		}
	}
}

// historyCut is how much of each text the history shows, which is all of it. More
// entries than fit into a card go to the next page.
const historyCut = 4000

// HistoryPage is how many entries a page has.
const HistoryPage = 8

func entry(e request.Event, limit int, w i18n.Words) element {
	items := []element{rich(say(entrySentence(e, w)).quiet())}
	if e.Text != "" {
		items = append(items, rich(UserText(e.Text).run(limit)).space("None"))
	}
	c := box("", "Medium", items...)
	c.Separator = true
	return c
}

// entrySentence is an entry of the history in one sentence: who did what, when.
func entrySentence(e request.Event, w i18n.Words) string {
	who := UserText(e.By.Name).line(nameCut)
	switch {
	case who != "": // Partner Center too, which is no person
	case e.By.Nobody():
		who = w.T("event.bot")
	default:
		who = w.T("ticket.unnamed")
	}
	key := entryKey(e)
	if !w.Has(key) {
		key = "event.changed"
	}
	said := w.T(key, "who", who, "when", w.TimeDay(e.At), "from", worded(valueOf(e), e.From, w), "to", worded(valueOf(e), e.To, w))
	if strings.HasPrefix(said, w.T("ticket.unnamed")) {
		return capital(said)
	}
	return said
}

// entryKey names the sentence of an entry. What the bot did by the clock has the
// milestone's name in To, such as "handoff/breach": each clock has its own words.
func entryKey(e request.Event) string {
	clock, kind, _ := strings.Cut(e.To, "/")
	switch {
	case e.What == "assigned" && e.To == e.By.Name:
		return "event.taken"
	case e.What == "watched" && e.To == e.By.Name:
		return "event.watching"
	case e.What == "unwatched" && e.To == e.By.Name:
		return "event.watching_no_more"
	case e.What == "warned" && clock == string(sla.ClockHandoff):
		return "event.warned_handoff"
	case e.What == "warned" && strings.HasPrefix(kind, string(sla.Repeat)):
		return "event.repeated"
	case e.What == "reminded" && clock == string(sla.ClockWaiting):
		return "event.reminded_waiting"
	case e.What == "breached" && clock == string(sla.ClockHandoff):
		return "event.breached_handoff"
	case e.What == "breached" && clock == string(sla.ClockMicrosoft):
		return "event.breached_microsoft"
	}
	return "event." + e.What
}

// valueOf says what an entry's From and To are.
func valueOf(e request.Event) string {
	switch e.What {
	case "severity":
		return "severity"
	case "assigned", "released", "watched", "unwatched", "filed", "unreachable", "warned", "breached", "escalated", "reminded":
		return "name"
	case "incident", "incident_over":
		return "incident_status"
	}
	return "status"
}
