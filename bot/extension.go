package bot

import (
	"context"
	"errors"

	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
)

// extensionAction plans an action of the message extension: a form that is opened from a
// message, the compose box or the command box, and every press in it. People use the
// extension wherever they write, also where the bot is not.
func (s *Server) extensionAction(ctx context.Context, t *Turn) error {
	press, err := t.Activity.CardAction()
	if err != nil {
		return t.forged(ctx, err)
	}
	if err := t.locate(ctx, press); err != nil {
		return err
	}
	if own := t.Session.Conversation; t.ref.ConversationID == "" || t.elsewhere && own != nil && own.Reach != outbox.Reachable {
		t.Press = &press
		return s.absent(ctx, t)
	}
	return s.message(ctx, t)
}

// absent answers what the message extension sends from where the bot is not, of a person
// without a chat of their own with it: nobody tells who they are. What opens a dialog is
// answered with the way to add the bot, everything else with one sentence.
func (s *Server) absent(ctx context.Context, t *Turn) error {
	if press := t.Press; t.elsewhere && press != nil && press.Extension != nil && press.Extension.Fetch {
		return s.Handler.Absent(ctx, t, *press)
	}
	return t.turnAway(t.Words.T("turn.no_chat"))
}

// locate finds the conversation that the turn belongs to: the one it comes from where the
// bot is in it, else the person's own chat with the bot, empty where there is none.
func (t *Turn) locate(ctx context.Context, press teams.CardAction) error {
	if t.botIsHere(ctx) {
		t.reads = false
		return t.resumeAfterInstall(ctx, press)
	}
	t.elsewhere = t.ref.ConversationID != ""
	t.ref.ConversationID, t.ref.Kind = t.Session.Settings.Personal, teams.Personal
	return t.readAgain(ctx)
}

// botIsHere says whether the bot is in the conversation. Where nothing was heard from it
// for an hour, Teams is asked for the person who acts: only of the bot's own conversations
// does it tell, and it may have been taken out without a word. While Teams cannot say, what
// was last known counts.
func (t *Turn) botIsHere(ctx context.Context) bool {
	if t.ref.ConversationID == "" {
		return false
	}
	known := t.Session.Conversation
	reachable := known != nil && known.Reach == outbox.Reachable
	if reachable && t.At.Sub(known.Seen).Abs() < memberLife {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	_, err := t.server.Connector.Member(ctx, t.ref, t.Activity.From.ID)
	var failure *teams.Error
	switch {
	case err == nil, errors.As(err, &failure) && failure.MemberMissing(): // a stranger, whom welcome turns away
		return true
	case botMissing(err):
		return false
	}
	return reachable
}

// botMissing reports that the bot is not in the conversation that Teams was asked about, or
// that there was none to ask about.
func botMissing(err error) bool {
	var failure *teams.Error
	return errors.Is(err, errNowhere) || errors.As(err, &failure) && (failure.NotInstalled() || failure.ConversationGone())
}

// resumeAfterInstall goes on with the form that was begun in the person's own chat while
// the bot was not here yet: what Teams sends after the bot was added may name no form.
func (t *Turn) resumeAfterInstall(ctx context.Context, press teams.CardAction) error {
	personal := t.Session.Settings.Personal
	if t.Activity.Name != teams.InvokeExtensionSubmit || !press.Extension.Fetch || t.Session.Draft != nil || personal == "" {
		return nil
	}
	key := SessionKey{Delivery: t.delivery(), Tenant: t.ref.TenantID}
	key.Conversation = personal
	there, err := t.server.Store.Session(ctx, key)
	if err != nil {
		return err
	}
	if d := there.Draft; d != nil && d.Source != nil && request.SameConversation(d.Source.Conversation, t.ref.ConversationID) {
		t.Session.Draft, t.Session.FormMessage = d, there.FormMessage
	}
	return nil
}

// Elsewhere says that the turn comes from a conversation that the bot is not in, so that it
// belongs to the person's own chat.
func (t *Turn) Elsewhere() bool { return t.elsewhere }
