package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
)

// ticketRow is a ticket as the table keeps it: columns for what is searched,
// sorted or looked for, and a document with the rest.
type ticketRow struct {
	Number         int64 `gorm:"primaryKey;autoIncrement:false"`
	Revision       int
	Status         string
	Form           string
	Platform       string
	Kind           string
	Severity       string
	Language       string
	Title          string
	Description    string
	MicrosoftCase  string
	PolicyID       string
	Epoch          int
	OpenedAt       instant
	StartedAt      instant
	FiledAt        instant
	RespondedAt    instant
	ResponseDueAt  instant
	NextDueAt      instant
	WaitingSince   instant
	ResolvedAt     instant
	ClosedAt       instant
	UpdatedAt      instant `gorm:"autoUpdateTime:false"`
	PortalOpenedAt instant
	WarningAckedAt instant
	BreachAckedAt  instant

	MicrosoftRespondedAt instant
	Fired                string
	Document             string

	// What the document and the other columns say as well, for lists; the database
	// checks that it is the same.
	CustomerID  string
	RequesterID string
	AssigneeID  string
	OwedAt      int64
}

// ticketColumns are the columns of a ticket's row, in the order of fields.
const ticketColumns = `number, revision, status, form, platform, kind, severity, language, title, description, microsoft_case, policy_id, epoch,
	opened_at, started_at, filed_at, responded_at, response_due_at, next_due_at, waiting_since, resolved_at, closed_at, updated_at,
	portal_opened_at, warning_acked_at, breach_acked_at, microsoft_responded_at, fired, document, customer_id, requester_id, assignee_id, owed_at`

// fields are where those columns stand.
func (r *ticketRow) fields() []any {
	return []any{
		&r.Number, &r.Revision, &r.Status, &r.Form, &r.Platform, &r.Kind, &r.Severity, &r.Language, &r.Title, &r.Description, &r.MicrosoftCase,
		&r.PolicyID, &r.Epoch, &r.OpenedAt, &r.StartedAt, &r.FiledAt, &r.RespondedAt, &r.ResponseDueAt, &r.NextDueAt, &r.WaitingSince,
		&r.ResolvedAt, &r.ClosedAt, &r.UpdatedAt, &r.PortalOpenedAt, &r.WarningAckedAt, &r.BreachAckedAt, &r.MicrosoftRespondedAt,
		&r.Fired, &r.Document, &r.CustomerID, &r.RequesterID, &r.AssigneeID, &r.OwedAt,
	}
}

// values are what those columns hold.
func (r *ticketRow) values() []any {
	return []any{
		r.Number, r.Revision, r.Status, r.Form, r.Platform, r.Kind, r.Severity, r.Language, r.Title, r.Description, r.MicrosoftCase,
		r.PolicyID, r.Epoch, r.OpenedAt, r.StartedAt, r.FiledAt, r.RespondedAt, r.ResponseDueAt, r.NextDueAt, r.WaitingSince,
		r.ResolvedAt, r.ClosedAt, r.UpdatedAt, r.PortalOpenedAt, r.WarningAckedAt, r.BreachAckedAt, r.MicrosoftRespondedAt,
		r.Fired, r.Document, r.CustomerID, r.RequesterID, r.AssigneeID, r.OwedAt,
	}
}

// insertTicket and updateTicket write all of them; number and form never change.
var insertTicket, updateTicket = func() (insert, update string) {
	columns := strings.Split(strings.Join(strings.Fields(ticketColumns), ""), ",")
	insert = "insert into tickets (" + ticketColumns + ") values (" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ") on conflict do nothing"
	var set []string
	for _, column := range columns {
		if column != "number" && column != "form" {
			set = append(set, column+" = ?")
		}
	}
	return insert, "update tickets set " + strings.Join(set, ", ") + " where number = ? and revision = ?"
}()

func (ticketRow) TableName() string { return "tickets" }

// ticketDocument is the rest of a ticket: everything of request.Ticket that no
// column holds, so that each fact stands in one place.
type ticketDocument struct {
	*request.Ticket
	Number               covered `json:"number,omitempty"`
	Revision             covered `json:"revision,omitempty"`
	Status               covered `json:"status,omitempty"`
	Form                 covered `json:"form,omitempty"`
	Platform             covered `json:"platform,omitempty"`
	Kind                 covered `json:"kind,omitempty"`
	Severity             covered `json:"severity,omitempty"`
	Language             covered `json:"language,omitempty"`
	Title                covered `json:"title,omitempty"`
	Description          covered `json:"description,omitempty"`
	MicrosoftCase        covered `json:"microsoftCase,omitempty"`
	PolicyID             covered `json:"policyId,omitempty"`
	Epoch                covered `json:"epoch,omitempty"`
	OpenedAt             covered `json:"openedAt,omitempty"`
	StartedAt            covered `json:"startedAt,omitempty"`
	FiledAt              covered `json:"filedAt,omitempty"`
	RespondedAt          covered `json:"respondedAt,omitempty"`
	MicrosoftRespondedAt covered `json:"microsoftRespondedAt,omitempty"`
	WaitingSince         covered `json:"waitingSince,omitempty"`
	ResolvedAt           covered `json:"resolvedAt,omitempty"`
	ClosedAt             covered `json:"closedAt,omitempty"`
	UpdatedAt            covered `json:"updatedAt,omitempty"`
	PortalOpenedAt       covered `json:"portalOpenedAt,omitempty"`
	WarningAckedAt       covered `json:"warningAckedAt,omitempty"`
	BreachAckedAt        covered `json:"breachAckedAt,omitempty"`
	NextDueAt            covered `json:"nextDueAt,omitempty"`
	Fired                covered `json:"fired,omitempty"`
}

