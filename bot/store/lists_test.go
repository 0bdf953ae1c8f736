package store_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

var lead = request.Viewer{Person: request.Person{ID: "lead"}, Lead: true}

// desk fills a store with tickets named by their forms, and lists them by form.
type desk struct {
	testing.TB
	*store.Store
}

func (d desk) add(form string, change func(t *request.Ticket)) request.Number {
	d.Helper()
	added := newTicket(form)
	change(added)
	return insert(d, d.Store, added).Number
}

func (d desk) list(q request.Query) string {
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
		d.add("closed", func(t *request.Ticket) { t.Status, t.Response.Due, t.UpdatedAt = request.Closed, hours(-9), hours(2) })
		d.add("undated", func(t *request.Ticket) { t.UpdatedAt = hours(9) })
		d.add("later", func(t *request.Ticket) { t.Response.Due = hours(2) })
		d.add("answered", func(t *request.Ticket) { t.Response.Due, t.RespondedAt, t.UpdatedAt = hours(-5), hours(-6), hours(3) })
		d.add("late", func(t *request.Ticket) { t.Response.Due = hours(-1) })
		d.add("now", func(t *request.Ticket) { t.Response.Due = monday })
		d.add("filed", func(t *request.Ticket) { t.Status, t.Response.Due = request.Filed, hours(1) })
		d.add("cancelled", func(t *request.Ticket) { t.Status, t.UpdatedAt = request.Cancelled, hours(1) })
		d.add("resolved", func(t *request.Ticket) { t.Status, t.RespondedAt, t.UpdatedAt = request.Resolved, hours(1), hours(4) })

		q := request.Query{Viewer: lead, Filter: request.All}
		whole := "late now filed later undated resolved answered closed cancelled"
		d.expect("all", d.list(q), whole)
		var pages []string
		for q.Offset, q.Limit = 0, 4; q.Offset < 12; q.Offset += 4 {
			pages = append(pages, d.list(q))
		}
		d.expect("paged", strings.Join(pages, " "), whole)
		if page, err := s.Tickets(t.Context(), request.Query{Viewer: lead, Offset: 20, Limit: 8}); err != nil || page.Total != 9 || len(page.Tickets) != 0 {
			t.Errorf("beyond the end: %d of %d, %v", len(page.Tickets), page.Total, err)
		}
		d.expect("open", d.list(request.Query{Viewer: lead, Filter: request.OnlyOpen}), "late now filed later undated answered")
		d.expect("breached", d.list(request.Query{Viewer: lead, Filter: request.OnlyBreached}), "late now")
		d.expect("a second before", d.list(request.Query{Viewer: lead, Filter: request.OnlyBreached, Now: monday.Add(-time.Second)}), "late")
	})
}

func TestListFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk{t, s}
		n := 0
		add := func(form string, change func(t *request.Ticket)) {
			n++
			d.add(form, func(t *request.Ticket) {
				t.Response.Due = monday.Add(time.Duration(n) * time.Minute)
				t.Requester = lena
				change(t)
			})
		}
		add("hers", func(t *request.Ticket) { t.Requester = ines })
		add("hersclosed", func(t *request.Ticket) { t.Requester, t.Status = ines, request.Closed })
		add("hersresolved", func(t *request.Ticket) { t.Requester, t.Status = ines, request.Resolved })
		add("assigned", func(t *request.Ticket) { t.Assignee = ines })
		add("both", func(t *request.Ticket) { t.Requester, t.Assignee = ines, ines })
		add("his", func(t *request.Ticket) { t.Assignee = pavel; t.Customer.TenantID = "c1" })
		add("free", func(t *request.Ticket) { t.Customer.TenantID = "c1" })
		add("cancelled", func(t *request.Ticket) { t.Requester, t.Status = ines, request.Cancelled })

		viewer := request.Viewer{Person: ines}
		d.expect("mine", d.list(request.Query{Viewer: viewer, Filter: request.OnlyMine}), "hers assigned both hersresolved")
		d.expect("of", d.list(request.Query{Viewer: viewer, Filter: request.OnlyMine, Of: pavel.ID}), "his")
		d.expect("unassigned", d.list(request.Query{Viewer: viewer, Filter: request.OnlyUnassigned}), "hers free")
		d.expect("customer", d.list(request.Query{Viewer: viewer, Filter: request.All, Customer: "c1"}), "his free")
		d.expect("unassigned of customer", d.list(request.Query{Viewer: viewer, Filter: request.OnlyUnassigned, Customer: "c1"}), "free")
		d.expect("unknown customer", d.list(request.Query{Viewer: viewer, Customer: "c' or 1=1 --"}), "")
	})
}

