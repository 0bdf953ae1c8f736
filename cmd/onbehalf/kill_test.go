package main

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot/teams/teamstest"
)

var (
	killRounds = flag.Int("kills", 4, "rounds of kill -9 around a submit")
	killPeople = flag.Int("people", 5, "people who submit in each of these rounds")
)

// again is the same activity as another delivery gives it: under its own id, or
// a new one.
func again(a teamstest.Activity, id any) teamstest.Activity {
	b := maps.Clone(a)
	b["id"] = id
	return b
}

// TestKilledAroundSubmit kills the program at random points while people submit
// their forms. Teams delivers again, to the program that was started instead.
// Each form becomes one ticket, and its message in the end the ticket's card.
func TestKilledAroundSubmit(t *testing.T) {
	t.Parallel()
	everyDesk(t, func(t *testing.T, d *desk) {
		t.Parallel()
		rounds := *killRounds
		if testing.Short() {
			rounds = min(rounds, 2)
		}
		cut := 0
		bot := servingShipped(t, d.env)
		teams := behind(d.Teams, bot)
		reviews := map[string]*teamstest.Card{}
		for round := range rounds {
			presses := map[string]teamstest.Activity{}
			for i := range *killPeople {
				title := fmt.Sprintf("Problem %d of round %d", i, round)
				reviews[title] = filled(d.Conversation(teamstest.Personal).As(fmt.Sprintf("Alice %d %d", round, i)), title)
				presses[title] = reviews[title].Invoke("intake/submit")
			}
			deliver := func(id func(title string) any) (answered map[string]teamstest.Response) {
				var all sync.WaitGroup
				var mu sync.Mutex
				answered = map[string]teamstest.Response{}
				for title, press := range presses {
					all.Go(func() {
						got := d.Post(again(press, id(title)))
						mu.Lock()
						defer mu.Unlock()
						answered[title] = got
					})
				}
				all.Wait()
				return answered
			}
			// Nothing to wait for: any instant will do, from before the first byte to
			// after the last message.
			dying, killed := bot, make(chan struct{})
			time.AfterFunc(rand.N(400*time.Millisecond), func() { dying.kill(); close(killed) })
			for _, got := range deliver(func(title string) any { return presses[title]["id"] }) {
				if got.Status == http.StatusBadGateway {
					cut++
				}
			}
			<-killed
			bot = servingShipped(t, d.env)
			teams.serve(bot)

			// The first layer of retries has the same id, and waits for the claim of the
			// one that died; it comes in one round only, to save that time.
			retried := deliver(func(title string) any {
				if round == 0 {
					return presses[title]["id"]
				}
				return reviews[title].Activity("invoke")["id"]
			})
			for title, got := range retried {
				if got.Status != http.StatusOK || !strings.Contains(string(got.Body), "SR-") {
					t.Errorf("%s: delivered again, it is answered %d %.200s", title, got.Status, got.Body)
				}
			}
		}

		count := map[string]int{}
		for _, one := range d.all() {
			count[one.Title]++
			if n := len(d.history(one.Number, "opened")); n != 1 {
				t.Errorf("%s was opened %d times", one.Number, n)
			}
		}
		for title, review := range reviews {
			if count[title] != 1 {
				t.Errorf("%s: %d tickets", title, count[title])
			}
			d.upToDate(review, "SR-")
			// The form's message, and nothing else, shows the ticket.
			shown := 0
			for _, m := range d.Messages(review.In.ID()) {
				if strings.Contains(string(m.Raw), "SR-") && m.Card != nil {
					shown++
				}
			}
			if shown != 1 {
				t.Errorf("%s: %d cards", title, shown)
			}
		}
		t.Logf("%d of %d submits were cut off", cut, len(reviews))
		if len(count) != len(reviews) {
			t.Errorf("%d tickets for %d forms", len(count), len(reviews))
		}
	}, teamstest.EnforceLimits())
}
