package teams_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// An id must never climb out of its segment.
func TestIDsStayOneSegment(t *testing.T) {
	fake := teamstest.New(t)
	c := fake.Connector()
	for _, id := range []string{"a:1b/../../evil", "a/b", "a%2Fb", "a?b#c", "a b", "ä", "19:x@thread.tacv2;messageid=1", "...", `a\b`} {
		_, err := c.Send(t.Context(), ref(fake, id), encoded(t, teams.Message{Text: "x"}), false)
		if e := connectorError(t, err); !e.ConversationGone() {
			t.Errorf("%q: %v", id, err)
		}
		all := fake.Events("send")
		if len(all) == 0 || all[len(all)-1].Conversation != id {
			t.Errorf("%q did not arrive as it was sent", id)
		}
	}
	before := len(fake.Events())
	for _, id := range []string{"", ".", "..", "a\x00", "a\nb", "a\x7f", "\u0085"} {
		_, sent := c.Send(t.Context(), ref(fake, id), encoded(t, teams.Message{Text: "x"}), false)
		updated := c.Update(t.Context(), ref(fake, "a:1"), id, encoded(t, teams.Message{Text: "x"}), false)
		_, looked := c.Member(t.Context(), ref(fake, "a:1"), id)
		for what, err := range map[string]error{"send": sent, "update": updated, "look up": looked} {
			// An Error would mean that it was tried.
			if answer := (*teams.Error)(nil); err == nil || errors.As(err, &answer) {
				t.Errorf("%s %q: %v", what, id, err)
			}
		}
	}
	if n := len(fake.Events()); n != before {
		t.Errorf("%d requests with impossible ids", n-before)
	}
}

func TestUntrustedServiceNeverSeesTheToken(t *testing.T) {
	fake := teamstest.New(t)
	c := fake.Connector()
	for _, service := range []string{"https://evil.example/emea/", "http://127.0.0.1:1/emea/", "", "https://smba.trafficmanager.net/emea/"} {
		at := ref(fake, "a:1")
		at.ServiceURL = service
		if _, err := c.Send(t.Context(), at, encoded(t, teams.Message{Text: "x"}), false); status(err) != http.StatusForbidden {
			t.Errorf("%q: %v", service, err)
		}
	}
	if n := len(fake.Events("token")); n != 0 {
		t.Errorf("%d tokens for untrusted services", n)
	}
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	fake := teamstest.New(t)
	c, at := fake.Connector(), channel(fake)
	if _, err := c.Send(t.Context(), at, encoded(t, teams.Message{Text: "x"}), false); err != nil {
		t.Fatal(err)
	}
	fake.RevokeTokens()
	if _, err := c.Send(t.Context(), at, encoded(t, teams.Message{Text: "x"}), false); err != nil {
		t.Errorf("with a fresh token: %v", err)
	}
	if n := len(fake.Events("token")); n != 2 {
		t.Errorf("%d sign-ins", n)
	}
	fake.Fault(teamstest.Fault{Op: "send", Status: 401, Code: "BotNotRegistered", Times: -1})
	before := len(fake.Events("send"))
	_, err := c.Send(t.Context(), at, encoded(t, teams.Message{Text: "x"}), false)
	if e := connectorError(t, err); e.Status != 401 || e.Retryable() || e.Final() || !e.NeedsOperator() {
		t.Errorf("%+v", e)
	}
	if n := len(fake.Events("send")) - before; n != 2 {
		t.Errorf("%d attempts", n)
	}
}

func TestFailedSignInStopsTheCall(t *testing.T) {
	time0 := newClock()
	fake := teamstest.New(t, teamstest.WithClock(time0.Now))
	c, at := fake.Connector(), channel(fake)
	fake.Fault(teamstest.Fault{Op: "token", Status: 503, RetryAfter: "3"})
	_, err := c.Send(t.Context(), at, encoded(t, teams.Message{Text: "x"}), false)
	if e := connectorError(t, err); !e.Retryable() || e.Ambiguous || e.RetryAfter != 3*time.Second || e.NeedsOperator() {
		t.Errorf("%+v", e)
	}
	time0.Advance(3 * time.Second)
	fake.Fault(teamstest.Fault{Op: "token", Status: 401, Body: `{"error":"invalid_client","error_codes":[7000222]}`})
	_, err = c.Send(t.Context(), at, encoded(t, teams.Message{Text: "x"}), false)
	if e := connectorError(t, err); e.Retryable() || !e.NeedsOperator() {
		t.Errorf("%+v", e)
	}
	if n := len(fake.Events("send")); n != 0 {
		t.Errorf("%d requests without a token", n)
	}
}

func TestWithoutRegistrationNoTokenIsSent(t *testing.T) {
	fake := teamstest.New(t, teamstest.Unregistered())
	if _, err := fake.Connector().Send(t.Context(), channel(fake), encoded(t, teams.Message{Text: "x"}), false); err != nil {
		t.Error(err)
	}
}

