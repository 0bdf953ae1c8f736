package dialogs_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// payload is a message as Teams describes it to an action, with what is special about it.
func payload(room *teamstest.Conversation, special map[string]any) map[string]any {
	p := map[string]any{
		"id": "1795400000777", "replyToId": nil, "linkToMessage": "https://teams.microsoft.com/l/message/" + room.ChannelID() + "/1795400000777",
		"createdDateTime": "2026-11-22T08:58:00.833Z", "lastModifiedDateTime": nil, "deleted": false, "subject": nil, "summary": nil, "importance": "normal",
		"body":     map[string]any{"contentType": "html", "content": "<div>Our <b>VPN</b> is down since 8:40.</div><p>Nobody can work.</p>"},
		"from":     map[string]any{"user": map[string]any{"userIdentityType": "aadUser", "id": "b4c1", "displayName": "Ines Kowal"}, "application": nil, "device": nil},
		"mentions": []any{}, "reactions": []any{}, "attachments": []any{},
	}
	maps.Copy(p, special)
	return p
}

// body is the body of a message.
func body(kind, content string) map[string]any {
	return map[string]any{"body": map[string]any{"contentType": kind, "content": content}}
}

// TestAMessageBecomesARequest files a message of a thread: the form has its words, the card
// stands below it and leads back to it.
func TestAMessageBecomesARequest(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		otto := room.As("Otto")
		post := otto.Message("Our VPN is down since 8:40.")["id"].(string)
		alice := room.NewThread().As("Alice") // the action names the channel, the payload the thread
		message := payload(room, map[string]any{"id": post})
		review := complete(alice.OnMessage("file", message))
		review.Expect("Our VPN is down since 8:40.", "Ines Kowal wrote on Sun 22 Nov, 09:58 (UTC+1):", "Nobody can work.")

		// Whoever opens it again on the same message, goes on.
		again := alice.OnMessage("file", message).ExpectButton("intake/submit")
		again.Press("intake/submit").ExpectClosed("SR-1 is open. First response due Mon 23 Nov")
		card := otto.ExpectCard("SR-1", "Open the message")
		got := d.one()
		if thread := room.ChannelID() + ";messageid=" + post; got.Home.Conversation != thread || got.Details.Source.Conversation != thread {
			t.Errorf("it went to %+v, from %+v", got.Home, got.Details.Source)
		}
		if want := "https://teams.microsoft.com/l/message/" + room.ChannelID() + "/1795400000777"; got.Details.Source.Link != want || !strings.Contains(fmt.Sprint(card.Content), want) {
			t.Errorf("the way back is %q", got.Details.Source.Link)
		}
		if want := "Ines Kowal wrote on Sun 22 Nov, 09:58 (UTC+1):\nOur VPN is down since 8:40.\nNobody can work."; got.Description != want || got.Requester.Name != "Alice" {
			t.Errorf("%s filed %q", got.Requester.Name, got.Description)
		}

		// It is not filed by itself a second time, but can be again.
		alice.OnMessage("file", message).ExpectValue("customer", "")
	})
}

