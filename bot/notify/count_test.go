package notify_test

import (
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// TestMessagesOfOneRequest counts what Teams is sent about one request of severity A that
// nobody has at first: filed in a channel, warned of, late, said again twice, then taken,
// answered and resolved, with and without a channel of the desk. New messages are what
// people are notified of; updates redraw what is there.
func TestMessagesOfOneRequest(t *testing.T) {
	type count struct{ threads, messages, updates int }
	for name, c := range map[string]struct {
		desk bool
		want count
	}{
		"with the desk's channel":    {true, count{threads: 1, messages: 19, updates: 30}},
		"without the desk's channel": {false, count{messages: 15, updates: 19}},
	} {
		t.Run(name, func(t *testing.T) {
			everyDesk(t, func(d *desk) {
				d.desk.EscalationConversation = d.teams.Conversation(teamstest.Channel).ChannelID()
				if !c.desk {
					d.desk.DeskConversation = ""
				}
				bob := d.person("Bob")
				d.teams.InstallFor(d.teams.Person("Bob"))
				opened := d.open()
				if c.desk {
					d.leave(request.Notice{Ticket: opened.Number, Reason: request.DeskCard, To: request.Target{Conversation: d.desk.DeskConversation}})
				}
				before := len(d.teams.Events())
				for range 4 { // warned, late, said again twice
					d.settle()
					d.move(opened.NextDueAt.Sub(d.Now()))
					d.settle()
					opened = d.ticket(opened.Number)
				}
				move := request.Move{Number: opened.Number}
				if _, err := d.desk.Take(d.Context(), bob, move); err != nil {
					t.Fatal(err)
				}
				d.deliverWithin(time.Minute)
				if _, err := d.desk.Respond(d.Context(), bob, move, "we look"); err != nil {
					t.Fatal(err)
				}
				d.deliverWithin(time.Minute)
				if _, err := d.desk.Resolve(d.Context(), bob, move, "restarted"); err != nil {
					t.Fatal(err)
				}
				d.deliverWithin(time.Minute)
				var got count
				for _, e := range d.teams.Events()[before:] {
					switch {
					case e.Status >= 300 || e.Message == nil:
					case e.Op == "create":
						got.threads++
					case e.Op == "send":
						got.messages++
					case e.Op == "update":
						got.updates++
					}
				}
				if got != c.want {
					t.Errorf("%+v, want %+v\n%s", got, c.want, d.events())
				}
			})
		})
	}
}
