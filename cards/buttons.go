package cards

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// button is anything that can be pressed: it sends a verb, opens a page, or opens
// the fields under it.
type button struct {
	title string
	verb  string
	data  Data
	url   string
	under []element // opens below the button (Action.ShowCard)
	// filled is the one next step of a card.
	filled bool
	// behind puts it behind "…". Each of these has a typed word as well.
	behind bool
	// alone sends no inputs.
	alone bool
	// opensDialog sends nothing, but opens a dialog; where a client has none, it sends the
	// verb. inDialog is a button that stands in dialogs only.
	opensDialog, inDialog bool
}

type execute struct {
	Type     string  `json:"type"`
	Title    string  `json:"title"`
	Verb     string  `json:"verb"`
	Data     Data    `json:"data"`
	Style    string  `json:"style,omitempty"`
	Mode     string  `json:"mode,omitempty"`
	Inputs   string  `json:"associatedInputs,omitempty"`
	Fallback *submit `json:"fallback,omitempty"`
}

// submit is what older clients press instead; it does the same.
type submit struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Data   Data         `json:"data"`
	Style  string       `json:"style,omitempty"`
	Mode   string       `json:"mode,omitempty"`
	Inputs string       `json:"associatedInputs,omitempty"`
	Teams  withFeedback `json:"msteams"`
}

// plainSubmit opens a dialog, or stands in one; what it does is in its data.
type plainSubmit struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Data   Data   `json:"data"`
	Style  string `json:"style,omitempty"`
	Mode   string `json:"mode,omitempty"`
	Inputs string `json:"associatedInputs,omitempty"`
}

// withFeedback keeps Teams from saying "Your response was sent".
type withFeedback struct {
	Feedback struct {
		Hide bool `json:"hide"`
	} `json:"feedback"`
}

type openURL struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
	Style string `json:"style,omitempty"`
	Mode  string `json:"mode,omitempty"`
}

type showCard struct {
	Type  string  `json:"type"`
	Title string  `json:"title"`
	Style string  `json:"style,omitempty"`
	Mode  string  `json:"mode,omitempty"`
	Card  subCard `json:"card"`
}

type subCard struct {
	Type string    `json:"type"`
	Body []element `json:"body"`
}

func (b button) action() any {
	style, mode := "", ""
	if b.filled {
		style = "positive"
	}
	if b.behind {
		mode = "secondary"
	}
	switch {
	case b.url != "":
		return openURL{Type: "Action.OpenUrl", Title: b.title, URL: b.url, Style: style, Mode: mode}
	case b.under != nil:
		return showCard{Type: "Action.ShowCard", Title: b.title, Style: style, Mode: mode,
			Card: subCard{Type: "AdaptiveCard", Body: b.under}}
	case b.opensDialog:
		data := Data{"verb": b.verb, "msteams": Data{"type": "task/fetch"}}
		return plainSubmit{Type: "Action.Submit", Title: b.title, Data: data, Style: style, Mode: mode, Inputs: "none"}
	case b.inDialog:
		return plainSubmit{Type: "Action.Submit", Title: b.title, Data: b.data, Style: style, Mode: mode, Inputs: "none"}
	}
	return b.execute(style, mode)
}

func (b button) execute(style, mode string) execute {
	data := b.data
	if data == nil {
		data = Data{}
	}
	e := execute{Type: "Action.Execute", Title: b.title, Verb: b.verb, Data: data, Style: style, Mode: mode}
	s := submit{Type: "Action.Submit", Title: b.title, Data: maps.Clone(data), Style: style, Mode: mode}
	s.Data["verb"] = b.verb
	s.Teams.Feedback.Hide = true
	if b.alone {
		e.Inputs, s.Inputs = "none", "none"
	}
	e.Fallback = &s
	return e
}

// rowAction makes a whole row the button.
func rowAction(title, verb string, data Data) *execute {
	e := button{title: title, verb: verb, data: data, alone: true}.execute("", "")
	return &e
}

