package graph_test

import (
	"testing"
	"time"

	"onbehalf/bot/graph"
)

func TestRunsAreDueEachNightAndWhenOlderThanADay(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		t.Helper()
		if text == "" {
			return time.Time{}
		}
		instant, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	for _, c := range []struct {
		succeeded, failed, now string
		due                    bool
	}{
		{"", "", "2026-11-28 12:00", true},
		{"2026-11-28 09:00", "", "2026-11-29 02:29", false},
		{"2026-11-28 09:00", "", "2026-11-29 02:30", true},
		{"2026-11-29 02:30", "", "2026-11-29 23:59", false},
		{"2026-11-29 02:30", "", "2026-11-30 02:30", true},
		{"2026-11-28 09:00", "2026-11-29 02:31", "2026-11-29 03:30", false},
		{"2026-11-28 09:00", "2026-11-29 02:31", "2026-11-29 03:31", true},
		// The night on which the clocks go forward has no 02:30, the one on which they go
		// back has two: one run each.
		{"2027-03-27 02:30", "", "2027-03-28 03:31", true},
		{"2027-03-28 03:31", "", "2027-03-28 12:00", false},
		{"2027-10-30 02:30", "", "2027-10-31 03:00", true},
		{"2027-10-31 03:00", "", "2027-10-31 12:00", false},
	} {
		run := graph.Run{Succeeded: at(c.succeeded), Failed: at(c.failed)}
		if got := run.Due(at(c.now), berlin); got != c.due {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestEachCloudHasItsGraph(t *testing.T) {
	for cloud, want := range map[string]string{"gcc": "https://graph.microsoft.com", "dod": "https://dod-graph.microsoft.us", "germany": ""} {
		address, scope := graph.URLOf(cloud)
		if address != want || want != "" && scope != want+"/.default" {
			t.Errorf("%s: %s, %s", cloud, address, scope)
		}
	}
}
