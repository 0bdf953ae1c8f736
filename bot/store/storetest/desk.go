package storetest

import (
	"context"
	"errors"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
)

// Desk is a desk whose every move is a transaction of its own, as a turn makes it.
type Desk struct {
	*request.Desk
	Store *store.Store
	// Left hears of the notices of each transaction that was kept; nil is nobody.
	Left func(notices []request.Notice)
}

// In runs work in a transaction, again while what it was decided on has changed.
func (d Desk) In(ctx context.Context, work func(tx request.Tx) error) error {
	for {
		if err := d.Once(ctx, work); !errors.Is(err, request.ErrStale) || ctx.Err() != nil {
			return err
		}
	}
}

// Once runs work in a transaction, and gives request.ErrStale where what it was decided
// on has changed.
func (d Desk) Once(ctx context.Context, work func(tx request.Tx) error) error {
	var left []request.Notice
	err := d.Store.InTx(ctx, func(tx request.Tx) error {
		left = nil // PostgreSQL may have rolled a run back
		return work(noting{tx.(intake.Tx), &left})
	})
	if err == nil && d.Left != nil {
		d.Left(left)
	}
	return err
}

// noting is a transaction that notes the notices that it leaves.
type noting struct {
	intake.Tx
	left *[]request.Notice
}

func (tx noting) Notify(ctx context.Context, n request.Notice) error {
	*tx.left = append(*tx.left, n)
	return tx.Tx.Notify(ctx, n)
}

func (d Desk) move(ctx context.Context, do func(tx request.Tx) (*request.Ticket, error)) (moved *request.Ticket, err error) {
	err = d.In(ctx, func(tx request.Tx) error {
		moved, err = do(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return moved, nil
}

// NewDraft makes a form and keeps it; ErrStale where the person has an unfinished one
// there.
func (d Desk) NewDraft(ctx context.Context, p request.Person, home request.Place, words, zone string, slots intake.Answers) (*intake.Draft, error) {
	draft, _, err := intake.Desk{Desk: d.Desk}.NewDraft(ctx, d.Store, p, home, words, zone, request.Contact{}, slots)
	if err != nil {
		return nil, err
	}
	return draft, d.Once(ctx, func(tx request.Tx) error { return tx.(intake.Tx).InsertDraft(ctx, draft) })
}

// Open files a form; ErrStale where it has moved on or is a ticket already.
func (d Desk) Open(ctx context.Context, by request.Person, draft *intake.Draft, origin string) (*request.Ticket, error) {
	var opened *request.Ticket
	err := d.Once(ctx, func(tx request.Tx) (err error) {
		opened, _, err = intake.Desk{Desk: d.Desk}.Open(ctx, tx.(intake.Tx), by, draft, request.Contact{}, origin)
		return err
	})
	return opened, err
}

// The moves, each as request.Desk has it.

func (d Desk) Take(ctx context.Context, by request.Person, m request.Move) (*request.Ticket, error) {
	return d.Assign(ctx, by, m, by)
}

func (d Desk) Assign(ctx context.Context, by request.Person, m request.Move, to request.Person) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Assign(ctx, tx, by, m, to) })
}

func (d Desk) Ack(ctx context.Context, by request.Person, m request.Move) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Ack(ctx, tx, by, m) })
}

func (d Desk) File(ctx context.Context, by request.Person, m request.Move, number string, at time.Time) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.File(ctx, tx, by, m, number, at) })
}

// Respond notes Microsoft's answer, of a ticket without a number too.
func (d Desk) Respond(ctx context.Context, by request.Person, m request.Move, text string) (*request.Ticket, error) {
	return d.Answered(ctx, by, m, request.Answer{Text: text, NoNumber: true})
}

func (d Desk) Answered(ctx context.Context, by request.Person, m request.Move, a request.Answer) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Respond(ctx, tx, by, m, a) })
}

func (d Desk) Comment(ctx context.Context, by request.Person, m request.Move, text string) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Comment(ctx, tx, by, m, text) })
}