func TestAnswersOfTheConnectorAreUnderstood(t *testing.T) {
	blocked := `{"errorCode":209,"message":"{\r\n \"subCode\": \"MessageWritesBlocked\",\r\n \"details\": \"Thread is not available.\"}"}`
	type verdict struct {
		retry, final, ambiguous, gone, conversationGone, wrongHost, notInstalled, blocked, operator bool
	}
	for _, c := range []struct {
		fault teamstest.Fault
		code  string
		want  verdict
	}{
		{teamstest.Fault{Status: 400, Code: "BadArgument"}, "BadArgument", verdict{}},
		{teamstest.Fault{Status: 400, Code: "Bad Argument"}, "Bad Argument", verdict{}},
		{teamstest.Fault{Status: 400, Code: "BadSyntax"}, "BadSyntax", verdict{}},
		{teamstest.Fault{Status: 400, Code: "MissingProperty"}, "MissingProperty", verdict{}},
		{teamstest.Fault{Status: 400, Code: "ServiceError"}, "ServiceError", verdict{}},
		{teamstest.Fault{Status: 401, Code: "AuthorizationError", Times: 2}, "AuthorizationError", verdict{operator: true}},
		{teamstest.Fault{Status: 403, Code: "BotDisabledByAdmin"}, "BotDisabledByAdmin", verdict{final: true, blocked: true}},
		{teamstest.Fault{Status: 403, Code: "BotNotInConversationRoster"}, "BotNotInConversationRoster", verdict{final: true, notInstalled: true}},
		{teamstest.Fault{Status: 403, Code: "ConversationBlockedByUser"}, "ConversationBlockedByUser", verdict{final: true, blocked: true}},
		{teamstest.Fault{Status: 403, Body: blocked}, "ConversationBlockedByUser", verdict{final: true, blocked: true}},
		{teamstest.Fault{Status: 403, Code: "ForbiddenOperationException"}, "ForbiddenOperationException", verdict{final: true}},
		{teamstest.Fault{Status: 403, Code: "NotEnoughPermissions"}, "NotEnoughPermissions", verdict{final: true, operator: true}},
		{teamstest.Fault{Status: 403, Code: "InvalidBotApiHost"}, "InvalidBotApiHost", verdict{wrongHost: true}},
		{teamstest.Fault{Status: 403, Body: "<html>"}, "", verdict{final: true}},
		{teamstest.Fault{Status: 404, Code: "ConversationNotFound"}, "ConversationNotFound", verdict{final: true, conversationGone: true}},
		{teamstest.Fault{Status: 404, Code: "ActivityNotFoundInConversation"}, "ActivityNotFoundInConversation", verdict{gone: true}},
		{teamstest.Fault{Status: 405}, "", verdict{}},
		{teamstest.Fault{Status: 412, Code: "PreconditionFailed"}, "PreconditionFailed", verdict{retry: true}},
		{teamstest.Fault{Status: 413, Code: "MessageSizeTooBig"}, "MessageSizeTooBig", verdict{}},
		{teamstest.Fault{Status: 429, Code: "Throttled"}, "Throttled", verdict{retry: true}},
		{teamstest.Fault{Status: 500, Code: "ServiceError"}, "ServiceError", verdict{}},
		{teamstest.Fault{Status: 502}, "", verdict{retry: true, ambiguous: true}},
		{teamstest.Fault{Status: 503, Code: "ServiceError"}, "ServiceError", verdict{retry: true, ambiguous: true}},
		{teamstest.Fault{Status: 504}, "", verdict{retry: true, ambiguous: true}},
		{teamstest.Fault{CutBefore: true}, "", verdict{retry: true, ambiguous: true}},
		{teamstest.Fault{CutAfter: true}, "", verdict{retry: true, ambiguous: true}},
		{teamstest.Fault{Status: 302, Location: "https://evil.example/"}, "", verdict{ambiguous: true}},
		{teamstest.Fault{Status: 403, Body: `{"error":"text","errorCode":{},"message":5}`}, "", verdict{final: true}},
		{teamstest.Fault{Status: 403, Body: `{"error":{"code":5,"message":null}}`}, "", verdict{final: true}},
		{teamstest.Fault{Status: 403, Body: `{"errorCode":"209","message":"plain words"}`}, "209", verdict{final: true}},
		{teamstest.Fault{Status: 403, Body: `{"ERROR":{"code":"InvalidBotApiHost"}}`}, "", verdict{final: true}},
	} {
		name := fmt.Sprintf("%d %s%s", c.fault.Status, c.fault.Code, c.fault.Body)
		fake := teamstest.New(t)
		c.fault.Op = "send"
		fake.Fault(c.fault)
		_, err := fake.Connector().Send(t.Context(), channel(fake), encoded(t, teams.Message{Text: "x"}), false)
		e := connectorError(t, err)
		got := verdict{e.Retryable(), e.Final(), e.Ambiguous, e.Gone(), e.ConversationGone(), e.WrongHost(), e.NotInstalled(), e.Blocked(), e.NeedsOperator()}
		if e.Code != c.code || got != c.want {
			t.Errorf("%s: code %q, %+v, want %+v", name, e.Code, got, c.want)
		}
	}
}

