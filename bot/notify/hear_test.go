package notify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// TestWhatCannotBeToldInPersonIsTheThreadsOnce has an assignee and leads whom
// nobody installed the bot for: the thread, which hears the breach anyway, hears
// it once.
func TestWhatCannotBeToldInPersonIsTheThreadsOnce(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.desk.Leads = func() request.Leads {
			return request.Leads{"00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"}
		}
		opened := d.open() // nobody has it: requester, leads, desk
		d.move(time.Hour)
		d.settle()
		if n := len(d.in(opened.Home.Conversation, "SR-1", "late")); n != 1 {
			t.Errorf("%d alarms in the thread\n%s", n, d.events())
		}
		d.expect(d.chat("Alice"), "late")
		if n := len(d.in(d.desk.DeskConversation, "Acknowledge")); n != 1 {
			t.Errorf("%d alarms in the desk's channel\n%s", n, d.events())
		}
		before := len(d.alarmsSent(opened.Home.Conversation))
		d.move(30 * time.Minute) // the ladder's step is for the leads alone, the repeat for the thread too
		d.settle()
		if sent := d.alarmsSent(opened.Home.Conversation)[before:]; len(sent) != 1 {
			t.Errorf("the thread hears %d times what the leads cannot be told: %v\n%s", len(sent), sent, d.events())
		}
		if n := len(d.in(opened.Home.Conversation, "SR-1", "late", "late when I wrote this at 11:30")); n == 0 {
			t.Errorf("nobody hears what the leads cannot be told\n%s", d.events())
		}
	})
}

// alarmsSent gives the titles of the alarms that were sent to a conversation, also of
// those that have become quiet since.
func (d *desk) alarmsSent(conversation string) []string {
	var all []string
	for _, e := range d.teams.Events("send", "reply") {
		if e.Conversation == conversation && e.Message != nil && strings.Contains(e.Message.Summary, "late") {
			all = append(all, e.Message.Summary)
		}
	}
	return all
}

// TestABreachThatNobodyHeardYetOutlivesItsRepeats keeps a chat closed until a
// repeat waits behind the breach; then somebody acknowledges it elsewhere.
func TestABreachThatNobodyHeardYetOutlivesItsRepeats(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.move(time.Hour)
		d.sweep()
		d.move(10 * time.Minute)
		d.sweep() // the first repeat
		if _, err := d.desk.Ack(d.Context(), d.person("Alice"), request.Move{Number: opened.Number}); err != nil {
			t.Fatal(err)
		}
		d.settle()
		d.expect(d.chat("Bob"), "SR-1 is late")
		d.expectNone(d.chat("Bob"), "still late")
	})
}

// TestNobodyToTell opens tickets that nobody has, on a desk without leads and
// without any conversation of its own.
func TestNobodyToTell(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.desk.Leads, d.desk.DeskConversation, d.desk.EscalationConversation = nil, "", ""
		group := d.teams.Conversation(teamstest.GroupChat).ID()
		d.open(func(t *request.Ticket) { t.Home = request.Place{Conversation: group} })
		d.open(func(t *request.Ticket) { t.Home = request.Place{Conversation: d.chat("Alice"), Personal: true} })
		d.move(2 * time.Hour)
		d.settle()
		d.expect(group, "SR-1", "late")
		d.expect(d.chat("Alice"), "SR-2", "late")
		// SR-1 is told to its requester as well.
		d.expect(d.chat("Alice"), "SR-1", "late")
	})
}

// TestTheRequesterCannotBeReached: what nobody has goes to leads and desk.
func TestTheRequesterCannotBeReached(t *testing.T) {
	everyDesk(t, func(d *desk) {
		home := d.chat("Alice")
		opened := d.open(func(t *request.Ticket) { t.Home = request.Place{Conversation: home, Personal: true} })
		d.settle()
		d.teams.UninstallFor(d.teams.Person("Alice"))
		d.move(time.Hour)
		d.settle()
		d.expect(d.chat("Lena Lead"), "SR-1", "late")
		if n := len(d.in(d.desk.DeskConversation, "Acknowledge")); n != 1 {
			t.Errorf("%d alarms in the desk's channel\n%s", n, d.events())
		}
		if got := fmt.Sprint(d.ticket(opened.Number).Unreachable); got != fmt.Sprint([]string{d.person("Alice").ID}) {
			t.Errorf("unreachable %v", got)
		}
	})
}

