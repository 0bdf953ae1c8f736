package store

import (
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onbehalf/bot/notify"
	"onbehalf/bot/ticket"
)

// personal chats are the kind of conversation that belongs to one person.
const personalChat = "personal"

// placeRow is a conversation. The endpoint and the lanes look at the same row.
type placeRow struct {
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
	// Unreachable is the code of a final answer from Teams, or a notify.Reach.
	Unreachable string
}

func (placeRow) TableName() string { return "conversations" }

// reach tells the lanes what the codes of Teams mean for sending.
func (r placeRow) reach() notify.Reach {
	switch {
	case r.RemovedAt != 0:
		return notify.Removed
	case r.Unreachable == "":
		return notify.Reachable
	case slices.Contains([]string{string(notify.Removed), "BotNotInConversationRoster", "ConversationNotFound"}, r.Unreachable):
		return notify.Removed
	}
	return notify.Blocked
}

// keepPlace adds a conversation or refreshes it; empty fields leave what is there,
// marks are as the row says.
func keepPlace(db *gorm.DB, row placeRow) error {
	unlessEmpty := func(column string) clause.Expr {
		return gorm.Expr("case when excluded." + column + " <> '' then excluded." + column + " else conversations." + column + " end")
	}
	set := map[string]any{
		"removed_at": gorm.Expr("excluded.removed_at"), "unreachable": gorm.Expr("excluded.unreachable"),
		"seen_at": gorm.Expr("case when conversations.seen_at >= excluded.seen_at or excluded.seen_at is null then conversations.seen_at else excluded.seen_at end"),
	}
	for _, column := range []string{"tenant", "kind", "service_url", "bot_id", "bot_name", "channel", "person_id"} {
		set[column] = unlessEmpty(column)
	}
	err := db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.Assignments(set)}).Create(&row).Error
	if err != nil || row.Kind != personalChat || row.PersonID == "" {
		return err
	}
	return meet(db, row.PersonID, row.ID)
}

// meet makes a conversation the only personal one of somebody. What waits in the
// person's room, or for another personal conversation, moves to its lane.
func meet(db *gorm.DB, personID, conversation string) error {
	known, err := personal(db, []string{personID})
	if err != nil || known[personID] == conversation {
		return err
	}
	if err := lockRooms(db, []string{personID}); err != nil {
		return err
	}
	room := notify.PersonLane(personID)
	var others []string
	err = db.Model(&placeRow{}).Where("person_id = ? and kind = ? and id <> ?", personID, personalChat, conversation).Pluck("id", &others).Error
	if err != nil {
		return err
	}
	if known, err = personal(db, []string{personID}); err != nil {
		return err
	}
	if before := known[personID]; before != "" && before != conversation && !slices.Contains(others, before) {
		others = append(others, before)
	}
	if err := lockRows(db, append(slices.Clone(others), conversation)); err != nil {
		return err
	}
	err = db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "person_id"}}, DoUpdates: clause.AssignmentColumns([]string{"personal"}),
	}).Create(&personRow{PersonID: personID, Personal: conversation}).Error
	if err != nil {
		return err
	}
	return moveNotices(db, append(others, room), conversation)
}

// moveNotices gives what waits in some locked lanes to another one. Their leases
// end: who holds one must not send what is elsewhere now.
func moveNotices(db *gorm.DB, from []string, to string) error {
	result := db.Model(&noticeRow{}).Where("lane in ?", from).Update("lane", to)
	if result.Error != nil {
		return result.Error
	}
	for _, lane := range from {
		if err := settle(db, lane, 0); err != nil {
			return err
		}
	}
	if result.RowsAffected == 0 {
		return nil
	}
	var target laneRow
	if err := db.Where("lane = ?", to).Take(&target).Error; err != nil {
		return err
	}
	if target.Lease != "" {
		return nil // whoever holds it sees the rest when finishing
	}
	return settle(db, to, target.RestUntil)
}

