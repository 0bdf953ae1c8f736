package cards

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOutlineOfWhatNoSampleHas shows what a mistake or a new element looks like.
func TestOutlineOfWhatNoSampleHas(t *testing.T) {
	const head = `"type":"AdaptiveCard","version":"1.5","$schema":"http://adaptivecards.io/schemas/adaptive-card.json","lang":"en","speak":"Hello.","fallbackText":"Hello."`
	long := strings.Repeat("a sentence of some words ", 6)
	for name, c := range map[string]struct{ body, want string }{
		"a text that is not wrapped": {
			`{"type":"TextBlock","text":"Careful","color":"Attention","weight":"Lighter"}`,
			"markdown attention: Careful\n  weight: Lighter\n  without wrap\n"},
		"marks within a text": {
			`{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Due "},{"type":"TextRun","text":"today ","weight":"Bolder"},{"type":"TextRun","text":"or later","italic":true}]}`,
			"text: Due {bold: today} {italic=true: or later}\n"},
		"what cannot be seen": {
			`{"type":"TextBlock","wrap":true,"text":" 2\u00a0h\nlate "}`,
			"markdown: ␠2\\u00a0h⏎\n    late␠\n"},
		"a long line is broken at a blank": {
			`{"type":"TextBlock","wrap":true,"text":"` + long + `end"}`,
			"markdown: a sentence of some words a sentence of some words a sentence of some words a sentence of\n" +
				"    some words a sentence of some words a sentence of some words end\n"},
		"a new element": {
			`{"type":"Badge","text":"New","fallback":{"type":"TextBlock","text":"New"}}`,
			"Badge\n  fallback:\n    text: New\n    type: TextBlock\n  text: New\n"},
		"an input that blocks the way": {
			`{"type":"Input.Text","id":"title","label":"Title","isRequired":true,"errorMessage":"Fill it in","regex":"^a"}`,
			"input text id=title required: Title\n  errorMessage: Fill it in\n  regex: ^a\n"},
		"a value that is no choice": {
			`{"type":"Input.ChoiceSet","id":"n","label":"How many?","style":"compact","wrap":true,"value":"3","choices":[{"title":"One","value":"1"},{"title":"Many","value":"many"}]}`,
			"input choice id=n compact: How many?\n  value: \"3\"\n  ( ) One = \"1\"\n  ( ) Many = many\n"},
		"a button without a fallback": {
			`{"type":"ActionSet","actions":[{"type":"Action.Execute","title":"Go","verb":"go","data":{"n":"1","to":"me"}}]}`,
			"buttons\n  [Go] sends go n=\"1\" to=me\n    without fallback\n"},
		"a fallback that does something else": {
			`{"type":"ActionSet","actions":[{"type":"Action.Execute","title":"Go","verb":"go","fallback":{"type":"Action.Submit","title":"Run","data":{"verb":"run"}}}]}`,
			"buttons\n  [Go] sends go\n    fallback without msteams\n    fallback data:\n      verb: run\n    fallback title: Run\n"},
		"an action that we do not use": {
			`{"type":"ActionSet","actions":[{"type":"Action.ResetInputs","title":"More"}]}`,
			"buttons\n  Action.ResetInputs\n    title: More\n"},
		"an empty box": {
			`{"type":"Container","items":[]}`,
			"box\n  (empty)\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := outline([]byte("{"+head+`,"body":[`+c.body+"]}"), "Hello.")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("card en\nspeak: Hello.\n\n"+c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
