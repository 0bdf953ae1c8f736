package bot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

func TestStrangersGetOneSentenceAndNothingElse(t *testing.T) {
	for name, option := range map[string]teamstest.PersonOption{
		"guest": teamstest.Guest(), "foreign": teamstest.Foreign(), "anonymous": teamstest.Anonymous(),
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			stranger := b.Conversation(teamstest.GroupChat).As("Mallory", option)
			stranger.Say("@onbehalf list").ExpectText("this support desk only")
			press := stranger.Invoke("adaptiveCard/action", map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "x", "data": map[string]any{}}})
			if !strings.Contains(string(press.Response.Body), "this support desk only") {
				t.Errorf("a press is answered with %s", press.Response.Body)
			}
			if found := stranger.Search("customers", "con"); len(found) != 0 {
				t.Errorf("the typeahead shows %v", found)
			}
			if b.desk.count() != 0 {
				t.Error("the desk heard a stranger")
			}
			stranger.Say("@onbehalf help").ExpectText("heard help")
			if _, err := b.store.Conversation(t.Context(), stranger.In.ID()); !errors.Is(err, outbox.ErrNoConversation) {
				t.Errorf("their conversation is kept: %v", err)
			}
			if _, zone, err := b.store.Reader(t.Context(), stranger.ObjectID); err != nil || zone != "" {
				t.Errorf("their zone is kept: %q, %v", zone, err)
			}
		})
	}
}

func TestSenderThatCannotBeLookedUpIsTurnedAway(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	b.Fault(teamstest.Fault{Op: "member", Status: 503})
	alice.Say("list").ExpectText("Try again")
	alice.Say("list").ExpectText("heard list") // and it is not held against them
}

func TestMembersAreLookedUpOncePerHour(t *testing.T) {
	b := newBench(t)
	now := time.Now()
	b.clock(func() time.Time { return now })
	alice := b.Conversation(teamstest.GroupChat).As("Alice")
	for range 3 {
		alice.Say("@onbehalf hi").ExpectText("heard hi")
	}
	if n := len(b.Events("member")); n != 1 {
		t.Errorf("%d lookups, want 1", n)
	}
	now = now.Add(time.Hour)
	alice.Say("@onbehalf hi").ExpectText("heard hi")
	if n := len(b.Events("member")); n != 2 {
		t.Errorf("%d lookups after an hour, want 2", n)
	}
	// Somebody who became a guest meanwhile is one after the hour.
	b.Person("Alice", teamstest.Guest())
	now = now.Add(time.Hour)
	alice.Say("@onbehalf hi").ExpectText("this support desk only")
}

func TestLanguageAndZoneComeFromThePerson(t *testing.T) {
	b := newBench(t)
	b.desk.message = func(ctx context.Context, turn *bot.Turn) error {
		if turn.Text == "sprache ru" {
			turn.ChooseLanguage("ru")
			return nil
		}
		return turn.Reply(teams.Message{Text: turn.Words.Lang() + " " + turn.Zone + " " + turn.Words.Zone().String()})
	}
	alice := b.Conversation(teamstest.Personal).As("Alice", teamstest.Speaking("de-AT"), teamstest.InZone("Asia/Almaty"))
	alice.Say("hi").ExpectText("de Asia/Almaty Asia/Almaty")
	alice.Say("sprache ru")
	b.Person("Alice", teamstest.InZone("Mars/Olympus"))
	alice.Say("hi").ExpectText("ru Asia/Almaty Asia/Almaty")
}
