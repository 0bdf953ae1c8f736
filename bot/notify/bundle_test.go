package notify_test

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// burst opens requests that Bob has, and lets all of them be late at once.
func (d *desk) burst(n int) (all []*request.Ticket, bundle teamstest.Message) {
	d.Helper()
	d.teams.InstallFor(d.teams.Person("Bob"))
	at := d.Now()
	for range n {
		all = append(all, d.open(assignedTo(d.person("Bob")), func(t *request.Ticket) { t.StartedAt = at }))
	}
	d.move(at.Add(time.Hour).Sub(d.Now()))
	d.settle()
	return all, d.expect(d.chat("Bob"), "SR-1", "SR-2", "sla/ack")
}

// again reads a message as it is now.
func (d *desk) again(m teamstest.Message) teamstest.Message {
	d.Helper()
	for _, now := range d.teams.Messages(m.Conversation) {
		if now.ID == m.ID {
			return now
		}
	}
	d.Fatalf("%s is gone", m.ID)
	return m
}

func TestABundleIsDrawnAnewAsItsRequestsChange(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		all, bundle := d.burst(4)
		if _, err := d.desk.Ack(d.Context(), bob, request.Move{Number: all[1].Number}); err != nil {
			t.Fatal(err)
		}
		d.settle()
		fewer := d.again(bundle)
		if fewer.Summary != "3 requests are late" || strings.Contains(string(fewer.Raw), "SR-2") || !strings.Contains(string(fewer.Raw), "SR-3") {
			t.Errorf("%q: %s", fewer.Summary, fewer.Raw)
		}
		for _, i := range []int{0, 2, 3} {
			if _, err := d.desk.Resolve(d.Context(), bob, request.Move{Number: all[i].Number}, "restarted"); err != nil {
				t.Fatal(err)
			}
		}
		d.settle()
		over := d.again(bundle)
		if over.Summary != "The requests of this warning were dealt with, or newer warnings have them." {
			t.Errorf("%q: %s", over.Summary, over.Raw)
		}
		if n := len(d.in(d.chat("Bob"))); n != 1 {
			t.Errorf("%d messages in Bob's chat, want the bundle alone\n%s", n, d.events())
		}
	})
}

func TestANewerWarningLeavesTheBundle(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		all, bundle := d.burst(3)
		for _, other := range all[1:] {
			if _, err := d.desk.Respond(d.Context(), bob, request.Move{Number: other.Number}, "we look"); err != nil {
				t.Fatal(err)
			}
		}
		d.settle()
		if left := d.again(bundle); left.Summary != "1 request is late" {
			t.Errorf("%q: %s", left.Summary, left.Raw)
		}
		d.move(10 * time.Minute)
		d.settle()
		d.expect(d.chat("Bob"), "SR-1 is still late", "ticket/ack")
		if over := d.again(bundle); !strings.Contains(over.Summary, "newer warnings") {
			t.Errorf("%q: %s", over.Summary, over.Raw)
		}
	})
}

func TestABundleMakesTheWarningsBeforeItQuiet(t *testing.T) {
	everyDesk(t, func(d *desk) {
		all, bundle := d.burst(3)
		d.move(10 * time.Minute)
		d.settle()
		newer := d.expect(d.chat("Bob"), "3 requests are late", "sla/ack")
		if newer.ID == bundle.ID || !strings.Contains(d.again(bundle).Summary, "newer warnings") {
			t.Errorf("%s replaced %s: %s", newer.ID, bundle.ID, d.again(bundle).Raw)
		}
		for _, one := range all {
			shown, known, err := d.store.Posted(d.Context(), "alarm:"+one.Number.String()[3:]+"/response@person:"+d.person("Bob").ID)
			if err != nil || !known || shown.Activity != newer.ID {
				t.Errorf("%s: %v, %v, %v", one.Number, shown, known, err)
			}
		}
	})
}

func TestABurstInAChannelIsOneMessageInEachThread(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.desk.EscalationConversation = d.teams.Conversation(teamstest.Channel).ChannelID()
		all, _ := d.burst(4)
		for range 7 {
			d.move(10 * time.Minute)
			d.settle()
		}
		for _, place := range []string{d.desk.DeskConversation, d.desk.EscalationConversation} {
			threads := map[string]string{}
			for _, m := range d.in(place, "SR-") {
				for _, one := range all {
					if strings.HasPrefix(m.Summary, one.Number.String()) {
						if at, known := threads[one.Number.String()]; known && at != m.Conversation {
							t.Errorf("%s has two threads in %s: %s", one.Number, place, m.String())
						}
						threads[one.Number.String()] = m.Conversation
					}
				}
			}
			if len(threads) != len(all) {
				t.Errorf("%d threads for %d requests in %s\n%s", len(threads), len(all), place, d.events())
			}
		}
	})
}

func TestTheChannelOfEscalationsHasOneThreadOfARequest(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.desk.EscalationConversation = d.teams.Conversation(teamstest.Channel).ChannelID()
		opened := d.warned()
		d.move(time.Hour) // told there for the first time
		d.settle()
		first := d.expect(d.desk.EscalationConversation, "SR-1")
		if _, err := d.desk.SetSeverity(d.Context(), d.person("Alice"), request.Move{Number: opened.Number}, request.SeverityB, "only the test machines"); err != nil {
			t.Fatal(err)
		}
		for range 30 { // and once more, after the new severity's own time
			d.move(10 * time.Minute)
			d.settle()
		}
		all := d.in(d.desk.EscalationConversation, "SR-1")
		if len(all) < 2 {
			t.Fatalf("%d messages, want the second alarm too\n%s", len(all), d.events())
		}
		for _, m := range all {
			if m.Conversation != first.Conversation {
				t.Errorf("a thread of its own: %s", m.String())
			}
		}
	})
}

// TestAnAlarmWaitsForTheDesksCard has a request that was filed before the desk had a
// channel: its card is not there when it is late.
func TestAnAlarmWaitsForTheDesksCard(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open()
		d.move(opened.Response.Due.Sub(d.Now()))
		d.settle()
		all := d.in(d.desk.DeskConversation, "SR-1")
		if len(all) != 2 || all[0].Conversation != all[1].Conversation || len(d.loud(d.desk.DeskConversation)) != 1 {
			t.Fatalf("%d messages, want the card and the alarm in its thread\n%s", len(all), d.events())
		}
		card, known, err := d.store.Posted(d.Context(), "desk:1")
		if err != nil || !known || card.Activity != all[0].ID {
			t.Errorf("the thread begins with %s, the card is %v (%v, %v)", all[0].String(), card, known, err)
		}
	})
}

// TestACardWithoutAnIDOpensNoThread has Teams take the desk's card without saying what it
// is called: the alarm cannot go below it, and is not kept back for ever.
func TestACardWithoutAnIDOpensNoThread(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open()
		d.tx(func(tx request.Tx) error {
			return tx.(bot.Tx).Posted(d.Context(), outbox.Posted{Handle: "desk:1", Conversation: d.desk.DeskConversation, Revision: 1, Ticket: 1})
		})
		d.move(opened.Response.Due.Sub(d.Now()))
		d.settle()
		if n := len(d.loud(d.desk.DeskConversation)); n != 1 {
			t.Errorf("%d alarms\n%s", n, d.events())
		}
	})
}
