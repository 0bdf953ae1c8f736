package dialogs_test

import (
	"strings"
	"testing"

	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// opened is a ticket that somebody filed here.
func opened(who *teamstest.Speaker) *teamstest.Card {
	return filled(who).Press("intake/submit").Expect("SR-")
}

func TestUnknownWordsGetTheNearestCommand(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		chat := d.Conversation(teamstest.Personal)
		chat.As("Alice").Say("nwe contoso").ExpectText("“nwe”", "“new”")
		chat.As("Alice").Say("good grief").ExpectText("good", "new", "help")
		chat.As("Boris", teamstest.Speaking("ru-RU")).Say("отменить").ExpectText("отмена")
		chat.As("Boris").Say("спсиок").ExpectText("список")
		chat.As("Greta", teamstest.Speaking("de-DE")).Say("hilffe").ExpectText("hilfe")
		chat.As("Greta").Say("?").ExpectCard("help/show")
		chat.As("Greta").Say("[x](https://evil.example) **y**").ExpectText("[x](https://evil.example)")
		chat.As("Alice").Say("/").ExpectCard("help/show")
		for _, e := range d.Events("send") {
			if e.Message != nil && e.Message.Card == nil && e.Message.TextFormat != "plain" {
				t.Errorf("what was typed comes back as Markdown: %s", e.Message)
			}
		}
	})
}

func TestLanguageIsRemembered(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("language ru").ExpectText("по-русски")
		alice.Say("new").ExpectCard("Новый запрос").Press("intake/cancel").Expect("отмен")
		alice.Say("язык klingon").ExpectText("язык en")
		alice.Say("sprache de").ExpectText("Deutsch")
		alice.Say("hilfe").ExpectCard("Anfrage")
	})
}

func TestFilesAreNotKept(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		file := map[string]any{"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "secret.png", "contentUrl": "https://example.com/secret.png"}
		a := alice.Message("")
		a["attachments"] = []any{file}
		alice.Do(a).ExpectText("do not keep files")
		a = alice.Message("new contoso.example azure B Slow")
		a["attachments"] = []any{file}
		turn := alice.Do(a)
		turn.ExpectText("do not keep files")
		turn.ExpectCard("description") // the words are taken all the same
	})
}

func TestInstallIsWelcomedOnceAndStartsAForm(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		welcome := alice.Install().ExpectCard("intake/start")
		cards := 0
		for _, e := range d.Events("send") {
			if e.Message != nil && e.Message.Card != nil {
				cards++
			}
		}
		if cards != 1 {
			t.Errorf("%d greetings, want one", cards)
		}
		form := welcome.Press("intake/start").ExpectInput("customer")
		form.Fill("customer", fabrikam).Fill("platform", "ems").Fill("severity", "C").Press("intake/next", "ask", "").
			Fill("title", "Slow").Fill("description", "All of it").Press("intake/next").Press("intake/submit").Expect("SR-1")
		d.deliver()
		alice.See(welcome).Expect("SR-1") // the message that was pressed is the ticket's card now
	})
}

func TestStartInAChannelGetsAMessageOfItsOwn(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice, bob := room.As("Alice"), room.As("Bob")
		welcome := alice.Install().ExpectCard("intake/start")
		turn := bob.See(welcome).PressWithoutDialogs("intake/start")
		turn.ExpectCard("below")
		turn.ExpectCard("customer")
		alice.See(welcome).Expect("intake/start")
	})
}

