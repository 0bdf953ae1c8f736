package dialogs

import (
	"context"
	"encoding/json"
	"strconv"

	"onbehalf/bot"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// typedPress does what a button does whose words were typed: on the form that is open,
// on a request, or on what stands for itself.
func (d *Dialogs) typedPress(ctx context.Context, t *bot.Turn, c Command) error {
	b := labels[foldWord(c.Word)]
	data := map[string]string{}
	for name, value := range b.data {
		data[name] = value
	}
	switch {
	case b.ofTicket:
		return d.typedPage(ctx, t, c, b.verb, data)
	case b.verb != cards.IntakeNext && b.verb != cards.IntakeContact:
		return d.verbs[b.verb](ctx, t, pressOf(b.verb, data))
	}
	draft, err := openForm(t)
	if err != nil {
		return err
	}
	press := formPress{pressOf(b.verb, data), draft}
	do := d.next
	switch {
	case b.verb == cards.IntakeContact:
		do = d.contact
	case data["scope"] != "" && draft.Step != intake.StepScope, data["ask"] != "" && draft.Step != intake.StepWho: // that button is not on this step
		check, err := d.intake().Check(ctx, t.Reader, *draft)
		if err != nil {
			return err
		}
		return d.nameOpen(t, draft, check.At(*draft))
	}
	check, err := do(ctx, t, press)
	if err != nil {
		return err
	}
	return d.nameOpen(t, draft, check.At(*draft))
}

// typedPage shows a page of a request that a button of its card opens: the sheet for the
// portal, its details, its history.
func (d *Dialogs) typedPage(ctx context.Context, t *bot.Turn, c Command, verb string, data map[string]string) error {
	n, _, ok := c.Number()
	if !ok {
		var err error
		if n, ok, err = d.implied(ctx, t); err != nil {
			return err
		}
	}
	if !ok {
		return t.Reply(say(t.Words.T("talk.which_number", "word", t.Words.Front()+c.Word)))
	}
	found, err := d.Desk.Ticket(ctx, t.Reader, t.Person, n)
	if err != nil {
		return err
	}
	data["number"], data["rev"] = strconv.FormatInt(int64(n), 10), strconv.Itoa(found.Revision)
	return d.verbs[verb](ctx, t, pressOf(verb, data))
}

// pressOf is a press on a button that nobody pressed.
func pressOf(verb string, data map[string]string) teams.CardAction {
	values := teams.Values{}
	for name, value := range data {
		values[name], _ = json.Marshal(value) // a string always can be
	}
	return teams.CardAction{Verb: verb, Data: values}
}

// typedRestart throws the open form away and starts an empty one.
func (d *Dialogs) typedRestart(ctx context.Context, t *bot.Turn, c Command) error {
	if draft := t.Session.Draft; draft != nil {
		if err := d.drop(t, draft); err != nil {
			return err
		}
		t.Session.Draft = nil
	}
	return d.startIntake(ctx, t, Command{Name: New})
}

// ackMine acknowledges what is alarming of the person's own requests, as the button of a
// bundle does.
func (d *Dialogs) ackMine(ctx context.Context, t *bot.Turn, _ Command) error {
	page, err := d.Desk.List(ctx, t.Reader, t.Person, request.Query{Filter: request.OnlyMine, Limit: cards.MostAcked})
	if err != nil {
		return err
	}
	var numbers []request.Number
	for _, of := range page.Tickets {
		if of.Assignee.Is(t.Person) {
			numbers = append(numbers, of.Number)
		}
	}
	mine, err := json.Marshal(numbers)
	if err != nil {
		return err
	}
	return d.ackAll(ctx, t, teams.CardAction{Verb: cards.SLAAck, Data: teams.Values{"numbers": mine}})
}
