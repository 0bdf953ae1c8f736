package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// test runs all Go tests under the race detector, but for SQLite itself: it is C that
// was translated, watches over its own locks, and takes most of the time when each of its
// accesses is looked at. Nothing else is left out: the detector knows of a library's
// atomics and sync.Once only where it watches, and finds races that are none without.
func (c *check) test(ctx context.Context) error {
	return c.goTest(ctx, []string{"CGO_ENABLED=1"}, "-race", "-gcflags=modernc.org/...=-race=false", "-timeout", "25m")
}

// testShort runs all Go tests; those that repeat themselves do it less often.
func (c *check) testShort(ctx context.Context) error {
	return c.goTest(ctx, nil, "-short")
}

// unproven are the tests that may skip themselves, and what is not proven then: an
// archive has no history to build another release from, and -short no time.
var unproven = map[string]string{
	"onbehalf/cmd/onbehalf.TestUpgradeFromLanes": "that the release before the outbox is refused and upgraded",
	"onbehalf/cmd/onbehalf.TestRollingUpdate":    "that the release before this one runs beside it",
}

// goTest runs all Go tests with a PostgreSQL server of its own beside SQLite. A
// test that skips itself fails the check, but for those in unproven: here everything
// else is present that a test may ask for. Some packages wait more than they compute,
// cmd/onbehalf most of all, so one more than usual runs at a time, twice as many of their
// tests do, and those that take longest come first. go vet is a step of its own.
func (c *check) goTest(ctx context.Context, env []string, flags ...string) (err error) {
	server, err := startPostgres(ctx, postgresBin(c.machine.glob, c.machine.look))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()

	temporary, err := os.MkdirTemp(inMemory(), "onbehalf-check-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()

	args := []string{"test", "-json", "-vet=off", "-p", strconv.Itoa(runtime.NumCPU() + 1), "-parallel", strconv.Itoa(2 * runtime.NumCPU())}
	if c.pattern != "" {
		args = append(args, "-run", c.pattern)
	}
	args = append(args, flags...)
	reader, writer := io.Pipe()
	told := make(chan tally, 1)
	go func() { told <- report(reader, c.out) }()
	env = append(env, "ONBEHALF_TEST_POSTGRES="+server.url, "TMPDIR="+temporary)
	err = c.commandIn(ctx, c.root, writer, env, "go", append(args, "./cmd/onbehalf", "./dialogs", "./...")...)
	_ = writer.Close() // a pipe's Close never fails
	t := <-told
	c.note("%d tests passed, %d failed, %d skipped; %d connections to PostgreSQL", t.passed, len(t.failed), len(t.skipped), server.connections())
	for _, name := range t.failed {
		c.note("failed: %s", name)
	}
	t.skipped = slices.DeleteFunc(t.skipped, func(name string) bool {
		what, may := unproven[name]
		if may {
			c.note("NOT PROVEN HERE: %s", what)
		}
		return may
	})
	for _, name := range t.skipped {
		c.note("skipped: %s", name)
	}
	switch {
	case err != nil:
		return err
	case len(t.skipped) > 0:
		return fmt.Errorf("%d tests skipped themselves", len(t.skipped))
	case c.pattern == "" && server.connections() == 0:
		return errors.New("no test used PostgreSQL, although ONBEHALF_TEST_POSTGRES was set")
	}
	return nil
}

func (c *check) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// tally counts how tests ended; subtests count on their own.
type tally struct {
	passed          int
	failed, skipped []string
}

// event is a line of `go test -json` (see `go doc test2json`).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// report turns the events of `go test -json` into go test's own plain output:
// the closing line of every package, and all that a failed test printed.
func report(events io.Reader, out io.Writer) tally {
	var t tally
	printed := map[string]*strings.Builder{}
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			t.add(line, printed, out)
		}
		if err != nil {
			break
		}
	}
	slices.Sort(t.failed)
	slices.Sort(t.skipped)
	return t
}

func (t *tally) add(line string, printed map[string]*strings.Builder, out io.Writer) {
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		fmt.Fprint(out, line) // go's own messages are not JSON
		return
	}
	name := e.Package + "." + e.Test
	switch {
	case e.Test == "":
		if e.Action == "fail" {
			showUnfinished(e.Package, printed, out)
		}
		// "PASS" alone says nothing that the package's closing line does not.
		if e.Output != "PASS\n" {
			fmt.Fprint(out, e.Output)
		}
	case e.Action == "output":
		if printed[name] == nil {
			printed[name] = &strings.Builder{}
		}
		printed[name].WriteString(e.Output)
	case e.Action == "pass":
		t.passed++
		delete(printed, name)
	case e.Action == "fail", e.Action == "skip":
		if e.Action == "fail" {
			t.failed = append(t.failed, name)
		} else {
			t.skipped = append(t.skipped, name)
		}
		if said := printed[name]; said != nil {
			fmt.Fprint(out, said.String())
			delete(printed, name)
		}
	}
}

// showUnfinished prints what tests said that never ended, because the whole
// package crashed or ran out of time.
func showUnfinished(pkg string, printed map[string]*strings.Builder, out io.Writer) {
	for _, name := range slices.Sorted(maps.Keys(printed)) {
		if strings.HasPrefix(name, pkg+".Test") || strings.HasPrefix(name, pkg+".Fuzz") || strings.HasPrefix(name, pkg+".Example") {
			fmt.Fprint(out, printed[name].String())
			delete(printed, name)
		}
	}
}
