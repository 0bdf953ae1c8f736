package notify_test

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/sla"
)

// both is a policy whose two clocks run out at one instant.
func (d *desk) both() {
	d.Helper()
	policy, err := sla.Parse("both.yaml", []byte(strings.Replace(policyText, "targets: {}", "targets: {A: 1h}", 1)))
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
