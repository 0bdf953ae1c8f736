package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/cards"
)

// A posted warning is kept under a handle that names ticket, clock and place: each
// place has at most one of each clock that still has color and buttons. The ones
// before it, and the last one when somebody acts, become one quiet line.

const (
	alarmHandle = "alarm:"
	// quietHandle is that of a warning that became quiet: it is never drawn anew, and
	// still leads to its thread and its request.
	quietHandle  = "quiet:"
	personPrefix = "person:"
)

// alarmHandleOf names the warning of a clock in the place that a notice is for.
func alarmHandleOf(n request.Notice) string {
	place := n.To.Conversation
	if place == "" {
		place = personPrefix + n.To.Person.ID
	}
	return fmt.Sprintf("%s%d/%s@%s", alarmHandle, n.Ticket, clockOf(n), place)
}

// alarmOf reads what alarmHandleOf wrote.
func alarmOf(handle string) (clock sla.Clock, place string, ok bool) {
	rest, ok := strings.CutPrefix(handle, alarmHandle)
	about, place, found := strings.Cut(rest, "@")
	_, name, clocked := strings.Cut(about, "/")
	return sla.Clock(name), place, ok && found && clocked
}

// targetOf is the place in a handle, as a target of the ticket's notices.
func (l *Renderer) targetOf(t *request.Ticket, place string) request.Target {
	id, personal := strings.CutPrefix(place, personPrefix)
	switch {
	case !personal && place == t.Home.Conversation:
		return t.HomeTarget()
	case !personal:
		return request.Target{Conversation: place}
	}
	people := t.People()
	if i := slices.IndexFunc(people, func(p request.Person) bool { return p.ID == id }); i >= 0 {
		return request.Target{Person: people[i]}
	}
	return request.Target{Person: request.Person{ID: id, Tenant: l.Desk.OwnTenant}}
}

// quiets says whether an entry of the history answers a warning of a clock, so that
// the warning no longer says what is true.
func quiets(clock sla.Clock, what string) bool {
	switch what {
	case "resolved", "closed", "cancelled", "reopened":
		return true
	case "assigned", "acked", "severity":
		return clock != sla.ClockIncident && clock != sla.ClockWaiting
	case "resumed", "waiting":
		return clock == sla.ClockWaiting
	case "filed":
		return clock == sla.ClockResponse || clock == sla.ClockHandoff
	case "responded":
		return clock == sla.ClockResponse || clock == sla.ClockMicrosoft
	}
	return false
}

// quietedBy gives the newest entry that answers a warning and is younger than what the
// warning shows. The history is newest first.
func quietedBy(clock sla.Clock, shown outbox.Posted, history []request.Event) (request.Event, bool) {
	i := slices.IndexFunc(history, func(e request.Event) bool { return e.Revision > shown.Revision && quiets(clock, e.What) })
	if i < 0 {
		return request.Event{}, false
	}
	return history[i], true
}

// quiet leaves a notice for each posted warning of a ticket that is not true any more.
// It runs with the redrawing of the ticket's own card, which every change and every
// milestone leaves. The redrawing of a milestone waits some seconds, and so finds the
// warnings during whose delivery somebody acted.
func (l *Renderer) quiet(ctx context.Context, p *parcel, t *request.Ticket) error {
	if len(t.Fired) == 0 && t.Epoch == 0 {
		return nil // nothing was ever warned of
	}
	posted, err := l.Store.PostedOf(ctx, t.Number)
	if err != nil || len(posted) == 0 {
		return err
	}
	history, err := l.Store.History(ctx, t.Number, 0, 50)
	if err != nil {
		return fmt.Errorf("load history of %s: %w", t.Number, err)
	}
	for _, shown := range posted {
		clock, place, ok := alarmOf(shown.Handle)
		if !ok {
			continue
		}
		if _, over := quietedBy(clock, shown, history); !over {
			continue
		}
		m, err := l.quietNotice(ctx, t, shown, l.targetOf(t, place))
		if err != nil {
			return err
		}
		p.moved = append(p.moved, m)
	}
	return nil
}

