package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"onbehalf/bot/teams"
)

// failed decides what a refusal of Teams means for the queue and its messages
// (Microsoft's table of connector errors).
func (s *Sender) failed(ctx context.Context, at Conversation, p Parcel, over Posted, err error, ended *Ended) error {
	e := (*teams.Error)(nil)
	if !errors.As(err, &e) {
		// Not even tried: a host that is not allowed.
		return s.undeliverable(ctx, at, p, err, ended)
	}
	switch {
	case e.Retryable(), e.NeedsOperator():
		return s.tryLater(ctx, at, p, e, ended)
	case over.Activity != "" && e.Status != 0 && e.Status < 500:
		return s.anew(p, ended)
	case over.Activity != "":
		return s.tryLater(ctx, at, p, e, ended)
	case p.Root != nil && e.Status != 0 && e.Status < 500:
		ended.Gone = append(ended.Gone, p.Root.Handle) // the channel may well be there
		return nil
	case p.Otherwise != nil:
		s.lack(at, e, ended)
		return s.otherwise(ctx, at, p, ended)
	case e.ConversationGone() && at.Person != "" && p.Sent[0].Ref == nil:
		return s.meetAgain(ctx, at, p, e, ended)
	case e.Final():
		return s.final(ctx, at, p, e, ended)
	}
	return s.undeliverable(ctx, at, p, err, ended)
}

// anew forgets a message that cannot be replaced, because it was deleted or is not
// ours to change any more. That says nothing of the conversation: the state is posted
// as a new message, and only a refusal of that one does.
func (s *Sender) anew(p Parcel, ended *Ended) error {
	if p.Handle != "" {
		ended.Gone = append(ended.Gone, p.Handle)
		return nil // the messages stay: the next attempt posts
	}
	for _, m := range p.Sent {
		ended.Done = append(ended.Done, m.ID)
		if m.Kind == QuietKind {
			continue
		}
		if m.Body == nil || m.Targeted { // a targeted message names its recipient only when it is posted
			s.lost(m)
			continue
		}
		again := m
		again.ID, again.Update = 0, ""
		ended.Moved = append(ended.Moved, again)
	}
	return nil
}

// otherwise sends a targeted message that Teams does not take to the person's own
// chat, and says so in one line where they spoke, unless nobody else saw that.
func (s *Sender) otherwise(ctx context.Context, at Conversation, p Parcel, ended *Ended) error {
	m, to := p.Sent[0], p.Otherwise.To
	chat, err := s.Store.PersonalOf(ctx, to.Person)
	if errors.Is(err, ErrNoConversation) {
		chat = Conversation{Tenant: at.Tenant, ServiceURL: at.ServiceURL, BotID: at.BotID, BotName: at.BotName}
		if chat, err = s.create(ctx, chat, to); err == nil {
			ended.Places = append(ended.Places, chat)
		}
	}
	line := Message{To: m.To, Kind: AnswerKind, Rank: Answer, Created: m.Created, Expires: m.Expires, Body: p.Otherwise.Told}
	if e := (*teams.Error)(nil); errors.As(err, &e) {
		s.Log.WarnContext(ctx, "no personal chat", "err", err)
		s.lost(m)
		line.Body = p.Otherwise.NoWayOut
	} else if err != nil {
		return err
	} else {
		to.Conversation = chat.ID
		ended.Moved = append(ended.Moved, Message{
			To: to, Kind: m.Kind, Rank: m.Rank, Ticket: m.Ticket, Handle: m.Handle, Revision: m.Revision, Created: m.Created, Expires: m.Expires, Body: withoutRecipient(m.Body),
		})
	}
	ended.Done = append(ended.Done, m.ID)
	if line.Body != nil {
		ended.Moved = append(ended.Moved, line)
	}
	return nil
}

// meetAgain follows somebody who cleared the history: Teams forgot the conversation
// and gives another one. It is asked once; the same id again means that they can't be
// reached. To whom has just spoken there it is not done: that chat is there, or gone.
func (s *Sender) meetAgain(ctx context.Context, at Conversation, p Parcel, gone *teams.Error, ended *Ended) error {
	made, err := s.create(ctx, at, p.Sent[0].To)
	e := (*teams.Error)(nil)
	switch {
	case err == nil && made.ID != at.ID:
		ended.Places = append(ended.Places, made)
		return nil
	case err == nil:
		return s.final(ctx, at, p, gone, ended)
	case !errors.As(err, &e):
		return err
	case e.Retryable() || e.NeedsOperator():
		return s.tryLater(ctx, at, p, e, ended)
	}
	return s.final(ctx, at, p, e, ended)
}

// final ends with a conversation that can't be written to: it is marked, and the
// messages go where they are told next.
func (s *Sender) final(ctx context.Context, at Conversation, p Parcel, e *teams.Error, ended *Ended) error {
	at.Reach = Removed
	if e.Blocked() {
		at.Reach = Blocked
	}
	s.Log.WarnContext(ctx, "conversation cannot be reached", "conversation", at.ID, "status", e.Status, "code", e.Code)
	ended.Places = append(ended.Places, at)
	return s.turnedAway(ctx, at, p.Sent, ended)
}

// tryLater keeps the message for another attempt. A Retry-After stops the whole queue
// for as long as it says; everything is given up after a day, answers when they
// expire.
func (s *Sender) tryLater(ctx context.Context, at Conversation, p Parcel, e *teams.Error, ended *Ended) error {
	first, now := p.Sent[0], s.now()
	if now.Sub(first.Created) > giveUpAfter {
		return s.undeliverable(ctx, at, p, e, ended)
	}
	rest := e.RetryAfter
	if rest <= 0 {
		rest = backoff(first.Attempts, e)
	}
	s.Log.WarnContext(ctx, "message not taken", "kind", first.Kind, "attempt", first.Attempts+1, "again in", rest, "err", e)
	for _, m := range p.Sent {
		ended.Failed = append(ended.Failed, m.ID)
	}
	ended.RestUntil = now.Add(rest)
	return nil
}

// backoff doubles from a second, with jitter of a half. What Teams surely has not got
// is tried at least every minute; what may have arrived without our hearing of it less
// and less, since each attempt may stand there once more.
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

// undeliverable gives up on a message that cannot be sent: what must be heard goes to
// its next place, the rest is dropped.
func (s *Sender) undeliverable(ctx context.Context, at Conversation, p Parcel, err error, ended *Ended) error {
	s.Log.ErrorContext(ctx, "message given up", "kind", p.Sent[0].Kind, "ticket", p.Sent[0].Ticket, "err", err)
	return s.elsewhere(ctx, at, p.Sent, false, ended)
}

// turnedAway moves messages out of a conversation that can't be written to.
func (s *Sender) turnedAway(ctx context.Context, at Conversation, messages []Message, ended *Ended) error {
	return s.elsewhere(ctx, at, messages, true, ended)
}

func (s *Sender) elsewhere(ctx context.Context, at Conversation, messages []Message, unreachable bool, ended *Ended) error {
	var notices []Message
	for _, m := range messages {
		ended.Done = append(ended.Done, m.ID)
		if m.Body == nil {
			notices = append(notices, m)
		} else {
			s.lost(m)
		}
	}
	if len(notices) == 0 {
		return nil
	}
	moved, err := s.Renderer.Undelivered(ctx, at, notices, unreachable)
	ended.Moved = append(ended.Moved, moved...)
	return err
}
