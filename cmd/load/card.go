package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// node is as much of a card, or of a part of one, as a client needs to press a
// button.
type node struct {
	Type         string          `json:"type"`
	ID           string          `json:"id"`
	Value        json.RawMessage `json:"value"`
	Title        string          `json:"title"`
	Verb         string          `json:"verb"`
	Data         json.RawMessage `json:"data"`
	Inputs       string          `json:"associatedInputs"`
	Body         []node          `json:"body"`
	Items        []node          `json:"items"`
	Columns      []node          `json:"columns"`
	Rows         []node          `json:"rows"`
	Cells        []node          `json:"cells"`
	Actions      []node          `json:"actions"`
	SelectAction *node           `json:"selectAction"`
	Card         *node           `json:"card"`
}

// walk visits the node and all below it, in their order, until visit says that
// it is enough; then it returns true.
func (n *node) walk(visit func(*node) bool) bool {
	if visit(n) {
		return true
	}
	for _, below := range [][]node{n.Body, n.Items, n.Columns, n.Rows, n.Cells, n.Actions} {
		for i := range below {
			if below[i].walk(visit) {
				return true
			}
		}
	}
	return n.Card != nil && n.Card.walk(visit) || n.SelectAction != nil && n.SelectAction.walk(visit)
}

func (n *node) offers(verb string) bool {
	return n.walk(func(a *node) bool { return a.Verb == verb })
}

// press is the value of the invoke of the first button with the verb: its data
// as it came, and the card's inputs with what was filled in.
func (n *node) press(verb string, fills map[string]string) ([]byte, error) {
	var action *node
	var verbs []string
	n.walk(func(a *node) bool {
		if a.Verb == verb {
			action = a
		}
		if a.Verb != "" {
			verbs = append(verbs, a.Verb)
		}
		return action != nil
	})
	if action == nil {
		return nil, fmt.Errorf("the card has no button %s among %s", verb, strings.Join(verbs, ", "))
	}
	data := map[string]any{}
	if len(action.Data) > 0 {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(action.Data, &fields); err != nil {
			return nil, fmt.Errorf("data of the button %s: %w", verb, err)
		}
		for name, value := range fields {
			data[name] = value
		}
	}
	if action.Inputs != "none" {
		n.walk(func(input *node) bool {
			if input.ID != "" && strings.HasPrefix(input.Type, "Input.") {
				if fill, ok := fills[input.ID]; ok {
					data[input.ID] = fill
				} else if len(input.Value) > 0 {
					data[input.ID] = input.Value
				}
			}
			return false
		})
	}
	return json.Marshal(map[string]any{
		"trigger": "manual", "action": map[string]any{"type": "Action.Execute", "title": action.Title, "verb": verb, "data": data},
	})
}

// answeredCard is the card in the answer to a press.
func answeredCard(answer []byte) (node, error) {
	var a struct {
		StatusCode int
		Type       string
		Value      json.RawMessage
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return node{}, fmt.Errorf("the answer is no JSON: %w", err)
	}
	if a.StatusCode != http.StatusOK || a.Type != "application/vnd.microsoft.card.adaptive" {
		return node{}, fmt.Errorf("answered %d %s %.200s", a.StatusCode, a.Type, a.Value)
	}
	var card node
	return card, json.Unmarshal(a.Value, &card)
}
