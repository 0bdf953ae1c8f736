package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

func TestTheBreachMentionsTheAssigneeForReal(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.teams.Person("Bob <b> & Söhne_*")
		bob := d.person("Bob <b> & Söhne_*")
		d.teams.InstallFor(d.teams.Person(bob.Name))
		opened := d.open(assignedTo(bob))
		d.move(time.Hour)
		d.settle()
		m := d.expect(opened.Home.Conversation, "SR-1 is late")
		if !slices.Contains(m.Mentioned, bob.TeamsID) {
			t.Errorf("mentions %v, want %s: %s", m.Mentioned, bob.TeamsID, m.Raw)
		}
		d.expect(d.chat(bob.Name), "SR-1 is late", "ticket/ack", "ticket/respond")
	})
}

func TestTheDesksCardIsPostedOnceAndRedrawn(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open()
		d.leave(request.Notice{Ticket: opened.Number, Reason: request.DeskCard, To: request.Target{Conversation: d.desk.DeskConversation}})
		d.settle()
		first := d.expect(d.desk.DeskConversation, "SR-1")
		if _, err := d.desk.Take(d.Context(), d.person("Alice"), request.Move{Number: opened.Number}); err != nil {
			t.Fatal(err)
		}
		d.settle()
		again := d.expect(d.desk.DeskConversation, "SR-1")
		if again.ID != first.ID || again.Versions != 2 || !strings.Contains(string(again.Raw), "Alice") {
			t.Errorf("the desk's card %s v%d is not the first one redrawn: %s", again.ID, again.Versions, again.Raw)
		}
		if n := len(d.teams.Events("create")); n != 1 {
			t.Errorf("%d threads were made, want 1\n%s", n, d.events())
		}
	})
}

func TestChangesOfSomeSecondsMakeOneMessage(t *testing.T) {
	everyDesk(t, func(d *desk) {
		alice, bob, carol := d.person("Alice"), d.person("Bob"), d.person("Carol")
		for _, p := range []request.Person{bob, carol} {
			d.teams.InstallFor(d.teams.Person(p.Name))
		}
		opened := d.open(assignedTo(bob), func(t *request.Ticket) {
			t.Watchers = []request.Watcher{{Person: carol, AddedBy: alice.ID}}
		})
		move := request.Move{Number: opened.Number}
		for _, words := range []string{"first *words*", "second", "third"} {
			if _, err := d.desk.Comment(d.Context(), bob, move, words); err != nil {
				t.Fatal(err)
			}
			d.move(time.Second)
		}
		d.settle()
		m := d.expect(opened.Home.Conversation, "Bob added:", "first *words*", "second", "third")
		if m.TextFormat != "plain" {
			t.Errorf("what people typed is %q", m.TextFormat)
		}
		d.expect(d.chat("Carol"), "SR-1 · VMs do not start", "first *words*", "third")
		d.expectNone(d.chat("Bob"), "words")
		d.expectNone(d.chat("Alice"), "words")
	})
}

func TestWhoReadsAlongIsNotToldTwice(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		d.channel.Add(d.teams.Person("Bob"))
		opened := d.open()
		if _, err := d.desk.Assign(d.Context(), d.person("Alice"), request.Move{Number: opened.Number}, bob); err != nil {
			t.Fatal(err)
		}
		d.settle()
		m := d.expect(opened.Home.Conversation, "is assigned to you")
		if !slices.Contains(m.Mentioned, bob.TeamsID) {
			t.Errorf("mentions %v", m.Mentioned)
		}
		d.expectNone(d.chat("Bob"), "SR-1")
	})
}

func TestTheNewAssigneeGetsTheCardInTheirOwnWords(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		d.tx(func(tx request.Tx) error {
			return tx.(bot.Tx).SaveSettings(d.Context(), bob.ID, bot.Settings{Language: "ru", Zone: "Asia/Almaty"})
		})
		opened := d.open()
		if _, err := d.desk.Assign(d.Context(), d.person("Alice"), request.Move{Number: opened.Number}, bob); err != nil {
			t.Fatal(err)
		}
		d.settle()
		m := d.expect(d.chat("Bob"), "SR-1")
		if m.Summary != "Вам назначен SR-1" || !strings.Contains(string(m.Raw), "UTC+5") {
			t.Errorf("summary %q in %s", m.Summary, m.Raw)
		}
		d.expect(opened.Home.Conversation, "is assigned to you", "UTC+1")
	})
}

func TestFraudIsNumberAndStatusInSharedPlaces(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), func(t *request.Ticket) {
			t.Kind, t.Severity, t.Title, t.Description = request.Fraud, "", "Stolen cards", "Mallory used them"
		})
		if _, err := d.desk.Comment(d.Context(), bob, request.Move{Number: opened.Number}, "the police knows"); err != nil {
			t.Fatal(err)
		}
		d.settle()
		d.move(opened.Response.Due.Add(3 * time.Hour).Sub(d.Now()))
		d.settle()
		for _, place := range []string{opened.Home.Conversation, d.desk.DeskConversation, d.desk.EscalationConversation} {
			if len(d.in(place, "SR-1")) == 0 {
				t.Errorf("nothing in %s\n%s", place, d.events())
			}
			for _, secret := range []string{"Stolen", "Mallory", "police", "Contoso", "Bob", "ticket/respond"} {
				d.expectNone(place, secret)
			}
		}
		if len(d.in(d.chat("Bob"), "Stolen cards")) == 0 || len(d.in(d.chat("Lena Lead"), "Stolen cards")) == 0 {
			t.Errorf("the people of the case don't see it\n%s", d.events())
		}
	})
}

