package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/teams/teamstest"
)

// late is how much later than its instant a milestone may be fired here, where
// the machine is busy with other tests.
const late = 3 * time.Second

const secondsPolicy = `
clocks:
  response: {targets: {B: 6s}, warn: [50%], repeat: 1s, repeats: 2}
  handoff: {targets: {B: 4s}}
escalate:
  - {after: 0s, to: [assignee, thread]}
  - {after: 1500ms, to: [leads]}
  - {after: 2500ms, to: [escalation]}
`

// TestClocksRunInSeconds follows one ticket that its assignee forgets.
func TestClocksRunInSeconds(t *testing.T) {
	t.Parallel()
	everyDesk(t, func(t *testing.T, d *desk) {
		t.Parallel()
		escalation := d.Conversation(teamstest.Channel)
		d.env = with(d.env, "SLA_POLICY", written(t, "policy.yaml", secondsPolicy), "ESCALATION_CONVERSATION", escalation.ChannelID())
		behind(d.Teams, serving(t, d.env))
		d.InstallFor(d.Lead())
		channel := d.Conversation(teamstest.Channel)
		alice, bob := channel.As("Alice"), channel.As("Bob")
		card := filled(alice, "Slow")
		card.Press("intake/submit").Expect("SR-1")
		d.upToDate(card, "SR-1")
		bob.See(card).Press("ticket/assign", "to", "me").Expect("Bob")

		thread, lead := alice.In.ID(), d.PersonalID(d.Lead())
		for _, want := range []struct{ place, says string }{
			{thread, "SR-1: response due"},
			{thread, "SR-1 is not filed with Microsoft"},
			{thread, "SR-1 is late"},
			{d.PersonalID(bob.Person), "SR-1 is late"},
			{thread, "SR-1 is still late"},
			{lead, "SR-1 is still late"},
			{escalation.ChannelID(), "SR-1 is still late"},
		} {
			d.WaitFor(func(e teamstest.Event) bool { return says(e, want.place, want.says) })
		}
		heard := map[string]int{}
		for _, e := range d.Events() {
			for _, place := range []string{thread, lead, escalation.ChannelID()} {
				if says(e, place, "SR-1") {
					heard[place+" "+e.Message.Summary]++
				}
			}
			if says(e, thread, "SR-1 is late") && !slices.Contains(e.Message.Mentioned, bob.Person.ID) {
				t.Error("the breach mentions nobody")
			}
		}
		for what, n := range heard {
			if most := map[bool]int{true: 2, false: 1}[what == thread+" SR-1 is still late"]; n > most { // two repeats
				t.Errorf("%s: %d times", what, n)
			}
		}

		one := d.all()[0]
		at := map[string]time.Duration{
			"response/warn/1": 3 * time.Second, "handoff/breach": 4 * time.Second, "response/breach": 6 * time.Second,
			"response/repeat/1": 7 * time.Second, "response/ladder/2": 7500 * time.Millisecond, "response/repeat/2": 8 * time.Second,
			"response/ladder/3": 8500 * time.Millisecond,
		}
		written := map[string]int{}
		for _, what := range []string{"warned", "breached", "escalated"} {
			for _, e := range d.history(one.Number, what) {
				written[e.To]++
				lateness := e.At.Sub(one.OpenedAt.Add(at[e.To]))
				t.Logf("%s came %s late", e.To, lateness)
				if _, known := at[e.To]; !known || lateness < 0 || lateness > late {
					t.Errorf("%s came %s after its instant", e.To, lateness)
				}
			}
		}
		for name := range at {
			if written[name] != 1 {
				t.Errorf("%s stands %d times in the history", name, written[name])
			}
		}
		bob.Say("@onbehalf respond SR-1 no number: on it")
		if one = d.all()[0]; one.RespondedAt.IsZero() || !one.NextDueAt.IsZero() {
			t.Errorf("answered %v, next due %v", one.RespondedAt, one.NextDueAt)
		}
		if v := d.Violations(); len(v) > 0 {
			t.Errorf("limits of Teams were passed: %v", v)
		}
	}, teamstest.EnforceLimits())
}

// says tells whether an event is a new message in a place, or in a new thread of
// a channel, whose toast begins so.
func says(e teamstest.Event, place, toast string) bool {
	channel, _, _ := strings.Cut(e.Conversation, ";")
	return e.Message != nil && e.Status == http.StatusCreated && (e.Conversation == place || channel == place) && strings.HasPrefix(e.Message.Summary, toast)
}

var (
	dueTickets = flag.Int("due", 200, "tickets that fall due while replicas die; 2000 is the full proof")
	dueKills   = flag.Int("duekills", 4, "how often one of the replicas is killed meanwhile")
)

const breachPolicy = `
clocks:
  response: {targets: {B: 1h}, warn: [], repeat: 1h, repeats: 0}
  handoff: {targets: {}}
escalate:
  - {after: 0s, to: [thread]}
`

