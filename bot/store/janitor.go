package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/partnercenter"
)

const (
	// silentFor is how long what is known of a conversation is kept that the bot has left,
	// or of a thread in which no request's card stands; messages that cannot be read; and
	// incidents that are over.
	silentFor = 90 * 24 * time.Hour
	// absentFor is how long a person is known who says nothing. An acknowledged mark of
	// rights is at most 60 days before their end, which is no news 30 days after it.
	absentFor = 180 * 24 * time.Hour
	// janitorBatch is how many rows one transaction removes: turns wait for no more. What
	// is left of one kind after janitorPatience comes with the next pass.
	janitorBatch    = 200
	janitorPatience = 10 * time.Second
)

// Removed counts the rows that the janitor removed, by what they were.
type Removed map[string]int64

// Clean removes what nobody needs any more, in small transactions: deliveries that are
// not replayed, forms that expired and the ids of their messages, what Teams refused more
// than a day ago, queues in which nothing waits and whose limits look at nothing,
// conversations that the bot has left, threads without a request, people who are gone for
// half a year, bundles in which no request is left, what was told and acknowledged of rights
// that have changed since, events of Partner Center that nobody sends again, incidents that
// ended three months ago, messages that could not be read, and, where retain is not 0,
// requests that were closed or withdrawn longer ago than that, with all of their history. Of several
// replicas one works at a time, the others remove nothing. Clean also follows the clock
// that all processes share.
func (s *Store) Clean(ctx context.Context, retain time.Duration) (Removed, error) {
	now := s.Clock()
	before := func(d time.Duration) int64 { return int64(at(now.Add(-d))) }
	removed := Removed{}
	for _, job := range []struct {
		what string
		run  func(ctx context.Context, t *tx) (int64, error)
	}{
		{"deliveries", removing("deliveries", "conversation, activity", "finished_at < ?", before(2*bot.TurnKept))},
		{"drafts", removing("drafts", "form", "expires_at < ?", int64(at(now)))},
		{"messages of forms", removing("posted", "handle", `ticket = 0 and handle like 'form:%'
			and not exists (select 1 from drafts d where d.form = substr(posted.handle, 6))
			and not exists (select 1 from tickets t where t.form = substr(posted.handle, 6))
			and handle not in (select o.handle from outgoing o)`)},
		{"requests", func(ctx context.Context, t *tx) (int64, error) {
			if retain <= 0 {
				return 0, nil
			}
			return t.removeTickets(ctx, before(retain))
		}},
		{"bundles", removing("posted", "handle", `ticket = 0 and handle like 'bundle:%' and handle not in (select o.handle from outgoing o)
			and not exists (select 1 from posted m where m.conversation = posted.conversation and m.activity = posted.activity and m.ticket <> 0)`)},
		{"days on which rights were told", removing("rights_told", "place, day", "day < ?", now.Add(-silentFor).UTC().Format(time.DateOnly))},
		{"acknowledged rights", removing("rights_acked", "place, tenant_id, mark", "at < ?", before(absentFor))},
		{"events of Partner Center", removing("partner_events", "event", "came_at < ? and due_at is null", before(partnercenter.Kept))},
		{"incidents", removing("incidents", "id", "state <> '"+incidentOpen+"' and modified_at < ?", before(silentFor))},
		{"refusals", removing("lacking", "conversation, feature", "until_at < ?", int64(at(now)))},
		{"queues", func(ctx context.Context, t *tx) (int64, error) { return dropQueues(t.with(ctx), now) }},
		{"conversations", removing("conversations", "id", `removed_at < ? or seen_at < ? and id like '%;messageid=%'
			and not exists (select 1 from posted p where p.conversation = conversations.id and p.ticket <> 0)`, before(silentFor), before(silentFor))},
		{"people", func(ctx context.Context, t *tx) (int64, error) { return t.forgetPeople(ctx, before(absentFor)) }},
		{"unreadable messages", removing("outgoing", "id", "queue = '"+setAside+"' and created_at < ?", before(silentFor))},
	} {
		n, err := s.cleanWith(ctx, job.run)
		if removed[job.what] = n; err != nil {
			return removed, wrap(err, "remove %s", job.what)
		}
	}
	return removed, wrap(s.readClock(ctx), "clean up")
}

// cleanWith runs one job of the janitor until it has nothing left to do, or has taken
// long enough for this time.
func (s *Store) cleanWith(ctx context.Context, run func(ctx context.Context, t *tx) (int64, error)) (total int64, err error) {
	for began := time.Now(); time.Since(began) < janitorPatience; {
		var n int64
		err := s.inTx(ctx, func(t *tx) error {
			mine, err := t.janitor(ctx)
			if n = 0; err == nil && mine {
				n, err = run(ctx, t)
			}
			return err
		})
		if err != nil {
			return total, err
		}
		if total += n; n < janitorBatch {
			break
		}
	}
	return total, nil
}