// Everything that lists must hide what VisibleTo hides, with the right total.
func TestFraudIsListedForItsPeopleOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := desk{t, s}
		fraud := func(form string, change func(t *request.Ticket)) {
			d.add(form, func(t *request.Ticket) {
				t.Kind, t.Requester, t.Response.Due = request.Fraud, lena, monday.Add(time.Minute)
				change(t)
			})
		}
		fraud("requester", func(t *request.Ticket) { t.Requester = ines })
		fraud("assignee", func(t *request.Ticket) { t.Assignee = ines })
		fraud("stranger", func(*request.Ticket) {})
		fraud("added", func(t *request.Ticket) {
			t.Watchers = []request.Watcher{{Person: pavel, AddedBy: lena.ID}, {Person: ines, AddedBy: lena.ID}}
		})
		fraud("herself", func(t *request.Ticket) { t.Watchers = []request.Watcher{{Person: ines, AddedBy: ines.ID}} })
		fraud("byNobody", func(t *request.Ticket) { t.Watchers = []request.Watcher{{Person: ines}} })
		fraud("another", func(t *request.Ticket) { t.Watchers = []request.Watcher{{Person: pavel, AddedBy: lena.ID}} })
		d.add("technical", func(t *request.Ticket) { t.Requester, t.Response.Due = lena, monday.Add(time.Minute) })

		for name, viewer := range map[string]request.Viewer{
			"ines": {Person: ines}, "lead": lead, "nobody": {}, "injected": {Person: request.Person{ID: "' or '1'='1"}},
			"pavel": {Person: pavel}, "lena": {Person: lena},
		} {
			var want []string
			unassigned := 0
			for n := range request.Number(8) {
				kept := load(t, s, n+1)
				if request.VisibleTo(*kept, viewer) {
					want = append(want, kept.Form)
					if kept.Assignee.Nobody() {
						unassigned++
					}
				}
			}
			all := strings.Join(want, " ")
			d.expect(name+" lists", d.list(request.Query{Viewer: viewer, Filter: request.All}), all)
			d.expect(name+" finds", d.list(request.Query{Viewer: viewer, Words: []string{"vms"}}), all)
			board, err := s.Board(t.Context(), viewer, monday)
			if err != nil {
				t.Fatal(err)
			}
			if board.Soon[request.SeverityB] != len(want) || board.Unassigned != unassigned || len(board.Next) != min(3, len(want)) {
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
			d.add(fmt.Sprint("t", i), func(t *request.Ticket) {
				t.Response.Due, t.Severity = monday.Add(due), request.SeverityA
				switch i {
				case 0:
					t.Assignee, t.Severity = ines, request.SeverityC
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
		want := request.Board{
			Late: map[request.Severity]int{request.SeverityC: 1, request.SeverityA: 1},
			Soon: map[request.Severity]int{request.SeverityA: 2}, Running: map[request.Severity]int{request.SeverityA: 2},
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
		with := func(form string, status request.Status, number string) request.Number {
			return d.add(form, func(t *request.Ticket) { t.Status, t.MicrosoftCase = status, number })
		}
		a, b := with("a", request.Filed, "2611230010000001"), with("b", request.InProgress, "2611230010000001")
		with("c", request.Closed, "2611230010000001")
		with("d", request.Open, "")
		for except, want := range map[request.Number][]request.Number{a: {b}, b: {a}, 0: {a, b}} {
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
		vms := d.add("vms", func(*request.Ticket) {})
		d.add("mail", func(t *request.Ticket) {
			t.Title, t.Description = "Почта не доходит", "Ошибка 5.7.1 у всех получателей, 100% потерь"
			t.Customer = customer.Customer{TenantID: "c1", Name: "ООО «Ёлка»"}
		})
		d.add("odd", func(t *request.Ticket) {
			t.Title, t.Description, t.Customer.Name = `a_b "quoted" AND c\d`, "日本 東京都 straße", "x'; drop table tickets"
		})
		if err := record(t, s, &request.Event{Ticket: vms, At: monday, What: "commented", Text: "Rebooted the Hypervisor\nTwice"}); err != nil {
			t.Fatal(err)
		}
		filed := load(t, s, vms)
		before := *filed
		filed.MicrosoftCase, filed.Title = "2611230010000042", "Machines do not start"
		do(t, s, func(tx request.Tx) error { return tx.UpdateTicket(t.Context(), &before, filed) })

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
			words := plaintext.FoldWords(typed)
			got := strings.Fields(d.list(request.Query{Viewer: lead, Words: words}))
			slices.Sort(got)
			wanted := strings.Fields(want)
			slices.Sort(wanted)
			d.expect(typed, strings.Join(got, " "), strings.Join(wanted, " "))
		}
		d.expect("with a filter", d.list(request.Query{Viewer: lead, Words: []string{"o"}, Customer: "c0", Filter: request.OnlyOpen}), "vms odd")
		d.expect("broken words", d.list(request.Query{Viewer: lead, Words: []string{"machi\x00nes", ""}}), "vms")
	})
}

// FuzzFind holds that a search finds what has every word of it, and nothing else, on both
// databases, whatever their own languages of search make of it.
func FuzzFind(f *testing.F) {
	for _, typed := range []string{
		"vms start", `a_b "quoted`, `" OR "`, "title:x AND NOT (y)", "near(a b, 2)", "*", "^a", "-a", "+a", "100%", `c\d \`, "дохо 5.7", "strasse", "京都", "SR-2", "sr 2", "#2",
		"''; drop", "a\x00b", "\xff", "ё", "ﬁ", "İ", "a\u0301", "\u200b", "{a b}: c", "🍀", strings.Repeat("x ", 40), "((((((((", "vm\u2028s",
	} {
		f.Add(typed)
	}
	addresses := []string{storetest.SQLite(f)}
	if os.Getenv(storetest.Variable) != "" {
		addresses = append(addresses, storetest.Postgres(f))
	}
	var desks []desk
	parts := map[string][]string{} // the same numbers in each database
	for _, address := range addresses {
		d := desk{f, storetest.Open(f, address)}
		for _, texts := range [][3]string{
			{"vms", "VMs do not start", "West Europe, a_b \"quoted\" AND c\\d"}, {"mail", "Почта не доходит, 100% потерь", "5.7.1 ёлка"},
			{"odd", "ﬁnal İstanbul a\u0301 🍀", "日本 東京都 straße (near) title: x * ^ - + ' ; --"},
		} {
			number := d.add(texts[0], func(t *request.Ticket) {
				t.Title, t.Description, t.MicrosoftCase = texts[1], texts[2], ""
				t.Customer = customer.Customer{TenantID: "c1", Name: "Qqq", PrimaryDomain: "qqq.example"}
			})
			sr := plaintext.Fold(number.String())
			parts[texts[0]] = []string{sr, strings.ReplaceAll(sr, "-", ""), "qqq", "qqq.example", plaintext.Fold(texts[1]), plaintext.Fold(texts[2])}
		}
		desks = append(desks, d)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		words := request.SearchWords(typed)
		if len(words) == 0 {
			return // the desk asks for words
		}
		missing := func(form string) bool {
			return slices.ContainsFunc(words, func(word string) bool {
				return !slices.ContainsFunc(parts[form], func(part string) bool { return strings.Contains(part, word) })
			})
		}
		want := slices.DeleteFunc([]string{"mail", "odd", "vms"}, missing)
		for _, d := range desks {
			page, err := d.Tickets(t.Context(), request.Query{Viewer: lead, Words: words, Limit: 10, Now: monday})
			if err != nil {
				t.Fatalf("%q: %v", typed, err)
			}
			var got []string
			for _, found := range page.Tickets {
				got = append(got, found.Form)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) || page.Total != len(want) {
				t.Errorf("%q finds %q of %d, want %q", words, got, page.Total, want)
			}
		}
	})
}