// TestReplicasDieUnderDueTickets lets many tickets fall due at one instant and
// kills one or the other of two replicas at random points, while Teams' answers
// get lost now and then.
func TestReplicasDieUnderDueTickets(t *testing.T) {
	t.Parallel()
	everyDesk(t, func(t *testing.T, d *desk) {
		t.Parallel()
		d.Patience = 10 * limit
		tickets, deaths := *dueTickets, *dueKills
		if testing.Short() {
			tickets, deaths = min(tickets, 60), min(deaths, 2)
		}
		file := written(t, "policy.yaml", breachPolicy)
		// Below what Teams takes: the fake and the bot have to share a busy machine, where
		// requests pile up that left one by one.
		d.env = with(d.env, "SLA_POLICY", file, "TEAMS_TENANT_RATE", "30")
		replicas := []*process{servingShipped(t, d.env), servingShipped(t, d.env)}
		teams := behind(d.Teams, replicas...)
		alice := d.Conversation(teamstest.GroupChat).As("Alice")
		alice.Say("@onbehalf help").ExpectCard() // from now on it is known where Teams is

		due := time.Now().Add(3 * time.Second).Truncate(time.Second)
		home := d.fill(file, tickets, due)
		d.Fault(teamstest.Fault{Op: "send", Times: 5, CutAfter: true})

		delivered := func(e teamstest.Event) bool {
			return e.Op == "send" && e.Status == http.StatusCreated && numberIn(e) != 0
		}
		var kills []time.Time
		kill := func() {
			i := rand.IntN(len(replicas))
			kills = append(kills, time.Now())
			replicas[i].kill()
			replicas[i] = servingShipped(t, d.env)
			teams.serve(replicas...)
		}
		// The first dies about when the milestones are written, the others among the
		// messages.
		timer := time.NewTimer(time.Until(due) + rand.N(300*time.Millisecond))
		<-timer.C
		kill()
		for range deaths - 1 {
			seen, goal := 0, rand.IntN(tickets/2) // the lanes of the dead wait for their leases to end
			d.WaitFor(func(e teamstest.Event) bool {
				if delivered(e) {
					seen++
				}
				return seen >= goal
			})
			kill()
		}
		told := map[request.Number][]teamstest.Event{}
		d.WaitFor(func(e teamstest.Event) bool {
			if delivered(e) {
				told[numberIn(e)] = append(told[numberIn(e)], e)
			}
			return len(told) == tickets
		})

		lost, doubled := 0, 0
		for n, events := range told {
			for i, e := range events {
				if e.Conversation != home[n] {
					t.Errorf("%s was told in %s", n, e.Conversation)
				}
				if e.Lost {
					lost++
				}
				unheard := e.Lost || slices.ContainsFunc(kills, func(at time.Time) bool { return e.At.After(at.Add(-late)) && e.At.Before(at.Add(late)) })
				if i < len(events)-1 {
					doubled++
					if !unheard {
						t.Errorf("%s was told again, although the bot had heard that it was told", n)
					}
				}
			}
		}
		t.Logf("%d tickets, %d kills, %d answers lost, %d told twice, all told %s after they were due", len(told), len(kills), lost, doubled,
			slices.MaxFunc(d.Events("send"), func(a, b teamstest.Event) int { return a.At.Compare(b.At) }).At.Sub(due).Round(time.Millisecond))
		for _, one := range d.all() {
			if got := fmt.Sprint(one.Fired); got != "[response/breach]" || !one.NextDueAt.IsZero() {
				t.Errorf("%s: fired %s, next due %v", one.Number, got, one.NextDueAt)
			}
			if n := len(d.history(one.Number, "breached")); n != 1 {
				t.Errorf("%s was late %d times", one.Number, n)
			}
		}
		if v := d.Violations(); len(v) > 0 {
			t.Errorf("limits of Teams were passed %d times: %v", len(v), v[0])
		}
	}, teamstest.EnforceLimits())
}

// fill keeps tickets that fall due at one instant, two in each group chat, and
// gives the conversation of each.
func (d *desk) fill(policyFile string, n int, due time.Time) map[request.Number]string {
	d.TB.Helper()
	ctx := d.TB.Context()
	policy, err := sla.Load(policyFile)
	if err != nil {
		d.TB.Fatal(err)
	}
	if err := d.store.SavePolicy(ctx, policy.ID(), policy.Text()); err != nil {
		d.TB.Fatal(err)
	}
	c, err := d.store.Customer(ctx, contosoID)
	if err != nil {
		d.TB.Fatal(err)
	}
	home := map[request.Number]string{}
	err = d.store.InTx(ctx, func(tx request.Tx) error {
		chat := ""
		for i := range n {
			if i%2 == 0 {
				chat = d.Conversation(teamstest.GroupChat).ID()
			}
			opened := due.Add(-time.Hour)
			one := &request.Ticket{
				Form: fmt.Sprint("due ", i), Revision: 1, Status: request.Open, Customer: *c, Platform: customer.Azure, Kind: request.Technical,
				Severity: request.SeverityB, Language: "en", Title: fmt.Sprint("Problem ", i), Requester: request.Person{ID: teamstest.ObjectID("Alice"), Name: "Alice"},
				UILanguage: "en", Zone: "UTC", Home: request.Place{Conversation: chat}, OpenedAt: opened, StartedAt: opened, UpdatedAt: opened, PolicyID: policy.ID(),
			}
			one.Response = policy.Start(sla.ClockResponse, one.Terms(), opened)
			one.Plan(policy)
			if err := tx.InsertTicket(ctx, one); err != nil {
				return err
			}
			home[one.Number] = chat
		}
		return nil
	})
	if err != nil {
		d.TB.Fatal(err)
	}
	return home
}

// numberIn is the ticket that a message calls late, 0 for others.
func numberIn(e teamstest.Event) request.Number {
	if e.Message == nil {
		return 0
	}
	first, rest, _ := strings.Cut(e.Message.Summary, " ")
	n, ok := request.ParseNumber(first)
	if !ok || !strings.HasPrefix(rest, "is late") {
		return 0
	}
	return n
}
