package teams

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzErrorOf holds that whatever a connector, or what stands before it, answers is one
// kind of failure, with a wait that can be waited for and words that can be logged.
func FuzzErrorOf(f *testing.F) {
	for _, body := range []string{
		`{"error":{"code":"BotNotInConversationRoster","message":"The bot is not part of the conversation roster."}}`,
		`{"errorCode":209,"message":"{\"subCode\":\"MessageWritesBlocked\",\"details\":\"x\"}"}`, `{"error":{"code":404,"message":null},"message":"x"}`,
		`{"error":"invalid_client"}`, `{"error":{"code":"ConversationNotFound"}}`, `{"error":{"code":"ActivityNotFoundInConversation"}}`, `{"error":{"code":"InvalidBotApiHost"}}`,
		"", "null", "[]", "<html>bad gateway</html>", `{"message":"` + strings.Repeat("ё", 400) + `"}`, "{\"message\":\"a\\nlevel=ERROR \xff\"}",
	} {
		for _, status := range []uint16{400, 401, 403, 404, 412, 429, 500, 502} {
			f.Add(status, []byte(body), "3")
		}
	}
	for _, wait := range []string{"-1", "1e9", "NaN", "Inf", "0x10", "1_000", "Sat, 28 Nov 2026 12:00:07 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", " 2.5 ", "9999999999999999999"} {
		f.Add(uint16(429), []byte("{}"), wait)
	}
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, status uint16, body []byte, wait string) {
		if status >= 200 && status <= 299 || status < 100 || status > 599 {
			return // no answer of this kind
		}
		for _, op := range []string{"send", "update", "member"} {
			e := errorOf(&http.Response{StatusCode: int(status), Header: http.Header{"Retry-After": {wait}}, Body: io.NopCloser(strings.NewReader(""))}, body, now)
			e.Op = op
			if e.Status != int(status) || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
				t.Fatalf("%d %q: %+v", status, wait, e)
			}
			if text := e.Error(); !utf8.ValidString(text) || utf8.RuneCountInString(text) > 1000 {
				t.Fatalf("%d %q reads %q", status, body, text)
			}
			kinds := 0
			for _, is := range []bool{e.Retryable(), e.Final(), e.Gone() && op != "member", e.WrongHost(), e.MemberMissing()} {
				if is {
					kinds++
				}
			}
			if lost := status == http.StatusForbidden || status == http.StatusNotFound; kinds > 1 || lost && kinds == 0 {
				t.Fatalf("%s %d %q is of %d kinds: %+v", op, status, body, kinds, e)
			}
			if (e.NotInstalled() || e.Blocked()) && !e.Final() {
				t.Fatalf("%d %q: %+v", status, body, e)
			}
		}
	})
}
