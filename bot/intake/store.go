package intake

import (
	"context"

	"onbehalf/bot/request"
)

// Tx is what can be done inside one transaction, with requests and with forms.
type Tx interface {
	request.Tx
	// InsertDraft keeps a new form; ErrStale when the person has an unfinished one
	// there already.
	InsertDraft(ctx context.Context, d *Draft) error
	// UpdateDraft keeps a form whose Version the change has raised; ErrStale when the
	// row is not at the version before that.
	UpdateDraft(ctx context.Context, d *Draft) error
	// DropDraft forgets a form; it is harmless where there is none.
	DropDraft(ctx context.Context, form string) error
	// FinishDraft marks the form as opened; ErrStale when it has moved on.
	FinishDraft(ctx context.Context, d *Draft, n request.Number) error
	SaveContact(ctx context.Context, personID string, c request.Contact) error
}
