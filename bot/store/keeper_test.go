package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot"
	"onbehalf/bot/notify"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/ticket"
)

func delivery(activity string, at time.Time) bot.Delivery {
	return bot.Delivery{Conversation: "19:a@thread.tacv2", Activity: activity, Person: ines.ID, Said: "digest", At: at}
}

func claim(t testing.TB, s *store.Store, d bot.Delivery) bot.Claim {
	t.Helper()
	c, err := s.ClaimTurn(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func finish(t testing.TB, s *store.Store, d bot.Delivery, body string, at time.Time) {
	t.Helper()
	if err := s.FinishTurn(t.Context(), d, bot.StoredAnswer{Status: 200, Body: []byte(body)}, at); err != nil {
		t.Fatal(err)
	}
}

func TestTurnIsTakenByOne(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		both := []*store.Store{a, b}
		at := monday
		for name, wanted := range map[string]bot.ClaimState{"new": bot.ClaimRunning} {
			states := make([]bot.ClaimState, 8)
			for _, err := range atOnce(8, func(i int) error {
				c, err := both[i%2].ClaimTurn(t.Context(), delivery("1", at))
				states[i] = c.State
				return err
			}) {
				if err != nil {
					t.Error(err)
				}
			}
			taken := 0
			for _, s := range states {
				if s == bot.ClaimTaken {
					taken++
				} else if s != wanted {
					t.Errorf("%s: state %d", name, s)
				}
			}
			if taken != 1 {
				t.Errorf("%s: %d took it", name, taken)
			}
		}
		// Whoever had it died: of those who come after the lease one takes it over.
		at = monday.Add(bot.ClaimLease + time.Millisecond)
		taken := 0
		states := make([]bot.ClaimState, 8)
		atOnce(8, func(i int) error {
			c, err := both[i%2].ClaimTurn(t.Context(), delivery("1", at))
			states[i] = c.State
			return err
		})
		for _, s := range states {
			if s == bot.ClaimTaken {
				taken++
			}
		}
		if taken != 1 {
			t.Errorf("%d took it over", taken)
		}
		finish(t, a, delivery("1", at), `{"a":1}`, at.Add(time.Second))
		for range 2 {
			c := claim(t, b, delivery("1", at.Add(bot.TurnKept)))
			if c.State != bot.ClaimDone || c.Answer.Status != 200 || string(c.Answer.Body) != `{"a":1}` {
				t.Errorf("%+v", c)
			}
		}
		if c := claim(t, b, delivery("1", at.Add(bot.TurnKept+2*time.Second))); c.State != bot.ClaimTaken {
			t.Errorf("after its time: %+v", c)
		}
	})
}

func TestReleasedTurnRunsAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := delivery("1", monday)
		claim(t, s, d)
		if c := claim(t, s, d); c.State != bot.ClaimRunning {
			t.Errorf("%+v", c)
		}
		if err := s.ReleaseTurn(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if c := claim(t, s, d); c.State != bot.ClaimTaken {
			t.Errorf("%+v", c)
		}
		finish(t, s, d, "", monday)
		if err := s.ReleaseTurn(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if c := claim(t, s, d); c.State != bot.ClaimDone || len(c.Answer.Body) != 0 {
			t.Errorf("a finished turn was given back: %+v", c)
		}
	})
}

func TestSlowTurnUnderAnotherID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		slow, quick := delivery("slow", monday), delivery("quick", monday)
		quick.Said = "quick"
		claim(t, s, slow)
		claim(t, s, quick)
		ended := monday.Add(bot.SlowTurn + time.Second)
		finish(t, s, slow, "slow", ended)
		finish(t, s, quick, "quick", monday.Add(bot.SlowTurn))

		again := func(id string, change func(d *bot.Delivery)) bot.ClaimState {
			d := delivery(id, ended.Add(bot.RepeatedWithin-time.Millisecond))
			change(&d)
			return claim(t, s, d).State
		}
		for name, c := range map[string]struct {
			change func(d *bot.Delivery)
			want   bot.ClaimState
		}{
			"another text":         {func(d *bot.Delivery) { d.Said = "other" }, bot.ClaimTaken},
			"no text":              {func(d *bot.Delivery) { d.Said = "" }, bot.ClaimTaken},
			"another person":       {func(d *bot.Delivery) { d.Person = pavel.ID }, bot.ClaimTaken},
			"another conversation": {func(d *bot.Delivery) { d.Conversation = "x" }, bot.ClaimTaken},
			"a turn that was quick": {func(d *bot.Delivery) {
				d.Said = "quick"
			}, bot.ClaimTaken},
			"too late": {func(d *bot.Delivery) { d.At = ended.Add(bot.RepeatedWithin) }, bot.ClaimTaken},
			"the same": {func(*bot.Delivery) {}, bot.ClaimDone},
		} {
			if got := again(name, c.change); got != c.want {
				t.Errorf("%s: state %d, want %d", name, got, c.want)
			}
		}
		// The copy answers by itself from now on, and is no slow turn of its own.
		c := claim(t, s, delivery("the same", ended.Add(5*time.Minute)))
		if c.State != bot.ClaimDone || string(c.Answer.Body) != "slow" {
			t.Errorf("%+v", c)
		}
		if c := claim(t, s, delivery("third", ended.Add(bot.RepeatedWithin+time.Second))); c.State != bot.ClaimTaken {
			t.Errorf("%+v", c)
		}
	})
}

