package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"onbehalf/bot/store"
)

// backupCommand copies the SQLite database while the bot runs.
type backupCommand struct {
	Output string `short:"o" required:"" placeholder:"FILE" help:"Where to; a backup of this name is replaced when the new one is whole."`
}

// Run writes the copy, checks it and says what is in it.
func (b backupCommand) Run(c console, s settings) error {
	path, err := sqliteFile(s.database(), "pg_dump --format=custom --file="+b.Output+" --dbname=postgres://…")
	if err != nil {
		return err
	}
	copied, err := store.Backup(c.ctx, path, b.Output)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "wrote %s: %d requests, %d KiB, checked\n", b.Output, copied.Tickets, copied.Bytes/1024)
	return nil
}

// restoreCommand puts a backup in the place of the SQLite database.
type restoreCommand struct {
	File string `arg:"" help:"What onbehalf backup wrote."`
}

// Run does it, unless a program has the database open, and says where the former one is.
func (r restoreCommand) Run(c console, s settings) error {
	path, err := sqliteFile(s.database(), "pg_restore --clean --if-exists --single-transaction --dbname=postgres://… "+r.File+", with every replica stopped")
	if err != nil {
		return err
	}
	copied, err := store.Restore(c.ctx, path, r.File, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "restored %d requests from %s\n", copied.Tickets, r.File)
	if copied.Kept != "" {
		fmt.Fprintf(c.out, "what was there before is in %s: remove it when all is well\n", copied.Kept)
	}
	fmt.Fprintf(c.out, "the next request will be SR-%d; start the bot with onbehalf serve\n", copied.Last+1)
	return nil
}

// sqliteFile is the path of a database that is a file. PostgreSQL has tools of its own:
// the error names the command that takes the place of this one.
func sqliteFile(url, instead string) (string, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok && path != "" {
		return path, nil
	}
	if strings.HasPrefix(url, "postgres:") || strings.HasPrefix(url, "postgresql:") {
		return "", fmt.Errorf("this command is for SQLite; for PostgreSQL use its own: %s", instead)
	}
	return "", errors.New("DATABASE_URL must begin with postgres:// or sqlite:, such as sqlite:onbehalf.db")
}
