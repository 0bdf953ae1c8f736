package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/ticket"
)

var lead = ticket.Viewer{Person: ticket.Person{ID: "lead"}, Lead: true}

// desk fills a store with tickets named by their forms, and lists them by form.
type desk struct {
	testing.TB
	*store.Store
}

func (d desk) add(form string, change func(t *ticket.Ticket)) ticket.Number {
	d.Helper()
	added := newTicket(form)
	change(added)
	return insert(d, d.Store, added).Number
}

func (d desk) list(q ticket.Query) string {
	d.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	if q.Now.IsZero() {
		q.Now = monday
	}
	page, err := d.Tickets(d.Context(), q)
	if err != nil {
		d.Fatal(err)
	}
	var forms []string
	for _, t := range page.Tickets {
		forms = append(forms, t.Form)
	}
	if q.Offset == 0 && q.Limit == 100 && page.Total != len(forms) {
		d.Errorf("total %d, listed %v", page.Total, forms)
	}
	return strings.Join(forms, " ")
}

func (d desk) expect(what, got, want string) {
	d.Helper()
	if got != want {
		d.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestListIsOrderedByWhatIsDueFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk{t, s}
		hours := func(n int) time.Time { return monday.Add(time.Duration(n) * time.Hour) }
		d.add("closed", func(t *ticket.Ticket) { t.Status, t.Response.Due, t.UpdatedAt = ticket.Closed, hours(-9), hours(2) })
		d.add("undated", func(t *ticket.Ticket) { t.UpdatedAt = hours(9) })
		d.add("later", func(t *ticket.Ticket) { t.Response.Due = hours(2) })
		d.add("answered", func(t *ticket.Ticket) { t.Response.Due, t.RespondedAt, t.UpdatedAt = hours(-5), hours(-6), hours(3) })
		d.add("late", func(t *ticket.Ticket) { t.Response.Due = hours(-1) })
		d.add("now", func(t *ticket.Ticket) { t.Response.Due = monday })
		d.add("filed", func(t *ticket.Ticket) { t.Status, t.Response.Due = ticket.Filed, hours(1) })
		d.add("cancelled", func(t *ticket.Ticket) { t.Status, t.UpdatedAt = ticket.Cancelled, hours(1) })
		d.add("resolved", func(t *ticket.Ticket) { t.Status, t.RespondedAt, t.UpdatedAt = ticket.Resolved, hours(1), hours(4) })

		q := ticket.Query{Viewer: lead, Filter: ticket.All}
		whole := "late now filed later undated resolved answered closed cancelled"
		d.expect("all", d.list(q), whole)
		var pages []string
		for q.Offset, q.Limit = 0, 4; q.Offset < 12; q.Offset += 4 {
			pages = append(pages, d.list(q))
		}
		d.expect("paged", strings.Join(pages, " "), whole)
		if page, err := s.Tickets(t.Context(), ticket.Query{Viewer: lead, Offset: 20, Limit: 8}); err != nil || page.Total != 9 || len(page.Tickets) != 0 {
			t.Errorf("beyond the end: %d of %d, %v", len(page.Tickets), page.Total, err)
		}
		d.expect("open", d.list(ticket.Query{Viewer: lead, Filter: ticket.OnlyOpen}), "late now filed later undated answered")
		d.expect("breached", d.list(ticket.Query{Viewer: lead, Filter: ticket.OnlyBreached}), "late now")
		d.expect("a second before", d.list(ticket.Query{Viewer: lead, Filter: ticket.OnlyBreached, Now: monday.Add(-time.Second)}), "late")
	})
}

func TestListFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk{t, s}
		n := 0
		add := func(form string, change func(t *ticket.Ticket)) {
			n++
			d.add(form, func(t *ticket.Ticket) {
				t.Response.Due = monday.Add(time.Duration(n) * time.Minute)
				t.Requester = lena
				change(t)
			})
		}
		add("hers", func(t *ticket.Ticket) { t.Requester = ines })
		add("hersclosed", func(t *ticket.Ticket) { t.Requester, t.Status = ines, ticket.Closed })
		add("hersresolved", func(t *ticket.Ticket) { t.Requester, t.Status = ines, ticket.Resolved })
		add("assigned", func(t *ticket.Ticket) { t.Assignee = ines })
		add("both", func(t *ticket.Ticket) { t.Requester, t.Assignee = ines, ines })
		add("his", func(t *ticket.Ticket) { t.Assignee = pavel; t.Customer.TenantID = "c1" })
		add("free", func(t *ticket.Ticket) { t.Customer.TenantID = "c1" })
		add("cancelled", func(t *ticket.Ticket) { t.Requester, t.Status = ines, ticket.Cancelled })

		viewer := ticket.Viewer{Person: ines}
		d.expect("mine", d.list(ticket.Query{Viewer: viewer, Filter: ticket.OnlyMine}), "hers assigned both hersresolved")
		d.expect("of", d.list(ticket.Query{Viewer: viewer, Filter: ticket.OnlyMine, Of: pavel.ID}), "his")
		d.expect("unassigned", d.list(ticket.Query{Viewer: viewer, Filter: ticket.OnlyUnassigned}), "hers free")
		d.expect("customer", d.list(ticket.Query{Viewer: viewer, Filter: ticket.All, Customer: "c1"}), "his free")
		d.expect("unassigned of customer", d.list(ticket.Query{Viewer: viewer, Filter: ticket.OnlyUnassigned, Customer: "c1"}), "free")
		d.expect("unknown customer", d.list(ticket.Query{Viewer: viewer, Customer: "c' or 1=1 --"}), "")
	})
}

