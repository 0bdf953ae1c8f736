package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"onbehalf/bot"
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

// UnreadableRows is what cannot be read in a table.
type UnreadableRows struct {
	Table, Key string
	Keys       []string // the first of them
	Count      int
}

// LookThrough reads every row that has a document, changes nothing, and says which cannot
// be read, with at most limit keys of each table. Where the context ends before, looked is
// what was read until then, and the error is the context's.
func (s *Store) LookThrough(ctx context.Context, limit int) (found []UnreadableRows, looked int, err error) {
	for _, table := range []struct {
		name, key string
		look      func(db *gorm.DB, each func(key any, err error)) error
	}{
		{"tickets", "number", through(func(r *ticketRow) (any, error) { _, err := r.ticket(); return r.Number, err })},
		{"customers", "tenant_id", through(func(r *customerRow) (any, error) { _, err := r.customer(); return r.TenantID, err })},
		{"outgoing", "id", through(func(r *outgoingRow) (any, error) { _, err := r.message(); return r.ID, err })},
		{"drafts", "form", through(func(r *draftRow) (any, error) { _, err := r.draft(); return r.Form, err })},
		{"members", "person_id", through(func(r *memberRow) (any, error) {
			return r.PersonID, decode(r.Document, &memberDocument{Member: &bot.Member{}})
		})},
		{"syncs", "source", through(func(r *syncRow) (any, error) { return r.Source, decode(r.Document, &syncDocument{}) })},
		{"incidents", "id", through(func(r *incidentRow) (any, error) { _, err := r.incident(); return r.ID, err })},
		{"events", "id", through(func(r *eventRow) (any, error) { _, err := r.event(); return r.ID, err })},
	} {
		rows := UnreadableRows{Table: table.name, Key: table.key}
		err = table.look(s.read.WithContext(ctx), func(key any, err error) {
			looked++
			if err == nil {
				return
			}
			if rows.Count++; len(rows.Keys) < limit {
				rows.Keys = append(rows.Keys, fmt.Sprint(key))
			}
		})
		if rows.Count > 0 {
			found = append(found, rows)
		}
		if ctx.Err() != nil {
			return found, looked, ctx.Err()
		}
		if err != nil {
			return found, looked, wrap(err, "look through %s", table.name)
		}
	}
	return found, looked, nil
}

// memberRow is what was kept of a member.
type memberRow struct {
	PersonID string
	Document string
}

func (memberRow) TableName() string { return "members" }

// through reads a table row by row.
func through[R any](read func(*R) (key any, err error)) func(db *gorm.DB, each func(key any, err error)) error {
	return func(db *gorm.DB, each func(key any, err error)) error {
		rows, err := db.Model(new(R)).Rows()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			row := new(R)
			if err := db.ScanRows(rows, row); err != nil {
				return err
			}
			each(read(row))
		}
		return rows.Err()
	}
}
