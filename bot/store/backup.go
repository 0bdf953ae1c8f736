package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	modernc "modernc.org/sqlite"
)

// ErrInUse means that a program has the database open that was to be replaced;
// nothing was changed.
var ErrInUse = errors.New("the database is in use")

// Copied says what is in a copy of the database.
type Copied struct {
	Tickets int64
	Last    int64 // the highest number that was given
	Bytes   int64
	// Kept is the file that holds what a restore replaced, empty where there was nothing.
	Kept string
}

// Backup writes a copy of the SQLite database at path to file while programs go on
// working with it: one state of the database, as it was when the copy began. The copy
// is checked, and stands under its name only when it is whole; a backup that had the
// name before is replaced then.
func Backup(ctx context.Context, path, file string) (c Copied, err error) {
	if err := mayReplace(path, file); err != nil {
		return c, err
	}
	live, err := existing(path)
	if err != nil {
		return c, err
	}
	defer live.Close()
	// SQLite takes an empty file, which only its owner may read from the beginning.
	unfinished, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".unfinished-*")
	if err != nil {
		return c, fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(unfinished.Name()))
		}
	}()
	if err := unfinished.Close(); err != nil {
		return c, fmt.Errorf("backup: %w", err)
	}
	if _, err := live.ExecContext(ctx, "vacuum into ?", unfinished.Name()); err != nil {
		return c, unwritable(path, err)
	}
	if c, err = inspect(ctx, unfinished.Name()); err != nil {
		return c, err
	}
	return c, replace(unfinished.Name(), file)
}

// mayReplace refuses to write over what is no backup: a database that is in use, or a
// file of another kind.
func mayReplace(path, file string) error {
	there, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	live, err := os.Stat(path)
	switch {
	case err == nil && os.SameFile(live, there):
		return fmt.Errorf("%s is the database itself; name another file for the backup", file)
	case there.IsDir():
		return fmt.Errorf("%s is a folder; name a file in it", file)
	}
	if _, err := os.Stat(file + "-wal"); err == nil {
		return fmt.Errorf("%s is a database that is or was in use, there is a %s-wal beside it; name another file for the backup", file, filepath.Base(file))
	}
	if there.Size() > 0 && !isSQLite(file) {
		return fmt.Errorf("%s is no backup and is not written over; name another file", file)
	}
	return nil
}

// isSQLite looks at how the file begins (https://www.sqlite.org/fileformat.html, 1.3.1).
func isSQLite(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	begin := make([]byte, 16)
	_, err = io.ReadFull(f, begin)
	return err == nil && string(begin) == "SQLite format 3\x00"
}

// existing opens a SQLite file that is there already, on one connection.
func existing(path string, settings ...string) (*sql.DB, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist", path)
	}
	pool, err := sqlitePool(path, append(settings, "mode=rw")...)
	if err != nil {
		return nil, unwritable(path, err)
	}
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// inspect reads a copy as a whole: whether it is a database of this program without a
// fault, and what is in it.
func inspect(ctx context.Context, file string) (c Copied, err error) {
	pool, err := existing(file, "_pragma=query_only(1)")
	if err != nil {
		return c, err
	}
	defer pool.Close()
	if c, err = contentsOf(ctx, pool, file); err != nil {
		return c, err
	}
	size, err := os.Stat(file)
	if err != nil {
		return c, err
	}
	c.Bytes = size.Size()
	return c, nil
}

func contentsOf(ctx context.Context, pool *sql.DB, file string) (c Copied, err error) {
	var verdict string
	if err := pool.QueryRowContext(ctx, "pragma integrity_check(1)").Scan(&verdict); err != nil {
		return c, unwritable(file, err)
	}
	if verdict != "ok" {
		return c, fmt.Errorf("%s is damaged: %s", file, strings.Join(strings.Fields(verdict), " "))
	}
	var version int64
	if err := pool.QueryRowContext(ctx, "select coalesce(max(version_id), 0) from goose_db_version").Scan(&version); err != nil {
		return c, fmt.Errorf("%s is no database of onbehalf", file)
	}
	if version > wanted {
		return c, fmt.Errorf("%s: %w", file, newer(version, wanted))
	}
	err = pool.QueryRowContext(ctx, "select (select count(*) from tickets), value from counters where name = 'ticket'").Scan(&c.Tickets, &c.Last)
	return c, wrap(err, "read %s", file)
}

