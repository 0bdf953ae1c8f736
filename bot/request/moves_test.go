package request_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// doings does each move by its verb inside of a transaction, with words where it wants
// some.
var doings = map[string]func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error){
	"assign": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Assign(ctx, tx, by, m, dave)
	},
	"file": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.File(ctx, tx, by, m, "2611220010000417", time.Time{})
	},
	"respond": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Respond(ctx, tx, by, m, request.Answer{NoNumber: true})
	},
	"wait": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Wait(ctx, tx, by, m, request.Wait{}, "")
	},
	"resume": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Resume(ctx, tx, by, m, "")
	},
	"resolve": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Resolve(ctx, tx, by, m, "")
	},
	"close": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Close(ctx, tx, by, m, true, "")
	},
	"reopen": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Reopen(ctx, tx, by, m, "")
	},
	"cancel": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Cancel(ctx, tx, by, m, "")
	},
	"severity": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.SetSeverity(ctx, tx, by, m, request.SeverityC, "calm")
	},
	"ack": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Ack(ctx, tx, by, m)
	},
	"comment": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Comment(ctx, tx, by, m, "words")
	},
	"watch": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Watch(ctx, tx, by, m, dave)
	},
	"unwatch": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		return d.Unwatch(ctx, tx, by, m, by)
	},
	"sheet": func(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) (*request.Ticket, error) {
		s, err := d.Sheet(ctx, tx, by, m)
		return &s.Ticket, err
	},
}

// do does a move by its verb, a transaction of its own.
func (d *desk) do(verb string, by request.Person, m request.Move) (done *request.Ticket, err error) {
	err = d.In(d.Context(), func(tx request.Tx) error {
		done, err = doings[verb](d.Context(), d.Desk.Desk, tx, by, m)
		return err
	})
	return done, err
}

// paths lead a new ticket into each status.
var paths = map[request.Status][]string{
	request.Open: {}, request.Filed: {"file"}, request.InProgress: {"respond"}, request.Waiting: {"wait"},
	request.Resolved: {"resolve"}, request.Closed: {"resolve", "close"}, request.Cancelled: {"cancel"},
}

// led gives a ticket in a status, with Bob as assignee and Carol as a watcher whom
// Alice added.
func (d *desk) led(status request.Status, change ...func(*intake.Answers)) *request.Ticket {
	d.Helper()
	t := d.file(change...)
	m := request.Move{Number: t.Number}
	d.must(d.Assign(d.Context(), alice, m, bob))
	t = d.must(d.Watch(d.Context(), alice, m, carol))
	for _, verb := range paths[status] {
		t = d.must(d.do(verb, lena, m))
	}
	if t.Status != status {
		d.Fatalf("led to %s, not to %s", t.Status, status)
	}
	return t
}

func TestMovesGoWhereTheTableSays(t *testing.T) {
	allowed := map[request.Status]map[string]request.Status{
		request.Open:       {"assign": request.Open, "file": request.Filed, "respond": request.InProgress, "wait": request.Waiting, "resolve": request.Resolved, "cancel": request.Cancelled, "severity": request.Open, "ack": request.Open, "sheet": request.Open},
		request.Filed:      {"assign": request.Filed, "file": request.Filed, "respond": request.InProgress, "wait": request.Waiting, "resolve": request.Resolved, "severity": request.Filed, "ack": request.Filed, "sheet": request.Filed},
		request.InProgress: {"assign": request.InProgress, "file": request.InProgress, "wait": request.Waiting, "resolve": request.Resolved, "severity": request.InProgress, "sheet": request.InProgress},
		request.Waiting:    {"assign": request.Waiting, "file": request.Waiting, "respond": request.Waiting, "resume": request.Open, "resolve": request.Resolved, "severity": request.Waiting, "ack": request.Waiting, "sheet": request.Waiting},
		request.Resolved:   {"close": request.Closed, "reopen": request.InProgress},
		request.Closed:     {"reopen": request.InProgress},
		request.Cancelled:  {},
	}
	d := openDesk(t)
	for status, moves := range allowed {
		for _, verb := range []string{"comment", "watch", "unwatch"} {
			moves[verb] = status
		}
		for verb := range doings {
			t.Run(fmt.Sprintf("%s/%s", status, verb), func(t *testing.T) {
				before := d.led(status)
				entries := len(d.history(before.Number))
				after, err := d.do(verb, lena, request.Move{Number: before.Number})
				want, ok := moves[verb]
				switch {
				case ok && (err != nil || after.Status != want):
					t.Fatalf("%s from %s: %+v, %v; want %s", verb, status, after, err, want)
				case !ok && refusedWith(err) == "":
					t.Fatalf("%s from %s: %v, want a refusal", verb, status, err)
				case !ok && len(d.history(before.Number)) != entries:
					t.Fatal("a refused move left an entry")
				}
				offered := slices.Contains(d.Show(*before, d.Viewer(lena), false).Moves, "ticket/"+verb)
				if offered && !ok {
					t.Errorf("a card offers %s, which is refused", verb)
				}
			})
		}
	}
}

