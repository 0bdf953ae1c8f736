package plaintext

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTML reads the HTML of a message of Teams.
type HTML struct {
	// Picture stands for a picture that nobody has described.
	Picture string
	// Attached gives what stands where a message has something attached, by its id; it may
	// be empty. Nil is nothing.
	Attached func(id string) string
}

// Text gives what a reader sees, as lines of text: lists with their marks, quotations with
// ">", a table's rows with "|", code as it stands, links with their addresses. What is
// hidden, and what is no text, is left out. It is for any HTML: what cannot be parsed gives
// its text without the tags.
func (h HTML) Text(source string) string {
	nodes, err := html.ParseFragment(strings.NewReader(source), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	w := &textWriter{HTML: h}
	for _, n := range nodes {
		w.node(n)
	}
	if err != nil { // nested deeper than anybody writes
		w.tokens(source)
	}
	return Lines(w.out.String())
}

// textWriter writes text; breaks and blanks are owed until something follows.
type textWriter struct {
	HTML
	out    strings.Builder
	breaks int
	blank  bool
	code   int // how many elements around keep their blanks
	leads  []*lead
}

// lead is what the lines of a list's item or of a quotation begin with.
type lead struct {
	first, rest string
	begun       bool
}

// unseen are elements whose content nobody reads.
var unseen = map[string]bool{
	"script": true, "style": true, "template": true, "noscript": true, "iframe": true, "object": true, "head": true, "title": true,
	"svg": true, "math": true, "select": true, "textarea": true, "systemeventmessage": true, "button": true,
}

// blocks are elements that stand on lines of their own.
var blocks = map[string]bool{
	"p": true, "div": true, "section": true, "article": true, "header": true, "footer": true, "ul": true, "ol": true, "table": true, "hr": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "dl": true, "dt": true, "dd": true, "figure": true, "tr": true,
}

func (w *textWriter) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		w.text(n.Data)
	case n.Type == html.ElementNode && !unseen[n.Data] && !hidden(n):
		w.element(n)
	}
}

func (w *textWriter) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
}

func (w *textWriter) element(n *html.Node) {
	switch n.Data {
	case "br":
		w.breaks, w.blank = min(w.breaks+1, 2), false
	case "pre", "codeblock":
		w.line()
		w.code++
		w.children(n)
		w.code--
		w.line()
	case "blockquote":
		w.led(lead{first: "> ", rest: "> "}, n)
	case "li":
		mark := markOf(n)
		w.led(lead{first: mark, rest: strings.Repeat(" ", len(mark))}, n)
	case "tr":
		w.row(n)
	case "img", "emoji":
		w.text(w.picture(n))
	case "at":
		w.text("@" + strings.TrimPrefix(w.inside(n), "@"))
	case "attachment":
		w.attachment(attribute(n, "id"))
	case "a":
		w.link(n)
	default:
		if blocks[n.Data] {
			w.line()
		}
		w.children(n)
		if blocks[n.Data] {
			w.line()
		}
	}
}

// line ends the line.
func (w *textWriter) line() { w.breaks, w.blank = max(w.breaks, 1), false }

func (w *textWriter) led(l lead, n *html.Node) {
	w.line()
	w.leads = append(w.leads, &l)
	w.children(n)
	w.leads = w.leads[:len(w.leads)-1]
	w.line()
}

// markOf is the mark of a list's item.
func markOf(li *html.Node) string {
	list := li.Parent
	if list == nil || list.Data != "ol" {
		return "- "
	}
	n := 1
	if start, err := strconv.Atoi(attribute(list, "start")); err == nil {
		n = start
	}
	for before := li.PrevSibling; before != nil; before = before.PrevSibling {
		if before.Data == "li" {
			n++
		}
	}
	return strconv.Itoa(n) + ". "
}

// row writes a table's row; what is in a cell becomes one line.
func (w *textWriter) row(n *html.Node) {
	w.line()
	for c, first := n.FirstChild, true; c != nil; c = c.NextSibling {
		if c.Data != "td" && c.Data != "th" || hidden(c) {
			continue
		}
		if !first {
			w.text(" | ")
		}
		w.text(w.inside(c))
		first = false
	}
	w.line()
}

