package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
)

// Connector is what a turn needs of Teams. teams.Connector is the real one.
type Connector interface {
	Send(ctx context.Context, ref teams.Ref, m teams.Message) (string, error)
	SendTargeted(ctx context.Context, ref teams.Ref, to teams.Account, m teams.Message) (string, error)
	Update(ctx context.Context, ref teams.Ref, activityID string, m teams.Message) error
	Create(ctx context.Context, serviceURL string, p teams.ConversationParameters) (teams.ConversationResource, error)
	Member(ctx context.Context, ref teams.Ref, userID string) (teams.Member, error)
	Members(ctx context.Context, ref teams.Ref, token string) ([]teams.Member, string, error)
}

const (
	// patience is how long a turn waits for its place under the limits before the
	// answer joins the lane.
	patience = 1500 * time.Millisecond
	// answerLife is how long an answer that could not be sent at once is of use.
	answerLife = time.Minute
)

// Reply posts a message where the person spoke: in a channel into the thread,
// and where the person alone saw the question, to that person alone. It returns
// the message's id, which is empty when the message has none yet: it joined the
// conversation's lane because Teams did not take it now, or the bot may not
// write here, which is noted and no error.
func (t *Turn) Reply(ctx context.Context, m teams.Message) (string, error) {
	if t.Activity.Targeted() && t.Shared() {
		m.Recipient, m.Prompt = &t.Activity.From, t.Origin
	}
	return t.deliver(ctx, t.ref, m, "")
}

// Update replaces one of the bot's messages in this conversation for everybody
// who sees it, so it never shows what somebody typed into a form. A message that
// is gone is sent anew. When Teams does not take it now, it joins the lane.
func (t *Turn) Update(ctx context.Context, messageID string, m teams.Message) error {
	if t.Activity.Targeted() && t.Shared() {
		m.Recipient = &t.Activity.From
	}
	_, err := t.deliver(ctx, t.ref, m, messageID)
	return err
}

// ReplyPrivately says something to the person alone. In a group or channel that
// is a message that only they see; where the tenant has none it goes to the
// personal chat, with one line in the channel.
func (t *Turn) ReplyPrivately(ctx context.Context, m teams.Message) error {
	if t.Personal() {
		_, err := t.Reply(ctx, m)
		return err
	}
	private := m
	private.Recipient = &t.Activity.From
	if t.Activity.Targeted() {
		private.Prompt = t.Origin
	}
	if _, err := private.Encode(t.ref); err != nil {
		return fmt.Errorf("private answer: %w", err)
	}
	if sent, err := t.sendNow(ctx, t.ref, private, ""); err == nil {
		t.server.Metrics.answered("sent")
		t.log().DebugContext(ctx, "answered privately", "message", sent)
		return nil
	}
	chat, err := t.personalChat(ctx)
	if err != nil {
		t.log().WarnContext(ctx, "no personal chat", "err", err)
		_, err := t.Reply(ctx, teams.Message{Text: t.Words.T("turn.no_personal"), TextFormat: teams.Plain})
		return err
	}
	if _, err := t.deliver(ctx, chat, m, ""); err != nil {
		return err
	}
	_, err = t.Reply(ctx, teams.Message{Text: t.Words.T("turn.answered_personally"), TextFormat: teams.Plain})
	return err
}

// personalChat is the person's own chat with the bot; it is created where none
// is known.
func (t *Turn) personalChat(ctx context.Context) (teams.Ref, error) {
	ref := t.ref
	ref.Kind = teams.Personal
	settings, err := t.server.Keeper.Settings(ctx, t.Person.ID)
	if err != nil {
		return ref, fmt.Errorf("find the personal chat: %w", err)
	}
	if settings.Personal != "" {
		ref.ConversationID = settings.Personal
		return ref, nil
	}
	ctx, cancel := context.WithDeadline(ctx, t.deadline)
	defer cancel()
	made, err := t.server.Connector.Create(ctx, ref.ServiceURL, teams.ConversationParameters{
		TenantID: ref.TenantID, BotID: ref.BotID, UserID: t.Activity.From.ID,
	})
	if err != nil {
		return ref, fmt.Errorf("create a personal chat: %w", err)
	}
	ref.ConversationID = made.ID
	if made.ServiceURL != "" && t.server.Hosts.Allowed(made.ServiceURL) == nil {
		ref.ServiceURL = made.ServiceURL
	}
	c := conversationOf(ref, t.At)
	c.Person = t.Person.ID
	if err := t.server.Keeper.Remember(ctx, c); err != nil {
		return ref, fmt.Errorf("remember the personal chat: %w", err)
	}
	return ref, nil
}

