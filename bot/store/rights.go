package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/graph"
)

// Rights gives a page of a part of the customers, and how many each part has. Those who
// left are in none.
func (s reads) Rights(ctx context.Context, q customer.RightsQuery) (customer.RightsPage, error) {
	page := customer.RightsPage{Offset: q.Offset, Counts: map[customer.RightsPart]int{}}
	count := "select count(*)"
	var args []any
	for _, part := range customer.RightsParts {
		where, more := within(q, part)
		count += fmt.Sprintf(", coalesce(sum(case when %s and coalesce(files_until, '') not like '%%+' then 1 else 0 end), 0)", where)
		args = append(args, more...)
	}
	where, more := within(q, q.Part)
	count, args = count+fmt.Sprintf(", coalesce(sum(case when %s then 1 else 0 end), 0)", where), append(args, more...)
	counts := make([]int, len(customer.RightsParts))
	into := []any{&page.All}
	for i := range counts {
		into = append(into, &counts[i])
	}
	into = append(into, &page.Total)
	from := " from customers where status <> 'left'"
	if len(q.Except) > 0 {
		from += " and tenant_id not in ?"
		args = append(args, q.Except)
	}
	if err := s.db.WithContext(ctx).Raw(count+from, args...).Row().Scan(into...); err != nil {
		return page, wrap(err, "count rights")
	}
	for i, part := range customer.RightsParts {
		page.Counts[part] = counts[i]
	}
	last, err := s.LastRun(ctx, graph.Source)
	if err != nil {
		return page, err
	}
	page.Synced = last.Succeeded
	if q.Limit <= 0 {
		return page, nil
	}
	var rows []customerRow
	db := s.db.WithContext(ctx).Where("status <> 'left'").Where(where, more...)
	if len(q.Except) > 0 {
		db = db.Where("tenant_id not in ?", q.Except)
	}
	err = db.Order("files_until, fold, tenant_id").Offset(q.Offset).Limit(q.Limit).Find(&rows).Error
	if err == nil {
		page.Customers, err = customersOf(rows)
	}
	return page, wrap(err, "list rights")
}

// within is the condition of a part.
func within(q customer.RightsQuery, part customer.RightsPart) (string, []any) {
	now := customer.FilesKey(q.Now)
	switch days := part.Days(); {
	case part == customer.RightsUnknown:
		return "files_until is null", nil
	case days == 0:
		return "files_until <= ?", []any{now}
	default:
		return "files_until > ? and files_until <= ?", []any{now, customer.FilesKey(customer.EndOfDays(q.Now, days))}
	}
}

// RightsBetween calls row for every customer whose right to file ends in a span of time, or
// ended in it, by its end.
func (s reads) RightsBetween(ctx context.Context, q customer.RightsSpan, row func(customer.Customer) error) error {
	last := rightsRow{FilesUntil: customer.FilesKey(q.From)}
	for {
		var rows []rightsRow
		db := s.db.WithContext(ctx).Table("customers").
			Where("status <> 'left' and files_until <= ? and (files_until, fold, tenant_id) > (?, ?, ?)", customer.FilesKey(q.To), last.FilesUntil, last.Fold, last.TenantID)
		if len(q.Except) > 0 {
			db = db.Where("tenant_id not in ?", q.Except)
		}
		if err := db.Order("files_until, fold, tenant_id").Limit(rightsBatch).Find(&rows).Error; err != nil {
			return wrap(err, "list rights that end")
		}
		for _, r := range rows {
			c, err := customerRow{TenantID: r.TenantID, Document: r.Document}.customer()
			if err != nil {
				return err
			}
			if err := row(*c); err != nil {
				return err
			}
			last = r
		}
		if len(rows) < rightsBatch {
			return nil
		}
	}
}

const rightsBatch = 500

// rightsRow is a customer in the order of rights.
type rightsRow struct{ TenantID, Document, Fold, FilesUntil string }

// RightsAcked gives the marks that were acknowledged in a place, by tenant.
func (s reads) RightsAcked(ctx context.Context, place string) (map[string][]customer.Mark, error) {
	var rows []struct{ TenantID, Mark string }
	err := s.db.WithContext(ctx).Table("rights_acked").Select("tenant_id, mark").Where("place = ?", place).Find(&rows).Error
	acked := make(map[string][]customer.Mark, len(rows))
	for _, r := range rows {
		acked[r.TenantID] = append(acked[r.TenantID], customer.Mark(r.Mark))
	}
	return acked, wrap(err, "read what was acknowledged")
}

// TellRights notes that a place is told of rights on a day.
func (t *tx) TellRights(ctx context.Context, place, day string) (fresh bool, err error) {
	told := t.with(ctx).Exec("insert into rights_told (place, day) values (?, ?) on conflict do nothing", place, day)
	return told.RowsAffected == 1, wrap(told.Error, "note that rights were told")
}

// AckRights notes that marks were acknowledged in a place.
func (t *tx) AckRights(ctx context.Context, place, by string, when time.Time, marks map[string]customer.Mark) error {
	if len(marks) == 0 {
		return nil
	}
	rows := make([][2]string, 0, len(marks))
	for _, tenant := range slices.Sorted(maps.Keys(marks)) {
		rows = append(rows, [2]string{tenant, string(marks[tenant])})
	}
	list, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	from := "json_each(?) where true"
	if t.postgres {
		from = "jsonb_array_elements(cast(? as jsonb)) as each(value)"
	}
	return wrap(t.with(ctx).Exec("insert into rights_acked (place, tenant_id, mark, person_id, at) select cast(? as text), value->>0, value->>1, cast(? as text), cast(? as bigint) from "+from+" on conflict do nothing",
		place, by, int64(at(when)), string(list)).Error, "acknowledge rights")
}
