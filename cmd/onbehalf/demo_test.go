//go:build unix

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// demo starts `onbehalf demo` for somebody with this home, on a free port, with
// these programs on the path and no others.
func demo(t *testing.T, home string, scripts map[string]string, args ...string) *process {
	t.Helper()
	env := map[string]string{"HOME": home, "XDG_CACHE_HOME": filepath.Join(home, "cache"), "LISTEN_ADDR": "127.0.0.1:0", "LOG_FORMAT": "json"}
	env["PATH"] = filepath.Join(home, "bin") + ":/bin:/usr/bin"
	if scripts == nil {
		env["PATH"] = filepath.Join(home, "nothing")
	}
	for name, script := range scripts {
		file := filepath.Join(home, "bin", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return launch(t, env, append([]string{"demo"}, args...)...)
}

// says waits for a line of standard output.
func (p *process) says(words string) string {
	p.tb.Helper()
	return p.out.wait(p, func(line string) bool { return strings.Contains(line, words) })
}

// alone starts a demo without the Playground.
func alone(t *testing.T, home string, args ...string) *process {
	t.Helper()
	p := demo(t, home, nil, append(args, "--no-playground")...)
	p.says("the bot is served alone")
	p.listening()
	return p
}

func TestDemoKeepsItsTicketsUntilFresh(t *testing.T) {
	home := t.TempDir()
	fake := teamstest.New(t, teamstest.Unregistered())
	fake.Patience = limit
	p := alone(t, home)
	fake.AttachURL(p.URL + "/api/messages")
	alice := fake.Conversation(teamstest.Personal).As("Alice")
	form := alice.Say("new contoso.example azure B Slow").ExpectCard("description")
	form.Fill("description", "Since 8:40").Fill("subscriptionId", contosoSub).Fill("tried", "Waiting").
		Press("intake/next").Press("intake/submit").Expect("SR-1")
	p.signal(syscall.SIGINT)
	if status := p.ended(); status != exitDone {
		t.Errorf("after Ctrl-C the exit status is %d", status)
	}

	p = alone(t, home)
	fake.AttachURL(p.URL + "/api/messages")
	alice.Say("status SR-1").ExpectCard("Slow")
	// A second demo neither starts nor forgets what the first one works with.
	second := launch(t, map[string]string{"HOME": home, "XDG_CACHE_HOME": filepath.Join(home, "cache"), "LISTEN_ADDR": strings.TrimPrefix(p.URL, "http://")}, "demo", "--fresh", "--no-playground")
	if status := second.ended(); status != exitFailed || !strings.Contains(second.err.String(), "in use") {
		t.Errorf("a second demo: status %d, %s", status, second.err)
	}
	alice.Say("status SR-1").ExpectCard("Slow")
	p.stop()

	p = alone(t, home, "--fresh")
	fake.AttachURL(p.URL + "/api/messages")
	alice.Say("status SR-1").ExpectText("no request with this number")
	p.stop()
}

func TestDemoLeavesTheDesksOwnSettingsAside(t *testing.T) {
	home := t.TempDir()
	desks := storetest.EmptySQLite(t)
	env := map[string]string{
		"HOME": home, "XDG_CACHE_HOME": filepath.Join(home, "cache"), "LISTEN_ADDR": "127.0.0.1:0", "DATABASE_URL": desks, "CLOUD": "moon",
		"MICROSOFT_APP_ID": appID, "MICROSOFT_APP_PASSWORD": "x", "PARTNER_TENANTS": "nonsense",
	}
	p := launch(t, env, "demo", "--no-playground")
	p.says("the bot is served alone")
	p.stop()
	if _, err := os.Stat(strings.TrimPrefix(desks, "sqlite:")); err == nil {
		t.Error("the demo brought its sample customers into the desk's own database")
	}
	if _, err := os.Stat(filepath.Join(home, "cache", "onbehalf", "demo.db")); err != nil {
		t.Error(err)
	}
}

func TestDemoMovesTheDatesToToday(t *testing.T) {
	home := t.TempDir()
	alone(t, home).stop()
	st := storetest.Open(t, "sqlite:"+filepath.Join(home, "cache", "onbehalf", "demo.db"))
	uk, err := st.Customer(t.Context(), "7e02ff05-b7c1-4ce2-bf76-95f56fced11d")
	if err != nil {
		t.Fatal(err)
	}
	// In the file it ends a year after the day that the file is from.
	now := time.Now().UTC()
	if end := uk.AdminEnd; end != now.AddDate(0, 0, 365).Format(time.DateOnly) && end != now.AddDate(0, 0, 364).Format(time.DateOnly) {
		t.Errorf("the relationship ends %s", end)
	}
}

func TestDemoWithoutNodeServesTheBotAlone(t *testing.T) {
	p := demo(t, t.TempDir(), nil)
	p.err.wait(p, func(line string) bool { return strings.Contains(line, "needs Node.js") })
	p.listening()
	resp, err := http.Get(p.URL + "/healthz")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", resp, err)
	}
	resp.Body.Close()
	p.stop()
}

// A Playground that ignores being asked, with a child of its own.
const stubborn = "trap '' TERM\nsleep 600 &\necho $! > \"$HOME/child\"\necho $$ > \"$HOME/self\"\necho 'Listening on 4711'\nwhile :; do wait; done\n"

func TestDemoEndsAllThatItStarted(t *testing.T) {
	home := t.TempDir()
	programs := map[string]string{"node": stubborn, "npm": "echo run >> \"$HOME/calls\"; mkdir -p node_modules; echo 'added 1 package'\n"}
	for round := range 2 { // the second works offline: nothing is installed again
		p := demo(t, home, programs)
		p.says("Starting the demo")
		p.says("port 56150 is in use by another program, so the Playground took another one")
		p.says("open http://localhost:4711 and type: new")
		p.says("    new Tailwind Traders azure B")
		p.says("others in your network can open it too")
		p.listening()
		p.signal(syscall.SIGINT)
		if status := p.ended(); status != exitDone {
			t.Errorf("exit status %d", status)
		}
		playgroundGone(t, home)
		if calls, err := os.ReadFile(filepath.Join(home, "calls")); err != nil || string(calls) != "run\n" {
			t.Errorf("round %d: npm ran %q, %v", round, calls, err)
		}
	}
}

func TestAKilledDemoLeavesNothingRunning(t *testing.T) {
	home := t.TempDir()
	p := demo(t, home, map[string]string{"node": stubborn, "npm": "mkdir -p node_modules\n"})
	p.says("open http://localhost:4711 and type: new")
	p.kill()
	playgroundGone(t, home)
}

// playgroundGone waits until the stubborn Playground and its child have ended.
func playgroundGone(t *testing.T, home string) {
	t.Helper()
	for _, name := range []string{"self", "child"} {
		text, err := os.ReadFile(filepath.Join(home, name))
		if err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		gone(t, pid)
	}
}

func TestLinesToTryWorkWithTheSampleCustomers(t *testing.T) {
	home := t.TempDir()
	fake := teamstest.New(t, teamstest.Unregistered())
	fake.Patience = limit
	p := alone(t, home)
	fake.AttachURL(p.URL + "/api/messages")
	alice := fake.Conversation(teamstest.Personal).As("Alice")
	alice.Say(toTry[0]).ExpectCard("description")
	for _, line := range toTry[1:] {
		alice.Say("/" + line).ExpectCard("")
	}
	for _, lang := range i18n.Languages() { // the help's own example fits one customer
		_, line, _ := strings.Cut(i18n.For(lang, nil).T("help.words_file"), " · ")
		fake.Conversation(teamstest.Personal).As("Reader of "+lang).Say(line).ExpectCard("description", "Wingtip Toys")
	}
	p.stop()
}

func TestSampleNamesAttackNobody(t *testing.T) {
	for _, mark := range []string{"](", "<at>", "<b>", "`", "*", ",="} {
		if strings.Contains(string(sampleCustomers), mark) {
			t.Errorf("a sample customer's name has %q", mark)
		}
	}
}

// gone waits until a process has ended. Nobody but init may have to clear it
// away: then it is a zombie, and that is the end too.
func gone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(limit); syscall.Kill(pid, 0) == nil; {
		if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %d outlives the demo", pid)
		}
	}
}

func TestDemoEndsWhenThePlaygroundDies(t *testing.T) {
	home := t.TempDir()
	p := demo(t, home, map[string]string{
		"npm":  "mkdir -p node_modules\n",
		"node": "mkfifo \"$HOME/told\"; echo 'Listening on 1'; read word < \"$HOME/told\"; echo out of memory; exit 3\n",
	})
	p.says("open http://localhost:1 ")
	if err := os.WriteFile(filepath.Join(home, "told"), []byte("die\n"), 0); err != nil { // waits for its reader
		t.Fatal(err)
	}
	if status := p.ended(); status != exitFailed || !strings.Contains(p.err.String(), "the Playground ended (exit status 3): ") || !strings.Contains(p.err.String(), "out of memory") {
		t.Errorf("status %d: %s", status, p.err)
	}
}
