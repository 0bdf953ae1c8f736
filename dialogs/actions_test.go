package dialogs_test

import (
	"fmt"

	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// TestAWholeLife works a ticket by words alone from its form to its end, once in
// each language: in the thread, in another one, and in a personal chat.
func TestAWholeLife(t *testing.T) {
	for _, lang := range []struct {
		locale   string
		word     map[string]string
		resolved string // what the card says in the end
		taken    string // what the thread hears
	}{
		{"en-US", map[string]string{}, "closed", "Bob took it"},
		{"ru-RU", map[string]string{
			"new": "новый", "status": "статус", "list": "список", "find": "найти", "assign": "назначить", "take": "взять", "ack": "принято",
			"file": "подано", "respond": "ответ", "comment": "комментарий", "wait": "ждать", "resume": "продолжить", "resolve": "решено",
			"close": "закрыть", "reopen": "открыть", "cancel": "отмена", "severity": "серьезность", "watch": "следить", "unwatch": "неследить",
			"sla": "срок", "report": "отчет", "help": "помощь", "me": "я", "all": "все",
		}, "закрыт", "Bob"},
		{"de-DE", map[string]string{
			"new": "neu", "list": "liste", "find": "suche", "assign": "zuweisen", "take": "nehmen", "ack": "bestätigen", "file": "eingereicht",
			"respond": "antwort", "comment": "kommentar", "wait": "warten", "resume": "fortsetzen", "resolve": "gelöst", "close": "schließen",
			"reopen": "wiederöffnen", "cancel": "abbrechen", "severity": "schweregrad", "watch": "beobachten", "unwatch": "nichtbeobachten",
			"sla": "frist", "report": "bericht", "help": "hilfe", "me": "ich", "all": "alle",
		}, "geschlossen", "Bob"},
	} {
		t.Run(lang.locale, func(t *testing.T) {
			everyDesk(t, func(t *testing.T, d *desk) { wholeLife(t, d, lang.locale, lang.word, lang.taken) })
		})
	}
}

func wholeLife(t *testing.T, d *desk, locale string, translated map[string]string, taken string) {
	speaking := teamstest.Speaking(locale)
	room := d.Conversation(teamstest.Channel)
	alice, bob := room.As("Alice", speaking), room.As("Bob", speaking)
	carol := d.Conversation(teamstest.Personal).As("Carol", speaking)
	say := func(who *teamstest.Speaker, line string) *teamstest.Turn {
		t.Helper()
		word, rest, _ := strings.Cut(line, " ")
		if w, ok := translated[word]; ok {
			word = w
		}
		for _, arg := range []string{"me", "all"} {
			if w, ok := translated[arg]; ok {
				rest = strings.ReplaceAll(rest, "{"+arg+"}", w)
			}
			rest = strings.ReplaceAll(rest, "{"+arg+"}", arg)
		}
		d.move(40 * time.Second) // so that Teams' windows are no subject here
		return who.Say("@onbehalf " + word + " " + rest)
	}
	is := func(want request.Status) request.Ticket {
		t.Helper()
		now := d.one()
		if now.Status != want {
			t.Fatalf("the ticket is %s, not %s", now.Status, want)
		}
		return now
	}

	form := say(alice, "new contoso.example azure B VMs do not start").ExpectCard("description")
	form.Fill("description", "West Europe").Fill("subscriptionId", contosoSub).Press("intake/next").Press("intake/submit").Expect("SR-1")
	d.settle()
	home := bob.See(form).Expect("SR-1", "ticket/assign")

	say(carol, "watch 1").ExpectText("SR-1")
	say(bob, "take 1").ExpectText("SR-1")
	d.settle()
	is(request.Open)
	carol.InPersonalChat().ExpectText("SR-1", "VMs do not start", "Bob")
	say(bob, "ack 1").ExpectText("SR-1")
	say(bob, "assign 1 @Alice").ExpectText("Alice")
	d.settle()
	if m := alice.ExpectText("Alice", "SR-1"); !slices.ContainsFunc(d.Messages(room.ChannelID()), func(m teamstest.Message) bool {
		return slices.Contains(m.Mentioned, alice.Person.ID)
	}) {
		t.Errorf("the new assignee is not mentioned: %s", m.Raw)
	}
	say(alice, "assign 1 bob").ExpectText("Bob") // a typed name, looked up
	say(bob, "assign 1 {me}").ExpectText("Bob")
	say(bob, "file 1 "+case1+" 02:35").ExpectText(case1)
	if got := is(request.Filed); got.MicrosoftCase != case1 || got.FiledAt.UTC().Format("15:04") != "01:35" {
		t.Errorf("filed as %s at %s", got.MicrosoftCase, got.FiledAt)
	}
	say(bob, "respond 1 Engineer is on it").ExpectText("SR-1")
	is(request.InProgress)
	say(bob, "comment 1 Restarted twice").ExpectText("SR-1")
	say(bob, "wait 1 for the logs").ExpectText("SR-1")
	is(request.Waiting)
	say(bob, "resume 1").ExpectText("SR-1")
	is(request.InProgress)
	say(bob, "severity 1 C").ExpectText("SR-1")
	if got := is(request.InProgress); got.Severity != request.SeverityC {
		t.Errorf("severity %s", got.Severity)
	}
	say(bob, "resolve 1 New host").ExpectText("SR-1")
	is(request.Resolved)
	say(bob, "close 1")
	ask := bob.ExpectCard("reason") // nobody said that the customer knows (E10)
	is(request.Resolved)
	ask.Press("ticket/close", "customerInformed", "true")
	is(request.Closed)
	say(alice, "reopen 1 Broken again").ExpectText("SR-1")
	is(request.InProgress)
	say(bob, "resolve 1").ExpectText("SR-1")
	say(bob, "close 1 Customer left").ExpectText("SR-1")
	is(request.Closed)
	say(carol, "unwatch 1").ExpectText("SR-1")

	for _, line := range []string{"status 1", "list {all}", "find vms restarted"} {
		say(carol, line).ExpectCard("SR-1")
	}
	for _, line := range []string{"sla", "sla 1", "report", "help"} {
		say(carol, line).ExpectCard()
	}
	d.settle()
	want := []string{
		"opened", "watched", "assigned", "acked", "assigned", "assigned", "filed", "responded", "commented", "waiting", "resumed",
		"severity", "resolved", "closed", "reopened", "resolved", "closed", "unwatched",
	}
	if got := d.entries(1); !slices.Equal(got, want) {
		t.Errorf("history %v\nwant    %v", got, want)
	}
	last := bob.See(home)
	last.Expect("SR-1").ExpectNoButton("ticket/assign")
	for _, text := range []string{"Customer left"} {
		last.Expect(text)
	}
	if chat := d.messagesOf(d.PersonalID(carol.Person), carol.Person.ID); !strings.Contains(chat, "Restarted twice") {
		t.Errorf("the watcher was not told of the comment:\n%s", chat)
	}
	if got := d.messagesOf(d.PersonalID(bob.Person), bob.Person.ID); strings.Contains(got, "Restarted twice") {
		t.Errorf("Bob hears of what he did himself:\n%s", got)
	}

	// A second one is withdrawn.
	again := d.file(alice)
	say(alice, "cancel 2 Found it").ExpectText(again.Number.String())
	if got := d.ticket(2).Status; got != request.Cancelled {
		t.Errorf("withdrawn, it is %s", got)
	}
}

// TestEveryButton works a ticket by buttons alone.
func TestEveryButton(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice, bob := room.As("Alice"), room.As("Bob")
		form := filled(alice)
		form.Press("intake/submit").Expect("SR-1")
		d.settle()
		base := bob.See(form)
		if users := base.Content["refresh"].(map[string]any)["userIds"]; users != nil {
			t.Errorf("in a small chat everybody gets a view, not %v", users)
		}
		own := base.Refresh().ExpectButton("ticket/assign").ExpectButton("ticket/watch")
		if _, ok := own.Content["refresh"]; !ok {
			t.Error("a view that does not ask again is never redrawn")
		}
		own = own.Press("ticket/watch").ExpectButton("ticket/unwatch").Press("ticket/unwatch").ExpectButton("ticket/watch")
		mine := own.Press("ticket/assign", "to", "me").ExpectButton("ticket/sheet").ExpectButton("ticket/respond")
		d.settle()

		sheet := mine.Press("ticket/sheet").ExpectInput("microsoftCase").Expect("Cloud Solution Provider", "Contoso Ltd")
		sheet.Press("ticket/sheet", "plain", "true")
		bob.ExpectText("Cloud Solution Provider")
		wrong := sheet.Fill("microsoftCase", "12").Fill("text", "today").Press("ticket/file")
		wrong.Expect("Cloud Solution Provider").ExpectValue("microsoftCase", "12").ExpectValue("text", "today") // still the sheet
		d.move(time.Hour)
		filed := wrong.Fill("microsoftCase", "SR "+case1).Fill("text", "02:40").Press("ticket/file").Expect(case1)
		if got := d.one(); got.Status != request.Filed || !got.FiledAt.Equal(got.FiledAt.Truncate(time.Minute)) {
			t.Errorf("filed %+v", got)
		}
		going := filed.Fill("text", "On it").Press("ticket/respond").ExpectButton("ticket/resolve")
		going = going.Fill("text", "Logs are in").Press("ticket/comment").Expect("Logs are in")
		waiting := going.Fill("text", "for the customer").Press("ticket/wait").ExpectButton("ticket/resume")
		going = waiting.Fill("text", "").Press("ticket/resume").ExpectButton("ticket/wait")
		ask := going.Press("ticket/severity", "ask", "true").ExpectInput("severity")
		again := ask.Fill("severity", "A").Press("ticket/severity").ExpectInput("reason").ExpectValue("severity", "A")
		again.Expect("(fix this)")
		going = again.Fill("reason", "Production is down").Press("ticket/severity").ExpectButton("ticket/resolve")
		hand := going.Press("ticket/assign", "ask", "true").ExpectInput("text")
		hand = hand.Fill("text", "nobody of this name").Press("ticket/assign").ExpectValue("text", "nobody of this name").Expect("(fix this)")
		hand.Press("ticket/show").ExpectButton("ticket/resolve") // Back
		done := going.Fill("text", "New host").Press("ticket/resolve").Expect("ticket/close", "New host")
		refusedClose := done.Fill("reason", "").Press("ticket/close", "override", "true").Expect("ticket/close")
		refusedClose.ExpectInput("reason")
		closed := done.Fill("reason", "").Press("ticket/close", "customerInformed", "true").ExpectButton("ticket/reopen")
		open := closed.Fill("text", "Still broken").Press("ticket/reopen").ExpectButton("ticket/resolve")
		open.Fill("text", "").Press("ticket/resolve").Fill("reason", "They left us").Press("ticket/close", "override", "true").Expect("They left us")

		history := open.Press("ticket/history")
		history.Expect("Still broken", "ticket/history").Press("ticket/history").Expect("Alice")
		d.settle()
		alice.See(base).Refresh().ExpectButton("ticket/reopen")
		want := []string{
			"opened", "watched", "unwatched", "assigned", "filed", "responded", "commented", "waiting", "resumed", "severity",
			"resolved", "closed", "reopened", "resolved", "closed",
		}
		if got := d.entries(1); !slices.Equal(got, want) {
			t.Errorf("history %v\nwant    %v", got, want)
		}

		// Filing the same number once more is odd, and said to who did it.
		second := d.file(alice)
		first := d.ticket(1)
		if answer := d.pressed(bob, first.Number, first.Revision, "ticket/reopen", map[string]any{"text": "x"}); !strings.Contains(answer, "SR-1") {
			t.Errorf("answered %s", answer)
		}
		if answer := d.pressed(bob, second.Number, 1, "ticket/file", map[string]any{"microsoftCase": case1}); !strings.Contains(answer, "SR-1 too") {
			t.Errorf("a number that two tickets have is taken without a word: %s", answer)
		}

		// The rest asks nothing of a ticket.
		for verb, data := range map[string]map[string]any{
			"list/page": {"filter": "all", "offset": 0}, "sla/board": {}, "report/show": {"period": "week", "back": 0}, "help/show": {"topic": "follow"},
		} {
			if answer := d.pressed(bob, 1, 1, verb, data); !strings.Contains(answer, `"AdaptiveCard"`) {
				t.Errorf("%s answered %s", verb, answer)
			}
		}
		d.pressed(bob, 1, 1, "report/show", map[string]any{"period": "month", "back": 0, "csv": true})
		bob.ExpectText(",")

		// The requester withdraws one.
		third := d.file(alice)
		if d.pressed(alice, third.Number, 1, "ticket/cancel", map[string]any{"text": "Found it"}); d.ticket(third.Number).Status != request.Cancelled {
			t.Errorf("not withdrawn: %+v", d.ticket(third.Number))
		}
	})
}

