package request_test

import (
	"testing"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

func TestNewFormAsksOnlyForWhatIsMissing(t *testing.T) {
	d := openDesk(t)
	slots := intake.Answers{Customer: "contoso", Platform: "azure", Severity: "А", Title: "VMs do not start"}
	draft, check, err := intake.Desk{Desk: d.Desk.Desk}.NewDraft(t.Context(), d.Store, alice, request.Place{Conversation: channel}, "en", "", request.Contact{}, slots)
	if err != nil {
		t.Fatal(err)
	}
	if draft.Step != intake.StepWhat || check.Open != "description" || draft.Answers.Customer != contosoID || check.Customer.Name != "Contoso Ltd" {
		t.Errorf("step %s, open %s, customer %s", draft.Step, check.Open, draft.Answers.Customer)
	}
	if draft.Answers.Kind != "technical" || draft.Answers.ContactEmail != alice.Email || draft.Answers.ContactName != "Alice" {
		t.Errorf("filled in: %+v", draft.Answers)
	}
	if anew, err := d.Check(t.Context(), *draft); err != nil || anew.Open != check.Open || anew.Next != check.Next {
		t.Errorf("looked at again, open %s, next %s (%v)", anew.Open, anew.Next, err)
	}
	if kept := d.session("").Draft; kept != nil {
		t.Errorf("nobody has kept it, but there is %+v", kept)
	}
}

func TestNewFormHasTheContactOfTheLast(t *testing.T) {
	d := openDesk(t)
	d.file(func(a *intake.Answers) {
		a.ContactName, a.ContactEmail, a.ContactPhone = "Night desk", "night@partner.example", "+49 30 1234567"
	})
	home := request.Place{Conversation: channel}
	draft, _, err := intake.Desk{Desk: d.Desk.Desk}.NewDraft(t.Context(), d.Store, alice, home, "en", "", d.session("").Contact, answers())
	if a := draft.Answers; err != nil || a.ContactName != "Night desk" || a.ContactEmail != "night@partner.example" || a.ContactPhone != "+49301234567" {
		t.Errorf("filled in: %+v (%v)", a, err)
	}
}

func TestContactStepComesWhenNobodyKnowsTheAddress(t *testing.T) {
	d := openDesk(t)
	nameless := request.Person{ID: "id-x", Tenant: ownTenant, Name: "X"}
	draft, err := d.NewDraft(t.Context(), nameless, request.Place{Conversation: channel}, "en", "", answers())
	if err != nil {
		t.Fatal(err)
	}
	if check, err := d.Check(t.Context(), *draft); err != nil || draft.Step != intake.StepContact || check.Open != "contactEmail" {
		t.Errorf("step %s, open %s (%v)", draft.Step, check.Open, err)
	}
}
