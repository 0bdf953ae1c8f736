package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/customer"
	"onbehalf/bot/intake"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
)

const day = 24 * time.Hour

// tables are those whose rows come with the work of a desk.
var tables = []string{
	"tickets", "events", "milestones", "ticket_texts", "posted", "drafts", "deliveries", "queues", "outgoing", "conversations", "members", "contacts",
	"people", "removals", "rights_told", "rights_acked",
}

func sizes(t testing.TB, url string) map[string]int {
	t.Helper()
	db, all := raw(t, url), map[string]int{}
	for _, table := range tables {
		var n int
		if err := db.QueryRowContext(t.Context(), "select count(*) from "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		all[table] = n
	}
	return all
}

func clean(t testing.TB, s *store.Store, retain time.Duration) store.Removed {
	t.Helper()
	removed, err := s.Clean(t.Context(), retain)
	if err != nil {
		t.Fatal(err)
	}
	return removed
}

// workday is what a small desk leaves behind in a day: requests, each with its form, its
// thread and messages, of which all but the last are closed; forms that were given up; and
// what people say in threads without a request. It gives the requests that are closed.
func workday(t testing.TB, s *store.Store, today time.Time) (closed []request.Number) {
	t.Helper()
	const requests, abandoned, talks = 4, 3, 5
	at := today.Format("0102")
	work := func(key string, do func(ctx context.Context, tx bot.Tx) error) {
		d := bot.Delivery{Conversation: "19:a@thread.tacv2", Activity: at + key, Person: ines.ID, At: today, Done: today}
		leases, err := s.Turn(t.Context(), bot.Session{}, d, func(ctx context.Context, tx bot.Tx) (bot.StoredAnswer, error) {
			return bot.StoredAnswer{Status: 200}, do(ctx, tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range leases {
			settle(t, s, l, outbox.Ended{Done: ids(l.Messages)})
		}
	}
	thread := func(i int) string { return fmt.Sprintf("19:a@thread.tacv2;messageid=%s%d", at, i) }
	for i := range requests {
		form := fmt.Sprintf("%s-%d", at, i)
		one := newTicket(form)
		one.OpenedAt, one.UpdatedAt, one.Home.Conversation = today, today, thread(i)
		work(form, func(ctx context.Context, tx bot.Tx) error {
			draft := newDraft(form, ines)
			draft.Version, draft.Expires, draft.Conversation = 1, today.Add(day), thread(i)
			if err := errors.Join(tx.InsertDraft(ctx, draft), tx.InsertTicket(ctx, one), tx.FinishDraft(ctx, draft, one.Number)); err != nil {
				return err
			}
			tx.Post(outbox.Message{To: outbox.Target{Conversation: thread(i)}, Rank: outbox.Answer, Kind: "answer", Ticket: int64(one.Number), Created: today, Body: []byte("{}")})
			return errors.Join(
				tx.Remember(ctx, outbox.Conversation{ID: thread(i), Tenant: "t", Kind: "channel", Seen: today}),
				tx.KeepMember(ctx, "t", bot.Member{Person: ines, Seen: today}), tx.SaveContact(ctx, ines.ID, request.Contact{Name: "Ines"}),
				tx.Record(ctx, &request.Event{Ticket: one.Number, At: today, By: ines, What: "opened", Text: "VMs do not start", Revision: 1}),
				tx.Posted(ctx, outbox.Posted{Handle: "form:" + form, Conversation: thread(i), Activity: "1", Ticket: int64(one.Number)}),
				tx.Posted(ctx, outbox.Posted{Handle: fmt.Sprintf("desk:%d", one.Number), Conversation: "19:desk@thread.tacv2", Activity: form, Ticket: int64(one.Number)}),
			)
		})
		do(t, s, func(tx request.Tx) error {
			_, err := tx.FiredAll(t.Context(), []request.Fired{{Ticket: one.Number, Milestone: "response/warn/1", Due: today, At: today}})
			return err
		})
		if i == requests-1 {
			continue
		}
		done := *one
		done.Status, done.ClosedAt, done.UpdatedAt = request.Closed, today, today
		do(t, s, func(tx request.Tx) error {
			return errors.Join(tx.UpdateTicket(t.Context(), one, &done), tx.Record(t.Context(), &request.Event{Ticket: one.Number, At: today, By: ines, What: "closed", Revision: 2}))
		})
		closed = append(closed, one.Number)
	}
	for i := range abandoned {
		form := fmt.Sprintf("%s-given-up-%d", at, i)
		work(form, func(ctx context.Context, tx bot.Tx) error {
			draft := newDraft(form, ines)
			draft.Version, draft.Expires, draft.Conversation = 1, today.Add(day), form
			return errors.Join(tx.InsertDraft(ctx, draft), tx.Posted(ctx, outbox.Posted{Handle: "form:" + form, Conversation: form, Activity: "1"}))
		})
	}
	for i := range talks {
		work(fmt.Sprint("talk", i), func(ctx context.Context, tx bot.Tx) error {
			return tx.Remember(ctx, outbox.Conversation{ID: thread(100 + i), Tenant: "t", Kind: "channel", Seen: today})
		})
	}
	do(t, s, func(tx request.Tx) error {
		_, err := tx.TellRights(t.Context(), "19:desk@thread.tacv2", today.Format(time.DateOnly))
		marks := map[string]customer.Mark{tenant(1): customer.Mark(at)}
		all := tx.(bot.Tx)
		return errors.Join(err, tx.AckRights(t.Context(), "19:desk@thread.tacv2", ines.ID, today, marks),
			all.Posted(t.Context(), outbox.Posted{Handle: "bundle:" + at, Conversation: "19:desk@thread.v2", Activity: "b" + at}),
			all.Posted(t.Context(), outbox.Posted{Handle: "alarm:" + at, Conversation: "19:desk@thread.v2", Activity: "b" + at, Ticket: int64(closed[0])}))
	})
	return closed
}

// TestTheDatabaseStaysBounded lets a desk work for thirty days and the janitor look every
// six hours. What closes is removed after ten days; half a year after the last word only
// the requests are left that are not closed.
func TestTheDatabaseStaysBounded(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		do(t, s, func(tx request.Tx) error {
			return tx.(bot.Tx).Remember(t.Context(), outbox.Conversation{ID: "a:lena", Tenant: "t", Kind: "personal", Person: lena.ID, Seen: monday})
		})
		const days, kept = 30, 10
		byDay := make([]map[string]int, days)
		for n := range days {
			today := monday.Add(time.Duration(n) * day)
			standingStill(today, s)
			workday(t, s, today)
			for hours := range 4 {
				standingStill(today.Add(time.Duration(6*hours+1)*time.Hour), s)
				clean(t, s, kept*day)
			}
			byDay[n] = sizes(t, url)
		}
		t.Logf("after %d days: %v", days, byDay[days-1])
		// One request a day stays open, with its history, its messages and its thread.
		for table, most := range map[string]int{
			"tickets": 3*kept + days, "events": 2*3*kept + days, "milestones": 3*kept + days, "ticket_texts": 3*kept + days, "posted": 2*(3*kept+days) + 3 + 2*(kept+1), "rights_told": days, "rights_acked": days,
			"drafts": 7, "deliveries": 0, "queues": 0, "outgoing": 0, "conversations": 9*days + 1, "members": 1, "contacts": 1, "people": 1, "removals": 0,
		} {
			if got := byDay[days-1][table]; got > most {
				t.Errorf("%s: %d rows after %d days, want at most %d", table, got, days, most)
			}
		}
		standingStill(monday.Add(days*day+181*day), s)
		removed := clean(t, s, kept*day)
		if removed["requests"] != 3*kept || removed["people"] != 1 || removed["conversations"] == 0 {
			t.Errorf("half a year later %v are removed", removed)
		}
		want := map[string]int{
			"tickets": days, "events": days, "milestones": days, "ticket_texts": days, "posted": 2 * days, "conversations": days + 1, "people": 1,
		}
		got := sizes(t, url)
		maps.DeleteFunc(got, func(_ string, n int) bool { return n == 0 })
		if !maps.Equal(got, want) {
			t.Errorf("half a year later there are %v, want %v", got, want)
		}
	})
}

func TestClosedRequestsAreRemovedAsAWhole(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		standingStill(monday, s)
		closed := workday(t, s, monday)
		open := closed[len(closed)-1] + 1
		// Of one a message is still to be sent, and another one was opened again.
		leave(t, s, notice("19:desk@thread.tacv2", int64(closed[0])))
		before := load(t, s, closed[1])
		again := *before
		again.Status, again.ClosedAt = request.InProgress, time.Time{}
		do(t, s, func(tx request.Tx) error { return tx.UpdateTicket(t.Context(), before, &again) })

		standingStill(monday.Add(365*day), s)
		if removed := clean(t, s, 0); removed["requests"] != 0 {
			t.Errorf("without a time %d requests are removed", removed["requests"])
		}
		if removed := clean(t, s, 366*day); removed["requests"] != 0 {
			t.Errorf("too early %d requests are removed", removed["requests"])
		}
		if removed := clean(t, s, 364*day); removed["requests"] != 1 {
			t.Errorf("%d requests are removed, want the one that is over", removed["requests"])
		}
		for n, there := range map[request.Number]bool{closed[0]: true, closed[1]: true, closed[2]: false, open: true} {
			_, err := s.Ticket(t.Context(), n)
			if there != (err == nil) || !there && !errors.Is(err, request.ErrNotFound) {
				t.Errorf("%s: %v", n, err)
			}
			history, err := s.History(t.Context(), n, 0, 10)
			if err != nil || there != (len(history) > 0) {
				t.Errorf("%s has %d entries, %v", n, len(history), err)
			}
			if messages, err := s.PostedOf(t.Context(), n); err != nil || there != (len(messages) > 0) {
				t.Errorf("%s has the messages %v, %v", n, messages, err)
			}
		}
		page, err := s.Tickets(t.Context(), request.Query{Viewer: request.Viewer{Lead: true}, Filter: request.All, Words: []string{"start"}, Limit: 10})
		if err != nil || page.Total != 3 {
			t.Errorf("the words of %d requests are found, %v", page.Total, err)
		}
		// Its number is not given again.
		if next := insert(t, s, newTicket("next")).Number; next != open+1 {
			t.Errorf("the next one is %s", next)
		}
		for _, statement := range []string{
			fmt.Sprintf("delete from events where ticket = %d", open), fmt.Sprintf("update events set text = 'x' where ticket = %d", open),
		} {
			if _, err := raw(t, url).ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "never changed") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
}

// TestOneReplicaCleansAtATime has another replica hold the janitor's lock.
func TestOneReplicaCleansAtATime(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		if strings.HasPrefix(url, "sqlite:") {
			return // its transactions come one after the other
		}
		s := storetest.Open(t, url)
		standingStill(monday, s)
		workday(t, s, monday)
		standingStill(monday.Add(day), s)
		other, err := raw(t, url).BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Rollback()
		var mine bool
		if err := other.QueryRowContext(t.Context(), "select pg_try_advisory_xact_lock(1795400124)").Scan(&mine); err != nil || !mine {
			t.Fatal(mine, err)
		}
		for what, n := range clean(t, s, time.Hour) {
			if n != 0 {
				t.Errorf("%d %s are removed beside another replica", n, what)
			}
		}
		if err := other.Commit(); err != nil {
			t.Fatal(err)
		}
		if removed := clean(t, s, time.Hour); removed["requests"] != 3 || removed["deliveries"] == 0 {
			t.Errorf("alone it removes %v", removed)
		}
	})
}

