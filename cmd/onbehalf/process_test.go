package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"onbehalf/bot/teams/teamstest"
)

// asProgram makes the test binary the program itself, so that tests start,
// kill and restart real processes without building anything.
const asProgram = "ONBEHALF_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	// What the developer's own environment says is no part of a test.
	for _, field := range reflect.VisibleFields(reflect.TypeFor[settings]()) {
		if err := os.Unsetenv(field.Tag.Get("env")); err != nil {
			panic(err)
		}
	}
	status := m.Run()
	if err := os.RemoveAll(builds()); err != nil {
		panic(err)
	}
	os.Exit(status)
}

// builds is a folder for programs that tests build, for as long as they run.
var builds = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "onbehalf-builds-")
	if err != nil {
		panic(err)
	}
	return dir
})

// shipped builds the program as it is shipped, once. It is for tests that start it many
// times and let it work much: the test binary itself spends most of their time in the race
// detector.
var shipped = sync.OnceValues(func() (program string, err error) {
	program = filepath.Join(builds(), "onbehalf")
	return program, build(".", program)
})

// build builds the program whose source is in a folder.
func build(dir, program string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// limit is how long a test waits for a process; the machine may be busy.
const limit = 60 * time.Second

// process is the program, running.
type process struct {
	// URL is where it listens, without a path.
	URL string

	tb   testing.TB
	cmd  *exec.Cmd
	out  *said // standard output
	err  *said // standard error
	done chan struct{}
}

// launch starts the program with nothing in its environment but env. It is
// killed when the test ends.
func launch(tb testing.TB, env map[string]string, args ...string) *process {
	tb.Helper()
	return launchOf(tb, os.Args[0], env, args...)
}

// launchOf is launch for the program of another release.
func launchOf(tb testing.TB, program string, env map[string]string, args ...string) *process {
	tb.Helper()
	p := &process{tb: tb, cmd: exec.Command(program, args...), out: newSaid(), err: newSaid(), done: make(chan struct{})}
	p.cmd.Env = []string{asProgram + "=1", "PATH=" + os.Getenv("PATH")}
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // ExitCode tells
		close(p.done)
	}()
	tb.Cleanup(func() {
		p.kill()
		if tb.Failed() {
			tb.Logf("onbehalf %q said:\n%s%s", args, p.out, p.err)
		}
	})
	return p
}

// serving starts `onbehalf serve` and returns when it listens.
func serving(tb testing.TB, env map[string]string, args ...string) *process {
	tb.Helper()
	return servingOf(tb, os.Args[0], env, args...)
}

// servingShipped is serving for the program as it is shipped.
func servingShipped(tb testing.TB, env map[string]string) *process {
	tb.Helper()
	program, err := shipped()
	if err != nil {
		tb.Fatal(err)
	}
	return servingOf(tb, program, env)
}

// servingOf is serving for another program.
func servingOf(tb testing.TB, program string, env map[string]string, args ...string) *process {
	tb.Helper()
	p := launchOf(tb, program, env, append([]string{"serve", "--listen-addr=127.0.0.1:0", "--log-format=json"}, args...)...)
	p.listening()
	return p
}

// listening waits until the program takes requests.
func (p *process) listening() {
	p.tb.Helper()
	p.err.wait(p, func(line string) bool {
		var entry struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &entry) != nil || entry.Msg != "listening" {
			return false
		}
		p.URL = "http://" + entry.Address
		return true
	})
}

// kill ends the process as the kernel does when memory is short.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.done
}

// signal asks the process to end.
func (p *process) signal(s os.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.tb.Fatal(err)
	}
}

