package store

import (
	"context"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
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
	*intake.Draft
	Form         covered `json:"form,omitempty"`
	Version      covered `json:"version,omitempty"`
	Conversation covered `json:"conversation,omitempty"`
	Opened       covered `json:"opened,omitempty"`
	Expires      covered `json:"expires,omitempty"`
}

func (r draftRow) draft() (*intake.Draft, error) {
	var d intake.Draft
	if err := decode(r.Document, &draftDocument{Draft: &d}); err != nil {
		return nil, err
	}
	d.Form, d.Version, d.Conversation = r.Form, r.Version, r.Conversation
	d.Opened, d.Expires = request.Number(r.Opened), r.ExpiresAt.time()
	return &d, nil
}

func rowOfDraft(d *intake.Draft) (*draftRow, error) {
	document, err := encode(draftDocument{Draft: d})
	return &draftRow{
		Form: d.Form, Version: d.Version, Conversation: d.Conversation, Opened: int64(d.Opened), ExpiresAt: at(d.Expires), Document: document,
	}, err
}

// InsertDraft keeps a new form, in the place of one that expired.
func (t *tx) InsertDraft(ctx context.Context, d *intake.Draft) error {
	row, err := rowOfDraft(d)
	if err != nil {
		return err
	}
	return t.later(ctx, "keep form", stale, `insert into drafts (form, version, conversation, opened, expires_at, document) values (?, ?, ?, ?, ?, ?)
		on conflict (person_id, conversation) where opened = 0 do update set form = excluded.form, version = excluded.version,
			expires_at = excluded.expires_at, document = excluded.document
		where drafts.expires_at <= ?`, row.Form, row.Version, row.Conversation, row.Opened, row.ExpiresAt, row.Document, int64(at(t.store.Clock())))
}

// UpdateDraft keeps a form that has moved on by one version.
func (t *tx) UpdateDraft(ctx context.Context, d *intake.Draft) error {
	row, err := rowOfDraft(d)
	if err != nil {
		return err
	}
	return t.later(ctx, "keep form", stale, "update drafts set version = ?, expires_at = ?, document = ? where form = ? and version = ? and opened = 0",
		row.Version, row.ExpiresAt, row.Document, row.Form, row.Version-1)
}

// FinishDraft marks the form as opened.
func (t *tx) FinishDraft(ctx context.Context, d *intake.Draft, n request.Number) error {
	return t.later(ctx, "finish form", stale, "update drafts set opened = ?, version = version + 1 where form = ? and version = ? and opened = 0",
		int64(n), d.Form, d.Version)
}

// DropDraft forgets a form; it is harmless where there is none.
func (t *tx) DropDraft(ctx context.Context, form string) error {
	return t.later(ctx, "drop form", nil, "delete from drafts where form = ?", form)
}

// SaveContact keeps what the person gave as contact.
func (t *tx) SaveContact(ctx context.Context, personID string, c request.Contact) error {
	return t.later(ctx, "save contact", nil, `insert into contacts (person_id, name, email, phone) values (?, ?, ?, ?)
		on conflict (person_id) do update set name = excluded.name, email = excluded.email, phone = excluded.phone`,
		personID, c.Name, c.Email, c.Phone)
}
