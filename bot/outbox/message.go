package outbox

import (
	"encoding/json"
	"strings"
	"time"

	"onbehalf/bot/teams"
)

// Rank says which messages of a queue go first, and which queues.
type Rank int

// The ranks, first things first.
const (
	// Answer is the answer to somebody who has just spoken.
	Answer Rank = iota
	// Urgent is about a request of severity A.
	Urgent
	// Ordinary is everything else.
	Ordinary
)

// Message is one thing to be sent, a row of the outbox. It has either a Body, the
// message itself, or a Payload, from which the [Renderer] writes the message when
// it is sent, as things are by then.
type Message struct {
	ID    int64
	Queue string
	To    Target
	Rank  Rank
	// Kind names what it is, for the renderer and the metrics; AnswerKind for bodies.
	Kind string
	// Ticket is the request that it is about, 0 for none, and Event the entry of its
	// history that it tells of from.
	Ticket int64
	Event  int64
	// Handle names a message of the bot that changes over time. What has the same
	// handle replaces the one before, which is posted the first time. Revision is the
	// state that a Body shows.
	Handle   string
	Revision int
	// Update is the activity to replace, where that is known and has no handle.
	Update string
	Body   json.RawMessage
	// Targeted says that only one person sees the Body; Otherwise says what happens
	// where Teams has no targeted messages.
	Targeted  bool
	Otherwise *Otherwise
	Payload   json.RawMessage
	// NotBefore holds the message back; Expires is when it is of no use any more.
	// Zero is not at all, and never.
	NotBefore time.Time
	Expires   time.Time
	Created   time.Time
	Attempts  int

	// Ref is the address, where the process that left the message knows it, and Over
	// what was posted under the Handle when it was left.
	Ref  *teams.Ref
	Over *Posted
}

// AnswerKind is the kind of messages that have a body.
const AnswerKind = "answer"

// QuietKind is the kind of updates with a body that are dropped where the message to
// replace is gone, or was never sent: nobody misses them.
const QuietKind = "quieted"

// Target is where a message goes: a conversation, or the personal chat of a person.
// A personal chat that is known has both.
type Target struct {
	// Conversation is an address of Teams; in a channel it may name a thread.
	Conversation string `json:"conversation,omitempty"`
	// Person is the Entra object id, Account the id that Teams takes for creating a
	// conversation, Tenant the person's own.
	Person  string `json:"person,omitempty"`
	Account string `json:"account,omitempty"`
	Tenant  string `json:"tenant,omitempty"`
}

// Otherwise is where a targeted message goes that Teams does not take: to the
// personal chat of its recipient. The two sentences are for the conversation: that
// the answer went there, and that there is no personal chat to write to.
type Otherwise struct {
	To       Target          `json:"to"`
	Told     json.RawMessage `json:"told,omitempty"` // empty says nothing
	NoWayOut json.RawMessage `json:"noWayOut"`
}

const personQueue = "person:"

// Queue names the queue of a target. A personal chat is named by its person, so
// that the queue is there before the chat is, and stays when Teams gives another.
func (t Target) Queue() string {
	if t.Person != "" {
		return personQueue + t.Person
	}
	return Channel(t.Conversation)
}

// Channel cuts the thread off the id of a conversation.
func Channel(conversation string) string {
	channel, _, _ := strings.Cut(conversation, ";")
	return channel
}

// Conversation is a place that the bot can write to.
type Conversation struct {
	// ID is the address to send to; in a channel it names the thread.
	ID string
	// Tenant is in lower case.
	Tenant string
	// Kind is teams.Personal, teams.GroupChat or teams.TeamsChannel.
	Kind       string
	ServiceURL string
	// BotID and BotName are the bot's own account there.
	BotID, BotName string
	// Channel is the team's channel without a thread, empty elsewhere.
	Channel string
	// Team is the team that the channel belongs to, where the activity says so; it is
	// not read back.
	Team string
	// Person is the other one in a personal chat, by Entra object id.
	Person string
	// Seen is when the last activity came from there.
	Seen  time.Time
	Reach Reach
}

// Ref is the conversation as an address.
func (c Conversation) Ref() teams.Ref {
	return teams.Ref{
		ServiceURL: c.ServiceURL, ConversationID: c.ID, Kind: c.Kind, TenantID: c.Tenant, BotID: c.BotID, BotName: c.BotName,
	}
}

// Personal says whether one person alone reads there.
func (c Conversation) Personal() bool { return c.Kind == teams.Personal || c.Person != "" }

// ConversationAt is the conversation behind an address.
func ConversationAt(ref teams.Ref, seen time.Time) Conversation {
	return Conversation{
		ID: ref.ConversationID, Tenant: ref.TenantID, Kind: ref.Kind, ServiceURL: ref.ServiceURL,
		BotID: ref.BotID, BotName: ref.BotName, Seen: seen,
	}
}

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

// Posted is a message of the bot as Teams has it, under its handle.
type Posted struct {
	Handle string
	// Conversation and Activity are what an update takes. An empty Activity is a
	// message whose id Teams did not say: it is there, and can never be changed.
	Conversation string
	Activity     string
	// Revision is the state that it shows, by the count of whoever draws it.
	Revision int
	// Ticket is the request that PostedOf finds the message by; 0 for none.
	Ticket int64
}

// withoutRecipient makes a targeted body one for a chat in which nobody else reads.
func withoutRecipient(body json.RawMessage) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return body
	}
	delete(fields, "recipient")
	delete(fields, "entities")
	plain, err := json.Marshal(fields)
	if err != nil {
		return body
	}
	return plain
}
