//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// endTogether puts a command into its own process group and ends the whole
// group with its context, so that Ctrl-C leaves nothing behind.
func endTogether(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = shutdown
}

// account is a user of this machine.
type account struct{ uid, gid int }

// accountOf looks a user up by name.
func accountOf(name string) (account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, fmt.Errorf("user %s: %w", name, err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, fmt.Errorf("user %s: %w", name, err)
	}
	return account{uid, gid}, nil
}

// own gives a file to the account.
func (a account) own(path string) error { return os.Chown(path, a.uid, a.gid) }

// run makes a command run as the account.
func (a account) run(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}}
}

// confine makes a folder all that a command sees of the file system, as in a container;
// only root may do that.
func confine(cmd *exec.Cmd, folder string) { cmd.SysProcAttr.Chroot = folder }

// interrupt asks a process to end at once but in good order.
func interrupt(p *os.Process) error { return p.Signal(syscall.SIGINT) }
