package teams

import (
	"encoding/json"
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"
)

// Account is a person or a bot in an activity. ID is per bot and user; the
// stable identity of a person is AadObjectID together with the tenant. Name is
// for display only and may be missing.
type Account struct {
	schema.ChannelAccount
	TenantID          string                     `json:"tenantId,omitempty"`
	UserPrincipalName string                     `json:"userPrincipalName,omitempty"`
	Email             string                     `json:"email,omitempty"`
	UserRole          string                     `json:"userRole,omitempty"`
	IsTargeted        bool                       `json:"isTargeted,omitempty"`
	Extra             map[string]json.RawMessage `json:"-"`
}

// NewAccount returns an account by id and display name.
func NewAccount(id, name string) Account {
	return Account{ChannelAccount: schema.ChannelAccount{ID: id, Name: name}}
}

// UnmarshalJSON keeps odd and unknown fields in Extra.
func (a *Account) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	*a = Account{
		ChannelAccount: schema.ChannelAccount{
			ID: f.text("id"), Name: f.text("name"), AadObjectID: f.text("aadObjectId"), Role: schema.RoleTypes(f.text("role")),
		},
		TenantID: f.text("tenantId"), UserPrincipalName: f.text("userPrincipalName"), Email: f.text("email"),
		UserRole: f.text("userRole"), IsTargeted: f.flag("isTargeted"),
	}
	a.Extra = f.rest()
	return nil
}

// MarshalJSON writes the account with everything that was in it.
func (a Account) MarshalJSON() ([]byte, error) {
	type plain Account
	return merge(plain(a), a.Extra)
}

// IsZero tells an account of which nothing is known.
func (a Account) IsZero() bool {
	return a.ChannelAccount == schema.ChannelAccount{} && a.TenantID == "" && a.UserPrincipalName == "" &&
		a.Email == "" && a.UserRole == "" && !a.IsTargeted && len(a.Extra) == 0
}

// Conversation is where an activity happened. ID is opaque; in a channel it
// names the thread.
type Conversation struct {
	schema.ConversationAccount
	Extra map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps odd and unknown fields in Extra.
func (c *Conversation) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	c.ConversationAccount = schema.ConversationAccount{
		ID: f.text("id"), Name: f.text("name"), TenantID: f.text("tenantId"), IsGroup: f.flag("isGroup"),
		ConversationType: f.text("conversationType"), AadObjectID: f.text("aadObjectId"), Role: schema.RoleTypes(f.text("role")),
	}
	c.Extra = f.rest()
	return nil
}

// MarshalJSON writes the conversation with everything that was in it.
func (c Conversation) MarshalJSON() ([]byte, error) { return merge(c.ConversationAccount, c.Extra) }

// IsZero tells a conversation of which nothing is known.
func (c Conversation) IsZero() bool {
	return c.ConversationAccount == schema.ConversationAccount{} && len(c.Extra) == 0
}

// ChannelData is what only Teams adds to an activity.
type ChannelData struct {
	Tenant         Place                      `json:"tenant,omitzero"`
	Team           Place                      `json:"team,omitzero"`
	Channel        Place                      `json:"channel,omitzero"`
	Source         Place                      `json:"source,omitzero"`
	Settings       Settings                   `json:"settings,omitzero"`
	TeamsChannelID string                     `json:"teamsChannelId,omitempty"`
	TeamsTeamID    string                     `json:"teamsTeamId,omitempty"`
	EventType      string                     `json:"eventType,omitempty"` // letter case varies
	Extra          map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps odd and unknown fields in Extra.
func (d *ChannelData) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	*d = ChannelData{
		TeamsChannelID: f.text("teamsChannelId"), TeamsTeamID: f.text("teamsTeamId"), EventType: f.text("eventType"),
	}
	f.into("tenant", &d.Tenant)
	f.into("team", &d.Team)
	f.into("channel", &d.Channel)
	f.into("source", &d.Source)
	f.into("settings", &d.Settings)
	d.Extra = f.rest()
	return nil
}

// MarshalJSON writes the channel data with everything that was in it.
func (d ChannelData) MarshalJSON() ([]byte, error) {
	type plain ChannelData
	return merge(plain(d), d.Extra)
}

// IsZero tells channel data that say nothing.
func (d ChannelData) IsZero() bool {
	return d.Tenant.IsZero() && d.Team.IsZero() && d.Channel.IsZero() && d.Source.IsZero() && d.Settings.IsZero() &&
		d.TeamsChannelID == "" && d.TeamsTeamID == "" && d.EventType == "" && len(d.Extra) == 0
}

// Settings is what the person chose when installing: the channel that the bot
// shall speak in.
type Settings struct {
	SelectedChannel Place                      `json:"selectedChannel,omitzero"`
	Extra           map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps odd and unknown fields in Extra.
func (s *Settings) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	*s = Settings{}
	f.into("selectedChannel", &s.SelectedChannel)
	s.Extra = f.rest()
	return nil
}