func (d Desk) Wait(ctx context.Context, by request.Person, m request.Move, wait request.Wait, text string) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Wait(ctx, tx, by, m, wait, text) })
}

func (d Desk) Resume(ctx context.Context, by request.Person, m request.Move, text string) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Resume(ctx, tx, by, m, text) })
}

func (d Desk) Resolve(ctx context.Context, by request.Person, m request.Move, text string) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Resolve(ctx, tx, by, m, text) })
}

func (d Desk) Reopen(ctx context.Context, by request.Person, m request.Move, text string) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Reopen(ctx, tx, by, m, text) })
}

func (d Desk) Cancel(ctx context.Context, by request.Person, m request.Move, text string) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Cancel(ctx, tx, by, m, text) })
}

func (d Desk) Close(ctx context.Context, by request.Person, m request.Move, informed bool, reason string) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Close(ctx, tx, by, m, informed, reason) })
}

func (d Desk) SetSeverity(ctx context.Context, by request.Person, m request.Move, to request.Severity, reason string) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.SetSeverity(ctx, tx, by, m, to, reason) })
}

func (d Desk) Watch(ctx context.Context, by request.Person, m request.Move, who request.Person) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Watch(ctx, tx, by, m, who) })
}

func (d Desk) Unwatch(ctx context.Context, by request.Person, m request.Move, who request.Person) (*request.Ticket, error) {
	return d.move(ctx, func(tx request.Tx) (*request.Ticket, error) { return d.Desk.Unwatch(ctx, tx, by, m, who) })
}

func (d Desk) Sheet(ctx context.Context, by request.Person, m request.Move) (sheet request.Sheet, err error) {
	err = d.In(ctx, func(tx request.Tx) error {
		sheet, err = d.Desk.Sheet(ctx, tx, by, m)
		return err
	})
	return sheet, err
}

// The readings, each as request.Desk has it.

func (d Desk) Check(ctx context.Context, draft intake.Draft) (intake.Check, error) {
	return intake.Desk{Desk: d.Desk}.Check(ctx, d.Store, draft)
}

func (d Desk) Ticket(ctx context.Context, by request.Person, n request.Number) (*request.Ticket, error) {
	return d.Desk.Ticket(ctx, d.Store, by, n)
}

func (d Desk) List(ctx context.Context, by request.Person, q request.Query) (request.Page, error) {
	return d.Desk.List(ctx, d.Store, by, q)
}

func (d Desk) Find(ctx context.Context, by request.Person, words string, offset int) (request.Page, error) {
	return d.Desk.Find(ctx, d.Store, by, words, offset)
}

func (d Desk) Board(ctx context.Context, by request.Person) (request.Board, error) {
	return d.Desk.Board(ctx, d.Store, by)
}

func (d Desk) History(ctx context.Context, by request.Person, n request.Number, before int64, limit int) ([]request.Event, error) {
	return d.Desk.History(ctx, d.Store, by, n, before, limit)
}

func (d Desk) Report(ctx context.Context, by request.Person, from, to time.Time) (request.Report, error) {
	return d.Desk.Report(ctx, d.Store, by, from, to)
}

func (d Desk) MatchCustomer(ctx context.Context, typed string) (customer.Match, error) {
	return d.Desk.MatchCustomer(ctx, d.Store, typed)
}

func (d Desk) SearchCustomers(ctx context.Context, query string, limit int) ([]customer.Customer, error) {
	return d.Desk.SearchCustomers(ctx, d.Store, query, limit)
}

func (d Desk) OwnCustomers(ctx context.Context) ([]customer.Customer, error) {
	return d.Desk.OwnCustomers(ctx, d.Store)
}

func (d Desk) CaseWarnings(ctx context.Context, by request.Person, t request.Ticket) ([]request.Warning, error) {
	return d.Desk.CaseWarnings(ctx, d.Store, by, t)
}
