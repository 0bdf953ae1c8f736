package teamstest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Card is a card as one person sees it: the message's, or their own after a
// press. Fill changes it, Press returns what it becomes. An old Card stays what
// it was and can be pressed again, as in a client that did not redraw.
type Card struct {
	*Speaker
	MessageID string
	Content   map[string]any
	Toast     string // the line that the last press showed
	Failure   string // the error that it showed

	conversation string
	fills        map[string]any
	dialog       *dialog // the dialog that it stands in, nil for a message
}

// Fill types into an input, or chooses. A choice that the card does not offer
// is refused unless the input searches.
func (c *Card) Fill(id string, value any) *Card {
	c.teams.TB.Helper()
	input := c.Input(id)
	if offered, ok := input["choices"].([]any); ok && input["choices.data"] == nil && value != "" {
		for _, one := range strings.Split(asText(value), ",") {
			if !slices.ContainsFunc(offered, func(o any) bool { m, _ := o.(map[string]any); return m["value"] == one }) {
				c.teams.TB.Fatalf("input %q does not offer %q", id, one)
			}
		}
	}
	c.fills[id] = value
	return c
}

// Input is the element of an input; the test fails when there is none.
func (c *Card) Input(id string) map[string]any {
	c.teams.TB.Helper()
	for _, e := range elements(c.Content) {
		if kind, _ := e["type"].(string); strings.HasPrefix(kind, "Input.") && e["id"] == id {
			return e
		}
	}
	c.teams.TB.Fatalf("the card has no input %q: %s", id, c.summary())
	return nil
}

// Value is what an input holds now.
func (c *Card) Value(id string) string {
	c.teams.TB.Helper()
	if v, ok := c.fills[id]; ok {
		return asText(v)
	}
	return asText(c.Input(id)["value"])
}

// Press presses the button with this verb as Action.Execute, sends all inputs,
// and returns the card as this person sees it then. Where several buttons have
// the verb, pairs of data (key, value) choose. In a dialog it submits.
func (c *Card) Press(verb string, data ...string) *Card {
	c.teams.TB.Helper()
	if c.dialog != nil {
		return c.readDialog(c.turn(c.submission(c.action(verb, data))), *c.dialog)
	}
	return c.execute(c.action(verb, data), "manual")
}

// PressOld presses the same button in a client that knows no universal
// actions: the fallback arrives as a message. Its turn has the answer.
func (c *Card) PressOld(verb string, data ...string) *Turn {
	c.teams.TB.Helper()
	action := c.action(verb, data)
	fallback, ok := action["fallback"].(map[string]any)
	if !ok || fallback["type"] != "Action.Submit" {
		c.teams.TB.Fatalf("button %q has no Action.Submit fallback", verb)
	}
	a := c.Activity("message")
	a["value"], a["replyToId"] = c.values(fallback), c.MessageID
	return c.turn(a)
}

// Toggle presses a button that shows or hides elements, which only the client knows of.
func (c *Card) Toggle(title string) *Card {
	c.teams.TB.Helper()
	for _, action := range elements(c.Content) {
		if action["type"] != "Action.ToggleVisibility" || action["title"] != title {
			continue
		}
		targets, _ := action["targetElements"].([]any)
		for _, e := range elements(c.Content) {
			if slices.Contains(targets, e["id"]) {
				e["isVisible"] = e["isVisible"] == false
			}
		}
		return c
	}
	c.teams.TB.Fatalf("the card has no button %q that shows anything: %s", title, c.summary())
	return nil
}

// ExpectVisible fails unless these inputs can be seen, and ExpectHidden unless they are
// there and cannot.
func (c *Card) ExpectVisible(ids ...string) *Card {
	c.teams.TB.Helper()
	return c.expectSeen(true, ids)
}

// ExpectHidden: see ExpectVisible.
func (c *Card) ExpectHidden(ids ...string) *Card {
	c.teams.TB.Helper()
	return c.expectSeen(false, ids)
}

