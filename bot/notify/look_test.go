package notify_test

import (
	"slices"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// The words of a reminder to look again, and the incident that it is about.
const (
	stillBroken = "is it still broken?"
	manyBroken  = "are they still broken?"
	incidentID  = "EX123456"
)

// incident is a ticket that keeps an announced incident.
func (d *desk) incident(t *request.Ticket) {
	t.Customer.Cloud = customer.Global
	t.Details.HealthChecked, t.Details.Incident = "incident", incidentID
	t.IncidentReminder = d.desk.Policy.Start(sla.ClockIncident, t.Terms(), t.OpenedAt)
}

func answered(t *request.Ticket) { t.RespondedAt = t.OpenedAt }

func TestAReminderToLookAgainReachesAssigneeAndThread_E12(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), answered, d.incident)
		plain := d.open(assignedTo(bob), answered)
		d.move(opened.OpenedAt.Add(4*time.Hour - time.Second).Sub(d.Now()))
		d.settle()
		d.expectNone(d.chat("Bob"), "SR-1")

		d.move(opened.OpenedAt.Add(4 * time.Hour).Sub(d.Now()))
		d.settle()
		d.settle()
		d.expect(d.chat("Bob"), "SR-1", stillBroken, incidentID, "https://portal.azure.com/")
		d.expect(opened.Home.Conversation, "SR-1", stillBroken)
		for _, elsewhere := range []string{d.chat("Alice"), d.chat("Lena Lead"), d.desk.DeskConversation, d.desk.EscalationConversation} {
			d.expectNone(elsewhere, stillBroken)
		}
		d.expectNone(plain.Home.Conversation, stillBroken)
		if got := d.ticket(opened.Number); !got.NextDueAt.Equal(opened.OpenedAt.Add(8 * time.Hour)) {
			t.Errorf("next at %s", got.NextDueAt)
		}
		if got := d.history(opened.Number); !slices.Contains(got, "reminded") {
			t.Errorf("history %v", got)
		}
	})
}

func TestWithoutAnAssigneeTheRequesterLooksAgain(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open(answered, d.incident)
		d.move(4 * time.Hour)
		d.settle()
		d.expect(d.chat("Alice"), "SR-1", stillBroken)
		d.expect(opened.Home.Conversation, "SR-1", stillBroken)
		d.expectNone(d.chat("Lena Lead"), stillBroken)
		d.expectNone(d.desk.DeskConversation, stillBroken)
	})
}

func TestDowntimeRemindsOnce(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), answered, d.incident)
		d.move(10 * time.Hour)
		d.settle()
		d.settle()
		d.expect(d.chat("Bob"), stillBroken)
		d.expect(opened.Home.Conversation, stillBroken)
		got := d.ticket(opened.Number)
		if !got.NextDueAt.Equal(opened.OpenedAt.Add(12*time.Hour)) || !slices.Contains(got.Fired, "incident/look/1") {
			t.Errorf("next at %s, fired %v", got.NextDueAt, got.Fired)
		}
	})
}

func TestNeitherReminderNorBreachStandsForTheOther(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), d.incident)
		d.move(10 * time.Hour)
		d.settle()
		d.settle()
		for _, place := range []string{d.chat("Bob"), opened.Home.Conversation} {
			d.expect(place, "SR-1 is still late")
			d.expect(place, stillBroken)
		}
		for _, place := range []string{d.chat("Lena Lead"), d.desk.EscalationConversation} {
			d.expect(place, "SR-1 is still late")
			d.expectNone(place, stillBroken)
		}
	})
}

func TestRemindersOfManyAreOneCardAndNoBreachIsAmongThem(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		first := d.Now()
		for range 3 {
			d.open(assignedTo(bob), answered, func(t *request.Ticket) { t.OpenedAt, t.StartedAt = first, first }, d.incident)
		}
		d.open(assignedTo(bob), func(t *request.Ticket) {
			t.OpenedAt, t.StartedAt = first.Add(3*time.Hour), first.Add(3*time.Hour)
			t.Fired = []string{"response/warn/1"}
		})
		d.move(first.Add(4 * time.Hour).Sub(d.Now()))
		d.settle()
		d.expect(d.chat("Bob"), "3 requests", manyBroken)
		late := d.expect(d.chat("Bob"), "SR-4 is late")
		if n := len(d.in(d.chat("Bob"), manyBroken)); n != 1 {
			t.Errorf("%d reminders\n%s", n, d.events())
		}
		if late.Summary != "SR-4 is late" {
			t.Errorf("the breach says %q", late.Summary)
		}
	})
}

func TestNobodyIsRemindedOfWhatIsResolved(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), answered, d.incident)
		d.move(4 * time.Hour)
		d.sweep()
		if _, err := d.desk.Resolve(t.Context(), bob, request.Move{Number: opened.Number}, ""); err != nil {
			t.Fatal(err)
		}
		d.settle()
		if _, err := d.desk.Reopen(t.Context(), bob, request.Move{Number: opened.Number}, ""); err != nil {
			t.Fatal(err)
		}
		d.move(20 * time.Hour)
		d.settle()
		d.expectNone(d.chat("Bob"), stillBroken)
		d.expectNone(opened.Home.Conversation, stillBroken)
	})
}

func TestAChangeOfSeverityRepeatsNoReminder(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), func(t *request.Ticket) { t.Severity = request.SeverityC }, d.incident)
		d.move(opened.OpenedAt.Add(4 * time.Hour).Sub(d.Now()))
		d.settle()
		for _, to := range []request.Severity{request.SeverityB, request.NonCritical, request.SeverityA} {
			if _, err := d.desk.SetSeverity(t.Context(), bob, request.Move{Number: opened.Number}, to, "because"); err != nil {
				t.Fatal(err)
			}
			d.settle()
		}
		if got := d.ticket(opened.Number); got.Epoch == 0 {
			t.Error("no clock moved")
		}
		d.expect(d.chat("Bob"), stillBroken)
		d.expect(opened.Home.Conversation, stillBroken)
	})
}

func TestTheBusinessClockRemindsNobodyAtNight(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), answered, func(t *request.Ticket) { t.Language = "de" }, d.incident) // Monday, 10:00 in Berlin
		for range 7 {                                                                                          // until 06:00 on Tuesday
			d.move(3 * time.Hour)
			d.settle()
		}
		d.expect(d.chat("Bob"), stillBroken)
		if got := d.ticket(opened.Number); !got.NextDueAt.Equal(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC).Add(opened.OpenedAt.Sub(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)))) {
			t.Errorf("next at %s", got.NextDueAt)
		}
	})
}

func TestAReminderInASharedPlaceTellsNothingOfFraud_R5(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open(answered, func(t *request.Ticket) { t.Kind, t.Severity = request.Fraud, request.NonCritical }, d.incident)
		d.move(30 * time.Hour)
		d.settle()
		d.expect(opened.Home.Conversation, "SR-1", stillBroken)
		for _, told := range []string{incidentID, "Contoso", "VMs do not start"} {
			d.expectNone(opened.Home.Conversation, told, stillBroken)
		}
	})
}
