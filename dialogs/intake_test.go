package dialogs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

func TestAWholeFormBecomesATicket(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new").ExpectCard("customer", "platform", "severity", "intake/next")
		form.Press("intake/next", "ask", "").Expect("(fix this)"). // nothing was filled in
										Fill("customer", contoso).Fill("platform", "azure").Fill("severity", "B").
										Press("intake/next", "ask", "").ExpectInput("description").
										Fill("title", "VMs do not start").Press("intake/next").Expect("(fix this)").ExpectValue("title", "VMs do not start").
										Fill("description", "West Europe,\nsince 8:40").Fill("subscriptionId", contosoSub).
										Press("intake/next").ExpectButton("intake/submit").Expect("Contoso Ltd", "VMs do not start", "First response due").
										Press("intake/submit").Expect("SR-1")

		got := d.one()
		if got.Title != "VMs do not start" || got.Description != "West Europe,\nsince 8:40" || got.Severity != request.SeverityB ||
			got.Customer.TenantID != contoso || got.Details.SubscriptionID != contosoSub || got.Status != request.Open {
			t.Errorf("kept: %+v", got)
		}
		if want := d.Now().Add(4 * time.Hour); !got.Response.Due.Equal(want) {
			t.Errorf("due %v, want %v", got.Response.Due, want)
		}
		if got.Requester.ID != alice.ObjectID || got.Contact.Email != alice.Email || got.Zone != "Europe/Berlin" {
			t.Errorf("requester %+v, contact %+v, zone %q", got.Requester, got.Contact, got.Zone)
		}
		d.deliver()
		alice.See(form).Expect("SR-1").ExpectNot("intake/next")
	})
}

func TestNewAsksOnlyForWhatIsMissing(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		for typed, want := range map[string]intake.Answers{
			"/new contoso.example azure A VMs do not start": {Customer: contoso, Platform: "azure", Severity: "A", Title: "VMs do not start"},
			"/neu fabrikam residences office 365 b":         {Customer: fabrikam, Platform: "office365", Severity: "B"},
			"/новый fabrikam azure В не работает":           {Customer: fabrikam, Platform: "azure", Severity: "B", Title: "не работает"},
			"/new fabrikam azure в офисе не работает":       {Customer: fabrikam, Platform: "azure", Title: "в офисе не работает"},
			"/new Azure Interior azure C slow":              {Customer: interior, Platform: "azure", Severity: "C", Title: "slow"},
			"/new azure B slow":                             {Platform: "azure", Severity: "B", Title: "slow"},
			"/new «Azure Interior» B slow":                  {Customer: interior, Severity: "B", Title: "slow"},
			"/new nobody inc ems":                           {Customer: "nobody inc", Platform: "ems"},
			"/new the mail does not arrive at all":          {Title: "the mail does not arrive at all"},
			"/new contoso":                                  {Customer: "contoso"},
			"/new":                                          {},
		} {
			alice := d.Conversation(teamstest.Personal).As("Alice " + typed) // everybody's chat has its own limits
			alice.Say(typed).ExpectCard("intake/next")
			a := d.draft(alice).Answers
			got := intake.Answers{Customer: a.Customer, Platform: a.Platform, Severity: a.Severity, Title: a.Title}
			if got.Customer != want.Customer || got.Platform != want.Platform || got.Severity != want.Severity || got.Title != want.Title {
				t.Errorf("%s: %+v, want %+v", typed, got, want)
			}
		}
	})
}

