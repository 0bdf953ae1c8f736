package teams

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite what is expected of the golden activities")

// goldens are the activities that Teams sends, one file for each case.
func goldens(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/activities/*.json")
	if err != nil || len(files) < 35 {
		t.Fatalf("golden activities: %d files, %v", len(files), err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(f), ".json")] = body
	}
	return all
}

// digest is everything that the rest of the program sees of an activity.
func digest(a *Activity) string {
	var b strings.Builder
	say := func(name string, v any) {
		if s := fmt.Sprintf("%+v", v); s != "" && s != "false" && s != "[]" && s != "<nil>" {
			fmt.Fprintf(&b, "%s: %s\n", name, s)
		}
	}
	say("type", a.Type)
	say("name", a.Name)
	say("kind", a.Kind())
	say("tenants", a.TenantIDs())
	say("sender", a.From.ID+" "+a.From.AadObjectID)
	say("conversation", a.Conversation.ID)
	say("channel", a.TeamChannelID())
	say("team", a.ChannelData.Team.ID)
	say("zone", a.Zone())
	say("language", a.Language())
	say("reply to", a.ReplyToID)
	say("spoken", a.SpokenText())
	say("mentions bot", a.MentionsBot())
	for _, p := range a.MentionedPeople() {
		say("mentions", p.ID+" as "+p.Spoken)
	}
	say("targeted", a.Targeted())
	say("files", a.HasFiles())
	say("bot added", a.BotAdded())
	say("bot removed", a.BotRemoved())
	say("event", a.ChannelData.EventType)
	say("chosen channel", a.ChannelData.Settings.SelectedChannel.ID)
	say("ref", a.Ref())
	if a.IsCardAction() {
		press, err := a.CardAction()
		say("press", fmt.Sprint(press.Verb, " automatic=", press.Automatic, " execute=", press.Execute, " of ", press.MessageID, " ", err))
		values := press.Data.Strings()
		for _, k := range slices.Sorted(maps.Keys(values)) {
			say("  "+k, values[k])
		}
	}
	switch a.Name {
	case InvokeSearch:
		q, err := a.SearchQuery()
		say("search", fmt.Sprintf("%q in %q from %d, %d; %s %v", q.Text, q.Dataset, q.Skip, q.Top, q.Data.Strings(), err))
	case InvokeExtensionQuery:
		q, err := a.ExtensionQuery()
		say("query", fmt.Sprintf("%+v %v", q, err))
	}
	return b.String()
}

func TestActivitiesOfTeamsAreUnderstood(t *testing.T) {
	for name, body := range goldens(t) {
		t.Run(name, func(t *testing.T) {
			a, err := Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			file, got := "testdata/activities/"+name+".want", digest(a)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodedActivityLosesNothing(t *testing.T) {
	for name, body := range goldens(t) {
		for what, odd := range map[string][]byte{"as sent": body, "with unknown fields": mutate(t, body, addUnknown)} {
			a, err := Decode(odd)
			if err != nil {
				t.Fatalf("%s %s: %v", name, what, err)
			}
			again, err := json.Marshal(a)
			if err != nil {
				t.Fatalf("%s %s: %v", name, what, err)
			}
			if diff := cmp.Diff(parse(t, odd), parse(t, again)); diff != "" {
				t.Errorf("%s %s: %s", name, what, diff)
			}
		}
	}
}

// A field that lands among the unknown ones is one that we forgot.
func TestKnownFieldsAreKnown(t *testing.T) {
	allowed := []string{"novelty", "app", "legacy"}
	for name, body := range goldens(t) {
		a, err := Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		extras := []map[string]json.RawMessage{a.Extra, a.From.Extra, a.Recipient.Extra, a.Conversation.Extra, a.ChannelData.Extra,
			a.ChannelData.Tenant.Extra, a.ChannelData.Team.Extra, a.ChannelData.Channel.Extra, a.ChannelData.Source.Extra, a.ChannelData.Settings.Extra}
		for _, e := range a.Entities {
			extras = append(extras, e.Extra, e.Mentioned.Extra)
		}
		for _, at := range a.Attachments {
			extras = append(extras, at.Extra)
		}
		for _, extra := range extras {
			for key := range extra {
				if !slices.Contains(allowed, key) {
					t.Errorf("%s: field %q is not known", name, key)
				}
			}
		}
	}
}

func TestUnknownFieldsChangeNothing(t *testing.T) {
	for name, body := range goldens(t) {
		plain, _ := Decode(body)
		odd, err := Decode(mutate(t, body, addUnknown))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(digest(plain), digest(odd)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A key in other letters must never override the one that was checked.
func TestKeysInOtherLettersAreStrangers(t *testing.T) {
	for name, body := range goldens(t) {
		plain, _ := Decode(body)
		upper := mutate(t, body, func(o map[string]any) {
			for k := range maps.Clone(o) {
				o[strings.ToUpper(k)] = "forged"
			}
		})
		odd, err := Decode(upper)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(digest(plain), digest(odd)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	a, err := Decode([]byte(`{"type":"message","conversation":{"id":"a:1"},"serviceUrl":"https://good.example","SERVICEURL":"https://evil.example","ServiceUrl":"https://evil.example"}`))
	if err != nil || a.ServiceURL != "https://good.example" {
		t.Errorf("service URL is %q, %v", a.ServiceURL, err)
	}
}

// Every single value is made null, a string, a number, a list and an object,
// one after the other: nothing panics, and only what makes an activity counts.
func TestOddValuesAreTolerated(t *testing.T) {
	seen := map[string]bool{} // the envelope is the same in all files, the values are not
	all := goldens(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		body := all[name]
		for _, path := range leaves(parse(t, body), nil) {
			where := strings.Join(path, "/")
			if path[0] != "value" && seen[where] {
				continue
			}
			seen[where] = true
			for _, odd := range []any{nil, "odd", 7.5, []any{"odd", nil, map[string]any{}}, map[string]any{"odd": true}} {
				a, err := Decode(replace(t, body, path, odd))
				essential := slices.Equal(path, []string{"type"}) || path[0] == "conversation" && (len(path) == 1 || path[1] == "id") ||
					name == "extension-fetch" && path[0] == "name" // what makes it need no conversation
				if err != nil && (!essential || !errors.Is(err, ErrNotActivity)) {
					t.Fatalf("%s: %v = %v: %v", name, path, odd, err)
				}
				if err == nil {
					_ = digest(a)
					if _, err := json.Marshal(a); err != nil {
						t.Fatalf("%s: %v = %v: %v", name, path, odd, err)
					}
				}
			}
		}
	}
}

func TestNamesMayBeMissing(t *testing.T) {
	for name, body := range goldens(t) {
		bare := mutate(t, body, func(o map[string]any) {
			if id, _ := o["id"].(string); strings.HasPrefix(id, "2") {
				delete(o, "name")
			}
			delete(o, "localTimezone")
		})
		a, err := Decode(bare)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = digest(a)
		if a.From.Name != "" {
			t.Errorf("%s: name is %q", name, a.From.Name)
		}
	}
}

func TestTextOfAnyKindArrives(t *testing.T) {
	for what, text := range map[string]string{
		"emoji":         "VM 💥 is 👩‍🚀 down",
		"right to left": "الخادم معطل \u202e abc",
		"100 KB":        strings.Repeat("Ж", 51_200),
		"Cyrillic":      "новый контосо",
	} {
		a, err := Decode(replace(t, goldens(t)["message-personal"], []string{"text"}, text))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := a.SpokenText(); got != text {
			t.Errorf("%s: heard %.60q", what, got)
		}
	}
}

func TestWhatIsNoActivityIsRefused(t *testing.T) {
	for _, body := range []string{
		"", " ", "null", "[]", `"message"`, "7", "{", `{"type":"message"}`, `{"conversation":{"id":"a:1"}}`, `{"type":null,"conversation":{"id":"a:1"}}`,
		`{"type":5,"conversation":{"id":"a:1"}}`, `{"type":"message","conversation":{}}`, `{"type":"message","conversation":{"id":""}}`,
		`{"type":"message","conversation":{"ID":"a:1"}}`, `{"TYPE":"message","conversation":{"id":"a:1"}}`,
		`{"type":"message","conversation":{"id":"a:1"}} trailing`, `{"type":"message","conversation":{"id":"a:1"}}{}`,
		strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000),
	} {
		if _, err := Decode([]byte(body)); !errors.Is(err, ErrNotActivity) {
			t.Errorf("%.60s: %v", body, err)
		}
	}
}

func TestExtensionFromCommandBoxNeedsNoConversation(t *testing.T) {
	if _, err := Decode([]byte(`{"type":"invoke","name":"composeExtension/fetchTask"}`)); err != nil {
		t.Error(err)
	}
	if _, err := Decode([]byte(`{"type":"invoke","name":"adaptiveCard/action"}`)); !errors.Is(err, ErrNotActivity) {
		t.Errorf("a press without a conversation: %v", err)
	}
}

func TestNumbersStayExact(t *testing.T) {
	a, _ := Decode(goldens(t)["submit"])
	press, err := a.CardAction()
	if err != nil || press.Data.String("ticket") != "9007199254740993" {
		t.Errorf("ticket is %q, %v", press.Data.String("ticket"), err)
	}
}

// The library fails on each of these, and with it the whole request.
func TestTimesAndChannelDataOfOddShape(t *testing.T) {
	a, err := Decode([]byte(`{"type":"message","conversation":{"id":"a:1"},"timestamp":"","localTimestamp":"2026-11-22T10:15:07","expiration":"","channelData":"x","value":"text","from":{"id":"29:1","tenantId":"t","userRole":"guest"},"recipient":{"id":"28:1","isTargeted":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	if !a.Timestamp.IsZero() || string(a.Value) != `"text"` || a.From.TenantID != "t" || a.From.UserRole != "guest" || !a.Targeted() {
		t.Errorf("%+v", a)
	}
}

func TestBothTenantsOfAnActivityCount(t *testing.T) {
	a, _ := Decode([]byte(`{"type":"message","conversation":{"id":"a:1","tenantId":"AAA"},"channelData":{"tenant":{"id":"bbb"}}}`))
	if got := a.TenantIDs(); !slices.Equal(got, []string{"aaa", "bbb"}) {
		t.Errorf("tenants %v", got)
	}
}

// mutate changes every object of a document, but not those inside of value:
// they belong to cards.
func mutate(t testing.TB, body []byte, change func(map[string]any)) []byte {
	t.Helper()
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, child := range v {
				if k != "value" {
					visit(child)
				}
			}
			change(v)
		case []any:
			for _, child := range v {
				visit(child)
			}
		}
	}
	doc := parse(t, body)
	visit(doc)
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func addUnknown(o map[string]any) {
	o["x-new"] = map[string]any{"deep": []any{1.0, nil, "ünknown 🚀"}}
	o["x-null"] = nil
}

// replace sets the value at a path.
func replace(t testing.TB, body []byte, path []string, value any) []byte {
	t.Helper()
	doc := parse(t, body)
	at := doc.(map[string]any)
	for _, key := range path[:len(path)-1] {
		at = at[key].(map[string]any)
	}
	at[path[len(path)-1]] = value
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// leaves lists the path of every value that objects alone lead to.
func leaves(v any, path []string) [][]string {
	var all [][]string
	if len(path) > 0 {
		all = append(all, path)
	}
	if o, ok := v.(map[string]any); ok {
		for key, child := range o {
			all = append(all, leaves(child, append(slices.Clone(path), key))...)
		}
	}
	return all
}

func parse(t testing.TB, body []byte) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %.100s", err, body)
	}
	return v
}

func TestNULsAreNoPartOfAnActivity(t *testing.T) {
	a, err := Decode([]byte(`{"type":"message","conversation":{"id":"a:\u00001"},"from":{"aadObjectId":"\u0000x"},"text":"\\\\u0000 \\\u0000\"","value":{"form":"n\u0000"}}`))
	if err != nil || a.Conversation.ID != "a:1" || a.From.AadObjectID != "x" || a.Text != `\\u0000 \"` || string(a.Value) != `{"form":"n"}` {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := Decode([]byte(`{"type":"message","conversation":{"id":"\u0000"}}`)); !errors.Is(err, ErrNotActivity) {
		t.Errorf("a conversation without an id: %v", err)
	}
}