func TestOlderClientsMoveTheSame(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		d.file(alice)
		d.settle()
		card := alice.ExpectCard("ticket/assign")
		card = card.PressOld("ticket/assign", "to", "me").ExpectUpdate(card, "ticket/respond")
		ask := card.PressOld("ticket/respond").ExpectUpdate(card, "microsoftCase")
		ask.Fill("text", "On it").PressOld("ticket/respond", "noNumber", "true").ExpectUpdate(ask, "ticket/resolve")
		if got := d.one(); got.Status != request.InProgress || got.Assignee.Name != "Alice" {
			t.Errorf("%+v", got)
		}
	})
}

// TestHandingOver gives a ticket to somebody by mention, by name and from
// somebody's own chat, and never to a stranger.
func TestHandingOver(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		alice := room.As("Alice")
		for _, name := range []string{"Bob", "Bobby Tables", "Ёлка Jäger"} {
			room.As(name)
		}
		room.As("Gast", teamstest.Guest())
		d.file(alice)
		d.settle()
		assignee := func(want string) {
			t.Helper()
			if got := d.one().Assignee.Name; got != want {
				t.Errorf("it is %q's, not %q's", got, want)
			}
		}
		alice.Say("@onbehalf assign 1 @Bobby Tables").ExpectText("Bobby Tables")
		assignee("Bobby Tables")
		alice.Say("@onbehalf assign 1 bob") // two begin so, one is called so
		assignee("Bob")
		own := d.Conversation(teamstest.Personal).As("Alice")
		own.Say("assign 1 елка").ExpectCard("SR-1", "Ёлка Jäger")
		assignee("Ёлка Jäger")
		d.move(time.Minute)
		ask := own.Say("assign 1").ExpectCard("text")
		ask.Fill("text", "nobody").Press("ticket/assign").ExpectValue("text", "nobody").Expect("nobody called").
			Fill("text", "bobby tables").Press("ticket/assign").Expect("Bobby Tables")
		d.move(time.Minute)
		own.Say("assign 1 bo").ExpectCard("Several")
		alice.Say("@onbehalf assign 1 @Gast").ExpectCard("Gast")
		alice.Say("@onbehalf assign 1 gast").ExpectCard("nobody called")
		assignee("Bobby Tables")
		d.move(time.Minute)
		alice.Say("@onbehalf watch 1 @Bob")
		if got := d.one().Watchers; len(got) != 1 || got[0].Name != "Bob" {
			t.Errorf("watched by %+v", got)
		}
		alice.Say("@onbehalf unwatch 1 bob")
		if got := d.one().Watchers; len(got) != 0 {
			t.Errorf("watched by %+v", got)
		}
	})
}