// TestThreadAndAssigneeCannotBeReached: each is the other's next place, and
// somebody hears of it all the same.
func TestThreadAndAssigneeCannotBeReached(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open(assignedTo(d.person("Bob"))) // nobody installed the bot for him
		d.channel.Uninstall()
		d.move(time.Hour)
		d.settle()
		d.expectNone(opened.Home.Conversation, "late")
		heard := len(d.in(d.chat("Alice"), "SR-1 is late")) + len(d.in(d.desk.DeskConversation, "SR-1 is late"))
		if heard == 0 || heard > 2 {
			t.Errorf("%d alarms\n%s", heard, d.events())
		}
	})
}

// TestABurstPutsSeverityAFirst has one request of severity A among others that
// fall due at the same instant: in a chat, and in a channel where much else waits for its
// turn.
func TestABurstPutsSeverityAFirst(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		var waiting []request.Notice
		for range 40 {
			other := d.open(func(t *request.Ticket) { t.Status = request.Resolved })
			waiting = append(waiting, request.Notice{Ticket: other.Number, Reason: request.RedrawCard, To: request.Target{Conversation: other.Home.Conversation}})
		}
		home, at := d.thread(), d.Now()
		for i := range 12 {
			d.open(assignedTo(bob), func(t *request.Ticket) {
				t.Home, t.StartedAt = home, at
				if t.Severity = request.SeverityC; i == 10 {
					t.Severity, t.StartedAt = request.SeverityA, at.Add(3*time.Hour)
				}
				t.Fired = []string{"response/warn/1"}
			})
		}
		d.move(at.Add(4*time.Hour - time.Second).Sub(d.Now()))
		d.leave(waiting...)
		due := false
		d.replicas[0].sender.Pause = func(ctx context.Context, wait time.Duration) error {
			d.move(wait)
			if !due && !d.Now().Before(at.Add(4*time.Hour)) { // in the middle of what waits
				due = true
				d.sweep()
			}
			return nil
		}
		d.settle()
		if !due {
			t.Fatal("nothing waited")
		}
		bundle := d.expect(d.chat("Bob"), "12 requests are late")
		if !strings.Contains(string(bundle.Raw), "First: SR-51,") {
			t.Errorf("the first row is another: %s", bundle.Raw)
		}
		var told []teamstest.Event
		for _, e := range d.teams.Events("send") {
			if e.Conversation == home.Conversation && strings.HasSuffix(e.Message.Summary, "is late") {
				told = append(told, e)
			}
		}
		if len(told) != 12 || told[0].Message.Summary != "SR-51 is late" || told[0].At.After(at.Add(4*time.Hour+5*time.Second)) {
			t.Errorf("%d alarms in the channel, want twelve and severity A within seconds\n%s", len(told), d.events())
		}
	})
}

// TestAWarningOfTheOldClockIsNotTold lowers the severity while a warning waits: it
// comes at its new time, once.
func TestAWarningOfTheOldClockIsNotTold(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob)) // A, due after an hour
		d.move(30 * time.Minute)
		d.sweep()
		if _, err := d.desk.SetSeverity(d.Context(), bob, request.Move{Number: opened.Number}, request.SeverityC, "better"); err != nil {
			t.Fatal(err)
		}
		d.settle()
		d.expectNone(d.chat("Bob"), "due")
		d.move(opened.StartedAt.Add(2 * time.Hour).Sub(d.Now()))
		d.settle()
		d.expect(d.chat("Bob"), "SR-1", "due", "Acknowledge")
	})
}
