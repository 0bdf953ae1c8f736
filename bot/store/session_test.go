package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// turn runs one turn that must succeed, of no delivery.
func turn(t testing.TB, s *store.Store, work func(tx bot.Tx) error) []outbox.Lease {
	t.Helper()
	leases, err := s.Turn(t.Context(), bot.Session{}, bot.Delivery{}, func(_ context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
		return bot.StoredAnswer{}, work(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return leases
}

// session is what a turn of Ines begins with; changes alter the key.
func session(t testing.TB, s *store.Store, changes ...func(k *bot.SessionKey)) bot.Session {
	t.Helper()
	key := bot.SessionKey{Delivery: bot.Delivery{Conversation: "19:a@thread.tacv2", Activity: "new", Person: ines.ID}, Tenant: "t"}
	for _, change := range changes {
		change(&key)
	}
	read, err := s.Session(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func of(p request.Person) func(k *bot.SessionKey) { return func(k *bot.SessionKey) { k.Person = p.ID } }
func in(conversation string) func(*bot.SessionKey) {
	return func(k *bot.SessionKey) { k.Conversation = conversation }
}
func form(id string) func(*bot.SessionKey) { return func(k *bot.SessionKey) { k.Form = id } }

func personalOf(p request.Person, id string) outbox.Conversation {
	return outbox.Conversation{ID: id, Tenant: "t", Kind: "personal", ServiceURL: "https://smba.example/emea/", BotID: "28:bot", BotName: "onbehalf", Person: p.ID, Seen: monday}
}

func remember(t testing.TB, s *store.Store, c outbox.Conversation) {
	t.Helper()
	turn(t, s, func(tx bot.Tx) error { return tx.Remember(t.Context(), c) })
}

func forget(t testing.TB, s *store.Store, id string) {
	t.Helper()
	turn(t, s, func(tx bot.Tx) error { return tx.Forget(t.Context(), id, monday) })
}

func TestATurnThatKnowsNothingBeginsWithNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if diff := cmp.Diff(bot.Session{Customers: 1}, session(t, s), cmpopts.IgnoreFields(bot.Session{}, "Reader")); diff != "" {
			t.Error(diff)
		}
	})
}

// TestATurnBeginsWithAllThatIsKnown reads it in one query.
func TestATurnBeginsWithAllThatIsKnown(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		standingStill(monday, s)
		place := outbox.Conversation{
			ID: "19:a@thread.tacv2", Tenant: "t", Kind: "channel", ServiceURL: "https://smba.example/emea/", BotID: "28:bot", BotName: "onbehalf",
			Channel: "19:a@thread.tacv2", Seen: monday,
		}
		member := filled[bot.Member]()
		member.ID = ines.ID
		draft := filled[intake.Draft]()
		draft.Person.ID, draft.Conversation, draft.Version, draft.Opened, draft.Expires, draft.Home = ines.ID, place.ID, 0, 0, monday.Add(time.Hour), nil
		contact := request.Contact{Name: "A", Email: "a@x.example", Phone: "+4930"}
		save(t, s, &draft)
		turn(t, s, func(tx bot.Tx) error {
			return errors.Join(
				tx.Remember(t.Context(), place), tx.KeepMember(t.Context(), "t", member), tx.SaveContact(t.Context(), ines.ID, contact),
				tx.SaveSettings(t.Context(), ines.ID, bot.Settings{Language: "ru", Zone: "Asia/Almaty", Personal: "a:1"}),
				tx.Posted(t.Context(), outbox.Posted{Handle: request.Handle(draft.Form), Conversation: place.ID, Activity: "17"}),
			)
		})
		put(t, s, customer.Customer{TenantID: tenant(1), Name: "Contoso"})
		statements := 0
		counted := storetest.Open(t, url)
		counted.Now, counted.Trace = s.Now, func(string) error { statements++; return nil }
		want := bot.Session{
			Conversation: &place, Member: &member, Settings: bot.Settings{Language: "ru", Zone: "Asia/Almaty", Personal: "a:1"},
			Draft: &draft, FormMessage: "17", Contact: contact, Customers: 2,
		}
		for name, got := range map[string]bot.Session{"by person": session(t, counted), "by form": session(t, counted, form(draft.Form), in("elsewhere"), of(ines))} {
			if name == "by form" {
				got.Conversation = &place
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(bot.Session{}, "Reader")); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		if statements != 2 {
			t.Errorf("%d statements for two sessions", statements)
		}
		if got := session(t, s, of(pavel)); got.Draft != nil || got.FormMessage != "" || got.Member != nil || got.Contact != (request.Contact{}) || got.Settings != (bot.Settings{}) {
			t.Errorf("somebody else's: %+v", got)
		}
		if got := session(t, s, func(k *bot.SessionKey) { k.Tenant = "another" }); got.Member != nil {
			t.Errorf("known in another tenant: %+v", got.Member)
		}
	})
}

func TestConversationIsRememberedAndMarked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		if _, err := s.Conversation(ctx, "a:1"); !errors.Is(err, outbox.ErrNoConversation) {
			t.Error(err)
		}
		if _, err := s.PersonalOf(ctx, ines.ID); !errors.Is(err, outbox.ErrNoConversation) {
			t.Error(err)
		}
		remember(t, s, personalOf(ines, "a:1"))
		want := personalOf(ines, "a:1")
		check := func(what string) {
			t.Helper()
			got, err := s.PersonalOf(ctx, ines.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s:\n%s", what, diff)
			}
		}
		check("remembered")
		remember(t, s, outbox.Conversation{ID: "a:1", ServiceURL: "https://smba.example/amer/", Seen: monday.Add(-time.Hour)})
		want.ServiceURL = "https://smba.example/amer/"
		check("refreshed")
		for _, reach := range []outbox.Reach{outbox.Blocked, outbox.Removed, outbox.Reachable} {
			marked := want
			marked.Reach = reach
			leave(t, s, notice("other", 1))
			settle(t, s, claim(t, s, monday, 1)[0], outbox.Ended{Places: []outbox.Conversation{marked}})
			want.Reach = reach
			check("marked " + string(reach))
			drain(t, s)
		}
		forget(t, s, "a:1")
		want.Reach = outbox.Removed
		check("forgotten")
		remember(t, s, outbox.Conversation{ID: "a:1", Seen: monday.Add(time.Hour)})
		want.Reach, want.Seen = outbox.Reachable, monday.Add(time.Hour)
		check("remembered again")
		forget(t, s, "none")
	})
}

