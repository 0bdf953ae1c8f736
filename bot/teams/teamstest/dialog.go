package teamstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"unicode/utf8"

	"onbehalf/bot/teams"
)

// dialog is the dialog that a card stands in.
type dialog struct {
	// submit is the name of the invoke that its buttons send, and value what Teams adds to
	// it besides the data.
	submit string
	value  map[string]any
	title  string
	closed bool
}

// OpenDialog presses the button with this verb that opens a dialog, and returns the
// dialog's card.
func (c *Card) OpenDialog(verb string) *Card {
	c.teams.TB.Helper()
	button := c.action(verb, nil)
	data, _ := button["data"].(map[string]any)
	if extras, _ := data["msteams"].(map[string]any); button["type"] != "Action.Submit" || extras["type"] != "task/fetch" {
		c.teams.TB.Fatalf("button %q opens no dialog: %v", verb, button)
	}
	a := c.Activity("invoke")
	a["name"], a["replyToId"] = teams.InvokeDialogFetch, c.MessageID
	conversation := maps.Clone(a["conversation"].(map[string]any))
	conversation["id"] = c.conversation
	a["conversation"] = conversation
	a["value"] = map[string]any{"data": data, "context": map[string]any{"theme": "default"}}
	w := dialog{submit: teams.InvokeDialogSubmit, value: map[string]any{"context": map[string]any{"theme": "default"}}}
	return c.readDialog(c.turn(a), w)
}

// PressWithoutDialogs presses such a button in a client that has no dialogs: it is sent
// like any other.
func (c *Card) PressWithoutDialogs(verb string) *Turn {
	c.teams.TB.Helper()
	a := c.Activity("message")
	a["value"], a["replyToId"] = c.action(verb, nil)["data"], c.MessageID
	return c.turn(a)
}

// Command opens an action of the message extension from the compose box of this
// conversation.
func (s *Speaker) Command(id string) *Card {
	s.teams.TB.Helper()
	return s.fetch(map[string]any{"commandId": id, "commandContext": "compose"}, nil)
}

// CommandBox opens it from the box at the top of Teams, which belongs to no conversation.
func (s *Speaker) CommandBox(id string) *Card {
	s.teams.TB.Helper()
	return s.fetch(map[string]any{"commandId": id, "commandContext": "commandBox"}, func(a Activity) { delete(a, "conversation") })
}

// OnMessage opens an action on a message, of which Teams sends the payload.
func (s *Speaker) OnMessage(id string, payload map[string]any) *Card {
	s.teams.TB.Helper()
	return s.fetch(map[string]any{"commandId": id, "commandContext": "message", "messagePayload": payload}, nil)
}

func (s *Speaker) fetch(value map[string]any, change func(Activity)) *Card {
	s.teams.TB.Helper()
	a := s.Activity("invoke")
	a["name"] = teams.InvokeExtensionFetch
	a["value"] = value
	value["context"] = map[string]any{"theme": "default"}
	if change != nil {
		change(a)
	}
	later := maps.Clone(value)
	if payload, ok := value["messagePayload"].(map[string]any); ok {
		later["messagePayload"] = map[string]any{"id": payload["id"]}
	}
	card := &Card{Speaker: s, fills: map[string]any{}}
	if c, ok := a["conversation"].(map[string]any); ok {
		card.conversation, _ = c["id"].(string)
	}
	return card.readDialog(s.turn(a), dialog{submit: teams.InvokeExtensionSubmit, value: later})
}

// submission is the activity that a button in a dialog sends.
func (c *Card) submission(action map[string]any) Activity {
	a := c.Activity("invoke")
	a["name"] = c.dialog.submit
	if c.conversation == "" {
		delete(a, "conversation")
	} else {
		conversation := maps.Clone(a["conversation"].(map[string]any))
		conversation["id"] = c.conversation
		a["conversation"] = conversation
	}
	value := maps.Clone(c.dialog.value)
	value["data"] = c.values(action)
	a["value"] = value
	return a
}

// AddBot presses the button that adds the bot to the conversation, lets the person agree,
// and returns the dialog's next card. Without data Teams forgets what the button carried.
func (c *Card) AddBot(withData bool) *Card {
	c.teams.TB.Helper()
	a := c.installation()
	c.In.Reinstall()
	c.In.Add(c.Person)
	if !withData {
		a["value"].(map[string]any)["data"] = map[string]any{}
	}
	return c.readDialog(c.turn(a), *c.dialog)
}

// AddBotLater presses it too, but Teams answers as if the bot were not there yet.
func (c *Card) AddBotLater() *Card {
	c.teams.TB.Helper()
	return c.readDialog(c.turn(c.installation()), *c.dialog)
}

