package customer_test

import (
	"testing"

	"onbehalf/bot/customer"
)

func TestEachMarkIsPassedOnce(t *testing.T) {
	one := relationship("a", 70, customer.ServiceSupportAdministrator)
	c := customer.Customer{Rights: &customer.Rights{Relationships: []customer.Relationship{one}}}
	var marks []customer.Mark
	for day := range 120 {
		mark := c.MarkAt(noon.AddDate(0, 0, day))
		if len(marks) == 0 || marks[len(marks)-1] != mark {
			marks = append(marks, mark)
		}
	}
	want := []customer.Mark{"", "60@2027-02-06", "30@2027-02-06", "7@2027-02-06", "0@2027-02-06", ""}
	if len(marks) != len(want) {
		t.Fatalf("%q", marks)
	}
	for i := range want {
		if marks[i] != want[i] {
			t.Errorf("%q, want %q", marks, want)
		}
	}
	c.Rights.Relationships[0].Extends = true
	if mark := c.MarkAt(noon.AddDate(0, 0, 69)); mark != "" {
		t.Errorf("it extends itself: %q", mark)
	}
	c.Rights.Relationships[0].Status, c.Rights.Relationships[0].Over = "terminated", noon
	if mark := c.MarkAt(noon.AddDate(0, 0, 1)); mark != "0@2026-11-28" {
		t.Errorf("terminated: %q", mark)
	}
}
