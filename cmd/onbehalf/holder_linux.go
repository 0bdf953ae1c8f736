package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// listening is the state of a socket that waits for connections, in Linux's tables.
const listening = 10

// holder says which program listens on a port of this machine, such as "onbehalf serve
// (process 4711)". It is empty where that cannot be seen: a user sees their own programs,
// root all of them.
func holder(port string) string {
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return ""
	}
	proc, err := procfs.NewDefaultFS()
	if err != nil {
		return ""
	}
	var sockets []string
	// What is named instead needs a socket of its own, and rights that a bot may lack.
	four, _ := proc.NetTCP() //lint:ignore SA1019 see above; of a machine without one of them the other is asked
	six, _ := proc.NetTCP6() //lint:ignore SA1019 see above
	for _, line := range slices.Concat(four, six) {
		if line.LocalPort == number && line.St == listening {
			sockets = append(sockets, fmt.Sprintf("socket:[%d]", line.Inode))
		}
	}
	if len(sockets) == 0 {
		return ""
	}
	all, err := proc.AllProcs()
	if err != nil {
		return ""
	}
	for _, p := range all {
		open, err := p.FileDescriptorTargets()
		if err != nil || !slices.ContainsFunc(open, func(target string) bool { return slices.Contains(sockets, target) }) {
			continue
		}
		command, err := p.CmdLine()
		if err != nil || len(command) == 0 {
			return fmt.Sprintf("process %d", p.PID)
		}
		return fmt.Sprintf("%s (process %d)", shortened(command), p.PID)
	}
	return ""
}

// shortened is a command line without folders and settings: those are long, and may be
// secret.
func shortened(command []string) string {
	name := command[0][strings.LastIndexByte(command[0], '/')+1:]
	if len(command) > 1 && !strings.HasPrefix(command[1], "-") {
		name += " " + command[1][strings.LastIndexByte(command[1], '/')+1:]
	}
	return oneLine(name)
}
