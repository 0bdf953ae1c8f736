package request_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

// written counts what a transaction writes of a ticket.
type written struct {
	request.Tx
	times int
}

func (w *written) UpdateTicket(ctx context.Context, before, t *request.Ticket) error {
	w.times++
	return w.Tx.UpdateTicket(ctx, before, t)
}

func (w *written) Record(ctx context.Context, e *request.Event) error {
	w.times++
	return w.Tx.Record(ctx, e)
}

func (w *written) Notify(ctx context.Context, n request.Notice) error {
	w.times++
	return w.Tx.Notify(ctx, n)
}

// mistakes are moves that say something wrong.
func mistakes(ctx context.Context, d *request.Desk, tx request.Tx, by request.Person, m request.Move) map[string]func() (*request.Ticket, error) {
	confirmed := m
	confirmed.PlanConfirmed = true
	outsider := request.Person{ID: "guest", Tenant: contosoID}
	type done = *request.Ticket
	return map[string]func() (done, error){
		"assign nobody":        func() (done, error) { return d.Assign(ctx, tx, by, m, request.Person{}) },
		"assign an outsider":   func() (done, error) { return d.Assign(ctx, tx, by, m, outsider) },
		"watch by an outsider": func() (done, error) { return d.Watch(ctx, tx, by, m, outsider) },
		"take others off":      func() (done, error) { return d.Unwatch(ctx, tx, dave, m, carol) },
		"file no number":       func() (done, error) { return d.File(ctx, tx, by, m, "SR 12", time.Time{}) },
		"file tomorrow": func() (done, error) {
			return d.File(ctx, tx, by, confirmed, "2611220010000417", sunday.Add(24*time.Hour))
		},
		"say nothing":                 func() (done, error) { return d.Comment(ctx, tx, by, m, " ") },
		"close without a word":        func() (done, error) { return d.Close(ctx, tx, by, m, false, "") },
		"the same severity":           func() (done, error) { return d.SetSeverity(ctx, tx, by, m, request.SeverityB, "") },
		"a severity without a reason": func() (done, error) { return d.SetSeverity(ctx, tx, by, m, request.SeverityA, "") },
	}
}

// A turn that answers "no" is kept with its answer, and so is everything that the move
// would have written by then.
func TestMoveThatIsNotDoneHasWrittenNothing(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		kinds := map[string]int{}
		for status := range paths {
			before := d.led(status)
			entries := d.history(before.Number)
			d.told()
			for _, by := range []request.Person{dave, lena} {
				for _, card := range []int{0, 1} {
					m := request.Move{Number: before.Number, Revision: card}
					for _, do := range doings {
						kinds[d.attempt(before, func(tx request.Tx) (*request.Ticket, error) { return do(t.Context(), d.Desk.Desk, tx, by, m) })]++
					}
					for name := range mistakes(t.Context(), nil, nil, by, m) {
						kind := d.attempt(before, func(tx request.Tx) (*request.Ticket, error) {
							return mistakes(t.Context(), d.Desk.Desk, tx, by, m)[name]()
						})
						if kinds[kind]++; kind == "done" {
							t.Errorf("%s of a %s ticket by %s is done", name, status, by.Name)
						}
					}
				}
			}
			after, err := d.Ticket(t.Context(), lena, before.Number)
			if err != nil || !reflect.DeepEqual(after, before) || !reflect.DeepEqual(d.history(before.Number), entries) || len(d.told()) > 0 {
				t.Errorf("%s: became %+v (%v)", status, after, err)
			}
		}
		for _, kind := range []string{"refused", "changed", "invalid", "done"} {
			if kinds[kind] < 10 {
				t.Errorf("%d moves were %s", kinds[kind], kind)
			}
		}
	})
}

// attempt keeps the transaction of a move that is not done, and rolls back that of one
// that is. It says which it was, and looks whether the answer shows the ticket as it
// stands.
func (d *desk) attempt(before *request.Ticket, move func(tx request.Tx) (*request.Ticket, error)) string {
	d.Helper()
	kind, done := "", errors.New("done")
	err := d.Once(d.Context(), func(tx request.Tx) error {
		counting := &written{Tx: tx}
		var (
			refused *request.Refused
			changed *request.Changed
			invalid *request.Invalid
			shown   *request.Ticket
		)
		switch _, err := move(counting); {
		case err == nil:
			kind = "done"
			return done
		case errors.As(err, &refused):
			kind, shown = "refused", refused.Ticket
		case errors.As(err, &changed):
			kind, shown = "changed", changed.Ticket
		case errors.As(err, &invalid):
			kind = "invalid"
		default:
			return err
		}
		if counting.times > 0 || shown != nil && !reflect.DeepEqual(shown, before) {
			d.Errorf("%s, but it wrote %d times and shows %+v", kind, counting.times, shown)
		}
		return nil
	})
	if err != nil && !errors.Is(err, done) {
		d.Fatal(err)
	}
	return kind
}

