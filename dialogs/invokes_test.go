package dialogs_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/intake"
	"onbehalf/bot/teams/teamstest"
)

var update = flag.Bool("update", false, "rewrite the golden answers in testdata")

// oddValues are what the value of any invoke can be, where it is not what it should be.
var oddValues = []struct{ name, json string }{
	{"nothing", ""},
	{"null", "null"},
	{"a word", `"intake/next"`},
	{"a number", "7"},
	{"a list", `[{"verb":"list/page"}]`},
	{"an empty object", "{}"},
	{"nulls", `{"action":null,"data":null,"commandId":null,"parameters":null,"url":null,"queryText":null,"messagePayload":null}`},
	{"all of other kinds", `{"action":[],"data":"x","commandId":{},"parameters":{},"url":[],"queryText":{},"messagePayload":7,"dataset":[],"queryOptions":"y"}`},
}

// oddInvokes are more of each kind: half of what belongs there, somebody else's, and too
// much of it.
var oddInvokes = []struct{ invoke, name, json string }{
	{"adaptiveCard/action", "another action", `{"action":{"type":"Action.Submit","verb":"ticket/show","data":{"number":1}}}`},
	{"adaptiveCard/action", "no verb", `{"action":{"type":"Action.Execute","data":{"number":1}}}`},
	{"adaptiveCard/action", "a verb that is a list", `{"action":{"type":"Action.Execute","verb":["ticket/show"]}}`},
	{"adaptiveCard/action", "an unknown verb", `{"action":{"type":"Action.Execute","verb":"ticket/erase","data":{"number":1}}}`},
	{"adaptiveCard/action", "no data", `{"action":{"type":"Action.Execute","verb":"ticket/show"}}`},
	{"adaptiveCard/action", "a number that is none", `{"action":{"type":"Action.Execute","verb":"ticket/show","data":{"number":"1; drop table tickets"}}}`},
	{"adaptiveCard/action", "a number never given", `{"action":{"type":"Action.Execute","verb":"ticket/show","data":{"number":99}}}`},
	{"adaptiveCard/action", "a request that may not be seen", `{"action":{"type":"Action.Execute","verb":"ticket/show","data":{"number":1}}}`},
	{"adaptiveCard/action", "a form that is gone", `{"action":{"type":"Action.Execute","verb":"intake/next","data":{"form":"f-gone","rev":1}}}`},
	{"adaptiveCard/action", "an odd trigger", `{"action":{"type":"Action.Execute","verb":"ticket/assign","data":{"number":1}},"trigger":["automatic"]}`},

	{"task/fetch", "no verb", `{"data":{"msteams":{"type":"task/fetch"}}}`},
	{"task/fetch", "an unknown verb", `{"data":{"verb":"intake/none"}}`},
	{"task/fetch", "a verb that is a list", `{"data":{"verb":["intake/start"]}}`},
	{"task/fetch", "a request that may not be seen", `{"data":{"verb":"ticket/show","number":1}}`},
	{"task/submit", "no verb", `{"data":{"title":"x"}}`},
	{"task/submit", "an unknown verb", `{"data":{"verb":"intake/none"}}`},
	{"task/submit", "a form that is gone", `{"data":{"verb":"intake/submit","form":"f-gone","rev":1}}`},
	{"task/submit", "no form", `{"data":{"verb":"intake/submit"}}`},
	{"task/submit", "a number never given", `{"data":{"verb":"ticket/resolve","number":99,"text":"x"}}`},
	{"task/submit", "a request that may not be seen", `{"data":{"verb":"ticket/resolve","number":1,"text":"x"}}`},
	{"task/submit", "a tab's", `{"data":{"verb":"list/page","filter":[]},"tabContext":{"tabEntityId":"x"}}`},

	{"composeExtension/fetchTask", "an unknown command", `{"commandId":"erase"}`},
	{"composeExtension/fetchTask", "the search's command", `{"commandId":"find","commandContext":"compose"}`},
	{"composeExtension/fetchTask", "a message that is a list", `{"commandId":"file","messagePayload":[]}`},
	{"composeExtension/submitAction", "an unknown command", `{"commandId":"erase","data":{}}`},
	{"composeExtension/submitAction", "a preview that is sent", `{"commandId":"new","botMessagePreviewAction":"send","botActivityPreview":[{"type":"message"}]}`},
	{"composeExtension/submitAction", "a form that is gone", `{"commandId":"new","data":{"verb":"intake/submit","form":"f-gone"}}`},
	{"composeExtension/submitAction", "a verb that is a list", `{"commandId":"new","data":{"verb":[]}}`},
	{"composeExtension/submitAction", "a request that may not be seen", `{"commandId":"new","data":{"verb":"ticket/show","number":1}}`},

	{"composeExtension/query", "an unknown command", `{"commandId":"erase","parameters":[{"name":"q","value":"1"}]}`},
	{"composeExtension/query", "a parameter that is a list", `{"commandId":"find","parameters":[[]]}`},
	{"composeExtension/query", "words of another kind", `{"commandId":"find","parameters":[{"name":"q","value":{"a":1}}]}`},
	{"composeExtension/query", "a request that may not be seen", `{"commandId":"find","parameters":[{"name":"q","value":"SR-1"}]}`},
	{"composeExtension/query", "words of one", `{"commandId":"find","parameters":[{"name":"q","value":"Post room"}]}`},
	{"composeExtension/query", "a page that is none", `{"commandId":"find","parameters":[{"name":"q","value":"1"}],"queryOptions":{"skip":-5,"count":1e9}}`},
	{"composeExtension/query", "a page behind all", `{"commandId":"find","parameters":[{"name":"q","value":"x"}],"queryOptions":{"skip":999999999,"count":25}}`},
	{"composeExtension/query", "100 KB", `{"commandId":"find","parameters":[{"name":"q","value":"` + strings.Repeat("Ж", 50<<10) + `"}]}`},
	{"composeExtension/queryLink", "a request that may not be seen", `{"url":"` + publicURL + `/t/SR-1"}`},
	{"composeExtension/queryLink", "a script", `{"url":"javascript:alert(1)"}`},
	{"composeExtension/anonymousQueryLink", "a request", `{"url":"` + publicURL + `/t/SR-1"}`},

	{"fileConsent/invoke", "an acceptance without an address", `{"type":"fileUpload","action":"accept","context":{"period":"week","back":"0"}}`},
	{"fileConsent/invoke", "a context that is a list", `{"type":"fileUpload","action":"decline","context":[]}`},

	{"application/search", "an unknown list", `{"queryText":"post","dataset":"tickets"}`},
	{"application/search", "somebody else's subscriptions", `{"queryText":"","dataset":"subscriptions","data":{"customer":"x' or 1=1","platform":[]}}`},
	{"application/search", "data that is a list", `{"queryText":"","dataset":"customers","data":[]}`},
	{"application/search", "a page behind all", `{"queryText":"c","dataset":"customers","queryOptions":{"skip":999999999,"top":15}}`},
	{"application/search", "100 KB", `{"queryText":"` + strings.Repeat("%_\\\\", 25<<10) + `","dataset":"customers"}`},
}