// TestMicrosoftsFirstResponseIsTyped notes it in one line, with a number, without one,
// and where it asks for the number, plainly: nothing was wrong.
func TestMicrosoftsFirstResponseIsTyped(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		alice := d.Conversation(teamstest.Personal).As("Alice")
		for line, want := range map[string]request.Answer{
			"Case #" + case1 + " They ask for logs": {MicrosoftCase: case1, Text: "They ask for logs"},
			"no number: they called at 14:05":       {NoNumber: true, Text: "they called at 14:05"},
			"Ohne Nummer":                           {NoNumber: true},
			"без номера, позвонили":                 {NoNumber: true, Text: "позвонили"},
			"They said 404 is known":                {Text: "They said 404 is known"},
			"no numbers in the log":                 {Text: "no numbers in the log"},
			"":                                      {},
		} {
			n := d.file(alice).Number
			d.move(time.Minute)
			answer := alice.Say(fmt.Sprintf("respond %d %s", n, line))
			if want.MicrosoftCase == "" && !want.NoNumber {
				ask := answer.ExpectCard("Under which number", "microsoftCase").ExpectValue("text", want.Text)
				if raw := fmt.Sprint(ask.Content); strings.Contains(raw, "attention") || strings.Contains(raw, "fix this") || d.ticket(n).Status != request.Open {
					t.Errorf("%q: a first question in red, or %s: %s", line, d.ticket(n).Status, raw)
				}
				ask.Press("ticket/respond", "asked", "true").Expect("(fix this)").ExpectValue("text", want.Text)
				continue
			}
			got := d.ticket(n)
			entries, err := d.store.History(t.Context(), n, 0, 1)
			if err != nil {
				t.Fatal(err)
			}
			text := entries[0].Text
			if got.Status != request.InProgress || got.MicrosoftCase != want.MicrosoftCase || text != want.Text {
				t.Errorf("%q: %s %q, %q", line, got.Status, got.MicrosoftCase, text)
			}
		}
	})
}