func TestOldTurnsAreForgotten(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		for i := range 50 {
			d := delivery(fmt.Sprint(i), monday.Add(time.Duration(i)*time.Minute))
			claim(t, s, d)
			if i%2 == 0 {
				finish(t, s, d, "x", d.At)
			}
		}
		var kept int
		if err := raw(t, url).QueryRowContext(t.Context(), "select count(*) from turns").Scan(&kept); err != nil || kept > 25 {
			t.Errorf("%d turns kept, %v", kept, err)
		}
	})
}

func personalOf(p ticket.Person, id string) bot.Conversation {
	return bot.Conversation{ID: id, Tenant: "t", Kind: "personal", ServiceURL: "https://smba.example/emea/", BotID: "28:bot", BotName: "onbehalf", Person: p.ID, Seen: monday}
}

func TestConversationIsRememberedAndMarked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		if _, err := s.Conversation(ctx, "a:1"); !errors.Is(err, notify.ErrNoConversation) {
			t.Error(err)
		}
		if _, err := s.PersonalOf(ctx, ines.ID); !errors.Is(err, notify.ErrNoConversation) {
			t.Error(err)
		}
		if err := s.Remember(ctx, personalOf(ines, "a:1")); err != nil {
			t.Fatal(err)
		}
		want := notify.Conversation{
			ID: "a:1", Kind: "personal", Tenant: "t", ServiceURL: "https://smba.example/emea/", BotID: "28:bot", BotName: "onbehalf",
			Person: ines.ID, Heard: monday,
		}
		check := func(what string) {
			t.Helper()
			got, err := s.PersonalOf(ctx, ines.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, *got); diff != "" {
				t.Errorf("%s:\n%s", what, diff)
			}
		}
		check("remembered")
		if err := s.Remember(ctx, bot.Conversation{ID: "a:1", ServiceURL: "https://smba.example/amer/", Seen: monday.Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
		want.ServiceURL = "https://smba.example/amer/"
		check("refreshed")
		for code, reach := range map[string]notify.Reach{"MessageWritesBlocked": notify.Blocked, "BotNotInConversationRoster": notify.Removed} {
			if err := s.MarkUnreachable(ctx, "a:1", code, monday); err != nil {
				t.Fatal(err)
			}
			want.Reach = reach
			check(code)
		}
		for _, reach := range []notify.Reach{notify.Blocked, notify.Removed, notify.Reachable} {
			if err := s.MarkConversation(ctx, "a:1", reach); err != nil {
				t.Fatal(err)
			}
			want.Reach = reach
			check("marked " + string(reach))
		}
		if err := s.Forget(ctx, "a:1", monday); err != nil {
			t.Fatal(err)
		}
		want.Reach = notify.Removed
		check("forgotten")
		if err := s.Remember(ctx, bot.Conversation{ID: "a:1", Seen: monday.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		want.Reach, want.Heard = notify.Reachable, monday.Add(time.Hour)
		check("remembered again")
		if err := errors.Join(s.MarkUnreachable(ctx, "none", "x", monday), s.MarkConversation(ctx, "none", notify.Blocked), s.Forget(ctx, "none", monday)); err != nil {
			t.Errorf("marking what is not known: %v", err)
		}
	})
}

func TestForgettingAChannelForgetsItsThreads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ids := []string{"19:a@thread.tacv2", "19:a@thread.tacv2;messageid=1", "19:a@thread.tacv2x", "19:b@thread.tacv2;messageid=1", "19:a@thread.tacv2<"}
		for _, id := range ids {
			if greet, err := s.Greet(t.Context(), bot.Conversation{ID: id, Kind: "channel"}); err != nil || !greet {
				t.Errorf("%s: %v, %v", id, greet, err)
			}
		}
		if err := s.Forget(t.Context(), ids[0], monday); err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			c, err := s.Conversation(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if removed := c.Reach == notify.Removed; removed != (i < 2) {
				t.Errorf("%s: removed %v", id, removed)
			}
		}
	})
}

