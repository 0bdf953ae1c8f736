package dialogs

import (
	"context"

	"onbehalf/bot"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// The intake as a dialog: the same form, steps and cards as in the chat, seen by its person
// alone. Teams says nothing when a dialog is closed, so the form waits for "new", or for the
// dialog to be opened again.

// knownActions are the actions of the message extension, by their ids in the app package:
// on a message, and in the compose and command boxes.
var knownActions = map[string]bool{"file": true, "new": true}

// startDialog opens the form in a dialog, filled from the message that it is opened on.
// Where the person has another unfinished one it asks which.
func (d *Dialogs) startDialog(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	begun, open := beginning(t, press), t.Session.Draft
	switch {
	case open != nil && (open.Form == press.Data.String("form") || sameSource(open.Source, begun.Source) || addedFor(t, open)):
		return d.answerAsItIs(ctx, t, open, wrongOnly)
	case open != nil:
		if open.Next == nil && begun.Source != nil {
			open.Next = &begun
			open.Version++
			t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.UpdateDraft(ctx, open) })
		}
		return t.AnswerCard(shown(cards.ResumeForm(*open, "", t.Words)))
	}
	draft, check, err := d.newDraft(ctx, t, begun.Answers)
	if err != nil {
		return err
	}
	if draft.Source = begun.Source; draft.Source == nil && t.Elsewhere() {
		draft.Source = &request.Source{Conversation: t.Activity.Conversation.ID}
	}
	if t.Elsewhere() && !justAdded(t, press) {
		return t.AnswerCard(shown(cards.AddHere(*draft, t.Words)))
	}
	return d.answerForm(ctx, t, draft, check, wrongOnly)
}

// justAdded says whether the press is what Teams sends after it was to add the bot to the
// conversation. Where the bot is still not there, Teams needs some seconds more.
func justAdded(t *bot.Turn, press teams.CardAction) bool {
	return t.Activity.Name == teams.InvokeExtensionSubmit && press.Extension.Fetch
}

// Absent offers to add the bot. The form begins once it is there; until then what it takes
// from the message goes along in the button.
func (d *Dialogs) Absent(_ context.Context, t *bot.Turn, press teams.CardAction) error {
	if !knownActions[press.Extension.CommandID] {
		return d.forged(t)
	}
	return t.AnswerCard(shown(cards.AddFirst(beginning(t, press), justAdded(t, press), t.Words)))
}

// sameSource says whether two forms are about the same message.
func sameSource(a, b *request.Source) bool {
	return a != nil && b != nil && a.Message != "" && a.Message == b.Message
}

// addedFor says whether the bot was just added to a conversation for this form.
func addedFor(t *bot.Turn, open *intake.Draft) bool {
	return t.Activity.Name == teams.InvokeExtensionSubmit && open.Source != nil &&
		request.SameConversation(open.Source.Conversation, t.Activity.Conversation.ID)
}

// place decides where the card of what a dialog of the extension files goes: below the
// message that it was made from, else where the person acts; where the bot is not, to their
// own chat.
func (d *Dialogs) place(t *bot.Turn, p formPress) {
	if p.Extension == nil {
		return
	}
	home := request.Place{Conversation: t.Conversation(), Personal: t.Personal()}
	if from := p.draft.Source; from != nil && request.SameConversation(from.Conversation, home.Conversation) {
		home.Conversation = from.Conversation
	}
	if p.draft.Home = &home; home.Conversation != p.draft.Conversation && t.Session.FormMessage != "" {
		t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.Unpost(ctx, request.Handle(p.draft.Form)) })
	}
}
