package bot_test

import (
	"maps"
	"testing"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/teams/teamstest"
)

// happens posts what Teams says of a team or channel, as the events of channel changes
// look: fields of the channel's data, and who came or went.
func happens(who *teamstest.Speaker, event string, change func(a teamstest.Activity, data map[string]any)) *teamstest.Turn {
	a := who.Activity("conversationUpdate")
	data := maps.Clone(a["channelData"].(map[string]any))
	data["eventType"] = event
	a["channelData"] = data
	if change != nil {
		change(a, data)
	}
	return who.Do(a)
}

// theBot is its account in membersAdded and membersRemoved.
func theBot() []any { return []any{map[string]any{"id": teamstest.BotID}} }

// placed is the bench with a team of two channels, in each of which a thread is known.
func placed(t *testing.T) (b *bench, general, other *teamstest.Speaker, team string) {
	t.Helper()
	b = newBench(t)
	general = b.Conversation(teamstest.Channel).As("Alice")
	other = b.Conversation(teamstest.Channel).As("Alice")
	data, _ := general.Activity("conversationUpdate")["channelData"].(map[string]any)
	team, _ = data["team"].(map[string]any)["id"].(string)
	for _, who := range []*teamstest.Speaker{general, other} {
		a := who.Message("@onbehalf hi")
		a["channelData"].(map[string]any)["team"] = map[string]any{"id": team}
		who.Do(a).ExpectText("heard hi")
	}
	return b, general, other, team
}

// TestATeamThatIsLeftTakesItsChannelsAlong, whichever event says so.
func TestATeamThatIsLeftTakesItsChannelsAlong(t *testing.T) {
	for event, removed := range map[string][]any{"teamMemberRemoved": theBot(), "teamDeleted": nil, "teamHardDeleted": nil} {
		t.Run(event, func(t *testing.T) {
			b, general, other, team := placed(t)
			stranger := b.Conversation(teamstest.Channel).As("Alice")
			stranger.Say("@onbehalf hi")
			happens(general, event, func(a teamstest.Activity, data map[string]any) {
				a["conversation"].(map[string]any)["id"] = team
				data["team"] = map[string]any{"id": team}
				delete(data, "channel")
				delete(data, "teamsChannelId")
				if removed != nil {
					a["membersRemoved"] = removed
				}
			}).ExpectNothing()
			for who, want := range map[*teamstest.Speaker]outbox.Reach{general: outbox.Removed, other: outbox.Removed, stranger: outbox.Reachable} {
				if got := b.reach(t, who.In.ID()); got != want {
					t.Errorf("%s is %q, want %q", who.In.ID(), got, want)
				}
			}
			if event == "teamMemberRemoved" {
				return
			}
			happens(general, "teamRestored", func(_ teamstest.Activity, data map[string]any) { data["team"] = map[string]any{"id": team} }).ExpectNothing()
			if got := b.reach(t, other.In.ID()); got != outbox.Reachable {
				t.Errorf("restored: %q", got)
			}
		})
	}
}

// TestADeletedChannelIsNotItsTeam: its threads are gone, and back when it is restored;
// the others stay. What is merely renamed or shared changes nothing.
func TestADeletedChannelIsNotItsTeam(t *testing.T) {
	b, general, other, team := placed(t)
	of := func(a teamstest.Activity, data map[string]any) {
		a["conversation"].(map[string]any)["id"] = team // events of a channel come from the team
		data["channel"] = map[string]any{"id": other.In.ChannelID(), "name": "Other"}
		data["team"] = map[string]any{"id": team}
	}
	for _, step := range []struct {
		event string
		want  outbox.Reach
	}{
		{"channelRenamed", outbox.Reachable}, {"channelCreated", outbox.Reachable}, {"teamRenamed", outbox.Reachable}, {"channelShared", outbox.Reachable},
		{"channelUnshared", outbox.Reachable}, {"teamArchived", outbox.Reachable}, {"somethingNew", outbox.Reachable},
		{"channelDeleted", outbox.Removed}, {"channelrestored", outbox.Reachable},
	} {
		happens(general, step.event, of).ExpectNothing()
		if here, there := b.reach(t, general.In.ID()), b.reach(t, other.In.ID()); here != outbox.Reachable || there != step.want {
			t.Errorf("after %s: %q and %q, want %q", step.event, here, there, step.want)
		}
	}
	happens(general, "channelDeleted", nil) // names itself
	if got := b.reach(t, other.In.ID()); got != outbox.Reachable {
		t.Errorf("the other channel is %q", got)
	}
}

