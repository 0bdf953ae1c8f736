package ticket

import (
	"context"
	"time"
)

// Store keeps what the desk knows. Every method may be called from many
// goroutines and replicas at once.
type Store interface {
	// InTx runs work in one transaction. Inside it everything goes through tx:
	// SQLite has one writing connection, and asking for a second waits for ever.
	// When work fails nothing of it is kept. It may run more than once before it is
	// kept, so it sets what it leaves outside and never adds to it.
	InTx(ctx context.Context, work func(tx Tx) error) error

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
	// OpenWithCase gives the other unfinished tickets with this Microsoft number.
	OpenWithCase(ctx context.Context, microsoftCase string, except Number) ([]Number, error)

	Customer(ctx context.Context, tenantID string) (*Customer, error)
	// SearchCustomers finds by folded name, domain or tenant id, prefix first, then
	// infix; customers who left are not among them.
	SearchCustomers(ctx context.Context, query string, limit int) ([]Customer, error)
	// RecentCustomers are those the person last opened tickets for.
	RecentCustomers(ctx context.Context, personID string, limit int) ([]Customer, error)
	// EachCustomer calls row for every customer, by name.
	EachCustomer(ctx context.Context, row func(Customer) error) error
	// PutCustomers adds or updates them in one transaction.
	PutCustomers(ctx context.Context, customers []Customer) (added, updated int, err error)

	// Draft returns ErrNoDraft when the person has no unfinished form there.
	Draft(ctx context.Context, personID, conversation string) (*Draft, error)
	// DraftByForm finds a form by its nonce, finished ones included, until it expires.
	DraftByForm(ctx context.Context, form string) (*Draft, error)
	// SaveDraft inserts (Version 0) or updates the draft and raises its Version; it
	// returns ErrStale when the row has moved on, and replaces any other unfinished
	// form of the same person in the same conversation when inserting.
	SaveDraft(ctx context.Context, d *Draft) error
	DropDraft(ctx context.Context, form string) error

	// ContactOf gives what the person last used as contact, zero if nothing.
	ContactOf(ctx context.Context, personID string) (Contact, error)

	// PolicyText gives a policy by its id; SavePolicy keeps one (again is harmless).
	PolicyText(ctx context.Context, id string) ([]byte, error)
	SavePolicy(ctx context.Context, id string, text []byte) error
}

// Tx is what can be done inside one transaction.
type Tx interface {
	// LockTicket reads a ticket that nobody else changes until the transaction ends.
	LockTicket(ctx context.Context, n Number) (*Ticket, error)
	// InsertTicket gives t its number; ErrRepeated when its form already has one.
	InsertTicket(ctx context.Context, t *Ticket) error
	// UpdateTicket keeps t and raises its Revision; ErrStale when the row is not at
	// t.Revision any more.
	UpdateTicket(ctx context.Context, t *Ticket) error
	// Record adds an entry to the history and sets its ID.
	Record(ctx context.Context, e *Event) error
	// Notify leaves a notice in its lane. A ChangeLine for the same ticket and
	// target that still waits is merged with it.
	Notify(ctx context.Context, n Notice) error
	// FiredAll writes milestones down; fresh says of each whether it was not there
	// yet.
	FiredAll(ctx context.Context, all []Fired) (fresh []bool, err error)
	// KeepFired is UpdateTicket and Record for many tickets that DueTickets gave, of
	// which only Fired and NextDueAt have changed, and for the entries of that.
	KeepFired(ctx context.Context, tickets []*Ticket, entries []*Event) error
	// FinishDraft marks the form as opened.
	FinishDraft(ctx context.Context, form string, n Number) error
	SaveContact(ctx context.Context, personID string, c Contact) error
	// DueTickets locks up to limit tickets whose next milestone is at or before now,
	// earliest first, passing over those that another replica holds.
	DueTickets(ctx context.Context, now time.Time, limit int) ([]*Ticket, error)
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
