package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"onbehalf/bot/request"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// lastBeforeOutbox is the last release that kept messages in lanes. It is built from
// the repository's own history.
const lastBeforeOutbox = "6f8e8fe"

// lastRelease is the newest tag of a release before this commit, or v0.3.0 where the
// history came without tags.
func lastRelease() string {
	const newest = `git tag --merged HEAD --no-contains HEAD --list 'v[0-9]*' --sort=-version:refname | head -n 1`
	if tag, err := exec.Command("sh", "-c", newest).Output(); err == nil && len(tag) > 0 {
		return strings.TrimSpace(string(tag))
	}
	return "f55c1bf"
}

// oldRelease builds a release from the history of this tree. The test is skipped where
// that is not there.
func oldRelease(t *testing.T, commit string) (program string) {
	t.Helper()
	if testing.Short() {
		t.Skip("building another release takes long")
	}
	if err := exec.Command("git", "cat-file", "-e", commit+"^{commit}").Run(); err != nil {
		t.Skipf("commit %s is not in this tree's history: %v", commit, err)
	}
	tree := filepath.Join(t.TempDir(), "tree")
	const script = `root=$(git rev-parse --show-toplevel) && mkdir "$1" && git -C "$root" archive "$2" | tar -x -C "$1"`
	if out, err := exec.Command("sh", "-c", script, "sh", tree, commit).CombinedOutput(); err != nil {
		t.Fatalf("unpack %s: %v\n%s", commit, err, out)
	}
	program = filepath.Join(builds(), commit)
	if err := build(filepath.Join(tree, "cmd", "onbehalf"), program); err != nil {
		t.Fatalf("build %s: %v", commit, err)
	}
	return program
}

// TestUpgradeFromLanes lets a real process of the last release with lanes work, and
// brings its database up to date: refused while it runs, with everything kept after
// it, and closed to it from then on.
func TestUpgradeFromLanes(t *testing.T) {
	t.Parallel()
	program := oldRelease(t, lastBeforeOutbox)
	t.Run("sqlite", func(t *testing.T) { upgradeFromLanes(t, program, "sqlite:"+filepath.Join(t.TempDir(), "desk.db")) })
	if os.Getenv(storetest.Variable) != "" {
		t.Run("postgres", func(t *testing.T) { upgradeFromLanes(t, program, storetest.EmptyPostgres(t)) })
	}
}

func upgradeFromLanes(t *testing.T, program, address string) {
	t.Helper()
	fake := teamstest.New(t)
	fake.Patience = limit
	env := with(fake.Env(), "DATABASE_URL", address)
	if status := launchOf(t, program, env, "customers", "import", "sample/customers.csv").ended(); status != exitDone {
		t.Fatalf("the older release imports nothing: status %d", status)
	}
	old := servingOf(t, program, env)
	desk := behind(fake, old)

	alice := fake.Conversation(teamstest.Personal).As("Alice")
	bob := fake.Conversation(teamstest.Personal).As("Bob")
	filed := filled(alice, "Filed before").Press("intake/submit")
	open := filled(bob, "Filed after")

	for _, args := range [][]string{{"migrate"}, {"serve", "--listen-addr=127.0.0.1:0"}} {
		refused := launch(t, env, args...)
		if status := refused.ended(); status != exitFailed || !strings.Contains(refused.err.String(), "older release still runs") {
			t.Errorf("%q beside the older release: status %d, %s", args, status, refused.err)
		}
	}
	alice.Say("status SR-1").ExpectCard("Filed before") // the older one works on

	old.stop()
	if status := launch(t, env, "migrate").ended(); status != exitDone {
		t.Fatalf("nothing is migrated: status %d", status)
	}
	now := serving(t, env)
	desk.serve(now)
	filed.See(filed).Expect("SR-1")
	alice.Say("status SR-1").ExpectCard("Filed before")
	open.Press("intake/submit").Expect("SR-2")

	late := launchOf(t, program, env, "serve", "--listen-addr=127.0.0.1:0")
	if status := late.ended(); status != exitFailed || !strings.Contains(late.err.String(), "newer") {
		t.Errorf("the older release on the newer database: status %d, %s", status, late.err)
	}
	bob.Say("status SR-2").ExpectCard("Filed after")
}

