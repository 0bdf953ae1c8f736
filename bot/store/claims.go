package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"onbehalf/bot/outbox"
)

var _ outbox.Store = (*Store)(nil)

// claimable narrows queues to those that may be leased: their time has come, and
// nobody has them, or only a lease that is dead. A time that lies further ahead than
// anything waits was set by another clock.
func claimable(db *gorm.DB, now time.Time, dead []string) *gorm.DB {
	ms, far := int64(at(now)), int64(at(now.Add(longestWait)))
	return db.Where("(ready_at <= ? or ready_at > ?) and (rest_until <= ? or rest_until > ?) and (lease = '' or lease in ?)", ms, far, ms, far, dead)
}

// longestWait is longer than anything waits for: Teams may ask for an hour, and so
// may its hourly limit.
const longestWait = 2 * time.Hour

// Claim leases up to n queues, as outbox.Store promises.
func (s *Store) Claim(ctx context.Context, now time.Time, n int, worst outbox.Rank, busy []string) ([]outbox.Lease, error) {
	read := s.db.WithContext(ctx)
	var held []string
	if err := read.Model(&queueRow{}).Where("lease <> ''").Pluck("lease", &held).Error; err != nil {
		return nil, wrap(err, "look for leases")
	}
	dead := s.leases.dead(held, s.Now(), outbox.LeaseFor)
	chosen := func(db *gorm.DB) *gorm.DB {
		db = claimable(db, now, dead).Where("rank <= ?", int(worst))
		if len(busy) > 0 {
			db = db.Where("host not in ?", busy)
		}
		return db
	}
	var found []int
	if err := chosen(read.Model(&queueRow{}).Select("1")).Limit(1).Scan(&found).Error; err != nil || len(found) == 0 {
		return nil, wrap(err, "look for ready queues")
	}
	var leases []outbox.Lease
	err := s.inTx(ctx, func(t *tx) error {
		leases = nil
		var rows []queueRow
		if err := chosen(skipLocked(t.with(ctx))).Order("rank, since").Limit(n).Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			lease, err := t.take(ctx, row, now)
			if err != nil {
				return err
			}
			leases = append(leases, lease)
		}
		return nil
	})
	return leases, wrap(err, "claim queues")
}

// take leases a locked queue. Where it had a lease that is dead, the message that was
// on its way then counts into the limits as if it had arrived by now.
func (t *tx) take(ctx context.Context, row queueRow, now time.Time) (outbox.Lease, error) {
	lease := outbox.Lease{Queue: row.Queue, Token: t.store.token(), Window: outbox.DecodeWindow(row.Sent), Waiting: row.Waiting}
	if row.Lease != "" {
		lease.Window.Add(now)
	}
	messages, aside, err := t.readQueue(t.with(ctx), row.Queue, row.Waiting, now)
	if err != nil {
		return lease, err
	}
	lease.Messages, lease.Waiting = messages, row.Waiting-aside
	change := map[string]any{"lease": lease.Token, "waiting": lease.Waiting}
	if row.RestUntil > int64(at(now.Add(longestWait))) {
		change["rest_until"] = 0
	}
	return lease, t.with(ctx).Model(&queueRow{}).Where("queue = ?", row.Queue).Updates(change).Error
}

// Waiting reads the messages of a queue that this process holds.
func (s *Store) Waiting(ctx context.Context, lease outbox.Lease) ([]outbox.Message, error) {
	messages, _, err := s.readQueue(s.write.WithContext(ctx), lease.Queue, lease.Waiting, s.Clock())
	return messages, wrap(err, "read queue")
}

// NextReady is when the next queue may be claimed, zero when nothing waits.
func (s *Store) NextReady(ctx context.Context) (time.Time, error) {
	var next []int64
	const from = "case when ready_at > rest_until then ready_at else rest_until end"
	err := s.db.WithContext(ctx).Model(&queueRow{}).Where("ready_at is not null and lease = ''").Order(from).Limit(1).Pluck(from, &next).Error
	if err != nil || len(next) == 0 {
		return time.Time{}, wrap(err, "look for the next queue")
	}
	return time.UnixMilli(next[0]).UTC(), nil
}