// Rights: who may do what on an ordinary ticket that Bob has, and before anybody
// has it.
func TestRightsOfEachRole(t *testing.T) {
	everyone := []string{"assign", "ack", "comment", "watch", "unwatch"}
	owners := append(slices.Clone(everyone), "cancel", "severity")
	workers := append(slices.Clone(owners), "release", "file", "respond", "wait", "resolve", "sheet")
	d := openDesk(t)
	for _, tc := range []struct {
		who  request.Person
		may  []string
		role request.Role
	}{
		{bob, workers, request.RoleAssignee}, {lena, workers, request.RoleLead}, {alice, owners, request.RoleRequester},
		{carol, everyone, request.RoleWatcher}, {dave, everyone, request.RoleOther},
	} {
		for verb := range doings {
			if verb == "resume" || verb == "close" || verb == "reopen" {
				continue // not from open
			}
			t.Run(tc.who.Name+"/"+verb, func(t *testing.T) {
				n := d.led(request.Open).Number
				_, err := d.do(verb, tc.who, request.Move{Number: n})
				if may := slices.Contains(tc.may, verb); may != (err == nil) {
					t.Errorf("%s may %s: %v, but %v", tc.who.Name, verb, may, err)
				}
				if err != nil && !strings.HasPrefix(refusedWith(err), "only_") {
					t.Errorf("refused with %v", err)
				}
			})
		}
		view := d.Show(*d.led(request.Open), d.Viewer(tc.who), false)
		if view.Role != tc.role || view.Hidden {
			t.Errorf("%s is %s, want %s", tc.who.Name, view.Role, tc.role)
		}
		for _, verb := range view.Moves {
			if !slices.Contains(tc.may, strings.TrimPrefix(verb, "ticket/")) {
				t.Errorf("%s is offered %s", tc.who.Name, verb)
			}
		}
	}
	unassigned := d.file()
	d.must(d.Respond(t.Context(), dave, request.Move{Number: unassigned.Number}, "nobody had it"))
	if _, err := d.Cancel(t.Context(), dave, request.Move{Number: unassigned.Number}, ""); refusedWith(err) == "" {
		t.Errorf("Dave withdrew Alice's request: %v", err)
	}
}

func TestFraudIsSeenAndMovedByItsPeopleOnly_R5(t *testing.T) {
	strangers := openDesk(t)
	for verb := range doings {
		for _, status := range []request.Status{request.Open, request.Waiting, request.Resolved, request.Closed} {
			d := strangers
			kept := d.led(status, fraud, func(a *intake.Answers) { a.Title = "secret title" })
			entries := len(d.history(kept.Number))
			_, err := d.do(verb, dave, request.Move{Number: kept.Number})
			var refused *request.Refused
			if !errors.As(err, &refused) || refused.Code != "hidden" {
				t.Fatalf("a stranger's %s of a %s fraud case: %v", verb, status, err)
			}
			text, err := json.Marshal(refused)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"secret", "Contoso", "Bob", "Alice", "Carol", "fraud", "All 14", subscription, contosoID} {
				if strings.Contains(string(text), word) {
					t.Errorf("the refusal of %s tells %q: %s", verb, word, text)
				}
			}
			if len(d.history(kept.Number)) != entries {
				t.Errorf("a stranger's %s left an entry", verb)
			}
		}
	}
	d := openDesk(t)
	kept := d.led(request.Open, fraud)
	m := request.Move{Number: kept.Number}
	for _, p := range []request.Person{alice, bob, carol, lena} {
		if _, err := d.Ticket(t.Context(), p, kept.Number); err != nil {
			t.Errorf("%s may see it, but %v", p.Name, err)
		}
	}
	if _, err := d.Ticket(t.Context(), dave, kept.Number); refusedWith(err) != "hidden" {
		t.Errorf("a stranger sees it: %v", err)
	}
	if _, err := d.History(t.Context(), dave, kept.Number, 0, 10); refusedWith(err) != "hidden" {
		t.Errorf("a stranger sees its history: %v", err)
	}
	if _, err := d.Watch(t.Context(), carol, m, dave); refusedWith(err) != "fraud_watch" {
		t.Errorf("a watcher adds another: %v", err)
	}
	for _, shared := range []bool{true, false} {
		view := d.Show(*kept, d.Viewer(dave), shared)
		if !view.Hidden || len(view.Moves) > 0 || view.Title != "" || view.Customer.Name != "" || view.Kind != "" {
			t.Errorf("a stranger's card shows %+v", view)
		}
	}
	if view := d.Show(*kept, d.Viewer(alice), true); !view.Hidden {
		t.Errorf("a card that several people see shows %+v", view)
	}
	for _, p := range []request.Person{alice, dave} {
		page, err := d.List(t.Context(), p, request.Query{Filter: request.All})
		found, err2 := d.Find(t.Context(), p, "VMs", 0)
		report, err3 := d.Report(t.Context(), p, sunday.Add(-time.Hour), sunday.Add(time.Hour))
		want := 0
		if p.Is(alice) {
			want = 1
		}
		if err := errors.Join(err, err2, err3); err != nil || len(page.Tickets) != want || len(found.Tickets) != want || report.Total.Opened != want {
			t.Errorf("%s lists %d, finds %d, counts %d, want %d (%v)", p.Name, len(page.Tickets), len(found.Tickets), report.Total.Opened, want, err)
		}
	}
}

