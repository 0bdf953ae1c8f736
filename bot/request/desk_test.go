package request_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

const (
	contosoID    = "3ceaaf30-8142-48ea-91d9-3080f9b439fc"
	subscription = "9dfb369b-ab13-4fae-a276-55daa05f1119"
	ownTenant    = "b1c2d3e4-0000-4000-8000-000000000001"
	channel      = "19:team@thread.tacv2;messageid=1700000000000"
)

// sunday is the instant at which every test begins.
var sunday = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func person(name string) request.Person {
	return request.Person{ID: "id-" + name, TeamsID: "29:" + name, Tenant: ownTenant, Name: name, Email: name + "@partner.example"}
}

var (
	alice = person("Alice") // files
	bob   = person("Bob")   // works
	carol = person("Carol") // watches
	dave  = person("Dave")  // has nothing to do with it
	lena  = person("Lena")  // leads
)

// desk is a desk on a store of its own, each move a transaction, with a clock that
// stands still and everything that it told somebody.
type desk struct {
	storetest.Desk
	testing.TB
	mu      sync.Mutex
	at      time.Time
	notices []request.Notice
}

func openDesk(t testing.TB) *desk {
	t.Helper()
	return deskOn(t, storetest.Open(t, storetest.SQLite(t)))
}

// eachDesk runs a test with a desk on each database.
func eachDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, deskOn(t, s)) })
}

func deskOn(t testing.TB, s *store.Store) *desk {
	t.Helper()
	d := &desk{TB: t, at: sunday}
	now := func() time.Time { d.mu.Lock(); defer d.mu.Unlock(); return d.at }
	s.Now = now
	d.Desk = storetest.Desk{Store: s, Left: d.leave, Desk: &request.Desk{
		Policy: sla.BuiltIn(), Leads: func() request.Leads { return request.Leads{lena.ID} },
		OwnTenant: ownTenant, Tenants: []string{ownTenant}, Now: now,
	}}
	d.put(contoso())
	return d
}

func (d *desk) put(customers ...customer.Customer) {
	d.Helper()
	if _, _, err := d.Store.PutCustomers(d.Context(), customers); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) leave(notices []request.Notice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notices = append(d.notices, notices...)
}

func contoso() customer.Customer {
	return customer.Customer{
		TenantID: contosoID, Name: "Contoso Ltd", PrimaryDomain: "obhcontoso.onmicrosoft.com", CustomDomains: []string{"contoso.example"},
		Cloud: customer.Global, Relationship: "direct", AdminRelationship: "gdap", AdminEnd: "2027-11-22", Zone: "Europe/Berlin", Calendar: "de", Status: "active",
		Subscriptions: []customer.Subscription{{Branch: "azure", ID: subscription, Name: "Azure plan", Status: "active"}},
	}
}

// told gives the notices left since it was last asked.
func (d *desk) told() []request.Notice {
	d.mu.Lock()
	defer d.mu.Unlock()
	left := d.notices
	d.notices = nil
	return left
}

func (d *desk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = d.at.Add(by)
}

func answers(change ...func(*intake.Answers)) intake.Answers {
	a := intake.Answers{
		Customer: contosoID, Platform: "azure", Kind: "technical", Severity: "B", Language: "en", Title: "VMs do not start",
		Description: "All 14 VMs fail.", SubscriptionID: subscription, Tried: "other size", Criterion: "bug", HealthChecked: "yes",
	}
	for _, do := range change {
		do(&a)
	}
	return a
}

func fraud(a *intake.Answers) { a.Kind = "fraud" }

// file opens a ticket that Alice filed from the channel.
func (d *desk) file(change ...func(*intake.Answers)) *request.Ticket {
	d.Helper()
	t, err := d.Open(d.Context(), alice, d.form(change...), "open-1")
	if err != nil {
		d.Fatal(err)
	}
	return t
}

func (d *desk) form(change ...func(*intake.Answers)) *intake.Draft {
	d.Helper()
	draft, err := d.NewDraft(d.Context(), alice, request.Place{Conversation: channel}, "de", "Europe/Berlin", answers(change...))
	if err != nil {
		d.Fatal(err)
	}
	return draft
}

// session is what a turn of Alice's in the channel begins with. A form is the one of
// the button that was pressed.
func (d *desk) session(form string) bot.Session {
	d.Helper()
	s, err := d.Store.Session(d.Context(), bot.SessionKey{Delivery: bot.Delivery{Conversation: channel, Person: alice.ID}, Form: form})
	if err != nil {
		d.Fatal(err)
	}
	return s
}

// must takes the answer of a move that has to be done.
func (d *desk) must(t *request.Ticket, err error) *request.Ticket {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
	return t
}

func (d *desk) history(n request.Number) []request.Event {
	d.Helper()
	events, err := d.Store.History(d.Context(), n, 0, 100)
	if err != nil {
		d.Fatal(err)
	}
	return events
}

