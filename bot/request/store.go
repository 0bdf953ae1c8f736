package request

import (
	"context"
	"time"

	"onbehalf/bot/customer"
)

// Reader reads what the desk knows, from the pool or inside of a transaction.
type Reader interface {
	// Ticket returns ErrNotFound for a number that was never given.
	Ticket(ctx context.Context, n Number) (*Ticket, error)
	TicketByForm(ctx context.Context, form string) (*Ticket, error)
	// History gives a ticket's entries, newest first, below the id before (0: from
	// the newest).
	History(ctx context.Context, n Number, before int64, limit int) ([]Event, error)
	// EventsSince gives the entries made after the revision, oldest first.
	EventsSince(ctx context.Context, n Number, revision int) ([]Event, error)
	Tickets(ctx context.Context, q Query) (Page, error)
	// Board counts what is late and next to be late.
	Board(ctx context.Context, viewer Viewer, now time.Time) (Board, error)
	ReportStore
	// Shown gives the requests that messages of a conversation show, by their numbers:
	// those with the ids, or without any all in the thread that the conversation is.
	Shown(ctx context.Context, conversation string, messages []string) ([]Number, error)
	// Known gives people who spoke to the bot or were named to it, last seen first.
	Known(ctx context.Context, limit int) ([]Person, error)
	// OpenWithCase gives the other unfinished tickets with this Microsoft number.
	OpenWithCase(ctx context.Context, microsoftCase string, except Number) ([]Number, error)

	Customer(ctx context.Context, tenantID string) (*customer.Customer, error)
	// SearchCustomers finds by name, domain or tenant id, prefix first, then infix;
	// customers who left are not among them.
	SearchCustomers(ctx context.Context, query string, limit int) ([]customer.Customer, error)
	// CustomersNamed gives those who are kept under one of customer.ExactTerms.
	CustomersNamed(ctx context.Context, terms []string) ([]customer.Customer, error)
	// CustomersCalled gives those of whom every word of customer.SearchWords stands
	// somewhere; cut says that there are more.
	CustomersCalled(ctx context.Context, words [][]string) (found []customer.Customer, cut bool, err error)
	// CustomersLeft gives customers who left and have requests, by what CustomersNamed and
	// CustomersCalled take; cut says that there are more.
	CustomersLeft(ctx context.Context, terms []string, words [][]string) (found []customer.Customer, cut bool, err error)
	// RecentCustomers are those the person last opened tickets for.
	RecentCustomers(ctx context.Context, personID string, limit int) ([]customer.Customer, error)

	// Rights gives a page of the customers by how long requests can be filed for them.
	Rights(ctx context.Context, q customer.RightsQuery) (customer.RightsPage, error)

	// RightsBetween gives the customers whose right to file ends in a span of time, by its
	// end.
	RightsBetween(ctx context.Context, span customer.RightsSpan, row func(customer.Customer) error) error
	// RightsAcked gives the marks that were acknowledged in a place, by tenant.
	RightsAcked(ctx context.Context, place string) (map[string][]customer.Mark, error)

	// PolicyText gives a policy by its id.
	PolicyText(ctx context.Context, id string) ([]byte, error)
}

// Tx is what can be done inside one transaction. When it fails nothing of it is kept.
// Rows are locked in one order: ticket, the counter of numbers, form; the queues of what
// is to be sent come after them, by their names, and last the delivery.
//
// A write may leave together with the next read, or with the commit: its error,
// ErrStale included, comes from there at the latest, and what was written into its
// argument then counts no more.
type Tx interface {
	Reader
	// LockTicket reads a ticket that nobody else changes until the transaction ends.
	LockTicket(ctx context.Context, n Number) (*Ticket, error)
	// InsertTicket gives t its number; ErrStale when its form already has one, or when
	// customers changed since they were read for this turn.
	InsertTicket(ctx context.Context, t *Ticket) error
	// UpdateTicket keeps t, which LockTicket gave as before, and raises its Revision;
	// ErrStale when the row is not at that revision any more.
	UpdateTicket(ctx context.Context, before, t *Ticket) error
	// Record adds an entry to the history and sets its ID.
	Record(ctx context.Context, e *Event) error
	// Notify leaves a notice in the outbox.
	Notify(ctx context.Context, n Notice) error
	// FiredAll writes milestones down; fresh says of each whether it was not there
	// yet.
	FiredAll(ctx context.Context, all []Fired) (fresh []bool, err error)
	// KeepFired is UpdateTicket and Record for many tickets that DueTickets gave, of
	// which only Fired and NextDueAt have changed, and for the entries of that.
	KeepFired(ctx context.Context, tickets []*Ticket, entries []*Event) error
	// DueTickets locks up to limit tickets whose next milestone is at or before now,
	// earliest first, passing over those that another replica holds.
	DueTickets(ctx context.Context, now time.Time, limit int) ([]*Ticket, error)

	// TellRights notes that a place is told of rights on a day, and says whether it was
	// not yet.
	TellRights(ctx context.Context, place, day string) (fresh bool, err error)
	// AckRights notes that marks were acknowledged in a place; again is harmless.
	AckRights(ctx context.Context, place, by string, at time.Time, marks map[string]customer.Mark) error

	// SavePolicy keeps a policy; again is harmless.
	SavePolicy(ctx context.Context, id string, text []byte) error
}

// Fired is a milestone that is done with.
type Fired struct {
	Ticket    Number
	Epoch     int
	Milestone string
	Due, At   time.Time
}

// Viewer is a person together with the right that the list of leads gives.
type Viewer struct {
	Person
	Lead bool
}

// Filter is one of the words that narrow a list.
type Filter string

// The filters of the list.
const (
	OnlyOpen       Filter = "open" // not resolved, closed or cancelled
	OnlyMine       Filter = "mine" // filed by or assigned to the viewer, not closed
	OnlyUnassigned Filter = "unassigned"
	OnlyBreached   Filter = "breached"
	All            Filter = "all"
	// OnlyOver is resolved, closed or cancelled, for a customer's card; nobody types it.
	OnlyOver Filter = "over"
)

// Query asks for a page of tickets that Viewer may see, by what is due first.
type Query struct {
	Viewer   Viewer
	Filter   Filter
	Customer string // tenant id, or empty
	// Of lists the tickets of this person instead of the viewer's (handing over).
	Of string
	// Words are folded words, each of which must be found as prefix or infix.
	Words  []string
	Now    time.Time
	Offset int
	Limit  int
}

// Page is a piece of a list.
type Page struct {
	Tickets []Ticket
	Total   int
	Offset  int
}

// Board is what is late and what is next to be late.
type Board struct {
	// Late, Soon (within an hour) and Running count unanswered tickets by severity.
	Late, Soon, Running map[Severity]int
	// Unassigned counts unanswered ones that nobody has.
	Unassigned int
	// Next are the most urgent, at most three.
	Next []Ticket
}
