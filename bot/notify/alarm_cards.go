package notify

import (
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// single is the card of one alarm.
func (a alarm) single() teams.Message {
	return a.message(cards.Ticket(a.TicketView, a.words))
}

// bundle is one card for the alarms of many tickets.
func (l *Lanes) bundle(alarms []alarm) teams.Message {
	return teams.Message{Text: alarms[0].View.Ticket.Number.String()}
}
