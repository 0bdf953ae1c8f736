package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOneFailedStepFailsTheCheckAndTheOthersStillRun(t *testing.T) {
	var out bytes.Buffer
	c := &check{out: &out}
	ran := 0
	good := step{name: "good", run: func(*check, context.Context) error { ran++; return nil }}
	bad := step{name: "bad", run: func(*check, context.Context) error { ran++; return errors.New("no") }}
	if status := c.all(t.Context(), []step{good, bad, good}); status != 1 || ran != 3 {
		t.Errorf("status %d after %d steps\n%s", status, ran, &out)
	}
	if !strings.Contains(out.String(), "FAILED: 1 of 3 steps") {
		t.Errorf("%s", &out)
	}
	if status := c.all(t.Context(), []step{good}); status != 0 {
		t.Errorf("status %d of a good step", status)
	}
}

func TestStoppedCheckIsNotAGoodOne(t *testing.T) {
	var out bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	stopping := step{name: "a", run: func(*check, context.Context) error { cancel(); return nil }}
	if status := (&check{out: &out}).all(ctx, []step{stopping, stopping}); status != 1 {
		t.Errorf("status %d\n%s", status, &out)
	}
	if !strings.Contains(out.String(), "1 of 2 steps ran") {
		t.Errorf("%s", &out)
	}
}

func TestStepsAreChosenInTheirOrder(t *testing.T) {
	for _, c := range []struct {
		flags selection
		want  []string
	}{
		{selection{}, names(steps)},
		{selection{only: "test, format"}, []string{"format", "test"}},
		{selection{gallery: true}, []string{"gallery"}},
		{selection{quick: true}, []string{"format", "modules", "licences", "vet", "test", "schema"}},
		{selection{licences: true}, []string{"licences"}},
	} {
		if chosen, err := c.flags.choose(); err != nil || !slices.Equal(names(chosen), c.want) {
			t.Errorf("%+v: %v, %v", c.flags, names(chosen), err)
		}
	}
	for _, flags := range []selection{
		{only: "tests"}, {only: "test", gallery: true}, {only: "test", quick: true}, {gallery: true, quick: true}, {licences: true, quick: true},
	} {
		if chosen, err := flags.choose(); err == nil {
			t.Errorf("%+v chooses %v", flags, names(chosen))
		}
	}
}

func TestTheQuickCheckEndsWithWhatItLeftOut(t *testing.T) {
	for _, fails := range []error{nil, errors.New("no")} {
		var out bytes.Buffer
		one := step{name: "one", run: func(*check, context.Context) error { return fails }}
		(&check{quick: true, out: &out}).all(t.Context(), []step{one})
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, "quick check") || !strings.Contains(last, leftOut) {
			t.Errorf("it ends with %q", last)
		}
	}
	var out bytes.Buffer
	(&check{out: &out}).all(t.Context(), nil)
	if strings.Contains(out.String(), "quick") {
		t.Errorf("the whole check calls itself quick:\n%s", &out)
	}
}

