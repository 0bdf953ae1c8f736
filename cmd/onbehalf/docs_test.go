//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"onbehalf/bot/teams/teamstest"
)

// allDocuments are those in the program, and the README.
func allDocuments(t *testing.T) []document {
	t.Helper()
	all, err := documentTopics()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(all, document{name: "README", title: "README", text: string(readme)})
}

func documentNamed(t *testing.T, name string) string {
	t.Helper()
	for _, d := range allDocuments(t) {
		if d.name == name {
			return d.text
		}
	}
	t.Fatalf("there is no document %s", name)
	return ""
}

// blocks are the fenced blocks of a language, joined in their order.
func blocks(text, language string) string {
	var all strings.Builder
	for {
		_, rest, found := strings.Cut(text, "\n```"+language+"\n")
		if !found {
			return all.String()
		}
		block, after, _ := strings.Cut(rest, "\n```\n")
		all.WriteString(block + "\n")
		text = "\n" + after
	}
}

func TestDocs(t *testing.T) {
	listed := command(t, "docs")
	listed.done(t, "engineer", "lead", "administrator", "developer", "sizes")
	for line := range strings.Lines(listed.out) {
		if len([]rune(line)) > 80 {
			t.Errorf("%q is wider than a terminal", line)
		}
	}
	command(t, "docs", "engineer").done(t, "# For the engineer")
	command(t, "docs", "Lead").done(t, "# For the lead")
	command(t, "docs", "leads").fails(t, exitUsage, `no document "leads"`, "engineer", "lead")
}

func TestDocumentsNameEverySetting(t *testing.T) {
	text := documentNamed(t, "settings")
	known := map[string]bool{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[settings]()) {
		name := field.Tag.Get("env")
		known[name] = true
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/settings.md does not name %s", name)
		}
	}
	for line := range strings.Lines(text) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, name := range regexp.MustCompile("`[A-Z_]+`").FindAllString(cells[1], -1) {
				if !known[strings.Trim(name, "`")] {
					t.Errorf("docs/settings.md explains %s, which is no setting", name)
				}
			}
		}
	}
}

// TestDocumentsKnowEveryCommand holds the command line and the documents together:
// each command is in one of them, and what they name is there.
func TestDocumentsKnowEveryCommand(t *testing.T) {
	parser, err := kong.New(&commands{}, kong.Name("onbehalf"), kong.Bind(console{}))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, d := range allDocuments(t) {
		for _, mention := range regexp.MustCompile("[`\n ]onbehalf ([a-z]+( [a-z]+)?)[^a-z]").FindAllStringSubmatch(strings.ReplaceAll(d.text, "./cmd/onbehalf ", "onbehalf "), -1) {
			documented[mention[1]] = true
			documented[strings.Fields(mention[1])[0]] = true
		}
	}
	paths := map[string]bool{}
	for _, leaf := range parser.Model.Leaves(true) {
		path, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(leaf.Path(), "onbehalf ")), " <")
		paths[path], paths[strings.Fields(path)[0]] = true, true
		if !documented[path] {
			t.Errorf("no document speaks of onbehalf %s", path)
		}
	}
	for _, d := range allDocuments(t) {
		for _, mention := range regexp.MustCompile("`onbehalf ([a-z]+)").FindAllStringSubmatch(d.text, -1) {
			if !paths[mention[1]] {
				t.Errorf("%s speaks of onbehalf %s, which is no command", d.name, mention[1])
			}
		}
	}
}

func TestTheDocumentedPolicyCounts(t *testing.T) {
	policy := written(t, "policy.yaml", blocks(documentNamed(t, "lead"), "yaml"))
	command(t, "sla", "due", "--sla-policy="+policy, "--severity=A", "--language=de", "--calendar=office", "--opened=2026-11-24T16:00:00+01:00").
		done(t, "2026-11-25T09:00:00Z\n")
}

// Programs that stand in for others on the path of the documents' commands: the bot
// itself, which ends once it listens, and go, whose commands are looked at and not run.
var standIns = map[string]string{
	"onbehalf": `case $1 in
serve|demo) ;;
*) exec "$PROGRAM" "$@" ;;
esac
mkfifo said.$$
"$PROGRAM" "$@" 2>said.$$ &
while read -r line; do
	case $line in *listening*) kill $! ;; *ERROR*) echo "$line" >&2 ;; esac
done <said.$$
wait $!
`,
	"go": `echo "$@" >>"$HOME/go"`,
}

