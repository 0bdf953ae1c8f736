package main

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"
)

const testCalendars = "--sla-policy=../../bot/sla/testdata/calendars.yaml"

func TestDueOfEveryKnownCase(t *testing.T) {
	file, err := os.Open("../../bot/sla/testdata/cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 30 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		args := []string{"sla", "due", testCalendars, "--opened", row[1], "--language", row[4], "--calendar", row[5]}
		if row[3] == "other" {
			args = append(args, "--kind", "billing")
		} else {
			args = append(args, "--kind", "technical", "--severity", row[2])
		}
		got := command(t, args...)
		got.done(t, "budget ", "  counted ")
		if first, _, _ := strings.Cut(got.out, "\n"); first != row[6] {
			t.Errorf("%s (%s): %s, want %s", row[0], row[7], first, row[6])
		}
	}
}

func TestDueSaysWhy(t *testing.T) {
	// Good Friday, a weekend and Easter Monday lie in between.
	command(t, "sla", "due", testCalendars, "--severity=c", "--kind=technical", "--language=de", "--calendar=de", "--opened=2026-04-02T10:00:00-04:00").done(t,
		"2026-04-07T14:00:00Z\n", "in Europe/Berlin: Tue 2026-04-07 16:00:00 +02:00",
		"budget 8h0m0s (estimate), business clock, calendar de",
		"counted Thu 2026-04-02 16:00:00 +02:00 to Thu 2026-04-02 17:00:00 +02:00: 1h0m0s, 7h0m0s left\n"+
			"  skipped Fri 2026-04-03: closed date\n  skipped Sat 2026-04-04: day off\n  skipped Sun 2026-04-05: day off\n  skipped Mon 2026-04-06: closed date\n"+
			"  counted Tue 2026-04-07 09:00:00 +02:00 to Tue 2026-04-07 16:00:00 +02:00: 7h0m0s, 0s left\n",
	)
	command(t, "sla", "due", "--severity=A", "--opened=2026-11-22T06:00:00.25Z").done(t, "2026-11-22T08:00:00.25Z\n", "wall clock: nights, weekends and holidays count")
	command(t, "sla", "due", "--severity=noncritical", "--zone=India Standard Time", "--opened=2026-11-24T09:00:00+05:30").done(t,
		"2026-11-24T11:30:00Z\n", "in Asia/Kolkata", "one business day", "no calendar was named", "holidays unknown")
	command(t, "sla", "due", "--kind=fraud", "--opened=2026-11-24T09:00:00Z").done(t, "one business day")
	command(t, "sla", "due", "--kind=fraud", "--severity=noncritical", "--opened=2026-11-24T09:00:00Z").done(t, "one business day")
	command(t, "sla", "due", "--severity=A", "--language=German", "--calendar=DE", "--opened=2026-11-24T09:00:00Z").done(t, "2026-11-24T11:00:00Z\n")
	command(t, "sla", "due", "--clock=handoff", "--severity=A", "--opened=2026-11-24T09:00:00Z").done(t, "2026-11-24T09:15:00Z\n")
}

func TestDueWithoutATargetIsNone(t *testing.T) {
	policy := t.TempDir() + "/policy.yaml"
	if err := os.WriteFile(policy, []byte("clocks:\n  response: {targets: {}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := command(t, "sla", "due", "--sla-policy", policy, "--severity=A", "--opened=2026-11-24T09:00:00Z")
	got.done(t)
	if first, _, _ := strings.Cut(got.out, "\n"); first != "none" {
		t.Errorf("the first line is %q", first)
	}
}

func TestDueNeedsNeitherDatabaseNorRegistration(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/x")
	t.Setenv("MICROSOFT_APP_ID", "not even a GUID")
	command(t, "sla", "due", "--severity=B", "--opened="+time.Now().Format(time.RFC3339)).done(t)
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestDueAcrossAChangeOfTheClockTellsTheCalendarsTime(t *testing.T) {
	got := command(t, "sla", "due", "--severity=C", "--language=de", "--calendar=de", "--opened=2026-03-27T16:00:00+01:00")
	got.done(t, "2026-03-30T14:00:00Z\n", "in Europe/Berlin: Mon 2026-03-30 16:00:00 +02:00")
	if strings.Contains(got.out, "where it was opened") || strings.Contains(got.out, "03-30 15:00") {
		t.Errorf("an offset is taken for a place:\n%s", got.out)
	}
}

func TestDueHelpNamesItsOwnFlagsOnly(t *testing.T) {
	for name, others := range map[string][]string{
		"sla due":          {"--database-url", "--leads", "--cloud", "--listen-addr"},
		"customers import": {"--microsoft-app-id", "--leads"},
		"report":           {"--microsoft-app-id", "--sla-policy"},
		"migrate":          {"--microsoft-app-id", "--log-level"},
		"manifest":         {"--database-url"},
		"customers":        {"--database-url"},
	} {
		got := command(t, append(strings.Fields(name), "--help")...)
		got.done(t)
		for _, other := range others {
			if strings.Contains(got.out, other) {
				t.Errorf("the help of %s names %s:\n%s", name, other, got.out)
			}
		}
	}
	command(t, "customers", "import", "--help").done(t, "--database-url", "--sla-policy")
	command(t, "sla", "due", "--help").done(t, "--sla-policy")
	// Each of them takes all settings, though.
	command(t, "sla", "due", "--severity=A", "--leads=x", "--opened=2026-11-24T09:00:00Z").done(t)
}
