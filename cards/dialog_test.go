package cards

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"onbehalf/bot/i18n"
)

// TestDialogsSendWhatCardsSend draws every card for a dialog: the same inputs, for each
// button one that submits the same, and nothing that a dialog does not deliver.
func TestDialogsSendWhatCardsSend(t *testing.T) {
	presses := func(v any) (inputs []string, sent []object, kinds map[string]bool) {
		kinds = map[string]bool{}
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case []any:
				for _, inner := range v {
					walk(inner)
				}
			case object:
				kind := kindOf(v)
				if kinds[kind] = true; strings.HasPrefix(kind, "Input.") {
					inputs = append(inputs, v["id"].(string))
				}
				if f, ok := v["fallback"].(object); ok && kind == "Action.Execute" {
					v = f
				}
				if kindOf(v) == "Action.Submit" {
					sent = append(sent, v["data"].(object))
					return
				}
				for _, inner := range []string{"body", "items", "columns", "actions", "card", "selectAction", "rows", "cells"} {
					walk(v[inner])
				}
			}
		}
		walk(v)
		return inputs, sent, kinds
	}
	decoded := func(v any) (root object, size int) {
		encoded, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(encoded, &root)
		}
		if err != nil {
			t.Fatal(err)
		}
		return root, len(encoded)
	}
	for _, s := range samples(t, i18n.English) {
		card, _ := decoded(s.card)
		dialog, size := decoded(s.card.ForDialog())
		inputs, sent, _ := presses(card)
		gotInputs, gotSent, kinds := presses(dialog)
		if !slices.Equal(inputs, gotInputs) || !reflect.DeepEqual(sent, gotSent) {
			t.Errorf("%s: sends %v of %v, the card %v of %v", s.name, gotSent, gotInputs, sent, inputs)
		}
		if kinds["Action.Execute"] || dialog["refresh"] != nil || size > Limit {
			t.Errorf("%s: has an Action.Execute, a refresh, or %d bytes", s.name, size)
		}
	}
}