func (c *Card) expectSeen(want bool, ids []string) *Card {
	c.teams.TB.Helper()
	hidden := map[string]bool{}
	for _, e := range elements(c.Content) {
		if e["isVisible"] == false {
			for _, inner := range elements(e) {
				hidden[asText(inner["id"])] = true
			}
		}
	}
	for _, id := range ids {
		if c.Input(id); hidden[id] == want {
			c.teams.TB.Fatalf("input %q can be seen: %v: %s", id, !hidden[id], c.summary())
		}
	}
	return c
}

// Refresh is what a client does by itself when it shows a card that has a
// refresh action.
func (c *Card) Refresh() *Card {
	c.teams.TB.Helper()
	refresh, _ := c.Content["refresh"].(map[string]any)
	action, ok := refresh["action"].(map[string]any)
	if !ok {
		c.teams.TB.Fatalf("the card does not refresh: %s", c.summary())
	}
	return c.execute(action, "automatic")
}

// Invoke is the activity that Press would post, for tests that change or
// repeat it.
func (c *Card) Invoke(verb string, data ...string) Activity {
	c.teams.TB.Helper()
	if c.dialog != nil {
		return c.submission(c.action(verb, data))
	}
	return c.invoke(c.action(verb, data), "manual")
}

// Execute posts such an activity and returns what the card becomes.
func (c *Card) Execute(a Activity) *Card {
	c.teams.TB.Helper()
	if c.dialog != nil {
		return c.readDialog(c.turn(a), *c.dialog)
	}
	return c.become(c.turn(a))
}

func (c *Card) execute(action map[string]any, trigger string) *Card {
	c.teams.TB.Helper()
	return c.become(c.turn(c.invoke(action, trigger)))
}

func (c *Card) invoke(action map[string]any, trigger string) Activity {
	a := c.Activity("invoke")
	a["name"], a["replyToId"] = "adaptiveCard/action", c.MessageID
	conversation := maps.Clone(a["conversation"].(map[string]any))
	conversation["id"] = c.conversation
	a["conversation"] = conversation
	a["value"] = map[string]any{
		"action":  map[string]any{"type": action["type"], "title": action["title"], "verb": action["verb"], "data": c.values(action)},
		"trigger": trigger,
	}
	return a
}

// values is what the client sends: the action's data, and the inputs by id. As
// Microsoft's renderer does, it leaves out the inputs that are empty.
func (c *Card) values(action map[string]any) map[string]any {
	values := map[string]any{}
	if data, ok := action["data"].(map[string]any); ok {
		maps.Copy(values, data)
	}
	if action["associatedInputs"] == "none" {
		return values
	}
	for _, e := range elements(c.Content) {
		kind, _ := e["type"].(string)
		id, _ := e["id"].(string)
		if !strings.HasPrefix(kind, "Input.") || id == "" {
			continue
		}
		if v := c.Value(id); v != "" {
			values[id] = v
		}
	}
	return values
}

// become reads the answer to a press.
func (c *Card) become(turn *Turn) *Card {
	c.teams.TB.Helper()
	next := *c
	next.Speaker, next.fills, next.Toast, next.Failure = turn.Speaker, map[string]any{}, "", ""
	if len(turn.Response.Body) == 0 {
		return &next
	}
	var answer struct {
		StatusCode int
		Type       string
		Value      json.RawMessage
	}
	if err := json.Unmarshal(turn.Response.Body, &answer); err != nil {
		c.teams.TB.Fatalf("answer to a press: %v: %s", err, turn.Response.Body)
	}
	var into any
	switch answer.Type {
	case "application/vnd.microsoft.card.adaptive":
		into, next.Content = &next.Content, nil
	case "application/vnd.microsoft.activity.message":
		into = &next.Toast
	case "application/vnd.microsoft.error":
		var failure struct{ Code, Message string }
		if err := json.Unmarshal(answer.Value, &failure); err != nil || failure.Message == "" || answer.StatusCode < 400 {
			c.teams.TB.Fatalf("error answer to a press: %s", turn.Response.Body)
		}
		next.Failure = failure.Message
		return &next
	default:
		c.teams.TB.Fatalf("answer to a press is of type %q", answer.Type)
	}
	if err := json.Unmarshal(answer.Value, into); err != nil || answer.StatusCode != http.StatusOK {
		c.teams.TB.Fatalf("answer to a press: %v: %s", err, turn.Response.Body)
	}
	if next.Toast == "" && next.Content["type"] != "AdaptiveCard" {
		c.teams.TB.Fatalf("answer to a press is no card: %s", turn.Response.Body)
	}
	return &next
}