func TestLeadWhoIsRemovedLosesTheRightAtOnce(t *testing.T) {
	d := openDesk(t)
	leads := request.Leads{lena.ID}
	d.Leads = func() request.Leads { return leads }
	kept := d.led(request.Open, fraud)
	if _, err := d.Ticket(t.Context(), lena, kept.Number); err != nil {
		t.Fatal(err)
	}
	leads = nil
	if _, err := d.Ticket(t.Context(), lena, kept.Number); refusedWith(err) != "hidden" {
		t.Errorf("a former lead sees it: %v", err)
	}
}

// Two clicks on one card are two activities; the second finds the card outdated. To see
// an alarm twice is the one thing that may be said twice.
func TestSameButtonPressedTwiceMovesATicketOnce(t *testing.T) {
	d := openDesk(t)
	for verb := range doings {
		if verb == "ack" || verb == "sheet" {
			continue
		}
		t.Run(verb, func(t *testing.T) {
			status := request.Open
			switch verb {
			case "resume":
				status = request.Waiting
			case "close", "reopen":
				status = request.Resolved
			}
			drawn := d.led(status)
			if verb == "unwatch" {
				drawn = d.must(d.Watch(t.Context(), lena, request.Move{Number: drawn.Number}, lena))
			}
			card := request.Move{Number: drawn.Number, Revision: drawn.Revision}
			d.told()
			first := d.must(d.do(verb, lena, card))
			entries, told := d.history(drawn.Number), d.told()
			if len(told) == 0 || entries[0].Revision != first.Revision {
				t.Fatalf("the first press left %+v and %d notices", entries[0], len(told))
			}
			var wait sync.WaitGroup
			for range 4 {
				wait.Go(func() {
					again, err := d.do(verb, lena, card)
					var changed *request.Changed
					if errors.As(err, &changed) {
						again, err = changed.Ticket, nil
					}
					if err != nil || again.Revision != first.Revision {
						t.Errorf("again: %+v, %v", again, err)
					}
				})
			}
			wait.Wait()
			if got := len(d.history(drawn.Number)); got != len(entries) || len(d.told()) > 0 {
				t.Errorf("%d entries, were %d; or a second notice", got, len(entries))
			}
		})
	}
}

func TestLaterOfTwoMovesIsToldWhatHappened(t *testing.T) {
	d := openDesk(t)
	drawn := d.file()
	card := request.Move{Number: drawn.Number, Revision: drawn.Revision}
	d.must(d.Take(t.Context(), bob, card))
	var changed *request.Changed
	if _, err := d.Take(t.Context(), dave, card); !errors.As(err, &changed) {
		t.Fatalf("the second to take it: %v", err)
	}
	if !changed.Ticket.Assignee.Is(bob) || len(changed.Since) != 1 || changed.Since[0].What != "assigned" || !changed.Since[0].By.Is(bob) {
		t.Errorf("told %+v", changed)
	}
	// What does not exclude each other goes on from an old card.
	d.must(d.Comment(t.Context(), dave, card, "from an old card"))
	d.must(d.Ack(t.Context(), dave, card))
	d.must(d.Watch(t.Context(), dave, card, dave))
	d.must(d.SetSeverity(t.Context(), lena, card, request.SeverityC, ""))
	// A right that was lost since is told as what happened, not as a refusal.
	if _, err := d.Respond(t.Context(), dave, card, ""); !errors.As(err, &changed) {
		t.Errorf("respond from before Bob took it: %v", err)
	}
	// Without a card there is nothing to be old.
	if taken := d.must(d.Take(t.Context(), dave, request.Move{Number: drawn.Number})); !taken.Assignee.Is(dave) {
		t.Errorf("typed: %+v", taken.Assignee)
	}
}