// refusedWith gives the code of a refusal, empty for any other answer. A refusal
// that no catalogue knows stops the test.
func refusedWith(err error) string {
	var refused *request.Refused
	if !errors.As(err, &refused) {
		return ""
	}
	for _, e := range intake.CodeTable {
		if e.Family == intake.RefusedCode && e.Name == refused.Code && slices.Equal(slices.Sorted(slices.Values(e.Args)), slices.Sorted(maps.Keys(refused.Args))) {
			return refused.Code
		}
	}
	panic(fmt.Sprintf("refusal %s with %v is not in the table", refused.Code, refused.Args))
}

func TestOpenKeepsEverythingThatWasTyped(t *testing.T) {
	d := openDesk(t)
	d.DeskConversation = "19:desk@thread.tacv2"
	opened := d.file(func(a *intake.Answers) { a.ContactPhone = "+49 30 1234567" })
	got, err := d.Ticket(t.Context(), alice, opened.Number)
	if err != nil {
		t.Fatal(err)
	}
	if got.Number != 1 || got.Status != request.Open || got.Title != "VMs do not start" || got.Description != "All 14 VMs fail." ||
		got.Customer.Name != "Contoso Ltd" || got.Details.SubscriptionID != subscription || got.Contact.Phone != "+49301234567" ||
		got.Contact.Email != "Alice@partner.example" || !got.Requester.Is(alice) || got.UILanguage != "de" || got.Zone != "Europe/Berlin" ||
		got.Home != (request.Place{Conversation: channel}) || got.PolicyID != d.Policy.ID() {
		t.Errorf("kept %+v", got)
	}
	if !got.Response.Due.Equal(sunday.Add(4*time.Hour)) || !got.NextDueAt.Equal(sunday.Add(30*time.Minute)) {
		t.Errorf("due %v, next %v: a B has four hours (R35), and handing over half an hour", got.Response.Due, got.NextDueAt)
	}
	events := d.history(1)
	if len(events) != 1 || events[0].What != "opened" || !events[0].By.Is(alice) || events[0].Origin != "open-1" || events[0].Revision != 1 {
		t.Errorf("history %+v", events)
	}
	notices := d.told()
	if len(notices) != 2 || notices[0].Reason != request.RedrawCard || notices[0].Handle != request.Handle(opened.Form) || notices[0].To != (request.Target{Conversation: channel}) ||
		notices[1].Reason != request.DeskCard || notices[1].Handle != "" || notices[1].To.Conversation != d.DeskConversation {
		t.Errorf("notices %+v", notices)
	}
	begins := d.session("")
	if begins.Contact.Phone != "+49301234567" {
		t.Errorf("contact remembered: %+v", begins.Contact)
	}
	if begins.Draft != nil {
		t.Errorf("the form is still there: %+v", begins.Draft)
	}
}

func TestTicketOfAPersonalChatSaysWhoseItIs(t *testing.T) {
	d := openDesk(t)
	draft, err := d.NewDraft(t.Context(), alice, request.Place{Conversation: "a:alice", Personal: true}, "en", "", answers())
	if err != nil {
		t.Fatal(err)
	}
	opened := d.must(d.Open(t.Context(), alice, draft, ""))
	d.must(d.Comment(t.Context(), bob, request.Move{Number: opened.Number}, "seen"))
	at := request.Target{Conversation: "a:alice", Owner: alice.ID}
	for _, n := range d.told() {
		if n.To != at {
			t.Errorf("%s goes to %+v, want %+v", n.Reason, n.To, at)
		}
	}
}

func TestTicketFiledInTheDeskConversationGetsNoSecondCard(t *testing.T) {
	d := openDesk(t)
	d.DeskConversation = "19:team@thread.tacv2"
	d.file()
	if notices := d.told(); len(notices) != 1 {
		t.Errorf("notices %+v", notices)
	}
}

