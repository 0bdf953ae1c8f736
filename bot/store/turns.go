package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	modernc "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
)

var _ bot.Store = (*Store)(nil)

// Turn is the one transaction of a turn, as bot.Store promises. The delivery comes
// last: a second one that runs at the same time waits for the first at the row that
// both change, or at the delivery itself, finds it there, and leaves nothing.
func (s *Store) Turn(ctx context.Context, session bot.Session, d bot.Delivery, work func(ctx context.Context, tx bot.Tx) (bot.StoredAnswer, error)) ([]outbox.Lease, error) {
	var leases []outbox.Lease
	err := s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		t := s.begin(db)
		t.customers = session.Customers
		answer, err := work(ctx, t)
		if err != nil {
			return err
		}
		leased, err := t.enqueue(ctx, true)
		if err == nil {
			err = t.delivered(ctx, d, answer)
		}
		if err == nil {
			err = t.flush(ctx)
		}
		leases = leased()
		return err
	})
	if deadlocked(err) {
		return nil, errors.Join(request.ErrStale, err)
	}
	if err != nil {
		s.leaveDemoted(err)
		return nil, wrap(err, "turn")
	}
	return leases, nil
}

// delivered keeps the answer of a turn that is about to be committed.
func (t *tx) delivered(ctx context.Context, d bot.Delivery, a bot.StoredAnswer) error {
	if d.Activity == "" {
		return nil
	}
	return t.later(ctx, "keep delivery", notDelivered, `insert into deliveries (conversation, activity, person_id, said, came_at, finished_at, status, body)
		values (?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (conversation, activity) do update set person_id = excluded.person_id, said = excluded.said, came_at = excluded.came_at,
			finished_at = excluded.finished_at, status = excluded.status, body = excluded.body
		where deliveries.finished_at <= ?`,
		d.Conversation, d.Activity, d.Person, d.Said, at(d.At), at(d.Done), a.Status, deflate(a.Body), int64(at(d.Done.Add(-bot.TurnKept))))
}

// notDelivered is bot.ErrDelivered for a delivery that was there already.
func notDelivered(rows int64) error {
	if rows == 0 {
		return bot.ErrDelivered
	}
	return nil
}

// Away says whether an error is the database's: it cannot be reached, is being
// replaced, is full or takes no writes, or did not answer in time.
func (s *Store) Away(err error) bool {
	var refused *pgconn.PgError
	var lite *modernc.Error
	var network net.Error
	var connecting *pgconn.ConnectError
	switch {
	case errors.As(err, &refused):
		class := refused.Code[:min(2, len(refused.Code))]
		// Connection, resources, operator's intervention, system, read-only, locks.
		return slices.Contains([]string{"08", "53", "57", "58", "25", "40", "55"}, class)
	case errors.As(err, &lite):
		return slices.Contains([]int{
			sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR,
			sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
		}, lite.Code()&0xff)
	}
	return errors.As(err, &network) || errors.As(err, &connecting) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, context.DeadlineExceeded)
}
