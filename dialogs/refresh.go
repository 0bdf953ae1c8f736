package dialogs

import (
	"context"

	"onbehalf/bot"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// refresh answers a client that redraws somebody's view by itself. When a card in
// a channel changes, every client that shows it asks at once, so what was read for
// one serves the others for some seconds; each is drawn with its own rights.
func (d *Dialogs) refresh(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	n, ok := request.ParseNumber(press.Data.String("number"))
	if !ok {
		return d.forged(t)
	}
	found, entries, err := d.recent(ctx, t, n, revisionOf(press))
	if err != nil {
		return err
	}
	return t.AnswerCard(shown(cards.Ticket(d.viewWith(t, found, entries), t.Words)))
}

// recent gives a ticket with its newest entries, no older than a revision.
func (d *Dialogs) recent(ctx context.Context, t *bot.Turn, n request.Number, revision int) (*request.Ticket, []request.Event, error) {
	if found, entries, ok := d.Desk.Recent.Get(n, revision, d.Desk.Now()); ok {
		return found, entries, nil
	}
	found, err := t.Reader.Ticket(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	entries, err := t.Reader.History(ctx, n, 0, newest)
	if err != nil {
		return nil, nil, err
	}
	d.Desk.Recent.Put(found, entries, d.Desk.Now())
	return found, entries, nil
}
