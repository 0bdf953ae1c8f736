package dialogs

import (
	"context"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// customerCard shows the customer who was named: what is on record, whether requests can
// be filed, and their requests. As a list, it is for the one who asked alone.
func (d *Dialogs) customerCard(ctx context.Context, t *bot.Turn, c Command) error {
	if c.Rest == "" {
		return t.Reply(say(t.Words.T("talk.customer_what", "word", Customer.Spelled(t.Words.Lang()))))
	}
	meant, which, err := d.customerNamed(ctx, t, c.Rest)
	if err != nil {
		return err
	}
	if meant == nil {
		return t.ReplyPrivately(say(which))
	}
	view, err := d.customerView(ctx, t, *meant)
	if err != nil {
		return err
	}
	return t.ReplyPrivately(shown(cards.Customer(view, t.Words)))
}

// pressedCustomer shows the customer whose id a button carries.
func (d *Dialogs) pressedCustomer(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	id, ok := customer.ParseGUID(press.Data.String("customer"))
	if !ok {
		return d.forged(t)
	}
	match, err := d.Desk.MatchCustomer(ctx, t.Reader, id)
	if err != nil {
		return err
	}
	if !match.Sure {
		return customer.ErrNoCustomer
	}
	view, err := d.customerView(ctx, t, *match.Only())
	if err != nil {
		return err
	}
	return t.AnswerCard(shown(cards.Customer(view, t.Words)))
}

// customerView reads what the viewer may see of a customer, with the rights of a list.
func (d *Dialogs) customerView(ctx context.Context, t *bot.Turn, c customer.Customer) (cards.CustomerView, error) {
	v := cards.CustomerView{Viewer: d.Desk.Viewer(t.Person), Customer: c, AsOf: d.Desk.Now()}
	v.Right = c.RightAt("", v.AsOf)
	if c.Status != "left" {
		v.Incidents, v.IncidentsAsOf = d.Desk.Incidents.On(v.AsOf, c.Platforms()...)
	}
	var err error
	if v.Open, err = d.Desk.List(ctx, t.Reader, t.Person, request.Query{Filter: request.OnlyOpen, Customer: c.TenantID, Limit: cards.CustomerOpen}); err != nil {
		return v, err
	}
	v.Over, err = d.Desk.List(ctx, t.Reader, t.Person, request.Query{Filter: request.OnlyOver, Customer: c.TenantID, Limit: cards.CustomerOver})
	return v, err
}
