package teamstest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// raw posts a body that the Connector would never send.
func raw(t *testing.T, fake *teamstest.Teams, method, path, body string) (int, string) {
	t.Helper()
	token, err := fake.Tokens().Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(fake.ServiceURL(), "/")+"/v3/conversations"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := fake.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

func TestFakeRefusesWhatTeamsRefuses(t *testing.T) {
	fake := teamstest.New(t)
	group := fake.Conversation(teamstest.GroupChat)
	alice := group.As("Alice")
	here := "/" + url.PathEscape(group.ID()) + "/activities"
	_, id := raw(t, fake, "POST", here, `{"type":"message","text":"mine"}`)
	id = strings.Split(id, `"`)[3]
	hers := alice.Message("hers")["id"].(string)
	const oneCard = `{"contentType":"application/vnd.microsoft.card.adaptive","content":{"type":"AdaptiveCard","version":"1.5"}}`

	for what, c := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"no body":                       {"POST", here, "", 400, "BadSyntax"},
		"no JSON":                       {"POST", here, "x", 400, "BadSyntax"},
		"a list":                        {"POST", here, "[]", 400, "BadSyntax"},
		"no type":                       {"POST", here, `{"text":"x"}`, 400, "MissingProperty"},
		"invokeResponse":                {"POST", here, `{"type":"invokeResponse","text":"x"}`, 400, "BadArgument"},
		"empty message":                 {"POST", here, `{"type":"message"}`, 400, "BadSyntax"},
		"blank message":                 {"POST", here, `{"type":"message","text":" "}`, 400, "BadSyntax"},
		"empty conversation":            {"POST", here, `{"type":"message","text":"x","conversation":{}}`, 400, "BadArgument"},
		"year 1":                        {"POST", here, `{"type":"message","text":"x","timestamp":"0001-01-01T00:00:00Z"}`, 400, "BadArgument"},
		"from another bot":              {"POST", here, `{"type":"message","text":"x","from":{"id":"28:other"}}`, 400, "BadArgument"},
		"unknown conversation":          {"POST", "/19:unknown@thread.v2/activities", `{"type":"message","text":"x"}`, 404, "ConversationNotFound"},
		"reply to nothing":              {"POST", here + "/1", `{"type":"message","text":"x"}`, 404, "ActivityNotFoundInConversation"},
		"too big":                       {"POST", here, `{"type":"message","text":"` + strings.Repeat("x", teams.MaxMessage) + `"}`, 413, "MessageSizeTooBig"},
		"card of a later version":       {"POST", here, `{"type":"message","attachments":[` + strings.Replace(oneCard, "1.5", "1.6", 1) + `]}`, 400, "BadSyntax"},
		"card of the wrong type":        {"POST", here, `{"type":"message","attachments":[` + strings.Replace(oneCard, "card.adaptive", "adaptive.card", 1) + `]}`, 400, "BadSyntax"},
		"text and card":                 {"POST", here, `{"type":"message","text":"x","attachments":[` + oneCard + `]}`, 201, "{}"},
		"two cards":                     {"POST", here, `{"type":"message","attachments":[` + oneCard + `,` + oneCard + `]}`, 201, "{}"},
		"update that splits":            {"PUT", here + "/" + id, `{"type":"message","text":"x","attachments":[` + oneCard + `]}`, 400, "multiple skype activities"},
		"update of nothing":             {"PUT", here + "/1", `{"type":"message","text":"x"}`, 404, "ActivityNotFoundInConversation"},
		"update of hers":                {"PUT", here + "/" + hers, `{"type":"message","text":"x"}`, 403, "ForbiddenOperationException"},
		"update with recipient":         {"PUT", here + "/" + id, `{"type":"message","text":"x","recipient":{"id":"29:1"}}`, 400, "Bad argument"},
		"delete of nothing":             {"DELETE", here + "/1", "", 404, "ActivityNotFoundInConversation"},
		"targeted at nobody":            {"POST", here + "?isTargetedActivity=true", `{"type":"message","text":"x"}`, 400, "Bad argument"},
		"targeted below nothing":        {"POST", here + "?isTargetedActivity=true", `{"type":"message","text":"x","recipient":{"id":"` + alice.ID + `"},"entities":[{"type":"targetedMessageInfo","messageId":"1"}]}`, 400, "INVALID_TARGETED_MESSAGE_ID"},
		"create for another bot":        {"POST", "", `{"bot":{"id":"28:x"},"tenantId":"t","channelData":{"tenant":{"id":"t"}}}`, 400, "BadArgument"},
		"create without tenant":         {"POST", "", `{"bot":{"id":"` + teamstest.BotID + `"},"members":[{"id":"` + alice.ID + `"}]}`, 400, "BadArgument"},
		"create by aadObjectId":         {"POST", "", create(`"members":[{"id":"x","aadObjectId":"` + alice.ObjectID + `"}]`), 400, "aadObjectId"},
		"create with a session":         {"POST", "", create(`"members":[{"id":"` + alice.ID + `"}],"activity":{"type":"message","text":"x"}`), 400, "BadSyntax"},
		"create for nobody":             {"POST", "", create(`"members":[{"id":"29:nobody"}]`), 403, "ForbiddenOperationException"},
		"thread in a group chat":        {"POST", "", create(`"isGroup":true,"activity":{"type":"message","text":"x"},"channelData":{"tenant":{"id":"` + teamstest.Tenant + `"},"channel":{"id":"` + group.ID() + `"}}`), 400, "BadArgument"},
		"thread without a message":      {"POST", "", create(`"isGroup":true,"channelData":{"tenant":{"id":"` + teamstest.Tenant + `"},"channel":{"id":"` + fake.Conversation(teamstest.Channel).ID() + `"}}`), 400, "BadSyntax"},
		"unknown member":                {"GET", "/" + url.PathEscape(group.ID()) + "/members/29:x", "", 404, "MemberNotFoundInConversation"},
		"members of a strange page":     {"GET", "/" + url.PathEscape(group.ID()) + "/pagedmembers?continuationToken=from-999", "", 400, "BadArgument"},
		"targeted in a personal chat":   {"POST", "/" + url.PathEscape(fake.PersonalID(alice.Person)) + "/activities?isTargetedActivity=true", `{"type":"message","text":"x","recipient":{"id":"` + alice.ID + `"}}`, 400, "Bad argument"},
		"a person who is not installed": {"POST", "/" + url.PathEscape(fake.PersonalID(fake.Person("Zoe"))) + "/activities", `{"type":"message","text":"x"}`, 403, "BotNotInConversationRoster"},
	} {
		got, body := raw(t, fake, c.method, c.path, c.body)
		if got != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s, want %d %s", what, got, body, c.status, c.says)
		}
	}
}

