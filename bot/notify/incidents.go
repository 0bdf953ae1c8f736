package notify

import (
	"context"

	"onbehalf/bot/incident"
	"onbehalf/bot/request"
)

// Incidents tells the requests that keep an incident what is new of it.
type Incidents struct {
	Store Store
	Desk  *request.Desk
}

// Tell tells each of them in a transaction of its own: many may keep one incident, and turns
// wait for none of them longer than for one. After an error those that were told are told
// nothing again.
func (i Incidents) Tell(ctx context.Context, news incident.Incident) error {
	all, err := i.Store.WithIncident(ctx, news.ID)
	if err != nil {
		return err
	}
	for _, n := range all {
		if err := i.Store.InTx(ctx, func(tx request.Tx) error { return i.Desk.HearOfIncident(ctx, tx, n, news) }); err != nil {
			return err
		}
	}
	return nil
}
