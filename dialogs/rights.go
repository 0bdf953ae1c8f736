package dialogs

import (
	"context"
	"slices"
	"strconv"

	"onbehalf/bot"
	"onbehalf/bot/customer"
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