// Restore puts the backup in file in the place of the SQLite database at path, in one
// transaction. What was there is kept beside it, and the numbers that it has given are
// not given again, because cards with them are in Teams. ErrInUse means that a program
// has the database open. A backup that is damaged or of a newer release is refused before
// anything is changed; one of an older release is migrated by the next start.
func Restore(ctx context.Context, path, file string, now time.Time) (c Copied, err error) {
	if live, err := os.Stat(path); err == nil {
		if backup, err := os.Stat(file); err == nil && os.SameFile(live, backup) {
			return c, fmt.Errorf("%s is the database itself; name the backup", file)
		}
	}
	if c, err = inspect(ctx, file); err != nil {
		return c, err
	}
	if there, err := os.Stat(path); err == nil && there.Size() > 0 && !isSQLite(path) {
		return c, fmt.Errorf("%s is not a SQLite database and is not written over; move it away first", path)
	}
	pool, err := sqlitePool(path)
	if err != nil {
		return c, unwritable(path, err)
	}
	defer pool.Close()
	live, err := alone(ctx, pool, path)
	if err != nil {
		return c, err
	}
	defer live.Close()

	// A database that is empty, or too broken to be read, leaves last at 0.
	var last int64
	_ = live.QueryRowContext(ctx, "select value from counters where name = 'ticket'").Scan(&last)
	c.Last = max(c.Last, last)
	if there, err := os.Stat(path); err == nil && there.Size() > 0 {
		c.Kept = path + ".before-restore-" + now.UTC().Format("20060102T150405Z")
		if err := copyPages(live, true, c.Kept); err != nil {
			return c, errors.Join(fmt.Errorf("keep what is there as %s: %w; nothing was changed", c.Kept, err), os.Remove(c.Kept))
		}
	}
	prepared, err := withNumbers(ctx, path, file, c.Last)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, os.Remove(prepared)) }()
	if err := copyPages(live, false, prepared); err != nil {
		return c, fmt.Errorf("restore %s: %w; the database is as it was", path, err)
	}
	return c, nil
}

// alone opens a connection that has the file for itself until it is closed.
func alone(ctx context.Context, pool *sql.DB, path string) (*sql.Conn, error) {
	if err := create(path); err != nil {
		return nil, unwritable(path, err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, unwritable(path, err)
	}
	for _, statement := range []string{"pragma busy_timeout = 0", "pragma locking_mode = exclusive", "begin exclusive", "commit"} {
		if _, err = conn.ExecContext(ctx, statement); err != nil {
			break
		}
	}
	if isBusy(err) {
		err = fmt.Errorf("%s: %w: stop every program that has it open, then restore", path, ErrInUse)
	} else if err != nil {
		err = unwritable(path, err)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// copyPages copies a whole database page by page, as SQLite's backup does: out into file,
// or from file in the place of what the connection has, which is one transaction.
func copyPages(conn *sql.Conn, out bool, file string) error {
	if out {
		made, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		if err := made.Close(); err != nil {
			return err
		}
	}
	return conn.Raw(func(driver any) error {
		sqlite, ok := driver.(interface {
			NewBackup(uri string) (*modernc.Backup, error)
			NewRestore(uri string) (*modernc.Backup, error)
		})
		if !ok {
			return fmt.Errorf("the driver %T copies no database", driver)
		}
		begin := sqlite.NewRestore
		if out {
			begin = sqlite.NewBackup
		}
		pages, err := begin(sqliteURI(file))
		if err != nil {
			return oneLine{err}
		}
		_, err = pages.Step(-1)
		return oneLine{errors.Join(err, pages.Finish())}.orNil()
	})
}

// withNumbers makes a copy of a backup, beside the database, that has given the numbers
// up to last.
func withNumbers(ctx context.Context, path, file string, last int64) (prepared string, err error) {
	made, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".unfinished-*")
	if err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	prepared = made.Name()
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(prepared))
		}
	}()
	if err := made.Close(); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	backup, err := existing(file)
	if err != nil {
		return "", err
	}
	defer backup.Close()
	if _, err := backup.ExecContext(ctx, "vacuum into ?", prepared); err != nil {
		return "", unwritable(prepared, err)
	}
	pool, err := existing(prepared)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "update counters set value = ? where name = 'ticket'", last)
	return prepared, wrap(err, "restore")
}

// replace gives a file that is written its name, so that it is there after a power cut.
func replace(unfinished, name string) error {
	for _, step := range []func() error{
		func() error { return syncFile(unfinished) },
		func() error { return os.Rename(unfinished, name) },
		func() error { return syncFile(filepath.Dir(name)) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// syncFile waits until a file, or the names in a folder, are on the disk.
func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
