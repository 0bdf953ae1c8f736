package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onbehalf/bot/notify"
	"onbehalf/bot/ticket"
)

// noticeRow is a notice waiting in its lane.
type noticeRow struct {
	ID        int64 `gorm:"primaryKey"`
	Lane      string
	Ticket    int64
	Reason    string
	Severity  string
	NotBefore instant
	CreatedAt instant `gorm:"autoCreateTime:false"`
	Attempts  int
	Document  string
}

func (noticeRow) TableName() string { return "notices" }

// noticeDocument is what of a notice has no column.
type noticeDocument struct {
	*ticket.Notice
	ID        covered `json:",omitempty"`
	Ticket    covered `json:",omitempty"`
	Reason    covered `json:",omitempty"`
	Severity  covered `json:",omitempty"`
	NotBefore covered `json:",omitempty"`
	Created   covered `json:",omitempty"`
	Attempts  covered `json:",omitempty"`
}

func (r noticeRow) notice() (ticket.Notice, error) {
	var n ticket.Notice
	err := decode(r.Document, &noticeDocument{Notice: &n})
	n.ID, n.Ticket, n.Reason, n.Severity = r.ID, ticket.Number(r.Ticket), ticket.Reason(r.Reason), ticket.Severity(r.Severity)
	n.NotBefore, n.Created, n.Attempts = r.NotBefore.time(), r.CreatedAt.time(), r.Attempts
	return n, wrap(err, "notice %d", r.ID)
}

// waits is when a notice may be sent: at NotBefore, else from when it was left.
func waits(n ticket.Notice) instant {
	if n.NotBefore.IsZero() {
		return at(n.Created)
	}
	return at(n.NotBefore)
}

// Notify leaves a notice; it joins its lane at the end of the transaction.
func (t *tx) Notify(_ context.Context, n ticket.Notice) error {
	t.notices = append(t.notices, n)
	return nil
}

// enqueue puts notices into their lanes. The lanes' rows are locked first, in the
// order of their names, so that the ids in a lane rise in the order of commits.
func enqueue(db *gorm.DB, notices []ticket.Notice) error {
	if len(notices) == 0 {
		return nil
	}
	queues, leased, err := lockedQueues(db, notices)
	if err != nil {
		return wrap(err, "lock lanes")
	}
	rows, err := rowsOf(db, queues, leased)
	if err != nil || len(rows) == 0 {
		return err
	}
	return wrap(db.CreateInBatches(rows, 500).Error, "leave notices")
}

// lockedQueues sorts notices by lane and locks the lanes. While we waited for a
// lock somebody may have been met in another conversation; then it is done again,
// now that those who move notices wait for us.
func lockedQueues(db *gorm.DB, notices []ticket.Notice) (queues map[string][]ticket.Notice, leased map[string]bool, err error) {
	var people []string
	for _, n := range notices {
		if n.To.Conversation == "" && !slices.Contains(people, n.To.Person.ID) {
			people = append(people, n.To.Person.ID)
		}
	}
	for {
		own, err := conversationsOf(db, people)
		if err != nil {
			return nil, nil, err
		}
		queues = map[string][]ticket.Notice{}
		for _, n := range notices {
			lane := cmp.Or(n.To.Conversation, own[n.To.Person.ID], notify.PersonLane(n.To.Person.ID))
			queues[lane] = append(queues[lane], n)
		}
		if leased, err = lockLanes(db, queues); err != nil {
			return nil, nil, err
		}
		still, err := personal(db, people)
		if err != nil {
			return nil, nil, err
		}
		if maps.Equal(own, still) {
			return queues, leased, nil
		}
	}
}

// conversationsOf gives the personal conversations of people. The waiting rooms
// of those who have none are locked: whoever learns of a personal conversation
// locks the room before, so none comes up until we are done.
func conversationsOf(db *gorm.DB, people []string) (map[string]string, error) {
	own, err := personal(db, people)
	if err != nil {
		return nil, err
	}
	strangers := slices.DeleteFunc(slices.Clone(people), func(id string) bool { return own[id] != "" })
	if err := lockRooms(db, strangers); err != nil {
		return nil, err
	}
	met, err := personal(db, strangers)
	if err != nil {
		return nil, err
	}
	maps.Copy(own, met)
	return own, nil
}

// lockRooms locks the waiting rooms of people, in the order of their names. Rooms
// are always locked before other lanes.
func lockRooms(db *gorm.DB, people []string) error {
	if len(people) == 0 {
		return nil
	}
	rooms := make([]string, len(people))
	for i, person := range people {
		rooms[i] = notify.PersonLane(person)
	}
	return lockRows(db, rooms)
}

