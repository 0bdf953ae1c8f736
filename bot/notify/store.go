package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
)

// Store is what notices are made of and written from. Every method may be called from
// many goroutines and replicas at once.
type Store interface {
	request.Reader
	// InTx runs work in one transaction. It may run more than once before it is kept,
	// so it sets what it leaves outside and never adds to it.
	InTx(ctx context.Context, work func(tx request.Tx) error) error
	// NextDue is the earliest next_due_at of all tickets, by a plain read of the
	// index; zero when none is due ever.
	NextDue(ctx context.Context) (time.Time, error)
	// Conversation returns outbox.ErrNoConversation where nothing is known.
	Conversation(ctx context.Context, id string) (outbox.Conversation, error)
	// Posted finds a message by its handle; ok is false where it was never sent.
	Posted(ctx context.Context, handle string) (p outbox.Posted, ok bool, err error)
	// PostedOf gives the messages that were posted with a ticket's number: its warnings.
	PostedOf(ctx context.Context, n request.Number) ([]outbox.Posted, error)
	// PostedAt gives the handles of one message of a conversation: those of all requests
	// that it warns of.
	PostedAt(ctx context.Context, conversation, activity string) ([]outbox.Posted, error)
	// WithIncident gives the requests that keep an incident and are not done with.
	WithIncident(ctx context.Context, id string) ([]request.Number, error)
	// Reader gives a person's own language ("en", "ru", "de") and IANA zone, each
	// empty where it is not known.
	Reader(ctx context.Context, personID string) (language, zone string, err error)
}

// Connector is what of Teams the renderer asks; *teams.Connector is the real one.
type Connector interface {
	Member(ctx context.Context, ref teams.Ref, userID string) (teams.Member, error)
	Members(ctx context.Context, ref teams.Ref, token string) ([]teams.Member, string, error)
}

// Meter counts what an operator asks about.
type Meter interface {
	// Breached is called for each breach that was written down.
	Breached(s request.Severity)
	// Fired is called for each milestone that was written down, with how late that was.
	Fired(kind string, late time.Duration)
}

// Message is the row of the outbox that a notice becomes.
func Message(n request.Notice) (outbox.Message, error) {
	payload, err := json.Marshal(n)
	if err != nil {
		return outbox.Message{}, fmt.Errorf("encode notice: %w", err)
	}
	m := outbox.Message{
		To: outbox.Target{
			Conversation: n.To.Conversation, Person: n.To.Person.ID, Account: n.To.Person.TeamsID, Tenant: n.To.Person.Tenant,
		},
		Rank: outbox.Ordinary, Kind: string(n.Reason), Ticket: int64(n.Ticket), Event: n.Event, Handle: n.Handle, Payload: payload,
		NotBefore: n.NotBefore, Created: n.Created,
	}
	if n.To.Owner != "" {
		m.To.Person = n.To.Owner
	}
	if n.Severity == request.SeverityA && n.Reason != request.RedrawCard {
		m.Rank = outbox.Urgent
	}
	m.Queue = m.To.Queue()
	return m, nil
}

// notice is what Message made a row of, as far as it waits still.
func notice(m outbox.Message) (request.Notice, error) {
	var n request.Notice
	if err := json.Unmarshal(m.Payload, &n); err != nil {
		return n, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	n.ID, n.NotBefore, n.Created, n.Attempts = m.ID, m.NotBefore, m.Created, m.Attempts
	return n, nil
}