// TestWhoHasALongSilenceIsForgotten keeps those who are spoken to: a lead may never say a
// word.
func TestWhoHasALongSilenceIsForgotten(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		for i, p := range []request.Person{ines, pavel, lena} {
			do(t, s, func(tx request.Tx) error {
				seen := monday.Add(time.Duration(i) * 100 * day)
				ctx, b := t.Context(), tx.(bot.Tx)
				return errors.Join(b.KeepMember(ctx, "t", bot.Member{Person: p, Seen: seen}), tx.(intake.Tx).SaveContact(ctx, p.ID, request.Contact{Name: p.Name}),
					b.SaveSettings(ctx, p.ID, bot.Settings{Language: "de"}))
			})
		}
		do(t, s, func(tx request.Tx) error {
			return tx.(bot.Tx).Remember(t.Context(), outbox.Conversation{ID: "a:pavel", Tenant: "t", Kind: "personal", Person: pavel.ID, Seen: monday})
		})
		standingStill(monday.Add(300*day), s)
		if removed := clean(t, s, 0); removed["people"] != 2 {
			t.Errorf("%d people are forgotten, want Ines and Pavel", removed["people"])
		}
		left := func(column, table string) string {
			rows, err := raw(t, url).QueryContext(t.Context(), "select "+column+" from "+table)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var all []string
			for rows.Next() {
				var id string
				if err := rows.Scan(&id); err != nil {
					t.Fatal(err)
				}
				all = append(all, map[string]string{ines.ID: "Ines", pavel.ID: "Pavel", lena.ID: "Lena"}[id])
			}
			slices.Sort(all)
			return strings.Join(all, " ")
		}
		for table, want := range map[string]string{"members": "Lena", "contacts": "Lena", "people": "Lena Pavel"} {
			if got := left("person_id", table); got != want {
				t.Errorf("%s has %q, want %q", table, got, want)
			}
		}
	})
}
