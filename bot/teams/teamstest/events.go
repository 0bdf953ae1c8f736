package teamstest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Event is one thing that the bot asked Teams for.
type Event struct {
	Sequence     int
	At           time.Time
	Op           string // metadata, keys, token, identity, create, send, reply, update, delete, react, member, members
	Conversation string // a thread's id in channels
	Activity     string // id of the message; empty when Teams split it
	ReplyTo      string
	Recipient    string // of a targeted message
	Targeted     bool   // the request says that one person alone is to see it
	Reaction     string // the bot's, on the Activity
	Status       int    // 0: the connection was cut before Teams did anything
	Lost         bool   // Teams did it, but the bot never heard
	Message      *Message
}

func (e Event) String() string {
	s := fmt.Sprintf("%d %s %s %s -> %d", e.Sequence, e.Op, e.Conversation, e.Activity, e.Status)
	if e.Message != nil {
		s += " " + e.Message.String()
	}
	return s
}

// Fault makes matching requests fail. Empty fields match everything. Faults
// are tried in the order in which they were given.
type Fault struct {
	Op           string // of Event; several separated by blanks
	Conversation string // or its channel
	Times        int    // how many requests; 0 is one, -1 all
	Targeted     bool   // only what one person alone is to see

	Status     int    // answer with this
	Code       string // in the usual error body
	Body       string // a whole body instead
	RetryAfter string
	Location   string          // of a redirect
	CutBefore  bool            // nothing happens and the connection breaks
	CutAfter   bool            // it happens, and the connection breaks
	NoID       bool            // it happens, and the answer names no id
	Hold       <-chan struct{} // wait for this first, or for the client to leave
}

// Fault adds a fault. Without Status or a cut it only holds.
func (t *Teams) Fault(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, &f)
}

// ClearFaults ends all trouble.
func (t *Teams) ClearFaults() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = nil
}

func (f *Fault) matches(e Event) bool {
	channel, _, _ := strings.Cut(e.Conversation, ";")
	return (f.Op == "" || slices.Contains(strings.Fields(f.Op), e.Op)) &&
		(!f.Targeted || e.Targeted) && (f.Conversation == "" || f.Conversation == e.Conversation || f.Conversation == channel)
}

func (t *Teams) nextFault(e Event) *Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, f := range t.faults {
		if !f.matches(e) {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				t.faults = slices.Delete(t.faults, i, i+1)
			}
		}
		return f
	}
	return nil
}

// trouble plays the fault for an event that has no "after". It reports that
// the answer was given.
func (t *Teams) trouble(w http.ResponseWriter, r *http.Request, e Event) bool {
	f := t.nextFault(e)
	if f == nil {
		return false
	}
	return t.play(w, r, e, f)
}

func (t *Teams) play(w http.ResponseWriter, r *http.Request, e Event, f *Fault) bool {
	if f.Hold != nil {
		select {
		case <-f.Hold:
		case <-r.Context().Done():
			t.record(e)
			panic(http.ErrAbortHandler)
		}
	}
	if f.CutBefore {
		t.record(e)
		panic(http.ErrAbortHandler)
	}
	if f.Status == 0 {
		return false
	}
	e.Status = f.Status
	t.record(e)
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.Location != "" {
		w.Header().Set("Location", f.Location)
	}
	if f.Body != "" || f.Code == "" {
		w.WriteHeader(f.Status)
		// The client may be gone.
		_, _ = w.Write([]byte(f.Body))
		return true
	}
	writeJSON(w, f.Status, errorBody(f.Code, "scripted"))
	return true
}

func errorBody(code, message string) any {
	return map[string]any{"error": map[string]any{"code": code, "message": message}}
}

func (t *Teams) record(e Event) Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.recordLocked(e)
}

func (t *Teams) recordLocked(e Event) Event {
	e.Sequence, e.At = len(t.events)+1, t.now()
	t.events = append(t.events, e)
	close(t.changed)
	t.changed = make(chan struct{})
	return e
}

// Events returns everything so far, oldest first; with names, only those
// operations.
func (t *Teams) Events(ops ...string) []Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(ops) == 0 {
		return slices.Clone(t.events)
	}
	var some []Event
	for _, e := range t.events {
		if slices.Contains(ops, e.Op) {
			some = append(some, e)
		}
	}
	return some
}

// WaitFor returns the first event, past ones included, that the condition
// holds for. When none comes the test fails, with what did come.
func (t *Teams) WaitFor(condition func(Event) bool) Event {
	t.TB.Helper()
	e, ok := t.wait(0, condition)
	if !ok {
		t.TB.Fatalf("the event did not come; there were:\n%s", t.dump(0))
	}
	return e
}

func (t *Teams) wait(since int, condition func(Event) bool) (Event, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), t.Patience)
	defer cancel()
	for {
		t.mu.Lock()
		fresh, changed := slices.Clone(t.events[since:]), t.changed
		t.mu.Unlock()
		for _, e := range fresh {
			if condition(e) {
				return e, true
			}
		}
		since += len(fresh)
		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, false
		}
	}
}

func (t *Teams) mark() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.events)
}

func (t *Teams) dump(since int) string {
	var b strings.Builder
	for _, e := range t.Events()[since:] {
		b.WriteString("  " + e.String() + "\n")
	}
	if b.Len() == 0 {
		return "  nothing\n"
	}
	return b.String()
}

// Message is one message of the bot as the conversation shows it.
type Message struct {
	ID           string
	Conversation string
	ReplyTo      string
	Recipient    string // of a targeted message: who sees it
	Text         string
	TextFormat   string
	Summary      string
	Card         map[string]any
	Mentioned    []string // ids, of mentions that Teams understands
	Raw          json.RawMessage
	Versions     int // 1, and one more with each update
	Deleted      bool
	Sent         time.Time
}

func (m *Message) String() string {
	if m.Card != nil {
		return fmt.Sprintf("card %q", strings.Join(textsOf(m.Card), " | "))
	}
	return fmt.Sprintf("text %q", m.Text)
}
