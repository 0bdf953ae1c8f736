package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// secondSQLite is SQLite in C, which GORM's own dialect would bring.
const secondSQLite = "github.com/mattn/go-sqlite3"

// build builds the binary that is shipped, by the command of the container's image:
// without C, so that it needs no libc and a cold start compiles none, with one SQLite,
// and with nothing of this machine in it. Then it runs the binary as the image does.
func (c *check) build(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "onbehalf-build-")
	if err != nil {
		return fmt.Errorf("make a place for the binary: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	image, err := os.ReadFile(filepath.Join(c.root, "manifest", "deploy", "Dockerfile"))
	if err != nil {
		return err
	}
	recipe, err := buildCommand(string(image), dir)
	if err != nil {
		return err
	}
	said := []string{"VERSION=" + checked, "COMMIT=none", "BUILT=2026-01-01T00:00:00Z"}
	if err := c.commandIn(ctx, c.root, c.out, said, "sh", "-c", recipe); err != nil {
		return err
	}
	binary := filepath.Join(dir, "onbehalf")
	if err := c.namesNoFolder(ctx, binary); err != nil {
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
	return errors.Join(oneSQLite(packages), c.runContained(ctx, binary))
}

// checked is the version of the binary that the check builds.
const checked = "0.0.0-check"

// buildCommand is the command that builds the binary in the container's image, with
// the image's folder for what is built at out.
func buildCommand(image, out string) (string, error) {
	for line := range strings.Lines(image) {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "RUN CGO_ENABLED=0 go build "); ok && strings.Contains(command, "-o /out/") {
			return "CGO_ENABLED=0 go build " + strings.Replace(command, "-o /out/", "-o "+out+"/", 1), nil
		}
	}
	return "", errors.New("manifest/deploy/Dockerfile builds no binary without C into /out")
}

// namesNoFolder refuses a binary in which a folder of this machine is named: built
// elsewhere, the same commit would give other bytes.
func (c *check) namesNoFolder(ctx context.Context, binary string) error {
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	folders, err := output(ctx, c.root, "go", "env", "GOMODCACHE", "GOCACHE", "GOROOT")
	if err != nil {
		return err
	}
	for _, folder := range append(strings.Fields(folders), c.root) {
		if bytes.Contains(content, []byte(folder+"/")) {
			return fmt.Errorf("the binary names %s, so it differs from machine to machine", folder)
		}
	}
	return nil
}

// runContained runs the binary with what the container's image has beside it: its own
// folder and nothing more, and as the image's user where this process may choose one.
func (c *check) runContained(ctx context.Context, binary string) error {
	content := filepath.Join(filepath.Dir(binary), "content")
	data := filepath.Join(content, "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	program := filepath.Join(content, "onbehalf")
	if err := os.Rename(binary, program); err != nil {
		return err
	}
	for _, args := range [][]string{{"version"}, {"migrate"}} {
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Dir, cmd.Env = data, []string{}
		if os.Geteuid() == 0 {
			imageUser := account{65532, 65532}
			if err := imageUser.own(data); err != nil {
				return err
			}
			imageUser.run(cmd)
			confine(cmd, content)
			cmd.Path, cmd.Dir = "/onbehalf", "/data"
		}
		endTogether(cmd)
		said, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("in the image's content, onbehalf %s: %w: %s", args[0], err, bytes.TrimSpace(said))
		}
		if args[0] == "version" && !bytes.HasPrefix(said, []byte("onbehalf "+checked+"\n")) {
			return fmt.Errorf("the binary is not of version %s:\n%s", checked, said)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "onbehalf.db")); err != nil {
		return fmt.Errorf("the image keeps its database elsewhere: %w", err)
	}
	return nil
}

// oneSQLite refuses a list of modules or packages with the second SQLite in it.
func oneSQLite(list string) error {
	if strings.Contains(list, secondSQLite) {
		return fmt.Errorf("%s is linked beside the SQLite that the store uses; find who imports it with: go mod why %s", secondSQLite, secondSQLite)
	}
	return nil
}
