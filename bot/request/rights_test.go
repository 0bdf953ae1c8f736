package request

import (
	"testing"
	"time"

	"onbehalf/bot/sla"
)

func TestWhoSeesAFraudCase_R5(t *testing.T) {
	kept := Ticket{
		Kind: Fraud, Requester: Person{ID: "requester"}, Assignee: Person{ID: "assignee"},
		Watchers: []Watcher{
			{Person{ID: "added"}, "requester"},
			{Person{ID: "self"}, "self"}, // watched it before it was a fraud case
			{Person{ID: "nobody knows who"}, ""},
		},
	}
	for id, want := range map[string]bool{
		"requester": true, "assignee": true, "added": true, "self": false, "nobody knows who": false, "other": false, "": false,
	} {
		if got := VisibleTo(kept, Viewer{Person: Person{ID: id}}); got != want {
			t.Errorf("%q sees it: %v, want %v", id, got, want)
		}
	}
	if !VisibleTo(kept, Viewer{Person: Person{ID: "other"}, Lead: true}) {
		t.Error("a lead does not see it")
	}
	if VisibleTo(kept, Viewer{Lead: true}) {
		t.Error("nobody leads the desk")
	}
	kept.Requester, kept.Assignee, kept.Watchers = Person{}, Person{}, []Watcher{{}}
	if VisibleTo(kept, Viewer{}) {
		t.Error("nobody is nobody's requester")
	}
	kept.Kind = Technical
	if !VisibleTo(kept, Viewer{Person: Person{ID: "other"}}) {
		t.Error("other kinds are for the whole desk")
	}
}

func TestVerbsThatMoveNothingAreForThoseWhoSee(t *testing.T) {
	d := &Desk{}
	kept := Ticket{Number: 7, Kind: Fraud, Status: Open, Requester: Person{ID: "requester"}}
	for _, verb := range []string{"ticket/history", "ticket/show", "ticket/refresh", "ticket/resolve", "forged"} {
		if err := d.MayDo(kept, Person{ID: "other"}, verb); err == nil {
			t.Errorf("a stranger may %s", verb)
		}
	}
	if err := d.MayDo(kept, Person{ID: "requester"}, "ticket/history"); err != nil {
		t.Error(err)
	}
}

func TestNextDueNeverComesBeforeItsMilestone(t *testing.T) {
	policy, err := sla.Parse("odd.yaml", []byte("clocks:\n  response:\n    targets: {A: 7s}\n    warn: [33%]\n"))
	if err != nil {
		t.Fatal(err)
	}
	kept := Ticket{Kind: Technical, Severity: SeverityA, Language: "en", OpenedAt: noon, StartedAt: noon.Add(333 * time.Microsecond)}
	kept.Start(policy)
	if due := kept.DueMilestones(policy, kept.NextDueAt); len(due) != 1 || due[0].Kind != sla.Warn {
		t.Errorf("at %v due are %v", kept.NextDueAt, due)
	}
	if kept.NextDueAt.Truncate(time.Millisecond) != kept.NextDueAt {
		t.Errorf("%v is not kept in milliseconds", kept.NextDueAt)
	}
	for _, m := range policy.Milestones(kept.State()) {
		kept.Fired = append(kept.Fired, m.Name)
	}
	if kept.Plan(policy); !kept.NextDueAt.IsZero() {
		t.Errorf("everything is done with, but next is %v", kept.NextDueAt)
	}
}