// A phone of 320 px leaves 294 for the buttons of one set; Microsoft's renderer
// squeezes labels instead of wrapping them. The widths are those of Noto Sans in
// the weight of buttons, rounded up; Teams' own font is narrower.
const (
	rowWidth     = 294
	buttonMargin = 26
	gap          = 8

	narrowLetter = 4.5
	slimLetter   = 7.4
	usualLetter  = 9.2
	cyrillic     = 9.7
	capitalWidth = 10.2
	broadLetter  = 13
	ideograph    = 16
)

const (
	narrowLetters = " .,:;'’!|()-ijlIJ"
	slimLetters   = "ftrsczEFLST?гстзэ"
	broadLetters  = "mwMW@%жмфшщыюЖМФШЩЫЮ"
)

func (b button) width() float64 { return labelWidth(b.title) }

func labelWidth(title string) float64 {
	width := float64(buttonMargin)
	for _, r := range title {
		switch {
		case strings.ContainsRune(narrowLetters, r):
			width += narrowLetter
		case strings.ContainsRune(slimLetters, r):
			width += slimLetter
		case strings.ContainsRune(broadLetters, r):
			width += broadLetter
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), r > 0xFFFF:
			width += ideograph
		case unicode.IsUpper(r):
			width += capitalWidth
		case unicode.Is(unicode.Cyrillic, r):
			width += cyrillic
		default:
			width += usualLetter
		}
	}
	return width
}

// pack puts buttons into sets that a phone shows without cutting a label. Those
// behind "…" go to the last set with room for it, never alone; the first of them are
// visible where a set would have more than Microsoft's renderer takes.
func pack(buttons ...button) element {
	sets, behind := rowsOf(buttons)
	for i := range buttons {
		if at := behindSet(sets, behind); at < 0 || len(sets[at])+len(behind) <= mostActions {
			break
		}
		if buttons[i].behind {
			buttons = slices.Clone(buttons)
			buttons[i].behind = false
			sets, behind = rowsOf(buttons)
		}
	}
	var all []element
	for i, set := range sets {
		s := actionSet{Type: "ActionSet", Spacing: "Small"}
		if i == 0 {
			s.Spacing = "None"
		}
		for _, b := range set {
			s.Actions = append(s.Actions, b.action())
		}
		if i == behindSet(sets, behind) {
			for _, b := range behind {
				s.Actions = append(s.Actions, b.action())
			}
		}
		all = append(all, s)
	}
	if len(all) == 1 {
		one := all[0].(actionSet)
		one.Spacing = "Medium"
		return one
	}
	return box("", "Medium", all...)
}

// mostActions is what Microsoft's renderer takes in one set.
const mostActions = 6

// rowsOf breaks the visible buttons into rows. Where there is something behind
// "…", the last row has room for it if any way leads there.
func rowsOf(buttons []button) (rows [][]button, behind []button) {
	var row []button
	used := 0.0
	for _, b := range buttons {
		if b.behind {
			behind = append(behind, b)
			continue
		}
		if len(row) > 0 && used+gap+b.width() > rowWidth {
			rows, row, used = append(rows, row), nil, 0
		}
		if len(row) > 0 {
			used += gap
		}
		row, used = append(row, b), used+b.width()
	}
	if len(row) > 0 {
		rows = append(rows, row)
	}
	if len(behind) == 0 {
		return rows, nil
	}
	if len(rows) == 0 {
		// Everything is behind: show the first instead of "…" alone.
		behind[0].behind = false
		return [][]button{{behind[0]}}, behind[1:]
	}
	if last := rows[len(rows)-1]; len(last) > 1 && !hasRoom(last) {
		// The last button moves down and takes "…" with it.
		rows[len(rows)-1] = last[:len(last)-1]
		rows = append(rows, last[len(last)-1:])
	}
	return rows, behind
}

// hasRoom says whether "…" fits beside the row.
func hasRoom(row []button) bool {
	used := labelWidth("...") + gap
	for i, b := range row {
		if i > 0 {
			used += gap
		}
		used += b.width()
	}
	return used <= rowWidth
}

// behindSet is the row that gets "…": the last one with room, in doubt the last.
func behindSet(rows [][]button, behind []button) int {
	if len(behind) == 0 {
		return -1
	}
	for i := len(rows) - 1; i >= 0; i-- {
		if hasRoom(rows[i]) {
			return i
		}
	}
	return len(rows) - 1
}
