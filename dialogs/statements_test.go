package dialogs_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// counted is what one turn asked of the database: until its answer, and after it.
type counted struct {
	before, after   []string
	commits, closed int
}

// counting sees every statement of a store, and tells those before a turn's commit from
// those of the sending.
type counting struct {
	mu   sync.Mutex
	seen []string
}

func (c *counting) trace(statement string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, statement)
	return nil
}

// turn runs one turn and gives what it asked. The first commit is the turn's own.
func (c *counting) turn(run func()) (n counted) {
	c.mu.Lock()
	c.seen = nil
	c.mu.Unlock()
	run()
	for _, s := range c.seen {
		switch s {
		case "begin", "committed":
		case "commit":
			if n.commits++; n.commits > 1 {
				n.closed++
			}
		default:
			line := strings.Join(strings.Fields(s), " ")
			if n.commits == 0 {
				n.before = append(n.before, line[:min(len(line), 100)])
			} else {
				n.after = append(n.after, line[:min(len(line), 100)])
			}
		}
	}
	return n
}

// A turn is one query, its transaction with one commit, and one transaction after the
// sending; BEGIN and COMMIT are not counted. The numbers are what each kind of turn needs
// today, ten before the answer at most; more is a fault.
func TestStatementsOfEachKindOfTurn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := &counting{}
		s.Trace = c.trace
		d := newDesk(t, s)
		alice := d.Conversation(teamstest.Personal).As("Alice")
		alice.Say("help")
		opened(d.Conversation(teamstest.Personal).As("Bob"))
		d.settle()
		check := func(what string, before, after int, run func()) {
			t.Helper()
			d.move(time.Minute)
			n := c.turn(run)
			t.Logf("%s: %d before the answer, %d after it in %d transactions", what, len(n.before), len(n.after), n.closed)
			if len(n.before) > before || len(n.after) > after || n.commits-n.closed > 1 {
				t.Errorf("%s: %d statements before the answer, want at most %d; %d after it, want at most %d\n%s\n--\n%s", what,
					len(n.before), before, len(n.after), after, strings.Join(n.before, "\n"), strings.Join(n.after, "\n"))
			}
		}
		var form *teamstest.Card
		check("help", 4, 2, func() { alice.Say("help") })
		check("new with everything", 6, 3, func() { form = alice.Say("new contoso.example azure B VMs do not start").ExpectCard("description") })
		form.Fill("description", "West Europe").Fill("subscriptionId", contosoSub).Fill("tried", "x").Fill("criterion", "bug").Fill("healthChecked", "none")
		var review, card *teamstest.Card
		check("next", 3, 0, func() { review = form.Press("intake/next") })
		check("submit", 10, 4, func() { card = review.Press("intake/submit") })
		check("take", 8, 4, func() { card = card.Press("ticket/assign") })
		check("respond", 9, 4, func() {
			d.Post(press(alice, 2, 2, "ticket/respond", map[string]any{"text": "we look", "noNumber": true}))
		})
		check("comment typed", 8, 8, func() { alice.Say("comment 2 more words") })
		check("resolve", 9, 4, func() { d.Post(press(alice, 2, 4, "ticket/resolve", map[string]any{"text": "done"})) })
		check("status", 6, 2, func() { alice.Say("status 2") })
		check("list", 6, 2, func() { alice.Say("list") })
		check("refresh", 3, 0, func() { d.Post(press(alice, 2, 1, "ticket/refresh", nil)) })
	})
}

// On PostgreSQL a turn waits for the server three times where nothing has to be looked for
// besides: for what it begins with, for its statements together, and for the commit; the
// sending waits twice. The numbers are what each kind of turn needs today; more is a fault.
func TestRoundTripsOfEachKindOfTurn(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		if !strings.HasPrefix(url, "postgres") {
			return
		}
		url, trips := storetest.RoundTrips(t, url)
		d := newDesk(t, storetest.Open(t, url))
		alice := d.Conversation(teamstest.Personal).As("Alice")
		// Many times each: a connection prepares what it has not seen, and there are eight.
		var form, review, card *teamstest.Card
		for n := range 12 {
			check := func(what string, most int64, run func()) {
				t.Helper()
				d.move(time.Minute)
				before := trips.Load()
				run()
				if took := trips.Load() - before; n == 11 {
					t.Logf("%s: %d", what, took)
					if took > most {
						t.Errorf("%s: %d round trips, want at most %d", what, took, most)
					}
				}
			}
			at := request.Number(n + 1)
			check("help", 5, func() { alice.Say("help") })
			check("new with everything", 5, func() { form = alice.Say("new contoso.example azure B VMs do not start").ExpectCard("description") })
			form.Fill("description", "West Europe").Fill("subscriptionId", contosoSub).Fill("tried", "x").Fill("criterion", "bug").Fill("healthChecked", "none")
			check("next", 3, func() { review = form.Press("intake/next") })
			check("submit", 7, func() { card = review.Press("intake/submit") })
			check("take", 8, func() { card = card.Press("ticket/assign") })
			check("respond", 8, func() {
				d.Post(press(alice, at, 2, "ticket/respond", map[string]any{"text": "we look", "noNumber": true}))
			})
			check("resolve", 8, func() { d.Post(press(alice, at, 3, "ticket/resolve", map[string]any{"text": "done"})) })
			check("status", 7, func() { alice.Say("status 1") })
			check("list", 7, func() { alice.Say("list") })
			check("refresh", 3, func() { d.Post(press(alice, at, 1, "ticket/refresh", nil)) })
		}
	})
}
