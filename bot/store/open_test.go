package store_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// oneLineWith fails unless err is one line that says what a person needs.
func oneLineWith(t *testing.T, err error, wanted ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if strings.ContainsAny(err.Error(), "\n\r") {
		t.Errorf("not one line: %q", err)
	}
	for _, w := range wanted {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%q holds the password", err)
	}
}

func TestAddressThatCannotBeOpened(t *testing.T) {
	noDatabase := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(noDatabase, []byte(strings.Repeat("this is no database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url  string
		says []string
	}{
		"empty":           {"", []string{"sqlite:"}},
		"another scheme":  {"mysql://root:s3cret@host/db", []string{"postgres://", "sqlite:"}},
		"no path":         {"sqlite:", []string{"sqlite:PATH"}},
		"memory":          {"sqlite::memory:", []string{"sqlite:PATH"}},
		"no folder":       {"sqlite:/no/such/folder/x.db", []string{"/no/such/folder", "does not exist"}},
		"a folder":        {"sqlite:" + t.TempDir(), []string{"can't be used"}},
		"no database":     {"sqlite:" + noDatabase, []string{"not a SQLite database"}},
		"bad port":        {"postgres://me:s3cret@host:port/db", []string{"postgres://"}},
		"unreachable":     {"postgres://me:s3cret@" + closedPort(t) + "/db", []string{"can't be reached", "127.0.0.1"}},
		"no such host":    {"postgres://me:s3cret@nowhere.invalid/db", []string{"can't be reached", "nowhere.invalid"}},
		"broken encoding": {"postgres://me:s3cret%zz@host/db", []string{"postgres://"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), c.url)
			if err == nil {
				s.Close()
			}
			oneLineWith(t, err, c.says...)
		})
	}
}

func TestNoPartOfAPasswordThatWasNotEncodedIsTold(t *testing.T) {
	for _, url := range []string{
		"postgres://u:p@s3#s3cret@127.0.0.1:1/db", "postgres://u:p@s3cret/rd@127.0.0.1:1/db", "postgres://u:p#s3cret@127.0.0.1:1/db", "postgres://u:p/s3cret@127.0.0.1:1/db",
		"postgres://u:p?s3cret@127.0.0.1:1/db", "postgres://u:p%s3cret@127.0.0.1:1/db", "postgres://u:p@s3cret@127.0.0.1:1/db",
		"postgres://u:s3cret/db", "postgres://u:p@h/db?sslmode=s3cret", "postgresql://u:p@ss#s3cret/rd@127.0.0.1:1/db",
	} {
		t.Run(url, func(t *testing.T) {
			_, err := store.Open(t.Context(), url)
			oneLineWith(t, err, "encode", "%40 for @")
		})
	}
	_, err := store.Open(t.Context(), "postgres://u:p%40s3cret%23@127.0.0.1:1/db")
	oneLineWith(t, err, "127.0.0.1:1 can't be reached")
}

// closedPort gives an address that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestServerThatNeverAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = store.Open(ctx, "postgres://me:s3cret@"+l.Addr().String()+"/db?sslmode=disable")
	oneLineWith(t, err, "did not answer in time")
}

func TestPathWithCharactersOfAnAddress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a?b#c%20d é &=.db")
	s := storetest.Open(t, "sqlite:"+path)
	insert(t, s, newTicket("f"))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: others can read what customers reported", info.Mode())
	}
}

func TestTicketsSurviveClosing(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s, err := store.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		n := insert(t, s, newTicket("f")).Number
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		load(t, storetest.Open(t, url), n)
	})
}

func TestPingWantsTheSchema(t *testing.T) {
	for name, url := range empty(t) {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			oneLineWith(t, s.Ping(t.Context()))
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// empty gives the URLs of databases with nothing in them.
func empty(t *testing.T) map[string]string {
	urls := map[string]string{"sqlite": storetest.EmptySQLite(t)}
	if os.Getenv(storetest.Variable) != "" {
		urls["postgres"] = storetest.EmptyPostgres(t)
	}
	return urls
}

func TestFourReplicasMigrateAtOnce(t *testing.T) {
	for name, url := range empty(t) {
		t.Run(name, func(t *testing.T) {
			var stores []*store.Store
			for range 4 {
				s, err := store.Open(t.Context(), url)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				stores = append(stores, s)
			}
			ran := make([]int, len(stores))
			for _, err := range atOnce(len(stores), func(i int) (err error) {
				ran[i], err = stores[i].Migrate(context.Background())
				return err
			}) {
				if err != nil {
					t.Error(err)
				}
			}
			total := 0
			for _, n := range ran {
				total += n
			}
			if again, err := stores[0].Migrate(t.Context()); total == 0 || again != 0 || err != nil {
				t.Errorf("ran %v, then %d, %v", ran, again, err)
			}
			insert(t, stores[3], newTicket("f"))
		})
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		exec(t, url, "insert into goose_db_version (version_id, is_applied) values (90000, true)")
		n, err := s.Migrate(t.Context())
		oneLineWith(t, err, "90000", "newer")
		if !errors.Is(err, store.ErrNewer) || n != 0 {
			t.Errorf("ran %d, %v", n, err)
		}
		// The release before goes on beside the one that migrated.
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("running beside a newer release: %v", err)
		}
	})
}

func TestAMigrationAndBackKeepsTickets(t *testing.T) {
	for name, url := range empty(t) {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			none := insert(t, s, newTicket("none"))
			fired := newTicket("fired")
			fired.Fired = []string{"response/warn/1", "response/breach"}
			fired = insert(t, s, fired)
			if err := s.MigrateDown(t.Context(), 5); err != nil { // what was fired stood in the document
				t.Fatal(err)
			}
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, want := range []*request.Ticket{none, fired} {
				if diff := cmp.Diff(want, load(t, s, want.Number)); diff != "" {
					t.Error(diff)
				}
			}
			if err := s.MigrateDown(t.Context(), 0); err != nil {
				t.Error(err)
			}
		})
	}
}
