package request

import (
	"context"
	"strings"
	"time"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/sla"
)

// Severity says how much the problem hurts (R34 to R36, R39).
type Severity string

// The severities. Empty is "not chosen yet".
const (
	SeverityA   Severity = "A"
	SeverityB   Severity = "B"
	SeverityC   Severity = "C"
	NonCritical Severity = "noncritical"
)

// rank orders the severities; a higher one hurts more.
var rank = map[Severity]int{NonCritical: 0, SeverityC: 1, SeverityB: 2, SeverityA: 3}

// NeedsReason says whether a change of severity asks for a reason: any change to A
// or from it, and any by two steps.
func NeedsReason(from, to Severity) bool {
	step := rank[to] - rank[from]
	return step != 0 && (to == SeverityA || from == SeverityA) || step >= 2 || step <= -2
}

// SetSeverity changes how much the problem hurts; only technical requests have a
// choice. A raise to A and a change by two steps want a reason. The clocks that
// still run change with it: a raise counts from now and the earlier due time holds,
// anything else counts from the start.
func (d *Desk) SetSeverity(ctx context.Context, tx Tx, by Person, m Move, to Severity, reason string) (*Ticket, error) {
	reason, err := note("reason", reason, textLimit, false)
	if err != nil {
		return nil, err
	}
	if _, ok := rank[to]; !ok {
		return nil, &Invalid{Problems: []Problem{{Field: "severity", Code: "choice", Args: Args("typed", plaintext.Excerpt(string(to)))}}}
	}
	return d.apply(ctx, tx, by, m, "severity", func(t *Ticket, p *sla.Policy, now time.Time) (Event, error) {
		number := t.Number.String()
		switch {
		case t.Kind != Technical:
			return Event{}, refused(*t, "kind_severity", "number", number)
		case t.Severity == to:
			return Event{}, refused(*t, "same_severity", "number", number, "severity", string(to))
		case reason == "" && NeedsReason(t.Severity, to):
			return Event{}, &Invalid{Problems: []Problem{{
				Field: "reason", Code: "reason_severity", Rule: "R32", Args: Args("from", string(t.Severity), "to", string(to)),
			}}}
		}
		e := Event{What: "severity", From: string(t.Severity), To: string(to), Text: reason}
		from := t.Terms()
		t.Severity = to
		t.retime(p, from, now)
		return e, nil
	})
}

// cyrillic are the letters that look like A, B and C.
var cyrillic = strings.NewReplacer("а", "a", "в", "b", "с", "c", "А", "a", "В", "b", "С", "c")

// ParseSeverity reads a severity by its letter, its name in the three languages, or
// the title of a choice; Cyrillic А, В and С count as A, B and C. What other scales
// use ("P1", "urgent") is none: it does not say which of ours is meant.
func ParseSeverity(s string) (Severity, bool) {
	if severity, ok := SeverityPhrase(s); ok {
		return severity, true
	}
	folded := severityLabel.ReplaceAllString(plaintext.Fold(s), "")
	title := severityTitle.FindStringSubmatch(cyrillic.Replace(folded))
	if title == nil {
		return "", false
	}
	severity := Severity(strings.ToUpper(title[1]))
	_, words, _ := strings.Cut(folded, " ")
	for word := range strings.FieldsSeq(words) {
		if named, ok := severityNames[strings.Trim(word, "-:,.")]; ok && named != severity {
			return "", false // "B - critical" says two things
		}
	}
	return severity, true
}