func TestTypingAnswersTheOpenQuestion(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new").ExpectCard("customer")
		alice.Say("nobody at all").ExpectText("Customer", "found no customer")
		alice.Say("contoso").ExpectText("Customer", "2 customers")
		alice.See(form).Expect("obhcontoso.", "obhcontosouk.")
		alice.Say("contoso.example").ExpectText("Next: Platform")
		alice.Say("list of printers").ExpectText("Platform") // more than a command, so an answer
		alice.Say("azure").ExpectText("Next: Severity")
		alice.Say("В").ExpectText("type: yes")
		alice.See(form).ExpectValue("severity", "B").ExpectValue("platform", "azure")
		alice.Say("yes").ExpectText("Next: Title")
		alice.Say("status\nof the machines").ExpectText("Next: What happened")
		alice.Say("help").ExpectCard()
		alice.Say("West Europe\nsince 8:40").ExpectText("type: yes") // the only subscription is filled in
		alice.Say("back").ExpectText("type: yes")
		alice.Say("YES").ExpectText("type: yes")
		alice.Say("something else").ExpectText("type: yes")
		alice.Say("да").ExpectText("To submit")
		alice.See(form).Expect("intake/submit")
		alice.Say("ja").ExpectText("SR-1")
		alice.See(form).Expect("SR-1")
		if got := d.one(); got.Title != "status of the machines" || got.Description != "West Europe\nsince 8:40" {
			t.Errorf("kept: %q, %q", got.Title, got.Description)
		}
		alice.Say("status SR-1").ExpectCard("SR-1") // and now it is a command again
	})
}

func TestWithASlashItIsAlwaysACommand(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("new").ExpectCard("customer")
		alice.Say("/list").ExpectCard()
		alice.Say("/new fabrikam").ExpectCard("intake/resume", "intake/restart")
		alice.Say("/yes").ExpectText("Customer")
		alice.Say("cancel it all").ExpectText("found no customer") // not alone on its line
		alice.Say("/cancel").ExpectText("cancelled")
		alice.Say("/back").ExpectText("no open form")
		alice.Say("yes").ExpectText("no open form")
	})
}

func TestASecondNewAsksWhetherToGoOn(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		first := alice.Say("new contoso.example azure B Slow").ExpectCard("description")
		again := alice.Say("/new fabrikam residences").ExpectCard("intake/resume", "intake/restart", "fabrikam residences")
		resumed := again.Press("intake/resume").ExpectValue("title", "Slow")
		fresh := again.Press("intake/restart").ExpectInput("customer").ExpectValue("customer", fabrikam)
		resumed.Press("intake/next").Expect("This form is gone")
		first.Press("intake/next").Expect("This form is gone")
		again.Press("intake/resume").Expect("This form is gone")
		fresh.Fill("customer", fabrikam).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "").ExpectInput("title")
	})
}

func TestStartingAnewKeepsTheLine(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("new contoso.example azure B Slow").ExpectCard("description")
		again := alice.Say("/new fabrikam residences ems A Mail “stops” & 💥").ExpectCard("intake/restart", "Mail")
		again.Press("intake/restart").ExpectInput("description").ExpectValue("title", "Mail “stops” & 💥")
		if a := d.draft(alice).Answers; a.Customer != fabrikam || a.Platform != "ems" || a.Severity != "A" {
			t.Errorf("kept %+v", a)
		}

		room := d.Conversation(teamstest.GroupChat)
		bob := room.As("Bob")
		bob.Say("@onbehalf new contoso.example azure B Slow").ExpectCard("description")
		again = bob.Say("@onbehalf /new fabrikam residences ems A Mail").ExpectCard("intake/restart")
		again.Press("intake/restart").ExpectInput("description").ExpectValue("title", "Mail")
	})
}

func TestAFormLivesADayAndSurvivesARestart(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example azure B Slow").ExpectCard("description").Fill("description", "Since 8:40")
		d.Attach(d.replica(d.store).Routes(false))
		d.move(23 * time.Hour)
		review := form.Fill("subscriptionId", contosoSub).Press("intake/next").ExpectButton("intake/submit")
		d.move(2 * time.Hour)
		review.Press("intake/submit").Expect("This form is gone")
		if n := len(d.tickets()); n != 0 {
			t.Errorf("%d tickets from an expired form", n)
		}
	})
}

