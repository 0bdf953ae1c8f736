// Package store keeps what the desk knows in PostgreSQL or in SQLite. It is the
// only user of GORM. *Store implements what others state: ticket.Store, bot.Keeper
// and notify.Store.
//
// The SQL files in migrations decide what the tables are, one folder for each
// database; GORM maps rows. Instants are int64 Unix milliseconds, so a time comes
// back in UTC and without what is shorter. NULs and broken UTF-8, which
// PostgreSQL does not take, are dropped on the way in to either.
//
// Start reading with Open and InTx here, then tickets.go; notices.go and lanes.go
// are the queue of what is to be sent.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"onbehalf/bot/ticket"
)

// Store is a database that is open. Its methods may be called from many
// goroutines; several processes may share one PostgreSQL database.
type Store struct {
	// Now is the clock by which forms expire and old rows are cleared away. Change
	// it before the store is used.
	Now func() time.Time

	// write and read are the same pool on PostgreSQL. On SQLite, write has one
	// connection, and read several that can't write.
	write, read *gorm.DB
	pools       []*sql.DB
	postgres    bool
	// migrators opens the pool that migrations run on.
	migrators func() (*sql.DB, error)
	leases    leases
}

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

// InTx runs work in one transaction, as ticket.Store promises; work runs again
// when PostgreSQL rolled it back over a deadlock. The notices that
// work leaves join their lanes at its end, in the order of the lanes' names: two
// transactions never wait for each other's lanes.
func (s *Store) InTx(ctx context.Context, work func(tx ticket.Tx) error) error {
	return s.inTx(ctx, func(db *gorm.DB) error {
		t := &tx{store: s, db: db}
		if err := work(t); err != nil {
			return err
		}
		return enqueue(db.WithContext(ctx), t.notices)
	})
}

func (s *Store) inTx(ctx context.Context, work func(db *gorm.DB) error) error {
	for again := range deadlockTries {
		err := s.write.WithContext(ctx).Transaction(work)
		if !deadlocked(err) || again == deadlockTries-1 || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// deadlockTries is how often a transaction runs that PostgreSQL ends because it
// and another wait for each other; the other one gets through each time.
const deadlockTries = 5

// tx is one transaction of the desk.
type tx struct {
	store   *Store
	db      *gorm.DB
	notices []ticket.Notice
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
