package bot_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot"
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
	b.desk.press = func(ctx context.Context, turn *bot.Turn, _ teams.CardAction) error {
		<-release
		return turn.AnswerText(ctx, "done")
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
	b.keeper.setAway(true)
	a := alice.Message("hi")
	if got := b.Post(a); got.Status != 503 {
		t.Fatalf("status %d, want 503", got.Status)
	}
	b.keeper.setAway(false)
	b.desk.message = func(context.Context, *bot.Turn) error {
		b.keeper.setAway(true)
		return errors.New("write: connection reset")
	}
	if got := b.Post(a); got.Status != 503 {
		t.Fatalf("status %d, want 503", got.Status)
	}
	// Nothing could be kept of that turn, not even that it is over: its claim has
	// to run out.
	b.keeper.setAway(false)
	b.desk.message = nil
	b.server.Now = func() time.Time { return time.Now().Add(bot.ClaimLease + time.Second) }
	alice.Do(a).ExpectText("heard hi")
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
			if b.keeper.mark(alice.In.ID()) != "removed" {
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
	b.server.Now = func() time.Time { return now }
	b.server.Pause = func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil }
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
