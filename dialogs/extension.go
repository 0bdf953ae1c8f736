package dialogs

import (
	"context"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// Extension finds requests from the compose box: by number, or by words. The hits
// are those that the person may see; the card that goes into their message is the
// one for everybody, which shows of a fraud case number and status only.
func (d *Dialogs) Extension(ctx context.Context, t *bot.Turn, q teams.ExtensionQuery) ([]teams.ExtensionResult, error) {
	if q.CommandID != "find" || q.Skip > deepest {
		return nil, nil
	}
	found, err := d.hits(ctx, t, q)
	if err != nil {
		return nil, err
	}
	var results []teams.ExtensionResult
	for i := range found {
		result, err := d.result(ctx, t, &found[i])
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, nil
}

// result is a request that goes into somebody's message.
func (d *Dialogs) result(ctx context.Context, t *bot.Turn, found *request.Ticket) (teams.ExtensionResult, error) {
	v, err := d.sharedView(ctx, t, found)
	if err != nil {
		return teams.ExtensionResult{}, err
	}
	return teams.ExtensionResult{
		Card: cards.Ticket(v, readers(*found)), Title: found.Number.String() + " " + found.Title,
		Text: strings.Join([]string{found.Customer.Name, t.Words.T("status." + string(found.Status))}, ", "),
	}, nil
}

// Link shows the request that a link in a message leads to, for those who may see it.
// The card is the one for everybody: others read the message too.
func (d *Dialogs) Link(ctx context.Context, t *bot.Turn, address string) (*teams.ExtensionResult, error) {
	n, ok := d.Desk.Linked(address)
	if !ok {
		return nil, nil
	}
	found, err := d.visible(ctx, t, n)
	if err != nil || !d.Desk.MaySee(*found, t.Person) {
		return nil, ignoreNotFound(err)
	}
	result, err := d.result(ctx, t, found)
	if err != nil {
		return nil, err
	}
	if found.Kind == request.Fraud { // its title is in nobody's message
		result.Title, result.Text = found.Number.String(), t.Words.T("status."+string(found.Status))
	}
	return &result, nil
}

func (d *Dialogs) hits(ctx context.Context, t *bot.Turn, q teams.ExtensionQuery) ([]request.Ticket, error) {
	if n, ok := request.ParseNumber(q.Text); ok {
		found, err := d.visible(ctx, t, n)
		if err == nil && d.Desk.MaySee(*found, t.Person) {
			return []request.Ticket{*found}, nil
		}
		return nil, ignoreNotFound(err)
	}
	query := request.Query{Filter: request.All, Words: request.SearchWords(q.Text), Offset: q.Skip, Limit: min(q.Count, cards.PageSize)}
	if len(query.Words) == 0 {
		query.Filter = request.OnlyMine
	}
	page, err := d.Desk.List(ctx, t.Reader, t.Person, query)
	return page.Tickets, err
}
