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
	return c.withE2E(ctx, func(e e2e) error {
		browser, err := c.machine.look("chromium")
		if err != nil {
			return err
		}
		program := filepath.Join(e.temporary, "onbehalf")
		if runtime.GOOS == "windows" {
			program += ".exe"
		}
		if err := c.command(ctx, "go", "build", "-buildvcs=false", "-o", program, "./cmd/onbehalf"); err != nil {
			return err
		}
		tests, err := filepath.Glob(filepath.Join(e.folder, "*.test.mjs"))
		if err != nil {
			return err
		}
		slices.Sort(tests)
		// One file after the other: a browser each would be more than two cores can do in time.
		args := append([]string{"--test", "--test-concurrency=2", "--test-reporter=spec"}, tests...)
		return e.node(ctx, []string{"CHROMIUM=" + browser, "ONBEHALF_PROGRAM=" + program}, args...)
	})
}

// schema runs those tests of the cards that need no browser.
func (c *check) schema(ctx context.Context) error {
	return c.withE2E(ctx, func(e e2e) error {
		return e.node(ctx, nil, "--test", "--test-reporter=dot", "schema.test.mjs")
	})
}

// gallery writes the pictures of all cards.
func (c *check) gallery(ctx context.Context) error {
	return c.withE2E(ctx, func(e e2e) error {
		browser, err := c.machine.look("chromium")
		if err != nil {
			return err
		}
		return e.node(ctx, []string{"CHROMIUM=" + browser}, "gallery.mjs")
	})
}

// e2e is the folder of the browser tests with what they need.
type e2e struct {
	check     *check
	folder    string
	temporary string // goes away after the run
	cards     string // every card as JSON
}

// withE2E installs the Node packages that the lock file names, writes the JSON of
// all cards and calls use.
func (c *check) withE2E(ctx context.Context, use func(e2e) error) error {
	folder := filepath.Join(c.root, "cmd", "e2e")
	if err := c.commandIn(ctx, folder, c.out, nil, "npm", "ci", "--no-audit", "--no-fund"); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "onbehalf-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	cards := filepath.Join(temporary, "cards")
	// TestJSON writes cards whose outlines are out of date as well: pictures of a
	// change are wanted before it is accepted.
	if err := c.command(ctx, "go", "test", "./cards", "-run", "^TestJSON$", "-json-to", cards); err != nil {
		return err
	}
	return use(e2e{c, folder, temporary, cards})
}

// node runs Node.js in the folder with further environment variables.
func (e e2e) node(ctx context.Context, env []string, args ...string) error {
	return e.check.commandIn(ctx, e.folder, e.check.out, append(env, "CARDS="+e.cards), "node", args...)
}
