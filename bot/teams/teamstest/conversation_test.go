package teamstest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

// parrot is a small bot: it shows a form, repeats what was entered, and answers
// everything else with what it heard.
type parrot struct {
	verifier  *teams.Verifier
	connector *teams.Connector
	errors    chan error
}

func attach(t *testing.T, fake *teamstest.Teams) {
	t.Helper()
	p := &parrot{verifier: fake.Verifier(), connector: fake.Connector(), errors: make(chan error, 100)}
	fake.Attach(p)
	t.Cleanup(func() {
		close(p.errors)
		for err := range p.errors {
			t.Error(err)
		}
	})
}

func (p *parrot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	claims, err := p.verifier.Verify(r.Context(), r.Header.Values("Authorization"))
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	a, err := teams.Decode(body)
	if err != nil || claims.Match(a) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err := p.answer(w, r, a); err != nil {
		p.errors <- err
	}
}

func (p *parrot) answer(w http.ResponseWriter, r *http.Request, a *teams.Activity) error {
	ctx, ref := r.Context(), a.Ref()
	switch {
	case a.IsCardAction():
		press, err := a.CardAction()
		if err != nil {
			return err
		}
		if press.Verb == "fail" {
			return write(w, teams.ErrorAnswer(http.StatusBadRequest, "BadRequest", "no"))
		}
		if press.Verb == "toast" {
			return write(w, teams.MessageAnswer("toasted "+press.Data.String("row")))
		}
		next := form("got " + press.Data.String("name") + press.Data.String("row"))
		if err := p.connector.Update(ctx, ref, press.MessageID, encoded(teams.Message{Card: form("public " + press.Verb)}), false); err != nil {
			return err
		}
		if press.Execute {
			return write(w, teams.CardAnswer(next))
		}
		_, err = p.connector.Send(ctx, ref, encoded(teams.Message{Text: "submitted " + press.Data.String("name")}), false)
		return err
	case a.Name == teams.InvokeSearch:
		q, err := a.SearchQuery()
		if err != nil {
			return err
		}
		return write(w, teams.SearchAnswer([]teams.Choice{{Title: q.Dataset, Value: q.Text}}))
	case a.Type == teams.TypeMessage && a.SpokenText() == "form":
		_, err := p.connector.Send(ctx, ref, encoded(teams.Message{Card: form("fresh")}), false)
		return err
	case a.Type == teams.TypeMessage && a.Targeted():
		_, err := p.connector.Send(ctx, ref, encoded(teams.Message{Text: "psst " + a.SpokenText(), Prompt: a.ID, Recipient: &a.From}), true)
		return err
	case a.Type == teams.TypeMessage:
		heard := fmt.Sprintf("%s in %s, %s: %q", a.From.Name, a.Zone(), a.Language(), a.SpokenText())
		for _, m := range a.MentionedPeople() {
			heard += " " + m.ID
		}
		_, err := p.connector.Send(ctx, ref, encoded(teams.Message{Text: heard, TextFormat: teams.Plain}), false)
		return err
	case a.BotAdded() && a.Type == teams.TypeInstallationUpdate:
		_, err := p.connector.Send(ctx, ref, encoded(teams.Message{Text: "welcome"}), false)
		return err
	case a.Type == teams.TypeInvoke:
		w.WriteHeader(http.StatusNotImplemented)
	}
	return nil
}

// encoded is a message as the connector takes it; those of the parrot can all be.
func encoded(m teams.Message) json.RawMessage {
	body, err := m.Encode()
	if err != nil {
		panic(err)
	}
	return body
}

func write(w http.ResponseWriter, answer teams.InvokeResponse) error {
	body, err := answer.Encode()
	if err != nil {
		return err
	}
	w.WriteHeader(answer.Status)
	_, err = w.Write(body)
	return err
}

func form(state string) json.RawMessage {
	return json.RawMessage(`{"type":"AdaptiveCard","version":"1.5","refresh":{"action":{"type":"Action.Execute","verb":"again","data":{"row":"auto"}}},"body":[
		{"type":"TextBlock","id":"heading","text":"` + state + `"},
		{"type":"TextBlock","text":"Severity"},{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"B"},{"type":"TextRun","text":" · High"}]},
		{"type":"Input.Text","id":"name","label":"Name","value":"preset"},
		{"type":"Input.ChoiceSet","id":"size","label":"Size","choices":[{"title":"Small","value":"s"},{"title":"Large","value":"l"}]},
		{"type":"Container","items":[],"selectAction":{"type":"Action.Execute","verb":"pick","title":"Row 1","data":{"row":1}}},
		{"type":"Container","items":[],"selectAction":{"type":"Action.Execute","verb":"pick","title":"Row 2","data":{"row":2}}},
		{"type":"ActionSet","actions":[
			{"type":"Action.Execute","verb":"save","title":"Save","data":{"verb":"save"},"fallback":{"type":"Action.Submit","title":"Save","data":{"verb":"save"}}},
			{"type":"Action.Execute","verb":"cancel","title":"Cancel","associatedInputs":"none"},
			{"type":"Action.Execute","verb":"toast","title":"Toast","data":{"row":9}},
			{"type":"Action.Execute","verb":"fail","title":"Fail"},
			{"type":"Action.ShowCard","title":"More","card":{"type":"AdaptiveCard","body":[],"actions":[{"type":"Action.Submit","title":"Deep","data":{"verb":"deep"}}]}}]}]}`)
}

