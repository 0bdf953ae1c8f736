package store

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onbehalf/bot/notify"
	"onbehalf/bot/ticket"
)

var _ notify.Store = (*Store)(nil)

// laneRow is the queue of one conversation. Its row is the lock of the queue:
// whoever adds to it, takes from it or sends from it has locked the row first.
type laneRow struct {
	Lane string `gorm:"primaryKey"`
	// ReadyAt is when it may be claimed, nil when nothing waits; never before
	// RestUntil.
	ReadyAt    *int64
	RestUntil  int64
	Urgent     int
	Lease      string
	LeaseUntil instant
}

func (laneRow) TableName() string { return "lanes" }

// ready narrows lanes to those that may be claimed: their time has come, and
// nobody has them, or only a lease that is dead.
func ready(db *gorm.DB, now time.Time, dead []string) *gorm.DB {
	return db.Where("ready_at <= ? and (lease = '' or lease in ?)", int64(at(now)), dead)
}

const (
	// soon is longer than changes wait for each other.
	soon = 5 * time.Second
	// longestWait is longer than anything waits for: Teams may ask for an hour, and
	// so may its hourly limit.
	longestWait = 2 * time.Hour
)

// ahead narrows lanes to those whose ready time nothing explains but a clock that
// was put back, or another machine's: a notice waits that nothing holds back, and
// the lane does not rest; or the time lies further ahead than anything waits.
// Both are a range of the index in which next to nothing lies.
func ahead(db *gorm.DB, now time.Time) *gorm.DB {
	return db.Where(`ready_at > ? and (ready_at > ? or rest_until <= ? and
		exists (select 1 from notices where notices.lane = lanes.lane and notices.not_before is null))`,
		int64(at(now.Add(soon))), int64(at(now.Add(longestWait))), int64(at(now)))
}

// bringForward makes those lanes ready, but for a rest that may be meant.
func bringForward(db *gorm.DB, now time.Time) error {
	var rows []laneRow
	if err := ahead(skipLocked(db), now).Find(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		if row.RestUntil > int64(at(now.Add(longestWait))) {
			row.RestUntil = int64(at(now))
		}
		change := map[string]any{"rest_until": row.RestUntil, "ready_at": max(row.RestUntil, int64(at(now)))}
		if err := db.Model(&laneRow{}).Where("lane = ?", row.Lane).Updates(change).Error; err != nil {
			return err
		}
	}
	return nil
}

// Claim leases up to n ready lanes, as notify.Store promises.
func (s *Store) Claim(ctx context.Context, owner string, now time.Time, lease time.Duration, n int) ([]notify.Lane, error) {
	if n <= 0 {
		return nil, nil
	}
	read := s.read.WithContext(ctx)
	var held []string
	if err := read.Model(&laneRow{}).Where("lease_until is not null").Distinct().Pluck("lease", &held).Error; err != nil {
		return nil, wrap(err, "look for leases")
	}
	dead := s.leases.dead(held, now, lease)
	var found struct{ Ready, Ahead bool }
	err := read.Raw("select exists (?) as ready, exists (?) as ahead",
		ready(read.Model(&laneRow{}).Select("1"), now, dead), ahead(read.Model(&laneRow{}).Select("1"), now)).Scan(&found).Error
	if err != nil || !found.Ready && !found.Ahead {
		return nil, wrap(err, "look for ready lanes")
	}
	var claimed []notify.Lane
	err = s.inTx(ctx, func(db *gorm.DB) error {
		claimed = nil
		if found.Ahead {
			if err := bringForward(db, now); err != nil {
				return err
			}
		}
		var rows []laneRow
		for _, urgent := range []int{1, 0} { // two walks of the index, none over what rests
			var some []laneRow
			err := ready(skipLocked(db), now, dead).Where("urgent = ?", urgent).Order("ready_at").Limit(n - len(rows)).Find(&some).Error
			if err != nil {
				return err
			}
			if rows = append(rows, some...); len(rows) == n {
				break
			}
		}
		token := owner + " " + rand.Text()
		for _, row := range rows {
			lane := notify.Lane{Key: row.Lane, Lease: token, Until: at(now.Add(lease)).time()}
			var err error
			if lane.Notices, err = waiting(db, row.Lane, now); err != nil {
				return err
			}
			if len(lane.Notices) == 0 {
				if err := settle(db, row.Lane, row.RestUntil); err != nil {
					return err
				}
				continue
			}
			change := map[string]any{"lease": token, "lease_until": at(lane.Until)}
			if err := db.Model(&laneRow{}).Where("lane = ?", row.Lane).Updates(change).Error; err != nil {
				return err
			}
			claimed = append(claimed, lane)
		}
		return nil
	})
	if err != nil {
		return nil, wrap(err, "claim lanes")
	}
	return claimed, nil
}

