package dialogs

import (
	"context"
	"errors"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// explain tells the person what went wrong in words they can act on. What nobody
// foresaw goes on to the endpoint, which logs it in full and answers with a
// reference.
func (d *Dialogs) explain(ctx context.Context, t *bot.Turn, err error) error {
	if err == nil {
		return nil
	}
	var changed *request.Changed
	if errors.As(err, &changed) && t.Press != nil {
		return d.answerChanged(ctx, t, changed)
	}
	sentence := d.sentenceFor(t, err)
	if sentence == "" {
		return err
	}
	var refused *request.Refused
	about := errors.As(err, &refused) && refused.Ticket != nil
	switch {
	case t.Press == nil && about:
		return d.tell(t, *refused.Ticket, sentence)
	case t.Press == nil:
		return t.Reply(say(sentence))
	}
	var view *cards.TicketView
	if about && refused.Code != "hidden" { // of what may not be seen every button would be refused too
		own, err := d.view(ctx, t, refused.Ticket)
		if err != nil {
			return err
		}
		view = &own
	}
	return t.AnswerCard(shown(cards.Refusal(sentence, view, t.Words)))
}

// forged answers a press whose data no card of ours carries.
func (d *Dialogs) forged(t *bot.Turn) error {
	return t.AnswerCard(shown(cards.Refusal(t.Words.T("turn.forged", "at", t.Words.Front()), nil, t.Words)))
}

// sentenceFor gives the words for an error, empty for one that nobody foresaw.
func (d *Dialogs) sentenceFor(t *bot.Turn, err error) string {
	var (
		invalid *request.Invalid
		refused *request.Refused
		outside *intake.OutOfScope
	)
	switch {
	case errors.As(err, &refused):
		return cards.Sentence(t.Words, "refused."+refused.Code, refused.Args)
	case errors.As(err, &invalid) && len(invalid.Problems) > 0:
		p := invalid.Problems[0]
		return cards.Sentence(t.Words, "problem."+p.Code, p.Args)
	case errors.As(err, &outside):
		return cards.Sentence(t.Words, "scope."+outside.Code, outside.Args)
	case errors.Is(err, request.ErrNotFound):
		return t.Words.T("failure.not_found", "list", List.Typed(t.Words))
	case errors.Is(err, intake.ErrNoDraft):
		return t.Words.T("failure.no_form", "new", New.Typed(t.Words))
	case errors.Is(err, customer.ErrNoCustomer):
		return t.Words.T("failure.no_customer")
	case errors.Is(err, teams.ErrTooBig):
		return t.Words.T("failure.too_big")
	}
	return ""
}

// ignoreNotFound makes nothing of a number that was never given.
func ignoreNotFound(err error) error {
	if errors.Is(err, request.ErrNotFound) {
		return nil
	}
	return err
}