// inside is the text of an element as one line.
func (w *textWriter) inside(n *html.Node) string {
	inner := &textWriter{HTML: w.HTML}
	inner.children(n)
	return Line(inner.out.String())
}

func (w *textWriter) picture(n *html.Node) string {
	alt := Line(attribute(n, "alt"))
	emoji := n.Data == "emoji" || strings.HasSuffix(strings.ToLower(attribute(n, "itemtype")), "/emoji")
	switch {
	case emoji:
		return alt
	case alt == "" || strings.EqualFold(alt, "image"):
		return w.Picture
	}
	return "[" + alt + "]"
}

func (w *textWriter) attachment(id string) {
	if w.Attached == nil {
		return
	}
	if said := w.Attached(id); said != "" {
		w.line()
		w.code++
		w.text(said)
		w.code--
		w.line()
	}
}

// longestAddress is how much of a link's address is worth reading.
const longestAddress = 200

// link writes a link's words, and its address where they do not say it.
func (w *textWriter) link(n *html.Node) {
	said, address := w.inside(n), attribute(n, "href")
	w.text(said)
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(address) > longestAddress {
		return
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://"), "/")
	if !strings.Contains(said, bare) {
		w.text(" (" + address + ")")
	}
}

// text writes text of one element: blanks become one, but in code.
func (w *textWriter) text(s string) {
	if w.code > 0 {
		for i, line := range strings.Split(lineBreaks.Replace(s), "\n") {
			if i > 0 {
				w.breaks, w.blank = w.breaks+1, false
			}
			w.write(line)
		}
		return
	}
	words := strings.Fields(s) // no-break spaces are blanks too
	if len(words) == 0 {
		w.blank = w.blank || s != ""
		return
	}
	w.blank = w.blank || unicode.IsSpace([]rune(s)[0])
	w.write(strings.Join(words, " "))
	last := []rune(s)
	w.blank = unicode.IsSpace(last[len(last)-1])
}

// write pays what is owed, and writes.
func (w *textWriter) write(s string) {
	if s == "" {
		return
	}
	begins := w.out.Len() == 0
	switch {
	case w.breaks > 0 && !begins:
		w.out.WriteString(strings.Repeat("\n", w.breaks))
		begins = true
	case w.blank && !begins:
		w.out.WriteByte(' ')
	}
	w.breaks, w.blank = 0, false
	for _, l := range w.leads {
		switch {
		case !l.begun:
			w.out.WriteString(l.first)
		case begins:
			w.out.WriteString(l.rest)
		}
		l.begun = true
	}
	w.out.WriteString(s)
}

// tokens writes the text between the tags, whatever they mean.
func (w *textWriter) tokens(source string) {
	skip := ""
	for tokens := html.NewTokenizer(strings.NewReader(source)); ; {
		switch tokens.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken:
			if name, _ := tokens.TagName(); skip == "" && unseen[string(name)] {
				skip = string(name)
			}
		case html.EndTagToken:
			if name, _ := tokens.TagName(); string(name) == skip {
				skip = ""
			}
		case html.TextToken:
			if skip == "" {
				w.text(string(tokens.Text()))
			}
		}
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// hidden says whether an element is there and cannot be seen.
func hidden(n *html.Node) bool {
	style := ""
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return true
		case "style":
			style = strings.ToLower(a.Val)
		}
	}
	for declaration := range strings.SplitSeq(style, ";") {
		property, value, _ := strings.Cut(declaration, ":")
		property, value = strings.TrimSpace(property), strings.TrimSpace(strings.ReplaceAll(value, "!important", ""))
		none := strings.Trim(strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz%"), "0.") == "" && strings.HasPrefix(value, "0")
		switch {
		case property == "display" && value == "none", property == "visibility" && (value == "hidden" || value == "collapse"):
			return true
		case none && (property == "font-size" || property == "opacity" || property == "max-height" || property == "line-height"):
			return true
		}
	}
	return false
}
