package request

import (
	"errors"
	"fmt"
	"strings"
)

// What the desk may answer instead of doing something. Everything else is a
// fault of ours.
var (
	ErrNotFound = errors.New("ticket not found")
	// ErrStale means that the thing changed since it was read; nothing was kept.
	ErrStale = errors.New("changed in between")
)

// Problem is one thing that its author can correct. Code and Args name a
// sentence of the catalogue ("problem." + Code); Field is the input's id, empty
// for the form as a whole. Rule is the rule that stands behind it, if one does.
type Problem struct {
	Field string
	Code  string
	Args  map[string]any
	Rule  string
	// Suggest is a value that would be right, to be shown apart from the sentence;
	// mostly empty.
	Suggest string
}

// Missing says that there is no answer yet, rather than a wrong one.
func (p Problem) Missing() bool { return p.Code == "required" || p.Code == "plan_required" }

// Invalid reports input that its author can correct. Each problem names the
// form field it belongs to, so that the form can come back with the marks in
// place.
type Invalid struct{ Problems []Problem }

func (e *Invalid) Error() string {
	codes := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		codes[i] = p.Field + ": " + p.Code
	}
	return "input needs a change: " + strings.Join(codes, ", ")
}

// Refused reports that a person may not do this, or that the ticket's status
// does not allow it. Nothing was changed. Code names a sentence of the
// catalogue ("refused." + Code). Ticket carries no more than the person may see.
type Refused struct {
	Code   string
	Args   map[string]any
	Ticket *Ticket
}

func (e *Refused) Error() string { return fmt.Sprintf("refused: %s", e.Code) }

// Changed reports that somebody else moved the ticket since the card that was
// pressed was drawn, and that the two moves exclude each other. Nothing was
// changed by the press.
type Changed struct {
	Ticket *Ticket
	// Since are the entries that the presser had not seen, oldest first.
	Since []Event
}

func (e *Changed) Error() string { return "the ticket changed since this card was drawn" }

// Args pairs names with values.
func Args(pairs ...any) map[string]any {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}
