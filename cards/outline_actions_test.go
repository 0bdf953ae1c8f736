package cards

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

func buttonLines(n node) []string {
	delete(n, "type")
	actions := n.list("actions")
	lines := n.rest()
	for _, a := range actions {
		lines = append(lines, actionLines(a)...)
	}
	return append([]string{"buttons"}, indent(lines)...)
}

// actionLines is a button: its title, how it is drawn, what it does.
func actionLines(v any) []string {
	n := nodeOf(v)
	switch n["type"] {
	case "Action.Execute":
		differs := n.differences()
		return append(headed(n, executeLine), indent(differs)...)
	case "Action.OpenUrl":
		return headed(n, func(n node) string { return n.button() + " opens " + n.text("url") })
	case "Action.ShowCard":
		return showCardLines(n)
	case "Action.Submit": // opens a dialog, or stands in one
		return headed(n, func(n node) string {
			line := n.button() + " submits"
			if data, ok := n["data"].(object); ok {
				line += pairs(data)
				delete(n, "data")
			}
			if n.is("associatedInputs", "none") {
				line += ", no inputs"
			}
			return line
		})
	case "Action.ToggleVisibility":
		return headed(n, func(n node) string {
			line := n.button() + " shows or hides"
			for _, id := range n.list("targetElements") {
				line += " " + worth(id)
			}
			return line
		})
	}
	return unknownLines(n)
}

// button is what is seen of a button.
func (n node) button() string {
	words := []string{"[" + n.text("title") + "]"}
	for _, key := range []string{"style", "mode"} {
		if word := n.text(key); word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

func executeLine(n node) string {
	line := n.button() + " sends " + n.text("verb")
	if data, ok := n["data"].(object); ok {
		line += pairs(data)
		delete(n, "data")
	}
	if n.is("associatedInputs", "none") {
		line += ", no inputs"
	}
	return line
}

func showCardLines(n node) []string {
	card := nodeOf(n["card"])
	card.expect("type", "AdaptiveCard")
	body := itemLines(card.list("body"))
	lines := headed(n, func(n node) string {
		delete(n, "card")
		return n.button() + " opens below:"
	})
	return slices.Concat(lines, indent(card.rest()), indent(body))
}

// pairs are the values of an object in one line, " number=128 rev=5".
func pairs(o object) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(o)) {
		b.WriteString(" " + key + "=" + worth(o[key]))
	}
	return b.String()
}

// bare is a string that needs no quotes: it cannot be a number.
var bare = regexp.MustCompile(`^[\p{L}\p{N}_./:@+-]*[\p{L}_/:@+][\p{L}\p{N}_./:@+-]*$`)

// worth is a value that nobody reads, short.
func worth(v any) string {
	if s, ok := v.(string); ok && bare.MatchString(s) && s != "true" && s != "false" && s != "null" {
		return s
	}
	return compactJSON(v)
}

// inputLabel begins every input: its kind, what it is called and what is special
// about it, and the label that is read.
func (n node) inputLabel(kind string, special ...string) string {
	words := []string{"input", kind, "id=" + n.text("id")}
	if n.is("isRequired", true) {
		words = append(words, "required")
	}
	return strings.Join(append(words, special...), " ") + ": " + n.text("label")
}

func textInputLines(n node) []string {
	delete(n, "type")
	var special []string
	if n.is("isMultiline", true) {
		special = append(special, "multiline")
	}
	for _, key := range []string{"maxLength", "style"} {
		if v, ok := n[key]; ok {
			special = append(special, key+"="+worth(v))
			delete(n, key)
		}
	}
	lines := []string{n.inputLabel("text", special...)}
	for _, key := range []string{"placeholder", "value", "errorMessage"} {
		if said := n.text(key); said != "" {
			lines = append(lines, "  "+key+": "+said)
		}
	}
	return append(lines, indent(n.rest())...)
}

func choiceSetLines(n node) []string {
	delete(n, "type")
	n.expect("wrap", true)
	first := n.inputLabel("choice", n.text("style"))
	value, _ := n["value"].(string)
	found := false
	var lines []string
	for _, c := range n.list("choices") {
		choice := nodeOf(c)
		mark := "( ) "
		if choice["value"] == value && value != "" {
			mark, found = "(x) ", true
		}
		lines = append(lines, mark+choice.text("title")+" = "+worth(choice["value"]))
		delete(choice, "value")
		lines = append(lines, indent(choice.rest())...)
	}
	if found {
		delete(n, "value")
	}
	return append([]string{first}, indent(append(n.rest(), lines...))...)
}

func toggleLines(n node) []string {
	delete(n, "type")
	n.expect("wrap", true)
	n.expect("valueOn", "true")
	n.expect("valueOff", "false")
	first := n.inputLabel("tick")
	mark := "[ ] "
	if n.is("value", "true") {
		mark = "[x] "
	} else {
		n.expect("value", "false")
	}
	return append([]string{first, "  " + mark + n.text("title")}, indent(n.rest())...)
}
