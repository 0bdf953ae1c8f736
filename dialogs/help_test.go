package dialogs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"onbehalf/bot/i18n"
	"onbehalf/cards"
)

// TestHelpKnowsTheTopicsThatItNames types each word that the help says aloud, as
// somebody does who hears the card or cannot press its rows.
func TestHelpKnowsTheTopicsThatItNames(t *testing.T) {
	for _, lang := range i18n.Languages() {
		w := i18n.For(lang, nil)
		overview := cards.Help("", nil, w).Summary()
		_, after, _ := strings.Cut(overview, ": ")
		topics := strings.Split(strings.TrimSuffix(after, "."), ", ")
		if len(topics) != 6 {
			t.Fatalf("%s: %d topics in %q", lang, len(topics), overview)
		}
		seen := make(map[string]bool)
		for _, topic := range topics {
			for _, typed := range []string{topic, strings.ToUpper(topic), " " + topic + " "} {
				said := cards.Help(topicOf(typed), nil, w).Summary()
				if said == overview {
					t.Errorf("%s: %q leads nowhere", lang, typed)
				}
				seen[said] = true
			}
		}
		if len(seen) != len(topics) {
			t.Errorf("%s: %d topics lead to %d cards", lang, len(topics), len(seen))
		}
	}
}

// TestHelpListsAllWords finds each command under a topic, in the overview too.
func TestHelpListsAllWords(t *testing.T) {
	for _, lang := range i18n.Languages() {
		w := i18n.For(lang, nil)
		overview, err := cards.Help("", helpWords(w), w).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var listed []string
		for _, all := range helpWords(w) {
			listed = append(listed, all...)
			if !strings.Contains(string(overview), strings.Join(all, " · ")) {
				t.Errorf("%s: the overview lacks %q", lang, all)
			}
		}
		for _, word := range words {
			if !slices.Contains(listed, word.in(lang)) {
				t.Errorf("%s: %q is under no topic", lang, word.in(lang))
			}
		}
	}
}

// notTyped are buttons that lead to other sites, or mean something only on the card on
// which they stand.
var notTyped = []string{
	"press.other", "press.health", "press.no_number", "press.take_from", "press.ack_my", "press.next_rows", "press.previous_rows",
	"press.copy_link", "press.details", "press.rights_7", "press.rights_30", "press.rights_60",
	"press.add_here", "press.without", "press.source",
}

// TestWhatStandsOnAButtonIsAWord types what each button says, in each language.
func TestWhatStandsOnAButtonIsAWord(t *testing.T) {
	d := NewDialogs(nil, nil)
	files, err := filepath.Glob("../bot/i18n/catalogue/*.en.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`(?m)^((?:press|report\.press_\w+|help\.all|details\.title)(?:\.\w+)?):`).FindAllStringSubmatch(string(text), -1) {
			key := found[1]
			if slices.Contains(notTyped, key) {
				continue
			}
			for _, lang := range i18n.Languages() {
				label := i18n.For(lang, nil).T(key, "n", 3, "number", "SR-7", "name", "Bob", "portal", "X", "customer", "Y")
				c := Parse(label)
				if _, ok := d.commands[c.Name]; !ok {
					t.Errorf("%s: %q (%s) is no word", lang, label, key)
				}
			}
		}
	}
}