// waiting gives the notices at the head of a lane that may be sent, those
// included whose time only another clock explains, and behind a milestone the
// other milestones of a long lane, because one card tells them all.
func waiting(db *gorm.DB, lane string, now time.Time) ([]ticket.Notice, error) {
	db = db.Where("lane = ? and (not_before is null or not_before <= ? or not_before > ?)",
		lane, int64(at(now)), int64(at(now.Add(longestWait)))).Order("id").Session(&gorm.Session{})
	var rows, more []noticeRow
	if err := db.Limit(notify.BatchLimit).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == notify.BatchLimit && rows[0].Reason == string(ticket.MilestoneDue) {
		err := db.Where("id > ? and reason = ?", rows[len(rows)-1].ID, string(ticket.MilestoneDue)).Limit(notify.BundleLimit).Find(&more).Error
		if err != nil {
			return nil, err
		}
	}
	var notices []ticket.Notice
	for _, row := range append(rows, more...) {
		n, err := row.notice()
		if err != nil {
			return nil, err
		}
		notices = append(notices, n)
	}
	return notices, nil
}

// settle ends the lease of a locked lane, and makes it ready for what waits in
// it, but not before it has rested.
func settle(db *gorm.DB, lane string, restUntil int64) error {
	const earliest = "coalesce(not_before, created_at, 0)"
	var next []int64
	err := db.Model(&noticeRow{}).Where("lane = ?", lane).Order(earliest).Limit(1).Pluck(earliest, &next).Error
	if err != nil {
		return err
	}
	row := laneRow{Lane: lane, RestUntil: restUntil}
	if len(next) > 0 {
		row.ReadyAt = new(max(next[0], restUntil))
	}
	var urgent []int
	if err := db.Model(&noticeRow{}).Where("lane = ? and severity = 'A'", lane).Select("1").Limit(1).Scan(&urgent).Error; err != nil {
		return err
	}
	row.Urgent = len(urgent)
	return db.Model(&row).Select("*").Omit("lane").Updates(&row).Error
}

// Finish keeps what came of a claimed lane and ends its lease.
func (s *Store) Finish(ctx context.Context, lane notify.Lane, o notify.Outcome) error {
	err := s.inTx(ctx, func(db *gorm.DB) error {
		locked, err := lockForFinish(db, lane.Key, o.Moved)
		if err != nil {
			return err
		}
		ours := slices.ContainsFunc(locked, func(r laneRow) bool { return r.Lane == lane.Key && r.Lease == lane.Lease && lane.Lease != "" })
		if !ours {
			return notify.ErrLeaseLost
		}
		if len(o.Done) > 0 {
			if err := db.Where("lane = ? and id in ?", lane.Key, o.Done).Delete(&noticeRow{}).Error; err != nil {
				return err
			}
		}
		if len(o.Failed) > 0 {
			raised := gorm.Expr("attempts + 1")
			if err := db.Model(&noticeRow{}).Where("lane = ? and id in ?", lane.Key, o.Failed).Update("attempts", raised).Error; err != nil {
				return err
			}
		}
		if err := enqueue(db, o.Moved); err != nil {
			return err
		}
		if err := keepCards(db, o.Cards); err != nil {
			return err
		}
		return settle(db, lane.Key, int64(at(o.RestUntil)))
	})
	return wrap(err, "finish lane")
}

// lockForFinish locks a lane and those that its notices move to, in statements of
// their own: in one with what follows, PostgreSQL would judge by what it saw
// before it had the lock. Rooms come first, then the order of names, as in
// enqueue, so that nobody waits in a circle.
func lockForFinish(db *gorm.DB, lane string, moved []ticket.Notice) ([]laneRow, error) {
	var people []string
	lanes := []string{lane}
	for _, n := range moved {
		if n.To.Conversation == "" {
			people = append(people, n.To.Person.ID)
		}
		lanes = append(lanes, n.To.Conversation)
	}
	own, err := personal(db, people)
	if err != nil {
		return nil, err
	}
	lanes = slices.AppendSeq(lanes, maps.Values(own))
	if person, room := strings.CutPrefix(lane, notify.PersonLane("")); room {
		people = append(people, person)
	}
	slices.Sort(people)
	strangers := slices.DeleteFunc(slices.Compact(people), func(id string) bool { return own[id] != "" })
	if err := lockRooms(db, strangers); err != nil {
		return nil, err
	}
	var locked []laneRow
	err = forUpdate(db).Where("lane in ?", lanes).Order("lane").Find(&locked).Error
	return locked, err
}

