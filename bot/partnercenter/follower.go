package partnercenter

import (
	"context"
	"log/slog"
	"time"

	"onbehalf/bot/graph"
)

// Followed is an event that waits for the Follower.
type Followed struct {
	Event
	// Came is when it was taken, and Tries how often it was followed up, this time included.
	Came  time.Time
	Tries int
}

// FollowStore keeps the events that wait.
type FollowStore interface {
	// DueEvents gives up to limit events that are due, and makes each due again only after
	// a span, so that no other replica follows it up meanwhile.
	DueEvents(ctx context.Context, limit int, span time.Duration) ([]Followed, error)
	// EndEvent notes what came of an event, which then waits no more.
	EndEvent(ctx context.Context, key, outcome string) error
	// PutOff makes an event due at an instant; this time counts as a try, or not.
	PutOff(ctx context.Context, key string, until time.Time, counts bool) error
	// LastRun says how the runs of a source went.
	LastRun(ctx context.Context, source string) (graph.Run, error)
}

// Refresher reads one relationship and keeps what it says; *graph.Sync is the real one.
type Refresher interface {
	Refresh(ctx context.Context, id string) (graph.Refreshed, error)
}

// Follower asks Graph about the relationships that events tell of. Every replica has one.
type Follower struct {
	Store FollowStore
	Graph Refresher
	Meter Meter
	Now   func() time.Time
	Log   *slog.Logger

	woken chan struct{}
}

const (
	// followEvery is how often a replica looks for what another one has left, and
	// followBatch how many events it takes at once.
	followEvery = time.Minute
	followBatch = 20
	// followSpan is how long one of them is this replica's: longer than Graph is asked in
	// vain.
	followSpan = 15 * time.Minute
)

// pauses are how long after a failure an event is followed up again. After the last one
// the nightly run brings what it told of.
var pauses = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}

// NewFollower makes a Follower. Wake it when an event was taken.
func NewFollower(store FollowStore, refresher Refresher, meter Meter, now func() time.Time, log *slog.Logger) *Follower {
	return &Follower{Store: store, Graph: refresher, Meter: meter, Now: now, Log: log, woken: make(chan struct{}, 1)}
}

// Wake has it look at once. It does not wait.
func (f *Follower) Wake() {
	select {
	case f.woken <- struct{}{}:
	default: // it will look anyway
	}
}

// Run follows events up until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	for {
		if err := f.Look(ctx); err != nil && ctx.Err() == nil {
			f.Log.ErrorContext(ctx, "events of Partner Center were not followed up", "err", err)
		}
		select {
		case <-f.woken:
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// Look follows up every event that is due.
func (f *Follower) Look(ctx context.Context) error {
	for {
		due, err := f.Store.DueEvents(ctx, followBatch, followSpan)
		if err != nil {
			return err
		}
		for _, e := range due {
			if err := f.follow(ctx, e); err != nil {
				return err
			}
		}
		if len(due) < followBatch {
			return nil
		}
	}
}

func (f *Follower) follow(ctx context.Context, e Followed) error {
	run, err := f.Store.LastRun(ctx, graph.Source)
	if err != nil {
		return err
	}
	if now := f.Now(); run.Holder != "" && now.Before(run.Until) && !run.Began.After(e.Came) {
		// This run may have read the relationship before it changed, and keeps that later.
		return f.Store.PutOff(ctx, e.Key, now.Add(followEvery), false)
	}
	found, failure := f.Graph.Refresh(ctx, e.Resource)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failure != nil && e.Tries <= len(pauses) && !graph.Forbidden(failure):
		f.Log.WarnContext(ctx, "a relationship could not be read, it is tried again", "event", e.Name, "err", failure)
		return f.Store.PutOff(ctx, e.Key, f.Now().Add(pauses[e.Tries-1]), true)
	}
	outcome := Unchanged
	switch {
	case failure != nil:
		outcome = GivenUp
		f.Log.ErrorContext(ctx, "a relationship could not be read, the nightly run brings it", "event", e.Name, "err", failure)
	case found == graph.Changed:
		outcome = Refreshed
	case found == graph.NotOurs:
		outcome = Elsewhere
	}
	if err := f.Store.EndEvent(ctx, e.Key, outcome); err != nil {
		return err
	}
	f.Meter.PartnerEvent(e.Label(), outcome)
	f.Log.InfoContext(ctx, "event of Partner Center followed up", "event", e.Name, "outcome", outcome, "key", e.Key[:12])
	return nil
}
