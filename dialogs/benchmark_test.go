package dialogs_test

import (
	"fmt"
	"testing"
	"time"

	"onbehalf/bot/store"
	"onbehalf/bot/store/storetest"
	"onbehalf/bot/teams/teamstest"
)

// BenchmarkTurn is one typed word with its answer: token, claim, database, card,
// and the message to Teams. The fake Teams is part of the figure.
func BenchmarkTurn(b *testing.B) {
	storetest.EachBenchmark(b, func(b *testing.B, s *store.Store) {
		d := newDesk(b, s)
		alice := d.Conversation(teamstest.Personal).As("Alice")
		opened(alice)
		b.ReportAllocs()
		for b.Loop() {
			d.move(time.Minute)
			alice.Say("status SR-1")
		}
	})
}

// BenchmarkIntake is a whole form: the word, three presses, and the ticket's card
// brought to everybody.
func BenchmarkIntake(b *testing.B) {
	storetest.EachBenchmark(b, func(b *testing.B, s *store.Store) {
		d := newDesk(b, s)
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n++
			d.move(time.Minute)
			opened(d.Conversation(teamstest.Personal).As(fmt.Sprint("Alice ", n)))
			d.deliver()
		}
	})
}
