package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// TestExportBeforeClosedRequestsAreRemoved exports what is over, and lets the bot remove
// it. The file has what the database had.
func TestExportBeforeClosedRequestsAreRemoved(t *testing.T) {
	t.Parallel()
	everyDesk(t, func(t *testing.T, d *desk) {
		t.Parallel()
		url := "--database-url=" + d.env["DATABASE_URL"]
		bot := serving(t, d.env)
		teams := behind(d.Teams, bot)
		alice := d.Conversation(teamstest.Personal).As("Alice")
		filled(alice, "Stays <open>").Press("intake/submit").Expect("SR-1")
		filled(alice, "Withdrawn").Press("intake/submit").Expect("SR-2")
		alice.Say("comment SR-2 it was a “typo”").ExpectText("SR-2")
		alice.Say("cancel SR-2 solved by itself").ExpectCard("Withdrawn")
		dir := t.TempDir()
		everything, over := filepath.Join(dir, "all.jsonl"), filepath.Join(dir, "over.jsonl")
		tomorrow := "--closed-before=" + time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
		command(t, "export", "-o", everything, url).done(t, "2 requests")
		command(t, "export", "-o", over, tomorrow, url).done(t, "1 requests")
		command(t, "export", "-o", filepath.Join(dir, "none.jsonl"), "--closed-before=2026-01-01", url).done(t, "0 requests")

		type line struct {
			Number, Status, Title string
			Requester             struct{ Name string }
			History               []struct {
				What, Text string
				At         time.Time
				By         struct{ Name string }
			}
		}
		read := func(file string) (all []line) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for one := range strings.Lines(string(text)) {
				var l line
				if err := json.Unmarshal([]byte(one), &l); err != nil {
					t.Fatal(err)
				}
				all = append(all, l)
			}
			return all
		}
		all, some := read(everything), read(over)
		if len(all) != 2 || all[0].Number != "SR-1" || all[0].Status != "open" || all[0].Title != "Stays <open>" || all[0].Requester.Name != "Alice" {
			t.Errorf("all: %+v", all)
		}
		var words []string
		for _, e := range some[0].History {
			words = append(words, e.What+" "+e.By.Name+" "+e.Text)
		}
		if len(some) != 1 || some[0].Number != "SR-2" || some[0].Status != "cancelled" ||
			!slices.Equal(words[1:], []string{"commented Alice it was a “typo”", "cancelled Alice solved by itself"}) {
			t.Errorf("over: %+v", some)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "*unfinished*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}

		bot.stop()
		now := serving(t, with(d.env, "RETAIN_CLOSED", "1ms"))
		teams.serve(now)
		now.err.wait(now, func(line string) bool { return strings.Contains(line, "closed requests were removed") })
		alice.Say("status SR-2").ExpectText("no request with this number")
		alice.Say("status SR-1").ExpectCard("Stays")
		command(t, "export", "-o", over, tomorrow, url).done(t, "0 requests")
	})
}

// TestExportNamesWhatItCannotRead goes on behind a row that somebody has spoilt.
func TestExportNamesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, address string) {
		d := &desk{Teams: teamstest.New(t), store: storetest.Open(t, address)}
		command(t, "customers", "import", "sample/customers.csv", "--database-url="+address).done(t)
		d.fill(written(t, "policy.yaml", breachPolicy), 250, time.Now().Add(time.Hour))
		statement(t, address, `update tickets set fired = '{"no": "list"}' where number in (7, 120)`)
		file := filepath.Join(t.TempDir(), "all.jsonl")
		got := command(t, "export", "-o", file, "--database-url="+address)
		got.fails(t, exitFailed, "SR-7, SR-120 cannot be read")
		text, err := os.ReadFile(file)
		if err != nil || strings.Count(string(text), "\n") != 248 || !strings.Contains(got.out, "248 requests") {
			t.Errorf("%d lines, %v; it said %s", strings.Count(string(text), "\n"), err, got.out)
		}
	})
	command(t, "export", "-o", t.TempDir(), "--database-url="+storetest.SQLite(t)).fails(t, exitFailed, "no file that can be replaced")
}