// Everything that lists must hide what VisibleTo hides, with the right total.
func TestFraudIsListedForItsPeopleOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk{t, s}
		fraud := func(form string, change func(t *ticket.Ticket)) {
			d.add(form, func(t *ticket.Ticket) {
				t.Kind, t.Requester, t.Response.Due = ticket.Fraud, lena, monday.Add(time.Minute)
				change(t)
			})
		}
		fraud("requester", func(t *ticket.Ticket) { t.Requester = ines })
		fraud("assignee", func(t *ticket.Ticket) { t.Assignee = ines })
		fraud("stranger", func(*ticket.Ticket) {})
		fraud("added", func(t *ticket.Ticket) {
			t.Watchers = []ticket.Watcher{{Person: pavel, AddedBy: lena.ID}, {Person: ines, AddedBy: lena.ID}}
		})
		fraud("herself", func(t *ticket.Ticket) { t.Watchers = []ticket.Watcher{{Person: ines, AddedBy: ines.ID}} })
		fraud("byNobody", func(t *ticket.Ticket) { t.Watchers = []ticket.Watcher{{Person: ines}} })
		fraud("another", func(t *ticket.Ticket) { t.Watchers = []ticket.Watcher{{Person: pavel, AddedBy: lena.ID}} })
		d.add("technical", func(t *ticket.Ticket) { t.Requester, t.Response.Due = lena, monday.Add(time.Minute) })

		for name, viewer := range map[string]ticket.Viewer{
			"ines": {Person: ines}, "lead": lead, "nobody": {}, "injected": {Person: ticket.Person{ID: "' or '1'='1"}},
			"pavel": {Person: pavel}, "lena": {Person: lena},
		} {
			var want []string
			unassigned := 0
			for n := range ticket.Number(8) {
				kept := load(t, s, n+1)
				if ticket.VisibleTo(*kept, viewer) {
					want = append(want, kept.Form)
					if kept.Assignee.Nobody() {
						unassigned++
					}
				}
			}
			all := strings.Join(want, " ")
			d.expect(name+" lists", d.list(ticket.Query{Viewer: viewer, Filter: ticket.All}), all)
			d.expect(name+" finds", d.list(ticket.Query{Viewer: viewer, Words: []string{"vms"}}), all)
			board, err := s.Board(t.Context(), viewer, monday)
			if err != nil {
				t.Fatal(err)
			}
			if board.Soon[ticket.SeverityB] != len(want) || board.Unassigned != unassigned || len(board.Next) != min(3, len(want)) {
				t.Errorf("%s's board: %+v", name, board)
			}
			for to, want := range map[time.Time]int{monday.Add(1): 0, monday.Add(time.Hour): len(want)} {
				counts, err := s.ReportCounts(t.Context(), viewer, monday, to, monday)
				if err != nil {
					t.Fatal(err)
				}
				opened := 0
				for _, c := range counts {
					opened += c.Opened
				}
				late, err := s.LateTickets(t.Context(), viewer, monday, to, monday.Add(100*time.Hour), 100)
				if err != nil || opened != want || len(late) != want {
					t.Errorf("%s's report counts %d and lists %d, want %d (%v)", name, opened, len(late), want, err)
				}
			}
		}
	})
}

