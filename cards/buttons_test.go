package cards

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func titles(names ...string) []button {
	var list []button
	for _, name := range names {
		list = append(list, button{title: name, verb: HelpShow})
	}
	return list
}

func TestButtonsArePackedForAPhone(t *testing.T) {
	list := append(titles("Senden", "Zurück", "Abbrechen"), button{title: "Kontakt ändern", verb: IntakeContact, behind: true})
	rows, behind := rowsOf(list)
	if len(rows) != 2 || len(rows[0]) != 2 || len(rows[1]) != 1 || len(behind) != 1 {
		t.Errorf("%d rows, %d behind", len(rows), len(behind))
	}
	if at := behindSet(rows, behind); at != 1 {
		t.Errorf("\"…\" stands in row %d", at)
	}
}

func TestWhatIsBehindNeverStandsAlone(t *testing.T) {
	rows, behind := rowsOf([]button{{title: "History", behind: true}, {title: "Reopen", behind: true}})
	if len(rows) != 1 || rows[0][0].title != "History" || rows[0][0].behind || len(behind) != 1 {
		t.Errorf("%v and %v", rows, behind)
	}
}

// TestPacking packs any buttons: none is lost or doubled, the visible ones keep
// their order, and no row is wider than a phone unless one button is.
func TestPacking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []button
		for i := range rapid.IntRange(1, 9).Draw(t, "n") {
			name := rapid.StringOfN(rapid.RuneFrom([]rune("abcdeЖшщ ")), 1, 28, -1).Draw(t, "title")
			list = append(list, button{title: name, data: Data{"i": i}, behind: rapid.Bool().Draw(t, "behind")})
		}
		encoded, err := json.Marshal(pack(list...))
		if err != nil {
			t.Fatal(err)
		}
		var packed any
		if err := json.Unmarshal(encoded, &packed); err != nil {
			t.Fatal(err)
		}
		seen, last := map[int]bool{}, -1
		var sets func(v any)
		sets = func(v any) {
			o := v.(object)
			if items, ok := o["items"].([]any); ok {
				for _, item := range items {
					sets(item)
				}
				return
			}
			width, visible := 0.0, 0
			for _, a := range o["actions"].([]any) {
				action := a.(object)
				i := int(action["data"].(object)["i"].(float64))
				if seen[i] {
					t.Fatalf("button %d is there twice", i)
				}
				seen[i] = true
				if action["mode"] == "secondary" {
					continue
				}
				if i < last {
					t.Fatalf("button %d comes after %d", i, last)
				}
				last = i
				visible++
				width += labelWidth(action["title"].(string))
			}
			width += gap * float64(visible-1)
			if visible == 0 {
				t.Fatal("\"…\" stands alone")
			}
			if visible > 1 && width > rowWidth {
				t.Fatalf("a row is %.0f px wide", width)
			}
		}
		sets(packed)
		if len(seen) != len(list) {
			t.Fatalf("%d of %d buttons are left", len(seen), len(list))
		}
	})
}
