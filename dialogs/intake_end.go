package dialogs

import (
	"context"
	"errors"

	"onbehalf/bot"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/cards"
)

// resume goes on with the form where it stands. In a personal chat the message
// that was pressed becomes the form's message, so that the ticket's card appears
// where the person works; elsewhere the form's own message is known to everybody.
func (d *Dialogs) resume(ctx context.Context, t *bot.Turn, p formPress) (intake.Check, error) {
	check, err := d.intake().Check(ctx, t.Reader, *p.draft)
	if err != nil {
		return check, err
	}
	if p.MessageID != "" && p.MessageID != t.Session.FormMessage && t.Personal() {
		d.moveTo(t, p.draft, p.MessageID)
		if err := leave(t, t.Session.FormMessage); err != nil {
			return check, err
		}
	}
	return check, d.answerForm(ctx, t, p.draft, check, unmarked)
}

// restart throws the form away and starts another one in its place: with the line that
// asked for it, or empty.
func (d *Dialogs) restart(ctx context.Context, t *bot.Turn, p formPress) (intake.Check, error) {
	t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.DropDraft(ctx, p.draft.Form) })
	slots, _, err := d.newArguments(ctx, t, p.Data.String("line"))
	if err != nil {
		return intake.Check{}, err
	}
	var source *request.Source
	if next := p.draft.Next; next != nil {
		slots, source = next.Answers, next.Source
	}
	home := request.Place{Conversation: p.draft.Conversation, Personal: p.draft.Personal}
	draft, check, err := d.intake().NewDraft(ctx, t.Reader, t.Person, home, t.Words.Lang(), t.Zone, t.Session.Contact, slots)
	if err != nil {
		return check, err
	}
	draft.Source = source
	t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.InsertDraft(ctx, draft) })
	message := t.Session.FormMessage
	if t.Personal() && p.MessageID != "" && p.MessageID != message {
		if err := leave(t, message); err != nil {
			return check, err
		}
		message = p.MessageID
	}
	if draft.Conversation == t.Conversation() {
		d.moveTo(t, draft, message)
	}
	return check, d.answerForm(ctx, t, draft, check, wrongOnly)
}

// leave closes the message that a form moved away from: two that look alike, and
// what is typed into the older one is lost.
func leave(t *bot.Turn, message string) error {
	if message == "" {
		return nil
	}
	return t.Reply(shown(cards.FormBelow(t.Words)), bot.Over(message))
}

// cancel ends the form. Nothing of it is kept, and its message says so to
// everybody.
func (d *Dialogs) cancel(_ context.Context, t *bot.Turn, p formPress) (intake.Check, error) {
	if err := d.drop(t, p.draft); err != nil {
		return intake.Check{}, err
	}
	if t.Dialog() {
		t.CloseDialog()
		return intake.Check{}, nil
	}
	return intake.Check{}, t.AnswerCard(shown(cards.FormCancelled(t.Words)))
}

// drop forgets a form, and says so in its message, where there is one.
func (d *Dialogs) drop(t *bot.Turn, draft *intake.Draft) error {
	t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.DropDraft(ctx, draft.Form) })
	if draft.Conversation != t.Conversation() {
		return nil
	}
	if err := closeOwnCard(t, draft.Form, cards.FormCancelled(t.Words)); err != nil || (t.Shared() || t.Dialog()) && t.Session.FormMessage == "" {
		return err
	}
	return t.Reply(shown(cards.FormCancelled(t.Words)), bot.Showing(request.Handle(draft.Form)))
}

// submit opens the ticket. The same form opens one, however often and wherever it
// arrives; the answer is the ticket's card. On another step than the review, where
// nobody has seen what will be filed, it only goes on.
func (d *Dialogs) submit(ctx context.Context, t *bot.Turn, p formPress) (intake.Check, error) {
	if p.draft.Step != intake.StepReview {
		return d.next(ctx, t, p)
	}
	d.place(t, p)
	d.do(t, func(ctx context.Context, tx bot.Tx) error {
		opened, entry, err := d.open(ctx, tx, t, p.draft)
		if err != nil || opened == nil {
			return err
		}
		if err := closeOwnCard(t, p.draft.Form, cards.FormFiled(opened.Number, t.Words)); err != nil {
			return err
		}
		if t.Dialog() {
			return t.AnswerText(cards.Filed(*opened, t.Words))
		}
		return t.AnswerCard(shown(cards.Ticket(d.viewWith(t, opened, []request.Event{*entry}), t.Words)))
	})
	return intake.Check{}, nil
}

// open files the form. With something missing or wrong it answers with the step
// where that is, and gives no ticket.
func (d *Dialogs) open(ctx context.Context, tx bot.Tx, t *bot.Turn, draft *intake.Draft) (*request.Ticket, *request.Event, error) {
	opened, entry, err := d.intake().Open(ctx, tx, t.Person, draft, t.Session.Contact, t.Origin)
	var (
		invalid *request.Invalid
		outside *intake.OutOfScope
	)
	switch {
	case errors.As(err, &invalid), errors.As(err, &outside):
		check, err := d.intake().Check(ctx, tx, *draft)
		if err != nil {
			return nil, nil, err
		}
		draft.Step = check.Next
		return nil, nil, d.keep(ctx, t, draft, check, all)
	case err != nil:
		return nil, nil, err
	}
	t.AfterCommit(func() {
		d.Metrics.TicketOpened(string(opened.Severity))
		d.Desk.Recent.Put(opened, []request.Event{*entry}, d.Desk.Now())
	})
	return opened, entry, nil
}
