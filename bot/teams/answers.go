package teams

import (
	"encoding/json"
	"net/http"
)

// InvokeResponse is the answer to an invoke: the HTTP status and the HTTP
// body, nothing around it. A nil Body is an empty one.
type InvokeResponse struct {
	Status int
	Body   any
}

// The content types of cards and of the answers to a press.
const (
	CardType      = "application/vnd.microsoft.card.adaptive"
	thumbnailType = "application/vnd.microsoft.card.thumbnail"
	messageType   = "application/vnd.microsoft.activity.message"
	errorType     = "application/vnd.microsoft.error"
	searchType    = "application/vnd.microsoft.search.searchResponse"
)

// Encode returns the body as JSON, empty for a nil Body.
func (r InvokeResponse) Encode() ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	return compact(r.Body)
}

type actionAnswer struct {
	StatusCode int    `json:"statusCode"`
	Type       string `json:"type"`
	Value      any    `json:"value"`
}

// CardAnswer replaces the card in the view of the one who pressed. Others see
// the change only when the message is updated.
func CardAnswer(card any) InvokeResponse {
	return InvokeResponse{http.StatusOK, actionAnswer{http.StatusOK, CardType, card}}
}

// MessageAnswer shows a short line to the one who pressed, and leaves the card
// as it is.
func MessageAnswer(text string) InvokeResponse {
	return InvokeResponse{http.StatusOK, actionAnswer{http.StatusOK, messageType, text}}
}

// ErrorAnswer tells the one who pressed that it failed. The message is shown
// to them. HTTP is 200 all the same: the status, 400 or 500, stands inside.
func ErrorAnswer(status int, code, message string) InvokeResponse {
	return InvokeResponse{http.StatusOK, actionAnswer{status, errorType, struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}{code, message}}}
}

// Choice is one result of a typeahead.
type Choice struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

// MaxChoices is how many results a client shows.
const MaxChoices = 15

// SearchAnswer gives the choices that match, at most MaxChoices of them.
func SearchAnswer(results []Choice) InvokeResponse {
	if results == nil {
		results = []Choice{} // clients want a list, not null
	}
	return InvokeResponse{http.StatusOK, actionAnswer{http.StatusOK, searchType, struct {
		Results []Choice `json:"results"`
	}{results[:min(len(results), MaxChoices)]}}}
}

// ExtensionResult is one hit of a search from the compose box: the card that
// gets into the message, and the two lines that stand for it in the list.
type ExtensionResult struct {
	Card  any
	Title string
	Text  string
}

type cardAttachment struct {
	ContentType string `json:"contentType"`
	Content     any    `json:"content"`
	Preview     any    `json:"preview,omitempty"`
}

type extensionAnswer struct {
	ComposeExtension extensionBody `json:"composeExtension"`
}

type extensionBody struct {
	Type             string           `json:"type"`
	AttachmentLayout string           `json:"attachmentLayout,omitempty"`
	Attachments      []cardAttachment `json:"attachments,omitempty"`
	Text             string           `json:"text,omitempty"`
	Suggested        *cachePolicy     `json:"suggestedActions,omitempty"`
}

// cachePolicy keeps Teams from showing an answer again without asking.
type cachePolicy struct {
	Actions []cacheAction `json:"actions"`
}

type cacheAction struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// ExtensionAnswer gives the hits of a search from the compose box; with no
// hits, give an ExtensionMessage instead.
func ExtensionAnswer(results []ExtensionResult) InvokeResponse {
	all := make([]cardAttachment, 0, len(results))
	for _, r := range results {
		all = append(all, r.attachment())
	}
	return InvokeResponse{http.StatusOK, extensionAnswer{extensionBody{Type: "result", AttachmentLayout: "list", Attachments: all}}}
}

func (r ExtensionResult) attachment() cardAttachment {
	preview := struct {
		Title string `json:"title"`
		Text  string `json:"text,omitempty"`
	}{r.Title, r.Text}
	return cardAttachment{CardType, r.Card, cardAttachment{thumbnailType, preview, nil}}
}

// LinkAnswer shows a card for a link. The card has a state, so Teams asks again each
// time instead of showing it for half an hour.
func LinkAnswer(r ExtensionResult) InvokeResponse {
	return InvokeResponse{http.StatusOK, extensionAnswer{extensionBody{
		Type: "result", AttachmentLayout: "list", Attachments: []cardAttachment{r.attachment()},
		Suggested: &cachePolicy{[]cacheAction{{"setCachePolicy", `{"type":"no-cache"}`}}},
	}}}
}

// NoAnswer leaves a link the link that it is.
func NoAnswer() InvokeResponse { return InvokeResponse{Status: http.StatusOK} }

// ExtensionMessage shows a line instead of hits.
func ExtensionMessage(text string) InvokeResponse {
	return InvokeResponse{http.StatusOK, extensionAnswer{extensionBody{Type: "message", Text: text}}}
}

// NotImplemented answers an invoke that the bot does not know.
func NotImplemented() InvokeResponse { return InvokeResponse{Status: http.StatusNotImplemented} }

// StoredAnswer repeats an answer that was encoded before.
func StoredAnswer(status int, body []byte) InvokeResponse {
	if len(body) == 0 {
		return InvokeResponse{Status: status}
	}
	return InvokeResponse{status, json.RawMessage(body)}
}