// TestQuickNeedsNoBrowser keeps what takes minutes to install and to run out of
// the quick check.
func TestQuickNeedsNoBrowser(t *testing.T) {
	for _, n := range needsOf(quick) {
		if n.name == chromium.name || n.name == fonts.name {
			t.Errorf("the quick check needs %s", n.name)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{{"-nonsense"}, {"-only", "nonsense"}, {"nonsense"}, {"-quick", "-gallery"}, {"-quick", "-only", "test"}} {
		var out, errs bytes.Buffer
		if status := run(t.Context(), args, &out, &errs); status != 2 || errs.Len() == 0 {
			t.Errorf("%q: status %d, %q", args, status, &errs)
		}
	}
	var help bytes.Buffer
	if status := run(t.Context(), []string{"--help"}, &help, &help); status != 0 || !strings.Contains(help.String(), "staticcheck") || !strings.Contains(help.String(), leftOut) {
		t.Errorf("--help: status %d, %q", status, &help)
	}
}

func TestFormatFindsWhatGofmtWouldChange(t *testing.T) {
	c := &check{root: t.TempDir(), out: &bytes.Buffer{}}
	write := func(name, content string) {
		t.Helper()
		file := filepath.Join(c.root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("good/a.go", "package a\n")
	write("e2e/node_modules/x/b.go", "package   b")
	write(".cache/c.go", "package   c")
	if err := c.format(t.Context()); err != nil {
		t.Error(err)
	}
	write("bad/d.go", "package   d")
	if err := c.format(t.Context()); err == nil || !strings.Contains(err.Error(), "d.go") || strings.Contains(err.Error(), "a.go") {
		t.Errorf("%v", err)
	}
}

func TestReportIsPlainOutputWithWhatFailedTestsSaid(t *testing.T) {
	events := `{"Action":"run","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"    a_test.go:1: wrong\n"}
{"Action":"fail","Package":"p","Test":"TestBad"}
{"Action":"output","Package":"p","Test":"TestAway","Output":"    no database\n"}
{"Action":"skip","Package":"p","Test":"TestAway"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}
{"Action":"output","Package":"q","Test":"TestHangs","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"q"}
{"Action":"output","Package":"r","Output":"PASS\n"}
{"Action":"output","Package":"r","Output":"ok  \tr\t0.2s\n"}
{"Action":"pass","Package":"r"}
go: not JSON
`
	var out bytes.Buffer
	got := report(strings.NewReader(events), &out)
	want := "    a_test.go:1: wrong\n    no database\nFAIL\tp\t0.1s\npanic: test timed out\nok  \tr\t0.2s\ngo: not JSON\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", &out, want)
	}
	if got.passed != 1 || !slices.Equal(got.failed, []string{"p.TestBad"}) || !slices.Equal(got.skipped, []string{"p.TestAway"}) {
		t.Errorf("%+v", got)
	}
}

func TestPrivatePostgreSQLComesAndGoes(t *testing.T) {
	bin := postgresBin(filepath.Glob, exec.LookPath)
	if bin == "" {
		if os.Getenv("ONBEHALF_TEST_POSTGRES") != "" {
			t.Fatal("the whole check runs without PostgreSQL's programs")
		}
		t.Skip("needs PostgreSQL's programs")
	}
	s, err := startPostgres(t.Context(), bin)
	if err != nil {
		t.Fatal(err)
	}
	if s.connections() != 0 {
		t.Errorf("%d connections before the first one", s.connections())
	}
	if out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "psql"), s.url, "-c", "create database a").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if s.connections() != 1 {
		t.Errorf("%d connections after the first one", s.connections())
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the server's files remain in %s: %v", s.dir, err)
	}
	if err := s.stop(); err != nil {
		t.Errorf("stopping twice: %v", err)
	}
}

func TestASecondSQLiteIsNamed(t *testing.T) {
	if err := oneSQLite("dep\tmodernc.org/sqlite\tv1.60.1\n"); err != nil {
		t.Error(err)
	}
	if err := oneSQLite("modernc.org/sqlite\ngithub.com/mattn/go-sqlite3\n"); err == nil || !strings.Contains(err.Error(), "go mod why") {
		t.Error(err)
	}
}

func TestTheBinaryIsBuiltByTheCommandOfTheImage(t *testing.T) {
	image, err := os.ReadFile("../../manifest/deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	got, err := buildCommand(string(image), "/place")
	if err != nil || !strings.HasPrefix(got, "CGO_ENABLED=0 go build -trimpath ") || !strings.HasSuffix(got, " -o /place/onbehalf ./cmd/onbehalf") {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := buildCommand("RUN go build -o /out/onbehalf ./cmd/onbehalf\n", "/place"); err == nil {
		t.Error("an image with C in it is built")
	}
}
