package store

import (
	"time"

	"gorm.io/gorm"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
)

// setAside is the queue of messages that cannot be read. Nobody sends from it: an
// operator who mends such a row puts its queue back as well.
const setAside = "unreadable"

// lookAgain is when a ticket whose row cannot be read is due again.
const lookAgain = time.Hour

// unreadable reports a row that cannot be read, such as one that was changed by hand.
func (s *Store) unreadable(what string, err error) {
	if s.Unreadable != nil {
		s.Unreadable(what, err)
	}
}

// messagesOf reads messages. Those that cannot be read leave their queue, which goes on
// without them; db must be able to write.
func (s reads) messagesOf(db *gorm.DB, rows []outgoingRow) (messages []outbox.Message, aside int, err error) {
	var broken []int64
	for _, row := range rows {
		m, err := row.message()
		if err != nil {
			s.store.unreadable("message", err)
			broken = append(broken, row.ID)
			continue
		}
		messages = append(messages, m)
	}
	if len(broken) > 0 {
		err = db.Model(&outgoingRow{}).Where("id in ?", broken).Update("queue", setAside).Error
	}
	return messages, len(broken), err
}

// ticketsOf reads tickets, all that can be read.
func (s reads) ticketsOf(rows []ticketRow) []request.Ticket {
	tickets := make([]request.Ticket, 0, len(rows))
	for i := range rows {
		t, err := rows[i].ticket()
		if err != nil {
			s.store.unreadable("ticket", err)
			continue
		}
		tickets = append(tickets, *t)
	}
	return tickets
}