func TestOldCardsGetThePresentOne(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		what := alice.Say("new contoso.example azure B Slow").ExpectCard("description").Fill("description", "Since 8:40").Fill("subscriptionId", contosoSub)
		review := what.Press("intake/next").ExpectButton("intake/submit")
		what.Fill("title", "Another").Press("intake/next").ExpectButton("intake/submit").Expect("Slow").ExpectNot("Another")
		back := review.Press("intake/back").ExpectValue("title", "Slow").ExpectValue("description", "Since 8:40")
		review.Press("intake/submit").ExpectInput("title") // the review of before
		done := back.Press("intake/next").Press("intake/submit").Expect("SR-1")
		for _, old := range []*teamstest.Card{what, review, back} {
			old.Press(slices.DeleteFunc(old.Buttons(), func(v string) bool { return !strings.HasPrefix(v, "intake/") })[0]).Expect("SR-1")
		}
		done.ExpectNoButton("intake/submit")
		d.one()
	})
}

func TestAFormSentTwiceIsOneTicket(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		review := filled(alice)
		review.Press("intake/submit").Expect("SR-1")
		review.Press("intake/submit").Expect("SR-1") // a new activity, the same form
		d.one()
	})
}

func TestAFormSentToManyReplicasAtOnceIsOneTicket(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		review := filled(alice)
		var group sync.WaitGroup
		answers := make([]string, 6)
		for i := range answers {
			press := review.Invoke("intake/submit")
			replica := d.replica(d.store).Routes(false)
			group.Go(func() { answers[i] = string(d.postTo(replica, press)) })
		}
		group.Wait()
		for _, got := range answers {
			if !strings.Contains(got, "SR-1") {
				t.Errorf("answered with %.300s", got)
			}
		}
		d.one()
		d.deliver()
		cards := 0
		for _, m := range d.Messages(alice.In.ID()) {
			if raw, err := json.Marshal(m.Card); err == nil && strings.Contains(string(raw), "SR-1") {
				cards++
			}
		}
		if cards != 1 {
			t.Errorf("%d cards of the ticket, want one", cards)
		}
	})
}

func TestOnlyItsOwnerMovesAFormInAChannel(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice, bob := room.As("Alice"), room.As("Bob")
		form := alice.Say("@onbehalf new contoso.example azure B Slow").ExpectCard("description")
		asBob := bob.See(form)
		for _, verb := range []string{"intake/next", "intake/back", "intake/cancel"} {
			asBob.Press(verb).Expect("Alice").ExpectNot("intake/next")
		}
		next := form.Fill("description", "secret of the form").Fill("subscriptionId", contosoSub).Press("intake/next").Expect("secret of the form")
		for _, m := range d.Messages(room.ChannelID()) {
			if strings.Contains(string(m.Raw), "secret of the form") {
				t.Errorf("the channel reads what was typed: %s", m.Raw)
			}
		}
		next.Press("intake/submit").Expect("SR-1")
		d.deliver()
		bob.See(form).Expect("SR-1", "ticket/assign")
	})
}

func TestTypedAnswersInAChannelMoveTheFormOn(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice, bob := room.As("Alice"), room.As("Bob")
		form := alice.Say("@onbehalf new contoso.example azure B Slow").ExpectCard("description")
		bob.Say("@onbehalf since 8:40").ExpectText("do not know") // Bob has no form
		turn := alice.Say("@onbehalf since 8:40, all of them")
		own := turn.ExpectCard("description").ExpectValue("description", "since 8:40, all of them")
		turn.ExpectText("type: @Onbehalf yes") // the only subscription is filled in
		for _, m := range d.Messages(room.ChannelID()) {
			if m.Recipient == "" && strings.Contains(string(m.Raw), "since 8:40, all") {
				t.Errorf("everybody's message shows what was typed: %s", m.Raw)
			}
		}
		review := own.Fill("subscriptionId", contosoSub).Press("intake/next").ExpectButton("intake/submit")
		review.Press("intake/submit").Expect("SR-1")
		d.deliver()
		bob.See(form).Expect("SR-1")
	})
}

