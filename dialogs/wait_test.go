package dialogs_test

import (
	"strings"
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// Whom a request waits for is what the person said, in words or on the card.
func TestWaitingForWhomIsHonoured(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		alice := d.Conversation(teamstest.Personal).As("Alice")
		opened(alice)
		alice.Say("take 1")
		for _, typed := range []struct {
			line, says string
			who        request.WaitFor
			again      string
		}{
			{"wait 1 Microsoft, logs", "Waiting for Microsoft since", request.ForMicrosoft, ""},
			{"wait 1 the customer's logs until tomorrow 10:00", "Waiting for the customer since", request.ForCustomer, "2026-11-24 10:00"},
			{"ждать 1 клиента, журналы до завтра", "Waiting for the customer since", request.ForCustomer, "2026-11-24 09:00"},
			{"warten 1 auf einen anderen Anbieter bis zum 30.11.", "Waiting since", request.ForOther, "2026-11-30 09:00"},
			{"wait 1 customer, logs until tomorrow 10", "Waiting for the customer since", request.ForCustomer, "2026-11-24 10:00"},
			{"warten 1 Kunde, Protokolle bis morgen um 10 Uhr", "Waiting for the customer since", request.ForCustomer, "2026-11-24 10:00"},
			{"ждать 1 клиента до завтра в 10 часов", "Waiting for the customer since", request.ForCustomer, "2026-11-24 10:00"},
			{"wait 1", "Waiting since", request.ForOther, ""},
		} {
			alice.Say(typed.line).ExpectCard(typed.says)
			got := d.one()
			again := ""
			if !got.Wait.AskAgainAt.IsZero() {
				again = got.Wait.AskAgainAt.In(berlin).Format("2006-01-02 15:04")
			}
			if got.Status != request.Waiting || got.Wait.For != typed.who || again != typed.again {
				t.Errorf("%q waits for %q until %q (%s)", typed.line, got.Wait.For, again, got.Status)
			}
			alice.Say("resume 1")
		}
		card := alice.Say("status 1").ExpectCard("SR-1")
		wrong := card.Fill("waitFor", "customer").Fill("text", "Microsoft needs their logs").Fill("askAgain", "soon").Press("ticket/wait")
		wrong.Expect("(fix this)", "tomorrow 10:00").ExpectValue("waitFor", "customer").ExpectValue("text", "Microsoft needs their logs").ExpectValue("askAgain", "soon")
		wrong = wrong.Fill("askAgain", "2026-11-01").Press("ticket/wait").Expect("(fix this)", "has passed")
		wrong.Fill("askAgain", "tomorrow 10:00").Press("ticket/wait").Expect("Waiting for the customer since", "I ask again", "Customer answered")
		if got := d.one(); got.Wait.For != request.ForCustomer || !got.NextDueAt.Before(got.Wait.AskAgainAt.Add(time.Second)) {
			t.Errorf("waits for %+v, next at %s", got.Wait, got.NextDueAt)
		}
		alice.Say("The answer came 1").ExpectCard("SR-1").ExpectNot("· Waiting")
		for _, title := range []string{"Microsoft", "The customer", "Somebody else", "nobody of this desk"} {
			again := d.pressed(alice, 1, d.one().Revision, "ticket/wait", map[string]any{"waitFor": title, "askAgain": "tomorrow 10:00"})
			want := map[string]request.WaitFor{"Microsoft": request.ForMicrosoft, "The customer": request.ForCustomer, "Somebody else": request.ForOther}[title]
			if got := d.one().Wait.For; got != want {
				t.Errorf("%q waits for %q", title, got)
			}
			if want == "" && !strings.Contains(again, `"2026-11-24 10:00"`) { // pressed tomorrow, it is the same moment
				t.Errorf("the card asks again with %s", again)
			}
			alice.Say("resume 1")
		}
		alice.Say("resolve 1 the logs said it")
		alice.Say("resolve 1 again").ExpectText("SR-1 is resolved already", "Nothing was changed")
	})
}
