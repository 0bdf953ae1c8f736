package cards

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// TestWhyListsAMonthAndFitsIntoAMessage explains a budget of many days with two
// windows each, over a long holiday, to a reader of another zone.
func TestWhyListsAMonthAndFitsIntoAMessage(t *testing.T) {
	var closed []string
	for day := range 20 {
		closed = append(closed, time.Date(2026, 12, 24+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	policy, err := sla.Parse("test.yaml", []byte(`
clocks: {response: {targets: {noncritical: 15bd}}}
calendars:
  long: {zone: Asia/Kolkata, hours: {mon-fri: ["09:00-12:30", "13:15-17:45"]}, closed: [`+strings.Join(closed, ", ")+`]}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Languages() {
		s := world{t: t, w: i18n.For(lang, berlin(t))}
		tk := request.Ticket{Number: 1042, Title: strings.Repeat("Ж", 250), Kind: request.Technical, Severity: request.NonCritical}
		tk.Customer.Name, tk.Customer.Calendar = strings.Repeat("Ж", 120), "long"
		tk.Response = policy.Start(sla.ClockResponse, tk.Terms(), time.Date(2026, 12, 22, 8, 0, 0, 0, time.UTC))
		e := policy.Explain(tk.Response)
		if len(e.Counted) < 30 || len(e.Skipped) < 24 {
			t.Fatalf("%d spans, %d days", len(e.Counted), len(e.Skipped))
		}
		text, err := json.Marshal(Why(s.view(tk, request.Viewer{}, false), e, s.w))
		if err != nil || len(text) > Limit {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		for _, span := range e.Counted {
			if !strings.Contains(string(text), s.w.Clock(span.To)) {
				t.Errorf("the span to %s is missing", span.To)
			}
		}
		for _, day := range e.Skipped {
			if !strings.Contains(string(text), s.w.In(e.Zone).Day(day.Date)) {
				t.Errorf("%s is missing", day.Date)
			}
		}
	}
}

// TestAClockThatFilingStartsIsNoMissingTarget is about a policy that counts from
// filing: before it there is a target, and no due time yet.
func TestAClockThatFilingStartsIsNoMissingTarget(t *testing.T) {
	s := english(t)
	tk := s.vms()
	tk.Response, tk.MicrosoftCase = sla.Run{}, ""
	v := s.view(tk, request.Viewer{Person: mara}, false)
	for name, said := range map[string]string{
		"why": shown(t, Why(v, sla.BuiltIn().Explain(tk.Response), s.w)), "ticket": shown(t, Ticket(v, s.w)),
	} {
		if !strings.Contains(said, s.w.T("review.from_filing")) || strings.Contains(said, s.w.T("why.none")) {
			t.Errorf("%s says\n%s", name, said)
		}
	}
	tk.Response = sla.Run{Clock: sla.ClockResponse, Start: tk.OpenedAt, Basis: sla.NoTarget}
	v = s.view(tk, request.Viewer{Person: mara}, false)
	if said := shown(t, Why(v, sla.BuiltIn().Explain(tk.Response), s.w)) + shown(t, Ticket(v, s.w)); strings.Contains(said, s.w.T("review.from_filing")) {
		t.Errorf("what has no target waits for filing:\n%s", said)
	}
}
