package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the database driver "sqlite"
)

// database is what one candidate keeps its things in, for one run.
type database struct {
	url  string // as DATABASE_URL takes it
	name string // empty on SQLite

	admin  *sql.DB // beside it, so that looking on is not counted; nil on SQLite
	server int     // process id of the server, 0 when it is not on this machine
	counts bool    // pg_stat_statements is there
}

// createDatabase makes an empty database: a file in the folder, or one beside the
// PostgreSQL database of the address.
func createDatabase(ctx context.Context, address, folder, name string) (*database, error) {
	if address == "sqlite:" {
		return &database{url: address + filepath.Join(folder, name+".db")}, nil
	}
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return nil, errors.New("the database must be postgres://… or the word sqlite: alone")
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	d := &database{name: fmt.Sprintf("load_%s_%s", strings.ToLower(rand.Text()[:8]), name), admin: stdlib.OpenDB(*config)}
	u.Path = "/" + d.name
	d.url = u.String()
	if _, err := d.admin.ExecContext(ctx, "create database "+pgx.Identifier{d.name}.Sanitize()); err != nil {
		return nil, errors.Join(err, d.admin.Close())
	}
	d.server = d.postmaster(ctx)
	d.counts = d.countStatements(ctx)
	return d, nil
}

// postmaster is the process that all server processes come from.
func (d *database) postmaster(ctx context.Context) int {
	var backend int
	if d.admin.QueryRowContext(ctx, "select pg_backend_pid()").Scan(&backend) != nil {
		return 0
	}
	// A server elsewhere has process ids of its own, which mean others here.
	s, err := statOf(backend)
	if err != nil || s.name != "postgres" {
		return 0
	}
	return s.parent
}

// countStatements switches pg_stat_statements on where the server has loaded it.
func (d *database) countStatements(ctx context.Context) bool {
	own, err := sql.Open("pgx", d.url)
	if err != nil {
		return false
	}
	defer own.Close()
	if _, err := own.ExecContext(ctx, "create extension pg_stat_statements"); err != nil {
		return false
	}
	_, err = own.ExecContext(ctx, "select count(*) from pg_stat_statements")
	return err == nil
}

// cpu is what the server has used so far, in all its processes.
func (d *database) cpu() time.Duration {
	if d.server == 0 {
		return unknownCPU
	}
	return cpuOfFamily(d.server)
}

// done is how many transactions were committed and statements run so far; NaN
// where the server does not say. PostgreSQL's processes report when they end, so
// it waits until nobody uses the database any more; PostgreSQL announces no such end,
// so it is asked until then.
func (d *database) done(ctx context.Context) (commits, statements float64) {
	commits, statements = math.NaN(), math.NaN()
	if d.admin == nil {
		return commits, statements
	}
	for late := time.Now().Add(5 * time.Second); time.Now().Before(late); time.Sleep(20 * time.Millisecond) {
		var using int
		err := d.admin.QueryRowContext(ctx, "select count(*) from pg_stat_activity where datname = $1 and backend_type = 'client backend'", d.name).Scan(&using)
		if err != nil || using == 0 {
			break
		}
	}
	if err := d.admin.QueryRowContext(ctx, "select xact_commit from pg_stat_database where datname = $1", d.name).Scan(&commits); err != nil {
		commits = math.NaN()
	}
	if !d.counts {
		return commits, statements
	}
	own, err := sql.Open("pgx", d.url)
	if err != nil {
		return commits, statements
	}
	defer own.Close()
	const sum = "select sum(calls) from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())"
	if err := own.QueryRowContext(ctx, sum).Scan(&statements); err != nil {
		statements = math.NaN()
	}
	return commits, statements
}

// titles counts the tickets of each title. Table and column are all that this
// program knows of the bot's schema.
func (d *database) titles(ctx context.Context) (map[string]int, error) {
	driver, source := "pgx", d.url
	if path, ok := strings.CutPrefix(d.url, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "select title, count(*) from tickets group by title")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	kept := map[string]int{}
	for rows.Next() {
		var title string
		var n int
		if err := rows.Scan(&title, &n); err != nil {
			return nil, err
		}
		kept[title] = n
	}
	return kept, rows.Err()
}

// drop removes the database; SQLite's files go with their folder.
func (d *database) drop(ctx context.Context) error {
	if d.admin == nil {
		return nil
	}
	_, err := d.admin.ExecContext(ctx, "drop database "+pgx.Identifier{d.name}.Sanitize()+" with (force)")
	return errors.Join(err, d.admin.Close())
}
