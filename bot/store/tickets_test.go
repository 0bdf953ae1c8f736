package store_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// monday is when most tests take place.
var monday = time.Date(2026, 11, 23, 8, 40, 0, 0, time.UTC)

var (
	ines  = request.Person{ID: "11111111-aaaa-4aaa-8aaa-000000000001", TeamsID: "29:ines", Tenant: "t", Name: "Ines Kowal", Email: "ines@desk.example"}
	pavel = request.Person{ID: "11111111-aaaa-4aaa-8aaa-000000000002", TeamsID: "29:pavel", Tenant: "t", Name: "Павел"}
	lena  = request.Person{ID: "11111111-aaaa-4aaa-8aaa-000000000003", Name: "Lena"}
)

func newTicket(form string) *request.Ticket {
	return &request.Ticket{
		Status: request.Open, Form: form, Customer: customer.Customer{TenantID: "c0", Name: "Contoso Ltd"},
		Platform: customer.Azure, Kind: request.Technical, Severity: request.SeverityB, Language: "en",
		Title: "VMs do not start", Description: "West Europe", Requester: ines,
		Home: request.Place{Conversation: "19:a@thread.tacv2"}, OpenedAt: monday, StartedAt: monday, UpdatedAt: monday,
	}
}

// insert keeps a ticket and gives it as it is in the database.
func insert(t testing.TB, s *store.Store, new *request.Ticket) *request.Ticket {
	t.Helper()
	do(t, s, func(tx request.Tx) error { return tx.InsertTicket(t.Context(), new) })
	return load(t, s, new.Number)
}

// do runs one transaction that must succeed.
func do(t testing.TB, s *store.Store, work func(tx request.Tx) error) {
	t.Helper()
	if err := s.InTx(t.Context(), work); err != nil {
		t.Fatal(err)
	}
}

func load(t testing.TB, s *store.Store, n request.Number) *request.Ticket {
	t.Helper()
	kept, err := s.Ticket(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// fill puts something else into every field that v has, so that a field which is
// forgotten on the way shows.
func fill(v reflect.Value, seed *int) {
	*seed++
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(monday.Add(time.Duration(*seed) * time.Second)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), seed)
		}
	case reflect.String:
		v.SetString("text" + string(rune('а'+*seed%32)) + time.Duration(*seed).String())
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*seed))
	case reflect.Uint8:
		v.SetUint(uint64(*seed % 256))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), seed)
		fill(v.Index(1), seed)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), seed)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, seed)
		fill(value, seed)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	default:
		panic("fill does not know " + v.Kind().String())
	}
}

func filled[T any]() T {
	var v T
	seed := 0
	fill(reflect.ValueOf(&v).Elem(), &seed)
	return v
}

func TestTicketComesBackAsItWasKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, want := range map[string]request.Ticket{"full": filled[request.Ticket](), "bare": {Form: "bare", OpenedAt: monday, UpdatedAt: monday}} {
			got := insert(t, s, &want)
			if want.Number == 0 || want.Revision != 1 {
				t.Errorf("%s: number %s, revision %d", name, want.Number, want.Revision)
			}
			if diff := cmp.Diff(want, *got); diff != "" {
				t.Errorf("%s (-kept +read):\n%s", name, diff)
			}
			want.Title, want.Assignee, want.NextDueAt = "Another", pavel, time.Time{}
			do(t, s, func(tx request.Tx) error { return tx.UpdateTicket(t.Context(), got, &want) })
			if diff := cmp.Diff(want, *load(t, s, want.Number)); diff != "" {
				t.Errorf("%s after a change (-kept +read):\n%s", name, diff)
			}
			byForm, err := s.TicketByForm(t.Context(), want.Form)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, *byForm); diff != "" {
				t.Errorf("%s by form (-kept +read):\n%s", name, diff)
			}
		}
	})
}

