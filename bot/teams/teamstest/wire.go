package teamstest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"onbehalf/bot/teams"
)

// incoming is an activity from the bot.
type incoming struct {
	Type        string `json:"type"`
	Text        string `json:"text"`
	TextFormat  string `json:"textFormat"`
	Summary     string `json:"summary"`
	Attachments []struct {
		ContentType string         `json:"contentType"`
		ContentURL  string         `json:"contentUrl"`
		Name        string         `json:"name"`
		Content     map[string]any `json:"content"`
	} `json:"attachments"`
	Entities []struct {
		Type      string `json:"type"`
		Text      string `json:"text"`
		MessageID string `json:"messageId"`
		Mentioned struct {
			ID string `json:"id"`
		} `json:"mentioned"`
	} `json:"entities"`

	recipient string
	prompt    string
}

// readMessage is strict where Teams is, or may become so: sizes, empty
// objects, dates of year 1.
func readMessage(body []byte) (*incoming, *refusal) {
	if len(body) > teams.MaxMessage {
		return nil, refuse(http.StatusRequestEntityTooLarge, "MessageSizeTooBig", "%d bytes", len(body))
	}
	m := new(incoming)
	var all map[string]json.RawMessage
	if json.Unmarshal(body, m) != nil || json.Unmarshal(body, &all) != nil || all == nil {
		return nil, refuse(http.StatusBadRequest, "BadSyntax", "body is not an activity")
	}
	for field, raw := range all {
		if bytes.Equal(raw, []byte("{}")) || bytes.HasPrefix(raw, []byte(`"0001-01-01`)) {
			return nil, refuse(http.StatusBadRequest, "BadArgument", "%s is %s", field, raw)
		}
	}
	var ids struct {
		From         *struct{ ID string } `json:"from"`
		Conversation *struct{ ID string } `json:"conversation"`
		Recipient    *struct{ ID string } `json:"recipient"`
	}
	if json.Unmarshal(body, &ids) != nil {
		return nil, refuse(http.StatusBadRequest, "BadSyntax", "from, conversation or recipient")
	}
	switch {
	case m.Type == "":
		return nil, refuse(http.StatusBadRequest, "MissingProperty", "no type")
	case m.Type != "message":
		return nil, refuse(http.StatusBadRequest, "BadArgument", "type %q", m.Type)
	case strings.TrimSpace(m.Text) == "" && len(m.Attachments) == 0:
		return nil, refuse(http.StatusBadRequest, "BadSyntax", "message is empty")
	case ids.From != nil && ids.From.ID != BotID:
		return nil, refuse(http.StatusBadRequest, "BadArgument", "from.id %q is not the bot's", ids.From.ID)
	case ids.Conversation != nil && ids.Conversation.ID == "":
		return nil, refuse(http.StatusBadRequest, "BadArgument", "conversation without id")
	}
	if ids.Recipient != nil {
		m.recipient = ids.Recipient.ID
	}
	for _, at := range m.Attachments {
		no := checkCard(at.ContentType, at.Content)
		if at.ContentType == consentType || at.ContentType == fileInfoType {
			no = checkFile(at.ContentType, at.Name, at.ContentURL, at.Content)
		}
		if no != nil {
			return nil, no
		}
	}
	for _, e := range m.Entities {
		if e.Type == "targetedMessageInfo" {
			m.prompt = e.MessageID
		}
	}
	return m, nil
}

func checkCard(contentType string, card map[string]any) *refusal {
	version, _ := card["version"].(string)
	switch {
	case contentType != teams.CardType:
		return refuse(http.StatusBadRequest, "BadSyntax", "attachment of type %q", contentType)
	case card["type"] != "AdaptiveCard":
		return refuse(http.StatusBadRequest, "BadSyntax", "card of type %v", card["type"])
	case version == "" || version > "1.5":
		return refuse(http.StatusBadRequest, "BadSyntax", "card of version %q", version)
	}
	return nil
}

// splits tells what Teams would make several messages of.
func (m *incoming) splits() bool {
	return len(m.Attachments) > 1 || (len(m.Attachments) == 1 && m.Text != "")
}

func (m *incoming) card() map[string]any {
	if len(m.Attachments) == 0 || m.Attachments[0].ContentType != teams.CardType {
		return nil
	}
	return m.Attachments[0].Content
}

// mentioned returns who is notified: a mention counts only when its text
// stands in the message or in the card.
func (m *incoming) mentioned() []string {
	var ids []string
	for _, e := range m.Entities {
		if e.Type == "mention" && e.Text != "" && strings.Contains(m.Text, e.Text) {
			ids = append(ids, e.Mentioned.ID)
		}
	}
	return append(ids, mentionedIn(m.card())...)
}

func mentionedIn(card map[string]any) []string {
	extras, _ := card["msteams"].(map[string]any)
	entities, _ := extras["entities"].([]any)
	said := strings.Join(textsOf(card), "\n")
	var ids []string
	for _, raw := range entities {
		e, _ := raw.(map[string]any)
		text, _ := e["text"].(string)
		who, _ := e["mentioned"].(map[string]any)
		if id, _ := who["id"].(string); e["type"] == "mention" && text != "" && strings.Contains(said, text) {
			ids = append(ids, id)
		}
	}
	return ids
}
