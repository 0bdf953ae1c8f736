package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// A replica's share of the server's connections: 100 by default, of which three
// are kept for administrators, so that four replicas fit beside a migration.
const (
	postgresConnections = 20
	postgresIdle        = 10
)

func openPostgres(ctx context.Context, address string) (*Store, error) {
	config, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "onbehalf"
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(postgresConnections)
	pool.SetMaxIdleConns(postgresIdle)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(30 * time.Minute) // a server that was replaced is found again

	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, unreachable(config, err)
	}
	db, err := useGORM(postgres.New(postgres.Config{Conn: &cleanPool{pool}}))
	if err != nil {
		pool.Close()
		return nil, unreachable(config, err)
	}
	return &Store{
		Now: time.Now, write: db, read: db, pools: []*sql.DB{pool}, postgres: true,
		// A pool of its own: the session lock keeps one connection for the whole time.
		migrators: func() (*sql.DB, error) {
			pool := stdlib.OpenDB(*config)
			pool.SetMaxOpenConns(3)
			return pool, nil
		},
	}, nil
}

// unreachable says in one line why the server could not be used.
func unreachable(config *pgx.ConnConfig, err error) error {
	where := fmt.Sprintf("PostgreSQL at %s:%d", config.Host, config.Port)
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "28P01", "28000":
			return fmt.Errorf("%s does not let %q in (%s): check user and password in the database URL", where, config.User, refused.Message)
		case "3D000":
			return fmt.Errorf("%s has no database %q: create it, or name another one in the database URL", where, config.Database)
		case "53300":
			return fmt.Errorf("%s has no connection left (%s): raise max_connections or run fewer replicas", where, refused.Message)
		}
		return fmt.Errorf("%s refuses: %s (%s)", where, refused.Message, refused.Code)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s did not answer in time: %w", where, err)
	}
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return fmt.Errorf("%s can't be reached (%w): is it running, and is the address in the database URL right?", where, oneLine{connecting.Unwrap()})
	}
	return fmt.Errorf("%s can't be used: %w", where, oneLine{err})
}

// forUpdate locks the rows that a query reads; SQLite has locked the whole
// database by then and ignores it.
func forUpdate(db *gorm.DB) *gorm.DB { return db.Clauses(rowLock) }

// skipLocked is forUpdate for whatever nobody else has locked.
func skipLocked(db *gorm.DB) *gorm.DB { return db.Clauses(freeRowLock) }

// deadlocked says that PostgreSQL rolled a transaction back because others and it
// waited for each other (SQLSTATE 40P01).
func deadlocked(err error) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && failure.Code == "40P01"
}
