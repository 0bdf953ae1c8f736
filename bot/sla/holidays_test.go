package sla

import (
	"testing"
	"time"

	"github.com/rickar/cal/v2"
)

func TestBuiltInCalendarsHaveHoursAndHolidays(t *testing.T) {
	for code, c := range map[string]struct {
		zone  string
		day   time.Duration
		known bool
	}{
		"na": {"America/Los_Angeles", 12 * time.Hour, true}, "jp": {"Asia/Tokyo", 8*time.Hour + 30*time.Minute, true},
		"asia": {"Asia/Singapore", 9 * time.Hour, false}, "kr": {"Asia/Seoul", 9 * time.Hour, false},
		"cn": {"Asia/Shanghai", 9 * time.Hour, false}, "tw": {"Asia/Taipei", 9 * time.Hour, false},
		"sg": {"Asia/Singapore", 9 * time.Hour, false}, "kz": {"Asia/Almaty", 9 * time.Hour, false},
		"in": {"Asia/Kolkata", 8 * time.Hour, false}, "sa": {"Asia/Riyadh", 8 * time.Hour, false},
		"ae": {"Asia/Dubai", 8 * time.Hour, false}, "tr": {"Europe/Istanbul", 8 * time.Hour, false},
		"mx": {"America/Mexico_City", 8 * time.Hour, false}, "at": {"Europe/Vienna", 8 * time.Hour, true},
		"au": {"Australia/Sydney", 8 * time.Hour, true}, "br": {"America/Sao_Paulo", 8 * time.Hour, true},
		"ch": {"Europe/Zurich", 8 * time.Hour, true}, "de": {"Europe/Berlin", 8 * time.Hour, true},
		"dk": {"Europe/Copenhagen", 8 * time.Hour, true}, "es": {"Europe/Madrid", 8 * time.Hour, true},
		"fr": {"Europe/Paris", 8 * time.Hour, true}, "gb": {"Europe/London", 8 * time.Hour, true},
		"it": {"Europe/Rome", 8 * time.Hour, true}, "nl": {"Europe/Amsterdam", 8 * time.Hour, true},
		"nz": {"Pacific/Auckland", 8 * time.Hour, true}, "pl": {"Europe/Warsaw", 8 * time.Hour, true},
		"ru": {"Europe/Moscow", 8 * time.Hour, true}, "se": {"Europe/Stockholm", 8 * time.Hour, true},
		"ua": {"Europe/Kyiv", 8 * time.Hour, true}, "za": {"Africa/Johannesburg", 8 * time.Hour, true},
	} {
		got := BuiltIn().Calendar(code, "")
		if got.Zone().String() != c.zone || got.BusinessDay() != c.day || got.HolidaysKnown(2026) != c.known {
			t.Errorf("%s: %s, %v a day, holidays known %v (T17)", code, got.Zone(), got.BusinessDay(), got.HolidaysKnown(2026))
		}
	}
}

func TestPublicHolidays(t *testing.T) {
	for _, c := range []struct {
		code, date string
		holiday    bool
	}{
		{"de", "2026-04-03", true}, {"de", "2026-05-14", true}, {"de", "2026-12-24", false},
		{"na", "2026-07-03", true},  // Independence Day is a Saturday
		{"na", "2021-12-31", true},  // New Year's Day of the next year is a Saturday
		{"na", "2026-11-27", false}, // the day after Thanksgiving
		{"jp", "2026-11-23", true}, {"jp", "2026-03-20", true}, {"jp", "2026-09-22", true},
		{"gb", "2026-12-28", true}, // Boxing Day is a Saturday
		{"ru", "2027-01-04", true}, {"ru", "2027-01-08", true}, {"ru", "2026-11-04", true},
		{"br", "2026-11-20", true}, {"pl", "2026-12-24", true}, {"pl", "2024-12-24", false},
		{"ch", "2026-03-19", false}, // Saint Joseph's is not kept in Zurich
		{"au", "2026-01-26", true},
		{"kr", "2026-12-25", false}, // unknown
	} {
		day, err := time.Parse(time.DateOnly, c.date)
		if err != nil {
			t.Fatal(err)
		}
		_, why, name := BuiltIn().Calendar(c.code, "").hours(dateAt(day.Date()))
		if (why == Holiday) != c.holiday {
			t.Errorf("%s %s: %q %s", c.code, c.date, why, name)
		}
	}
}

func TestHolidaysOfFarYearsAreUnknown(t *testing.T) {
	r := BuiltIn().Start(ClockResponse, technical("A", "de", "de"), moment(t, "2126-11-24T10:00:00+01:00"))
	if !r.HolidaysUnknown {
		t.Error("holidays of the next century are said to be known")
	}
}

func TestHolidaysDoNotDependOnTheMachinesZone(t *testing.T) {
	// Havana skips the midnight of 8 March 2026. A library that works in the
	// machine's zone gives the evening before.
	zone, err := time.LoadLocation("America/Havana")
	if err != nil {
		t.Fatal(err)
	}
	machine := cal.DefaultLoc
	cal.DefaultLoc = zone
	t.Cleanup(func() { cal.DefaultLoc = machine })
	fresh := &holidays{list: laws["ru"].list}
	for _, day := range []date{dateAt(2026, 3, 8), dateAt(2026, 3, 9)} {
		if _, holiday := fresh.on(day); !holiday {
			t.Errorf("%s is no holiday", day)
		}
	}
	if _, holiday := fresh.on(dateAt(2026, 3, 7)); holiday {
		t.Error("the day before is a holiday")
	}
}

func TestHolidaysMayBeAskedForByMany(t *testing.T) {
	fresh := &holidays{list: laws["jp"].list}
	done := make(chan bool)
	for i := range 8 {
		go func() {
			_, holiday := fresh.on(dateAt(2020+i, 1, 1))
			done <- holiday
		}()
	}
	for range 8 {
		if !<-done {
			t.Error("New Year's Day is no holiday")
		}
	}
}
