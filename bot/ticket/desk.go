package ticket

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"onbehalf/bot/sla"
)

// Desk does one unit of work per method. Use it by pointer; it is safe for many
// goroutines. Everything it keeps is in its Store.
type Desk struct {
	Store  Store
	Policy *sla.Policy
	// Leads gives the people who lead the desk, as they are now.
	Leads func() Leads
	// OwnTenant is the partner's own tenant; Tenants are all tenants of the desk's
	// people, each of which is the partner's own (empty: not checked).
	OwnTenant string
	Tenants   []string
	// OwnCloud is the cloud that the partner's own tenants live in; empty is the
	// global one.
	OwnCloud Cloud
	// DeskConversation and EscalationConversation are empty where none is set.
	DeskConversation       string
	EscalationConversation string
	// Now is the clock.
	Now func() time.Time

	policies sync.Map // id → *sla.Policy, those kept and those read
}

func (d *Desk) now() time.Time { return d.Now().UTC().Truncate(time.Millisecond) }

// Viewer gives a person together with the right that the list of leads gives.
func (d *Desk) Viewer(p Person) Viewer {
	return Viewer{Person: p, Lead: d.Leads != nil && d.Leads().Has(p)}
}

// draftLife is how long an unfinished form lives.
const draftLife = 24 * time.Hour

// NewDraft starts a form and keeps it: the slots hold what is known already, the
// contact is filled from what the person last used, else from their profile. It
// stands at the first step that needs something. Another unfinished form of the
// same person in the same conversation is replaced.
func (d *Desk) NewDraft(ctx context.Context, p Person, conversation string, personal bool, words, zone string, slots Answers) (*Draft, error) {
	known, err := d.Store.ContactOf(ctx, p.ID)
	if err != nil {
		return nil, fmt.Errorf("contact of %s: %w", p.ID, err)
	}
	now := d.now()
	draft := &Draft{
		Form: "f-" + strings.ToLower(rand.Text()), Person: p, Conversation: conversation, Personal: personal,
		Words: cmp.Or(words, "en"), Zone: zone, Started: now, Expires: now.Add(draftLife),
	}
	for _, in := range inputs {
		if value := slots.Get(in.id); value != "" {
			draft.Answers.Set(in.id, value)
		}
	}
	for id, value := range map[string]string{
		"kind": string(Technical), "language": "en",
		"contactName": cmp.Or(known.Name, p.Name), "contactEmail": cmp.Or(known.Email, p.Email), "contactPhone": known.Phone,
	} {
		if draft.Answers.Get(id) == "" {
			draft.Answers.Set(id, value)
		}
	}
	check, err := d.Check(ctx, *draft)
	if err != nil {
		return nil, err
	}
	draft.Step = check.Next
	if check.Customer != nil {
		draft.Answers.Set("customer", check.Customer.TenantID)
	}
	if err := d.Store.SaveDraft(ctx, draft); err != nil {
		return nil, fmt.Errorf("keep form: %w", err)
	}
	return draft, nil
}

// Draft gives a person's unfinished form in a conversation, ErrNoDraft when there
// is none.
func (d *Desk) Draft(ctx context.Context, personID, conversation string) (*Draft, error) {
	draft, err := d.Store.Draft(ctx, personID, conversation)
	if err == nil && !draft.Expires.After(d.now()) {
		return nil, ErrNoDraft
	}
	return draft, err
}

// SaveDraft keeps a changed form; ErrStale when somebody else changed it.
func (d *Desk) SaveDraft(ctx context.Context, draft *Draft) error {
	return d.Store.SaveDraft(ctx, draft)
}

// Open turns a form into a ticket, starts its clocks and leaves a notice for
// everybody who should see it. The same form opens one ticket, no matter how
// often it arrives. It returns *Invalid, *OutOfScope, or *Refused when somebody
// else's form is sent.
func (d *Desk) Open(ctx context.Context, by Person, draft *Draft, origin string) (*Ticket, error) {
	if !draft.Person.Is(by) {
		return nil, &Refused{Code: "form_owner", Args: args("name", draft.Person.Name)}
	}
	check, err := d.Check(ctx, *draft)
	if err != nil {
		return nil, err
	}
	if !check.Complete() {
		return d.openedBefore(ctx, draft, check)
	}
	if err := d.keepPolicy(ctx); err != nil {
		return nil, err
	}
	now := d.now()
	t := formOf(draft.Answers.only(check.Asked)).ticket(*draft, check, by, now)
	t.start(d.Policy)

	err = d.Store.InTx(ctx, func(tx Tx) error {
		if err := tx.InsertTicket(ctx, t); err != nil {
			return err
		}
		e := &Event{Ticket: t.Number, At: now, By: by, What: "opened", To: string(t.Status), Origin: origin, Revision: t.Revision}
		if err := tx.Record(ctx, e); err != nil {
			return err
		}
		for _, n := range d.cardNotices(*t, by, now) {
			if err := tx.Notify(ctx, n); err != nil {
				return err
			}
		}
		if err := tx.SaveContact(ctx, by.ID, t.Contact); err != nil {
			return err
		}
		return tx.FinishDraft(ctx, draft.Form, t.Number)
	})
	if errors.Is(err, ErrRepeated) {
		// Teams sends a form again when our answer was slow.
		return d.opened(ctx, draft)
	}
	if err != nil {
		return nil, fmt.Errorf("open ticket from form %s: %w", draft.Form, err)
	}
	draft.Opened = t.Number
	return t, nil
}

