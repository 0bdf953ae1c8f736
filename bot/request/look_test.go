package request_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

func incident(a *intake.Answers) { a.Incident = "EX123456" }

// look gives the reminders to look again that still stand.
func (d *desk) look(t *request.Ticket) []string {
	var names []string
	for _, m := range d.Policy.Milestones(t.State()) {
		if m.Clock == sla.ClockIncident && !slices.Contains(t.Fired, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}

func TestFaultThatOutlivesAnAnnouncedIncidentIsLookedAtAgain_E12(t *testing.T) {
	d := openDesk(t)
	if plain := d.file(); len(d.look(plain)) != 0 {
		t.Errorf("reminders without an incident: %v", d.look(plain))
	}
	for status := range paths {
		t.Run(string(status), func(t *testing.T) {
			got := d.led(status, incident)
			want := 6
			if got.Over() {
				want = 0
			}
			if names := d.look(got); len(names) != want {
				t.Errorf("%d reminders, want %d: %v", len(names), want, names)
			}
		})
	}
	answered := d.led(request.InProgress, incident)
	if want := answered.OpenedAt.Add(4 * time.Hour); !answered.NextDueAt.Equal(want) {
		t.Errorf("an answered ticket speaks up at %s, want %s", answered.NextDueAt, want)
	}
	back := d.led(request.Resolved, incident)
	back = d.must(d.Reopen(t.Context(), lena, request.Move{Number: back.Number}, "still fails"))
	if names := d.look(back); len(names) != 0 || !back.NextDueAt.IsZero() {
		t.Errorf("reopening starts a clock: %v, next at %s", names, back.NextDueAt)
	}
}

func TestReportedEarlierStillLooksAgainFromTheOpening(t *testing.T) {
	d := openDesk(t)
	got := d.file(incident, func(a *intake.Answers) { a.ReportedAt = d.Now().Add(-24 * time.Hour).Format(time.RFC3339) })
	if want := got.OpenedAt.Add(4 * time.Hour); got.StartedAt.Equal(got.OpenedAt) || !got.IncidentReminder.Due.Equal(want) {
		t.Errorf("opened %s, started %s, looks at %s", got.OpenedAt, got.StartedAt, got.IncidentReminder.Due)
	}
}

func TestSeverityNeverRepeatsAReminder(t *testing.T) {
	d := openDesk(t)
	opened := d.led(request.Open, incident, func(a *intake.Answers) { a.Severity = "C" })
	d.pass(5 * time.Hour)
	fire := func() {
		err := d.Once(t.Context(), func(tx request.Tx) error {
			due, err := tx.DueTickets(t.Context(), d.Now(), 10)
			if err != nil {
				return err
			}
			for _, got := range due {
				for _, m := range got.DueMilestones(d.Policy, d.Now()) {
					got.Fired = append(got.Fired, m.Name)
				}
				got.Plan(d.Policy)
			}
			return tx.KeepFired(t.Context(), due, nil)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	fire()
	for _, to := range []request.Severity{"B", "A", "noncritical", "A", "C"} {
		got := d.must(d.SetSeverity(t.Context(), bob, request.Move{Number: opened.Number}, to, "because"))
		names := d.look(got)
		if slices.Contains(names, "incident/look/1") || len(names) != 5 {
			t.Errorf("as %s: %v, fired %v", to, names, got.Fired)
		}
		for _, m := range got.DueMilestones(d.Policy, d.Now()) {
			if strings.HasPrefix(m.Name, "incident/") {
				t.Errorf("as %s: %s is due at once", to, m.Name)
			}
		}
	}
}

// What was typed before the kind or the customer changed is on no review, so it is
// neither filed nor acted upon; the form still has it.
func TestWhatIsNotAskedIsNotFiled(t *testing.T) {
	d := openDesk(t)
	got := d.file(incident, func(a *intake.Answers) {
		a.Kind, a.Tried, a.Reason, a.SupportPlan, a.PlanKind, a.AccessConfirmed, a.Reachable = "billing", "password: Sommer2026", "why", "4711", "premier", "true", "true"
		a.Production = "down"
	})
	if want := (request.Details{SubscriptionID: got.Details.SubscriptionID}); !reflect.DeepEqual(got.Details, want) {
		t.Errorf("filed with %+v", got.Details)
	}
	if names := d.look(got); len(names) > 0 {
		t.Errorf("reminders %v", names)
	}
	if got.Severity != request.NonCritical || !got.Response.BusinessDay {
		t.Errorf("billing goes the same way, without a severity (R4): %s, %+v", got.Severity, got.Response)
	}
}
