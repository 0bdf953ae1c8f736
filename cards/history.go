package cards

import (
	"onbehalf/bot/i18n"
	"onbehalf/bot/ticket"
)

// entrySentence is an entry of the history in one sentence: who did what, when.
func entrySentence(e ticket.Event, w i18n.Words) string {
	who := Foreign(e.By.Name).line(nameCut)
	if e.By.Nobody() {
		who = w.T("event.bot")
	} else if who == "" {
		who = w.T("ticket.unnamed")
	}
	key := "event." + e.What
	switch {
	case e.What == "assigned" && e.To == e.By.Name:
		key = "event.taken"
	case !w.Has(key):
		key = "event.changed"
	}
	return w.T(key, "who", who, "when", w.TimeDay(e.At), "from", worded(valueOf(e), e.From, w), "to", worded(valueOf(e), e.To, w))
}

// valueOf says what an entry's From and To are.
func valueOf(e ticket.Event) string {
	switch e.What {
	case "severity":
		return "severity"
	case "assigned", "watched", "unwatched", "filed", "unreachable", "warned", "breached", "escalated":
		return "name"
	}
	return "status"
}
