package teamstest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"onbehalf/bot/teams"
)

// refusal is an answer by which the connector does not do what it was asked.
type refusal struct {
	status  int
	code    string
	message string
	after   string // Retry-After
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// request is one call to the connector on its way through the checks.
type request struct {
	Event
	http     *http.Request
	body     []byte
	channel  string // the conversation without its thread
	targeted bool
}

// answer is what a call that was done gets.
type answer struct {
	status int
	body   any
}

func (t *Teams) connectorRoutes(mux *http.ServeMux) {
	const base = "/emea/v3/conversations"
	mux.HandleFunc("POST "+base, t.call("create", t.create))
	mux.HandleFunc("POST "+base+"/{conversation}/activities", t.call("send", t.send))
	mux.HandleFunc("POST "+base+"/{conversation}/activities/{activity}", t.call("reply", t.send))
	mux.HandleFunc("PUT "+base+"/{conversation}/activities/{activity}", t.call("update", t.update))
	mux.HandleFunc("DELETE "+base+"/{conversation}/activities/{activity}", t.call("delete", t.remove))
	mux.HandleFunc("PUT "+base+"/{conversation}/activities/{activity}/reactions/{reaction}", t.call("react", t.react))
	mux.HandleFunc("GET "+base+"/{conversation}/pagedmembers", t.call("members", t.members))
	mux.HandleFunc("GET "+base+"/{conversation}/members/{member}", t.call("member", t.member))
}

// call wraps an operation in what is the same for all: the scripted trouble,
// the token, the limits, the record, the shape of errors.
func (t *Teams) call(op string, do func(*request) (answer, *refusal)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := &request{http: r, targeted: r.URL.Query().Get("isTargetedActivity") == "true"}
		q.Op, q.Conversation, q.Event.Targeted = op, r.PathValue("conversation"), q.targeted
		q.channel, _, _ = strings.Cut(q.Conversation, ";")
		q.Activity = r.PathValue("activity")
		if op == "reply" {
			q.ReplyTo, q.Activity = q.Activity, ""
		}
		var err error
		if q.body, err = io.ReadAll(r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		if op == "create" {
			q.Conversation = wantedConversation(q.body)
		}
		fault := t.nextFault(q.Event)
		if fault != nil && t.play(w, r, q.Event, fault) {
			return
		}
		q.Lost = fault != nil && fault.CutAfter
		done, no := t.perform(q, do)
		if no != nil {
			q.Status, q.Lost = no.status, false
			t.record(q.Event)
			if no.after != "" {
				w.Header().Set("Retry-After", no.after)
			}
			writeJSON(w, no.status, errorBody(no.code, no.message))
			return
		}
		if fault != nil && fault.CutAfter {
			panic(http.ErrAbortHandler)
		}
		if fault != nil && fault.NoID {
			done.body = map[string]any{}
		}
		if done.body == nil {
			w.WriteHeader(done.status)
			return
		}
		writeJSON(w, done.status, done.body)
	}
}

// wantedConversation tells creations apart for faults: the channel, or the
// person.
func wantedConversation(body []byte) string {
	var p creation
	if json.Unmarshal(body, &p) != nil {
		return ""
	}
	if len(p.Members) > 0 {
		return p.Members[0].ID
	}
	return p.ChannelData.Channel.ID
}

// perform checks and does a call. What is done is recorded in the same
// breath, so that a waiting test never sees one without the other.
func (t *Teams) perform(q *request, do func(*request) (answer, *refusal)) (answer, *refusal) {
	if no := t.authorize(q.http); no != nil {
		return answer{}, no
	}
	if len(q.body) > 0 && !strings.HasPrefix(q.http.Header.Get("Content-Type"), "application/json") {
		return answer{}, refuse(http.StatusUnsupportedMediaType, "BadArgument", "content type %q", q.http.Header.Get("Content-Type"))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if no := t.limit(q); no != nil {
		return answer{}, no
	}
	done, no := do(q)
	if no == nil {
		q.Status = done.status
		t.recordLocked(q.Event)
	}
	return done, no
}

func (t *Teams) authorize(r *http.Request) *refusal {
	header := r.Header.Get("Authorization")
	if t.unregistered {
		if header != "" {
			return refuse(http.StatusUnauthorized, "AuthorizationError", "a bot without a registration sent a token")
		}
		return nil
	}
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok || !t.ValidToken(token, Scope) {
		return refuse(http.StatusUnauthorized, "AuthorizationError", "Authorization has been denied for this request.")
	}
	return nil
}

// conversation finds where a call belongs, if the bot may speak there.
func (t *Teams) conversation(q *request) (*conversation, *refusal) {
	c, ok := t.conversations[q.channel]
	if !ok {
		return nil, refuse(http.StatusNotFound, "ConversationNotFound", "Conversation not found.")
	}
	if !c.installed {
		return nil, refuse(http.StatusForbidden, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
	}
	return c, nil
}

func (t *Teams) send(q *request) (answer, *refusal) {
	c, no := t.conversation(q)
	if no != nil {
		return answer{}, no
	}
	m, no := readMessage(q.body)
	if no != nil {
		return answer{}, no
	}
	if q.ReplyTo != "" && c.message(q.ReplyTo) == nil && !c.wrote(q.ReplyTo) {
		return answer{}, refuse(http.StatusNotFound, "ActivityNotFoundInConversation", "no message %s", q.ReplyTo)
	}
	if q.targeted {
		if no := targetedMessage(c, m); no != nil {
			return answer{}, no
		}
		q.Recipient = m.recipient
	}
	if c.kind != Personal && m.hasFile() {
		return answer{}, refuse(http.StatusBadRequest, "BadSyntax", "files of a bot are for personal chats")
	}
	return t.post(q, c, m), nil
}

func (c *conversation) wrote(id string) bool {
	for _, p := range c.prompts {
		if p == id {
			return true
		}
	}
	return false
}

// reactionID is the shape of a reaction's name.
var reactionID = regexp.MustCompile(`^(like|heart|laugh|surprised|sad|angry|launch|[0-9a-f]+_[a-z0-9]+(-tone[1-5])?)$`)

// react keeps a reaction of the bot's on anybody's message.
func (t *Teams) react(q *request) (answer, *refusal) {
	c, no := t.conversation(q)
	if no != nil {
		return answer{}, no
	}
	q.Reaction = q.http.PathValue("reaction")
	switch {
	case len(q.body) > 0:
		return answer{}, refuse(http.StatusBadRequest, "BadSyntax", "a reaction has no body")
	case !reactionID.MatchString(q.Reaction):
		return answer{}, refuse(http.StatusBadRequest, "BadArgument", "no reaction %s", q.Reaction)
	case c.message(q.Activity) == nil && !c.wrote(q.Activity):
		return answer{}, refuse(http.StatusNotFound, "ConversationNotFound", "no message %s", q.Activity)
	}
	return answer{http.StatusOK, nil}, nil
}

func targetedMessage(c *conversation, m *incoming) *refusal {
	switch {
	case c.kind == Personal:
		return refuse(http.StatusBadRequest, "Bad argument", "targeted messages are not for personal chats")
	case m.recipient == "":
		return refuse(http.StatusBadRequest, "Bad argument", "no recipient")
	case c.person(m.recipient) == nil:
		return refuse(http.StatusForbidden, "BotNotInConversationRoster", "recipient is not in the conversation")
	case m.prompt != "" && !c.wrote(m.prompt):
		return refuse(http.StatusBadRequest, "INVALID_TARGETED_MESSAGE_ID", "no message %s", m.prompt)
	}
	return nil
}

// post keeps a message. In a channel without a thread it starts one. A message
// that Teams splits gets no id.
func (t *Teams) post(q *request, c *conversation, m *incoming) answer {
	t.lastID++
	id := strconv.FormatInt(t.lastID, 10)
	if c.kind == Channel && q.Conversation == c.id {
		q.Conversation = c.id + ";messageid=" + id
	}
	kept := &Message{
		ID: id, Conversation: q.Conversation, ReplyTo: q.ReplyTo, Recipient: q.Recipient, Text: m.Text, TextFormat: m.TextFormat,
		Summary: m.Summary, Card: m.card(), Mentioned: m.mentioned(), Raw: q.body, Versions: 1, Sent: t.now(),
	}
	c.messages = append(c.messages, kept)
	q.Message = kept.copy()
	if m.splits() {
		return answer{http.StatusCreated, map[string]any{}}
	}
	q.Activity = id
	return answer{http.StatusCreated, map[string]any{"id": id}}
}

func (m *Message) copy() *Message {
	c := *m
	return &c
}

// own finds one of the bot's messages to change.
func (t *Teams) own(q *request) (*Message, *refusal) {
	c, no := t.conversation(q)
	if no != nil {
		return nil, no
	}
	m := c.message(q.Activity)
	switch {
	case m == nil && c.wrote(q.Activity):
		return nil, refuse(http.StatusForbidden, "ForbiddenOperationException", "message %s is not the bot's own", q.Activity)
	case m == nil || m.Deleted || (q.Conversation != m.Conversation && q.Conversation != c.id):
		return nil, refuse(http.StatusNotFound, "ActivityNotFoundInConversation", "no message %s", q.Activity)
	case q.targeted != (m.Recipient != ""):
		return nil, refuse(http.StatusBadRequest, "Bad argument", "the visibility of a message cannot change")
	case q.targeted && t.now().Sub(m.Sent) > 24*time.Hour:
		return nil, refuse(http.StatusNotFound, "TARGETED_MESSAGE_EXPIRED_OR_DELETED", "message %s has expired", q.Activity)
	}
	return m, nil
}

func (t *Teams) update(q *request) (answer, *refusal) {
	kept, no := t.own(q)
	if no != nil {
		return answer{}, no
	}
	m, no := readMessage(q.body)
	if no != nil {
		return answer{}, no
	}
	switch {
	case m.recipient != "":
		return answer{}, refuse(http.StatusBadRequest, "Bad argument", "an update names no recipient")
	case m.splits():
		return answer{}, refuse(http.StatusBadRequest, "BadSyntax", "Activity resulted into multiple skype activities")
	}
	kept.Text, kept.TextFormat, kept.Summary, kept.Card, kept.Mentioned = m.Text, m.TextFormat, m.Summary, m.card(), m.mentioned()
	kept.Raw = q.body
	kept.Versions++
	q.Conversation, q.Message = kept.Conversation, kept.copy()
	return answer{http.StatusOK, map[string]any{"id": kept.ID}}, nil
}

func (t *Teams) remove(q *request) (answer, *refusal) {
	kept, no := t.own(q)
	if no != nil {
		return answer{}, no
	}
	kept.Deleted = true
	q.Message = kept.copy()
	return answer{http.StatusOK, nil}, nil
}

// Delete takes one of the bot's messages away, as the owner of a team can.
func (t *Teams) Delete(conversationID, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	channel, _, _ := strings.Cut(conversationID, ";")
	if c, ok := t.conversations[channel]; ok {
		if m := c.message(id); m != nil {
			m.Deleted = true
		}
	}
}

func (t *Teams) member(q *request) (answer, *refusal) {
	c, no := t.conversation(q)
	if no != nil {
		return answer{}, no
	}
	p := c.person(q.http.PathValue("member"))
	if p == nil {
		return answer{}, refuse(http.StatusNotFound, "MemberNotFoundInConversation", "no such member")
	}
	return answer{http.StatusOK, p.member()}, nil
}

func (t *Teams) members(q *request) (answer, *refusal) {
	c, no := t.conversation(q)
	if no != nil {
		return answer{}, no
	}
	query := q.http.URL.Query()
	size, _ := strconv.Atoi(query.Get("pageSize"))
	size = min(max(size, 50), 500)
	from, _ := strconv.Atoi(strings.TrimPrefix(query.Get("continuationToken"), "from-"))
	if from < 0 || from > len(c.members) {
		return answer{}, refuse(http.StatusBadRequest, "BadArgument", "continuation token")
	}
	page := map[string]any{}
	list := []any{}
	for _, p := range c.members[from:min(from+size, len(c.members))] {
		list = append(list, p.member())
	}
	page["members"] = list
	if from+size < len(c.members) {
		page["continuationToken"] = fmt.Sprintf("from-%d", from+size)
	}
	return answer{http.StatusOK, page}, nil
}

// Messages returns the bot's messages in a conversation as they stand now,
// oldest first, without deleted ones. For a channel that is all its threads.
func (t *Teams) Messages(conversationID string) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	channel, _, _ := strings.Cut(conversationID, ";")
	c, ok := t.conversations[channel]
	if !ok {
		return nil
	}
	var all []Message
	for _, m := range c.messages {
		if !m.Deleted && (conversationID == channel || m.Conversation == conversationID) {
			all = append(all, *m)
		}
	}
	return all
}

// Account is the account of a person for direct calls of a Connector.
func (p *Person) Account() teams.Account {
	a := teams.NewAccount(p.ID, p.Name)
	a.AadObjectID = p.ObjectID
	return a
}
