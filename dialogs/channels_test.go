package dialogs_test

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/teams/teamstest"
)

// TestASharedChannelServesOnesOwnPeople: whoever of another tenant reads there gets one
// sentence for everything that they try, by every way that clients have, and what they
// tried is neither done nor told to others.
func TestASharedChannelServesOnesOwnPeople(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice := room.As("Alice")
		d.file(alice, func(a *intake.Answers) { a.Set("title", "Post room is dark") })
		d.settle()
		card := alice.ExpectCard("ticket/assign")
		help := alice.Say("@onbehalf help").ExpectCard("intake/start")
		const told = "people of this support desk only"
		for _, who := range []*teamstest.Speaker{room.As("Frida", teamstest.Foreign()), room.As("Gus", teamstest.Guest()), room.As("Ann", teamstest.Anonymous())} {
			says := func(what, shown string) {
				t.Helper()
				if !strings.Contains(shown, told) || strings.Contains(shown, "Post room") || strings.Contains(shown, "Contoso") {
					t.Errorf("%s, %s: %s", who.Name, what, shown)
				}
			}
			for _, line := range []string{"status 1", "take 1", "list all", "new contoso.example azure B Slow", "customer contoso", "export"} {
				d.move(20 * time.Second)
				who.Say("@onbehalf " + line).ExpectText(told)
				says("slash "+line, who.Slash(line).ExpectText(told).Text)
			}
			seen := who.See(card)
			says("a press", seen.Press("ticket/assign", "to", "me").Toast)
			says("a refresh", seen.Refresh().Toast)
			who.See(help).OpenDialog("intake/start").ExpectClosed(told)
			who.Command("new").ExpectClosed(told)
			who.OnMessage("file", payload(room, nil)).ExpectClosed(told)
			if got := who.Search("customers", "contoso"); len(got) != 0 {
				t.Errorf("%s searches and finds %v", who.Name, got)
			}
			if got := unfurled(t, who, publicURL+"/t/SR-1"); got != "" {
				t.Errorf("%s sees behind the link %s", who.Name, got)
			}
			// Nor are they anybody to give a request to.
			d.move(20 * time.Second)
			alice.Say("@onbehalf assign 1 @" + who.Name)
			d.settle()
		}
		if got := d.one(); !got.Assignee.Nobody() || got.Revision != 1 {
			t.Errorf("it is %+v", got)
		}
	})
}

// TestAPrivateChannelHasItsOwnMembers: who does not read there is asked for among those whom
// the bot knows, and told in their own chat; nothing is sent there after the bot was taken
// out, and its threads go on once it was added again.
func TestAPrivateChannelHasItsOwnMembers(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		team, room := d.Conversation(teamstest.Channel), d.Conversation(teamstest.Channel)
		team.As("Tom").Say("@onbehalf help").ExpectCard("help/show")
		alice := room.As("Alice")
		room.As("Bob")
		d.file(alice)
		d.settle()
		alice.Say("@onbehalf assign 1 Nobody").ExpectCard("person")
		d.move(time.Minute)
		alice.Say("@onbehalf assign 1 Tom")
		d.settle()
		if got := d.Messages(d.PersonalID(d.Person("Tom"))); d.one().Assignee.Name != "Tom" || len(got) != 1 || got[0].Card == nil {
			t.Errorf("given to %q, who is told %v", d.one().Assignee.Name, got)
		}
		d.move(time.Minute)
		alice.Say("@onbehalf assign 1 Bob")
		if got := d.one(); got.Assignee.Name != "Bob" {
			t.Errorf("given to %q", got.Assignee.Name)
		}
		d.settle()

		moved := func(event, change string) *teamstest.Turn {
			a := alice.Activity("conversationUpdate")
			data := a["channelData"].(map[string]any)
			data["eventType"], data["channel"] = event, map[string]any{"id": room.ChannelID(), "type": "private"}
			a["conversation"].(map[string]any)["id"] = data["team"].(map[string]any)["id"]
			a[change] = []any{map[string]any{"id": teamstest.BotID}}
			return alice.Do(a)
		}
		sent := func() int { return len(d.Messages(room.ChannelID())) }
		room.Uninstall()
		moved("channelMemberRemoved", "membersRemoved")
		before, tried := sent(), len(d.Events("send", "reply", "update", "create"))
		bob := d.Conversation(teamstest.Personal).As("Bob")
		bob.Say("comment 1 The customer called").ExpectText("SR-1")
		d.settle()
		for _, e := range d.Events("send", "reply", "update", "create")[tried:] {
			if strings.HasPrefix(e.Conversation, room.ChannelID()) {
				t.Errorf("after the removal the channel is sent %s", e)
			}
		}
		room.Reinstall()
		moved("channelMemberAdded", "membersAdded")
		d.settle()
		d.move(time.Minute)
		bob.Say("comment 1 And called again").ExpectText("SR-1")
		d.settle()
		if sent() != before+2 { // the greeting, and the comment below the request's card
			t.Errorf("%d messages before the removal, %d after the bot was added again: %v", before, sent(), d.Messages(room.ChannelID()))
		}
	})
}