func TestWhoCannotBeReachedIsMarkedAndTheThreadHears(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob") // nobody installed the bot for him
		opened := d.open(func(t *request.Ticket) {
			t.Home = request.Place{Conversation: d.chat("Alice"), Personal: true}
		})
		d.teams.InstallFor(d.teams.Person("Alice"))
		if _, err := d.desk.Assign(d.Context(), d.person("Alice"), request.Move{Number: opened.Number}, bob); err != nil {
			t.Fatal(err)
		}
		d.settle()
		got := d.ticket(opened.Number)
		if !slices.Equal(got.Unreachable, []string{bob.ID}) || !slices.Contains(d.history(opened.Number), "unreachable") {
			t.Errorf("unreachable %v, history %v", got.Unreachable, d.history(opened.Number))
		}
		attempts := slices.DeleteFunc(d.teams.Events("create"), func(e teamstest.Event) bool { return e.Conversation != bob.TeamsID })
		if len(attempts) != 1 {
			t.Errorf("%d attempts to reach him, want 1\n%s", len(attempts), d.events())
		}
		d.expect(d.chat("Alice"), "I cannot reach Bob")
		d.expect(d.chat("Alice"), "SR-1", "Bob", "AdaptiveCard")

		d.teams.InstallFor(d.teams.Person("Bob"))
		d.move(time.Hour)
		d.settle()
		d.expect(d.chat("Bob"), "SR-1 is late")
		if got := d.ticket(opened.Number); len(got.Unreachable) != 0 {
			t.Errorf("he was reached, and is still marked: %v", got.Unreachable)
		}
	})
}

func TestAConversationThatThrewTheBotOutFallsBack(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.channel.Uninstall()
		d.move(time.Hour)
		d.settle()
		refused := 0
		for _, e := range d.teams.Events("send", "update") {
			if e.Status == 403 {
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("%d attempts in a conversation that is closed, want 1\n%s", refused, d.events())
		}
		if len(d.in(d.chat("Bob"), "SR-1 is late")) == 0 {
			t.Errorf("the assignee did not hear\n%s", d.events())
		}
		c, err := d.store.Conversation(d.Context(), opened.Home.Conversation)
		if err != nil || c.Reach != outbox.Removed {
			t.Errorf("the conversation is %v, %v", c, err)
		}
		d.channel.Reinstall()
		c.Reach, c.Seen = outbox.Reachable, d.Now()
		d.remember(c)
		d.move(10 * time.Minute)
		d.settle()
		d.expect(opened.Home.Conversation, "SR-1 is still late")
	})
}

func TestAClearedHistoryGetsANewConversation(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		d.open(assignedTo(bob))
		d.move(30 * time.Minute)
		d.settle()
		old := d.chat("Bob")
		d.expect(old, "SR-1")
		d.teams.ClearHistory(d.teams.Person("Bob"))
		d.move(30 * time.Minute)
		d.settle()
		d.expect(d.chat("Bob"), "SR-1 is late")
		c, err := d.store.PersonalOf(d.Context(), bob.ID)
		if err != nil || c.ID != d.chat("Bob") || c.ID == old {
			t.Errorf("personal conversation %v, %v", c, err)
		}
		d.move(10 * time.Minute)
		d.settle()
		d.expect(d.chat("Bob"), "SR-1 is still late")
	})
}

func TestManyDueForOnePlaceBecomeOneCard(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		at := d.Now()
		for range 12 {
			d.open(assignedTo(bob), func(t *request.Ticket) { t.StartedAt = at })
		}
		d.move(time.Hour)
		d.settle()
		messages := d.in(d.chat("Bob"), "SR-")
		if len(messages) != 1 {
			t.Fatalf("%d messages for 12 alarms, want 1\n%s", len(messages), d.events())
		}
		if !strings.Contains(messages[0].Summary, "12") || len(messages[0].Raw) > 28<<10 {
			t.Errorf("summary %q, %d bytes", messages[0].Summary, len(messages[0].Raw))
		}
		if v := d.teams.Violations(); len(v) > 0 {
			t.Errorf("limits passed: %v", v)
		}
	})
}

func TestAnAlarmThatEndedInBetweenIsNotTold(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.move(time.Hour)
		d.sweep()
		if _, err := d.desk.Respond(d.Context(), bob, request.Move{Number: opened.Number}, "done"); err != nil {
			t.Fatal(err)
		}
		d.settle()
		d.expectNone(d.chat("Bob"), "is late")
		d.expectNone(opened.Home.Conversation, "is late")
		if got := d.history(opened.Number); fmt.Sprint(got) != "[breached responded]" {
			t.Errorf("history %v", got)
		}
	})
}

func TestAcknowledgingSilencesRepeatsButNotTheLadder(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.move(time.Hour)
		d.settle()
		if _, err := d.desk.Ack(d.Context(), bob, request.Move{Number: opened.Number}); err != nil {
			t.Fatal(err)
		}
		for d.Now().Before(opened.Response.Due.Add(3 * time.Hour)) {
			d.settle()
			d.move(5 * time.Minute)
		}
		d.expectNone(d.chat("Bob"), "still late")
		d.expect(d.chat("Lena Lead"), "SR-1 is still late")
		d.expect(d.desk.EscalationConversation, "SR-1 is still late")
	})
}