func rowOf(t request.Ticket) (*ticketRow, error) {
	row := &ticketRow{
		Number: int64(t.Number), Revision: t.Revision, Status: string(t.Status), Form: t.Form,
		Platform: string(t.Platform), Kind: string(t.Kind), Severity: string(t.Severity), Language: t.Language,
		Title: t.Title, Description: t.Description, MicrosoftCase: t.MicrosoftCase, PolicyID: t.PolicyID, Epoch: t.Epoch,
		OpenedAt: at(t.OpenedAt), StartedAt: at(t.StartedAt), FiledAt: at(t.FiledAt), RespondedAt: at(t.RespondedAt),
		MicrosoftRespondedAt: at(t.MicrosoftRespondedAt), WaitingSince: at(t.WaitingSince),
		ResolvedAt: at(t.ResolvedAt), ClosedAt: at(t.ClosedAt), UpdatedAt: at(t.UpdatedAt),
		PortalOpenedAt: at(t.PortalOpenedAt), WarningAckedAt: at(t.WarningAckedAt), BreachAckedAt: at(t.BreachAckedAt),
		ResponseDueAt: at(t.Response.Due), NextDueAt: at(t.NextDueAt),
		CustomerID: sanitizeText(t.Customer.TenantID), RequesterID: sanitizeText(t.Requester.ID), AssigneeID: sanitizeText(t.Assignee.ID),
		OwedAt: owedAt(t),
	}
	t.Response.Due = time.Time{} // has a column
	var err error
	if row.Fired, err = firedOf(t); err != nil {
		return nil, err
	}
	row.Document, err = encode(ticketDocument{Ticket: &t})
	return row, err
}

// firedOf is the column of the milestones that are done with, "[]" for none.
func firedOf(t request.Ticket) (string, error) {
	return encode(append([]string{}, t.Fired...))
}

// owedAt is when the first answer to a ticket is owed: unanswered tickets without
// a due time come behind those with one, and those that need no answer last.
func owedAt(t request.Ticket) int64 {
	switch {
	case t.Over() || at(t.RespondedAt) != 0:
		return nothingOwed
	case at(t.Response.Due) == 0:
		return nothingOwed - 1
	}
	return int64(at(t.Response.Due))
}

func (r *ticketRow) ticket() (*request.Ticket, error) {
	var t request.Ticket
	if err := decode(r.Document, &ticketDocument{Ticket: &t}); err != nil {
		return nil, wrap(err, "ticket %s", request.Number(r.Number))
	}
	if r.Fired != "[]" {
		if err := decode(r.Fired, &t.Fired); err != nil {
			return nil, wrap(err, "milestones of %s", request.Number(r.Number))
		}
	}
	t.Number, t.Revision, t.Status, t.Form = request.Number(r.Number), r.Revision, request.Status(r.Status), r.Form
	t.Platform, t.Kind, t.Severity = customer.Platform(r.Platform), request.Kind(r.Kind), request.Severity(r.Severity)
	t.Language, t.Title, t.Description, t.MicrosoftCase = r.Language, r.Title, r.Description, r.MicrosoftCase
	t.PolicyID, t.Epoch = r.PolicyID, r.Epoch
	t.OpenedAt, t.StartedAt, t.FiledAt, t.RespondedAt = r.OpenedAt.time(), r.StartedAt.time(), r.FiledAt.time(), r.RespondedAt.time()
	t.MicrosoftRespondedAt, t.WaitingSince = r.MicrosoftRespondedAt.time(), r.WaitingSince.time()
	t.ResolvedAt, t.ClosedAt, t.UpdatedAt = r.ResolvedAt.time(), r.ClosedAt.time(), r.UpdatedAt.time()
	t.PortalOpenedAt, t.WarningAckedAt, t.BreachAckedAt = r.PortalOpenedAt.time(), r.WarningAckedAt.time(), r.BreachAckedAt.time()
	t.Response.Due, t.NextDueAt = r.ResponseDueAt.time(), r.NextDueAt.time()
	return &t, nil
}

