package teams

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The invokes of dialogs: those that a card's button opens, and those that a message, the
// compose box or the command box opens through the message extension.
const (
	InvokeDialogFetch     = "task/fetch"
	InvokeDialogSubmit    = "task/submit"
	InvokeExtensionFetch  = "composeExtension/fetchTask"
	InvokeExtensionSubmit = "composeExtension/submitAction"
)

// IsDialog reports an invoke that opens a dialog, or that a button in one sends.
func (a *Activity) IsDialog() bool {
	return a.Type == TypeInvoke && (a.Name == InvokeDialogFetch || a.Name == InvokeDialogSubmit || a.isExtensionAction())
}

// Extends reports an invoke of the message extension, which people use wherever they write,
// also where the bot is not.
func (a *Activity) Extends() bool {
	return a.Type == TypeInvoke && strings.HasPrefix(a.Name, "composeExtension/")
}

func (a *Activity) isExtensionAction() bool {
	return a.Name == InvokeExtensionFetch || a.Name == InvokeExtensionSubmit
}

// ExtensionAction is what a press of a dialog says beside the button, when an action of
// the message extension has opened the dialog.
type ExtensionAction struct {
	// CommandID is the action's, as the app package names it.
	CommandID string
	// Fetch says that the dialog is wanted: its answer is the first card. So does a
	// submit without a button, which comes after the bot was added.
	Fetch bool
	// Message is the message that it was started from, nil elsewhere.
	Message *SourceMessage
}

// SourceMessage is a message that somebody did something with. All of it comes from the
// client of the one who acts, who is not its author.
type SourceMessage struct {
	ID      string
	ReplyTo string // the post that it answers, in a channel; empty for a post
	Link    string // as it came: see MessageLink
	Subject string
	// Content is HTML or plain text.
	Content string
	HTML    bool
	// Author is a person's or an app's name, empty where nobody is named.
	Author  string
	Sent    time.Time
	Deleted bool
	// Attached are the files, cards and messages in it.
	Attached []AttachedPart
}

// AttachedPart is something in a message that is not its text.
type AttachedPart struct {
	ID   string
	Kind string // its content type, in lower case
	Name string
	// Preview is the text of a message that was quoted or forwarded, and Author who wrote
	// it.
	Preview, Author string
}

// dialogPress reads a press in a dialog, or the wish to open one. Of the message that the
// dialog's button stood in nothing is taken: whoever answers it must not change it.
func (a *Activity) dialogPress(f fields) (CardAction, error) {
	press := CardAction{Execute: true, Dialog: true}
	if raw := f["data"]; !isNull(raw) {
		data, err := values(raw)
		if err != nil {
			return press, err
		}
		press.Data = data
	}
	if !a.isExtensionAction() {
		return press, nil
	}
	if f.text("botMessagePreviewAction") != "" {
		return press, fmt.Errorf("%w: preview", ErrForged) // this bot has none
	}
	action := &ExtensionAction{CommandID: f.text("commandId"), Fetch: a.Name == InvokeExtensionFetch || press.Data.String("verb") == ""}
	if raw := f["messagePayload"]; !isNull(raw) {
		payload, err := takeApart(raw)
		if err != nil {
			return press, fmt.Errorf("%w: message: %w", ErrForged, err)
		}
		action.Message = sourceMessage(payload)
	}
	press.Extension = action
	return press, nil
}

// part takes an object out of an object; what is none is empty.
func (f fields) part(key string) fields {
	inner, err := takeApart(f[key])
	if err != nil {
		return fields{}
	}
	return inner
}

func sourceMessage(f fields) *SourceMessage {
	body, from := f.part("body"), f.part("from")
	m := &SourceMessage{
		ID: f.text("id"), ReplyTo: f.text("replyToId"), Link: f.text("linkToMessage"), Subject: f.text("subject"),
		Content: body.text("content"), HTML: !strings.EqualFold(body.text("contentType"), "text"),
		Sent: f.instant("createdDateTime"), Deleted: f.flag("deleted"),
	}
	for _, kind := range []string{"user", "application", "device"} {
		if name := from.part(kind).text("displayName"); m.Author == "" {
			m.Author = name
		}
	}
	for _, raw := range list[json.RawMessage](f, "attachments") {
		if at, err := takeApart(raw); err == nil {
			m.Attached = append(m.Attached, attachedPart(at))
		}
	}
	return m
}

