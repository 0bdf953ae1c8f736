package outbox

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"onbehalf/bot/teams"
)

// Feature is something that Teams has in some tenants and clouds, and in others not.
type Feature string

// The features that are done without: messages in a group or channel that one person
// alone sees, and reactions of the bot's own.
const (
	TargetedMessages Feature = "targeted"
	Reactions        Feature = "reactions"
)

// Lack says that a conversation, with all its threads, has no such feature. Until is
// when it is asked again.
type Lack struct {
	Conversation string
	Feature      Feature
	Until        time.Time
}

// lackFor is how long a refusal is remembered: administrators change their minds, but
// not with every message.
const lackFor = 24 * time.Hour

// lacksTargeted says that this message need not be tried, because the conversation
// refused targeted messages within a day.
func (s *Sender) lacksTargeted(ctx context.Context, at Conversation, p Parcel) (bool, error) {
	if !p.Targeted || p.Otherwise == nil {
		return false, nil
	}
	lacks, err := s.Store.Lacks(ctx, Channel(at.ID), TargetedMessages, s.now())
	if err != nil {
		return false, fmt.Errorf("what the conversation lacks: %w", err)
	}
	return lacks, nil
}

// lack remembers a refusal that is about targeted messages as such, and not about this
// one, its prompt, or the conversation.
func (s *Sender) lack(at Conversation, e *teams.Error, ended *Ended) {
	switch {
	case e.Status != http.StatusBadRequest && e.Status != http.StatusForbidden && e.Status != http.StatusMethodNotAllowed,
		e.Code == "INVALID_TARGETED_MESSAGE_ID", e.NotInstalled(), e.Blocked():
		return
	}
	ended.Lacking = append(ended.Lacking, Lack{Channel(at.ID), TargetedMessages, s.now().Add(lackFor)})
}
