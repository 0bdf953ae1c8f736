package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// ErrNewer means that a newer release has migrated this database; nothing was
// changed.
var ErrNewer = errors.New("the database is newer than this program")

// ErrOlder means that the database lacks migrations of this program.
var ErrOlder = errors.New("the database is older than this program")

// Migrate brings the schema to the newest version and says how many migrations it
// ran. Several replicas may do it at once: one works, the others wait for it. A
// database that a newer release has migrated is refused with ErrNewer.
func (s *Store) Migrate(ctx context.Context) (int, error) {
	done, err := s.migrate(ctx)
	if err != nil {
		return 0, err
	}
	return done, wrap(s.indexCustomers(ctx), "write down what customers are found by")
}

func (s *Store) migrate(ctx context.Context) (int, error) {
	// To read and take apart all migrations costs more than the rest of a start.
	if version, err := s.version(ctx); err == nil && version == wanted {
		return 0, nil
	}
	pool, err := s.migrators()
	if err != nil {
		return 0, wrap(err, "migrate")
	}
	defer pool.Close()
	provider, err := s.provider(pool)
	if err != nil {
		return 0, wrap(err, "migrate")
	}
	if s.postgres {
		unlock, err := lockMigrations(ctx, pool)
		if err != nil {
			return 0, err
		}
		defer unlock()
	}
	for tries := 0; ; tries++ {
		if err := refuseNewer(ctx, provider); err != nil {
			return 0, err
		}
		if err := s.refuseBeside(ctx, provider, pool); err != nil {
			return 0, err
		}
		done, err := provider.Up(ctx)
		if err == nil {
			return len(done), nil
		}
		// SQLite has no lock for a whole session. When another process has run a
		// migration in between, ours fails, and what is left is tried again.
		if pending, asked := provider.HasPending(ctx); s.postgres || tries == 10 || (asked == nil && pending && tries > 2) {
			return 0, wrap(oneLine{err}, "migrate the database")
		}
	}
}

func (s *Store) provider(pool *sql.DB) (*goose.Provider, error) {
	folder, dialect := "migrations/sqlite", goose.DialectSQLite3
	if s.postgres {
		folder, dialect = "migrations/postgres", goose.DialectPostgres
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, pool, files, goose.WithDisableGlobalRegistry(true))
}

// lockMigrations lets one process at a time migrate PostgreSQL; the others wait. The lock
// belongs to a transaction: behind a pooler in transaction mode a session's lock would
// stay with whoever gets the server's connection next. Its key is goose's own, by which
// releases before this one lock for a session.
func lockMigrations(ctx context.Context, pool *sql.DB) (unlock func(), err error) {
	const every, most = time.Second, 300
	for tries := 1; ; tries++ {
		locked, err := tryLockMigrations(ctx, pool)
		switch {
		case err != nil:
			return nil, wrap(oneLine{err}, "lock the migrations")
		case locked != nil:
			return func() { _ = locked.Rollback() }, nil // nothing was written in it
		case tries == most:
			return nil, fmt.Errorf("another process has been migrating the database for %s; run onbehalf migrate alone and see what it says", most*every)
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return nil, wrap(ctx.Err(), "wait for another process")
		}
	}
}

