package request

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"onbehalf/bot/customer"
)

// Count is what a report counts of the tickets opened in its time. Opened is the
// sum of InTime, Late, Unanswered, Running and NoTarget.
type Count struct {
	Opened int
	// InTime were answered no later than promised, Late later or not yet.
	InTime, Late int
	// Unanswered were resolved without a first response, before it was due.
	Unanswered int
	// Running are not answered and not due; NoTarget were promised nothing, or were
	// withdrawn before it was due.
	Running, NoTarget int
	// Open are those that are neither resolved nor closed nor withdrawn.
	Open int
}

// Report is how well first responses were kept, as far as one person may see.
type Report struct {
	From, To time.Time
	// AsOf is when it was made; what is not answered by then and due is late.
	AsOf  time.Time
	Total Count
	// BySeverity has every severity.
	BySeverity map[Severity]Count
	// ByCustomer are those with the most requests first.
	ByCustomer []CustomerCount
	// LateOnes are at most LateMost, A first, then the latest.
	LateOnes []LateTicket
}

// Decided are those of which it is known whether the first response was in time.
func (c Count) Decided() int { return c.InTime + c.Late }

// CustomerCount is what a report counts of one customer.
type CustomerCount struct {
	TenantID, Name string
	Count
}

// LateTicket is one whose first response was late, and why. Code and Args name a
// sentence of the catalogue ("late." + Code).
type LateTicket struct {
	Number   Number
	Severity Severity
	Customer string
	// By is how late the answer was, or is by now.
	By   time.Duration
	Code string
	Args map[string]any
}

// ReportCount is what a report counts of one customer and severity.
type ReportCount struct {
	TenantID, Name string
	Severity       Severity
	Count
}

// ReportStore is what a report needs of a Store.
type ReportStore interface {
	// ReportCounts counts the tickets opened in [from, to) that viewer may see, by
	// customer and severity.
	ReportCounts(ctx context.Context, viewer Viewer, from, to, asOf time.Time) ([]ReportCount, error)
	// LateTickets gives at most limit of those whose first answer was late, or is by
	// asOf: A first, then the latest.
	LateTickets(ctx context.Context, viewer Viewer, from, to, asOf time.Time, limit int) ([]Ticket, error)
}

// LateMost is how many late tickets a report lists.
const LateMost = 100

// Report counts the tickets opened in [from, to) that the person may see.
func (d *Desk) Report(ctx context.Context, r Reader, by Person, from, to time.Time) (Report, error) {
	viewer := d.Viewer(by)
	return d.report(ctx, r, viewer, from, to)
}

// ReportForAll is Report for who runs the program, who sees everything.
func (d *Desk) ReportForAll(ctx context.Context, r Reader, from, to time.Time) (Report, error) {
	return d.report(ctx, r, Viewer{Lead: true, Person: Person{ID: "operator"}}, from, to)
}

func (d *Desk) report(ctx context.Context, tickets Reader, viewer Viewer, from, to time.Time) (Report, error) {
	r := Report{From: from, To: to, AsOf: d.Instant(), BySeverity: map[Severity]Count{SeverityA: {}, SeverityB: {}, SeverityC: {}, NonCritical: {}}}
	counts, err := tickets.ReportCounts(ctx, viewer, from, to, r.AsOf)
	if err != nil {
		return Report{}, fmt.Errorf("report: %w", err)
	}
	late, err := tickets.LateTickets(ctx, viewer, from, to, r.AsOf, LateMost)
	if err != nil {
		return Report{}, fmt.Errorf("report: %w", err)
	}
	r.count(counts)
	for _, t := range late {
		if by := t.LateBy(r.AsOf); by > 0 && VisibleTo(t, viewer) {
			code, with := t.whyLate()
			r.LateOnes = append(r.LateOnes, LateTicket{t.Number, t.Severity, t.Customer.Name, by, code, with})
		}
	}
	return r, nil
}

