package notify_test

import (
	"slices"
	"testing"
	"time"

	"onbehalf/bot/request"
)

// answerCame is what a reminder asks of a ticket that waits for Microsoft.
const answerCame = "has Microsoft answered?"

func TestAReminderAsksWhetherTheAnswerHasCome(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), answered)
		m := request.Move{Number: opened.Number}
		wait := func(again time.Time) {
			t.Helper()
			if _, err := d.desk.Wait(t.Context(), bob, m, request.Wait{For: request.ForMicrosoft, AskAgainAt: again}, "logs"); err != nil {
				t.Fatal(err)
			}
		}
		wait(d.Now().Add(26 * time.Hour))
		d.move(25 * time.Hour)
		d.settle()
		d.expectNone(d.chat("Bob"), answerCame)

		d.move(time.Hour)
		d.settle()
		d.settle()
		d.expect(d.chat("Bob"), "SR-1", answerCame)
		d.expect(opened.Home.Conversation, "SR-1", answerCame)
		for _, elsewhere := range []string{d.chat("Alice"), d.chat("Lena Lead"), d.desk.DeskConversation, d.desk.EscalationConversation} {
			d.expectNone(elsewhere, answerCame)
		}
		if got := d.ticket(opened.Number); !got.NextDueAt.IsZero() || !got.WillAsk().IsZero() {
			t.Errorf("next at %s, asks at %s", got.NextDueAt, got.WillAsk())
		}
		if got := d.history(opened.Number); !slices.Contains(got, "reminded") {
			t.Errorf("history %v", got)
		}

		// The answer came: the question becomes quiet, and a new one has its own time.
		if _, err := d.desk.Resume(t.Context(), bob, m, "they came"); err != nil {
			t.Fatal(err)
		}
		d.settle()
		d.settle()
		d.expectNone(d.chat("Bob"), answerCame)
		wait(d.Now().Add(2 * time.Hour))
		d.move(3 * time.Hour)
		d.settle()
		d.expect(d.chat("Bob"), "SR-1", answerCame)
	})
}

func TestNobodyIsAskedAboutWhatWentOn(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), answered)
		m := request.Move{Number: opened.Number}
		if _, err := d.desk.Wait(t.Context(), bob, m, request.Wait{For: request.ForMicrosoft, AskAgainAt: d.Now().Add(time.Hour)}, ""); err != nil {
			t.Fatal(err)
		}
		d.move(time.Hour)
		d.sweep() // fired, and not yet sent
		if _, err := d.desk.Resume(t.Context(), bob, m, ""); err != nil {
			t.Fatal(err)
		}
		d.settle()
		d.expectNone(d.chat("Bob"), answerCame)
		d.expectNone(opened.Home.Conversation, answerCame)
	})
}

func TestQuestionsOfManyAreOneCard(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		again := d.Now().Add(3 * time.Hour)
		for range 3 {
			opened := d.open(assignedTo(bob), answered)
			if _, err := d.desk.Wait(t.Context(), bob, request.Move{Number: opened.Number}, request.Wait{AskAgainAt: again}, ""); err != nil {
				t.Fatal(err)
			}
		}
		d.move(3 * time.Hour)
		d.settle()
		d.expect(d.chat("Bob"), "3 requests", "have the answers come?")
	})
}
