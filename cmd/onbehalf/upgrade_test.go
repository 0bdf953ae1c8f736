package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// lastBeforeOutbox is the last release that kept messages in lanes. It is built from
// the repository's own history.
const lastBeforeOutbox = "6f8e8fe"

// oldRelease builds that release from the history of this tree.
func oldRelease(t *testing.T) (program string) {
	t.Helper()
	dir := t.TempDir()
	program = filepath.Join(dir, "onbehalf")
	const script = `root=$(git rev-parse --show-toplevel) && mkdir "$1" && git -C "$root" archive "$2" | tar -x -C "$1" &&
		cd "$1" && CGO_ENABLED=0 go build -o "$3" ./cmd/onbehalf`
	if out, err := exec.Command("sh", "-c", script, "sh", filepath.Join(dir, "tree"), lastBeforeOutbox, program).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", lastBeforeOutbox, err, out)
	}
	return program
}

// TestUpgradeFromLanes lets a real process of the last release with lanes work, and
// brings its database up to date: refused while it runs, with everything kept after
// it, and closed to it from then on.
func TestUpgradeFromLanes(t *testing.T) {
	if testing.Short() {
		t.Skip("building another release takes long")
	}
	if err := exec.Command("git", "cat-file", "-e", lastBeforeOutbox+"^{commit}").Run(); err != nil {
		t.Skipf("commit %s is not in this tree's history: %v", lastBeforeOutbox, err)
	}
	program := oldRelease(t)
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
	old := launchOf(t, program, env, "serve", "--listen-addr=127.0.0.1:0", "--log-format=json")
	old.listening()
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
