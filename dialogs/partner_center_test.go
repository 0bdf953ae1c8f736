package dialogs_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/partnercenter"
	"onbehalf/bot/partnercenter/partnercentertest"
	"onbehalf/bot/request"
	"onbehalf/bot/teams/teamstest"
)

// A fraud request that Partner Center opens is a lead's from its first second: a card in
// their own chat that changes with the request, warnings that become quiet, and nothing of
// it for anybody else.
func TestAFraudRequestOfPartnerCenterIsWorkedByLeads_R5(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.GroupChat)
		otto, lena := room.As("Otto"), room.As("Lena Lead")
		chat := lena.InPersonalChat()
		chat.Say("language de").ExpectText("Deutsch")
		otto.InPersonalChat().Say("help")
		d.desk.DeskConversation = room.ID()
		lena.Say("@onbehalf help")
		d.settle()
		sender := partnercentertest.Start(t, d.Now)
		server := d.replica(d.store)
		d.desk.DeskConversation = room.ID()
		server.Events = &partnercenter.Receiver{
			Certificates: &partnercenter.Certificates{Hosts: []string{sender.Host()}, Roots: sender.Roots(), Now: d.Now, Log: d.log()},
			Store:        d.store, Desk: d.desk.Desk, Deliver: d.sender.DeliverNow, Meter: (*bot.Metrics)(nil), Now: d.Now, Log: d.log(),
		}
		routes := server.Routes(false)
		d.Attach(routes)
		if status, _ := sender.Post(routes, partnercentertest.Event("azure-fraud-event-detected", partnercentertest.FraudURI(contosoSub), d.Now())); status != http.StatusOK {
			t.Fatalf("answered %d", status)
		}
		// No sweep was needed: it was sent with the answer.
		card := chat.ExpectCard("SR-1", "Azure fraud detected", contosoSub, "Partner Center", "Contoso Ltd", "Betrug").ExpectButton("ticket/assign")
		d.settle()
		if all := d.messagesOf(room.ID(), ""); !strings.Contains(all, "SR-1") || strings.Contains(all, "Azure fraud") || strings.Contains(all, "Contoso") {
			t.Errorf("the desk reads %s", all)
		}
		otto.InPersonalChat().Say("status 1").ExpectCard("SR-1").ExpectNot("Contoso", "Azure fraud")
		otto.InPersonalChat().Say("list all")
		if all := d.messagesOf(otto.InPersonalChat().In.ID(), ""); strings.Contains(all, "Azure fraud") {
			t.Errorf("somebody else reads %s", all)
		}
		chat.Say("list all").ExpectCard("Azure fraud detected")

		// Nobody took it: the warning comes to leads, once, and becomes quiet when one does.
		before := len(d.Messages(chat.In.ID()))
		d.sweep(26 * time.Hour)                                  // the first opening was at 9, and the warnings half a day and more after it
		if n := len(d.Messages(chat.In.ID())) - before; n != 2 { // first response, and filing
			t.Errorf("%d warnings: %s", n, d.messagesOf(chat.In.ID(), ""))
		}
		card.Press("ticket/assign", "to", "me").Expect("Lena Lead")
		d.settle()
		chat.See(card).Expect("Lena Lead")
		if got := d.ticket(1); got.Assignee.Name != "Lena Lead" || len(got.Unreachable) > 0 {
			t.Errorf("%+v", got)
		}
		card.Press("ticket/details").Expect("Partner Center", contosoSub)
		card.Press("ticket/history").Expect("Partner Center")
		chat.Say("status 1").ExpectCard("SR-1").Press("ticket/sheet").Expect("Billing", "Azure-Portal")
		chat.Say("comment 1 We stopped the machines")
		chat.Say("assign 1 @Otto")
		chat.Say("file 1 " + case1)
		chat.Say("resolve 1 done")
		chat.Say("close 1 told")
		d.settle()
		if got := d.ticket(1); got.Status != request.Closed {
			t.Errorf("%+v", got)
		}
		waiting, err := d.store.Figures(t.Context())
		if err != nil || waiting.Waiting != 0 {
			t.Errorf("%+v, %v", waiting, err)
		}
		// Of fraud in a subscription that no customer has each lead gets a line, once a day.
		for range 2 {
			d.move(time.Minute)
			sender.Post(routes, partnercentertest.Event("azure-fraud-event-detected", partnercentertest.FraudURI("0b5b7f1e-2222-4000-8000-000000000002"), d.Now()))
			d.settle()
		}
		said := d.messagesOf(chat.In.ID(), "")
		if strings.Count(said, "Partner Center meldet Azure-Betrug im Abonnement 0b5b7f1e-2222-4000-8000-000000000002") != 1 {
			t.Errorf("leads read %s", said)
		}
	})
}
