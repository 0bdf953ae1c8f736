package teams

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// submit is an Action.Submit, execute an Action.Execute with this value.
func submit(value string) *Activity {
	return &Activity{Type: TypeMessage, ReplyToID: "1", Value: json.RawMessage(value)}
}

func execute(value string) *Activity {
	return &Activity{Type: TypeInvoke, Name: InvokeCardAction, ReplyToID: "1", Value: json.RawMessage(value)}
}

func TestPressIsTheSameByBothRoutes(t *testing.T) {
	old, err := submit(`{"verb":"ticket/ack","ticket":1042,"text":"ok"}`).CardAction()
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{
		`{"action":{"type":"Action.Execute","verb":"ticket/ack","data":{"verb":"ticket/ack","ticket":1042,"text":"ok"}},"trigger":"manual"}`,
		`{"action":{"type":"Action.Execute","data":{"verb":"ticket/ack","ticket":1042,"text":"ok"}}}`,
	} {
		press, err := execute(value).CardAction()
		if err != nil || press.Verb != old.Verb || press.Data.String("ticket") != "1042" || !press.Execute || press.Automatic || old.Execute || press.MessageID != "1" {
			t.Errorf("%+v, %v", press, err)
		}
		if diff := cmp.Diff(old.Data.Strings(), press.Data.Strings()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestForgedPressesAreRefused(t *testing.T) {
	for what, a := range map[string]*Activity{
		"text value":             submit(`"ticket/ack"`),
		"list value":             submit(`[]`),
		"number value":           submit(`7`),
		"no verb":                submit(`{"ticket":1}`),
		"verb of number":         submit(`{"verb":7}`),
		"verb of object":         submit(`{"verb":{"x":1}}`),
		"verb in other letters":  submit(`{"VERB":"ticket/ack"}`),
		"no value":               execute(``),
		"null value":             execute(`null`),
		"no action":              execute(`{"trigger":"manual"}`),
		"action of text":         execute(`{"action":"x"}`),
		"action of list":         execute(`{"action":[]}`),
		"data of text":           execute(`{"action":{"type":"Action.Execute","verb":"x","data":"y"}}`),
		"data of list":           execute(`{"action":{"type":"Action.Execute","verb":"x","data":[1]}}`),
		"action verb of number":  execute(`{"action":{"type":"Action.Execute","verb":7,"data":{"verb":"x"}}}`),
		"no verb anywhere":       execute(`{"action":{"type":"Action.Execute","data":{}}}`),
		"data verb of list":      execute(`{"action":{"type":"Action.Execute","data":{"verb":["x"]}}}`),
		"no data and empty verb": execute(`{"action":{"type":"Action.Execute","verb":"","data":null}}`),
	} {
		if press, err := a.CardAction(); !errors.Is(err, ErrForged) {
			t.Errorf("%s: %+v, %v", what, press, err)
		}
	}
	for _, kind := range []string{`"Action.Submit"`, `"Action.OpenUrl"`, `"action.execute"`, `7`, `null`} {
		if _, err := execute(`{"action":{"type":` + kind + `,"verb":"x"}}`).CardAction(); !errors.Is(err, ErrNotSupported) {
			t.Errorf("type %s: %v", kind, err)
		}
	}
}

func TestOnlyAutomaticIsAutomatic(t *testing.T) {
	for trigger, want := range map[string]bool{`"automatic"`: true, `"Automatic"`: true, `"manual"`: false, `null`: false, `7`: false, `""`: false} {
		press, err := execute(`{"action":{"type":"Action.Execute","verb":"x"},"trigger":` + trigger + `}`).CardAction()
		if err != nil || press.Automatic != want {
			t.Errorf("%s: %v, %v", trigger, press.Automatic, err)
		}
	}
}

func TestWhatIsAPress(t *testing.T) {
	typed := submit(`{"verb":"x"}`)
	typed.Text = "words"
	for what, c := range map[string]struct {
		a    *Activity
		want bool
	}{
		"submit": {submit(`{"verb":"x"}`), true}, "execute": {execute(`{}`), true}, "typed": {typed, false},
		"message": {&Activity{Type: TypeMessage, Text: "x"}, false}, "empty message": {&Activity{Type: TypeMessage}, false},
		"event with value": {&Activity{Type: TypeEvent, Value: []byte(`{}`)}, false}, "other invoke": {&Activity{Type: TypeInvoke, Value: []byte(`{}`)}, false},
	} {
		if got := c.a.IsCardAction(); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}

func TestValuesReadAsText(t *testing.T) {
	press, err := submit(`{"verb":"x","n":9007199254740993,"f":1.50,"e":1e400,"t":true,"no":false,"nil":null,"s":"a\u0000b","o":{"x":1},"l":[1],"":"empty key"}`).CardAction()
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"n": "9007199254740993", "f": "1.50", "e": "1e400", "t": "true", "no": "false", "nil": "", "s": "a\x00b", "o": "", "l": "", "absent": "", "": "empty key"} {
		if got := press.Data.String(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if !press.Data.Has("no") || press.Data.Has("nil") || press.Data.Has("absent") {
		t.Error("what is there and what not")
	}
	if _, ok := press.Data.Strings()["o"]; ok {
		t.Error("an object reads as text")
	}
}

func TestOddInvokesAreRefusedNotFatal(t *testing.T) {
	for _, value := range []string{``, `null`, `7`, `"x"`, `[]`, `true`} {
		a := &Activity{Type: TypeInvoke, Value: json.RawMessage(value)}
		for what, read := range map[string]func() error{
			"search": func() error { _, err := a.SearchQuery(); return err },
			"query":  func() error { _, err := a.ExtensionQuery(); return err },
		} {
			if err := read(); !errors.Is(err, ErrForged) {
				t.Errorf("%s of %s: %v", what, value, err)
			}
		}
	}
}

func TestPagesAreBounded(t *testing.T) {
	for options, want := range map[string][2]int{
		`{"skip":15,"top":15}`: {15, 15}, `{"skip":-1,"top":-1}`: {0, 15}, `{"skip":"x","top":"y"}`: {0, 15}, `{"top":1000000}`: {0, 15},
		`null`: {0, 15}, `7`: {0, 15}, `{"skip":1e99}`: {0, 15},
	} {
		a := &Activity{Value: json.RawMessage(`{"queryOptions":` + options + `}`)}
		q, err := a.SearchQuery()
		if err != nil || q.Skip != want[0] || q.Top != want[1] {
			t.Errorf("%s: %+v, %v", options, q, err)
		}
	}
}

func TestQueryIsTheFirstParameter(t *testing.T) {
	for parameters, want := range map[string]string{
		`[{"name":"whatever","value":"1042"},{"name":"q","value":"x"}]`: "1042", `[{"name":"q","value":1042}]`: "1042",
		`[]`: "", `null`: "", `[{"name":"q","value":null}]`: "", `[{"name":"q"}]`: "", `[{"name":"initialRun","value":"true"}]`: "",
	} {
		a := &Activity{Value: json.RawMessage(`{"commandId":"find","parameters":` + parameters + `}`)}
		if q, err := a.ExtensionQuery(); err != nil || q.Text != want {
			t.Errorf("%s: %+v, %v", parameters, q, err)
		}
	}
	a := &Activity{Value: json.RawMessage(`{"parameters":["x"]}`)}
	if _, err := a.ExtensionQuery(); !errors.Is(err, ErrForged) {
		t.Errorf("a parameter of text: %v", err)
	}
}

func TestAnswersHaveTheShapesOfTeams(t *testing.T) {
	card := map[string]any{"type": "AdaptiveCard", "version": "1.5"}
	many := make([]Choice, 40)
	for what, c := range map[string]struct {
		answer InvokeResponse
		want   string
	}{
		"card":             {CardAnswer(card), `{"statusCode":200,"type":"application/vnd.microsoft.card.adaptive","value":{"type":"AdaptiveCard","version":"1.5"}}`},
		"message":          {MessageAnswer("a < b"), `{"statusCode":200,"type":"application/vnd.microsoft.activity.message","value":"a < b"}`},
		"error":            {ErrorAnswer(400, "BadRequest", "no"), `{"statusCode":400,"type":"application/vnd.microsoft.error","value":{"code":"BadRequest","message":"no"}}`},
		"search":           {SearchAnswer([]Choice{{"Contoso", "id"}}), `{"statusCode":200,"type":"application/vnd.microsoft.search.searchResponse","value":{"results":[{"title":"Contoso","value":"id"}]}}`},
		"search, nothing":  {SearchAnswer(nil), `{"statusCode":200,"type":"application/vnd.microsoft.search.searchResponse","value":{"results":[]}}`},
		"extension":        {ExtensionAnswer([]ExtensionResult{{card, "SR-1", "open"}}), `{"composeExtension":{"type":"result","attachmentLayout":"list","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"type":"AdaptiveCard","version":"1.5"},"preview":{"contentType":"application/vnd.microsoft.card.thumbnail","content":{"title":"SR-1","text":"open"}}}]}}`},
		"extension, none":  {ExtensionMessage("No match"), `{"composeExtension":{"type":"message","text":"No match"}}`},
		"stored":           {StoredAnswer(200, []byte(`{"a":"<"}`)), `{"a":"<"}`},
		"stored, nothing":  {StoredAnswer(200, nil), ``},
		"not known at all": {NotImplemented(), ``},
	} {
		body, err := c.answer.Encode()
		if err != nil || string(body) != c.want {
			t.Errorf("%s: %s, %v", what, body, err)
		}
		if want := http.StatusOK; c.answer.Status != want && what != "not known at all" {
			t.Errorf("%s: status %d", what, c.answer.Status)
		}
	}
	if body, _ := SearchAnswer(many).Encode(); strings.Count(string(body), "title") != MaxChoices {
		t.Errorf("%s", body)
	}
}

func FuzzCardAction(f *testing.F) {
	f.Add([]byte(`{"verb":"ticket/ack","ticket":9007199254740993}`))
	f.Add([]byte(`{"action":{"type":"Action.Execute","verb":"x","data":{"a":null,"b":[],"c":1e5}},"trigger":"automatic"}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"action":{"type":"Action.Execute","data":{"verb":"\ud800"}}}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		if !json.Valid(value) {
			return // Decode refuses it
		}
		for _, a := range []*Activity{submit(string(value)), execute(string(value))} {
			press, err := a.CardAction()
			if err != nil {
				if !errors.Is(err, ErrForged) && !errors.Is(err, ErrNotSupported) {
					t.Errorf("%s: %v", value, err)
				}
				continue
			}
			if press.Verb == "" || press.Data == nil || press.MessageID != "1" {
				t.Errorf("%s: %+v", value, press)
			}
			for key, text := range press.Data.Strings() {
				if !press.Data.Has(key) {
					t.Errorf("%s: %q reads %q but is not there", value, key, text)
				}
				var number json.Number
				if raw := press.Data[key]; json.Unmarshal(raw, &number) == nil && raw[0] != '"' && text != string(raw) {
					t.Errorf("%s: number %s reads %q", value, raw, text)
				}
			}
		}
	})
}

// FuzzSearches holds that whatever a client sends as a search is text to look for and a
// page that can be shown.
func FuzzSearches(f *testing.F) {
	for _, value := range []string{
		`{"queryText":"contoso","dataset":"customers","queryOptions":{"skip":15,"top":15},"data":{"customer":"x"}}`, `{"queryText":7,"queryOptions":{"skip":-1,"top":1e9}}`,
		`{"queryText":"\ud800","QUERYTEXT":"y","queryOptions":[]}`, `{"queryOptions":{"skip":1.5,"count":"9"},"parameters":[{"name":"initialRun","value":"true"}]}`,
		`{"commandId":"find","parameters":[{"name":"q","value":["a"]},{"name":"initialRun","value":"true"}]}`, `{"parameters":[null]}`, `{"parameters":{}}`, `{"url":["x"]}`,
		`{"url":"https://x.example/t/SR-1","data":[]}`, "null", "[]", `""`,
	} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if !json.Valid(value) {
			return // Decode refuses it
		}
		a := &Activity{Type: TypeInvoke, Value: value}
		known := func(err error) bool { return errors.Is(err, ErrForged) || errors.Is(err, ErrNotSupported) }
		q, err := a.SearchQuery()
		if err != nil && !known(err) {
			t.Errorf("%s: %v", value, err)
		}
		if err == nil && (q.Skip < 0 || q.Top < 1 || q.Top > 100 || !utf8.ValidString(q.Text) || !utf8.ValidString(q.Dataset)) {
			t.Errorf("%s: %+v", value, q)
		}
		e, err := a.ExtensionQuery()
		if err != nil && !known(err) {
			t.Errorf("%s: %v", value, err)
		}
		if err == nil && (e.Skip < 0 || e.Count < 1 || e.Count > 100 || !utf8.ValidString(e.Text) || e.Initial && e.Text != "") {
			t.Errorf("%s: %+v", value, e)
		}
		if address, err := a.LinkQuery(); err != nil && !known(err) || !utf8.ValidString(address) {
			t.Errorf("%s: %q, %v", value, address, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, body := range goldens(f) {
		f.Add(body)
	}
	f.Add([]byte(`{"type":"message","TYPE":"invoke","conversation":{"id":"a:1","ID":"b"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := Decode(body)
		if err != nil {
			if !errors.Is(err, ErrNotActivity) {
				t.Errorf("%v", err)
			}
			return
		}
		// The exact keys decide, and nothing is lost on the way out.
		var exact map[string]json.RawMessage
		if err := json.Unmarshal(body, &exact); err != nil {
			t.Fatalf("decoded, but no object: %v", err)
		}
		var kind string
		if json.Unmarshal(exact["type"], &kind) != nil || kind != a.Type {
			t.Errorf("type is %q, the key says %s", a.Type, exact["type"])
		}
		again, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Decode(again)
		if err != nil {
			t.Fatalf("what was decoded cannot be decoded again: %v", err)
		}
		if diff := cmp.Diff(digest(a), digest(b)); diff != "" {
			t.Errorf("%s", diff)
		}
		for key := range exact {
			if _, kept := asMap(t, again)[key]; !kept && !emptyJSON(exact[key]) {
				t.Errorf("field %q is lost", key)
			}
		}
	})
}

func asMap(t *testing.T, body []byte) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// emptyJSON tells what need not be written back: nothing, or a list of what
// has no shape of ours.
func emptyJSON(raw json.RawMessage) bool {
	switch strings.TrimSpace(string(raw)) {
	case `""`, `{}`, `[]`, `null`, `false`:
		return true
	}
	return strings.HasPrefix(fmt.Sprint(string(raw)), "[")
}