// notOurs are invokes of things that the app does not have; nobody is shown a button for them.
var notOurs = []string{
	"", "message/submitAction", "message/fetchTask", "handoff/action", "composeExtension/selectItem", "composeExtension/querySettingUrl",
	"composeExtension/setting", "composeExtension/onCardButtonClicked", "config/fetch", "config/submit", "suggestedActions/submit",
	"actionableMessage/executeAction", "tab/fetch", "tab/submit", "signin/verifyState", "signin/tokenExchange", "something/new",
}

// TestOddInvokesHaveOneClearAnswer sends what no client of ours sends, and compares each
// answer with testdata/invokes.txt. Bob may not see the one request that there is.
func TestOddInvokesHaveOneClearAnswer(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		d.file(d.Conversation(teamstest.Personal).As("Rita"), func(a *intake.Answers) {
			a.Set("kind", "fraud")
			a.Set("title", "Post room is dark")
		})
		bob := d.Conversation(teamstest.GroupChat).As("Bob")
		bob.Say("@onbehalf help")
		d.settle()
		var golden strings.Builder
		send := func(invoke, name, value string) {
			d.move(time.Second)
			mark := len(d.Events())
			a := bob.Activity("invoke")
			if a["name"] = invoke; value != "" {
				a["value"] = json.RawMessage(value)
			}
			if invoke == "" {
				invoke = "without a name"
			}
			r := d.Post(a)
			said := answerIn(t, r)
			for _, secret := range []string{"Post room", "Rita", "Contoso", contoso, "sql", "SQL", "panic", "goroutine", "dialogs."} {
				if strings.Contains(string(r.Body), secret) {
					t.Errorf("%s, %s: %q is in %s", invoke, name, secret, r.Body)
				}
			}
			for _, e := range d.Events()[mark:] {
				if e.Message != nil {
					t.Errorf("%s, %s: somebody is told %s", invoke, name, e.Message)
				}
			}
			fmt.Fprintf(&golden, "%s, %s: %s\n", invoke, name, said)
		}
		var last string
		for _, odd := range oddInvokes {
			if odd.invoke != last {
				for _, value := range oddValues {
					send(odd.invoke, value.name, value.json)
				}
			}
			last = odd.invoke
			send(odd.invoke, odd.name, odd.json)
		}
		for _, invoke := range notOurs {
			send(invoke, "whatever it brings", `{"action":"accept","data":{"verb":"ticket/show","number":1}}`)
		}
		if n := len(d.tickets()); n != 1 {
			t.Errorf("%d requests", n)
		}
		const file = "testdata/invokes.txt"
		if *update {
			if err := os.WriteFile(file, []byte(golden.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(golden.String(), "\n")); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
	})
}

