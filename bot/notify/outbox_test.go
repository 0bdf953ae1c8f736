package notify_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/notify"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// leave puts notices into their queues.
func (d *desk) leave(notices ...request.Notice) {
	d.Helper()
	d.tx(func(tx request.Tx) error {
		for _, n := range notices {
			if n.Created.IsZero() {
				n.Created = d.Now()
			}
			if err := tx.Notify(d.Context(), n); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestAnOutageOfAnHourLosesNothing(t *testing.T) {
	faults := map[string]teamstest.Fault{
		"down":        {Times: -1, Status: 503},
		"cut before":  {Times: -1, CutBefore: true},
		"throttled":   {Times: -1, Status: 429},
		"bad gateway": {Times: -1, Status: 502, Body: "<html>no</html>"},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			everyDesk(t, func(d *desk) {
				bob := d.person("Bob")
				d.teams.InstallFor(d.teams.Person("Bob"))
				opened := d.open(assignedTo(bob))
				fault.Op = "create send reply update member"
				d.teams.Fault(fault)
				d.move(time.Hour)
				d.sweep()
				d.deliverWithin(time.Hour)
				d.expectNone(d.chat("Bob"), "SR-1")
				d.teams.ClearFaults()
				d.settle()
				d.expect(d.chat("Bob"), "SR-1")
				if n := len(d.in(opened.Home.Conversation, "SR-1")); n != 2 {
					t.Errorf("%d messages in the thread, want card and alarm\n%s", n, d.events())
				}
			})
		})
	}
}

func TestALostAnswerOfTeamsDoublesAtMostThatMessage(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.teams.InstallFor(d.teams.Person("Bob"))
		d.open(assignedTo(d.person("Bob")))
		d.teams.Fault(teamstest.Fault{Op: "send", Conversation: d.chat("Bob"), CutAfter: true, Times: 2})
		d.move(time.Hour)
		d.settle()
		if n := len(d.in(d.chat("Bob"), "SR-1")); n != 3 {
			t.Errorf("%d messages, want 1 and the 2 whose answers were lost\n%s", n, d.events())
		}
	})
}

func TestAMessageWithoutAnIDIsNotSentAgain(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.teams.InstallFor(d.teams.Person("Bob"))
		d.open(assignedTo(d.person("Bob")))
		d.teams.Fault(teamstest.Fault{Op: "send", Times: -1, NoID: true})
		d.move(time.Hour)
		d.settle()
		d.expect(d.chat("Bob"), "SR-1")
	})
}

func TestSeverityAIsServedFirst(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		for range 30 {
			d.open(assignedTo(bob), func(t *request.Ticket) { t.Severity = request.SeverityC })
		}
		a := d.open(assignedTo(bob))
		var notices []request.Notice
		for n := range request.Number(31) {
			t := d.ticket(n + 1)
			notices = append(notices, request.Notice{Ticket: t.Number, Reason: request.Assigned, Severity: t.Severity, To: request.Target{Conversation: t.Home.Conversation}})
		}
		before := len(d.teams.Events("send"))
		d.leave(notices...)
		d.settle()
		if sends := d.teams.Events("send")[before:]; len(sends) != 31 || sends[0].Conversation != a.Home.Conversation {
			t.Errorf("severity A was not first\n%s", d.events())
		}
		if v := d.teams.Violations(); len(v) > 0 {
			t.Errorf("limits passed: %v", v)
		}
	})
}

func TestOlderRedrawsAreDropped(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open()
		for range 10 {
			d.leave(request.Notice{Ticket: opened.Number, Reason: request.RedrawCard, To: request.Target{Conversation: opened.Home.Conversation}})
		}
		d.settle()
		d.leave(request.Notice{Ticket: opened.Number, Reason: request.RedrawCard, To: request.Target{Conversation: opened.Home.Conversation}})
		d.settle()
		if n := len(d.teams.Events("update")); n != 1 {
			t.Errorf("%d updates of one state, want 1", n)
		}
	})
}

func TestADeletedCardIsPostedAgainAndKept(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open()
		d.deleteCard(opened)
		redraw := request.Notice{Ticket: opened.Number, Reason: request.RedrawCard, To: request.Target{Conversation: opened.Home.Conversation}}
		d.leave(redraw)
		d.settle()
		again := d.expect(opened.Home.Conversation, "SR-1")
		if _, err := d.desk.Comment(d.Context(), d.person("Alice"), request.Move{Number: opened.Number}, "the new words"); err != nil {
			t.Fatal(err)
		}
		d.settle()
		now := d.expect(opened.Home.Conversation, "SR-1", "AdaptiveCard")
		if now.ID != again.ID || !strings.Contains(string(now.Raw), "the new words") {
			t.Errorf("the card %s was not redrawn: %s\n%s", again.ID, now.String(), d.events())
		}
	})
}