// A press that comes while another one is being kept is decided on what that one left.
func TestMoveInBetweenIsNoticed(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		drawn := d.file()
		card := request.Move{Number: drawn.Number, Revision: drawn.Revision}
		type move func(tx request.Tx) (*request.Ticket, error)
		later := func(first, second move) error {
			done := make(chan error, 1)
			err := d.Once(t.Context(), func(tx request.Tx) error {
				_, err := first(tx)
				go func() {
					done <- d.In(t.Context(), func(tx request.Tx) error { _, err := second(tx); return err })
				}()
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return <-done
		}
		take := func(by request.Person) move {
			return func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Desk.Take(t.Context(), tx, by, card) }
		}
		say := func(by request.Person, words string) move {
			return func(tx request.Tx) (*request.Ticket, error) {
				return d.Desk.Desk.Comment(t.Context(), tx, by, card, words)
			}
		}
		var changed *request.Changed
		if err := later(take(bob), take(dave)); !errors.As(err, &changed) || !changed.Since[0].By.Is(bob) {
			t.Errorf("taken in between: %v", err)
		}
		now, err := d.Ticket(t.Context(), dave, drawn.Number)
		if err != nil || !now.Assignee.Is(bob) {
			t.Errorf("%s has it (%v)", now.Assignee.Name, err)
		}
		if err := later(say(bob, "first"), say(dave, "second")); err != nil {
			t.Error(err)
		}
		if entries := d.history(drawn.Number); len(entries) != 4 || entries[0].Text != "second" {
			t.Errorf("history %+v", entries)
		}
	})
}

func TestWhoeverLosesAFraudCaseHearsNoMoreOfIt_R5(t *testing.T) {
	d := openDesk(t)
	m := request.Move{Number: d.led(request.Open, fraud).Number}
	d.told()
	d.must(d.Assign(t.Context(), lena, m, dave))
	for _, n := range d.told() {
		if n.To.Person.Is(bob) {
			t.Errorf("Bob is told: %+v", n)
		}
	}
	if _, err := d.Ticket(t.Context(), bob, m.Number); refusedWith(err) != "hidden" {
		t.Errorf("Bob still sees it: %v", err)
	}
}

func TestManyTakeItAtOnceAndOneGetsIt(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		drawn := d.file()
		card := request.Move{Number: drawn.Number, Revision: drawn.Revision}
		const people = 8
		var wait sync.WaitGroup
		won := make([]bool, people)
		for i := range people {
			wait.Go(func() {
				var changed *request.Changed
				_, err := d.Take(t.Context(), person(fmt.Sprint("P", i)), card)
				won[i] = err == nil
				if err != nil && !errors.As(err, &changed) {
					t.Errorf("P%d: %v", i, err)
				}
			})
		}
		wait.Wait()
		if n := len(slices.DeleteFunc(won, func(w bool) bool { return !w })); n != 1 {
			t.Errorf("%d people got it", n)
		}
		if entries := d.history(drawn.Number); len(entries) != 2 {
			t.Errorf("history %+v", entries)
		}
	})
}

