package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"onbehalf/bot/graph"
	"onbehalf/bot/request"
)

var _ graph.Store = (*Store)(nil)

// syncRow is how the runs of a source went.
type syncRow struct {
	Source      string
	Holder      string
	HeldUntil   instant
	BeganAt     instant
	SucceededAt instant
	FailedAt    instant
	Failure     string
	ToldAt      instant
	Document    string
}

func (syncRow) TableName() string { return "syncs" }

// syncDocument is what of a run needs no column.
type syncDocument struct {
	graph.Result
	Forbidden bool `json:"forbidden,omitempty"`
}

// BeginRun makes this process the one that runs, as graph.Store promises.
func (s *Store) BeginRun(ctx context.Context, source string, span time.Duration) (mine bool, err error) {
	now := s.Clock()
	err = s.inTx(ctx, func(t *tx) error {
		db := t.with(ctx)
		if err := db.Exec("insert into syncs (source) values (?) on conflict (source) do nothing", source).Error; err != nil {
			return err
		}
		taken := db.Exec(`update syncs set held_until = ?, began_at = case when holder = ? and held_until >= ? then began_at else ? end, holder = ?
			where source = ? and (holder = '' or holder = ? or held_until < ?)`,
			at(now.Add(span)), s.owner, at(now), at(now), s.owner, source, s.owner, at(now))
		mine = taken.RowsAffected == 1
		return taken.Error
	})
	return mine, wrap(err, "begin a run of %s", source)
}

// EndRun ends the run of this process, as graph.Store promises.
func (s *Store) EndRun(ctx context.Context, source string, result graph.Result, failure error) error {
	now := s.Clock()
	document, err := encode(syncDocument{result, graph.Forbidden(failure)})
	if err != nil {
		return err
	}
	column, text := "succeeded_at", ""
	if failure != nil {
		column, text = "failed_at", failure.Error()
	}
	return wrap(s.inTx(ctx, func(t *tx) error {
		return t.with(ctx).Exec("update syncs set holder = '', held_until = null, "+column+" = ?, failure = ?, document = ? where source = ? and holder = ?",
			at(now), sanitizeText(text), document, source, s.owner).Error
	}), "end a run of %s", source)
}

// TellRun leaves notices about the runs of a source, unless some were left so short ago,
// and says whether it did.
func (s *Store) TellRun(ctx context.Context, source string, every time.Duration, notices []request.Notice) (left bool, err error) {
	now := s.Clock()
	err = s.InTx(ctx, func(outer request.Tx) error {
		t := outer.(*tx)
		told := t.with(ctx).Exec("update syncs set told_at = ? where source = ? and coalesce(told_at, 0) <= ?", at(now), source, at(now.Add(-every)))
		if left = told.RowsAffected == 1; told.Error != nil || !left {
			return told.Error
		}
		for _, n := range notices {
			if err := t.Notify(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
	return left, wrap(err, "tell of the runs of %s", source)
}

// LastRun says how the runs of a source went; the zero Run where there was none.
func (s reads) LastRun(ctx context.Context, source string) (graph.Run, error) {
	var row syncRow
	err := s.db.WithContext(ctx).Where("source = ?", source).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return graph.Run{}, nil
	}
	var document syncDocument
	if err == nil {
		err = decode(row.Document, &document)
	}
	return graph.Run{
		Holder: row.Holder, Until: row.HeldUntil.time(), Began: row.BeganAt.time(), Succeeded: row.SucceededAt.time(), Failed: row.FailedAt.time(),
		Failure: row.Failure, Forbidden: document.Forbidden, Told: row.ToldAt.time(), Result: document.Result,
	}, wrap(err, "read the runs of %s", source)
}
