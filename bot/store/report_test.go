package store_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// counted is what a report must count of one ticket, told in Go.
func counted(t request.Ticket, asOf time.Time) (c request.Count) {
	c.Opened = 1
	if !t.Over() {
		c.Open = 1
	}
	switch {
	case t.Response.None() && !t.Unanswered():
		c.NoTarget = 1
	case t.LateBy(asOf) > 0:
		c.Late = 1
	case !t.RespondedAt.IsZero():
		c.InTime = 1
	case t.Unanswered():
		c.Unanswered = 1
	case t.Status == request.Cancelled:
		c.NoTarget = 1
	default:
		c.Running = 1
	}
	return c
}

func TestReportCountsAsOneDoesByHand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := rand.New(rand.NewPCG(3, 4))
		around := func(at time.Time) time.Time { return at.Add(time.Duration(r.IntN(5)-2) * time.Minute) }
		asOf := monday.Add(time.Hour)
		statuses := []request.Status{request.Open, request.Filed, request.InProgress, request.Waiting, request.Resolved, request.Closed, request.Cancelled}
		severities := []request.Severity{request.SeverityA, request.SeverityB, request.SeverityC, request.NonCritical}
		var all []request.Ticket
		do(t, s, func(tx request.Tx) error {
			for i := range 700 {
				one := newTicket(fmt.Sprint(i))
				one.Customer = customer.Customer{TenantID: tenant(i % 5), Name: fmt.Sprint("Customer ", i%5)}
				one.OpenedAt = monday.Add(time.Duration(i%60) * time.Minute)
				one.Status, one.Severity = statuses[r.IntN(len(statuses))], severities[r.IntN(len(severities))]
				one.Response.Due = time.Time{}
				if r.IntN(5) > 0 {
					one.Response.Due = around(asOf)
				}
				if r.IntN(2) == 0 {
					one.RespondedAt = around(asOf)
				}
				if one.Status == request.Closed || one.Status == request.Resolved {
					one.ResolvedAt = around(asOf)
				}
				if one.Status == request.Closed || one.Status == request.Cancelled {
					one.ClosedAt = around(asOf)
				}
				if err := tx.InsertTicket(t.Context(), one); err != nil {
					return err
				}
				if one.OpenedAt.Before(monday.Add(50 * time.Minute)) {
					all = append(all, *one)
				}
			}
			return nil
		})

		type key struct {
			tenant   string
			severity request.Severity
		}
		want := map[key]request.Count{}
		var late []request.Ticket
		for _, one := range all {
			c, k := counted(one, asOf), key{one.Customer.TenantID, one.Severity}
			sum := want[k]
			sum.Opened, sum.InTime, sum.Late = sum.Opened+c.Opened, sum.InTime+c.InTime, sum.Late+c.Late
			sum.Running, sum.NoTarget, sum.Open, sum.Unanswered = sum.Running+c.Running, sum.NoTarget+c.NoTarget, sum.Open+c.Open, sum.Unanswered+c.Unanswered
			if want[k] = sum; c.Late > 0 {
				late = append(late, one)
			}
		}
		counts, err := s.ReportCounts(t.Context(), lead, monday, monday.Add(50*time.Minute), asOf)
		if err != nil {
			t.Fatal(err)
		}
		got := map[key]request.Count{}
		for _, c := range counts {
			got[key{c.TenantID, c.Severity}] = c.Count
		}
		if !maps.Equal(got, want) {
			t.Errorf("counts %v,\nwant %v", got, want)
		}

		slices.SortFunc(late, func(a, b request.Ticket) int {
			return cmp.Or(cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
				cmp.Compare(b.LateBy(asOf), a.LateBy(asOf)), cmp.Compare(a.Number, b.Number))
		})
		listed, err := s.LateTickets(t.Context(), lead, monday, monday.Add(50*time.Minute), asOf, 50)
		if err != nil || len(listed) != 50 {
			t.Fatalf("%d late ones, %v", len(listed), err)
		}
		for i := range listed {
			if listed[i].Number != late[i].Number {
				t.Fatalf("%d is %s, want %s", i, listed[i].Number, late[i].Number)
			}
		}
	})
}

// BenchmarkReport is the report of a month with 100,000 requests.
func BenchmarkReport(b *testing.B) {
	eachURL(b, func(b *testing.B, url string) {
		s := storetest.Open(b, url)
		fillDesk(b, s, many)
		analyzed(b, url)
		b.ResetTimer()
		desk := storetest.Desk{Store: s, Desk: &request.Desk{Now: func() time.Time { return monday }}}
		for b.Loop() {
			if r, err := desk.Report(b.Context(), request.Person{ID: "person-07"}, monday.Add(-many*time.Minute), monday); err != nil || r.Total.Opened < many*9/10 {
				b.Fatal(r.Total, err)
			}
		}
	})
}
