package dialogs

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"onbehalf/bot"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// newest is how many of the newest entries are looked through for words.
const newest = 5

// view is a ticket as the person sees it, who alone gets their view redrawn when
// it grows old.
func (d *Dialogs) view(ctx context.Context, t *bot.Turn, of *request.Ticket) (cards.TicketView, error) {
	entries, err := t.Reader.History(ctx, of.Number, 0, newest)
	if err != nil {
		return cards.TicketView{}, fmt.Errorf("newest entries of %s: %w", of.Number, err)
	}
	return d.viewWith(t, of, entries), nil
}

// viewMoved is a ticket that this turn has changed, which the redrawing of its cards
// then need not read again.
func (d *Dialogs) viewMoved(ctx context.Context, t *bot.Turn, moved *request.Ticket) (cards.TicketView, error) {
	entries, err := t.Reader.History(ctx, moved.Number, 0, newest)
	if err != nil {
		return cards.TicketView{}, fmt.Errorf("newest entries of %s: %w", moved.Number, err)
	}
	t.AfterCommit(func() { d.Desk.Recent.Put(moved, entries, d.Desk.Now()) })
	return d.viewWith(t, moved, entries), nil
}

func (d *Dialogs) viewWith(t *bot.Turn, of *request.Ticket, entries []request.Event) cards.TicketView {
	viewer := d.Desk.Viewer(t.Person)
	v := cards.TicketView{View: d.Desk.Show(*of, viewer, false), Viewer: viewer, Late: of.Late(d.Desk.Now())}
	if id := cmp.Or(t.Person.TeamsID, t.Person.ID); id != "" {
		v.RefreshFor = []string{id}
	}
	if !v.View.Hidden {
		v.Newest = entries
	}
	return v
}

// ownCard draws a ticket as the person sees it.
func (d *Dialogs) ownCard(ctx context.Context, t *bot.Turn, of *request.Ticket) (cards.Card, error) {
	v, err := d.view(ctx, t, of)
	if err != nil {
		return cards.Card{}, err
	}
	return cards.Ticket(v, t.Words), nil
}

// sharedView is a ticket for a message that several people see, with the buttons
// that everybody has.
func (d *Dialogs) sharedView(ctx context.Context, t *bot.Turn, of *request.Ticket) (cards.TicketView, error) {
	v, err := d.view(ctx, t, of)
	if err != nil {
		return v, err
	}
	v.View, v.Shared, v.RefreshFor = d.Desk.Show(*of, d.Desk.Viewer(t.Person), true), true, nil
	return v, nil
}

// answerTicket answers a press with the ticket as the presser sees it.
func (d *Dialogs) answerTicket(ctx context.Context, t *bot.Turn, n request.Number) error {
	found, err := d.visible(ctx, t, n)
	if err != nil {
		return err
	}
	card, err := d.ownCard(ctx, t, found)
	if err != nil {
		return err
	}
	return t.AnswerCard(shown(card))
}

// visible loads a ticket. What somebody may not see comes reduced to number and
// status, which is what they may see of it.
func (d *Dialogs) visible(ctx context.Context, t *bot.Turn, n request.Number) (*request.Ticket, error) {
	found, err := d.Desk.Ticket(ctx, t.Reader, t.Person, n)
	var refused *request.Refused
	if errors.As(err, &refused) && refused.Ticket != nil {
		reduced := *refused.Ticket
		reduced.Kind = request.Fraud // so that nothing shows it as an ordinary one
		return &reduced, nil
	}
	return found, err
}

// status shows one ticket. In a group or channel the card is for everybody when
// it is the thread's own; any other ticket, and a fraud case that the person may
// see (R5), goes to the one who asked alone.
func (d *Dialogs) status(ctx context.Context, t *bot.Turn, c Command) error {
	if _, ok := request.CaseIn(c.Rest); ok { // "2611 2300 5000 1234" begins like one of ours
		return d.ofCase(ctx, t, c.Rest)
	}
	n, _, ok := c.Number()
	if !ok && c.Alone() {
		var err error
		if n, ok, err = d.implied(ctx, t); err != nil {
			return err
		}
	}
	if !ok {
		return t.Reply(say(t.Words.T("talk.which_number", "word", Status.Typed(t.Words))))
	}
	return d.statusOf(ctx, t, n)
}

// ofCase shows the request that has a case of Microsoft's, or the list of several.
func (d *Dialogs) ofCase(ctx context.Context, t *bot.Turn, typed string) error {
	page, err := d.Desk.Find(ctx, t.Reader, t.Person, typed, 0)
	if err != nil {
		return err
	}
	if len(page.Tickets) == 1 && page.Total == 1 {
		return d.statusOf(ctx, t, page.Tickets[0].Number)
	}
	return d.find(ctx, t, Command{Name: Find, Rest: typed})
}

func (d *Dialogs) statusOf(ctx context.Context, t *bot.Turn, n request.Number) error {
	found, err := d.visible(ctx, t, n)
	if err != nil {
		return err
	}
	if t.Personal() || !d.homeHere(t, *found) || d.Desk.MaySee(*found, t.Person) && found.Kind == request.Fraud {
		card, err := d.ownCard(ctx, t, found)
		if err != nil {
			return err
		}
		return t.ReplyPrivately(shown(card))
	}
	v, err := d.sharedView(ctx, t, found)
	if err != nil {
		return err
	}
	v.RefreshAll = t.Few(ctx, cards.MaxRefresh)
	for _, p := range found.People() {
		v.RefreshFor = append(v.RefreshFor, cmp.Or(p.TeamsID, p.ID))
	}
	return t.Reply(shown(cards.Ticket(v, readers(*found))))
}

// homeHere says whether this is the conversation that the ticket was filed in.
func (d *Dialogs) homeHere(t *bot.Turn, of request.Ticket) bool {
	return of.Home.Conversation == t.Conversation()
}

// tell answers in words about a ticket: where the person spoke when that is the
// ticket's own place, else to that person alone. Of a fraud case a conversation
// hears nothing from its people (R5).
func (d *Dialogs) tell(t *bot.Turn, of request.Ticket, text string) error {
	if t.Personal() || d.homeHere(t, of) && of.Kind != request.Fraud {
		return t.Reply(say(text), bot.About(of.Number))
	}
	return t.ReplyPrivately(say(text), bot.About(of.Number))
}

// show answers a row of a list, or a button that leads back to the ticket.
func (d *Dialogs) show(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	n, ok := request.ParseNumber(press.Data.String("number"))
	if !ok {
		return d.forged(t)
	}
	return d.answerTicket(ctx, t, n)
}
