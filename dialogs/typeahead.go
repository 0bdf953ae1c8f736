package dialogs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// deepest is how far somebody can scroll in what they search for; nobody looks
// further, and each step costs the database the whole way.
const deepest = 500

// Search gives the choices of an input of the form while somebody types.
func (d *Dialogs) Search(ctx context.Context, t *bot.Turn, q teams.SearchQuery) ([]teams.Choice, error) {
	if q.Skip > deepest {
		return nil, nil
	}
	q.Text, q.Top = plaintext.SearchText(q.Text), min(q.Top, teams.MaxChoices)
	switch q.Dataset {
	case cards.CustomersDataset:
		return d.typedCustomers(ctx, t, q)
	case cards.SubscriptionsDataset:
		return d.typedSubscriptions(ctx, t, q)
	}
	return nil, nil
}

// sortedDeep is how many hits are put in order by when the person last had them.
const sortedDeep = 100

// typedCustomers are those who fit what was typed, the person's recent ones first;
// where nobody does, those of a similar name.
func (d *Dialogs) typedCustomers(ctx context.Context, t *bot.Turn, q teams.SearchQuery) ([]teams.Choice, error) {
	recent, err := t.Reader.RecentCustomers(ctx, t.Person.ID, recentChoices)
	if err != nil {
		return nil, fmt.Errorf("recent customers: %w", err)
	}
	found, err := d.Desk.SearchCustomers(ctx, t.Reader, q.Text, max(q.Skip+q.Top, sortedDeep))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && q.Skip == 0 {
		if found, err = d.Desk.NearCustomers(ctx, t.Reader, q.Text); err != nil {
			return nil, err
		}
	}
	place := func(c customer.Customer) int {
		if i := slices.IndexFunc(recent, func(r customer.Customer) bool { return r.TenantID == c.TenantID }); i >= 0 {
			return i
		}
		return len(recent)
	}
	slices.SortStableFunc(found, func(a, b customer.Customer) int { return place(a) - place(b) })
	own, err := d.ownTenants(ctx, t)
	if err != nil {
		return nil, err
	}
	typed := plaintext.Fold(q.Text)
	for _, c := range own {
		if typed != "" && !offers(found, c) && strings.Contains(plaintext.Fold(c.Name+" "+c.TenantID), typed) {
			found = append(found, c)
		}
	}
	var choices []teams.Choice
	for _, c := range onPage(found, q) {
		choices = append(choices, teams.Choice{Title: customerTitle(c), Value: c.TenantID})
	}
	return choices, nil
}

// typedSubscriptions are those of the customer who stands on the same card, else in the
// person's form.
func (d *Dialogs) typedSubscriptions(ctx context.Context, t *bot.Turn, q teams.SearchQuery) ([]teams.Choice, error) {
	tenant, platform := q.Data.String("customer"), q.Data.String("platform")
	if form := t.Session.Draft; form != nil {
		tenant, platform = cmp.Or(tenant, form.Answers.Customer), cmp.Or(platform, form.Answers.Platform)
	}
	id, ok := customer.ParseGUID(tenant)
	if !ok {
		return nil, nil
	}
	of, err := t.Reader.Customer(ctx, id)
	if errors.Is(err, customer.ErrNoCustomer) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("customer of the subscriptions: %w", err)
	}
	typed := plaintext.Fold(q.Text)
	var choices []teams.Choice
	for _, s := range of.SubscriptionsOf(customer.Platform(platform)) {
		if title := cards.SubscriptionTitle(s); strings.Contains(plaintext.Fold(title), typed) {
			choices = append(choices, teams.Choice{Title: title, Value: s.ID})
		}
	}
	return onPage(choices, q), nil
}

// onPage is the part of all hits that was asked for.
func onPage[T any](all []T, q teams.SearchQuery) []T {
	from := min(q.Skip, len(all))
	return all[from:min(from+q.Top, len(all))]
}
