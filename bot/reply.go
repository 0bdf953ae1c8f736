package bot

import (
	"context"
	"fmt"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
)

// Connector is what a turn asks Teams while it is planned. teams.Connector is the real
// one.
type Connector interface {
	Member(ctx context.Context, ref teams.Ref, userID string) (teams.Member, error)
	Members(ctx context.Context, ref teams.Ref, token string) ([]teams.Member, string, error)
	Upload(ctx context.Context, address string, content []byte) error
}

// answerLife is how many minutes an answer that could not be sent at once is of use.
const answerLife = TurnKept

// Option says more about a message.
type Option func(*outbox.Message)

// Showing makes a message the one under a handle: it replaces the one before, for
// everybody who sees that, or is posted where there is none. So it never shows what
// somebody typed into a form where others read.
func Showing(handle string) Option { return func(m *outbox.Message) { m.Handle = handle } }

// IfThere drops a message that would be the first one under its handle.
func IfThere() Option { return func(m *outbox.Message) { m.Kind = outbox.QuietKind } }

// State says which revision a message shows, so that nothing older replaces it, and
// the same not again.
func State(revision int) Option { return func(m *outbox.Message) { m.Revision = revision } }

// Over replaces one of the bot's messages in this conversation.
func Over(activity string) Option { return func(m *outbox.Message) { m.Update = activity } }

// About says which request a message is about, so that it keeps its place among the
// others about it.
func About(n request.Number) Option { return func(m *outbox.Message) { m.Ticket = int64(n) } }

// Reply leaves a message where the person spoke: in a channel in the thread, and where
// the person alone saw the question, to that person alone, in their own chat where Teams
// does not do that here. It is sent right after the commit.
func (t *Turn) Reply(m teams.Message, options ...Option) error {
	left := t.message(options)
	if t.Activity.Targeted() && t.Shared() {
		left.Targeted = true
		if left.Update == "" { // the update of a targeted message names no recipient
			m.Recipient, m.Prompt = &t.Activity.From, t.Origin
			noWayOut, err := t.line("turn.no_personal")
			if err != nil {
				return err
			}
			left.Otherwise = &outbox.Otherwise{To: t.ownChat(), NoWayOut: noWayOut}
		}
	}
	return t.leave(left, m)
}

// ReplyPrivately says something to the person alone. In a group or channel that is a
// message that only they see; where Teams has none it goes to the personal chat, with
// one line in the channel.
func (t *Turn) ReplyPrivately(m teams.Message, options ...Option) error {
	if t.Personal() {
		return t.Reply(m, options...)
	}
	told, err := t.line("turn.answered_personally")
	if err != nil {
		return err
	}
	noWayOut, err := t.line("turn.no_personal")
	if err != nil {
		return err
	}
	left := t.message(options)
	left.Targeted = true
	left.Otherwise = &outbox.Otherwise{
		To: t.ownChat(), Told: told, NoWayOut: noWayOut,
	}
	m.Recipient = &t.Activity.From
	if t.Activity.Targeted() {
		m.Prompt = t.Origin
	}
	return t.leave(left, m)
}

// ownChat is the chat of whoever spoke with the bot, which may have to be created.
func (t *Turn) ownChat() outbox.Target {
	return outbox.Target{Person: t.Person.ID, Account: t.Activity.From.ID, Tenant: t.Person.Tenant}
}

func (t *Turn) line(key string) ([]byte, error) {
	return teams.Message{Text: t.Words.T(key), TextFormat: teams.Plain}.Encode()
}

// message is an answer to this turn, still without its words.
func (t *Turn) message(options []Option) outbox.Message {
	ref := t.ref
	left := outbox.Message{
		To: outbox.Target{Conversation: ref.ConversationID}, Rank: outbox.Answer, Kind: outbox.AnswerKind,
		Created: t.At, Expires: t.At.Add(answerLife), Ref: &ref,
	}
	if t.Personal() {
		left.To.Person = t.Person.ID
	}
	for _, option := range options {
		option(&left)
	}
	return left
}

func (t *Turn) leave(left outbox.Message, m teams.Message) error {
	body, err := m.Encode()
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	left.Body = body
	t.left = append(t.left, left)
	return nil
}
