package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/ticket"
)

func newDraft(form string, p ticket.Person) *ticket.Draft {
	return &ticket.Draft{
		Form: form, Person: p, Conversation: "19:a@thread.tacv2", Step: ticket.StepWho, Words: "en",
		Started: monday, Expires: monday.Add(24 * time.Hour),
	}
}

// standingStill sets the clock of the stores.
func standingStill(now time.Time, stores ...*store.Store) {
	for _, s := range stores {
		s.Now = func() time.Time { return now }
	}
}

func save(t testing.TB, s *store.Store, d *ticket.Draft) {
	t.Helper()
	if err := s.SaveDraft(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func TestFormComesBackAsItWasTyped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		want := filled[ticket.Draft]()
		want.Version, want.Opened, want.Expires = 0, 0, monday.Add(24*time.Hour)
		for version := 1; version <= 3; version++ {
			want.Answers.Title = fmt.Sprint("typed ", version)
			save(t, s, &want)
			if want.Version != version {
				t.Errorf("version %d, want %d", want.Version, version)
			}
			got, err := s.Draft(t.Context(), want.Person.ID, want.Conversation)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Error(diff)
			}
			if got, err = s.DraftByForm(t.Context(), want.Form); err != nil || cmp.Diff(&want, got) != "" {
				t.Errorf("by form: %v, %v", got, err)
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
			return []*store.Store{a, b}[i%2].SaveDraft(t.Context(), &mine)
		})
		if count(errs, nil) != 1 || count(errs, ticket.ErrStale) != 7 {
			t.Fatal(errs)
		}
		before := first.Version
		if err := b.SaveDraft(t.Context(), first); !errors.Is(err, ticket.ErrStale) || first.Version != before {
			t.Errorf("%v, version %d", err, first.Version)
		}
	})
}

func TestOneUnfinishedFormForEachPersonAndConversation(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		standingStill(monday, a, b)
		errs := atOnce(8, func(i int) error {
			return []*store.Store{a, b}[i%2].SaveDraft(t.Context(), newDraft(fmt.Sprint("f", i), ines))
		})
		if count(errs, nil) != 8 {
			t.Fatal(errs)
		}
		left := 0
		for i := range 8 {
			if _, err := a.DraftByForm(t.Context(), fmt.Sprint("f", i)); err == nil {
				left++
			}
		}
		if left != 1 {
			t.Errorf("%d forms are left", left)
		}
		// The same form sent twice at once is one form.
		errs = atOnce(8, func(i int) error {
			return []*store.Store{a, b}[i%2].SaveDraft(t.Context(), newDraft("same", pavel))
		})
		if count(errs, nil) != 1 || count(errs, ticket.ErrStale) != 7 {
			t.Fatal(errs)
		}
		elsewhere := newDraft("elsewhere", ines)
		elsewhere.Conversation = "another"
		save(t, a, elsewhere)
		for form, p := range map[string]ticket.Person{"same": pavel, "elsewhere": ines} {
			if _, err := b.DraftByForm(t.Context(), form); err != nil {
				t.Errorf("%s of %s: %v", form, p.Name, err)
			}
		}
	})
}

func TestFinishedFormRemembersItsTicket(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday, s)
		d := newDraft("f", ines)
		save(t, s, d)
		n := insert(t, s, newTicket("f")).Number
		do(t, s, func(tx ticket.Tx) error { return tx.FinishDraft(t.Context(), "f", n) })
		if _, err := s.Draft(t.Context(), ines.ID, d.Conversation); !errors.Is(err, ticket.ErrNoDraft) {
			t.Errorf("still unfinished: %v", err)
		}
		if got, err := s.DraftByForm(t.Context(), "f"); err != nil || got.Opened != n {
			t.Errorf("%+v, %v", got, err)
		}
		if err := s.SaveDraft(t.Context(), d); !errors.Is(err, ticket.ErrStale) {
			t.Errorf("an old step of a finished form: %v", err)
		}
		if err := s.SaveDraft(t.Context(), newDraft("f", ines)); !errors.Is(err, ticket.ErrStale) {
			t.Errorf("a finished form anew: %v", err)
		}
		save(t, s, newDraft("g", ines)) // the finished one is not in the way
		if err := s.DropDraft(t.Context(), "g"); err != nil {
			t.Fatal(err)
		}
		if err := s.DropDraft(t.Context(), "g"); err != nil {
			t.Errorf("dropping again: %v", err)
		}
		if _, err := s.DraftByForm(t.Context(), "g"); !errors.Is(err, ticket.ErrNoDraft) {
			t.Errorf("dropped: %v", err)
		}
	})
}

func TestFormExpires(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		standingStill(monday.Add(24*time.Hour-time.Millisecond), s)
		d := newDraft("old", ines)
		save(t, s, d)
		if _, err := s.Draft(t.Context(), ines.ID, d.Conversation); err != nil {
			t.Fatal(err)
		}
		standingStill(monday.Add(24*time.Hour), s)
		if _, err := s.Draft(t.Context(), ines.ID, d.Conversation); !errors.Is(err, ticket.ErrNoDraft) {
			t.Error(err)
		}
		if _, err := s.DraftByForm(t.Context(), "old"); !errors.Is(err, ticket.ErrNoDraft) {
			t.Error(err)
		}
		next := newDraft("new", pavel)
		next.Expires = monday.Add(48 * time.Hour)
		save(t, s, next)
		standingStill(monday, s) // even with the clock put back
		if _, err := s.DraftByForm(t.Context(), "old"); !errors.Is(err, ticket.ErrNoDraft) {
			t.Errorf("what expired was not cleared away: %v", err)
		}
	})
}

func TestContactIsTheLastOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if c, err := s.ContactOf(t.Context(), ines.ID); err != nil || c != (ticket.Contact{}) {
			t.Errorf("%v, %v", c, err)
		}
		for _, c := range []ticket.Contact{{Name: "A", Email: "a@x.example", Phone: "+4930"}, {Name: "B"}} {
			do(t, s, func(tx ticket.Tx) error { return tx.SaveContact(t.Context(), ines.ID, c) })
			if got, err := s.ContactOf(t.Context(), ines.ID); err != nil || got != c {
				t.Errorf("%v, %v", got, err)
			}
		}
	})
}
