package dialogs

import (
	"context"
	"slices"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// unasked are the problems of what a typed move leaves out.
var unasked = []string{"required", "person_required", "not_informed", "reason_severity"}

// onlyMissing says whether a typed move lacks something, and nothing of it is wrong.
func onlyMissing(invalid *request.Invalid) bool {
	return !slices.ContainsFunc(invalid.Problems, func(p request.Problem) bool {
		empty := p.Code == "choice" && p.Args["typed"] == ""
		return !empty && !slices.Contains(unasked, p.Code)
	})
}

// typedInputs puts what was typed behind a number into the inputs of the card
// that asks for the rest.
func typedInputs(name Name, rest string) map[string]string {
	switch name {
	case File:
		number, when := request.CutCase(rest)
		return map[string]string{"microsoftCase": number, "text": when}
	case Respond:
		a := microsoftsAnswer(rest)
		return map[string]string{"microsoftCase": a.MicrosoftCase, "text": a.Text}
	case Severity:
		letter, reason := cutSeverity(rest)
		to, _ := request.ParseSeverity(letter) // the card asks for what is none
		return map[string]string{"severity": string(to), "reason": reason}
	case Close:
		return map[string]string{"reason": rest}
	}
	return map[string]string{"text": rest}
}

// askFor shows the card that asks for what a typed move lacks, with what was
// typed in its inputs, to the one who typed it.
func (d *Dialogs) askFor(ctx context.Context, t *bot.Turn, verb string, n request.Number, invalid *request.Invalid, typed map[string]string) error {
	problem := firstProblem(invalid)
	d.pinTimes(t, verb, typed)
	card, err := d.askCard(ctx, t, verb, n, cards.Question{Problem: problem, Typed: typed, First: firstAsked(problem, typed)})
	if err != nil {
		return err
	}
	return t.ReplyPrivately(shown(card))
}

// pinTimes writes the times among what was typed as the moments that are meant now,
// because the card that asks may be pressed tomorrow.
func (d *Dialogs) pinTimes(t *bot.Turn, verb string, typed map[string]string) {
	zone, now := t.Words.Zone(), d.Desk.Now()
	pin := func(id string, read func(string, *time.Location, time.Time) (time.Time, bool)) {
		if at, ok := read(typed[id], zone, now); ok {
			typed[id] = request.SpellTime(at, zone)
		}
	}
	switch verb {
	case cards.TicketFile:
		pin("text", request.ParseTime)
	case cards.TicketWait:
		pin("askAgain", request.ParseLater)
	}
}

func (d *Dialogs) askCard(ctx context.Context, t *bot.Turn, verb string, n request.Number, q cards.Question) (cards.Card, error) {
	of, err := d.Desk.Ticket(ctx, t.Reader, t.Person, n)
	if err != nil {
		return cards.Card{}, err
	}
	if err := d.Desk.MayDo(*of, t.Person, verb); err != nil {
		return cards.Card{}, err
	}
	view, err := d.view(ctx, t, of)
	if err != nil {
		return cards.Card{}, err
	}
	if verb == cards.TicketAssign && t.Personal() {
		known, err := d.known(ctx, t)
		if err != nil {
			return cards.Card{}, err
		}
		known = slices.DeleteFunc(known, func(p request.Person) bool { return p.Is(of.Assignee) })
		q.People = known[:min(len(known), mostOffered)]
	}
	return cards.Ask(verb, view, q, t.Words), nil
}

// firstAsked says whether a typed move asks for something for the first time: what it
// wants was not typed, or is a person whom only the desk's people can tell apart.
func firstAsked(problem *request.Problem, typed map[string]string) bool {
	if problem == nil {
		return false
	}
	wrong, _ := problem.Args["typed"].(string)
	return problem.Field == "person" || wrong == "" && typed[problem.Field] == ""
}

func firstProblem(invalid *request.Invalid) *request.Problem {
	if invalid == nil || len(invalid.Problems) == 0 {
		return nil
	}
	return &invalid.Problems[0]
}

// answerAsk shows the card that asks; a number typed on the sheet for the portal
// comes back on the sheet.
func (d *Dialogs) answerAsk(ctx context.Context, t *bot.Turn, verb string, n request.Number, invalid *request.Invalid, press teams.CardAction) error {
	typed := press.Data.Strings()
	d.pinTimes(t, verb, typed)
	if verb == cards.TicketFile && press.Data.String("from") == "sheet" {
		d.do(t, func(ctx context.Context, tx bot.Tx) error {
			sheet, err := d.Desk.Sheet(ctx, tx, t.Person, request.Move{Number: n, Origin: t.Origin})
			if err != nil {
				return err
			}
			return t.AnswerCard(shown(cards.Handover(sheet, firstProblem(invalid), typed, t.Words)))
		})
		return nil
	}
	q := cards.Question{Problem: firstProblem(invalid), Typed: typed}
	q.First = q.Problem != nil && q.Problem.Code == "case_first" && press.Data.String("asked") != "true"
	card, err := d.askCard(ctx, t, verb, n, q)
	if err != nil {
		return err
	}
	return t.AnswerCard(shown(card))
}