// One turn may open a ticket and move others: all of that is kept, or nothing.
func TestTurnKeepsEverythingOrNothing(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		first, form := d.led(request.Open), d.form()
		before := d.history(first.Number)
		d.told()
		var second *request.Ticket
		turn := func(ends error) error {
			return d.Once(t.Context(), func(tx request.Tx) error {
				m := request.Move{Number: first.Number}
				if _, err := d.Desk.Desk.Respond(t.Context(), tx, bob, m, request.Answer{Text: "we are on it", NoNumber: true}); err != nil {
					return err
				}
				commented, err := d.Desk.Desk.Comment(t.Context(), tx, bob, m, "more tomorrow")
				if err != nil {
					return err
				}
				if commented.Status != request.InProgress || commented.Revision != first.Revision+2 {
					t.Errorf("the second move does not see the first: %+v", commented)
				}
				mine := *form
				if second, _, err = (intake.Desk{Desk: d.Desk.Desk}).Open(t.Context(), tx.(intake.Tx), alice, &mine, request.Contact{}, ""); err != nil {
					return err
				}
				return ends
			})
		}
		dead := errors.New("the connection is gone")
		if err := turn(dead); !errors.Is(err, dead) {
			t.Fatal(err)
		}
		now, err := d.Ticket(t.Context(), bob, first.Number)
		if err != nil || !reflect.DeepEqual(now, first) || !reflect.DeepEqual(d.history(first.Number), before) {
			t.Errorf("half of it is kept: %+v (%v)", now, err)
		}
		if _, err := d.Ticket(t.Context(), alice, second.Number); !errors.Is(err, request.ErrNotFound) {
			t.Errorf("%s is kept: %v", second.Number, err)
		}
		if form := d.session("").Draft; form == nil || form.Opened != 0 {
			t.Errorf("the form is %+v", form)
		}
		if told := d.told(); len(told) > 0 {
			t.Errorf("told %+v", told)
		}
		if err := turn(nil); err != nil {
			t.Fatal(err)
		}
		entries := d.history(first.Number)
		if second.Number != 2 || len(entries) != len(before)+2 || entries[0].Text != "more tomorrow" || entries[0].Revision != entries[1].Revision+1 {
			t.Errorf("%s, and of the first %+v", second.Number, entries)
		}
		if len(d.told()) == 0 {
			t.Error("nobody is told")
		}
	})
}

func TestSameCommentOnOneCardIsOneComment(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		drawn := d.file()
		card := request.Move{Number: drawn.Number, Revision: drawn.Revision}
		said := d.must(d.Comment(t.Context(), bob, card, "Restarted.  "))
		d.told()
		again := d.must(d.Comment(t.Context(), bob, card, "Restarted."))
		if again.Revision != said.Revision || len(d.history(drawn.Number)) != 2 || len(d.told()) > 0 {
			t.Errorf("said twice: %+v", d.history(drawn.Number))
		}
		for _, another := range []struct {
			by    request.Person
			m     request.Move
			words string
		}{
			{carol, card, "Restarted."}, // somebody else says so too
			{bob, card, "Still down."},
			{bob, request.Move{Number: drawn.Number, Revision: said.Revision}, "Restarted."}, // from a card that shows the first
			{bob, request.Move{Number: drawn.Number}, "Restarted."},                          // typed
		} {
			entries := len(d.history(drawn.Number))
			d.must(d.Comment(t.Context(), another.by, another.m, another.words))
			if got := d.history(drawn.Number); len(got) != entries+1 || got[0].Text != another.words {
				t.Errorf("%q by %s on %+v: %+v", another.words, another.by.Name, another.m, got[0])
			}
		}
	})
}

