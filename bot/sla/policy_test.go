package sla

import (
	"testing"
	"time"
)

func TestBuiltInPolicyIsSound(t *testing.T) {
	p := BuiltIn()
	again, err := Parse("text", p.Text())
	if err != nil {
		t.Fatalf("canonical text is refused: %v\n%s", err, p.Text())
	}
	if again.ID() != p.ID() {
		t.Errorf("canonical text gives another policy:\n%s\n%s", p.Text(), again.Text())
	}
	if r := p.Start(ClockResponse, Terms{Kind: "technical", Severity: "A", Calendar: "de"}, time.Unix(0, 0)); r.Budget != 2*time.Hour {
		t.Errorf("A has %v", r.Budget)
	}
}
