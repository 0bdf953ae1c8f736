package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// TestABackupIsTakenFromARunningBotAndPutBack files requests before, during and after the
// backup. The copy is whole, the restore waits for the end of the bot, and no number is
// given twice.
func TestABackupIsTakenFromARunningBotAndPutBack(t *testing.T) {
	t.Parallel()
	fake := teamstest.New(t)
	fake.Patience = limit
	address := storetest.SQLite(t)
	url := "--database-url=" + address
	command(t, "customers", "import", "sample/customers.csv", url).done(t)
	d := &desk{Teams: fake, env: with(fake.Env(), "DATABASE_URL", address)}
	bot := serving(t, d.env)
	teams := behind(fake, bot)
	alice := fake.Conversation(teamstest.Personal).As("Alice")
	filled(alice, "Before").Press("intake/submit").Expect("SR-1")

	// Another person files meanwhile: the copy has that request with everything of it, or
	// nothing of it.
	dir := t.TempDir()
	file := filepath.Join(dir, "desk.backup")
	review := filled(fake.Conversation(teamstest.Personal).As("Bob"), "During")
	answered := make(chan teamstest.Response)
	go func() { answered <- fake.Post(review.Invoke("intake/submit")) }()
	command(t, "backup", "-o", file, url).done(t, "wrote "+file, "checked")
	if got := <-answered; got.Status != http.StatusOK {
		t.Errorf("filing during the backup was answered %d", got.Status)
	}
	for name, lost := range map[string]string{
		"requests without their opening": "select count(*) from tickets t where not exists (select 1 from events e where e.ticket = t.number and e.what = 'opened')",
		"openings without their request": "select count(*) from events where ticket not in (select number from tickets)",
		"numbers that are not given":     "select abs(value - (select count(*) from tickets)) from counters where name = 'ticket'",
	} {
		if n := value(t, "sqlite:"+file, lost); n != 0 {
			t.Errorf("the backup has %d %s", n, name)
		}
	}
	if mode, err := os.Stat(file); err != nil || mode.Mode().Perm() != 0o600 {
		t.Errorf("others may read the backup: %v, %v", mode.Mode(), err)
	}
	command(t, "backup", "-o", file, url).done(t, "2 requests") // the same name again
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("beside the backup there is something: %v, %v", left, err)
	}

	filled(alice, "After").Press("intake/submit").Expect("SR-3")
	command(t, "restore", file, url).fails(t, exitFailed, "in use", "stop every program")
	alice.Say("status SR-3").ExpectCard("After") // nothing happened to it

	bot.stop()
	command(t, "restore", file, url).done(t, "restored 2 requests", "before-restore", "the next request will be SR-4")
	kept, err := filepath.Glob(strings.TrimPrefix(address, "sqlite:") + ".before-restore-*")
	if err != nil || len(kept) != 1 || value(t, "sqlite:"+kept[0], "select count(*) from tickets") != 3 {
		t.Errorf("what was there is kept as %v, %v", kept, err)
	}
	teams.serve(serving(t, d.env))
	alice.Say("status SR-1").ExpectCard("Before")
	alice.Say("status SR-3").ExpectText("no request with this number")
	filled(alice, "Later").Press("intake/submit").Expect("SR-4")
}

