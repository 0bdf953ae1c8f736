package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/notify"
	"onbehalf/bot/outbox"
	"onbehalf/bot/partnercenter"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/teams"
	"onbehalf/dialogs"
)

// serveCommand runs the bot until it is told to stop.
type serveCommand struct{}

// Run serves with the settings.
func (serveCommand) Run(c console, s settings) error {
	cfg, err := s.config()
	_, badPolicy := policyOf(s.SLAPolicy) // here as well, so that all problems come at once
	if err := errors.Join(err, badPolicy); err != nil {
		return err
	}
	l, err := listen(c.ctx, cfg)
	if err != nil {
		return err
	}
	log := cfg.logger(c.err)
	flush, err := cfg.Traces.start(c.ctx, log)
	if err != nil {
		l.close()
		return err
	}
	defer flush()
	return serve(c.ctx, cfg, l, log)
}

// listeners are where requests come in; admin is nil where the public one serves
// the operator too, or nobody does.
type listeners struct{ public, admin net.Listener }

// listen opens the addresses before anything else is touched: a second instance
// that was started by mistake has changed nothing.
func listen(ctx context.Context, cfg Config) (l listeners, err error) {
	if l.public, err = listenOn(ctx, "LISTEN_ADDR", cfg.ListenAddr); err != nil {
		return listeners{}, err
	}
	if cfg.AdminAddr != "" && cfg.AdminAddr != cfg.ListenAddr {
		if l.admin, err = listenOn(ctx, "ADMIN_ADDR", cfg.AdminAddr); err != nil {
			l.close()
			return listeners{}, err
		}
	}
	return l, nil
}

func listenOn(ctx context.Context, name, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		_, port, _ := net.SplitHostPort(address) // it was listened on
		return nil, fmt.Errorf("%s %s is in use by %s: end it, or set %s to another address", name, address, cmp.Or(holder(port), "another program"), name)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be listened on (%w): set it to an address of this machine", name, err)
	}
	return l, nil
}

// close gives the addresses back. A server closes its listener first where all
// goes well, so what a second Close says is of no interest.
func (l listeners) close() {
	_ = l.public.Close()
	if l.admin != nil {
		_ = l.admin.Close()
	}
}

// serve brings the database up to date and serves the bot until ctx ends; then
// it finishes the turns in hand, lets the messages on their way arrive, and
// closes the database. It closes l in any case. To be told to stop is no failure,
// even while it still starts.
func serve(ctx context.Context, cfg Config, l listeners, log *slog.Logger) error {
	defer l.close()
	st, err := openMigrated(ctx, cfg.DatabaseURL)
	if err != nil && ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer st.Close()
	p, err := assemble(ctx, cfg, st, log)
	if err != nil && ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	if !cfg.Registered() {
		log.Warn("no MICROSOFT_APP_ID: activities are taken unauthenticated, from this machine only")
	}
	if st.Unprepared {
		log.Warn("a pooler in transaction mode prepares no statements, so each is planned anew: pgbouncer 1.21 or newer with max_prepared_statements is faster")
	}
	if cfg.TLS != nil {
		cfg.TLS.log = log
		l.public = tls.NewListener(l.public, cfg.TLS.config())
	}
	log.Info("listening", "address", l.public.Addr().String())
	return p.run(ctx, l, cfg.AdminAddr == cfg.ListenAddr)
}

