//go:build !unix

package main

import "os/exec"

// ownGroup, askGroup and killGroup end the command alone: process groups are
// Unix only, and the Playground starts no further process.
func ownGroup(*exec.Cmd) {}

func askGroup(cmd *exec.Cmd) { killGroup(cmd) }

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() } // it may have ended

// guardGroup watches over nothing: a killed demo leaves the Playground running.
func guardGroup(*exec.Cmd) (unguard func(), err error) { return func() {}, nil }
