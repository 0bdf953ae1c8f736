package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// postgresConnections is a replica's share of the server's connections, open and idle: 100
// by default, of which three are kept for administrators, so that ten replicas fit beside a
// migration. Nothing here needs two at a time. With more of them turns only wait longer for
// each other's rows; with fewer idle ones than open ones, connections come and go all the
// time under load, and each new one plans everything anew.
const postgresConnections = 8

func openPostgres(ctx context.Context, address string) (*Store, error) {
	config, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	older := cmp.Or(config.RuntimeParams["application_name"], defaultName)
	config.RuntimeParams["application_name"] = older + nameSuffix
	s := &Store{Now: time.Now, opened: time.Now()}
	pool := s.openPool(config)
	err = keepsStatements(ctx, pool)
	prepared := config.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement
	if behindPooler(err) && prepared {
		// Nothing is prepared then: each statement travels with its values, and is planned anew.
		err = pool.Close()
		config.DefaultQueryExecMode, prepared = pgx.QueryExecModeExec, false
		pool = s.openPool(config)
		err = errors.Join(err, keepsStatements(ctx, pool))
	}
	if err != nil {
		pool.Close()
		return nil, unreachable(config, err)
	}
	s.pools, s.Unprepared = []*sql.DB{pool}, !prepared
	// A pool of its own: the lock keeps one connection for the whole time.
	s.migrators = func() (*sql.DB, error) {
		pool := stdlib.OpenDB(*config)
		pool.SetMaxOpenConns(3)
		return pool, nil
	}
	s.beside = func(ctx context.Context, pool *sql.DB) (bool, error) {
		var n int
		err := pool.QueryRowContext(ctx, `select count(*) from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid() and application_name in ($1, $2)`, older, defaultName).Scan(&n)
		return n > 0, err
	}
	if s.write, err = useGORM(postgres.New(postgres.Config{Conn: &sanitizingPool{pool, s}})); err != nil {
		return nil, errors.Join(unreachable(config, err), s.Close())
	}
	s.read = s.write
	s.ready(true)
	return s, s.readClock(ctx)
}

// openPool opens a replica's connections.
func (s *Store) openPool(config *pgx.ConnConfig) *sql.DB {
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(s.made), stdlib.OptionResetSession(s.usable))
	pool.SetMaxOpenConns(postgresConnections)
	pool.SetMaxIdleConns(postgresConnections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(30 * time.Minute) // a server that was replaced is found again
	return pool
}

// keepsStatements makes sure that the server answers, and that a prepared statement
// belongs to one connection. Behind a pooler in transaction mode two connections share
// one of the server's, and the second finds what the first prepared.
func keepsStatements(ctx context.Context, pool *sql.DB) error {
	for range 2 {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		var one int
		if err := conn.QueryRowContext(ctx, "select 1").Scan(&one); err != nil {
			return err
		}
	}
	return nil
}

// behindPooler says that a prepared statement is there already, or not any more: a
// pooler changed the connection in between.
func behindPooler(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == "42P05" || refused.Code == "26000")
}

// pooled names the setting that helps behind a pooler. Other errors stay as they are.
func pooled(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) && strings.Contains(refused.Message, "statement pooling") {
		return fmt.Errorf("pgbouncer is in statement mode and lets no transaction through: set pool_mode there to transaction or session: %w", err)
	}
	if !behindPooler(err) {
		return err
	}
	return fmt.Errorf("a pooler in transaction mode (pgbouncer) stands before PostgreSQL: add default_query_exec_mode=exec to the database URL: %w", err)
}

// How connections are called in pg_stat_activity. Releases before the outbox had the
// name alone, by which they are told apart.
const (
	defaultName = "onbehalf"
	nameSuffix  = " (outbox)"
)

// readClock measures how far PostgreSQL's clock is from ours, so that what replicas
// share goes by one clock, whatever those of their machines say.
func (s *Store) readClock(ctx context.Context) error {
	if !s.postgres {
		return nil
	}
	before := time.Now()
	var theirs int64
	err := s.db.WithContext(ctx).Raw("select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)").Scan(&theirs).Error
	if err != nil {
		return wrap(err, "read the database's clock")
	}
	ours := before.Add(time.Since(before) / 2)
	skew := time.UnixMicro(theirs).Sub(ours.Round(0))
	if skew.Abs() < leastSkew { // what a round trip takes is no difference
		skew = 0
	}
	s.skew.Store(int64(skew))
	return nil
}

// leastSkew is the least difference of clocks that is followed.
const leastSkew = 500 * time.Millisecond

// leaveDemoted looks whether the server takes no writes any more, as after a switchover.
// The connections that nobody uses are closed at once, and those in use when they come
// back, so that new ones find the server that does.
func (s *Store) leaveDemoted(err error) {
	var refused *pgconn.PgError
	if !s.postgres || !errors.As(err, &refused) || refused.Code != "25006" {
		return
	}
	s.demoted.Store(int64(time.Since(s.opened)))
	for _, pool := range s.pools {
		pool.SetMaxIdleConns(0)
		pool.SetMaxIdleConns(postgresConnections)
	}
}

// sinceKey is where a connection keeps when it was made.
const sinceKey = "onbehalf since"

// made notes when a connection was made.
func (s *Store) made(_ context.Context, conn *pgx.Conn) error {
	conn.PgConn().CustomData()[sinceKey] = time.Since(s.opened)
	return nil
}

// usable refuses a connection that is older than a demotion, before it is used again.
func (s *Store) usable(_ context.Context, conn *pgx.Conn) error {
	if since, ok := conn.PgConn().CustomData()[sinceKey].(time.Duration); ok && int64(since) <= s.demoted.Load() {
		return driver.ErrBadConn
	}
	return nil
}

// unreachable says in one line why the server could not be used.
func unreachable(config *pgx.ConnConfig, err error) error {
	where := fmt.Sprintf("PostgreSQL at %s:%d", config.Host, config.Port)
	if behindPooler(err) {
		return fmt.Errorf("%s: %w", where, pooled(err))
	}
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
