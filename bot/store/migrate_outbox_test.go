package store_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onbehalf/bot"
	"onbehalf/bot/intake"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
)

// marks writes the marks of a statement as the database wants them.
func marks(url, statement string) string {
	if strings.HasPrefix(url, "sqlite:") {
		return statement
	}
	for n := 1; strings.Contains(statement, "?"); n++ {
		statement = strings.Replace(statement, "?", fmt.Sprint("$", n), 1)
	}
	return statement
}

// laneNotice is a notice as releases with lanes kept it.
type laneNotice struct {
	lane, reason, severity string
	to                     request.Target
	event                  int64
	notBefore              any
	attempts               int
}

// fillLanes is a desk at work in a database with lanes, at version 6.
func fillLanes(t *testing.T, url string, open *request.Ticket, draft *intake.Draft) []laneNotice {
	t.Helper()
	db := raw(t, url)
	run := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), marks(url, statement), args...); err != nil {
			t.Fatal(err)
		}
	}
	thread := "19:a@thread.tacv2;messageid=1"
	all := []laneNotice{
		{lane: thread, reason: "milestone", severity: "A", to: request.Target{Conversation: thread}, attempts: 2},
		{lane: thread, reason: "card", severity: "A", to: request.Target{Conversation: thread}, notBefore: monday.Add(3 * time.Second).UnixMilli()},
		{lane: thread, reason: "change", severity: "B", to: request.Target{Conversation: thread}, event: 17},
		{lane: "a:1", reason: "assigned", severity: "B", to: request.Target{Person: ines}},
		{lane: "a:1", reason: "change", severity: "B", to: request.Target{Conversation: "a:1"}, event: 18},
		{lane: "person:" + pavel.ID, reason: "milestone", severity: "B", to: request.Target{Person: pavel}},
		{lane: "a:1", reason: "answer", to: request.Target{Conversation: "a:1"}},
	}
	for i, n := range all {
		document, err := json.Marshal(map[string]any{
			"To": n.to, "Event": n.event, "By": "", "Milestone": "response/breach", "Epoch": 1, "Due": monday.Add(time.Duration(i)), "Tried": nil, "Body": nil,
		})
		if err != nil {
			t.Fatal(err)
		}
		run("insert into notices (lane, ticket, reason, severity, not_before, created_at, attempts, document) values (?, ?, ?, ?, ?, ?, ?, ?)",
			n.lane, int64(open.Number), n.reason, n.severity, n.notBefore, monday.UnixMilli(), n.attempts, string(document))
	}
	for _, lane := range []string{thread, "a:1", "person:" + pavel.ID} {
		run("insert into lanes (lane, ready_at, lease, lease_until) values (?, ?, 'somebody', ?)", lane, monday.UnixMilli(), monday.Add(time.Minute).UnixMilli())
	}
	for role, activity := range map[string]string{"home": "21", "desk": "22"} {
		run("insert into ticket_cards (ticket, role, conversation, activity, revision) values (?, ?, ?, ?, 3)", int64(open.Number), role, thread, activity)
	}
	run("insert into rates (key, state, touched_at) values ('x', null, ?)", monday.UnixMilli())
	run("insert into turns (conversation, activity, person_id, said, claimed_at, finished_at, status, body) values ('c', 'done', 'p', '', ?, ?, 200, ?)",
		monday.UnixMilli(), monday.UnixMilli(), []byte(`{"a":1}`))
	run("insert into turns (conversation, activity, person_id, said, claimed_at) values ('c', 'running', 'p', '', ?)", monday.UnixMilli())
	set := "jsonb_set(document, '{message}', '\"31\"')"
	if strings.HasPrefix(url, "sqlite:") {
		set = "json_set(document, '$.message', '31')"
	}
	run("update drafts set document = "+set+" where form = ?", draft.Form)
	return all
}