// TestDetailsAreForThoseWhoMayRead shows what was filed to a reader, the contact's
// number whole to those who file with it, and nothing of a fraud case to others.
func TestDetailsAreForThoseWhoMayRead(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		who := crowd(d.Conversation(teamstest.GroupChat))
		n := d.file(who["Rita"]).Number
		long := strings.Repeat("Nobody can work. ", 20)
		d.pressed(who["Otto"], n, 1, "ticket/comment", map[string]any{"text": long})
		for range 6 {
			d.move(time.Minute)
			d.pressed(who["Otto"], n, d.ticket(n).Revision, "ticket/watch", nil)
			d.pressed(who["Otto"], n, d.ticket(n).Revision, "ticket/unwatch", nil)
		}
		if answer := d.pressed(who["Otto"], n, 1, "ticket/show", nil); !strings.Contains(answer, "Nobody can work.") {
			t.Errorf("the newest words are gone: %s", answer)
		}
		of := d.ticket(n)
		for _, name := range []string{"Otto", "Rita"} {
			answer := d.pressed(who[name], n, 1, "ticket/details", nil)
			for _, want := range []string{of.Description, of.Customer.TenantID, of.Contact.Email, "ticket/show"} {
				if !strings.Contains(answer, want) {
					t.Errorf("%s does not read %q: %s", name, want, answer)
				}
			}
		}
		if answer := d.pressed(who["Otto"], n, 1, "ticket/details", map[string]any{"number": "x"}); strings.Contains(answer, of.Description) {
			t.Errorf("a forged number: %s", answer)
		}
	})
}