// installation is what the button that adds the bot sends.
func (c *Card) installation() Activity {
	c.teams.TB.Helper()
	for _, action := range actions(c.Content) {
		if installs(action) {
			return c.submission(action)
		}
	}
	c.teams.TB.Fatalf("the dialog has no button that adds the bot: %s", c.summary())
	return nil
}

// ExpectClosed fails unless the last press has ended the dialog, with these words where
// there are any.
func (c *Card) ExpectClosed(words ...string) *Card {
	c.teams.TB.Helper()
	if c.dialog == nil || !c.dialog.closed || !containsAll(c.Toast, words) || len(words) == 0 && c.Toast != "" {
		c.teams.TB.Fatalf("the dialog is still open, or said %q instead of %q: %s", c.Toast, words, c.summary())
	}
	return c
}

// readDialog is what the dialog shows next, as the answer to one of its invokes says it.
func (c *Card) readDialog(turn *Turn, w dialog) *Card {
	c.teams.TB.Helper()
	next := &Card{Speaker: turn.Speaker, conversation: c.conversation, fills: map[string]any{}, dialog: &w}
	shown, err := ReadDialog(turn.Response)
	if err != nil {
		c.teams.TB.Fatalf("%v: %s", err, turn.Response.Body)
	}
	w.title, w.closed = shown.Title, shown.Card == nil
	next.Content, next.Toast = shown.Card, shown.Message
	return next
}

// Shown is what a dialog shows after an answer: a card with its title, or a last line. It
// has neither when it closes.
type Shown struct {
	Title, Message string
	Card           map[string]any
}

// ReadDialog reads the answer to an invoke of a dialog as Teams' clients do: everything
// that makes them show "Unable to reach app" is an error.
func ReadDialog(r Response) (Shown, error) {
	var s Shown
	if r.Status != http.StatusOK {
		return s, fmt.Errorf("dialog answered with status %d", r.Status)
	}
	if len(r.Body) == 0 {
		return s, nil
	}
	if len(r.Body) > teams.MaxMessage {
		return s, fmt.Errorf("dialog of %d bytes", len(r.Body))
	}
	var answer struct {
		Task struct {
			Type  string          `json:"type"`
			Value json.RawMessage `json:"value"`
		} `json:"task"`
	}
	if err := strictly(r.Body, &answer); err != nil {
		return s, fmt.Errorf("dialog's answer: %w", err)
	}
	switch answer.Task.Type {
	case "message":
		if err := json.Unmarshal(answer.Task.Value, &s.Message); err != nil || s.Message == "" {
			return s, fmt.Errorf("dialog's message: %s", answer.Task.Value)
		}
		return s, nil
	case "continue":
		return s, s.read(answer.Task.Value)
	}
	return s, fmt.Errorf("dialog's answer is of type %q", answer.Task.Type)
}

// strictly decodes, and refuses fields that nobody knows.
func strictly(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

const dialogTitle = 64

func (s *Shown) read(raw json.RawMessage) error {
	var value struct {
		Title  string `json:"title"`
		Height any    `json:"height"`
		Width  any    `json:"width"`
		Card   struct {
			ContentType string         `json:"contentType"`
			Content     map[string]any `json:"content"`
		} `json:"card"`
	}
	if err := strictly(raw, &value); err != nil {
		return fmt.Errorf("dialog: %w", err)
	}
	if n := utf8.RuneCountInString(value.Title); n == 0 || n > dialogTitle {
		return fmt.Errorf("dialog's title has %d characters", n)
	}
	for _, size := range []any{value.Height, value.Width} {
		_, pixels := size.(float64)
		if name, _ := size.(string); !pixels && !slices.Contains([]string{"small", "medium", "large"}, name) {
			return fmt.Errorf("dialog is %v high or wide", size)
		}
	}
	if no := checkCard(value.Card.ContentType, value.Card.Content); no != nil {
		return fmt.Errorf("dialog's card: %s", no.message)
	}
	for _, e := range elements(value.Card.Content) {
		if e["type"] == "Action.Execute" || e["type"] == "Action.Submit" && verbOf(e) == "" && !installs(e) {
			return fmt.Errorf("dialog's button is not submitted: %v", e)
		}
	}
	s.Title, s.Card = value.Title, value.Card.Content
	return nil
}

func installs(action map[string]any) bool {
	data, _ := action["data"].(map[string]any)
	extras, _ := data["msteams"].(map[string]any)
	return extras["justInTimeInstall"] == true
}
