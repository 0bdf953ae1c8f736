package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// TokenSource gives the bot's own token. Tokens is the real one.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
	Drop(token string)
}

// Connector speaks to Teams: it creates conversations, sends, updates and
// deletes messages, and looks up members. It tries again only with a fresh
// token after 401; everything else is for its caller to decide, by the methods
// of Error. All ids are opaque.
type Connector struct {
	Tokens TokenSource // nil sends no token, for a bot without a registration
	Hosts  Hosts
	Client *http.Client     // nil is a client of our own
	Now    func() time.Time // nil is time.Now
	// Answered hears what came of each request, and how long it took: the operation, and
	// "ok", a status, "none" or "sign-in". Nil hears nothing.
	Answered func(op, answer string, took time.Duration)
}

// ConversationParameters asks for a conversation: a personal one with UserID,
// which gives the same id each time, or a new thread in a channel with
// ChannelID and its first message.
type ConversationParameters struct {
	TenantID  string
	BotID     string
	UserID    string          // 29: id or Entra object id
	ChannelID string          // a team's id is its General channel
	First     json.RawMessage // the thread's first message, as Message.Encode wrote it
}

// ConversationResource is a conversation that was created. ID is the thread to
// reply to; ActivityID, its first message, may be empty: Teams accepted it but
// did not say the id, so it can never be updated.
type ConversationResource struct {
	ID         string `json:"id"`
	ActivityID string `json:"activityId"`
	ServiceURL string `json:"serviceUrl"`
}

// Create creates a conversation. The personal one gets no message on the way:
// send it afterwards.
func (c *Connector) Create(ctx context.Context, serviceURL string, p ConversationParameters) (ConversationResource, error) {
	body, err := p.encode()
	if err != nil {
		return ConversationResource{}, fmt.Errorf("create conversation: %w", err)
	}
	var r ConversationResource
	if err := c.do(ctx, call{op: "create", method: http.MethodPost, service: serviceURL, path: []string{"conversations"}, body: body}, &r); err != nil {
		return ConversationResource{}, err
	}
	if r.ID == "" {
		return r, &Error{Op: "create", Status: http.StatusCreated, Message: "answer names no conversation", Ambiguous: true}
	}
	return r, nil
}

func (p ConversationParameters) encode() (json.RawMessage, error) {
	type id struct {
		ID string `json:"id"`
	}
	type channelData struct {
		Channel *id `json:"channel,omitempty"`
		Tenant  id  `json:"tenant"`
	}
	wire := struct {
		Bot         id              `json:"bot"`
		Members     []id            `json:"members,omitempty"`
		IsGroup     bool            `json:"isGroup"`
		TenantID    string          `json:"tenantId"`
		ChannelData channelData     `json:"channelData"`
		Activity    json.RawMessage `json:"activity,omitempty"`
	}{Bot: id{p.BotID}, TenantID: p.TenantID, ChannelData: channelData{Tenant: id{p.TenantID}}}
	switch {
	case (p.UserID == "") == (p.ChannelID == ""):
		return nil, errors.New("either a user or a channel")
	case p.UserID != "":
		wire.Members = []id{{p.UserID}}
	default:
		wire.IsGroup, wire.ChannelData.Channel, wire.Activity = true, &id{p.ChannelID}, p.First
	}
	return compact(wire)
}

// Send posts a message, as Message.Encode wrote it, and returns its id. The id is
// empty when Teams took the message but did not say: then it can never be updated,
// and must not be sent again. A targeted message, which only its recipient sees,
// for a day, is for group chats and channels.
func (c *Connector) Send(ctx context.Context, ref Ref, body json.RawMessage, targeted bool) (string, error) {
	if targeted && ref.Kind == Personal {
		return "", fmt.Errorf("send message: %w", errPersonalTargeted)
	}
	body, err := addressed(ref, "", body)
	if err != nil {
		return "", fmt.Errorf("send message: %w", err)
	}
	path := []string{"conversations", ref.ConversationID, "activities"}
	var sent struct {
		ID string `json:"id"`
	}
	err = c.do(ctx, call{op: "send", method: http.MethodPost, service: ref.ServiceURL, path: path, query: privately(targeted), body: body}, &sent)
	return sent.ID, err
}

var errPersonalTargeted = errors.New("a personal chat has no targeted messages")

// Update replaces one of the bot's own messages for everybody. The update of a
// targeted one names no recipient: nobody else ever sees it.
func (c *Connector) Update(ctx context.Context, ref Ref, activityID string, body json.RawMessage, targeted bool) error {
	body, err := addressed(ref, activityID, body)
	if err != nil {
		return fmt.Errorf("update message: %w", err)
	}
	path := []string{"conversations", ref.ConversationID, "activities", activityID}
	return c.do(ctx, call{op: "update", method: http.MethodPut, service: ref.ServiceURL, path: path, query: privately(targeted), body: body}, nil)
}

// ReactionDone is the bot's ✅, by Teams' name for it.
const ReactionDone = "2705_whiteheavycheckmark"

// React puts a reaction of the bot's on a message of the conversation, a person's too.
// The same again changes nothing. Teams takes two a second from a bot, over all
// conversations.
func (c *Connector) React(ctx context.Context, ref Ref, activityID, reaction string) error {
	path := []string{"conversations", ref.ConversationID, "activities", activityID, "reactions", reaction}
	return c.do(ctx, call{op: "react", method: http.MethodPut, service: ref.ServiceURL, path: path}, nil)
}

func privately(private bool) url.Values {
	if !private {
		return nil
	}
	return url.Values{"isTargetedActivity": {"true"}}
}

// Member looks somebody up by 29: id, Entra object id or UPN. Somebody who is
// not in the conversation gives an Error with status 404.
func (c *Connector) Member(ctx context.Context, ref Ref, userID string) (Member, error) {
	var m Member
	path := []string{"conversations", ref.ConversationID, "members", userID}
	err := c.do(ctx, call{op: "member", method: http.MethodGet, service: ref.ServiceURL, path: path}, &m)
	return m, err
}

// Members returns one page of a conversation's members, and the token of the
// next page, empty on the last one.
func (c *Connector) Members(ctx context.Context, ref Ref, token string) (members []Member, next string, err error) {
	query := url.Values{"pageSize": {"200"}}
	if token != "" {
		query.Set("continuationToken", token)
	}
	var page struct {
		Members           []Member `json:"members"`
		ContinuationToken string   `json:"continuationToken"`
	}
	path := []string{"conversations", ref.ConversationID, "pagedmembers"}
	err = c.do(ctx, call{op: "members", method: http.MethodGet, service: ref.ServiceURL, path: path, query: query}, &page)
	return page.Members, page.ContinuationToken, err
}

// call is one request to the connector.
type call struct {
	op      string
	method  string
	service string
	path    []string // each one segment
	query   url.Values
	body    json.RawMessage
}

// address puts the ids into the path, each encoded as one segment.
func (r call) address() (string, error) {
	var b strings.Builder
	b.WriteString(strings.TrimRight(r.service, "/") + "/v3")
	for _, segment := range r.path {
		if segment == "" || segment == "." || segment == ".." || strings.ContainsFunc(segment, unicode.IsControl) {
			return "", errors.New("id cannot stand in an address: " + strconv.Quote(segment))
		}
		b.WriteString("/" + url.PathEscape(segment))
	}
	if len(r.query) > 0 {
		b.WriteString("?" + r.query.Encode())
	}
	return b.String(), nil
}

func (c *Connector) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}