func TestStatusListAndFindShowTheTicketAgain(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("list").ExpectCard("new") // nothing there yet
		opened(alice)
		d.Attach(d.replica(d.store).Routes(false))
		for _, typed := range []string{"status SR-1", "статус 1", "sr1", "/status #1", "SR 1"} {
			d.move(3e9)
			alice.Say(typed).ExpectCard("SR-1", "VMs do not start", "Contoso Ltd")
		}
		d.move(30e9)
		alice.Say("status SR-2").ExpectText("no request with this number")
		alice.Say("status").ExpectText("status SR-1")
		list := alice.Say("list").ExpectCard("SR-1")
		list.Press("ticket/show").Expect("VMs do not start")
		list.Press("list/page", "filter", "all").Expect("SR-1")
		d.move(30e9)
		alice.Say("list unassigned contoso.example").ExpectCard("SR-1")
		alice.Say("list all fabrikam").ExpectCard().ExpectNot("SR-1")
		alice.Say("list all contoso").ExpectText("Which customer is")
		alice.Say("list nobody").ExpectText("no customer")
		d.move(30e9)
		alice.Say("find machine vms").ExpectCard().ExpectNot("SR-1")
		alice.Say("suche START vms").ExpectCard("SR-1")
		alice.Say("find").ExpectText("find outlook")
		bob := d.Conversation(teamstest.Personal).As("Bob")
		bob.Say("list").ExpectCard("SR-1") // none of his own, so the open ones
	})
}

func TestInAChannelOtherTicketsAreShownInPrivate(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		opened(room.As("Alice"))
		elsewhere := room.NewThread()
		bob, carol := elsewhere.As("Bob"), elsewhere.As("Carol")
		for _, typed := range []string{"@onbehalf status SR-1", "@onbehalf list", "@onbehalf find vms"} {
			turn := bob.Say(typed)
			turn.ExpectCard("SR-1")
			carol.ExpectNothing()
		}
		// In its own thread the card is for everybody, without anybody's own buttons.
		home := room.As("Alice").Say("@onbehalf status SR-1").ExpectCard("SR-1", "ticket/assign")
		room.As("Carol").See(home).Expect("SR-1")
	})
}

func TestFraudIsShownToItsPeopleOnly(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice, bob := room.As("Alice"), room.As("Bob")
		form := alice.Say("@onbehalf new").ExpectCard("customer").Fill("customer", contoso).Fill("platform", "ems").Fill("kind", "fraud")
		done := form.Press("intake/next", "ask", "").Fill("title", "Stolen card").Fill("description", "Whose?").
			Press("intake/next").Press("intake/submit").Expect("SR-1", "Stolen card")
		d.deliver()
		bob.See(form).Expect("SR-1").ExpectNot("Stolen card", "Contoso").ExpectNoButton("ticket/assign", "ticket/comment")
		done.Press("ticket/history").Expect("SR-1")

		alone := d.Conversation(teamstest.Personal).As("Bob")
		alone.Say("status SR-1").ExpectCard("SR-1").ExpectNot("Stolen", "Contoso")
		alone.Say("find stolen").ExpectCard().ExpectNot("Stolen card")
		alone.Say("list all").ExpectCard().ExpectNot("SR-1")
		ext := alone.Invoke("composeExtension/query", map[string]any{"commandId": "find", "parameters": []any{map[string]any{"name": "q", "value": "SR-1"}}})
		if strings.Contains(string(ext.Response.Body), "Stolen") || !strings.Contains(string(ext.Response.Body), "Nothing found") {
			t.Errorf("the compose box shows %s", ext.Response.Body)
		}
		mine := d.Conversation(teamstest.Personal).As("Alice").Invoke("composeExtension/query", map[string]any{"commandId": "find", "parameters": []any{map[string]any{"name": "q", "value": "stolen"}}})
		if !strings.Contains(string(mine.Response.Body), "SR-1") {
			t.Errorf("its own people find %s", mine.Response.Body)
		}
	})
}

func TestTheContactIsThePartners(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		contact := filled(alice).Expect("alice@nordwind.example").Press("intake/contact").ExpectValue("contactName", "Alice")
		wrong := contact.Fill("contactEmail", "ann@mail.contoso.example").Press("intake/next").Expect("(fix this)", "belongs to")
		wrong.ExpectValue("contactEmail", "ann@mail.contoso.example")
		review := wrong.Fill("contactEmail", "desk@nordwind.example").Fill("contactPhone", "+49 (30) 123-4567").Press("intake/next").ExpectButton("intake/submit")
		review.Press("intake/submit").Expect("SR-1")
		if got := d.one().Contact; got != (request.Contact{Name: "Alice", Email: "desk@nordwind.example", Phone: "+49301234567"}) {
			t.Errorf("contact %+v", got)
		}
		// The next form remembers it.
		filled(alice).Expect("desk@nordwind.example")
	})
}

