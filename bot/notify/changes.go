package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// lateAfter is how much later than it happened something is told of with its
// time.
const lateAfter = time.Minute

// told are the entries that a change line tells of, by what stands in the
// history. The others are the clock's own, which has cards for them.
var told = map[string]bool{
	"opened": true, "assigned": true, "released": true, "acked": true, "filed": true, "responded": true, "commented": true, "waiting": true,
	"resumed": true, "resolved": true, "closed": true, "reopened": true, "cancelled": true, "severity": true, "incident": true, "incident_over": true,
}

// packChanges tells what was done to a ticket since the first of the notices, in
// one message.
func (l *Renderer) packChanges(ctx context.Context, place outbox.Conversation, p *parcel, group []request.Notice) error {
	first := slices.MinFunc(group, func(a, b request.Notice) int { return int(a.Event - b.Event) })
	v, err := l.shown(ctx, place, first)
	if err != nil {
		return err
	}
	if who := first.To.Person; !who.Nobody() && l.readsAlong(ctx, v.View.Ticket, who) {
		return nil // the line in the thread reaches them
	}
	entries, through, err := l.changes(ctx, first)
	if err != nil || len(entries) == 0 {
		return err
	}
	if v.View.Hidden && v.personal() {
		return nil // somebody who may not see it any more
	}
	p.notices, p.through = group, through
	p.message = teams.Message{Text: v.lines(entries), TextFormat: teams.Plain, Locale: v.words.Lang()}
	if v.View.Hidden {
		p.message = v.hiddenChange()
	}
	return l.placeIn(ctx, place, p, v.View.Number)
}

// hiddenChange is what a conversation hears of a fraud case (R5).
func (v view) hiddenChange() teams.Message {
	t := v.View.Ticket
	text := v.words.T("notices.changed_hidden", "number", t.Number, "status", v.words.T("status."+string(t.Status)))
	return teams.Message{Text: text, TextFormat: teams.Plain, Locale: v.words.Lang()}
}

// changes gives the entries that a notice tells of, oldest first, without those of
// the very person it is for, and the newest entry that there is by now.
func (l *Renderer) changes(ctx context.Context, n request.Notice) (entries []request.Event, through int64, err error) {
	newest, err := l.Store.History(ctx, n.Ticket, 0, 50)
	if err != nil {
		return nil, 0, fmt.Errorf("load history of %s: %w", n.Ticket, err)
	}
	for _, e := range newest {
		through = max(through, e.ID)
	}
	kept := slices.DeleteFunc(newest, func(e request.Event) bool {
		return e.ID < n.Event || !told[e.What] || e.By.Is(n.To.Person)
	})
	slices.Reverse(kept)
	return kept, through, nil
}

// lines is one sentence for each entry. In somebody's own chat it begins with
// what the ticket is about: there they have many.
func (v view) lines(entries []request.Event) string {
	t, w := v.View.Ticket, v.words
	head := t.Number.String()
	if v.personal() {
		head = fmt.Sprintf("%s · %s · %s", t.Number, excerpt(oneLine(t.Title), 80), excerpt(oneLine(t.Customer.Name), 40))
	}
	if len(entries) == 1 && !v.personal() {
		return w.T("notices.line", "number", t.Number, "line", v.line(entries[0]))
	}
	lines := []string{head}
	for _, e := range entries {
		lines = append(lines, v.line(e))
	}
	return strings.Join(lines, "\n\n")
}

// line says who did what, with the time when that is a while ago.
func (v view) line(e request.Event) string {
	w := v.words
	line := changeSentence(e, v.View.Ticket, w)
	if text := excerpt(oneLine(e.Text), 200); text != "" {
		line = w.T("notices.quoted", "line", line, "text", text)
	}
	if v.now.Sub(e.At) > lateAfter {
		line = w.T("notices.line_at", "line", line, "at", e.At)
	}
	return line
}

func changeSentence(e request.Event, t request.Ticket, w i18n.Words) string {
	who := excerpt(oneLine(e.By.Name), 60)
	if who == "" {
		who = w.T("notices.somebody")
	}
	to, from := excerpt(oneLine(e.To), 60), oneLine(e.From)
	key := "notices.change_" + e.What
	switch {
	case e.What == "assigned" && (e.To == e.By.Name || e.To == e.By.ID || t.Assignee.Is(e.By) && e.To == t.Assignee.Name):
		key = "notices.change_taken"
	case e.What == "severity":
		to, from = severityWord(to, w), severityWord(from, w)
	case e.What == "waiting":
		key = cards.WaitKey("notices.change_waiting_", t)
	case e.What == "incident", e.What == "incident_over":
		to = cards.IncidentStatus(e.To, w)
	case e.What == "filed":
		to = t.MicrosoftCase
	}
	return w.T(key, "who", who, "to", to, "from", from)
}

func severityWord(s string, w i18n.Words) string {
	switch request.Severity(s) {
	case request.SeverityA, request.SeverityB, request.SeverityC, request.NonCritical:
		return w.T("severity." + s)
	}
	return s
}
