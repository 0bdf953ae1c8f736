package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// step is one part of the check.
type step struct {
	name  string
	does  string
	needs []need
	run   func(*check, context.Context) error
}

// steps is the whole check, in its order: what is quick and often wrong first.
var steps = []step{
	{"format", "every Go file is as gofmt writes it", nil, (*check).format},
	{"modules", "go.mod and go.sum are tidy, and the modules are what they were", nil, (*check).modules},
	{"licences", "the licences of everything linked are permitted, and listed in the binary", nil, (*check).licences},
	{"vulnerable", "govulncheck, as pinned in go.mod, where its database can be reached", nil, (*check).vulnerable},
	{"build", "the binary of a release, with one SQLite, and run as in its image", nil, (*check).build},
	{"vet", "go vet", []need{gcc}, (*check).vet},
	{"staticcheck", "staticcheck, as pinned in go.mod", []need{gcc}, (*check).staticcheck},
	{"test", "go test -race on SQLite and PostgreSQL, with the seeds of every fuzz test", []need{gcc, postgres, pgbouncer}, (*check).test},
	{"browser", "cards, package and Playground in Chromium (cmd/e2e)", []need{node, chromium, fonts}, (*check).browser},
}

// quick is what -quick runs: the parts of the whole check that say most in
// little time.
var quick = []step{
	stepNamed("format"), stepNamed("modules"), stepNamed("licences"), stepNamed("vet"),
	{"test", "go test -short on SQLite and PostgreSQL, without the race detector", []need{postgres, pgbouncer}, (*check).testShort},
	{"schema", "every card against the public schema (cmd/e2e)", []need{node}, (*check).schema},
}

func stepNamed(name string) step {
	return steps[slices.IndexFunc(steps, func(s step) bool { return s.name == name })]
}

// leftOut is what the whole check does beyond the quick one.
const leftOut = "staticcheck, govulncheck, the race detector, most repetitions of long tests, and everything in a browser"

// pictures is the step behind -gallery; the whole check does not need it.
var pictures = step{"gallery", "pictures of all cards into cmd/e2e/gallery", []need{node, chromium, fonts}, (*check).gallery}

// listed is the step behind -licences.
var listed = step{"licences", "the licences of everything linked into " + licencesFile, nil, (*check).writeLicences}

// selection is what the flags say about the steps to run.
type selection struct {
	only     string // comma-separated names of steps
	gallery  bool
	licences bool
	quick    bool
}

// choose picks the steps to run.
func (s selection) choose() ([]step, error) {
	chosen := 0
	for _, flag := range []bool{s.gallery, s.licences, s.quick, s.only != ""} {
		if flag {
			chosen++
		}
	}
	switch {
	case chosen > 1:
		return nil, errors.New("-gallery, -licences, -quick and -only exclude each other")
	case s.gallery:
		return []step{pictures}, nil
	case s.licences:
		return []step{listed}, nil
	case s.quick:
		return quick, nil
	}
	only := s.only
	if only == "" {
		return steps, nil
	}
	wanted := map[string]bool{}
	for name := range strings.SplitSeq(only, ",") {
		wanted[strings.TrimSpace(name)] = true
	}
	var some []step
	for _, s := range steps {
		if wanted[s.name] {
			some = append(some, s)
			delete(wanted, s.name)
		}
	}
	for name := range wanted {
		return nil, fmt.Errorf("there is no step %q; the steps are %s", name, strings.Join(names(steps), ", "))
	}
	return some, nil
}

func names(of []step) []string {
	all := make([]string, len(of))
	for i, s := range of {
		all[i] = s.name
	}
	return all
}

// moduleRoot is the folder of the go.mod that holds the working directory.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := output(ctx, ".", "go", "env", "GOMOD")
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	file := strings.TrimSpace(out)
	if file == "" || file == os.DevNull {
		return "", errors.New("run this inside the project's checkout")
	}
	return filepath.Dir(file), nil
}

func (c *check) format(ctx context.Context) error {
	var wrong []string
	err := filepath.WalkDir(c.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || path != c.root && strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(path) != ".go" {
			return ctx.Err()
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		// A file that does not parse is reported as well; vet says more about it.
		if tidy, err := format.Source(source); err != nil || !bytes.Equal(tidy, source) {
			wrong = append(wrong, path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fmt.Errorf("gofmt -w is due for\n%s", strings.Join(wrong, "\n"))
	}
	return nil
}

func (c *check) modules(ctx context.Context) error {
	if err := c.command(ctx, "go", "mod", "tidy", "-diff"); err != nil {
		return err
	}
	return c.command(ctx, "go", "mod", "verify")
}

func (c *check) vet(ctx context.Context) error {
	return c.command(ctx, "go", "vet", "./...")
}

func (c *check) staticcheck(ctx context.Context) error {
	return c.command(ctx, "go", "tool", "staticcheck", "./...")
}
