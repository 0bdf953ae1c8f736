package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

var (
	rowLock     = clause.Locking{Strength: clause.LockingStrengthUpdate}
	freeRowLock = clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked}
)

// sanitizingPool is a pool of connections for GORM that drops from text what only one
// of the databases could keep: NULs, and bytes that are not UTF-8. It covers what
// is asked for as well as what is kept, so a forged id is simply not found.
type sanitizingPool struct {
	*sql.DB
	store *Store
}

func (p *sanitizingPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := p.store.trace(query); err != nil {
		return nil, err
	}
	_, span := p.store.span(ctx, "write")
	result, err := p.DB.ExecContext(ctx, query, sanitize(args)...)
	endSpan(span, err)
	return result, pooled(err)
}

func (p *sanitizingPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := p.store.trace(query); err != nil {
		return nil, err
	}
	_, span := p.store.span(ctx, "read")
	rows, err := p.DB.QueryContext(ctx, query, sanitize(args)...)
	endSpan(span, err)
	return rows, pooled(err)
}

func (p *sanitizingPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.DB.QueryRowContext(ctx, query, sanitize(args)...)
}

// BeginTx starts a transaction whose statements are cleaned as well.
func (p *sanitizingPool) BeginTx(ctx context.Context, o *sql.TxOptions) (gorm.ConnPool, error) {
	if err := p.store.trace("begin"); err != nil {
		return nil, err
	}
	if p.store.postgres {
		begin, err := beginWith(o)
		if err != nil {
			return nil, err
		}
		conn, err := p.DB.Conn(ctx)
		if err != nil {
			return nil, err
		}
		return &pipeline{Conn: conn, store: p.store, ctx: ctx, begin: begin, work: p.store.beginWork(ctx)}, nil
	}
	began, err := p.DB.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return &sanitizingTx{began, p.store, p.store.beginWork(ctx)}, nil
}

// sanitizingTx is a transaction on SQLite.
type sanitizingTx struct {
	*sql.Tx
	store *Store
	work  work
}

func (t *sanitizingTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := t.store.trace(query); err != nil {
		return nil, err
	}
	t.work.did(1)
	result, err := t.Tx.ExecContext(ctx, query, sanitize(args)...)
	return result, pooled(err)
}

func (t *sanitizingTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := t.store.trace(query); err != nil {
		return nil, err
	}
	t.work.did(1)
	rows, err := t.Tx.QueryContext(ctx, query, sanitize(args)...)
	return rows, pooled(err)
}

func (t *sanitizingTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	t.work.did(1)
	return t.Tx.QueryRowContext(ctx, query, sanitize(args)...)
}

// Commit is traced twice, before and after it: what dies in between was kept.
func (t *sanitizingTx) Commit() error {
	if err := t.store.trace("commit"); err != nil {
		return errors.Join(err, t.Rollback())
	}
	err := t.Tx.Commit()
	t.work.end(err == nil)
	if err != nil {
		return err
	}
	return t.store.trace("committed")
}

// Rollback ends the transaction and keeps nothing of it.
func (t *sanitizingTx) Rollback() error {
	err := t.Tx.Rollback()
	if !errors.Is(err, sql.ErrTxDone) {
		t.work.end(false)
	}
	return err
}

func (s *Store) trace(statement string) error {
	if s.Trace == nil {
		return nil
	}
	return s.Trace(statement)
}

// sanitize changes args in place; GORM makes them anew for each statement.
func sanitize(args []any) []any {
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			args[i] = sanitizeText(s)
		}
	}
	return args
}

func sanitizeText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// oneLine is an error whose text has no line breaks.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }
func (e oneLine) Unwrap() error { return e.error }

// orNil is no error where there is none.
func (e oneLine) orNil() error {
	if e.error == nil {
		return nil
	}
	return e
}
