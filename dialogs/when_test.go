package dialogs

import (
	"testing"
	"time"
)

func TestTimesAreReadAsPeopleTypeThem(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 2, 1, 30, 0, 0, berlin)
	for typed, want := range map[string]string{
		"2026-01-01T22:10:00Z":  "2026-01-01T22:10:00Z",
		"2026-01-01 23:10":      "2026-01-01T22:10:00Z",
		"1.1.2026 23:10":        "2026-01-01T22:10:00Z",
		"01.01.2026, 23:10":     "2026-01-01T22:10:00Z",
		"1.1. 23:10":            "2026-01-01T22:10:00Z",
		"31.12. 23:10":          "2025-12-31T22:10:00Z",
		"1 Jan 23:10":           "2026-01-01T22:10:00Z",
		"01:10":                 "2026-01-02T00:10:00Z",
		"1:31":                  "2026-01-02T00:31:00Z", // a clock that runs a minute ahead
		"23:10":                 "2026-01-01T22:10:00Z",
		" 23:10 ":               "2026-01-01T22:10:00Z",
		"2026-01-01T23:10:00+1": "",
		"25:10":                 "",
		"yesterday":             "",
		"":                      "",
	} {
		at, ok := parseWhen(typed, now, berlin)
		got := ""
		if ok {
			got = at.UTC().Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
}
