package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const answer = `{"statusCode":200,"type":"application/vnd.microsoft.card.adaptive","value":{"type":"AdaptiveCard","body":[` +
	`{"type":"TextBlock","text":"\"verb\":\"ticket/assign\" {[ \\"},` +
	`{"type":"Input.ChoiceSet","id":"topic","value":"az.vm","choices":[{"title":"Virtual machines","value":"az.vm"}]},` +
	`{"type":"Input.Text","id":"title"},` +
	`{"type":"Container","items":[{"type":"ActionSet","actions":[` +
	`{"type":"Action.Execute","title":"Take over","verb":"ticket/assign","data":{"number":7,"rev":3,"to":"me"},` +
	`"fallback":{"type":"Action.Submit","title":"Take over","data":{"number":7,"rev":3,"to":"me","verb":"ticket/assign"}}},` +
	`{"type":"Action.ShowCard","title":"Comment","card":{"type":"AdaptiveCard","body":[{"type":"Input.Text","id":"text"},` +
	`{"type":"ActionSet","actions":[{"type":"Action.Execute","title":"Add","verb":"ticket/comment","data":{"number":7,"rev":3}}]}]}},` +
	`{"type":"Action.Execute","title":"History","verb":"ticket/history","associatedInputs":"none","data":{"number":7}}]}]}]}}`

func TestAPressSendsTheDataOfTheButtonAndTheInputs(t *testing.T) {
	shown, err := answeredCard([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	fills := map[string]string{"text": "Hello", "reason": "not on this card"}
	for verb, want := range map[string]map[string]any{
		"ticket/assign":  {"number": 7.0, "rev": 3.0, "to": "me", "topic": "az.vm", "text": "Hello"},
		"ticket/comment": {"number": 7.0, "rev": 3.0, "topic": "az.vm", "text": "Hello"},
		"ticket/history": {"number": 7.0},
	} {
		value, err := shown.press(verb, fills)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Trigger string
			Action  struct {
				Type, Title, Verb string
				Data              map[string]any
			}
		}
		if err := json.Unmarshal(value, &got); err != nil {
			t.Fatal(err)
		}
		if got.Action.Verb != verb || got.Action.Type != "Action.Execute" || got.Action.Title == "" || got.Trigger != "manual" {
			t.Errorf("%s: %s", verb, value)
		}
		if diff := cmp.Diff(want, got.Action.Data); diff != "" {
			t.Errorf("%s: %s", verb, diff)
		}
	}
	if !shown.offers("ticket/comment") || shown.offers("ticket/resolve") {
		t.Error("what the card offers")
	}
	if _, err := shown.press("ticket/resolve", nil); err == nil || !strings.Contains(err.Error(), "ticket/assign ticket/comment ticket/history") {
		t.Errorf("a button that is not there: %v", err)
	}
}

func TestAnAnswerWithoutACardIsAnError(t *testing.T) {
	for _, other := range []string{
		"", "{}", `{"statusCode":200,"type":"application/vnd.microsoft.activity.message","value":"Later"}`,
		`{"statusCode":500,"type":"application/vnd.microsoft.error","value":{"code":"ServiceError","message":"Ours"}}`,
	} {
		if _, err := answeredCard([]byte(other)); err == nil {
			t.Errorf("%q is a card", other)
		}
	}
}
