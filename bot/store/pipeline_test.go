package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// onPostgres runs test on PostgreSQL, where a test server is given.
func onPostgres(t *testing.T, test func(t *testing.T, s *store.Store, url string)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) {
		if strings.HasPrefix(url, "postgres") {
			test(t, storetest.Open(t, url), url)
		}
	})
}

// TestTransactionsThatBreakOffLeaveNoneOpen breaks off in every way more often than there
// are connections.
func TestTransactionsThatBreakOffLeaveNoneOpen(t *testing.T) {
	onPostgres(t, func(t *testing.T, s *store.Store, url string) {
		sorry := errors.New("sorry")
		ways := map[string]func(ctx context.Context, cancel context.CancelFunc, tx request.Tx) error{
			"before anything was sent": func(context.Context, context.CancelFunc, request.Tx) error { return sorry },
			"with an error": func(ctx context.Context, _ context.CancelFunc, tx request.Tx) error {
				return errors.Join(tx.InsertTicket(ctx, newTicket("a")), sorry)
			},
			"given up by who asked": func(ctx context.Context, cancel context.CancelFunc, tx request.Tx) error {
				defer cancel()
				return tx.InsertTicket(ctx, newTicket("b"))
			},
			"refused by the server": func(ctx context.Context, _ context.CancelFunc, tx request.Tx) error {
				_, err := tx.LockTicket(ctx, 1)
				return errors.Join(err, tx.Record(ctx, &request.Event{Ticket: 99, What: "comment"}))
			},
		}
		for range 5 {
			for way, broken := range ways {
				ctx, cancel := context.WithCancel(t.Context())
				if err := s.InTx(ctx, func(tx request.Tx) error { return broken(ctx, cancel, tx) }); err == nil {
					t.Errorf("%s: no error", way)
				}
				cancel()
			}
		}
		if got := insert(t, s, newTicket("c")); got.Number != 1 {
			t.Errorf("something was kept: the first is %s", got.Number)
		}
		var open int
		err := raw(t, url).QueryRowContext(t.Context(), `select count(*) from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`).Scan(&open)
		if err != nil || open != 0 {
			t.Errorf("%d transactions are open, %v", open, err)
		}
	})
}

// TestWhatALaterStatementSeesStandsInTheDatabase reads inside of a transaction what it
// left for later.
func TestWhatALaterStatementSeesStandsInTheDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		do(t, s, func(tx request.Tx) error {
			one := newTicket("a")
			if err := tx.InsertTicket(t.Context(), one); err != nil {
				return err
			}
			if err := tx.Record(t.Context(), &request.Event{Ticket: one.Number, What: "comment", Text: "first", At: monday, Revision: 1}); err != nil {
				return err
			}
			got, err := tx.LockTicket(t.Context(), one.Number)
			if err != nil || got.Title != one.Title {
				t.Errorf("read %v, %v", got, err)
			}
			if err := tx.Record(t.Context(), &request.Event{Ticket: one.Number, What: "comment", Text: "second", At: monday, Revision: 2}); err != nil {
				return err
			}
			if err := tx.Record(t.Context(), &request.Event{Ticket: one.Number, What: "comment", Text: "third", At: monday, Revision: 3}); err != nil {
				return err
			}
			events, err := tx.History(t.Context(), one.Number, 0, 10)
			if err != nil || len(events) != 3 || events[0].Text != "third" || events[1].Text != "second" || events[2].Text != "first" {
				t.Errorf("history is %v, %v", events, err)
			}
			return nil
		})
	})
}
