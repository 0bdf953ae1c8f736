package store

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"

	"onbehalf/bot/request"
)

// exportBatch is how many tickets are read at once.
const exportBatch = 100

// EachTicket hands over every ticket with its whole history, oldest entry first, in the
// order of their numbers; where closedBefore is not zero only those that were closed or
// withdrawn before it. A ticket and its history are of one instant. Numbers whose row
// cannot be read are given back: everything else goes on. What each returns ends it.
func (s *Store) EachTicket(ctx context.Context, closedBefore time.Time, each func(t request.Ticket, history []request.Event) error) (unreadable []request.Number, err error) {
	options := &sql.TxOptions{}
	if s.postgres {
		options = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	for after := int64(0); ; {
		var rows []ticketRow
		history := map[int64][]eventRow{}
		err := s.read.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			tickets := db.Where("number > ?", after).Order("number").Limit(exportBatch)
			if !closedBefore.IsZero() {
				tickets = tickets.Where("closed_at < ?", int64(at(closedBefore)))
			}
			if err := tickets.Find(&rows).Error; err != nil || len(rows) == 0 {
				return err
			}
			var numbers []int64
			for _, row := range rows {
				numbers = append(numbers, row.Number)
			}
			var events []eventRow
			if err := db.Where("ticket in ?", numbers).Order("ticket, id").Find(&events).Error; err != nil {
				return err
			}
			for _, e := range events {
				history[e.Ticket] = append(history[e.Ticket], e)
			}
			return nil
		}, options)
		if err != nil || len(rows) == 0 {
			return unreadable, wrap(err, "read tickets")
		}
		for i := range rows {
			after = rows[i].Number
			t, events, err := whole(&rows[i], history[after])
			if err != nil {
				s.unreadable("ticket", err)
				unreadable = append(unreadable, request.Number(after))
				continue
			}
			if err := each(*t, events); err != nil {
				return unreadable, err
			}
		}
	}
}

// whole is a ticket and its history, all of it or nothing.
func whole(row *ticketRow, history []eventRow) (*request.Ticket, []request.Event, error) {
	t, err := row.ticket()
	if err != nil {
		return nil, nil, err
	}
	events := make([]request.Event, len(history))
	for i, r := range history {
		if events[i], err = r.event(); err != nil {
			return nil, nil, wrap(err, "history of %s", t.Number)
		}
	}
	return t, events, nil
}