// ended waits for the end and gives the exit status.
func (p *process) ended() int {
	p.tb.Helper()
	select {
	case <-p.done:
	case <-time.After(limit):
		p.tb.Fatalf("the program does not end; it said:\n%s%s", p.out, p.err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// closed waits until nobody can connect any more.
func (p *process) closed() {
	p.tb.Helper()
	for late := time.Now().Add(limit); ; {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
		if err != nil {
			return
		}
		_ = c.Close() // nothing was said on it
		if time.Now().After(late) {
			p.tb.Fatal("the program goes on listening")
		}
	}
}

// stop is what a service manager does: it asks, and wants a clean end.
func (p *process) stop() {
	p.tb.Helper()
	p.signal(syscall.SIGTERM)
	if status := p.ended(); status != 0 {
		p.tb.Errorf("after SIGTERM the exit status is %d; it said:\n%s", status, p.err)
	}
}

// said keeps what a process writes, and tells who waits of new lines.
type said struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newSaid() *said { return &said{changed: make(chan struct{})} }

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// wait returns the first line, past ones included, that the condition holds for.
func (s *said) wait(p *process, condition func(line string) bool) string {
	p.tb.Helper()
	late := time.After(limit)
	for {
		s.mu.Lock()
		lines, changed := strings.Split(s.text.String(), "\n"), s.changed
		s.mu.Unlock()
		for _, line := range lines[:len(lines)-1] {
			if condition(line) {
				return line
			}
		}
		select {
		case <-changed:
		case <-p.done:
			p.tb.Fatalf("the program ended with %d; it said:\n%s%s", p.cmd.ProcessState.ExitCode(), p.out, p.err)
		case <-late:
			p.tb.Fatalf("the line did not come; it said:\n%s%s", p.out, p.err)
		}
	}
}

// front is what stands between Teams and the replicas: it gives each request to
// the next of them that lives, and answers 502 when that one dies meanwhile.
type front struct {
	client http.Client

	mu       sync.Mutex
	replicas []*process
	turn     int
}

// behind makes a front for replicas and lets the fake Teams talk to it.
func behind(fake *teamstest.Teams, replicas ...*process) *front {
	f := &front{replicas: replicas, client: http.Client{Timeout: limit}}
	fake.Attach(f)
	return f
}

// serve makes these the replicas that requests go to.
func (f *front) serve(replicas ...*process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replicas = replicas
}

func (f *front) next() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn++
	return f.replicas[f.turn%len(f.replicas)].URL
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err) // it is in memory
	}
	out, err := http.NewRequestWithContext(r.Context(), r.Method, f.next()+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	out.Header = r.Header.Clone()
	resp, err := f.client.Do(out)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(answer) // a recorder takes everything
}

// outcome is what one command came to.
type outcome struct {
	status   int
	out, err string
}

// command runs the program in this process.
func command(t *testing.T, args ...string) outcome {
	t.Helper()
	var out, errOut bytes.Buffer
	status := run(t.Context(), args, &out, &errOut)
	return outcome{status, out.String(), errOut.String()}
}

// fails checks that a command failed as scripts and people expect it: with this
// status, nothing but one line, and in it all these words.
func (o outcome) fails(t *testing.T, status int, words ...string) {
	t.Helper()
	if o.status != status || strings.Count(o.err, "\n") != 1 || !strings.HasPrefix(o.err, "onbehalf: ") {
		t.Errorf("status %d, want %d and one line: %s", o.status, status, o.err)
	}
	for _, word := range words {
		if !strings.Contains(o.err, word) {
			t.Errorf("%q lacks %q", o.err, word)
		}
	}
}

// done checks that a command did its work without a word of complaint.
func (o outcome) done(t *testing.T, words ...string) {
	t.Helper()
	if o.status != exitDone || o.err != "" {
		t.Errorf("status %d: %s", o.status, o.err)
	}
	for _, word := range words {
		if !strings.Contains(o.out, word) {
			t.Errorf("%q is not in:\n%s", word, o.out)
		}
	}
}

// with gives settings another one.
func with(env map[string]string, pairs ...string) map[string]string {
	all := map[string]string{}
	for name, value := range env {
		all[name] = value
	}
	for pair := range slices.Chunk(pairs, 2) {
		all[pair[0]] = pair[1]
	}
	return all
}