func attachedPart(f fields) AttachedPart {
	p := AttachedPart{ID: f.text("id"), Kind: strings.ToLower(f.text("contentType")), Name: f.text("name")}
	if p.IsMessage() { // its content is JSON in a string
		if inner, err := takeApart([]byte(f.text("content"))); err == nil {
			p.Preview = inner.text("messagePreview")
			p.Author = inner.part("messageSender").part("user").text("displayName")
		}
	}
	return p
}

// IsMessage reports a message that was quoted, linked or forwarded.
func (p AttachedPart) IsMessage() bool {
	return p.Kind == "messagereference" || p.Kind == "forwardedmessagereference"
}

// Thread is the conversation in which an answer to the message stands below it: in a
// channel the thread, elsewhere the conversation itself.
func (m *SourceMessage) Thread(conversation string) string {
	if !strings.Contains(conversation, "@thread.tacv2") || strings.Contains(conversation, ";messageid=") {
		return conversation
	}
	root := m.ReplyTo
	if root == "" {
		root = m.ID
	}
	if root == "" || strings.Trim(root, "0123456789") != "" {
		return conversation
	}
	return conversation + ";messageid=" + root
}

// DialogCard shows a card in a dialog: the first, the next, or the same with what is
// wrong. The card must have no Action.Execute, which dialogs do not send. A longer title
// than 64 characters is cut.
func DialogCard(title string, card any) InvokeResponse {
	return InvokeResponse{http.StatusOK, taskAnswer{task{Type: "continue", Value: taskValue{
		Title: cut(title, maxDialogTitle), Height: "large", Width: "medium", Card: taskCard{CardType, card},
	}}}}
}

// DialogMessage ends a dialog with a line of plain text, which the person closes.
func DialogMessage(text string) InvokeResponse {
	return InvokeResponse{http.StatusOK, taskAnswer{task{Type: "message", Value: text}}}
}

// DialogClosed closes a dialog.
func DialogClosed() InvokeResponse { return InvokeResponse{Status: http.StatusOK} }

// maxDialogTitle is what the app package allows for the title of a dialog.
const maxDialogTitle = 64

type taskAnswer struct {
	Task task `json:"task"`
}

type task struct {
	Type  string `json:"type"`
	Value any    `json:"value"`
}

type taskValue struct {
	Title  string   `json:"title"`
	Height string   `json:"height"`
	Width  string   `json:"width"`
	Card   taskCard `json:"card"`
}

type taskCard struct {
	ContentType string `json:"contentType"`
	Content     any    `json:"content"`
}

// messageHosts are where Teams' links to messages lead, in each of its clouds.
var messageHosts = []string{
	"teams.microsoft.com", "teams.cloud.microsoft", "gov.teams.microsoft.us", "dod.teams.microsoft.us", "teams.microsoftonline.cn",
}

// longestLink is how many bytes the address of a message may have.
const longestLink = 2000

// MessageLink is the way back to the message, as a page of Teams. It is empty where the
// message names none, something else than a message of Teams, or one of another tenant
// than the activity's.
func (a *Activity) MessageLink(m SourceMessage) string {
	u, err := url.Parse(m.Link)
	if err != nil || len(m.Link) > longestLink || u.Scheme != "https" || u.User != nil ||
		!slices.Contains(messageHosts, u.Host) || !strings.HasPrefix(u.Path, "/l/message/") {
		return ""
	}
	if tenant := strings.ToLower(u.Query().Get("tenantId")); tenant != "" && !slices.Contains(a.TenantIDs(), tenant) {
		return ""
	}
	return u.String()
}
