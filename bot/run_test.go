package bot_test

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

func TestTheSameDeliveryIsAnsweredOnceAndAlike(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	turn := alice.Invoke("adaptiveCard/action", map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "x", "data": map[string]any{}}})
	again := turn.Again()
	if !bytes.Equal(again.Response.Body, turn.Response.Body) || len(turn.Response.Body) == 0 {
		t.Errorf("the second delivery got %s, the first %s", again.Response.Body, turn.Response.Body)
	}
	alice.Say("hi").Again()
	if n := b.desk.count(); n != 2 {
		t.Errorf("%d turns ran, want 2", n)
	}
}

func TestParallelDeliveriesRunOnce(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	release := make(chan struct{})
	b.desk.press = func(_ context.Context, turn *bot.Turn, _ teams.CardAction) error {
		<-release
		return turn.AnswerText("done")
	}
	a := alice.Activity("invoke")
	a["name"], a["value"] = "adaptiveCard/action", map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "x", "data": map[string]any{}}}
	var group sync.WaitGroup
	answers := make([]string, 5)
	for i := range answers {
		group.Go(func() { answers[i] = string(b.Post(a).Body) })
	}
	close(release)
	group.Wait()
	for _, got := range answers {
		if got != answers[0] || !strings.Contains(got, "done") {
			t.Errorf("answers differ: %q", answers)
		}
	}
	if n := b.desk.count(); n != 1 {
		t.Errorf("%d turns ran, want 1", n)
	}
}

func TestEditedMessagesNeverRun(t *testing.T) {
	b := newBench(t)
	turn := b.Conversation(teamstest.Personal).As("Alice").Say("new contoso")
	turn.Edited("new fabrikam")
	if n := b.desk.count(); n != 1 {
		t.Errorf("%d turns ran, want 1", n)
	}
}

func TestTalkOfOthersInAGroupIsNotForUs(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Channel).As("Alice")
	b.Person("Bob")
	alice.Say("new contoso")
	alice.Say("@Bob new contoso")
	if n := b.desk.count(); n != 0 {
		t.Errorf("%d turns ran, want 0", n)
	}
	alice.Say("@onbehalf hi").ExpectText("heard hi")
	alice.Slash("hi").ExpectText("heard hi")
}

func TestDatabaseAwayIs503AndTheTurnComesAgain(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	alice.Say("before").ExpectText("heard before")
	b.away.Store(true)
	a := alice.Message("hi")
	if got := b.Post(a); got.Status != 503 {
		t.Fatalf("status %d, want 503", got.Status)
	}
	b.away.Store(false)
	b.desk.message = func(_ context.Context, turn *bot.Turn) error {
		turn.Do(func(ctx context.Context, tx bot.Tx) error {
			b.away.Store(true)
			return tx.Remember(ctx, outbox.Conversation{ID: "19:half@thread.v2"})
		})
		return nil
	}
	if got := b.Post(a); got.Status != 503 {
		t.Fatalf("status %d, want 503", got.Status)
	}
	b.away.Store(false)
	if _, err := b.store.Conversation(t.Context(), "19:half@thread.v2"); !errors.Is(err, outbox.ErrNoConversation) {
		t.Errorf("half a turn is there: %v", err)
	}
	b.desk.message = nil
	alice.Do(a).ExpectText("heard hi")
}

// A statement that does not answer in time, a connection that is cut, a full disk: none
// is kept as the answer of the turn.
func TestWhatFailedForReasonsOfOursIsNeverStored(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	alice.Say("before").ExpectText("heard before")
	a := alice.Message("hi")
	for _, failure := range []error{context.DeadlineExceeded, driver.ErrBadConn, io.ErrUnexpectedEOF, syscall.ECONNRESET, errors.New("a fault of ours")} {
		b.desk.message = func(_ context.Context, turn *bot.Turn) error {
			turn.Do(func(context.Context, bot.Tx) error { return failure })
			return nil
		}
		if got := b.Post(a); got.Status != 503 && got.Status != 500 {
			t.Errorf("%v: status %d", failure, got.Status)
		}
	}
	b.desk.message = nil
	alice.Do(a).ExpectText("heard hi")
}

// A plan whose ground has changed is made anew; nothing of the first is left.
func TestAStaleTurnIsPlannedAnew(t *testing.T) {
	b := newBench(t)
	plans := 0
	b.desk.message = func(_ context.Context, turn *bot.Turn) error {
		plans++
		stale := plans < 3
		turn.Do(func(context.Context, bot.Tx) error {
			if stale {
				return request.ErrStale
			}
			return nil
		})
		return turn.Reply(teams.Message{Text: fmt.Sprint("plan ", plans)})
	}
	alice := b.Conversation(teamstest.Personal).As("Alice")
	alice.Say("hi").ExpectText("plan 3")
	if n := len(b.Messages(alice.In.ID())); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestPanicsAndErrorsAreAnsweredWithAReference(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	b.desk.press = func(context.Context, *bot.Turn, teams.CardAction) error { panic("secret detail") }
	press := alice.Invoke("adaptiveCard/action", map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "x", "data": map[string]any{}}})
	if got := string(press.Response.Body); press.Response.Status != 200 || !strings.Contains(got, `"statusCode":500`) || !strings.Contains(got, "reference") || strings.Contains(got, "secret") {
		t.Errorf("a panic is answered with %d %s", press.Response.Status, got)
	}
	b.desk.message = func(context.Context, *bot.Turn) error { return errors.New("secret detail") }
	if got := b.Post(alice.Message("crash me")); got.Status != 500 || len(got.Body) != 0 {
		t.Errorf("an error is answered with %d %s", got.Status, got.Body)
	}
	alice.ExpectText("reference")
	if strings.Contains(b.log.String(), "crash me") {
		t.Error("what somebody typed stands in the log")
	}
	if !strings.Contains(b.log.String(), "secret detail") {
		t.Error("the fault does not stand in the log")
	}
}

