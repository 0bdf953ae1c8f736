package dialogs

import (
	"context"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/cards"
)

// typedAnswer takes a line that is no command as the answer to the form's open
// question.
func (d *Dialogs) typedAnswer(ctx context.Context, t *bot.Turn, draft *intake.Draft) error {
	check, err := d.intake().Check(ctx, t.Reader, *draft)
	if err != nil {
		return err
	}
	if check.Open != "" {
		return d.answerField(ctx, t, draft, check.Open, t.Text)
	}
	if id, value, ok := namedField(t.Text, check); ok {
		return d.answerField(ctx, t, draft, id, value)
	}
	return d.nameOpenAfter(t, t.Words.T("form.unused")+"\n", draft, check)
}

// namedField reads "tried: another size": what belongs to no open question says by its
// first words which field it is for. Only fields that the form asks for count.
func namedField(line string, check intake.Check) (id, value string, ok bool) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return "", "", false
	}
	id, ok = cards.FieldCalled(name)
	return id, strings.TrimSpace(value), ok && check.Asked[id]
}

// answerField keeps an answer, and the form as it is then. What cannot be taken is
// kept as well, and marked.
func (d *Dialogs) answerField(ctx context.Context, t *bot.Turn, draft *intake.Draft, id, typed string) error {
	draft.Answers.Set(id, cards.ValueOf(id, typed, customer.Platform(draft.Answers.Platform)))
	check, err := d.intake().Check(ctx, t.Reader, *draft)
	if err != nil {
		return err
	}
	if check, err = d.settle(ctx, t, draft, check); err != nil {
		return err
	}
	if err := d.keep(ctx, t, draft, check, wrongOnly); err != nil {
		return err
	}
	for _, p := range check.Problems {
		if p.Field == id && !p.Missing() {
			return d.tellProblem(t, p, check)
		}
	}
	return d.nameOpen(t, draft, check)
}

// namedCandidates is how many customers an answer in words names.
const namedCandidates = 5

// tellProblem says what is wrong with one input. Where nobody reads along it names the
// customers to choose from, as the card does.
func (d *Dialogs) tellProblem(t *bot.Turn, p request.Problem, check intake.Check) error {
	why := cards.Sentence(t.Words, "problem."+p.Code, p.Args)
	if p.Field == "customer" && t.Personal() && len(check.Candidates) <= namedCandidates {
		for _, c := range check.Candidates {
			why += "\n" + customerTitle(c)
		}
	}
	return t.Reply(say(t.Words.T("form.fix", "field", t.Words.T("field."+p.Field), "why", why)))
}

// nameOpen says what is asked now, or what is wrong with what is there.
func (d *Dialogs) nameOpen(t *bot.Turn, draft *intake.Draft, check intake.Check) error {
	return d.nameOpenAfter(t, "", draft, check)
}

// nameOpenAfter is nameOpen after something else.
func (d *Dialogs) nameOpenAfter(t *bot.Turn, before string, draft *intake.Draft, check intake.Check) error {
	for _, p := range check.ProblemsOf(draft.Step) {
		if (check.Open == "" || check.Open == p.Field) && p.Code != "too_long" && !p.Missing() {
			return d.tellProblem(t, p, check)
		}
	}
	w, yes, back := t.Words, Yes.Typed(t.Words), Back.Typed(t.Words)
	sentence := w.T("form.go_on", "yes", yes)
	switch {
	case check.Open != "" && t.Shared():
		sentence = w.T("form.open_called", "field", w.T("field."+check.Open), "at", strings.TrimSpace(w.Front()))
	case check.Open != "":
		sentence = w.T("form.open", "field", w.T("field."+check.Open))
	case draft.Step == intake.StepScope:
		sentence = w.T("form.outside", "back", back)
	case draft.Step == intake.StepReview:
		sentence = w.T("form.submit", "yes", yes)
	}
	if id := addable(draft, check); id != "" {
		// What goes on stands last, also where a client makes one line of two.
		sentence = w.T("form.add", "field", w.T("field."+id), "called", w.Front()+w.T("called."+id)) + "\n" + sentence
	}
	return t.Reply(say(before + sentence))
}

