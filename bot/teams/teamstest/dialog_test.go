package teamstest_test

import (
	"strings"
	"testing"

	"onbehalf/bot/teams/teamstest"
)

func TestDialogsAreRefusedAsClientsDo(t *testing.T) {
	const card = `{"contentType":"application/vnd.microsoft.card.adaptive","content":{"type":"AdaptiveCard","version":"1.5","body":[]}}`
	shown := func(fields, card string) string {
		return `{"task":{"type":"continue","value":{` + fields + `,"card":` + card + `}}}`
	}
	const usual = `"title":"New request","height":"large","width":"medium"`
	for what, c := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"a status":                   {500, "", "status 500"},
		"no JSON":                    {200, "x", "invalid"},
		"a press's answer":           {200, `{"statusCode":200,"type":"application/vnd.microsoft.card.adaptive","value":{}}`, "unknown field"},
		"no type":                    {200, `{"task":{}}`, "of type"},
		"an empty message":           {200, `{"task":{"type":"message","value":""}}`, "message"},
		"a message that is a card":   {200, `{"task":{"type":"message","value":` + card + `}}`, "message"},
		"no title":                   {200, shown(`"height":"large","width":"medium"`, card), "title has 0"},
		"a long title":               {200, shown(`"title":"`+strings.Repeat("x", 65)+`","height":"large","width":"medium"`, card), "title has 65"},
		"a height of its own":        {200, shown(`"title":"x","height":"huge","width":"medium"`, card), "huge"},
		"no width":                   {200, shown(`"title":"x","height":"large"`, card), "<nil>"},
		"a bare card":                {200, shown(usual, `{"type":"AdaptiveCard","version":"1.5"}`), "unknown field"},
		"a later version":            {200, shown(usual, strings.Replace(card, "1.5", "1.6", 1)), "version"},
		"an address beside the card": {200, shown(usual+`,"url":"https://x.example"`, card), "unknown field"},
		"an Action.Execute":          {200, shown(usual, strings.Replace(card, `[]`, `[{"type":"ActionSet","actions":[{"type":"Action.Execute","verb":"x"}]}]`, 1)), "not submitted"},
		"too big":                    {200, shown(usual, strings.Replace(card, `[]`, `[{"type":"TextBlock","text":"`+strings.Repeat("x", 28<<10)+`"}]`, 1)), "bytes"},
	} {
		_, err := teamstest.ReadDialog(teamstest.Response{Status: c.status, Body: []byte(c.body)})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", what, err, c.says)
		}
	}
	for what, body := range map[string]string{"closed": "", "a last line": `{"task":{"type":"message","value":"x"}}`, "a card": shown(usual, card), "pixels": shown(`"title":"x","height":300,"width":400`, card)} {
		if _, err := teamstest.ReadDialog(teamstest.Response{Status: 200, Body: []byte(body)}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