// TestWhatAFormTakesFromAMessage goes through the kinds of messages.
func TestWhatAFormTakesFromAMessage(t *testing.T) {
	const head = "Ines Kowal wrote on Sun 22 Nov, 09:58 (UTC+1):\n"
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		forwarded := map[string]any{"id": "f1", "contentType": "forwardedMessageReference", "content": `{"messagePreview":"It is down\nagain","messageSender":{"user":{"displayName":"Otto"}}}`}
		for _, c := range []struct {
			name               string
			special            map[string]any
			title, description string
		}{
			{"plain text", body("text", "Mail <b>late</b>\r\nsince nine"), "Mail <b>late</b>", head + "Mail <b>late</b>\nsince nine"},
			{"code", body("html", "<p>It fails:</p><codeblock><code>a<br>  b</code></codeblock>"), "It fails:", head + "It fails:\na\n  b"},
			{"a list", body("html", "<ul><li>One</li><li>Two</li></ul>"), "One", head + "- One\n- Two"},
			{"a table", body("html", "<table><tr><td>Who</td><td>When</td></tr></table>"), "Who | When", head + "Who | When"},
			{"a picture", body("html", `<p><img src="https://x.example/y" alt="image"></p><p>Look</p>`), "Look", head + "[picture]\nLook"},
			{"a picture alone", body("html", `<p><img src="https://x.example/y" alt="image"></p>`), "", head + "[picture]"},
			{"mentions", body("html", `<p><at id="0">Onbehalf</at> mail is late</p>`), "@Onbehalf mail is late", head + "@Onbehalf mail is late"},
			{"a quotation", body("html", `<blockquote itemtype="http://schema.skype.com/Reply"><p>How?</p></blockquote><p>Like this</p>`), "Like this", head + "> How?\nLike this"},
			{"forwarded", merged(body("html", `<attachment id="f1"></attachment>`), "attachments", []any{forwarded}), "", head + "> Otto: It is down\n> again"},
			{"forwarded, nowhere", merged(body("html", "<p>See below</p>"), "attachments", []any{forwarded}), "See below", head + "See below\n> Otto: It is down\n> again"},
			{"files", merged(body("html", "<p>The log</p>"), "attachments", []any{map[string]any{"id": "a", "contentType": "reference", "name": "vpn.log"}, nil, 7}), "The log", head + "The log\nFiles that stay with the message: vpn.log"},
			{"a subject", map[string]any{"subject": "VPN again"}, "VPN again", head + "Our VPN is down since 8:40.\nNobody can work."},
			{"an app", map[string]any{"from": map[string]any{"user": nil, "application": map[string]any{"displayName": "Monitor"}}}, "Our VPN is down since 8:40.", "Monitor wrote on Sun 22 Nov, 09:58 (UTC+1):\nOur VPN is down since 8:40.\nNobody can work."},
			{"nobody, never", map[string]any{"from": nil, "createdDateTime": nil}, "Our VPN is down since 8:40.", "Our VPN is down since 8:40.\nNobody can work."},
			{"empty", body("html", "<p>&nbsp;</p>"), "", ""},
			{"deleted", map[string]any{"deleted": true}, "", ""},
			{"no body", map[string]any{"body": nil}, "", ""},
			{"hidden text and scripts", body("html", `<p>Seen<script>alert(1)</script><span style="display:none">unseen</span></p>`), "Seen", head + "Seen"},
			{"a long line", body("html", "<p>"+strings.Repeat("word ", 60)+"</p>"), strings.TrimSpace(strings.Repeat("word ", 24)) + "…", head + strings.TrimSpace(strings.Repeat("word ", 60))},
		} {
			d.move(time.Minute)
			form := alice.OnMessage("file", payload(room, c.special))
			what := form.Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "")
			if got := what.Value("title"); got != c.title {
				t.Errorf("%s: the title is %q", c.name, got)
			}
			if got := what.Value("description"); got != c.description {
				t.Errorf("%s: the description is\n%q, want\n%q", c.name, got, c.description)
			}
			what.Press("intake/cancel").ExpectClosed()
		}
	})
}

// TestALongMessageIsCutAloud is one of 28 KB: what fits is kept, and the form says how much
// was cut.
func TestALongMessageIsCutAloud(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		long := "<p>" + strings.Repeat("A line of forty characters, or nearly so.</p><p>", 600) + "</p>"
		form := room.As("Alice").OnMessage("file", payload(room, body("html", long)))
		what := form.Fill("customer", contoso).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "").Expect("were cut off")
		if n := len([]rune(what.Value("description"))); n != intake.Limit("description") {
			t.Errorf("%d characters were kept", n)
		}
		what.Press("intake/next").Press("intake/submit").ExpectClosed("SR-1")
	})
}

