package teamstest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// creation is the body of a request for a conversation.
type creation struct {
	Bot struct {
		ID string `json:"id"`
	} `json:"bot"`
	Members []struct {
		ID          string `json:"id"`
		AadObjectID string `json:"aadObjectId"`
	} `json:"members"`
	IsGroup     bool   `json:"isGroup"`
	TenantID    string `json:"tenantId"`
	ChannelData struct {
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
		Tenant struct {
			ID string `json:"id"`
		} `json:"tenant"`
	} `json:"channelData"`
	Activity json.RawMessage `json:"activity"`
}

func (t *Teams) create(q *request) (answer, *refusal) {
	var p creation
	if err := json.Unmarshal(q.body, &p); err != nil {
		return answer{}, refuse(http.StatusBadRequest, "BadSyntax", "%v", err)
	}
	switch {
	case p.Bot.ID != BotID && p.Bot.ID != AppID:
		return answer{}, refuse(http.StatusBadRequest, "BadArgument", "bot.id %q", p.Bot.ID)
	case p.TenantID == "" || p.ChannelData.Tenant.ID != p.TenantID:
		return answer{}, refuse(http.StatusBadRequest, "BadArgument", "tenantId %q, channelData.tenant.id %q", p.TenantID, p.ChannelData.Tenant.ID)
	case p.IsGroup:
		return t.createThread(q, p)
	}
	return t.createPersonal(q, p)
}

// createPersonal gives the same chat for the same person, each time.
func (t *Teams) createPersonal(q *request, p creation) (answer, *refusal) {
	switch {
	case len(p.Members) != 1 || p.Members[0].ID == "":
		return answer{}, refuse(http.StatusBadRequest, "BadArgument", "one member with an id")
	case p.Members[0].AadObjectID != "":
		return answer{}, refuse(http.StatusBadRequest, "BadArgument", "aadObjectId is not taken here, put it into id")
	case strings.Contains(p.Members[0].ID, "@"):
		return answer{}, refuse(http.StatusBadRequest, "BadArgument", "a UPN is not taken here")
	case p.Activity != nil:
		return answer{}, refuse(http.StatusBadRequest, "BadSyntax", "an activity would start a session")
	}
	for _, who := range t.people {
		if !who.is(p.Members[0].ID) {
			continue
		}
		c := t.personalChat(who)
		if who.TenantID != p.TenantID || !c.installed {
			return answer{}, refuse(http.StatusForbidden, "BotNotInConversationRoster", "the bot is not installed for this user")
		}
		q.Conversation = c.id
		return answer{http.StatusCreated, map[string]any{"id": c.id}}, nil
	}
	return answer{}, refuse(http.StatusForbidden, "ForbiddenOperationException", "no such user")
}

func (t *Teams) createThread(q *request, p creation) (answer, *refusal) {
	q.channel, q.Conversation = p.ChannelData.Channel.ID, p.ChannelData.Channel.ID
	if q.channel == "" {
		return answer{}, refuse(http.StatusBadRequest, "BadArgument", "no channel")
	}
	c, no := t.conversation(q)
	if no != nil {
		return answer{}, no
	}
	if c.kind != Channel || strings.Contains(q.Conversation, ";") {
		return answer{}, refuse(http.StatusBadRequest, "BadArgument", "%q is not a channel", q.Conversation)
	}
	m, no := readMessage(p.Activity)
	if no != nil {
		return answer{}, no
	}
	q.body = p.Activity
	sent := t.post(q, c, m)
	sent.body = map[string]any{"id": q.Conversation, "activityId": q.Activity}
	return sent, nil
}
