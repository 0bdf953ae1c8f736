package dialogs_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"onbehalf/bot/teams/teamstest"
)

// effort is what a person does to file one request: presses of the mouse, keys typed, and
// stops of the Tab key for whoever has no mouse. Open counts the stops as if nothing on the
// cards were folded away.
type effort struct{ clicks, keys, stops, open int }

func (e *effort) say(who *teamstest.Speaker, line string) *teamstest.Turn {
	e.keys += utf8.RuneCountInString(line) + 1 // Enter
	return who.Say(line)
}

// fill answers one question: a text is clicked and typed, a short list opened and chosen
// from, choices on the card are chosen at once, and of a long list the first letters typed.
func (e *effort) fill(c *teamstest.Card, id, value, letters string) {
	input := c.Input(id)
	c.Fill(id, value)
	switch {
	case input["type"] == "Input.Text":
		e.clicks, e.keys = e.clicks+1, e.keys+utf8.RuneCountInString(value)
	case input["style"] == "expanded":
		e.clicks++
	default:
		e.clicks, e.keys = e.clicks+2, e.keys+utf8.RuneCountInString(letters)
	}
}

// press presses a button; on the way the Tab key stops at everything above it.
func (e *effort) press(c *teamstest.Card, verb string, data ...string) *teamstest.Card {
	e.clicks++
	shut, open := stopsTo(c.Content["body"], verb)
	e.stops, e.open = e.stops+shut, e.open+open
	return c.Press(verb, data...)
}

// stopsTo counts the inputs and buttons up to the one with the verb, that one too: those
// that can be seen, and all of them without the buttons that unfold.
func stopsTo(body any, verb string) (shut, open int) {
	found := false
	var walk func(v any, hidden bool)
	walk = func(v any, hidden bool) {
		switch v := v.(type) {
		case []any:
			for _, inner := range v {
				walk(inner, hidden)
			}
		case map[string]any:
			if found {
				return
			}
			kind, _ := v["type"].(string)
			hidden = hidden || v["isVisible"] == false
			switch {
			case kind == "Action.ToggleVisibility":
				shut++
			case strings.HasPrefix(kind, "Input.") || strings.HasPrefix(kind, "Action."):
				if open++; !hidden {
					shut++
				}
				found = v["verb"] == verb
				return // what opens below a button is closed
			}
			for _, key := range []string{"items", "columns", "actions"} {
				walk(v[key], hidden)
			}
		}
	}
	walk(body, false)
	return shut, open
}

// TestHowMuchOneUsualRequestAsksFor counts clicks and keys for an Azure request of severity
// B with a title and a description. Folding away what few requests need spares nobody's
// click, since all of it may be left empty, but a third of the way by keyboard.
func TestHowMuchOneUsualRequestAsksFor(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		const title, description = "VMs do not start", "West Europe, since 8:40"

		var form effort
		who := form.say(alice, "new").ExpectCard("customer")
		form.fill(who, "customer", contoso, "cont")
		form.fill(who, "platform", "azure", "")
		form.fill(who, "severity", "B", "")
		what := form.press(who, "intake/next", "ask", "")
		form.fill(what, "title", title, "")
		form.fill(what, "description", description, "")
		form.press(form.press(what, "intake/next"), "intake/submit").Expect("SR-1")

		var line effort
		what = line.say(alice, "new contoso.example azure B "+title).ExpectCard("description")
		line.fill(what, "description", description, "")
		line.press(line.press(what, "intake/next"), "intake/submit").Expect("SR-2")

		for _, c := range []struct {
			name      string
			got, want effort
		}{
			{"the form", form, effort{clicks: 10, keys: 47, stops: 13, open: 20}},
			{"one line", line, effort{clicks: 3, keys: 68, stops: 8, open: 15}},
		} {
			if c.got != c.want {
				t.Errorf("%s takes %+v, not %+v", c.name, c.got, c.want)
			}
		}
	})
}
