package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

func delivery(activity string, at time.Time) bot.Delivery {
	return bot.Delivery{Conversation: "19:a@thread.tacv2", Activity: activity, Person: ines.ID, Said: "digest", At: at, Done: at}
}

// commit runs a turn that answers with body.
func commit(t testing.TB, s *store.Store, d bot.Delivery, body string) error {
	t.Helper()
	_, err := s.Turn(t.Context(), bot.Session{}, d, func(context.Context, bot.Tx) (bot.StoredAnswer, error) {
		return bot.StoredAnswer{Status: 200, Body: []byte(body)}, nil
	})
	return err
}

// answer is what a delivery would be answered with without a turn, "" for none.
func answer(t testing.TB, s *store.Store, d bot.Delivery) string {
	t.Helper()
	read, err := s.Session(t.Context(), bot.SessionKey{Delivery: d, Tenant: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if read.Answer == nil {
		return ""
	}
	return fmt.Sprint(read.Answer.Status, " ", string(read.Answer.Body))
}

// TestADeliveryIsDoneOnce delivers the same activity eight times at once on two
// replicas: one turn is kept, with everything it left, and answers for all.
func TestADeliveryIsDoneOnce(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		standingStill(monday, a, b)
		n := insert(t, a, newTicket("f")).Number
		d := delivery("1", monday)
		long := `{"long":"` + strings.Repeat("много слов ", 300) + `"}` // packed
		errs := atOnce(8, func(i int) error {
			_, err := []*store.Store{a, b}[i%2].Turn(t.Context(), bot.Session{}, d, func(ctx context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
				tx.Post(outbox.Message{To: outbox.Target{Conversation: "c"}, Kind: outbox.AnswerKind, Created: monday, Body: []byte(`{}`)})
				err := tx.Record(ctx, &request.Event{Ticket: n, At: monday, What: "commented", Text: fmt.Sprint(i), Origin: "1"})
				return bot.StoredAnswer{Status: 200, Body: []byte(long)}, err
			})
			return err
		})
		if count(errs, nil) != 1 || count(errs, bot.ErrDelivered) != 7 {
			t.Fatal(errs)
		}
		if events, err := a.History(t.Context(), n, 0, 10); err != nil || len(events) != 1 {
			t.Errorf("%d entries, %v", len(events), err)
		}
		if left := waiting(t, b, "c"); len(left) != 1 {
			t.Errorf("%d messages", len(left))
		}
		for _, s := range []*store.Store{a, b} {
			if got := answer(t, s, d); got != "200 "+long {
				t.Errorf("replayed %q", got)
			}
		}
		// Another one with the same id elsewhere is another one.
		elsewhere := d
		elsewhere.Conversation = "another"
		if err := commit(t, b, elsewhere, "x"); err != nil {
			t.Error(err)
		}
		// Its time over, the same id is a new delivery.
		standingStill(monday.Add(bot.TurnKept-time.Millisecond), a, b)
		if got := answer(t, a, d); got == "" {
			t.Error("not replayed any more")
		}
		late := delivery("1", monday.Add(bot.TurnKept))
		standingStill(late.At, a, b)
		if got := answer(t, a, late); got != "" {
			t.Errorf("replayed %q", got)
		}
		if err := commit(t, a, late, "again"); err != nil {
			t.Error(err)
		}
		if got := answer(t, b, late); got != "200 again" {
			t.Errorf("replayed %q", got)
		}
	})
}

func TestATurnThatFailsIsNotDelivered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		d, sorry := delivery("1", monday), errors.New("sorry")
		_, err := s.Turn(t.Context(), bot.Session{}, d, func(_ context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
			tx.Post(outbox.Message{To: outbox.Target{Conversation: "c"}, Created: monday})
			return bot.StoredAnswer{Status: 200}, sorry
		})
		if !errors.Is(err, sorry) {
			t.Error(err)
		}
		if got, left := answer(t, s, d), claim(t, s, monday, 5); got != "" || len(left) != 0 {
			t.Errorf("answer %q, %d queues", got, len(left))
		}
		if err := commit(t, s, d, ""); err != nil {
			t.Error(err)
		}
		if got := answer(t, s, d); got != "200 " {
			t.Errorf("replayed %q", got)
		}
	})
}

func TestWhatHasNoIDIsNotKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for range 2 {
			if err := commit(t, s, delivery("", monday), "x"); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestSlowTurnUnderAnotherID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		slow, quick := delivery("slow", monday), delivery("quick", monday)
		slow.Done, quick.Done, quick.Said = monday.Add(bot.SlowTurn+time.Second), monday.Add(bot.SlowTurn), "quick"
		for _, d := range []bot.Delivery{slow, quick} {
			if err := commit(t, s, d, d.Activity); err != nil {
				t.Fatal(err)
			}
		}
		standingStill(slow.Done.Add(bot.RepeatedWithin-time.Millisecond), s)
		for name, c := range map[string]struct {
			change func(d *bot.Delivery)
			want   string
		}{
			"another text":          {func(d *bot.Delivery) { d.Said = "other" }, ""},
			"no text":               {func(d *bot.Delivery) { d.Said = "" }, ""},
			"another person":        {func(d *bot.Delivery) { d.Person = pavel.ID }, ""},
			"another conversation":  {func(d *bot.Delivery) { d.Conversation = "x" }, ""},
			"a turn that was quick": {func(d *bot.Delivery) { d.Said = "quick" }, ""},
			"the same":              {func(*bot.Delivery) {}, "200 slow"},
		} {
			d := delivery("again", s.Clock())
			c.change(&d)
			if got := answer(t, s, d); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		standingStill(slow.Done.Add(bot.RepeatedWithin), s)
		if got := answer(t, s, delivery("too late", s.Clock())); got != "" {
			t.Errorf("too late: %q", got)
		}
	})
}

