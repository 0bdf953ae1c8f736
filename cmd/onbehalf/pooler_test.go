package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// TestTwoReplicasBehindPgBouncer: pgbouncer in transaction mode, with fewer connections
// than the replicas want and, in its older versions, without prepared statements. Both
// bring an empty database up to date at once, take turns, and say in one line what
// would be faster.
func TestTwoReplicasBehindPgBouncer(t *testing.T) {
	t.Parallel()
	if os.Getenv(storetest.Variable) == "" {
		return // as elsewhere, SQLite alone is tested then, and has no pooler
	}
	fake := teamstest.New(t)
	fake.Patience = limit
	address := storetest.PgBouncer(t, storetest.EmptyPostgres(t), "transaction")
	env := with(fake.Env(), "DATABASE_URL", address)
	serve := []string{"serve", "--listen-addr=127.0.0.1:0", "--log-format=json"}
	replicas := []*process{launch(t, env, serve...), launch(t, env, serve...)}
	for _, p := range replicas {
		p.listening()
	}
	command(t, "customers", "import", "sample/customers.csv", "--database-url="+address).done(t)
	behind(fake, replicas...)
	chat := fake.Conversation(teamstest.Personal)
	for i := range 4 {
		number := fmt.Sprintf("SR-%d", i+1)
		alice := chat.As(fmt.Sprintf("Alice %d", i))
		filled(alice, "Slow").Press("intake/submit").Expect(number)
		alice.Say("take " + number).ExpectCard(number)
		alice.Say("resolve "+number+" it is back").ExpectCard(number, "Resolved")
	}
	command(t, "doctor", "--database-url="+address).done(t, "ok    database behind a pooler")
	if said := command(t, "doctor", "--database-url="+storetest.PgBouncer(t, storetest.Postgres(t), "statement")).out; !strings.Contains(said, "MEND  database: pgbouncer is in statement mode") || !strings.Contains(said, "set pool_mode there to transaction or session") {
		t.Error(said)
	}
	for _, p := range replicas {
		p.stop()
		if said := p.err.String(); strings.Contains(said, `"ERROR"`) || strings.Contains(said, "already exists") {
			t.Errorf("a replica said:\n%s", said)
		}
	}
}
