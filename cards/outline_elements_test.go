package cards

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

func itemLines(items []any) []string {
	var lines []string
	for _, item := range items {
		lines = append(lines, elementLines(item)...)
	}
	if len(lines) == 0 {
		return []string{"(empty)"}
	}
	return lines
}

func elementLines(v any) []string {
	n := nodeOf(v)
	switch kind, _ := n["type"].(string); kind {
	case "TextBlock":
		return headed(n, textBlockLine)
	case "RichTextBlock":
		if onlyRuns(n) {
			return headed(n, richTextLine)
		}
	case "Container":
		return containerLines(n)
	case "ColumnSet":
		return columnSetLines(n)
	case "Table":
		return tableLines(n)
	case "ActionSet":
		return buttonLines(n)
	case "Input.Text":
		return textInputLines(n)
	case "Input.ChoiceSet":
		return choiceSetLines(n)
	case "Input.Toggle":
		return toggleLines(n)
	}
	return unknownLines(n)
}

// unknownLines shows what the outline has no words for, field by field.
func unknownLines(n node) []string {
	kind := n.text("type")
	if kind == "" {
		kind = "(no type)"
	}
	return append([]string{kind}, indent(n.rest())...)
}

// headed is one line, and below it what that line did not take.
func headed(n node, line func(node) string) []string {
	delete(n, "type")
	first := line(n)
	return append([]string{first}, indent(n.rest())...)
}

// marks are the words for how a text is drawn.
var marks = []struct {
	key   string
	value any
	word  string
}{
	{"size", "Small", "small"}, {"size", "Medium", "medium"}, {"size", "Large", "large"},
	{"weight", "Bolder", "bold"}, {"isSubtle", true, "subtle"}, {"fontType", "Monospace", "code"},
	{"color", "Attention", "attention"}, {"color", "Warning", "warning"}, {"color", "Good", "good"}, {"color", "Accent", "accent"},
}

func (n node) marks() []string {
	var words []string
	for _, m := range marks {
		if n.is(m.key, m.value) {
			words = append(words, m.word)
		}
	}
	return words
}

// label is a line's beginning: "markdown small subtle: ".
func label(word string, marks []string) string {
	return strings.Join(append([]string{word}, marks...), " ") + ": "
}

func textBlockLine(n node) string {
	word := "markdown"
	if n.is("style", "heading") {
		word = "heading"
		n.expect("weight", "Bolder")
	}
	n.expect("wrap", true)
	return label(word, n.marks()) + n.text("text")
}

func onlyRuns(n node) bool {
	runs, ok := n["inlines"].([]any)
	return ok && !slices.ContainsFunc(runs, func(r any) bool {
		o, ok := r.(object)
		_, text := o["text"].(string)
		return !ok || !text || o["type"] != "TextRun"
	})
}

// stretch is text in one style, of one or more runs.
type stretch struct{ style, text string }

func richTextLine(n node) string {
	stretches := stretchesOf(n.list("inlines"))
	if len(stretches) == 1 && stretches[0].style != "" {
		return "text " + stretches[0].style + ": " + plain(stretches[0].text)
	}
	return "text: " + marked(stretches)
}

func stretchesOf(runs []any) []stretch {
	var all []stretch
	for _, r := range runs {
		n := nodeOf(r)
		delete(n, "type")
		text, _ := n["text"].(string)
		delete(n, "text")
		words := n.marks()
		for _, key := range slices.Sorted(maps.Keys(n)) {
			words = append(words, key+"="+compactJSON(n[key]))
		}
		style := strings.Join(words, " ")
		if len(all) > 0 && all[len(all)-1].style == style {
			all[len(all)-1].text += text
		} else {
			all = append(all, stretch{style, text})
		}
	}
	return all
}

// marked is a text with its marks in it; blanks at the edges stay outside.
func marked(all []stretch) string {
	var b strings.Builder
	for _, s := range all {
		inner := strings.Trim(s.text, " ")
		if s.style == "" || inner == "" {
			b.WriteString(s.text)
			continue
		}
		before := len(s.text) - len(strings.TrimLeft(s.text, " "))
		fmt.Fprintf(&b, "%s{%s: %s}%s", s.text[:before], s.style, inner, s.text[before+len(inner):])
	}
	return plain(b.String())
}

