package notify_test

import (
	"slices"
	"testing"
	"time"

	"onbehalf/bot/incident"
	"onbehalf/bot/notify"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// said is what Microsoft says of the incident that tickets keep, at some time after nine.
func said(status string, after time.Duration) incident.Incident {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Add(after)
	return incident.Incident{ID: incidentID, Title: "VMs fail", Status: status, Modified: at, Posted: at, Post: "We're at " + status + ".", Over: incident.EndedBy(status)}
}

// hear has every replica tell of an incident, and delivers.
func (d *desk) hear(i incident.Incident) {
	d.Helper()
	for range len(d.replicas) {
		if err := (notify.Incidents{Store: d.store, Desk: d.desk.Desk}).Tell(d.Context(), i); err != nil {
			d.Fatal(err)
		}
	}
	d.settle()
	d.settle()
}

func TestARequestHearsOfItsIncidentOnce_E12(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.addReplica(d.store)
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), answered, d.incident)
		plain := d.open(assignedTo(bob), answered)
		fraud := d.open(answered, func(t *request.Ticket) { t.Kind, t.Severity = request.Fraud, request.NonCritical }, d.incident)
		done := d.open(answered, d.incident)
		if _, err := d.desk.Resolve(t.Context(), d.person("Alice"), request.Move{Number: done.Number}, ""); err != nil {
			t.Fatal(err)
		}
		d.settle()
		const restoring = "seen from your own tenant: service is being restored"
		d.hear(said("restoringservice", time.Minute))
		for _, place := range []string{opened.Home.Conversation, d.chat("Bob")} {
			d.expect(place, "SR-1", incidentID, restoring, "We're at restoringservice.")
		}
		d.expectNone(plain.Home.Conversation, restoring)
		d.expectNone(done.Home.Conversation, restoring)
		d.expectNone(fraud.Home.Conversation, restoring) // a line that tells nothing of it
		d.expect(fraud.Home.Conversation, "SR-3 has changed")
		if got := d.history(opened.Number); !slices.Contains(got, "incident") || d.ticket(opened.Number).Revision != 2 {
			t.Errorf("history %v", got)
		}

		// The same again later is no news, the next post is.
		d.move(time.Hour)
		d.hear(said("restoringservice", time.Minute))
		d.expect(opened.Home.Conversation, restoring)
		d.hear(said("verifyingservice", time.Hour))
		d.expect(opened.Home.Conversation, "repair is being checked")
	})
}

func TestAnIncidentThatIsOverIsAskedAboutAtOnceAndNoMore_E12(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.addReplica(d.store)
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob), answered, d.incident)
		const over = incidentID + " is over. Is it still broken?"
		d.move(time.Hour)
		d.hear(said("servicerestored", time.Hour))
		for _, place := range []string{opened.Home.Conversation, d.chat("Bob")} {
			d.expect(place, "SR-1", over, "https://portal.azure.com/")
			d.expectNone(place, "Microsoft ended incident") // the question says it
		}
		if got := d.history(opened.Number); !slices.Contains(got, "incident_over") || !slices.Contains(got, "reminded") {
			t.Errorf("history %v", got)
		}
		if got := d.ticket(opened.Number); !got.NextDueAt.IsZero() {
			t.Errorf("the clock asks again at %s", got.NextDueAt)
		}
		d.move(24 * time.Hour)
		d.settle()
		d.expect(opened.Home.Conversation, over)
		d.expectNone(opened.Home.Conversation, "SR-1: "+stillBroken)

		// It breaks again: the clock runs on, and the next end is asked about too.
		d.hear(said("servicedegradation", 25*time.Hour))
		if got := d.ticket(opened.Number); !got.IncidentOverAt.IsZero() {
			t.Error("the incident is open again")
		}
		d.hear(said("servicerestored", 26*time.Hour))
		want := []string{"incident_over", "reminded", "incident", "incident_over", "reminded"}
		if got := d.history(opened.Number); !slices.Equal(got, want) {
			t.Errorf("history %v", got)
		}
	})
}

func TestWithoutRemindersTheEndIsALine(t *testing.T) {
	everyDesk(t, func(d *desk) {
		opened := d.open(answered, d.incident, func(t *request.Ticket) { t.IncidentReminder = sla.Run{} })
		d.hear(said("servicerestored", time.Hour))
		d.expect(opened.Home.Conversation, "Microsoft ended incident "+incidentID, "service restored", "Is it still broken?")
	})
}

func TestLeadsHearThatServiceHealthIsForbidden(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.tx(func(tx request.Tx) error {
			for _, n := range notify.ForbiddenNotices(d.desk.Desk, request.HealthForbidden, d.Now()) {
				if err := tx.Notify(d.Context(), n); err != nil {
					return err
				}
			}
			return nil
		})
		d.settle()
		d.expect(d.chat("Lena Lead"), "ServiceHealth.Read.All")
	})
}
