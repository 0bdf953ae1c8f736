package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onbehalf/bot/request"
)

// What became of a first response by the instant of a report, in SQL: when the
// clock ended, and whether that was late. It says the same as request.Ticket.LateBy.
const (
	endedAt   = "case when status = 'cancelled' then closed_at when status in ('resolved', 'closed') then resolved_at end"
	clockEnd  = "coalesce(responded_at, " + endedAt + ", @asOf)"
	wasLate   = "response_due_at is not null and " + clockEnd + " > response_due_at"
	wasInTime = "response_due_at is not null and responded_at <= response_due_at"
	// unanswered were resolved without a first response, before it was due.
	unanswered = "(responded_at is null and status in ('resolved', 'closed') and not (" + wasLate + "))"
	noTarget   = "(not " + unanswered + " and (response_due_at is null or status = 'cancelled' and responded_at is null and not (" + wasLate + ")))"
)

// ReportCounts counts the tickets opened in [from, to) that viewer may see, by
// customer and severity. The database adds up: a month of a large desk has more
// tickets than a turn has time to read.
func (s reads) ReportCounts(ctx context.Context, viewer request.Viewer, from, to, asOf time.Time) ([]request.ReportCount, error) {
	one := func(when string) string { return "sum(case when " + when + " then 1 else 0 end)" }
	counts := s.reported(ctx, viewer, from, to).
		Select("customer_id, max(number) as latest, severity, count(*) as opened, "+
			one(wasInTime)+" as in_time, "+one(wasLate)+" as late, "+one(unanswered)+" as unanswered, "+one(noTarget)+" as no_target, "+one(unfinished)+" as undone",
			map[string]any{"asOf": int64(at(asOf))}).
		Group("customer_id, severity")
	var rows []struct {
		CustomerID, CustomerName, Severity                         string
		Latest, Opened, InTime, Late, Unanswered, NoTarget, Undone int
	}
	// The names stand in documents, so only one of each group is read.
	err := s.db.WithContext(ctx).Table("(?) as counts", counts).
		Select("counts.*, customer_name").Joins("join tickets on tickets.number = counts.latest").
		Order("counts.customer_id, counts.latest desc").Scan(&rows).Error
	if err != nil {
		return nil, wrap(err, "count for the report")
	}
	result := make([]request.ReportCount, len(rows))
	for i, r := range rows {
		if i > 0 && rows[i-1].CustomerID == r.CustomerID {
			r.CustomerName = result[i-1].Name // as the customer's latest ticket has it
		}
		result[i] = request.ReportCount{
			TenantID: r.CustomerID, Name: r.CustomerName, Severity: request.Severity(r.Severity),
			Count: request.Count{
				Opened: r.Opened, InTime: r.InTime, Late: r.Late, Unanswered: r.Unanswered, NoTarget: r.NoTarget, Open: r.Undone,
				Running: r.Opened - r.InTime - r.Late - r.Unanswered - r.NoTarget,
			},
		}
	}
	return result, nil
}

// LateTickets gives at most limit of the tickets that ReportCounts counts as late:
// A first, then the latest.
func (s reads) LateTickets(ctx context.Context, viewer request.Viewer, from, to, asOf time.Time, limit int) ([]request.Ticket, error) {
	order := clause.OrderBy{Expression: gorm.Expr("case severity when 'A' then 0 when 'B' then 1 when 'C' then 2 else 3 end, "+
		"coalesce(responded_at, "+endedAt+", ?) - response_due_at desc, number", int64(at(asOf)))}
	// The numbers come from the index alone; only the listed rows are read.
	numbers := s.reported(ctx, viewer, from, to).Where(wasLate, map[string]any{"asOf": int64(at(asOf))}).Select("number").Order(order).Limit(limit)
	var rows []ticketRow
	if err := s.db.WithContext(ctx).Where("number in (?)", numbers).Order(order).Find(&rows).Error; err != nil {
		return nil, wrap(err, "list for the report")
	}
	return s.ticketsOf(rows), nil
}

// reported are the tickets of a report.
func (s reads) reported(ctx context.Context, viewer request.Viewer, from, to time.Time) *gorm.DB {
	return s.visible(s.db.WithContext(ctx).Model(&ticketRow{}), viewer, false).
		Where("opened_at >= ? and opened_at < ?", int64(at(from)), int64(at(to)))
}
