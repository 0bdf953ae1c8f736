package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onbehalf/bot"
)

// turnRow is a turn that somebody runs or ran.
type turnRow struct {
	Conversation string `gorm:"primaryKey"`
	Activity     string `gorm:"primaryKey"`
	PersonID     string
	Said         string
	ClaimedAt    instant
	FinishedAt   instant
	Status       int
	Body         []byte
}

func (turnRow) TableName() string { return "turns" }

func (r turnRow) answer() bot.StoredAnswer { return bot.StoredAnswer{Status: r.Status, Body: r.Body} }

// turnsKept is how long turns are of any use, finished or not.
const turnsKept = bot.TurnKept + 10*time.Minute

// ClaimTurn takes a turn, or tells what became of it, as bot.Keeper promises.
func (s *Store) ClaimTurn(ctx context.Context, d bot.Delivery) (bot.Claim, error) {
	var claim bot.Claim
	err := s.inTx(ctx, func(db *gorm.DB) error {
		row := turnRow{Conversation: d.Conversation, Activity: d.Activity, PersonID: d.Person, Said: d.Said, ClaimedAt: at(d.At)}
		twin, err := slowTwin(db, d)
		if err != nil {
			return err
		}
		if twin != nil {
			row.FinishedAt, row.Status, row.Body = at(d.At), twin.Status, twin.Body
		}
		result := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if result.Error != nil {
			return result.Error
		}
		if result.RowsAffected == 0 {
			claim, err = claimAgain(db, d, row)
			return err
		}
		claim = bot.Claim{State: bot.ClaimTaken}
		if twin != nil {
			claim = bot.Claim{State: bot.ClaimDone, Answer: twin.answer()}
		}
		return nil
	})
	return claim, wrap(err, "claim turn")
}

// slowTwin finds the turn that took so long that Teams delivers it again under
// another id.
func slowTwin(db *gorm.DB, d bot.Delivery) (*turnRow, error) {
	if d.Said == "" {
		return nil, nil
	}
	var twin turnRow
	err := db.Where("conversation = ? and person_id = ? and said = ? and activity <> ?", d.Conversation, d.Person, d.Said, d.Activity).
		Where("finished_at > ? and finished_at - claimed_at > ?", int64(at(d.At.Add(-bot.RepeatedWithin))), bot.SlowTurn.Milliseconds()).
		Order("finished_at desc").Take(&twin).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	return &twin, err
}

// claimAgain judges a turn that stands there already.
func claimAgain(db *gorm.DB, d bot.Delivery, mine turnRow) (bot.Claim, error) {
	var row turnRow
	err := forUpdate(db).Where("conversation = ? and activity = ?", d.Conversation, d.Activity).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		// Given back between our two statements; the next delivery takes it.
		return bot.Claim{State: bot.ClaimRunning}, nil
	}
	if err != nil {
		return bot.Claim{}, err
	}
	switch {
	case row.FinishedAt != 0 && d.At.Sub(row.FinishedAt.time()) <= bot.TurnKept:
		return bot.Claim{State: bot.ClaimDone, Answer: row.answer()}, nil
	case row.FinishedAt == 0 && d.At.Sub(row.ClaimedAt.time()) <= bot.ClaimLease:
		return bot.Claim{State: bot.ClaimRunning}, nil
	}
	mine.FinishedAt, mine.Status, mine.Body = 0, 0, nil
	err = db.Model(&mine).Select("*").Omit("conversation", "activity").Updates(&mine).Error
	return bot.Claim{State: bot.ClaimTaken}, err
}

// FinishTurn keeps the answer of a claimed turn, and clears away old ones.
func (s *Store) FinishTurn(ctx context.Context, d bot.Delivery, a bot.StoredAnswer, when time.Time) error {
	db := s.write.WithContext(ctx)
	err := db.Model(&turnRow{}).Where("conversation = ? and activity = ?", d.Conversation, d.Activity).
		Updates(map[string]any{"finished_at": at(when), "status": a.Status, "body": a.Body}).Error
	if err != nil {
		return wrap(err, "finish turn")
	}
	err = db.Where("claimed_at < ?", int64(at(when.Add(-turnsKept)))).Delete(&turnRow{}).Error
	return wrap(err, "forget old turns")
}

// ReleaseTurn gives a claimed turn back; the next delivery runs it again.
func (s *Store) ReleaseTurn(ctx context.Context, d bot.Delivery) error {
	err := s.write.WithContext(ctx).Where("conversation = ? and activity = ? and finished_at is null", d.Conversation, d.Activity).
		Delete(&turnRow{}).Error
	return wrap(err, "release turn")
}