// TestRollingUpdate has a real process of the release before beside one of this tree, on
// one database. Each request of Teams goes to the other one than the last, so that a form
// that one began is filed by the other, while both deliver the messages. Nothing may be
// lost or doubled, and what each wrote is read by the other.
func TestRollingUpdate(t *testing.T) {
	t.Parallel()
	program := oldRelease(t, lastRelease())
	t.Run("sqlite", func(t *testing.T) { rollingUpdate(t, program, storetest.EmptySQLite(t)) })
	if os.Getenv(storetest.Variable) != "" {
		t.Run("postgres", func(t *testing.T) { rollingUpdate(t, program, storetest.EmptyPostgres(t)) })
	}
}

func rollingUpdate(t *testing.T, program, address string) {
	t.Helper()
	d := &desk{Teams: teamstest.New(t)}
	d.env = with(d.Env(), "DATABASE_URL", address)
	d.Patience = limit
	for _, args := range [][]string{{"migrate"}, {"customers", "import", "sample/customers.csv"}} {
		if p := launchOf(t, program, d.env, args...); p.ended() != 0 {
			t.Fatalf("%v: %s", args, p.err)
		}
	}
	office := d.Conversation(teamstest.GroupChat)
	d.env["DESK_CONVERSATION"] = office.ID()
	old := servingOf(t, program, d.env)
	teams := behind(d.Teams, old)
	before := filled(d.Conversation(teamstest.Personal).As("Before"), "Begun before")

	now := serving(t, d.env) // migrates what the older one goes on using
	d.store = storetest.Open(t, address)
	teams.serve(old, now)
	const people, comments = 6, 3
	reviews := make([]*teamstest.Card, people)
	speakers := make([]*teamstest.Speaker, people)
	for i := range people {
		speakers[i] = d.Conversation(teamstest.Personal).As(fmt.Sprintf("Alice %d", i))
	}
	var all sync.WaitGroup
	for i, who := range speakers {
		all.Go(func() {
			review := filled(who, fmt.Sprintf("Problem %d", i))
			review.Press("intake/submit").Expect("SR-")
			reviews[i] = review
		})
	}
	all.Wait()
	before.Press("intake/submit").Expect("SR-")

	numbers := map[string]request.Number{}
	for _, one := range d.all() {
		if numbers[one.Title] != 0 {
			t.Errorf("%q was filed twice", one.Title)
		}
		numbers[one.Title] = one.Number
	}
	if len(numbers) != people+1 {
		t.Fatalf("%d tickets of %d forms", len(numbers), people+1)
	}
	for i, who := range speakers {
		number := numbers[fmt.Sprintf("Problem %d", i)].String()
		all.Go(func() {
			for n := range comments {
				who.Say(fmt.Sprintf("comment %s word %d", number, n)).ExpectText(number)
			}
			who.Say("take " + number).ExpectCard(number)
		})
	}
	all.Wait()
	for i := range people {
		number := numbers[fmt.Sprintf("Problem %d", i)]
		d.upToDate(reviews[i], number.String())
		for what, want := range map[string]int{"opened": 1, "commented": comments, "assigned": 1} {
			if got := len(d.history(number, what)); got != want {
				t.Errorf("%s: %d entries %q in the history, want %d", number, got, what, want)
			}
		}
	}
	for _, number := range numbers {
		d.WaitFor(func(e teamstest.Event) bool { return e.Conversation == office.ID() && d.cards(office.ID(), number) > 0 })
	}

	// Each alone reads what the two wrote, the older one too: that is where an update is
	// stopped half way.
	begun := filled(speakers[0], "Begun by both")
	read := func(alone *process) {
		teams.serve(alone)
		for i, who := range speakers {
			number := numbers[fmt.Sprintf("Problem %d", i)].String()
			who.Say("status "+number).ExpectCard(number, fmt.Sprintf("Problem %d", i))
		}
	}
	read(now)
	now.stop()
	read(old)
	begun.Press("intake/submit").Expect("SR-")
	for title, number := range numbers {
		if n := d.cards(office.ID(), number); n != 1 {
			t.Errorf("the desk has %d cards of %s (%s)", n, number, title)
		}
	}
	if n := len(d.all()); n != people+2 {
		t.Errorf("%d tickets, want %d", n, people+2)
	}
	for _, p := range []*process{old, now} {
		if log := p.err.String(); strings.Contains(log, `"level":"ERROR"`) {
			t.Errorf("trouble in the log:\n%s", log)
		}
	}
}

// cards counts the messages of a conversation that show a ticket.
func (d *desk) cards(conversation string, number request.Number) (n int) {
	for _, m := range d.Messages(conversation) {
		if m.Card != nil && strings.Contains(string(m.Raw), number.String()) {
			n++
		}
	}
	return n
}
