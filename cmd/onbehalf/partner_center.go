package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/partnercenter"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
)

// receiver takes the events of Partner Center, and follower asks Graph about those that
// tell of relationships; it is nil where nothing comes from Graph.
func (c Config) receiver(st *store.Store, desk *request.Desk, deliver func(context.Context, []outbox.Lease), meter partnercenter.Meter, log *slog.Logger) (*partnercenter.Receiver, *partnercenter.Follower) {
	r := &partnercenter.Receiver{
		Certificates: &partnercenter.Certificates{Hosts: c.CertificateHosts, Now: st.Clock, Log: log},
		Store:        st, Desk: desk, Deliver: deliver, Meter: meter, Now: st.Clock, Log: log,
	}
	if c.GraphURL == "" {
		return r, nil
	}
	f := partnercenter.NewFollower(st, c.graphSync(st, log), meter, st.Clock, log)
	r.Follow = f.Wake
	return r, f
}

// eventsPath is where Partner Center posts, below PUBLIC_URL.
const eventsPath = "/partner-center/events"

// eventsHealth says where Partner Center has to post, when it did so last, and what does
// not come of its events.
func eventsHealth(ctx context.Context, cfg Config) (detail string, err error) {
	st, err := store.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return "", err
	}
	defer st.Close()
	e, err := st.PartnerEvents(ctx)
	if err != nil {
		return "", err
	}
	said := []string{"at " + cfg.PublicURL + eventsPath}
	if e.Last.IsZero() {
		said = append(said, "none came yet: register this address in Partner Center and have it send test-created, see onbehalf docs administrator")
	} else {
		said = append(said, "the last came at "+e.Last.Format(time.RFC3339))
	}
	if !e.Tested.IsZero() {
		said = append(said, "the last test at "+e.Tested.Format(time.RFC3339))
	}
	if cfg.GraphURL == "" {
		said = append(said, "those of relationships change nothing, because GRAPH_SYNC is off; those of fraud open requests")
	} else if e.Waiting > 0 {
		said = append(said, fmt.Sprintf("%d wait for Microsoft Graph", e.Waiting))
	}
	var problems []error
	if cfg.PublicURL == "" {
		problems = append(problems, errors.New("PUBLIC_URL is not set: set it to the https address under which Partner Center reaches this bot, and register that with "+eventsPath+" behind it"))
	}
	if e.GivenUp > 0 {
		problems = append(problems, fmt.Errorf("%d events of the last 30 days told of relationships that Microsoft Graph did not give: see Microsoft Graph above, and run onbehalf customers sync", e.GivenUp))
	}
	return strings.Join(said, "; "), errors.Join(problems...)
}
