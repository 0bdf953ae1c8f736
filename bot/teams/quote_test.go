package teams

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestQuotedMessagesAreNamedByTheirIDsAlone(t *testing.T) {
	entity := func(more string) string {
		return `{"entities": [{"type": "quotedReply", "quotedReply": {"messageId": "17", "preview": "SR-9"` + more + `}}]}`
	}
	echo := func(html string) string {
		content, err := json.Marshal(html)
		if err != nil {
			t.Fatal(err)
		}
		return `{"attachments": [{"contentType": "text/html", "content": ` + string(content) + `}]}`
	}
	for activity, want := range map[string]string{
		entity(""): "[17]",
		entity(`, "isReplyDeleted": false, "validatedMessageReference": true`): "[17]",
		entity(`, "isReplyDeleted": true`):                                     "[]",
		entity(`, "validatedMessageReference": false`):                         "[]",
		`{"entities": [{"type": "quotedReply"}, {"type": "quotedReply", "quotedReply": 7}, {"type": "quotedReply", "quotedReply": {"messageId": {}}}]}`: "[]",
		echo(`<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="18"><p itemprop="preview">SR-9</p></blockquote><p>take</p>`):       "[18]",
		echo(`<blockquote itemid="18">a quote by hand</blockquote>`):                                                                                    "[]",
		echo(`&lt;blockquote itemtype="http://schema.skype.com/Reply" itemid="18"&gt;`):                                                                 "[]",
		`{"attachments": [{"contentType": "text/html", "content": {"blockquote": 1}}]}`:                                                                 "[]",
	} {
		var a Activity
		if err := json.Unmarshal([]byte(activity), &a); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(a.Quoted()); got != want {
			t.Errorf("%s: %s, want %s", activity, got, want)
		}
	}
}
