package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// card is JSON with a card somewhere in it, such as an answer or a message, as
// compact as Go writes it. Only the buttons and inputs of it are ever decoded: to
// take whole cards apart would cost more than some of what is measured.
type card []byte

// button is an Action.Execute.
type button struct {
	Type   string                     `json:"type"`
	Title  string                     `json:"title"`
	Verb   string                     `json:"verb"`
	Data   map[string]json.RawMessage `json:"data"`
	Inputs string                     `json:"associatedInputs"`
}

// input is an Input of any sort with what it holds; nil is nothing.
type input struct {
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value"`
}

func verbField(verb string) string { return `"verb":"` + verb + `"` }

func (c card) offers(verb string) bool { return bytes.Contains(c, []byte(verbField(verb))) }

// press is the value of the invoke of the first button with the verb: its data as
// they came, and the card's inputs with what is filled in.
func (c card) press(verb string, fills map[string]string) ([]byte, error) {
	b, err := c.button(verb)
	if err != nil {
		return nil, err
	}
	data := map[string]any{}
	for name, value := range b.Data {
		data[name] = value
	}
	if b.Inputs != "none" {
		for _, object := range c.objects(`"type":"Input.`) {
			var in input
			if err := json.Unmarshal(object, &in); err != nil {
				return nil, fmt.Errorf("an input of the card: %w", err)
			}
			if fill, ok := fills[in.ID]; ok {
				data[in.ID] = fill
			} else if in.Value != nil {
				data[in.ID] = in.Value
			}
		}
	}
	return json.Marshal(map[string]any{
		"trigger": "manual", "action": map[string]any{"type": b.Type, "title": b.Title, "verb": b.Verb, "data": data},
	})
}

// button finds the first button with the verb; what old clients fall back to
// carries the verb too, but is none.
func (c card) button(verb string) (button, error) {
	for _, object := range c.objects(verbField(verb)) {
		var b button
		if err := json.Unmarshal(object, &b); err == nil && b.Type == "Action.Execute" {
			return b, nil
		}
	}
	var offered []string
	for _, object := range c.objects(`"verb":"`) {
		var b button
		if err := json.Unmarshal(object, &b); err == nil && b.Type == "Action.Execute" {
			offered = append(offered, b.Verb)
		}
	}
	return button{}, fmt.Errorf("the card has no button %s, but %q", verb, strings.Join(offered, " "))
}

// objects are those that have a field which begins so, the ones that end first in
// front.
func (c card) objects(field string) [][]byte {
	type open struct {
		at  int
		has bool
	}
	var stack []open
	var found [][]byte
	mark := []byte(field)
	for i := 0; i < len(c); i++ {
		switch c[i] {
		case '{':
			stack = append(stack, open{at: i})
		case '}':
			if len(stack) == 0 {
				return found
			}
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if last.has {
				found = append(found, c[last.at:i+1])
			}
		case '"':
			if len(stack) > 0 && bytes.HasPrefix(c[i:], mark) {
				stack[len(stack)-1].has = true
			}
			for i++; i < len(c) && c[i] != '"'; i++ { // the string holds no brackets that count
				if c[i] == '\\' {
					i++
				}
			}
		}
	}
	return found
}

// answeredCard is the card in the answer to a press.
func answeredCard(answer []byte) (card, error) {
	head := answer[:min(len(answer), 100)]
	if !bytes.Contains(head, []byte(`"statusCode":200,`)) || !bytes.Contains(head, []byte(`"type":"application/vnd.microsoft.card.adaptive"`)) {
		return nil, fmt.Errorf("answered without a card: %.300s", answer)
	}
	return answer, nil
}
