package dialogs_test

import (
	"slices"
	"strings"
	"testing"

	"onbehalf/bot/teams/teamstest"
)

// Who files in the Azure portal confirms the plan that a customer's request has.
// It is asked, not forced: without it the number is kept, and the card says so.
func TestThePlanIsConfirmedWithMicrosoftsNumber_R14(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		sheet := opened(alice).Press("ticket/assign", "to", "me").Press("ticket/sheet").ExpectInput("planConfirmed").Expect("Cloud Solution Provider")
		if !slices.ContainsFunc(sheet.Texts(), func(said string) bool { return said == "Choose: Support plan  Cloud Solution Provider" }) {
			t.Errorf("the plan is not there to be chosen: %q", sheet.Texts())
		}
		wrong := sheet.Fill("planConfirmed", "true").Fill("microsoftCase", "12").Press("ticket/file").ExpectValue("planConfirmed", "true")
		wrong.Fill("microsoftCase", "119120321001170").Press("ticket/file").Expect("119120321001170").ExpectNot("is not confirmed")
		if got := d.one(); !got.Details.PlanConfirmed {
			t.Errorf("the tick is not kept: %+v", got.Details)
		}

		unticked := opened(alice).Press("ticket/assign", "to", "me").Press("ticket/sheet").Fill("microsoftCase", "119120321001171").Press("ticket/file")
		unticked.Expect("119120321001171", "The support plan is not confirmed")
		alice.Say("status 2").ExpectCard("119120321001171").ExpectNot("is not confirmed") // said once, to who filed it

		opened(alice)
		alice.Say("file 3 119120321001172").ExpectCard("119120321001172", "The support plan is not confirmed")
		room := d.Conversation(teamstest.GroupChat).As("Alice")
		opened(room)
		room.Say("@onbehalf file 4 119120321001173").ExpectText("SR-4", "has to be Cloud Solution Provider")
		alice.Say("new contoso.example ems C Slow").ExpectCard("description").Fill("description", "All of it").
			Press("intake/next").Press("intake/submit").Press("ticket/assign", "to", "me").Press("ticket/sheet").ExpectNot("Cloud Solution Provider")
	})
}

// The partner's own tenant needs no record: it can be chosen in the form, found by
// typing, and is filed with a plan of one's own, the bare portal and no CSP plan.
func TestOnesOwnTenantIsChosenLikeACustomer_R42_R43(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		found := alice.Search("customers", "own ten")
		if len(found) != 1 || found[0].Value != teamstest.Tenant || !strings.HasPrefix(found[0].Title, "Your own tenant") {
			t.Errorf("found %+v", found)
		}
		if found := alice.Search("customers", teamstest.Tenant[:8]); len(found) != 1 {
			t.Errorf("by its id: %+v", found)
		}
		form := alice.Say("new").ExpectCard("Your own tenant").Fill("customer", teamstest.Tenant).Fill("platform", "azure").Fill("severity", "C")
		what := form.Press("intake/next", "ask", "").Fill("title", "VMs do not start").Fill("description", "All of them").Fill("subscriptionId", contosoSub)
		what = what.Fill("planKind", "mpn_contract").Fill("supportPlan", "Cloud Solution Provider").Press("intake/next").Expect("(fix this)", "covers customers only")
		review := what.Fill("supportPlan", "MPN-7654321").Press("intake/next").ExpectButton("intake/submit").Expect("••••4321").ExpectNot("MPN-7654321")
		sheet := review.Press("intake/submit").ExpectNot("7654321").Press("ticket/assign", "to", "me").ExpectNot("7654321").Press("ticket/sheet")
		sheet.Expect("MPN contract ••••4321", "your own company").ExpectNot("Cloud Solution Provider").ExpectNot("7654321")
		for _, e := range d.Events("send", "update") {
			if e.Message != nil && strings.Contains(string(e.Message.Raw), "7654321") {
				t.Errorf("a message shows the plan: %s", e.Message.Raw)
			}
		}
	})
}

// Whose address on record is the customer's is told so at once, on the card and in
// words: a step that comes by itself says why.
func TestTheContactStepSaysWhyItComes_R15(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		ann := d.Conversation(teamstest.Personal).As("Ann", func(p *teamstest.Person) { p.Email = "ann@mail.contoso.example" })
		what := ann.Say("new contoso.example ems C Slow").ExpectCard("description").Fill("description", "All of it")
		what.Press("intake/next").ExpectValue("contactEmail", "ann@mail.contoso.example").Expect("(fix this)", "belongs to Contoso")

		bert := d.Conversation(teamstest.Personal).As("Bert", func(p *teamstest.Person) { p.Email = "bert@contoso.example" })
		form := bert.Say("new contoso.example ems C Slow").ExpectCard("description")
		bert.Say("All of it").ExpectText("type: yes")
		bert.Say("yes").ExpectText("E-mail", "belongs to Contoso")
		bert.Say("bert@nordwind.example").ExpectText("type: yes")
		bert.Say("yes").ExpectText("To submit")
		bert.See(form).Expect("bert@nordwind.example")
	})
}

func TestRequestsOfOnesOwnTenantAreListed_R42(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("new "+teamstest.Tenant+" ems C Slow").ExpectCard("description").Fill("description", "All of it").
			Press("intake/next").Press("intake/submit").Expect("SR-1")
		list := alice.Say("list all " + teamstest.Tenant).ExpectCard("SR-1")
		list.Press("list/page", "filter", "open").Expect("SR-1")
		if answer := d.pressed(alice, 1, 1, "list/page", map[string]any{"filter": "all", "customer": "contoso"}); strings.Contains(answer, "SR-1") {
			t.Errorf("a forged customer lists %s", answer)
		}
	})
}
