package cards

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// object is one JSON object of a card.
type object = map[string]any

// each calls visit for every object of a card with the objects around it, the
// card first. Data of buttons is ours, not the card's.
func each(t testing.TB, c Card, visit func(o object, above []object)) {
	t.Helper()
	encoded, err := c.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var root any
	if err := json.Unmarshal(encoded, &root); err != nil {
		t.Fatal(err)
	}
	var walk func(v any, above []object)
	walk = func(v any, above []object) {
		switch v := v.(type) {
		case object:
			visit(v, above)
			for key, inner := range v {
				if key != "data" || v["type"] != nil && !strings.HasPrefix(v["type"].(string), "Action.") {
					walk(inner, append(slices.Clone(above), v))
				}
			}
		case []any:
			for _, inner := range v {
				walk(inner, above)
			}
		}
	}
	walk(root, nil)
}

// obey checks what holds for every card.
func obey(t *testing.T, name string, c Card) {
	t.Helper()
	if size := c.Size(); size == 0 || size > Limit {
		t.Errorf("%s has %d bytes, at most %d are allowed", name, size, Limit)
	}
	if c.fallback == "" || c.speak == "" || c.lang == "" || c.Summary() == "" {
		t.Errorf("%s: fallbackText, speak, summary or lang is empty", name)
	}
	filled := 0
	each(t, c, func(o object, above []object) {
		kind, _ := o["type"].(string)
		switch {
		case strings.HasPrefix(kind, "Input."):
			if o["label"] == nil || o["label"] == "" {
				t.Errorf("%s: input %v has no label", name, o["id"])
			}
			if o["isRequired"] != nil || o["regex"] != nil {
				t.Errorf("%s: input %v blocks the way out", name, o["id"])
			}
		case kind == "Action.Execute" && !isRefresh(o, above):
			checkFallback(t, name, o)
		case kind == "Action.OpenUrl":
			if url, _ := o["url"].(string); !strings.HasPrefix(url, "https://") {
				t.Errorf("%s opens %v", name, o["url"])
			}
		case kind == "TextBlock":
			if said := o["text"].(string); markdownOfOurs.MatchString(said) {
				t.Errorf("%s: Markdown makes something else of %q", name, said)
			}
		case kind == "FactSet":
			t.Errorf("%s has a FactSet", name)
		case kind == "Image" && (o["altText"] == nil || o["altText"] == ""):
			t.Errorf("%s: a picture without altText", name)
		}
		if strings.HasPrefix(kind, "Action.") && !isRefresh(o, above) && (o["title"] == nil || o["title"] == "") {
			t.Errorf("%s: %s has no name", name, kind)
		}
		if o["style"] == "destructive" {
			t.Errorf("%s has a destructive button", name)
		}
		inCard := slices.ContainsFunc(above, func(a object) bool { return a["type"] == "Action.ShowCard" })
		if o["style"] == "positive" && kind != "Action.Submit" && !inCard {
			filled++
		}
		if sets, ok := o["actions"].([]any); ok && kind == "ActionSet" {
			checkSet(t, name, sets)
		}
	})
	if filled > 1 {
		t.Errorf("%s has %d filled buttons", name, filled)
	}
}

// markdownOfOurs finds what would be a list, a heading or emphasis in a sentence
// of our own.
var markdownOfOurs = regexp.MustCompile(`(?m)^\s*(\d+[.)]|[-+*#>])\s|[*_\[\]` + "`" + `~]|\\`)

func isRefresh(o object, above []object) bool {
	last := above[len(above)-1]
	action, ok := last["action"].(object)
	return ok && reflect.DeepEqual(action, o)
}

func checkFallback(t *testing.T, name string, o object) {
	t.Helper()
	f, _ := o["fallback"].(object)
	if f == nil || f["type"] != "Action.Submit" || f["title"] != o["title"] {
		t.Errorf("%s: %v has no fallback for older clients", name, o["title"])
		return
	}
	data := maps.Clone(f["data"].(object))
	if data["verb"] != o["verb"] {
		t.Errorf("%s: the fallback of %v does %v", name, o["verb"], data["verb"])
	}
	delete(data, "verb")
	if !reflect.DeepEqual(data, o["data"]) {
		t.Errorf("%s: the fallback of %v sends %v instead of %v", name, o["verb"], data, o["data"])
	}
	if hide := f["msteams"].(object)["feedback"].(object)["hide"]; hide != true {
		t.Errorf("%s: the fallback of %v says that a response was sent", name, o["verb"])
	}
}