func TestBackupAndRestoreRefuseWhatTheyWouldSpoil(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	live := strings.TrimPrefix(storetest.SQLite(t), "sqlite:")
	url := "--database-url=sqlite:" + live
	in := func(name string) string { return filepath.Join(dir, name) }
	written := func(name, text string) string {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return in(name)
	}
	good := in("good.backup")
	command(t, "backup", "-o", good, url).done(t)
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	newer := written("newer.backup", string(whole))
	statement(t, "sqlite:"+newer, "insert into goose_db_version (version_id, is_applied) values (99999, 1)")
	other := in("other.backup")
	statement(t, "sqlite:"+other, "create table notes (text text)")
	// The page of some table, not of the schema.
	damaged := []byte(string(whole))
	copy(damaged[20*4096:21*4096], strings.Repeat("broken ", 600))

	for what, c := range map[string]struct {
		line  []string
		words []string
	}{
		"backup onto itself":         {[]string{"backup", "-o", live}, []string{"is the database itself"}},
		"backup onto a text":         {[]string{"backup", "-o", written("notes.txt", "remember the milk, and more than sixteen letters")}, []string{"notes.txt is no backup"}},
		"backup into no folder":      {[]string{"backup", "-o", in("no/desk.backup")}, []string{"no such file or directory"}},
		"backup onto a folder":       {[]string{"backup", "-o", dir}, []string{"is a folder"}},
		"backup of nothing":          {[]string{"backup", "-o", in("none.backup"), "--database-url=sqlite:" + in("none.db")}, []string{"none.db does not exist"}},
		"restore from nothing":       {[]string{"restore", in("none.backup")}, []string{"none.backup does not exist"}},
		"restore from itself":        {[]string{"restore", live}, []string{"is the database itself"}},
		"restore from a text":        {[]string{"restore", in("notes.txt")}, []string{"not a SQLite database"}},
		"restore from another":       {[]string{"restore", other}, []string{"no database of onbehalf"}},
		"restore from a newer one":   {[]string{"restore", newer}, []string{"newer than this program", "99999"}},
		"restore from a damaged one": {[]string{"restore", written("damaged.backup", string(damaged))}, []string{"damaged.backup", "damaged"}},
		"restore from half of one":   {[]string{"restore", written("half.backup", string(whole[:len(whole)/2]))}, []string{"half.backup", "damaged"}},
		"backup of PostgreSQL":       {[]string{"backup", "-o", good, "--database-url=postgres://u:hunter2@127.0.0.1:1/x"}, []string{"pg_dump --format=custom"}},
		"restore of PostgreSQL":      {[]string{"restore", good, "--database-url=postgres://u:hunter2@127.0.0.1:1/x"}, []string{"pg_restore"}},
	} {
		t.Run(what, func(t *testing.T) {
			got := command(t, append([]string{url}, c.line...)...)
			got.fails(t, exitFailed, c.words...)
			if strings.Contains(got.err, "hunter2") {
				t.Errorf("the password is told: %s", got.err)
			}
		})
	}
	if n := value(t, "sqlite:"+live, "select count(*) from counters"); n != 3 {
		t.Errorf("the database was changed: %d counters", n)
	}
	if left, err := filepath.Glob(in("*unfinished*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	// Into no database, and into one that lost its beginning.
	command(t, "restore", good, "--database-url=sqlite:"+in("fresh.db")).done(t, "restored 0 requests", "SR-1")
	command(t, "migrate", "--database-url=sqlite:"+in("fresh.db")).done(t)
	command(t, "restore", good, "--database-url=sqlite:"+in("notes.txt")).fails(t, exitFailed, "notes.txt", "move it away")
}

// TestPostgreSQLIsBackedUpByItsOwnTools takes the way that backup and restore name, with
// the tools of the server: everything is there again, also what triggers guard.
func TestPostgreSQLIsBackedUpByItsOwnTools(t *testing.T) {
	t.Parallel()
	if os.Getenv(storetest.Variable) == "" {
		return // there is no PostgreSQL to be backed up
	}
	d := &desk{Teams: teamstest.New(t)}
	address := storetest.Postgres(t)
	command(t, "customers", "import", "sample/customers.csv", "--database-url="+address).done(t)
	d.env = with(d.Env(), "DATABASE_URL", address)
	d.Patience = limit
	bot := serving(t, d.env)
	teams := behind(d.Teams, bot)
	alice := d.Conversation(teamstest.Personal).As("Alice")
	filled(alice, "Before").Press("intake/submit").Expect("SR-1")
	file := filepath.Join(t.TempDir(), "desk.dump")
	tool(t, "pg_dump", "--format=custom", "--file="+file, "--dbname="+address)
	filled(alice, "After").Press("intake/submit").Expect("SR-2")
	bot.stop()
	tool(t, "pg_restore", "--clean", "--if-exists", "--single-transaction", "--dbname="+address, file)
	teams.serve(serving(t, d.env))
	alice.Say("status SR-1").ExpectCard("Before")
	alice.Say("find before").ExpectCard("SR-1")
	filled(alice, "Later").Press("intake/submit").Expect("SR-2")
}

// tool runs one of the tools that come with PostgreSQL.
func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		found, globErr := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
		if globErr != nil || len(found) == 0 {
			t.Fatalf("%s is not there, it comes with PostgreSQL: %v", name, err)
		}
		program = found[len(found)-1]
	}
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// value reads one number.
func value(t testing.TB, address, query string) (n int64) {
	t.Helper()
	db := opened(t, address)
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", query, err))
	}
	return n
}