// TestBadMessages are of another tenant, without an id, or no message at all: the form opens
// all the same, and leads nowhere.
func TestBadMessages(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice := room.As("Alice")
		alice.Say("@onbehalf help").ExpectCard("help/show")
		n := request.Number(0)
		for name, special := range map[string]map[string]any{
			"of another tenant": {"linkToMessage": "https://teams.microsoft.com/l/message/x/1?tenantId=" + teamstest.OtherTenant},
			"of nobody's host":  {"linkToMessage": "https://evil.example/l/message/x/1"},
			"a script":          {"linkToMessage": "javascript:alert(1)"},
			"ids of no shape":   {"id": "../1", "replyToId": map[string]any{}, "linkToMessage": 7},
			"all odd":           {"id": nil, "linkToMessage": nil, "body": "x", "from": "y", "attachments": "z", "subject": []any{}, "createdDateTime": 7, "deleted": "yes"},
		} {
			d.move(time.Minute)
			complete(alice.OnMessage("file", payload(room, special))).Press("intake/submit").ExpectClosed("is open")
			n++
			if got := d.ticket(n); got.Details.Source.Link != "" || !strings.HasPrefix(got.Home.Conversation, room.ChannelID()) {
				t.Errorf("%s: at %+v, from %+v", name, got.Home, got.Details.Source)
			}
		}
		shown, err := teamstest.ReadDialog(alice.Invoke("composeExtension/fetchTask", map[string]any{"commandId": "file", "messagePayload": "x"}).Response)
		if err != nil || !strings.Contains(shown.Message, "I do not know this button") {
			t.Errorf("%v %+v", err, shown)
		}
	})
}

// TestAMessageWaitsForTheOpenForm files another message while a form is open: either goes
// on, and the message is not lost.
func TestAMessageWaitsForTheOpenForm(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		alice.OnMessage("file", payload(room, map[string]any{"id": "1", "subject": "First"})).ExpectInput("customer")
		ask := alice.OnMessage("file", payload(room, map[string]any{"id": "2", "subject": "Second"})).Expect("unfinished form", "Second")
		complete(ask.Press("intake/resume")).Expect("First").Press("intake/back")
		ask = alice.OnMessage("file", payload(room, map[string]any{"id": "2", "subject": "Second"})).Expect("unfinished form", "Second")
		complete(ask.Press("intake/restart")).Expect("Second").Press("intake/submit").ExpectClosed("SR-1")
		if got := d.one(); got.Title != "Second" || got.Details.Source.Message != "2" {
			t.Errorf("filed %q from %+v", got.Title, got.Details.Source)
		}
	})
}

// TestAMessageWhereTheBotIsNot begins the form in the person's own chat, and files it below
// the message once the bot was added, also where Teams forgets what the button carried.
func TestAMessageWhereTheBotIsNot(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		own := d.Conversation(teamstest.Personal).As("Alice")
		own.Say("help")
		for i, withData := range []bool{true, false} {
			d.move(time.Minute)
			room := d.Conversation(teamstest.GroupChat)
			room.Uninstall()
			alice := room.As("Alice")
			ask := alice.OnMessage("file", payload(room, nil)).Expect("I am not in this conversation")
			form := ask.AddBot(withData)
			complete(form).Expect("Nobody can work.").Press("intake/submit").ExpectClosed("is open")
			alice.ExpectCard("Our VPN is down")
			if got := d.ticket(request.Number(i + 1)); got.Home.Conversation != room.ID() || got.Details.Source.Link == "" {
				t.Errorf("with data %v: at %+v, from %+v", withData, got.Home, got.Details.Source)
			}
		}
	})
}

func merged(a map[string]any, pairs ...any) map[string]any {
	for i := 0; i < len(pairs); i += 2 {
		a[pairs[i].(string)] = pairs[i+1]
	}
	return a
}