func TestAContactThatIsNotKnownIsAskedFor(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice", func(p *teamstest.Person) { p.Email, p.UPN = "", "" })
		form := alice.Say("new contoso.example ems C Slow").ExpectCard("description").Fill("description", "All of it")
		form.Press("intake/next").ExpectInput("contactEmail").Fill("contactEmail", "desk@nordwind.example").
			Press("intake/next").ExpectButton("intake/submit").Press("intake/back").ExpectInput("description")
	})
}

func TestSlashCommandsAreAnsweredToTheirSenderAlone(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice, bob := room.As("Alice"), room.As("Bob")
		form := alice.Slash("new contoso.example ems C Slow").ExpectCard("description")
		bob.ExpectNothing()
		form.Fill("description", "All of it").Press("intake/next").Press("intake/submit").Expect("SR-1")
		d.deliver()
		bob.ExpectCard("SR-1") // the ticket is for everybody
	})
}

func TestRefreshChangesNothing(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		form := alice.Say("new contoso.example azure B Slow").ExpectCard("description").Fill("description", "not sent")
		a := form.Invoke("intake/next")
		a["value"].(map[string]any)["trigger"] = "automatic"
		form.Execute(a).ExpectValue("description", "").ExpectInput("title")
		form.Fill("subscriptionId", contosoSub).Press("intake/next").ExpectButton("intake/submit") // the card is not stale
	})
}

// A press that names no period, or no way back, means what the word alone means.
func TestAReportPressedAloneIsThisWeeks(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alone := d.pressed(alice, 1, 1, "report/show", map[string]any{})
		if want := d.pressed(alice, 1, 1, "report/show", map[string]any{"period": "week", "back": 0}); alone != want || !strings.Contains(alone, "Week") {
			t.Errorf("pressed alone: %s, want %s", alone, want)
		}
		if answer := d.pressed(alice, 1, 1, "report/show", map[string]any{"back": -1}); strings.Contains(answer, "Week") {
			t.Errorf("a forged way back is answered with %s", answer)
		}
	})
}

// What somebody asks for beyond everything that people scroll to costs nothing.
func TestTheTypeaheadEnds(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		for _, skip := range []any{501, 1 << 40} {
			turn := alice.Invoke("application/search", map[string]any{
				"kind": "search", "queryText": strings.Repeat("contoso ", 5000), "dataset": "customers",
				"queryOptions": map[string]any{"skip": skip, "top": 15},
			})
			if body := string(turn.Response.Body); turn.Response.Status != 200 || strings.Contains(body, contoso) {
				t.Errorf("skip %v: %d %s", skip, turn.Response.Status, body)
			}
		}
		if found := alice.Search("customers", "contoso"); len(found) == 0 {
			t.Error("an ordinary search finds nothing")
		}
	})
}

// What people say to the bot beside its commands.
func TestSmallWordsAreUnderstood(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		alice := room.As("Alice")
		alice.Say("@onbehalf, hello").ExpectText("Hello", "help")
		alice.Say("@onbehalf Danke!").ExpectText("welcome")
		alice.Say("@onbehalf: “list all”").ExpectCard("new")
		alice.Say("@onbehalf where").ExpectText("lead")
		room.As("Lena Lead").Say("@onbehalf где").ExpectText(room.ChannelID())

		own := d.Conversation(teamstest.Personal).As("Alice")
		opened(own)
		own.Say("mine").ExpectCard("SR-1")
		own.Say("?").ExpectCard("help/show")
		for _, board := range []string{"Board", "Сводка", "Übersicht"} { // what stands on a button is a word
			own.Say(board).ExpectCard("list/page")
		}
		own.Say("status of SR-1").ExpectCard("VMs do not start")
		own.Say("`status sr1`").ExpectCard("VMs do not start")
		own.Say("take 1").ExpectCard("SR-1")
		own.Say("release 1").ExpectCard("SR-1")
		if who := d.one().Assignee; !who.Nobody() {
			t.Errorf("%s has it still", who.Name)
		}
		if last := d.entries(1); last[len(last)-1] != "released" {
			t.Errorf("the history is %q", last)
		}
	})
}

