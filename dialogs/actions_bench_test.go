package dialogs_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// BenchmarkDesk is what a person waits for: words typed at a desk with 100,000
// tickets, from the request to the answer in the fake Teams.
func BenchmarkDesk(b *testing.B) {
	storetest.EachBenchmark(b, func(b *testing.B, s *store.Store) {
		d := newDesk(b, s)
		fillDesk(b, d, 100_000)
		alice := d.Conversation(teamstest.Personal).As("Alice")
		for _, line := range []string{"list", "list open", "list all contoso.example", "find gateway backup", "find ertifik резерв", "find nothinglikeit", "status 4242", "sla"} {
			b.Run(strings.ReplaceAll(line, " ", "_"), func(b *testing.B) {
				for b.Loop() {
					d.move(time.Minute)
					alice.Say(line).ExpectCard()
				}
			})
		}
	})
}

// BenchmarkCustomers is what a person waits for among 100,000 customers, each with a
// relationship of which some end each day, and 100,000 tickets: the radar, a customer's card,
// and that of one who left; and what the daily message about rights is made of.
func BenchmarkCustomers(b *testing.B) {
	storetest.EachBenchmark(b, func(b *testing.B, s *store.Store) {
		d := newDesk(b, s)
		all := make([]customer.Customer, 100_000)
		for i := range all {
			end := d.now.AddDate(0, 0, i%800-30)
			all[i] = customer.Customer{
				TenantID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), Name: fmt.Sprintf("Customer %d GmbH", i), PrimaryDomain: fmt.Sprintf("c%d.example", i), Status: "active",
				Rights: &customer.Rights{Relationships: []customer.Relationship{{ID: fmt.Sprint("r", i), Status: "active", End: end, Roles: []string{customer.ServiceSupportAdministrator}}}},
			}
			all[i].Rights.Settle(d.now)
			if i%100 == 99 {
				all[i].Status = "left"
			}
		}
		for some := range slices.Chunk(all, 10_000) {
			if _, _, err := s.PutCustomers(b.Context(), some); err != nil {
				b.Fatal(err)
			}
		}
		fillDesk(b, d, 100_000)
		alice := d.Conversation(teamstest.Personal).As("Alice")
		for _, line := range []string{"rights", "customer Customer 1242", "customer c1242.example", "customer contoso.example", "list Customer 1099"} {
			b.Run(strings.ReplaceAll(line, " ", "_"), func(b *testing.B) {
				for b.Loop() {
					d.move(time.Minute)
					alice.Say(line)
				}
			})
		}
		b.Run("marked", func(b *testing.B) {
			for b.Loop() {
				if _, _, err := d.desk.MarkedRights(b.Context(), s, "a", d.now); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// BenchmarkChangeWithTenWatchers is one press and everything that comes of it: the
// answer, the card redrawn, the line in the thread, and ten people told in their
// own chats.
func BenchmarkChangeWithTenWatchers(b *testing.B) {
	storetest.EachBenchmark(b, func(b *testing.B, s *store.Store) {
		d := newDesk(b, s)
		room := d.Conversation(teamstest.GroupChat)
		alice, bob := room.As("Alice"), room.As("Bob")
		n := d.file(alice).Number
		for i := range 10 {
			d.Conversation(teamstest.Personal).As(fmt.Sprint("Watcher ", i))
			if _, err := d.desk.Watch(b.Context(), d.person("Alice"), request.Move{Number: n}, d.person(fmt.Sprint("Watcher ", i))); err != nil {
				b.Fatal(err)
			}
		}
		d.settle()
		told := d.sent(d.PersonalID(d.Person("Watcher 7")))
		var answered time.Duration
		rounds := 0
		for b.Loop() {
			verb := []string{"ticket/wait", "ticket/resume"}[rounds%2]
			start := time.Now()
			d.Post(press(bob, n, d.ticket(n).Revision, verb, nil))
			answered += time.Since(start)
			d.settle()
			d.move(time.Minute)
			rounds++
		}
		b.ReportMetric(float64(answered.Microseconds())/float64(rounds), "µs/answer")
		if got := d.sent(d.PersonalID(d.Person("Watcher 7"))) - told; got != rounds {
			b.Errorf("a watcher was told %d times of %d changes", got, rounds)
		}
	})
}

var benchWords = strings.Fields(`machine mail mailbox gateway vpn backup storage quota licence tenant sign-in password token
	latency region europe почта ошибка вход лицензия диск сервер сеть доступ резервная копия Anmeldung Postfach Lizenz Speicher
	Zertifikat abgelaufen Fehler does not start cannot connect since morning error timeout denied broken slow after update`)

// fillDesk keeps many tickets, a tenth of them unanswered, of 40 people and 2,000
// customers.
func fillDesk(b *testing.B, d *desk, many int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	words := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = benchWords[r.IntN(len(benchWords))]
		}
		return strings.Join(all, " ")
	}
	person := func() request.Person { return request.Person{ID: fmt.Sprintf("person-%02d", r.IntN(40))} }
	c := customers()[0]
	policy := sla.BuiltIn()
	if err := d.store.SavePolicy(b.Context(), policy.ID(), policy.Text()); err != nil {
		b.Fatal(err)
	}
	for from := 0; from < many; from += 1000 {
		err := d.store.InTx(b.Context(), func(tx request.Tx) error {
			for i := from; i < min(many, from+1000); i++ {
				opened := d.Now().Add(-time.Duration(many-i) * time.Minute)
				t := &request.Ticket{
					Revision: 1, Status: request.Open, Form: fmt.Sprint("form", i), Customer: c, Platform: customer.Azure, Kind: request.Technical,
					Severity: request.SeverityB, Language: "en", Title: words(6), Description: words(40), Requester: person(), UILanguage: "en", Zone: "Europe/Berlin",
					PolicyID: policy.ID(), OpenedAt: opened, StartedAt: opened, UpdatedAt: opened,
				}
				if i%2000 != 0 {
					t.Customer.TenantID, t.Customer.Name = fmt.Sprintf("%08d-0000-4000-8000-000000000000", i%2000), fmt.Sprint("Customer ", i%2000)
				}
				t.Response = policy.Start(sla.ClockResponse, t.Terms(), opened)
				if i%3 == 0 {
					t.Assignee = person()
				}
				if i%10 != 0 {
					t.Status, t.RespondedAt, t.ClosedAt = request.Closed, opened.Add(time.Hour), opened.Add(2*time.Hour)
				}
				if err := tx.InsertTicket(b.Context(), t); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
