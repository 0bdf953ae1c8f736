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
	"onbehalf/cards"
)

// A bundle is one message that warns of several requests in a chat. It is kept under a
// handle of its own and under the alarm handle of each request and clock that it stands
// for, so it is the alarm of each: who leaves it takes their handle away, and the bundle
// is drawn anew without them.

const bundleHandle = "bundle:"

// bundleAfter gathers what is done to several requests of a bundle within moments, as
// when somebody acknowledges all of theirs, into one redrawing.
const bundleAfter = 2 * time.Second

// bundle writes one message for many alarms, of which the most urgent are listed. The
// warnings before it become quiet when it has arrived.
func (l *Renderer) bundle(ctx context.Context, p *parcel, alarms []alarm) error {
	first := alarms[0]
	card, words := cards.Alarms(viewsOf(oneEach(alarms)), false, first.words), first.words
	p.message = cardMessage(card, words)
	_, place, _ := alarmOf(alarmHandleOf(first.notice))
	p.handle = fmt.Sprintf("%s%d.%d@%s", bundleHandle, first.Sent.UnixMilli(), first.notice.Ticket, place)
	p.revision, p.over = 1, &outbox.Posted{Handle: p.handle}
	redrawn := map[string]bool{}
	for _, a := range alarms {
		p.also = append(p.also, outbox.Posted{Handle: alarmHandleOf(a.notice), Revision: a.revision, Ticket: int64(a.notice.Ticket)})
		if err := l.quietFormer(ctx, p, a, redrawn); err != nil {
			return err
		}
	}
	return nil
}

func viewsOf(alarms []alarm) []cards.AlarmView {
	views := make([]cards.AlarmView, len(alarms))
	for i, a := range alarms {
		views[i] = a.AlarmView
	}
	return views
}

// bundleOf gives the handle of the bundle that a posted alarm is part of, empty where it
// is a message of its own, and all alarms that the message stands for.
func (l *Renderer) bundleOf(ctx context.Context, shown outbox.Posted) (handle string, members []outbox.Posted, err error) {
	if shown.Activity == "" || strings.Contains(shown.Conversation, ";messageid=") {
		return "", nil, nil // no bundle stands in a thread
	}
	kept, err := l.Store.PostedAt(ctx, shown.Conversation, shown.Activity)
	if err != nil {
		return "", nil, fmt.Errorf("find the bundle of %s: %w", shown.Handle, err)
	}
	for _, k := range kept {
		if strings.HasPrefix(k.Handle, bundleHandle) {
			handle = k.Handle
		} else if _, _, ok := alarmOf(k.Handle); ok {
			members = append(members, k)
		}
	}
	return handle, members, nil
}

// redrawBundle leaves a notice that draws a bundle anew, for the ticket that has changed.
func (l *Renderer) redrawBundle(handle string, to request.Target, n request.Number) (outbox.Message, error) {
	now := l.now().UTC()
	return Message(request.Notice{
		Ticket: n, Reason: request.QuietAlarm, To: to, Handle: handle, Severity: request.NonCritical, NotBefore: now.Add(bundleAfter), Created: now,
	})
}

// packBundle draws a bundle anew: with what of it still warns, as it is now, or as one
// quiet line.
func (l *Renderer) packBundle(ctx context.Context, place outbox.Conversation, p *parcel, group []request.Notice) error {
	shown, known, err := l.Store.Posted(ctx, group[0].Handle)
	if err != nil || !known {
		return err
	}
	_, members, err := l.bundleOf(ctx, shown)
	if err != nil {
		return err
	}
	var loud []alarm
	for _, m := range members {
		a, still, err := l.stillLoud(ctx, place, m)
		if err != nil {
			return err
		}
		if still {
			loud = append(loud, a)
		} else {
			p.gone = append(p.gone, m.Handle)
		}
	}
	p.notices, p.handle, p.revision, p.over = group, shown.Handle, shown.Revision+1, &shown
	if len(loud) == 0 {
		v, err := l.shown(ctx, place, group[0])
		if err != nil {
			return err
		}
		p.message = cardMessage(cards.AlarmsOver(v.words), v.words)
		return nil
	}
	slices.SortFunc(loud, mostUrgent)
	p.message = cardMessage(cards.Alarms(viewsOf(oneEach(loud)), true, loud[0].words), loud[0].words)
	return nil
}

// stillLoud gives the alarm that a posted one says, as it is now; still is false where
// what was done since answers it.
func (l *Renderer) stillLoud(ctx context.Context, place outbox.Conversation, shown outbox.Posted) (a alarm, still bool, err error) {
	clock, where, _ := alarmOf(shown.Handle)
	t, err := l.Store.Ticket(ctx, request.Number(shown.Ticket))
	if errors.Is(err, request.ErrNotFound) {
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("load SR-%d: %w", shown.Ticket, err)
	}
	if t.Revision > shown.Revision {
		history, err := l.Store.History(ctx, t.Number, 0, 50)
		if err != nil {
			return a, false, fmt.Errorf("load history of %s: %w", t.Number, err)
		}
		if _, over := quietedBy(clock, shown, history); over {
			return a, false, nil
		}
	}
	milestones := policyOf(ctx, l.Desk, l.Store, t, l.Log).Milestones(t.State())
	for _, m := range slices.Backward(milestones) {
		if m.Clock == clock && slices.Contains(t.Fired, m.Name) {
			return l.standing(ctx, place, request.Notice{
				Ticket: t.Number, Reason: request.MilestoneDue, To: l.targetOf(t, where), Revision: t.Revision,
				Milestone: m.Name, Epoch: t.Epoch, Due: m.At, Severity: t.Severity,
			})
		}
	}
	return a, false, nil
}
