package store

import (
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
	modernc "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteDialect is GORM's dialect for SQLite as far as the store uses it. GORM's
// own one links a second SQLite, in C. The tables come from the migrations, so
// there is nothing in it that makes or changes one.
type sqliteDialect struct{ pool gorm.ConnPool }

// Name is what GORM knows the database by.
func (sqliteDialect) Name() string { return "sqlite" }

// Initialize tells GORM what statements look like here.
func (d sqliteDialect) Initialize(db *gorm.DB) error {
	db.ConnPool = d.pool
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses: []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses: []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses: []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		// Of several rows SQLite gives the id of the last.
		LastInsertIDReversed: true,
	})
	db.ClauseBuilders["LIMIT"] = buildLimit
	// A transaction that writes has the whole database.
	db.ClauseBuilders["FOR"] = func(clause.Clause, clause.Builder) {}
	return nil
}

// buildLimit writes LIMIT where only an offset is asked for too: SQLite has no
// OFFSET without it.
func buildLimit(c clause.Clause, b clause.Builder) {
	limit, ok := c.Expression.(clause.Limit)
	if !ok {
		c.Build(b)
		return
	}
	if limit.Limit == nil && limit.Offset > 0 {
		_, _ = b.WriteString("LIMIT -1 ") // a builder writes to memory
	}
	limit.Build(b)
}

// BindVarTo writes the mark of a parameter.
func (sqliteDialect) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) {
	_ = w.WriteByte('?') // to memory
}

// QuoteTo writes a name, each part between its dots by itself.
func (sqliteDialect) QuoteTo(w clause.Writer, name string) {
	for i, part := range strings.Split(name, ".") {
		if i > 0 {
			_ = w.WriteByte('.') // to memory
		}
		_, _ = w.WriteString("`" + strings.ReplaceAll(strings.Trim(part, "`"), "`", "``") + "`") // to memory
	}
}

// Explain gives a statement with its parameters, for a log.
func (sqliteDialect) Explain(sql string, vars ...any) string {
	return logger.ExplainSQL(sql, nil, `"`, vars...)
}

// DefaultValueOf is what an INSERT of several rows writes for a key that SQLite
// gives.
func (sqliteDialect) DefaultValueOf(*schema.Field) clause.Expression {
	return clause.Expr{SQL: "NULL"}
}

// DataTypeOf is asked for by whoever makes tables, which GORM does not do here.
func (sqliteDialect) DataTypeOf(field *schema.Field) string { return string(field.DataType) }

// Migrator looks at tables.
func (d sqliteDialect) Migrator(db *gorm.DB) gorm.Migrator {
	return sqliteTables{migrator.Migrator{Config: migrator.Config{DB: db, Dialector: d}}}
}

// Translate gives GORM's names to the errors that callers ask for.
func (sqliteDialect) Translate(err error) error {
	var failure *modernc.Error
	if errors.As(err, &failure) {
		switch failure.Code() {
		case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE:
			return fmt.Errorf("%w: %w", gorm.ErrDuplicatedKey, err)
		case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			return fmt.Errorf("%w: %w", gorm.ErrForeignKeyViolated, err)
		}
	}
	return err
}

// sqliteTables knows where SQLite lists its tables.
type sqliteTables struct{ migrator.Migrator }

// HasTable says whether there is a table of this name.
func (t sqliteTables) HasTable(name any) bool {
	var count int64
	err := t.DB.Raw("select count(*) from sqlite_master where type = 'table' and name = ?", name).Scan(&count).Error
	return err == nil && count > 0
}
