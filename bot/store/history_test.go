package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"

	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// raw opens a database as an operator would, beside the store.
func raw(t testing.TB, url string) *sql.DB {
	t.Helper()
	driver, address := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, address = "sqlite", path
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t testing.TB, url, statement string) {
	t.Helper()
	if _, err := raw(t, url).ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func record(t testing.TB, s *store.Store, e *request.Event) error {
	t.Helper()
	return s.InTx(t.Context(), func(tx request.Tx) error { return tx.Record(t.Context(), e) })
}

func TestHistoryPagesFromTheNewest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n, other := insert(t, s, newTicket("a")).Number, insert(t, s, newTicket("b")).Number
		var all []request.Event
		for i := range 5 {
			e := filled[request.Event]()
			e.Ticket, e.Revision, e.Origin = n, i+1, fmt.Sprint("activity", i)
			if err := record(t, s, &e); err != nil {
				t.Fatal(err)
			}
			if err := record(t, s, &request.Event{Ticket: other, At: monday, What: "opened"}); err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		since, err := s.EventsSince(t.Context(), n, 2)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all[2:], since); diff != "" {
			t.Error("since revision 2:", diff)
		}
		slices.Reverse(all)
		var pages []request.Event
		for before := int64(0); ; {
			page, err := s.History(t.Context(), n, before, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			pages, before = append(pages, page...), page[len(page)-1].ID
		}
		if diff := cmp.Diff(all, pages); diff != "" {
			t.Error(diff)
		}
	})
}

func TestHistoryCannotBeChanged(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		n := insert(t, s, newTicket("a")).Number
		if err := record(t, s, &request.Event{Ticket: n, At: monday, What: "opened", Text: "as it was"}); err != nil {
			t.Fatal(err)
		}
		statements := []string{"update events set text = 'changed'", "delete from events"}
		if !strings.HasPrefix(url, "sqlite:") {
			statements = append(statements, "truncate events")
		}
		for _, statement := range statements {
			if _, err := raw(t, url).ExecContext(t.Context(), statement); err == nil {
				t.Errorf("%s: done", statement)
			}
		}
		if events, err := s.History(t.Context(), n, 0, 10); err != nil || len(events) != 1 || events[0].Text != "as it was" {
			t.Errorf("%v, %v", events, err)
		}
	})
}

// fire writes the breach of an epoch down, and says whether it was not there yet.
func fire(ctx context.Context, tx request.Tx, n request.Number, epoch int) (bool, error) {
	fresh, err := tx.FiredAll(ctx, []request.Fired{{Ticket: n, Epoch: epoch, Milestone: "response/breach", Due: monday, At: monday}})
	return slices.Equal(fresh, []bool{true}), err
}

func TestMilestoneFiresOnce(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		n := insert(t, a, newTicket("a")).Number
		fired := make([]bool, 8)
		for _, err := range atOnce(8, func(i int) error {
			return []*store.Store{a, b}[i%2].InTx(t.Context(), func(tx request.Tx) (err error) {
				fired[i], err = fire(t.Context(), tx, n, 1)
				return err
			})
		}) {
			if err != nil {
				t.Error(err)
			}
		}
		if slices.Index(fired, true) < 0 || len(slices.DeleteFunc(slices.Clone(fired), func(f bool) bool { return !f })) != 1 {
			t.Errorf("fired %v", fired)
		}
		do(t, a, func(tx request.Tx) error {
			again, err := fire(t.Context(), tx, n, 2)
			if !again {
				t.Error("the next epoch's did not fire")
			}
			return err
		})
	})
}

func TestDueTicketsGoToOneReplica(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		for i := range 12 {
			due := newTicket(fmt.Sprint(i))
			due.NextDueAt = monday.Add(time.Duration(11-i) * time.Minute)
			if i == 0 {
				due.NextDueAt = time.Time{}
			}
			insert(t, a, due)
		}
		next, err := b.NextDue(t.Context())
		if err != nil || !next.Equal(monday) {
			t.Errorf("next %v, %v", next, err)
		}
		// Eleven minutes late: eleven are due. Each is taken once, by either replica.
		var taken []request.Number
		work := func(s *store.Store, inside func(tx request.Tx, due []*request.Ticket)) {
			do(t, s, func(tx request.Tx) error {
				due, err := tx.DueTickets(t.Context(), monday.Add(10*time.Minute), 4)
				if err != nil {
					return err
				}
				if inside != nil {
					inside(tx, due)
				}
				for _, d := range due {
					taken = append(taken, d.Number)
					before := *d
					d.NextDueAt = time.Time{}
					if err := tx.UpdateTicket(t.Context(), &before, d); err != nil {
						return err
					}
				}
				return nil
			})
		}
		first := func(_ request.Tx, due []*request.Ticket) {
			if len(due) != 4 || due[0].Number != 12 || due[3].Number != 9 {
				t.Errorf("earliest first: got %d, beginning with %s", len(due), due[0].Number)
			}
		}
		work(a, first)
		for range 3 {
			work(b, nil)
		}
		slices.Sort(taken)
		if len(taken) != 11 || len(slices.Compact(taken)) != 11 {
			t.Errorf("took %v", taken)
		}
		if next, err := a.NextDue(t.Context()); err != nil || !next.IsZero() {
			t.Errorf("next %v, %v", next, err)
		}
	})
}

func TestDueTicketsPassOverWhatIsHeld(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		if strings.HasPrefix(url, "sqlite:") {
			return // one writer: nobody holds anything beside it
		}
		a, b := storetest.Open(t, url), storetest.Open(t, url)
		for i := range 2 {
			due := newTicket(fmt.Sprint(i))
			due.NextDueAt = monday
			insert(t, a, due)
		}
		do(t, a, func(tx request.Tx) error {
			held, err := tx.DueTickets(t.Context(), monday, 1)
			if err != nil {
				return err
			}
			do(t, b, func(tx request.Tx) error {
				others, err := tx.DueTickets(t.Context(), monday, 10)
				if len(others) != 1 || others[0].Number == held[0].Number {
					t.Errorf("b got %d", len(others))
				}
				return err
			})
			return nil
		})
	})
}

func TestPolicyStaysAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.PolicyText(t.Context(), "p"); !errors.Is(err, store.ErrNoPolicy) {
			t.Error(err)
		}
		for range 2 {
			if err := s.SavePolicy(t.Context(), "p", []byte("english: wall\n")); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := s.PolicyText(t.Context(), "p"); err != nil || string(text) != "english: wall\n" {
			t.Errorf("%q, %v", text, err)
		}
	})
}