// lockRows locks lanes in the order of their names, those that don't exist yet
// included.
func lockRows(db *gorm.DB, lanes []string) error {
	var rows []laneRow
	for _, lane := range slices.Compact(slices.Sorted(slices.Values(lanes))) {
		rows = append(rows, laneRow{Lane: lane})
	}
	return db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "lane"}}, DoUpdates: clause.AssignmentColumns([]string{"lane"}),
	}).Create(&rows).Error
}

// personal gives the personal conversations of people, as far as they are known.
func personal(db *gorm.DB, people []string) (map[string]string, error) {
	known := map[string]string{}
	if len(people) == 0 {
		return known, nil
	}
	var rows []personRow
	err := db.Where("person_id in ? and personal <> ''", people).Find(&rows).Error
	for _, row := range rows {
		known[row.PersonID] = row.Personal
	}
	return known, err
}

// lockLanes makes the lanes ready for their new notices, and says which of them
// are leased. A lane that rests goes on resting.
func lockLanes(db *gorm.DB, queues map[string][]ticket.Notice) (leased map[string]bool, err error) {
	var rows []laneRow
	for _, lane := range slices.Sorted(maps.Keys(queues)) {
		row := laneRow{Lane: lane, ReadyAt: new(int64(waits(queues[lane][0])))}
		for _, n := range queues[lane] {
			*row.ReadyAt = min(*row.ReadyAt, int64(waits(n)))
			if n.Severity == ticket.SeverityA {
				row.Urgent = 1
			}
		}
		rows = append(rows, row)
	}
	err = db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "lane"}},
		DoUpdates: clause.Assignments(map[string]any{
			"urgent": gorm.Expr("case when excluded.urgent > lanes.urgent then excluded.urgent else lanes.urgent end"),
			"ready_at": gorm.Expr(`case when lanes.ready_at <= excluded.ready_at then lanes.ready_at
				when excluded.ready_at < lanes.rest_until then lanes.rest_until else excluded.ready_at end`),
		}),
	}).Create(&rows).Error
	if err != nil {
		return nil, err
	}
	var busy []string
	err = db.Model(&laneRow{}).Where("lane in ? and lease <> ''", slices.Collect(maps.Keys(queues))).Pluck("lane", &busy).Error
	leased = map[string]bool{}
	for _, lane := range busy {
		leased[lane] = true
	}
	return leased, err
}

// rowsOf gives the rows to be added, lane by lane and in the order in which the
// notices were left, without the changes that one which waits tells of already.
func rowsOf(db *gorm.DB, queues map[string][]ticket.Notice, leased map[string]bool) ([]noticeRow, error) {
	var rows []noticeRow
	for _, lane := range slices.Sorted(maps.Keys(queues)) {
		var waiting []ticket.Notice
		for _, n := range queues[lane] {
			if n.Reason == ticket.ChangeLine && !leased[lane] {
				if waiting == nil {
					var err error
					if waiting, err = changesIn(db, lane); err != nil {
						return nil, err
					}
				}
				if slices.ContainsFunc(waiting, func(w ticket.Notice) bool { return covers(w, n) }) {
					continue
				}
				waiting = append(waiting, n)
			}
			document, err := encode(noticeDocument{Notice: &n})
			if err != nil {
				return nil, err
			}
			rows = append(rows, noticeRow{
				Lane: lane, Ticket: int64(n.Ticket), Reason: string(n.Reason), Severity: string(n.Severity),
				NotBefore: at(n.NotBefore), CreatedAt: at(n.Created), Attempts: n.Attempts, Document: document,
			})
		}
	}
	return rows, nil
}

// changesIn gives the changes that wait in a lane to be told.
func changesIn(db *gorm.DB, lane string) ([]ticket.Notice, error) {
	var rows []noticeRow
	if err := db.Where("lane = ? and reason = ?", lane, string(ticket.ChangeLine)).Order("id").Find(&rows).Error; err != nil {
		return nil, wrap(err, "read waiting changes")
	}
	notices := make([]ticket.Notice, len(rows))
	for i, row := range rows {
		var err error
		if notices[i], err = row.notice(); err != nil {
			return nil, err
		}
	}
	return notices, nil
}

// covers says whether a waiting notice will tell of a later change as well: it
// tells of everything from its own entry on.
func covers(waiting, n ticket.Notice) bool {
	return waiting.Ticket == n.Ticket && waiting.Update == n.Update && waiting.Expires.IsZero() &&
		waiting.To.Conversation == n.To.Conversation && waiting.To.Person.ID == n.To.Person.ID &&
		waiting.Event <= n.Event
}
