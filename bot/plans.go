package bot

import (
	"context"
	"errors"
	"net/http"

	"onbehalf/bot/outbox"
	"onbehalf/bot/teams"
)

// message plans what somebody typed or pressed.
func (s *Server) message(ctx context.Context, t *Turn) error {
	if t.Activity.IsCardAction() {
		press, err := t.Activity.CardAction()
		if err != nil {
			return t.forged(ctx, err)
		}
		t.Press = &press
	}
	if welcome, err := s.welcome(ctx, t); err != nil || !welcome {
		return err
	}
	if t.Press != nil {
		return s.Handler.Press(ctx, t, *t.Press)
	}
	return s.Handler.Message(ctx, t)
}

// forged answers a press of a shape that no card of ours sends.
func (t *Turn) forged(ctx context.Context, err error) error {
	t.server.log().InfoContext(ctx, "press refused", "activity", t.Origin, "err", err)
	if !t.IsInvoke() {
		return nil
	}
	code := "BadRequest"
	if errors.Is(err, teams.ErrNotSupported) {
		code = "NotSupported"
	}
	sentence := t.Words.T("turn.forged", "at", t.Words.Front())
	answer := teams.ErrorAnswer(http.StatusBadRequest, code, sentence)
	switch {
	case t.Dialog():
		answer = teams.DialogMessage(sentence)
	case t.Activity.Name == teams.InvokeExtensionQuery:
		answer = teams.ExtensionMessage(t.Words.T("turn.no_match"))
	}
	t.answer = &answer
	return nil
}

func (s *Server) search(ctx context.Context, t *Turn) error {
	q, err := t.Activity.SearchQuery()
	if err != nil {
		return t.forged(ctx, err)
	}
	var found []teams.Choice
	welcome, err := s.welcome(ctx, t)
	if err == nil && welcome {
		found, err = s.Handler.Search(ctx, t, q)
	}
	answer := teams.SearchAnswer(found)
	t.answer = &answer
	return err
}

func (s *Server) extension(ctx context.Context, t *Turn) error {
	q, err := t.Activity.ExtensionQuery()
	if err != nil {
		return t.forged(ctx, err)
	}
	welcome, err := s.welcome(ctx, t)
	if err != nil || !welcome {
		return err
	}
	found, err := s.Handler.Extension(ctx, t, q)
	if err != nil {
		return err
	}
	answer := teams.ExtensionAnswer(found)
	if len(found) == 0 {
		answer = teams.ExtensionMessage(t.Words.T("turn.no_match"))
	}
	t.answer = &answer
	return nil
}

// fileConsent plans what comes of a file that was offered. The answer to the invoke is
// empty: what there is to say is a message.
func (s *Server) fileConsent(ctx context.Context, t *Turn) error {
	answer := teams.NoAnswer()
	t.answer = &answer
	consent, err := t.Activity.FileConsent()
	if err != nil {
		s.log().InfoContext(ctx, "consent refused", "activity", t.Origin, "err", err)
		return nil
	}
	welcome, err := s.welcome(ctx, t)
	if err != nil || !welcome {
		return err
	}
	return s.Handler.File(ctx, t, consent)
}

// unfurl answers a link in a message. Whoever may not know that it leads to a request,
// and everybody while they cannot be looked up, keeps the link as it is.
func (s *Server) unfurl(ctx context.Context, t *Turn) error {
	answer := teams.NoAnswer()
	t.answer = &answer
	address, err := t.Activity.LinkQuery()
	if err != nil {
		s.log().InfoContext(ctx, "link refused", "activity", t.Origin, "err", err)
		return nil
	}
	welcome, err := s.welcome(ctx, t)
	if err != nil || !welcome {
		return err
	}
	found, err := s.Handler.Link(ctx, t, address)
	if err != nil || found == nil {
		return err
	}
	answer = teams.LinkAnswer(*found)
	return nil
}

