package i18n

import (
	"testing"
	"time"
)

var due = time.Date(2026, 11, 23, 2, 32, 0, 0, time.UTC)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestATimeCarriesWeekdayDateAndOffset(t *testing.T) {
	for _, c := range []struct{ lang, zone, want string }{
		{"en", "Europe/Berlin", "Mon 23 Nov, 03:32 (UTC+1)"},
		{"de", "Europe/Berlin", "Mo 23. Nov., 03:32 (UTC+1)"},
		{"ru", "Asia/Almaty", "пн 23 нояб., 07:32 (UTC+5)"},
		{"en", "Asia/Kolkata", "Mon 23 Nov, 08:02 (UTC+5:30)"},
		{"en", "Asia/Kathmandu", "Mon 23 Nov, 08:17 (UTC+5:45)"},
		{"en", "America/St_Johns", "Sun 22 Nov, 23:02 (UTC-3:30)"},
		{"en", "UTC", "Mon 23 Nov, 02:32 (UTC)"},
	} {
		if got := For(c.lang, zone(t, c.zone)).Time(due); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.lang, c.zone, got, c.want)
		}
	}
}

func TestTheYearIsWrittenWhereItIsAnother(t *testing.T) {
	w := For("de", zone(t, "Europe/Berlin"))
	if got, want := w.TimeYear(due), "23. Nov. 2026, 03:32"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	newYear := time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC) // 2027 in Berlin
	if got, want := w.AsOf(due).Time(newYear), "Fr 1. Jan. 2027, 00:30 (UTC+1)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := w.AsOf(due).In(time.UTC).Time(newYear), "Do 31. Dez., 23:30 (UTC)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := w.AsOf(newYear).Day(newYear), "Fr 1. Jan."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestARowDropsTheDateWithinSixDays(t *testing.T) {
	w := For("en", zone(t, "Europe/Berlin"))
	asOf := time.Date(2026, 11, 23, 1, 14, 0, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{due, "Mon 03:32"},
		{asOf.AddDate(0, 0, 6), "Sun 02:14"},
		{asOf.AddDate(0, 0, 7), "Mon 30 Nov"},
		{time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), "Tue 1 Dec"},
		{asOf.AddDate(0, 0, -6), "Tue 02:14"},
		{asOf.AddDate(0, 0, -7), "Mon 16 Nov"},
		{time.Date(2027, 1, 2, 9, 0, 0, 0, time.UTC), "Sat 2 Jan 2027"},
	} {
		if got := w.Short(c.at, asOf); got != c.want {
			t.Errorf("%v: %q, want %q", c.at, got, c.want)
		}
	}
}

func TestDurationsHaveTheirPlurals(t *testing.T) {
	for _, c := range []struct {
		lang string
		d    time.Duration
		want string
	}{
		{"en", time.Hour, "1 hour"},
		{"en", 2 * time.Hour, "2 hours"},
		{"en", 94 * time.Minute, "1 hour 34 minutes"},
		{"en", -34*time.Minute - 59*time.Second, "34 minutes"},
		{"en", 40 * time.Second, "40 seconds"},
		{"en", 0, "0 seconds"},
		{"en", 25 * time.Hour, "25 hours"},
		{"en", 50 * time.Hour, "2 days 2 hours"},
		{"de", 21 * time.Minute, "21 Minuten"},
		{"ru", 21 * time.Minute, "21 минута"},
		{"ru", 22 * time.Minute, "22 минуты"},
		{"ru", 11 * time.Minute, "11 минут"},
		{"ru", 5 * time.Hour, "5 часов"},
		{"ru", 48 * time.Hour, "2 дня"},
	} {
		if got := For(c.lang, nil).Duration(c.d); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.lang, c.d, got, c.want)
		}
	}
	if got, want := For("en", nil).DurationShort(70*time.Minute), "1 h 10 min"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := For("ru", nil).BusinessDays(2), "2 рабочих дня"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := For("de", nil).BusinessDays(1), "1 Werktag"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSpanNamesADayOnce(t *testing.T) {
	at := func(clock string) time.Time {
		instant, err := time.Parse(time.RFC3339, clock)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	w := For(English, zone(t, "Europe/Berlin"))
	for _, c := range []struct{ from, to, want string }{
		{"2026-11-23T09:00:00+01:00", "2026-11-23T17:00:00+01:00", "Mon 23 Nov, 09:00–17:00 (UTC+1)"},
		{"2026-11-23T22:00:00+01:00", "2026-11-24T00:00:00+01:00", "Mon 23 Nov, 22:00 (UTC+1) – Tue 24 Nov, 00:00 (UTC+1)"},
		{"2026-10-25T01:00:00+02:00", "2026-10-25T04:00:00+01:00", "Sun 25 Oct, 01:00 (UTC+2) – Sun 25 Oct, 04:00 (UTC+1)"},
	} {
		if got := w.Span(at(c.from), at(c.to)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if got, want := w.AsOf(at("2027-01-02T00:00:00Z")).Span(at("2026-11-23T09:00:00+01:00"), at("2026-11-23T17:00:00+01:00")), "Mon 23 Nov 2026, 09:00–17:00 (UTC+1)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
