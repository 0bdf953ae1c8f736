package request

import (
	"fmt"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/sla"
)

// Number is a ticket's number, counted from 1.
type Number int64

// String gives the number as people read it: "SR-7".
func (n Number) String() string { return fmt.Sprintf("SR-%d", int64(n)) }

// Status is where a ticket stands.
type Status string

// The statuses of a ticket's life.
const (
	Open       Status = "open"        // kept here, not yet with Microsoft
	Filed      Status = "filed"       // Microsoft's number is known
	InProgress Status = "in_progress" // Microsoft answered
	Waiting    Status = "waiting"     // for the customer or for data
	Resolved   Status = "resolved"
	Closed     Status = "closed"
	Cancelled  Status = "cancelled"
)

// Kind is what sort of request it is (R4, R5, R33).
type Kind string

// The kinds of request.
const (
	Technical   Kind = "technical"
	Billing     Kind = "billing"
	Subscribing Kind = "subscription"
	Fraud       Kind = "fraud"
)

// Ticket is one request on behalf of a customer. Its Revision rises with every
// change; a change that was decided on an older revision is refused.
type Ticket struct {
	Number   Number `json:"number"`
	Revision int    `json:"revision"`
	Status   Status `json:"status"`
	// Form is the nonce of the form it was opened from; one form opens one ticket.
	Form string `json:"form"`
	// Customer is the customer's present record while the ticket is open, and what it
	// was in the end afterwards. FiledFor is what it was when the ticket was filed, where
	// that differs.
	Customer customer.Customer `json:"customer"`
	FiledFor FiledFor          `json:"filedFor,omitzero"`

	Platform customer.Platform `json:"platform"`
	Kind     Kind              `json:"kind"`
	Severity Severity          `json:"severity"`
	// Language is the language of support as a BCP 47 tag (R37).
	Language string `json:"language"`

	Title       string  `json:"title"`
	Description string  `json:"description"`
	Impact      string  `json:"impact,omitempty"`
	Topic       string  `json:"topic,omitempty"`
	Contact     Contact `json:"contact"`
	Details     Details `json:"details"`

	Requester Person    `json:"requester"`
	Assignee  Person    `json:"assignee,omitzero"`
	Watchers  []Watcher `json:"watchers,omitempty"`
	// UILanguage and Zone are the requester's language ("en", "ru", "de") and IANA zone,
	// which messages that several people see are written in.
	UILanguage string `json:"words"`
	Zone       string `json:"zone"`

	// Home is where the ticket came from; in a channel the thread.
	Home Place `json:"home"`
	// Unreachable holds the ids of people whom the bot could not write to.
	Unreachable []string `json:"unreachable,omitempty"`

	// LastWords is the newest entry of the history that holds words, cut.
	LastWords Event `json:"lastWords,omitzero"`

	OpenedAt time.Time `json:"openedAt"`
	// StartedAt is when the clock of the first response started: OpenedAt, or when
	// the customer told the desk if that was earlier.
	StartedAt time.Time `json:"startedAt"`
	FiledAt   time.Time `json:"filedAt,omitzero"`
	// RespondedAt is Microsoft's first response to the request, which is what "first
	// response" means everywhere.
	RespondedAt time.Time `json:"respondedAt,omitzero"`
	// MicrosoftRespondedAt is the same instant. Only tickets of releases that also took
	// the desk's own answer for the first response may have another one, or none yet.
	MicrosoftRespondedAt time.Time `json:"microsoftRespondedAt,omitzero"`
	WaitingSince         time.Time `json:"waitingSince,omitzero"`
	// Wait is what a waiting ticket waits for; zero in any other status.
	Wait       Wait      `json:"wait,omitzero"`
	ResolvedAt time.Time `json:"resolvedAt,omitzero"`
	ClosedAt   time.Time `json:"closedAt,omitzero"`
	UpdatedAt  time.Time `json:"updatedAt"`
	// MicrosoftCase is Microsoft's number, digits only.
	MicrosoftCase string `json:"microsoftCase,omitempty"`
	// PortalOpenedAt is when somebody asked for the sheet or the portal's link.
	PortalOpenedAt time.Time `json:"portalOpenedAt,omitzero"`

	// The clocks. A clock without a target has no due time.
	Response  sla.Run `json:"response"`
	Handoff   sla.Run `json:"handoff"`
	Microsoft sla.Run `json:"microsoft"`
	// IncidentReminder is the clock of the reminders to look again, of a ticket that keeps an
	// announced incident; resolving ends it for good (E12).
	IncidentReminder sla.Run `json:"looks,omitzero"`
	// IncidentOverAt is when the ticket heard that its incident is over, zero while it is
	// not. It asks then, and its reminders end.
	IncidentOverAt time.Time `json:"incidentOverAt,omitzero"`
	// PolicyID names the policy the ticket was opened under; it keeps it.
	PolicyID string `json:"policyId"`
	// Epoch rises when a change restarts the clocks; a milestone is written once
	// for each epoch.
	Epoch int `json:"epoch"`
	// Fired holds the names of this epoch's milestones that are done with.
	Fired []string `json:"fired,omitempty"`
	// WarningAckedAt and BreachAckedAt are when somebody said "I have seen it".
	WarningAckedAt time.Time `json:"warningAckedAt,omitzero"`
	BreachAckedAt  time.Time `json:"breachAckedAt,omitzero"`
	AckedBy        Person    `json:"ackedBy,omitzero"`
	// NextDueAt is the instant of the next milestone; zero when none is left.
	NextDueAt time.Time `json:"nextDueAt,omitzero"`
}

