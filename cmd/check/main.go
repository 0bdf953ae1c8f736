package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run does what main does and returns the exit status: 0 all good, 1 something
// failed, 2 wrong usage.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	flags.SetOutput(errs)
	only := flags.String("only", "", "run only these `steps`, comma-separated: "+strings.Join(names(steps), ", "))
	gallery := flags.Bool("gallery", false, "only write pictures of all cards into cmd/e2e/gallery")
	licences := flags.Bool("licences", false, "only write "+licencesFile+" anew")
	quickly := flags.Bool("quick", false, "only run the quick check, see above")
	pattern := flags.String("run", "", "run only the Go tests that match this `regexp`")
	flags.Usage = func() { usage(flags) }
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(errs, "check: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	chosen, err := selection{only: *only, gallery: *gallery, licences: *licences, quick: *quickly}.choose()
	if err != nil {
		fmt.Fprintln(errs, "check:", err)
		return 2
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		fmt.Fprintln(errs, "check:", err)
		return 1
	}
	c := &check{root: root, pattern: *pattern, quick: *quickly, out: out, machine: thisMachine()}
	return c.all(ctx, chosen)
}

func usage(flags *flag.FlagSet) {
	w := flags.Output()
	fmt.Fprint(w, "Usage: go run ./cmd/check [flags]\n\nRuns these steps, in this order:\n\n")
	list(w, steps)
	fmt.Fprint(w, "\nWith -quick, in three to four minutes on two cores:\n\n")
	list(w, quick)
	fmt.Fprintf(w, "\nThe quick check leaves out %s.\n", leftOut)
	fmt.Fprint(w, "\nWhat a step needs is installed first on Debian, as root or with sudo.\n\nFlags:\n")
	flags.PrintDefaults()
}

func list(w io.Writer, of []step) {
	for _, s := range of {
		fmt.Fprintf(w, "  %-12s %s\n", s.name, s.does)
	}
}

// check is one run of the check.
type check struct {
	root    string // folder of go.mod; every command runs there
	pattern string // only these Go tests, or empty
	quick   bool   // the summary says what was left out
	out     io.Writer
	machine machine
	notes   []string // lines for the summary
}

// errNotRun is in the error of a step that could not look at what it is for. It is
// neither good nor a failure: the summary says so.
var errNotRun = errors.New("not looked at")

// result is how one step ended.
type result struct {
	step step
	took time.Duration
	err  error
}

// all runs the steps, goes on after one that failed, and returns the exit status.
// Steps whose tools cannot be had are not started: a check that leaves parts
// out must not look like one that ran.
func (c *check) all(ctx context.Context, chosen []step) int {
	began := time.Now()
	if err := c.machine.prepare(ctx, needsOf(chosen), c.out); err != nil {
		fmt.Fprintln(c.out, "check:", err)
		return 1
	}
	var results []result
	for _, s := range chosen {
		if ctx.Err() != nil {
			break
		}
		fmt.Fprintf(c.out, "== %s: %s\n", s.name, s.does)
		start := time.Now()
		err := s.run(c, ctx)
		r := result{s, time.Since(start), err}
		results = append(results, r)
		if errors.Is(err, errNotRun) {
			c.note("NOT PROVEN HERE: %v", err)
			fmt.Fprintf(c.out, "-- %s DID NOT RUN: %v\n", s.name, err)
			continue
		}
		if err != nil {
			fmt.Fprintf(c.out, "-- %s FAILED after %s: %v\n", s.name, tenths(r.took), err)
			continue
		}
		fmt.Fprintf(c.out, "-- %s: good, %s\n", s.name, tenths(r.took))
	}
	status := c.summary(ctx, results, len(chosen), time.Since(began))
	if c.quick {
		fmt.Fprintf(c.out, "This was the quick check. It left out %s; go run ./cmd/check runs everything.\n", leftOut)
	}
	return status
}

func (c *check) summary(ctx context.Context, results []result, wanted int, took time.Duration) int {
	failed, notRun := 0, 0
	fmt.Fprintln(c.out, "\nSummary")
	for _, r := range results {
		word := "good"
		switch {
		case errors.Is(r.err, errNotRun):
			word = "NOT RUN"
			notRun++
		case r.err != nil:
			word = "FAILED"
			failed++
		}
		fmt.Fprintf(c.out, "  %-12s %-7s %8s\n", r.step.name, word, tenths(r.took))
	}
	for _, note := range c.notes {
		fmt.Fprintln(c.out, " ", note)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintf(c.out, "Stopped after %s: %d of %d steps ran.\n", tenths(took), len(results), wanted)
		return 1
	case failed > 0:
		fmt.Fprintf(c.out, "FAILED: %d of %d steps, in %s.\n", failed, wanted, tenths(took))
		return 1
	}
	if notRun > 0 {
		fmt.Fprintf(c.out, "%d of %d steps are good, in %s. %d COULD NOT RUN HERE: see above.\n", wanted-notRun, wanted, tenths(took), notRun)
		return 0
	}
	fmt.Fprintf(c.out, "All %d steps are good, in %s.\n", wanted, tenths(took))
	return 0
}

func tenths(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