func TestConversationReadsLikeAScript(t *testing.T) {
	for _, kind := range []string{teamstest.Personal, teamstest.GroupChat, teamstest.Channel} {
		t.Run(kind, func(t *testing.T) {
			fake := teamstest.New(t)
			attach(t, fake)
			alice := fake.Conversation(kind).As("Alice", teamstest.Speaking("de-DE"), teamstest.InZone("Asia/Yekaterinburg"))

			card := alice.Say("@onbehalf form").ExpectCard("fresh", "save", "name")
			card.ExpectFact("Severity", "B · High").ExpectValue("name", "preset").ExpectButton("deep").ExpectNoButton("nothing").ExpectNot("got")

			next := card.Fill("name", "Ünï").Fill("size", "l").Press("save").Expect("got Ünï")
			alice.ExpectUpdate(card, "public save")
			next.Press("pick", "row", "2").Expect("got preset2")
			next.Press("cancel").Expect("got ").ExpectNot("got preset")
			next.Press("toast").ExpectToast("toasted 9")
			if failed := next.Press("fail"); failed.Failure != "no" {
				t.Errorf("%+v", failed)
			}
			next.Refresh().Expect("got presetauto")
			card.PressOld("save").ExpectText("submitted Ünï")
			alice.See(card).Expect("public save")

			alice.Say("hello").ExpectText("Alice in Asia/Yekaterinburg, de-DE", `"hello"`)
		})
	}
}

func TestMentionsAreRealInScripts(t *testing.T) {
	fake := teamstest.New(t)
	attach(t, fake)
	group := fake.Conversation(teamstest.GroupChat)
	bo := group.As("Bo Lind")
	group.As("Alice").Say("@onbehalf assign 7 @Bo Lind, mail@x.example").ExpectText(`"assign 7 @Bo Lind, mail@x.example"`, bo.ID)
}

func TestSpeakersSeeWhatIsForThem(t *testing.T) {
	fake := teamstest.New(t)
	attach(t, fake)
	channel := fake.Conversation(teamstest.Channel)
	alice, bob := channel.As("Alice"), channel.As("Bob")
	alice.Slash("secret").ExpectText("psst secret")
	bob.ExpectNothing()
	elsewhere := channel.NewThread().As("Alice")
	elsewhere.Say("over here").ExpectText("over here")
	bob.ExpectNothing()
	if alice.In.ID() == elsewhere.In.ID() || !strings.HasPrefix(alice.In.ID(), channel.ChannelID()+";messageid=") {
		t.Errorf("threads %s and %s", alice.In.ID(), elsewhere.In.ID())
	}
	alice.InPersonalChat().Say("private").ExpectText("private")
	bob.ExpectNothing()
}

func TestSameMessageAgain(t *testing.T) {
	fake := teamstest.New(t)
	attach(t, fake)
	turn := fake.Conversation(teamstest.Personal).As("Alice").Say("once")
	if again := turn.Again(); again.Activity["id"] != turn.Activity["id"] {
		t.Error("another id")
	}
	if again := turn.AgainAsNew(); again.Activity["id"] == turn.Activity["id"] {
		t.Error("the same id")
	}
	turn.Edited("twice").ExpectNothing()
}

func TestInstallBringsBothEvents(t *testing.T) {
	fake := teamstest.New(t)
	attach(t, fake)
	alice := fake.Conversation(teamstest.GroupChat).As("Alice")
	alice.Install().ExpectText("welcome")
	alice.Remove().ExpectNothing()
}

func TestTypeaheadAndOtherInvokes(t *testing.T) {
	fake := teamstest.New(t)
	attach(t, fake)
	alice := fake.Conversation(teamstest.Personal).As("Alice")
	if got := alice.Search("customers", "con"); !slices.Equal(got, []teamstest.Choice{{Title: "customers", Value: "con"}}) {
		t.Errorf("%v", got)
	}
	if got := alice.Invoke("tab/fetch", nil); got.Response.Status != http.StatusNotImplemented {
		t.Errorf("%+v", got.Response)
	}
}

func TestInMemoryTeamsLivesInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := teamstest.New(t, teamstest.InMemory(), teamstest.EnforceLimits())
		attach(t, fake)
		alice := fake.Conversation(teamstest.Personal).As("Alice")
		start := time.Now()
		for range 30 {
			<-time.After(time.Second)
			alice.Say("tick").ExpectText("tick")
		}
		if waited := time.Since(start); waited != 30*time.Second {
			t.Errorf("the clock of the bubble went %s", waited)
		}
	})
}

func TestBotBehindAnAddressIsReached(t *testing.T) {
	fake := teamstest.New(t)
	attach(t, fake)
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/api/messages" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		answer := fake.PostRaw(body, r.Header)
		w.WriteHeader(answer.Status)
	}))
	defer relay.Close()
	outside := teamstest.New(t)
	outside.AttachURL(relay.URL + "/api/messages")
	if r := outside.PostRaw([]byte("{}"), http.Header{}); r.Status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", r.Status)
	}
	token := http.Header{"Authorization": {"Bearer " + fake.Token()}}
	if r := outside.PostRaw([]byte(`{"type":"message"}`), token); r.Status != http.StatusBadRequest {
		t.Errorf("without a conversation: %d", r.Status)
	}
}
