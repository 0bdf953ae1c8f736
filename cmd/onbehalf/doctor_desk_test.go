package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// TestTheDoctorFindsWhoHearsNothing has the bot removed and refused in places that matter,
// and in one that does not.
func TestTheDoctorFindsWhoHearsNothing(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, address string) {
		d := &desk{Teams: teamstest.New(t), store: storetest.Open(t, address)}
		command(t, "customers", "import", "sample/customers.csv", "--database-url="+address).done(t)
		line := []string{"doctor", "--database-url=" + address, "--desk-conversation=19:desk@thread.tacv2", "--leads=" + teamstest.ObjectID("Lena"), "--leads-file=/no/such/file"}
		home := d.fill(written(t, "policy.yaml", breachPolicy), 2, time.Now().Add(time.Hour))[1]
		command(t, line...).done(t, "ok    reach", "ok    messages 0 waiting", "ok    rows ")

		left := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
		err := d.store.InTx(t.Context(), func(tx request.Tx) error {
			ctx, b := t.Context(), tx.(bot.Tx)
			lena := outbox.Conversation{ID: "a:lena", Kind: "personal", Person: teamstest.ObjectID("Lena")}
			blocked := outbox.Conversation{ID: home, Kind: "groupChat", Reach: outbox.Blocked}
			return errors.Join(
				b.Remember(ctx, outbox.Conversation{ID: "19:desk@thread.tacv2", Kind: "channel"}), b.Forget(ctx, "19:desk@thread.tacv2", left),
				b.Remember(ctx, lena), b.Forget(ctx, lena.ID, left), b.Remember(ctx, blocked),
				b.Posted(ctx, outbox.Posted{Handle: "form:due 0", Conversation: home, Activity: "1", Ticket: 1}),
				b.Remember(ctx, outbox.Conversation{ID: "19:nobody@thread.v2"}), b.Forget(ctx, "19:nobody@thread.v2", left),
			)
		})
		if err != nil {
			t.Fatal(err)
		}
		statement(t, address, fmt.Sprintf("update conversations set unreachable = 'ConversationBlockedByUser' where id = '%s'", home))
		statement(t, address, fmt.Sprintf("update tickets set next_due_at = %d where number = 2", time.Now().Add(-time.Hour).UnixMilli()))
		statement(t, address, `insert into outgoing (queue, rank, kind, ticket, event, handle, created_at, document) values ('unreadable', 1, 'card', 2, 0, '', 1, '"no"')`)
		for _, broken := range []string{
			"update customers set document = '7' where tenant_id = '" + contosoID + "'", "update tickets set fired = '{\"no\": \"list\"}' where number = 1",
			"insert into events (ticket, at, person, what, from_value, to_value, text, origin, revision) values (1, 1, '7', 'commented', '', '', 'x', '', 1)", "insert into members (tenant, person_id, seen_at, document) values ('t', 'somebody', 1, '7')",
			"insert into drafts (form, version, conversation, expires_at, document) values ('f', 1, 'c', 9, '7')",
			"insert into syncs (source, document) values ('graph', '7')",
		} {
			statement(t, address, broken)
		}
		got := command(t, line...)
		got.fails(t, exitFailed, "12 things must be mended")
		for _, want := range []string{
			"MEND  reach: DESK_CONVERSATION 19:desk@thread.tacv2 hears nothing: the bot is not installed there since 2026-11-01T09:00:00Z",
			"MEND  reach: the chat of the person " + teamstest.ObjectID("Lena") + " hears nothing: the bot is not installed there",
			"MEND  reach: " + home + " hears nothing: Teams refuses the bot there",
			"MEND  messages: a due time has passed for 1h0m", "MEND  rows: 1 in the table outgoing cannot be read, those with id 1:",
			"MEND  rows: 1 in the table customers cannot be read, those with tenant_id " + contosoID, "MEND  rows: 1 in the table tickets cannot be read, those with number 1:",
			"in the table events cannot be read, those with id ", "in the table members cannot be read, those with person_id somebody", "in the table drafts cannot be read, those with form f",
			"in the table syncs cannot be read, those with source graph",
		} {
			if !strings.Contains(got.out, want) {
				t.Errorf("no %q in:\n%s", want, got.out)
			}
		}
		if strings.Contains(got.out, "nobody@") {
			t.Errorf("a conversation that nobody needs is named:\n%s", got.out)
		}
	})
}

// TestTheDoctorComparesTheClock has the service with the signing keys live in another time.
func TestTheDoctorComparesTheClock(t *testing.T) {
	t.Parallel()
	fake := teamstest.New(t)
	for ahead, want := range map[time.Duration]string{
		-10 * time.Minute: "MEND  clock: this machine's clock is 10m0s ahead of Microsoft's", 7 * time.Minute: "MEND  clock: this machine's clock is 7m0s behind Microsoft's",
		time.Minute: "ok    clock",
	} {
		elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			resp, err := http.Get(fake.MetadataURL())
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
			_, _ = io.Copy(w, resp.Body) // the doctor says what it lacks
		}))
		var line []string
		for name, value := range with(fake.Env(), "DATABASE_URL", storetest.SQLite(t), "TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL", elsewhere.URL) {
			line = append(line, "--"+strings.ToLower(strings.ReplaceAll(name, "_", "-"))+"="+value)
		}
		if got := command(t, append([]string{"doctor"}, line...)...); !strings.Contains(got.out, want) || !strings.Contains(got.out, "ok    signing keys") {
			t.Errorf("%s: no %q in:\n%s", ahead, want, got.out)
		}
		elsewhere.Close()
	}
}

func TestTheDoctorSaysForWhomTheRegistrationIs(t *testing.T) {
	t.Parallel()
	fake := teamstest.New(t)
	var line []string
	for name, value := range with(fake.Env(), "DATABASE_URL", storetest.SQLite(t)) {
		line = append(line, "--"+strings.ToLower(strings.ReplaceAll(name, "_", "-"))+"="+value)
	}
	command(t, append([]string{"doctor"}, line...)...).done(t, "ok    audience is one tenant")
	fake.EveryTenant()
	command(t, append([]string{"doctor"}, line...)...).done(t, "ok    audience is wide: the registration is for every tenant", "people of 1 tenants (PARTNER_TENANTS) alone", "SingleTenant")
}

func TestTheDoctorComparesTheDatabasesClock(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]string{time.Minute: "", 10 * time.Minute: "10m0s ahead of this machine's", -3 * time.Minute: "3m0s behind this machine's"} {
		if err := databaseClock(ahead); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", ahead, err)
		}
	}
}
