package notify

import (
	"context"
	"errors"
	"time"

	"onbehalf/bot/ticket"
)

// ErrNoConversation means that nothing is known of a conversation, or that a
// person has no personal one yet.
var ErrNoConversation = errors.New("conversation not known")

// ErrLeaseLost means that the lease ran out and somebody else has the lane.
// Nothing of the outcome was kept.
var ErrLeaseLost = errors.New("lane was taken over")

// Store keeps lanes, conversations and the places of cards. Every method may be
// called from many goroutines and replicas at once; each is one transaction.
//
// Notices come in through ticket.Tx.Notify only. It puts a notice into the lane
// of its target: the conversation; for a person, the personal conversation that
// is known of them, else the waiting room PersonLane(id). The lane's row is
// upserted (so locked) before the notice is inserted, so that ids rise in the
// order of commits. A lane becomes ready at the earliest NotBefore of its
// notices, at once where that is zero. A ChangeLine is merged with a waiting one
// only while the lane is not leased: what is in flight was read already.
//
// The replicas' clocks may differ, and each may be put forward or back at any
// time. Nothing is lost or sent twice by that; what is held back or rests may come
// early or late by as much as the clocks differ, at most by two hours.
type Store interface {
	// Claim leases up to n ready lanes and gives each with its notices. A lane is
	// ready when its ready time is at or before now and no lease on it is alive; or
	// when its ready time is one that only another clock can have given it: it has a
	// notice without NotBefore and does not rest, or nothing waits for so long. A
	// lease is dead when this process has seen it for as long as it may last, by its
	// own clock; leases of others live on for as long after a restart. Lanes with a
	// severity-A notice come first, then the longest ready. Where nothing is ready
	// this is two plain reads, without a write lock.
	Claim(ctx context.Context, owner string, now time.Time, lease time.Duration, n int) ([]Lane, error)
	// Finish keeps what came of a claimed lane and ends its lease, in one
	// transaction; the lane is locked in a statement of its own first. It returns
	// ErrLeaseLost, and keeps nothing, when the lane is not under l.Lease any more.
	Finish(ctx context.Context, l Lane, o Outcome) error
	// NextReady is the earliest ready time of all lanes without a lease, or the end
	// of a lease if that is earlier; zero when nothing waits.
	NextReady(ctx context.Context, now time.Time) (time.Time, error)
	// Rewind follows a clock that was put back: every ready time that lies after
	// now moves back by as much, but not before now. Again is harmless.
	Rewind(ctx context.Context, now time.Time, by time.Duration) error

	// Rates hands work the states kept under the keys, in the same order, locked
	// for all replicas (in the order of the sorted keys), and keeps what work
	// left in the slice; a key never seen has nil. The bytes are work's business.
	// When work fails nothing is kept. Rows untouched for two hours may go.
	Rates(ctx context.Context, keys []string, work func(states [][]byte) error) error

	// NextDue is the earliest next_due_at of all tickets, by a plain read of the
	// index; zero when none is due ever.
	NextDue(ctx context.Context) (time.Time, error)

	// Conversation returns ErrNoConversation where nothing is known.
	Conversation(ctx context.Context, id string) (*Conversation, error)
	// PersonalOf finds the personal conversation of a person by Entra object id,
	// or returns ErrNoConversation.
	PersonalOf(ctx context.Context, personID string) (*Conversation, error)
	// KeepConversation adds or updates a conversation. A personal one becomes its
	// person's only one, and the notices in PersonLane, and in the lanes of other
	// personal conversations of that person, move to its lane in their order,
	// those of a lane under a live lease included: its holder then loses the lease.
	KeepConversation(ctx context.Context, c Conversation) error
	// MarkConversation keeps that a conversation can't be written to, or can again
	// (Reachable). It is harmless where the conversation is not known.
	MarkConversation(ctx context.Context, id string, r Reach) error
	// NewestServiceURL is the service URL of the conversation of that tenant that
	// was heard of last, empty when there is none. An empty tenant is any.
	NewestServiceURL(ctx context.Context, tenant string) (string, error)
	// Reader gives a person's own language ("en", "ru", "de") and IANA zone, each
	// empty where it is not known.
	Reader(ctx context.Context, personID string) (language, zone string, err error)

	// Cards gives every kept card of a ticket.
	Cards(ctx context.Context, n ticket.Number) ([]Card, error)
}

// Lane is the queue of one conversation, leased to the one who claimed it: at
// most one message of it is on its way, whichever replica sends.
type Lane struct {
	// Key is the conversation's id, or PersonLane of somebody whose conversation
	// has still to be created.
	Key string
	// Lease names this claim, for this one time.
	Lease string
	Until time.Time
	// Notices are the waiting ones whose NotBefore has come, oldest first, at most
	// BatchLimit; where the first is a milestone, the lane's further milestones too,
	// at most BundleLimit.
	Notices []ticket.Notice
}

const (
	// BatchLimit bounds the notices that a claimed lane shows at once.
	BatchLimit = 100
	// BundleLimit bounds the milestones behind those.
	BundleLimit = 1000
)

// PersonLane is the lane in which notices wait for a conversation with somebody.
func PersonLane(personID string) string { return "person:" + personID }

// Outcome says what became of a claimed lane. What it does not name stays where
// it was.
type Outcome struct {
	// Done are notices that were delivered or are of no use any more.
	Done []int64
	// Failed stay first in line, with Attempts raised by one.
	Failed []int64
	// Moved join the lanes of their targets as new notices, with Created kept. The
	// ones they replace are among Done.
	Moved []ticket.Notice
	// Cards are messages that now show a ticket. One replaces what is kept for the
	// same ticket and role.
	Cards []Card
	// RestUntil holds the lane back; zero is not at all. Without waiting notices
	// the lane has no ready time.
	RestUntil time.Time
}

// Card is a message that shows a ticket and is kept up to date.
type Card struct {
	Ticket ticket.Number
	Role   Role
	// Conversation and Activity are what an update takes. In a channel the
	// conversation is the thread that was created with the card. An empty Activity
	// is a message that was deleted: the next state is posted anew.
	Conversation string
	Activity     string
	// Revision of the ticket when it was drawn last.
	Revision int
}

// Role says what a kept card is for; a ticket has one card of each role at most.
type Role string

// The roles of kept cards.
const (
	// HomeCard is the card where the ticket was filed: the form's message at
	// first (ticket.Home), another one when that was deleted.
	HomeCard Role = "home"
	// DeskRole is the card in the desk's conversation.
	DeskRole Role = "desk"
)

// Reach says whether a conversation can be written to.
type Reach string

// The reaches of a conversation. The next message from there makes it Reachable.
const (
	Reachable Reach = ""
	// Blocked is somebody who does not want to hear from the bot, or an
	// administrator who forbids it.
	Blocked Reach = "blocked"
	// Removed is a conversation that the bot was taken out of, or that is gone.
	Removed Reach = "removed"
)

// Conversation is an address in Teams with everything needed to write to it
// first.
type Conversation struct {
	ID string
	// Kind is "personal", "groupChat" or "channel"; empty when not known.
	Kind       string
	Tenant     string
	ServiceURL string
	// BotID and BotName are the bot's own account there ("28:…").
	BotID, BotName string
	// Person is the Entra object id of the one person of a personal conversation.
	Person string
	Reach  Reach
	// Heard is when something last came from there, or it was created.
	Heard time.Time
}