// TestAPrivateChannelIsGreetedForItself: those who read there need not have seen the
// greeting of the team. Each is greeted once, an update of the app greets nobody, and
// whoever takes the bot out and back in is greeted anew.
func TestAPrivateChannelIsGreetedForItself(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Channel).As("Alice")
	greetings := func() (n int) {
		for _, e := range b.Events("send", "create") {
			if e.Message != nil && e.Message.Text == "hello" {
				n++
			}
		}
		return n
	}
	expect := func(what string, want int) {
		t.Helper()
		if got := greetings(); got != want {
			t.Errorf("%s: %d greetings, want %d", what, got, want)
		}
	}
	alice.Install()
	expect("installed in the team", 1)
	channel := map[string]any{"id": alice.In.ChannelID(), "type": "shared"}
	added := func(a teamstest.Activity, data map[string]any) {
		a["membersAdded"], data["channel"] = theBot(), channel
	}
	removed := func(a teamstest.Activity, data map[string]any) {
		a["membersRemoved"], data["channel"] = theBot(), channel
	}
	for range 2 {
		happens(alice, "channelMemberAdded", added)
		expect("added to a shared channel", 2)
	}
	happens(alice, "channelMemberAdded", func(a teamstest.Activity, data map[string]any) {
		a["membersAdded"], data["channel"] = []any{map[string]any{"id": alice.Person.ID}}, channel
	})
	expect("somebody else was added", 2)
	for _, action := range []string{"remove-upgrade", "add-upgrade"} {
		a := alice.Activity("installationUpdate")
		a["action"] = action
		alice.Do(a).ExpectNothing()
	}
	expect("the app was updated", 2)
	happens(alice, "channelMemberRemoved", removed).ExpectNothing()
	happens(alice, "channelMemberAdded", added)
	expect("added again", 3)
}

// TestAnEventOfAChannelMayComeFromItsTeam: who is added to one channel, or taken out of it,
// is that in this channel alone, whichever conversation the event names.
func TestAnEventOfAChannelMayComeFromItsTeam(t *testing.T) {
	b, general, other, team := placed(t)
	of := func(change string, who []any) func(a teamstest.Activity, data map[string]any) {
		return func(a teamstest.Activity, data map[string]any) {
			a["conversation"].(map[string]any)["id"] = team
			data["channel"], data["team"] = map[string]any{"id": other.In.ChannelID(), "type": "private"}, map[string]any{"id": team}
			a[change] = who
		}
	}
	expect := func(what string, want outbox.Reach) {
		t.Helper()
		if here, there := b.reach(t, general.In.ID()), b.reach(t, other.In.ID()); here != outbox.Reachable || there != want {
			t.Errorf("%s: %q here and %q there, want %q", what, here, there, want)
		}
	}
	tom := []any{map[string]any{"id": b.Person("Tom").ID}}
	happens(general, "channelMemberAdded", of("membersAdded", tom)).ExpectNothing()
	happens(general, "channelMemberRemoved", of("membersRemoved", tom)).ExpectNothing()
	expect("somebody came and went", outbox.Reachable)
	happens(general, "channelMemberRemoved", of("membersRemoved", theBot())).ExpectNothing()
	expect("the bot was taken out", outbox.Removed)
	happens(general, "channelMemberAdded", of("membersAdded", theBot()))
	expect("the bot was added again", outbox.Reachable)
	greeted := 0
	for _, m := range b.Messages(other.In.ChannelID()) {
		if m.Text == "hello" {
			greeted++
		}
	}
	if greeted != 1 {
		t.Errorf("the channel was greeted %d times", greeted)
	}
}

// TestATeamThatIsJoinedAgainIsGreetedAgain: once in the team, and for itself in each channel
// with readers of its own, however many events say so.
func TestATeamThatIsJoinedAgainIsGreetedAgain(t *testing.T) {
	b := newBench(t)
	alice := b.Conversation(teamstest.Channel).As("Alice")
	alice.Say("@onbehalf hi").ExpectText("heard hi") // in a thread
	private := map[string]any{"id": b.Conversation(teamstest.Channel).ChannelID(), "type": "private"}
	greetings := func() (n int) {
		for _, e := range b.Events("send", "create") {
			if e.Message != nil && e.Message.Text == "hello" {
				n++
			}
		}
		return n
	}
	for round := 1; round <= 2; round++ {
		for range 2 {
			alice.Install()
			happens(alice, "teamMemberAdded", func(a teamstest.Activity, _ map[string]any) { a["membersAdded"] = theBot() })
			happens(alice, "channelMemberAdded", func(a teamstest.Activity, data map[string]any) {
				a["membersAdded"], data["channel"] = theBot(), private
			})
		}
		if got := greetings(); got != 2*round {
			t.Errorf("round %d: %d greetings", round, got)
		}
		if got := b.reach(t, alice.In.ID()); got != outbox.Reachable {
			t.Errorf("round %d: the thread is %q", round, got)
		}
		happens(alice, "teamMemberRemoved", func(a teamstest.Activity, _ map[string]any) { a["membersRemoved"] = theBot() }).ExpectNothing()
		if got := b.reach(t, private["id"].(string)); got != outbox.Removed {
			t.Errorf("round %d: the private channel is %q", round, got)
		}
	}
}

// TestNothingIsSentAfterARemoval: an answer that waits when the bot is taken out is
// dropped, not tried.
func TestNothingIsSentAfterARemoval(t *testing.T) {
	b := newBench(t)
	now := time.Now()
	b.clock(func() time.Time { return now })
	alice := b.Conversation(teamstest.GroupChat).As("Alice")
	b.Fault(teamstest.Fault{Op: "send", Status: 429, Code: "Throttled", RetryAfter: "5"})
	alice.Say("@onbehalf hi")
	alice.Remove()
	before := len(b.Events("send"))
	now = now.Add(10 * time.Second)
	b.sender.Serve(t.Context())
	if n := len(b.Events("send")); before != 1 || n != before {
		t.Errorf("%d messages were tried before the removal and %d after it", before, n-before)
	}
	if got := b.reach(t, alice.In.ID()); got != outbox.Removed {
		t.Errorf("the chat is %q", got)
	}
}
