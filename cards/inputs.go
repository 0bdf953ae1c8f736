package cards

import (
	"hash/fnv"
	"strconv"

	"onbehalf/bot/i18n"
)

// textInput is a field to type in. There is no isRequired on any input: it would
// block the way out, and the server marks what is missing.
type textInput struct {
	Type        string `json:"type"`
	ID          string `json:"id"`
	Label       string `json:"label"`
	Value       string `json:"value,omitempty"`
	Placeholder string `json:"placeholder,omitempty"`
	Multiline   bool   `json:"isMultiline,omitempty"`
	MaxLength   int    `json:"maxLength,omitempty"`
	Style       string `json:"style,omitempty"`
	Spacing     string `json:"spacing,omitempty"`
}

func field(id, label string, limit int, value string) textInput {
	return textInput{Type: "Input.Text", ID: id, Label: label, MaxLength: limit, Value: UserText(value).typed()}
}

// words makes a field of several lines that says its limit, and takes more: a client
// would cut what is pasted without a word, the server says what it cut.
func words(t textInput, w i18n.Words) textInput {
	t.Placeholder = capital(w.T("intake.up_to", "limit", w.Number(t.MaxLength)))
	t.MaxLength = 0
	return t.lines()
}

func (t textInput) lines() textInput { t.Multiline = true; return t }

// choiceInput is a list to choose from. Expanded choices are Markdown, so they
// are our own words; names of customers stand in filtered and compact lists only.
type choiceInput struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	// Key parts a list from the one that stood in its place on the card before:
	// Teams' renderer would go on offering that one's choices.
	Key         string   `json:"key,omitempty"`
	Label       string   `json:"label"`
	Style       string   `json:"style"`
	Wrap        bool     `json:"wrap,omitempty"`
	Value       string   `json:"value,omitempty"`
	Placeholder string   `json:"placeholder,omitempty"`
	Choices     []choice `json:"choices"`
	Data        *query   `json:"choices.data,omitempty"`
	Spacing     string   `json:"spacing,omitempty"`
}

type choice struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

// What choices are searched for while somebody types.
const (
	CustomersDataset     = "customers"
	SubscriptionsDataset = "subscriptions"
)

// query fetches more choices while somebody types. With the inputs "auto" it brings
// along what stands in the other inputs of the card.
type query struct {
	Type    string `json:"type"`
	Dataset string `json:"dataset"`
	Inputs  string `json:"associatedInputs"`
}

// compact drops a value that is not among the choices: the renderer would show
// the bare value.
func compact(id, label string, value string, choices []choice) choiceInput {
	c := choiceInput{Type: "Input.ChoiceSet", ID: id, Label: label, Style: "compact", Wrap: true, Choices: choices}
	value = UserText(value).typed()
	for _, choice := range choices {
		if choice.Value == value {
			c.Value = value
		}
	}
	return c.keyed()
}

// keyed gives lists of other choices other keys.
func (c choiceInput) keyed() choiceInput {
	hash := fnv.New32a()
	for _, choice := range c.Choices {
		hash.Write([]byte(choice.Value + "\x00" + choice.Title + "\x00"))
	}
	c.Key = c.ID + "-" + strconv.FormatUint(uint64(hash.Sum32()), 36)
	return c
}

func expanded(id, label string, value string, choices []choice) choiceInput {
	c := compact(id, label, value, choices)
	c.Style, c.Key = "expanded", ""
	return c
}

// toggle is a tick; its title is Markdown, so it is our own words.
type toggle struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Label string `json:"label"`
	Title string `json:"title"`
	On    string `json:"valueOn"`
	Off   string `json:"valueOff"`
	Value string `json:"value"`
	Wrap  bool   `json:"wrap"`
}

func tick(id, label, title, value string) toggle {
	t := toggle{Type: "Input.Toggle", ID: id, Label: label, Title: title, On: "true", Off: "false", Value: "false", Wrap: true}
	if value == "true" {
		t.Value = "true"
	}
	return t
}

func (textInput) element()   {}
func (choiceInput) element() {}
func (toggle) element()      {}