func (s reads) readTicket(ctx context.Context, where string, key any) (*request.Ticket, error) {
	var event int64
	return s.readTicketAnd(ctx, "0", &event, where, key)
}

// readTicketAnd reads a ticket, and a number besides.
func (s reads) readTicketAnd(ctx context.Context, number string, into *int64, where string, key any) (*request.Ticket, error) {
	var row ticketRow
	var record sql.NullString
	found, err := s.one(ctx, append(row.fields(), into, &record),
		"select "+ticketColumns+", "+number+", (select c.document from customers c where c.tenant_id = customer_id) from tickets where "+where, key)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, request.ErrNotFound
	}
	t, err := row.ticket()
	if err != nil || !record.Valid {
		return t, err
	}
	known, err := customerRow{TenantID: row.CustomerID, Document: record.String}.customer()
	if err != nil {
		return nil, err
	}
	t.Present(*known)
	return t, nil
}

// presented brings the customers of tickets up to date.
func (s reads) presented(ctx context.Context, tickets []request.Ticket) error {
	known := map[string]customer.Customer{}
	var missing []string
	for _, t := range tickets {
		id := t.Customer.TenantID
		if c, ok := s.store.cache.of(s.customers).byID(id); ok {
			known[id] = c
		} else if !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		var rows []customerRow
		if err := s.db.WithContext(ctx).Where("tenant_id in ?", missing).Find(&rows).Error; err != nil {
			return wrap(err, "read customers of tickets")
		}
		read, err := customersOf(rows)
		if err != nil {
			return err
		}
		for _, c := range read {
			known[c.TenantID] = c
			s.store.cache.of(s.customers).keep(c)
		}
	}
	for i := range tickets {
		if c, ok := known[tickets[i].Customer.TenantID]; ok {
			tickets[i].Present(c)
		}
	}
	return nil
}

// Ticket reads a ticket; ErrNotFound for a number that was never given.
func (s reads) Ticket(ctx context.Context, n request.Number) (*request.Ticket, error) {
	t, err := s.readTicket(ctx, "number = ?", int64(n))
	return t, wrap(err, "load ticket %s", n)
}

// TicketByForm finds the ticket that was opened from a form, or ErrNotFound.
func (s reads) TicketByForm(ctx context.Context, form string) (*request.Ticket, error) {
	t, err := s.readTicket(ctx, "form = ?", form)
	return t, wrap(err, "load ticket by form")
}

// LockTicket reads a ticket that nobody else changes until the transaction ends.
func (t *tx) LockTicket(ctx context.Context, n request.Number) (*request.Ticket, error) {
	where := "number = ?"
	if t.postgres { // SQLite has locked everything
		where += " for update"
	}
	locked, err := t.readTicketAnd(ctx, t.nextEvent(), &t.event, where, int64(n))
	return locked, wrap(err, "lock ticket %s", n)
}

// InsertTicket gives t its number, without gaps, and revision 1. The counter's row is
// locked until the transaction ends. The same statement tells whether customers are
// still what they were when this turn read them.
func (t *tx) InsertTicket(ctx context.Context, new *request.Ticket) error {
	var number, customers int64
	_, err := t.one(ctx, []any{&number, &customers, &t.event}, `update counters set value = value + 1 where name = 'ticket'
		returning value, (select value from counters where name = 'customers'), `+t.nextEvent())
	if err != nil {
		return wrap(err, "number ticket")
	}
	if t.customers != 0 && t.customers != customers {
		return request.ErrStale
	}
	kept := *new
	kept.Number, kept.Revision = request.Number(number), 1
	row, err := rowOf(kept)
	if err != nil {
		return err
	}
	if err := t.later(ctx, "insert ticket "+kept.Number.String(), stale, insertTicket, row.values()...); err != nil {
		return err
	}
	if err := t.insertHead(ctx, kept); err != nil {
		return err
	}
	new.Number, new.Revision = kept.Number, kept.Revision
	return nil
}

// UpdateTicket keeps changed. What "find" looks through is written only where it is not
// what it was: the indexes of infixes are dear.
func (t *tx) UpdateTicket(ctx context.Context, before, changed *request.Ticket) error {
	kept := *changed
	kept.Revision++
	row, err := rowOf(kept)
	if err != nil {
		return err
	}
	values := row.values()
	values = append(append(values[1:3:3], values[4:]...), row.Number, changed.Revision)
	if err := t.later(ctx, "update ticket "+kept.Number.String(), stale, updateTicket, values...); err != nil {
		return err
	}
	if words := head(kept); words != head(*before) {
		if err := t.updateHead(ctx, kept.Number, words); err != nil {
			return err
		}
	}
	changed.Revision = kept.Revision
	return nil
}