func TestInstallIsGreetedOnce(t *testing.T) {
	for _, kind := range []string{teamstest.Personal, teamstest.GroupChat, teamstest.Channel} {
		t.Run(kind, func(t *testing.T) {
			b := newBench(t)
			alice := b.Conversation(kind).As("Alice")
			greetings := func() (n int) {
				for _, e := range b.Events("send") {
					if e.Message != nil && e.Message.Text == "hello" {
						n++
					}
				}
				return n
			}
			alice.Install()
			if n := greetings(); n != 1 {
				t.Fatalf("%d greetings, want 1", n)
			}
			alice.Remove()
			if b.reach(t, alice.In.ID()) != outbox.Removed {
				t.Error("the removal is not kept")
			}
			alice.Install()
			if n := greetings(); n != 2 {
				t.Errorf("%d greetings after the second install, want 2", n)
			}
		})
	}
}

func TestOddTextReachesTheDeskClean(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	for _, text := range []string{strings.Repeat("x", 20000), "👩‍👩‍👧‍👦 שלום", "a\x00b", "<at>nobody</at>"} {
		alice.Say(text)
	}
	if n := b.desk.count(); n != 4 {
		t.Errorf("%d turns ran, want 4", n)
	}
	for _, turn := range b.desk.turns {
		if strings.ContainsRune(turn.Text, 0) {
			t.Errorf("NUL in %q", turn.Text)
		}
	}
}

func TestASlowTurnThatComesBackUnderANewIDRunsOnce(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	bob := b.Conversation(teamstest.Personal).As("Bob")
	now := time.Now()
	b.clock(func() time.Time { return now })
	slow := true
	b.desk.message = func(context.Context, *bot.Turn) error {
		if slow {
			now = now.Add(bot.SlowTurn + time.Second)
		}
		return nil
	}
	turn := alice.Say("comment SR-1 it works")
	turn.AgainAsNew()
	if n := b.desk.count(); n != 1 {
		t.Fatalf("%d turns ran, want 1", n)
	}
	slow = false
	bob.Say("comment SR-1 it works")       // somebody else
	alice.Say("comment SR-1 it works now") // something else
	now = now.Add(bot.RepeatedWithin)
	turn.AgainAsNew() // meant anew by now
	if n := b.desk.count(); n != 4 {
		t.Errorf("%d turns ran, want 4", n)
	}
	alice.Say("yes").AgainAsNew() // a quick turn is never taken for a repetition
	if n := b.desk.count(); n != 6 {
		t.Errorf("%d turns ran, want 6", n)
	}
}

// Ids count within their conversation.
func TestTheSameIDInTwoConversationsIsTwoTurns(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	bob := b.Conversation(teamstest.Personal).As("Bob")
	a, other := alice.Message("hi"), bob.Message("ho")
	other["id"] = a["id"]
	alice.Do(a).ExpectText("heard hi")
	bob.Do(other).ExpectText("heard ho")
}

// The bot was taken out of one shared channel: the team and its other channels stay.
func TestLeavingAChannelIsNotLeavingItsTeam(t *testing.T) {
	b := newBench(t)
	shared := b.Conversation(teamstest.Channel)
	alice := shared.As("Alice")
	alice.Say("@onbehalf hi").ExpectText("heard hi")
	left := alice.Activity("conversationUpdate")
	data := left["channelData"].(map[string]any)
	team := data["team"].(map[string]any)["id"].(string)
	b.desk.message = func(_ context.Context, turn *bot.Turn) error {
		turn.Do(func(ctx context.Context, tx bot.Tx) error { return tx.Remember(ctx, outbox.Conversation{ID: team}) })
		return nil
	}
	alice.Say("@onbehalf hi")
	if kept, err := b.store.Conversation(t.Context(), team); err != nil || kept.Reach != outbox.Reachable {
		t.Fatalf("the team: %+v, %v", kept, err)
	}

	left["membersRemoved"] = []any{map[string]any{"id": teamstest.BotID}}
	left["conversation"].(map[string]any)["id"] = shared.ChannelID()
	data["eventType"] = "channelMemberRemoved"
	b.Post(left)
	for id, want := range map[string]outbox.Reach{team: outbox.Reachable, shared.ID(): outbox.Removed} {
		if kept, err := b.store.Conversation(t.Context(), id); err != nil || kept.Reach != want {
			t.Errorf("%s: %q, %v, want %q", id, kept.Reach, err, want)
		}
	}

	left["id"], data["eventType"] = "f:another", "teamMemberRemoved"
	b.Post(left)
	if kept, err := b.store.Conversation(t.Context(), team); err != nil || kept.Reach != outbox.Removed {
		t.Errorf("the team: %q, %v", kept.Reach, err)
	}
}

// TestALinkIsNeverAnError: what goes wrong with a link leaves it the link that it is.
func TestALinkIsNeverAnError(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	for _, address := range []string{"broken", "https://x.example"} {
		if got := alice.Invoke("composeExtension/queryLink", map[string]any{"url": address}).Response; got.Status != http.StatusOK || len(got.Body) != 0 {
			t.Errorf("%s is answered with %d %s", address, got.Status, got.Body)
		}
	}
}
