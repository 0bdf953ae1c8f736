package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/teams"
)

// dispatch answers an activity that may come in. What is not known is taken and
// ignored; an edited message is never run again.
func (s *Server) dispatch(ctx context.Context, a *teams.Activity) teams.InvokeResponse {
	t := s.newTurn(a)
	switch a.Type {
	case teams.TypeMessage:
		if t.Shared() && !a.MentionsBot() && !a.Targeted() && !a.IsCardAction() {
			return t.response() // not for us
		}
		return s.once(ctx, t, s.message)
	case teams.TypeInvoke:
		return s.invoke(ctx, t)
	case teams.TypeInstallationUpdate, teams.TypeConversationUpdate:
		return s.guard(ctx, t, s.moved)
	}
	return t.response()
}

func (s *Server) newTurn(a *teams.Activity) *Turn {
	now := s.now()
	t := &Turn{
		Activity: a, Person: personOf(a.From), Text: a.SpokenText(), Origin: a.ID, At: now,
		server: s, ref: a.Ref(),
	}
	t.Speak(i18n.Match(a.Language()), a.Zone())
	return t
}

// invoke runs an invoke by its name. Those that only read are not claimed: they
// come with every letter that somebody types, and from every client that shows a
// card again.
func (s *Server) invoke(ctx context.Context, t *Turn) teams.InvokeResponse {
	switch t.Activity.Name {
	case teams.InvokeCardAction:
		if press, err := t.Activity.CardAction(); err == nil && press.Automatic {
			return s.guard(ctx, t, s.message)
		}
		return s.once(ctx, t, s.message)
	case teams.InvokeSearch:
		return s.guard(ctx, t, s.search)
	case teams.InvokeExtensionQuery:
		return s.guard(ctx, t, s.extension)
	}
	return teams.NotImplemented()
}

// once runs a turn that may be delivered several times: the first delivery runs
// it, the others get its answer.
func (s *Server) once(ctx context.Context, t *Turn, run func(context.Context, *Turn) error) teams.InvokeResponse {
	if t.Origin == "" { // nothing to tell two deliveries apart by
		return s.guard(ctx, t, run)
	}
	d := t.delivery()
	claim, err := s.claim(ctx, d)
	if err != nil {
		s.log().ErrorContext(ctx, "turn cannot be claimed", "activity", t.Origin, "err", err)
		return teams.InvokeResponse{Status: http.StatusServiceUnavailable}
	}
	if claim.State == ClaimDone {
		return teams.StoredAnswer(claim.Answer.Status, claim.Answer.Body)
	}
	answer := s.guard(ctx, t, run)
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepLimit)
	defer cancel()
	if answer.Status == http.StatusServiceUnavailable {
		if err := s.Keeper.ReleaseTurn(keep, d); err != nil {
			s.log().WarnContext(ctx, "turn cannot be given back", "activity", t.Origin, "err", err)
		}
		return answer
	}
	body, err := answer.Encode()
	if err == nil {
		err = s.Keeper.FinishTurn(keep, d, StoredAnswer{answer.Status, body}, s.now())
	}
	if err != nil { // the work itself is kept, and safe against a second run by its own keys
		s.log().ErrorContext(ctx, "answer cannot be kept", "activity", t.Origin, "err", err)
	}
	return answer
}

// claimPause is how often a delivery looks whether the other one has ended.
const claimPause = 100 * time.Millisecond

// claim takes the turn, or waits for the one who has it. When that one died, the
// claim falls to us after its lease.
func (s *Server) claim(ctx context.Context, d Delivery) (Claim, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ClaimLease+keepLimit)
	defer cancel()
	for {
		claim, err := s.Keeper.ClaimTurn(ctx, d)
		if err != nil || claim.State != ClaimRunning {
			return claim, err
		}
		if err := pause(ctx, claimPause); err != nil {
			return Claim{}, fmt.Errorf("wait for the other delivery: %w", err)
		}
		d.At = s.now()
	}
}

func (t *Turn) delivery() Delivery {
	d := Delivery{Conversation: t.Activity.Conversation.ID, Activity: t.Origin, Person: t.Person.ID, At: t.At}
	if t.Activity.Type == teams.TypeMessage && t.Text != "" {
		digest := sha256.Sum256([]byte(t.Text))
		d.Said = hex.EncodeToString(digest[:])
	}
	return d
}

// guard runs a turn within its limit, also when the caller hangs up meanwhile,
// and makes an answer of whatever comes of it. A database that
// is away is 503, so that Teams delivers again; everything else that nobody
// foresaw, panics too, is logged in full and answered with a reference.
func (s *Server) guard(ctx context.Context, t *Turn, run func(context.Context, *Turn) error) (answer teams.InvokeResponse) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), TurnLimit)
	defer cancel()
	t.deadline = time.Now().Add(TurnLimit - sendMargin)
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return run(ctx, t)
	}()
	if err == nil {
		return t.response()
	}
	if away := s.ping(ctx); away != nil {
		s.log().ErrorContext(ctx, "the database cannot be reached", "activity", t.Origin, "err", err)
		return teams.InvokeResponse{Status: http.StatusServiceUnavailable}
	}
	reference := referenceOf(t)
	s.log().ErrorContext(ctx, "turn failed", "activity", t.Origin, "reference", reference, "err", err)
	return s.fault(ctx, t, t.Words.T("turn.fault", "reference", reference))
}

