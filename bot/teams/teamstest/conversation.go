package teamstest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Conversation is a chat or a channel that the bot is in. A handle on a
// channel is one thread: the first message in it starts the thread.
type Conversation struct {
	teams *Teams
	kind  string
	id    string // empty for personal chats: each person has their own
	team  string
	root  string // message id of the thread
	// meeting is the id of the meeting whose chat it is, empty for other conversations.
	meeting string
}

// Meeting makes the chat of a meeting in which the bot is installed.
func (t *Teams) Meeting() *Conversation {
	t.TB.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lastID++
	c := &Conversation{teams: t, kind: GroupChat, id: fmt.Sprintf("19:meeting_%d@thread.v2", t.lastID)}
	c.meeting = base64.StdEncoding.EncodeToString([]byte("0#" + c.id + "#0"))
	t.conversations[c.id] = &conversation{id: c.id, kind: GroupChat, tenant: Tenant, installed: true}
	return c
}

// Conversation makes a conversation in which the bot is installed. Personal is
// the chat of whoever speaks in it.
func (t *Teams) Conversation(kind string) *Conversation {
	t.TB.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lastID++
	c := &Conversation{teams: t, kind: kind}
	kept := &conversation{kind: kind, tenant: Tenant, installed: true}
	switch kind {
	case Personal:
		return c
	case GroupChat:
		c.id = fmt.Sprintf("19:group%d@thread.v2", t.lastID)
	case Channel:
		c.id = fmt.Sprintf("19:channel%d@thread.tacv2", t.lastID)
		c.team = fmt.Sprintf("19:team%d@thread.tacv2", t.lastID)
	default:
		t.TB.Fatalf("a conversation is %s, %s or %s, not %q", Personal, GroupChat, Channel, kind)
	}
	kept.id, kept.team = c.id, c.team
	t.conversations[c.id] = kept
	return c
}

// ID is the conversation's id: of the thread, once there is one, in channels.
// A personal chat has its id at its Speaker.
func (c *Conversation) ID() string {
	c.teams.mu.Lock()
	defer c.teams.mu.Unlock()
	if c.root != "" {
		return c.id + ";messageid=" + c.root
	}
	return c.id
}

// ChannelID is the id of the channel without its thread.
func (c *Conversation) ChannelID() string { return c.id }

// NewThread is another thread of the same channel.
func (c *Conversation) NewThread() *Conversation {
	return &Conversation{teams: c.teams, kind: c.kind, id: c.id, team: c.team}
}

// Thread is the thread that a message of the bot stands in.
func (c *Conversation) Thread(m Message) *Conversation {
	thread := c.NewThread()
	_, thread.root, _ = strings.Cut(m.Conversation, ";messageid=")
	return thread
}

// Uninstall takes the bot away without a word: it is refused from now on.
func (c *Conversation) Uninstall() { c.install(false) }

// Reinstall lets the bot speak again, without a word.
func (c *Conversation) Reinstall() { c.install(true) }

func (c *Conversation) install(installed bool) {
	c.teams.mu.Lock()
	defer c.teams.mu.Unlock()
	c.teams.conversations[c.id].installed = installed
}

// Add makes people members without a word.
func (c *Conversation) Add(people ...*Person) {
	c.teams.mu.Lock()
	defer c.teams.mu.Unlock()
	kept := c.teams.conversations[c.id]
	for _, p := range people {
		if !slices.Contains(kept.members, p) {
			kept.members = append(kept.members, p)
		}
	}
}

// Leaves takes a person out of every conversation without a word, as when their
// account ends.
func (t *Teams) Leaves(p *Person) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.conversations {
		c.members = slices.DeleteFunc(c.members, func(m *Person) bool { return m == p })
	}
}

// InstallFor makes the bot reachable in a person's own chat, without a word.
func (t *Teams) InstallFor(people ...*Person) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range people {
		t.personalChat(p).installed = true
	}
}

// UninstallFor makes a person unreachable in their own chat.
func (t *Teams) UninstallFor(p *Person) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.personalChat(p).installed = false
}

// PersonalID is the id of a person's chat with the bot.
func (t *Teams) PersonalID(p *Person) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.personalChat(p).id
}

// As lets somebody speak in the conversation; they become a member of it, and
// have the bot in their own chat too.
func (c *Conversation) As(name string, options ...PersonOption) *Speaker {
	c.teams.TB.Helper()
	p := c.teams.Person(name, options...)
	c.teams.InstallFor(p)
	in := c
	if c.kind == Personal {
		in = &Conversation{teams: c.teams, kind: Personal, id: c.teams.PersonalID(p)}
	} else {
		c.Add(p)
	}
	return &Speaker{Person: p, In: in, teams: c.teams, since: c.teams.mark()}
}

// Speaker is a person in a conversation. What they expect is looked for among
// everything since their last word, press or (before any) arrival.
type Speaker struct {
	*Person
	In    *Conversation
	teams *Teams
	since int
}

// InPersonalChat is the same person in their own chat with the bot, expecting
// from the same moment on.
func (s *Speaker) InPersonalChat() *Speaker {
	c := &Conversation{teams: s.teams, kind: Personal, id: s.teams.PersonalID(s.Person)}
	return &Speaker{Person: s.Person, In: c, teams: s.teams, since: s.since}
}

// Say sends a message and waits for the bot to take it. "@onbehalf" becomes a
// real mention of the bot, "@Name" one of a person who exists.
func (s *Speaker) Say(text string) *Turn {
	s.teams.TB.Helper()
	return s.turn(s.Message(text))
}

