package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// playgroundFiles locks the Playground's version and names its sample people.
//
//go:embed playground/package.json playground/package-lock.json playground/people.yml
var playgroundFiles embed.FS

// errNoNode says that the Playground cannot run on this machine.
var errNoNode = errors.New("the Playground needs Node.js with npm, from https://nodejs.org or your system's packages")

const (
	playgroundStart = 30 * time.Second // how long it may take to listen
	playgroundEnd   = 5 * time.Second  // how long it may take to end when asked
)

// playground is a running Microsoft 365 Agents Playground.
type playground struct {
	// URL is the address to open. Its port is not the wanted one when that was
	// taken.
	URL string

	cmd  *exec.Cmd
	said *tail
	done chan struct{} // closed when the process has ended
	err  error         // how it ended; read after done
	// unguard ends the watch over the group, once it has been ended in order.
	unguard func()

	stop    sync.Once
	stopped chan struct{} // closed when somebody asked it to end
}

// startPlayground starts the Playground for the bot at botURL and returns when
// it listens. It listens on all interfaces, which is its own choice. On first
// use it is installed with npm into cacheDir, told on progress; later it starts
// without a network. It ends with ctx. The error tells a person what to do; the
// bot can be served without it.
func startPlayground(ctx context.Context, botURL string, port int, cacheDir string, progress io.Writer) (*playground, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errNoNode
	}
	folder, err := installPlayground(ctx, cacheDir, progress)
	if err != nil {
		return nil, err
	}
	// Its log and its people stand in the working folder.
	work := filepath.Join(cacheDir, "playground")
	if err := extract("people.yml", filepath.Join(work, ".m365agentsplayground.yml")); err != nil {
		return nil, fmt.Errorf("prepare the Playground: %w", err)
	}
	cmd := exec.Command(node, filepath.Join(folder, "node_modules", "@microsoft", "m365agentsplayground", "cli.js"), "start",
		"--app-endpoint", botURL, "--channel-id", "msteams", "--port", strconv.Itoa(port), "--disable-telemetry")
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "TEAMSAPPTESTER_BROWSER=none")
	p := &playground{cmd: cmd, said: newTail(), done: make(chan struct{}), stopped: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.said, p.said
	ownGroup(cmd)
	fmt.Fprintln(progress, "Starting the Playground, which takes some seconds.")
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the Playground: %w", err)
	}
	unguard, err := guardGroup(cmd)
	if err != nil {
		killGroup(cmd)
		_ = cmd.Wait() // it was killed
		return nil, fmt.Errorf("start the Playground: %w", err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	p.unguard = unguard
	limit := time.NewTimer(playgroundStart)
	defer limit.Stop()
	select {
	case listening := <-p.said.port:
		p.URL = "http://localhost:" + listening
		context.AfterFunc(ctx, p.Stop)
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("the Playground ended at its start (%w): %s", p.err, p.said.last())
	case <-ctx.Done():
		err = ctx.Err()
	case <-limit.C:
		err = fmt.Errorf("the Playground does not listen after %s: %s", playgroundStart, p.said.last())
	}
	p.Stop()
	return nil, err
}

// Wait returns when the Playground has ended: nil after Stop or the end of its
// context, else an error with the last that it said.
func (p *playground) Wait() error {
	<-p.done
	select {
	case <-p.stopped:
		return nil
	default:
		return fmt.Errorf("the Playground ended (%w): %s", p.err, p.said.last())
	}
}

// Stop ends the Playground and all that it started, and returns when that is
// done. It may be called more than once, and from several goroutines.
func (p *playground) Stop() {
	p.stop.Do(func() {
		close(p.stopped)
		askGroup(p.cmd)
		select {
		case <-p.done:
		case <-time.After(playgroundEnd):
		}
		killGroup(p.cmd) // what is left of the group, when there is something
		p.unguard()
	})
	<-p.done
}

// installPlayground returns the folder of the locked packages. npm works in a
// folder beside it that gets the final name when all is there, so an
// installation that was cut off is not taken for a whole one.
func installPlayground(ctx context.Context, cacheDir string, progress io.Writer) (string, error) {
	lock, err := playgroundFiles.ReadFile("playground/package-lock.json")
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cacheDir, "playground", fmt.Sprintf("npm-%.8x", sha256.Sum256(lock)))
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errNoNode
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", fmt.Errorf("install the Playground: %w", err)
	}
	building, err := os.MkdirTemp(filepath.Dir(folder), "installing-")
	if err != nil {
		return "", fmt.Errorf("install the Playground: %w", err)
	}
	defer os.RemoveAll(building)
	for _, name := range []string{"package.json", "package-lock.json"} {
		if err := extract(name, filepath.Join(building, name)); err != nil {
			return "", fmt.Errorf("install the Playground: %w", err)
		}
	}
	began := time.Now()
	fmt.Fprintln(progress, "Installing Microsoft 365 Agents Playground with npm. This happens once and takes up to a minute.")
	said := newTail()
	cmd := exec.CommandContext(ctx, npm, "ci", "--no-audit", "--no-fund")
	cmd.Dir = building
	cmd.Stdout, cmd.Stderr = io.MultiWriter(progress, said), io.MultiWriter(progress, said)
	ownGroup(cmd)
	cmd.Cancel = func() error { askGroup(cmd); return nil }
	cmd.WaitDelay = playgroundEnd
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("npm could not install the Playground (%w): %s", err, said.last())
	}
	if err := os.Rename(building, folder); err != nil {
		// A second demo may have finished the same in the meantime.
		if _, there := os.Stat(folder); there != nil {
			return "", fmt.Errorf("install the Playground: %w", err)
		}
	}
	fmt.Fprintf(progress, "Installed in %s.\n", time.Since(began).Round(time.Second))
	return folder, nil
}

// extract writes an embedded file.
func extract(name, to string) error {
	content, err := playgroundFiles.ReadFile("playground/" + name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

// tail reads what a program says: it keeps the last lines for an error, and
// gives the port once the Playground tells it.
type tail struct {
	port chan string

	mu    sync.Mutex
	lines []string
	part  string // of the line that has not ended
}

var listeningOn = regexp.MustCompile(`^Listening on (\d+)`)

func newTail() *tail { return &tail{port: make(chan string, 1)} }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.part + string(p)
	for {
		line, rest, ended := strings.Cut(text, "\n")
		if !ended {
			t.part = text
			return len(p), nil
		}
		text = rest
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		t.lines = append(t.lines, line)
		if len(t.lines) > 5 {
			t.lines = t.lines[1:]
		}
		if found := listeningOn.FindStringSubmatch(line); found != nil {
			select {
			case t.port <- found[1]:
			default: // told before
			}
		}
	}
}

func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := t.lines
	if rest := strings.TrimSpace(t.part); rest != "" {
		lines = append(slices.Clip(lines), rest)
	}
	return strings.Join(lines, "; ")
}