func TestMarksOfAnEarlierRelease(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		for code, want := range map[string]outbox.Reach{
			"": outbox.Reachable, "MessageWritesBlocked": outbox.Blocked, "BotDisabledByAdmin": outbox.Blocked,
			"BotNotInConversationRoster": outbox.Removed, "ConversationNotFound": outbox.Removed,
		} {
			remember(t, s, outbox.Conversation{ID: "c" + code, Kind: "groupChat"})
			exec(t, url, "update conversations set unreachable = '"+code+"' where id = 'c"+code+"'")
			if c, err := s.Conversation(t.Context(), "c"+code); err != nil || c.Reach != want {
				t.Errorf("%s: %q, %v", code, c.Reach, err)
			}
		}
	})
}

func TestForgettingAChannelForgetsItsThreads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ids := []string{"19:a@thread.tacv2", "19:a@thread.tacv2;messageid=1", "19:a@thread.tacv2x", "19:b@thread.tacv2;messageid=1", "19:a@thread.tacv2<"}
		for _, id := range ids {
			turn(t, s, func(tx bot.Tx) error {
				greet, err := tx.Greet(t.Context(), outbox.Conversation{ID: id, Kind: "channel"})
				if !greet {
					t.Errorf("%s is not greeted", id)
				}
				return err
			})
		}
		forget(t, s, ids[0])
		for i, id := range ids {
			c, err := s.Conversation(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if removed := c.Reach == outbox.Removed; removed != (i < 2) {
				t.Errorf("%s: removed %v", id, removed)
			}
		}
	})
}

func TestGreetedOnceUntilForgotten(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		greet := func(s *store.Store) (greet bool) {
			turn(t, s, func(tx bot.Tx) (err error) {
				greet, err = tx.Greet(t.Context(), personalOf(ines, "a:1"))
				return err
			})
			return greet
		}
		for round := range 2 {
			greetings := make([]bool, 8)
			atOnce(8, func(i int) error {
				greetings[i] = greet([]*store.Store{a, b}[i%2])
				return nil
			})
			n := 0
			for _, g := range greetings {
				if g {
					n++
				}
			}
			if n != 1 {
				t.Errorf("round %d: greeted %d times", round, n)
			}
			remember(t, a, personalOf(ines, "a:1"))
			if greet(b) {
				t.Error("greeted again")
			}
			forget(t, a, "a:1")
		}
	})
}

func TestSettingsChangeOneByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var want bot.Settings
		for _, change := range []bot.Settings{{}, {Language: "de"}, {Zone: "Europe/Berlin"}, {Personal: "a:1"}, {Language: "ru", Personal: "a:2"}} {
			turn(t, s, func(tx bot.Tx) error { return tx.SaveSettings(t.Context(), ines.ID, change) })
			for _, f := range []struct{ from, to *string }{{&change.Language, &want.Language}, {&change.Zone, &want.Zone}, {&change.Personal, &want.Personal}} {
				if *f.from != "" {
					*f.to = *f.from
				}
			}
			if got := session(t, s).Settings; got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		if language, zone, err := s.Reader(t.Context(), ines.ID); err != nil || language != "ru" || zone != "Europe/Berlin" {
			t.Errorf("%s %s %v", language, zone, err)
		}
		if language, zone, err := s.Reader(t.Context(), pavel.ID); err != nil || language != "" || zone != "" {
			t.Errorf("%s %s %v", language, zone, err)
		}
		remember(t, s, personalOf(ines, "a:3"))
		if got := session(t, s).Settings; got.Personal != "a:3" || got.Language != "ru" {
			t.Errorf("%+v", got)
		}
	})
}

func TestMemberIsTheLastOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := filled[bot.Member]()
		for _, name := range []string{"before", "after"} {
			want.Name = name
			turn(t, s, func(tx bot.Tx) error { return tx.KeepMember(t.Context(), "t", want) })
		}
		if diff := cmp.Diff(&want, session(t, s, of(want.Person)).Member); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNewestServiceURL(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i, c := range []outbox.Conversation{
			{ID: "a", Tenant: "t", ServiceURL: "https://old/", Seen: monday}, {ID: "b", Tenant: "t", ServiceURL: "https://new/", Seen: monday.Add(2)},
			{ID: "c", Tenant: "t", Seen: monday.Add(time.Hour)}, {ID: "d", Tenant: "u", ServiceURL: "https://other/", Seen: monday.Add(time.Minute)},
			{ID: "e", Tenant: "t", ServiceURL: "https://unseen/"},
		} {
			c.Seen = c.Seen.Add(time.Duration(i) * time.Millisecond)
			if c.ID == "e" {
				c.Seen = time.Time{}
			}
			remember(t, s, c)
		}
		for tenant, want := range map[string]string{"t": "https://new/", "u": "https://other/", "": "https://other/", "v": ""} {
			if got, err := s.NewestServiceURL(t.Context(), tenant); err != nil || got != want {
				t.Errorf("%q: %q, %v", tenant, got, err)
			}
		}
	})
}
