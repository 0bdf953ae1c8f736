package dialogs

import (
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
		overview := cards.Help("", w).Summary()
		_, after, _ := strings.Cut(overview, ": ")
		topics := strings.Split(strings.TrimSuffix(after, "."), ", ")
		if len(topics) != 6 {
			t.Fatalf("%s: %d topics in %q", lang, len(topics), overview)
		}
		seen := make(map[string]bool)
		for _, topic := range topics {
			for _, typed := range []string{topic, strings.ToUpper(topic), " " + topic + " "} {
				said := cards.Help(topicOf(typed), w).Summary()
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
