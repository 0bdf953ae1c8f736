package bot

import (
	"context"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
)

// Store keeps what turns leave. Every method may be called from many goroutines and
// replicas at once.
type Store interface {
	// Ping says whether a turn can be taken: the database answers, takes writes, and
	// has the schema that this program wants.
	Ping(ctx context.Context) error
	// Session reads what a turn begins with, in one query.
	Session(ctx context.Context, key SessionKey) (Session, error)
	// Turn runs work in one transaction, adds what it left to the outbox and the
	// delivery with the answer, and commits. The leases are on queues that this
	// process may send from at once. Where the delivery was committed before, by
	// another process perhaps a moment ago, everything is rolled back and the error is
	// ErrDelivered; where the turn was decided on something that has changed since, or
	// two transactions wait for each other, it is request.ErrStale.
	Turn(ctx context.Context, s Session, d Delivery, work func(ctx context.Context, tx Tx) (StoredAnswer, error)) ([]outbox.Lease, error)
	// Away says whether an error is the database's, so that the same turn may succeed
	// another time.
	Away(err error) bool
}

// Tx is what a turn can do inside of its transaction, beside what the desk does.
type Tx interface {
	intake.Tx
	// Post leaves a message in the outbox.
	Post(m outbox.Message)
	// Here says at which address the conversation is that the turn comes from, so that
	// nobody has to look for it again.
	Here(ref teams.Ref)
	// Posted says that from now on a message of the bot is the one under a handle.
	Posted(ctx context.Context, p outbox.Posted) error
	// Unpost forgets which message is the one under a handle: the next is a new one.
	Unpost(ctx context.Context, handle string) error

	// Remember keeps a conversation, or refreshes its service URL and what else c
	// names (empty fields leave what is there), and lifts a mark that it cannot be
	// reached. The conversation of c.Person becomes that person's own chat.
	Remember(ctx context.Context, c outbox.Conversation) error
	// Greet says whether this conversation is still to be greeted, once until it is
	// forgotten: Teams announces each install twice. It keeps the conversation as
	// Remember does.
	Greet(ctx context.Context, c outbox.Conversation) (bool, error)
	// Forget marks a conversation as one that the bot was removed from; nothing is
	// sent there until the next Remember or Greet. For the channel of a team it
	// covers the threads in it, whose ids begin with its own and a semicolon, and for a
	// team all its channels.
	Forget(ctx context.Context, id string, at time.Time) error
	// Recall takes back that a conversation was left, with all that Forget covers.
	Recall(ctx context.Context, id string) error
	// KeepMember keeps what Teams told of somebody in the conversations of a tenant.
	KeepMember(ctx context.Context, tenant string, m Member) error
	// SaveSettings changes what is not empty in s and leaves the rest.
	SaveSettings(ctx context.Context, personID string, s Settings) error
}

const (
	// TurnKept is how long the answer of a delivery is replayed.
	TurnKept = 10 * time.Minute
	// SlowTurn and RepeatedWithin recognise the delivery of a slow turn under a new
	// id.
	SlowTurn       = 10 * time.Second
	RepeatedWithin = 2 * time.Minute
)

// Delivery names an activity that may be delivered several times and is done once.
// Conversation and Activity are its key; without an Activity there is nothing to tell
// two deliveries apart by, and none is kept.
type Delivery struct {
	Conversation string
	Activity     string
	// Person is the sender's ID.
	Person string
	// Said is a digest of what the person typed, never the text; empty for what
	// must not be recognised by its text, such as presses.
	Said string
	// At is when it came in, and Done when its turn ended.
	At, Done time.Time
}

// StoredAnswer is an HTTP answer as it was given, status and JSON body.
type StoredAnswer struct {
	Status int
	Body   []byte
}

// SessionKey says what a turn reads first.
type SessionKey struct {
	Delivery
	// Tenant is the conversation's, in which members are known.
	Tenant string
	// Form is the form of a press; without one it is the unfinished form of the person
	// in the conversation that is wanted.
	Form string
}

// Session is what a turn begins with.
type Session struct {
	// Answer is that of the same delivery, or of the slow turn that this one repeats.
	Answer *StoredAnswer
	// Conversation and Member are nil where nothing is known.
	Conversation *outbox.Conversation
	Member       *Member
	Settings     Settings
	// Draft is nil where there is none; FormMessage is the activity that shows it, empty
	// where that is not known.
	Draft       *intake.Draft
	FormMessage string
	// Contact is what the person last gave.
	Contact request.Contact
	// Customers is the version of the customers: what a process remembers of another
	// version is read again.
	Customers int64
	// Reader reads the rest, customers of this version.
	Reader request.Reader
}

// Member is somebody of a conversation as the connector told, and when.
type Member struct {
	request.Person
	UserPrincipalName string
	// Role is Teams' word: "user", "guest", "anonymous", or empty.
	Role string
	Seen time.Time
}

// Settings are what one person chose or brought along.
type Settings struct {
	// Language is "en", "ru" or "de" when the person chose one, else empty.
	Language string
	// Zone is the IANA name that the person's client last named.
	Zone string
	// Personal is the id of the person's own chat with the bot.
	Personal string
}
