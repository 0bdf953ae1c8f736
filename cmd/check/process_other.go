//go:build !unix

package main

import (
	"errors"
	"os"
	"os/exec"
)

// endTogether gives a command time to end; process groups are Unix only.
func endTogether(cmd *exec.Cmd) { cmd.WaitDelay = shutdown }

// account is a user of this machine; nothing here runs as another one.
type account struct{ uid, gid int }

func accountOf(string) (account, error) { return account{}, errors.ErrUnsupported }

func (account) own(string) error { return errors.ErrUnsupported }

func (account) run(*exec.Cmd) {}

func confine(*exec.Cmd, string) {}

func interrupt(p *os.Process) error { return p.Kill() }
