package teamstest

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
)

// Turn is something that a person did, with the bot's answer to the request.
// The bot's messages are waited for by the Expect methods.
type Turn struct {
	*Speaker
	Activity Activity
	Response Response
}

// turn posts an activity that the bot must take.
func (s *Speaker) turn(a Activity) *Turn {
	s.teams.TB.Helper()
	s.since = s.teams.mark()
	here := *s // a turn goes on expecting from here, whatever its speaker says later
	turn := &Turn{Speaker: &here, Activity: a, Response: s.teams.Post(a)}
	if turn.Response.Status != http.StatusOK {
		s.teams.TB.Fatalf("%s: the bot answered %d to %s %v", s.Name, turn.Response.Status, a["type"], a["name"])
	}
	return turn
}

// Do posts an activity of this person that the bot must take.
func (s *Speaker) Do(a Activity) *Turn {
	s.teams.TB.Helper()
	return s.turn(a)
}

// Again delivers the same activity once more, with the same id.
func (t *Turn) Again() *Turn {
	t.teams.TB.Helper()
	return t.turn(t.Activity)
}

// AgainAsNew delivers the same content under a new id, as the second layer of
// Teams' retries does.
func (t *Turn) AgainAsNew() *Turn {
	t.teams.TB.Helper()
	a := maps.Clone(t.Activity)
	a["id"] = t.newID(a["type"].(string))
	return t.turn(a)
}

// Edited reports that the person changed the message afterwards.
func (t *Turn) Edited(text string) *Turn {
	t.teams.TB.Helper()
	a := maps.Clone(t.Activity)
	a["type"], a["text"] = "messageUpdate", text
	a["channelData"] = maps.Clone(a["channelData"].(map[string]any))
	a["channelData"].(map[string]any)["eventType"] = "editMessage"
	return t.turn(a)
}

// Install posts what Teams sends when this person installs the bot here: both
// events.
func (s *Speaker) Install() *Turn {
	s.teams.TB.Helper()
	s.teams.mu.Lock()
	s.teams.conversations[s.In.id].installed = true
	s.teams.mu.Unlock()
	added := s.Activity("conversationUpdate")
	added["membersAdded"] = []any{map[string]any{"id": BotID}}
	if s.In.kind == Personal {
		added["membersAdded"] = []any{map[string]any{"id": BotID}, map[string]any{"id": s.Person.ID, "aadObjectId": s.ObjectID}}
	}
	update := s.Activity("installationUpdate")
	update["action"] = "add"
	first := s.turn(update)
	s.turn(added)
	s.since = first.since
	return first
}

// Remove posts what Teams sends when this person removes the bot.
func (s *Speaker) Remove() *Turn {
	s.teams.TB.Helper()
	s.teams.mu.Lock()
	s.teams.conversations[s.In.id].installed = false
	s.teams.mu.Unlock()
	a := s.Activity("installationUpdate")
	a["action"] = "remove"
	return s.turn(a)
}

// Invoke posts an invoke by name, whatever the bot answers.
func (s *Speaker) Invoke(name string, value any) *Turn {
	s.teams.TB.Helper()
	a := s.Activity("invoke")
	a["name"], a["value"] = name, value
	s.since = s.teams.mark()
	here := *s
	return &Turn{Speaker: &here, Activity: a, Response: s.teams.Post(a)}
}

// Choice is one result of a typeahead.
type Choice struct{ Title, Value string }

// Search types into an input with dynamic choices.
func (s *Speaker) Search(dataset, text string) []Choice {
	s.teams.TB.Helper()
	turn := s.Invoke("application/search", map[string]any{
		"queryText": text, "dataset": dataset, "queryOptions": map[string]any{"skip": 0, "top": 15},
	})
	var answer struct {
		StatusCode int
		Type       string
		Value      struct{ Results []Choice }
	}
	err := json.Unmarshal(turn.Response.Body, &answer)
	if err != nil || turn.Response.Status != http.StatusOK || answer.Type != "application/vnd.microsoft.search.searchResponse" || answer.Value.Results == nil {
		s.teams.TB.Fatalf("search %q: %d %s", text, turn.Response.Status, turn.Response.Body)
	}
	return answer.Value.Results
}

// sees tells whether an event is a message in this speaker's conversation that
// they can see.
func (s *Speaker) sees(e Event) bool {
	if e.Message == nil || e.Status == 0 || (e.Recipient != "" && !s.is(e.Recipient)) {
		return false
	}
	if channel, _, _ := strings.Cut(e.Conversation, ";"); s.In.ID() == s.In.id {
		return channel == s.In.id
	}
	return e.Conversation == s.In.ID()
}

func isNew(e Event) bool { return e.Op == "send" || e.Op == "reply" || e.Op == "create" }

// ExpectText waits for a message with these words in its text.
func (s *Speaker) ExpectText(words ...string) Message {
	s.teams.TB.Helper()
	e, ok := s.teams.wait(s.since, func(e Event) bool {
		return s.sees(e) && isNew(e) && e.Message.Card == nil && containsAll(e.Message.Text, words)
	})
	if !ok {
		s.teams.TB.Fatalf("%s waited for a text with %q; there were:\n%s", s.Name, words, s.teams.dump(s.since))
	}
	return *e.Message
}

// ExpectCard waits for a new message with a card that has all these: an id of
// an input or element, a verb of a button, or words.
func (s *Speaker) ExpectCard(wants ...string) *Card {
	s.teams.TB.Helper()
	e, ok := s.teams.wait(s.since, func(e Event) bool {
		return s.sees(e) && isNew(e) && e.Message.Card != nil && s.card(e).has(wants)
	})
	if !ok {
		s.teams.TB.Fatalf("%s waited for a card with %q; there were:\n%s", s.Name, wants, s.teams.dump(s.since))
	}
	return s.card(e)
}

// ExpectUpdate waits until the message that a card stands in is changed to one
// that has all these, for everybody.
func (s *Speaker) ExpectUpdate(card *Card, wants ...string) *Card {
	s.teams.TB.Helper()
	e, ok := s.teams.wait(s.since, func(e Event) bool {
		return e.Op == "update" && e.Status == http.StatusOK && e.Activity == card.MessageID && e.Message.Card != nil && s.card(e).has(wants)
	})
	if !ok {
		s.teams.TB.Fatalf("%s waited for message %s to get %q; there were:\n%s", s.Name, card.MessageID, wants, s.teams.dump(s.since))
	}
	return s.card(e)
}

// ExpectNothing fails when a message that this person sees has come since
// their last word. It looks now and does not wait: use it after something that
// the bot does later has been seen.
func (s *Speaker) ExpectNothing() {
	s.teams.TB.Helper()
	for _, e := range s.teams.Events()[s.since:] {
		if s.sees(e) {
			s.teams.TB.Fatalf("%s did not expect %s", s.Name, e)
		}
	}
}

// See is a message as this person sees it now.
func (s *Speaker) See(card *Card) *Card {
	s.teams.TB.Helper()
	for _, m := range s.teams.Messages(card.conversation) {
		if m.ID == card.MessageID && m.Card != nil {
			return s.view(m)
		}
	}
	s.teams.TB.Fatalf("%s does not find message %s", s.Name, card.MessageID)
	return nil
}

func (s *Speaker) card(e Event) *Card { return s.view(*e.Message) }

func (s *Speaker) view(m Message) *Card {
	return &Card{Speaker: s, MessageID: m.ID, Content: m.Card, Toast: "", conversation: m.Conversation, fills: map[string]any{}}
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
