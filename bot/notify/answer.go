package notify

import (
	"encoding/json"
	"fmt"
	"slices"

	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
)

// answer is the message of an Answer, whose body is an activity as
// teams.Message.Encode wrote it.
func answer(n ticket.Notice) (teams.Message, error) {
	var a teams.Activity
	if err := json.Unmarshal(n.Body, &a); err != nil {
		return teams.Message{}, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	m := teams.Message{Text: a.Text, TextFormat: a.TextFormat, Summary: a.Summary, Locale: a.Locale}
	if len(a.Attachments) > 0 {
		m.Card = a.Attachments[0].Content
	}
	if !a.Recipient.IsZero() {
		m.Recipient = &a.Recipient
	}
	for _, e := range a.Entities {
		switch e.Type {
		case "mention":
			m.Mentions = append(m.Mentions, teams.Mention{ID: e.Mentioned.ID, Name: e.Mentioned.Name, Text: e.Text})
		case "targetedMessageInfo":
			m.Prompt = e.MessageID
		}
	}
	return m, nil
}

// packAnswer sends a kept answer as it is.
func (l *Lanes) packAnswer(p *parcel, n ticket.Notice) error {
	m, err := answer(n)
	if err != nil {
		return err
	}
	p.notices, p.message, p.update = []ticket.Notice{n}, m, n.Update
	p.updateIn = n.To.Conversation
	return nil
}

// expired takes the notices out that are of no use any more.
func (l *Lanes) expired(p *parcel, notices []ticket.Notice) []ticket.Notice {
	now := l.now()
	return slices.DeleteFunc(slices.Clone(notices), func(n ticket.Notice) bool {
		if n.Expires.IsZero() || now.Before(n.Expires) {
			return false
		}
		p.outcome.Done = append(p.outcome.Done, n.ID)
		return true
	})
}
