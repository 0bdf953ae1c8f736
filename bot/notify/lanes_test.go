package notify_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/notify"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
	"onbehalf/bot/ticket"
)

// leave puts notices into their lanes.
func (d *desk) leave(notices ...ticket.Notice) {
	d.Helper()
	d.tx(func(tx ticket.Tx) error {
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

// answerTo is an answer of a turn that joined the lane, of use for a minute.
func (d *desk) answerTo(conversation, text string) ticket.Notice {
	d.Helper()
	body, err := teams.Message{Text: text, TextFormat: teams.Plain}.Encode(teams.Ref{ConversationID: conversation})
	if err != nil {
		d.Fatal(err)
	}
	return ticket.Notice{
		Reason: ticket.Answer, To: ticket.Target{Conversation: conversation}, Body: body, Created: d.Now(), Expires: d.Now().Add(time.Minute),
	}
}

func TestAnswersArriveInOrder(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.addReplica(d.store)
		group := d.teams.Conversation(teamstest.GroupChat).ID()
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprintf("answer %d", i))
			d.leave(d.answerTo(group, want[i]))
		}
		d.settle()
		var got []string
		for _, m := range d.teams.Messages(group) {
			got = append(got, m.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if v := d.teams.Violations(); len(v) > 0 {
			t.Errorf("limits passed: %v", v)
		}
	})
}

func TestAnAnswerExpires(t *testing.T) {
	everyDesk(t, func(d *desk) {
		group := d.teams.Conversation(teamstest.GroupChat).ID()
		d.leave(d.answerTo(group, "too late"))
		d.move(61 * time.Second)
		d.settle()
		d.expectNone(group, "too late")
	})
}

func TestRetryAfterStopsItsLaneAndNoOther(t *testing.T) {
	for name, header := range map[string]func(d *desk) string{
		"seconds": func(*desk) string { return "40" },
		"date":    func(d *desk) string { return d.Now().Add(40 * time.Second).Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			everyDesk(t, func(d *desk) {
				one, other := d.open(), d.open()
				d.teams.Fault(teamstest.Fault{Op: "send update", Conversation: one.Home.Conversation, Status: 429, Code: "Throttled", RetryAfter: header(d)})
				start := d.Now()
				for _, t := range []*ticket.Ticket{one, other} {
					d.leave(ticket.Notice{Ticket: t.Number, Reason: ticket.RedrawCard, To: ticket.Target{Conversation: t.Home.Conversation}})
				}
				d.settle()
				updates := d.teams.Events("update")
				took := map[string]time.Duration{}
				for _, e := range updates {
					if e.Status == http.StatusOK {
						took[e.Conversation] = e.At.Sub(start)
					}
				}
				if took[one.Home.Conversation] < 39*time.Second {
					t.Errorf("the stopped lane sent after %s\n%s", took[one.Home.Conversation], d.events())
				}
				if took[other.Home.Conversation] > 5*time.Second {
					t.Errorf("the other lane waited %s\n%s", took[other.Home.Conversation], d.events())
				}
			})
		})
	}
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

func TestALeaseThatRanOutIsTakenOver(t *testing.T) {
	everyDesk(t, func(d *desk) {
		group := d.teams.Conversation(teamstest.GroupChat).ID()
		d.leave(d.answerTo(group, "first"), d.answerTo(group, "second"))
		lanes := d.store
		dead, err := lanes.Claim(d.Context(), "dead", d.Now(), 30*time.Second, 5)
		if err != nil || len(dead) != 1 || len(dead[0].Notices) != 2 {
			t.Fatalf("claimed %v, %v", dead, err)
		}
		if served := d.replicas[0].lanes.Serve(d.Context()); served != 0 {
			t.Fatalf("a leased lane was served")
		}
		d.move(31 * time.Second)
		d.settle()
		d.expect(group, "first")
		d.expect(group, "second")
		if err := lanes.Finish(d.Context(), dead[0], notify.Outcome{}); err == nil {
			t.Error("a lost lease may finish")
		}
	})
}

func TestSeverityAIsServedFirst(t *testing.T) {
	everyDesk(t, func(d *desk) {
		for range 30 {
			d.open(func(t *ticket.Ticket) { t.Severity = ticket.SeverityC })
		}
		a := d.open()
		var notices []ticket.Notice
		for n := range ticket.Number(31) {
			t := d.ticket(n + 1)
			notices = append(notices, ticket.Notice{Ticket: t.Number, Reason: ticket.RedrawCard, Severity: t.Severity, To: ticket.Target{Conversation: t.Home.Conversation}})
		}
		d.leave(notices...)
		d.settle()
		if updates := d.teams.Events("update"); len(updates) != 31 || updates[0].Conversation != a.Home.Conversation {
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
			d.leave(ticket.Notice{Ticket: opened.Number, Reason: ticket.RedrawCard, To: ticket.Target{Conversation: opened.Home.Conversation}})
		}
		d.settle()
		d.leave(ticket.Notice{Ticket: opened.Number, Reason: ticket.RedrawCard, To: ticket.Target{Conversation: opened.Home.Conversation}})
		d.settle()
		if n := len(d.teams.Events("update")); n != 1 {
			t.Errorf("%d updates of one state, want 1", n)
		}
	})
}

func TestADeletedCardIsPostedAgainAndKept(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open()
		if err := d.teams.Connector().Delete(d.Context(), teams.Ref{ServiceURL: d.teams.ServiceURL(), ConversationID: opened.Home.Conversation}, opened.Home.Activity); err != nil {
			t.Fatal(err)
		}
		redraw := ticket.Notice{Ticket: opened.Number, Reason: ticket.RedrawCard, To: ticket.Target{Conversation: opened.Home.Conversation}}
		d.leave(redraw)
		d.settle()
		again := d.expect(opened.Home.Conversation, "SR-1")
		if _, err := d.desk.Comment(d.Context(), d.person("Alice"), ticket.Move{Number: opened.Number}, "the new words"); err != nil {
			t.Fatal(err)
		}
		d.settle()
		now := d.expect(opened.Home.Conversation, "SR-1", "AdaptiveCard")
		if now.ID != again.ID || !strings.Contains(string(now.Raw), "the new words") {
			t.Errorf("the card %s was not redrawn: %s\n%s", again.ID, now.String(), d.events())
		}
	})
}

