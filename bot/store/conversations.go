package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"

	"gorm.io/gorm"
)

// personal chats are the kind of conversation that belongs to one person.
const personalChat = "personal"

// conversationRow is a conversation.
type conversationRow struct {
	ID         string `gorm:"primaryKey"`
	Tenant     string
	Kind       string
	ServiceURL string
	BotID      string
	BotName    string
	Channel    string
	PersonID   string
	SeenAt     instant
	RemovedAt  instant
	// Unreachable is the code of a final answer from Teams, or an outbox.Reach.
	Unreachable string
}

func (conversationRow) TableName() string { return "conversations" }

func rowOfConversation(c outbox.Conversation) conversationRow {
	return conversationRow{
		ID: c.ID, Tenant: c.Tenant, Kind: c.Kind, ServiceURL: c.ServiceURL, BotID: c.BotID, BotName: c.BotName,
		Channel: c.Channel, PersonID: c.Person, SeenAt: at(c.Seen), Unreachable: string(c.Reach),
	}
}

func (r conversationRow) conversation() outbox.Conversation {
	return outbox.Conversation{
		ID: r.ID, Tenant: r.Tenant, Kind: r.Kind, ServiceURL: r.ServiceURL, BotID: r.BotID, BotName: r.BotName,
		Channel: r.Channel, Person: r.PersonID, Seen: r.SeenAt.time(), Reach: r.reach(),
	}
}

// reach says what the codes of Teams mean for sending.
func (r conversationRow) reach() outbox.Reach {
	switch {
	case r.RemovedAt != 0:
		return outbox.Removed
	case r.Unreachable == "":
		return outbox.Reachable
	case slices.Contains([]string{string(outbox.Removed), "BotNotInConversationRoster", "ConversationNotFound"}, r.Unreachable):
		return outbox.Removed
	}
	return outbox.Blocked
}

// keepConversation adds a conversation or refreshes it; empty fields leave what is there,
// marks are as the row says. A personal one becomes its person's.
func (t *tx) keepConversation(ctx context.Context, row conversationRow) error {
	err := t.later(ctx, "keep conversation", nil, insertConversation, row.ID, row.Tenant, row.Kind, row.ServiceURL, row.BotID, row.BotName,
		row.Channel, row.PersonID, row.SeenAt, row.RemovedAt, row.Unreachable)
	if err != nil || row.Kind != personalChat || row.PersonID == "" || row.Unreachable != "" {
		return err
	}
	return t.SaveSettings(ctx, row.PersonID, bot.Settings{Personal: row.ID})
}

var insertConversation = `insert into conversations (id, tenant, kind, service_url, bot_id, bot_name, channel, person_id, seen_at, removed_at, unreachable)
	values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set removed_at = excluded.removed_at, unreachable = excluded.unreachable,
	seen_at = case when conversations.seen_at >= excluded.seen_at or excluded.seen_at is null then conversations.seen_at else excluded.seen_at end, ` +
	unlessEmpty("conversations", "tenant", "kind", "service_url", "bot_id", "bot_name", "channel", "person_id")

// unlessEmpty sets columns of a row that is there already to those new ones that are not
// empty.
func unlessEmpty(table string, columns ...string) string {
	for i, c := range columns {
		columns[i] = c + " = case when excluded." + c + " <> '' then excluded." + c + " else " + table + "." + c + " end"
	}
	return strings.Join(columns, ", ")
}

// Remember keeps a conversation, or refreshes it, and lifts its marks.
func (t *tx) Remember(ctx context.Context, c outbox.Conversation) error {
	if err := t.keepConversation(ctx, rowOfConversation(c)); err != nil || c.Team == "" || c.Channel == "" {
		return err
	}
	return t.later(ctx, "keep the team of a channel", nil,
		"insert into team_channels (channel, team) values (?, ?) on conflict (channel) do update set team = excluded.team", c.Channel, c.Team)
}

// Greet says whether a conversation is still to be greeted, once.
func (t *tx) Greet(ctx context.Context, c outbox.Conversation) (bool, error) {
	if err := t.Remember(ctx, c); err != nil { // locks the row
		return false, err
	}
	result := t.with(ctx).Model(&conversationRow{}).Where("id = ? and not greeted", c.ID).Update("greeted", true)
	return result.RowsAffected > 0, wrap(result.Error, "greet conversation")
}

// Forget marks a conversation, the threads of a channel and the channels of a team as
// left.
func (t *tx) Forget(ctx context.Context, id string, when time.Time) error {
	err := t.within(ctx, id).Updates(map[string]any{"removed_at": at(when), "greeted": false}).Error
	return wrap(err, "forget conversation")
}

// Recall takes back what Forget marked.
func (t *tx) Recall(ctx context.Context, id string) error {
	return wrap(t.within(ctx, id).Updates(map[string]any{"removed_at": nil}).Error, "recall conversation")
}

// within are the conversations of an id: itself, the threads in it, the channels of the
// team with their threads.
func (t *tx) within(ctx context.Context, id string) *gorm.DB {
	// ";" begins the rest of a thread's id, "<" comes after it.
	return t.with(ctx).Model(&conversationRow{}).
		Where("id = ? or (id > ? and id < ?) or (channel <> '' and channel in (select channel from team_channels where team = ?))", id, id+";", id+"<", id)
}

// Conversation gives what is needed to write to a conversation.
func (s *Store) Conversation(ctx context.Context, id string) (outbox.Conversation, error) {
	var row conversationRow
	if err := take(s.db.WithContext(ctx), &row, outbox.ErrNoConversation, "id = ?", id); err != nil {
		return outbox.Conversation{}, wrap(err, "load conversation")
	}
	return row.conversation(), nil
}

// PersonalOf finds the personal conversation of a person.
func (s *Store) PersonalOf(ctx context.Context, personID string) (outbox.Conversation, error) {
	var row conversationRow
	err := take(s.db.WithContext(ctx), &row, outbox.ErrNoConversation,
		"id = (select personal from people where person_id = ?)", personID)
	return row.conversation(), wrap(err, "look for a personal conversation")
}

// NewestServiceURL is the service URL that was heard of last.
func (s *Store) NewestServiceURL(ctx context.Context, tenant string) (string, error) {
	db := s.db.WithContext(ctx).Model(&conversationRow{}).Where("service_url <> ''")
	if tenant != "" {
		db = db.Where("tenant = ?", tenant)
	}
	var urls []string
	err := db.Order("seen_at desc nulls last").Limit(1).Pluck("service_url", &urls).Error
	if err != nil || len(urls) == 0 {
		return "", wrap(err, "look for a service URL")
	}
	return urls[0], nil
}