// TestAFormFilledByTypingInAGroupIsClosed types every answer where others read: the card
// that Alice alone sees is one, moves on, and ends with the form.
func TestAFormFilledByTypingInAGroupIsClosed(t *testing.T) {
	for _, end := range []struct{ word, public, own string }{
		{"yes", "Your request is SR-1. To see it again, type: @Onbehalf status SR-1", "Your new request: SR-1"},
		{"cancel", "To start again, type: @Onbehalf new", "Form cancelled"},
	} {
		t.Run(end.word, func(t *testing.T) {
			everyDesk(t, func(t *testing.T, d *desk) {
				alice := d.Conversation(teamstest.GroupChat).As("Alice")
				alice.Say("@onbehalf new contoso.example azure B").ExpectCard("title")
				turn := alice.Say("@onbehalf VMs do not start")
				own := turn.ExpectCard("intake/next").ExpectValue("title", "VMs do not start")
				turn.ExpectText("Next: What happened. Type it behind @Onbehalf, or fill in the card.")
				alice.Say("@onbehalf since 8:40").ExpectText("type: @Onbehalf yes", "type: @Onbehalf tried: …")
				alice.See(own).ExpectValue("description", "since 8:40")
				alice.Say("@onbehalf yes").ExpectText("To submit, type: @Onbehalf yes")
				alice.Say("@onbehalf " + end.word).ExpectText(end.public)
				d.deliver()
				alice.See(own).Expect(end.own).ExpectNoButton("intake/next", "intake/submit")
			})
		})
	}
}

// TestAFormTypedWhereNobodyIsToldAloneIsClosed has a tenant without messages that one
// person alone sees: the card goes to Alice's own chat, once.
func TestAFormTypedWhereNobodyIsToldAloneIsClosed(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.GroupChat).As("Alice")
		alice.Say("@onbehalf new contoso.example azure B").ExpectCard("title")
		d.InstallFor(alice.Person)
		d.Fault(teamstest.Fault{Op: "send", Targeted: true, Status: 400, Times: -1})
		alice.Say("@onbehalf VMs do not start").ExpectText("Next: What happened.")
		alice.Say("@onbehalf since 8:40").ExpectText("type: @Onbehalf yes")
		alice.Say("@onbehalf yes").ExpectText("To submit, type: @Onbehalf yes")
		alice.Say("@onbehalf yes").ExpectText("Your request is SR-1.")
		d.deliver()
		var told []string
		for _, m := range d.Messages(d.PersonalID(alice.Person)) {
			told = append(told, m.Summary)
		}
		if len(told) != 1 || told[0] != "Your new request: SR-1" {
			t.Errorf("Alice's own chat has %q", told)
		}
	})
}

func TestCancelTellsEverybodyAndKeepsNothing(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		form := alice.Say("@onbehalf new contoso.example azure B Slow").ExpectCard("description")
		form.Press("intake/cancel").Expect("Form cancelled")
		room.As("Bob").See(form).Expect("Form cancelled").ExpectNot("Slow")
		form.Press("intake/next").Expect("This form is gone")
	})
}

func TestOlderClientsSubmitTheSame(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example azure B Slow").ExpectCard("description")
		form.Fill("description", "Since 8:40").Fill("subscriptionId", contosoSub)
		form = form.PressOld("intake/next").ExpectUpdate(form, "intake/submit")
		form.PressOld("intake/submit").ExpectUpdate(form, "SR-1")
		d.one()
	})
}