// checkSet looks that no label is cut on a phone and "…" does not stand alone.
func checkSet(t *testing.T, name string, actions []any) {
	t.Helper()
	width, visible, behind := 0.0, 0, 0
	for _, a := range actions {
		action := a.(object)
		if action["mode"] == "secondary" {
			behind++
			continue
		}
		if visible > 0 {
			width += gap
		}
		visible++
		width += labelWidth(action["title"].(string))
	}
	if behind > 0 {
		width += gap + labelWidth("...")
	}
	if visible == 0 {
		t.Errorf("%s: \"…\" stands alone", name)
	}
	if width > rowWidth && visible+behind > 1 {
		t.Errorf("%s: a row of buttons is %.0f px wide: %v", name, width, actions[0].(object)["title"])
	}
	if width > rowWidth {
		t.Errorf("%s: %q is too long for a phone", name, actions[0].(object)["title"])
	}
}

func TestEveryCardObeysTheRules(t *testing.T) {
	for _, lang := range i18n.Languages() {
		for _, s := range samples(t, lang) {
			obey(t, s.name+"."+lang, s.card)
		}
	}
}

// TestColourAloneSaysNothing takes the colours out of every card: two that tell of different
// things still differ, and what was coloured has words.
func TestColourAloneSaysNothing(t *testing.T) {
	colours := []string{"attention", "warning", "good", "accent"}
	for _, lang := range i18n.Languages() {
		plain := map[string]string{}
		for _, s := range samples(t, lang) {
			each(t, s.card, func(o object, _ []object) {
				if style, _ := o["style"].(string); kindOf(o) == "Container" && slices.Contains(colours, style) && !strings.ContainsFunc(wordsOf(o), unicode.IsLetter) {
					t.Errorf("%s.%s: nothing but %s says %q", s.name, lang, style, wordsOf(o))
				}
			})
			encoded, err := s.card.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			coloured := string(encoded)
			grey := coloursOfCards.ReplaceAllString(coloured, "")
			if other, taken := plain[grey]; taken && other != coloured {
				t.Errorf("%s.%s differs from another card by its colours alone", s.name, lang)
			}
			plain[grey] = coloured
		}
	}
}

// coloursOfCards finds what gives something a colour in a card's JSON.
var coloursOfCards = regexp.MustCompile(`"(style|color)":"(attention|warning|good|accent|emphasis|Attention|positive)",?`)

// wordsOf are the texts in a part of a card.
func wordsOf(v any) string {
	var b strings.Builder
	switch v := v.(type) {
	case object:
		for _, key := range []string{"text", "title", "label"} {
			if said, ok := v[key].(string); ok {
				b.WriteString(said + " ")
			}
		}
		for _, key := range []string{"items", "columns", "inlines", "actions"} {
			b.WriteString(wordsOf(v[key]))
		}
	case []any:
		for _, inner := range v {
			b.WriteString(wordsOf(inner))
		}
	}
	return b.String()
}

// evil is Markdown, HTML, a mention, a template, overrides and controls in one.
const evil = "*b*_i_[x](https://evil.example)<at>Ines</at>{{DATE(1)}}\u202Eabc\u2028d\x00`c`~s~|# h"

// TestTextOfStrangersNeverReachesMarkdown fills everything that strangers write
// with Markdown and looks where it comes out.
func TestTextOfStrangersNeverReachesMarkdown(t *testing.T) {
	for _, lang := range i18n.Languages() {
		s := world{t: t, w: i18n.For(lang, berlin(t))}
		for name, c := range s.hostile() {
			each(t, c, func(o object, above []object) {
				for place, text := range markdownIn(o) {
					if strings.Contains(text, "](https://evil") || strings.Contains(text, "*b*") || strings.Contains(text, "<at>Ines</at>") {
						t.Errorf("%s.%s: %s shows %q", name, lang, place, text)
					}
				}
				for key, v := range o {
					text, ok := v.(string)
					if !ok || key == "value" && !strings.Contains(text, "\x00") { // nothing interprets what is in an input
						continue
					}
					if strings.Contains(text, "{{") || strings.ContainsAny(text, "\u202E\u2028\x00") {
						t.Errorf("%s.%s: %s of %s keeps %q", name, lang, key, kindOf(o), text)
					}
				}
			})
			obey(t, name+"."+lang, c)
		}
	}
}

func kindOf(o object) string {
	kind, _ := o["type"].(string)
	return kind
}

