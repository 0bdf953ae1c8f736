package dialogs

import (
	"context"

	"onbehalf/bot"
	"onbehalf/bot/request"
	"onbehalf/cards"
)

// why explains one ticket's due time to the one who asks: every span that
// counted, every closed day that did not.
func (d *Dialogs) why(ctx context.Context, t *bot.Turn, n request.Number) error {
	found, err := d.Desk.Ticket(ctx, t.Reader, t.Person, n)
	if err != nil {
		return err
	}
	policy, err := d.Desk.PolicyOf(ctx, t.Reader, found)
	if err != nil {
		return err
	}
	view, err := d.view(ctx, t, found)
	if err != nil {
		return err
	}
	return t.ReplyPrivately(shown(cards.Why(view, policy.Explain(found.Response), t.Words)))
}
