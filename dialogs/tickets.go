package dialogs

import (
	"context"
	"errors"
	"fmt"

	"onbehalf/bot"
	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
	"onbehalf/cards"
)

// ticketCard draws a ticket. Shared is for a message that several people see:
// in the language and zone of the one who filed it, with the buttons that
// everybody has. Otherwise it is the person's own view.
func (d *Dialogs) ticketCard(ctx context.Context, t *bot.Turn, of *ticket.Ticket, shared bool) (cards.Card, error) {
	v := cards.TicketView{
		View: d.Desk.Show(*of, d.Desk.Viewer(t.Person), shared), Viewer: d.Desk.Viewer(t.Person), Shared: shared, Late: of.Late(d.Desk.Now()),
	}
	if !v.View.Hidden {
		newest, err := d.Desk.Store.History(ctx, of.Number, 0, 1)
		if err != nil {
			return cards.Card{}, fmt.Errorf("newest entry of %s: %w", of.Number, err)
		}
		v.Newest = newest
	}
	w := t.Words
	if shared {
		w = readers(*of)
	}
	return cards.Ticket(v, w), nil
}

// answerTicket answers a press with the ticket as the presser may see it.
func (d *Dialogs) answerTicket(ctx context.Context, t *bot.Turn, n ticket.Number) error {
	found, err := d.visible(ctx, t, n)
	if err != nil {
		return err
	}
	card, err := d.ticketCard(ctx, t, found, false)
	if err != nil {
		return err
	}
	return t.AnswerCard(ctx, shown(card))
}

// visible loads a ticket. What somebody may not see comes reduced to number and
// status, which is what they may see of it.
func (d *Dialogs) visible(ctx context.Context, t *bot.Turn, n ticket.Number) (*ticket.Ticket, error) {
	found, err := d.Desk.Ticket(ctx, t.Person, n)
	var refused *ticket.Refused
	if errors.As(err, &refused) && refused.Ticket != nil {
		reduced := *refused.Ticket
		reduced.Kind = ticket.Fraud // so that nothing shows it as an ordinary one
		return &reduced, nil
	}
	return found, err
}

// status shows one ticket. In a group or channel the card is for everybody when
// it is the thread's own; any other ticket goes to the one who asked alone.
func (d *Dialogs) status(ctx context.Context, t *bot.Turn, c Command) error {
	n, _, ok := c.Number()
	if !ok {
		_, err := t.Reply(ctx, say(t.Words.T("talk.which_number", "word", Status.Spelled(t.Words.Lang()))))
		return err
	}
	found, err := d.visible(ctx, t, n)
	if err != nil {
		return err
	}
	own := found.Home.Conversation == t.Conversation()
	card, err := d.ticketCard(ctx, t, found, t.Shared() && own)
	if err != nil {
		return err
	}
	if t.Shared() && !own {
		return t.ReplyPrivately(ctx, shown(card))
	}
	_, err = t.Reply(ctx, shown(card))
	return err
}

// show answers a row of a list, or a client that refreshes its view.
func (d *Dialogs) show(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	n, ok := ticket.ParseNumber(press.Data.String("number"))
	if !ok {
		return d.forged(ctx, t)
	}
	return d.answerTicket(ctx, t, n)
}
