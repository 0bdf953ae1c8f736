package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"onbehalf/bot/teams"
)

// ErrNoConversation means that nothing is known of a conversation, or that a
// person has no personal one yet.
var ErrNoConversation = errors.New("conversation not known")

// Store keeps the outbox. Every method may be called from many goroutines and
// replicas at once.
//
// Messages come in with the transaction that decided them, never through here. That
// transaction locks the rows of their queues first, in the order of their names, so
// that ids rise in the order of commits within a queue.
type Store interface {
	// Claim leases up to n queues that have something to send at now and that nobody
	// holds, or only a lease that is dead: one that this process has seen for as long
	// as a lease may last, by its own clock. Of queues whose host is in busy none are
	// given, and none of a rank above worst. First come those with the best rank, then
	// those that have waited longest. Where nothing is ready it costs two plain reads.
	Claim(ctx context.Context, now time.Time, n int, worst Rank, busy []string) ([]Lease, error)
	// Waiting reads the messages of a queue that this process holds, oldest first, at
	// most BatchLimit that may go and what is related to them.
	Waiting(ctx context.Context, lease Lease) ([]Message, error)
	// Finish keeps what came of sends, in one transaction for all of them. Each gets
	// the lease under which it goes on at once, nil where nothing is left to send now
	// or the lease was lost, in which case nothing of it was kept. More are leases on
	// the queues that messages have moved to.
	Finish(ctx context.Context, now time.Time, ended []*Ended) (next []*Lease, more []Lease, err error)
	// NextReady is when the next queue may be claimed, zero when nothing waits.
	NextReady(ctx context.Context) (time.Time, error)
	// Rewind follows a clock that was put back: what waits for a time after now waits
	// for as much less, but not less than now.
	Rewind(ctx context.Context, now time.Time, by time.Duration) error
	// Pace takes the next span of a tenant's time for this process alone, and says
	// when it begins.
	Pace(ctx context.Context, tenant string, span time.Duration) (wait time.Duration, err error)

	// Conversation returns ErrNoConversation where nothing is known.
	Conversation(ctx context.Context, id string) (Conversation, error)
	// PersonalOf finds the personal conversation of a person by Entra object id, or
	// returns ErrNoConversation.
	PersonalOf(ctx context.Context, personID string) (Conversation, error)
	// NewestServiceURL is the service URL of the conversation of that tenant that was
	// heard of last, empty when there is none. An empty tenant is any.
	NewestServiceURL(ctx context.Context, tenant string) (string, error)
	// Lacks says whether a conversation was found to lack a feature, and is not to be asked
	// again yet.
	Lacks(ctx context.Context, conversation string, feature Feature, now time.Time) (bool, error)
	// Posted finds a message by its handle; ok is false where it was never sent.
	Posted(ctx context.Context, handle string) (p Posted, ok bool, err error)
}

// Lease is the right to send from a queue.
type Lease struct {
	Queue string
	// Token names this lease, for this one time.
	Token  string
	Window Window
	// Waiting is how many messages the queue has, and Messages those that were read,
	// oldest first; nil is that none was.
	Waiting  int
	Messages []Message
}

// BatchLimit bounds the messages that a lease shows at once; of the kind that can be
// told together, [BundleKind], it shows BundleLimit more.
const (
	BatchLimit  = 100
	BundleLimit = 1000
	BundleKind  = "milestone"
)

// Ended says what came of one attempt to send from a queue. What it does not name
// stays where it is.
type Ended struct {
	Lease Lease
	// Done are messages that were delivered or are of no use any more; Failed have one
	// more attempt.
	Done, Failed []int64
	// Told are notices of changes that the message sent has told as well.
	Told []Told
	// Moved join the queues of their targets.
	Moved []Message
	// Posted are the messages that Teams has now; Gone the handles of those that are
	// not there any more.
	Posted []Posted
	Gone   []string
	// Places are conversations that were created, live at another host, or cannot be
	// written to.
	Places []Conversation
	// Left are the messages of the lease that wait on.
	Left []Message
	// Lacking are features that Teams refused in a conversation.
	Lacking []Lack
	// RestUntil holds the queue back; zero is not at all.
	RestUntil time.Time
	Window    Window
}

// Told says that everything up to an entry of a request's history was told in a
// place.
type Told struct {
	Kind    string
	Ticket  int64
	To      Target
	Through int64
}

// Renderer writes the messages that are rows without a body.
type Renderer interface {
	// Render writes the next message from those that wait, in the order in which they
	// may go. An error means that nothing can be said now, for a reason of ours.
	Render(ctx context.Context, at Conversation, waiting []Message) (Parcel, error)
	// Undelivered says where messages go that cannot be delivered there; unreachable
	// says that nothing can, until somebody speaks there.
	Undelivered(ctx context.Context, at Conversation, messages []Message, unreachable bool) ([]Message, error)
	// Delivered hears of messages that Teams has.
	Delivered(ctx context.Context, messages []Message)
}

// Parcel is a message as it was written, with everything that it settles.
type Parcel struct {
	// Sent are the messages that this one delivers; where there is none, nothing is to
	// be said. Settled are of no use any more.
	Sent    []Message
	Settled []int64
	Told    []Told
	// Body is the message, and Short its one sentence, for where it is too big.
	Body, Short json.RawMessage
	Targeted    bool
	Otherwise   *Otherwise
	// Handle and Revision are kept when the message arrives; Over is the message under
	// that handle by now, nil where it was not looked for. Update replaces one that has
	// no handle. Thread begins a thread in a channel.
	Handle   string
	Revision int
	Over     *Posted
	Update   string
	Thread   bool
	// Ticket is kept with the Handle. Root is the message in whose thread the message
	// goes; where Teams refuses that, Root's handle is forgotten and the message is
	// written anew.
	Ticket int64
	Root   *Posted
	// Also are further handles under which the message is kept when it arrives, each with
	// its own Revision and Ticket; Gone are handles that are forgotten then.
	Also []Posted
	Gone []string
	// Becomes is the handle under which the message is kept when it arrives, instead of
	// Handle; empty is no other.
	Becomes string
	// Moved join the queues of their targets whatever comes of this message, After only
	// when it has arrived.
	Moved, After []Message
}

// Connector is what of Teams the outbox uses; *teams.Connector is the real one.
type Connector interface {
	Create(ctx context.Context, serviceURL string, p teams.ConversationParameters) (teams.ConversationResource, error)
	Send(ctx context.Context, ref teams.Ref, body json.RawMessage, targeted bool) (string, error)
	Update(ctx context.Context, ref teams.Ref, activityID string, body json.RawMessage, targeted bool) error
}

// Meter counts what an operator asks about. All methods may be called from many
// goroutines.
type Meter interface {
	// Delivered is called for each message that Teams has, with the time since it was
	// left or was to be sent.
	Delivered(kind string, waited time.Duration)
	// Lost is called for each message that nobody gets.
	Lost(kind string)
}
