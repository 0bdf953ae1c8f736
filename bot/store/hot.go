package store

import (
	"context"
	"strconv"
	"strings"
	"sync"
)

// The statements that most turns run are plain SQL on GORM's own connection: building
// them anew each time and looking for fields by reflection took more of a turn than the
// database did. Everything else goes through GORM.

// numbered keeps each statement with PostgreSQL's marks, since a driver caches by text.
var numbered sync.Map // string to string

// marked writes a statement's question marks as the database wants them. No statement
// here has one in a literal.
func marked(query string, postgres bool) string {
	if !postgres {
		return query
	}
	if known, ok := numbered.Load(query); ok {
		return known.(string)
	}
	var b strings.Builder
	n := 0
	for _, part := range strings.SplitAfter(query, "?") {
		if cut, found := strings.CutSuffix(part, "?"); found {
			n++
			b.WriteString(cut + "$" + strconv.Itoa(n))
		} else {
			b.WriteString(part)
		}
	}
	numbered.Store(query, b.String())
	return b.String()
}

// query runs a statement and hands each of its rows to row.
func (s reads) query(ctx context.Context, one row, query string, args ...any) error {
	if p, ok := s.db.Statement.ConnPool.(*pipeline); ok {
		return p.send(ctx, statement{marked(query, true), args, read("read", one, nil)})
	}
	rows, err := s.db.Statement.ConnPool.QueryContext(ctx, marked(query, s.postgres), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := one(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one runs a statement that gives a row at most, and says whether it did.
func (s reads) one(ctx context.Context, into []any, query string, args ...any) (found bool, err error) {
	err = s.query(ctx, func(scan func(into ...any) error) error {
		found = true
		return scan(into...)
	}, query, args...)
	return found, err
}

// exec runs a statement and says how many rows it changed.
func (s reads) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if p, ok := s.db.Statement.ConnPool.(*pipeline); ok {
		var changed int64
		err := p.send(ctx, statement{marked(query, true), args, counted("change", func(rows int64) error {
			changed = rows
			return nil
		})})
		return changed, err
	}
	result, err := s.db.Statement.ConnPool.ExecContext(ctx, marked(query, s.postgres), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