// quietNotice makes one posted warning quiet, or has the bundle drawn anew in which it is.
func (l *Renderer) quietNotice(ctx context.Context, t *request.Ticket, shown outbox.Posted, to request.Target) (outbox.Message, error) {
	bundle, _, err := l.bundleOf(ctx, shown)
	if err != nil {
		return outbox.Message{}, err
	}
	if bundle != "" {
		return l.redrawBundle(bundle, to, t.Number)
	}
	return Message(request.Notice{
		Ticket: t.Number, Reason: request.QuietAlarm, To: to, Handle: shown.Handle,
		Revision: t.Revision, Severity: request.NonCritical, Created: l.now().UTC(),
	})
}

// quietOf is quiet for a ticket whose own card cannot be redrawn.
func (l *Renderer) quietOf(ctx context.Context, n request.Number) ([]outbox.Message, error) {
	t, err := l.Store.Ticket(ctx, n)
	if errors.Is(err, request.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", n, err)
	}
	var p parcel
	err = l.quiet(ctx, &p, t)
	return p.moved, err
}

// packQuiet replaces a warning by one line that says what was done about it. A warning
// that is gone, or that was replaced by one that is still true, is left alone.
func (l *Renderer) packQuiet(ctx context.Context, place outbox.Conversation, p *parcel, group []request.Notice) error {
	n := group[0]
	if strings.HasPrefix(n.Handle, bundleHandle) {
		return l.packBundle(ctx, place, p, group)
	}
	shown, known, err := l.posted(ctx, n.Handle, p)
	if err != nil || !known {
		return err
	}
	v, err := l.shown(ctx, place, n)
	if err != nil {
		return err
	}
	history, err := l.Store.History(ctx, n.Ticket, 0, 50)
	if err != nil {
		return fmt.Errorf("load history of %s: %w", n.Ticket, err)
	}
	clock, _, _ := alarmOf(n.Handle)
	e, over := quietedBy(clock, shown, history)
	if !over {
		return nil
	}
	p.notices, p.message = group, cardMessage(cards.AlarmOver(v.TicketView, e, v.words), v.words)
	p.handle, p.revision, p.over, p.ticket = n.Handle, e.Revision, &shown, n.Ticket
	p.becomes = quietHandle + strings.TrimPrefix(n.Handle, alarmHandle)
	return nil
}

// replace makes a warning the one of its clock and place. It is a new message, so that
// people are notified; when it has arrived, the one before becomes quiet.
func (l *Renderer) replace(ctx context.Context, p *parcel, a alarm) error {
	p.handle, p.revision, p.ticket = alarmHandleOf(a.notice), a.revision, a.notice.Ticket
	p.over = &outbox.Posted{Handle: p.handle}
	return l.quietFormer(ctx, p, a, map[string]bool{})
}

// quietFormer makes the warning before this one quiet when the parcel has arrived: where
// it was a message of its own by one line, where it was part of a bundle by drawing that
// anew, once for all of redrawn.
func (l *Renderer) quietFormer(ctx context.Context, p *parcel, a alarm, redrawn map[string]bool) error {
	former, known, err := l.Store.Posted(ctx, alarmHandleOf(a.notice))
	if err != nil {
		return fmt.Errorf("find the warning before: %w", err)
	}
	if !known || former.Activity == "" {
		return nil
	}
	bundle, _, err := l.bundleOf(ctx, former)
	if err != nil {
		return err
	}
	if bundle != "" {
		if redrawn[bundle] {
			return nil
		}
		redrawn[bundle] = true
		m, err := l.redrawBundle(bundle, a.notice.To, a.notice.Ticket)
		p.after = append(p.after, m)
		return err
	}
	body, err := cardMessage(cards.AlarmReplaced(a.notice.Ticket, a.words), a.words).Encode()
	if err != nil {
		return fmt.Errorf("write the quiet line: %w", err)
	}
	m, err := Message(a.notice)
	if err != nil {
		return err
	}
	p.after = append(p.after, outbox.Message{
		To:   outbox.Target{Conversation: former.Conversation, Person: m.To.Person, Account: m.To.Account, Tenant: m.To.Tenant},
		Rank: outbox.Ordinary, Kind: outbox.QuietKind, Ticket: int64(a.notice.Ticket), Update: former.Activity, Body: body,
		Created: l.now().UTC(), Expires: l.now().UTC().Add(quietFor),
	})
	return nil
}

// quietFor is how long it is tried to make a replaced warning quiet.
const quietFor = 24 * time.Hour
