package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"onbehalf/bot/notify"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
)

var _ notify.Store = (*Store)(nil)

// Store is a database that is open. Its methods may be called from many
// goroutines; several processes may share one PostgreSQL database.
type Store struct {
	// Now is this machine's clock. Change it before the store is used.
	Now func() time.Time
	// Trace sees each statement before it runs, and "begin", "commit" and "committed".
	// What it returns is the statement's error, as if the process had died there. Nil
	// lets everything through; change it before the store is used.
	Trace func(statement string) error
	// Unreadable hears of rows that cannot be read and were set aside, "message", "ticket"
	// or "sync"; nil hears nothing. Change it before the store is used.
	Unreadable func(what string, err error)

	reads // from the pool for reading
	// write and read are the same pool on PostgreSQL. On SQLite, write has one
	// connection, and read several that can't write.
	write, read *gorm.DB
	pools       []*sql.DB
	// Unprepared says that PostgreSQL prepares nothing for this store, because a pooler in
	// transaction mode that keeps no prepared statements stands before it (pgbouncer below
	// 1.21, or without max_prepared_statements), or the address asks for that. All works, and
	// each statement is planned anew.
	Unprepared bool

	// migrators opens the pool that migrations run on.
	migrators func() (*sql.DB, error)
	// room says whether there is space for what a turn writes; nil where a server says so.
	room func() error
	// beside says whether a process of a release before the outbox has the database
	// open.
	beside func(ctx context.Context, pool *sql.DB) (bool, error)
	leases leases
	owner  string // names this process in leases
	tokens atomic.Int64
	cache  customerCache
	skew   atomic.Int64 // of PostgreSQL's clock against ours, in nanoseconds
	// demoted is when the server last said that it takes no writes, in nanoseconds since
	// the store was opened.
	demoted atomic.Int64
	opened  time.Time
}

// reads is what can be read, from the pool or inside of a transaction.
type reads struct {
	store    *Store
	db       *gorm.DB
	postgres bool
	// customers is the version of the customers that this turn goes by, 0 for reading
	// them as they are.
	customers int64
}

// ready completes a store whose pools are open.
func (s *Store) ready(postgres bool) *Store {
	s.owner = rand.Text()
	s.reads = reads{store: s, db: s.read, postgres: postgres}
	return s
}

// Clock is the time that all processes on one database share: PostgreSQL's own, as
// far as this machine's clock differs from it, else this machine's.
func (s *Store) Clock() time.Time { return s.Now().Add(time.Duration(s.skew.Load())) }

// Open opens the database at databaseURL, "postgres://…" or "sqlite:PATH", and
// makes sure that it answers. A SQLite file that does not exist is created. The
// schema is left as it is: see [Store.Migrate]. Errors are one line that says
// what to do, and never hold a password.
func Open(ctx context.Context, databaseURL string) (*Store, error) {
	switch scheme, rest, _ := strings.Cut(databaseURL, ":"); scheme {
	case "postgres", "postgresql":
		return openPostgres(ctx, databaseURL)
	case "sqlite":
		return openSQLite(ctx, rest)
	}
	return nil, errors.New("the database URL begins with neither postgres:// nor sqlite:; write for example sqlite:onbehalf.db")
}

// Pools are the pools of connections by what they are for, for metrics of them.
func (s *Store) Pools() map[string]*sql.DB {
	if s.postgres {
		return map[string]*sql.DB{"all": s.pools[0]}
	}
	return map[string]*sql.DB{"read": s.pools[0], "write": s.pools[1]}
}

// Close ends all connections. Transactions under way are rolled back.
func (s *Store) Close() error {
	var errs []error
	for _, pool := range s.pools {
		errs = append(errs, pool.Close())
	}
	return errors.Join(errs...)
}

func useGORM(dialector gorm.Dialector) (*gorm.DB, error) {
	return gorm.Open(dialector, &gorm.Config{
		Logger:                 logger.Discard, // errors are returned, and told once by who handles them
		SkipDefaultTransaction: true,
		TranslateError:         true,
		// Columns by name, so that a column added by the next release disturbs nobody.
		QueryFields:          true,
		DisableAutomaticPing: true,
	})
}

// InTx runs work in one transaction: all of it is kept, or nothing. Work runs again
// when PostgreSQL rolled it back over a deadlock. What it leaves is sent by whoever looks
// into the outbox first.
func (s *Store) InTx(ctx context.Context, work func(tx request.Tx) error) error {
	return s.inTx(ctx, func(t *tx) error {
		if err := work(t); err != nil {
			return err
		}
		_, err := t.enqueue(ctx, false)
		return err
	})
}

// Leave leaves messages that no turn and no request is the reason of. They are sent by
// whoever looks into the outbox first; of those with the handle and revision of one that
// was sent, nothing is sent again.
func (s *Store) Leave(ctx context.Context, messages []outbox.Message) error {
	return s.inTx(ctx, func(t *tx) error {
		for _, m := range messages {
			t.Post(m)
		}
		_, err := t.enqueue(ctx, false)
		return err
	})
}

func (s *Store) inTx(ctx context.Context, work func(t *tx) error) error {
	for again := range deadlockTries {
		err := s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error { return work(s.begin(db)) })
		if !deadlocked(err) || again == deadlockTries-1 || ctx.Err() != nil {
			s.leaveDemoted(err)
			return err
		}
	}
	return nil
}

// deadlockTries is how often a transaction runs that PostgreSQL ends because it
// and another wait for each other; the other one gets through each time.
const deadlockTries = 5

// tx is one transaction.
type tx struct {
	reads
	left []outbox.Message
	// event is an id that the ticket's next entry may have, 0 for none.
	event int64
}

func (s *Store) begin(db *gorm.DB) *tx {
	return &tx{reads: reads{store: s, db: db, postgres: s.postgres}}
}

// with gives the transaction under the context of one call.
func (t *tx) with(ctx context.Context) *gorm.DB { return t.db.WithContext(ctx) }

// take reads one row, and gives missing for one that is not there.
func take(db *gorm.DB, row any, missing error, where string, args ...any) error {
	err := db.Where(where, args...).Take(row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return missing
	}
	return err
}

// wrap adds what was being done to an error.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
