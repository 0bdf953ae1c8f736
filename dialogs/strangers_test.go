package dialogs_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
	"onbehalf/dialogs"
)

// strangers are the ways of being turned away, and what each is told.
var strangers = []struct {
	name   string
	become func(d *desk, p *teamstest.Person)
	told   string
}{
	{"guest", func(d *desk, p *teamstest.Person) { d.Person(p.Name, teamstest.Guest()) }, "people of this support desk only"},
	{"of another tenant", func(d *desk, p *teamstest.Person) { d.Person(p.Name, teamstest.Foreign()) }, "people of this support desk only"},
	{"left the tenant", func(d *desk, p *teamstest.Person) { d.Leaves(p) }, "people of this support desk only"},
	{"not to be looked up", func(d *desk, _ *teamstest.Person) {
		d.Fault(teamstest.Fault{Op: "member", Times: -1, Status: 500})
	}, "who you are"},
}

// eachStranger runs a test as every kind of stranger, with a form of theirs from
// before open and without one; on SQLite, and the first of them on PostgreSQL too: they
// are turned away before anything that differs is read.
func eachStranger(t *testing.T, test func(t *testing.T, d *desk, mallory *teamstest.Speaker, told string, check func(what, shown string))) {
	for _, kind := range strangers {
		for _, form := range []bool{false, true} {
			name := kind.name
			if form {
				name += ", with a form"
			}
			on := func(t *testing.T, test func(t *testing.T, d *desk)) {
				t.Parallel()
				test(t, newDesk(t, storetest.Open(t, storetest.SQLite(t))))
			}
			if kind.name == strangers[0].name && form {
				on = everyDesk
			}
			t.Run(name, func(t *testing.T) {
				on(t, func(t *testing.T, d *desk) {
					room := d.Conversation(teamstest.GroupChat)
					n := d.file(room.As("Rita"), func(a *intake.Answers) { a.Set("title", "Post room is dark") }).Number
					d.settle()
					mallory := room.As("Mallory")
					if form {
						mallory.Say("@onbehalf new").ExpectCard("customer")
					}
					d.move(2 * time.Hour) // what was known of people is asked anew
					kind.become(d, mallory.Person)
					before, entries := d.ticket(n), d.entries(n)
					draft := d.draft(mallory)
					if form != (draft != nil) {
						t.Fatalf("the form is %+v", draft)
					}
					check := func(what, shown string) {
						t.Helper()
						for _, secret := range []string{"Contoso", "Fabrikam", "Interior", contoso, fabrikam, "Post room", "Rita", "SR-1", "intake/next"} {
							if strings.Contains(shown, secret) {
								t.Errorf("%s shows %q: %.800s", what, secret, shown)
							}
						}
					}
					test(t, d, mallory, kind.told, check)
					if now := d.ticket(n); now.Revision != before.Revision || !slices.Equal(d.entries(n), entries) || len(d.tickets()) != 1 {
						t.Errorf("they did %q", d.entries(n))
					}
					if now := d.draft(mallory); !reflect.DeepEqual(now, draft) {
						t.Errorf("the form was %+v and is %+v", draft, now)
					}
				})
			})
		}
	}
}

// A stranger may type anything: nothing but the help is run, and only where it is
// what a member's line would run whatever form is open.
func TestStrangersWordsRunNothingButTheHelp(t *testing.T) {
	var lines []string
	for _, word := range dialogs.Spellings() {
		lines = append(lines, word, word+" 1 Contoso")
	}
	lines = append(append(lines, dialogs.ButtonSpellings()...), "/help", "/list", "/new", "/yes", "SR-1", "#1", "1", "/1", "Contoso", "contoso.example", "", "/", "helpme", "help,Contoso", "help\nContoso", "«help» Contoso", "help new", "/help Contoso",
		"list all", "list @Rita", "assign 1 me", "severity 1 C", "close 1 gone", "file 1 "+case1, "take 1", "cancel 1 x", "new contoso.example azure B Slow")
	eachStranger(t, func(t *testing.T, d *desk, mallory *teamstest.Speaker, told string, check func(what, shown string)) {
		for _, line := range lines {
			d.move(20 * time.Second)
			mark := len(d.Events())
			mallory.Say("@onbehalf " + line)
			word, rest, _ := strings.Cut(strings.TrimPrefix(line, "/"), " ")
			help := slices.Contains([]string{"help", "помощь", "hilfe"}, word) && (rest == "" || strings.HasPrefix(line, "/")) || line == "help new" ||
				slices.Contains([]string{"all topics", "все темы", "alle themen", "справка"}, line) // a button of the help
			answers := 0
			for _, e := range d.Events()[mark:] {
				if e.Message == nil {
					continue
				}
				answers++
				check(line, string(e.Message.Raw))
				if helped := strings.Contains(string(e.Message.Raw), "help/show"); helped != help || !help && !strings.Contains(e.Message.Text, told) {
					t.Errorf("%q is answered with %.300s", line, e.Message.Raw)
				}
			}
			if answers != 1 {
				t.Errorf("%q has %d answers", line, answers)
			}
		}
	})
}

// A stranger may press and search anything, by every way that clients have.
func TestStrangersPressAndSearchNothing(t *testing.T) {
	eachStranger(t, func(t *testing.T, d *desk, mallory *teamstest.Speaker, told string, check func(what, shown string)) {
		form := ""
		if draft := d.draft(mallory); draft != nil {
			form = draft.Form
		}
		data := map[string]any{
			"form": form, "number": 1, "rev": 1, "customer": contoso, "title": "x", "text": "x", "to": "me", "filter": "all", "numbers": []int{1},
			"period": "week", "microsoftCase": case1, "severity": "C",
		}
		mark := len(d.Events())
		for _, verb := range dialogs.NewDialogs(&request.Desk{}, nil).Verbs() {
			for _, trigger := range []string{"manual", "automatic"} {
				d.move(20 * time.Second)
				turn := mallory.Invoke("adaptiveCard/action", map[string]any{
					"action": map[string]any{"type": "Action.Execute", "verb": verb, "data": data}, "trigger": trigger,
				})
				body := string(turn.Response.Body)
				check(verb, body)
				if help := verb == "help/show"; help != strings.Contains(body, "help/show") || !help && !strings.Contains(body, told) {
					t.Errorf("%s is answered with %.300s", verb, body)
				}
			}
			d.move(20 * time.Second)
			submit := mallory.Activity("message")
			value := map[string]any{"verb": verb}
			for key, v := range data {
				value[key] = v
			}
			submit["value"] = value
			mallory.Do(submit)
		}
		for _, text := range []string{"", "help", "/help"} {
			for _, words := range []string{"", "contoso", "SR-1", "help", "dark"} {
				for name, value := range map[string]any{
					"application/search":     map[string]any{"queryText": words, "dataset": "customers"},
					"composeExtension/query": map[string]any{"commandId": "find", "parameters": []any{map[string]any{"name": "q", "value": words}}},
				} {
					a := mallory.Activity("invoke")
					a["name"], a["value"], a["text"] = name, value, text
					check(name, string(mallory.Do(a).Response.Body))
				}
			}
		}
		for _, e := range d.Events()[mark:] {
			if e.Message != nil {
				check("a message", string(e.Message.Raw))
			}
		}
	})
}