// deleteCard deletes the message that shows a ticket where it was filed.
func (d *desk) deleteCard(t *request.Ticket) {
	d.Helper()
	shown, known, err := d.store.Posted(d.Context(), request.Handle(t.Form))
	if err != nil || !known {
		d.Fatal(known, err)
	}
	d.teams.Delete(shown.Conversation, shown.Activity)
}

// TestANoticeThatCannotBeReadStopsNoOther leaves one that another release wrote, one of
// a reason that nobody knows, and one of a ticket that was never given.
func TestANoticeThatCannotBeReadStopsNoOther(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open(assignedTo(d.person("Bob")))
		lost := 0
		d.replicas[0].renderer.Lost = func(string) { lost++ }
		home := request.Target{Conversation: opened.Home.Conversation}
		broken, err := notify.Message(request.Notice{Ticket: opened.Number, Reason: request.ChangeLine, To: home, Created: d.Now()})
		if err != nil {
			t.Fatal(err)
		}
		broken.Payload = []byte(`{"Ticket": "seven"}`)
		d.tx(func(tx request.Tx) error {
			tx.(bot.Tx).Post(broken)
			return nil
		})
		d.leave(
			request.Notice{Ticket: opened.Number, Reason: "unheard of", To: home},
			request.Notice{Ticket: 4711, Reason: request.Assigned, To: home},
			request.Notice{Ticket: opened.Number, Reason: request.Assigned, To: home},
		)
		d.settle()
		d.expect(opened.Home.Conversation, "is assigned to you")
		if lost != 3 {
			t.Errorf("%d counted as lost, want 3", lost)
		}
	})
}

// TestACardThatIsGivenUpIsCounted where its conversation takes nothing any more.
func TestACardThatIsGivenUpIsCounted(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open()
		var lost []string
		d.replicas[0].renderer.Lost = func(kind string) { lost = append(lost, kind) }
		// Neither where it was opened nor in the chat of who opened it.
		d.teams.Fault(teamstest.Fault{Op: "send update create", Status: 403, Code: "BotNotInConversationRoster", Times: -1})
		if _, err := d.desk.Comment(d.Context(), d.person("Alice"), request.Move{Number: opened.Number}, "more words"); err != nil {
			t.Fatal(err)
		}
		d.settle()
		if !slices.Contains(lost, string(request.RedrawCard)) {
			t.Errorf("counted as lost: %v\n%s", lost, d.events())
		}
	})
}

// commentsMeanwhile changes a ticket while a message about it is written.
type commentsMeanwhile struct {
	notify.Store
	comment func()
}

func (c commentsMeanwhile) Ticket(ctx context.Context, n request.Number) (*request.Ticket, error) {
	c.comment()
	return c.Store.Ticket(ctx, n)
}

// TestAChangeThatTheMessageTellsIsToldOnce comments again while the first comment's line
// is written, and once more while it is sent.
func TestAChangeThatTheMessageTellsIsToldOnce(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened, bob := d.open(), d.person("Bob")
		comment := func(words string) {
			if _, err := d.desk.Comment(d.Context(), bob, request.Move{Number: opened.Number}, words); err != nil {
				d.Fatal(err)
			}
		}
		r := d.replicas[0]
		r.renderer.Store = commentsMeanwhile{r.renderer.Store, sync.OnceFunc(func() { comment("second") })}
		r.sender.Teams = sendsMeanwhile{r.sender.Teams, sync.OnceFunc(func() { comment("third") })}
		comment("first")
		d.move(10 * time.Second)
		d.settle()
		for _, words := range []string{"first", "second", "third"} {
			if n := len(d.linesWith(opened.Home.Conversation, words)); n != 1 {
				t.Errorf("%q is told %d times\n%s", words, n, d.events())
			}
		}
	})
}

// linesWith are the messages of text with these words.
func (d *desk) linesWith(conversation, words string) (lines []string) {
	for _, m := range d.in(conversation, words) {
		if strings.Contains(m.Text, words) {
			lines = append(lines, m.Text)
		}
	}
	return lines
}

// sendsMeanwhile runs something before each message.
type sendsMeanwhile struct {
	outbox.Connector
	before func()
}

func (s sendsMeanwhile) Send(ctx context.Context, ref teams.Ref, body json.RawMessage, targeted bool) (string, error) {
	s.before()
	return s.Connector.Send(ctx, ref, body, targeted)
}

// TestWhoIsReachedCostsNoTransaction counts those of one message to somebody.
func TestWhoIsReachedCostsNoTransaction(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		assigned := request.Notice{Ticket: opened.Number, Reason: request.Assigned, To: request.Target{Person: bob}, Tried: []string{"x"}}
		d.leave(assigned)
		d.settle() // he is met
		d.leave(assigned)
		commits := 0
		d.store.Trace = func(statement string) error {
			if statement == "commit" {
				commits++
			}
			return nil
		}
		d.replicas[0].sender.Serve(d.Context())
		if commits != 2 { // to lease the queue, and to note what was sent
			t.Errorf("%d transactions", commits)
		}
	})
}