// tryLockMigrations gives the transaction that holds the lock, nil when another process
// holds it. Who waits keeps no connection, which the pooler may need for the other one.
func tryLockMigrations(ctx context.Context, pool *sql.DB) (*sql.Tx, error) {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	// It idles while migrations run, whatever limit the role has for that.
	_, err = tx.ExecContext(ctx, "set local idle_in_transaction_session_timeout = 0")
	got := false
	if err == nil {
		err = tx.QueryRowContext(ctx, "select pg_try_advisory_xact_lock($1)", lock.DefaultLockID).Scan(&got)
	}
	if err != nil || !got {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

func refuseNewer(ctx context.Context, provider *goose.Provider) error {
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return wrap(oneLine{err}, "read the version of the database")
	}
	if current > target {
		return newer(current, target)
	}
	return nil
}

// outboxVersion is the migration that no older release can run beside: it replaced the
// queues that messages leave by. Older processes have to be stopped before it.
const outboxVersion = 7

// ErrBeside means that a process of an older release still has the database open;
// nothing was changed.
var ErrBeside = errors.New("an older release still runs on this database")

// refuseBeside refuses to pass outboxVersion while an older process is there. Of a SQLite
// file it is not known who else has it open: that may be a replica of this release in the
// middle of a new database, so it is given time to go on.
func (s *Store) refuseBeside(ctx context.Context, provider *goose.Provider, pool *sql.DB) error {
	const every, most = 100 * time.Millisecond, 20
	for tries := 1; ; tries++ {
		current, err := provider.GetDBVersion(ctx)
		if err != nil || current == 0 || current >= outboxVersion {
			return wrap(err, "read the version of the database")
		}
		beside, err := s.beside(ctx, pool)
		if err != nil {
			return wrap(oneLine{err}, "look for older processes")
		}
		switch {
		case !beside:
			return nil
		case s.postgres || tries == most:
			return fmt.Errorf("%w: this release changes how messages are kept; stop every replica of the older one, then start this one", ErrBeside)
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return wrap(ctx.Err(), "wait for another process")
		}
	}
}

// wanted is the newest version of the schema that this program knows.
var wanted = func() int64 {
	files, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil {
		panic(err) // the pattern is fixed
	}
	return int64(len(files))
}()

// Schema is a digest of all migrations: databases that were migrated by programs
// with the same one have the same tables.
func Schema() string {
	digest := sha256.New()
	err := fs.WalkDir(migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, err := migrations.ReadFile(path)
		fmt.Fprintf(digest, "%s %d\n%s", path, len(file), file)
		return err
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	return hex.EncodeToString(digest.Sum(nil)[:8])
}

// Ping says whether a turn can be taken: the database answers, has the schema that this
// program wants, and takes a write. A newer schema is fine: a release runs beside the
// one before it.
func (s *Store) Ping(ctx context.Context) error {
	if _, err := s.version(ctx); err != nil {
		return err
	}
	err := s.write.WithContext(ctx).Exec(`insert into paces (tenant, next_at) values ('', ?)
		on conflict (tenant) do update set next_at = excluded.next_at`, s.Now().UnixMicro()).Error
	s.leaveDemoted(err)
	if err == nil && s.room != nil {
		err = s.room()
	}
	return wrap(oneLine{err}.orNil(), "write to the database")
}

// Fits is Ping for a program that has still to start: as Migrate, it refuses a
// database that a newer release has migrated. It changes nothing.
func (s *Store) Fits(ctx context.Context) error {
	version, err := s.version(ctx)
	if err == nil && version > wanted {
		return newer(version, wanted)
	}
	if err != nil || !s.postgres {
		return err
	}
	return s.inTx(ctx, func(t *tx) error {
		var one int
		_, err := t.one(ctx, []any{&one}, "select 1")
		return err
	})
}

// version reads the version of the schema; it is ErrOlder that one is missing.
func (s *Store) version(ctx context.Context) (int64, error) {
	db := s.read.WithContext(ctx)
	var version int64
	err := db.Raw("select coalesce(max(version_id), 0) from goose_db_version").Scan(&version).Error
	if err != nil && !behindPooler(err) && db.Exec("select 1").Error == nil && !db.Migrator().HasTable("goose_db_version") {
		return 0, fmt.Errorf("%w: it is empty; run onbehalf migrate", ErrOlder)
	}
	if err != nil {
		return 0, wrap(oneLine{err}, "ask the database for its version")
	}
	if version < wanted {
		return version, fmt.Errorf("%w: its schema has version %d, wanted is %d; run onbehalf migrate", ErrOlder, version, wanted)
	}
	return version, nil
}

func newer(version, known int64) error {
	return fmt.Errorf("%w: its schema has version %d, this program knows %d; start the newer release", ErrNewer, version, known)
}
