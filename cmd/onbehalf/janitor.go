package main

import (
	"context"
	"time"
)

const (
	// janitorEvery is how often what nobody needs any more is removed. It is no turn's work.
	janitorEvery = time.Minute
	// watchEvery is how often it is looked whether due notices are sent, and the heartbeat
	// asked.
	watchEvery = time.Minute
	// firstAfter is how long after the start what happens every minute happens first.
	firstAfter = 5 * time.Second
)

// every does something regularly until ctx ends.
func every(ctx context.Context, interval time.Duration, do func()) {
	timer := time.NewTimer(firstAfter)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		do()
		timer.Reset(interval)
	}
}

// clean removes what is over, and counts it. A request that was removed for good is said
// in the log, because nobody finds it any more.
func (p *program) clean(ctx context.Context) {
	removed, err := p.store.Clean(ctx, p.retain)
	for what, n := range removed {
		p.metrics.Removed(what, n)
	}
	if n := removed["requests"]; n > 0 {
		p.log.InfoContext(ctx, "closed requests were removed", "requests", n, "closed_before", p.store.Clock().Add(-p.retain).UTC().Format(time.RFC3339))
	}
	switch {
	case err == nil:
		p.metrics.Cleaned()
	case ctx.Err() == nil:
		p.log.WarnContext(ctx, "old rows are still there", "err", err)
	}
}
