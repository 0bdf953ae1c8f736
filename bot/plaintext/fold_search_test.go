package plaintext

import (
	"strings"
	"testing"
)

// What a stranger may send without end is bounded before a database is asked.
func TestSearchesAreBounded(t *testing.T) {
	if words := FoldWords(strings.Repeat("word ", 10_000)); len(words) != searchWords {
		t.Errorf("%d words are looked for", len(words))
	}
	if words := FoldWords(strings.Repeat("ж", 100_000)); len(words) != 1 || len([]rune(words[0])) != searchLimit {
		t.Errorf("a word has %d bytes", len(words[0]))
	}
	if got := SearchText("Müller  & Söhne"); got != "Müller  & Söhne" {
		t.Errorf("an ordinary search became %q", got)
	}
}
