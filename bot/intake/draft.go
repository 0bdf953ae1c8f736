package intake

import (
	"errors"
	"time"

	"onbehalf/bot/request"
)

// Step is one card of the intake dialog.
type Step string

// The steps, in order; StepImpact ("Not sure? 3 questions"), StepContact and
// StepScope stand beside the way.
const (
	StepWho     Step = "who"
	StepImpact  Step = "impact"
	StepWhat    Step = "what"
	StepContact Step = "contact"
	StepReview  Step = "review"
	// StepScope says that the problem is not for this process, and where to go.
	StepScope Step = "scope"
)

// Draft is an unfinished form. It lives 24 hours in the database and nowhere
// else; Version rises with every change.
type Draft struct {
	// Form is the nonce that every card of this form carries.
	Form         string         `json:"form"`
	Version      int            `json:"version"`
	Person       request.Person `json:"person"`
	Conversation string         `json:"conversation"`
	Personal     bool           `json:"personal"`
	Step         Step           `json:"step"`
	// Unfolded says that the review has asked for one of the details, so they stay
	// open from then on.
	Unfolded bool    `json:"unfolded,omitempty"`
	Answers  Answers `json:"answers"`
	// Zone and UILanguage are the requester's.
	Zone       string    `json:"zone,omitempty"`
	UILanguage string    `json:"words"`
	Started    time.Time `json:"started"`
	Expires    time.Time `json:"expires"`
	// Source is the message that the form was begun from, or only the conversation where
	// that was one without the bot; nil for neither.
	Source *request.Source `json:"source,omitempty"`
	// Next is what waits for this form to be ended: the message that its person wanted to
	// file meanwhile.
	Next *Beginning `json:"next,omitempty"`
	// Home is where the request's card goes, where that is not the form's own
	// conversation. It is decided when the form is filed.
	Home *request.Place `json:"-"`
	// Opened is the ticket that this form became; such a form answers every press
	// with that ticket's card.
	Opened request.Number `json:"opened,omitempty"`
}

// Beginning is what a form begins with that is made from a message.
type Beginning struct {
	Answers Answers         `json:"answers"`
	Source  *request.Source `json:"source,omitempty"`
}

// home is where the request's card goes.
func (d Draft) home() request.Place {
	if d.Home != nil {
		return *d.Home
	}
	return request.Place{Conversation: d.Conversation, Personal: d.Personal}
}

// Answers holds what was typed into the form, by input id and as it was typed,
// even where it is wrong: nothing typed is lost.
type Answers struct {
	Customer        string `json:"customer,omitempty"`
	Platform        string `json:"platform,omitempty"`
	Kind            string `json:"kind,omitempty"`
	Severity        string `json:"severity,omitempty"`
	Language        string `json:"language,omitempty"`
	Title           string `json:"title,omitempty"`
	Description     string `json:"description,omitempty"`
	Impact          string `json:"impact,omitempty"`
	ContactName     string `json:"contactName,omitempty"`
	ContactEmail    string `json:"contactEmail,omitempty"`
	ContactPhone    string `json:"contactPhone,omitempty"`
	Topic           string `json:"topic,omitempty"`
	SubscriptionID  string `json:"subscriptionId,omitempty"`
	AccessConfirmed string `json:"accessConfirmed,omitempty"`
	SupportPlan     string `json:"supportPlan,omitempty"`
	PlanKind        string `json:"planKind,omitempty"`
	Tried           string `json:"tried,omitempty"`
	Criterion       string `json:"criterion,omitempty"`
	HealthChecked   string `json:"healthChecked,omitempty"`
	Incident        string `json:"incident,omitempty"`
	Production      string `json:"production,omitempty"`
	Loss            string `json:"loss,omitempty"`
	Workaround      string `json:"workaround,omitempty"`
	Reachable       string `json:"reachable,omitempty"`
	TakeIt          string `json:"takeIt,omitempty"`
	Reason          string `json:"reason,omitempty"`
	ReportedAt      string `json:"reportedAt,omitempty"`
	// Cut tells of each text that was longer than its limit how many characters
	// went; the text is kept up to the limit.
	Cut map[string]int `json:"cut,omitempty"`
}

// draftLife is how long an unfinished form lives.
const draftLife = 24 * time.Hour

// ErrNoDraft means that there is no unfinished form (any more).
var ErrNoDraft = errors.New("no unfinished form")
