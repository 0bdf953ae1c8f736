package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// TestAnswersThatTeamsDoesNotTakeStay keeps them in their order until they may go.
func TestAnswersThatTeamsDoesNotTakeStay(t *testing.T) {
	for name, fault := range map[string]teamstest.Fault{
		"412": {Status: 412, Code: "PreconditionFailed"}, "429": {Status: 429, RetryAfter: "7"}, "502": {Status: 502},
		"503": {Status: 503}, "504": {Status: 504}, "cut": {CutBefore: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			now := time.Now()
			b.clock(func() time.Time { return now })
			fault.Op = "send"
			b.Fault(fault)
			b.desk.message = func(_ context.Context, turn *bot.Turn) error {
				for _, text := range []string{"first", "second"} {
					if err := turn.Reply(teams.Message{Text: text}); err != nil {
						return err
					}
				}
				return nil
			}
			alice := b.Conversation(teamstest.Personal).As("Alice")
			alice.Say("hi")
			left := b.waiting(t, alice)
			if len(left) != 2 || !strings.Contains(string(left[0].Body), "first") || !strings.Contains(string(left[1].Body), "second") {
				t.Fatalf("in the queue: %+v", left)
			}
			if n := left[0]; n.To.Conversation != alice.In.ID() || n.Kind != outbox.AnswerKind || n.Attempts != 1 || n.Expires.Sub(n.Created) != bot.TurnKept {
				t.Errorf("message %+v", n)
			}
			if name == "429" {
				now = now.Add(6 * time.Second)
				if b.sender.Serve(t.Context()); len(b.waiting(t, alice)) != 2 {
					t.Error("sent although Teams asked for 7 seconds")
				}
			}
			now = now.Add(time.Minute)
			b.sender.Serve(t.Context())
			if texts := b.Messages(alice.In.ID()); len(texts) != 2 || texts[0].Text != "first" || texts[1].Text != "second" {
				t.Errorf("in the end: %+v", texts)
			}
		})
	}
}

func TestAnswersThatNobodyCanSendExpire(t *testing.T) {
	b := newBench(t)
	now := time.Now()
	b.clock(func() time.Time { return now })
	b.Fault(teamstest.Fault{Op: "send", Status: 503, Times: -1})
	alice := b.Conversation(teamstest.Personal).As("Alice")
	alice.Say("hi")
	now = now.Add(bot.TurnKept)
	b.sender.Serve(t.Context())
	if left := b.waiting(t, alice); len(left) != 0 {
		t.Errorf("still in the queue: %+v", left)
	}
	if !strings.Contains(b.log.String(), "message dropped") {
		t.Error("nobody is told")
	}
}

func TestFinalAnswersMarkTheConversation(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	b.Fault(teamstest.Fault{Op: "send", Status: 403, Code: "ConversationBlockedByUser"})
	if got := alice.Say("hi").Response.Status; got != 200 {
		t.Errorf("the turn is answered with %d", got)
	}
	if got := b.reach(t, alice.In.ID()); got != outbox.Blocked {
		t.Errorf("mark %q", got)
	}
	if n := len(b.Events("send")); n != 1 || len(b.waiting(t, alice)) != 0 {
		t.Errorf("%d attempts, %d waiting; want one attempt", n, len(b.waiting(t, alice)))
	}
	alice.Say("hi").ExpectText("heard hi")
	if got := b.reach(t, alice.In.ID()); got != outbox.Reachable {
		t.Errorf("the next message leaves mark %q", got)
	}
}

func TestPrivateAnswers(t *testing.T) {
	private := func(_ context.Context, turn *bot.Turn) error {
		return turn.ReplyPrivately(teams.Message{Text: "SR-9 and SR-10"})
	}
	t.Run("targeted", func(t *testing.T) {
		b := newBench(t)
		b.desk.message = private
		room := b.Conversation(teamstest.Channel)
		bob := room.As("Bob")
		m := room.As("Alice").Say("@onbehalf list").ExpectText("SR-9")
		if m.Recipient == "" {
			t.Error("everybody sees it")
		}
		bob.ExpectNothing()
	})
	t.Run("personal chat", func(t *testing.T) {
		b := newBench(t)
		b.desk.message = private
		alice := b.Conversation(teamstest.Channel).As("Alice")
		b.Fault(teamstest.Fault{Op: "send", Status: 400, Code: "BadArgument"})
		turn := alice.Say("@onbehalf list")
		turn.InPersonalChat().ExpectText("SR-9")
		line := turn.ExpectText("personal chat")
		if strings.Contains(line.Text, "SR-") {
			t.Errorf("the channel reads %q", line.Text)
		}
	})
	t.Run("slash, refused", func(t *testing.T) {
		b := newBench(t)
		alice := b.Conversation(teamstest.Channel).As("Alice")
		bob := b.Conversation(teamstest.Channel).As("Bob")
		b.Fault(teamstest.Fault{Op: "send", Status: 403, Code: "TargetedMessagesNotAllowed"})
		alice.Slash("help me").InPersonalChat().ExpectText("heard help me")
		bob.ExpectNothing()
		if n := len(b.Messages(alice.In.ChannelID())); n != 0 {
			t.Errorf("the channel reads %d messages about a question that it did not see", n)
		}
		if got := b.reach(t, alice.In.ID()); got != outbox.Reachable {
			t.Errorf("the channel is marked %q", got)
		}
	})
	t.Run("nowhere", func(t *testing.T) {
		b := newBench(t)
		b.desk.message = private
		alice := b.Conversation(teamstest.Channel).As("Alice")
		b.UninstallFor(alice.Person)
		b.Fault(teamstest.Fault{Op: "send", Status: 400, Code: "BadArgument"})
		alice.Say("@onbehalf list").ExpectText("Open a chat with me")
	})
}
