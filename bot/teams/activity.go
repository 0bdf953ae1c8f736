package teams

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/core/activity"
	"github.com/infracloudio/msbotbuilder-go/schema"
)

// The activity types that the bot tells apart. There are more, and new ones
// come: what is not known is accepted and ignored.
const (
	TypeMessage            = string(schema.Message)
	TypeInvoke             = string(schema.Invoke)
	TypeConversationUpdate = string(schema.ConversationUpdate)
	TypeInstallationUpdate = string(schema.InstallationUpdate)
	TypeMessageUpdate      = string(schema.MessageUpdate)
	TypeMessageDelete      = string(schema.MessageDelete)
	TypeMessageReaction    = string(schema.MsgReaction)
	TypeEvent              = string(schema.Event)
	TypeTyping             = string(schema.Typing)
)

// Channel is the only channel whose activities are taken.
const Channel = "msteams"

// The three kinds of conversation, as Teams calls them.
const (
	Personal     = "personal"
	GroupChat    = "groupChat"
	TeamsChannel = "channel"
)

// ErrNotActivity reports a body that is no activity: not one JSON object, or
// without type or conversation (HTTP 400).
var ErrNotActivity = errors.New("not an activity")

// Activity is one thing that Teams tells the bot. Fields that we do not know,
// and known ones of an odd shape, survive in Extra; encoding writes them back.
type Activity struct {
	Type             string                     `json:"type,omitempty"`
	ID               string                     `json:"id,omitempty"`
	Name             string                     `json:"name,omitempty"`   // of an invoke or event
	Action           string                     `json:"action,omitempty"` // of an installationUpdate
	Timestamp        time.Time                  `json:"timestamp,omitzero"`
	LocalTimestamp   time.Time                  `json:"localTimestamp,omitzero"`
	LocalTimezone    string                     `json:"localTimezone,omitempty"`
	ChannelID        string                     `json:"channelId,omitempty"` // "msteams"; the team's channel is TeamChannelID
	ServiceURL       string                     `json:"serviceUrl,omitempty"`
	From             Account                    `json:"from,omitzero"`
	Recipient        Account                    `json:"recipient,omitzero"`
	Conversation     Conversation               `json:"conversation,omitzero"`
	Text             string                     `json:"text,omitempty"` // as sent; read SpokenText
	TextFormat       string                     `json:"textFormat,omitempty"`
	AttachmentLayout string                     `json:"attachmentLayout,omitempty"`
	Summary          string                     `json:"summary,omitempty"`
	Importance       string                     `json:"importance,omitempty"`
	Locale           string                     `json:"locale,omitempty"`
	ReplyToID        string                     `json:"replyToId,omitempty"` // of a press: the message with the card
	Value            json.RawMessage            `json:"value,omitempty"`     // nil when absent or null
	ChannelData      ChannelData                `json:"channelData,omitzero"`
	Entities         []Entity                   `json:"entities,omitempty"`
	Attachments      []Attachment               `json:"attachments,omitempty"`
	MembersAdded     []Account                  `json:"membersAdded,omitempty"`
	MembersRemoved   []Account                  `json:"membersRemoved,omitempty"`
	ReactionsAdded   []Reaction                 `json:"reactionsAdded,omitempty"`
	ReactionsRemoved []Reaction                 `json:"reactionsRemoved,omitempty"`
	Extra            map[string]json.RawMessage `json:"-"`
}

// Decode reads a request body. Keys are exact: a second key in other letters
// never overrides one that was checked. The error is ErrNotActivity for
// everything that has no type or no conversation id.
func Decode(body []byte) (*Activity, error) {
	a := new(Activity)
	if err := json.Unmarshal(withoutNULs(body), a); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotActivity, err)
	}
	if a.Type == "" {
		return nil, fmt.Errorf("%w: no type", ErrNotActivity)
	}
	if a.Conversation.ID == "" && !a.Extends() { // which the command box does outside of any conversation
		return nil, fmt.Errorf("%w: no conversation id", ErrNotActivity)
	}
	return a, nil
}

