package notify_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// loud are the messages of a conversation that still warn.
func (d *desk) loud(conversation string) []teamstest.Message {
	d.Helper()
	return d.in(conversation, "SR-1", "ticket/ack")
}

// warned opens a ticket that nobody has, and lets it be late.
func (d *desk) warned() *request.Ticket {
	d.Helper()
	d.teams.InstallFor(d.teams.Person("Bob"))
	opened := d.open()
	d.leave(request.Notice{Ticket: opened.Number, Reason: request.DeskCard, To: request.Target{Conversation: d.desk.DeskConversation}})
	d.settle()
	d.move(opened.Response.Due.Sub(d.Now()))
	d.settle()
	for _, place := range []string{opened.Home.Conversation, d.desk.DeskConversation} {
		if n := len(d.loud(place)); n != 1 {
			d.Fatalf("%d warnings in %s, want 1\n%s", n, place, d.events())
		}
	}
	return opened
}

func TestWarningsBecomeQuietWhenSomebodyActs(t *testing.T) {
	acts := map[string]struct {
		act  func(d *desk, by request.Person, m request.Move) error
		want string
	}{
		"taken": {func(d *desk, by request.Person, m request.Move) error {
			_, err := d.desk.Take(d.Context(), by, m)
			return err
		}, "SR-1: Bob took it over on"},
		"acknowledged": {func(d *desk, by request.Person, m request.Move) error {
			_, err := d.desk.Ack(d.Context(), by, m)
			return err
		}, "SR-1: Bob acknowledged it on"},
		"answered": {func(d *desk, by request.Person, m request.Move) error {
			if _, err := d.desk.Take(d.Context(), by, m); err != nil {
				return err
			}
			_, err := d.desk.Respond(d.Context(), by, m, "we look")
			return err
		}, "SR-1: Bob noted Microsoft’s first response on"},
	}
	for name, c := range acts {
		t.Run(name, func(t *testing.T) {
			everyDesk(t, func(d *desk) {
				opened := d.warned()
				loud := d.loud(opened.Home.Conversation)[0]
				if err := c.act(d, d.person("Bob"), request.Move{Number: opened.Number}); err != nil {
					t.Fatal(err)
				}
				d.deliverWithin(time.Minute)
				for _, place := range []string{opened.Home.Conversation, d.desk.DeskConversation} {
					d.expect(place, c.want)
					if left := d.loud(place); len(left) > 0 {
						t.Errorf("still warns in %s: %s", place, left[0].String())
					}
				}
				if quiet := d.expect(opened.Home.Conversation, c.want); quiet.ID != loud.ID || strings.Contains(string(quiet.Raw), "attention") {
					t.Errorf("%s replaced %s: %s", quiet.ID, loud.ID, quiet.Raw)
				}
			})
		})
	}
}

func TestWhoAcknowledgedReadsYouInTheirOwnChat(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.move(time.Hour)
		d.settle()
		if _, err := d.desk.Ack(d.Context(), bob, request.Move{Number: opened.Number}); err != nil {
			t.Fatal(err)
		}
		d.deliverWithin(time.Minute)
		d.expect(d.chat("Bob"), "SR-1: you acknowledged it on")
		d.expect(opened.Home.Conversation, "SR-1: Bob acknowledged it on")
	})
}

func TestOnlyTheNewestWarningOfAPlaceIsLoud(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		d.open(assignedTo(bob))
		for range 3 { // warning, breach, repeat
			d.move(30 * time.Minute)
			d.settle()
		}
		if loud := d.loud(d.chat("Bob")); len(loud) != 1 || loud[0].Summary != "SR-1 is still late" {
			t.Errorf("%d warnings are loud\n%s", len(loud), d.events())
		}
		if n := len(d.in(d.chat("Bob"), "SR-1: a newer warning follows.")); n != 2 {
			t.Errorf("%d warnings were replaced, want 2\n%s", n, d.events())
		}
	})
}

func TestACommentLeavesWarningsAlone(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.warned()
		if _, err := d.desk.Comment(d.Context(), d.person("Bob"), request.Move{Number: opened.Number}, "any news?"); err != nil {
			t.Fatal(err)
		}
		d.deliverWithin(time.Minute)
		if n := len(d.loud(opened.Home.Conversation)); n != 1 {
			t.Errorf("%d warnings, want 1\n%s", n, d.events())
		}
	})
}

