package notify

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// Radar tells the desk once a day, at the first opening of the default calendar, whose
// rights end soon or have ended. Any number of replicas may run it.
type Radar struct {
	Store Store
	Desk  *request.Desk
	Now   func() time.Time
	Log   *slog.Logger

	told string // the day that this process knows to be told
}

// radarEvery is how often somebody looks whether the desk has opened.
const radarEvery = time.Minute

// Run looks until the context ends.
func (r *Radar) Run(ctx context.Context) {
	ticker := time.NewTicker(radarEvery)
	defer ticker.Stop()
	for {
		if err := r.Look(ctx); err != nil && ctx.Err() == nil {
			r.Log.ErrorContext(ctx, "rights that end were not told", "err", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// Look leaves the notices of today where the desk is open and has not been told yet.
func (r *Radar) Look(ctx context.Context) error {
	now := r.Now()
	today := r.Desk.Policy.Calendar("", "").NextDays(now, 1)[0]
	day := today.Date.Format(time.DateOnly)
	if r.told == day || len(today.Windows) == 0 || now.Before(today.Windows[0].From) {
		return nil
	}
	err := r.Store.InTx(ctx, func(tx request.Tx) error {
		for _, to := range rightsTargets(r.Desk) {
			fresh, err := tx.TellRights(ctx, rightsPlace(to), day)
			if err != nil || !fresh {
				return err // the others were told with it
			}
			if err := tx.Notify(ctx, request.Notice{Reason: request.RightsDue, To: to, Severity: request.NonCritical, Created: now}); err != nil {
				return fmt.Errorf("leave a notice of rights: %w", err)
			}
		}
		return nil
	})
	if err == nil {
		r.told = day
	}
	return err
}

// rightsTargets are the desk's conversation, and without one each lead.
func rightsTargets(d *request.Desk) []request.Target {
	if d.DeskConversation != "" {
		return []request.Target{{Conversation: d.DeskConversation}}
	}
	return leadTargets(d)
}

func leadTargets(d *request.Desk) []request.Target {
	var all []request.Target
	if d.Leads == nil {
		return nil
	}
	for _, id := range d.Leads() {
		all = append(all, request.Target{Person: request.Person{ID: id, Tenant: d.OwnTenant}})
	}
	return all
}

// rightsPlace is the name under which it is kept what a place was told and has
// acknowledged: that of the channel, or of the person.
func rightsPlace(to request.Target) string { return outbox.Channel(targetKey(to)) }

// packRights writes the message of a day, by what is so when it is sent; where nothing is
// to be said any more there is none.
func (l *Renderer) packRights(ctx context.Context, place outbox.Conversation, p *parcel, group []request.Notice) error {
	now := l.now()
	to := group[0].To
	all, _, err := l.Desk.MarkedRights(ctx, l.Store, rightsPlace(to), now)
	if err != nil || len(all) == 0 {
		return err
	}
	words := i18n.For(i18n.English, l.Desk.Policy.Calendar("", "").Zone()).AsOf(now)
	who := to.Person
	if leads := leadTargets(l.Desk); who.Nobody() && len(leads) > 0 {
		who = leads[0].Person // several read it: in the language of the first who leads them
	}
	if !who.Nobody() {
		if words, err = l.wordsFor(ctx, who, words); err != nil {
			return err
		}
	}
	p.thread = l.opensThread(place)
	p.notices, p.message = group, cardMessage(cards.RightsDue(all, now, words), words)
	return nil
}

// packForbidden tells a lead what does not come from Microsoft any more, customers and rights
// or incidents, and what an administrator can do.
func (l *Renderer) packForbidden(ctx context.Context, p *parcel, group []request.Notice) error {
	words, err := l.wordsFor(ctx, group[0].To.Person, i18n.For(i18n.English, nil))
	if err != nil {
		return err
	}
	key := "rights.sync_forbidden"
	if group[0].Reason == request.HealthForbidden {
		key = "incident.health_forbidden"
	}
	p.notices = group
	p.message = teams.Message{Text: words.T(key), TextFormat: teams.Plain, Locale: words.Lang()}
	return nil
}

// ForbiddenNotices are for each lead, when the bot may not read Microsoft Graph. The reason is
// request.SyncForbidden or request.HealthForbidden.
func ForbiddenNotices(d *request.Desk, reason request.Reason, now time.Time) []request.Notice {
	var all []request.Notice
	for _, to := range leadTargets(d) {
		all = append(all, request.Notice{Reason: reason, To: to, Severity: request.NonCritical, Created: now})
	}
	return all
}