// UnmarshalJSON takes every field that has the expected shape and keeps the
// others in Extra. It fails only for what is not an object.
func (a *Activity) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	*a = Activity{
		Type: f.text("type"), ID: f.text("id"), Name: f.text("name"), Action: f.text("action"),
		Timestamp: f.instant("timestamp"), LocalTimestamp: f.instant("localTimestamp"), LocalTimezone: f.text("localTimezone"),
		ChannelID: f.text("channelId"), ServiceURL: f.text("serviceUrl"),
		Text: f.text("text"), TextFormat: f.text("textFormat"), AttachmentLayout: f.text("attachmentLayout"),
		Summary: f.text("summary"), Importance: f.text("importance"), Locale: f.text("locale"),
		ReplyToID: f.text("replyToId"), Value: f.raw("value"),
		Entities: list[Entity](f, "entities"), Attachments: list[Attachment](f, "attachments"),
		MembersAdded: list[Account](f, "membersAdded"), MembersRemoved: list[Account](f, "membersRemoved"),
		ReactionsAdded: list[Reaction](f, "reactionsAdded"), ReactionsRemoved: list[Reaction](f, "reactionsRemoved"),
	}
	f.into("from", &a.From)
	f.into("recipient", &a.Recipient)
	f.into("conversation", &a.Conversation)
	f.into("channelData", &a.ChannelData)
	a.Extra = f.rest()
	return nil
}

// MarshalJSON writes the activity with everything that was in it.
func (a Activity) MarshalJSON() ([]byte, error) {
	type plain Activity
	return merge(plain(a), a.Extra)
}

