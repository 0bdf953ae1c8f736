package teams

import "testing"

// What refers to something else is no file, and neither is the echo of the text.
func TestHasFiles(t *testing.T) {
	for kind, want := range map[string]bool{
		"text/html": false, "text/html; charset=utf-8": false, "messageReference": false, "forwardedMessageReference": false,
		"meetingReference": false, "tabReference": false, "application/vnd.microsoft.card.adaptive": false,
		"reference": true, "application/vnd.microsoft.teams.file.download.info": true, "image/png": true, "image/*": true,
	} {
		a := Activity{Attachments: []Attachment{{ContentType: kind}}}
		if got := a.HasFiles(); got != want {
			t.Errorf("%s is a file: %v, want %v", kind, got, want)
		}
	}
}

// An event about one channel never means the team.
func TestBotLeftTeam(t *testing.T) {
	gone := func(kind, event, channel string) *Activity {
		a := &Activity{Type: kind, Action: "remove", Recipient: NewAccount(botID, "Onbehalf"), MembersRemoved: []Account{NewAccount(botID, "")}}
		a.Conversation.ConversationType = TeamsChannel
		a.ChannelData = ChannelData{EventType: event, Team: Place{ID: "19:team"}, Channel: Place{ID: channel}}
		return a
	}
	for _, c := range []struct {
		kind, event, channel string
		want                 bool
	}{
		{TypeConversationUpdate, "channelMemberRemoved", "19:shared", false},
		{TypeConversationUpdate, "", "19:shared", false},
		{TypeConversationUpdate, "channelMemberRemoved", "19:team", true},
		{TypeConversationUpdate, "teamMemberRemoved", "19:shared", true},
		{TypeConversationUpdate, "teammemberremoved", "", true},
		{TypeInstallationUpdate, "", "19:shared", true},
	} {
		if got := gone(c.kind, c.event, c.channel).BotLeftTeam(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