// opened gives the ticket that the form became.
func (d *Desk) opened(ctx context.Context, draft *Draft) (*Ticket, error) {
	t, err := d.Store.TicketByForm(ctx, draft.Form)
	if err != nil {
		return nil, fmt.Errorf("ticket of form %s: %w", draft.Form, err)
	}
	draft.Opened = t.Number
	return t, nil
}

// openedBefore answers a form that can't be submitted: with its ticket where it
// has become one already (the customer may have left since), else with what is
// wrong.
func (d *Desk) openedBefore(ctx context.Context, draft *Draft, check Check) (*Ticket, error) {
	t, err := d.opened(ctx, draft)
	switch {
	case err == nil:
		return t, nil
	case !errors.Is(err, ErrNotFound):
		return nil, err
	case check.Scope != nil:
		return nil, check.Scope
	}
	return nil, &Invalid{Problems: check.Problems}
}

// Error makes OutOfScope what Open answers a form with that has to stop.
func (o *OutOfScope) Error() string { return "out of scope: " + o.Code }

// ticket is what a complete form becomes; the form holds only what was asked.
func (f form) ticket(draft Draft, check Check, by Person, now time.Time) *Ticket {
	t := &Ticket{
		Revision: 1, Status: Open, Form: draft.Form, Customer: *check.Customer,
		Platform: Platform(f.Platform), Kind: Kind(f.Kind), Severity: Severity(f.Severity), Language: f.language(),
		Title: f.Title, Description: f.Description, Impact: f.Impact, Topic: f.Topic,
		Contact: Contact{Name: f.ContactName, Email: f.ContactEmail, Phone: f.ContactPhone},
		Details: Details{
			SubscriptionID: f.SubscriptionID, AccessConfirmed: f.Access == "true", SupportPlan: f.SupportPlan, PlanKind: f.PlanKind,
			Tried: f.Tried, Criterion: f.Criterion, HealthChecked: f.HealthChecked, Incident: f.Incident,
			Production: f.Production, Loss: f.Loss, Workaround: f.Workaround, Reachable: f.Reachable == "true", Reason: f.Reason,
		},
		Requester: by, Words: draft.Words, Zone: draft.Zone,
		Home:     Place{Conversation: draft.Conversation, Activity: draft.Message, Personal: draft.Personal},
		OpenedAt: now, StartedAt: now, UpdatedAt: now,
	}
	if _, err := time.LoadLocation(t.Zone); t.Zone == "" || err != nil {
		t.Zone = t.Customer.Zone
	}
	if at, problem := f.reported(draft.location(check.Customer), now); problem == nil && !at.IsZero() {
		t.StartedAt = at.UTC()
	}
	for _, w := range check.Warnings {
		t.Details.Warnings = append(t.Details.Warnings, w.Code)
	}
	return t
}

// cardNotices make the ticket's cards show what it is now: the one that the form
// became, and the desk's where the ticket came from elsewhere.
func (d *Desk) cardNotices(t Ticket, by Person, now time.Time) []Notice {
	n := Notice{Ticket: t.Number, By: by.ID, Severity: t.Severity, Created: now}
	card, desk := n, n
	card.Reason, card.To, card.Update = RedrawCard, Target{Conversation: t.Home.Conversation}, t.Home.Activity
	desk.Reason, desk.To = DeskCard, Target{Conversation: d.DeskConversation}
	if d.DeskConversation == "" || SameConversation(t.Home.Conversation, d.DeskConversation) {
		return []Notice{card}
	}
	return []Notice{card, desk}
}

// SameConversation says whether two conversation ids are the same place; the
// threads of a channel are.
func SameConversation(a, b string) bool {
	a, _, _ = strings.Cut(a, ";")
	b, _, _ = strings.Cut(b, ";")
	return a != "" && a == b
}

// Ticket gives a ticket that the person may see. For others it returns *Refused
// with nothing but number and status; ErrNotFound for a number never given.
func (d *Desk) Ticket(ctx context.Context, by Person, n Number) (*Ticket, error) {
	t, err := d.Store.Ticket(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("load ticket %s: %w", n, err)
	}
	if !VisibleTo(*t, d.Viewer(by)) {
		return nil, hidden(*t)
	}
	return t, nil
}

// History gives a ticket's entries to those who may see it, newest first, below
// the entry before (0: from the newest).
func (d *Desk) History(ctx context.Context, by Person, n Number, before int64, limit int) ([]Event, error) {
	if _, err := d.Ticket(ctx, by, n); err != nil {
		return nil, err
	}
	return d.Store.History(ctx, n, before, limit)
}

// PageSize is how many tickets a page of a list has.
const PageSize = 8

// List gives a page of the tickets that the person may see. Viewer and Now of the
// query are filled here; a limit of 0 is a page.
func (d *Desk) List(ctx context.Context, by Person, q Query) (Page, error) {
	q.Viewer, q.Now = d.Viewer(by), d.now()
	if q.Limit <= 0 {
		q.Limit = PageSize
	}
	page, err := d.Store.Tickets(ctx, q)
	if err != nil {
		return Page{}, fmt.Errorf("list tickets: %w", err)
	}
	page.Tickets = slices.DeleteFunc(page.Tickets, func(t Ticket) bool { return !VisibleTo(t, q.Viewer) })
	return page, nil
}

// Find gives a page of the tickets in which every word is found.
func (d *Desk) Find(ctx context.Context, by Person, words string, offset int) (Page, error) {
	return d.List(ctx, by, Query{Filter: All, Words: FoldWords(words), Offset: offset})
}

// Board counts what is late and next to be late among what the person may see.
func (d *Desk) Board(ctx context.Context, by Person) (Board, error) {
	return d.Store.Board(ctx, d.Viewer(by), d.now())
}
