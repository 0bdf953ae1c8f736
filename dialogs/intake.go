package dialogs

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
	"onbehalf/cards"
)

// The intake is a row of the database (ticket.Draft) and the card that shows it.
// Every press carries the form's nonce and the version it was drawn from; what is
// older than the row gets the present card. In a channel the form's own message
// shows what was known when it was posted, and nothing that was typed into it
// afterwards: that stands in answers that only its owner sees.

// startIntake takes what the command already says and asks for the first thing
// that it does not.
func (d *Dialogs) startIntake(ctx context.Context, t *bot.Turn, c Command) error {
	open, err := d.Desk.Draft(ctx, t.Person.ID, t.Conversation())
	switch {
	case err == nil && c.Alone():
		return d.showAgain(ctx, t, open)
	case err == nil:
		_, err := t.Reply(ctx, shown(cards.ResumeForm(*open, t.Words)))
		return err
	}
	if !errors.Is(err, ticket.ErrNoDraft) {
		return err
	}
	slots, err := d.slotsOf(ctx, c.Rest)
	if err != nil {
		return err
	}
	draft, err := d.newDraft(ctx, t, slots)
	if err != nil {
		return err
	}
	return d.post(ctx, t, draft, slots.Get("customer"), false)
}

func (d *Dialogs) newDraft(ctx context.Context, t *bot.Turn, slots ticket.Answers) (*ticket.Draft, error) {
	return d.Desk.NewDraft(ctx, t.Person, t.Conversation(), t.Personal(), t.Words.Lang(), t.Zone, slots)
}

// pressedStart starts a form from a button. In a personal chat the form takes the
// place of the card that was pressed; where others read along it gets a message
// of its own, because the card that was pressed belongs to everybody.
func (d *Dialogs) pressedStart(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	open, err := d.Desk.Draft(ctx, t.Person.ID, t.Conversation())
	switch {
	case err == nil && t.Personal():
		return t.AnswerCard(ctx, shown(cards.ResumeForm(*open, t.Words)))
	case err == nil:
		if _, err := t.Reply(ctx, shown(cards.ResumeForm(*open, t.Words))); err != nil {
			return err
		}
		return t.AnswerCard(ctx, shown(cards.FormBelow(t.Words)))
	case !errors.Is(err, ticket.ErrNoDraft):
		return err
	}
	draft, err := d.newDraft(ctx, t, ticket.Answers{})
	if err != nil {
		return err
	}
	if t.Shared() {
		if err := d.post(ctx, t, draft, "", false); err != nil {
			return err
		}
		return t.AnswerCard(ctx, shown(cards.FormBelow(t.Words)))
	}
	draft.Message = press.MessageID
	if err := d.Desk.SaveDraft(ctx, draft); err != nil {
		return err
	}
	return d.answerForm(ctx, t, draft, unmarked)
}

// formPress is a press on a form that is the presser's own, with what they typed
// taken over.
type formPress struct {
	teams.CardAction
	draft *ticket.Draft
}

// onForm finds the form that a button belongs to, and answers for it where there
// is nothing to do: a form that is gone, one that became a ticket, one of somebody
// else, and a card that was drawn before the form's last change.
func (d *Dialogs) onForm(run func(ctx context.Context, t *bot.Turn, p formPress) error) verb {
	return func(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
		draft, err := d.Desk.Store.DraftByForm(ctx, press.Data.String("form"))
		if errors.Is(err, ticket.ErrNoDraft) {
			return d.formGone(ctx, t, press.Data.String("form"))
		}
		if err != nil {
			return err
		}
		if draft.Opened != 0 {
			return d.answerTicket(ctx, t, draft.Opened)
		}
		if !draft.Person.Is(t.Person) {
			return t.AnswerCard(ctx, shown(cards.PrivateNotice(draft.Person, t.Words)))
		}
		// Whatever the version: these three change nothing that was typed since.
		free := press.Verb == cards.IntakeResume || press.Verb == cards.IntakeRestart || press.Verb == cards.IntakeCancel
		if rev, err := strconv.Atoi(press.Data.String("rev")); !free && (err != nil || rev < draft.Version) || press.Automatic {
			return d.answerForm(ctx, t, draft, unmarked)
		}
		if draft.Message == "" && t.Personal() { // its id was not known when it was sent
			draft.Message = press.MessageID
		}
		if !free {
			fill(draft, press.Data)
		}
		err = run(ctx, t, formPress{press, draft})
		if errors.Is(err, ticket.ErrStale) {
			return d.afterRace(ctx, t, draft.Form)
		}
		return err
	}
}