func TestForgedValuesDoNoHarm(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new").ExpectCard("customer")
		press := func(verb string, data map[string]any) string {
			turn := alice.Invoke("adaptiveCard/action", map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": verb, "data": data}})
			if turn.Response.Status != 200 {
				t.Errorf("%s %v: status %d", verb, data, turn.Response.Status)
			}
			return string(turn.Response.Body)
		}
		good := dataOf(form.Invoke("intake/next", "ask", ""))
		for name, change := range map[string]map[string]any{
			"no form":       {"form": nil},
			"other form":    {"form": "f-someone-elses"},
			"form is list":  {"form": []any{1}},
			"no rev":        {"rev": nil},
			"rev is text":   {"rev": "x"},
			"rev of future": {"rev": 99},
			"odd customer":  {"customer": map[string]any{"$ne": 1}},
			"left customer": {"customer": gone, "platform": "azure", "severity": "A"},
			"odd kind":      {"kind": "free"},
			"unknown input": {"opened": 7, "Person": "x", "step": "review"},
			"huge title":    {"title": strings.Repeat("x", 100_000)},
			"NULs":          {"customer": "a\x00b", "title": "\x00"},
		} {
			data := maps.Clone(good)
			maps.Copy(data, change)
			for _, verb := range []string{"intake/next", "intake/submit", "intake/contact", "intake/back", "intake/resume", "intake/no-such"} {
				if got := press(verb, data); strings.Contains(got, "reference") {
					t.Errorf("%s, %s: %s", name, verb, got)
				}
			}
		}
		if n := len(d.tickets()); n != 0 {
			t.Errorf("%d tickets were opened", n)
		}
	})
}

func TestACustomerWhoLeftIsOutOfScopeWithAWayBack(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new "+gone+" azure B Slow").ExpectCard("no customer of yours", "intake/back")
		alice.Say("yes").ExpectText("back")
		form.Press("intake/back").ExpectInput("customer")
	})
}

func TestATypedNameTakesThePlaceOfACustomerWhoLeft(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new " + gone + " azure B Slow").ExpectCard("no customer of yours")
		alice.Say("back").ExpectText("Next: Customer")
		alice.Say("contoso.example").ExpectText("type: yes")
		alice.Say("yes").ExpectText("Next: What happened")
		alice.See(form).ExpectValue("title", "Slow")
	})
}

func TestATopicOutOfScopeIsLeftByItsButtonAndByBack(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		what := alice.Say("new contoso.example ems B Slow").ExpectCard("description")
		for _, topic := range []string{"x.market", "x.pc", "x.sec", "x.onprem"} {
			scope := what.Fill("topic", topic).Fill("description", "All of it").Press("intake/next").ExpectNot("intake/submit")
			what = scope.Press("intake/next", "scope", "confirmed").ExpectInput("topic").ExpectValue("topic", "").ExpectValue("description", "All of it")
		}
		what.Fill("topic", "x.sec").Press("intake/next").Expect("Report to Microsoft MSRC")
		alice.Say("back").ExpectText("type: yes")
		alice.Say("it began after the update").ExpectText("That line is not in the form", "To go on") // and not lost in silence
		alice.Say("yes").ExpectText("To submit")
		alice.Say("yes").ExpectText("SR-1")
		if got := d.one(); got.Topic != "" {
			t.Errorf("filed under %q", got.Topic)
		}
	})
}

func TestTheThreeQuestionsProposeASeverity(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example azure").ExpectCard("severity")
		form.Press("intake/next", "ask", "impact").ExpectInput("production").
			Fill("production", "partly").Fill("loss", "moderate").Fill("workaround", "with_workaround").
			Press("intake/next").ExpectValue("severity", "B")
	})
}

// One answer may decide alone, and answers that cannot both be so are named.
func TestTheThreeQuestionsStopWhenDecidedAndNameContradictions(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		ask := func(form *teamstest.Card) *teamstest.Card {
			return form.Press("intake/next", "ask", "impact").Expect("One answer can be enough")
		}
		who := ask(alice.Say("new contoso.example azure").ExpectCard("severity")).Fill("production", "down").
			Press("intake/next").ExpectValue("severity", "A")
		impact := ask(who).Fill("loss", "minimal").Press("intake/next").Expect("(fix this)", "This does not go with “It is down” above")
		impact.ExpectValue("production", "down").ExpectValue("loss", "minimal")
		alice.Say("yes").ExpectText("does not go with “It is down”")
		impact = alice.See(impact).Fill("production", "no").Fill("loss", "minimal").Fill("workaround", "no").
			Press("intake/next").Expect("does not go with “Minimal”")
		who = impact.Press("intake/back").ExpectInput("severity").ExpectNot("answers come to")
		who.Fill("severity", "B").Press("intake/next", "ask", "").ExpectInput("title") // it stops nothing else
	})
}

