package store

import (
	"context"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/graph"
	"onbehalf/bot/outbox"
)

// Figures counts what the database holds at this moment.
func (s *Store) Figures(ctx context.Context) (bot.Figures, error) {
	now := s.Clock()
	f := bot.Figures{Tickets: map[string]int64{}}
	err := s.query(ctx, func(scan func(into ...any) error) error {
		var status string
		var n int64
		err := scan(&status, &n)
		f.Tickets[status] = n
		return err
	}, "select status, count(*) from tickets group by status")
	if err != nil {
		return f, wrap(err, "count tickets")
	}
	// What waits for a time that was set is not late before it.
	var overdue, oldest, alarm int64
	_, err = s.one(ctx, []any{&overdue, &f.Waiting, &oldest, &alarm, &f.Unreadable, &f.Resting}, `select
		coalesce((select min(next_due_at) from tickets where next_due_at is not null), 0),
		(select count(*) from outgoing where queue <> '`+setAside+`'),
		coalesce((select min(coalesce(not_before, created_at)) from outgoing where queue <> '`+setAside+`'), 0),
		coalesce((select min(coalesce(not_before, created_at)) from outgoing where queue <> '`+setAside+`' and kind = ?), 0),
		(select count(*) from outgoing where queue = '`+setAside+`'),
		(select count(*) from queues where waiting > 0 and rest_until > ?)`, outbox.BundleKind, int64(at(now)))
	since := func(instant int64) time.Duration {
		if instant == 0 {
			return 0
		}
		return max(now.Sub(time.UnixMilli(instant)), 0)
	}
	f.Overdue, f.Oldest, f.OldestAlarm = since(overdue), since(oldest), since(alarm)
	if err != nil {
		return f, wrap(err, "count messages")
	}
	run, err := s.LastRun(ctx, graph.Source)
	if err != nil && ctx.Err() == nil {
		s.unreadable("sync", err) // the other figures are as good as before
	}
	f.Synced, f.SyncFailed, f.SyncedCustomers = run.Succeeded, run.Failed, int64(run.Result.Customers)
	return f, ctx.Err()
}
