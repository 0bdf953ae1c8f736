package teams

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The invokes that the bot can answer by name.
const (
	InvokeCardAction     = "adaptiveCard/action"
	InvokeSearch         = "application/search"
	InvokeExtensionQuery = "composeExtension/query"
	// InvokeLink asks what a link in a message shows; InvokeAnonymousLink asks for
	// somebody who has not installed the app, and says nothing of who that is.
	InvokeLink          = "composeExtension/queryLink"
	InvokeAnonymousLink = "composeExtension/anonymousQueryLink"
)

// ErrForged reports a value of a shape that no client of Teams sends.
var ErrForged = errors.New("value has an unexpected shape")

// ErrNotSupported reports an action type that cards of this bot do not have
// (answered with 400 NotSupported).
var ErrNotSupported = errors.New("action type is not supported")

// Values is what a card sent: the action's data together with the inputs, by
// id. All of it can be forged or stale.
type Values map[string]json.RawMessage

// String returns a value as text, whatever JSON type the client chose: numbers
// digit by digit as they were sent, true or false, empty for null, for what is
// absent, and for arrays and objects.
func (v Values) String(key string) string {
	raw := v[key]
	if isNull(raw) {
		return ""
	}
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	case '{', '[':
		return ""
	}
	return string(raw)
}

// Has reports a value that is there and not null.
func (v Values) Has(key string) bool { return !isNull(v[key]) }

// Strings returns all values that can be read as text.
func (v Values) Strings() map[string]string {
	all := make(map[string]string, len(v))
	for _, key := range slices.Collect(maps.Keys(v)) {
		if raw := v[key]; !isNull(raw) && raw[0] != '{' && raw[0] != '[' {
			all[key] = v.String(key)
		}
	}
	return all
}

// values reads an object of values; null and absent are empty.
func values(raw json.RawMessage) (Values, error) {
	if isNull(raw) {
		return Values{}, nil
	}
	f, err := takeApart(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForged, err)
	}
	return Values(f), nil
}

// valueFields takes the activity's value apart; a value that is not an object
// is forged.
func (a *Activity) valueFields() (fields, error) {
	if isNull(a.Value) {
		return nil, fmt.Errorf("%w: no value", ErrForged)
	}
	f, err := takeApart(a.Value)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForged, err)
	}
	return f, nil
}

// CardAction is a press on a card's button, or a client that refreshes its
// view.
type CardAction struct {
	Verb      string
	Data      Values
	Automatic bool   // a refresh; it must change nothing
	Execute   bool   // the answer goes into the response; else by the connector
	MessageID string // the message with the card; empty in a dialog
	// Dialog says that the press opens a dialog or comes from one, and is answered by one.
	Dialog bool
	// Extension is set where an action of the message extension opened the dialog. Then
	// Verb may be empty.
	Extension *ExtensionAction
}

// IsCardAction reports a press, as invoke or as the fallback message of older
// clients, and everything that dialogs send.
func (a *Activity) IsCardAction() bool {
	switch a.Type {
	case TypeInvoke:
		return a.Name == InvokeCardAction || a.IsDialog()
	case TypeMessage:
		return a.Value != nil && strings.TrimSpace(a.Text) == ""
	}
	return false
}

// CardAction reads a press. Action.Execute and Action.Submit give the same
// verb and data, so that both reach the same handler. The error is ErrForged
// or ErrNotSupported.
func (a *Activity) CardAction() (CardAction, error) {
	f, err := a.valueFields()
	if err != nil {
		return CardAction{}, err
	}
	press := CardAction{MessageID: a.ReplyToID}
	switch {
	case a.Type == TypeMessage:
		press.Data = Values(f)
	case a.IsDialog():
		press, err = a.dialogPress(f)
	default:
		err = press.execute(f)
	}
	if err != nil {
		return CardAction{}, err
	}
	if press.Verb == "" {
		if v := press.Data["verb"]; !isNull(v) && v[0] != '"' {
			return CardAction{}, fmt.Errorf("%w: verb", ErrForged)
		}
		press.Verb = press.Data.String("verb")
	}
	if press.Verb == "" && press.Extension == nil {
		return CardAction{}, fmt.Errorf("%w: no verb", ErrForged)
	}
	return press, nil
}

func (press *CardAction) execute(f fields) error {
	press.Execute = true
	press.Automatic = strings.EqualFold(f.text("trigger"), "automatic")
	if isNull(f["action"]) {
		return fmt.Errorf("%w: no action", ErrForged)
	}
	action, err := takeApart(f["action"])
	if err != nil {
		return fmt.Errorf("%w: action: %w", ErrForged, err)
	}
	if action.text("type") != "Action.Execute" {
		return ErrNotSupported
	}
	if v := action["verb"]; !isNull(v) && v[0] != '"' {
		return fmt.Errorf("%w: verb", ErrForged)
	}
	press.Verb = action.text("verb")
	press.Data, err = values(action["data"])
	return err
}

// SearchQuery asks for the choices of an input while somebody types. Text may
// be empty: then the first page is wanted.
type SearchQuery struct {
	Text    string
	Dataset string
	Skip    int
	Top     int
	Data    Values // other inputs of the card, where it asked for them
}

// SearchQuery reads an application/search invoke.
func (a *Activity) SearchQuery() (SearchQuery, error) {
	f, err := a.valueFields()
	if err != nil {
		return SearchQuery{}, err
	}
	q := SearchQuery{Text: f.text("queryText"), Dataset: f.text("dataset")}
	q.Skip, q.Top = page(f, "top", 15)
	q.Data, err = values(f["data"])
	return q, err
}

// page reads queryOptions; what is missing or absurd gets the usual page.
func page(f fields, countKey string, usual int) (skip, count int) {
	var options fields
	if o, err := takeApart(f["queryOptions"]); err == nil {
		options = o
	}
	options.into("skip", &skip)
	options.into(countKey, &count)
	if skip < 0 {
		skip = 0
	}
	if count <= 0 || count > 100 {
		count = usual
	}
	return skip, count
}

// ExtensionQuery is a search from the compose box.
type ExtensionQuery struct {
	CommandID string
	Text      string // the first parameter, whatever its name
	Initial   bool   // nothing was typed yet
	Skip      int
	Count     int
}

// ExtensionQuery reads a composeExtension/query invoke.
func (a *Activity) ExtensionQuery() (ExtensionQuery, error) {
	f, err := a.valueFields()
	if err != nil {
		return ExtensionQuery{}, err
	}
	q := ExtensionQuery{CommandID: f.text("commandId")}
	q.Skip, q.Count = page(f, "count", 25)
	var parameters []json.RawMessage
	f.into("parameters", &parameters)
	if len(parameters) > 0 {
		first, err := values(parameters[0])
		if err != nil {
			return ExtensionQuery{}, err
		}
		if first.String("name") == "initialRun" {
			q.Initial = first.String("value") == "true"
		} else {
			q.Text = first.String("value")
		}
	}
	return q, nil
}

// LinkQuery reads the address of a composeExtension/queryLink invoke. Whoever wrote the
// message chose it.
func (a *Activity) LinkQuery() (address string, err error) {
	f, err := a.valueFields()
	if err != nil {
		return "", err
	}
	return f.text("url"), nil
}

// cut shortens to so many characters.
func cut(s string, most int) string {
	for i := range s {
		if most == 0 {
			return s[:i]
		}
		most--
	}
	return s
}
