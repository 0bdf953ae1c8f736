package dialogs

import (
	"context"
	"strconv"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// list shows a page of requests: those of the filter's word, or alone mine, and
// open ones for who has none. With a mention they are that person's, for handing
// over.
func (d *Dialogs) list(ctx context.Context, t *bot.Turn, c Command) error {
	filter, rest, chosen := request.OnlyMine, c.Rest, false
	if word, after := cutWord(c.Rest); word != "" {
		if f, ok := filterOf(word); ok {
			filter, rest, chosen = f, after, true
		}
	}
	view := cards.ListView{Filter: filter}
	if mentioned := t.Activity.MentionedPeople(); len(mentioned) > 0 {
		of, err := d.personNamed(ctx, t, "", 0)
		if err != nil {
			return err
		}
		view.Of, rest = of, strings.TrimSpace(strings.Replace(rest, mentioned[0].Spoken, "", 1))
	}
	if rest != "" {
		meant, which, err := d.customerNamed(ctx, t, rest)
		if err != nil {
			return err
		}
		if meant == nil {
			return t.ReplyPrivately(say(which))
		}
		view.Customer = *meant
		if !chosen && view.Of.Nobody() {
			view.Filter = request.OnlyOpen
		}
	}
	if err := d.page(ctx, t, &view, 0); err != nil {
		return err
	}
	if c.Rest == "" && view.Page.Total == 0 {
		view.Filter = request.OnlyOpen
		if err := d.page(ctx, t, &view, 0); err != nil {
			return err
		}
	}
	return t.ReplyPrivately(shown(cards.List(view, t.Words)))
}

// customerNamed gives the customer whom words mean for sure, else what to ask instead:
// who of those whom they may mean, or who of those called nearly so.
func (d *Dialogs) customerNamed(ctx context.Context, t *bot.Turn, typed string) (meant *customer.Customer, which string, err error) {
	match, err := d.Desk.MatchAnyCustomer(ctx, t.Reader, typed)
	if err != nil || match.Sure {
		return match.Only(), "", err
	}
	found, ask := match.Customers, "talk.which_customer"
	if len(found) == 0 {
		if found, err = d.Desk.NearCustomers(ctx, t.Reader, typed); err != nil {
			return nil, "", err
		}
	}
	switch {
	case len(found) == 0:
		return nil, t.Words.T("talk.no_customer", "typed", excerpt(typed)), nil
	case len(match.Customers) < 2:
		ask = "talk.near_customer"
	}
	var names []string
	for _, c := range found[:min(namedCandidates, len(found))] {
		names = append(names, customerTitle(c))
	}
	return nil, t.Words.T(ask, "typed", excerpt(typed), "names", strings.Join(names, "; ")), nil
}

// find shows the requests in which every word is found.
func (d *Dialogs) find(ctx context.Context, t *bot.Turn, c Command) error {
	if len(plaintext.FoldWords(c.Rest)) == 0 {
		return t.Reply(say(t.Words.T("talk.find_what", "word", Find.Typed(t.Words))))
	}
	view := cards.ListView{Filter: request.All, Words: c.Rest}
	if err := d.page(ctx, t, &view, 0); err != nil {
		return err
	}
	return t.ReplyPrivately(shown(cards.List(view, t.Words)))
}

// listPage turns the page, or narrows the list.
func (d *Dialogs) listPage(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
	view := cards.ListView{Filter: request.OnlyMine, Words: press.Data.String("words")}
	if f, ok := filterOf(press.Data.String("filter")); ok {
		view.Filter = f
	}
	if id := press.Data.String("customer"); id != "" {
		match, err := d.Desk.MatchCustomer(ctx, t.Reader, id) // the partner's own tenant has no record
		if err != nil {
			return err
		}
		if !match.Sure {
			return d.forged(t)
		}
		view.Customer = *match.Only()
	}
	if of := press.Data.String("of"); of != "" {
		view.Of = request.Person{ID: of}
	}
	offset, err := strconv.Atoi(press.Data.String("offset"))
	if err != nil || offset < 0 {
		offset = 0
	}
	if err := d.page(ctx, t, &view, offset); err != nil {
		return err
	}
	return t.AnswerCard(shown(cards.List(view, t.Words)))
}

// page reads a page of the list into the view.
func (d *Dialogs) page(ctx context.Context, t *bot.Turn, view *cards.ListView, offset int) error {
	q := request.Query{
		Filter: view.Filter, Customer: view.Customer.TenantID, Of: view.Of.ID, Words: request.SearchWords(view.Words),
		Offset: offset, Limit: cards.PageSize,
	}
	page, err := d.Desk.List(ctx, t.Reader, t.Person, q)
	if err != nil {
		return err
	}
	view.Viewer, view.Page, view.AsOf = d.Desk.Viewer(t.Person), page, d.Desk.Now()
	for _, listed := range page.Tickets { // a button carries only the id
		for _, p := range listed.People() {
			if p.Is(view.Of) {
				view.Of = p
			}
		}
	}
	return nil
}

// customerTitle names a customer with the domain: two Contosos look alike.
func customerTitle(c customer.Customer) string {
	if c.PrimaryDomain == "" {
		return c.Name
	}
	return c.Name + " · " + c.PrimaryDomain
}