func create(rest string) string {
	tenant := ""
	if !strings.Contains(rest, "channelData") {
		tenant = `"channelData":{"tenant":{"id":"` + teamstest.Tenant + `"}},`
	}
	return `{"bot":{"id":"` + teamstest.BotID + `"},"tenantId":"` + teamstest.Tenant + `",` + tenant + rest + `}`
}

func TestFakeCountsTheLimitsOfTeams(t *testing.T) {
	for _, c := range []struct {
		name  string
		every time.Duration
		most  int
	}{
		{"seven in a second", 0, 7},
		{"eight in two seconds", 200 * time.Millisecond, 8},
		{"sixty in half a minute", 450 * time.Millisecond, 60},
	} {
		now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		fake := teamstest.New(t, teamstest.EnforceLimits(), teamstest.WithClock(func() time.Time { return now }))
		connector := fake.Connector()
		ref := teams.Ref{ServiceURL: fake.ServiceURL(), ConversationID: fake.Conversation(teamstest.GroupChat).ID()}
		other := teams.Ref{ServiceURL: fake.ServiceURL(), ConversationID: fake.Conversation(teamstest.GroupChat).ID()}
		for i := range c.most {
			if _, err := connector.Send(t.Context(), ref, encoded(teams.Message{Text: fmt.Sprint(i)}), false); err != nil {
				t.Fatalf("%s: message %d: %v", c.name, i, err)
			}
			now = now.Add(c.every)
		}
		if _, err := connector.Send(t.Context(), ref, encoded(teams.Message{Text: "one more"}), false); err == nil {
			t.Errorf("%s: one more was taken", c.name)
		}
		if n := len(fake.Violations()); n != 1 {
			t.Errorf("%s: %d violations", c.name, n)
		}
		if _, err := connector.Send(t.Context(), other, encoded(teams.Message{Text: "elsewhere"}), false); err != nil {
			t.Errorf("%s: another conversation: %v", c.name, err)
		}
	}
}

func TestFaultsHitWhatTheyName(t *testing.T) {
	fake := teamstest.New(t)
	connector := fake.Connector()
	one := teams.Ref{ServiceURL: fake.ServiceURL(), ConversationID: fake.Conversation(teamstest.GroupChat).ID()}
	two := teams.Ref{ServiceURL: fake.ServiceURL(), ConversationID: fake.Conversation(teamstest.GroupChat).ID()}
	fake.Fault(teamstest.Fault{Op: "send reply", Conversation: one.ConversationID, Times: 2, Status: 503})
	send := func(ref teams.Ref) error {
		_, err := connector.Send(t.Context(), ref, encoded(teams.Message{Text: "x"}), false)
		return err
	}
	if send(two) != nil || send(one) == nil || send(one) == nil || send(one) != nil {
		t.Errorf("%v", fake.Events())
	}
	fake.Fault(teamstest.Fault{Op: "send", CutAfter: true})
	if send(one) == nil {
		t.Error("the connection was not cut")
	}
	if n := len(fake.Messages(one.ConversationID)); n != 2 {
		t.Errorf("%d messages, the lost one must be among them", n)
	}
}
