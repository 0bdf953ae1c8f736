package cards

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// purelyVisual are the fields that no outline shows: where things stand, not what
// they say. Pictures show them (go run ./cmd/check -gallery).
var purelyVisual = []string{"spacing", "separator", "horizontalAlignment", "verticalContentAlignment", "width"}

// outline writes a card for a reviewer: what is read, in its order and with its
// marks, what each input asks and what each button sends.
//
// Two kinds of text look different, because only one of them may hold the text
// of strangers: "text" is shown as it is, "markdown" is interpreted. "heading" is
// markdown as well. {bold: ...} marks a part of a text, ⏎ is a line break that is
// read, and a line that is indented by four goes on with the one above.
//
// What is the same everywhere is shown only where it differs: a heading is bold,
// text wraps, a fallback does what its button does, speak is also fallbackText
// and summary. Every other field that the outline has no words for is shown by
// its name, so a new one cannot go unseen.
func outline(encoded []byte, summary string) (string, error) {
	var card object
	if err := json.Unmarshal(encoded, &card); err != nil {
		return "", fmt.Errorf("decode card: %w", err)
	}
	withoutVisual(card)
	lines := rootLines(node(card), summary)
	var b strings.Builder
	for _, line := range lines {
		wrap(&b, line)
	}
	return b.String(), nil
}

func withoutVisual(v any) {
	switch v := v.(type) {
	case object:
		for key, inner := range v {
			if slices.Contains(purelyVisual, key) {
				delete(v, key)
			} else if key != "data" { // what a button sends is never visual
				withoutVisual(inner)
			}
		}
	case []any:
		for _, inner := range v {
			withoutVisual(inner)
		}
	}
}

func rootLines(n node, summary string) []string {
	n.expect("type", "AdaptiveCard")
	n.expect("version", "1.5")
	n.expect("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
	lines := []string{"card " + n.text("lang")}
	speak := n.text("speak")
	lines = append(lines, "speak: "+speak)
	if n["fallbackText"] != speak {
		lines = append(lines, "fallback: "+n.text("fallbackText"))
	}
	delete(n, "fallbackText")
	if summary != speak {
		lines = append(lines, "summary: "+plain(summary))
	}
	if teams, ok := n["msteams"].(object); ok {
		delete(n, "msteams")
		lines = append(lines, mentionLines(node(teams))...)
	}
	if refresh, ok := n["refresh"].(object); ok {
		delete(n, "refresh")
		lines = append(lines, refreshLines(node(refresh))...)
	}
	body := itemLines(n.list("body"))
	return slices.Concat(lines, n.rest(), []string{""}, body)
}

func mentionLines(teams node) []string {
	var lines []string
	for _, e := range teams.list("entities") {
		entity := nodeOf(e)
		entity.expect("type", "mention")
		mentioned := nodeOf(entity["mentioned"])
		lines = append(lines, fmt.Sprintf("mention %s is %s, %s", entity.text("text"), mentioned.text("name"), mentioned.text("id")))
		lines = append(lines, indent(mentioned.rest())...)
		delete(entity, "mentioned")
		lines = append(lines, indent(entity.rest())...)
	}
	return append(lines, indent(teams.rest())...)
}

// refreshLines names everybody who gets a view of their own.
func refreshLines(n node) []string {
	action := nodeOf(n["action"])
	if _, ok := action["fallback"]; !ok {
		action["fallback"] = standIn(object(action)) // nothing presses it, so it needs none
	}
	delete(n, "action")
	lines := actionLines(object(action))
	lines[0] = "refresh " + lines[0]
	for _, user := range n.list("userIds") {
		lines = append(lines, "  for "+plain(fmt.Sprint(user)))
	}
	return append(lines, indent(n.rest())...)
}

// node is one JSON object on its way into the outline. What was read is taken
// out; the rest is shown by name.
type node object

// absent stands for a field that every object of its kind has, but this one not.
type absent struct{}

func nodeOf(v any) node {
	if o, ok := v.(object); ok {
		return o
	}
	return node{"value": v}
}

// text takes a field that is read.
func (n node) text(key string) string {
	s, ok := n[key].(string)
	if !ok {
		return ""
	}
	delete(n, key)
	return plain(s)
}

// list takes a list.
func (n node) list(key string) []any {
	l, ok := n[key].([]any)
	if ok {
		delete(n, key)
	}
	return l
}

// is takes a field if it has this value.
func (n node) is(key string, value any) bool {
	if n[key] != value {
		return false
	}
	delete(n, key)
	return true
}

// expect takes a field whose value is always the same.
func (n node) expect(key string, value any) {
	if _, ok := n[key]; !ok {
		n[key] = absent{}
		return
	}
	n.is(key, value)
}

// rest shows what nobody took.
func (n node) rest() []string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(n)) {
		if _, ok := n[key].(absent); ok {
			lines = append(lines, "without "+key)
			continue
		}
		lines = append(lines, asYAML(object{key: n[key]})...)
	}
	return lines
}