// Somebody types into a form on one device and submits an older card of it on another.
func TestFormThatMovedOnOpensNothing(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		older := d.form(func(a *intake.Answers) { a.ContactPhone = "+49 30 1234567" })
		newer := *older
		newer.Version++
		newer.Answers.Title = "VMs do not start in Central India"
		keep := func(work func(tx request.Tx) error) error { return d.Once(t.Context(), work) }
		if err := keep(func(tx request.Tx) error { return tx.(intake.Tx).UpdateDraft(t.Context(), &newer) }); err != nil {
			t.Fatal(err)
		}
		mine := *older
		if _, err := d.Open(t.Context(), alice, &mine, ""); !errors.Is(err, request.ErrStale) {
			t.Errorf("the older form: %v", err)
		}
		if err := keep(func(tx request.Tx) error { return tx.(intake.Tx).FinishDraft(t.Context(), older, 1) }); !errors.Is(err, request.ErrStale) {
			t.Errorf("finished: %v", err)
		}
		if begins := d.session(""); begins.Draft == nil || begins.Draft.Answers.Title != newer.Answers.Title || begins.Contact != (request.Contact{}) || len(d.told()) > 0 {
			t.Errorf("left %+v", begins)
		}
		opened := d.must(d.Open(t.Context(), alice, &newer, ""))
		if opened.Number != 1 || opened.Title != "VMs do not start in Central India" || newer.Opened != 1 {
			t.Errorf("%s %q", opened.Number, opened.Title)
		}
		if err := keep(func(tx request.Tx) error { return tx.(intake.Tx).FinishDraft(t.Context(), &newer, 1) }); !errors.Is(err, request.ErrStale) {
			t.Errorf("finished twice: %v", err)
		}
	})
}

func TestFormWithATicketGetsNoOther(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		opened := d.file()
		again := *opened
		again.Number = 0
		err := d.Once(t.Context(), func(tx request.Tx) error { return tx.InsertTicket(t.Context(), &again) })
		if !errors.Is(err, request.ErrStale) {
			t.Error(err)
		}
		if next := d.file(); next.Number != 2 {
			t.Errorf("the next is %s", next.Number)
		}
	})
}

// The customers are read before the transaction; one who leaves meanwhile has the turn
// made anew.
func TestTurnThatReadOtherCustomersOpensNothing(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		form := d.form()
		open := func(s bot.Session) error {
			_, err := d.Store.Turn(t.Context(), s, bot.Delivery{Conversation: channel, Person: alice.ID}, func(ctx context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
				_, _, err := intake.Desk{Desk: d.Desk.Desk}.Open(ctx, tx, alice, form, s.Contact, "")
				return bot.StoredAnswer{Status: 200}, err
			})
			return err
		}
		begun := d.session("")
		if _, err := begun.Reader.Customer(t.Context(), contosoID); err != nil {
			t.Fatal(err)
		}
		gone := contoso()
		gone.Status = "left"
		d.put(gone)
		if err := open(begun); !errors.Is(err, request.ErrStale) {
			t.Errorf("with what it had read: %v", err)
		}
		var scope *intake.OutOfScope
		if err := open(d.session("")); !errors.As(err, &scope) || scope.Code != "left" {
			t.Errorf("made anew: %v", err)
		}
		d.put(contoso())
		if err := open(d.session("")); err != nil || form.Opened != 1 {
			t.Errorf("the customer is back: %s, %v", form.Opened, err)
		}
	})
}

func TestPolicyIsKeptOnceForAllTickets(t *testing.T) {
	d := openDesk(t)
	saved := 0
	keep := func(ctx context.Context, id string, text []byte) error {
		saved++
		return d.Store.SavePolicy(ctx, id, text)
	}
	if err := d.KeepPolicy(t.Context(), keep); err != nil {
		t.Fatal(err)
	}
	form := d.form()
	err := d.Once(t.Context(), func(tx request.Tx) error {
		_, _, err := intake.Desk{Desk: d.Desk.Desk}.Open(t.Context(), saving{tx.(intake.Tx), &saved}, alice, form, request.Contact{}, "")
		return err
	})
	if err != nil || saved != 1 {
		t.Errorf("kept %d times (%v)", saved, err)
	}
	if text, err := d.Store.PolicyText(t.Context(), d.Policy.ID()); err != nil || string(text) != string(d.Policy.Text()) {
		t.Errorf("kept %s (%v)", text, err)
	}
}

// saving counts how often a transaction keeps the policy.
type saving struct {
	intake.Tx
	times *int
}

func (s saving) SavePolicy(ctx context.Context, id string, text []byte) error {
	*s.times++
	return s.Tx.SavePolicy(ctx, id, text)
}
