package dialogs

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// The intake is a row of the database (intake.Draft) and the card that shows it.
// Every press carries the form's nonce and the version it was drawn from; what is
// older than the row gets the present card. In a channel the form's own message
// shows what was known when it was posted, and nothing that was typed into it
// afterwards: that stands in answers that only its owner sees.

// longestLine is how many characters of a line behind "new" a button carries: a
// customer's name and a title fit into it.
const longestLine = 1000

// startIntake takes what the command already says and asks for the first thing
// that it does not.
func (d *Dialogs) startIntake(ctx context.Context, t *bot.Turn, c Command) error {
	switch open := t.Session.Draft; {
	case open != nil && c.Alone():
		return d.showAgain(ctx, t, open)
	case open != nil:
		line := []rune(c.Rest)
		return t.Reply(shown(cards.ResumeForm(*open, string(line[:min(len(line), longestLine)]), t.Words)))
	}
	slots, said, err := d.newArguments(ctx, t, c.Rest)
	if err != nil {
		return err
	}
	draft, check, err := d.newDraft(ctx, t, slots)
	if err != nil {
		return err
	}
	return d.post(ctx, t, draft, check, said, false)
}

// showAgain brings a form that is open already back to where the person types. In
// a personal chat it moves there; elsewhere its own message is known to everybody,
// and its owner gets it in private.
func (d *Dialogs) showAgain(ctx context.Context, t *bot.Turn, draft *intake.Draft) error {
	if t.Shared() {
		t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.Unpost(ctx, ownCard(draft.Form)) })
		return d.answerAsItIs(ctx, t, draft, wrongOnly)
	}
	check, err := d.intake().Check(ctx, t.Reader, *draft)
	if err != nil {
		return err
	}
	if err := leave(t, t.Session.FormMessage); err != nil {
		return err
	}
	t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.Unpost(ctx, request.Handle(draft.Form)) })
	return d.post(ctx, t, draft, check, "", true)
}

// newDraft makes a form for this conversation, and keeps it.
func (d *Dialogs) newDraft(ctx context.Context, t *bot.Turn, slots intake.Answers) (*intake.Draft, intake.Check, error) {
	home := request.Place{Conversation: t.Conversation(), Personal: t.Personal()}
	draft, check, err := d.intake().NewDraft(ctx, t.Reader, t.Person, home, t.Words.Lang(), t.Zone, t.Session.Contact, slots)
	if err == nil {
		t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.InsertDraft(ctx, draft) })
	}
	return draft, check, err
}

// post sends the form as a message of its own. said are the words for the customer
// that everybody heard, and again offers to start anew. What one person alone sees
// can't become everybody's card.
func (d *Dialogs) post(ctx context.Context, t *bot.Turn, draft *intake.Draft, check intake.Check, said string, again bool) error {
	private := t.Shared() && t.Activity.Targeted()
	var (
		form cards.Form
		err  error
	)
	if t.Shared() && !private {
		form, err = d.sharedForm(ctx, t, *draft, said)
	} else {
		form, err = d.ownForm(ctx, t, *draft, check, wrongOnly)
	}
	if err != nil {
		return err
	}
	form.Again = again
	card := shown(cards.IntakeForm(form, t.Words))
	if private {
		return t.Reply(card, bot.Showing(ownCard(draft.Form)))
	}
	return t.Reply(card, bot.Showing(request.Handle(draft.Form)))
}

// pressedStart starts a form from a button. In a personal chat the form takes the
// place of the card that was pressed; where others read along it gets a message
// of its own, because the card that was pressed belongs to everybody.
func (d *Dialogs) pressedStart(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	open := t.Session.Draft
	switch {
	case t.Dialog():
		return d.startDialog(ctx, t, press)
	case open != nil && t.Personal():
		return t.AnswerCard(shown(cards.ResumeForm(*open, "", t.Words)))
	case open != nil:
		if err := t.Reply(shown(cards.ResumeForm(*open, "", t.Words))); err != nil {
			return err
		}
		return t.AnswerCard(shown(cards.FormBelow(t.Words)))
	}
	var slots intake.Answers
	if id, ok := customer.ParseGUID(press.Data.String("customer")); ok {
		slots.Set("customer", id)
	}
	draft, check, err := d.newDraft(ctx, t, slots)
	if err != nil {
		return err
	}
	if t.Shared() {
		if err := d.post(ctx, t, draft, check, "", false); err != nil {
			return err
		}
		return t.AnswerCard(shown(cards.FormBelow(t.Words)))
	}
	d.moveTo(t, draft, press.MessageID)
	return d.answerForm(ctx, t, draft, check, unmarked)
}

