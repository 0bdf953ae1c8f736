package dialogs_test

import (
	"slices"
	"testing"

	"onbehalf/bot/sla"
	"onbehalf/bot/teams/teamstest"
)

// Who files a request takes it with a tick on the review, in the same press.
func TestFilingTakesTheRequestWithOneTick(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Channel).As("Alice")
		filled(alice).ExpectValue("takeIt", "false").Fill("takeIt", "true").Press("intake/submit").Expect("SR-1", "Alice").ExpectButton("ticket/sheet")
		if got := d.one(); got.Assignee.Name != "Alice" || got.Revision != 1 {
			t.Errorf("assigned to %q, revision %d", got.Assignee.Name, got.Revision)
		}
		if got := d.entries(1); !slices.Equal(got, []string{"opened", "assigned"}) {
			t.Errorf("the history is %q", got)
		}
	})
}

// A policy makes that the default, which a person may take back.
func TestAPolicyTakesWhatOneFiles(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		policy, err := sla.Parse("policy.yaml", []byte("take_own: true\n"))
		if err != nil {
			t.Fatal(err)
		}
		d.desk.Policy = policy
		alice := d.Conversation(teamstest.Channel).As("Alice")
		filled(alice).ExpectValue("takeIt", "true").Press("intake/submit").Expect("SR-1")
		if got := d.tickets(); len(got) != 1 || got[0].Assignee.Name != "Alice" {
			t.Errorf("not taken: %+v", got)
		}
		filled(alice).Fill("takeIt", "false").Press("intake/submit").Expect("SR-2")
		if got := d.ticket(2); !got.Assignee.Nobody() {
			t.Errorf("taken by %s against their word", got.Assignee.Name)
		}
	})
}