// markdownIn gives the texts of an object that the renderer reads as Markdown.
func markdownIn(o object) map[string]string {
	found := map[string]string{}
	add := func(place string, v any) {
		if text, ok := v.(string); ok {
			found[place] = text
		}
	}
	switch kindOf(o) {
	case "AdaptiveCard":
		add("fallbackText", o["fallbackText"])
	case "TextBlock":
		add("TextBlock", o["text"])
	case "Input.Toggle":
		add("toggle", o["title"])
	case "Input.ChoiceSet":
		if o["style"] == "expanded" {
			for _, c := range o["choices"].([]any) {
				add("expanded choice", c.(object)["title"])
			}
		}
	}
	return found
}

// hostile is every kind of card, with evil wherever strangers write.
func (s world) hostile() map[string]Card {
	stranger := request.Person{ID: "33333333-0000-4000-8000-000000000009", TeamsID: "29:evil", Name: evil, Email: evil}
	t := s.answered(s.vms(), "2026-11-23T02:58:00+01:00")
	t.Title, t.Description, t.Impact, t.Customer.Name, t.Customer.PrimaryDomain, t.Language = evil, evil, evil, evil, evil, "de"
	t.Assignee, t.Requester, t.MicrosoftCase, t.Contact = stranger, stranger, evil, request.Contact{Name: evil, Email: evil, Phone: evil}
	t.Details.Tried, t.Details.HealthChecked, t.Details.Incident, t.Details.SupportPlan = evil, evil, evil, evil
	t.Unreachable = []string{stranger.ID}
	me := request.Viewer{Person: stranger, Lead: true}
	v := s.view(t, me, false)
	entry := request.Event{ID: 1, At: t.OpenedAt, By: stranger, What: "commented", From: evil, To: evil, Text: evil}
	v.Newest, v.Since, v.Pressed = []request.Event{entry}, []request.Event{entry, entry, entry, entry}, "ticket/"+evil
	open := t
	open.Status, open.RespondedAt, open.MicrosoftCase = request.Open, time.Time{}, ""

	c := t.Customer
	c.Relationship, c.IndirectProvider = "indirect", evil
	c.Subscriptions = []customer.Subscription{{Branch: "azure", ID: "ebb57ee0-10f5-4e0d-b79b-b1726d250099", Name: evil}}
	answers := map[string]string{"customer": c.TenantID, "platform": "azure", "severity": "A", "kind": "technical", "language": "de"}
	for _, id := range []string{"title", "description", "tried", "impact", "reason", "incident", "healthChecked", "subscriptionId", "contactName", "contactEmail", "contactPhone", "reportedAt", "supportPlan"} {
		answers[id] = evil
	}
	all := map[string]Card{
		"ticket": Ticket(v, s.w), "ticket-shared": Ticket(s.view(open, request.Viewer{}, true), s.w), "history": History(v, []request.Event{entry}, 1, s.w),
		"list":          List(ListView{Viewer: me, Words: evil, Page: request.Page{Tickets: []request.Ticket{t, open}, Total: 2}, AsOf: t.OpenedAt}, s.w),
		"list-of":       List(ListView{Of: stranger, Page: request.Page{Tickets: []request.Ticket{t}, Total: 1}, AsOf: t.OpenedAt}, s.w),
		"list-customer": List(ListView{Customer: c, AsOf: t.OpenedAt}, s.w),
		"board":         Board(request.Board{Next: []request.Ticket{t, open}}, me, t.OpenedAt, s.w),
		"report": Report(ReportView{Report: request.Report{Total: request.Count{Opened: 1, Late: 1}, ByCustomer: []request.CustomerCount{{Name: evil}},
			LateOnes: []request.LateTicket{{Number: 1, Severity: "A", Customer: evil, Code: "nobody"}}}}, s.w),
		"private":   PrivateNotice(stranger, s.w),
		"scope":     OutOfScope(intake.Draft{Form: "f", Answers: intake.Answers{Title: evil}}, intake.OutOfScope{Code: "left", Field: "customer", Args: map[string]any{"customer": evil}}, s.w),
		"resume":    ResumeForm(intake.Draft{Form: "f", Personal: true, Answers: intake.Answers{Title: evil}}, evil, s.w),
		"refusal":   Refusal(Sentence(s.w, "refused.only_assignee", map[string]any{"number": "SR-1", "verb": "resolve", "names": evil}), &v, s.w),
		"ask":       Ask(TicketAssign, v, Question{Problem: &request.Problem{Field: "person", Code: "person_required"}, Typed: map[string]string{"text": evil}}, s.w),
		"ask-close": Ask(TicketClose, v, Question{Typed: map[string]string{"reason": evil}}, s.w),
		"handover": Handover(request.Sheet{Ticket: t, Link: customer.Link{Name: "azure", URL: "https://portal.azure.com/", Directory: evil, Domain: evil},
			Fields: []request.SheetField{{Section: request.SectionProblem, Name: "Summary", Value: evil, Paste: true}, {Section: request.SectionProblem, Name: "Service", Value: evil}}}, nil, nil, s.w),
	}
	for _, shared := range []bool{true, false} {
		a := AlarmView{TicketView: s.view(open, me, shared), Milestone: sla.Milestone{Clock: sla.ClockResponse, Kind: sla.Breach, Due: t.Response.Due}, Sent: t.Response.Due}
		a.View.Assignee = stranger
		all["alarm-over"] = AlarmOver(a.TicketView, request.Event{What: "acked", By: stranger, At: t.Response.Due}, s.w)
		name := map[bool]string{true: "shared", false: "personal"}[shared]
		all["alarm-"+name], all["alarms-"+name] = Alarm(a, s.w), Alarms([]AlarmView{a, a}, false, s.w)
	}
	for _, step := range []intake.Step{intake.StepWho, intake.StepWhat, intake.StepContact, intake.StepReview} {
		all["intake-"+string(step)] = s.form(s.draft(step, answers), true, &c)
	}
	return all
}