func TestGreetedOnceUntilForgotten(t *testing.T) {
	replicas(t, func(t *testing.T, a, b *store.Store) {
		for round := range 2 {
			greetings := make([]bool, 8)
			for _, err := range atOnce(8, func(i int) (err error) {
				greetings[i], err = []*store.Store{a, b}[i%2].Greet(t.Context(), personalOf(ines, "a:1"))
				return err
			}) {
				if err != nil {
					t.Error(err)
				}
			}
			n := 0
			for _, g := range greetings {
				if g {
					n++
				}
			}
			if n != 1 {
				t.Errorf("round %d: greeted %d times", round, n)
			}
			if err := a.Remember(t.Context(), personalOf(ines, "a:1")); err != nil {
				t.Fatal(err)
			}
			if greet, err := b.Greet(t.Context(), personalOf(ines, "a:1")); err != nil || greet {
				t.Errorf("greeted again: %v", err)
			}
			if err := a.Forget(t.Context(), "a:1", monday); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestSettingsChangeOneByOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var want bot.Settings
		for _, change := range []bot.Settings{{}, {Language: "de"}, {Zone: "Europe/Berlin"}, {Personal: "a:1"}, {Language: "ru", Personal: "a:2"}} {
			if err := s.SaveSettings(t.Context(), ines.ID, change); err != nil {
				t.Fatal(err)
			}
			for _, f := range []struct{ from, to *string }{{&change.Language, &want.Language}, {&change.Zone, &want.Zone}, {&change.Personal, &want.Personal}} {
				if *f.from != "" {
					*f.to = *f.from
				}
			}
			if got, err := s.Settings(t.Context(), ines.ID); err != nil || got != want {
				t.Errorf("%+v, want %+v, %v", got, want, err)
			}
		}
		if language, zone, err := s.Reader(t.Context(), ines.ID); err != nil || language != "ru" || zone != "Europe/Berlin" {
			t.Errorf("%s %s %v", language, zone, err)
		}
		if language, zone, err := s.Reader(t.Context(), pavel.ID); err != nil || language != "" || zone != "" {
			t.Errorf("%s %s %v", language, zone, err)
		}
		if err := s.Remember(t.Context(), personalOf(ines, "a:3")); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Settings(t.Context(), ines.ID); err != nil || got.Personal != "a:3" || got.Language != "ru" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestMemberComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.Member(t.Context(), "t", ines.ID); !errors.Is(err, bot.ErrUnknown) {
			t.Error(err)
		}
		want := filled[bot.Member]()
		for _, name := range []string{"before", "after"} {
			want.Name = name
			if err := s.KeepMember(t.Context(), "t", want); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Member(t.Context(), "t", want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if _, err := s.Member(t.Context(), "another", want.ID); !errors.Is(err, bot.ErrUnknown) {
			t.Errorf("known in another tenant: %v", err)
		}
	})
}

func TestNewestServiceURL(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for i, c := range []bot.Conversation{
			{ID: "a", Tenant: "t", ServiceURL: "https://old/", Seen: monday}, {ID: "b", Tenant: "t", ServiceURL: "https://new/", Seen: monday.Add(2)},
			{ID: "c", Tenant: "t", Seen: monday.Add(time.Hour)}, {ID: "d", Tenant: "u", ServiceURL: "https://other/", Seen: monday.Add(time.Minute)},
			{ID: "e", Tenant: "t", ServiceURL: "https://unseen/"},
		} {
			c.Seen = c.Seen.Add(time.Duration(i) * time.Millisecond)
			if c.ID == "e" {
				c.Seen = time.Time{}
			}
			if err := s.Remember(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		for tenant, want := range map[string]string{"t": "https://new/", "u": "https://other/", "": "https://other/", "v": ""} {
			if got, err := s.NewestServiceURL(t.Context(), tenant); err != nil || got != want {
				t.Errorf("%q: %q, %v", tenant, got, err)
			}
		}
	})
}