// moveTo makes a message that is there already the one that shows the form.
func (d *Dialogs) moveTo(t *bot.Turn, draft *intake.Draft, message string) {
	if message != "" {
		at := outbox.Posted{Handle: request.Handle(draft.Form), Conversation: t.Conversation(), Activity: message}
		t.Do(func(ctx context.Context, tx bot.Tx) error { return tx.Posted(ctx, at) })
	}
}

// formPress is a press on a form that is the presser's own, with what they typed
// taken over.
type formPress struct {
	teams.CardAction
	draft *intake.Draft
}

// onForm finds the form that a button belongs to, and answers for it where there
// is nothing to do: a form that is gone, one that became a ticket, one of somebody
// else, and a card that was drawn before the form's last change.
func (d *Dialogs) onForm(run func(ctx context.Context, t *bot.Turn, p formPress) (intake.Check, error)) verb {
	return func(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
		draft := t.Session.Draft
		switch {
		case draft == nil || draft.Form != press.Data.String("form"):
			return d.formGone(ctx, t, press.Data.String("form"))
		case draft.Opened != 0:
			return d.answerFiled(ctx, t, draft.Opened)
		case !draft.Person.Is(t.Person):
			return t.AnswerCard(shown(cards.PrivateNotice(draft.Person, t.Words)))
		}
		// Whatever the version: these three change nothing that was typed since.
		free := press.Verb == cards.IntakeResume || press.Verb == cards.IntakeRestart || press.Verb == cards.IntakeCancel
		if rev, err := strconv.Atoi(press.Data.String("rev")); !free && (err != nil || rev < draft.Version) || press.Automatic {
			return d.answerAsItIs(ctx, t, draft, unmarked)
		}
		if t.Session.FormMessage == "" && t.Personal() { // Teams did not say its id when it was sent
			d.moveTo(t, draft, press.MessageID)
		}
		if !free {
			fill(draft, press.Data)
		}
		_, err := run(ctx, t, formPress{press, draft})
		return err
	}
}

// formGone answers a press on a form that is not there any more: with its ticket
// when it became one long ago.
func (d *Dialogs) formGone(ctx context.Context, t *bot.Turn, form string) error {
	opened, err := t.Reader.TicketByForm(ctx, form)
	if errors.Is(err, request.ErrNotFound) {
		return t.AnswerCard(shown(cards.FormGone(t.Words)))
	}
	if err != nil {
		return err
	}
	return d.answerFiled(ctx, t, opened.Number)
}

// answerFiled answers a press on a form that is a ticket by now.
func (d *Dialogs) answerFiled(ctx context.Context, t *bot.Turn, n request.Number) error {
	if !t.Dialog() {
		return d.answerTicket(ctx, t, n)
	}
	found, err := d.visible(ctx, t, n)
	if err != nil {
		return err
	}
	return t.AnswerText(cards.Filed(*found, t.Words))
}

// fill takes what was typed into the card's inputs. Clients leave out what was
// emptied, so an input that the card showed and that is not there, or null, is
// empty. Inputs of other steps stay as they are, and so do all that are not there
// when the card does not say which it showed, as those of before this rule.
// Whose customer has to be chosen from several is asked that again.
func fill(draft *intake.Draft, data teams.Values) {
	if _, asked := customer.ParseAsked(draft.Answers.Customer); asked && data.String("customer") == "" {
		before := draft.Answers.Customer
		defer func() { draft.Answers.Set("customer", before) }()
	}
	for id := range strings.SplitSeq(data.String("shown"), ",") {
		if intake.StepOf(id) != "" && !data.Has(id) {
			draft.Answers.Set(id, "")
		}
	}
	for id, value := range data.Strings() {
		if id == "customer" && value == cards.AnotherCustomer {
			value = ""
		}
		if intake.StepOf(id) != "" {
			draft.Answers.Set(id, cards.ValueOf(id, value, customer.Platform(draft.Answers.Platform)))
		}
	}
}

