package bot

import (
	"context"
	"errors"
	"time"

	"onbehalf/bot/ticket"
)

// ErrUnknown means that a Keeper has nothing under that key.
var ErrUnknown = errors.New("nothing is kept under this key")

// Keeper is what the endpoint must find again after a restart and on another
// replica: which turns it has seen, where people talk to it, and who they are.
// Every method may be called from many goroutines and replicas at once. Times
// come from the caller, so that tests can make them stand still.
type Keeper interface {
	// Ping says whether the database can be reached and has the schema that this
	// program wants.
	Ping(ctx context.Context) error

	// ClaimTurn takes a turn, or tells what became of it:
	//
	//   - ClaimTaken when nobody has it, when its claim is older than [ClaimLease]
	//     (whoever had it died), or when what was kept of it is older than [TurnKept];
	//   - ClaimRunning while somebody else works on it;
	//   - ClaimDone with the answer that FinishTurn kept.
	//
	// A turn with another id is the same turn when the same person said the same
	// (Said, not empty) in the same conversation, and the earlier one took longer
	// than [SlowTurn] and ended less than [RepeatedWithin] before d.At: Teams
	// delivers a slow turn again under a new id. Its answer is then given as Done.
	// Of any number of callers at the same time one gets ClaimTaken.
	ClaimTurn(ctx context.Context, d Delivery) (Claim, error)
	// FinishTurn keeps the answer of a turn that this caller has claimed, for TurnKept.
	FinishTurn(ctx context.Context, d Delivery, a StoredAnswer, at time.Time) error
	// ReleaseTurn gives a claimed turn back, because nothing of it was kept: the next
	// delivery runs it again.
	ReleaseTurn(ctx context.Context, d Delivery) error

	// Remember keeps a conversation, or refreshes its service URL and what else c
	// names (empty fields leave what is there), and lifts a mark that it cannot be
	// reached. c.Person, of a personal chat, gets it as Settings.Personal.
	Remember(ctx context.Context, c Conversation) error
	// Greet says whether this conversation is still to be greeted, true for one of
	// any number of callers until it is forgotten: Teams announces each install
	// twice. It keeps the conversation as Remember does.
	Greet(ctx context.Context, c Conversation) (bool, error)
	// Forget marks a conversation as one that the bot was removed from; nothing is
	// sent there until the next Remember or Greet. For the channel of a team it
	// covers the threads in it, whose ids begin with its own and a semicolon.
	Forget(ctx context.Context, id string, at time.Time) error
	// MarkUnreachable notes that Teams gave a final answer (403, 404) with this
	// code; the next Remember lifts the mark. Harmless where the conversation is
	// not known.
	MarkUnreachable(ctx context.Context, id, code string, at time.Time) error

	// Member gives what KeepMember last kept for a person, by tenant of the
	// conversation and Entra object id; ErrUnknown when nothing is there. Whoever
	// asks judges its age by Seen.
	Member(ctx context.Context, tenant, id string) (Member, error)
	KeepMember(ctx context.Context, tenant string, m Member) error

	// Settings are a person's own, zero when nothing is known.
	Settings(ctx context.Context, personID string) (Settings, error)
	// SaveSettings changes what is not empty in s and leaves the rest.
	SaveSettings(ctx context.Context, personID string, s Settings) error
}

const (
	// TurnKept is how long a finished turn's answer is replayed.
	TurnKept = 10 * time.Minute
	// ClaimLease is how long a turn may be in the works before another delivery of
	// it may take it over. A turn ends within 5 seconds.
	ClaimLease = 10 * time.Second
	// SlowTurn and RepeatedWithin recognise the delivery of a slow turn under a new
	// id.
	SlowTurn       = 10 * time.Second
	RepeatedWithin = 2 * time.Minute
)

// Delivery names a turn. Conversation and Activity are its key.
type Delivery struct {
	Conversation string
	Activity     string
	// Person is the sender's ID.
	Person string
	// Said is a digest of what the person typed, never the text; empty for what
	// must not be recognised by its text, such as presses.
	Said string
	// At is when this delivery came in.
	At time.Time
}

// ClaimState says what became of a turn.
type ClaimState int

// The states of Claim.
const (
	ClaimTaken ClaimState = iota + 1
	ClaimRunning
	ClaimDone
)

// Claim is the answer to Keeper.ClaimTurn. Answer is set when State is ClaimDone.
type Claim struct {
	State  ClaimState
	Answer StoredAnswer
}

// StoredAnswer is an HTTP answer as it was given, status and JSON body.
type StoredAnswer struct {
	Status int
	Body   []byte
}

// Conversation is a place that the bot can write to.
type Conversation struct {
	// ID is the address to send to; in a channel it names the thread.
	ID     string
	Tenant string // lower case
	// Kind is teams.Personal, teams.GroupChat or teams.TeamsChannel.
	Kind       string
	ServiceURL string
	// BotID and BotName are the bot's own account there.
	BotID, BotName string
	// Channel is the team's channel without a thread, empty elsewhere.
	Channel string
	// Person is the other one in a personal chat, by Person.ID.
	Person string
	// Seen is when the last activity came from there.
	Seen time.Time
}

// Member is somebody of a conversation as the connector told, and when.
type Member struct {
	ticket.Person
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