// TenantIDs returns every tenant that the activity names as its
// conversation's: conversation.tenantId and channelData.tenant.id, each where
// present, without repeats. All of them must be allowed.
func (a *Activity) TenantIDs() []string {
	var ids []string
	for _, id := range []string{a.Conversation.TenantID, a.ChannelData.Tenant.ID} {
		if id = strings.ToLower(id); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Tenant returns the conversation's tenant, empty when the activity names
// none. It is not the sender's: guests write in conversations of others.
func (a *Activity) Tenant() string {
	if ids := a.TenantIDs(); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// IsPersonal tells the chat of one person with the bot.
func (a *Activity) IsPersonal() bool { return a.Kind() == Personal }

// IsChannel tells a post in a team's channel.
func (a *Activity) IsChannel() bool { return a.Kind() == TeamsChannel }

// Kind returns Personal, GroupChat or TeamsChannel. Old shapes name no type;
// then the conversation's id and group mark decide. The chat of two people, where the
// message extension can be used, is called personal too, but is not the bot's with one of
// them: for the bot it is a group chat.
func (a *Activity) Kind() string {
	switch {
	case a.Conversation.ConversationType == Personal && strings.HasPrefix(a.Conversation.ID, "19:"):
		return GroupChat
	case a.Conversation.ConversationType != "":
		return a.Conversation.ConversationType
	case a.ChannelData.Team.ID != "" || strings.Contains(a.Conversation.ID, "@thread.tacv2"):
		return TeamsChannel
	case a.Conversation.IsGroup || strings.HasPrefix(a.Conversation.ID, "19:"):
		return GroupChat
	}
	return Personal
}

// TeamChannelID returns the id of the team's channel without a thread, empty
// outside of channels.
func (a *Activity) TeamChannelID() string {
	if !a.IsChannel() {
		return ""
	}
	if id := a.ChannelData.Channel.ID; id != "" {
		return id
	}
	if id := a.ChannelData.TeamsChannelID; id != "" {
		return id
	}
	id, _, _ := strings.Cut(a.Conversation.ID, ";")
	return id
}

// Targeted reports that only the sender and the bot see this message; the
// answer must be targeted too.
func (a *Activity) Targeted() bool { return a.Recipient.IsTargeted }

// Zone returns the IANA name of the sender's time zone, empty when the client
// did not say. The name comes from the client and may be unknown to us.
func (a *Activity) Zone() string {
	zone := a.LocalTimezone
	for _, e := range a.Entities {
		if e.Type == "clientInfo" && e.Timezone != "" {
			zone = e.Timezone
		}
	}
	if zone == "Local" { // Go would take it for the server's own
		return ""
	}
	return zone
}

// Language returns the BCP 47 tag of the sender's client, empty when it did
// not say.
func (a *Activity) Language() string {
	if a.Locale != "" {
		return a.Locale
	}
	for _, e := range a.Entities {
		if e.Type == "clientInfo" && e.Locale != "" {
			return e.Locale
		}
	}
	return ""
}

// HasFiles reports a file or picture. The text/html attachment is an echo of the
// text; cards, and what refers to a message, a meeting or a tab, are not files.
func (a *Activity) HasFiles() bool {
	return slices.ContainsFunc(a.Attachments, func(at Attachment) bool {
		kind, _, _ := strings.Cut(strings.ToLower(at.ContentType), ";")
		kind = strings.TrimSpace(kind)
		refers := strings.HasSuffix(kind, "reference") && kind != "reference" // "reference" alone is a shared file
		return kind != "text/html" && !refers && !strings.HasPrefix(kind, "application/vnd.microsoft.card.")
	})
}

// BotAdded reports an event by which this bot comes into the conversation.
// Teams sends two of them on each install.
func (a *Activity) BotAdded() bool {
	switch a.Type {
	case TypeInstallationUpdate:
		return a.Action == "add" || a.Action == "add-upgrade"
	case TypeConversationUpdate:
		return slices.ContainsFunc(a.MembersAdded, a.isBot)
	}
	return false
}

// BotRemoved reports an event by which this bot leaves the conversation.
// Nothing may be sent back (403).
func (a *Activity) BotRemoved() bool {
	switch a.Type {
	case TypeInstallationUpdate:
		return a.Action == "remove" || a.Action == "remove-upgrade"
	case TypeConversationUpdate:
		return slices.ContainsFunc(a.MembersRemoved, a.isBot)
	}
	return false
}

// Upgraded reports an event of an update of the app: the bot stays where it is, and
// whoever was greeted is not greeted again.
func (a *Activity) Upgraded() bool {
	return a.Type == TypeInstallationUpdate && strings.HasSuffix(a.Action, "-upgrade")
}

// BotLeftTeam reports an event by which this bot leaves a whole team, and not only
// the one channel that the event is about.
func (a *Activity) BotLeftTeam() bool {
	team := a.ChannelData.Team.ID
	if team == "" || !a.BotRemoved() {
		return false
	}
	return a.event() == "teammemberremoved" || a.teamDeleted() || a.Type == TypeInstallationUpdate || a.TeamChannelID() == team
}

// event is what happened to a team or channel, in lower case: Teams spells some of them
// in several ways.
func (a *Activity) event() string {
	if a.Type != TypeConversationUpdate {
		return ""
	}
	return strings.ToLower(a.ChannelData.EventType)
}

func (a *Activity) teamDeleted() bool {
	return a.event() == "teamdeleted" || a.event() == "teamharddeleted"
}

// Deleted returns the id of the channel or team that an event says was deleted, empty
// for any other activity. The event may name the team's General as its conversation.
func (a *Activity) Deleted() string {
	switch {
	case a.event() == "channeldeleted":
		return a.ChannelData.Channel.ID
	case a.teamDeleted():
		return a.ChannelData.Team.ID
	}
	return ""
}

// Restored returns the id of the channel or team that an event says is back.
func (a *Activity) Restored() string {
	switch a.event() {
	case "channelrestored":
		return a.ChannelData.Channel.ID
	case "teamrestored":
		return a.ChannelData.Team.ID
	}
	return ""
}

// MovedIn returns the id of the one channel that somebody, or the bot, was added to or taken
// out of; empty for any other activity. The event may name the team's General as its
// conversation.
func (a *Activity) MovedIn() string {
	switch a.event() {
	case "channelmemberadded", "channelmemberremoved":
		return a.ChannelData.Channel.ID
	}
	return ""
}

// AddedToChannel reports that an owner added the bot to one private or shared channel;
// those who read there need not be of the team.
func (a *Activity) AddedToChannel() bool {
	return a.event() == "channelmemberadded" && a.BotAdded()
}

func (a *Activity) isBot(who Account) bool { return who.ID != "" && who.ID == a.Recipient.ID }

// Ref returns the conversation as an address to send to later.
func (a *Activity) Ref() Ref {
	r := activity.GetCoversationReference(schema.Activity{
		ID: a.ID, From: a.From.ChannelAccount, Recipient: a.Recipient.ChannelAccount,
		Conversation: a.Conversation.ConversationAccount, ChannelID: a.ChannelID, ServiceURL: a.ServiceURL,
	})
	ref := refOf(r)
	ref.Kind = a.Kind()
	ref.TenantID = a.Tenant()
	return ref
}
