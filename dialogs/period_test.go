package dialogs

import (
	"testing"
	"time"
)

func TestPeriodsBeginAndEndWithLocalDays(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	sunday := time.Date(2026, 3, 29, 23, 30, 0, 0, berlin) // the night of the change to summer time
	for _, tc := range []struct {
		period   string
		back     int
		from, to string
	}{
		{"week", 0, "2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"week", 1, "2026-03-16T00:00:00+01:00", "2026-03-23T00:00:00+01:00"},
		{"month", 0, "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"},
		{"month", 3, "2025-12-01T00:00:00+01:00", "2026-01-01T00:00:00+01:00"},
	} {
		from, to := span(tc.period, tc.back, sunday)
		if from.Format(time.RFC3339) != tc.from || to.Format(time.RFC3339) != tc.to {
			t.Errorf("%s, %d back: %s to %s, want %s to %s", tc.period, tc.back, from.Format(time.RFC3339), to.Format(time.RFC3339), tc.from, tc.to)
		}
	}
}

func TestPeriodsAreReadInThreeLanguages(t *testing.T) {
	for typed, want := range map[string]string{"": "week", "Week": "week", "woche": "week", "НЕДЕЛЯ": "week", "month": "month", "Monat": "month", "месяц": "month"} {
		if got, ok := periodOf(typed); !ok || got != want {
			t.Errorf("%q is read as %q", typed, got)
		}
	}
	if _, ok := periodOf("year"); ok {
		t.Error("a year is no period")
	}
}
