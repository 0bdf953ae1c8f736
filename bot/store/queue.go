package store

import (
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"onbehalf/bot/outbox"
)

// readQueue gives the messages of a queue: all of them, or of a long queue the first
// that may go, what must go before them, and the milestones, because one card tells
// them all. It also says how many could not be read and were set aside.
func (s reads) readQueue(db *gorm.DB, queue string, waiting int, now time.Time) (messages []outbox.Message, aside int, err error) {
	db = db.Where("queue = ?", queue).Session(&gorm.Session{})
	var rows []outgoingRow
	if waiting <= outbox.BatchLimit {
		if err := db.Order("id").Limit(2 * outbox.BatchLimit).Find(&rows).Error; err != nil {
			return nil, 0, err
		}
		return s.messagesOf(db, rows)
	}
	due := db.Where("not_before is null or not_before <= ? or not_before > ?", int64(at(now)), int64(at(now.Add(longestWait)))).Session(&gorm.Session{})
	if err := due.Order("rank, id").Limit(outbox.BatchLimit).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	more, err := before(due, rows)
	if err != nil {
		return nil, 0, err
	}
	rows = append(rows, more...)
	if slices.ContainsFunc(rows, func(r outgoingRow) bool { return r.Kind == outbox.BundleKind }) {
		if err := due.Where("kind = ?", outbox.BundleKind).Order("id").Limit(outbox.BundleLimit).Find(&more).Error; err != nil {
			return nil, 0, err
		}
		rows = append(rows, more...)
	}
	slices.SortFunc(rows, func(a, b outgoingRow) int { return int(a.ID - b.ID) })
	return s.messagesOf(db, slices.CompactFunc(rows, func(a, b outgoingRow) bool { return a.ID == b.ID }))
}

// before reads what must go before the first of a long queue, because it was left
// before them and is about the same requests or cards.
func before(due *gorm.DB, first []outgoingRow) (all []outgoingRow, err error) {
	last := int64(0)
	tickets, handles := map[int64]bool{}, map[string]bool{}
	for _, row := range first {
		if row.Rank == first[0].Rank {
			last = max(last, row.ID)
			all = append(all, row)
		}
	}
	for known := -1; ; {
		for _, row := range all {
			if row.Ticket != 0 {
				tickets[row.Ticket] = true
			}
			if row.Handle != "" {
				handles[row.Handle] = true
			}
		}
		if len(tickets)+len(handles) == known {
			return all, nil
		}
		known = len(tickets) + len(handles)
		err := due.Where("(ticket in ? or handle in ?) and id < ?", slices.Collect(maps.Keys(tickets)), slices.Collect(maps.Keys(handles)), last).
			Order("id").Limit(outbox.BatchLimit).Find(&all).Error
		if err != nil {
			return nil, err
		}
	}
}