// A case of Microsoft's is taken, and found again, in every spelling that people paste.
func TestMicrosoftsNumberAsPeoplePasteIt(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		opened(alice)
		alice.Say("file 1 2611 2300 5000 1234, at 03:30").ExpectCard("not come yet")
		alice.Say("file 1 RE: [EXTERNAL] VMs - TrackingID#" + case1).ExpectCard(case1)
		if got := d.one().MicrosoftCase; got != case1 {
			t.Fatalf("filed as %q", got)
		}
		for _, typed := range []string{
			"status TrackingID#" + case1, "status 2611 2300 5000 1234", case1, "find RE: VMs - TrackingID#" + case1 + "001",
			"find 2611-2300-5000-1234", "AW: VMs do not start - TrackingID#" + case1,
		} {
			alice.Say(typed).ExpectCard("SR-1", "VMs do not start")
		}
		found := alice.Invoke("composeExtension/query", map[string]any{"commandId": "find", "parameters": []any{map[string]any{"name": "q", "value": "Case " + case1 + ","}}})
		if !strings.Contains(string(found.Response.Body), "SR-1") {
			t.Errorf("the compose box finds %s", found.Response.Body)
		}
	})
}

// A first question is asked plainly; red is for what was wrong.
func TestAFirstQuestionIsPlain(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		opened(alice)
		for _, typed := range []string{"comment SR-1", "file SR-1", "severity SR-1", "assign SR-1", "severity 1 A"} {
			alice.Say(typed).ExpectCard("SR-1").ExpectNot("fix this", "needs a change")
		}
		alice.Say("file SR-1 abc").ExpectCard("fix this")
		alice.Say("severity SR-1 X").ExpectCard("fix this")
	})
}

// Platform, product and severity are taken in the words that people use.
func TestSynonymsOnNew(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		for typed, want := range map[string][4]string{
			"365 sev B Mail is slow":                   {"office365", "B", "Mail is slow", ""},
			"exchange moderate Mail is slow":           {"office365", "B", "Mail is slow", "m.exo"},
			"intune Schweregrad C: No enrolment":       {"ems", "C", "No enrolment", "e.intune"},
			"m365 Exchange Sev A Mail is down":         {"office365", "A", "Mail is down", "m.exo"},
			"azure A - Critical VMs are down":          {"azure", "A", "VMs are down", ""},
			"azure P1 VMs are down":                    {"azure", "P1", "VMs are down", ""},
			"m365 Exchange mailboxes cannot be opened": {"office365", "", "Exchange mailboxes cannot be opened", "m.exo"},
			"azure 3 machines of the cluster are down": {"azure", "", "3 machines of the cluster are down", ""},
		} {
			who := d.Conversation(teamstest.Personal).As("Speaker of " + typed[:5])
			who.Say("new contoso.example " + typed).ExpectCard()
			a := d.draft(who).Answers
			if got := [4]string{a.Platform, a.Severity, a.Title, a.Topic}; got != want {
				t.Errorf("%q is %q, want %q", typed, got, want)
			}
			who.Say("cancel")
		}
	})
}

// The same press that comes twice is one entry.
func TestAcknowledgingTwiceIsOnce(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		opened(alice)
		d.pressed(alice, 1, 1, "ticket/ack", map[string]any{})
		d.pressed(alice, 1, 1, "ticket/ack", map[string]any{})
		if got := d.entries(1); strings.Count(strings.Join(got, " "), "acked") != 1 {
			t.Errorf("the history is %q", got)
		}
	})
}
