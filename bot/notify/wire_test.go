package notify_test

import (
	"strings"

	"onbehalf/bot/notify"
	"onbehalf/bot/teams"
)

func kindOf(conversation string) string {
	switch {
	case strings.Contains(conversation, "@thread.tacv2"):
		return teams.TeamsChannel
	case strings.HasPrefix(conversation, "19:"):
		return teams.GroupChat
	}
	return teams.Personal
}

func refOf(c notify.Conversation) teams.Ref {
	return teams.Ref{ServiceURL: c.ServiceURL, ConversationID: c.ID, Kind: c.Kind, TenantID: c.Tenant, BotID: c.BotID}
}

func textMessage(text string) teams.Message {
	return teams.Message{Text: text, TextFormat: teams.Plain}
}
