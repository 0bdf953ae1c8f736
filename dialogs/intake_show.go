package dialogs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"onbehalf/bot"
	"onbehalf/bot/i18n"
	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
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

// post sends the form as a message of its own and notes which one it is. The card
// is drawn with the version that the note makes. said are the words for the
// customer that everybody heard, and again offers to start anew.
func (d *Dialogs) post(ctx context.Context, t *bot.Turn, draft *ticket.Draft, said string, again bool) error {
	drawn := *draft
	drawn.Version++
	var (
		form cards.Form
		err  error
	)
	if t.Shared() && !t.Activity.Targeted() {
		form, err = d.sharedForm(ctx, drawn, said)
	} else {
		form, err = d.ownForm(ctx, t, drawn, wrongOnly)
	}
	if err != nil {
		return err
	}
	form.Again = again
	message, err := t.Reply(ctx, shown(cards.IntakeForm(form, t.Words)))
	if err != nil {
		return err
	}
	if !t.Shared() || !t.Activity.Targeted() { // what one person sees can't become everybody's card
		draft.Message = message
	}
	return d.Desk.SaveDraft(ctx, draft)
}

// showAgain brings a form that is open already back to where the person types. In
// a personal chat it moves there; elsewhere its own message is known to everybody,
// and its owner gets it in private.
func (d *Dialogs) showAgain(ctx context.Context, t *bot.Turn, draft *ticket.Draft) error {
	if t.Shared() {
		return d.answerForm(ctx, t, draft, wrongOnly)
	}
	before := draft.Message
	if err := d.post(ctx, t, draft, "", true); err != nil {
		return err
	}
	return leave(ctx, t, before)
}

// keep saves the form and shows it.
func (d *Dialogs) keep(ctx context.Context, t *bot.Turn, draft *ticket.Draft, m marks) error {
	if err := d.Desk.SaveDraft(ctx, draft); err != nil {
		return err
	}
	return d.answerForm(ctx, t, draft, m)
}

// answerForm shows the form to its owner alone: it holds what was typed.
func (d *Dialogs) answerForm(ctx context.Context, t *bot.Turn, draft *ticket.Draft, m marks) error {
	form, err := d.ownForm(ctx, t, *draft, m)
	if err != nil {
		return err
	}
	card := cards.IntakeForm(form, t.Words)
	if t.Press == nil && t.Personal() && draft.Message != "" {
		err = t.Update(ctx, draft.Message, shown(card))
	} else {
		err = t.AnswerCard(ctx, shown(card))
	}
	if t.Press == nil && errors.Is(err, teams.ErrTooBig) {
		return nil // everything is kept, and the words that follow go on without the card
	}
	return err
}

const (
	// recentChoices and allChoices bound the list that the customer's input starts
	// with.
	recentChoices = 10
	allChoices    = 50
)

// ownForm is the form as its owner alone sees it.
func (d *Dialogs) ownForm(ctx context.Context, t *bot.Turn, draft ticket.Draft, m marks) (cards.Form, error) {
	check, err := d.Desk.Check(ctx, draft)
	if err != nil {
		return cards.Form{}, err
	}
	form := cards.Form{Draft: draft, Check: check, ShowProblems: m != unmarked, Now: d.Desk.Now()}
	if m == wrongOnly {
		form.Check.Problems = slices.DeleteFunc(slices.Clone(check.Problems), ticket.Problem.Missing)
	}
	if draft.Step == ticket.StepImpact && check.Proposed == "" && m == all {
		form.Check.Problems = append(slices.Clip(form.Check.Problems), unanswered(draft)...)
	}
	if draft.Step == ticket.StepWho {
		if form.Choices, err = d.customerChoices(ctx, t.Person, t.Words); err != nil {
			return cards.Form{}, err
		}
	}
	return form, nil
}

// sharedForm is the form as a message that others read shows it. Guests may be
// among them, so it holds nothing of the desk's customers: it is drawn as if none
// was known, with the words for the customer that its owner said aloud.
func (d *Dialogs) sharedForm(ctx context.Context, draft ticket.Draft, said string) (cards.Form, error) {
	draft.Answers.Cut = maps.Clone(draft.Answers.Cut)
	draft.Answers.Set("customer", "")
	if draft.Step == ticket.StepScope { // that the customer left is the desk's to know
		draft.Step = ticket.StepWho
	}
	check, err := d.Desk.Check(ctx, draft)
	if err != nil {
		return cards.Form{}, err
	}
	check.Problems = slices.DeleteFunc(check.Problems, ticket.Problem.Missing)
	draft.Answers.Set("customer", said)
	return cards.Form{Draft: draft, Check: check, Shared: true, ShowProblems: true, Now: d.Desk.Now()}, nil
}

// unanswered are the questions about impact that still lack an answer. A request
// needs none of them, but a proposal does.
func unanswered(draft ticket.Draft) (missing []ticket.Problem) {
	for _, id := range []string{"production", "loss", "workaround"} {
		if draft.Answers.Get(id) == "" {
			missing = append(missing, ticket.Problem{Field: id, Code: "required"})
		}
	}
	return missing
}

// customerChoices are the person's recent customers, then the others by name, and
// the partner's own tenants last.
func (d *Dialogs) customerChoices(ctx context.Context, p ticket.Person, w i18n.Words) ([]ticket.Customer, error) {
	choices, err := d.Desk.Store.RecentCustomers(ctx, p.ID, recentChoices)
	if err != nil {
		return nil, fmt.Errorf("recent customers: %w", err)
	}
	byName, err := d.Desk.SearchCustomers(ctx, "", allChoices)
	if err != nil {
		return nil, fmt.Errorf("customers by name: %w", err)
	}
	for _, c := range byName {
		if !offers(choices, c) && len(choices) < allChoices {
			choices = append(choices, c)
		}
	}
	own, err := d.ownTenants(ctx, w)
	if err != nil {
		return nil, err
	}
	own = slices.DeleteFunc(own, func(c ticket.Customer) bool { return offers(choices, c) })
	return append(choices[:min(len(choices), max(allChoices-len(own), 0))], own...), nil
}

func offers(choices []ticket.Customer, c ticket.Customer) bool {
	return slices.ContainsFunc(choices, func(k ticket.Customer) bool { return k.TenantID == c.TenantID })
}

// ownTenants are the partner's own, under a name that people know where the
// customers' list has none for them.
func (d *Dialogs) ownTenants(ctx context.Context, w i18n.Words) ([]ticket.Customer, error) {
	own, err := d.Desk.OwnCustomers(ctx)
	for i, c := range own {
		if c.Name == c.TenantID {
			own[i].Name, own[i].PrimaryDomain = w.T("intake.own_tenant"), ticket.MaskID(c.TenantID)
		}
	}
	return own, err
}
