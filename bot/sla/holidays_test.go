package sla

import (
	"os"
	"slices"
	"strconv"
	"strings"
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

// TestPublicHolidays compares with dates of the laws themselves, taken by hand.
func TestPublicHolidays(t *testing.T) {
	for list, dates := range map[string]struct{ off, work string }{
		"at":     {"2026-01-06 2026-05-14 2026-06-04 2026-10-26 2026-12-08 2027-03-29 2028-06-15", "2026-04-03 2026-12-24"},
		"au-nsw": {"2026-01-26 2026-04-04 2026-04-25 2026-04-27 2027-04-26 2026-06-08 2026-10-05 2026-12-28", "2026-08-03 2028-04-24"},
		"br":     {"2026-04-03 2026-04-21 2026-09-07 2026-11-02 2026-11-20 2028-11-20", "2026-02-16 2026-02-17 2026-06-04 2027-02-09"},
		"ch-zh":  {"2026-04-03 2026-05-01 2026-05-14 2028-08-01 2028-12-26", "2026-01-06 2026-03-19 2026-06-04 2028-08-15 2026-12-08"},
		"de":     {"2026-04-03 2026-05-14 2026-12-25 2028-10-03 2026-04-05 2026-05-24", "2026-01-06 2026-06-04 2026-12-24 2028-10-31"},
		"de-bb":  {"2028-10-31 2027-03-28 2027-05-16", "2026-01-06"},
		"de-be":  {"2027-03-08 2028-06-17", "2027-06-17 2028-10-31"},
		"de-bw":  {"2026-01-06 2026-06-04 2028-11-01", "2028-10-31"},
		"de-by":  {"2026-01-06 2026-06-04 2028-08-15 2028-11-01", "2028-10-31"},
		"de-hb":  {"2028-10-31", "2028-11-01"},
		"de-he":  {"2026-06-04", "2026-01-06 2028-11-01"},
		"de-hh":  {"2028-10-31", "2028-11-01"},
		"de-mv":  {"2027-03-08 2028-10-31", "2028-11-01"},
		"de-ni":  {"2028-10-31", "2026-06-04"},
		"de-nw":  {"2026-06-04 2028-11-01", "2026-01-06"},
		"de-rp":  {"2026-06-04 2028-11-01", "2026-01-06"},
		"de-sh":  {"2028-10-31", "2026-06-04"},
		"de-sl":  {"2026-06-04 2028-08-15 2028-11-01", "2026-01-06"},
		"de-sn":  {"2028-10-31 2026-11-18", "2026-06-04"},
		"de-st":  {"2026-01-06 2028-10-31", "2026-06-04"},
		"de-th":  {"2027-09-20 2028-10-31", "2026-06-04"},
		"dk":     {"2026-04-02 2026-04-03 2026-05-14 2026-05-25", "2026-05-01 2026-06-05 2026-12-24 2026-12-31"},
		"es":     {"2026-01-06 2026-04-03 2026-10-12 2026-12-08", "2026-04-06"},
		"fr":     {"2026-04-06 2026-05-08 2026-05-14 2026-07-14 2026-11-11", "2026-04-03 2028-12-26"},
		"gb":     {"2026-04-03 2026-04-06 2026-05-04 2026-08-31 2026-12-28 2027-12-27 2027-12-28", "2026-01-02 2026-11-30"},
		"gb-nir": {"2026-03-17 2026-07-13 2026-08-31", "2026-01-02"},
		"gb-sct": {"2026-01-02 2027-01-04 2028-01-04 2026-08-03 2026-11-30", "2026-04-06 2026-08-31"},
		"ie":     {"2026-02-02 2026-03-17 2026-06-01 2026-10-26", "2026-04-03 2026-12-28"},
		"it":     {"2026-10-04 2027-10-04 2028-10-04 2026-06-02", "2026-04-03 2025-10-04"},
		"jp":     {"2026-11-23 2026-03-20 2026-05-06 2026-09-21 2026-09-22 2026-09-23", "2026-12-31"},
		"nl":     {"2026-04-06 2026-04-27 2026-05-14 2026-05-25", "2026-04-03 2026-05-05 2027-05-05"},
		"nz":     {"2026-07-10 2027-06-25 2028-07-14 2026-02-06 2026-04-27 2026-06-01", "2026-07-03"},
		"pl":     {"2026-12-24 2027-12-24 2026-06-04 2026-11-11", "2024-12-24 2026-04-03"},
		"ru": {"2026-01-02 2026-01-05 2026-01-06 2026-01-07 2026-01-08 2026-01-09 2026-02-23 2026-03-09 2026-05-01 2026-05-11 2026-06-12 2026-11-04 2026-12-31 2027-01-01 2027-01-08",
			"2026-01-12 2026-05-08"},
		"se": {"2026-01-06 2026-06-19 2026-12-24 2026-12-31", "2026-05-25"},
		"ua": {"", "2026-01-01 2026-01-07 2026-05-08 2026-07-15 2026-10-01 2026-12-25"},
		"us": {"2026-01-19 2026-07-03 2026-10-12 2026-11-11 2026-11-26 2021-12-31", "2026-11-27"},
		"za": {"2026-03-21 2026-04-27 2026-08-10 2026-12-16", "2026-08-11"},
	} {
		for date := range strings.FieldsSeq(dates.off) {
			if _, holiday := laws[list].on(dateNamed(t, date)); !holiday {
				t.Errorf("%s: %s is a working day", list, date)
			}
		}
		for date := range strings.FieldsSeq(dates.work) {
			if name, holiday := laws[list].on(dateNamed(t, date)); holiday {
				t.Errorf("%s: %s is off (%s)", list, date, name)
			}
		}
	}
}

func dateNamed(t *testing.T, text string) date {
	t.Helper()
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return dateAt(day.Date())
}

func TestHolidaysAreKnownForTheYearsThatWereCheckedOnly(t *testing.T) {
	names, until := HolidayLists()
	if len(names) != len(laws) || !slices.IsSorted(names) {
		t.Errorf("lists %v", names)
	}
	for _, name := range names {
		want := 2028
		if name == "ru" || name == "ua" {
			want = 2026 // by yearly order, and while martial law lasts
		}
		if until[name] != want || !laws[name].knows(want) || laws[name].knows(want+1) || laws[name].knows(2025) {
			t.Errorf("%s is known until %d", name, until[name])
		}
	}
	// In a year that nobody has checked the days of the law are off all the same.
	r := BuiltIn().Start(ClockResponse, technical("A", "ru", "ru"), moment(t, "2026-12-30T16:30:00+03:00"))
	if utc(r.Due) != "2027-01-11T07:30:00Z" || !r.HolidaysUnknown {
		t.Errorf("due %s, holidays unknown %v", utc(r.Due), r.HolidaysUnknown)
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

// TestTheDocumentsListTheHolidays holds the table for operators and the lists
// together.
func TestTheDocumentsListTheHolidays(t *testing.T) {
	text, err := os.ReadFile("../../cmd/onbehalf/docs/lead.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.HasPrefix(strings.TrimSpace(cells[3]), "20") {
			continue
		}
		for _, name := range strings.Split(cells[1], ",") {
			documented[strings.Trim(name, " `")] = strings.TrimSpace(cells[3])
		}
	}
	names, until := HolidayLists()
	for _, name := range names {
		if documented[name] != strconv.Itoa(until[name]) {
			t.Errorf("%s is known until %d, the documents say %q", name, until[name], documented[name])
		}
		delete(documented, name)
	}
	if len(documented) > 0 {
		t.Errorf("the documents list %v besides", documented)
	}
}
