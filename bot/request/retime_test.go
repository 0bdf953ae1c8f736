package request_test

import (
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// TestAcknowledgementsAfterAChange: who moves a clock hears of the new one; a
// breach that still stands stays acknowledged.
func TestAcknowledgementsAfterAChange(t *testing.T) {
	d := openDesk(t)
	opened := d.led(request.Open) // B, due after four hours
	m := request.Move{Number: opened.Number}
	d.pass(2*time.Hour + time.Minute)
	fireAll(d, opened.Number)
	d.must(d.Ack(t.Context(), bob, m))
	lowered := d.must(d.SetSeverity(t.Context(), bob, m, "C", "better"))
	if !lowered.WarningAckedAt.IsZero() || !lowered.NextDueAt.Equal(opened.StartedAt.Add(4*time.Hour)) {
		t.Errorf("the new clock's warning is acknowledged already, next is %v", lowered.NextDueAt)
	}

	d.pass(7 * time.Hour) // C ran out after eight hours
	fireAll(d, opened.Number)
	if acked := d.must(d.Ack(t.Context(), bob, m)); acked.BreachAckedAt.IsZero() {
		t.Fatal("the breach is not acknowledged")
	}
	raised := d.must(d.SetSeverity(t.Context(), bob, m, "A", "worse"))
	if raised.BreachAckedAt.IsZero() || !raised.Response.Due.Equal(lowered.Response.Due) {
		t.Errorf("late before and after, due %v, but acknowledged %v", raised.Response.Due, raised.BreachAckedAt)
	}
	again := d.must(d.SetSeverity(t.Context(), bob, m, "noncritical", "only a question"))
	if !again.Response.Due.After(d.Now()) || !again.BreachAckedAt.IsZero() {
		t.Errorf("due %v, and its breach is acknowledged at %v", again.Response.Due, again.BreachAckedAt)
	}
}

// TestFilingStartsNoClockOfWhatWasAnswered is about a policy that counts from
// filing: what the desk has answered by itself owes no first answer any more.
func TestFilingStartsNoClockOfWhatWasAnswered(t *testing.T) {
	d := openDesk(t)
	policy, err := sla.Parse("filed.yaml", []byte("clocks: {response: {starts: filed}}"))
	if err != nil {
		t.Fatal(err)
	}
	d.Policy = policy
	for _, answered := range []bool{false, true} {
		m := request.Move{Number: d.led(request.Open).Number}
		if answered {
			d.must(d.Respond(t.Context(), bob, m, "we know"))
		}
		d.pass(time.Hour)
		filed := d.must(d.File(t.Context(), bob, m, "2611230050001234", time.Time{}))
		if filed.Response.None() != answered || filed.Microsoft.None() {
			t.Errorf("answered before: %v, but the response is due %v and Microsoft's %v", answered, filed.Response.Due, filed.Microsoft.Due)
		}
	}
}
