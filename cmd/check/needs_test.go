package main

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// bench is a machine of the tests: it has programs and files, and keeps the
// commands that it was asked to run.
type bench struct {
	machine
	programs, files []string
	ran             []string
	fails           map[string]int // how often a command fails before it works
	brings          []string       // what a working apt-get install adds to files
}

func newBench(system string, root bool, programs ...string) *bench {
	b := &bench{programs: programs, fails: map[string]int{}}
	b.machine = machine{system: system, root: root, look: b.look, glob: b.glob, command: b.command}
	return b
}

func (b *bench) look(program string) (string, error) {
	if slices.Contains(b.programs, program) {
		return "/usr/bin/" + program, nil
	}
	return "", exec.ErrNotFound
}

func (b *bench) glob(pattern string) ([]string, error) {
	var found []string
	for _, file := range b.files {
		if ok, err := path.Match(pattern, file); err != nil {
			return nil, err
		} else if ok {
			found = append(found, file)
		}
	}
	return found, nil
}

func (b *bench) command(_ context.Context, _ io.Writer, name string, args ...string) error {
	line := strings.Join(append([]string{name}, args...), " ")
	b.ran = append(b.ran, line)
	if b.fails[line] > 0 {
		b.fails[line]--
		return errors.New("exit status 100")
	}
	if strings.Contains(line, "install") {
		b.files = append(b.files, b.brings...)
	}
	return nil
}

var everything = needsOf(steps)

const (
	update  = "env DEBIAN_FRONTEND=noninteractive apt-get -q update"
	install = "env DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends postgresql"
)

func TestNothingIsInstalledWhereNothingIsMissing(t *testing.T) {
	b := newBench("debian", true, "apt-get", "gcc", "node", "npm", "chromium")
	b.files = []string{"/usr/include/stdlib.h", "/usr/lib/postgresql/15/bin/initdb", "/usr/sbin/pgbouncer", "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"}
	if err := b.prepare(t.Context(), everything, io.Discard); err != nil {
		t.Fatal(err)
	}
	if len(b.ran) > 0 {
		t.Errorf("ran %q", b.ran)
	}
}

func TestFreshDebianGetsThePackagesOfAllSteps(t *testing.T) {
	b := newBench("debian", true, "apt-get")
	err := b.prepare(t.Context(), everything, io.Discard)
	want := []string{
		update,
		"env DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends gcc libc6-dev postgresql pgbouncer nodejs npm chromium fonts-noto-core",
	}
	if !slices.Equal(b.ran, want) {
		t.Errorf("ran\n%s\nwant\n%s", strings.Join(b.ran, "\n"), strings.Join(want, "\n"))
	}
	if err == nil || !strings.Contains(err.Error(), "still missing") {
		t.Errorf("a package that brings nothing goes unseen: %v", err)
	}
}

func TestOldPackageListsAreFetchedAgain(t *testing.T) {
	b := newBench("debian", true, "apt-get")
	b.files = []string{"/var/lib/apt/lists/deb.debian.org_main_binary-amd64_Packages"}
	b.brings = []string{"/usr/lib/postgresql/17/bin/initdb"}
	b.fails[install] = 1
	if err := b.prepare(t.Context(), []need{postgres}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if want := []string{install, update, install}; !slices.Equal(b.ran, want) {
		t.Errorf("ran %q, want %q", b.ran, want)
	}
}

func TestInstallationThatFailsTwiceIsAnError(t *testing.T) {
	b := newBench("debian", true, "apt-get")
	b.fails[install] = 2
	if err := b.prepare(t.Context(), []need{postgres}, io.Discard); err == nil {
		t.Error("no error")
	}
}

func TestSudoInstallsForOthers(t *testing.T) {
	b := newBench("debian", false, "apt-get", "sudo")
	b.brings = []string{"/usr/lib/postgresql/15/bin/initdb"}
	if err := b.prepare(t.Context(), []need{postgres}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if want := []string{"sudo -n true", "sudo -n " + update, "sudo -n " + install}; !slices.Equal(b.ran, want) {
		t.Errorf("ran %q, want %q", b.ran, want)
	}
}

func TestWithoutTheRightToInstallTheCommandIsNamed(t *testing.T) {
	for name, b := range map[string]*bench{
		"no sudo":                              newBench("debian", false, "apt-get"),
		"sudo asks a password":                 newBench("debian", false, "apt-get", "sudo"),
		"another system":                       newBench("fedora", true),
		"Ubuntu, whose Chromium is no package": newBench("ubuntu", true, "apt-get"),
	} {
		t.Run(name, func(t *testing.T) {
			b.fails["sudo -n true"] = 1
			err := b.prepare(t.Context(), everything, io.Discard)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), "apt-get install gcc libc6-dev postgresql pgbouncer nodejs npm chromium fonts-noto-core") {
				t.Errorf("%v", err)
			}
			if slices.ContainsFunc(b.ran, func(line string) bool { return strings.Contains(line, "apt-get") }) {
				t.Errorf("ran %q", b.ran)
			}
		})
	}
}

func TestNewestPostgreSQLIsTaken(t *testing.T) {
	b := newBench("debian", true, "initdb")
	if got := postgresBin(b.glob, b.look); got != "/usr/bin" {
		t.Errorf("from PATH: %q", got)
	}
	b.files = []string{"/usr/lib/postgresql/9.6/bin/initdb", "/usr/lib/postgresql/9/bin/initdb", "/usr/lib/postgresql/17/bin/initdb", "/usr/lib/postgresql/15/bin/initdb"}
	if got := postgresBin(b.glob, b.look); got != "/usr/lib/postgresql/17/bin" {
		t.Errorf("from the packages: %q", got)
	}
}

func TestSystemID(t *testing.T) {
	for release, want := range map[string]string{
		"PRETTY_NAME=\"Debian GNU/Linux 12\"\nVERSION_ID=\"12\"\nID=debian\n": "debian",
		"ID=\"opensuse-leap\"\nID_LIKE=\"suse\"\n":                            "opensuse-leap",
		"": "",
	} {
		if got := systemID(release); got != want {
			t.Errorf("%q: %q, want %q", release, got, want)
		}
	}
}