// Slash sends a targeted message, as slash commands of Teams do: only this
// person and the bot see it.
func (s *Speaker) Slash(text string) *Turn {
	s.teams.TB.Helper()
	a := s.Message(text)
	recipient(a)["isTargeted"] = true
	return s.turn(a)
}

func recipient(a Activity) map[string]any { return a["recipient"].(map[string]any) }

// Activity is what Teams posts to the bot, open to any change.
type Activity map[string]any

// Message makes the activity of a message that this person writes, without
// sending it.
func (s *Speaker) Message(text string) Activity {
	a := s.Activity("message")
	entities := a["entities"].([]any)
	text, mentions := s.teams.mentions(text)
	a["text"], a["textFormat"] = text, "plain"
	a["entities"] = append(entities, mentions...)
	a["attachments"] = []any{map[string]any{"contentType": "text/html", "content": "<p>" + text + "</p>"}}
	return a
}

// Activity makes an activity of any type that comes from this person.
func (s *Speaker) Activity(kind string) Activity {
	t, id := s.teams, s.newID(kind)
	t.mu.Lock()
	defer t.mu.Unlock()
	conversation := map[string]any{"conversationType": s.In.kind, "tenantId": Tenant, "id": s.In.id}
	channelData := map[string]any{"tenant": map[string]any{"id": Tenant}}
	if s.In.kind == Personal {
		// A personal chat belongs to the person's own tenant.
		conversation["tenantId"], channelData["tenant"] = s.TenantID, map[string]any{"id": s.TenantID}
	} else {
		conversation["isGroup"] = true
	}
	if s.In.kind == Channel {
		if s.In.root == "" && kind == "message" {
			s.In.root = id
		}
		if s.In.root != "" {
			conversation["id"] = s.In.id + ";messageid=" + s.In.root
		}
		channelData["channel"], channelData["team"] = map[string]any{"id": s.In.id}, map[string]any{"id": s.In.team}
		channelData["teamsChannelId"], channelData["teamsTeamId"] = s.In.id, s.In.team
	}
	if s.In.meeting != "" {
		channelData["meeting"] = map[string]any{"id": s.In.meeting}
	}
	from := map[string]any{"id": s.Person.ID, "name": s.Name}
	if s.ObjectID != "" {
		from["aadObjectId"] = s.ObjectID
	}
	return Activity{
		"type": kind, "id": id, "channelId": "msteams", "serviceUrl": t.ServiceURL(),
		"timestamp": t.now().UTC().Format("2006-01-02T15:04:05.0000000Z07:00"), "locale": s.Locale, "localTimezone": s.Zone,
		"from": from, "recipient": map[string]any{"id": BotID, "name": BotName}, "conversation": conversation, "channelData": channelData,
		"entities": []any{map[string]any{"type": "clientInfo", "locale": s.Locale, "platform": "Windows", "timezone": s.Zone}},
	}
}

// newID makes the id of an activity. Ids of messages are known to the
// conversation, so that the bot can reply below them.
func (s *Speaker) newID(kind string) string {
	if kind != "message" {
		return "f:" + uuid.NewString()
	}
	t := s.teams
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lastID++
	id := fmt.Sprint(t.lastID)
	if kept := t.conversations[s.In.id]; kept != nil {
		kept.prompts = append(kept.prompts, id)
	}
	return id
}

// mentions makes the words that begin with @ and name somebody real.
func (t *Teams) mentions(text string) (string, []any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	names := map[string]string{"onbehalf": BotID}
	shown := map[string]string{"onbehalf": BotName}
	for name, p := range t.people {
		names[strings.ToLower(name)], shown[strings.ToLower(name)] = p.ID, name
	}
	var entities []any
	var b strings.Builder
	for len(text) > 0 {
		at := strings.IndexByte(text, '@')
		if at < 0 {
			break
		}
		b.WriteString(text[:at])
		text = text[at:]
		best := ""
		for name := range names {
			if len(name) > len(best) && len(text) > len(name) && strings.EqualFold(text[1:1+len(name)], name) {
				best = name
			}
		}
		if best == "" {
			b.WriteByte('@')
			text = text[1:]
			continue
		}
		tag := "<at>" + shown[best] + "</at>"
		entities = append(entities, map[string]any{
			"type": "mention", "text": tag, "mentioned": map[string]any{"id": names[best], "name": shown[best]},
		})
		b.WriteString(tag)
		text = text[1+len(best):]
	}
	b.WriteString(text)
	return b.String(), entities
}

// Response is what the bot's endpoint answered.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON is the body as an object, nil when it is none.
func (r Response) JSON() map[string]any {
	var body map[string]any
	if json.Unmarshal(r.Body, &body) != nil {
		return nil
	}
	return body
}

// Post delivers an activity with a good token, or without any to an
// unregistered bot, and returns whatever the bot answers.
func (t *Teams) Post(a Activity) Response {
	t.TB.Helper()
	body, err := json.Marshal(a)
	if err != nil {
		t.TB.Fatalf("encode the activity: %v", err)
	}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	if !t.unregistered {
		header.Set("Authorization", "Bearer "+t.Token())
	}
	return t.PostRaw(body, header)
}

// PostRaw delivers any body with any headers.
func (t *Teams) PostRaw(body []byte, header http.Header) Response {
	t.TB.Helper()
	if t.bot == nil {
		t.TB.Fatal("no bot is attached: call Attach or AttachURL first")
	}
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:3978/api/messages", bytes.NewReader(body))
	if err != nil {
		t.TB.Fatalf("make the request: %v", err)
	}
	r.Header = header
	resp, err := t.bot(r)
	if err != nil {
		t.TB.Fatalf("post to the bot: %v", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.TB.Fatalf("read the bot's answer: %v", err)
	}
	return Response{resp.StatusCode, resp.Header, answer}
}