func TestBoardCountsBySeverity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk{t, s}
		for i, due := range []time.Duration{-time.Hour, 0, time.Second, time.Hour, time.Hour + time.Second, 0, 0} {
			d.add(fmt.Sprint("t", i), func(t *ticket.Ticket) {
				t.Response.Due, t.Severity = monday.Add(due), ticket.SeverityA
				switch i {
				case 0:
					t.Assignee, t.Severity = ines, ticket.SeverityC
				case 5:
					t.RespondedAt = monday
				case 6:
					t.Response.Due = time.Time{}
				}
			})
		}
		board, err := s.Board(t.Context(), lead, monday)
		if err != nil {
			t.Fatal(err)
		}
		next := make([]string, 0)
		for _, n := range board.Next {
			next = append(next, n.Form)
		}
		board.Next = nil
		want := ticket.Board{
			Late: map[ticket.Severity]int{ticket.SeverityC: 1, ticket.SeverityA: 1},
			Soon: map[ticket.Severity]int{ticket.SeverityA: 2}, Running: map[ticket.Severity]int{ticket.SeverityA: 2},
			Unassigned: 5,
		}
		if diff := cmp.Diff(want, board); diff != "" || !slices.Equal(next, []string{"t0", "t1", "t2"}) {
			t.Errorf("next %v, %s", next, diff)
		}
	})
}

func TestOpenWithCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk{t, s}
		with := func(form string, status ticket.Status, number string) ticket.Number {
			return d.add(form, func(t *ticket.Ticket) { t.Status, t.MicrosoftCase = status, number })
		}
		a, b := with("a", ticket.Filed, "2611230010000001"), with("b", ticket.InProgress, "2611230010000001")
		with("c", ticket.Closed, "2611230010000001")
		with("d", ticket.Open, "")
		for except, want := range map[ticket.Number][]ticket.Number{a: {b}, b: {a}, 0: {a, b}} {
			if got, err := s.OpenWithCase(t.Context(), "2611230010000001", except); err != nil || !slices.Equal(got, want) {
				t.Errorf("except %s: %v, %v", except, got, err)
			}
		}
		if got, err := s.OpenWithCase(t.Context(), "", 0); err != nil || len(got) != 0 {
			t.Errorf("no number: %v, %v", got, err)
		}
	})
}

func TestFindLooksEverywhereForEveryWord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk{t, s}
		vms := d.add("vms", func(*ticket.Ticket) {})
		d.add("mail", func(t *ticket.Ticket) {
			t.Title, t.Description = "Почта не доходит", "Ошибка 5.7.1 у всех получателей, 100% потерь"
			t.Customer = ticket.Customer{TenantID: "c1", Name: "ООО «Ёлка»"}
		})
		d.add("odd", func(t *ticket.Ticket) {
			t.Title, t.Description, t.Customer.Name = `a_b "quoted" AND c\d`, "日本 東京都 straße", "x'; drop table tickets"
		})
		if err := record(t, s, &ticket.Event{Ticket: vms, At: monday, What: "commented", Text: "Rebooted the Hypervisor\nTwice"}); err != nil {
			t.Fatal(err)
		}
		filed := load(t, s, vms)
		before := *filed
		filed.MicrosoftCase, filed.Title = "2611230010000042", "Machines do not start"
		do(t, s, func(tx ticket.Tx) error { return tx.UpdateTicket(t.Context(), &before, filed) })

		for typed, want := range map[string]string{
			"sr-1": "vms", "SR-2": "mail", "sr3": "odd",
			"machines": "vms", "chin": "vms", "VMs": "", // the title was changed
			"west europe": "vms", "europe west": "vms", "westeurope": "",
			"hyperVISOR": "vms", "twice": "vms", "hypervisortwice": "", "rebooted machines contoso": "vms",
			"0010000042": "vms", "2611230010000042 почта": "",
			"почт": "mail", "ДОХОД": "mail", "елка": "mail", "ёл": "mail", "лка": "mail", "5.7.1": "mail",
			"100%": "mail", "%": "mail", "_": "odd", "a_b": "odd", "a%b": "", "m_chines": "", `c\d`: "odd", `\`: "odd",
			`"quoted"`: "odd", `"`: "odd", "and": "odd", "AND": "odd", "or": "vms", "not": "vms", "near(": "", "*": "", "mach*": "",
			"日本": "odd", "東京都": "odd", "京": "odd", "strasse": "odd", "straße": "odd",
			"'; drop": "odd", "title:machines": "", "-machines": "",
			"o": "vms odd", "st": "vms odd", "machines zz": "",
		} {
			words := ticket.FoldWords(typed)
			got := strings.Fields(d.list(ticket.Query{Viewer: lead, Words: words}))
			slices.Sort(got)
			wanted := strings.Fields(want)
			slices.Sort(wanted)
			d.expect(typed, strings.Join(got, " "), strings.Join(wanted, " "))
		}
		d.expect("with a filter", d.list(ticket.Query{Viewer: lead, Words: []string{"o"}, Customer: "c0", Filter: ticket.OnlyOpen}), "vms odd")
		d.expect("broken words", d.list(ticket.Query{Viewer: lead, Words: []string{"machi\x00nes", ""}}), "vms")
	})
}
