package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

func newDraft(form string, p request.Person) *intake.Draft {
	return &intake.Draft{
		Form: form, Person: p, Conversation: "19:a@thread.tacv2", Step: intake.StepWho, UILanguage: "en",
		Started: monday, Expires: monday.Add(24 * time.Hour),
	}
}

// standingStill sets the clock of the stores.
func standingStill(now time.Time, stores ...*store.Store) {
	for _, s := range stores {
		s.Now = func() time.Time { return now }
	}
}

// keep keeps a new form, or one that has moved on.
func keep(t testing.TB, s *store.Store, d *intake.Draft) error {
	kept := *d
	kept.Version++
	err := s.InTx(t.Context(), func(tx request.Tx) error {
		if kept.Version == 1 {
			return tx.(intake.Tx).InsertDraft(t.Context(), &kept)
		}
		return tx.(intake.Tx).UpdateDraft(t.Context(), &kept)
	})
	if err == nil {
		d.Version = kept.Version
	}
	return err
}

func save(t testing.TB, s *store.Store, d *intake.Draft) {
	t.Helper()
	if err := keep(t, s, d); err != nil {
		t.Fatal(err)
	}
}

func drop(t testing.TB, s *store.Store, form string) {
	t.Helper()
	do(t, s, func(tx request.Tx) error { return tx.(intake.Tx).DropDraft(t.Context(), form) })
}

// byForm is a form, nil where there is none.
func byForm(t testing.TB, s *store.Store, id string) *intake.Draft {
	t.Helper()
	return session(t, s, form(id)).Draft
}

func TestFormComesBackAsItWasTyped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		want := filled[intake.Draft]()
		want.Version, want.Opened, want.Expires, want.Home = 0, 0, monday.Add(24*time.Hour), nil // the last one is the turn's own
		for version := 1; version <= 3; version++ {
			want.Answers.Title = fmt.Sprint("typed ", version)
			save(t, s, &want)
			if want.Version != version {
				t.Errorf("version %d, want %d", want.Version, version)
			}
			if diff := cmp.Diff(&want, session(t, s, of(want.Person), in(want.Conversation)).Draft); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(&want, byForm(t, s, want.Form)); diff != "" {
				t.Error("by form: ", diff)
			}
		}
	})
}

func TestLaterOfTwoAnswersToAFormIsStale(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		standingStill(monday, a, b)
		first := newDraft("f", ines)
		save(t, a, first)
		errs := atOnce(8, func(i int) error {
			mine := *first
			mine.Answers.Title = fmt.Sprint(i)
			return keep(t, []*store.Store{a, b}[i%2], &mine)
		})
		if count(errs, nil) != 1 || count(errs, request.ErrStale) != 7 {
			t.Fatal(errs)
		}
		before := first.Version
		if err := keep(t, b, first); !errors.Is(err, request.ErrStale) || first.Version != before {
			t.Errorf("%v, version %d", err, first.Version)
		}
	})
}

func TestOneUnfinishedFormForEachPersonAndConversation(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		standingStill(monday, a, b)
		errs := atOnce(8, func(i int) error {
			return keep(t, []*store.Store{a, b}[i%2], newDraft(fmt.Sprint("f", i), ines))
		})
		if count(errs, nil) != 1 || count(errs, request.ErrStale) != 7 {
			t.Fatal(errs)
		}
		left := 0
		for i := range 8 {
			if byForm(t, a, fmt.Sprint("f", i)) != nil {
				left++
			}
		}
		if left != 1 {
			t.Errorf("%d forms are left", left)
		}
		// Dropped and begun anew in one transaction, as "new" does it.
		open := session(t, a).Draft
		do(t, a, func(tx request.Tx) error {
			anew := newDraft("anew", ines)
			anew.Version = 1
			return errors.Join(tx.(intake.Tx).DropDraft(t.Context(), open.Form), tx.(intake.Tx).InsertDraft(t.Context(), anew))
		})
		elsewhere := newDraft("elsewhere", ines)
		elsewhere.Conversation = "another"
		save(t, a, elsewhere)
		save(t, b, newDraft("his", pavel))
		for id, p := range map[string]request.Person{"his": pavel, "elsewhere": ines, "anew": ines} {
			if byForm(t, b, id) == nil {
				t.Errorf("%s of %s is not there", id, p.Name)
			}
		}
		if d := byForm(t, b, open.Form); d != nil {
			t.Errorf("dropped: %+v", d)
		}
	})
}

func TestFinishedFormRemembersItsTicket(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		d := newDraft("f", ines)
		save(t, s, d)
		n := insert(t, s, newTicket("f")).Number
		do(t, s, func(tx request.Tx) error { return tx.(intake.Tx).FinishDraft(t.Context(), d, n) })
		if open := session(t, s).Draft; open != nil {
			t.Errorf("still unfinished: %+v", open)
		}
		if got := byForm(t, s, "f"); got == nil || got.Opened != n {
			t.Errorf("%+v", got)
		}
		if err := keep(t, s, d); !errors.Is(err, request.ErrStale) {
			t.Errorf("an old step of a finished form: %v", err)
		}
		err := s.InTx(t.Context(), func(tx request.Tx) error { return tx.(intake.Tx).FinishDraft(t.Context(), d, n) })
		if !errors.Is(err, request.ErrStale) {
			t.Errorf("finished twice: %v", err)
		}
		if err := keep(t, s, newDraft("f", ines)); err == nil {
			t.Error("a finished form anew")
		}
		save(t, s, newDraft("g", ines)) // the finished one is not in the way
		drop(t, s, "g")
		drop(t, s, "g") // again is harmless
		if got := byForm(t, s, "g"); got != nil {
			t.Errorf("dropped: %+v", got)
		}
	})
}

func TestFormExpires(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday.Add(24*time.Hour-time.Millisecond), s)
		d := newDraft("old", ines)
		save(t, s, d)
		if session(t, s).Draft == nil {
			t.Fatal("it is not there")
		}
		standingStill(monday.Add(24*time.Hour), s)
		if got := session(t, s).Draft; got != nil {
			t.Errorf("expired: %+v", got)
		}
		if got := byForm(t, s, "old"); got != nil {
			t.Errorf("expired: %+v", got)
		}
		next := newDraft("new", ines)
		next.Expires = monday.Add(48 * time.Hour)
		save(t, s, next) // in its place
		if _, err := s.Clean(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		standingStill(monday, s) // even with the clock put back
		if got := byForm(t, s, "old"); got != nil {
			t.Errorf("what expired was not cleared away: %+v", got)
		}
		if byForm(t, s, "new") == nil {
			t.Error("the new one is gone")
		}
	})
}

func TestContactIsTheLastOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []request.Contact{{Name: "A", Email: "a@x.example", Phone: "+4930"}, {Name: "B"}} {
			do(t, s, func(tx request.Tx) error { return tx.(intake.Tx).SaveContact(t.Context(), ines.ID, c) })
			if got := session(t, s).Contact; got != c {
				t.Errorf("%v", got)
			}
		}
	})
}
