package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// browser runs the tests of cmd/e2e against a program built once for all of them.
func (c *check) browser(ctx context.Context) error {
	dir, env, err := c.e2e(ctx)
	if err != nil {
		return err
	}
	bin, err := os.MkdirTemp("", "onbehalf-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin)
	program := filepath.Join(bin, "onbehalf")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if err := c.command(ctx, "go", "build", "-buildvcs=false", "-o", program, "./cmd/onbehalf"); err != nil {
		return err
	}
	tests, err := filepath.Glob(filepath.Join(dir, "*.test.mjs"))
	if err != nil {
		return err
	}
	slices.Sort(tests)
	// One file after the other: a browser each would be more than two cores can do in time.
	args := append([]string{"--test", "--test-concurrency=1", "--test-reporter=spec"}, tests...)
	return c.commandIn(ctx, dir, c.out, append(env, "ONBEHALF_PROGRAM="+program), "node", args...)
}

// gallery writes the pictures of all cards.
func (c *check) gallery(ctx context.Context) error {
	dir, env, err := c.e2e(ctx)
	if err != nil {
		return err
	}
	return c.commandIn(ctx, dir, c.out, env, "node", "gallery.mjs")
}

// e2e installs the Node packages that the lock file names, and returns the
// folder of the browser tests with what they want to be told.
func (c *check) e2e(ctx context.Context) (dir string, env []string, err error) {
	dir = filepath.Join(c.root, "cmd", "e2e")
	if err := c.commandIn(ctx, dir, c.out, nil, "npm", "ci", "--no-audit", "--no-fund"); err != nil {
		return "", nil, err
	}
	browser, err := c.machine.look("chromium")
	if err != nil {
		return "", nil, err
	}
	return dir, []string{"CHROMIUM=" + browser}, nil
}
