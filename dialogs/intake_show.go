package dialogs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// marks says which problems a form's card points at.
type marks int

const (
	// unmarked is a step that nobody has sent yet.
	unmarked marks = iota
	// wrongOnly points at what was typed and cannot be taken, but not at what is
	// still missing.
	wrongOnly
	// all is a step that was sent and came back.
	all
)

// keep saves the form and shows it, with what was found out about it.
func (d *Dialogs) keep(ctx context.Context, t *bot.Turn, draft *intake.Draft, check intake.Check, m marks) error {
	draft.Version++
	t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.UpdateDraft(ctx, draft) })
	return d.answerForm(ctx, t, draft, check, m)
}

// answerForm shows the form to its owner alone: it holds what was typed.
func (d *Dialogs) answerForm(ctx context.Context, t *bot.Turn, draft *intake.Draft, check intake.Check, m marks) error {
	form, err := d.ownForm(ctx, t, *draft, check, m)
	if err != nil {
		return err
	}
	card := shown(cards.IntakeForm(form, t.Words))
	switch {
	case t.Press == nil && t.Personal():
		err = t.Reply(card, bot.Showing(request.Handle(draft.Form)))
	case t.Shared() && !t.IsInvoke():
		err = t.ReplyPrivately(card, bot.Showing(ownCard(draft.Form)))
	default:
		err = t.AnswerCard(card)
	}
	if t.Press == nil && errors.Is(err, teams.ErrTooBig) {
		return nil // everything is kept, and the words that follow go on without the card
	}
	return err
}

// ownCard names the message on which the owner of a form alone sees it, beside the one
// that everybody in a group or channel sees.
func ownCard(form string) string { return "own:" + form }

// closeOwnCard replaces what the owner of a form alone saw of it in a group or channel by
// how it ended. Where they pressed that very card, the answer to the press does.
func closeOwnCard(t *bot.Turn, form string, end cards.Card) error {
	if t.Personal() || t.Press != nil && !t.Dialog() && t.Press.MessageID != t.Session.FormMessage {
		return nil
	}
	return t.ReplyPrivately(shown(end), bot.Showing(ownCard(form)), bot.IfThere())
}

// answerAsItIs shows a form that this turn does not change.
func (d *Dialogs) answerAsItIs(ctx context.Context, t *bot.Turn, draft *intake.Draft, m marks) error {
	check, err := d.intake().Check(ctx, t.Reader, *draft)
	if err != nil {
		return err
	}
	return d.answerForm(ctx, t, draft, check, m)
}

const (
	// recentChoices and allChoices bound the list that the customer's input starts
	// with.
	recentChoices = 10
	allChoices    = 50
)

// ownForm is the form as its owner alone sees it.
func (d *Dialogs) ownForm(ctx context.Context, t *bot.Turn, draft intake.Draft, check intake.Check, m marks) (cards.Form, error) {
	form := cards.Form{Draft: draft, Check: check.At(draft), ShowProblems: m != unmarked, Now: d.Desk.Now()}
	if m == wrongOnly {
		form.Check.Problems = slices.DeleteFunc(slices.Clone(check.Problems), request.Problem.Missing)
	}
	if draft.Step == intake.StepImpact && check.Proposed == "" && m == all && len(check.ProblemsOf(draft.Step)) == 0 {
		form.Check.Problems = append(slices.Clip(form.Check.Problems), unanswered(draft)...)
	}
	if draft.Step == intake.StepWho {
		var err error
		if form.Choices, err = d.customerChoices(ctx, t); err != nil {
			return cards.Form{}, err
		}
	}
	return form, nil
}

// sharedForm is the form as a message that others read shows it. Guests may be
// among them, so it holds nothing of the desk's customers: it is drawn as if none
// was known, with the words for the customer that its owner said aloud.
func (d *Dialogs) sharedForm(ctx context.Context, t *bot.Turn, draft intake.Draft, said string) (cards.Form, error) {
	draft.Answers.Cut = maps.Clone(draft.Answers.Cut)
	draft.Answers.Set("customer", "")
	draft.Answers.Set("subscriptionId", "") // it was filled in from the customer's record
	if draft.Step == intake.StepScope {     // that the customer left is the desk's to know
		draft.Step = intake.StepWho
	}
	check, err := d.intake().Check(ctx, t.Reader, draft)
	if err != nil {
		return cards.Form{}, err
	}
	check.Problems = slices.DeleteFunc(check.Problems, request.Problem.Missing)
	check.Incidents = nil // what the partner's tenant sees is the desk's to know
	draft.Answers.Set("customer", said)
	return cards.Form{Draft: draft, Check: check, Shared: true, ShowProblems: true, Now: d.Desk.Now()}, nil
}

// unanswered are the questions about impact that still lack an answer. A request
// needs none of them, but a proposal does.
func unanswered(draft intake.Draft) (missing []request.Problem) {
	for _, id := range []string{"production", "loss", "workaround"} {
		if draft.Answers.Get(id) == "" {
			missing = append(missing, request.Problem{Field: id, Code: "required"})
		}
	}
	return missing
}

// customerChoices are the person's recent customers, then the others by name, and
// the partner's own tenants last.
func (d *Dialogs) customerChoices(ctx context.Context, t *bot.Turn) ([]customer.Customer, error) {
	choices, err := t.Reader.RecentCustomers(ctx, t.Person.ID, recentChoices)
	if err != nil {
		return nil, fmt.Errorf("recent customers: %w", err)
	}
	byName, err := d.Desk.SearchCustomers(ctx, t.Reader, "", allChoices)
	if err != nil {
		return nil, fmt.Errorf("customers by name: %w", err)
	}
	for _, c := range byName {
		if !offers(choices, c) && len(choices) < allChoices {
			choices = append(choices, c)
		}
	}
	own, err := d.ownTenants(ctx, t)
	if err != nil {
		return nil, err
	}
	own = slices.DeleteFunc(own, func(c customer.Customer) bool { return offers(choices, c) })
	return append(choices[:min(len(choices), max(allChoices-len(own), 0))], own...), nil
}

func offers(choices []customer.Customer, c customer.Customer) bool {
	return slices.ContainsFunc(choices, func(k customer.Customer) bool { return k.TenantID == c.TenantID })
}

// ownTenants are the partner's own, under a name that people know where the
// customers' list has none for them.
func (d *Dialogs) ownTenants(ctx context.Context, t *bot.Turn) ([]customer.Customer, error) {
	own, err := d.Desk.OwnCustomers(ctx, t.Reader)
	for i, c := range own {
		if c.Name == c.TenantID {
			own[i].Name, own[i].PrimaryDomain = t.Words.T("intake.own_tenant"), plaintext.MaskID(c.TenantID)
		}
	}
	return own, err
}
