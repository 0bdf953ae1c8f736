package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"onbehalf/bot/customer"
	"onbehalf/bot/outbox"
	"onbehalf/bot/partnercenter"
)

var (
	_ partnercenter.Store       = (*Store)(nil)
	_ partnercenter.FollowStore = (*Store)(nil)
)

// errSeen rolls a transaction back whose event was taken before.
var errSeen = errors.New("the event was taken before")

// EventSeen says whether an event was taken before.
func (s *Store) EventSeen(ctx context.Context, key string) (bool, error) {
	var n int64
	err := s.db.WithContext(ctx).Table("partner_events").Where("event = ?", key).Count(&n).Error
	return n > 0, wrap(err, "look for an event")
}

// TakeEvent keeps an event with what comes of it, as partnercenter.Store promises. Of two
// deliveries at the same time the second waits at the event's row for the first.
func (s *Store) TakeEvent(ctx context.Context, e partnercenter.Event, outcome string, work func(tx partnercenter.Tx) error) ([]outbox.Lease, bool, error) {
	var leases []outbox.Lease
	now := s.Clock()
	due := instant(0)
	if outcome == partnercenter.Waiting {
		due = at(now)
	}
	err := s.inTx(ctx, func(t *tx) error {
		leases = nil
		n, err := t.exec(ctx, `insert into partner_events (event, name, resource, happened_at, came_at, due_at, outcome)
			values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing`, e.Key, e.Name, e.Resource, at(e.At), at(now), due, outcome)
		if err == nil && n == 0 {
			err = errSeen
		}
		if err == nil && work != nil {
			err = work(t)
		}
		if err != nil {
			return err
		}
		leased, err := t.enqueue(ctx, true)
		if err == nil {
			err = t.flush(ctx)
		}
		leases = leased()
		return err
	})
	if errors.Is(err, errSeen) {
		return nil, false, nil
	}
	return leases, err == nil, wrap(err, "keep an event")
}

// DueEvents gives events that are due and holds them, as partnercenter.FollowStore promises.
func (s *Store) DueEvents(ctx context.Context, limit int, span time.Duration) ([]partnercenter.Followed, error) {
	now := s.Clock()
	free := ""
	if s.postgres {
		free = " for update skip locked"
	}
	var due []partnercenter.Followed
	err := s.inTx(ctx, func(t *tx) error {
		due = nil
		return t.query(ctx, func(scan func(into ...any) error) error {
			var e partnercenter.Followed
			var happened, came instant
			if err := scan(&e.Key, &e.Name, &e.Resource, &happened, &came, &e.Tries); err != nil {
				return err
			}
			e.Kind, e.At, e.Came = partnercenter.Relationship, happened.time(), came.time()
			due = append(due, e)
			return nil
		}, `update partner_events set due_at = ?, tries = tries + 1
			where event in (select event from partner_events where due_at <= ? order by due_at limit ?`+free+`)
			returning event, name, resource, happened_at, came_at, tries`, at(now.Add(span)), at(now), limit)
	})
	return due, wrap(err, "find events that wait")
}

// EndEvent notes what came of an event.
func (s *Store) EndEvent(ctx context.Context, key, outcome string) error {
	return wrap(s.inTx(ctx, func(t *tx) error {
		return t.with(ctx).Exec("update partner_events set due_at = null, outcome = ? where event = ?", outcome, key).Error
	}), "end an event")
}

// PutOff makes an event due at an instant, as partnercenter.FollowStore promises.
func (s *Store) PutOff(ctx context.Context, key string, until time.Time, counts bool) error {
	more := 0
	if !counts {
		more = 1
	}
	return wrap(s.inTx(ctx, func(t *tx) error {
		return t.with(ctx).Exec("update partner_events set due_at = ?, tries = tries - ? where event = ? and due_at is not null", at(until), more, key).Error
	}), "put an event off")
}

// PartnerEvents are when the last event came and the last test, zero for never, how many
// wait, and how many could not be followed up, of those that are remembered.
type PartnerEvents struct {
	Last, Tested     time.Time
	Waiting, GivenUp int
}

// PartnerEvents says how it went with events, for the operator.
func (s *Store) PartnerEvents(ctx context.Context) (PartnerEvents, error) {
	var last, tested instant
	var e PartnerEvents
	err := s.db.WithContext(ctx).Raw(`select max(came_at), max(case when outcome = ? then came_at end), count(due_at),
		coalesce(sum(case when outcome = ? then 1 else 0 end), 0) from partner_events`,
		partnercenter.Tested, partnercenter.GivenUp).Row().Scan(&last, &tested, &e.Waiting, &e.GivenUp)
	e.Last, e.Tested = last.time(), tested.time()
	return e, wrap(err, "count events")
}

// CustomersWithSubscription gives the customers on whose record a subscription is, by
// tenant id. It looks at all of them, which is rare.
func (s *Store) CustomersWithSubscription(ctx context.Context, id string) ([]customer.Customer, error) {
	where, arg := `document like '%"' || ? || '"%' and exists (select 1 from json_each(document, '$.subscriptions') s where s.value->>'id' = ?)`, []any{id, id}
	if s.postgres {
		where, arg = "document @> jsonb_build_object('subscriptions', jsonb_build_array(jsonb_build_object('id', cast(? as text))))", []any{id}
	}
	var rows []customerRow
	if err := s.db.WithContext(ctx).Where(where, arg...).Order("tenant_id").Find(&rows).Error; err != nil {
		return nil, wrap(err, "find the customer of a subscription")
	}
	return customersOf(rows)
}

// CustomerOfRelationship gives the tenant of the customer who has a relationship on record.
// It looks at all of them, which is rare.
func (s *Store) CustomerOfRelationship(ctx context.Context, id string) (string, error) {
	where := "exists (select 1 from json_each(document, '$.rights.relationships') r where r.value->>'id' = ?)"
	if s.postgres {
		where = "document @> jsonb_build_object('rights', jsonb_build_object('relationships', jsonb_build_array(jsonb_build_object('id', cast(? as text)))))"
	}
	var row customerRow
	err := s.db.WithContext(ctx).Where(where, id).Order("tenant_id").Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", customer.ErrNoCustomer
	}
	return row.TenantID, wrap(err, "find the customer of a relationship")
}
