package notify_test

import (
	"strings"
	"testing"
	"time"
)

// After a downtime the goal for filing and the warning of the first response are
// past at once. Neither stands for the other.
func TestNoClockSpeaksForAnother(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		opened := d.open(assignedTo(bob))
		d.move(70 * time.Minute) // filing was due after 15 minutes, and half of the two hours has gone after 60
		d.settle()
		for _, place := range []string{d.chat("Bob"), opened.Home.Conversation} {
			d.expect(place, "SR-1 is not filed with Microsoft")
			d.expect(place, "SR-1: response due")
		}
		if got := strings.Join(d.history(1), " "); strings.Count(got, "handoff/breach") != 1 || strings.Count(got, "response/warn/1") != 1 {
			d.Errorf("history is %s", got)
		}
	})
}

// A bundle has one row for each ticket, whichever of its clocks speak.
func TestABundleNamesATicketOnce(t *testing.T) {
	everyDesk(t, func(d *desk) {
		bob := d.person("Bob")
		d.teams.InstallFor(d.teams.Person("Bob"))
		for range 3 {
			d.open(assignedTo(bob))
		}
		d.move(70 * time.Minute)
		d.settle()
		bundle := d.expect(d.chat("Bob"), "SR-1", "SR-2", "SR-3")
		if rows := strings.Count(string(bundle.Raw), `"number":2`); rows > 2 { // the row's button and its fallback
			d.Errorf("SR-2 stands there %d times: %s", rows, bundle.Raw)
		}
		if !strings.Contains(string(bundle.Raw), "3 ") || strings.Contains(string(bundle.Raw), "6 ") {
			d.Errorf("a bundle of three says %s", bundle.Raw)
		}
	})
}
