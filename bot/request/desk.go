package request

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/incident"
	"onbehalf/bot/sla"
)

// Desk decides what happens to requests. Its methods read through the Reader and
// write through the Tx that they are given: the transaction is its caller's, and
// nothing is kept before that commits. Use it by pointer; it is safe for many
// goroutines.
type Desk struct {
	Policy *sla.Policy
	// Leads gives the people who lead the desk, as they are Instant.
	Leads func() Leads
	// OwnTenant is the partner's own tenant; Tenants are all tenants of the desk's
	// people, each of which is the partner's own (empty: not checked).
	OwnTenant string
	Tenants   []string
	// OwnCloud is the cloud that the partner's own tenants live in; empty is the
	// global one.
	OwnCloud customer.Cloud
	// DeskConversation and EscalationConversation are empty where none is set.
	DeskConversation       string
	EscalationConversation string
	// PublicURL is the bot's own address, without a slash at its end; empty where it has
	// none, and so no links to requests.
	PublicURL string
	// Now is the clock.
	Now func() time.Time
	// Recent are the tickets that this process knows by heart.
	Recent Recent
	// Incidents are the open incidents of Microsoft's services; nil where nobody reads them.
	Incidents *incident.Known

	policies sync.Map // id → *sla.Policy, those kept and those read
}

// Instant is the present by the desk's clock, to the millisecond that is kept.
func (d *Desk) Instant() time.Time { return d.Now().UTC().Truncate(time.Millisecond) }

// Viewer gives a person together with the right that the list of leads gives.
func (d *Desk) Viewer(p Person) Viewer {
	return Viewer{Person: p, Lead: d.Leads != nil && d.Leads().Has(p)}
}

// CardNotices make the ticket's cards show what it is now: the one that the form
// became, and the desk's where the ticket came from elsewhere. A ticket that was filed in no
// conversation has a card in each lead's own chat.
func (d *Desk) CardNotices(t Ticket, by Person, now time.Time) []Notice {
	n := Notice{Ticket: t.Number, Revision: t.Revision, By: by.ID, Severity: t.Severity, Created: now}
	var all []Notice
	for _, home := range d.homes(t) {
		card := n
		card.Reason, card.To, card.Handle = RedrawCard, home, Handle(t.Form)
		if !home.Person.Nobody() {
			card.Handle = LeadHandle(t.Number, home.Person)
		}
		all = append(all, card)
	}
	if d.DeskConversation != "" && !SameConversation(t.Home.Conversation, d.DeskConversation) {
		desk := n
		desk.Reason, desk.To = DeskCard, Target{Conversation: d.DeskConversation}
		all = append(all, desk)
	}
	return all
}

// homes are where a ticket's own card is.
func (d *Desk) homes(t Ticket) []Target {
	if t.Home.Conversation != "" || d.Leads == nil {
		return []Target{t.HomeTarget()}
	}
	var all []Target
	for _, id := range d.Leads() {
		all = append(all, Target{Person: Person{ID: id, Tenant: d.OwnTenant}})
	}
	return all
}

// HomeTarget is where the ticket was filed; nowhere for what Microsoft found by itself.
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
	q.Viewer, q.Now = d.Viewer(by), d.Instant()
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
	return r.Board(ctx, d.Viewer(by), d.Instant())
}
