package storetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"onbehalf/bot/store"
)

// Variable names the environment variable with the address of a PostgreSQL
// server on which tests may create databases.
const Variable = "ONBEHALF_TEST_POSTGRES"

// Each runs test as a subtest on SQLite, and on PostgreSQL when Variable gives an
// address. Each store is migrated, empty, and gone afterwards.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { test(t, Open(t, url)) })
}

// EachURL is Each for what opens the database by itself, perhaps several times.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	if os.Getenv(Variable) != "" {
		t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
	}
}

// EachBenchmark is Each for benchmarks.
func EachBenchmark(b *testing.B, run func(b *testing.B, s *store.Store)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { run(b, Open(b, SQLite(b))) })
	if os.Getenv(Variable) != "" {
		b.Run("postgres", func(b *testing.B) { run(b, Open(b, Postgres(b))) })
	}
}

// Open opens a store that is closed when the test ends, and migrates it where that was
// not done. Several on one URL are replicas of each other.
func Open(t testing.TB, url string) *store.Store {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

// SQLite gives the URL of a file in a folder of the test's own, migrated already.
func SQLite(t testing.TB) string {
	t.Helper()
	migrated, err := file()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "onbehalf.db")
	if err := os.WriteFile(path, migrated, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// EmptySQLite is SQLite of a file that does not exist yet.
func EmptySQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "onbehalf.db")
}

// file is a migrated SQLite file that others are copies of: a migration takes longer than
// most tests.
var file = sync.OnceValues(func() (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "onbehalf-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "onbehalf.db")
	if err := migrate(context.Background(), "sqlite:"+path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Postgres gives the URL of a database of the test's own, migrated already. The
// test fails when Variable gives no address.
func Postgres(t testing.TB) string {
	t.Helper()
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	return create(t, from)
}

// EmptyPostgres is Postgres with nothing in the database.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	return create(t, "")
}

var databases atomic.Int64

// template is the name of a migrated database that others are copies of. It is
// made once for each state of the migrations, and stays on the server for the
// tests of other packages.
var template = sync.OnceValues(func() (string, error) {
	name := "onbehalf_template_" + store.Schema()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv(Variable))
	if err != nil {
		return "", fmt.Errorf("%s: %w", Variable, err)
	}
	defer conn.Close(ctx)
	// Packages are tested at the same time: one makes it, the others wait.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(1795400123)"); err != nil {
		return "", err
	}
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select 1 from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
		return name, err
	}
	draft := name + "_draft"
	for _, statement := range []string{"drop database if exists " + draft + " with (force)", "create database " + draft} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	if err := migrate(ctx, address(draft)); err != nil {
		return "", err
	}
	// Only a finished one gets the name, and nobody connects to it.
	for _, statement := range []string{
		"alter database " + draft + " rename to " + name,
		"alter database " + name + " allow_connections false",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	return name, nil
})

func migrate(ctx context.Context, url string) error {
	s, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	_, err = s.Migrate(ctx)
	return errors.Join(err, s.Close())
}

// create makes a database for one test, a copy of another where one is named.
func create(t testing.TB, from string) string {
	t.Helper()
	name := fmt.Sprintf("onbehalf_test_%d_%d", os.Getpid(), databases.Add(1))
	statement := "create database " + name
	if from != "" {
		// Its few files are copied faster than its pages are logged.
		statement += " template " + from + " strategy file_copy"
	}
	// What an earlier process with this id may have left is in the way.
	server(t, "drop database if exists "+name+" with (force)", statement)
	t.Cleanup(func() { server(t, "drop database "+name+" with (force)") })
	return address(name)
}

func server(t testing.TB, statements ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv(Variable))
	if err != nil {
		t.Fatalf("%s: %v", Variable, err)
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// address is the server's with another database.
func address(name string) string {
	u, err := url.Parse(os.Getenv(Variable))
	if err != nil {
		panic(err) // pgx has connected to it
	}
	u.Path = "/" + name
	return u.String()
}
