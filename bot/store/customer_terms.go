package store

import (
	"context"

	"gorm.io/gorm/clause"
)

// indexTries is how often customers are written down anew when an import changes them
// meanwhile.
const indexTries = 3

// indexCustomers writes down anew what customers are found by, where a release before
// this one kept them: it knows fewer spellings. While it has not run they are found as
// they were by that release.
func (s *Store) indexCustomers(ctx context.Context) error {
	for range indexTries {
		var kept, written int64
		err := s.db.WithContext(ctx).Raw(`select c.value, t.value from counters c, counters t
			where c.name = 'customers' and t.name = 'customer_terms'`).Row().Scan(&kept, &written)
		if err != nil || kept == written {
			return err
		}
		for last, more := int64(0), true; more; {
			if last, more, err = s.indexBatch(ctx, last); err != nil {
				return err
			}
		}
		if err := s.write.WithContext(ctx).Exec("update counters set value = ? where name = 'customer_terms'", kept).Error; err != nil {
			return err
		}
	}
	return nil // the next start goes on
}

// indexBatch writes down what the customers behind a row are found by, and gives the
// last one's.
func (s *Store) indexBatch(ctx context.Context, after int64) (last int64, more bool, err error) {
	err = s.inTx(ctx, func(t *tx) error {
		db := t.with(ctx)
		query := db.Where("id > ?", after).Order("id").Limit(importBatch)
		if s.postgres {
			query = query.Clauses(clause.Locking{Strength: "UPDATE"})
		}
		var rows []customerRow
		if err := query.Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		last, more = rows[len(rows)-1].ID, len(rows) == importBatch
		customers, err := customersOf(rows)
		if err != nil {
			return err
		}
		tenants := make([]string, len(rows))
		var terms []customerTerm
		for i, c := range customers {
			tenants[i] = c.TenantID
			terms = append(terms, termsOf(c)...)
		}
		if err := s.dropCustomerTexts(db, tenants); err != nil {
			return err
		}
		if err := s.putCustomerTerms(db, terms); err != nil {
			return err
		}
		return s.putCustomerTexts(db, customers, rows)
	})
	return last, more, err
}