// TestWarningsBecomeQuietWhereTheCardIsLost has a home that threw the bot out after the
// warning.
func TestWarningsBecomeQuietWhereTheCardIsLost(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.warned()
		d.channel.Uninstall()
		if _, err := d.desk.Take(d.Context(), d.person("Bob"), request.Move{Number: opened.Number}); err != nil {
			t.Fatal(err)
		}
		d.deliverWithin(time.Minute)
		d.expect(d.desk.DeskConversation, "SR-1: Bob took it over on")
	})
}

// TestADeletedWarningIsNotPostedAgain acts on a warning that somebody has deleted.
func TestADeletedWarningIsNotPostedAgain(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.warned()
		loud := d.loud(opened.Home.Conversation)[0]
		d.teams.Delete(loud.Conversation, loud.ID)
		if _, err := d.desk.Take(d.Context(), d.person("Bob"), request.Move{Number: opened.Number}); err != nil {
			t.Fatal(err)
		}
		d.deliverWithin(time.Minute)
		d.expectNone(opened.Home.Conversation, "SR-1: Bob took it over on")
	})
}

// TestAWarningMeanwhileBecomesQuiet has somebody act while the warning is on its way to
// them.
func TestAWarningMeanwhileBecomesQuiet(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.move(time.Hour)
		d.sweep()
		acted := false
		d.replicas[0].sender.Teams = sending{d.replicas[0].sender.Teams, func(to string) {
			if acted || to != d.chat("Bob") {
				return
			}
			acted = true
			if _, err := d.desk.Ack(d.Context(), bob, request.Move{Number: opened.Number}); err != nil {
				t.Error(err)
			}
		}}
		d.deliverWithin(time.Minute)
		if n := len(d.loud(d.chat("Bob"))); n != 0 || !acted {
			t.Errorf("%d warnings are loud\n%s", n, d.events())
		}
	})
}

func TestTheDesksChannelHasOneThreadOfARequest(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.warned()
		for range 6 {
			d.move(10 * time.Minute)
			d.settle()
		}
		if _, err := d.desk.Take(d.Context(), d.person("Bob"), request.Move{Number: opened.Number}); err != nil {
			t.Fatal(err)
		}
		d.settle()
		all := d.in(d.desk.DeskConversation)
		for _, m := range all {
			if m.Conversation != all[0].Conversation {
				t.Errorf("a thread of its own: %s", m.String())
			}
		}
		if len(all) < 3 || len(d.loud(d.desk.DeskConversation)) != 0 {
			t.Errorf("%d messages, %d warnings\n%s", len(all), len(d.loud(d.desk.DeskConversation)), d.events())
		}
	})
}

// TestADeletedDeskCardGetsItsWarningsInAThreadOfTheirOwn has Teams refuse the answer in
// the thread of a card that is gone.
func TestADeletedDeskCardGetsItsWarningsInAThreadOfTheirOwn(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open()
		d.leave(request.Notice{Ticket: opened.Number, Reason: request.DeskCard, To: request.Target{Conversation: d.desk.DeskConversation}})
		d.settle()
		card := d.expect(d.desk.DeskConversation, "SR-1")
		d.teams.Delete(card.Conversation, card.ID)
		d.teams.Fault(teamstest.Fault{Op: "send", Conversation: card.Conversation, Status: 404, Times: -1})
		d.move(opened.Response.Due.Sub(d.Now()))
		d.settle()
		if loud := d.loud(d.desk.DeskConversation); len(loud) != 1 || loud[0].Conversation == card.Conversation {
			t.Errorf("%d warnings\n%s", len(loud), d.events())
		}
		if c, err := d.store.Conversation(d.Context(), d.desk.DeskConversation); err == nil && c.Reach != "" {
			t.Errorf("the channel is marked: %v", c)
		}
	})
}

// sending does something when a message is sent, before Teams has it.
type sending struct {
	outbox.Connector
	before func(conversation string)
}

func (s sending) Send(ctx context.Context, ref teams.Ref, body json.RawMessage, targeted bool) (string, error) {
	s.before(ref.ConversationID)
	return s.Connector.Send(ctx, ref, body, targeted)
}