// deliver sends or updates, and leaves to the lane what Teams does not take now.
// The error is that the message can't be sent by anybody.
func (t *Turn) deliver(ctx context.Context, ref teams.Ref, m teams.Message, update string) (string, error) {
	body, err := m.Encode(ref)
	if err != nil {
		return "", fmt.Errorf("answer: %w", err)
	}
	left := ticket.Notice{
		Reason: ticket.Answer, To: ticket.Target{Conversation: ref.ConversationID}, Update: update,
		By: t.Person.ID, Body: body, ReplyTo: t.Origin,
	}
	if t.queued {
		return "", t.leave(ctx, left, 0)
	}
	id, err := t.sendNow(ctx, ref, m, update)
	var failure *teams.Error
	switch {
	case err == nil:
		t.server.Metrics.answered("sent")
		return id, nil
	case errors.As(err, &failure) && failure.Gone() && update != "":
		return t.deliver(ctx, ref, m, "")
	case errors.As(err, &failure) && failure.Final():
		t.server.Metrics.answered("lost")
		t.log().WarnContext(ctx, "the bot may not write here", "code", failure.Code, "status", failure.Status)
		return "", t.server.Keeper.MarkUnreachable(ctx, ref.ConversationID, failure.Code, t.server.now())
	case errors.As(err, &failure) && failure.Retryable():
		t.log().InfoContext(ctx, "answer joins the lane", "err", err)
		return "", t.leave(ctx, left, failure.RetryAfter)
	}
	t.server.Metrics.answered("lost")
	return "", err
}

// sendNow makes one attempt within the limits, and one more at the other host
// when Teams says that the conversation lives there. A wait that would be too
// long is an error like Teams' own.
func (t *Turn) sendNow(ctx context.Context, ref teams.Ref, m teams.Message, update string) (string, error) {
	ctx, cancel := context.WithDeadline(ctx, t.deadline)
	defer cancel()
	limits := &t.server.Limits
	if err := t.waitForPlace(ctx, ref); err != nil {
		return "", err
	}
	id, err := t.attempt(ctx, ref, m, update)
	var failure *teams.Error
	if !errors.As(err, &failure) {
		return id, err
	}
	if failure.RetryAfter > 0 {
		limits.Close(ref.ConversationID, t.server.now().Add(failure.RetryAfter))
	}
	if failure.WrongHost() && ref.ServiceURL != teams.GCCServiceURL {
		ref.ServiceURL = teams.GCCServiceURL
		if id, err = t.attempt(ctx, ref, m, update); err == nil {
			t.ref.ServiceURL = ref.ServiceURL
			err = t.server.Keeper.Remember(ctx, conversationOf(ref, t.At))
		}
	}
	return id, err
}

// waitForPlace takes a place under the limits, first this process's own, then
// those that all replicas and the lanes share, and waits for it.
func (t *Turn) waitForPlace(ctx context.Context, ref teams.Ref) error {
	s := t.server
	throttled := func(wait time.Duration) error {
		return &teams.Error{Op: "limit", Status: http.StatusTooManyRequests, RetryAfter: wait}
	}
	wait, ok := s.Limits.Reserve(ref.ConversationID, ref.TenantID, s.now(), patience)
	if !ok {
		return throttled(wait)
	}
	until := s.now().Add(patience)
	for {
		if err := s.pause(ctx, wait); err != nil {
			return throttled(0)
		}
		if s.Admit == nil {
			return nil
		}
		var err error
		if wait, ok, err = s.Admit(ctx, ref.ConversationID, ref.TenantID); err != nil {
			// This process's own limits hold all the same.
			t.log().WarnContext(ctx, "shared limits not asked", "err", err)
			return nil
		}
		if ok {
			break
		}
		if s.now().Add(wait).After(until) {
			return throttled(wait)
		}
	}
	if err := s.pause(ctx, wait); err != nil {
		return throttled(0)
	}
	return nil
}

func (t *Turn) attempt(ctx context.Context, ref teams.Ref, m teams.Message, update string) (string, error) {
	switch {
	case update != "":
		return update, t.server.Connector.Update(ctx, ref, update, m)
	case m.Recipient != nil:
		return t.server.Connector.SendTargeted(ctx, ref, *m.Recipient, m)
	}
	return t.server.Connector.Send(ctx, ref, m)
}

// leave puts an answer into its lane, where it is of use for a minute after it
// may be sent.
func (t *Turn) leave(ctx context.Context, n ticket.Notice, after time.Duration) error {
	now := t.server.now()
	n.Created = now
	if after > 0 {
		n.NotBefore = now.Add(after)
	}
	n.Expires = now.Add(after + answerLife)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepLimit)
	defer cancel()
	if err := t.server.Leave(ctx, n); err != nil {
		t.server.Metrics.answered("lost")
		return fmt.Errorf("leave an answer to its lane: %w", err)
	}
	t.queued = true
	t.server.Metrics.answered("queued")
	return nil
}

func (t *Turn) log() *slog.Logger { return t.server.log().With("activity", t.Origin) }

func (s *Server) pause(ctx context.Context, d time.Duration) error {
	if s.Pause != nil {
		return s.Pause(ctx, d)
	}
	return pause(ctx, d)
}

// pause waits, unless the turn ends before.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func conversationOf(ref teams.Ref, seen time.Time) Conversation {
	return Conversation{
		ID: ref.ConversationID, Tenant: ref.TenantID, Kind: ref.Kind, ServiceURL: ref.ServiceURL,
		BotID: ref.BotID, BotName: ref.BotName, Seen: seen,
	}
}