// fault tells the person that something of ours broke.
func (s *Server) fault(ctx context.Context, t *Turn, sentence string) teams.InvokeResponse {
	switch t.Activity.Type {
	case teams.TypeInvoke:
		if t.Activity.Name == teams.InvokeExtensionQuery {
			return teams.ExtensionMessage(sentence)
		}
		return teams.ErrorAnswer(http.StatusInternalServerError, "ServiceError", sentence)
	case teams.TypeMessage:
		later, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepLimit)
		defer cancel()
		t.deadline = time.Now().Add(keepLimit)
		if _, err := t.Reply(later, teams.Message{Text: sentence, TextFormat: teams.Plain}); err != nil {
			s.log().WarnContext(ctx, "the fault cannot be told", "activity", t.Origin, "err", err)
		}
	}
	return teams.InvokeResponse{Status: http.StatusInternalServerError}
}

// referenceOf is what a person can name to the operator: short, and to be found
// in the log.
func referenceOf(t *Turn) string {
	digest := sha256.Sum256([]byte(t.Activity.Conversation.ID + "\x00" + t.Origin + t.At.String()))
	return strings.ToUpper(hex.EncodeToString(digest[:4]))
}

// message runs what somebody typed or pressed. What only reads leaves no trace of
// where it came from: searches from the compose box come from conversations that
// the bot is not in.
func (s *Server) message(ctx context.Context, t *Turn) error {
	if t.Activity.IsCardAction() {
		press, err := t.Activity.CardAction()
		if err != nil {
			return t.forged(ctx, err)
		}
		t.Press = &press
	}
	if t.Press == nil || !t.Press.Automatic {
		if err := s.Keeper.Remember(ctx, t.conversation()); err != nil {
			return fmt.Errorf("remember the conversation: %w", err)
		}
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
	t.log().InfoContext(ctx, "press refused", "err", err)
	if !t.IsInvoke() {
		return nil
	}
	code := "BadRequest"
	if errors.Is(err, teams.ErrNotSupported) {
		code = "NotSupported"
	}
	answer := teams.ErrorAnswer(http.StatusBadRequest, code, t.Words.T("turn.forged"))
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

// welcome finds out who the person is, and says whether the turn may go on.
// Strangers get one sentence, and nothing but the help; so does everybody while
// nobody can be looked up.
func (s *Server) welcome(ctx context.Context, t *Turn) (bool, error) {
	who := t.identify(ctx)
	if err := t.settle(ctx); err != nil {
		return false, err
	}
	switch {
	case who == nil:
		return true, nil
	case !errors.Is(who, errStranger) && !errors.Is(who, errNoLookup):
		return false, who
	case s.Handler.Free(t):
		return true, nil
	}
	s.log().InfoContext(ctx, "turn refused", "activity", t.Origin, "err", who)
	sentence := t.Words.T("turn.stranger")
	if errors.Is(who, errNoLookup) {
		sentence = t.Words.T("turn.no_lookup")
	}
	return false, t.turnAway(ctx, sentence)
}

// turnAway says the one sentence where nothing else may be said.
func (t *Turn) turnAway(ctx context.Context, sentence string) error {
	var answer teams.InvokeResponse
	switch t.Activity.Name {
	case teams.InvokeExtensionQuery:
		answer = teams.ExtensionMessage(sentence)
	case teams.InvokeSearch:
		answer = teams.SearchAnswer(nil)
	default:
		if t.IsInvoke() {
			return t.AnswerText(ctx, sentence)
		}
		_, err := t.Reply(ctx, teams.Message{Text: sentence, TextFormat: teams.Plain})
		return err
	}
	t.answer = &answer
	return nil
}

func (t *Turn) conversation() Conversation {
	c := conversationOf(t.ref, t.At)
	c.Channel = t.Activity.TeamChannelID()
	if t.Personal() && t.Activity.From.ID != t.Activity.Recipient.ID {
		c.Person = t.Person.ID
	}
	return c
}

// moved is told that the bot, or somebody, came or went. Teams announces an
// install twice, and it is greeted once.
func (s *Server) moved(ctx context.Context, t *Turn) error {
	switch {
	case t.Activity.BotRemoved():
		for _, id := range []string{t.Conversation(), t.Activity.ChannelData.Team.ID} {
			if id == "" {
				continue
			}
			if err := s.Keeper.Forget(ctx, id, t.At); err != nil {
				return fmt.Errorf("forget the conversation: %w", err)
			}
		}
	case t.Activity.BotAdded():
		if selected := t.Activity.ChannelData.Settings.SelectedChannel.ID; selected != "" && t.Activity.IsChannel() {
			t.ref.ConversationID = selected
		}
		if err := t.settle(ctx); err != nil {
			return err
		}
		greet, err := s.greet(ctx, t)
		if err != nil {
			return fmt.Errorf("greet: %w", err)
		}
		if greet {
			return s.Handler.Installed(ctx, t)
		}
	}
	return nil
}

// greet says whether the conversation is still to be greeted. A team is greeted
// once, in whichever of its channels.
func (s *Server) greet(ctx context.Context, t *Turn) (bool, error) {
	c := t.conversation()
	if team := t.Activity.ChannelData.Team.ID; team != "" && team != c.ID {
		if err := s.Keeper.Remember(ctx, c); err != nil {
			return false, err
		}
		c.ID, c.Channel = team, team
	}
	return s.Keeper.Greet(ctx, c)
}
