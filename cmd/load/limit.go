package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"onbehalf/bot/teams"
)

// limitConnections is as many as let PostgreSQL share its flushes among the
// users, and no more than the bot may have.
const limitConnections = 16

const (
	limitTable = "create table if not exists deliveries (id text primary key, answer text not null)"
	limitKeep  = "insert into deliveries (id, answer) values ($1, $2)"
)

// serveLimit is what cannot be done with less: it checks the token, keeps one row
// in a transaction of its own, and answers. It serves until ctx ends.
func serveLimit(ctx context.Context, o options) error {
	answer := []byte("{}")
	if o.payload != "" {
		var err error
		if answer, err = os.ReadFile(o.payload); err != nil {
			return err
		}
	}
	kept := ""
	if o.payload != "" {
		kept = string(answer)
	}
	keep, closeDatabase, err := keeper(ctx, o.limit)
	if err != nil {
		return err
	}
	defer closeDatabase()
	verifier := &teams.Verifier{AppID: appID, Issuer: issuer, MetadataURL: o.metadata}
	if err := verifier.Warm(ctx); err != nil {
		return err
	}
	began, last := time.Now().UnixNano(), atomic.Int64{}
	turn := func(r *http.Request) error {
		if _, err := verifier.Verify(r.Context(), r.Header.Values("Authorization")); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return err
		}
		return keep(r.Context(), fmt.Sprintf("%d-%d", began, last.Add(1)), kept)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := turn(r); err != nil {
			log.Error("turn failed", "err", err)
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(answer) // the user reads or has gone
	})}
	log.Info("listening", "address", l.Addr().String())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

// keeper opens a database and gives what commits one row to it.
func keeper(ctx context.Context, address string) (keep func(ctx context.Context, id, answer string) error, done func(), err error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return sqliteKeeper(ctx, path)
	}
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, nil, err
	}
	config.MaxConns = limitConnections
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	if _, err := pool.Exec(ctx, limitTable); err != nil {
		pool.Close()
		return nil, nil, err
	}
	return func(ctx context.Context, id, answer string) error {
		tx, err := pool.Begin(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, limitKeep, id, answer); err != nil { // pgx prepares it once for each connection
			return errors.Join(err, tx.Rollback(ctx))
		}
		return tx.Commit(ctx)
	}, pool.Close, nil
}

// sqliteKeeper has one writing connection, and as the bot's it waits for the disk.
func sqliteKeeper(ctx context.Context, path string) (keep func(ctx context.Context, id, answer string) error, done func(), err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(30000)")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, limitTable); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	insert, err := db.PrepareContext(ctx, limitKeep)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return func(ctx context.Context, id, answer string) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if _, err := tx.StmtContext(ctx, insert).ExecContext(ctx, id, answer); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	}, func() { _ = db.Close() }, nil // every turn was committed
}
