package dialogs_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"onbehalf/bot/intake"
	"onbehalf/bot/teams/teamstest"
)

// unfurled is what Teams is told to show for a link that stands in a message of
// somebody's; empty where the link stays a link.
func unfurled(t *testing.T, who *teamstest.Speaker, address string) string {
	t.Helper()
	answer := who.Invoke("composeExtension/queryLink", map[string]any{"url": address}).Response
	if answer.Status != http.StatusOK {
		t.Errorf("%s is answered with %d", address, answer.Status)
	}
	return string(answer.Body)
}

// TestALinkShowsItsCardToThoseWhoMaySeeIt: a link to a request unfolds for the desk's
// people, wherever they paste it, and for nobody else.
func TestALinkShowsItsCardToThoseWhoMaySeeIt(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Install()
		d.file(alice)
		d.file(alice, func(a *intake.Answers) {
			a.Set("kind", "fraud")
			a.Set("title", "Stolen card")
		})
		room := d.Conversation(teamstest.GroupChat)
		for _, address := range []string{publicURL + "/t/SR-1", "HTTPS://ONBEHALF.example.org/t/sr-1?x=1#y", publicURL + "/t/1/"} {
			got := unfurled(t, room.As("Alice"), address)
			for _, want := range []string{"VMs do not start", "SR-1", `"no-cache`, "application/vnd.microsoft.card.thumbnail", "ticket/assign"} {
				if !strings.Contains(strings.ReplaceAll(got, `\"`, `"`), want) && !strings.Contains(got, want) {
					t.Errorf("%s shows no %s: %s", address, want, got)
				}
			}
			if strings.Contains(got, "userIds") {
				t.Errorf("the card of a link names readers: %s", got)
			}
		}
		// Nothing that does not exist, nothing hidden, no other host, nothing for strangers.
		bob := room.As("Bob")
		for _, address := range []string{
			publicURL + "/t/SR-99", publicURL + "/t/SR-2", publicURL + "/t/", publicURL + "/t/SR-1/x", publicURL + "/x/SR-1", "", "SR-1", "::", "javascript:SR-1",
			"https://onbehalf.example.org.evil.example/t/SR-1", "https://x@onbehalf.example.org/t/SR-1", "http://onbehalf.example.org/t/SR-1", "https://onbehalf.example.org:8443/t/SR-1",
		} {
			if got := unfurled(t, bob, address); got != "" {
				t.Errorf("%q shows %s", address, got)
			}
		}
		if got := unfurled(t, alice, publicURL+"/t/SR-2"); !strings.Contains(got, "SR-2") || strings.Contains(got, "Stolen") || strings.Contains(got, "Contoso") {
			t.Errorf("a message that others read shows of a fraud case %s", got)
		}
		for _, stranger := range []*teamstest.Speaker{room.As("Gus", teamstest.Guest()), room.As("Olga", teamstest.Foreign())} {
			if got := unfurled(t, stranger, publicURL+"/t/SR-1"); got != "" {
				t.Errorf("%s sees %s", stranger.Name, got)
			}
		}
		for _, odd := range []any{nil, "x", []any{}, map[string]any{"url": 7}, map[string]any{"url": nil}} {
			if answer := bob.Invoke("composeExtension/queryLink", odd).Response; answer.Status != http.StatusOK || len(answer.Body) != 0 {
				t.Errorf("%v is answered with %d %s", odd, answer.Status, answer.Body)
			}
		}
		if answer := alice.Invoke("composeExtension/anonymousQueryLink", map[string]any{"url": publicURL + "/t/SR-1"}).Response; answer.Status != http.StatusOK || len(answer.Body) != 0 {
			t.Errorf("nobody in particular sees %d %s", answer.Status, answer.Body)
		}
	})
}

// TestALinkWorksWhereTheBotIsNot: in a conversation without the bot, a person is who
// their own chat with it says.
func TestALinkWorksWhereTheBotIsNot(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Install()
		d.file(alice)
		elsewhere := d.Conversation(teamstest.GroupChat)
		there, nobody := elsewhere.As("Alice"), elsewhere.As("Bob")
		elsewhere.Uninstall()
		if got := unfurled(t, there, publicURL+"/t/SR-1"); !strings.Contains(got, "VMs do not start") {
			t.Errorf("Alice sees %s", got)
		}
		if got := unfurled(t, nobody, publicURL+"/t/SR-1"); got != "" {
			t.Errorf("somebody who never spoke with the bot sees %s", got)
		}
		find := there.Invoke("composeExtension/query", map[string]any{"commandId": "find", "parameters": []any{map[string]any{"name": "q", "value": "1"}}})
		if !strings.Contains(string(find.Response.Body), "VMs do not start") {
			t.Errorf("the compose box finds %s", find.Response.Body)
		}
	})
}

// TestALinkCanBeCopiedAndFollowed: the card's menu has the address, and whoever opens it
// in a browser gets to the chat with the bot, the same for every number.
func TestALinkCanBeCopiedAndFollowed(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		opened(alice).ExpectValue("link", publicURL+"/t/SR-1").Expect("Copy link")
		server := d.replica(d.store)
		server.Chat = "https://teams.microsoft.com/l/chat/0/0?users=28:bot"
		routes := server.Routes(false)
		follow := func(method, path string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			routes.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			return w
		}
		there, none := follow("GET", "/t/SR-1"), follow("GET", "/t/SR-99")
		if there.Code != http.StatusFound || there.Header().Get("Location") != server.Chat {
			t.Errorf("SR-1 leads to %d %v", there.Code, there.Header())
		}
		if none.Code != there.Code || none.Body.String() != there.Body.String() || none.Header().Get("Location") != there.Header().Get("Location") {
			t.Errorf("SR-99 tells that it does not exist: %d %v", none.Code, none.Header())
		}
		if w := follow("HEAD", "/t/SR-1"); w.Code != http.StatusFound {
			t.Errorf("HEAD is answered with %d", w.Code)
		}
		if w := follow("POST", "/t/SR-1"); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST is answered with %d", w.Code)
		}
		refused := false
		for range 200 {
			w := follow("GET", "/t/SR-1")
			refused = refused || w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != ""
		}
		if !refused {
			t.Error("all numbers can be tried out at once")
		}
	})
}