// MarshalJSON writes the settings with everything that was in them.
func (s Settings) MarshalJSON() ([]byte, error) {
	type plain Settings
	return merge(plain(s), s.Extra)
}

// IsZero tells settings that say nothing.
func (s Settings) IsZero() bool { return s.SelectedChannel.IsZero() && len(s.Extra) == 0 }

// Place is a tenant, team, channel or source of an activity.
type Place struct {
	ID         string                     `json:"id,omitempty"`
	Name       string                     `json:"name,omitempty"`
	AADGroupID string                     `json:"aadGroupId,omitempty"`
	Extra      map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps odd and unknown fields in Extra.
func (p *Place) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	*p = Place{ID: f.text("id"), Name: f.text("name"), AADGroupID: f.text("aadGroupId")}
	p.Extra = f.rest()
	return nil
}

// MarshalJSON writes the place with everything that was in it.
func (p Place) MarshalJSON() ([]byte, error) {
	type plain Place
	return merge(plain(p), p.Extra)
}

// IsZero tells a place of which nothing is known.
func (p Place) IsZero() bool {
	return p.ID == "" && p.Name == "" && p.AADGroupID == "" && len(p.Extra) == 0
}

// Entity is a mention, the client's details, or something newer.
type Entity struct {
	Type      string                     `json:"type,omitempty"`
	Text      string                     `json:"text,omitempty"` // of a mention: exactly as it stands in the message
	Mentioned Account                    `json:"mentioned,omitzero"`
	Locale    string                     `json:"locale,omitempty"`
	Country   string                     `json:"country,omitempty"`
	Platform  string                     `json:"platform,omitempty"`
	Timezone  string                     `json:"timezone,omitempty"`
	MessageID string                     `json:"messageId,omitempty"` // of targetedMessageInfo
	Extra     map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps odd and unknown fields in Extra.
func (e *Entity) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	*e = Entity{
		Type: f.text("type"), Text: f.text("text"), Locale: f.text("locale"), Country: f.text("country"),
		Platform: f.text("platform"), Timezone: f.text("timezone"), MessageID: f.text("messageId"),
	}
	f.into("mentioned", &e.Mentioned)
	e.Extra = f.rest()
	return nil
}

// MarshalJSON writes the entity with everything that was in it.
func (e Entity) MarshalJSON() ([]byte, error) {
	type plain Entity
	return merge(plain(e), e.Extra)
}

// Attachment is a file, a card, or the HTML echo of the text.
type Attachment struct {
	ContentType string                     `json:"contentType,omitempty"`
	ContentURL  string                     `json:"contentUrl,omitempty"`
	Name        string                     `json:"name,omitempty"`
	Content     json.RawMessage            `json:"content,omitempty"`
	Extra       map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps odd and unknown fields in Extra.
func (at *Attachment) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	*at = Attachment{
		ContentType: f.text("contentType"), ContentURL: f.text("contentUrl"), Name: f.text("name"), Content: f.raw("content"),
	}
	at.Extra = f.rest()
	return nil
}

// MarshalJSON writes the attachment with everything that was in it.
func (at Attachment) MarshalJSON() ([]byte, error) {
	type plain Attachment
	return merge(plain(at), at.Extra)
}

// Reaction is an emoji on one of the bot's messages.
type Reaction struct {
	Type  string                     `json:"type,omitempty"`
	Extra map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps odd and unknown fields in Extra.
func (r *Reaction) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	*r = Reaction{Type: f.text("type")}
	r.Extra = f.rest()
	return nil
}

// MarshalJSON writes the reaction with everything that was in it.
func (r Reaction) MarshalJSON() ([]byte, error) {
	type plain Reaction
	return merge(plain(r), r.Extra)
}

// Member is somebody in a conversation, as the connector knows them.
type Member struct {
	ID                string
	Name              string
	AADObjectID       string
	GivenName         string
	Surname           string
	Email             string
	UserPrincipalName string
	TenantID          string
	UserRole          string
}

// UnmarshalJSON reads the Entra object id from either of the two names that
// the service gives it.
func (m *Member) UnmarshalJSON(raw []byte) error {
	f, err := takeApart(raw)
	if err != nil {
		return err
	}
	*m = Member{
		ID: f.text("id"), Name: f.text("name"), AADObjectID: f.text("aadObjectId"),
		GivenName: f.text("givenName"), Surname: f.text("surname"), Email: f.text("email"),
		UserPrincipalName: f.text("userPrincipalName"), TenantID: f.text("tenantId"), UserRole: f.text("userRole"),
	}
	if m.AADObjectID == "" {
		m.AADObjectID = f.text("objectId")
	}
	return nil
}

// Guest reports somebody who is not a full member of the tenant: a guest or an
// anonymous visitor, by role or by the name that Entra gives to guests.
func (m Member) Guest() bool {
	return strings.EqualFold(m.UserRole, "guest") || strings.EqualFold(m.UserRole, "anonymous") ||
		strings.Contains(strings.ToUpper(m.UserPrincipalName), "#EXT#")
}
