package cards

import (
	"strings"
	"testing"

	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

// inputs are the values of a card's fields, by id.
func inputs(t *testing.T, c Card) map[string]string {
	t.Helper()
	values := map[string]string{}
	each(t, c, func(o object, _ []object) {
		if o["type"] == "Input.Text" {
			id, _ := o["id"].(string)
			values[id], _ = o["value"].(string)
		}
	})
	return values
}

func TestDetailsHoldEveryTextWhole(t *testing.T) {
	for _, lang := range i18n.Languages() {
		s := world{t: t, w: i18n.For(lang, berlin(t))}
		of := s.vms()
		of.Description = strings.Repeat("Ж\"<\n", 1000)
		of.Impact = strings.Repeat("界", 1000)
		of.Details.Tried, of.Details.Reason = strings.Repeat("\\\"", 250), strings.Repeat("ё", 500)
		of.Title = strings.Repeat("\"", 250)
		of.Customer.Name = strings.Repeat("«", 200)
		read := map[string]string{}
		for page := range 5 {
			c := Details(s.view(of, request.Viewer{Person: ines}, false), page, s.w)
			if c.Size() > Limit {
				t.Errorf("%s: page %d has %d bytes", lang, page, c.Size())
			}
			for id, value := range inputs(t, c) {
				read[id] = value
			}
		}
		for id, want := range map[string]string{"copya": of.Title, "copyb": of.Description, "copyc": of.Details.Tried, "copyd": of.Impact, "copye": of.Details.Reason} {
			if read[id] != want {
				t.Errorf("%s: %s has %d characters, not %d", lang, id, len(read[id]), len(want))
			}
		}
	}
}

func TestLongHistoryGoesOnOnTheNextPageWhole(t *testing.T) {
	s := world{t: t, w: i18n.For("ru", berlin(t))}
	var all []request.Event
	for i := range 8 {
		all = append(all, request.Event{ID: int64(80 - i), At: s.at("2026-11-23T03:00:00+01:00"), By: ines, What: "commented", Text: strings.Repeat("Ж", 4000)})
	}
	said, before := 0, int64(0)
	c := History(s.view(s.vms(), request.Viewer{Person: ines}, false), all, 0, s.w)
	each(t, c, func(o object, _ []object) {
		if text, _ := o["text"].(string); text == strings.Repeat("Ж", 4000) {
			said++
		}
		if data, _ := o["data"].(object); data["before"] != nil {
			before = int64(data["before"].(float64))
		}
	})
	if said == 0 || said == 8 || before != all[said-1].ID || c.Size() > Limit {
		t.Errorf("%d whole texts in %d bytes, and on below %d", said, c.Size(), before)
	}
}

func TestNewestWordsStayOnTheCard(t *testing.T) {
	s := world{t: t, w: i18n.For("en", berlin(t))}
	of := s.filed(s.vms())
	of.LastWords = request.Event{At: of.OpenedAt, By: jonas, What: "commented", Text: "They moved us to zone 3"}
	v := s.view(of, request.Viewer{Person: ines}, false)
	for range 5 {
		v.Newest = append(v.Newest, request.Event{What: "assigned", By: ines, To: "Ines"})
	}
	if raw, err := Ticket(v, s.w).MarshalJSON(); err != nil || !strings.Contains(string(raw), "They moved us to zone 3") {
		t.Errorf("the comment is gone behind five presses: %s, %v", raw, err)
	}
}

func TestSeverityAWithoutReachabilitySaysSo(t *testing.T) {
	s := world{t: t, w: i18n.For("en", berlin(t))}
	for _, reachable := range []bool{false, true} {
		of := s.vms()
		of.Severity, of.Details.Reachable = request.SeverityA, reachable
		raw, err := Ticket(s.view(of, request.Viewer{Person: ines}, false), s.w).MarshalJSON()
		if err != nil || strings.Contains(string(raw), "may lower A to B") == reachable {
			t.Errorf("reachable %v: %s, %v", reachable, raw, err)
		}
	}
}

// TestWhatWasLeftEmptyIsNoWarning counts the amber boxes of a review without anything
// optional.
func TestWhatWasLeftEmptyIsNoWarning(t *testing.T) {
	s := world{t: t, w: i18n.For("en", berlin(t))}
	customer := wingtip()
	f := Form{Draft: s.draft(intake.StepReview, nil), Now: s.at("2026-11-23T01:32:00+01:00")}
	f.Check.Customer = &customer
	f.Check.Warnings = []request.Warning{{Code: "tried"}, {Code: "criterion"}, {Code: "health"}, {Code: "reachable"}, {Code: "azure_role", Args: map[string]any{"customer": "Wingtip Toys"}}}
	c, amber := IntakeForm(f, s.w), 0
	each(t, c, func(o object, _ []object) {
		if o["style"] == "warning" {
			amber++
		}
	})
	raw, err := c.MarshalJSON()
	if want := "Left empty: What you tried; Why does it go to Microsoft; Service health checked."; err != nil || amber != 1 || !strings.Contains(string(raw), want) {
		t.Errorf("%d amber boxes, or not %q: %s, %v", amber, want, raw, err)
	}
}