// formGone answers a press on a form that is not there any more: with its ticket
// when it became one long ago.
func (d *Dialogs) formGone(ctx context.Context, t *bot.Turn, form string) error {
	opened, err := d.Desk.Store.TicketByForm(ctx, form)
	if errors.Is(err, ticket.ErrNotFound) {
		return t.AnswerCard(ctx, shown(cards.FormGone(t.Words)))
	}
	if err != nil {
		return err
	}
	return d.answerTicket(ctx, t, opened.Number)
}

// afterRace answers a press that lost against another one of the same person.
func (d *Dialogs) afterRace(ctx context.Context, t *bot.Turn, form string) error {
	draft, err := d.Desk.Store.DraftByForm(ctx, form)
	switch {
	case errors.Is(err, ticket.ErrNoDraft):
		return d.formGone(ctx, t, form)
	case err != nil:
		return err
	case draft.Opened != 0:
		return d.answerTicket(ctx, t, draft.Opened)
	}
	return d.answerForm(ctx, t, draft, unmarked)
}

// fill takes what was typed into the card's inputs. Clients leave out what was
// emptied, so an input that the card showed and that is not there, or null, is
// empty. Inputs of other steps stay as they are, and so do all that are not there
// when the card does not say which it showed, as those of before this rule.
func fill(draft *ticket.Draft, data teams.Values) {
	for id := range strings.SplitSeq(data.String("shown"), ",") {
		if ticket.StepOf(id) != "" && !data.Has(id) {
			draft.Answers.Set(id, "")
		}
	}
	for id, value := range data.Strings() {
		if id == "customer" && value == cards.AnotherCustomer {
			value = ""
		}
		if ticket.StepOf(id) != "" {
			draft.Answers.Set(id, value)
		}
	}
}

// settle writes the customer as the tenant that was meant.
func settle(draft *ticket.Draft, check ticket.Check) {
	if check.Customer != nil {
		draft.Answers.Set("customer", check.Customer.TenantID)
	}
}

// next checks the step and goes on; with something missing or wrong it comes back
// with the marks at their fields.
func (d *Dialogs) next(ctx context.Context, t *bot.Turn, p formPress) error {
	draft := p.draft
	check, err := d.Desk.Check(ctx, *draft)
	if err != nil {
		return err
	}
	settle(draft, check)
	marks := unmarked
	switch {
	case draft.Step == ticket.StepScope && p.Data.String("scope") == "confirmed":
		leaveScope(draft, check)
	case p.Data.String("ask") == "impact":
		draft.Step = ticket.StepImpact
	case draft.Step == ticket.StepImpact && len(check.ProblemsOf(ticket.StepImpact)) > 0,
		draft.Step == ticket.StepImpact && check.Proposed == "" && t.Press != nil: // "yes" goes on without a proposal
		marks = all
	case draft.Step == ticket.StepImpact:
		if check.Proposed != "" {
			draft.Answers.Set("severity", string(check.Proposed))
		}
		draft.Step = ticket.StepWho
	case p.Data.String("customer") == cards.AnotherCustomer:
		draft.Step = ticket.StepWho
	case check.Scope != nil:
		draft.Step = ticket.StepScope
	case len(check.ProblemsOf(draft.Step)) > 0:
		marks = all
	default:
		// What is wrong there already is why the step comes.
		draft.Step, marks = after(draft.Step, check), wrongOnly
	}
	return d.keep(ctx, t, draft, marks)
}

// after is the step that follows one that is done. The contact comes by itself
// only while something about it is missing.
func after(step ticket.Step, check ticket.Check) ticket.Step {
	if step == ticket.StepWho && len(check.ProblemsOf(ticket.StepWho)) == 0 {
		return ticket.StepWhat
	}
	if check.Next == ticket.StepReview && step == ticket.StepScope {
		return ticket.StepWhat
	}
	return check.Next
}

// back goes one step back, with everything that was typed.
func (d *Dialogs) back(ctx context.Context, t *bot.Turn, p formPress) error {
	draft := p.draft
	check, err := d.Desk.Check(ctx, *draft)
	if err != nil {
		return err
	}
	settle(draft, check)
	switch draft.Step {
	case ticket.StepScope:
		leaveScope(draft, check)
	case ticket.StepReview:
		draft.Step = ticket.StepWhat
	case ticket.StepContact:
		draft.Step = ticket.StepWhat
		if check.Complete() {
			draft.Step = ticket.StepReview
		}
	default:
		draft.Step = ticket.StepWho
	}
	return d.keep(ctx, t, draft, unmarked)
}

