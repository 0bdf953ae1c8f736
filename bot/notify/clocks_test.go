package notify_test

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// both is a policy whose two clocks run out at one instant.
func (d *desk) both() { d.policy(strings.Replace(policyText, "targets: {}", "targets: {A: 1h}", 1)) }

// policy gives the desk another policy.
func (d *desk) policy(text string) {
	d.Helper()
	policy, err := sla.Parse("test.yaml", []byte(text))
	if err != nil {
		d.Fatal(err)
	}
	d.desk.Policy = policy
}

func TestNoClockSpeaksForAnother(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.both()
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.move(time.Hour)
		d.sweep()
		d.deliverWithin(time.Minute)
		for _, place := range []string{d.chat("Bob"), opened.Home.Conversation} {
			d.expect(place, "SR-1 is not filed with Microsoft")
			d.expect(place, "SR-1 is late")
		}
	})
}

// A bundle has one row for each ticket, that of its first response, whichever of
// its clocks speak.
func TestABundleNamesATicketOnce(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.both()
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		for range 3 {
			d.open(assignedTo(bob))
		}
		d.move(time.Hour)
		d.sweep()
		d.deliverWithin(time.Minute)
		bundle := d.expect(d.chat("Bob"), "SR-1", "SR-2", "SR-3", "3 requests are late")
		if strings.Contains(string(bundle.Raw), "not filed with Microsoft") {
			d.Errorf("the goal for filing stands for the first response: %s", bundle.Raw)
		}
	})
}

// A row about another clock than the first response says when that one was due:
// the row's own time is the response's.
func TestABundleSaysWhenAnotherClockWasDue(t *testing.T) {
	everyDesk(t, func(d *desk) {
		d.policy(`
clocks:
  response: {targets: {A: 3h}, warn: []}
  handoff: {targets: {A: 15m}}
`)
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		at := d.Now()
		for range 3 {
			d.open(assignedTo(bob), func(t *request.Ticket) { t.OpenedAt, t.StartedAt = at, at })
		}
		d.move(time.Hour) // nobody swept for three quarters of an hour
		d.settle()
		bundle := d.expect(d.chat("Bob"), "SR-1", "SR-2", "SR-3", "not filed with Microsoft")
		if n := strings.Count(string(bundle.Raw), "Late since Mon 10:15"); n != 3 {
			d.Errorf("%d rows say when filing was due: %s", n, bundle.Raw)
		}
	})
}

// TestAnOpenTicketKeepsItsPolicy changes the policy, in a new process that never
// saw the old file, while a ticket waits: its targets, warnings, repeats and ladder
// stay, and only the next ticket has the new ones. Severity changes by its own
// policy too.
func TestAnOpenTicketKeepsItsPolicy(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		first := d.desk.Policy
		if err := d.store.SavePolicy(d.Context(), first.ID(), first.Text()); err != nil {
			t.Fatal(err)
		}
		at := d.Now()
		d.open(assignedTo(bob), func(t *request.Ticket) { t.StartedAt = at })

		restarted := newTicketDesk(d, d.Now, "clocks: {response: {targets: {A: 6h, C: 7h}, warn: []}, handoff: {targets: {}}}\nescalate: []")
		restarted.Leads, restarted.EscalationConversation = d.desk.Leads, d.desk.EscalationConversation
		d.desk.Desk = restarted
		d.replicas = nil
		d.addReplica(d.store)
		d.open(assignedTo(bob), func(t *request.Ticket) { t.StartedAt = at })

		d.move(at.Add(30 * time.Minute).Sub(d.Now()))
		d.settle()
		d.expect(d.chat("Bob"), "SR-1", "due") // the old policy's warning
		lowered, err := d.desk.SetSeverity(d.Context(), bob, request.Move{Number: 1}, request.SeverityC, "better")
		if err != nil || !lowered.Response.Due.Equal(at.Add(4*time.Hour)) {
			t.Fatalf("due %v, %v", lowered.Response.Due, err)
		}
		d.move(at.Add(4 * time.Hour).Sub(d.Now()))
		d.settle()
		d.expect(d.chat("Bob"), "SR-1 is late")
		d.move(30 * time.Minute)
		d.settle()
		d.expect(d.chat("Lena Lead"), "SR-1 is still late")
		d.expectNone(d.chat("Bob"), "SR-2")
		d.move(at.Add(6 * time.Hour).Sub(d.Now()))
		d.settle()
		d.expect(d.chat("Bob"), "SR-2 is late")
	})
}
