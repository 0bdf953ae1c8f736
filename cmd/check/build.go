package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// secondSQLite is SQLite in C, which GORM's own dialect would bring.
const secondSQLite = "github.com/mattn/go-sqlite3"

// build builds the binary that is shipped: without C, so that it needs no libc and
// a cold start compiles none, and with one SQLite.
func (c *check) build(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "onbehalf-build-")
	if err != nil {
		return fmt.Errorf("make a place for the binary: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary := filepath.Join(dir, "onbehalf")
	if err := c.commandIn(ctx, c.root, c.out, []string{"CGO_ENABLED=0"}, "go", "build", "-o", binary, "./cmd/onbehalf"); err != nil {
		return err
	}
	linked, err := output(ctx, c.root, "go", "version", "-m", binary)
	if err != nil {
		return err
	}
	if err := oneSQLite(linked); err != nil {
		return err
	}
	// With C switched on, as in go run and go test, it must not come in either.
	packages, err := output(ctx, c.root, "go", "list", "-deps", "./...")
	if err != nil {
		return err
	}
	return oneSQLite(packages)
}

// oneSQLite refuses a list of modules or packages with the second SQLite in it.
func oneSQLite(list string) error {
	if strings.Contains(list, secondSQLite) {
		return fmt.Errorf("%s is linked beside the SQLite that the store uses; find who imports it with: go mod why %s", secondSQLite, secondSQLite)
	}
	return nil
}