// Place is a conversation that people speak in.
type Place struct {
	Conversation string `json:"conversation"`
	// Personal says that only one person reads along.
	Personal bool `json:"personal,omitempty"`
}

// Details are the answers that decide nothing later but belong to the ticket.
type Details struct {
	SubscriptionID  string `json:"subscriptionId,omitempty"`
	AccessConfirmed bool   `json:"accessConfirmed,omitempty"` // R10
	SupportPlan     string `json:"supportPlan,omitempty"`     // R43, masked wherever it is shown
	PlanKind        string `json:"planKind,omitempty"`        // R44
	PlanConfirmed   bool   `json:"planConfirmed,omitempty"`   // R14
	Tried           string `json:"tried,omitempty"`           // R2
	Criterion       string `json:"criterion,omitempty"`       // R3, E4 to E8
	HealthChecked   string `json:"healthChecked,omitempty"`   // E2
	Incident        string `json:"incident,omitempty"`        // E2, E12
	Production      string `json:"production,omitempty"`      // the three questions about impact (R32)
	Loss            string `json:"loss,omitempty"`
	Workaround      string `json:"workaround,omitempty"`
	Reachable       bool   `json:"reachable,omitempty"`
	Reason          string `json:"reason,omitempty"`
	// Warnings are the codes of the warnings that the engineer pressed through.
	Warnings []string `json:"warnings,omitempty"`
	// Source is the message that the request was made from; zero for none.
	Source Source `json:"source,omitzero"`
}

// Source is a message of Teams that a request was made from.
type Source struct {
	// Message is its id, and Conversation where an answer to it stands below it.
	Message      string `json:"message,omitempty"`
	Conversation string `json:"conversation,omitempty"`
	// Link opens it in Teams; empty where Teams named no way back.
	Link string `json:"link,omitempty"`
}

// Late says whether the first response is overdue and still owed at now.
func (t Ticket) Late(now time.Time) bool {
	return !t.Response.None() && t.RespondedAt.IsZero() && !t.Over() && !now.Before(t.Response.Due)
}

// Unanswered says whether the ticket was resolved without a first response.
func (t Ticket) Unanswered() bool {
	return t.RespondedAt.IsZero() && (t.Status == Resolved || t.Status == Closed)
}

// Over says whether nothing is owed any more: resolved, closed or cancelled.
func (t Ticket) Over() bool {
	return t.Status == Resolved || t.Status == Closed || t.Status == Cancelled
}

// repeats says whether somebody said the same in another entry.
func (e Event) repeats(other Event) bool {
	return e.What == other.What && e.By.Is(other.By) && e.Text == other.Text
}

// Event is one entry of a ticket's history. Entries are never changed.
type Event struct {
	ID     int64     `json:"id"`
	Ticket Number    `json:"ticket"`
	At     time.Time `json:"at"`
	By     Person    `json:"by"`
	// What is the verb: opened, assigned, released, acked, filed, responded, commented,
	// waiting, resumed, resolved, closed, reopened, cancelled, severity, watched,
	// unwatched, warned, breached, escalated, reminded, unreachable, incident, incident_over.
	What string `json:"what"`
	// From and To are what changed: statuses, severities, names. Of an incident they are
	// its id and Microsoft's status of it.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Text is what the person wrote.
	Text string `json:"text,omitempty"`
	// Origin is the activity it came from, empty for the clock's own entries.
	Origin   string `json:"origin,omitempty"`
	Revision int    `json:"revision"`
}