// TestTurnsThatWaitForEachOtherRunAgain has two turns lock two tickets, each the
// other's first; SQLite has one writer, for which nobody waits.
func TestTurnsThatWaitForEachOtherRunAgain(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		if strings.HasPrefix(url, "sqlite:") {
			return
		}
		s := storetest.Open(t, url)
		tickets := []request.Number{insert(t, s, newTicket("a")).Number, insert(t, s, newTicket("b")).Number}
		locked := []chan struct{}{make(chan struct{}), make(chan struct{})}
		errs := atOnce(2, func(i int) error {
			_, err := s.Turn(t.Context(), bot.Session{}, delivery(fmt.Sprint(i), monday), func(ctx context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
				if _, err := tx.LockTicket(ctx, tickets[i]); err != nil {
					return bot.StoredAnswer{}, err
				}
				close(locked[i])
				<-locked[1-i]
				_, err := tx.LockTicket(ctx, tickets[1-i])
				return bot.StoredAnswer{}, err
			})
			return err
		})
		if count(errs, nil) != 1 || count(errs, request.ErrStale) != 1 {
			t.Error(errs)
		}
	})
}

// TestCustomersThatChangedMakeATurnStale opens a ticket by what was read before an
// import.
func TestCustomersThatChangedMakeATurnStale(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		read := session(t, a)
		put(t, b, customer.Customer{TenantID: tenant(1), Name: "Contoso"})
		open := func(read bot.Session) error {
			_, err := a.Turn(t.Context(), read, bot.Delivery{}, func(ctx context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
				return bot.StoredAnswer{}, tx.InsertTicket(ctx, newTicket("f"))
			})
			return err
		}
		if err := open(read); !errors.Is(err, request.ErrStale) {
			t.Error(err)
		}
		if err := open(session(t, a)); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatIsTheDatabasesFault(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, c := range map[string]struct {
			err  error
			away bool
		}{
			"shut down":      {&pgconn.PgError{Code: "57P01"}, true},
			"read only":      {&pgconn.PgError{Code: "25006"}, true},
			"full":           {&pgconn.PgError{Code: "53100"}, true},
			"locked":         {&pgconn.PgError{Code: "55P03"}, true},
			"cut":            {io.ErrUnexpectedEOF, true},
			"too slow":       {context.DeadlineExceeded, true},
			"our statement":  {&pgconn.PgError{Code: "42601"}, false},
			"our rule":       {&pgconn.PgError{Code: "23514"}, false},
			"not found":      {request.ErrNotFound, false},
			"somebody's":     {request.ErrStale, false},
			"nothing at all": {nil, false},
		} {
			if got := s.Away(fmt.Errorf("turn: %w", c.err)); got != c.away {
				t.Errorf("%s: %v", name, got)
			}
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Ping(ended); err == nil {
			t.Error("no error")
		}
	})
}

func TestCleaningUp(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		standingStill(monday, s)
		for i := range 50 {
			if err := commit(t, s, delivery(fmt.Sprint(i), monday.Add(time.Duration(i)*time.Minute)), "x"); err != nil {
				t.Fatal(err)
			}
		}
		leave(t, s, notice("empty", 1), notice("sent a moment ago", 2), notice("resting", 3), notice("waiting", 4), notice("held", 5))
		now := monday.Add(3 * time.Hour)
		for _, l := range claim(t, s, monday, 5) {
			ended := outbox.Ended{Done: ids(l.Messages)}
			switch l.Queue {
			case "sent a moment ago":
				ended.Window.Add(now)
			case "resting":
				ended.RestUntil = now.Add(time.Minute)
			case "waiting":
				ended.Done = nil
				ended.RestUntil = monday.Add(time.Second)
			case "held":
				continue
			}
			settle(t, s, l, ended)
		}
		standingStill(now, s)
		if _, err := s.Clean(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		db := raw(t, url)
		var kept int
		if err := db.QueryRowContext(t.Context(), "select count(*) from deliveries").Scan(&kept); err != nil || kept != 0 {
			t.Errorf("%d deliveries kept, %v", kept, err)
		}
		var queues string
		aggregate := "string_agg(queue, ', ' order by queue)"
		if err := db.QueryRowContext(t.Context(), "select "+aggregate+" from queues").Scan(&queues); err != nil || queues != "held, resting, sent a moment ago, waiting" {
			t.Errorf("queues %q, %v", queues, err)
		}
		standingStill(now.Add(3*time.Hour), s)
		if _, err := s.Clean(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRowContext(t.Context(), "select "+aggregate+" from queues").Scan(&queues); err != nil || queues != "held, waiting" {
			t.Errorf("then queues %q, %v", queues, err)
		}
	})
}
