package teams_test

import (
	"encoding/json"
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

func TestMessagesAreSentAndUpdated(t *testing.T) {
	fake := teamstest.New(t)
	c, group := fake.Connector(), fake.Conversation(teamstest.GroupChat)
	at := ref(fake, group.ID())
	id, err := c.Send(t.Context(), at, encoded(t, teams.Message{Card: card("first"), Summary: "SR-1"}), false)
	if err != nil || id == "" {
		t.Fatalf("send: %q, %v", id, err)
	}
	if err := c.Update(t.Context(), at, id, encoded(t, teams.Message{Card: card("second")}), false); err != nil {
		t.Fatal(err)
	}
	plain, err := c.Send(t.Context(), at, encoded(t, teams.Message{Text: "a < b & c", TextFormat: teams.Plain, Locale: "de"}), false)
	if err != nil || plain == id {
		t.Fatalf("send: %q, %v", plain, err)
	}
	messages := fake.Messages(group.ID())
	if len(messages) != 2 || messages[0].Versions != 2 || messages[1].Text != "a < b & c" {
		t.Errorf("%+v", messages)
	}
	fake.Delete(group.ID(), plain)
	if left := fake.Messages(group.ID()); len(left) != 1 {
		t.Errorf("%+v", left)
	}
	e := connectorError(t, c.Update(t.Context(), at, plain, encoded(t, teams.Message{Text: "x"}), false))
	if !e.Gone() || e.Final() || e.Retryable() {
		t.Errorf("update of a deleted message: %+v", e)
	}
}

// encoded is a message as the connector takes it.
func encoded(t testing.TB, m teams.Message) json.RawMessage {
	t.Helper()
	body, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// encodedFor is a message that only one person sees.
func encodedFor(t testing.TB, m teams.Message, to teams.Account) json.RawMessage {
	t.Helper()
	m.Recipient = &to
	return encoded(t, m)
}

// The library sends dates of year 1, empty objects and more; some services
// refuse them.
func TestOnlyWhatIsSaidIsSent(t *testing.T) {
	body, err := teams.Message{Text: "<at>x</at>"}.Encode()
	if err != nil || string(body) != `{"type":"message","text":"<at>x</at>"}` {
		t.Errorf("%s, %v", body, err)
	}
}

func TestMessageIsTextOrOneCard(t *testing.T) {
	for what, m := range map[string]teams.Message{
		"both":                {Text: "x", Card: card("x")},
		"neither":             {},
		"card with mentions":  {Card: card("x"), Mentions: []teams.Mention{teams.NewMention("29:1", "Bo")}},
		"mention not in text": {Text: "hello", Mentions: []teams.Mention{teams.NewMention("29:1", "Bo")}},
		"mention of nothing":  {Text: "hello", Mentions: []teams.Mention{{ID: "29:1"}}},
	} {
		if _, err := m.Encode(); err == nil {
			t.Errorf("%s: encoded", what)
		}
	}
}

// What is encoded has room for its address within the 28 KiB that Teams takes.
func TestTooBigIsRefusedBeforeItLeaves(t *testing.T) {
	fake := teamstest.New(t)
	c, at := fake.Connector(), channel(fake)
	least := len(encoded(t, teams.Message{Text: "x"}))
	room := teams.MaxMessage - teams.AddressLimit - least + 1
	if _, err := c.Send(t.Context(), at, encoded(t, teams.Message{Text: strings.Repeat("<", room)}), false); err != nil {
		t.Errorf("as much as there is room for: %v", err)
	}
	for _, text := range []string{strings.Repeat("<", room+1), strings.Repeat("Ж", room/2+1)} {
		if _, err := (teams.Message{Text: text}).Encode(); !errors.Is(err, teams.ErrTooBig) {
			t.Errorf("more than that: %v", err)
		}
	}
}

func TestMentionsAreRealOnes(t *testing.T) {
	fake := teamstest.New(t)
	group := fake.Conversation(teamstest.GroupChat)
	m := teams.NewMention("29:1", "Tom & <Jerry>")
	if _, err := fake.Connector().Send(t.Context(), ref(fake, group.ID()), encoded(t, teams.Message{Text: "Late: " + m.Text, Mentions: []teams.Mention{m}}), false); err != nil {
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
	if _, err := c.Send(t.Context(), ref(fake, byID.ID), encoded(t, teams.Message{Text: "hello"}), false); err != nil {
		t.Error(err)
	}

	fake.ClearHistory(alice)
	_, err = c.Send(t.Context(), ref(fake, byID.ID), encoded(t, teams.Message{Text: "hello"}), false)
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
		"both":    {TenantID: teamstest.Tenant, BotID: teamstest.BotID, UserID: "29:1", ChannelID: "19:x", First: encoded(t, teams.Message{Text: "x"})},
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
		TenantID: teamstest.Tenant, BotID: teamstest.BotID, ChannelID: at.ConversationID, First: encoded(t, teams.Message{Card: card("SR-1"), Summary: "SR-1"}),
	})
	if err != nil || thread.ID != at.ConversationID+";messageid="+thread.ActivityID {
		t.Fatalf("%+v, %v", thread, err)
	}
	in := ref(fake, thread.ID)
	if _, err := c.Send(t.Context(), in, encoded(t, teams.Message{Text: "below"}), false); err != nil {
		t.Error(err)
	}
	if err := c.Update(t.Context(), in, thread.ActivityID, encoded(t, teams.Message{Card: card("SR-1, open")}), false); err != nil {
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
	id, err := c.Send(t.Context(), at, encodedFor(t, teams.Message{Text: "only you"}, alice.Account()), true)
	if err != nil {
		t.Fatal(err)
	}
	if got := fake.Messages(group.ID())[0]; got.Recipient != alice.ID {
		t.Errorf("%+v", got)
	}
	account := alice.Account()
	if err := c.Update(t.Context(), at, id, encoded(t, teams.Message{Text: "still only you"}), true); err != nil {
		t.Errorf("update: %v", err)
	}
	if e := connectorError(t, c.Update(t.Context(), at, id, encoded(t, teams.Message{Text: "everybody"}), false)); e.Status != 400 {
		t.Errorf("its visibility changed: %v", e)
	}
	stranger := fake.Person("Zoe").Account()
	if _, err := c.Send(t.Context(), at, encodedFor(t, teams.Message{Text: "x"}, stranger), true); !connectorError(t, err).NotInstalled() {
		t.Errorf("to somebody who is not there: %v", err)
	}
	at.Kind = teams.Personal
	if _, err := c.Send(t.Context(), at, encodedFor(t, teams.Message{Text: "x"}, account), true); err == nil {
		t.Error("a personal chat took a targeted message")
	}
}

func TestTargetedMessageEndsAfterADay(t *testing.T) {
	time0 := newClock()
	fake := teamstest.New(t, teamstest.WithClock(time0.Now))
	group := fake.Conversation(teamstest.GroupChat)
	account := group.As("Alice").Account()
	c, at := fake.Connector(), ref(fake, group.ID())
	id, err := c.Send(t.Context(), at, encodedFor(t, teams.Message{Text: "x"}, account), true)
	if err != nil {
		t.Fatal(err)
	}
	time0.Advance(25 * time.Hour)
	if e := connectorError(t, c.Update(t.Context(), at, id, encoded(t, teams.Message{Text: "y"}), true)); !e.Gone() {
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