// Conversation gives what is needed to write to a conversation.
func (s *Store) Conversation(ctx context.Context, id string) (*notify.Conversation, error) {
	var row placeRow
	if err := take(s.read.WithContext(ctx), &row, notify.ErrNoConversation, "id = ?", id); err != nil {
		return nil, wrap(err, "load conversation")
	}
	return &notify.Conversation{
		ID: row.ID, Kind: row.Kind, Tenant: row.Tenant, ServiceURL: row.ServiceURL, BotID: row.BotID, BotName: row.BotName,
		Person: row.PersonID, Reach: row.reach(), Heard: row.SeenAt.time(),
	}, nil
}

// PersonalOf finds the personal conversation of a person.
func (s *Store) PersonalOf(ctx context.Context, personID string) (*notify.Conversation, error) {
	known, err := personal(s.read.WithContext(ctx), []string{personID})
	if err != nil {
		return nil, wrap(err, "look for a personal conversation")
	}
	if known[personID] == "" {
		return nil, notify.ErrNoConversation
	}
	return s.Conversation(ctx, known[personID])
}

// KeepConversation adds or updates a conversation.
func (s *Store) KeepConversation(ctx context.Context, c notify.Conversation) error {
	row := placeRow{
		ID: c.ID, Tenant: c.Tenant, Kind: c.Kind, ServiceURL: c.ServiceURL, BotID: c.BotID, BotName: c.BotName,
		PersonID: c.Person, SeenAt: at(c.Heard), Unreachable: string(c.Reach),
	}
	return wrap(s.inTx(ctx, func(db *gorm.DB) error { return keepPlace(db, row) }), "keep conversation")
}

// MarkConversation keeps whether a conversation can be written to.
func (s *Store) MarkConversation(ctx context.Context, id string, r notify.Reach) error {
	change := map[string]any{"unreachable": string(r)}
	if r == notify.Reachable {
		change["removed_at"] = nil
	}
	return wrap(s.write.WithContext(ctx).Model(&placeRow{}).Where("id = ?", id).Updates(change).Error, "mark conversation")
}

// NewestServiceURL is the service URL that was heard of last.
func (s *Store) NewestServiceURL(ctx context.Context, tenant string) (string, error) {
	db := s.read.WithContext(ctx).Model(&placeRow{}).Where("service_url <> ''")
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

// Reader gives a person's own language and zone.
func (s *Store) Reader(ctx context.Context, personID string) (language, zone string, err error) {
	settings, err := s.Settings(ctx, personID)
	return settings.Language, settings.Zone, err
}

// cardRow is a message that shows a ticket.
type cardRow struct {
	Ticket       int64
	Role         string
	Conversation string
	Activity     string
	Revision     int
}

func (cardRow) TableName() string { return "ticket_cards" }

// Cards gives every kept card of a ticket.
func (s *Store) Cards(ctx context.Context, n ticket.Number) ([]notify.Card, error) {
	var rows []cardRow
	if err := s.read.WithContext(ctx).Where("ticket = ?", int64(n)).Order("role").Find(&rows).Error; err != nil {
		return nil, wrap(err, "find cards of %s", n)
	}
	cards := make([]notify.Card, len(rows))
	for i, r := range rows {
		cards[i] = notify.Card{
			Ticket: ticket.Number(r.Ticket), Role: notify.Role(r.Role),
			Conversation: r.Conversation, Activity: r.Activity, Revision: r.Revision,
		}
	}
	return cards, nil
}

func keepCards(db *gorm.DB, cards []notify.Card) error {
	for _, c := range cards {
		err := db.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "ticket"}, {Name: "role"}},
			DoUpdates: clause.AssignmentColumns([]string{"conversation", "activity", "revision"}),
		}).Create(&cardRow{
			Ticket: int64(c.Ticket), Role: string(c.Role), Conversation: c.Conversation, Activity: c.Activity, Revision: c.Revision,
		}).Error
		if err != nil {
			return err
		}
	}
	return nil
}