func asYAML(v any) []string {
	var b strings.Builder
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(v); err != nil {
		return []string{err.Error()}
	}
	return strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
}

func indent(lines []string) []string {
	moved := make([]string, len(lines))
	for i, line := range lines {
		moved[i] = "  " + line
	}
	return moved
}

// bullet marks where one of several begins.
func bullet(lines []string) []string {
	moved := indent(lines)
	moved[0] = "- " + lines[0]
	return moved
}

// plain shows line breaks and everything else that cannot be seen.
func plain(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\n':
			b.WriteString("⏎\n")
		case r == ' ' && (i == 0 || i == len(s)-1):
			b.WriteString("␠")
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// lineWidth is how long a line may be where it has a blank to break at.
const lineWidth = 100

// wrap writes a line of the outline, broken at blanks.
func wrap(b *strings.Builder, line string) {
	margin := strings.Repeat(" ", len(line)-len(strings.TrimLeft(line, " "))+4)
	for i, part := range strings.Split(line, "\n") {
		if i > 0 {
			part = margin + part
		}
		runes := []rune(part)
		for len(runes) > lineWidth {
			at := breakAt(runes, len(margin))
			if at < 0 {
				break
			}
			b.WriteString(string(runes[:at]) + "\n")
			runes = append([]rune(margin), runes[at+1:]...)
		}
		b.WriteString(string(runes) + "\n")
	}
}

// breakAt finds the last single blank within the width, else the first behind it.
func breakAt(line []rune, margin int) int {
	found := -1
	for i := margin + 1; i < len(line)-1; i++ {
		if line[i] != ' ' || line[i-1] == ' ' || line[i+1] == ' ' {
			continue
		}
		if i > lineWidth && found >= 0 {
			break
		}
		found = i
	}
	return found
}

// standIn is the button that a client without universal actions shows instead of
// an Action.Execute, as all of our cards have it.
func standIn(execute object) object {
	s := maps.Clone(execute)
	delete(s, "verb")
	delete(s, "fallback")
	s["type"] = "Action.Submit"
	data := object{}
	if d, ok := execute["data"].(object); ok {
		data = maps.Clone(d)
	}
	data["verb"] = execute["verb"]
	s["data"] = data
	s["msteams"] = object{"feedback": object{"hide": true}}
	return s
}

// differences takes a button's fallback and shows where it does not do what the
// button does.
func (n node) differences() []string {
	want := standIn(object(n))
	if _, ok := n["fallback"]; !ok {
		return []string{"without fallback"}
	}
	fallback := nodeOf(n["fallback"])
	delete(n, "fallback")
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if _, ok := fallback[key]; !ok {
			lines = append(lines, "fallback without "+key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(fallback)) {
		if !reflect.DeepEqual(fallback[key], want[key]) {
			lines = append(lines, asYAML(object{"fallback " + key: fallback[key]})...)
		}
	}
	return lines
}
