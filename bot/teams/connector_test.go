package teams_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/teams/teamstest"
)

func card(title string) map[string]any {
	return map[string]any{"type": "AdaptiveCard", "version": "1.5", "body": []any{map[string]any{"type": "TextBlock", "text": title}}}
}

// channel is a channel of the fake that the bot is in, and its address.
func channel(fake *teamstest.Teams) teams.Ref {
	return ref(fake, fake.Conversation(teamstest.Channel).ID())
}

func ref(fake *teamstest.Teams, id string) teams.Ref {
	return teams.Ref{ServiceURL: fake.ServiceURL(), ConversationID: id, TenantID: teamstest.Tenant, BotID: teamstest.BotID, BotName: teamstest.BotName}
}

func connectorError(t *testing.T, err error) *teams.Error {
	t.Helper()
	var e *teams.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no answer of the connector", err)
	}
	return e
}

func TestMessagesAreSentUpdatedAndDeleted(t *testing.T) {
	fake := teamstest.New(t)
	c, group := fake.Connector(), fake.Conversation(teamstest.GroupChat)
	at := ref(fake, group.ID())
	id, err := c.Send(t.Context(), at, teams.Message{Card: card("first"), Summary: "SR-1"})
	if err != nil || id == "" {
		t.Fatalf("send: %q, %v", id, err)
	}
	if err := c.Update(t.Context(), at, id, teams.Message{Card: card("second")}); err != nil {
		t.Fatal(err)
	}
	reply, err := c.Reply(t.Context(), at, id, teams.Message{Text: "a < b & c", TextFormat: teams.Plain, Locale: "de"})
	if err != nil || reply == id {
		t.Fatalf("reply: %q, %v", reply, err)
	}
	messages := fake.Messages(group.ID())
	if len(messages) != 2 || messages[0].Versions != 2 || messages[1].ReplyTo != id || messages[1].Text != "a < b & c" {
		t.Errorf("%+v", messages)
	}
	if err := c.Delete(t.Context(), at, reply); err != nil {
		t.Fatal(err)
	}
	if left := fake.Messages(group.ID()); len(left) != 1 {
		t.Errorf("%+v", left)
	}
	e := connectorError(t, c.Update(t.Context(), at, reply, teams.Message{Text: "x"}))
	if !e.Gone() || e.Final() || e.Retryable() {
		t.Errorf("update of a deleted message: %+v", e)
	}
}

// The library sends dates of year 1, empty objects and more; some services
// refuse them.
func TestOnlyWhatIsSaidIsSent(t *testing.T) {
	body, err := teams.Message{Text: "<at>x</at>"}.Encode(teams.Ref{})
	if err != nil || string(body) != `{"type":"message","text":"<at>x</at>"}` {
		t.Errorf("%s, %v", body, err)
	}
}

func TestMessageIsTextOrOneCard(t *testing.T) {
	fake := teamstest.New(t)
	c, at := fake.Connector(), channel(fake)
	for what, m := range map[string]teams.Message{
		"both":                {Text: "x", Card: card("x")},
		"neither":             {},
		"card with mentions":  {Card: card("x"), Mentions: []teams.Mention{teams.NewMention("29:1", "Bo")}},
		"mention not in text": {Text: "hello", Mentions: []teams.Mention{teams.NewMention("29:1", "Bo")}},
		"mention of nothing":  {Text: "hello", Mentions: []teams.Mention{{ID: "29:1"}}},
	} {
		if _, err := c.Send(t.Context(), at, m); err == nil {
			t.Errorf("%s: sent", what)
		}
	}
	if n := len(fake.Events()); n != 0 {
		t.Errorf("%d requests for messages that cannot be sent", n)
	}
}

func TestTooBigIsRefusedBeforeItLeaves(t *testing.T) {
	fake := teamstest.New(t)
	c, at := fake.Connector(), channel(fake)
	envelope, err := teams.Message{Text: "x"}.Encode(at)
	if err != nil {
		t.Fatal(err)
	}
	room := teams.MaxMessage - len(envelope) + 1
	if _, err := c.Send(t.Context(), at, teams.Message{Text: strings.Repeat("<", room)}); err != nil {
		t.Errorf("28 KiB exactly: %v", err)
	}
	for _, text := range []string{strings.Repeat("<", room+1), strings.Repeat("Ж", room/2+1)} {
		if _, err := c.Send(t.Context(), at, teams.Message{Text: text}); !errors.Is(err, teams.ErrTooBig) {
			t.Errorf("more than 28 KiB: %v", err)
		}
	}
}