func TestTicketThatWasNeverGiven(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.Ticket(t.Context(), 7); !errors.Is(err, request.ErrNotFound) {
			t.Errorf("Ticket: %v", err)
		}
		if _, err := s.TicketByForm(t.Context(), "no\x00ne"); !errors.Is(err, request.ErrNotFound) {
			t.Errorf("TicketByForm: %v", err)
		}
		err := s.InTx(t.Context(), func(tx request.Tx) error {
			_, err := tx.LockTicket(t.Context(), 7)
			return err
		})
		if !errors.Is(err, request.ErrNotFound) {
			t.Errorf("LockTicket: %v", err)
		}
	})
}

func TestTextThatOneDatabaseCouldNotKeep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		odd := newTicket("odd")
		odd.Title, odd.Impact = "a\x00b\xff \u202e\U0001F600", "c\x00d\xff \\u0000 \\\\u0000"
		odd.Customer.Name = "x\x00y"
		got := insert(t, s, odd)
		if got.Title != "ab\uFFFD \u202e\U0001F600" || got.Impact != "cd\uFFFD \\u0000 \\\\u0000" || got.Customer.Name != "xy" {
			t.Errorf("got %q, %q, %q", got.Title, got.Impact, got.Customer.Name)
		}
		do(t, s, func(tx request.Tx) error {
			return tx.Record(t.Context(), &request.Event{Ticket: odd.Number, At: monday, By: ines, What: "commented", Text: "\x00"})
		})
	})
}

func TestNumbersHaveNoGaps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		insert(t, s, newTicket("a"))
		sorry := errors.New("sorry")
		err := s.InTx(t.Context(), func(tx request.Tx) error {
			if err := tx.InsertTicket(t.Context(), newTicket("b")); err != nil {
				t.Error(err)
			}
			return sorry
		})
		if !errors.Is(err, sorry) {
			t.Fatal(err)
		}
		again := newTicket("a")
		err = s.InTx(t.Context(), func(tx request.Tx) error { return tx.InsertTicket(t.Context(), again) })
		if !errors.Is(err, request.ErrStale) {
			t.Errorf("the same form again: %v", err)
		}
		if got := insert(t, s, newTicket("c")); got.Number != 2 {
			t.Errorf("got %s, want SR-2", got.Number)
		}
	})
}

// replicas opens a database twice.
func replicas(t *testing.T, test func(t *testing.T, a, b *store.Store)) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		test(t, storetest.Open(t, url), storetest.Open(t, url))
	})
}

// atOnce runs work n times, all released at one moment, and gives the errors.
func atOnce(n int, work func(i int) error) []error {
	var ready, done sync.WaitGroup
	errs := make([]error, n)
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			errs[i] = work(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return errs
}

func count(errs []error, kind error) int {
	n := 0
	for _, err := range errs {
		if errors.Is(err, kind) {
			n++
		}
	}
	return n
}

func TestSameFormOpensOneTicket(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		errs := atOnce(8, func(i int) error {
			s := []*store.Store{a, b}[i%2]
			return s.InTx(context.Background(), func(tx request.Tx) error {
				mine := newTicket("form")
				if err := tx.InsertTicket(context.Background(), mine); err != nil {
					return err
				}
				return tx.Record(context.Background(), &request.Event{Ticket: mine.Number, At: monday, By: ines, What: "opened"})
			})
		})
		if opened, repeated := count(errs, nil), count(errs, request.ErrStale); opened != 1 || repeated != 7 {
			t.Fatalf("%d opened, %d repeated: %v", opened, repeated, errs)
		}
		if page, err := a.Tickets(t.Context(), request.Query{Viewer: request.Viewer{Lead: true}, Limit: 10}); err != nil || page.Total != 1 {
			t.Errorf("%d tickets, %v", page.Total, err)
		}
		if events, err := b.History(t.Context(), 1, 0, 10); err != nil || len(events) != 1 {
			t.Errorf("%d entries, %v", len(events), err)
		}
	})
}

