package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// shutdown is how long a command may take to end after it was asked to.
const shutdown = 10 * time.Second

// command runs a program in the module's folder and shows what it prints.
func (c *check) command(ctx context.Context, name string, args ...string) error {
	return c.commandIn(ctx, c.root, c.out, nil, name, args...)
}

// commandIn runs a program in dir with further environment variables. When ctx
// ends, the program ends with everything that it started.
func (c *check) commandIn(ctx context.Context, dir string, out io.Writer, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout = out
	cmd.Stderr = out
	endTogether(cmd)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", spoken(name, args), err)
	}
	return nil
}

// output runs a program in dir and returns what it prints. The error holds what
// the program said about it.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stderr = &said
	endTogether(cmd)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", spoken(name, args), err, bytes.TrimSpace(said.Bytes()))
	}
	return string(out), nil
}

func spoken(name string, args []string) string {
	return strings.Join(append([]string{filepath.Base(name)}, args...), " ")
}
