package dialogs

import (
	"context"
	"slices"
	"strconv"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/outbox"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// rights shows for whom nothing can be filed, and whose rights end soon: the first part
// that has anybody in it.
func (d *Dialogs) rights(ctx context.Context, t *bot.Turn, _ Command) error {
	view, err := d.rightsPage(ctx, t, customer.RightsBlocked, 0)
	if err != nil {
		return err
	}
	for _, part := range customer.RightsParts {
		if view.Page.Counts[part] > 0 && part != customer.RightsUnknown {
			if part != view.Part {
				if view, err = d.rightsPage(ctx, t, part, 0); err != nil {
					return err
				}
			}
			break
		}
	}
	return t.ReplyPrivately(shown(cards.Rights(view, t.Words)))
}

// pressedRights turns the page, or shows another part.
func (d *Dialogs) pressedRights(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	part := customer.RightsPart(press.Data.String("part"))
	if !slices.Contains(customer.RightsParts, part) {
		part = customer.RightsBlocked
	}
	offset, err := strconv.Atoi(press.Data.String("offset"))
	if err != nil || offset < 0 {
		offset = 0
	}
	view, err := d.rightsPage(ctx, t, part, offset)
	if err != nil {
		return err
	}
	return t.AnswerCard(shown(cards.Rights(view, t.Words)))
}

func (d *Dialogs) rightsPage(ctx context.Context, t *bot.Turn, part customer.RightsPart, offset int) (cards.RightsView, error) {
	now := d.Desk.Instant()
	page, err := t.Reader.Rights(ctx, customer.RightsQuery{Part: part, Now: now, Except: d.Desk.OwnTenants(), Offset: offset, Limit: cards.PageSize})
	return cards.RightsView{Part: part, Page: page, AsOf: now}, err
}

// ackRights silences in this place what its card spoke of, until the next mark. The card
// knows its instant only: what has come since is told all the same.
func (d *Dialogs) ackRights(_ context.Context, t *bot.Turn, press teams.CardAction) error {
	seconds, err := strconv.ParseInt(press.Data.String("at"), 10, 64)
	now := d.Desk.Instant()
	at := time.Unix(seconds, 0).UTC()
	if err != nil || at.After(now) {
		return d.forged(t)
	}
	place := t.Person.ID
	if !t.Personal() {
		place = outbox.Channel(t.Activity.Conversation.ID)
	}
	d.do(t, func(ctx context.Context, tx bot.Tx) error {
		_, marks, err := d.Desk.MarkedRights(ctx, tx, place, at)
		if err != nil {
			return err
		}
		if err := tx.AckRights(ctx, place, t.Person.ID, now, marks); err != nil {
			return err
		}
		return t.AnswerCard(shown(cards.RightsAcked(len(marks), t.Words)))
	})
	return nil
}
