package cards

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"onbehalf/bot/i18n"
)

// TestOutlineShowsEveryField changes each kind of field in each kind of place,
// drops it, adds one and swaps neighbours: the outline changes, unless the field is
// purely visual.
func TestOutlineShowsEveryField(t *testing.T) {
	tried := map[string]int{}
	for _, s := range samples(t, i18n.English) {
		encoded, err := s.card.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		before := mustOutline(t, encoded, s.card.Summary())
		for _, c := range changesOf(decoded(t, encoded)) {
			if tried[c.what]++; tried[c.what] > 2 { // the same in all other cards
				continue
			}
			changed := decoded(t, encoded)
			if !c.apply(changed) {
				continue
			}
			text, err := json.Marshal(changed)
			if err != nil {
				t.Fatal(err)
			}
			after := mustOutline(t, text, s.card.Summary())
			if shown := after != before; shown == c.visual {
				t.Errorf("%s: %s: shown is %v", s.name, c.what, shown)
			}
		}
		if mustOutline(t, encoded, s.card.Summary()+" Else.") == before {
			t.Errorf("%s: another summary is not shown", s.name)
		}
	}
	if len(tried) < 500 {
		t.Errorf("only %d kinds of changes were tried", len(tried))
	}
}

func mustOutline(t *testing.T, encoded []byte, summary string) string {
	t.Helper()
	text, err := outline(encoded, summary)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func decoded(t *testing.T, encoded []byte) object {
	t.Helper()
	var card object
	if err := json.Unmarshal(encoded, &card); err != nil {
		t.Fatal(err)
	}
	return card
}

// change is one change to a card.
type change struct {
	what   string // the same words for the same kind of change in the same kind of place
	visual bool
	apply  func(card object) bool // says whether it could be made
}

// spot is one value of a card.
type spot struct {
	path []any // keys and indexes from the card down
	kind string
	data bool // within what a button sends
}

// changesOf lists what may be changed in a card.
func changesOf(card object) []change {
	var all []change
	var walk func(v any, at spot)
	walk = func(v any, at spot) {
		switch v := v.(type) {
		case object:
			kind := at.kind
			if own, ok := v["type"].(string); ok {
				kind += ">" + own
			}
			all = append(all, change{"add to " + kind, false, at.edit(func(v any) any {
				v.(object)["somethingNew"] = "x"
				return v
			})})
			for _, key := range slices.Sorted(maps.Keys(v)) {
				below := spot{append(slices.Clone(at.path), key), kind + "." + key, at.data || key == "data"}
				visual := slices.Contains(purelyVisual, key) && !below.data
				all = append(all, change{"drop " + below.kind, visual, at.edit(func(v any) any {
					delete(v.(object), key)
					return v
				})})
				if next := altered(v[key]); next != nil {
					all = append(all, change{"alter " + below.kind, visual, below.edit(func(any) any { return next })})
				}
				walk(v[key], below)
			}
		case []any:
			if len(v) > 0 {
				all = append(all, change{"shorten " + at.kind, false, at.edit(func(v any) any {
					return v.([]any)[:len(v.([]any))-1]
				})})
			}
			if len(v) > 1 && !looksAlike(v[0], v[1]) {
				all = append(all, change{"swap " + at.kind, false, at.edit(func(v any) any {
					l := v.([]any)
					l[0], l[1] = l[1], l[0]
					return l
				})})
			}
			for i, inner := range v {
				walk(inner, spot{append(slices.Clone(at.path), i), at.kind, at.data})
			}
		}
	}
	walk(card, spot{})
	return all
}

// altered is another value of the same type.
func altered(v any) any {
	switch v := v.(type) {
	case string:
		return v + "x"
	case float64:
		return v + 1
	case bool:
		return !v
	}
	return nil
}

// looksAlike says whether two values differ in where they stand only.
func looksAlike(a, b any) bool {
	copied := []any{}
	for _, v := range []any{a, b} {
		text, err := json.Marshal(v)
		if err != nil {
			return false
		}
		var c any
		if err := json.Unmarshal(text, &c); err != nil {
			return false
		}
		withoutVisual(c)
		copied = append(copied, c)
	}
	return reflect.DeepEqual(copied[0], copied[1])
}

// edit replaces the value of a spot by what with makes of it.
func (s spot) edit(with func(any) any) func(object) bool {
	return func(card object) bool {
		var v any = card
		if len(s.path) == 0 {
			with(v)
			return true
		}
		for _, step := range s.path[:len(s.path)-1] {
			v = inside(v, step)
		}
		last := s.path[len(s.path)-1]
		next := with(inside(v, last))
		switch v := v.(type) {
		case object:
			v[last.(string)] = next
		case []any:
			v[last.(int)] = next
		default:
			return false
		}
		return true
	}
}

func inside(v any, step any) any {
	if key, ok := step.(string); ok {
		return v.(object)[key]
	}
	return v.([]any)[step.(int)]
}