func (c *Card) action(verb string, data []string) map[string]any {
	c.teams.TB.Helper()
	for _, a := range actions(c.Content) {
		if verbOf(a) != verb {
			continue
		}
		values, _ := a["data"].(map[string]any)
		fits := true
		for i := 0; i+1 < len(data); i += 2 {
			fits = fits && asText(values[data[i]]) == data[i+1]
		}
		if fits {
			return a
		}
	}
	c.teams.TB.Fatalf("the card has no button %q %q: %s", verb, data, c.summary())
	return nil
}

// Buttons are the verbs that can be pressed, in the card's order.
func (c *Card) Buttons() []string {
	var verbs []string
	for _, a := range actions(c.Content) {
		if v := verbOf(a); v != "" {
			verbs = append(verbs, v)
		}
	}
	return verbs
}

// Texts are the words of the card, in its order: texts, labels, titles.
func (c *Card) Texts() []string { return textsOf(c.Content) }

// Expect fails unless the card has all these: ids, verbs or words.
func (c *Card) Expect(wants ...string) *Card {
	c.teams.TB.Helper()
	for _, want := range wants {
		if !c.has([]string{want}) {
			c.teams.TB.Fatalf("the card has no %q: %s", want, c.summary())
		}
	}
	return c
}

// ExpectNot fails when the card has any of these.
func (c *Card) ExpectNot(unwanted ...string) *Card {
	c.teams.TB.Helper()
	for _, u := range unwanted {
		if c.has([]string{u}) {
			c.teams.TB.Fatalf("the card has %q: %s", u, c.summary())
		}
	}
	return c
}

// ExpectInput fails unless there is an input with this id.
func (c *Card) ExpectInput(id string) *Card {
	c.teams.TB.Helper()
	c.Input(id)
	return c
}

// ExpectValue fails unless an input holds this.
func (c *Card) ExpectValue(id, want string) *Card {
	c.teams.TB.Helper()
	if got := c.Value(id); got != want {
		c.teams.TB.Fatalf("input %q holds %q, not %q", id, got, want)
	}
	return c
}

// ExpectButton fails unless a button has this verb.
func (c *Card) ExpectButton(verb string) *Card {
	c.teams.TB.Helper()
	c.action(verb, nil)
	return c
}

// ExpectNoButton fails when a button has this verb.
func (c *Card) ExpectNoButton(verbs ...string) *Card {
	c.teams.TB.Helper()
	for _, verb := range verbs {
		if slices.Contains(c.Buttons(), verb) {
			c.teams.TB.Fatalf("the card has a button %q: %s", verb, c.summary())
		}
	}
	return c
}

// ExpectFact fails unless the label is followed by the value.
func (c *Card) ExpectFact(label, value string) *Card {
	c.teams.TB.Helper()
	texts := c.Texts()
	for i := range texts {
		if texts[i] == label && i+1 < len(texts) && strings.Contains(texts[i+1], value) {
			return c
		}
	}
	c.teams.TB.Fatalf("the card does not say %q: %q: %s", label, value, c.summary())
	return nil
}

// ExpectToast fails unless the last press showed a line with these words.
func (c *Card) ExpectToast(words ...string) *Card {
	c.teams.TB.Helper()
	if c.Toast == "" || !containsAll(c.Toast, words) {
		c.teams.TB.Fatalf("the press showed %q, not %q", c.Toast, words)
	}
	return c
}

func (c *Card) has(wants []string) bool {
	for _, want := range wants {
		found := slices.ContainsFunc(c.Texts(), func(s string) bool { return strings.Contains(s, want) }) || slices.Contains(c.Buttons(), want) ||
			slices.ContainsFunc(elements(c.Content), func(e map[string]any) bool { return e["id"] == want })
		if !found {
			return false
		}
	}
	return true
}

func (c *Card) summary() string {
	return "texts " + strings.Join(c.Texts(), " | ") + "; buttons " + strings.Join(c.Buttons(), " ")
}
