package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// need is something outside the project that a step cannot do without.
type need struct {
	name     string   // for people on machines that are not Debian
	packages []string // what brings it on Debian
	met      func(machine) bool
}

var (
	gcc = need{"gcc with the headers of the C library, for the race detector", []string{"gcc", "libc6-dev"}, func(m machine) bool {
		return m.has("gcc") && (m.system != "debian" || m.exists("/usr/include/stdlib.h"))
	}}
	postgres = need{"PostgreSQL 13 or newer (initdb and postgres)", []string{"postgresql"}, func(m machine) bool {
		return postgresBin(m.glob, m.look) != ""
	}}
	pgbouncer = need{"pgbouncer", []string{"pgbouncer"}, func(m machine) bool {
		return m.has("pgbouncer") || m.exists("/usr/sbin/pgbouncer")
	}}
	node = need{"Node.js 18 or newer with npm", []string{"nodejs", "npm"}, func(m machine) bool {
		return m.has("node") && m.has("npm")
	}}
	chromium = need{"Chromium", []string{"chromium"}, func(m machine) bool { return m.has("chromium") }}
	// Label widths are measured with it, so another font is another result.
	fonts = need{"the font Noto Sans", []string{"fonts-noto-core"}, func(m machine) bool {
		return m.exists("/usr/share/fonts/*/*/NotoSans-Regular.ttf", "/usr/share/fonts/*/NotoSans-Regular.ttf", "/Library/Fonts/NotoSans-Regular.ttf")
	}}
)

// needsOf lists what the steps need, each once.
func needsOf(chosen []step) []need {
	var all []need
	for _, s := range chosen {
		for _, n := range s.needs {
			if !slices.ContainsFunc(all, func(o need) bool { return o.name == n.name }) {
				all = append(all, n)
			}
		}
	}
	return all
}

// machine is what the check asks and does of the machine that it runs on.
type machine struct {
	system  string // ID in /etc/os-release
	root    bool
	look    func(program string) (string, error)
	glob    func(pattern string) ([]string, error)
	command func(ctx context.Context, out io.Writer, name string, args ...string) error
}

func thisMachine() machine {
	release, _ := os.ReadFile("/etc/os-release") // absent on other systems
	return machine{
		system: systemID(string(release)),
		root:   os.Geteuid() == 0,
		look:   exec.LookPath,
		glob:   filepath.Glob,
		command: func(ctx context.Context, out io.Writer, name string, args ...string) error {
			cmd := exec.CommandContext(ctx, name, args...)
			cmd.Stdout, cmd.Stderr = out, out
			endTogether(cmd)
			return cmd.Run()
		},
	}
}

// systemID reads the ID line of an os-release file.
func systemID(release string) string {
	for line := range strings.Lines(release) {
		if id, ok := strings.CutPrefix(line, "ID="); ok {
			return strings.Trim(strings.TrimSpace(id), `"'`)
		}
	}
	return ""
}

func (m machine) has(program string) bool {
	_, err := m.look(program)
	return err == nil
}

// exists tells whether a file matches any of the patterns.
func (m machine) exists(patterns ...string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		found, _ := m.glob(pattern) // fails on a bad pattern only
		return len(found) > 0
	})
}

func (m machine) missing(needs []need) []need {
	return slices.DeleteFunc(slices.Clone(needs), func(n need) bool { return n.met(m) })
}

// prepare installs what is missing, where it may; elsewhere its error lists
// what to install.
func (m machine) prepare(ctx context.Context, needs []need, out io.Writer) error {
	missing := m.missing(needs)
	if len(missing) == 0 {
		return nil
	}
	packages := packagesOf(missing)
	if m.system != "debian" || !m.has("apt-get") {
		var list strings.Builder
		for _, n := range missing {
			fmt.Fprintf(&list, "\n  %s", n.name)
		}
		return fmt.Errorf("install these and run it again:%s\non Debian: apt-get install %s", list.String(), strings.Join(packages, " "))
	}
	if !m.root && (!m.has("sudo") || m.command(ctx, io.Discard, "sudo", "-n", "true") != nil) {
		return fmt.Errorf("installing needs root or sudo without a password; run this and try again:\n  sudo apt-get install %s", strings.Join(packages, " "))
	}
	fmt.Fprintf(out, "== install: %s (this takes some minutes)\n", strings.Join(packages, " "))
	began := time.Now()
	if err := m.install(ctx, packages); err != nil {
		return err
	}
	fmt.Fprintf(out, "-- install: good, %s\n", tenths(time.Since(began)))
	if still := m.missing(needs); len(still) > 0 {
		return fmt.Errorf("apt-get installed %s, but this is still missing: %s", strings.Join(packages, " "), still[0].name)
	}
	return nil
}

// install runs apt-get. The package lists are fetched when there are none, and
// when they turn out to be too old to install from.
func (m machine) install(ctx context.Context, packages []string) error {
	updated := false
	if !m.exists("/var/lib/apt/lists/*_Packages*") {
		if err := m.aptGet(ctx, "update"); err != nil {
			return err
		}
		updated = true
	}
	args := append([]string{"install", "--yes", "--no-install-recommends"}, packages...)
	err := m.aptGet(ctx, args...)
	if err == nil || updated {
		return err
	}
	if err := m.aptGet(ctx, "update"); err != nil {
		return err
	}
	return m.aptGet(ctx, args...)
}

// aptGet runs apt-get. It says thousands of lines, which matter when it fails.
func (m machine) aptGet(ctx context.Context, args ...string) error {
	words := append([]string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"}, args...)
	if !m.root {
		words = append([]string{"sudo", "-n"}, words...)
	}
	var said bytes.Buffer
	if err := m.command(ctx, &said, words[0], words[1:]...); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(words, " "), err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

func packagesOf(needs []need) []string {
	var all []string
	for _, n := range needs {
		all = append(all, n.packages...)
	}
	return all
}