// TestDocumentedCommands runs all that the documents tell people to type into a shell,
// in order, against the fake Teams: what fails for a reader fails here.
func TestDocumentedCommands(t *testing.T) {
	for _, d := range allDocuments(t) {
		script := blocks(d.text, "sh")
		if strings.Contains("\n"+blocks(d.text, "text"), "\nonbehalf ") {
			t.Errorf("%s has a command of onbehalf in a block that nobody runs", d.name)
		}
		if script == "" {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			home := t.TempDir()
			sample, err := os.ReadFile("sample/customers.csv")
			if err != nil {
				t.Fatal(err)
			}
			for name, content := range map[string]string{
				"bot.secret": teamstest.Password + "\n", "customers.csv": string(sample),
				"policy.yaml": blocks(documentNamed(t, "lead"), "yaml"),
			} {
				if err := os.WriteFile(filepath.Join(home, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Mkdir(filepath.Join(home, "bin"), 0o755); err != nil {
				t.Fatal(err)
			}
			for name, program := range standIns {
				if err := os.WriteFile(filepath.Join(home, "bin", name), []byte("#!/bin/sh\n"+program), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			env := with(teamstest.New(t).Env(), "HOME", home, "PROGRAM", os.Args[0], asProgram, "1", "PATH", filepath.Join(home, "bin")+":/bin:/usr/bin", "LISTEN_ADDR", "127.0.0.1:0")
			for _, told := range []string{"MICROSOFT_APP_ID", "MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"} {
				delete(env, told) // the documents say them
			}
			if d.name != "administrator" { // a reader of another one has set the bot up
				env = with(env, "MICROSOFT_APP_ID", teamstest.AppID, "MICROSOFT_APP_PASSWORD", teamstest.Password, "MICROSOFT_APP_TENANT_ID", teamstest.Tenant, "DATABASE_URL", "sqlite:onbehalf.db")
				script = "onbehalf migrate\n" + script
			}
			shell := exec.CommandContext(t.Context(), "/bin/sh", "-exuc", script)
			shell.Dir = home
			for name, value := range env {
				shell.Env = append(shell.Env, name+"="+value)
			}
			if said, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%v:\n%s", err, said)
			}
			calls, err := os.ReadFile(filepath.Join(home, "go"))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(calls)) {
				knownToGo(t, strings.Fields(line))
			}
		})
	}
}

// knownToGo checks a documented go command without running it: its package is there, so
// is a test of the name, and each flag is Go's own or made in that package.
func knownToGo(t *testing.T, args []string) {
	t.Helper()
	if len(args) < 2 {
		t.Errorf("go %q is not checked", args)
		return
	}
	files, err := filepath.Glob(filepath.Join("../..", args[1], "*.go"))
	if err != nil || len(files) == 0 {
		t.Errorf("go %q: there is no such package", args)
	}
	var source strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	for i, arg := range args[2:] {
		name, isFlag := strings.CutPrefix(arg, "-")
		switch {
		case args[0] == "test" && name == "run":
			if !regexp.MustCompile(`func Test\w*` + args[i+3]).MatchString(source.String()) {
				t.Errorf("go %q: there is no such test", args)
			}
		case isFlag && !slices.Contains([]string{"v", "count"}, name) && !strings.Contains(source.String(), `"`+name+`"`):
			t.Errorf("go %q: there is no flag -%s", args, name)
		}
	}
}

// TestDocumentedWords types what the documents say, as somebody who files a request and
// works on it, and waits for what they promise.
func TestDocumentedWords(t *testing.T) {
	fake := teamstest.New(t, teamstest.Unregistered())
	fake.Patience = limit
	p := alone(t, t.TempDir())
	fake.AttachURL(p.URL + "/api/messages")
	alice := fake.Conversation(teamstest.Personal).As("Alice")
	typed := 0
	for _, d := range allDocuments(t) {
		for line := range strings.Lines(blocks(d.text, "chat")) {
			words, shown, found := strings.Cut(strings.TrimSpace(line), " → ")
			if !found {
				t.Fatalf("%s: %q promises nothing", d.name, line)
			}
			typed++
			turn := alice.Say(words)
			switch {
			case strings.HasPrefix(words, "new "):
				form := turn.ExpectCard("description")
				form.Fill("description", "Since 8:40").Fill("subscriptionId", "67b1af76-e78b-42bd-9ae0-f2b6c538477c").Fill("tried", "Waiting").
					Press("intake/next").Press("intake/submit").Expect(shown)
			case strings.HasPrefix(shown, "“"):
				turn.ExpectText(strings.Trim(shown, "“”"))
			default:
				turn.ExpectCard(shown)
			}
		}
	}
	if typed == 0 {
		t.Error("no document says what to type")
	}
	p.stop()
}
