//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// programs puts shell scripts, by name, in front of PATH; with alone, nothing
// else is on it.
func programs(t *testing.T, alone bool, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if !alone {
		dir += string(os.PathListSeparator) + os.Getenv("PATH")
	}
	t.Setenv("PATH", dir)
}

const (
	listens  = "echo 'Listening on 4711'; exec sleep 60\n"
	installs = "echo run >> \"$CALLS\"; mkdir -p node_modules; echo 'added 1 package'\n"
)

// calls counts how often the script `installs` ran.
func calls(t *testing.T) func() int {
	t.Helper()
	file := filepath.Join(t.TempDir(), "calls")
	t.Setenv("CALLS", file)
	return func() int {
		text, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return strings.Count(string(text), "run")
	}
}

func TestPlaygroundIsInstalledOnce(t *testing.T) {
	ran := calls(t)
	programs(t, false, map[string]string{"node": listens, "npm": installs})
	cache := t.TempDir()
	for range 2 {
		var progress bytes.Buffer
		p, err := startPlayground(t.Context(), "http://127.0.0.1:3978/api/messages", 56150, cache, &progress)
		if err != nil {
			t.Fatal(err)
		}
		if p.URL != "http://localhost:4711" {
			t.Errorf("URL %s is not the one that the Playground told", p.URL)
		}
		p.Stop()
		if err := p.Wait(); err != nil {
			t.Errorf("a stopped Playground ends with %v", err)
		}
		p.Stop()
	}
	if ran() != 1 {
		t.Errorf("npm ran %d times", ran())
	}
	if _, err := os.Stat(filepath.Join(cache, "playground", ".m365agentsplayground.yml")); err != nil {
		t.Error(err)
	}
}

func TestPlaygroundIsToldWhereTheBotIs(t *testing.T) {
	calls(t)
	programs(t, false, map[string]string{"npm": installs, "node": "echo \"$TEAMSAPPTESTER_BROWSER $PWD $@\" > told; " + listens})
	cache := t.TempDir()
	p, err := startPlayground(t.Context(), "http://127.0.0.1:1234/api/messages", 5678, cache, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	told, err := os.ReadFile(filepath.Join(cache, "playground", "told"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"none ", filepath.Join(cache, "playground") + " ", "m365agentsplayground/cli.js start --app-endpoint http://127.0.0.1:1234/api/messages --channel-id msteams --port 5678 --disable-telemetry"} {
		if !strings.Contains(string(told), want) {
			t.Errorf("%q lacks %q", told, want)
		}
	}
}

func TestPlaygroundWithoutNodeSaysSo(t *testing.T) {
	programs(t, true, nil)
	if _, err := startPlayground(t.Context(), "", 1, t.TempDir(), &bytes.Buffer{}); !errors.Is(err, errNoNode) {
		t.Errorf("without node: %v", err)
	}
	programs(t, true, map[string]string{"node": listens})
	if _, err := startPlayground(t.Context(), "", 1, t.TempDir(), &bytes.Buffer{}); !errors.Is(err, errNoNode) {
		t.Errorf("without npm: %v", err)
	}
}

func TestFailedInstallationIsTriedAgain(t *testing.T) {
	ran := calls(t)
	cache := t.TempDir()
	programs(t, false, map[string]string{"node": listens, "npm": "mkdir node_modules; echo 'npm error network down' >&2; exit 1\n"})
	_, err := startPlayground(t.Context(), "", 1, cache, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "network down") {
		t.Errorf("the error hides what npm said: %v", err)
	}
	left, err := os.ReadDir(filepath.Join(cache, "playground"))
	if err != nil || len(left) > 0 {
		t.Errorf("a failed installation leaves %v, %v", left, err)
	}
	programs(t, false, map[string]string{"npm": installs})
	p, err := startPlayground(t.Context(), "", 1, cache, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	p.Stop()
	if ran() != 1 {
		t.Errorf("npm ran %d times", ran())
	}
}

func TestPlaygroundThatEndsAtItsStartIsAnError(t *testing.T) {
	calls(t)
	programs(t, false, map[string]string{"npm": installs, "node": "printf 'cannot find module'; exit 3\n"})
	_, err := startPlayground(t.Context(), "", 1, t.TempDir(), &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "cannot find module") {
		t.Errorf("%v", err)
	}
}

func TestPlaygroundThatEndsLaterIsAnErrorOfWait(t *testing.T) {
	calls(t)
	programs(t, false, map[string]string{"npm": installs, "node": "echo 'Listening on 1'; echo 'out of memory'; exit 3\n"})
	p, err := startPlayground(t.Context(), "", 1, t.TempDir(), &bytes.Buffer{})
	if err != nil {
		// The process may be gone before its port was read.
		if !strings.Contains(err.Error(), "out of memory") {
			t.Error(err)
		}
		return
	}
	if err := p.Wait(); err == nil || !strings.Contains(err.Error(), "out of memory") {
		t.Errorf("%v", err)
	}
}

func TestPlaygroundEndsWithAllThatItStarted(t *testing.T) {
	calls(t)
	programs(t, false, map[string]string{"npm": installs, "node": "sleep 60 & echo $! > child; trap '' TERM; echo 'Listening on 1'; wait; wait\n"})
	cache := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	p, err := startPlayground(ctx, "", 1, cache, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(cache, "playground", "child"))
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	p.Stop()
	// The orphan is reaped by init: until then it is a zombie, which takes signals.
	for end := time.Now().Add(5 * time.Second); syscall.Kill(child, 0) == nil; {
		if state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(child)).Output(); err != nil || strings.HasPrefix(string(state), "Z") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("process %d outlives the Playground", child)
		}
	}
}

func TestSamplePeopleAreWhatThePlaygroundWants(t *testing.T) {
	type person struct {
		ID, Name, Email   string
		GivenName         string `yaml:"givenName"`
		Surname           string `yaml:"surname"`
		UserPrincipalName string `yaml:"userPrincipleName"`
		AadObjectID       string `yaml:"aadObjectId"`
	}
	text, err := playgroundFiles.ReadFile("playground/people.yml")
	if err != nil {
		t.Fatal(err)
	}
	var people struct {
		Version     string
		CurrentUser person   `yaml:"currentUser"`
		Users       []person `yaml:"users"`
	}
	if err := yaml.Unmarshal(text, &people); err != nil {
		t.Fatal(err)
	}
	if people.Version != "0.1.1" || len(people.Users) != 5 {
		t.Errorf("version %s, %d users", people.Version, len(people.Users))
	}
	seen := map[string]bool{}
	for _, p := range append(people.Users, people.CurrentUser) {
		if p.ID == "" || p.Name == "" || p.Email == "" || p.GivenName == "" || p.Surname == "" || p.UserPrincipalName == "" || p.AadObjectID == "" {
			t.Errorf("something is empty in %+v", p)
		}
		if seen[p.ID] || seen[p.AadObjectID] {
			t.Errorf("%s has an id of somebody else", p.Name)
		}
		seen[p.ID], seen[p.AadObjectID] = true, true
	}
}