func TestLaterOfTwoChangesIsStale(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		first := insert(t, a, newTicket("f"))
		second := load(t, b, first.Number)
		before := *first
		first.Assignee = ines
		do(t, a, func(tx request.Tx) error { return tx.UpdateTicket(t.Context(), &before, first) })
		second.Assignee = pavel
		err := b.InTx(t.Context(), func(tx request.Tx) error { return tx.UpdateTicket(t.Context(), &before, second) })
		if !errors.Is(err, request.ErrStale) {
			t.Errorf("got %v", err)
		}
		if got := load(t, b, first.Number); got.Assignee.ID != ines.ID || got.Revision != 2 {
			t.Errorf("kept %q at revision %d", got.Assignee.Name, got.Revision)
		}
	})
}

func TestLockedTicketIsChangedByOneAtATime(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		n := insert(t, a, newTicket("f")).Number
		const turns = 40
		errs := atOnce(turns, func(i int) error {
			s := []*store.Store{a, b}[i%2]
			return s.InTx(context.Background(), func(tx request.Tx) error {
				locked, err := tx.LockTicket(context.Background(), n)
				if err != nil {
					return err
				}
				before := *locked
				locked.Details.Warnings = append(locked.Details.Warnings, "w")
				return tx.UpdateTicket(context.Background(), &before, locked)
			})
		})
		if count(errs, nil) != turns {
			t.Fatal(errs)
		}
		if got := load(t, a, n); len(got.Details.Warnings) != turns || got.Revision != turns+1 {
			t.Errorf("%d changes kept, revision %d", len(got.Details.Warnings), got.Revision)
		}
	})
}

func TestFailedTransactionLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		kept := insert(t, s, newTicket("kept"))
		work := func(tx request.Tx) error {
			lost := newTicket("lost")
			changed := *kept
			changed.Title = "Changed"
			fired, err := fire(ctx, tx, kept.Number, 0)
			return errors.Join(err, tx.InsertTicket(ctx, lost), tx.UpdateTicket(ctx, kept, &changed),
				tx.Record(ctx, &request.Event{Ticket: kept.Number, At: monday, What: "commented", Text: "lostword"}),
				tx.Notify(ctx, request.Notice{Ticket: kept.Number, To: request.Target{Conversation: "c"}}),
				tx.(intake.Tx).SaveContact(ctx, ines.ID, request.Contact{Name: "x"}), func() error {
					if !fired {
						return errors.New("not fired")
					}
					return nil
				}())
		}
		sorry := errors.New("sorry")
		if err := s.InTx(ctx, func(tx request.Tx) error { return errors.Join(work(tx), sorry) }); err == nil || err.Error() != "sorry" {
			t.Fatal(err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = s.InTx(ctx, func(tx request.Tx) error { _ = work(tx); panic("oops") })
		}()
		cancelled, cancel := context.WithCancel(ctx)
		if err := s.InTx(cancelled, func(tx request.Tx) error { err := work(tx); cancel(); return err }); err == nil {
			t.Error("a cancelled transaction was kept")
		}
		if diff := cmp.Diff(kept, load(t, s, kept.Number)); diff != "" {
			t.Error(diff)
		}
		page, err := s.Tickets(ctx, request.Query{Viewer: request.Viewer{Lead: true}, Limit: 10})
		if err != nil || page.Total != 1 {
			t.Errorf("%d tickets, %v", page.Total, err)
		}
		if events, err := s.History(ctx, kept.Number, 0, 10); err != nil || len(events) != 0 {
			t.Errorf("%d entries, %v", len(events), err)
		}
		if c := session(t, s).Contact; c != (request.Contact{}) {
			t.Errorf("contact %v", c)
		}
		if left := claim(t, s, monday, 5); len(left) > 0 {
			t.Errorf("left %s", told(left))
		}
		do(t, s, func(tx request.Tx) error {
			if fired, err := fire(ctx, tx, kept.Number, 0); err != nil || !fired {
				t.Errorf("fired %v, %v", fired, err)
			}
			return nil
		})
	})
}
