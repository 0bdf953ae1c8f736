package ticket

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"onbehalf/bot/sla"
)

// Desk decides what happens to requests. Its methods read through the Reader and
// write through the Tx that they are given: the transaction is its caller's, and
// nothing is kept before that commits. Use it by pointer; it is safe for many
// goroutines.
type Desk struct {
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
	// Recent are the tickets that this process knows by heart.
	Recent Recent

	policies sync.Map // id → *sla.Policy, those kept and those read
}

func (d *Desk) now() time.Time { return d.Now().UTC().Truncate(time.Millisecond) }

// Viewer gives a person together with the right that the list of leads gives.
func (d *Desk) Viewer(p Person) Viewer {
	return Viewer{Person: p, Lead: d.Leads != nil && d.Leads().Has(p)}
}

// draftLife is how long an unfinished form lives.
const draftLife = 24 * time.Hour

// NewDraft makes a form, which tx.InsertDraft keeps: the slots hold what is known
// already, the contact is filled from what the person last used, else from their
// profile. It stands at the first step that needs something.
func (d *Desk) NewDraft(ctx context.Context, r Reader, p Person, home Place, words, zone string, known Contact, slots Answers) (*Draft, Check, error) {
	now := d.now()
	draft := &Draft{
		Form: "f-" + strings.ToLower(rand.Text()), Version: 1, Person: p, Conversation: home.Conversation, Personal: home.Personal,
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
	if d.Policy.TakeOwn() && draft.Answers.TakeIt == "" {
		draft.Answers.TakeIt = "true"
	}
	check, err := d.Check(ctx, r, *draft)
	if err != nil {
		return nil, check, err
	}
	if check.Preselect(&draft.Answers) {
		if check, err = d.Check(ctx, r, *draft); err != nil {
			return nil, check, err
		}
	}
	draft.Step = check.Next
	if check.Customer != nil {
		draft.Answers.Set("customer", check.Customer.TenantID)
	}
	return draft, check.At(*draft), nil
}

// Open turns a form into a ticket, starts its clocks and leaves a notice for everybody
// who should see it. The same form opens one ticket, no matter how often it arrives.
// Whoever ticked "I take it", or whom the policy takes at their word, has the ticket from
// its first instant. Last is the contact that the person gave before. It returns *Invalid, *OutOfScope,
// or *Refused when somebody else's form is sent.
func (d *Desk) Open(ctx context.Context, tx Tx, by Person, draft *Draft, last Contact, origin string) (*Ticket, *Event, error) {
	if !draft.Person.Is(by) {
		return nil, nil, &Refused{Code: "form_owner", Args: args("name", draft.Person.Name)}
	}
	check, err := d.Check(ctx, tx, *draft)
	switch {
	case err != nil:
		return nil, nil, err
	case check.Scope != nil:
		return nil, nil, check.Scope
	case !check.Complete():
		return nil, nil, &Invalid{Problems: check.Problems}
	}
	now := d.now()
	f := formOf(draft.Answers.only(check.Asked))
	t := f.ticket(*draft, check, by, now)
	if f.TakeIt == "true" || f.TakeIt == "" && d.Policy.TakeOwn() {
		t.Assignee = by
	}
	t.start(d.Policy)
	e := &Event{At: now, By: by, What: "opened", To: string(t.Status), Origin: origin, Revision: t.Revision}
	if err := d.keepOpened(ctx, tx, t, e, draft, last); err != nil {
		return nil, nil, fmt.Errorf("open ticket from form %s: %w", draft.Form, err)
	}
	draft.Opened = t.Number
	return t, e, nil
}

// keepOpened keeps a new ticket with everything that comes of it, in the order of
// locks.
func (d *Desk) keepOpened(ctx context.Context, tx Tx, t *Ticket, e *Event, draft *Draft, last Contact) error {
	if !d.policyKept() {
		if err := tx.SavePolicy(ctx, d.Policy.ID(), d.Policy.Text()); err != nil {
			return err
		}
	}
	if t.Contact != last {
		if err := tx.SaveContact(ctx, t.Requester.ID, t.Contact); err != nil {
			return err
		}
	}
	if err := tx.InsertTicket(ctx, t); err != nil {
		return err
	}
	if err := tx.FinishDraft(ctx, draft, t.Number); err != nil {
		return err
	}
	e.Ticket = t.Number
	if err := tx.Record(ctx, e); err != nil {
		return err
	}
	if !t.Assignee.Nobody() {
		taken := *e
		taken.What, taken.To = "assigned", t.Assignee.Name
		if err := tx.Record(ctx, &taken); err != nil {
			return err
		}
	}
	for _, n := range d.cardNotices(*t, t.Requester, e.At) {
		if err := tx.Notify(ctx, n); err != nil {
			return err
		}
	}
	return nil
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
		Home:     Place{Conversation: draft.Conversation, Personal: draft.Personal},
		OpenedAt: now, StartedAt: now, UpdatedAt: now,
	}
	if _, ok := sla.Location(t.Zone); !ok {
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
	n := Notice{Ticket: t.Number, Revision: t.Revision, By: by.ID, Severity: t.Severity, Created: now}
	card, desk := n, n
	card.Reason, card.To, card.Handle = RedrawCard, t.HomeTarget(), Handle(t.Form)
	desk.Reason, desk.To = DeskCard, Target{Conversation: d.DeskConversation}
	if d.DeskConversation == "" || SameConversation(t.Home.Conversation, d.DeskConversation) {
		return []Notice{card}
	}
	return []Notice{card, desk}
}

// HomeTarget is where the ticket was filed.
func (t Ticket) HomeTarget() Target {
	to := Target{Conversation: t.Home.Conversation}
	if t.Home.Personal {
		to.Owner = t.Requester.ID
	}
	return to
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
func (d *Desk) Ticket(ctx context.Context, r Reader, by Person, n Number) (*Ticket, error) {
	t, err := r.Ticket(ctx, n)
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
func (d *Desk) History(ctx context.Context, r Reader, by Person, n Number, before int64, limit int) ([]Event, error) {
	if _, err := d.Ticket(ctx, r, by, n); err != nil {
		return nil, err
	}
	return r.History(ctx, n, before, limit)
}

// PageSize is how many tickets a page of a list has.
const PageSize = 8

// List gives a page of the tickets that the person may see. Viewer and Now of the
// query are filled here; a limit of 0 is a page.
func (d *Desk) List(ctx context.Context, r Reader, by Person, q Query) (Page, error) {
	q.Viewer, q.Now = d.Viewer(by), d.now()
	if q.Limit <= 0 {
		q.Limit = PageSize
	}
	page, err := r.Tickets(ctx, q)
	if err != nil {
		return Page{}, fmt.Errorf("list tickets: %w", err)
	}
	page.Tickets = slices.DeleteFunc(page.Tickets, func(t Ticket) bool { return !VisibleTo(t, q.Viewer) })
	return page, nil
}

// Find gives a page of the tickets in which every word is found.
func (d *Desk) Find(ctx context.Context, r Reader, by Person, words string, offset int) (Page, error) {
	return d.List(ctx, r, by, Query{Filter: All, Words: SearchWords(words), Offset: offset})
}

// Board counts what is late and next to be late among what the person may see.
func (d *Desk) Board(ctx context.Context, r Reader, by Person) (Board, error) {
	return r.Board(ctx, d.Viewer(by), d.now())
}
