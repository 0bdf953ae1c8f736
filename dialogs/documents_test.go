package dialogs

import (
	"os"
	"strings"
	"testing"
)

// TestTheEngineersDocumentHasEveryWord holds the words and the document that people read
// in one place.
func TestTheEngineersDocumentHasEveryWord(t *testing.T) {
	text, err := os.ReadFile("../cmd/onbehalf/docs/engineer.md")
	if err != nil {
		t.Fatal(err)
	}
	columns := [3]map[string]bool{{}, {}, {}}
	listed := ""
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			continue
		}
		for i := range columns {
			for word := range strings.SplitSeq(cells[i+1], ",") {
				columns[i][strings.TrimSpace(word)] = true
			}
		}
		if strings.TrimSpace(cells[1]) == string(List) {
			listed = cells[4]
		}
	}
	for _, w := range words {
		for i, word := range []string{w.en, w.ru, w.de} {
			if !columns[i][word] {
				t.Errorf("docs/engineer.md has no %q: the row of %s", word, w.name)
			}
		}
	}
	for _, f := range filters {
		if !strings.Contains(listed, f.en) {
			t.Errorf("docs/engineer.md has no filter %q: the row of list", f.en)
		}
	}
}
