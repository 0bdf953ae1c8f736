package request

import (
	"fmt"
	"time"
)

// Reason says why a notice was left. Whoever delivers it looks at the ticket as
// it is then.
type Reason string

// The reasons for a notice.
const (
	// RedrawCard brings every kept card of the ticket to the present state.
	RedrawCard Reason = "card"
	// DeskCard posts or redraws the ticket's card in the desk's conversation.
	DeskCard Reason = "desk"
	// ChangeLine adds a short line to the ticket's thread, or tells one person.
	ChangeLine Reason = "change"
	// Assigned tells the new assignee, with a real mention in the thread.
	Assigned Reason = "assigned"
	// Milestone is a warning, a breach, a repeat or a step of the ladder.
	MilestoneDue Reason = "milestone"
	// QuietAlarm replaces a posted warning by a quiet line, where what was done to the
	// ticket since answers it.
	QuietAlarm Reason = "quiet"
	// RightsDue tells once a day whose rights end soon or have ended. It is about no
	// ticket.
	RightsDue Reason = "rights"
	// SyncForbidden tells a lead that the bot may not read Microsoft Graph. It is about no
	// ticket.
	SyncForbidden Reason = "sync"
	// HealthForbidden is SyncForbidden for service health alone.
	HealthForbidden Reason = "health"
)

// Target says whom a notice is for. Exactly one of Conversation and Person is
// set.
type Target struct {
	Conversation string `json:"conversation,omitempty"`
	Person       Person `json:"person,omitzero"`
	// Owner is whose own chat the Conversation is, by Person.ID; empty where several
	// people read.
	Owner string `json:"owner,omitempty"`
}

// Notice is one thing that must arrive. It is the queue entry itself.
type Notice struct {
	ID     int64
	Ticket Number
	Reason Reason
	To     Target
	// Handle names the message that a redrawing changes, where that is one.
	Handle string `json:",omitempty"`
	// Revision is that of the ticket when the notice was left: whoever delivers it looks
	// at no older state.
	Revision int `json:",omitempty"`
	// Event is the first history entry that a ChangeLine tells of.
	Event int64
	// By is who caused it; that person is never told of their own change.
	By string
	// Milestone, Epoch, Due: what fell due and when, for MilestoneDue notices.
	Milestone string
	Epoch     int
	Due       time.Time
	// Tried are the targets that could not be reached before this one, by
	// conversation or person id; a fallback never goes back to them.
	Tried []string
	// Severity decides which queue is served first.
	Severity Severity
	// NotBefore holds it back, for merging changes of some seconds into one line.
	NotBefore time.Time
	Created   time.Time
	Attempts  int
}

// Handle names the message that shows a form, and the ticket that it becomes.
func Handle(form string) string { return "form:" + form }

// LeadHandle names the message that shows a ticket to a lead in their own chat, where it was
// filed in no conversation.
func LeadHandle(n Number, lead Person) string { return fmt.Sprintf("lead:%d/%s", n, lead.ID) }
