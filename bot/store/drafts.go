package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onbehalf/bot/ticket"
)

// draftRow is a form on its way. The database lets a person have one unfinished
// form in a conversation.
type draftRow struct {
	Form         string `gorm:"primaryKey"`
	Version      int
	Conversation string
	Opened       int64
	ExpiresAt    instant
	Document     string
}

func (draftRow) TableName() string { return "drafts" }

// draftDocument is what of a draft has no column.
type draftDocument struct {
	*ticket.Draft
	Form         covered `json:"form,omitempty"`
	Version      covered `json:"version,omitempty"`
	Conversation covered `json:"conversation,omitempty"`
	Opened       covered `json:"opened,omitempty"`
	Expires      covered `json:"expires,omitempty"`
}

func (r draftRow) draft() (*ticket.Draft, error) {
	var d ticket.Draft
	if err := decode(r.Document, &draftDocument{Draft: &d}); err != nil {
		return nil, err
	}
	d.Form, d.Version, d.Conversation = r.Form, r.Version, r.Conversation
	d.Opened, d.Expires = ticket.Number(r.Opened), r.ExpiresAt.time()
	return &d, nil
}

func (s *Store) readDraft(ctx context.Context, where string, args ...any) (*ticket.Draft, error) {
	var row draftRow
	db := s.read.WithContext(ctx).Where("expires_at > ?", int64(at(s.Now())))
	if err := take(db, &row, ticket.ErrNoDraft, where, args...); err != nil {
		return nil, wrap(err, "load form")
	}
	return row.draft()
}

// Draft gives the person's unfinished form there, or ErrNoDraft.
func (s *Store) Draft(ctx context.Context, personID, conversation string) (*ticket.Draft, error) {
	return s.readDraft(ctx, "person_id = ? and conversation = ? and opened = 0", personID, conversation)
}

// DraftByForm finds a form by its nonce, finished ones included.
func (s *Store) DraftByForm(ctx context.Context, form string) (*ticket.Draft, error) {
	return s.readDraft(ctx, "form = ?", form)
}

// SaveDraft inserts or updates the draft and raises its Version.
func (s *Store) SaveDraft(ctx context.Context, d *ticket.Draft) error {
	document, err := encode(draftDocument{Draft: d})
	if err != nil {
		return err
	}
	row := draftRow{
		Form: d.Form, Version: d.Version + 1, Conversation: d.Conversation, Opened: int64(d.Opened),
		ExpiresAt: at(d.Expires), Document: document,
	}
	if d.Version == 0 {
		err = s.inTx(ctx, func(db *gorm.DB) error { return insertDraft(db, &row, at(s.Now())) })
	} else {
		result := s.write.WithContext(ctx).Model(&row).Select("*").Omit("form").Where("version = ?", d.Version).Updates(&row)
		if err = result.Error; err == nil && result.RowsAffected == 0 {
			err = ticket.ErrStale
		}
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = ticket.ErrStale // somebody else inserted the same form
	}
	if err != nil {
		return wrap(err, "save form")
	}
	d.Version = row.Version
	return nil
}

// insertDraft puts a new form in the place of any unfinished one, and clears away
// what expired.
func insertDraft(db *gorm.DB, row *draftRow, now instant) error {
	if err := db.Where("expires_at <= ?", int64(now)).Delete(&draftRow{}).Error; err != nil {
		return err
	}
	result := db.Clauses(clause.OnConflict{
		Columns:     []clause.Column{{Name: "person_id"}, {Name: "conversation"}},
		TargetWhere: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "opened = 0"}}},
		DoUpdates:   clause.AssignmentColumns([]string{"form", "version", "expires_at", "document"}),
		Where:       clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "drafts.form <> excluded.form"}}},
	}).Create(row)
	if result.Error == nil && result.RowsAffected == 0 {
		return ticket.ErrStale
	}
	return result.Error
}

// DropDraft forgets a form; it is harmless where there is none.
func (s *Store) DropDraft(ctx context.Context, form string) error {
	return wrap(s.write.WithContext(ctx).Where("form = ?", form).Delete(&draftRow{}).Error, "drop form")
}

// FinishDraft marks the form as opened. A form that is gone by now is no error:
// the ticket itself remembers which form it came from.
func (t *tx) FinishDraft(ctx context.Context, form string, n ticket.Number) error {
	err := t.with(ctx).Model(&draftRow{}).Where("form = ?", form).
		Updates(map[string]any{"opened": int64(n), "version": gorm.Expr("version + 1")}).Error
	return wrap(err, "finish form of %s", n)
}

// contactRow is what a person last gave as the partner's contact.
type contactRow struct {
	PersonID string `gorm:"primaryKey"`
	Name     string
	Email    string
	Phone    string
}

func (contactRow) TableName() string { return "contacts" }

// ContactOf gives what the person last used as contact, zero if nothing.
func (s *Store) ContactOf(ctx context.Context, personID string) (ticket.Contact, error) {
	var row contactRow
	err := s.read.WithContext(ctx).Where("person_id = ?", personID).Limit(1).Find(&row).Error
	return ticket.Contact{Name: row.Name, Email: row.Email, Phone: row.Phone}, wrap(err, "load contact")
}

func (t *tx) SaveContact(ctx context.Context, personID string, c ticket.Contact) error {
	err := t.with(ctx).Clauses(clause.OnConflict{UpdateAll: true}).
		Create(&contactRow{PersonID: personID, Name: c.Name, Email: c.Email, Phone: c.Phone}).Error
	return wrap(err, "save contact")
}
