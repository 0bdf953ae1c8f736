package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"onbehalf/bot/graph"
	"onbehalf/bot/incident"
	"onbehalf/bot/notify"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
)

// healthWatch brings the incidents of Microsoft's services when it is time, and lets the desk
// know those that are open. Every replica looks, one reads Microsoft Graph.
type healthWatch struct {
	health *graph.Health
	store  *store.Store
	desk   *request.Desk
	log    *slog.Logger

	shown graph.Run // the run after which the desk was let know
}

// healthWatch watches service health for a desk.
func (c Config) healthWatch(st *store.Store, desk *request.Desk, log *slog.Logger) *healthWatch {
	desk.Incidents = &incident.Known{}
	health := &graph.Health{Client: c.graphSync(st, log).Client, Store: st, Tell: notify.Incidents{Store: st, Desk: desk}.Tell, Now: st.Clock}
	return &healthWatch{health: health, store: st, desk: desk, log: log}
}

func (h *healthWatch) run(ctx context.Context) {
	every(ctx, lookEvery, func() {
		if err := h.look(ctx); err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "incidents did not come from Microsoft Graph", "err", explainHealth(err))
		}
	})
}

// look runs where it is time and nobody else does. What another replica has read is known
// here a look later.
func (h *healthWatch) look(ctx context.Context) error {
	last, err := h.store.LastRun(ctx, graph.HealthSource)
	if err != nil {
		return err
	}
	var failure error
	if last.HealthDue(h.store.Clock()) {
		if _, failure = h.health.Run(ctx); errors.Is(failure, graph.ErrBusy) {
			failure = nil
		}
		if graph.Forbidden(failure) {
			notices := notify.ForbiddenNotices(h.desk, request.HealthForbidden, h.store.Clock())
			_, err := h.store.TellRun(ctx, graph.HealthSource, tellEvery, notices)
			failure = errors.Join(failure, err)
		}
		if last, err = h.store.LastRun(ctx, graph.HealthSource); err != nil {
			return errors.Join(failure, err)
		}
	}
	if last.Succeeded.Equal(h.shown.Succeeded) && last.Failed.Equal(h.shown.Failed) {
		return failure
	}
	open, err := h.store.OpenIncidents(ctx)
	if err != nil {
		return errors.Join(failure, err)
	}
	h.desk.Incidents.Set(open, last.Succeeded)
	h.shown = last
	return failure
}

// explainHealth says what an operator can do about incidents that cannot be read.
func explainHealth(err error) error {
	if graph.Forbidden(err) {
		return fmt.Errorf("%w: give the bot's registration the application permission %s of Microsoft Graph, with the consent of an administrator; "+
			"it counts within an hour. Microsoft refuses it too where the tenant subscribes to no service", err, graph.HealthPermission)
	}
	return err
}

// incidentsHealth says when incidents last came from Microsoft Graph, and asks it for the
// first of them.
func incidentsHealth(ctx context.Context, cfg Config) (detail string, err error) {
	st, err := store.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return "", err
	}
	defer st.Close()
	last, err := st.LastRun(ctx, graph.HealthSource)
	if err != nil {
		return "", err
	}
	detail = "never read yet"
	if !last.Succeeded.IsZero() {
		detail = fmt.Sprintf("as of %s, %d open", last.Succeeded.Format(time.RFC3339), last.Result.Incidents)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return detail, explainHealth(cfg.graphSync(st, slog.New(slog.DiscardHandler)).Client.ReachHealth(ctx))
}
