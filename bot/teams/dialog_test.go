package teams_test

import (
	"errors"
	"fmt"
	"testing"

	"onbehalf/bot/teams"
)

// dialogInvoke is an invoke of a dialog in a channel of our tenant.
func dialogInvoke(t *testing.T, name, value string) *teams.Activity {
	t.Helper()
	a, err := teams.Decode(fmt.Appendf(nil, `{"type":"invoke","name":%q,"id":"f:1","replyToId":"17","channelId":"msteams",
		"conversation":{"id":"19:c@thread.tacv2","conversationType":"channel","tenantId":"7d0b2f3e-6f0f-4a6d-8f3c-2c1b9a7e4d55"},"value":%s}`, name, value))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPressesInDialogs(t *testing.T) {
	for value, want := range map[string]string{
		`{"data":{"verb":"intake/next","title":"x"},"context":{"theme":"dark"}}`:      "intake/next x",
		`{"data":{"verb":"intake/next","title":"x","msteams":{"type":"task/fetch"}}}`: "intake/next x",
		`{"data":{"verb":"intake/next"}}`:                                             "intake/next ",
	} {
		for _, name := range []string{teams.InvokeDialogFetch, teams.InvokeDialogSubmit} {
			press, err := dialogInvoke(t, name, value).CardAction()
			if got := press.Verb + " " + press.Data.String("title"); err != nil || got != want || !press.Dialog || press.MessageID != "" || press.Extension != nil {
				t.Errorf("%s: %+v %v", value, press, err)
			}
		}
	}
	for _, value := range []string{`{}`, `{"data":null}`, `{"data":"x"}`, `{"data":[]}`, `{"data":{}}`, `{"data":{"verb":7}}`, `"x"`, `[]`, `null`} {
		for _, name := range []string{teams.InvokeDialogFetch, teams.InvokeDialogSubmit} {
			if press, err := dialogInvoke(t, name, value).CardAction(); !errors.Is(err, teams.ErrForged) {
				t.Errorf("%s %s: %+v %v", name, value, press, err)
			}
		}
	}
}

func TestActionsOfTheExtension(t *testing.T) {
	const fetch, submit = teams.InvokeExtensionFetch, teams.InvokeExtensionSubmit
	for _, c := range []struct {
		name, value, verb string
		fetch             bool
	}{
		{fetch, `{"commandId":"new","commandContext":"compose"}`, "", true},
		{fetch, `{"commandId":"new","commandContext":"commandbox","messagePayload":null}`, "", true},
		{submit, `{"commandId":"new","data":{"verb":"intake/next"}}`, "intake/next", false},
		{submit, `{"commandId":"new","data":{"msteams":{"justInTimeInstall":true}}}`, "", true},
		{submit, `{"commandId":"new","data":{}}`, "", true},
		{submit, `{"commandId":"new"}`, "", true},
	} {
		press, err := dialogInvoke(t, c.name, c.value).CardAction()
		if err != nil || press.Extension == nil || press.Verb != c.verb || press.Extension.Fetch != c.fetch || press.Extension.CommandID != "new" {
			t.Errorf("%s %s: %+v %v", c.name, c.value, press, err)
		}
	}
	for _, value := range []string{
		`{"commandId":"file","data":"x"}`, `{"commandId":"file","messagePayload":"x"}`,
		`{"commandId":"new","botMessagePreviewAction":"send","botActivityPreview":[{"type":"message"}]}`,
	} {
		if press, err := dialogInvoke(t, submit, value).CardAction(); !errors.Is(err, teams.ErrForged) {
			t.Errorf("%s: %+v %v", value, press, err)
		}
	}
}

// TestTheMessageOfAnAction reads a message with everything, and with nothing but nulls.
func TestTheMessageOfAnAction(t *testing.T) {
	of := func(payload string) *teams.SourceMessage {
		t.Helper()
		press, err := dialogInvoke(t, teams.InvokeExtensionFetch, `{"commandId":"file","messagePayload":`+payload+`}`).CardAction()
		if err != nil || press.Extension.Message == nil {
			t.Fatalf("%s: %+v %v", payload, press, err)
		}
		return press.Extension.Message
	}
	m := of(`{"id":"1795400000777","replyToId":"1795400000700","linkToMessage":"https://teams.microsoft.com/l/message/x/1","subject":"VPN",
		"createdDateTime":"2026-11-22T08:58:00.833Z","body":{"contentType":"html","content":"<p>x</p>"},"from":{"user":{"displayName":"Ines Kowal"},"application":null},
		"attachments":[{"id":"a","contentType":"forwardedMessageReference","content":"{\"messagePreview\":\"It is down\",\"messageSender\":{\"user\":{\"displayName\":\"Otto\"}}}"},
			{"id":"b","contentType":"reference","name":"log.txt"},7]}`)
	if m.ID != "1795400000777" || m.Subject != "VPN" || m.Author != "Ines Kowal" || !m.HTML || m.Content != "<p>x</p>" || m.Sent.IsZero() || len(m.Attached) != 2 ||
		!m.Attached[0].IsMessage() || m.Attached[0].Preview != "It is down" || m.Attached[0].Author != "Otto" || m.Attached[1].Name != "log.txt" || m.Attached[1].IsMessage() {
		t.Errorf("%+v", m)
	}
	if got := m.Thread("19:c@thread.tacv2"); got != "19:c@thread.tacv2;messageid=1795400000700" {
		t.Errorf("an answer goes to %s", got)
	}
	m = of(`{"id":"1795400000777","replyToId":null,"linkToMessage":null,"subject":null,"createdDateTime":null,"body":null,"from":null,"mentions":null,"attachments":null}`)
	if m.Author != "" || m.Content != "" || !m.Sent.IsZero() || len(m.Attached) != 0 {
		t.Errorf("%+v", m)
	}
	for conversation, want := range map[string]string{
		"19:c@thread.tacv2": "19:c@thread.tacv2;messageid=1795400000777", "19:c@thread.tacv2;messageid=1": "19:c@thread.tacv2;messageid=1",
		"19:g@thread.v2": "19:g@thread.v2", "a:1": "a:1", "": "",
	} {
		if got := m.Thread(conversation); got != want {
			t.Errorf("%s: an answer goes to %q", conversation, got)
		}
	}
	if got := of(`{"id":"1/../2"}`).Thread("19:c@thread.tacv2"); got != "19:c@thread.tacv2" {
		t.Errorf("a forged id leads to %q", got)
	}
	if m := of(`{"from":{"application":{"displayName":"Monitor"}},"body":{"contentType":"text","content":"x"},"deleted":true}`); m.Author != "Monitor" || m.HTML || !m.Deleted {
		t.Errorf("%+v", m)
	}
}

func TestLinksToMessages(t *testing.T) {
	a := dialogInvoke(t, teams.InvokeExtensionFetch, `{}`)
	const good = "https://teams.microsoft.com/l/message/19:c@thread.tacv2/1795400000777?tenantId=7d0b2f3e-6f0f-4a6d-8f3c-2c1b9a7e4d55&parentMessageId=1"
	for link, kept := range map[string]bool{
		good: true, "https://teams.cloud.microsoft/l/message/19:c@thread.tacv2/1": true, "https://gov.teams.microsoft.us/l/message/x/1": true,
		"": false, "x": false, "http://teams.microsoft.com/l/message/x/1": false, "https://evil.example/l/message/x/1": false,
		"https://teams.microsoft.com.evil.example/l/message/x/1": false, "https://me@teams.microsoft.com/l/message/x/1": false,
		"https://teams.microsoft.com/l/entity/x": false, "javascript:alert(1)": false,
		"https://teams.microsoft.com/l/message/x/1?tenantId=00000000-0000-4000-8000-000000000000": false,
	} {
		if got := a.MessageLink(teams.SourceMessage{Link: link}); got != "" != kept {
			t.Errorf("%s: %q", link, got)
		}
	}
}

// TestTheChatOfTwoPeopleIsNotTheBots has a type that the bot's own chats have too.
func TestTheChatOfTwoPeopleIsNotTheBots(t *testing.T) {
	for id, want := range map[string]string{"19:a_b@unq.gbl.spaces": teams.GroupChat, "a:1pQ7x": teams.Personal} {
		a, err := teams.Decode(fmt.Appendf(nil, `{"type":"invoke","name":"composeExtension/query","conversation":{"conversationType":"personal","id":%q}}`, id))
		if err != nil || a.Kind() != want {
			t.Errorf("%s is %s: %v", id, a.Kind(), err)
		}
	}
}
