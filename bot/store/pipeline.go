package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"onbehalf/bot/request"
)

// pipeline is a transaction on PostgreSQL. What is left for later waits for the next
// statement whose answer is needed, and leaves together with it in one round trip, in the
// order in which it was left; BEGIN does so too. So a turn waits for the server four times
// instead of thirteen, and other turns wait for the rows that it locks no longer than that.
type pipeline struct {
	*sql.Conn
	store   *Store
	ctx     context.Context // of the whole transaction, for its end
	begin   string          // the statement that begins it
	begun   bool
	ended   bool
	waiting []statement
	failed  error // of what was left for later: the transaction keeps nothing
	work    work
}

// beginWith is the statement that begins a transaction with options. Only the levels that
// the store asks for are known.
func beginWith(o *sql.TxOptions) (string, error) {
	switch {
	case o == nil || *o == (sql.TxOptions{}):
		return "begin", nil
	case *o == sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}:
		return "begin isolation level repeatable read read only", nil
	default:
		return "", fmt.Errorf("a transaction cannot begin with %+v", *o)
	}
}

// statement is one that has not been sent, with what to do with its answer.
type statement struct {
	text   string
	args   []any
	answer func(pgx.BatchResults) error
}

// row takes one row of an answer.
type row = func(scan func(into ...any) error) error

// counted hands the number of changed rows to kept.
func counted(what string, kept func(rows int64) error) func(pgx.BatchResults) error {
	return func(answers pgx.BatchResults) error {
		tag, err := answers.Exec()
		if err == nil && kept != nil {
			err = kept(tag.RowsAffected())
		}
		return wrap(err, "%s", what)
	}
}

// read hands each row of an answer to one, and calls then, which may be nil, after the
// last.
func read(what string, one row, then func() error) func(pgx.BatchResults) error {
	return func(answers pgx.BatchResults) error {
		rows, err := answers.Query()
		if err != nil {
			return wrap(err, "%s", what)
		}
		defer rows.Close()
		for rows.Next() {
			if err := one(rows.Scan); err != nil {
				return wrap(err, "%s", what)
			}
		}
		if err := rows.Err(); err != nil || then == nil {
			return wrap(err, "%s", what)
		}
		return wrap(then(), "%s", what)
	}
}

// send sends what waits, and then last.
func (p *pipeline) send(ctx context.Context, last ...statement) error {
	if p.failed != nil {
		return p.failed
	}
	all := append(p.waiting, last...)
	p.waiting = nil
	for _, s := range all {
		if p.failed = p.store.trace(s.text); p.failed != nil {
			return p.failed
		}
	}
	var batch pgx.Batch
	if !p.begun {
		batch.Queue(p.begin)
	}
	for _, s := range all {
		args, err := plain(s.args)
		if err != nil {
			p.failed = err
			return err
		}
		batch.Queue(s.text, args...).Fn = s.answer
	}
	if batch.Len() == 0 {
		return nil
	}
	p.begun = true
	p.work.did(len(all))
	p.failed = pooled(p.Raw(func(conn any) error {
		return conn.(*stdlib.Conn).Conn().SendBatch(ctx, &batch).Close()
	}))
	return p.failed
}

// plain gives arguments as database/sql would hand them to the driver.
func plain(args []any) ([]any, error) {
	for i, arg := range sanitize(args) {
		valuer, ok := arg.(driver.Valuer)
		if !ok {
			continue
		}
		value, err := valuer.Value()
		if err != nil {
			return nil, err
		}
		args[i] = value
	}
	return args, nil
}

// next sends what waits before query.
func (p *pipeline) next(ctx context.Context, query string) error {
	if err := p.send(ctx); err != nil {
		return err
	}
	p.work.did(1)
	return p.store.trace(query)
}

// ExecContext is for GORM: it sends what waits first.
func (p *pipeline) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := p.next(ctx, query); err != nil {
		return nil, err
	}
	result, err := p.Conn.ExecContext(ctx, query, sanitize(args)...)
	return result, pooled(err)
}

// QueryContext is for GORM: it sends what waits first.
func (p *pipeline) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := p.next(ctx, query); err != nil {
		return nil, err
	}
	rows, err := p.Conn.QueryContext(ctx, query, sanitize(args)...)
	return rows, pooled(err)
}

// QueryRowContext is for GORM: it sends what waits first. Where that failed, the server
// refuses the query too.
func (p *pipeline) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = p.send(ctx) // Commit gives its error
	p.work.did(1)
	return p.Conn.QueryRowContext(ctx, query, sanitize(args)...)
}

// Commit sends what waits, and commits once every answer was as it should be. It is traced
// twice, before and after it: what dies in between was kept.
func (p *pipeline) Commit() error {
	err := p.send(p.ctx)
	if err == nil {
		err = p.store.trace("commit")
	}
	if err != nil {
		return errors.Join(err, p.Rollback())
	}
	err = p.Raw(func(conn any) error {
		tag, err := conn.(*stdlib.Conn).Conn().Exec(p.ctx, "commit")
		if err == nil && tag.String() == "ROLLBACK" {
			err = pgx.ErrTxCommitRollback
		}
		return err
	})
	p.ended = true
	p.work.end(err == nil)
	if err = errors.Join(pooled(err), p.Close()); err != nil {
		return err
	}
	return p.store.trace("committed")
}

// Rollback ends the transaction and forgets what waits. A connection that does not answer
// is closed, which ends it too.
func (p *pipeline) Rollback() error {
	if p.ended {
		return sql.ErrTxDone
	}
	p.ended = true
	defer p.work.end(false)
	if p.begun {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), rollbackWithin)
		defer cancel()
		// Whatever the error, database/sql drops a connection that is called bad.
		_ = p.Raw(func(conn any) error {
			if _, err := conn.(*stdlib.Conn).Conn().Exec(ctx, "rollback"); err != nil {
				return driver.ErrBadConn
			}
			return nil
		})
	}
	return p.Close()
}

// rollbackWithin is how long a server may take for a rollback.
const rollbackWithin = 5 * time.Second

// later leaves a statement for the next round trip of the transaction; what says what it
// does, in errors. The number of rows that it changed goes to kept, which may be nil; its
// error, as the statement's, comes from whatever sends it, and nothing is kept.
func (t *tx) later(ctx context.Context, what string, kept func(rows int64) error, query string, args ...any) error {
	if p, ok := t.db.Statement.ConnPool.(*pipeline); ok {
		p.waiting = append(p.waiting, statement{marked(query, true), args, counted(what, kept)})
		return nil
	}
	n, err := t.exec(ctx, query, args...)
	if err == nil && kept != nil {
		err = kept(n)
	}
	return wrap(err, "%s", what)
}

// laterRows is later for a statement that gives rows. After the last one, then may refuse
// them; it may be nil.
func (t *tx) laterRows(ctx context.Context, what string, one row, then func() error, query string, args ...any) error {
	if p, ok := t.db.Statement.ConnPool.(*pipeline); ok {
		p.waiting = append(p.waiting, statement{marked(query, true), args, read(what, one, then)})
		return nil
	}
	err := t.query(ctx, one, query, args...)
	if err == nil && then != nil {
		err = then()
	}
	return wrap(err, "%s", what)
}

// flush sends what was left for later.
func (t *tx) flush(ctx context.Context) error {
	if p, ok := t.db.Statement.ConnPool.(*pipeline); ok {
		return p.send(ctx)
	}
	return nil
}

// stale is request.ErrStale for a change that found nothing to change.
func stale(rows int64) error {
	if rows == 0 {
		return request.ErrStale
	}
	return nil
}