// count adds up what the store counted by customer and severity.
func (r *Report) count(counts []ReportCount) {
	customers := map[string]*CustomerCount{}
	for _, c := range counts {
		customer := customers[c.TenantID]
		if customer == nil {
			customer = &CustomerCount{TenantID: c.TenantID, Name: c.Name}
			customers[c.TenantID] = customer
		}
		severity := r.BySeverity[c.Severity]
		for _, sum := range []*Count{&r.Total, &severity, &customer.Count} {
			sum.add(c.Count)
		}
		r.BySeverity[c.Severity] = severity
	}
	for _, c := range customers {
		r.ByCustomer = append(r.ByCustomer, *c)
	}
	slices.SortFunc(r.ByCustomer, func(a, b CustomerCount) int {
		return cmp.Or(cmp.Compare(b.Opened, a.Opened), cmp.Compare(a.Name, b.Name), cmp.Compare(a.TenantID, b.TenantID))
	})
}

func (c *Count) add(o Count) {
	c.Opened += o.Opened
	c.InTime += o.InTime
	c.Late += o.Late
	c.Unanswered += o.Unanswered
	c.Running += o.Running
	c.NoTarget += o.NoTarget
	c.Open += o.Open
}

// LateBy is how late the first answer was, or is by now; 0 is in time, or nothing
// owed. Resolving or withdrawing a ticket ends the clock.
func (t Ticket) LateBy(asOf time.Time) time.Duration {
	if t.Response.None() {
		return 0
	}
	end := asOf
	switch {
	case !t.RespondedAt.IsZero():
		end = t.RespondedAt
	case t.Status == Cancelled:
		end = t.ClosedAt
	case t.Unanswered():
		end = t.ResolvedAt
	}
	return max(0, end.Sub(t.Response.Due))
}

// whyLate gives the likeliest reason that a first response was late.
func (t Ticket) whyLate() (code string, with map[string]any) {
	due := t.Response.Due
	switch {
	case t.MicrosoftCase != "" && t.FiledAt.After(due):
		if !t.RespondedAt.IsZero() && !t.FiledAt.Before(t.RespondedAt) {
			return "number_after", nil
		}
		return "filed_late", Args("minutes", int(t.FiledAt.Sub(t.OpenedAt).Minutes()))
	case t.Assignee.Nobody():
		return "nobody", nil
	case !t.Handoff.None() && t.MicrosoftCase != "" && t.FiledAt.After(t.Handoff.Due):
		return "filed_late", Args("minutes", int(t.FiledAt.Sub(t.OpenedAt).Minutes()))
	case t.MicrosoftCase == "":
		return "not_filed", nil
	case t.Status == Waiting:
		return "waiting", nil
	case t.Unanswered():
		return "resolved", nil
	case t.RespondedAt.IsZero():
		return "unanswered", nil
	}
	return "answered_late", nil
}

// WriteCSV writes the numbers: a row for all, for each severity and for each
// customer, then the late ones with their reasons' codes. Columns are only ever
// added behind the others.
func (r Report) WriteCSV(w io.Writer) error {
	return customer.WriteCSV(w, func(yield func([]string) bool) {
		row := func(of, key, name string, c Count) bool {
			n := strconv.Itoa
			return yield([]string{of, key, name, n(c.Opened), n(c.InTime), n(c.Late), n(c.Running), n(c.NoTarget), n(c.Open), "", "", n(c.Unanswered)})
		}
		if !yield([]string{"of", "key", "name", "opened", "in_time", "late", "running", "no_target", "open", "minutes_late", "why", "unanswered"}) ||
			!row("all", "", "", r.Total) {
			return
		}
		for _, s := range []Severity{SeverityA, SeverityB, SeverityC, NonCritical} {
			if !row("severity", string(s), "", r.BySeverity[s]) {
				return
			}
		}
		for _, c := range r.ByCustomer {
			if !row("customer", c.TenantID, c.Name, c.Count) {
				return
			}
		}
		for _, l := range r.LateOnes {
			if !yield([]string{"late", l.Number.String(), l.Customer, "", "", "", "", "", "", strconv.Itoa(int(l.By.Minutes())), l.Code, ""}) {
				return
			}
		}
	})
}