// leaveScope goes back to the answer that put the problem out of scope, and asks
// for it anew: kept, it would lead straight back.
func leaveScope(draft *ticket.Draft, check ticket.Check) {
	draft.Step = ticket.StepWho
	if check.Scope != nil {
		draft.Step = ticket.StepOf(check.Scope.Field)
		draft.Answers.Set(check.Scope.Field, "")
	}
}

// contact opens the step that asks whom Microsoft writes to.
func (d *Dialogs) contact(ctx context.Context, t *bot.Turn, p formPress) error {
	p.draft.Step = ticket.StepContact
	return d.keep(ctx, t, p.draft, unmarked)
}

// resume goes on with the form where it stands. In a personal chat the message
// that was pressed becomes the form's message, so that the ticket's card appears
// where the person works; elsewhere the form's own message is known to everybody.
func (d *Dialogs) resume(ctx context.Context, t *bot.Turn, p formPress) error {
	if p.MessageID == "" || p.MessageID == p.draft.Message || t.Shared() {
		return d.answerForm(ctx, t, p.draft, unmarked)
	}
	before := p.draft.Message
	p.draft.Message = p.MessageID
	if err := d.keep(ctx, t, p.draft, unmarked); err != nil {
		return err
	}
	return leave(ctx, t, before)
}

// restart throws the form away and starts an empty one in its place.
func (d *Dialogs) restart(ctx context.Context, t *bot.Turn, p formPress) error {
	draft, err := d.Desk.NewDraft(ctx, t.Person, p.draft.Conversation, p.draft.Personal, t.Words.Lang(), t.Zone, ticket.Answers{})
	if err != nil {
		return err
	}
	draft.Message = p.draft.Message
	if !t.Personal() || p.MessageID == "" || p.MessageID == p.draft.Message {
		return d.keep(ctx, t, draft, unmarked)
	}
	draft.Message = p.MessageID
	if err := d.keep(ctx, t, draft, unmarked); err != nil {
		return err
	}
	return leave(ctx, t, p.draft.Message)
}

// leave closes the message that a form moved away from: two that look alike, and
// what is typed into the older one is lost.
func leave(ctx context.Context, t *bot.Turn, message string) error {
	if message == "" {
		return nil
	}
	return t.Update(ctx, message, shown(cards.FormBelow(t.Words)))
}

// cancel ends the form. Nothing of it is kept, and its message says so to
// everybody.
func (d *Dialogs) cancel(ctx context.Context, t *bot.Turn, p formPress) error {
	if err := d.Desk.Store.DropDraft(ctx, p.draft.Form); err != nil {
		return err
	}
	gone := shown(cards.FormCancelled(t.Words))
	if p.draft.Message != "" && p.draft.Conversation == t.Conversation() {
		if err := t.Update(ctx, p.draft.Message, gone); err != nil {
			return err
		}
	}
	return t.AnswerCard(ctx, gone)
}

// submit opens the ticket. The same form opens one, however often and wherever it
// arrives; the answer is the ticket's card. On another step than the review, where
// nobody has seen what will be filed, it only goes on.
func (d *Dialogs) submit(ctx context.Context, t *bot.Turn, p formPress) error {
	if p.draft.Step != ticket.StepReview {
		return d.next(ctx, t, p)
	}
	opened, err := d.open(ctx, t, p.draft)
	if err != nil || opened == nil {
		return err
	}
	return d.answerTicket(ctx, t, opened.Number)
}

// open files the form. With something missing or wrong it answers with the step
// where that is, and gives no ticket.
func (d *Dialogs) open(ctx context.Context, t *bot.Turn, draft *ticket.Draft) (*ticket.Ticket, error) {
	opened, err := d.Desk.Open(ctx, t.Person, draft, t.Origin)
	var (
		invalid *ticket.Invalid
		outside *ticket.OutOfScope
	)
	switch {
	case errors.As(err, &invalid), errors.As(err, &outside):
		check, err := d.Desk.Check(ctx, *draft)
		if err != nil {
			return nil, err
		}
		draft.Step = check.Next
		return nil, d.keep(ctx, t, draft, all)
	case err != nil:
		return nil, err
	}
	if !opened.OpenedAt.Before(t.At.Truncate(1e6)) { // not one that this form opened before
		d.Metrics.TicketOpened(string(opened.Severity))
	}
	return opened, nil
}
