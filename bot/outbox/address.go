package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"onbehalf/bot/teams"
)

// address says where a message goes. Without an ID it is a person to whom a
// conversation has still to be created.
func (s *Sender) address(ctx context.Context, m Message) (Conversation, error) {
	if m.Ref != nil {
		at := ConversationAt(*m.Ref, m.Created)
		at.Person = m.To.Person
		return at, nil
	}
	known, err := Conversation{}, ErrNoConversation
	if m.To.Person != "" {
		known, err = s.Store.PersonalOf(ctx, m.To.Person)
	}
	if errors.Is(err, ErrNoConversation) && m.To.Conversation != "" {
		known, err = s.Store.Conversation(ctx, m.To.Conversation)
	}
	switch {
	case errors.Is(err, ErrNoConversation):
		known = Conversation{ID: m.To.Conversation, Kind: kindOf(m.To), Person: m.To.Person, Tenant: m.To.Tenant}
	case err != nil:
		return Conversation{}, fmt.Errorf("find a conversation: %w", err)
	}
	return s.complete(ctx, known)
}

// complete fills in what a conversation needs that nothing was heard from: the desk's
// own tenant, and the newest service URL of that tenant, else the cloud's.
func (s *Sender) complete(ctx context.Context, c Conversation) (Conversation, error) {
	if c.Tenant == "" {
		c.Tenant = s.Tenant
	}
	if c.BotID == "" {
		c.BotID = s.BotID
	}
	if c.ServiceURL == "" {
		newest, err := s.Store.NewestServiceURL(ctx, c.Tenant)
		if err != nil {
			return c, fmt.Errorf("find service URL: %w", err)
		}
		c.ServiceURL = newest
	}
	if c.ServiceURL == "" {
		c.ServiceURL = s.ServiceURL
	}
	return c, nil
}

// kindOf tells what a conversation is by the shape of its id, for those from which
// nothing came yet.
func kindOf(to Target) string {
	switch {
	case strings.Contains(to.Conversation, "@thread.tacv2"):
		return teams.TeamsChannel
	case strings.HasPrefix(to.Conversation, "19:"):
		return teams.GroupChat
	}
	return teams.Personal
}

// openPersonalChat creates the conversation with somebody to whom messages wait; they are sent by
// the next attempt.
func (s *Sender) openPersonalChat(ctx context.Context, at Conversation, waiting []Message, ended *Ended) error {
	made, err := s.create(ctx, at, waiting[0].To)
	e := (*teams.Error)(nil)
	switch {
	case err == nil:
		ended.Places = append(ended.Places, made)
		return nil
	case !errors.As(err, &e):
		return err
	case e.Retryable() || e.NeedsOperator():
		return s.tryLater(ctx, at, Parcel{Sent: waiting[:1]}, e, ended)
	}
	s.Log.WarnContext(ctx, "person cannot be reached", "person", at.Person, "status", e.Status, "code", e.Code)
	return s.turnedAway(ctx, at, waiting, ended)
}

// create asks Teams for the personal conversation with somebody; asking again gives
// the same one.
func (s *Sender) create(ctx context.Context, at Conversation, who Target) (Conversation, error) {
	if err := s.Pace(ctx, at.Tenant); err != nil {
		return at, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	p := teams.ConversationParameters{TenantID: at.Tenant, BotID: at.BotID, UserID: who.Account}
	if p.UserID == "" {
		p.UserID = who.Person
	}
	made, err := s.Teams.Create(ctx, at.ServiceURL, p)
	if wrong := (*teams.Error)(nil); errors.As(err, &wrong) && wrong.WrongHost() {
		at.ServiceURL = teams.GCCServiceURL
		made, err = s.Teams.Create(ctx, at.ServiceURL, p)
	}
	at.ID, at.Kind, at.Person, at.Reach, at.Seen = made.ID, teams.Personal, who.Person, Reachable, s.now()
	return at, err
}
