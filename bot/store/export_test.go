package store

import "context"

// MigrateDown takes the schema back to a version.
func (s *Store) MigrateDown(ctx context.Context, version int64) error {
	pool, err := s.migrators()
	if err != nil {
		return err
	}
	defer pool.Close()
	provider, err := s.provider(pool)
	if err != nil {
		return err
	}
	_, err = provider.DownTo(ctx, version)
	return err
}

// Terms gives what customers are found by, each behind its customer.
func (s *Store) Terms(ctx context.Context) ([]string, error) {
	var rows []string
	err := s.db.WithContext(ctx).Raw("select tenant_id || ' ' || term from customer_terms").Scan(&rows).Error
	return rows, err
}