func TestWhatIsTooLongComesBackCutWithTheError(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example ems B").ExpectCard("title")
		back := form.Fill("title", strings.Repeat("ж", 300)).Fill("description", "x").Press("intake/next")
		back.Expect("300 characters").ExpectValue("title", strings.Repeat("ж", 250))
		back.Press("intake/next").ExpectButton("intake/submit")
	})
}

func TestTheTypeaheadFindsCustomers(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		if found := alice.Search("customers", "söh"); len(found) != 1 || found[0].Value != fabrikam || !strings.Contains(found[0].Title, "obhfabrikam") {
			t.Errorf("found %+v", found)
		}
		if found := alice.Search("customers", "tailspin"); len(found) != 0 {
			t.Errorf("a customer who left is offered: %+v", found)
		}
		if found := alice.Search("customers", ""); len(found) != 5 {
			t.Errorf("the first page is %+v", found)
		}
		if found := alice.Search("else", "contoso"); len(found) != 0 {
			t.Errorf("another dataset gives %+v", found)
		}
	})
}

func TestForeignTextIsNeverMarkdown(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		what := alice.Say("new " + hostile + " azure B [y](https://evil.example) <at>Lena Lead</at>").ExpectCard("description")
		review := what.Fill("description", "**bold** {{DATE(2026)}}").Fill("subscriptionId", contosoSub).Press("intake/next")
		shown := review.Press("intake/submit").Expect("SR-1")
		for _, c := range []*teamstest.Card{what, review, shown} {
			for _, block := range blocks(c.Content) {
				if strings.Contains(block, "evil") {
					t.Errorf("a TextBlock says %q", block)
				}
			}
		}
	})
}

// dataOf is what a press sends.
func dataOf(a teamstest.Activity) map[string]any {
	return a["value"].(map[string]any)["action"].(map[string]any)["data"].(map[string]any)
}

// blocks gives the texts of a card that clients read as Markdown.
func blocks(node any) (texts []string) {
	switch n := node.(type) {
	case map[string]any:
		if text, ok := n["text"].(string); ok && n["type"] == "TextBlock" {
			texts = append(texts, text)
		}
		for _, child := range n {
			texts = append(texts, blocks(child)...)
		}
	case []any:
		for _, child := range n {
			texts = append(texts, blocks(child)...)
		}
	}
	return texts
}

func TestALongTypedTextIsCutAndTheFormGoesOn(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("new contoso.example ems B Slow").ExpectCard("description")
		alice.Say(strings.Repeat("😀", 5000)).ExpectText("5,000 characters", "1,000")
		alice.Say("yes").ExpectText("To submit")
		alice.Say("yes").ExpectText("SR-1")
		if got := d.one().Description; got != strings.Repeat("😀", 4000) {
			t.Errorf("kept %d characters", len([]rune(got)))
		}
	})
}

func TestYesDoesNotPassWhatIsWrong(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example ems B Slow").ExpectCard("description")
		form.Fill("description", "x").Fill("reportedAt", "yesterday-ish").Press("intake/next").Expect("(fix this)")
		alice.Say("yes").ExpectText("cannot read this time")
		alice.See(form).Expect("(fix this)")
	})
}