// answerIn says what a person gets to see of the answer to an invoke: the kind of the
// answer and its words, those of a card up to its first line below the heading.
func answerIn(t *testing.T, r teamstest.Response) string {
	t.Helper()
	var answer struct {
		StatusCode int
		Type       string
		Value      json.RawMessage
		Task       *struct {
			Type  string
			Value json.RawMessage
		}
		ComposeExtension *struct {
			Type, Text  string
			Attachments []any
		}
	}
	if len(r.Body) > 0 {
		if err := json.Unmarshal(r.Body, &answer); err != nil {
			t.Errorf("%v: %s", err, r.Body)
		}
	}
	var words string
	card := func(raw json.RawMessage) string {
		c := &teamstest.Card{}
		if err := json.Unmarshal(raw, &c.Content); err != nil || c.Content["type"] != "AdaptiveCard" {
			t.Errorf("no card: %v %s", err, raw)
			return ""
		}
		texts := c.Texts()
		return "card: " + strings.Join(texts[:min(2, len(texts))], " / ")
	}
	switch kind := answer.Type[strings.LastIndex(answer.Type, ".")+1:]; {
	case len(r.Body) == 0:
		words = "nothing"
	case answer.Task != nil && answer.Task.Type == "message":
		words = "the dialog ends: " + string(answer.Task.Value)
	case answer.Task != nil:
		shown, err := teamstest.ReadDialog(r)
		if err != nil {
			t.Errorf("%v: %s", err, r.Body)
		}
		raw, _ := json.Marshal(shown.Card)
		words = "the dialog's " + card(raw)
	case answer.ComposeExtension != nil && answer.ComposeExtension.Type == "message":
		words = "line: " + answer.ComposeExtension.Text
	case answer.ComposeExtension != nil:
		words = fmt.Sprintf("%d hits", len(answer.ComposeExtension.Attachments))
	case kind == "adaptive":
		words = card(answer.Value)
	case kind == "searchResponse":
		var found struct{ Results []any }
		if err := json.Unmarshal(answer.Value, &found); err != nil || found.Results == nil {
			t.Errorf("no choices: %v %s", err, r.Body)
		}
		words = fmt.Sprintf("%d choices", len(found.Results))
	case kind == "error":
		var failure struct{ Code, Message string }
		if err := json.Unmarshal(answer.Value, &failure); err != nil || failure.Message == "" {
			t.Errorf("no error: %v %s", err, r.Body)
		}
		words = fmt.Sprintf("%d %s: %s", answer.StatusCode, failure.Code, failure.Message)
	default:
		t.Errorf("an answer of no kind that Teams knows: %s", r.Body)
	}
	return fmt.Sprintf("%d, %s", r.Status, words)
}
