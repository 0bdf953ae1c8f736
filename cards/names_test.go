package cards

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// TestNamesOfPeopleAreHarmless takes names that would be links, emphasis or turned
// letters, to each place that a name goes.
func TestNamesOfPeopleAreHarmless(t *testing.T) {
	file, err := os.Open("testdata/names/y-names.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name := strings.ReplaceAll(lines.Text(), `\u202e`, "\u202e")
		if strings.HasPrefix(name, "#") {
			continue
		}
		if said := Mentionable(name); strings.ContainsAny(said, "[]*_`:/\u202e\u200f") || said == "" {
			t.Errorf("%q is mentioned as %q", name, said)
		}
		if said := UserText(name).line(nameCut); strings.ContainsAny(said, "\u202e\u200f\u2066") {
			t.Errorf("%q is written as %q", name, said)
		}
	}
}