func TestMentionsAreRealOnes(t *testing.T) {
	fake := teamstest.New(t)
	group := fake.Conversation(teamstest.GroupChat)
	m := teams.NewMention("29:1", "Tom & <Jerry>")
	if _, err := fake.Connector().Send(t.Context(), ref(fake, group.ID()), teams.Message{Text: "Late: " + m.Text, Mentions: []teams.Mention{m}}); err != nil {
		t.Fatal(err)
	}
	sent := fake.Messages(group.ID())[0]
	if sent.Text != "Late: <at>Tom &amp; &lt;Jerry&gt;</at>" || !slices.Equal(sent.Mentioned, []string{"29:1"}) {
		t.Errorf("%+v", sent)
	}
}

func TestPersonalConversationIsTheSameEachTime(t *testing.T) {
	fake := teamstest.New(t)
	alice := fake.Person("Alice")
	fake.InstallFor(alice)
	c := fake.Connector()
	create := func(id string) (teams.ConversationResource, error) {
		return c.Create(t.Context(), fake.ServiceURL(), teams.ConversationParameters{TenantID: teamstest.Tenant, BotID: teamstest.BotID, UserID: id})
	}
	byID, err := create(alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	byObject, err := create(alice.ObjectID)
	if err != nil || byObject.ID != byID.ID {
		t.Errorf("%+v and %+v, %v", byID, byObject, err)
	}
	if _, err := c.Send(t.Context(), ref(fake, byID.ID), teams.Message{Text: "hello"}); err != nil {
		t.Error(err)
	}

	fake.ClearHistory(alice)
	_, err = c.Send(t.Context(), ref(fake, byID.ID), teams.Message{Text: "hello"})
	if e := connectorError(t, err); !e.ConversationGone() || !e.Final() {
		t.Errorf("after the history was cleared: %+v", e)
	}
	again, err := create(alice.ID)
	if err != nil || again.ID == byID.ID {
		t.Errorf("%+v, %v", again, err)
	}

	fake.UninstallFor(alice)
	_, err = create(alice.ID)
	if e := connectorError(t, err); !e.NotInstalled() || !e.Final() {
		t.Errorf("not installed: %+v", e)
	}
	for what, p := range map[string]teams.ConversationParameters{
		"neither": {TenantID: teamstest.Tenant, BotID: teamstest.BotID},
		"both":    {TenantID: teamstest.Tenant, BotID: teamstest.BotID, UserID: "29:1", ChannelID: "19:x", Message: teams.Message{Text: "x"}},
		"mute":    {TenantID: teamstest.Tenant, BotID: teamstest.BotID, ChannelID: "19:x"},
	} {
		if _, err := c.Create(t.Context(), fake.ServiceURL(), p); err == nil {
			t.Errorf("%s: created", what)
		}
	}
	if _, err := create("alice@nordwind.example"); connectorError(t, err).Status != http.StatusBadRequest {
		t.Errorf("by UPN: %v", err)
	}
}

func TestThreadStartsWithItsMessage(t *testing.T) {
	fake := teamstest.New(t)
	c, at := fake.Connector(), channel(fake)
	thread, err := c.Create(t.Context(), fake.ServiceURL(), teams.ConversationParameters{
		TenantID: teamstest.Tenant, BotID: teamstest.BotID, ChannelID: at.ConversationID, Message: teams.Message{Card: card("SR-1"), Summary: "SR-1"},
	})
	if err != nil || thread.ID != at.ConversationID+";messageid="+thread.ActivityID {
		t.Fatalf("%+v, %v", thread, err)
	}
	in := ref(fake, thread.ID)
	if _, err := c.Send(t.Context(), in, teams.Message{Text: "below"}); err != nil {
		t.Error(err)
	}
	if err := c.Update(t.Context(), in, thread.ActivityID, teams.Message{Card: card("SR-1, open")}); err != nil {
		t.Error(err)
	}
	if got := fake.Messages(thread.ID); len(got) != 2 || got[0].Versions != 2 {
		t.Errorf("%+v", got)
	}
}

func TestTargetedMessageIsForOne(t *testing.T) {
	fake := teamstest.New(t)
	group := fake.Conversation(teamstest.GroupChat)
	alice := group.As("Alice")
	at := ref(fake, group.ID())
	c := fake.Connector()
	id, err := c.SendTargeted(t.Context(), at, alice.Account(), teams.Message{Text: "only you"})
	if err != nil {
		t.Fatal(err)
	}
	if got := fake.Messages(group.ID())[0]; got.Recipient != alice.ID {
		t.Errorf("%+v", got)
	}
	account := alice.Account()
	if err := c.Update(t.Context(), at, id, teams.Message{Text: "still only you", Recipient: &account}); err != nil {
		t.Errorf("update: %v", err)
	}
	if e := connectorError(t, c.Update(t.Context(), at, id, teams.Message{Text: "everybody"})); e.Status != 400 {
		t.Errorf("its visibility changed: %v", e)
	}
	if err := c.DeleteTargeted(t.Context(), at, id); err != nil {
		t.Errorf("delete: %v", err)
	}
	stranger := fake.Person("Zoe").Account()
	if _, err := c.SendTargeted(t.Context(), at, stranger, teams.Message{Text: "x"}); !connectorError(t, err).NotInstalled() {
		t.Errorf("to somebody who is not there: %v", err)
	}
	at.Kind = teams.Personal
	if _, err := c.SendTargeted(t.Context(), at, account, teams.Message{Text: "x"}); err == nil {
		t.Error("a personal chat took a targeted message")
	}
}

func TestTargetedMessageEndsAfterADay(t *testing.T) {
	time0 := newClock()
	fake := teamstest.New(t, teamstest.WithClock(time0.Now))
	group := fake.Conversation(teamstest.GroupChat)
	account := group.As("Alice").Account()
	c, at := fake.Connector(), ref(fake, group.ID())
	id, err := c.SendTargeted(t.Context(), at, account, teams.Message{Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	time0.Advance(25 * time.Hour)
	if e := connectorError(t, c.Update(t.Context(), at, id, teams.Message{Text: "y", Recipient: &account})); !e.Gone() {
		t.Errorf("%+v", e)
	}
}

func TestMembersAreFoundByAnyID(t *testing.T) {
	fake := teamstest.New(t)
	group := fake.Conversation(teamstest.GroupChat)
	guest := group.As("Gil", teamstest.Guest())
	foreign := group.As("Fay", teamstest.Foreign())
	alice := group.As("Alice Kowal")
	c, at := fake.Connector(), ref(fake, group.ID())
	for _, id := range []string{alice.ID, alice.ObjectID, alice.UPN} {
		m, err := c.Member(t.Context(), at, id)
		want := teams.Member{ID: alice.ID, Name: "Alice Kowal", AADObjectID: alice.ObjectID, GivenName: "Alice", Surname: "Kowal",
			Email: alice.Email, UserPrincipalName: alice.UPN, TenantID: teamstest.Tenant, UserRole: "user"}
		if err != nil || m != want || m.Guest() {
			t.Errorf("%s: %+v, %v", id, m, err)
		}
	}
	if m, err := c.Member(t.Context(), at, guest.ID); err != nil || !m.Guest() {
		t.Errorf("guest: %+v, %v", m, err)
	}
	if m, err := c.Member(t.Context(), at, foreign.ID); err != nil || m.TenantID != teamstest.OtherTenant {
		t.Errorf("foreign: %+v, %v", m, err)
	}
	_, err := c.Member(t.Context(), at, "29:nobody")
	if e := connectorError(t, err); !e.MemberMissing() || e.Final() {
		t.Errorf("nobody: %+v", e)
	}
}

func TestGuestIsToldByRoleOrName(t *testing.T) {
	for _, m := range []teams.Member{{UserRole: "guest"}, {UserRole: "Anonymous"}, {UserPrincipalName: "x_y.example#ext#@nordwind.example"}} {
		if !m.Guest() {
			t.Errorf("%+v", m)
		}
	}
	if (teams.Member{UserRole: "user", UserPrincipalName: "x@y.example"}).Guest() {
		t.Error("a member is no guest")
	}
}

func TestMembersComeInPages(t *testing.T) {
	fake := teamstest.New(t)
	group := fake.Conversation(teamstest.GroupChat)
	for i := range 450 {
		group.Add(fake.Person(fmt.Sprint("Person ", i)))
	}
	c, at := fake.Connector(), ref(fake, group.ID())
	seen, token, pages := map[string]bool{}, "", 0
	for {
		members, next, err := c.Members(t.Context(), at, token)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, m := range members {
			seen[m.ID] = true
		}
		if next == "" {
			break
		}
		token = next
	}
	if len(seen) != 450 || pages != 3 {
		t.Errorf("%d people on %d pages", len(seen), pages)
	}
}
