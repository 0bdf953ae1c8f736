package dialogs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
	"onbehalf/cards"
)

// sla shows what is late and what is due next; with a number, why that ticket is
// due when it is.
func (d *Dialogs) sla(ctx context.Context, t *bot.Turn, c Command) error {
	if n, _, ok := c.Number(); ok {
		return d.why(ctx, t, n)
	}
	card, err := d.board(ctx, t)
	if err != nil {
		return err
	}
	return t.ReplyPrivately(ctx, shown(card))
}

func (d *Dialogs) pressedBoard(ctx context.Context, t *bot.Turn, _ teams.CardAction) error {
	card, err := d.board(ctx, t)
	if err != nil {
		return err
	}
	return t.AnswerCard(ctx, shown(card))
}

func (d *Dialogs) board(ctx context.Context, t *bot.Turn) (cards.Card, error) {
	b, err := d.Desk.Board(ctx, t.Person)
	if err != nil {
		return cards.Card{}, err
	}
	return cards.Board(b, d.Desk.Viewer(t.Person), d.Desk.Now(), t.Words), nil
}

// mostNamed is more requests than a bundle names, and fewer than a forged press
// could.
const mostNamed = 2000

// ackMargin is what is kept of a turn's time for its answer.
const ackMargin = time.Second

// ackAll acknowledges those of a bundle that are the presser's own. Whoever
// presses for others silences nothing: such a number is passed over, as is one
// that asks for nothing any more. What there is no time for is offered again.
func (d *Dialogs) ackAll(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	var numbers []ticket.Number
	if err := json.Unmarshal(press.Data["numbers"], &numbers); err != nil {
		return d.forged(ctx, t)
	}
	numbers = numbers[:min(len(numbers), mostNamed)]
	deadline, limited := ctx.Deadline()
	acked := 0
	for len(numbers) > 0 && acked < cards.MostAcked && (!limited || time.Until(deadline) > ackMargin) {
		n := numbers[0]
		numbers = numbers[1:]
		found, err := d.Desk.Ticket(ctx, t.Person, n)
		if err == nil && found.Assignee.Is(t.Person) {
			_, err = d.Desk.Ack(ctx, t.Person, ticket.Move{Number: n, Origin: t.Origin})
			d.sights.forget(n)
			if err == nil {
				acked++
			}
		}
		var refused *ticket.Refused
		if err != nil && !errors.As(err, &refused) && !errors.Is(err, ticket.ErrNotFound) {
			return err
		}
	}
	return t.AnswerCard(ctx, shown(cards.Acked(acked, numbers, t.Words)))
}
