package cards

import (
	"bytes"
	"encoding/json"
	"fmt"

	"onbehalf/bot/i18n"
)

// Limit is the size that no card may pass, in bytes of its JSON: what Teams takes
// through every way of delivery.
const Limit = 28 << 10

// Card is one Adaptive Card of version 1.5, which Teams shows on desktop, web and
// mobile. It marshals to the card's JSON without HTML escapes, as long as the
// encoder around it does not add them.
type Card struct {
	lang     string
	fallback string // Markdown in some clients
	speak    string
	summary  string
	body     []element
	mentions []mention
	refresh  *refresh
}

// Speak is the one sentence that a screen reader gets.
func (c Card) Speak() string { return c.speak }

// Summary is the text of the toast and of the list of chats: plain text.
func (c Card) Summary() string {
	if c.summary != "" {
		return c.summary
	}
	return c.speak
}

// Size is the length of the card's JSON in bytes.
func (c Card) Size() int {
	text, err := c.MarshalJSON()
	if err != nil {
		return 0
	}
	return len(text)
}

// MarshalJSON gives the card as Teams wants it.
func (c Card) MarshalJSON() ([]byte, error) {
	out := struct {
		Schema   string    `json:"$schema"`
		Type     string    `json:"type"`
		Version  string    `json:"version"`
		Lang     string    `json:"lang"`
		Fallback string    `json:"fallbackText"`
		Speak    string    `json:"speak"`
		Body     []element `json:"body"`
		Refresh  *refresh  `json:"refresh,omitempty"`
		Teams    *forTeams `json:"msteams,omitempty"`
	}{
		Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.5",
		Lang: c.lang, Fallback: c.fallback, Speak: c.speak, Body: c.body, Refresh: c.refresh,
	}
	if len(c.mentions) > 0 {
		out.Teams = &forTeams{Entities: c.mentions}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		return nil, fmt.Errorf("encode card: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// newCard makes a card of its sentence and its body. The sentence may hold
// foreign text: it is made harmless for clients that read it as Markdown.
func newCard(w i18n.Words, speak string, body ...element) Card {
	speak = scrub(speak)
	return Card{lang: w.Lang(), speak: speak, fallback: withoutMarkdown(speak), body: body}
}

// withFallback replaces what clients say that can't draw the card.
func (c Card) withFallback(text string) Card {
	c.fallback = withoutMarkdown(scrub(text))
	return c
}

// element is one of the elements below. All of them work in every Teams client.
type element interface{ element() }

// textBlock shows our own words only: its text is Markdown.
type textBlock struct {
	Type    string `json:"type"`
	Text    string `json:"text"`
	Wrap    bool   `json:"wrap"`
	Style   string `json:"style,omitempty"`
	Size    string `json:"size,omitempty"`
	Weight  string `json:"weight,omitempty"`
	Subtle  bool   `json:"isSubtle,omitempty"`
	Align   string `json:"horizontalAlignment,omitempty"`
	Spacing string `json:"spacing,omitempty"`
}

func text(ours string) textBlock { return textBlock{Type: "TextBlock", Text: ours, Wrap: true} }

// heading is where a screen reader lands.
func heading(ours, size string) textBlock {
	t := text(ours)
	t.Style, t.Size, t.Weight = "heading", size, "Bolder"
	return t
}

// small is a quiet line: labels, footnotes.
func small(ours string) textBlock {
	t := text(ours)
	t.Size, t.Subtle = "Small", true
	return t
}

func (t textBlock) space(s string) textBlock { t.Spacing = s; return t }
func (t textBlock) quiet() textBlock         { t.Subtle = true; return t }
func (t textBlock) bold() textBlock          { t.Weight = "Bolder"; return t }
func (t textBlock) right() textBlock         { t.Align = "Right"; return t }

// richText shows runs; nothing in it is Markdown.
type richText struct {
	Type      string `json:"type"`
	Inlines   []run  `json:"inlines"`
	Align     string `json:"horizontalAlignment,omitempty"`
	Spacing   string `json:"spacing,omitempty"`
	Separator bool   `json:"separator,omitempty"`
}

func rich(runs ...run) richText { return richText{Type: "RichTextBlock", Inlines: runs} }

func (r richText) space(s string) richText { r.Spacing = s; return r }
func (r richText) line() richText          { r.Separator = true; return r }

// run is a piece of text in one style, shown as it is.
type run struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Size   string `json:"size,omitempty"`
	Weight string `json:"weight,omitempty"`
	Color  string `json:"color,omitempty"`
	Font   string `json:"fontType,omitempty"`
	Subtle bool   `json:"isSubtle,omitempty"`
}

// say makes a run of a sentence, which may hold foreign text.
func say(sentence string) run { return run{Type: "TextRun", Text: scrub(sentence)} }

func (r run) bold() run  { r.Weight = "Bolder"; return r }
func (r run) quiet() run { r.Subtle = true; return r }
func (r run) small() run { r.Size = "Small"; return r }
func (r run) red() run   { r.Color = "Attention"; return r }
func (r run) code() run  { r.Font, r.Size = "Monospace", "Small"; return r }

type container struct {
	Type      string    `json:"type"`
	ID        string    `json:"id,omitempty"`
	Visible   *bool     `json:"isVisible,omitempty"` // nil is visible
	Style     string    `json:"style,omitempty"`
	Spacing   string    `json:"spacing,omitempty"`
	Separator bool      `json:"separator,omitempty"`
	Select    *execute  `json:"selectAction,omitempty"`
	Items     []element `json:"items"`
}

func box(style, spacing string, items ...element) container {
	return container{Type: "Container", Style: style, Spacing: spacing, Items: items}
}

// fold puts what few people need behind one button that shows it; open is drawn without
// the button. Clients send the inputs of a closed fold like all others.
func fold(id, title string, open bool, items []element) []element {
	switch {
	case len(items) == 0:
		return nil
	case open:
		return items
	}
	folded, hidden := box("", "Small", items...), false
	folded.ID, folded.Visible = id, &hidden
	show := showFold{Type: "Action.ToggleVisibility", Title: title, Targets: []string{id}}
	return []element{actionSet{Type: "ActionSet", Spacing: "Medium", Actions: []any{show}}, folded}
}

// showFold opens and closes elements of the card by their ids, in the client alone.
type showFold struct {
	Type    string   `json:"type"`
	Title   string   `json:"title"`
	Targets []string `json:"targetElements"`
}

type columnSet struct {
	Type    string   `json:"type"`
	Spacing string   `json:"spacing,omitempty"`
	Columns []column `json:"columns"`
}

type column struct {
	Type  string    `json:"type"`
	Width string    `json:"width"`
	Align string    `json:"verticalContentAlignment,omitempty"`
	Items []element `json:"items"`
}

func columns(spacing string, all ...column) columnSet {
	return columnSet{Type: "ColumnSet", Spacing: spacing, Columns: all}
}

func wide(items ...element) column {
	if items == nil {
		items = []element{} // an empty column keeps its half of the row
	}
	return column{Type: "Column", Width: "stretch", Items: items}
}

func narrow(items ...element) column {
	return column{Type: "Column", Width: "auto", Items: items}
}

type actionSet struct {
	Type    string `json:"type"`
	Actions []any  `json:"actions"`
	Spacing string `json:"spacing,omitempty"`
}

// table is for numbers: at most four short columns, cells of our own words.
type table struct {
	Type    string     `json:"type"`
	Spacing string     `json:"spacing,omitempty"`
	Header  bool       `json:"firstRowAsHeader"`
	Lines   bool       `json:"showGridLines"`
	Columns []weight   `json:"columns"`
	Rows    []tableRow `json:"rows"`
}

type weight struct {
	Width int `json:"width"`
}

type tableRow struct {
	Type  string      `json:"type"`
	Cells []tableCell `json:"cells"`
}

type tableCell struct {
	Type  string      `json:"type"`
	Items []textBlock `json:"items"`
}

// numbers makes a table: a header, and rows of a label and counts. The last row
// is bold where it is a total.
func numbers(header []string, rows [][]string, total bool) table {
	t := table{Type: "Table", Spacing: "Medium", Header: true}
	for i := range header {
		t.Columns = append(t.Columns, weight{Width: 2})
		if i == 0 {
			t.Columns[0].Width = 5 // the longest severity stays on one line at 320 px
		}
	}
	for n, row := range append([][]string{header}, rows...) {
		line := tableRow{Type: "TableRow"}
		for i, ours := range row {
			cell := text(ours)
			if i > 0 {
				cell = cell.right()
			}
			if n == 0 {
				cell.Size = "Small"
			}
			if n == 0 || total && n == len(rows) {
				cell = cell.bold()
			}
			line.Cells = append(line.Cells, tableCell{Type: "TableCell", Items: []textBlock{cell}})
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

func (textBlock) element() {}
func (richText) element()  {}
func (container) element() {}
func (columnSet) element() {}
func (actionSet) element() {}
func (table) element()     {}

// forTeams is the part of a card that only Teams reads.
type forTeams struct {
	Entities []mention `json:"entities"`
}

// mention makes a name in the card a real mention.
type mention struct {
	Type      string    `json:"type"`
	Text      string    `json:"text"`
	Mentioned mentioned `json:"mentioned"`
}

type mentioned struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// refresh asks Teams to draw each listed person's own view.
type refresh struct {
	Action execute  `json:"action"`
	Users  []string `json:"userIds,omitempty"`
}
