package notify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
)

// failed decides what a refusal of Teams means for the lane and its notices
// (Microsoft's table of connector errors).
func (l *Lanes) failed(ctx context.Context, place Conversation, p parcel, err error) (Outcome, error) {
	e := (*teams.Error)(nil)
	if !errors.As(err, &e) {
		// Not even tried: a message that Teams would split, a host that is not allowed.
		return l.undeliverable(ctx, p, err)
	}
	switch {
	case e.Gone() && p.update != "":
		return l.anew(p), nil
	case e.ConversationGone() && place.Person != "":
		return l.meetAgain(ctx, place, p)
	case e.Final():
		return l.final(ctx, place, p, e)
	case e.Retryable(), e.NeedsOperator():
		return l.tryLater(ctx, p, e)
	}
	return l.undeliverable(ctx, p, err)
}

// anew forgets a card whose message was deleted. The conversation is fine, and
// the notices stay: the next turn of this lane posts the card again.
func (l *Lanes) anew(p parcel) Outcome {
	if p.card == nil {
		p.outcome.Done = append(p.outcome.Done, ids(p.notices)...)
		return p.outcome
	}
	gone := *p.card
	gone.Activity, gone.Revision = "", 0
	p.outcome.Cards = append(p.outcome.Cards, gone)
	return p.outcome
}

// final ends with a conversation that can't be written to: it is marked, and
// everything in this parcel goes where it is told next.
func (l *Lanes) final(ctx context.Context, place Conversation, p parcel, e *teams.Error) (Outcome, error) {
	reach := Removed
	if e.Blocked() {
		reach = Blocked
	}
	if err := l.Store.MarkConversation(ctx, place.ID, reach); err != nil {
		return Outcome{}, fmt.Errorf("mark conversation: %w", err)
	}
	l.Log.WarnContext(ctx, "conversation cannot be reached", "conversation", place.ID, "status", e.Status, "code", e.Code)
	o, err := l.turnedAway(ctx, place, p.notices)
	o.Done = append(o.Done, p.outcome.Done...)
	return o, err
}

// tryLater keeps the message for another attempt. A Retry-After stops the whole
// lane for as long as it says; an answer to a turn is given up after a minute,
// everything else after a day.
func (l *Lanes) tryLater(ctx context.Context, p parcel, e *teams.Error) (Outcome, error) {
	first, now := p.notices[0], l.now()
	if now.Sub(first.Created) > giveUpAfter {
		return l.undeliverable(ctx, p, e)
	}
	rest := e.RetryAfter
	if rest <= 0 {
		rest = backoff(first.Attempts, e)
	}
	l.Log.WarnContext(ctx, "message not taken", "reason", first.Reason, "attempt", first.Attempts+1, "again in", rest, "err", e)
	p.outcome.Failed = append(p.outcome.Failed, ids(p.notices)...)
	p.outcome.RestUntil = now.Add(rest)
	return p.outcome, nil
}

// backoff doubles from a second, with jitter of a half. What Teams surely has
// not got is tried at least every minute; what may have arrived without our
// hearing of it less and less, since each attempt may stand there once more.
func backoff(attempts int, e *teams.Error) time.Duration {
	most := time.Minute
	if e.Ambiguous && e.Status == 0 {
		most = 30 * time.Minute
	} else if e.Ambiguous {
		most = 2 * time.Minute
	}
	wait := min(time.Second<<min(attempts, 12), most)
	return wait/2 + rand.N(wait/2+1)
}

// undeliverable gives up on a message that cannot be sent: what must be heard
// goes to its next place, the rest is dropped.
func (l *Lanes) undeliverable(ctx context.Context, p parcel, err error) (Outcome, error) {
	l.Log.ErrorContext(ctx, "message given up", "reason", p.notices[0].Reason, "ticket", p.notices[0].Ticket, "err", err)
	o := p.outcome
	for _, n := range p.notices {
		o.Done = append(o.Done, n.ID)
		moved, err := l.nextPlaces(ctx, n, false)
		if err != nil {
			return Outcome{}, err
		}
		o.Moved = append(o.Moved, moved...)
	}
	return o, nil
}

// turnedAway moves notices out of a conversation that can't be written to.
// Somebody who can't be reached in person is marked on the ticket.
func (l *Lanes) turnedAway(ctx context.Context, place Conversation, notices []ticket.Notice) (Outcome, error) {
	var o Outcome
	for _, n := range notices {
		if who := n.To.Person; !who.Nobody() {
			if err := l.markUnreachable(ctx, n.Ticket, who); err != nil {
				return Outcome{}, err
			}
		}
		o.Done = append(o.Done, n.ID)
		moved, err := l.nextPlaces(ctx, n, true)
		if err != nil {
			return Outcome{}, err
		}
		o.Moved = append(o.Moved, moved...)
	}
	return o, nil
}

func ids(notices []ticket.Notice) []int64 {
	all := make([]int64, len(notices))
	for i, n := range notices {
		all[i] = n.ID
	}
	return all
}