// clockMoved stands as ready_at, which is never negative otherwise, of a queue that was
// leased when the clock was put back.
const clockMoved = -1

// Rewind moves what lies ahead of a clock that was put back. Who holds a lease meanwhile
// has read what waits by the old clock, and would write that back: a leased queue is
// marked, so that its lease ends by what stands here by then.
func (s *Store) Rewind(ctx context.Context, now time.Time, by time.Duration) error {
	ms, back := int64(at(now)), by.Milliseconds()
	err := s.inTx(ctx, func(t *tx) error {
		var queues []string
		err := forUpdate(t.with(ctx)).Model(&queueRow{}).Where("ready_at > ? or rest_until > ? or lease <> ''", ms, ms).Pluck("queue", &queues).Error
		if err != nil {
			return err
		}
		if err := t.with(ctx).Exec("update queues set ready_at = ? where lease <> ''", clockMoved).Error; err != nil {
			return err
		}
		for _, statement := range []string{
			"update queues set ready_at = case when ready_at - ? > ? then ready_at - ? else ? end where ready_at > ?",
			"update queues set rest_until = case when rest_until - ? > ? then rest_until - ? else ? end where rest_until > ?",
			"update outgoing set not_before = case when not_before - ? > ? then not_before - ? else ? end where not_before > ?",
		} {
			if err := t.with(ctx).Exec(statement, back, ms, back, ms, ms).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return wrap(err, "follow the clock")
}

// Pace takes the next span of a tenant's time, in microseconds of the clock that all
// share; what lies a minute ahead was set by another clock.
func (s *Store) Pace(ctx context.Context, tenant string, span time.Duration) (time.Duration, error) {
	now := s.Clock().UnixMicro()
	var next int64
	err := s.write.WithContext(ctx).Raw(`insert into paces (tenant, next_at) values (?, ?)
		on conflict (tenant) do update set next_at =
			case when paces.next_at > ? and paces.next_at < ? then paces.next_at + ? else excluded.next_at end
		returning next_at`, tenant, now+span.Microseconds(), now, now+time.Minute.Microseconds(), span.Microseconds()).Scan(&next).Error
	return time.Duration(next-span.Microseconds()-now) * time.Microsecond, wrap(err, "take a share of a tenant's rate")
}

// Finish keeps what came of sends, as outbox.Store promises. Mostly nothing was added to
// their queues meanwhile: that is tried first, because then nothing has to be waited for
// before the commit.
func (s *Store) Finish(ctx context.Context, now time.Time, ended []*outbox.Ended) (next []*outbox.Lease, more []outbox.Lease, err error) {
	err = s.inTx(ctx, func(t *tx) error {
		next = make([]*outbox.Lease, len(ended))
		quick := map[string]bool{}
		err := t.lockEnded(ctx, ended)
		if err == nil {
			err = t.closeQuickly(ctx, now, ended, next, quick, func() error {
				if len(quick) < len(ended) {
					return errMoved
				}
				return nil
			})
		}
		if err == nil {
			more, err = t.keepEnded(ctx, ended)
		}
		return err
	})
	if errors.Is(err, errMoved) {
		next, more, err = s.finishEach(ctx, now, ended)
	}
	return next, more, wrap(err, "note what was sent")
}

// errMoved means that a queue is not what it was when its lease began.
var errMoved = errors.New("something was added to a queue, or its lease was lost")

// finishEach is Finish where some of the queues have moved on.
func (s *Store) finishEach(ctx context.Context, now time.Time, ended []*outbox.Ended) (next []*outbox.Lease, more []outbox.Lease, err error) {
	err = s.inTx(ctx, func(t *tx) error {
		next = make([]*outbox.Lease, len(ended))
		quick := map[string]bool{}
		err := t.lockEnded(ctx, ended)
		if err == nil {
			err = t.closeQuickly(ctx, now, ended, next, quick, nil)
		}
		if err == nil {
			err = t.flush(ctx)
		}
		if err != nil {
			return err
		}
		var kept []*outbox.Ended
		for i, e := range ended {
			ours := quick[e.Lease.Queue]
			if !ours {
				next[i] = nil
				if next[i], ours, err = t.closeSlowly(ctx, now, e); err != nil {
					return err
				}
			}
			if ours {
				kept = append(kept, e)
			}
		}
		more, err = t.keepEnded(ctx, kept)
		return err
	})
	return next, more, err
}

// lockEnded locks the queues of several sends, and those that messages move to, in the
// order of their names; a single one is locked by what changes it.
func (t *tx) lockEnded(ctx context.Context, ended []*outbox.Ended) error {
	names := map[string]bool{}
	for _, e := range ended {
		names[e.Lease.Queue] = true
		for _, m := range e.Moved {
			names[m.To.Queue()] = true
		}
	}
	if len(names) < 2 || !t.postgres { // SQLite has locked everything
		return nil
	}
	var args []any
	for name := range names {
		args = append(args, name)
	}
	return t.later(ctx, "lock queues", nil, "select 1 from queues where queue in ("+rowsOfMarks(len(names), "?")+`) order by queue collate "C" for update`, args...)
}

// closeQuickly ends the leases whose messages were all known and to which nothing was
// added since, nor changed by Rewind, in one statement. Once flushed, quick has their
// queues, which then may refuse.
func (t *tx) closeQuickly(ctx context.Context, now time.Time, ended []*outbox.Ended, next []*outbox.Lease, quick map[string]bool, then func() error) error {
	const marks = `(cast(? as text), cast(? as text), cast(? as integer), cast(? as integer), cast(? as bigint), cast(? as integer),
		cast(? as bigint), cast(? as text), cast(? as text))`
	var args []any
	rows := 0
	leases := map[string]int{} // of a queue; two where one was lost
	for _, e := range ended {
		leases[e.Lease.Queue]++
	}
	for i, e := range ended {
		if len(e.Lease.Messages) != e.Lease.Waiting || len(e.Failed) > 0 || leases[e.Lease.Queue] > 1 {
			continue
		}
		q := queueRow{Rank: int(outbox.Ordinary), RestUntil: int64(at(e.RestUntil))}
		for j := range e.Left {
			q.add(&e.Left[j])
		}
		if len(e.Left) > 0 && e.RestUntil.IsZero() && outbox.AnyReady(e.Left, now) {
			lease := outbox.Lease{Queue: e.Lease.Queue, Token: t.store.token(), Window: e.Window, Waiting: len(e.Left), Messages: e.Left}
			next[i], q.Lease = &lease, lease.Token
		}
		sent, err := e.Window.Encode()
		if err != nil {
			return err
		}
		args = append(args, e.Lease.Queue, e.Lease.Token, e.Lease.Waiting, q.Waiting, q.ReadyAt, q.Rank, q.RestUntil, q.Lease, sent)
		rows++
	}
	if then != nil && rows < len(ended) {
		return errMoved
	}
	if rows == 0 {
		return nil
	}
	return t.laterRows(ctx, "end leases", func(scan func(into ...any) error) error {
		var queue string
		err := scan(&queue)
		quick[queue] = true
		return err
	}, then, `update queues set waiting = v.column4, ready_at = v.column5, rank = v.column6, rest_until = v.column7, lease = v.column8, sent = v.column9
		from (values `+rowsOfMarks(rows, marks)+`) as v
		where queues.queue = v.column1 and queues.lease = v.column2 and queues.waiting = v.column3
			and coalesce(queues.ready_at, 0) <> ? returning queues.queue`, append(args, clockMoved)...)
}

// closeSlowly ends a lease by what the queue holds by now. The queue is locked in a
// statement of its own: in one with what follows, PostgreSQL would judge by what it saw
// before it had the lock.
func (t *tx) closeSlowly(ctx context.Context, now time.Time, e *outbox.Ended) (*outbox.Lease, bool, error) {
	db := t.with(ctx)
	var locked []queueRow
	if err := forUpdate(db).Where("queue = ?", e.Lease.Queue).Limit(1).Find(&locked).Error; err != nil {
		return nil, false, err
	}
	if len(locked) == 0 || locked[0].Lease != e.Lease.Token {
		return nil, false, nil
	}
	if err := t.dropMessages(ctx, e.Done); err != nil {
		return nil, false, err
	}
	row := locked[0]
	row.Waiting -= len(e.Done)
	left, _, err := t.readQueue(db, row.Queue, row.Waiting, now)
	if err != nil {
		return nil, false, err
	}
	told := e.ToldAlready(left)
	if err := t.dropMessages(ctx, told); err != nil {
		return nil, false, err
	}
	left = slices.DeleteFunc(left, func(m outbox.Message) bool { return slices.Contains(told, m.ID) })
	var state struct {
		Waiting int
		ReadyAt *int64
		Rank    *int
	}
	err = db.Raw("select count(*) as waiting, min(coalesce(not_before, 0)) as ready_at, min(rank) as rank from outgoing where queue = ?", row.Queue).Scan(&state).Error
	if err != nil {
		return nil, false, err
	}
	row.Waiting, row.ReadyAt, row.Rank, row.RestUntil, row.Lease = state.Waiting, state.ReadyAt, int(outbox.Ordinary), int64(at(e.RestUntil)), ""
	if state.Rank != nil {
		row.Rank = *state.Rank
	}
	var next *outbox.Lease
	if e.RestUntil.IsZero() && outbox.AnyReady(left, now) {
		next = &outbox.Lease{Queue: row.Queue, Token: t.store.token(), Window: e.Window, Waiting: row.Waiting, Messages: left}
		row.Lease = next.Token
	}
	if row.Sent, err = e.Window.Encode(); err != nil {
		return nil, false, err
	}
	change := map[string]any{
		"waiting": row.Waiting, "ready_at": row.ReadyAt, "rank": row.Rank, "rest_until": row.RestUntil, "lease": row.Lease, "sent": row.Sent,
	}
	return next, true, db.Model(&queueRow{}).Where("queue = ?", row.Queue).Updates(change).Error
}

func (t *tx) dropMessages(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return t.later(ctx, "drop messages", nil, "delete from outgoing where id in ("+rowsOfMarks(len(ids), "?")+")", args...)
}

// keepEnded keeps what several sends leave beside their queues, and leases the queues
// that messages move to.
func (t *tx) keepEnded(ctx context.Context, ended []*outbox.Ended) ([]outbox.Lease, error) {
	db := t.with(ctx)
	var done, failed []int64
	var gone []string
	var lacking []outbox.Lack
	posted := map[string]outbox.Posted{}
	for _, e := range ended {
		done, failed, gone = append(done, e.Done...), append(failed, e.Failed...), append(gone, e.Gone...)
		for _, p := range e.Posted {
			posted[p.Handle] = p
		}
		for _, m := range e.Moved {
			t.Post(m)
		}
		lacking = append(lacking, e.Lacking...)
		for _, place := range e.Places {
			if err := t.keepConversation(ctx, rowOfConversation(place)); err != nil {
				return nil, err
			}
		}
	}
	if err := t.dropMessages(ctx, done); err != nil {
		return nil, err
	}
	if len(failed) > 0 {
		if err := db.Model(&outgoingRow{}).Where("id in ?", failed).Update("attempts", gorm.Expr("attempts + 1")).Error; err != nil {
			return nil, err
		}
	}
	if err := t.keepLacking(ctx, lacking); err != nil {
		return nil, err
	}
	if len(gone) > 0 {
		if err := db.Where("handle in ?", gone).Delete(&postedRow{}).Error; err != nil {
			return nil, err
		}
	}
	ordered := make([]outbox.Posted, 0, len(posted))
	for _, handle := range slices.Sorted(maps.Keys(posted)) {
		ordered = append(ordered, posted[handle])
	}
	if err := t.keepPosted(ctx, ordered); err != nil {
		return nil, err
	}
	leased, err := t.enqueue(ctx, true)
	if err == nil {
		err = t.flush(ctx)
	}
	return leased(), err
}
