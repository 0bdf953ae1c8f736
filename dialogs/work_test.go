package dialogs_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/intake"
	"onbehalf/bot/notify"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// case1 and case2 are numbers of the shape that Microsoft gives.
const (
	case1 = "2611230050001234"
	case2 = "2611230050009999"
)

// everyPair runs a test with two stores on each database: two replicas.
func everyPair(t *testing.T, test func(t *testing.T, d *desk, other *store.Store)) {
	t.Helper()
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		d, other := newDesk(t, storetest.Open(t, url)), storetest.Open(t, url)
		other.Now = d.Now
		test(t, d, other)
	})
}

// person is somebody as the desk knows them.
func (d *desk) person(name string, options ...teamstest.PersonOption) request.Person {
	p := d.Person(name, options...)
	return request.Person{ID: p.ObjectID, TeamsID: p.ID, Tenant: p.TenantID, Name: p.Name, Email: p.Email}
}

// file opens a ticket of somebody's in a conversation, without its form's cards.
func (d *desk) file(who *teamstest.Speaker, change ...func(*intake.Answers)) request.Ticket {
	d.testing.Helper()
	var a intake.Answers
	for id, value := range map[string]string{
		"customer": contoso, "platform": "azure", "severity": "B", "title": "VMs do not start", "description": "West Europe, since 8:40",
		"subscriptionId": contosoSub, "tried": "Resized", "criterion": "bug", "healthChecked": "none",
	} {
		a.Set(id, value)
	}
	for _, do := range change {
		do(&a)
	}
	by := d.person(who.Name)
	draft, err := d.desk.NewDraft(d.testing.Context(), by, request.Place{Conversation: who.In.ID(), Personal: strings.HasPrefix(who.In.ID(), "a:")}, "en", "Europe/Berlin", a)
	if err != nil {
		d.testing.Fatal(err)
	}
	opened, err := d.desk.Open(d.testing.Context(), by, draft, "")
	if err != nil {
		d.testing.Fatal(err)
	}
	return *opened
}

// draft is the unfinished form of somebody in a conversation, nil for none.
func (d *desk) draft(who *teamstest.Speaker) *intake.Draft {
	d.testing.Helper()
	session, err := d.store.Session(d.testing.Context(), bot.SessionKey{Delivery: bot.Delivery{Conversation: who.In.ID(), Person: who.ObjectID}})
	if err != nil {
		d.testing.Fatal(err)
	}
	return session.Draft
}

func fraud(a *intake.Answers) {
	a.Set("kind", "fraud")
	a.Set("title", "Stolen card")
	a.Set("description", "Invoices nobody ordered")
}

// settle lets some seconds pass and sends everything that waits then, those that
// waited for company too.
func (d *desk) settle() {
	d.testing.Helper()
	for {
		d.move(4 * time.Second)
		if d.sender.Serve(d.testing.Context()) == 0 {
			return
		}
	}
}

// sweep lets time pass and fires what falls due.
func (d *desk) sweep(after time.Duration) {
	d.testing.Helper()
	d.move(after)
	s := notify.Sweeper{Store: d.store, Desk: d.desk.Desk, Now: d.Now, Log: d.log()}
	if _, err := s.Sweep(d.testing.Context()); err != nil {
		d.testing.Fatal(err)
	}
	d.settle()
}

// ticket is one as it is now.
func (d *desk) ticket(n request.Number) request.Ticket {
	d.testing.Helper()
	found, err := d.store.Ticket(d.testing.Context(), n)
	if err != nil {
		d.testing.Fatal(err)
	}
	return *found
}

// entries are what the history says was done, oldest first.
func (d *desk) entries(n request.Number) (whats []string) {
	d.testing.Helper()
	all, err := d.store.History(d.testing.Context(), n, 0, 1000)
	if err != nil {
		d.testing.Fatal(err)
	}
	for _, e := range slices.Backward(all) {
		whats = append(whats, e.What)
	}
	return whats
}

// press is what a button of any card, however old, sends.
func press(who *teamstest.Speaker, n request.Number, rev int, verb string, data map[string]any) teamstest.Activity {
	values := map[string]any{"number": int64(n), "rev": rev}
	for id, v := range data {
		values[id] = v
	}
	a := who.Activity("invoke")
	a["name"] = "adaptiveCard/action"
	a["value"] = map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": verb, "data": values}, "trigger": "manual"}
	return a
}

// pressed posts that and returns the words of the answer.
func (d *desk) pressed(who *teamstest.Speaker, n request.Number, rev int, verb string, data map[string]any) string {
	d.testing.Helper()
	return said(d.testing, d.Post(press(who, n, rev, verb, data)).Body)
}

// said are the words of an answer to a press.
func said(t testing.TB, body []byte) string {
	t.Helper()
	var answer struct {
		Type  string
		Value json.RawMessage
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if answer.Type == "application/vnd.microsoft.error" {
		t.Errorf("a press ended in %s", body)
	}
	return string(answer.Value)
}

// messagesOf are what a conversation shows to a person now, as JSON.
func (d *desk) messagesOf(conversation, reader string) string {
	var all strings.Builder
	for _, m := range d.Messages(conversation) {
		if m.Recipient == "" || m.Recipient == reader {
			all.Write(m.Raw)
			all.WriteByte('\n')
		}
	}
	return all.String()
}
