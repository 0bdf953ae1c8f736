//go:build unix

package main

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
)

// ownGroup starts a command in a process group of its own, so that it ends with
// everything it started, and only when the demo says so: Ctrl-C on a terminal
// reaches the demo's own group alone.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// askGroup asks a command's whole group to end. A group that has ended is
// nothing to report.
func askGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

// killGroup ends what is left of a command's group.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// guardGroup ends a started command's group when this program dies without having
// done so, even when it is killed: a shell waits for the end of a pipe that only
// this program holds open. unguard ends the watch.
func guardGroup(cmd *exec.Cmd) (unguard func(), err error) {
	guard := exec.Command("/bin/sh", "-c", `read -r end; kill -KILL "-$1"`, "guard", strconv.Itoa(cmd.Process.Pid))
	ownGroup(guard) // Ctrl-C is not for it
	pipe, err := guard.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("watch over it: %w", err)
	}
	if err := guard.Start(); err != nil {
		return nil, fmt.Errorf("watch over it: %w", err)
	}
	return func() {
		killGroup(guard) // before the pipe ends
		_ = guard.Wait() // it was killed
		_ = pipe.Close() // Wait has closed it
	}, nil
}
