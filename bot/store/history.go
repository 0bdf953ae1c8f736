package store

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onbehalf/bot/request"
)

// eventRow is one entry of a history. The database refuses to change or delete
// one.
type eventRow struct {
	ID        int64 `gorm:"primaryKey"`
	Ticket    int64
	At        instant
	Person    string
	What      string
	FromValue string
	ToValue   string
	Text      string
	Origin    string
	Revision  int
}

func (eventRow) TableName() string { return "events" }

func rowOfEvent(e *request.Event) (*eventRow, error) {
	person, err := encode(e.By)
	return &eventRow{
		Ticket: int64(e.Ticket), At: at(e.At), Person: person, What: e.What, FromValue: e.From, ToValue: e.To,
		Text: e.Text, Origin: e.Origin, Revision: e.Revision,
	}, err
}

func (r eventRow) event() (request.Event, error) {
	e := request.Event{
		ID: r.ID, Ticket: request.Number(r.Ticket), At: r.At.time(), What: r.What, From: r.FromValue, To: r.ToValue,
		Text: r.Text, Origin: r.Origin, Revision: r.Revision,
	}
	return e, decode(r.Person, &e.By)
}

func (s reads) readEvents(ctx context.Context, where string, args ...any) ([]request.Event, error) {
	var events []request.Event
	err := s.query(ctx, func(scan func(into ...any) error) error {
		var r eventRow
		if err := scan(&r.ID, &r.Ticket, &r.At, &r.Person, &r.What, &r.FromValue, &r.ToValue, &r.Text, &r.Origin, &r.Revision); err != nil {
			return err
		}
		e, err := r.event()
		events = append(events, e)
		return err
	}, "select id, ticket, at, person, what, from_value, to_value, text, origin, revision from events where "+where, args...)
	return events, err
}

// Record adds an entry to the history, sets its ID, and makes its text one that
// "find" looks through.
func (t *tx) Record(ctx context.Context, e *request.Event) error {
	row, err := rowOfEvent(e)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("record %s on %s", e.What, e.Ticket)
	values := []any{row.Ticket, row.At, row.Person, row.What, row.FromValue, row.ToValue, row.Text, row.Origin, row.Revision}
	if e.ID, t.event = t.event, 0; e.ID != 0 {
		err = t.later(ctx, what, nil, `insert into events (ticket, at, person, what, from_value, to_value, text, origin, revision, id)
			overriding system value values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(values, e.ID)...)
	} else {
		_, err = t.one(ctx, []any{&e.ID}, `insert into events (ticket, at, person, what, from_value, to_value, text, origin, revision)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning id`, values...)
		err = wrap(err, "%s", what)
	}
	if err != nil {
		return err
	}
	return t.addRemark(ctx, e.Ticket, e.Text)
}

// nextEvent takes the id of an entry with what locks its ticket, where waiting for it
// afterwards would take a round trip. Within a ticket ids rise all the same.
func (s reads) nextEvent() string {
	if s.postgres {
		return "nextval('events_id_seq')"
	}
	return "0"
}

// History gives a ticket's entries, newest first, below the id before.
func (s reads) History(ctx context.Context, n request.Number, before int64, limit int) ([]request.Event, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	events, err := s.readEvents(ctx, "ticket = ? and id < ? order by id desc limit ?", int64(n), before, limit)
	return events, wrap(err, "history of %s", n)
}

// EventsSince gives the entries made after the revision, oldest first.
func (s reads) EventsSince(ctx context.Context, n request.Number, revision int) ([]request.Event, error) {
	events, err := s.readEvents(ctx, "ticket = ? and revision > ? order by id", int64(n), revision)
	return events, wrap(err, "history of %s", n)
}

// policyRow keeps the text of a policy that tickets were opened under.
type policyRow struct {
	ID   string `gorm:"primaryKey"`
	Body string
}

func (policyRow) TableName() string { return "policies" }

// ErrNoPolicy means that no policy was kept under an id.
var ErrNoPolicy = errors.New("policy not found")

// PolicyText gives a policy by its id, or ErrNoPolicy.
func (s reads) PolicyText(ctx context.Context, id string) ([]byte, error) {
	var row policyRow
	if err := take(s.db.WithContext(ctx), &row, ErrNoPolicy, "id = ?", id); err != nil {
		return nil, wrap(err, "load policy %s", id)
	}
	return []byte(row.Body), nil
}

// SavePolicy keeps a policy; keeping it again is harmless.
func (t *tx) SavePolicy(ctx context.Context, id string, text []byte) error {
	return savePolicy(t.with(ctx), id, text)
}

// SavePolicy keeps a policy outside of any turn.
func (s *Store) SavePolicy(ctx context.Context, id string, text []byte) error {
	return savePolicy(s.write.WithContext(ctx), id, text)
}

func savePolicy(db *gorm.DB, id string, text []byte) error {
	err := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&policyRow{ID: id, Body: string(text)}).Error
	return wrap(err, "keep policy %s", id)
}
