package notify

import (
	"context"
	"fmt"
	"strings"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
)

// A channel that the configuration names has one thread for each request: the desk's
// channel under the request's card, that of escalations under the first alarm.

const threadHandle = "thread:"

// opensThread says whether messages there begin a new thread: in channels that
// the configuration names. In threads and chats they are sent.
func (l *Renderer) opensThread(place outbox.Conversation) bool {
	configured := place.ID == l.Desk.DeskConversation || place.ID == l.Desk.EscalationConversation
	return configured && strings.HasSuffix(place.ID, "@thread.tacv2")
}

// placeIn puts the message that a parcel holds into its ticket's thread. Where the desk's
// channel has none yet, the ticket's card opens it and the message follows; elsewhere the
// message itself opens it.
func (l *Renderer) placeIn(ctx context.Context, place outbox.Conversation, p *parcel, n request.Number) error {
	if !l.opensThread(place) {
		return nil
	}
	desk := place.ID == l.Desk.DeskConversation
	posted, err := l.Store.PostedOf(ctx, n)
	if err != nil {
		return fmt.Errorf("find the thread of %s: %w", n, err)
	}
	card := false
	for _, shown := range posted {
		isCard := shown.Handle == handleOf(request.Ticket{Number: n}, deskCard)
		card = card || isCard
		if strings.HasPrefix(shown.Conversation, place.ID+";messageid=") && isCard == desk {
			p.root = &shown
			return nil
		}
	}
	if desk && !card {
		return l.cardFirst(ctx, place, p)
	}
	p.thread = true
	if p.handle == "" { // so that what comes later finds the thread
		p.handle, p.ticket = fmt.Sprintf("%s%d@%s", threadHandle, n, place.ID), n
		p.over = &outbox.Posted{Handle: p.handle}
	}
	return nil
}

// cardFirst sends the desk's card of a ticket in place of a parcel, whose notices are left
// once more when the card has arrived.
func (l *Renderer) cardFirst(ctx context.Context, place outbox.Conversation, p *parcel) error {
	first := parcel{settled: p.settled, moved: p.moved}
	if err := l.packCard(ctx, place, &first, p.notices, deskCard); err != nil {
		return err
	}
	for _, n := range p.notices {
		m, err := Message(n)
		if err != nil {
			return err
		}
		first.after = append(first.after, m)
	}
	*p = first
	return nil
}