// addable is what may be added where nothing is open, and how is worth saying: the first
// empty field that a warning asks for, else the first empty one of those that every
// technical request may have. It is empty where there is none.
func addable(draft *intake.Draft, check intake.Check) string {
	if check.Open != "" || draft.Step != intake.StepWhat && draft.Step != intake.StepReview {
		return ""
	}
	for _, id := range []string{"tried", "criterion", "healthChecked", "impact", "topic"} {
		if check.Asked[id] && draft.Answers.Get(id) == "" {
			return id
		}
	}
	return ""
}

// goOn is "yes": to the next step, and on the review to the ticket.
func (d *Dialogs) goOn(ctx context.Context, t *bot.Turn, draft *intake.Draft) error {
	draft.Answers.Cut = nil // they were told what was cut, and say yes to it
	if draft.Step != intake.StepReview {
		asked := draft.Step
		check, err := d.next(ctx, t, formPress{draft: draft})
		if err != nil {
			return err
		}
		if asked == intake.StepWho && draft.Step != asked && check.Dropped != "" {
			if err := t.Reply(say(cards.Sentence(t.Words, "note.severity_dropped", map[string]any{"letter": check.Dropped}))); err != nil {
				return err
			}
		}
		return d.nameOpen(t, draft, check.At(*draft))
	}
	d.do(t, func(ctx context.Context, tx bot.Tx) error {
		opened, entry, err := d.open(ctx, tx, t, draft)
		if err != nil || opened == nil {
			return err
		}
		return d.filed(t, draft, opened, entry)
	})
	return nil
}

// filed tells of the ticket where "yes" was typed. The form's message becomes the
// ticket's card for everybody by a notice; in a personal chat it does so at once.
func (d *Dialogs) filed(t *bot.Turn, draft *intake.Draft, opened *request.Ticket, entry *request.Event) error {
	if t.Personal() {
		card := cards.Ticket(d.viewWith(t, opened, []request.Event{*entry}), t.Words)
		if err := t.Reply(shown(card), bot.Showing(request.Handle(draft.Form)), bot.State(opened.Revision), bot.About(opened.Number)); err != nil {
			return err
		}
	}
	if err := closeOwnCard(t, draft.Form, cards.FormFiled(opened.Number, t.Words)); err != nil {
		return err
	}
	said := say(t.Words.T("form.filed", "number", opened.Number.String(), "status", Status.Typed(t.Words)))
	return t.Reply(said, bot.About(opened.Number))
}

// openForm is the person's form here, for a word that needs one.
func openForm(t *bot.Turn) (*intake.Draft, error) {
	if t.Session.Draft == nil {
		return nil, intake.ErrNoDraft
	}
	return t.Session.Draft, nil
}

func (d *Dialogs) typedBack(ctx context.Context, t *bot.Turn, c Command) error {
	draft, err := openForm(t)
	if err != nil {
		return err
	}
	check, err := d.back(ctx, t, formPress{draft: draft})
	if err != nil {
		return err
	}
	return d.nameOpen(t, draft, check.At(*draft))
}

// typedYes goes on, where nothing that is required is open.
func (d *Dialogs) typedYes(ctx context.Context, t *bot.Turn, _ Command) error {
	draft, err := openForm(t)
	if err != nil {
		return err
	}
	check, err := d.intake().Check(ctx, t.Reader, *draft)
	if err != nil {
		return err
	}
	if check.Open != "" || draft.Step == intake.StepScope {
		return d.nameOpen(t, draft, check)
	}
	return d.goOn(ctx, t, draft)
}

// typedCancel ends the form; with a number, or in the word of a request's own
// button, it withdraws that request.
func (d *Dialogs) typedCancel(ctx context.Context, t *bot.Turn, c Command) error {
	if !c.Alone() || c.OfTicket {
		return d.typedMove(ctx, t, c)
	}
	draft, err := openForm(t)
	if err != nil {
		return err
	}
	if err := d.drop(t, draft); err != nil {
		return err
	}
	return t.Reply(say(t.Words.T("form.cancelled", "new", New.Typed(t.Words))))
}
