package teams

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"
)

// MaxMessage is the most JSON, in bytes, that one activity may have.
const MaxMessage = 28 << 10

// ErrTooBig reports a message above MaxMessage; send the short form.
var ErrTooBig = errors.New("message is larger than 28 KiB")

// ErrMixed reports a message that Teams would split, and answer without an id:
// it must have either text, or one card, or one file.
var ErrMixed = errors.New("a message is either text or one card or file")

// The formats of a message's text.
const (
	Markdown = string(schema.MARKDOWN)
	Plain    = string(schema.PLAIN)
)

// Ref is the address of a conversation: where to send, and as whom.
type Ref struct {
	ServiceURL     string
	ConversationID string
	Kind           string // Personal, GroupChat or TeamsChannel
	TenantID       string
	BotID          string
	BotName        string
}

func refOf(r schema.ConversationReference) Ref {
	return Ref{
		ServiceURL: r.ServiceURL, ConversationID: r.Conversation.ID, Kind: r.Conversation.ConversationType,
		TenantID: r.Conversation.TenantID, BotID: r.Bot.ID, BotName: r.Bot.Name,
	}
}

// Message is something the bot says: text, or exactly one card, or one file.
type Message struct {
	Text       string
	TextFormat string // Plain for anything that strangers typed; empty is Teams' default, Markdown
	Card       any
	Offer      *FileOffer  // asks for the consent to a file, in a personal chat
	Stored     *StoredFile // shows a file that was stored
	Summary    string      // the toast of a card
	Mentions   []Mention   // in Text; a card carries its own
	Locale     string
	Recipient  *Account // makes it targeted: only this person sees it
	Prompt     string   // of a targeted message: id of the message that it answers
}

// Mention is somebody whom a text notifies. Text must occur in the message
// exactly.
type Mention struct {
	ID   string // 29: id, Entra object id or UPN
	Name string
	Text string
}

// NewMention returns the mention of a person and the text that stands for it.
func NewMention(id, name string) Mention {
	return Mention{ID: id, Name: name, Text: "<at>" + markup.Replace(name) + "</at>"}
}

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// outgoing is an activity on its way to the connector, without its address.
// Every field that is not said is absent: dates of year 1 and empty objects are
// refused by some services.
type outgoing struct {
	Type        string         `json:"type"`
	Recipient   *schemaAccount `json:"recipient,omitempty"`
	Locale      string         `json:"locale,omitempty"`
	Text        string         `json:"text,omitempty"`
	TextFormat  string         `json:"textFormat,omitempty"`
	Summary     string         `json:"summary,omitempty"`
	Attachments []outgoingCard `json:"attachments,omitempty"`
	Entities    []Entity       `json:"entities,omitempty"`
}

type schemaAccount = schema.ChannelAccount

type outgoingCard struct {
	ContentType string `json:"contentType"`
	ContentURL  string `json:"contentUrl,omitempty"`
	Name        string `json:"name,omitempty"`
	Content     any    `json:"content"`
}

// AddressLimit is more, in bytes, than the address takes that is added to a body on
// its way.
const AddressLimit = 1 << 10

// Encode returns the message as an activity without its address, which is what
// the connector's methods take. It refuses what Teams would split, ignore or find
// too big (ErrMixed, ErrTooBig).
func (m Message) Encode() (json.RawMessage, error) {
	a, err := m.activity()
	if err != nil {
		return nil, err
	}
	body, err := compact(a)
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	if len(body) > MaxMessage-AddressLimit {
		return nil, ErrTooBig
	}
	return body, nil
}

func (m Message) activity() (outgoing, error) {
	a := outgoing{Type: TypeMessage, Locale: m.Locale, Summary: m.Summary}
	if m.Card != nil {
		a.Attachments = append(a.Attachments, outgoingCard{ContentType: CardType, Content: m.Card})
	}
	if m.Offer != nil {
		a.Attachments = append(a.Attachments, m.Offer.attachment())
	}
	if m.Stored != nil {
		a.Attachments = append(a.Attachments, m.Stored.attachment())
	}
	switch {
	case len(a.Attachments) > 1, (m.Text == "") == (len(a.Attachments) == 0), m.Text == "" && len(m.Mentions) > 0:
		return a, ErrMixed
	case m.Text != "":
		a.Text, a.TextFormat = m.Text, m.TextFormat
	}
	for _, who := range m.Mentions {
		if who.Text == "" || !strings.Contains(m.Text, who.Text) {
			return a, fmt.Errorf("mention %q does not occur in the text", who.Text)
		}
		a.Entities = append(a.Entities, Entity{Type: "mention", Text: who.Text, Mentioned: NewAccount(who.ID, who.Name)})
	}
	if m.Recipient != nil {
		a.Recipient = &schemaAccount{ID: m.Recipient.ID, Name: m.Recipient.Name}
		if m.Prompt != "" {
			a.Entities = append(a.Entities, Entity{Type: "targetedMessageInfo", MessageID: m.Prompt})
		}
	}
	return a, nil
}

// address is what a body gets on its way: who sends, where to, and for an update
// which message.
type address struct {
	ID           string         `json:"id,omitempty"`
	From         *schemaAccount `json:"from,omitempty"`
	Conversation *place         `json:"conversation,omitempty"`
}

type place struct {
	ID string `json:"id"`
}

// addressed puts an address in front of an encoded activity.
func addressed(ref Ref, id string, body json.RawMessage) (json.RawMessage, error) {
	var to address
	to.ID = id
	if ref.BotID != "" {
		to.From = &schemaAccount{ID: ref.BotID, Name: ref.BotName}
	}
	if ref.ConversationID != "" {
		to.Conversation = &place{ref.ConversationID}
	}
	head, err := compact(to)
	if err != nil {
		return nil, fmt.Errorf("encode address: %w", err)
	}
	if len(body) < 2 || body[0] != '{' {
		return nil, errors.New("body is no encoded activity")
	}
	if len(head) == len("{}") {
		return body, nil
	}
	whole := make([]byte, 0, len(head)+len(body))
	whole = append(append(whole, head[:len(head)-1]...), ',')
	return append(whole, body[1:]...), nil
}
