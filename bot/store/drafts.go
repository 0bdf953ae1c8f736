package store

import (
	"context"

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

func rowOfDraft(d *ticket.Draft) (*draftRow, error) {
	document, err := encode(draftDocument{Draft: d})
	return &draftRow{
		Form: d.Form, Version: d.Version, Conversation: d.Conversation, Opened: int64(d.Opened), ExpiresAt: at(d.Expires), Document: document,
	}, err
}

// InsertDraft keeps a new form, in the place of one that expired.
func (t *tx) InsertDraft(ctx context.Context, d *ticket.Draft) error {
	row, err := rowOfDraft(d)
	if err != nil {
		return err
	}
	result := t.with(ctx).Clauses(clause.OnConflict{
		Columns:     []clause.Column{{Name: "person_id"}, {Name: "conversation"}},
		TargetWhere: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "opened = 0"}}},
		DoUpdates:   clause.AssignmentColumns([]string{"form", "version", "expires_at", "document"}),
		Where:       clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "drafts.expires_at <= ?", Vars: []any{int64(at(t.store.Clock()))}}}},
	}).Create(row)
	if result.Error == nil && result.RowsAffected == 0 {
		return ticket.ErrStale
	}
	return wrap(result.Error, "keep form")
}

// UpdateDraft keeps a form that has moved on by one version.
func (t *tx) UpdateDraft(ctx context.Context, d *ticket.Draft) error {
	row, err := rowOfDraft(d)
	if err != nil {
		return err
	}
	return t.changeDraft(ctx, d, map[string]any{
		"version": d.Version, "expires_at": row.ExpiresAt, "document": row.Document,
	}, d.Version-1)
}

// FinishDraft marks the form as opened.
func (t *tx) FinishDraft(ctx context.Context, d *ticket.Draft, n ticket.Number) error {
	return t.changeDraft(ctx, d, map[string]any{"opened": int64(n), "version": d.Version + 1}, d.Version)
}

func (t *tx) changeDraft(ctx context.Context, d *ticket.Draft, change map[string]any, from int) error {
	result := t.with(ctx).Model(&draftRow{}).Where("form = ? and version = ? and opened = 0", d.Form, from).Updates(change)
	if result.Error == nil && result.RowsAffected == 0 {
		return ticket.ErrStale
	}
	return wrap(result.Error, "keep form")
}

// DropDraft forgets a form; it is harmless where there is none.
func (t *tx) DropDraft(ctx context.Context, form string) error {
	return wrap(t.with(ctx).Where("form = ?", form).Delete(&draftRow{}).Error, "drop form")
}

// contactRow is what a person last gave as the partner's contact.
type contactRow struct {
	PersonID string `gorm:"primaryKey"`
	Name     string
	Email    string
	Phone    string
}

func (contactRow) TableName() string { return "contacts" }

// SaveContact keeps what the person gave as contact.
func (t *tx) SaveContact(ctx context.Context, personID string, c ticket.Contact) error {
	err := t.with(ctx).Clauses(clause.OnConflict{UpdateAll: true}).
		Create(&contactRow{PersonID: personID, Name: c.Name, Email: c.Email, Phone: c.Phone}).Error
	return wrap(err, "save contact")
}