// janitorLock is the number of the janitor's lock in PostgreSQL.
const janitorLock = 1795400124

// janitor says whether this transaction may do the janitor's work. On PostgreSQL one of
// all replicas may; SQLite's transactions come one after the other anyway.
func (t *tx) janitor(ctx context.Context) (mine bool, err error) {
	if !t.postgres {
		return true, nil
	}
	_, err = t.one(ctx, []any{&mine}, "select pg_try_advisory_xact_lock(?)", janitorLock)
	return mine, err
}

// removing removes a batch of rows of a table that fit a condition; key are the columns
// that name a row.
func removing(table, key, where string, args ...any) func(ctx context.Context, t *tx) (int64, error) {
	return func(ctx context.Context, t *tx) (int64, error) {
		return t.exec(ctx, "delete from "+table+" where ("+key+") in (select "+key+" from "+table+" where "+where+" limit ?)", append(args[:len(args):len(args)], janitorBatch)...)
	}
}

// dropQueues removes queues that have been empty for two hours, and says how many.
func dropQueues(db *gorm.DB, now time.Time) (removed int64, err error) {
	long := int64(at(now.Add(-2 * time.Hour)))
	idle := db.Where("waiting = 0 and lease = '' and rest_until < ? and since < ?", long, long).Session(&gorm.Session{})
	for after := ""; removed < janitorBatch; {
		var rows []queueRow
		if err := idle.Where("queue > ?", after).Order("queue").Limit(janitorBatch).Find(&rows).Error; err != nil || len(rows) == 0 {
			return removed, err
		}
		var names []string
		for _, row := range rows {
			if after = row.Queue; outbox.DecodeWindow(row.Sent).Idle(now) {
				names = append(names, row.Queue)
			}
		}
		result := idle.Where("queue in ?", names).Delete(&queueRow{})
		if removed += result.RowsAffected; result.Error != nil {
			return removed, result.Error
		}
	}
	return removed, nil
}

// forgetPeople removes members who have said nothing since an instant, with the contact
// that they gave, and with their settings where they have no chat with the bot: leads may
// only ever listen.
func (t *tx) forgetPeople(ctx context.Context, since int64) (int64, error) {
	var absent []string
	err := t.query(ctx, func(scan func(into ...any) error) error {
		var id string
		err := scan(&id)
		absent = append(absent, id)
		return err
	}, "select person_id from members where seen_at < ? limit ?", since, janitorBatch)
	if err != nil || len(absent) == 0 {
		return 0, err
	}
	in, args := " in ("+rowsOfMarks(len(absent), "?")+")", make([]any, len(absent))
	for i, id := range absent {
		args[i] = id
	}
	removed, err := t.exec(ctx, "delete from members where person_id"+in+" and seen_at < ?", append(args[:len(args):len(args)], since)...)
	if err != nil {
		return 0, err
	}
	for _, statement := range []string{
		"delete from contacts where person_id" + in + " and not exists (select 1 from members m where m.person_id = contacts.person_id)",
		"delete from people where person_id" + in + ` and not exists (select 1 from members m where m.person_id = people.person_id)
			and not exists (select 1 from conversations c where c.id = people.personal)`,
	} {
		if _, err := t.exec(ctx, statement, args...); err != nil {
			return 0, err
		}
	}
	return removed, nil
}

// removeTickets removes a batch of tickets that were closed or withdrawn before an
// instant, with everything of them. One that somebody works with at this moment, or of
// which a message is still to be sent, waits for the next time.
func (t *tx) removeTickets(ctx context.Context, before int64) (int64, error) {
	free := ""
	if t.postgres {
		free = " for update skip locked"
	}
	n, err := t.exec(ctx, `insert into removals (ticket) select number from tickets
		where closed_at < ? and number not in (select o.ticket from outgoing o) order by closed_at limit ?`+free, before, janitorBatch)
	if err != nil || n == 0 {
		return 0, err
	}
	const these = " in (select ticket from removals)"
	for _, statement := range []string{
		"delete from events where ticket" + these,
		"delete from milestones where ticket" + these,
		"delete from ticket_texts where " + t.textKey() + these,
		"delete from posted where ticket" + these,
		"delete from posted where handle in (select 'form:' || form from tickets where number" + these + ")",
		"delete from drafts where form in (select form from tickets where number" + these + ")",
		"delete from tickets where number" + these,
		"delete from removals",
	} {
		if _, err := t.exec(ctx, statement); err != nil {
			return 0, err
		}
	}
	return n, nil
}
