package teamstest

import (
	"encoding/json"
	"strings"
)

// The order in which a card's parts are read: as they stand on the screen.
// Fallbacks are not on it.
var (
	childKeys  = []string{"body", "items", "columns", "rows", "cells", "inlines", "images", "facts", "choices", "actions", "card", "selectAction", "inlineAction"}
	spokenKeys = []string{"title", "label", "text", "value", "placeholder", "errorMessage"}
)

// walk visits every object of a card in reading order, with the key that it
// stands under.
func walk(key string, node any, visit func(key string, n map[string]any)) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			walk(key, child, visit)
		}
	case map[string]any:
		visit(key, n)
		for _, k := range childKeys {
			walk(k, n[k], visit)
		}
	}
}

func elements(card map[string]any) []map[string]any {
	var all []map[string]any
	walk("", card, func(_ string, n map[string]any) { all = append(all, n) })
	return all
}

// actions are the buttons and everything else that can be pressed, in
// ActionSets, behind ShowCards, on rows.
func actions(card map[string]any) []map[string]any {
	var all []map[string]any
	for _, n := range elements(card) {
		if kind, _ := n["type"].(string); kind == "Action.Execute" || kind == "Action.Submit" {
			all = append(all, n)
		}
	}
	return all
}

func verbOf(action map[string]any) string {
	if v, _ := action["verb"].(string); v != "" {
		return v
	}
	data, _ := action["data"].(map[string]any)
	v, _ := data["verb"].(string)
	return v
}

// textsOf returns what a person reads, one entry for each text; the runs of a
// rich text are one. What inputs hold is not among it, see Card.Value.
func textsOf(card map[string]any) []string {
	var all []string
	walk("", card, func(key string, n map[string]any) {
		if key == "inlines" { // read with the others of its block
			return
		}
		kind, _ := n["type"].(string)
		if runs, ok := n["inlines"].([]any); ok {
			all = append(all, richText(runs))
		}
		for _, k := range spokenKeys {
			hidden := k == "value" && (key == "choices" || strings.HasPrefix(kind, "Input."))
			if s, _ := n[k].(string); s != "" && !hidden {
				all = append(all, s)
			}
		}
	})
	return all
}

func richText(runs []any) string {
	var b strings.Builder
	for _, run := range runs {
		switch run := run.(type) {
		case string:
			b.WriteString(run)
		case map[string]any:
			b.WriteString(asText(run["text"]))
		}
	}
	return b.String()
}

// asText is a value as an input would hold it.
func asText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
