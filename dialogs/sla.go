package dialogs

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"onbehalf/bot"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
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
	return t.ReplyPrivately(shown(card))
}

func (d *Dialogs) pressedBoard(ctx context.Context, t *bot.Turn, _ teams.CardAction) error {
	card, err := d.board(ctx, t)
	if err != nil {
		return err
	}
	return t.AnswerCard(shown(card))
}

func (d *Dialogs) board(ctx context.Context, t *bot.Turn) (cards.Card, error) {
	b, err := d.Desk.Board(ctx, t.Reader, t.Person)
	if err != nil {
		return cards.Card{}, err
	}
	return cards.Board(b, d.Desk.Viewer(t.Person), d.Desk.Now(), t.Words), nil
}

// mostNamed is more requests than a bundle names, and fewer than a forged press
// could.
const mostNamed = 2000

// ackAll acknowledges those of a bundle that are the presser's own, in one transaction.
// Whoever presses for others silences nothing: such a number is passed over, as is one
// that asks for nothing any more. More than a turn has time for are offered again.
func (d *Dialogs) ackAll(_ context.Context, t *bot.Turn, press teams.CardAction) error {
	var numbers []request.Number
	if err := json.Unmarshal(press.Data["numbers"], &numbers); err != nil {
		return d.forged(t)
	}
	numbers = numbers[:min(len(numbers), mostNamed)]
	now := numbers[:min(len(numbers), cards.MostAcked)]
	d.do(t, func(ctx context.Context, tx bot.Tx) error {
		acked := 0
		for _, n := range slices.Sorted(slices.Values(now)) { // in the order of locks
			found, err := d.Desk.Ticket(ctx, tx, t.Person, n)
			if err == nil && found.Assignee.Is(t.Person) {
				_, err = d.Desk.Ack(ctx, tx, t.Person, request.Move{Number: n, Origin: t.Origin})
				if err == nil {
					acked++
				}
			}
			var refused *request.Refused
			if err != nil && !errors.As(err, &refused) && !errors.Is(err, request.ErrNotFound) {
				return err
			}
		}
		return t.AnswerCard(shown(cards.Acked(acked, numbers[len(now):], t.Words)))
	})
	return nil
}