// TestATimeMeansTheDayOnWhichItWasTyped: a form lives for a day, and the card that asks
// for more may be pressed even later.
func TestATimeMeansTheDayOnWhichItWasTyped(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example ems B Slow").ExpectCard("description")
		review := form.Fill("description", "x").Fill("reportedAt", "yesterday 13:30").Press("intake/next").Expect("Sun 22 Nov, 13:30")
		d.move(23 * time.Hour)
		review.Press("intake/back").ExpectValue("reportedAt", "2026-11-22 13:30").Press("intake/next").Expect("Sun 22 Nov, 13:30").Press("intake/submit")
		if got := d.one().StartedAt; !got.Equal(time.Date(2026, 11, 22, 12, 30, 0, 0, time.UTC)) {
			t.Errorf("reported at %s", got)
		}
		alice.Say("take 1")
		asked := alice.Say("file 1 26 today 01:40").ExpectCard("ticket/file").ExpectValue("text", "2026-11-24 01:40")
		d.move(24 * time.Hour)
		asked.Fill("microsoftCase", "2611240010000417").Press("ticket/file").Expect("2611240010000417")
		if got := d.one().FiledAt; !got.Equal(time.Date(2026, 11, 24, 0, 40, 0, 0, time.UTC)) {
			t.Errorf("filed at %s", got)
		}
	})
}

// TestTheTypeaheadBeginsWithOnesOwn: who files for the same few customers finds them
// first, whatever their names begin with.
func TestTheTypeaheadBeginsWithOnesOwn(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		chat := d.Conversation(teamstest.Personal)
		alice, bob := chat.As("Alice"), chat.As("Bob")
		var before []string
		for _, c := range bob.Search("customers", "con") {
			before = append(before, c.Value)
		}
		if len(before) < 2 {
			t.Fatalf("too few customers for this test: %v", before)
		}
		last := before[len(before)-1]
		d.file(alice, func(a *intake.Answers) { a.Set("customer", last) })
		if found := alice.Search("customers", "con"); found[0].Value != last || len(found) != len(before) {
			t.Errorf("Alice finds %+v", found)
		}
		if found := alice.Search("customers", ""); found[0].Value != last {
			t.Errorf("Alice begins with %+v", found)
		}
		if found := bob.Search("customers", "con"); found[0].Value != before[0] {
			t.Errorf("Bob finds %+v: what Alice filed is not his", found)
		}
	})
}

// TestManySubscriptionsAreSearched: a list of dozens is typed into; the hits are those
// of the customer of this form and no other's.
func TestManySubscriptionsAreSearched(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		many := customers()[0]
		many.Subscriptions = nil
		for i := range 40 {
			many.Subscriptions = append(many.Subscriptions, customer.Subscription{
				Branch: "azure", ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), Name: fmt.Sprintf("Plan %02d", i), Status: "active",
			})
		}
		if _, _, err := d.store.PutCustomers(t.Context(), []customer.Customer{many}); err != nil {
			t.Fatal(err)
		}
		alice := d.Conversation(teamstest.Personal).As("Alice")
		if found := alice.Search("subscriptions", ""); len(found) != 0 {
			t.Errorf("without a form there are %+v", found)
		}
		form := alice.Say("new " + many.PrimaryDomain + " azure B Slow").ExpectCard("description")
		input := form.Input("subscriptionId")
		data, _ := input["choices.data"].(map[string]any)
		if data["dataset"] != "subscriptions" || data["associatedInputs"] != "auto" || input["style"] != "filtered" {
			t.Errorf("the input is %v", input)
		}
		if found := alice.Search("subscriptions", "plan 3"); len(found) != 10 || !strings.Contains(found[0].Title, "Plan 30") {
			t.Errorf("found %+v", found)
		}
		if found := alice.Search("subscriptions", ""); len(found) != 15 {
			t.Errorf("%d at once", len(found))
		}
		turn := alice.Invoke("application/search", map[string]any{
			"queryText": "", "dataset": "subscriptions", "data": map[string]any{"customer": fabrikam, "platform": "azure"},
		})
		if strings.Contains(string(turn.Response.Body), "Plan 0") {
			t.Errorf("another customer on the card gets %s", turn.Response.Body)
		}
		// Some clients send the title.
		form.Fill("description", "x").Fill("subscriptionId", "Plan 31 · 00000031-0000-4000-8000-000000000000").Press("intake/next").ExpectButton("intake/submit")
		if got := d.draft(alice).Answers.SubscriptionID; got != "00000031-0000-4000-8000-000000000000" {
			t.Errorf("subscription %q", got)
		}
	})
}
