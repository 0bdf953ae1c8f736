package store

import (
	"context"
	"math"
	"time"

	"gorm.io/gorm"

	"onbehalf/bot/request"
)

const (
	// byUrgency is the order of every list: unanswered tickets by due time, then
	// what was changed last.
	byUrgency = "owed_at, updated_at desc, number"
	// nothingOwed is owed_at of a ticket that needs no first answer any more.
	nothingOwed = math.MaxInt64

	unfinished = "status not in ('resolved', 'closed', 'cancelled')"
)

// Tickets gives a page of what the viewer may see and asked for.
func (s reads) Tickets(ctx context.Context, q request.Query) (request.Page, error) {
	page := request.Page{Offset: q.Offset}
	chosen := func() *gorm.DB { return s.choose(s.db.WithContext(ctx), q) }
	var total int64
	if err := chosen().Count(&total).Error; err != nil {
		return page, wrap(err, "count tickets")
	}
	page.Total = int(total)
	if q.Offset >= page.Total || q.Limit <= 0 {
		return page, nil
	}
	// The numbers come from the index alone; only the page's own rows are read.
	numbers := chosen().Select("number").Order(byUrgency).Offset(max(q.Offset, 0)).Limit(q.Limit)
	var rows []ticketRow
	if err := s.db.WithContext(ctx).Where("number in (?)", numbers).Order(byUrgency).Find(&rows).Error; err != nil {
		return page, wrap(err, "list tickets")
	}
	page.Tickets = s.ticketsOf(rows)
	return page, s.presented(ctx, page.Tickets)
}

// choose narrows to what a query asks for.
func (s reads) choose(db *gorm.DB, q request.Query) *gorm.DB {
	db = s.visible(db.Model(&ticketRow{}), q.Viewer, len(q.Words) > 0)
	whose := q.Of
	if whose == "" && q.Filter == request.OnlyMine {
		whose = q.Viewer.ID
	}
	if whose != "" {
		db = db.Where("(requester_id = ? or assignee_id = ?)", whose, whose)
	}
	switch q.Filter {
	case request.OnlyOpen:
		db = db.Where(unfinished)
	case request.OnlyOver:
		db = db.Where("status in ('resolved', 'closed', 'cancelled')")
	case request.OnlyMine:
		db = db.Where("status not in ('closed', 'cancelled')")
	case request.OnlyUnassigned:
		db = db.Where("assignee_id = '' and " + unfinished)
	case request.OnlyBreached:
		db = db.Where("owed_at <= ?", int64(at(q.Now)))
	}
	if q.Customer != "" {
		db = db.Where("customer_id = ?", q.Customer)
	}
	if len(q.Words) > 0 {
		db = s.withWords(db, q.Words)
	}
	return db
}

// visible leaves out the fraud cases that a person must not see (R5): those of
// other people, unless somebody else, who had a right to the case, made the
// person a watcher. It says the same as request.VisibleTo.
//
// few says that other conditions leave few tickets to judge.
func (s reads) visible(db *gorm.DB, viewer request.Viewer, few bool) *gorm.DB {
	if viewer.Lead {
		return db
	}
	if viewer.Nobody() { // or nobody's id would match where nobody is assigned
		return db.Where("kind <> 'fraud'")
	}
	// Only a document that names the viewer is worth parsing.
	watches := `instr(document, @quoted) > 0 and exists (select 1 from json_each(document, '$.watchers') w
		where w.value->>'$.id' = @viewer and w.value->>'$.addedBy' not in ('', @viewer))`
	if s.postgres {
		watches = `exists (select 1 from jsonb_array_elements(document->'watchers') w
			where w->>'id' = @viewer and w->>'addedBy' not in ('', @viewer))`
	}
	quoted, err := encode(viewer.ID)
	if err != nil {
		_ = db.AddError(err) // it gives back what the query then fails with
	}
	yours := "(requester_id = @viewer or assignee_id = @viewer or " + watches + ")"
	if !few {
		// Apart from the rest, because it looks into documents: the fraud cases are
		// looked through once, and the rest is told from an index.
		yours = "number in (select number from tickets where kind = 'fraud' and " + yours + ")"
	}
	return db.Where("(kind <> 'fraud' or "+yours+")", map[string]any{"viewer": viewer.ID, "quoted": quoted})
}

// Board counts what is late and next to be late.
func (s reads) Board(ctx context.Context, viewer request.Viewer, now time.Time) (request.Board, error) {
	board := request.Board{
		Late: map[request.Severity]int{}, Soon: map[request.Severity]int{}, Running: map[request.Severity]int{},
	}
	unanswered := func() *gorm.DB {
		return s.visible(s.db.WithContext(ctx).Model(&ticketRow{}), viewer, false).Where("owed_at < ?", int64(nothingOwed))
	}
	var counts []struct {
		Severity          string
		State             int
		Number, Ownerless int
	}
	err := unanswered().Select(`severity,
		case when owed_at <= ? then 0 when owed_at <= ? then 1 else 2 end as state,
		count(*) as number,
		sum(case when assignee_id = '' then 1 else 0 end) as ownerless`,
		int64(at(now)), int64(at(now.Add(time.Hour)))).Group("1, 2").Scan(&counts).Error
	if err != nil {
		return board, wrap(err, "count for the board")
	}
	for _, c := range counts {
		by := []map[request.Severity]int{board.Late, board.Soon, board.Running}[c.State]
		by[request.Severity(c.Severity)] = c.Number
		board.Unassigned += c.Ownerless
	}
	var rows []ticketRow
	if err := unanswered().Order(byUrgency).Limit(3).Find(&rows).Error; err != nil {
		return board, wrap(err, "list for the board")
	}
	board.Next = s.ticketsOf(rows)
	return board, s.presented(ctx, board.Next)
}

// OpenWithCase gives the other unfinished tickets with this Microsoft number.
func (s reads) OpenWithCase(ctx context.Context, microsoftCase string, except request.Number) ([]request.Number, error) {
	var numbers []request.Number
	if microsoftCase == "" {
		return nil, nil
	}
	err := s.db.WithContext(ctx).Model(&ticketRow{}).
		Where("microsoft_case = ? and number <> ? and "+unfinished, microsoftCase, int64(except)).
		Order("number").Pluck("number", &numbers).Error
	return numbers, wrap(err, "look for Microsoft's number")
}