func compactJSON(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

func containerLines(n node) []string {
	delete(n, "type")
	first := strings.TrimSpace("box " + n.text("style"))
	if id := n.text("id"); id != "" {
		first += " id=" + id
	}
	if n.is("isVisible", false) {
		first += " (hidden)"
	}
	items := itemLines(n.list("items"))
	var press []string
	if action, ok := n["selectAction"].(object); ok {
		press = actionLines(action)
		press[0] = "press " + press[0]
		delete(n, "selectAction")
	}
	return append([]string{first}, indent(slices.Concat(n.rest(), press, items))...)
}

func columnSetLines(n node) []string {
	delete(n, "type")
	columns := n.list("columns")
	lines := append([]string{"columns"}, indent(n.rest())...)
	for _, c := range columns {
		column := nodeOf(c)
		column.expect("type", "Column")
		items := column.list("items")
		rest := column.rest()
		if len(rest) == 0 && isFact(items) {
			lines = append(lines, bullet(factLines(items))...)
			continue
		}
		lines = append(lines, bullet(append(rest, itemLines(items)...))...)
	}
	return lines
}

// isFact says whether a column is a quiet label over a value, and no more.
func isFact(items []any) bool {
	if len(items) != 2 {
		return false
	}
	name, value := nodeOf(items[0]), nodeOf(items[1])
	return reflect.DeepEqual(object(name), object{"type": "TextBlock", "text": name["text"], "wrap": true, "size": "Small", "isSubtle": true}) &&
		value["type"] == "RichTextBlock" && onlyRuns(value)
}

func factLines(items []any) []string {
	name := nodeOf(items[0])
	return headed(nodeOf(items[1]), func(n node) string {
		return "fact " + name.text("text") + ": " + marked(stretchesOf(n.list("inlines")))
	})
}

func tableLines(n node) []string {
	delete(n, "type")
	first := "table"
	if n.is("firstRowAsHeader", true) {
		first += " with a header"
	}
	n.expect("showGridLines", false)
	rows := n.list("rows")
	n.equalColumns(rows)
	lines := []string{}
	for _, r := range rows {
		lines = append(lines, rowLines(nodeOf(r))...)
	}
	return append([]string{first}, indent(append(n.rest(), lines...))...)
}

// equalColumns takes the definition of columns that say nothing beyond their
// width: as many as each row has cells.
func (n node) equalColumns(rows []any) {
	columns, ok := n["columns"].([]any)
	if !ok {
		n["columns"] = absent{}
		return
	}
	for _, c := range columns {
		if len(nodeOf(c)) > 0 {
			return
		}
	}
	for _, r := range rows {
		if cells, _ := nodeOf(r)["cells"].([]any); len(cells) != len(columns) {
			return
		}
	}
	delete(n, "columns")
}

// rowLines is a row of texts in one line, any other cell by cell.
func rowLines(n node) []string {
	n.expect("type", "TableRow")
	cells := n.list("cells")
	var texts []string
	style := ""
	for i, c := range cells {
		text, marks, ok := cellText(c)
		if !ok || i > 0 && marks != style {
			return append([]string{"row"}, indent(append(n.rest(), cellLines(cells)...))...)
		}
		texts, style = append(texts, text), marks
	}
	return append([]string{strings.TrimSpace("row "+style) + ": " + strings.Join(texts, " | ")}, indent(n.rest())...)
}

// cellText reads a cell of one TextBlock without anything unusual about it.
func cellText(v any) (text, style string, ok bool) {
	cell := maps.Clone(nodeOf(v))
	items := cell.list("items")
	if !cell.is("type", "TableCell") || len(cell) > 0 || len(items) != 1 {
		return "", "", false
	}
	block := maps.Clone(nodeOf(items[0]))
	if !block.is("type", "TextBlock") || !block.is("wrap", true) {
		return "", "", false
	}
	text, style = block.text("text"), strings.Join(block.marks(), " ")
	return text, style, len(block) == 0
}

func cellLines(cells []any) []string {
	var lines []string
	for _, c := range cells {
		cell := nodeOf(c)
		cell.expect("type", "TableCell")
		items := cell.list("items")
		lines = append(lines, bullet(append(cell.rest(), itemLines(items)...))...)
	}
	return lines
}