func TestFormOpensOneTicketHoweverOftenItIsSent(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		form := d.form()
		var wait sync.WaitGroup
		var opened atomic.Int32
		for range 8 {
			wait.Go(func() {
				mine := *form
				got, err := d.Open(t.Context(), alice, &mine, "")
				if err == nil && got.Number == 1 && mine.Opened == 1 {
					opened.Add(1)
				} else if !errors.Is(err, request.ErrStale) {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		wait.Wait()
		if told := d.told(); opened.Load() != 1 || len(told) != 1 || len(d.history(1)) != 1 {
			t.Errorf("%d tickets, %d notices, history %+v", opened.Load(), len(told), d.history(1))
		}
		if again := d.session(form.Form); again.Draft == nil || again.Draft.Opened != 1 {
			t.Errorf("whoever sends it once more finds %+v", again.Draft)
		}
		if next := d.file(); next.Number != 2 {
			t.Errorf("the next is %s", next.Number)
		}
	})
}

func TestOpenRefusesWhatIsWrong(t *testing.T) {
	d := openDesk(t)
	open := func(by request.Person, change ...func(*intake.Answers)) error {
		form := d.form(change...)
		_, err := d.Open(t.Context(), by, form, "")
		if form.Opened != 0 {
			t.Errorf("the form is %s", form.Opened)
		}
		if err := d.Once(t.Context(), func(tx request.Tx) error { return tx.(intake.Tx).DropDraft(t.Context(), form.Form) }); err != nil {
			t.Fatal(err)
		}
		return err
	}
	var invalid *request.Invalid
	if err := open(alice, func(a *intake.Answers) { a.Title = " " }); !errors.As(err, &invalid) || invalid.Problems[0].Field != "title" {
		t.Errorf("without a title: %v", err)
	}
	var scope *intake.OutOfScope
	if err := open(alice, func(a *intake.Answers) { a.Topic = "x.sec" }); !errors.As(err, &scope) || scope.Code != "vulnerability" {
		t.Errorf("a vulnerability (T9): %v", err)
	}
	if err := open(bob); refusedWith(err) != "form_owner" {
		t.Errorf("somebody else's form: %v", err)
	}
	if len(d.told()) > 0 || d.session("").Contact != (request.Contact{}) {
		t.Error("something was kept for nothing")
	}
	if first := d.file(); first.Number != 1 {
		t.Errorf("the first ticket is %s", first.Number)
	}
}

func TestOpenRemembersTheWarningsPressedThrough(t *testing.T) {
	d := openDesk(t)
	opened := d.file(func(a *intake.Answers) { a.Tried, a.Severity = "", "A" })
	if got := opened.Details.Warnings; len(got) != 2 || got[0] != "tried" || got[1] != "reachable" {
		t.Errorf("warnings %v (R2, T16)", got)
	}
}

func TestCustomersByWhatPeopleType_R7(t *testing.T) {
	d := openDesk(t)
	names := map[string]string{"contoso-uk": "Contoso Ltd", "pharma": "Contoso Pharmaceuticals", "cafe": "Café Contoso Sàrl", "yolka": "АО «Ёлка и партнёры»", "wingtip": "Wingtip Toys", "gone": "Gone Ltd",
		// A whole name wins over its beginning.
		"services": "Contoso Ltd Services", "club": "Old Wingtip Club"}
	i := 0
	var all []customer.Customer
	for domain, name := range names {
		c := contoso()
		i++
		c.TenantID = "00000000-0000-4000-8000-00000000000" + string(rune('0'+i))
		c.Name, c.PrimaryDomain, c.CustomDomains = name, "obh"+domain+".onmicrosoft.com", []string{domain + ".example"}
		if domain == "gone" {
			c.Status = "left"
		}
		all = append(all, c)
	}
	d.put(all...)
	for typed, want := range map[string]int{
		"wingtip": 2, "WINGTIP toys": 1, "wingtip t": 1, "contoso ltd": 2, "contoso.example": 1, "contoso": 5, "contoso p": 1, "contoso ltd s": 1, "club": 1, "елка": 1, "cafe contoso": 1,
		contosoID: 1, "{" + contosoID + "}": 1, "nobody": 0, "": 0, "Gone Ltd": 0, "7e02ff05-b7c1-4ce2-bf76-95f56fced11d": 0, ownTenant: 1,
	} {
		found, err := d.MatchCustomer(t.Context(), typed)
		if err != nil || len(found.Customers) != want || found.Sure != (want == 1) {
			t.Errorf("%q gives %d customers, want %d, sure %t (%v)", typed, len(found.Customers), want, found.Sure, err)
		}
	}
	own, err := d.MatchCustomer(t.Context(), ownTenant)
	if err != nil || !own.Sure || !own.Only().Own {
		t.Errorf("the own tenant (R25): %+v, %v", own, err)
	}
}

func TestPolicyStaysWithTheTicket(t *testing.T) {
	d := openDesk(t)
	before := d.Policy
	opened := d.file()
	changed, err := sla.Parse("new.yaml", []byte("clocks:\n  response:\n    targets: {A: 1h, B: 2h, C: 3h, noncritical: 1bd}\n"))
	if err != nil {
		t.Fatal(err)
	}
	// Another process starts with the new policy and has read nothing yet.
	later := storetest.Desk{Store: d.Store, Desk: &request.Desk{Policy: changed, Leads: d.Leads, OwnTenant: ownTenant, Now: d.Now}}
	kept, err := later.PolicyOf(t.Context(), d.Store, opened)
	if err != nil || kept.ID() != before.ID() {
		t.Fatalf("policy of the old ticket: %v", err)
	}
	moved := d.must(later.SetSeverity(t.Context(), alice, request.Move{Number: opened.Number}, request.SeverityC, ""))
	if want := sunday.Add(8 * time.Hour); !moved.Response.Due.Equal(want) {
		t.Errorf("due %v, want %v by the policy it was opened under", moved.Response.Due, want)
	}
}