// welcome finds out who the person is, and says whether the turn may go on.
// Strangers get one sentence, and nothing but the help; so does everybody while
// nobody can be looked up.
func (s *Server) welcome(ctx context.Context, t *Turn) (bool, error) {
	who := t.identify(ctx)
	switch {
	case errors.Is(who, errSomebodyElse):
		if err := t.readAgain(ctx); err != nil {
			return false, err
		}
		t.keepNew()
		return true, nil
	case who == nil:
		t.keepNew()
		return true, nil
	case !errors.Is(who, errStranger) && !errors.Is(who, errNoLookup):
		return false, who
	case t.Activity.Extends() && botMissing(who):
		s.log().InfoContext(ctx, "turn refused", "activity", t.Origin, "err", who)
		return false, s.absent(ctx, t)
	case s.Handler.Free(t):
		return true, nil
	}
	s.log().InfoContext(ctx, "turn refused", "activity", t.Origin, "err", who)
	sentence := t.Words.T("turn.stranger")
	if errors.Is(who, errNoLookup) {
		sentence = t.Words.T("turn.no_lookup")
	}
	return false, t.turnAway(sentence)
}

// readAgain reads the session of somebody whom the activity names by another id.
func (t *Turn) readAgain(ctx context.Context) error {
	key := SessionKey{Delivery: t.delivery(), Tenant: t.ref.TenantID, Form: t.form()}
	session, err := t.server.Store.Session(ctx, key)
	if err != nil {
		return err
	}
	t.Session, t.Reader = session, session.Reader
	t.readWords()
	return nil
}

// turnAway says the one sentence where nothing else may be said.
func (t *Turn) turnAway(sentence string) error {
	var answer teams.InvokeResponse
	switch t.Activity.Name {
	case teams.InvokeExtensionQuery:
		answer = teams.ExtensionMessage(sentence)
	case teams.InvokeSearch:
		answer = teams.SearchAnswer(nil)
	case teams.InvokeLink:
		answer = teams.NoAnswer()
	default:
		if t.IsInvoke() {
			return t.AnswerText(sentence)
		}
		return t.Reply(teams.Message{Text: sentence, TextFormat: teams.Plain})
	}
	t.answer = &answer
	return nil
}

func (t *Turn) conversation() outbox.Conversation {
	c := outbox.ConversationAt(t.ref, t.At)
	c.Channel, c.Team = t.Activity.TeamChannelID(), t.Activity.ChannelData.Team.ID
	if t.Personal() && t.Activity.From.ID != t.Activity.Recipient.ID {
		c.Person = t.Person.ID
	}
	return c
}

// moved plans what the coming and going of the bot, and of channels and teams, means.
// Teams announces an install twice, and it is greeted once; nothing is sent to where the
// bot is not any more. What happens to one channel says nothing of its team.
func (s *Server) moved(_ context.Context, t *Turn) error {
	a := t.Activity
	switch {
	case a.BotRemoved() && a.Upgraded(): // it comes back at once
	case a.BotRemoved():
		if here := t.conversation(); a.IsChannel() { // whose threads alone may be known: a new one begins in the channel
			t.Do(func(ctx context.Context, tx Tx) error { return tx.Remember(ctx, here) })
		}
		gone := []string{t.Conversation()}
		if a.BotLeftTeam() {
			gone = append(gone, a.ChannelData.Team.ID)
		}
		for _, id := range gone {
			t.Do(func(ctx context.Context, tx Tx) error { return tx.Forget(ctx, id, t.At) })
		}
	case a.Deleted() != "":
		t.Do(func(ctx context.Context, tx Tx) error { return tx.Forget(ctx, a.Deleted(), t.At) })
	case a.Restored() != "":
		t.Do(func(ctx context.Context, tx Tx) error { return tx.Recall(ctx, a.Restored()) })
	default:
		s.added(t)
	}
	return nil
}

// added greets where the bot came to. A team is greeted once, in whichever of its
// channels; a private or shared channel, which has readers of its own, for itself.
func (s *Server) added(t *Turn) {
	c := t.conversation()
	if team := c.Team; team != "" && team != c.ID && !t.Activity.AddedToChannel() {
		here := c
		t.Do(func(ctx context.Context, tx Tx) error { return tx.Remember(ctx, here) })
		c.ID, c.Channel = team, team
	}
	t.Do(func(ctx context.Context, tx Tx) error {
		greet, err := tx.Greet(ctx, c)
		if err != nil || !greet {
			return err
		}
		// After a removal the threads and channels of before are there again. Where the bot
		// still is not, Teams refuses the next message, and that counts.
		if err := tx.Recall(ctx, c.ID); err != nil {
			return err
		}
		return s.Handler.Installed(ctx, t)
	})
}
