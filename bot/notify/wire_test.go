package notify_test

import (
	"strings"

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
