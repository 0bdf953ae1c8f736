package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// server is a private PostgreSQL in a temporary folder, on a free loopback
// port. Nothing of it remains after stop.
type server struct {
	url     string // of its superuser, on the database postgres
	dir     string
	cmd     *exec.Cmd
	log     *watch
	done    chan struct{}
	account *account
}

// startPostgres initialises and starts a server and returns when it takes
// connections. PostgreSQL refuses to run as root: then it runs as the user
// that the Debian package brings.
func startPostgres(ctx context.Context, bin string) (_ *server, err error) {
	s := &server{done: make(chan struct{}), log: newWatch("database system is ready to accept connections")}
	if os.Geteuid() == 0 {
		account, err := accountOf("postgres")
		if err != nil {
			return nil, fmt.Errorf("PostgreSQL does not run as root: %w", err)
		}
		s.account = &account
	}
	if s.dir, err = os.MkdirTemp(inMemory(), "onbehalf-check-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.dir))
		}
	}()
	password := rand.Text()
	words := filepath.Join(s.dir, "password")
	if err := os.WriteFile(words, []byte(password), 0o600); err != nil {
		return nil, err
	}
	if s.account != nil {
		if err := errors.Join(s.account.own(s.dir), s.account.own(words)); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(s.dir, "data")
	setup := s.command(ctx, filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "postgres",
		"--pwfile", words, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
	if said, err := setup.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(said))
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	// Without the context: the server ends by stop, after the tests that use it.
	// It lives for minutes, so it need not survive a power cut.
	s.cmd = s.command(context.WithoutCancel(ctx), filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port), "-k", s.dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
		"-c", "log_connections=on", "-c", "lc_messages=C")
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	go func() {
		_ = s.cmd.Wait() // an early end is told by ready, with what the server said
		close(s.done)
	}()
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.url = fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", password, port)
	return s, nil
}

// command prepares a program of the server's account in the server's folder,
// in a process group of its own: Ctrl-C must not end the server before the
// tests that use it.
func (s *server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = s.dir
	if s.account != nil {
		s.account.run(cmd)
	}
	endTogether(cmd)
	return cmd
}

func (s *server) ready(ctx context.Context) error {
	limit, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	select {
	case <-s.log.seen:
		return nil
	case <-s.done:
		return fmt.Errorf("postgres ended at its start: %s", s.log.text())
	case <-limit.Done():
		return fmt.Errorf("postgres is not ready: %w: %s", limit.Err(), s.log.text())
	}
}

// connections counts the connections that were made so far.
func (s *server) connections() int {
	return strings.Count(s.log.text(), "connection authorized")
}

// stop ends the server and removes its files. It may be called again.
func (s *server) stop() error {
	select {
	case <-s.done:
	default:
		if err := interrupt(s.cmd.Process); err != nil {
			return err
		}
		select {
		case <-s.done:
		case <-time.After(shutdown):
			_ = s.cmd.Process.Kill() // it may have ended in this moment
			<-s.done
		}
	}
	return os.RemoveAll(s.dir)
}

// freePort asks the kernel for a port that nobody uses.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// postgresBin finds the folder of PostgreSQL's programs, the newest one; ""
// when there is none. Debian keeps the server's programs out of PATH.
func postgresBin(glob func(string) ([]string, error), look func(string) (string, error)) string {
	newest, best := -1, ""
	found, _ := glob("/usr/lib/postgresql/*/bin/initdb") // fails on a bad pattern only
	for _, path := range found {
		dir := filepath.Dir(path)
		if version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && version > newest {
			newest, best = version, dir
		}
	}
	if best != "" {
		return best
	}
	if path, err := look("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

// watch keeps what is written to it and tells when a phrase has appeared.
type watch struct {
	phrase []byte
	seen   chan struct{}

	mu   sync.Mutex
	all  bytes.Buffer
	told bool
}

var _ io.Writer = (*watch)(nil)

func newWatch(phrase string) *watch {
	return &watch{phrase: []byte(phrase), seen: make(chan struct{})}
}

func (w *watch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all.Write(p)
	if !w.told && bytes.Contains(w.all.Bytes(), w.phrase) {
		w.told = true
		close(w.seen)
	}
	return len(p), nil
}

func (w *watch) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}
