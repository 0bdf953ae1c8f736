package store

import (
	"context"
	"time"

	"onbehalf/bot/outbox"
)

// Lacks says whether a conversation lacks a feature, as it was found out lately.
func (s *Store) Lacks(ctx context.Context, conversation string, feature outbox.Feature, now time.Time) (bool, error) {
	var n int64
	err := s.db.WithContext(ctx).Table("lacking").
		Where("conversation = ? and feature = ? and until_at > ?", conversation, string(feature), int64(at(now))).Count(&n).Error
	return n > 0, wrap(err, "look for what a conversation lacks")
}

// insertLack notes that a conversation lacks a feature of Teams.
const insertLack = "insert into lacking (conversation, feature, until_at) values (?, ?, ?) on conflict (conversation, feature) do update set until_at = excluded.until_at"

// KeepLack notes what a conversation lacks.
func (s *Store) KeepLack(ctx context.Context, l outbox.Lack) error {
	err := s.write.WithContext(ctx).Exec(insertLack, l.Conversation, string(l.Feature), int64(at(l.Until))).Error
	return wrap(err, "note what a conversation lacks")
}

// keepLacking notes what conversations lack.
func (t *tx) keepLacking(ctx context.Context, lacking []outbox.Lack) error {
	for _, l := range lacking {
		if err := t.later(ctx, "note what a conversation lacks", nil, insertLack, l.Conversation, string(l.Feature), int64(at(l.Until))); err != nil {
			return err
		}
	}
	return nil
}
