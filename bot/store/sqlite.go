package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	modernc "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteReaders bounds the connections that only read.
const sqliteReaders = 8

func openSQLite(ctx context.Context, path string) (*Store, error) {
	if path == "" || path == ":memory:" {
		return nil, errors.New("the database URL names no file: write sqlite:PATH, for example sqlite:onbehalf.db")
	}
	if err := create(path); err != nil {
		return nil, unwritable(path, err)
	}
	beside, err := olderBeside(ctx, path)
	if err != nil {
		return nil, unwritable(path, err)
	}

	// One connection writes: transactions queue fairly for it in Go, where several
	// would starve each other in SQLite's busy handler. FULL, because a ticket that
	// was answered for must survive the power going.
	writer, err := sqlitePool(path, "_txlock=immediate", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)",
		"_pragma=cache_size(-65536)") // 64 MiB, taken as needed: an import would go to the disk for each index page
	if err != nil {
		return nil, unwritable(path, err)
	}
	writer.SetMaxOpenConns(1)
	reader, err := sqlitePool(path, "_pragma=query_only(1)", "_pragma=cache_size(-16384)")
	if err != nil {
		return nil, errors.Join(unwritable(path, err), writer.Close())
	}
	reader.SetMaxOpenConns(sqliteReaders)
	reader.SetMaxIdleConns(sqliteReaders)

	s := &Store{
		Now: time.Now, pools: []*sql.DB{reader, writer},
		room: func() error { return roomFor(turnBytes, filepath.Dir(path)) },
		migrators: func() (*sql.DB, error) {
			pool, err := sqlitePool(path, "_txlock=immediate", "_pragma=synchronous(FULL)")
			if err == nil {
				pool.SetMaxOpenConns(1)
			}
			return pool, err
		},
		beside: func(context.Context, *sql.DB) (bool, error) { return beside, nil },
	}
	if err := writer.PingContext(ctx); err != nil { // the first connection switches to WAL
		return nil, errors.Join(unwritable(path, err), s.Close())
	}
	if s.write, err = useGORM(sqliteDialect{&sanitizingPool{writer, s}}); err != nil {
		return nil, errors.Join(unwritable(path, err), s.Close())
	}
	if s.read, err = useGORM(sqliteDialect{&sanitizingPool{reader, s}}); err != nil {
		return nil, errors.Join(unwritable(path, err), s.Close())
	}
	return s.ready(false), nil
}

// turnBytes is more than a turn adds to the write-ahead log.
const turnBytes = 256 << 10

// roomFor says whether a folder has space for so many bytes. A small write into a log that
// is there already succeeds when a turn's own would not.
func roomFor(bytes int, folder string) error {
	file, err := os.CreateTemp(folder, ".onbehalf-room-*")
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, bytes))
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}

// create makes the file where there is none. Only the owner may read what customers
// report; SQLite's own files beside it take the mode of this one. A file that is there is
// not opened: closing it would end the locks of every other connection of this process
// (https://www.sqlite.org/howtocorrupt.html, 2.2).
func create(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// olderBeside says whether another process has a database open that is of a release
// before the outbox. Each process that has a file in WAL mode open holds a shared lock
// on it, which is why nobody can have it alone then.
func olderBeside(ctx context.Context, path string) (bool, error) {
	probe, err := sqlitePool(path, "_pragma=busy_timeout(0)", "_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		return false, err
	}
	defer probe.Close()
	probe.SetMaxOpenConns(1)
	var version int64
	err = probe.QueryRowContext(ctx, "select coalesce(max(version_id), 0) from goose_db_version").Scan(&version)
	if isBusy(err) {
		return true, nil // by whom cannot be read; a newer release is told apart by its schema
	}
	return false, nil // nothing there yet, or nobody else
}

func isBusy(err error) bool {
	var failure *modernc.Error
	return errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_BUSY
}

// sqlitePool opens the file. Another process may have it for a while, such as an
// import beside the bot, so a statement waits half a minute for its turn; callers
// with less patience have a context.
func sqlitePool(path string, settings ...string) (*sql.DB, error) {
	return sql.Open("sqlite", sqliteURI(path, append(settings, "_pragma=busy_timeout(30000)", "_pragma=foreign_keys(1)")...))
}

// sqliteURI names a file with settings. The path is part of a URI: "?", "#" and "%" in it
// are only characters.
func sqliteURI(path string, settings ...string) string {
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: strings.Join(settings, "&")}
	return name.String()
}

func isFolder(path string) bool {
	there, err := os.Stat(path)
	return err == nil && there.IsDir()
}

// unwritable says in one line why the file can't be the database.
func unwritable(path string, err error) error {
	var failure *modernc.Error
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("database %s: the folder %s does not exist; create it, or name another path", path, filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission), errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_CANTOPEN && !isFolder(path):
		return fmt.Errorf("database %s may not be written by this user; change its owner or mode, or name another path", path)
	case errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is not a SQLite database; name another path", path)
	case errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged: %w", path, oneLine{err})
	case errors.As(err, &failure) && failure.Code()&0xff == sqlite3.SQLITE_BUSY:
		return fmt.Errorf("database %s is in use by another program that does not let go of it", path)
	}
	return fmt.Errorf("database %s can't be used: %w", path, oneLine{err})
}
