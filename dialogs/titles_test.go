package dialogs_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"onbehalf/bot/teams/teamstest"
)

// TestEachChoiceUnderstandsItsOwnTitles sends what the card shows instead of the values,
// as a mobile client does, in each language: the form takes the same answers.
func TestEachChoiceUnderstandsItsOwnTitles(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		for _, lang := range []string{"en", "de", "ru"} {
			alice := d.Conversation(teamstest.Personal).As("Alice " + lang)
			alice.Say("language " + lang)
			form := alice.Say("/new").ExpectCard("customer")
			impact := form.Press("intake/next", "ask", "impact").ExpectInput("production")
			form = sent(impact, titled(t, impact, map[string]string{"production": "partly", "loss": "moderate", "workaround": "with_workaround"})).ExpectValue("severity", "B")
			what := sent(form, titled(t, form, map[string]string{
				"customer": contosoUK, "platform": "office365", "severity": "noncritical", "kind": "technical", "language": "de"}), "ask", "").ExpectInput("title")
			what.Fill("title", "Slow").Fill("description", "All of it")
			sent(what, titled(t, what, map[string]string{"criterion": "not_as_described", "topic": "m.exo", "healthChecked": "none"})).ExpectButton("intake/submit")
			a := d.draft(alice).Answers
			got := []string{a.Customer, a.Platform, a.Severity, a.Kind, a.Language, a.Criterion, a.Topic, a.HealthChecked, a.Production, a.Loss, a.Workaround}
			want := []string{contosoUK, "office365", "noncritical", "technical", "de", "not_as_described", "m.exo", "none", "partly", "moderate", "with_workaround"}
			if !slices.Equal(got, want) {
				t.Errorf("%s: kept %q, want %q", lang, got, want)
			}
		}
		// The titles that a client was seen to send.
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("/new").ExpectCard("customer")
		sent(form, map[string]any{"customer": "Fabrikam Residences & Söhne · obhfabrikam.onmicrosoft.com", "platform": "Microsoft 365", "kind": "Technical",
			"severity": "A – Critical: production is down. First response within 2 hours"}, "ask", "").ExpectInput("title")
		if a := d.draft(alice).Answers; a.Customer != fabrikam || a.Platform != "office365" || a.Severity != "A" || a.Kind != "technical" {
			t.Errorf("kept %+v", a)
		}
	})
}

// sent presses Next with other values than the renderer would send.
func sent(c *teamstest.Card, values map[string]any, button ...string) *teamstest.Card {
	press := c.Invoke("intake/next", button...)
	maps.Copy(dataOf(press), values)
	return c.Execute(press)
}

// titled are inputs with the titles of what is chosen.
func titled(t *testing.T, c *teamstest.Card, chosen map[string]string) map[string]any {
	titles := map[string]any{}
	for id, value := range chosen {
		titles[id] = titleOf(t, c, id, value)
	}
	return titles
}

// titleOf is what a card's choice set shows for one of its values.
func titleOf(t *testing.T, c *teamstest.Card, id, value string) string {
	t.Helper()
	encoded, err := json.Marshal(c.Content)
	if err != nil {
		t.Fatal(err)
	}
	var root any
	if err := json.Unmarshal(encoded, &root); err != nil {
		t.Fatal(err)
	}
	title := ""
	var walk func(node any)
	walk = func(node any) {
		switch n := node.(type) {
		case []any:
			for _, child := range n {
				walk(child)
			}
		case map[string]any:
			if choices, ok := n["choices"].([]any); ok && n["id"] == id {
				for _, c := range choices {
					if c := c.(map[string]any); c["value"] == value {
						title = c["title"].(string)
					}
				}
			}
			for _, child := range n {
				walk(child)
			}
		}
	}
	walk(root)
	if title == "" {
		t.Fatalf("%s offers no %q", id, value)
	}
	return title
}