// TestTheLongestTextsFit fills everything up to its limit with characters of four
// bytes: no card may pass the limit, and a form keeps all of it.
func TestTheLongestTextsFit(t *testing.T) {
	for _, lang := range i18n.Languages() {
		s := world{t: t, w: i18n.For(lang, berlin(t))}
		long := func(n int) string { return strings.Repeat("🦉", n) }
		found := wingtip()
		found.Name = long(250)
		for i := range 19 {
			found.Subscriptions = append(found.Subscriptions, customer.Subscription{Branch: "azure", ID: strings.Repeat("a", 35) + string(rune('a'+i)), Name: long(60)})
		}
		answers := map[string]string{"customer": found.TenantID, "platform": "azure", "severity": "A", "kind": "technical", "language": "en"}
		typed := intake.Answers{}
		for _, id := range []string{"title", "description", "tried", "impact", "reason", "incident", "healthChecked", "reportedAt", "subscriptionId", "contactName", "contactEmail"} {
			answers[id] = long(intake.Limit(id))
			typed.Set(id, answers[id])
		}
		for _, step := range []intake.Step{intake.StepWho, intake.StepImpact, intake.StepWhat, intake.StepContact, intake.StepReview} {
			c := s.form(s.draft(step, answers), true, &found)
			obey(t, "longest "+string(step)+"."+lang, c)
			each(t, c, func(o object, _ []object) {
				id, _ := o["id"].(string)
				if kindOf(o) == "Input.Text" && typed.Get(id) != "" && o["value"] != typed.Get(id) {
					t.Errorf("%s: %s lost what was typed", step, id)
				}
			})
		}
		tk := s.answered(s.vms(), "2026-11-23T02:58:00+01:00")
		tk.Title, tk.Description, tk.Impact, tk.Customer, tk.Details.Tried = answers["title"], answers["description"], answers["impact"], found, answers["tried"]
		tk.Details.Incident, tk.Details.HealthChecked = answers["incident"], answers["healthChecked"]
		who := ines
		who.Name = long(250)
		tk.Assignee, tk.Requester = who, who
		v := s.view(tk, request.Viewer{Person: who}, false)
		var events []request.Event
		for i := range HistoryPage {
			events = append(events, request.Event{ID: int64(i + 1), At: tk.OpenedAt, By: who, What: "commented", Text: long(4000)})
		}
		v.Newest, v.Since, v.Pressed = events, events, TicketWait
		rows := slices.Repeat([]request.Ticket{tk}, PageSize)
		for name, c := range map[string]Card{
			"ticket": Ticket(v, s.w), "history": History(v, events, 9, s.w), "board": Board(request.Board{Next: rows[:3]}, request.Viewer{}, tk.OpenedAt, s.w),
			"list":     List(ListView{Words: long(4000), Page: request.Page{Tickets: rows, Total: 99}, AsOf: tk.OpenedAt}, s.w),
			"ask":      Ask(TicketComment, v, Question{Problem: &request.Problem{Field: "text", Code: "required"}, Typed: map[string]string{"text": long(4000)}}, s.w),
			"handover": Handover(s.sheet(tk, who), nil, nil, s.w),
		} {
			obey(t, "longest "+name+"."+lang, c)
		}
		a := AlarmView{TicketView: v, Milestone: sla.Milestone{Clock: sla.ClockResponse, Kind: sla.Breach, Due: tk.Response.Due}, Sent: tk.Response.Due}
		obey(t, "longest alarms."+lang, Alarms(slices.Repeat([]AlarmView{a}, 300), true, s.w))
	}
}
