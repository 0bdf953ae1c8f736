package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/graph"
	"onbehalf/bot/notify"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
)

// syncCommand brings customers and rights from Microsoft Graph, once.
type syncCommand struct{}

// Run says what was found and what has changed. After a failure what was read until then
// is kept.
func (syncCommand) Run(c console, s settings) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	if cfg.GraphURL == "" {
		return errors.New("GRAPH_SYNC is off: set it to on, and give the bot's registration the application permission " + graph.Permission)
	}
	log := cfg.logger(c.err)
	flush, err := cfg.Traces.start(c.ctx, log)
	if err != nil {
		return err
	}
	defer flush()
	st, err := openMigrated(c.ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	defer st.Close()
	result, err := cfg.graphSync(st, log).Run(c.ctx)
	if err == nil || result.Added+result.Changed > 0 {
		found(c.out, result)
	}
	return explainGraph(err)
}

// found prints what a run found.
func found(w io.Writer, r graph.Result) {
	for _, one := range r.Renamed {
		fmt.Fprintf(w, "note: %s: %q is called %q by Microsoft, and so here from now on\n", one.TenantID, oneLine(one.Before), oneLine(one.After))
	}
	if r.ByMicrosoft > 0 {
		fmt.Fprintf(w, "note: %d relationships that Microsoft made itself were left out\n", r.ByMicrosoft)
	}
	if r.Differing > 0 {
		fmt.Fprintf(w, "note: of %d customers something else was typed or imported about the relationship; what Microsoft says is used\n", r.Differing)
	}
	if r.Empty {
		fmt.Fprintln(w, "note: Microsoft Graph has no relationships at all. It answers so too where the app may not see them, so nothing was taken away")
	}
	fmt.Fprintf(w, "%d customers and %d relationships in Microsoft Graph; %d added, %d updated, %d unchanged\n", r.Customers, r.Relationships, r.Added, r.Changed, r.Same)
}

// explainGraph says what an operator can do about a failed run.
func explainGraph(err error) error {
	switch {
	case graph.Forbidden(err):
		return fmt.Errorf("%w: give the bot's registration the application permission %s of Microsoft Graph, with the consent of an administrator; "+
			"it counts within an hour. If it has it, the tenant lacks Microsoft's app Partner Customer Delegated Administration (2832473f-ec63-45fb-976f-5d45a7d4bb91)", err, graph.Permission)
	case err != nil && graph.NotOffered(err):
		return fmt.Errorf("%w: delegated admin relationships are not offered in this cloud, set GRAPH_SYNC to off and import the customers", err)
	}
	return err
}

// graphSync brings customers and rights into a database.
func (c Config) graphSync(st *store.Store, log *slog.Logger) *graph.Sync {
	return &graph.Sync{
		Client: &graph.Client{URL: c.GraphURL, Tokens: c.tokens().For(c.GraphLoginURL, c.GraphScope), Now: st.Clock, Log: log},
		Store:  st, Cloud: customer.Cloud(c.Cloud.Name), Own: c.PartnerTenants, Now: st.Clock, Log: log,
	}
}

// nightly brings customers and rights when it is time. Every replica looks, one does it.
type nightly struct {
	sync  *graph.Sync
	store *store.Store
	desk  *request.Desk
	zone  *time.Location
	ended func(result string) // counts runs
	log   *slog.Logger
}

// tellEvery is how often leads hear that a permission is missing.
const tellEvery = 7 * 24 * time.Hour

// lookEvery is how often a replica looks whether it is time.
const lookEvery = time.Minute

func (n *nightly) run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if err := n.look(ctx); err != nil && ctx.Err() == nil {
			n.log.ErrorContext(ctx, "customers did not come from Microsoft Graph", "err", explainGraph(err))
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// look runs where it is time and nobody else does.
func (n *nightly) look(ctx context.Context) error {
	last, err := n.store.LastRun(ctx, graph.Source)
	if err != nil || !last.Due(n.store.Clock(), n.zone) {
		return err
	}
	result, err := n.sync.Run(ctx)
	if errors.Is(err, graph.ErrBusy) {
		return nil
	}
	if ctx.Err() == nil {
		n.ended(outcomeOf(result, err))
	}
	if graph.Forbidden(err) {
		_, failed := n.store.TellRun(ctx, graph.Source, tellEvery, notify.ForbiddenNotices(n.desk, request.SyncForbidden, n.store.Clock()))
		err = errors.Join(err, failed)
	}
	if err == nil {
		n.log.InfoContext(ctx, "customers came from Microsoft Graph", "customers", result.Customers, "relationships", result.Relationships,
			"added", result.Added, "changed", result.Changed, "empty", result.Empty)
	}
	return err
}

// outcomeOf is how a run went, as the metrics count it.
func outcomeOf(r graph.Result, err error) string {
	switch {
	case graph.Forbidden(err):
		return "forbidden"
	case err != nil:
		return "failed"
	case r.Empty:
		return "empty"
	}
	return "done"
}
