package dialogs

import (
	"context"
	"errors"

	"onbehalf/bot"
	"onbehalf/bot/ticket"
	"onbehalf/cards"
)

// typedAnswer takes a line that is no command as the answer to the form's open
// question.
func (d *Dialogs) typedAnswer(ctx context.Context, t *bot.Turn, draft *ticket.Draft) error {
	check, err := d.Desk.Check(ctx, *draft)
	if err != nil {
		return err
	}
	if check.Open != "" {
		return d.answerOpen(ctx, t, draft, check.Open)
	}
	return d.nameOpen(ctx, t, draft, check)
}

// answerOpen keeps an answer, and the form as it is then. What cannot be taken is
// kept as well, and marked.
func (d *Dialogs) answerOpen(ctx context.Context, t *bot.Turn, draft *ticket.Draft, id string) error {
	draft.Answers.Set(id, asTyped(id, t.Text))
	check, err := d.Desk.Check(ctx, *draft)
	if err != nil {
		return err
	}
	settle(draft, check)
	err = d.keep(ctx, t, draft, wrongOnly)
	if errors.Is(err, ticket.ErrStale) { // pressed and typed at once: type upon what the press left
		fresh, err := d.Desk.Draft(ctx, t.Person.ID, t.Conversation())
		if err != nil {
			return err
		}
		fresh.Answers.Set(id, draft.Answers.Get(id))
		draft, err = fresh, d.keep(ctx, t, fresh, wrongOnly)
		if err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	for _, p := range check.Problems {
		if p.Field == id && !p.Missing() {
			return d.tellProblem(ctx, t, p)
		}
	}
	return d.nameOpen(ctx, t, draft, check)
}

// tellProblem says what is wrong with one input.
func (d *Dialogs) tellProblem(ctx context.Context, t *bot.Turn, p ticket.Problem) error {
	why := cards.Sentence(t.Words, "problem."+p.Code, p.Args)
	_, err := t.Reply(ctx, say(t.Words.T("form.fix", "field", t.Words.T("field."+p.Field), "why", why)))
	return err
}

// asTyped writes a typed choice as the form keeps it.
func asTyped(id, text string) string {
	if id == "severity" {
		if s, ok := severityOf(text); ok {
			return string(s)
		}
	}
	return text
}

// nameOpen says what is asked now, or what is wrong with what is there.
func (d *Dialogs) nameOpen(ctx context.Context, t *bot.Turn, draft *ticket.Draft, check ticket.Check) error {
	for _, p := range check.ProblemsOf(draft.Step) {
		if (check.Open == "" || check.Open == p.Field) && p.Code != "too_long" && !p.Missing() {
			return d.tellProblem(ctx, t, p)
		}
	}
	w, yes, back := t.Words, Yes.Spelled(t.Words.Lang()), Back.Spelled(t.Words.Lang())
	sentence := w.T("form.go_on", "yes", yes)
	switch {
	case check.Open != "":
		sentence = w.T("form.open", "field", w.T("field."+check.Open))
	case draft.Step == ticket.StepScope:
		sentence = w.T("form.outside", "back", back)
	case draft.Step == ticket.StepReview:
		sentence = w.T("form.submit", "yes", yes)
	}
	_, err := t.Reply(ctx, say(sentence))
	return err
}

// goOn is "yes": to the next step, and on the review to the ticket.
func (d *Dialogs) goOn(ctx context.Context, t *bot.Turn, draft *ticket.Draft) error {
	draft.Answers.Cut = nil // they were told what was cut, and say yes to it
	if draft.Step != ticket.StepReview {
		if err := d.next(ctx, t, formPress{draft: draft}); err != nil {
			return err
		}
		check, err := d.Desk.Check(ctx, *draft)
		if err != nil {
			return err
		}
		return d.nameOpen(ctx, t, draft, check)
	}
	opened, err := d.open(ctx, t, draft)
	if err != nil || opened == nil {
		return err
	}
	return d.filed(ctx, t, draft, opened)
}

// filed tells of the ticket where "yes" was typed. The form's message becomes the
// ticket's card by a notice as well; in a personal chat it does so at once.
func (d *Dialogs) filed(ctx context.Context, t *bot.Turn, draft *ticket.Draft, opened *ticket.Ticket) error {
	if t.Personal() && draft.Message != "" {
		card, err := d.ownCard(ctx, t, opened)
		if err != nil {
			return err
		}
		if err := t.Update(ctx, draft.Message, shown(card)); err != nil {
			return err
		}
	}
	_, err := t.Reply(ctx, say(t.Words.T("form.filed", "number", opened.Number.String(), "status", Status.Spelled(t.Words.Lang()))))
	return err
}

// openForm is the person's form here, for a word that needs one.
func (d *Dialogs) openForm(ctx context.Context, t *bot.Turn) (*ticket.Draft, error) {
	return d.Desk.Draft(ctx, t.Person.ID, t.Conversation())
}

func (d *Dialogs) typedBack(ctx context.Context, t *bot.Turn, c Command) error {
	draft, err := d.openForm(ctx, t)
	if err != nil {
		return err
	}
	if err := d.back(ctx, t, formPress{draft: draft}); err != nil {
		return err
	}
	check, err := d.Desk.Check(ctx, *draft)
	if err != nil {
		return err
	}
	return d.nameOpen(ctx, t, draft, check)
}

// typedYes goes on, where nothing that is required is open.
func (d *Dialogs) typedYes(ctx context.Context, t *bot.Turn, _ Command) error {
	draft, err := d.openForm(ctx, t)
	if err != nil {
		return err
	}
	check, err := d.Desk.Check(ctx, *draft)
	if err != nil {
		return err
	}
	if check.Open != "" || draft.Step == ticket.StepScope {
		return d.nameOpen(ctx, t, draft, check)
	}
	return d.goOn(ctx, t, draft)
}

// typedCancel ends the form; with a number, or in the word of a request's own
// button, it withdraws that request.
func (d *Dialogs) typedCancel(ctx context.Context, t *bot.Turn, c Command) error {
	if !c.Alone() || c.OfTicket {
		return d.typedMove(ctx, t, c)
	}
	draft, err := d.openForm(ctx, t)
	if err != nil {
		return err
	}
	if err := d.Desk.Store.DropDraft(ctx, draft.Form); err != nil {
		return err
	}
	if draft.Message != "" {
		if err := t.Update(ctx, draft.Message, shown(cards.FormCancelled(t.Words))); err != nil {
			return err
		}
	}
	_, err = t.Reply(ctx, say(t.Words.T("form.cancelled", "new", New.Spelled(t.Words.Lang()))))
	return err
}