// openMigrated opens the database and brings it to the newest schema.
func openMigrated(ctx context.Context, url string) (*store.Store, error) {
	st, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	if _, err := st.Migrate(ctx); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

// program is the bot with all its parts, ready to run.
type program struct {
	store   *store.Store
	server  *bot.Server
	sweeper *notify.Sweeper
	sender  *outbox.Sender
	radar   *notify.Radar
	nightly *nightly     // nil where nothing comes from Microsoft Graph
	health  *healthWatch // likewise
	// follower is nil where no events of Partner Center come, or nothing from Graph.
	follower *partnercenter.Follower
	retain   time.Duration // of closed requests, 0 is for ever
	metrics  *bot.Metrics
	watch    *bot.Watchdog
	expiry   *credentialWatch // nil without a registration
	log      *slog.Logger
}

// assemble puts the parts together. It starts nothing but the first look for the
// signing keys.
func assemble(ctx context.Context, cfg Config, st *store.Store, log *slog.Logger) (*program, error) {
	policy, err := policyOf(cfg.SLAPolicy)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics := bot.NewMetrics(registry)
	lead := &leadership{fixed: cfg.Leads, path: cfg.LeadsFile, log: log}
	desk := &request.Desk{
		Policy: policy, Leads: lead.leads, Tenants: cfg.PartnerTenants, OwnCloud: customer.Cloud(cfg.Cloud.Name),
		DeskConversation: cfg.DeskConversation, EscalationConversation: cfg.EscalationConversation, PublicURL: cfg.PublicURL, Now: st.Clock,
	}
	if len(cfg.PartnerTenants) > 0 {
		desk.OwnTenant = cfg.PartnerTenants[0]
	}
	if err := desk.KeepPolicy(ctx, st.SavePolicy); err != nil {
		return nil, err
	}
	connector := &teams.Connector{Hosts: cfg.ServiceHosts}
	p := &program{store: st, retain: cfg.RetainClosed, metrics: metrics, log: log}
	if cfg.Registered() {
		connector.Tokens = cfg.tokens()
		p.expiry = &credentialWatch{credential: cfg.Credential, store: st, leads: lead.leads, tenant: desk.OwnTenant, log: log}
	}
	connector.Answered = metrics.Answered
	st.Unreadable = func(what string, err error) {
		metrics.Unreadable(what)
		log.Error("row cannot be read and is set aside", "row", what, "err", err)
	}
	renderer := &notify.Renderer{Store: st, Desk: desk, Teams: connector, Now: st.Clock, Log: log, Lost: metrics.Lost}
	p.sender = &outbox.Sender{
		Store: st, Renderer: renderer, Teams: connector, BotID: "28:" + cfg.AppID, Tenant: desk.OwnTenant,
		ServiceURL: cfg.Cloud.ServiceURL, TenantRate: cfg.TenantRate, Now: st.Clock, Log: log, Meter: metrics,
	}
	renderer.Pace = p.sender.Pace
	p.sweeper = &notify.Sweeper{Store: st, Desk: desk, Outbox: p.sender, Now: st.Clock, Log: log, Meter: metrics}
	reactor := &outbox.Reactor{Store: st, Teams: connector, Now: st.Clock, Log: log}
	talk := dialogs.NewDialogs(desk, metrics)
	talk.Files = cfg.Registered() && cfg.Cloud.Files
	p.server = &bot.Server{
		Handler: talk, Store: st, Connector: connector, Verifier: cfg.verifier(ctx, log),
		Hosts: cfg.ServiceHosts, Tenants: cfg.PartnerTenants, Chat: cfg.Cloud.ChatURL(cfg.AppID), Deliver: p.sender.Deliver, React: reactor.React, Shares: bot.DefaultShares(),
		Metrics: metrics, Gatherer: registry,
		Log: log, Now: st.Clock,
	}
	if len(cfg.CertificateHosts) > 0 {
		p.server.Events, p.follower = cfg.receiver(st, desk, p.sender.Deliver, metrics, log)
	}
	p.radar = &notify.Radar{Store: st, Desk: desk, Now: st.Clock, Log: log}
	if cfg.GraphURL != "" {
		p.nightly = &nightly{sync: cfg.graphSync(st, log), store: st, desk: desk, zone: policy.Calendar("", "").Zone(), ended: metrics.Synced, log: log}
		p.health = cfg.healthWatch(st, desk, log)
	}
	gauges := &bot.Gauges{Source: st, Syncs: p.nightly != nil}
	if tokens, ok := connector.Tokens.(*teams.Tokens); ok {
		gauges.TokenUntil, gauges.KeysLoaded = tokens.Until, p.server.Verifier.Loaded
	}
	registry.MustRegister(gauges)
	for name, pool := range st.Pools() {
		registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
	}
	p.watch = &bot.Watchdog{Source: st, HeartbeatURL: cfg.HeartbeatURL, Client: teams.NewClient(), Log: log}
	return p, nil
}

// run serves until ctx ends or a listener fails. The sweep stops first, and the
// sender after the turns, so that what the last turns left may still go out.
func (p *program) run(ctx context.Context, l listeners, together bool) error {
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	ctx, stop := context.WithCancel(ctx)
	defer stop()

	var background sync.WaitGroup
	background.Go(func() { p.sweeper.Run(ctx) })
	background.Go(func() { p.sender.Run(sending) })
	background.Go(func() { p.radar.Run(ctx) })
	if p.follower != nil {
		background.Go(func() { p.follower.Run(ctx) })
	}
	if p.nightly != nil {
		background.Go(func() { p.nightly.run(ctx) })
		background.Go(func() { p.health.run(ctx) })
	}
	background.Go(func() { every(ctx, janitorEvery, func() { p.clean(ctx) }) })
	background.Go(func() { every(ctx, watchEvery, func() { p.watch.Look(ctx) }) })
	if p.expiry != nil {
		background.Go(func() { p.expiry.run(ctx) })
	}

	ended := make(chan error, 2)
	servers := 1
	go func() { ended <- p.server.Serve(ctx, l.public, p.server.Routes(together)) }()
	if l.admin != nil {
		servers++
		go func() { ended <- p.server.Serve(ctx, l.admin, p.server.AdminRoutes()) }()
	}
	var errs []error
	for range servers {
		errs = append(errs, <-ended)
		stop() // one that failed takes the other along
	}
	stopSending()
	background.Wait()
	return errors.Join(errs...)
}

// tokens are the bot's own, by the registration.
func (c Config) tokens() *teams.Tokens {
	return &teams.Tokens{LoginURL: c.LoginURL, AppID: c.AppID, Credential: c.Credential, Scope: c.OAuthScope}
}

// verifier checks the channel's tokens; nil without a registration. The keys are
// looked for once at the start, and a bot that is offline then starts all the
// same.
func (c Config) verifier(ctx context.Context, log *slog.Logger) *teams.Verifier {
	if !c.Registered() {
		return nil
	}
	v := &teams.Verifier{AppID: c.AppID, Issuer: c.Issuer, MetadataURL: c.MetadataURL}
	go func() {
		if err := v.Warm(ctx); err != nil && ctx.Err() == nil {
			log.Warn("signing keys could not be loaded, each request tries again", "err", err)
		}
	}()
	return v
}
