package teams

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainText returns the words of a message's HTML, a line for each block. The
// tokenizer is used alone: a tree of hostile depth is never built.
func plainText(markup string) string {
	var b strings.Builder
	hidden := 0
	z := html.NewTokenizer(strings.NewReader(markup))
	for {
		kind := z.Next()
		if kind == html.ErrorToken { // the end; the reader cannot fail
			return escaped.Replace(b.String())
		}
		t := z.Token()
		switch kind {
		case html.TextToken:
			if hidden == 0 {
				b.WriteString(t.Data)
			}
		case html.StartTagToken:
			if t.DataAtom == atom.Script || t.DataAtom == atom.Style {
				hidden++
			}
			if t.DataAtom == atom.Br {
				b.WriteByte('\n')
			}
		case html.SelfClosingTagToken:
			if t.DataAtom == atom.Br {
				b.WriteByte('\n')
			}
		case html.EndTagToken:
			switch t.DataAtom {
			case atom.Script, atom.Style:
				hidden = max(0, hidden-1)
			case atom.P, atom.Div, atom.Li, atom.Tr, atom.Blockquote, atom.Pre, atom.H1, atom.H2, atom.H3:
				b.WriteByte('\n')
			case atom.Td, atom.Th:
				b.WriteByte(' ')
			}
		}
	}
}

// escaped keeps clean from resolving a second time what the tokenizer already
// resolved.
var escaped = strings.NewReplacer("&", "&amp;")
