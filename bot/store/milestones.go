package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"onbehalf/bot/request"
)

// milestoneRow says that a milestone was fired.
type milestoneRow struct {
	Ticket    int64
	Epoch     int
	Milestone string
	DueAt     instant
	FiredAt   instant
}

func (milestoneRow) TableName() string { return "milestones" }

// DueTickets locks the tickets whose next milestone is at or before now. One that
// cannot be read is due again after an hour.
func (t *tx) DueTickets(ctx context.Context, now time.Time, limit int) ([]*request.Ticket, error) {
	var rows []ticketRow
	err := skipLocked(t.with(ctx)).Where("next_due_at <= ?", int64(at(now))).Order("next_due_at").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, wrap(err, "look for due tickets")
	}
	var due []*request.Ticket
	var broken []int64
	for i := range rows {
		read, err := rows[i].ticket()
		if err != nil {
			t.store.unreadable("ticket", err)
			broken = append(broken, rows[i].Number)
			continue
		}
		due = append(due, read)
	}
	if len(broken) > 0 {
		err = t.with(ctx).Model(&ticketRow{}).Where("number in ?", broken).Update("next_due_at", at(now.Add(lookAgain))).Error
	}
	return due, wrap(err, "set tickets aside")
}

// FiredAll writes milestones down in one statement, and says of each whether it
// was not there yet.
func (t *tx) FiredAll(ctx context.Context, all []request.Fired) ([]bool, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var args []any
	for _, f := range all {
		args = append(args, int64(f.Ticket), f.Epoch, f.Milestone, at(f.Due), at(f.At))
	}
	var written []milestoneRow
	err := t.with(ctx).Raw(`insert into milestones (ticket, epoch, milestone, due_at, fired_at) values `+
		rowsOfMarks(len(all), "(?, ?, ?, ?, ?)")+` on conflict do nothing returning ticket, epoch, milestone`, args...).Scan(&written).Error
	if err != nil {
		return nil, wrap(err, "fire milestones")
	}
	type key struct {
		ticket    int64
		epoch     int
		milestone string
	}
	new := map[key]bool{}
	for _, row := range written {
		new[key{row.Ticket, row.Epoch, row.Milestone}] = true
	}
	fresh := make([]bool, len(all))
	for i, f := range all {
		k := key{int64(f.Ticket), f.Epoch, f.Milestone}
		fresh[i] = new[k]
		delete(new, k) // the same one twice in one call is new once
	}
	return fresh, nil
}

// KeepFired keeps what firing changed of tickets that this transaction has
// locked, and the entries that it left, in two statements.
func (t *tx) KeepFired(ctx context.Context, tickets []*request.Ticket, entries []*request.Event) error {
	db := t.with(ctx)
	if err := keepFired(db, tickets); err != nil {
		return wrap(err, "keep fired tickets")
	}
	rows := make([]*eventRow, len(entries))
	for i, e := range entries {
		var err error
		if rows[i], err = rowOfEvent(e); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := db.Create(rows).Error; err != nil {
		return wrap(err, "record milestones")
	}
	for i, row := range rows {
		entries[i].ID = row.ID
	}
	return nil
}

func keepFired(db *gorm.DB, tickets []*request.Ticket) error {
	if len(tickets) == 0 {
		return nil
	}
	const marks = "(cast(? as bigint), cast(? as bigint), cast(? as bigint), cast(? as text))"
	var args []any
	for _, t := range tickets {
		fired, err := firedOf(*t)
		if err != nil {
			return err
		}
		args = append(args, int64(t.Number), t.Revision, at(t.NextDueAt), fired)
	}
	result := db.Exec(`update tickets set revision = tickets.revision + 1, next_due_at = v.column3, fired = v.column4
		from (values `+rowsOfMarks(len(tickets), marks)+`) as v where tickets.number = v.column1 and tickets.revision = v.column2`, args...)
	if result.Error != nil {
		return result.Error
	}
	if int(result.RowsAffected) != len(tickets) {
		return request.ErrStale
	}
	for _, t := range tickets {
		t.Revision++
	}
	return nil
}

// rowsOfMarks repeats the marks of one row of values.
func rowsOfMarks(n int, marks string) string {
	return strings.TrimSuffix(strings.Repeat(marks+", ", n), ", ")
}

// NextDue is the earliest milestone of all tickets, zero when none is left.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var due []int64
	err := s.db.WithContext(ctx).Model(&ticketRow{}).Where("next_due_at is not null").
		Order("next_due_at").Limit(1).Pluck("next_due_at", &due).Error
	if err != nil || len(due) == 0 {
		return time.Time{}, wrap(err, "look for the next milestone")
	}
	return time.UnixMilli(due[0]).UTC(), nil
}