// NextReady is when the next lane may be claimed, zero when nothing waits.
func (s *Store) NextReady(ctx context.Context, now time.Time) (time.Time, error) {
	db := s.read.WithContext(ctx)
	var free []int64
	var leased []laneRow
	err := db.Model(&laneRow{}).Where("ready_at is not null and lease = ''").Order("ready_at").Limit(1).Pluck("ready_at", &free).Error
	if err == nil {
		err = db.Where("lease_until is not null").Find(&leased).Error
	}
	if err != nil {
		return time.Time{}, wrap(err, "look for the next lane")
	}
	for _, row := range leased {
		until := s.leases.until(row.Lease, row.LeaseUntil.time())
		free = append(free, int64(at(until.Add(time.Millisecond-1)))) // a moment earlier it still lives
	}
	if len(free) == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(slices.Min(free)).UTC(), nil
}

// Rewind moves what lies ahead of a clock that was put back.
func (s *Store) Rewind(ctx context.Context, now time.Time, by time.Duration) error {
	ms, back := int64(at(now)), by.Milliseconds()
	err := s.inTx(ctx, func(db *gorm.DB) error {
		var lanes []string
		err := forUpdate(db).Model(&laneRow{}).Where("ready_at is not null or rest_until > ?", ms).Order("lane").Pluck("lane", &lanes).Error
		if err != nil {
			return err
		}
		for _, statement := range []string{
			"update lanes set ready_at = case when ready_at - ? > ? then ready_at - ? else ? end where ready_at > ?",
			"update lanes set rest_until = case when rest_until - ? > ? then rest_until - ? else ? end where rest_until > ?",
			"update notices set not_before = case when not_before - ? > ? then not_before - ? else ? end where not_before > ?",
		} {
			if err := db.Exec(statement, back, ms, back, ms, ms).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return wrap(err, "follow the clock")
}

// rateRow is what senders share about one limit of Teams.
type rateRow struct {
	Key       string `gorm:"primaryKey"`
	State     []byte
	TouchedAt int64
}

func (rateRow) TableName() string { return "rates" }

// ratesKept is how long a state stays that nobody asks for.
const ratesKept = 2 * time.Hour

// Rates hands work the states kept under keys, locked for all replicas.
func (s *Store) Rates(ctx context.Context, keys []string, work func(states [][]byte) error) error {
	now := s.Now()
	err := s.inTx(ctx, func(db *gorm.DB) error {
		rows := make([]rateRow, 0, len(keys))
		for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
			rows = append(rows, rateRow{Key: key, TouchedAt: now.UnixMilli()})
		}
		if len(rows) == 0 {
			return work(nil)
		}
		// The insert locks what is there as well, in the order of the keys.
		locked := slices.Clone(rows)
		err := db.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "key"}}, DoUpdates: clause.AssignmentColumns([]string{"touched_at"}),
		}).Create(&locked).Error
		if err != nil {
			return err
		}
		var kept []rateRow
		if err := db.Where("key in ?", keys).Find(&kept).Error; err != nil {
			return err
		}
		states := make([][]byte, len(keys))
		for i, key := range keys {
			at := slices.IndexFunc(kept, func(r rateRow) bool { return r.Key == key })
			states[i] = kept[at].State
		}
		if err := work(states); err != nil {
			return err
		}
		for i, key := range keys {
			if err := db.Model(&rateRow{}).Where("key = ?", key).Update("state", states[i]).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return wrap(err, "share rates")
	}
	return wrap(s.forgetRates(ctx, now), "forget old rates")
}

// forgetRates clears away a few of the states that nobody asked for lately.
func (s *Store) forgetRates(ctx context.Context, now time.Time) error {
	var old []string
	err := s.read.WithContext(ctx).Model(&rateRow{}).Where("touched_at < ?", now.Add(-ratesKept).UnixMilli()).
		Order("touched_at").Limit(10).Pluck("key", &old).Error
	if err != nil || len(old) == 0 {
		return err
	}
	return s.write.WithContext(ctx).
		Where("key in ? and touched_at < ?", old, now.Add(-ratesKept).UnixMilli()).Delete(&rateRow{}).Error
}

// NextDue is the earliest milestone of all tickets, zero when none is left.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var due []int64
	err := s.read.WithContext(ctx).Model(&ticketRow{}).Where("next_due_at is not null").
		Order("next_due_at").Limit(1).Pluck("next_due_at", &due).Error
	if err != nil || len(due) == 0 {
		return time.Time{}, wrap(err, "look for the next milestone")
	}
	return time.UnixMilli(due[0]).UTC(), nil
}
