package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onbehalf/bot"
)

var _ bot.Keeper = (*Store)(nil)

// Remember keeps a conversation, or refreshes it, and lifts its marks.
func (s *Store) Remember(ctx context.Context, c bot.Conversation) error {
	return wrap(s.inTx(ctx, func(db *gorm.DB) error { return keepPlace(db, rowOfPlace(c)) }), "remember conversation")
}

// Greet says whether a conversation is still to be greeted, once.
func (s *Store) Greet(ctx context.Context, c bot.Conversation) (bool, error) {
	greet := false
	err := s.inTx(ctx, func(db *gorm.DB) error {
		if err := keepPlace(db, rowOfPlace(c)); err != nil { // locks the row
			return err
		}
		result := db.Model(&placeRow{}).Where("id = ? and not greeted", c.ID).Update("greeted", true)
		greet = result.RowsAffected > 0
		return result.Error
	})
	return greet && err == nil, wrap(err, "greet conversation")
}

func rowOfPlace(c bot.Conversation) placeRow {
	return placeRow{
		ID: c.ID, Tenant: c.Tenant, Kind: c.Kind, ServiceURL: c.ServiceURL, BotID: c.BotID, BotName: c.BotName,
		Channel: c.Channel, PersonID: c.Person, SeenAt: at(c.Seen),
	}
}

// Forget marks a conversation, and the threads of a channel, as left.
func (s *Store) Forget(ctx context.Context, id string, when time.Time) error {
	// ";" begins the rest of a thread's id, "<" comes after it.
	err := s.write.WithContext(ctx).Model(&placeRow{}).Where("id = ? or (id > ? and id < ?)", id, id+";", id+"<").
		Updates(map[string]any{"removed_at": at(when), "greeted": false}).Error
	return wrap(err, "forget conversation")
}

// MarkUnreachable notes a final answer from Teams.
func (s *Store) MarkUnreachable(ctx context.Context, id, code string, _ time.Time) error {
	err := s.write.WithContext(ctx).Model(&placeRow{}).Where("id = ?", id).Update("unreachable", code).Error
	return wrap(err, "mark conversation")
}

// memberRow is somebody of a conversation, by the conversation's tenant.
type memberRow struct {
	Tenant   string `gorm:"primaryKey"`
	PersonID string `gorm:"primaryKey"`
	SeenAt   instant
	Document string
}

func (memberRow) TableName() string { return "members" }

// memberDocument is what of a member has no column. A Person's own id stays in
// it: it is not always the one that was asked by.
type memberDocument struct {
	*bot.Member
	Seen covered `json:",omitempty"`
}

// Member gives what was last kept for a person, or bot.ErrUnknown.
func (s *Store) Member(ctx context.Context, tenant, id string) (bot.Member, error) {
	var row memberRow
	if err := take(s.read.WithContext(ctx), &row, bot.ErrUnknown, "tenant = ? and person_id = ?", tenant, id); err != nil {
		return bot.Member{}, wrap(err, "load member")
	}
	var m bot.Member
	err := decode(row.Document, &memberDocument{Member: &m})
	m.Seen = row.SeenAt.time()
	return m, wrap(err, "load member")
}

// KeepMember keeps what the connector told of somebody.
func (s *Store) KeepMember(ctx context.Context, tenant string, m bot.Member) error {
	document, err := encode(memberDocument{Member: &m})
	if err != nil {
		return err
	}
	err = s.write.WithContext(ctx).Clauses(clause.OnConflict{UpdateAll: true}).
		Create(&memberRow{Tenant: tenant, PersonID: m.ID, SeenAt: at(m.Seen), Document: document}).Error
	return wrap(err, "keep member")
}

// personRow is what one person chose or brought along.
type personRow struct {
	PersonID string `gorm:"primaryKey"`
	Language string
	Zone     string
	Personal string
}

func (personRow) TableName() string { return "people" }

// Settings are a person's own, zero when nothing is known.
func (s *Store) Settings(ctx context.Context, personID string) (bot.Settings, error) {
	var row personRow
	err := take(s.read.WithContext(ctx), &row, bot.ErrUnknown, "person_id = ?", personID)
	if errors.Is(err, bot.ErrUnknown) {
		err = nil
	}
	return bot.Settings{Language: row.Language, Zone: row.Zone, Personal: row.Personal}, wrap(err, "load settings")
}

// SaveSettings changes what is not empty in changed and leaves the rest.
func (s *Store) SaveSettings(ctx context.Context, personID string, changed bot.Settings) error {
	err := s.inTx(ctx, func(db *gorm.DB) error {
		var change []string
		if changed.Language != "" {
			change = append(change, "language")
		}
		if changed.Zone != "" {
			change = append(change, "zone")
		}
		if len(change) > 0 {
			err := db.Clauses(clause.OnConflict{
				Columns: []clause.Column{{Name: "person_id"}}, DoUpdates: clause.AssignmentColumns(change),
			}).Create(&personRow{PersonID: personID, Language: changed.Language, Zone: changed.Zone}).Error
			if err != nil {
				return err
			}
		}
		if changed.Personal == "" {
			return nil
		}
		return meet(db, personID, changed.Personal)
	})
	return wrap(err, "save settings")
}
