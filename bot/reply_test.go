package bot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

func TestAnswersThatTeamsDoesNotTakeJoinTheLane(t *testing.T) {
	for name, fault := range map[string]teamstest.Fault{
		"412": {Status: 412, Code: "PreconditionFailed"}, "429": {Status: 429, RetryAfter: "7"}, "502": {Status: 502},
		"503": {Status: 503}, "504": {Status: 504}, "cut": {CutBefore: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			fault.Op = "send"
			b.Fault(fault)
			b.desk.message = func(ctx context.Context, turn *bot.Turn) error {
				for _, text := range []string{"first", "second"} {
					if _, err := turn.Reply(ctx, teams.Message{Text: text}); err != nil {
						return err
					}
				}
				return nil
			}
			alice := b.Conversation(teamstest.Personal).As("Alice")
			before := time.Now()
			alice.Say("hi")
			left := b.keeper.notices()
			if len(left) != 2 || !strings.Contains(string(left[0].Body), "first") || !strings.Contains(string(left[1].Body), "second") {
				t.Fatalf("in the lane: %+v", left)
			}
			n := left[0]
			if n.To.Conversation != alice.In.ID() || n.Reason != "answer" || n.ReplyTo == "" {
				t.Errorf("notice %+v", n)
			}
			if name == "429" && n.NotBefore.Sub(before) < 7*time.Second {
				t.Errorf("not before %v, Teams asked for 7 seconds", n.NotBefore.Sub(before))
			}
			if life := n.Expires.Sub(n.Created); life < time.Minute || life > 2*time.Minute {
				t.Errorf("the answer is of use for %v", life)
			}
		})
	}
}

func TestASendUnderWayIsLeftToItsLane(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	alice.Say("hi").ExpectText("heard hi") // now the sender is known
	hold := make(chan struct{})
	defer close(hold)
	b.Fault(teamstest.Fault{Op: "send", Hold: hold})
	alice.Say("again") // returns although the send does not
	if n := len(b.keeper.notices()); n != 1 {
		t.Errorf("%d notices, want 1", n)
	}
}

func TestFinalAnswersMarkTheConversation(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Personal).As("Alice")
	b.Fault(teamstest.Fault{Op: "send", Status: 403, Code: "ConversationBlockedByUser"})
	alice.Say("hi")
	if got := b.keeper.mark(alice.In.ID()); got != "ConversationBlockedByUser" {
		t.Errorf("mark %q", got)
	}
	if n := len(b.Events("send")); n != 1 || len(b.keeper.notices()) != 0 {
		t.Errorf("%d attempts, %d notices; want one attempt", n, len(b.keeper.notices()))
	}
	alice.Say("hi").ExpectText("heard hi")
	if got := b.keeper.mark(alice.In.ID()); got != "" {
		t.Errorf("the next message leaves mark %q", got)
	}
}

func TestPrivateAnswers(t *testing.T) {
	private := func(ctx context.Context, turn *bot.Turn) error {
		return turn.ReplyPrivately(ctx, teams.Message{Text: "SR-9 and SR-10"})
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
	t.Run("nowhere", func(t *testing.T) {
		b := newBench(t)
		b.desk.message = private
		alice := b.Conversation(teamstest.Channel).As("Alice")
		b.UninstallFor(alice.Person)
		b.Fault(teamstest.Fault{Op: "send", Status: 400, Code: "BadArgument"})
		alice.Say("@onbehalf list").ExpectText("Open a chat with me")
	})
}