func TestARunningLanesStopsAndStarts(t *testing.T) {
	everyDesk(t, func(d *desk) {
		group := d.teams.Conversation(teamstest.GroupChat).ID()
		ctx, cancel := context.WithCancel(d.Context())
		done := make(chan struct{})
		go func() { defer close(done); d.replicas[0].lanes.Run(ctx) }()
		d.leave(d.answerTo(group, "while it runs"))
		d.replicas[0].lanes.Wake()
		d.teams.WaitFor(func(e teamstest.Event) bool { return e.Op == "send" })
		cancel()
		<-done
		d.leave(d.answerTo(group, "while it is down"))
		d.settle()
		d.expect(group, "while it is down")
		d.expect(group, "while it runs")
	})
}

// TestAnAnswerArrivesAsItWasWritten sends kept answers of every form: to all, to
// one person alone, with a card, with a mention.
func TestAnAnswerArrivesAsItWasWritten(t *testing.T) {
	everyDesk(t, func(d *desk) {
		alice := d.teams.Person("Alice")
		place := d.teams.Conversation(teamstest.GroupChat)
		place.Add(alice)
		group := place.ID()
		mention := teams.NewMention(alice.ID, "Alice <a> & co")
		account := alice.Account()
		for _, m := range []teams.Message{
			{Text: "plain *words*", TextFormat: teams.Plain},
			{Text: mention.Text + ", look", Mentions: []teams.Mention{mention}},
			{Text: "for you alone", Recipient: &account},
			{Card: map[string]any{"type": "AdaptiveCard", "version": "1.5", "body": []any{}}, Summary: "a card"},
		} {
			body, err := m.Encode(teams.Ref{ConversationID: group})
			if err != nil {
				t.Fatal(err)
			}
			d.leave(ticket.Notice{Reason: ticket.Answer, To: ticket.Target{Conversation: group}, Body: body, Expires: d.Now().Add(time.Minute)})
		}
		d.settle()
		if m := d.expect(group, "plain *words*"); m.TextFormat != "plain" {
			t.Errorf("format %q", m.TextFormat)
		}
		if m := d.expect(group, ", look"); !slices.Equal(m.Mentioned, []string{alice.ID}) {
			t.Errorf("mentions %v in %s", m.Mentioned, m.Raw)
		}
		if m := d.expect(group, "for you alone"); m.Recipient != alice.ID {
			t.Errorf("sent to %q", m.Recipient)
		}
		if m := d.expect(group, "a card"); m.Card == nil {
			t.Errorf("no card in %s", m.Raw)
		}
	})
}