// Comments from everywhere at once are all kept, whoever is first.
func TestManyCommentAtOnceAndAllAreKept(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		drawn := d.file()
		const people = 12
		var wait sync.WaitGroup
		for i := range people {
			wait.Go(func() {
				if _, err := d.Comment(t.Context(), person(fmt.Sprint("P", i)), request.Move{Number: drawn.Number, Revision: 1}, fmt.Sprint("comment ", i)); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := len(d.history(drawn.Number)); got != people+1 {
			t.Errorf("%d entries", got)
		}
	})
}

func TestClosingWantsTheCustomerInformed_E10(t *testing.T) {
	d := openDesk(t)
	n := d.led(request.Resolved).Number
	m := request.Move{Number: n}
	var invalid *request.Invalid
	if _, err := d.Close(t.Context(), bob, m, false, " \n"); !errors.As(err, &invalid) || invalid.Problems[0].Code != "not_informed" {
		t.Fatalf("closed without telling: %v", err)
	}
	closed := d.must(d.Close(t.Context(), bob, m, false, "they are bankrupt"))
	if e := d.history(n)[0]; closed.Status != request.Closed || e.Text != "they are bankrupt" || !e.By.Is(bob) {
		t.Errorf("the override keeps name and reason: %+v", e)
	}
}

func TestFilingStartsMicrosoftsClock(t *testing.T) {
	d := openDesk(t)
	m := request.Move{Number: d.led(request.Open).Number}
	d.pass(time.Hour)
	for at, want := range map[time.Time]string{
		sunday.Add(-time.Minute): "time_before_ticket", sunday.Add(time.Hour + 3*time.Minute): "time_future",
	} {
		var invalid *request.Invalid
		if _, err := d.File(t.Context(), bob, m, "2611220010000417", at); !errors.As(err, &invalid) || invalid.Problems[0].Code != want {
			t.Errorf("filed at %v: %v, want %s", at, err, want)
		}
	}
	filed := d.must(d.File(t.Context(), bob, m, "TrackingID#2611220010000417", sunday.Add(10*time.Minute)))
	if filed.MicrosoftCase != "2611220010000417" || !filed.FiledAt.Equal(sunday.Add(10*time.Minute)) ||
		!filed.Microsoft.Due.Equal(sunday.Add(10*time.Minute+4*time.Hour)) || !filed.Response.Due.Equal(sunday.Add(4*time.Hour)) {
		t.Errorf("filed %+v", filed)
	}
	d.pass(time.Minute)
	corrected := d.must(d.File(t.Context(), bob, m, "2611220010000418", time.Time{}))
	if corrected.MicrosoftCase != "2611220010000418" || !corrected.FiledAt.Equal(filed.FiledAt) || corrected.Status != request.Filed {
		t.Errorf("corrected %+v", corrected)
	}
	entries := len(d.history(m.Number))
	d.must(d.File(t.Context(), bob, m, "2611220010000418", time.Time{}))
	if len(d.history(m.Number)) != entries {
		t.Error("the same number again left an entry")
	}
}

func TestFirstResponseIsMicrosoftsToTheRequest(t *testing.T) {
	d := openDesk(t)
	m := request.Move{Number: d.led(request.Open).Number}
	d.pass(time.Hour)
	d.must(d.Comment(t.Context(), bob, m, "we told the customer that we are on it"))
	if own, err := d.Ticket(t.Context(), bob, m.Number); err != nil || !own.RespondedAt.IsZero() || own.NextDueAt.IsZero() {
		t.Errorf("the desk's own answer stopped the clock: %+v, %v", own, err)
	}
	for want, a := range map[string]request.Answer{
		"case_first":  {Text: "they answered"},
		"case_length": {Text: "they answered", MicrosoftCase: "123"},
	} {
		var invalid *request.Invalid
		if _, err := d.Answered(t.Context(), bob, m, a); !errors.As(err, &invalid) || invalid.Problems[0].Code != want || invalid.Problems[0].Field != "microsoftCase" {
			t.Errorf("%+v: %v, want %s", a, err, want)
		}
	}
	got := d.must(d.Answered(t.Context(), bob, m, request.Answer{Text: "they answered", MicrosoftCase: "2611220010000417"}))
	if got.MicrosoftCase != "2611220010000417" || got.Status != request.InProgress || !got.RespondedAt.Equal(sunday.Add(time.Hour)) || !got.NextDueAt.IsZero() {
		t.Errorf("answered with a number: %+v", got)
	}
	var entries []string
	for _, e := range d.history(m.Number) {
		entries = append(entries, e.What+" "+e.To)
	}
	if said := strings.Join(entries, ", "); !strings.Contains(said, "responded in_progress, filed 2611220010000417") &&
		!strings.Contains(said, "filed 2611220010000417, responded in_progress") {
		t.Errorf("the history has %s", said)
	}
	if _, err := d.Respond(t.Context(), bob, m, ""); refusedWith(err) != "answered" {
		t.Errorf("answered twice: %v", err)
	}
	// Without a number it is Microsoft's answer all the same, whenever the number comes.
	other := request.Move{Number: d.led(request.Open).Number}
	d.must(d.Answered(t.Context(), bob, other, request.Answer{NoNumber: true}))
	d.pass(time.Hour)
	if filed := d.must(d.File(t.Context(), bob, other, "2611220010000499", time.Time{})); !filed.NextDueAt.IsZero() || filed.Status != request.InProgress {
		t.Errorf("the number came later: %+v", filed)
	}
}

func TestResolvedWithoutAnAnswerIsNoAnswer(t *testing.T) {
	for _, late := range []bool{false, true} {
		d := openDesk(t)
		m := request.Move{Number: d.led(request.Filed).Number}
		if late {
			d.pass(5 * time.Hour)
		}
		resolved := d.must(d.Resolve(t.Context(), bob, m, "it mended itself"))
		if !resolved.RespondedAt.IsZero() || !resolved.NextDueAt.IsZero() || !resolved.Unanswered() {
			t.Errorf("resolved: %+v", resolved)
		}
		d.pass(48 * time.Hour)
		if by := resolved.LateBy(d.Now()); late != (by == time.Hour) || !late && by != 0 {
			t.Errorf("late %v: by %v", late, by)
		}
		again := d.must(d.Reopen(t.Context(), bob, m, "still broken"))
		if again.Status != request.InProgress || !again.NextDueAt.IsZero() || again.Late(d.Now()) != late {
			t.Errorf("late %v, reopened: %+v", late, again)
		}
		raised := d.must(d.SetSeverity(t.Context(), bob, m, request.SeverityA, "worse"))
		if !late && (!raised.NextDueAt.IsZero() || raised.Late(d.Now())) {
			t.Errorf("a new severity started a clock: %+v", raised)
		}
		if answered := d.must(d.Respond(t.Context(), bob, m, "")); answered.RespondedAt.IsZero() || answered.Late(d.Now()) {
			t.Errorf("answered: %+v", answered)
		}
	}
}

func TestWaitingStopsNoClockAndResumeGoesBack(t *testing.T) {
	d := openDesk(t)
	m := request.Move{Number: d.led(request.Filed).Number}
	waiting := d.must(d.Wait(t.Context(), bob, m, request.Wait{}, "for logs"))
	if waiting.NextDueAt.IsZero() || waiting.WaitingSince.IsZero() {
		t.Errorf("waiting: %+v", waiting)
	}
	if back := d.must(d.Resume(t.Context(), bob, m, "")); back.Status != request.Filed || !back.WaitingSince.IsZero() {
		t.Errorf("back to %s", back.Status)
	}
	d.must(d.Wait(t.Context(), bob, m, request.Wait{}, ""))
	if answered := d.must(d.Respond(t.Context(), bob, m, "")); answered.Status != request.Waiting || answered.RespondedAt.IsZero() {
		t.Errorf("answered while waiting: %s", answered.Status)
	}
	if back := d.must(d.Resume(t.Context(), bob, m, "")); back.Status != request.InProgress {
		t.Errorf("back to %s", back.Status)
	}
}

func TestReopeningStartsNoClock(t *testing.T) {
	d := openDesk(t)
	m := request.Move{Number: d.led(request.Resolved).Number}
	d.pass(48 * time.Hour)
	again := d.must(d.Reopen(t.Context(), dave, m, "still broken"))
	if again.Status != request.InProgress || !again.NextDueAt.IsZero() || again.Late(d.Now()) {
		t.Errorf("reopened: %+v", again)
	}
}

func TestSeverityMovesTheClocks(t *testing.T) {
	for _, tc := range []struct {
		from, to request.Severity
		after    time.Duration
		due      time.Duration
		reason   bool
	}{
		{"B", "A", time.Hour, 3 * time.Hour, true},            // min(4h, 1h+2h)
		{"B", "A", 3 * time.Hour, 4 * time.Hour, true},        // the old one was earlier
		{"A", "C", time.Hour, 8 * time.Hour, true},            // lowered: from the start
		{"C", "B", time.Hour, 5 * time.Hour, false},           // raised: from now
		{"B", "C", time.Hour, 8 * time.Hour, false},           // lowered
		{"A", "B", time.Hour, 4 * time.Hour, true},            // down from A
		{"B", "noncritical", time.Hour, 28 * time.Hour, true}, // a business day from Sunday: Monday 17:00 in Berlin
	} {
		d := openDesk(t)
		opened := d.led(request.Open, func(a *intake.Answers) { a.Severity = string(tc.from) })
		d.pass(tc.after)
		m := request.Move{Number: opened.Number}
		var invalid *request.Invalid
		if _, err := d.SetSeverity(t.Context(), bob, m, tc.to, ""); errors.As(err, &invalid) != tc.reason {
			t.Errorf("%s to %s without a reason: %v", tc.from, tc.to, err)
		}
		if tc.reason {
			d.must(d.SetSeverity(t.Context(), bob, m, tc.to, "because"))
		}
		got, err := d.Ticket(t.Context(), bob, m.Number)
		if err != nil {
			t.Fatal(err)
		}
		if want := sunday.Add(tc.due); !got.Response.Due.Equal(want) || got.Severity != tc.to || got.Epoch <= opened.Epoch && !got.Response.Due.Equal(opened.Response.Due) {
			t.Errorf("%s to %s after %v: due %v (epoch %d), want %v", tc.from, tc.to, tc.after, got.Response.Due, got.Epoch, want)
		}
	}
	d := openDesk(t)
	billing := d.led(request.Open, func(a *intake.Answers) { a.Kind = "billing" })
	if _, err := d.SetSeverity(t.Context(), bob, request.Move{Number: billing.Number}, "A", "angry"); refusedWith(err) != "kind_severity" { // R33
		t.Errorf("billing has no severity (R33, R39): %v", err)
	}
	answered := d.led(request.InProgress)
	moved := d.must(d.SetSeverity(t.Context(), bob, request.Move{Number: answered.Number}, "C", ""))
	if !moved.Response.Due.Equal(answered.Response.Due) {
		t.Errorf("answered already, but due moved to %v", moved.Response.Due)
	}
}

func TestWarningsGivenAreNotRepeatedAfterAChange(t *testing.T) {
	d := openDesk(t)
	opened := d.led(request.Open)
	d.pass(2*time.Hour + time.Minute) // half of four hours
	fireAll(d, opened.Number)
	moved := d.must(d.SetSeverity(t.Context(), bob, request.Move{Number: opened.Number}, "A", "worse"))
	due := moved.DueMilestones(d.Policy, d.Now())
	for _, m := range due {
		if m.Name == "response/warn/1" {
			t.Errorf("%s is given again", m.Name)
		}
	}
	if !slices.Contains(moved.Fired, "handoff/breach") {
		t.Errorf("fired in the new epoch: %v", moved.Fired)
	}
	lowered := d.must(d.SetSeverity(t.Context(), bob, request.Move{Number: opened.Number}, "C", "better"))
	if slices.Contains(lowered.Fired, "response/warn/1") {
		t.Errorf("the first warning is four hours off again, but %v", lowered.Fired)
	}
}

// fireAll does what the sweep does with everything that is due.
func fireAll(d *desk, n request.Number) {
	d.Helper()
	err := d.Once(d.Context(), func(tx request.Tx) error {
		t, err := tx.LockTicket(d.Context(), n)
		if err != nil {
			return err
		}
		before := *t
		for _, m := range t.DueMilestones(d.Policy, d.Now()) {
			t.Fired = append(t.Fired, m.Name)
		}
		t.Plan(d.Policy)
		return tx.UpdateTicket(d.Context(), &before, t)
	})
	if err != nil {
		d.Fatal(err)
	}
}

func TestAckStopsRepeatsAndNothingElse(t *testing.T) {
	d := openDesk(t)
	opened := d.led(request.Open)
	m := request.Move{Number: opened.Number}
	if acked := d.must(d.Ack(t.Context(), dave, m)); !acked.WarningAckedAt.IsZero() {
		t.Error("there was no alarm yet, so none was acknowledged")
	}
	d.pass(3 * time.Hour)
	fireAll(d, opened.Number)
	acked := d.must(d.Ack(t.Context(), dave, m))
	if acked.WarningAckedAt.IsZero() || !acked.BreachAckedAt.IsZero() || !acked.Assignee.Is(bob) || !acked.NextDueAt.Equal(acked.Response.Due) {
		t.Errorf("an acknowledged warning is silent until the breach: %+v", acked)
	}
	d.pass(2 * time.Hour)
	fireAll(d, opened.Number)
	acked = d.must(d.Ack(t.Context(), dave, m))
	if acked.BreachAckedAt.IsZero() || !acked.RespondedAt.IsZero() || !acked.Late(d.Now()) {
		t.Errorf("acknowledged, but still late: %+v", acked)
	}
	for _, name := range []string{"response/repeat/3", "response/repeat/4"} {
		for _, milestone := range d.Policy.Milestones(acked.State()) {
			if milestone.Name == name {
				t.Errorf("%s still stands", name)
			}
		}
	}
}

func TestClockMayCountFromFiling(t *testing.T) {
	d := openDesk(t)
	policy, err := sla.Parse("filed.yaml", []byte("clocks:\n  response:\n    starts: filed\n"))
	if err != nil {
		t.Fatal(err)
	}
	d.Policy = policy
	opened := d.led(request.Open)
	if !opened.Response.None() {
		t.Fatalf("the clock runs before filing: %+v", opened.Response)
	}
	d.must(d.SetSeverity(t.Context(), bob, request.Move{Number: opened.Number}, "C", ""))
	d.pass(time.Hour)
	filed := d.must(d.File(t.Context(), bob, request.Move{Number: opened.Number}, "2611220010000417", time.Time{}))
	if want := sunday.Add(9 * time.Hour); !filed.Response.Due.Equal(want) {
		t.Errorf("due %v, want %v", filed.Response.Due, want)
	}
}

func TestNoticesReachEverybodyButTheDoer(t *testing.T) {
	d := openDesk(t)
	for verb := range doings {
		if slices.Contains([]string{"resume", "close", "reopen", "sheet", "unwatch"}, verb) {
			continue
		}
		for _, by := range []request.Person{lena, bob} {
			n := d.led(request.Open).Number
			d.told()
			d.must(d.do(verb, by, request.Move{Number: n}))
			var people, places []string
			for _, notice := range d.told() {
				if notice.By != by.ID {
					t.Errorf("%s by %s: notice says it was %s", verb, by.Name, notice.By)
				}
				if notice.To.Person.Is(by) {
					t.Errorf("%s: %s is told of their own move", verb, by.Name)
				}
				if !notice.To.Person.Nobody() {
					people = append(people, notice.To.Person.Name+":"+string(notice.Reason))
				} else {
					places = append(places, string(notice.Reason))
				}
			}
			wantPlaces := []string{"card", "change"}
			wantPeople := []string{"Alice:change", "Bob:change", "Carol:change"}
			switch verb {
			case "assign":
				wantPlaces, wantPeople = []string{"card", "assigned"}, []string{"Alice:change", "Bob:change", "Carol:change", "Dave:assigned"}
			case "ack":
				wantPeople = nil
			case "watch":
				wantPlaces, wantPeople = []string{"card"}, []string{"Dave:change"}
			}
			wantPeople = slices.DeleteFunc(wantPeople, func(s string) bool { return strings.HasPrefix(s, by.Name+":") })
			slices.Sort(people)
			if !slices.Equal(places, wantPlaces) || !slices.Equal(people, wantPeople) {
				t.Errorf("%s by %s: %v and %v, want %v and %v", verb, by.Name, places, people, wantPlaces, wantPeople)
			}
		}
	}
}

func TestOutsidersCanNeitherHaveNorWatch(t *testing.T) {
	d := openDesk(t)
	m := request.Move{Number: d.file().Number}
	guest := person("Guest")
	guest.Tenant = contosoID
	if _, err := d.Assign(t.Context(), alice, m, guest); refusedWith(err) != "outsider" {
		t.Errorf("assigned: %v", err)
	}
	if _, err := d.Watch(t.Context(), alice, m, guest); refusedWith(err) != "outsider" {
		t.Errorf("watching: %v", err)
	}
}

func TestOddCaseNumbersAreToldOf(t *testing.T) {
	d := openDesk(t)
	first := d.led(request.Filed, fraud)
	second := d.led(request.Filed)
	for _, tc := range []struct {
		by   request.Person
		want []string
	}{{bob, []string{"case_repeated"}}, {dave, nil}} {
		found, err := d.CaseWarnings(t.Context(), tc.by, *second)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range found {
			got = append(got, w.Code)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s is told %v, want %v: %s is a fraud case", tc.by.Name, got, tc.want, first.Number)
		}
	}
}

func TestSecretsOfTheSheetAreMaskedOnCards_T14(t *testing.T) {
	d := openDesk(t)
	own := d.led(request.Open, func(a *intake.Answers) {
		a.Customer, a.SupportPlan, a.PlanKind, a.ContactPhone = ownTenant, "CTR-1234567", "premier", "+4930123456789"
	})
	view := d.Show(*own, d.Viewer(bob), false)
	if strings.Contains(view.Details.SupportPlan, "CTR") || strings.Contains(view.Contact.Phone, "4930") {
		t.Errorf("shown: %s, %s", view.Details.SupportPlan, view.Contact.Phone)
	}
	sheet, err := d.Sheet(t.Context(), bob, request.Move{Number: own.Number})
	if err != nil || !strings.Contains(sheet.Text(), "Premier ••••4567") || strings.Contains(sheet.Text(), "CTR-1234567") {
		t.Errorf("sheet (R43, R44): %v, %v", sheet.Text(), err)
	}
	if strings.Contains(sheet.Text(), request.SupportPlan) {
		t.Error("the CSP plan is refused for the own tenant (R25)")
	}
}