// TestTheOutboxTakesOverFromTheLanes migrates a desk at work, and back: whatever waited
// waits on, in its order, and every card and form is still found.
func TestTheOutboxTakesOverFromTheLanes(t *testing.T) {
	for name, url := range empty(t) {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			standingStill(monday, s)
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			running := newTicket("filed")
			running.NextDueAt, running.Fired, running.Epoch = monday.Add(time.Hour), []string{"response/warn/1"}, 2
			running = insert(t, s, running)
			draft := newDraft("open", ines)
			save(t, s, draft)
			remember(t, s, personalOf(ines, "a:1"))
			if err := s.MigrateDown(t.Context(), 6); err != nil {
				t.Fatal(err)
			}
			left := fillLanes(t, url, running, draft)
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}

			queues := map[string][]laneNotice{}
			for _, n := range left[:len(left)-1] { // the answer lives for a minute
				queue := map[string]string{"a:1": "person:" + ines.ID, "person:" + pavel.ID: "person:" + pavel.ID}[n.lane]
				if queue == "" {
					queue = "19:a@thread.tacv2"
				}
				queues[queue] = append(queues[queue], n)
			}
			leases := claim(t, s, monday, 10)
			if len(leases) != len(queues) {
				t.Errorf("leased %s", told(leases))
			}
			for _, l := range leases {
				if len(l.Messages) != len(queues[l.Queue]) || l.Waiting != len(l.Messages) {
					t.Fatalf("%s: %d of %d messages, want %d", l.Queue, len(l.Messages), l.Waiting, len(queues[l.Queue]))
				}
				for i, m := range l.Messages {
					expectMessage(t, running, queues[l.Queue][i], m)
				}
				settle(t, s, l, outbox.Ended{})
			}
			for handle, want := range map[string]outbox.Posted{
				"form:filed": {Activity: "21", Revision: 3, Ticket: 1}, "desk:1": {Activity: "22", Revision: 3, Ticket: 1},
			} {
				want.Handle, want.Conversation = handle, "19:a@thread.tacv2;messageid=1"
				if got, known, err := s.Posted(t.Context(), handle); err != nil || !known || got != want {
					t.Errorf("%s: %+v, %v", handle, got, err)
				}
			}
			read := session(t, s, of(ines))
			if diff := cmp.Diff(draft, read.Draft); diff != "" || read.FormMessage != "31" {
				t.Errorf("the form is shown by %q: %s", read.FormMessage, diff)
			}
			if diff := cmp.Diff(running, load(t, s, running.Number)); diff != "" {
				t.Error(diff)
			}
			if next, err := s.NextDue(t.Context()); err != nil || !next.Equal(running.NextDueAt) {
				t.Errorf("next due %s, %v", next, err)
			}
			for activity, want := range map[string]string{"done": `200 {"a":1}`, "running": ""} {
				if got := answer(t, s, bot.Delivery{Conversation: "c", Activity: activity}); got != want {
					t.Errorf("%s: %q", activity, got)
				}
			}

			if err := s.MigrateDown(t.Context(), 6); err != nil {
				t.Fatal(err)
			}
			expectLanes(t, raw(t, url), left[:len(left)-1])
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if again := claim(t, s, monday, 10); len(again) != len(queues) {
				t.Errorf("after the way back and forth: %s", told(again))
			}
			if read := session(t, s, of(ines)); read.FormMessage != "31" {
				t.Errorf("the form is shown by %q", read.FormMessage)
			}
		})
	}
}

func expectMessage(t *testing.T, of *request.Ticket, n laneNotice, m outbox.Message) {
	t.Helper()
	rank := outbox.Ordinary
	if n.severity == "A" && n.reason != "card" {
		rank = outbox.Urgent
	}
	if m.Kind != n.reason || m.Rank != rank || m.Ticket != int64(of.Number) || m.Event != n.event || m.Attempts != n.attempts || m.Body != nil || !m.Created.Equal(monday) {
		t.Errorf("%+v came as %+v", n, m)
	}
	if want := n.notBefore; want != nil && m.NotBefore.UnixMilli() != want {
		t.Errorf("%+v waits until %s", n, m.NotBefore)
	}
	if m.To.Queue() != m.Queue || n.to.Person.ID != "" && (m.To.Person != n.to.Person.ID || m.To.Account != n.to.Person.TeamsID || m.To.Tenant != n.to.Person.Tenant) ||
		!strings.HasPrefix(n.lane, "person:") && m.To.Conversation != n.lane {
		t.Errorf("%+v goes to %+v", n, m.To)
	}
	var payload request.Notice
	if err := json.Unmarshal(m.Payload, &payload); err != nil {
		t.Fatal(err)
	}
	if payload.Ticket != of.Number || string(payload.Reason) != n.reason || string(payload.Severity) != n.severity || payload.To != n.to ||
		payload.Milestone != "response/breach" || payload.Epoch != 1 || payload.Due.IsZero() || payload.Event != n.event {
		t.Errorf("%+v says %+v", n, payload)
	}
}

// expectLanes reads what an earlier release finds.
func expectLanes(t *testing.T, db *sql.DB, want []laneNotice) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `select n.lane, n.reason, n.severity, n.not_before, n.attempts, n.document, l.ready_at, l.lease
		from notices n join lanes l on l.lane = n.lane order by n.id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	byLane := map[string][]laneNotice{}
	for rows.Next() {
		var n laneNotice
		var document, lease string
		var notBefore, readyAt sql.NullInt64
		if err := rows.Scan(&n.lane, &n.reason, &n.severity, &notBefore, &n.attempts, &document, &readyAt, &lease); err != nil {
			t.Fatal(err)
		}
		var kept struct {
			To    request.Target
			Event int64
		}
		if err := json.Unmarshal([]byte(document), &kept); err != nil || !readyAt.Valid || lease != "" {
			t.Errorf("%s: ready %v, lease %q, %v", n.lane, readyAt, lease, err)
		}
		if n.to, n.event = kept.To, kept.Event; notBefore.Valid {
			n.notBefore = notBefore.Int64
		}
		byLane[n.lane] = append(byLane[n.lane], n)
	}
	wanted := map[string][]laneNotice{}
	for _, n := range want {
		wanted[n.lane] = append(wanted[n.lane], n)
	}
	if diff := cmp.Diff(wanted, byLane, cmp.AllowUnexported(laneNotice{})); diff != "" || rows.Err() != nil {
		t.Errorf("back with lanes: %s %v", diff, rows.Err())
	}
}
