package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"onbehalf/bot/request"
	"onbehalf/bot/store/storetest"
)

// TestADemotedServerIsLeftAtOnce has all connections open when the server begins to refuse
// writes. One refusal is enough: none of them is used again, and the next transaction is on
// a new one, which finds the server that takes writes again.
func TestADemotedServerIsLeftAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		if strings.HasPrefix(url, "sqlite:") {
			return // a file is not switched over
		}
		s := storetest.Open(t, url)
		every(t, s.Pools()["all"], func(conn *sql.Conn) {
			// From now on this server is a replica for those who are connected.
			if _, err := conn.ExecContext(t.Context(), "set default_transaction_read_only = on"); err != nil {
				t.Fatal(err)
			}
		})
		write := func() error {
			return s.InTx(t.Context(), func(tx request.Tx) error { return tx.SavePolicy(t.Context(), "p", []byte("p")) })
		}
		if err := write(); err == nil || !s.Away(err) {
			t.Fatalf("the demoted server takes a write: %v", err)
		}
		for i := range 20 {
			if err := write(); err != nil {
				t.Fatalf("write %d after the demotion: %v", i, err)
			}
		}
		every(t, s.Pools()["all"], func(conn *sql.Conn) {
			var setting string
			if err := conn.QueryRowContext(t.Context(), "show default_transaction_read_only").Scan(&setting); err != nil || setting != "off" {
				t.Errorf("a connection to the demoted server is left: %s, %v", setting, err)
			}
		})
	})
}

// every has all connections of a pool in use at once.
func every(t *testing.T, pool *sql.DB, do func(conn *sql.Conn)) {
	t.Helper()
	var open []*sql.Conn
	for range pool.Stats().MaxOpenConnections {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
		do(conn)
	}
	var closing sync.WaitGroup
	for _, conn := range open {
		closing.Go(func() { _ = conn.Close() }) // gives it back; of a server that was demoted it is closed already
	}
	closing.Wait()
}

// TestReadyIsThatAWriteIsTaken has the database read, but take no writes.
func TestReadyIsThatAWriteIsTaken(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
			// The folder is gone, with no room for anything; the open file goes on.
			if err := os.RemoveAll(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
			if err := s.Ping(t.Context()); err == nil {
				t.Error("where nothing can be written it is ready")
			}
			return
		}
		every(t, s.Pools()["all"], func(conn *sql.Conn) {
			if _, err := conn.ExecContext(t.Context(), "set default_transaction_read_only = on"); err != nil {
				t.Fatal(err)
			}
		})
		if err := s.Ping(t.Context()); err == nil || !s.Away(err) {
			t.Errorf("a read-only database is ready: %v", err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("on a server that takes writes it is not ready: %v", err)
		}
	})
}
