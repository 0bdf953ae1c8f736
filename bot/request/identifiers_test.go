package request

import (
	"testing"
	"time"

	"onbehalf/bot/customer"
)

func TestNumbersAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string]Number{
		"SR-1": 1, "sr1": 1, "SR 1": 1, "#1": 1, "1": 1, " sr-42 ": 42, "SR–7": 7, "#SR-3": 3, "１２": 12, "Sr #8": 8,
	} {
		if got, ok := ParseNumber(typed); !ok || got != want {
			t.Errorf("ParseNumber(%q) = %v, %v, want %v", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", "SR", "SR-", "0", "-1", "SR-0", "1.5", "1a", "SR-1 SR-2", "99999999999999999999", "١", "SR 12345678", "1234567"} {
		if got, ok := ParseNumber(typed); ok {
			t.Errorf("ParseNumber(%q) = %v, want none", typed, got)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"SR-1", "sr 22", "#3", "", "SR-", "9999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := ParseNumber(s)
		if !ok {
			if n != 0 {
				t.Fatalf("refused %q, but gave %v", s, n)
			}
			return
		}
		if n <= 0 {
			t.Fatalf("%q gave %d", s, n)
		}
		if again, ok := ParseNumber(n.String()); !ok || again != n {
			t.Fatalf("%q gave %v, which reads back as %v", s, n, again)
		}
	})
}

func TestSeverityTakesCyrillicLetters(t *testing.T) {
	for typed, want := range map[string]Severity{
		"A": SeverityA, "b": SeverityB, "С": SeverityC, "В": SeverityB, "а": SeverityA, "в": SeverityB, "NonCritical": NonCritical,
	} {
		if got, ok := ParseSeverity(typed); !ok || got != want {
			t.Errorf("ParseSeverity(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
	for typed, want := range map[string]Severity{
		"Sev A": SeverityA, "sev. b": SeverityB, "Severity A": SeverityA, "A - Critical": SeverityA, "A – Critical impact": SeverityA, "Schweregrad B": SeverityB,
		"moderate": SeverityB, "mittlere Auswirkungen": SeverityB, "Минимальное влияние": SeverityC, "уровень серьёзности С": SeverityC, "критический": SeverityA,
		"A – Critical: production is down. First response within 2 hours": SeverityA, "unkritisch": NonCritical,
	} {
		if got, ok := ParseSeverity(typed); !ok || got != want {
			t.Errorf("ParseSeverity(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"АВС", "D", "", "AA", "P1", "Sev 1", "high", "urgent", "A critical bug", "B - critical", "1"} {
		if got, ok := ParseSeverity(typed); ok {
			t.Errorf("ParseSeverity(%q) = %q, want none", typed, got)
		}
	}
}

func TestMicrosoftNumbers(t *testing.T) {
	for typed, want := range map[string]string{
		"119120321001170": "119120321001170", "TrackingID#2401150050001234": "2401150050001234", "615112491169010": "615112491169010",
		"SR 12345678": "12345678", "#12345678": "12345678", "Case 2611 2300 4000 0052": "2611230040000052",
		"RE: [EXTERNAL] Mailbox full - TrackingID#2609140050003837": "2609140050003837", "2609 1400 5000 3837,": "2609140050003837",
		"Case 2609140050003837  Your question was successfully submitted": "2609140050003837", "2609\u00a01400\u20095000\u20113837)": "2609140050003837",
		"TrackingID#2609140050003837001": "2609140050003837001", "AW: ... - Tracking ID: 2609140050003837 (2 files)": "2609140050003837",
		"Номер запроса: 2609140050003837": "2609140050003837", "Support request ID 119120321001170": "119120321001170", "SR-2609140050003837": "2609140050003837",
		"Fallnummer 2609140050003837.": "2609140050003837", "２６０９１４００５０００３８３７": "2609140050003837", "we filed 2609140050003837 in the portal": "2609140050003837",
		"case: 2611-2300-4000-0052": "2611230040000052", "sr#1234567": "1234567", "Ticket № 12345678": "12345678",
	} {
		got, problem := ParseCase(typed)
		if problem != nil || got != want {
			t.Errorf("ParseCase(%q) = %q, %+v, want %q", typed, got, problem, want)
		}
	}
	for typed, want := range map[string]string{
		"SR 12-34": "case_length", "": "required", "SR": "required", "123456": "case_length", "123456789012345678901": "case_length",
		"12345678x": "case_shape", "http://1234567": "case_shape", "+49 30 901820 12345": "case_shape", "cases 2609140050003837 and 2609150050001122": "case_many", "١٢٣٤٥٦٧٨": "case_shape",
	} {
		if got, problem := ParseCase(typed); problem == nil || problem.Code != want {
			t.Errorf("ParseCase(%q) = %q, %+v, want %s", typed, got, problem, want)
		}
	}
}

func TestUnusualMicrosoftNumbersAreToldOf(t *testing.T) {
	for _, tc := range []struct {
		platform     customer.Platform
		digits, want string
	}{
		{customer.Azure, "119120321001170", ""}, {customer.Azure, "2401150050001234", ""}, {customer.Office365, "615112491169010", ""}, {customer.Office365, "12345678", ""},
		{customer.Office365, "615139991169010", "case_month"}, {customer.Azure, "2413150050001234", "case_month"}, {customer.Azure, "2402310050001234", "case_unusual"},
		{customer.Azure, "12345678", "case_unusual"}, {customer.EMS, "12345678901234567", "case_unusual"},
	} {
		got := ""
		if w := caseWarning(tc.platform, tc.digits); w != nil {
			got = w.Code
		}
		if got != tc.want {
			t.Errorf("caseWarning(%s, %s) = %q, want %q", tc.platform, tc.digits, got, tc.want)
		}
	}
}

func TestTimesAsPeopleTypeThem(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) // 13:00 in Berlin
	for typed, want := range map[string]string{
		"2026-11-22T06:00:00+03:00": "2026-11-22T03:00:00Z",
		"2026-11-22 09:30":          "2026-11-22T08:30:00Z",
		"2026-11-22T09:30":          "2026-11-22T08:30:00Z",
		"22.11.2026 09:30":          "2026-11-22T08:30:00Z",
		"12:59":                     "2026-11-22T11:59:00Z",
		"13:01":                     "2026-11-22T12:01:00Z", // our clocks may differ by that much
		"14:00":                     "2026-11-22T13:00:00Z", // still to come, which callers refuse
		"02:00":                     "2026-11-22T01:00:00Z",
		"23:50":                     "2026-11-22T22:50:00Z",
		"um 12:05 Uhr":              "2026-11-22T11:05:00Z",
		"at 12:05 p.m.":             "2026-11-22T11:05:00Z",
		"в 12:05":                   "2026-11-22T11:05:00Z",
		"11:05 AM":                  "2026-11-22T10:05:00Z",
		"9am":                       "2026-11-22T08:00:00Z",
		"12.05 Uhr":                 "2026-11-22T11:05:00Z",
		"yesterday 23:50":           "2026-11-21T22:50:00Z",
		"gestern um 23:50":          "2026-11-21T22:50:00Z",
		"вчера в 23:50":             "2026-11-21T22:50:00Z",
		"yesterday 14":              "2026-11-21T13:00:00Z",
		"gestern um 14 Uhr":         "2026-11-21T13:00:00Z",
		"вчера в 14 часов":          "2026-11-21T13:00:00Z",
		"9 Uhr":                     "2026-11-22T08:00:00Z",
		"2026-11-22 9:30 am":        "2026-11-22T08:30:00Z",
		"22.11.2026, 09:30":         "2026-11-22T08:30:00Z",
		"22/11/2026 09:30":          "2026-11-22T08:30:00Z",
		"22.11. 09:30":              "2026-11-22T08:30:00Z",
		"22 Nov 09:30":              "2026-11-22T08:30:00Z",
		"31.12. 23:10":              "2026-12-31T22:10:00Z", // nearer than the last one, and still to come
		"23.6. 23:10":               "2026-06-23T21:10:00Z",
	} {
		got, ok := ParseTime(typed, berlin, now)
		if !ok || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("ParseTime(%q) = %v, %v, want %s", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", "yesterday", "yesterday 25", "14", "25:00", "2026-13-01 10:00", "2026-11-22", "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "29.2. 10:00", "29 Feb 10:00", "31.11. 10:00"} {
		if got, ok := ParseTime(typed, berlin, now); ok {
			t.Errorf("ParseTime(%q) = %v, want none", typed, got)
		}
	}
}

func TestTheLeapDayIsTakenInItsYear(t *testing.T) {
	for now, want := range map[time.Time]string{
		time.Date(2028, 3, 1, 12, 0, 0, 0, time.UTC): "2028-02-29T10:00:00Z",
		time.Date(2029, 1, 1, 12, 0, 0, 0, time.UTC): "2028-02-29T10:00:00Z", // the last one
	} {
		if got, ok := ParseTime("29.2. 10:00", time.UTC, now); !ok || got.Format(time.RFC3339) != want {
			t.Errorf("in %s: %s, %v", now, got, ok)
		}
	}
}
