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
	if t.ref.ConversationID == "" {
		return t.AnswerText(t.Words.T("turn.no_chat"))
	}
	return s.message(ctx, t)
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

// botIsHere says whether the bot is in the conversation. Where nothing was heard from it,
// Teams is asked for the person who acts: only of the bot's own conversations does it tell.
func (t *Turn) botIsHere(ctx context.Context) bool {
	known := t.Session.Conversation
	switch {
	case t.ref.ConversationID == "":
		return false
	case known != nil && known.Reach == outbox.Reachable:
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	_, err := t.server.Connector.Member(ctx, t.ref, t.Activity.From.ID)
	var failure *teams.Error
	return err == nil || errors.As(err, &failure) && failure.MemberMissing() // a stranger, whom welcome turns away
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
