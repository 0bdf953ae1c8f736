package dialogs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"onbehalf/bot/teams/teamstest"
)

// Everything that any conversation of these tests gets, as a message or as the answer to a
// press, is looked at for those who hear it instead of seeing it.

// hearing notes what a person who hears cards would miss in one, once for each card.
type hearing struct {
	mu     sync.Mutex
	missed map[string]bool
}

// listen answers as the routes do, and hears the cards in the answers.
func (h *hearing) listen(routes http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		routes.ServeHTTP(answer, r)
		for key, values := range answer.Header() {
			w.Header()[key] = values
		}
		body := answer.Body.Bytes()
		h.hear("an answer", body)
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body) // the client is gone
	})
}

// hear looks at every card in a JSON text. What is no JSON has none.
func (h *hearing) hear(where string, text []byte) {
	if !strings.Contains(string(text), "AdaptiveCard") {
		return
	}
	var root any
	if json.Unmarshal(text, &root) != nil {
		return
	}
	var find func(v any)
	find = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, inner := range v {
				find(inner)
			}
		case map[string]any:
			if v["type"] == "AdaptiveCard" {
				h.card(where, v)
				return
			}
			for _, inner := range v {
				find(inner)
			}
		}
	}
	find(root)
}

// message looks at a message: a card has a line for the toast and the list of chats.
func (h *hearing) message(m teamstest.Message) {
	if m.Card == nil {
		return
	}
	h.need(m.Summary, "message", "summary", m.Card["speak"])
	h.card("message", m.Card)
}

func (h *hearing) card(where string, card map[string]any) {
	for _, key := range []string{"fallbackText", "speak", "lang"} {
		h.need(card[key], where, key, card["body"])
	}
	h.element(where, card["body"], card["speak"])
}

// element looks at everything in a card: inputs have labels, pictures a text, buttons and
// rows a name, and what is coloured words.
func (h *hearing) element(where string, v any, card any) {
	if list, ok := v.([]any); ok {
		for _, inner := range list {
			h.element(where, inner, card)
		}
		return
	}
	e, ok := v.(map[string]any)
	if !ok {
		return
	}
	kind, _ := e["type"].(string)
	switch {
	case strings.HasPrefix(kind, "Input."):
		h.need(e["label"], where, kind+" "+fmt.Sprint(e["id"])+" label", card)
	case strings.HasPrefix(kind, "Action."):
		h.need(e["title"], where, kind+" title", card)
	case kind == "Image":
		h.need(e["altText"], where, "altText", card)
	case kind == "Container" && slices.Contains([]any{"attention", "warning", "good", "accent"}, e["style"]):
		texts := (&teamstest.Card{Content: map[string]any{"body": e["items"]}}).Texts()
		h.need(strings.Join(texts, ""), where, fmt.Sprint("words in ", e["style"]), card)
	}
	for key, inner := range e {
		if key != "data" && key != "choices" {
			h.element(where, inner, card)
		}
	}
}

func (h *hearing) need(value any, where, what string, card any) {
	if s, _ := value.(string); strings.TrimSpace(s) != "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.missed == nil {
		h.missed = map[string]bool{}
	}
	h.missed[fmt.Sprintf("%s without %s: %.200v", where, what, card)] = true
}

// expectAudible fails the test where something was sent that a screen reader cannot read.
func (d *desk) expectAudible(h *hearing) {
	for _, e := range d.Events("send", "reply", "update", "create") {
		if e.Message != nil {
			h.message(*e.Message)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for missed := range h.missed {
		d.testing.Error(missed)
	}
}