// settle writes the customer as the tenant that was meant, a time as the moment that was
// meant, and what leaves no choice, and gives the check of the form as it is then.
func (d *Dialogs) settle(ctx context.Context, t *bot.Turn, draft *intake.Draft, check intake.Check) (intake.Check, error) {
	if check.Customer != nil {
		draft.Answers.Set("customer", check.Customer.TenantID)
	}
	check.PinReported(draft)
	if !check.Preselect(&draft.Answers) {
		return check, nil
	}
	return d.intake().Check(ctx, t.Reader, *draft)
}

// next checks the step and goes on; with something missing or wrong it comes back
// with the marks at their fields.
func (d *Dialogs) next(ctx context.Context, t *bot.Turn, p formPress) (intake.Check, error) {
	draft := p.draft
	check, err := d.intake().Check(ctx, t.Reader, *draft)
	if err != nil {
		return check, err
	}
	if check, err = d.settle(ctx, t, draft, check); err != nil {
		return check, err
	}
	marks, changed := unmarked, false
	switch {
	case draft.Step == intake.StepScope && p.Data.String("scope") == "confirmed":
		leaveScope(draft, check)
		changed = true
	case p.Data.String("ask") == "impact":
		draft.Step = intake.StepImpact
	case draft.Step == intake.StepImpact && len(check.ProblemsOf(intake.StepImpact)) > 0,
		draft.Step == intake.StepImpact && check.Proposed == "" && t.Press != nil: // "yes" goes on without a proposal
		marks = all
	case draft.Step == intake.StepImpact:
		if check.Proposed != "" {
			draft.Answers.Set("severity", string(check.Proposed))
			changed = true
		}
		draft.Step = intake.StepWho
	case p.Data.String("customer") == cards.AnotherCustomer:
		draft.Step = intake.StepWho
	case check.Scope != nil:
		draft.Step = intake.StepScope
	case len(check.ProblemsOf(draft.Step)) > 0:
		marks = all
	default:
		// What is wrong there already is why the step comes.
		draft.Step, marks = after(draft.Step, check), wrongOnly
	}
	if changed {
		if check, err = d.intake().Check(ctx, t.Reader, *draft); err != nil {
			return check, err
		}
	}
	return check, d.keep(ctx, t, draft, check, marks)
}

// after is the step that follows one that is done. The contact comes by itself
// only while something about it is missing.
func after(step intake.Step, check intake.Check) intake.Step {
	if step == intake.StepWho && len(check.ProblemsOf(intake.StepWho)) == 0 {
		return intake.StepWhat
	}
	if check.Next == intake.StepReview && step == intake.StepScope {
		return intake.StepWhat
	}
	return check.Next
}

// back goes one step back, with everything that was typed.
func (d *Dialogs) back(ctx context.Context, t *bot.Turn, p formPress) (intake.Check, error) {
	draft := p.draft
	check, err := d.intake().Check(ctx, t.Reader, *draft)
	if err != nil {
		return check, err
	}
	if check, err = d.settle(ctx, t, draft, check); err != nil {
		return check, err
	}
	switch draft.Step {
	case intake.StepScope:
		leaveScope(draft, check)
		if check, err = d.intake().Check(ctx, t.Reader, *draft); err != nil {
			return check, err
		}
	case intake.StepReview:
		draft.Step = intake.StepWhat
		draft.Unfolded = draft.Unfolded || check.AsksDetails()
	case intake.StepContact:
		draft.Step = intake.StepWhat
		if check.Complete() {
			draft.Step = intake.StepReview
		}
	default:
		draft.Step = intake.StepWho
	}
	return check, d.keep(ctx, t, draft, check, unmarked)
}

// leaveScope goes back to the answer that put the problem out of scope, and asks
// for it anew: kept, it would lead straight back.
func leaveScope(draft *intake.Draft, check intake.Check) {
	draft.Step = intake.StepWho
	if check.Scope != nil {
		draft.Step = intake.StepOf(check.Scope.Field)
		draft.Unfolded = draft.Unfolded || intake.IsDetail(check.Scope.Field)
		draft.Answers.Set(check.Scope.Field, "")
	}
}

// contact opens the step that asks whom Microsoft writes to.
func (d *Dialogs) contact(ctx context.Context, t *bot.Turn, p formPress) (intake.Check, error) {
	p.draft.Step = intake.StepContact
	check, err := d.intake().Check(ctx, t.Reader, *p.draft)
	if err != nil {
		return check, err
	}
	return check, d.keep(ctx, t, p.draft, check, unmarked)
}