func TestOnlyMessagesAreAmbiguous(t *testing.T) {
	fake := teamstest.New(t)
	c, at := fake.Connector(), channel(fake)
	id, err := c.Send(t.Context(), at, encoded(t, teams.Message{Text: "x"}), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range []teamstest.Fault{{Status: 503}, {CutBefore: true}, {CutAfter: true}} {
		fault.Op = "update"
		fake.Fault(fault)
		if e := connectorError(t, c.Update(t.Context(), at, id, encoded(t, teams.Message{Text: "y"}), false)); e.Ambiguous || !e.Retryable() {
			t.Errorf("%+v: %+v", fault, e)
		}
	}
}

func TestNothingWasSentWithoutAConnection(t *testing.T) {
	fake := teamstest.New(t)
	hosts, err := teams.NewHosts(teams.Cloud{}, []string{"127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	c := &teams.Connector{Tokens: fake.Tokens(), Hosts: hosts}
	at := ref(fake, "a:1")
	at.ServiceURL = "http://127.0.0.1:1/emea/"
	_, err = c.Send(t.Context(), at, encoded(t, teams.Message{Text: "x"}), false)
	if e := connectorError(t, err); e.Ambiguous || !e.Retryable() || e.Status != 0 {
		t.Errorf("%+v", e)
	}
}

func TestAcceptedWithoutAnIDIsNotSentAgain(t *testing.T) {
	for what, fault := range map[string]teamstest.Fault{
		"201 without id": {Op: "send", NoID: true},
		"202 empty":      {Op: "send", Status: 202},
		"201 garbage":    {Op: "send", Status: 201, Body: "{"},
	} {
		fake := teamstest.New(t)
		fake.Fault(fault)
		id, err := fake.Connector().Send(t.Context(), channel(fake), encoded(t, teams.Message{Text: "x"}), false)
		if id != "" || err != nil {
			t.Errorf("%s: %q, %v", what, id, err)
		}
	}
}

func TestCreationWithoutAnIDIsAmbiguous(t *testing.T) {
	fake := teamstest.New(t)
	at := channel(fake)
	fake.Fault(teamstest.Fault{Op: "create", NoID: true})
	_, err := fake.Connector().Create(t.Context(), fake.ServiceURL(), teams.ConversationParameters{
		TenantID: teamstest.Tenant, BotID: teamstest.BotID, ChannelID: at.ConversationID, First: encoded(t, teams.Message{Text: "x"}),
	})
	if e := connectorError(t, err); !e.Ambiguous || !e.Retryable() {
		t.Errorf("%+v", e)
	}
}

func TestRetryAfterInBothForms(t *testing.T) {
	time0 := newClock()
	for value, want := range map[string]time.Duration{
		"7": 7 * time.Second, " 7 ": 7 * time.Second, "1.5": 1500 * time.Millisecond, "0": 0, "": 0, "-5": 0, "soon": 0, "NaN": 0, "Inf": 0,
		"86400": time.Hour, "99999999999999999999": 0,
		time0.Now().Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
		time0.Now().Add(-time.Hour).Format(http.TimeFormat):       0,
		time0.Now().AddDate(1, 0, 0).Format(http.TimeFormat):      time.Hour,
		time0.Now().Add(time.Minute).Format(time.RFC850):          time.Minute,
	} {
		fake := teamstest.New(t, teamstest.WithClock(time0.Now))
		fake.Fault(teamstest.Fault{Op: "send", Status: 429, Code: "Throttled", RetryAfter: value})
		_, err := fake.Connector().Send(t.Context(), channel(fake), encoded(t, teams.Message{Text: "x"}), false)
		if e := connectorError(t, err); e.RetryAfter != want {
			t.Errorf("%q: %s, want %s", value, e.RetryAfter, want)
		}
	}
}

func TestSlowConnectorIsLeftByItsDeadline(t *testing.T) {
	fake := teamstest.New(t)
	c, at := fake.Connector(), channel(fake)
	if _, err := c.Send(t.Context(), at, encoded(t, teams.Message{Text: "x"}), false); err != nil {
		t.Fatal(err)
	}
	fake.Fault(teamstest.Fault{Op: "send", Hold: make(chan struct{})})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Send(ctx, at, encoded(t, teams.Message{Text: "x"}), false)
	if e := connectorError(t, err); !e.Ambiguous || !e.Retryable() || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%+v", e)
	}
}

func TestRefOfAnActivityCanBeAnswered(t *testing.T) {
	fake := teamstest.New(t)
	alice := fake.Conversation(teamstest.Channel).As("Alice")
	body, err := json.Marshal(alice.Message("@onbehalf help"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := teams.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fake.Connector().Send(t.Context(), a.Ref(), encoded(t, teams.Message{Text: "hello"}), false); err != nil {
		t.Error(err)
	}
	if got := fake.Messages(alice.In.ID()); len(got) != 1 || got[0].Conversation != a.Conversation.ID {
		t.Errorf("%+v", got)
	}
}
