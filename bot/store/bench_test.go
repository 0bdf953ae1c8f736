package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

// many is how many rows the benchmarks of lists and searches look through.
const many = 100_000

var common = strings.Fields(`mail gateway vpn backup storage quota licence sign-in password token почта ошибка вход лицензия
	сервер доступ Anmeldung Postfach Lizenz Zertifikat abgelaufen error timeout denied`)

// words gives n words, a few of which are in every other ticket and most in hardly
// any.
func words(r *rand.Rand, n int) string {
	all := make([]string, n)
	for i := range all {
		if all[i] = common[r.IntN(len(common))]; i%8 != 0 {
			all[i] = syllable(r) + syllable(r) + syllable(r)
		}
	}
	return strings.Join(all, " ")
}

func syllable(r *rand.Rand) string {
	return string("bdfgklmnprstvz"[r.IntN(14)]) + string("aeiou"[r.IntN(5)])
}

// fillDesk keeps many tickets, a tenth of them unanswered, of 40 people.
func fillDesk(tb testing.TB, s *store.Store, n int) {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	person := func() request.Person { return request.Person{ID: fmt.Sprintf("person-%02d", r.IntN(40))} }
	for from := 0; from < n; from += 1000 {
		do(tb, s, func(tx request.Tx) error {
			for i := from; i < min(n, from+1000); i++ {
				t := newTicket(fmt.Sprint("form", i))
				t.Title, t.Description = words(r, 6), words(r, 40)
				t.Customer = customer.Customer{TenantID: tenant(i % 2000), Name: fmt.Sprint("Customer ", i%2000)}
				t.OpenedAt = monday.Add(-time.Duration(n-i) * time.Minute)
				t.UpdatedAt, t.Requester = t.OpenedAt.Add(time.Hour), person()
				t.Response.Due = t.OpenedAt.Add(4 * time.Hour)
				if i%3 == 0 {
					t.Assignee = person()
				}
				if i%50 == 0 {
					t.Kind = request.Fraud
				}
				if i%10 != 0 {
					t.Status, t.RespondedAt = request.Closed, t.OpenedAt.Add(time.Hour)
				}
				if i%4 == 0 {
					t.MicrosoftCase = fmt.Sprintf("2611230%09d", i)
				}
				if err := tx.InsertTicket(tb.Context(), t); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// analyzed lets PostgreSQL know what is in its tables, as autovacuum would.
func analyzed(tb testing.TB, url string) {
	tb.Helper()
	if !strings.HasPrefix(url, "sqlite:") {
		exec(tb, url, "vacuum analyze")
	}
}

// BenchmarkList lists and finds among 100,000 tickets.
func BenchmarkList(b *testing.B) {
	eachURL(b, func(b *testing.B, url string) {
		s := storetest.Open(b, url)
		fillDesk(b, s, many)
		analyzed(b, url)
		viewer := request.Viewer{Person: request.Person{ID: "person-07"}}
		for name, q := range map[string]request.Query{
			"open": {Filter: request.OnlyOpen}, "mine": {Filter: request.OnlyMine}, "unassigned": {Filter: request.OnlyUnassigned},
			"breached": {Filter: request.OnlyBreached}, "all": {Filter: request.All}, "all-page-500": {Filter: request.All, Offset: 4000},
			"customer":        {Filter: request.All, Customer: tenant(7)},
			"find-one":        {Words: []string{"2611230000000004"}},
			"find-two-common": {Words: []string{"почта", "gateway"}},
			"find-common":     {Words: []string{"mail"}},
			"find-infix":      {Words: []string{"ertifik", "ateway", "резерв"}},
			"find-short":      {Words: []string{"vp"}},
			"find-number":     {Words: []string{"sr-4242"}},
			"find-nothing":    {Words: []string{"nothinglikeit"}},
		} {
			q.Viewer, q.Now, q.Limit = viewer, monday, 8
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Tickets(b.Context(), q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run("board", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Board(b.Context(), viewer, monday); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// BenchmarkSearchCustomers is the typeahead among 100,000 customers, and what it
// takes to import them.
func BenchmarkSearchCustomers(b *testing.B) {
	eachURL(b, func(b *testing.B, url string) {
		s := storetest.Open(b, url)
		r := rand.New(rand.NewPCG(1, 2))
		customers := make([]customer.Customer, many)
		for i := range customers {
			customers[i] = customer.Customer{
				TenantID: tenant(i), Name: words(r, 3), PrimaryDomain: fmt.Sprintf("customer%d.onmicrosoft.com", i),
				CustomDomains: []string{fmt.Sprintf("c%d.example", i)}, Status: "active",
			}
		}
		started := time.Now()
		put(b, s, customers...)
		imported := time.Since(started)
		analyzed(b, url)
		b.Run("import", func(b *testing.B) {
			for b.Loop() { // measured above, once
			}
			b.ReportMetric(imported.Seconds(), "s/import")
		})
		for _, query := range []string{"m", "ma", "mai", "mailbox", "по", "почта", "tbo", "ailbox", "gateway mail", "customer99999", "c77", tenant(77), "nothinglikeit"} {
			b.Run(query, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.SearchCustomers(b.Context(), query, 15); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// BenchmarkHotTurn is what a change of a ticket costs: read, locked update, entry
// and two notices in one transaction, on 1,000 tickets.
func BenchmarkHotTurn(b *testing.B) {
	eachURL(b, func(b *testing.B, url string) {
		s := storetest.Open(b, url)
		fillDesk(b, s, 1000)
		analyzed(b, url)
		for _, at := range []int{1, 4, 16} { // for each processor
			b.Run(fmt.Sprint("c", at*runtime.GOMAXPROCS(0)), func(b *testing.B) {
				b.ReportAllocs()
				b.SetParallelism(at)
				var turn atomic.Int64
				b.RunParallel(func(p *testing.PB) {
					for p.Next() {
						i := turn.Add(1)
						n := request.Number(i*7919%1000 + 1)
						err := s.InTx(b.Context(), func(tx request.Tx) error {
							locked, err := tx.LockTicket(b.Context(), n)
							if err != nil {
								return err
							}
							before := *locked
							locked.UpdatedAt = monday.Add(time.Duration(i) * time.Second)
							if err := tx.UpdateTicket(b.Context(), &before, locked); err != nil {
								return err
							}
							e := request.Event{Ticket: n, At: locked.UpdatedAt, By: ines, What: "acked", Revision: locked.Revision}
							if err := tx.Record(b.Context(), &e); err != nil {
								return err
							}
							tx.(bot.Tx).Post(notice(fmt.Sprint("conversation", n), e.ID))
							tx.(bot.Tx).Post(notice(fmt.Sprint("person", n%40), e.ID))
							return nil
						})
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "turns/s")
			})
		}
	})
}

func eachURL(b *testing.B, run func(b *testing.B, url string)) {
	b.Run("sqlite", func(b *testing.B) { run(b, storetest.SQLite(b)) })
	if os.Getenv(storetest.Variable) != "" {
		b.Run("postgres", func(b *testing.B) { run(b, storetest.Postgres(b)) })
	}
}
