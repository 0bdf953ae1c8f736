package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a candidate, running.
type process struct {
	address string // host and port of its endpoint
	began   time.Time
	cmd     *exec.Cmd
	done    chan error
}

// launch starts a candidate and returns when it listens, which it says in a line
// of JSON on standard error, as the bot does. What it complains of goes to ours.
func launch(ctx context.Context, cmd *exec.Cmd) (*process, error) {
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	p := &process{began: time.Now(), cmd: cmd, done: make(chan error, 1)}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	listening := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			var entry struct{ Level, Msg, Address string }
			if err := json.Unmarshal(lines.Bytes(), &entry); err == nil && entry.Msg == "listening" {
				listening <- entry.Address
			} else if err != nil || entry.Level != "INFO" {
				fmt.Fprintf(os.Stderr, "%s: %.600s\n", filepath.Base(cmd.Path), lines.Bytes())
			}
		}
		p.done <- cmd.Wait()
	}()
	select {
	case p.address = <-listening:
		return p, nil
	case err := <-p.done:
		return nil, errors.Join(errors.New("the program ended before it listened"), err)
	case <-time.After(patience):
		return nil, errors.Join(errors.New("the program does not listen"), cmd.Process.Kill())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), cmd.Process.Kill())
	}
}

// stop asks the process to end, as a service manager does, and waits for it.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.done:
		return err
	case <-time.After(patience):
		return errors.Join(errors.New("the program does not end"), p.cmd.Process.Kill())
	}
}

// peak is the most memory that the process had, in bytes; 0 where the system
// does not say.
func (p *process) peak() int {
	status, err := os.ReadFile(procFile(p.cmd.Process.Pid, "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
			kilobytes, err := strconv.Atoi(fields[1])
			if err != nil {
				return 0
			}
			return kilobytes << 10
		}
	}
	return 0
}

func procFile(pid int, name string) string { return filepath.Join("/proc", strconv.Itoa(pid), name) }

// tick is the unit of times in /proc/PID/stat: USER_HZ, 100 on all Linux systems
// that Go runs on.
const tick = 10 * time.Millisecond

// stat is what proc(5) says of a process.
type stat struct {
	name   string
	parent int
	own    time.Duration // user and system
	waited time.Duration // of its children that have ended
}

func statOf(pid int) (stat, error) {
	text, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return stat{}, err
	}
	return parseStat(text)
}

// parseStat reads the one line. The name may hold anything, a bracket too.
func parseStat(line []byte) (stat, error) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return stat{}, fmt.Errorf("no process in %q", line)
	}
	fields := strings.Fields(string(line[end+1:])) // from the third one of proc(5) on
	const parent, user, last = 4 - 3, 14 - 3, 17 - 3
	if len(fields) <= last {
		return stat{}, fmt.Errorf("%d fields in %q", len(fields), line)
	}
	s := stat{name: string(line[open+1 : end])}
	var err error
	if s.parent, err = strconv.Atoi(fields[parent]); err != nil {
		return stat{}, err
	}
	for i, into := range []*time.Duration{&s.own, &s.own, &s.waited, &s.waited} {
		ticks, err := strconv.ParseInt(fields[user+i], 10, 64)
		if err != nil {
			return stat{}, err
		}
		*into += time.Duration(ticks) * tick
	}
	return s, nil
}

// unknownCPU is the CPU time of a process that cannot be looked at.
const unknownCPU = time.Duration(-1)

// cpuOf is the CPU time that a process has used.
func cpuOf(pid int) time.Duration {
	s, err := statOf(pid)
	if err != nil {
		return unknownCPU
	}
	return s.own
}

// cpuOfFamily is the CPU time of a process and all its children, those that have
// ended included.
func cpuOfFamily(pid int) time.Duration {
	head, err := statOf(pid)
	if err != nil {
		return unknownCPU
	}
	total := head.own + head.waited
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return unknownCPU
	}
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue // not a process
		}
		if s, err := statOf(child); err == nil && s.parent == pid { // it may just have ended
			total += s.own + s.waited
		}
	}
	return total
}

// used is the time between two readings.
func used(before, after time.Duration) time.Duration {
	if before < 0 || after < 0 {
		return unknownCPU
	}
	return after - before
}
