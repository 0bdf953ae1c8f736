package dialogs_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/teams/teamstest"
)

// meeting is two moves of which only the first one counts, pressed on cards that
// show the same state.
type meeting struct {
	name   string
	before []string // what Ines has done before
	a, b   pressing
	// oneWay: after b, a still means what it did.
	oneWay bool
}

type pressing struct {
	who, verb string
	data      map[string]any
	what      string
}

var meetings = []meeting{
	{"two take it", nil, pressing{"Otto", "ticket/assign", map[string]any{"to": "me"}, "assigned"}, pressing{"Rita", "ticket/assign", map[string]any{"to": "me"}, "assigned"}, false},
	{"two answer", nil, pressing{"Ines", "ticket/respond", map[string]any{"noNumber": true}, "responded"}, pressing{"Lena Lead", "ticket/respond", map[string]any{"noNumber": true}, "responded"}, false},
	{"file and withdraw", nil, pressing{"Ines", "ticket/file", map[string]any{"microsoftCase": case1}, "filed"}, pressing{"Rita", "ticket/cancel", nil, "cancelled"}, false},
	{"two numbers", nil, pressing{"Ines", "ticket/file", map[string]any{"microsoftCase": case1}, "filed"}, pressing{"Lena Lead", "ticket/file", map[string]any{"microsoftCase": case2}, "filed"}, false},
	{"two wait", nil, pressing{"Ines", "ticket/wait", nil, "waiting"}, pressing{"Lena Lead", "ticket/wait", nil, "waiting"}, false},
	{"two resolve", nil, pressing{"Ines", "ticket/resolve", nil, "resolved"}, pressing{"Lena Lead", "ticket/resolve", nil, "resolved"}, false},
	{"two severities", nil, pressing{"Ines", "ticket/severity", map[string]any{"severity": "C"}, "severity"}, pressing{"Rita", "ticket/severity", map[string]any{"severity": "A", "reason": "down"}, "severity"}, false},
	{"reopen, then close", []string{"resolve"}, pressing{"Rita", "ticket/reopen", nil, "reopened"}, pressing{"Ines", "ticket/close", map[string]any{"customerInformed": true}, "closed"}, true},
	{"resolve, then resume", []string{"wait"}, pressing{"Ines", "ticket/resolve", nil, "resolved"}, pressing{"Lena Lead", "ticket/resume", nil, "resumed"}, true},
	{"resolve and withdraw", nil, pressing{"Ines", "ticket/resolve", nil, "resolved"}, pressing{"Rita", "ticket/cancel", nil, "cancelled"}, false},
}

// TestTwoMovesThatExcludeEachOther plays each meeting in both orders, on two
// replicas: the later one changes nothing, and its presser is told by whom and
// what was done in between.
func TestTwoMovesThatExcludeEachOther(t *testing.T) {
	everyPair(t, func(t *testing.T, d *desk, other *store.Store) {
		who := crowd(d.Conversation(teamstest.GroupChat))
		replicas := []http.Handler{d.replica(other).Routes(false), d.replica(d.store).Routes(false)}
		for _, m := range meetings {
			for order, both := range [][2]pressing{{m.a, m.b}, {m.b, m.a}} {
				if order == 1 && m.oneWay {
					continue
				}
				first, second := both[0], both[1]
				before := d.staffed(who, m.before)
				had := len(d.entries(before.Number))
				d.postTo(replicas[order], press(who[first.who], before.Number, before.Revision, first.verb, first.data))
				answer := said(t, d.postTo(replicas[1-order], press(who[second.who], before.Number, before.Revision, second.verb, second.data)))
				if got := d.entries(before.Number)[had:]; !slices.Equal(got, []string{first.what}) {
					t.Errorf("%s, order %d: did %q", m.name, order, got)
				}
				for _, want := range []string{"changed nothing", first.who} {
					if !strings.Contains(answer, want) {
						t.Errorf("%s, order %d: the later one is not told %q: %.1000s", m.name, order, want, answer)
					}
				}
			}
		}
	})
}

// TestBothPressAtOnce lets both press at the same instant on two replicas.
func TestBothPressAtOnce(t *testing.T) {
	everyPair(t, func(t *testing.T, d *desk, other *store.Store) {
		who := crowd(d.Conversation(teamstest.GroupChat))
		replicas := []http.Handler{d.replica(other).Routes(false), d.replica(d.store).Routes(false)}
		for _, m := range meetings {
			if m.oneWay {
				continue
			}
			before := d.staffed(who, m.before)
			had := len(d.entries(before.Number))
			answers := make([]string, 2)
			var both sync.WaitGroup
			for i, p := range []pressing{m.a, m.b} {
				a := press(who[p.who], before.Number, before.Revision, p.verb, p.data)
				both.Go(func() { answers[i] = said(t, d.postTo(replicas[i], a)) })
			}
			both.Wait()
			did := d.entries(before.Number)[had:]
			told := 0
			for _, answer := range answers {
				if strings.Contains(answer, "changed nothing") {
					told++
				}
			}
			if len(did) != 1 || told != 1 {
				t.Errorf("%s: did %q, %d were told that they changed nothing: %.700q", m.name, did, told, answers)
			}
		}
	})
}

// TestOldCardsDoWhatStillMakesSense presses buttons of months ago.
func TestOldCardsDoWhatStillMakesSense(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		who := crowd(d.Conversation(teamstest.GroupChat))
		n := d.staffed(who, nil).Number
		if answer := d.pressed(who["Otto"], n, 1, "ticket/comment", map[string]any{"text": "from an old card"}); !strings.Contains(answer, "from an old card") {
			t.Errorf("a comment excludes nothing, but: %s", answer)
		}
		if answer := d.pressed(who["Wolf"], n, 1, "ticket/ack", nil); strings.Contains(answer, "changed nothing") {
			t.Errorf("an acknowledgement excludes nothing, but: %s", answer)
		}
		d.pressed(who["Ines"], n, d.ticket(n).Revision, "ticket/resolve", nil)
		for _, verb := range []string{"ticket/assign", "ticket/file", "ticket/respond", "ticket/wait", "ticket/resolve", "ticket/cancel", "ticket/severity"} {
			data := map[string]any{"to": "me", "microsoftCase": case1, "severity": "C"}
			if answer := d.pressed(who["Lena Lead"], n, 1, verb, data); !strings.Contains(answer, "changed nothing") || !strings.Contains(answer, "Ines") {
				t.Errorf("%s on an old card: %.900s", verb, answer)
			}
		}
		if answer := d.pressed(who["Ines"], n, 1, "ticket/sheet", nil); !strings.Contains(answer, "cannot open the sheet") {
			t.Errorf("the sheet of what is over: %.500s", answer)
		}
		// A card of the future, without a number, or of no ticket is forged.
		before := d.entries(n)
		for _, forged := range []map[string]any{{"number": nil}, {"number": "SR-x"}, {"number": 999}, {"number": -1}, {"number": map[string]any{"a": 1}}, {"rev": "x"}, {"rev": nil}, {"rev": -5}} {
			for _, verb := range []string{"ticket/comment", "ticket/reopen", "ticket/show", "ticket/history", "ticket/sheet", "ticket/refresh", "ticket/assign", "ticket/file"} {
				if answer := d.pressed(who["Ines"], n, 0, verb, forged); !strings.Contains(answer, "AdaptiveCard") {
					t.Errorf("%s %v: %s", verb, forged, answer)
				}
			}
		}
		if got := d.entries(n); len(got) > len(before)+3 { // a card without a revision is an old one: comments and the first reopen stand
			t.Errorf("forged cards did %q", got[len(before):])
		}
		for _, numbers := range []any{nil, "1", []any{"x"}, map[string]any{}, make([]int, 5000)} {
			d.pressed(who["Ines"], 0, 0, "sla/ack", map[string]any{"numbers": numbers})
		}
	})
}

// TestARepeatedMoveIsDoneOnce delivers presses and words several times.
func TestARepeatedMoveIsDoneOnce(t *testing.T) {
	everyPair(t, func(t *testing.T, d *desk, other *store.Store) {
		who := crowd(d.Conversation(teamstest.GroupChat))
		n := d.staffed(who, nil).Number
		had := len(d.entries(n))
		a := press(who["Ines"], n, d.ticket(n).Revision, "ticket/comment", map[string]any{"text": "once"})
		first := said(t, d.Post(a).Body)
		elsewhere := d.replica(other).Routes(false)
		for range 3 {
			if again := said(t, d.postTo(elsewhere, a)); again != first {
				t.Errorf("the same press is answered with %.300s, then with %.300s", first, again)
			}
		}
		turn := who["Ines"].Say(fmt.Sprintf("@onbehalf wait %s for logs", n))
		for range 2 {
			turn.Again()
		}
		late := press(who["Ines"], n, d.ticket(n).Revision, "ticket/resume", nil)
		var group sync.WaitGroup
		for i := range 4 { // the second layer of retries has new ids
			again := teamstest.Activity{}
			for k, v := range late {
				again[k] = v
			}
			again["id"] = fmt.Sprint("f:again", i)
			group.Go(func() { d.postTo(elsewhere, again) })
		}
		group.Wait()
		if got := d.entries(n)[had:]; !slices.Equal(got, []string{"commented", "waiting", "resumed"}) {
			t.Errorf("did %q", got)
		}
	})
}

// TestARefreshChangesNothingEver lets clients redraw with every verb.
func TestARefreshChangesNothingEver(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		who := crowd(d.Conversation(teamstest.GroupChat))
		n := d.staffed(who, nil).Number
		before, had := d.ticket(n), d.entries(n)
		for _, r := range rights {
			a := press(who["Ines"], n, before.Revision, r.verb, r.data)
			a["value"].(map[string]any)["trigger"] = "automatic"
			if answer := said(t, d.Post(a).Body); !strings.Contains(answer, "ticket/refresh") {
				t.Errorf("%s: %s", r.verb, answer)
			}
		}
		for _, verb := range []string{"ticket/sheet", "ticket/refresh", "sla/ack"} {
			a := press(who["Ines"], n, before.Revision, verb, map[string]any{"numbers": []int{int(n)}})
			a["value"].(map[string]any)["trigger"] = "automatic"
			d.Post(a)
		}
		if now := d.ticket(n); now.Revision != before.Revision || !slices.Equal(d.entries(n), had) {
			t.Errorf("a refresh did %q", d.entries(n)[len(had):])
		}
		// What one client was shown is never given to a card that is newer.
		d.pressed(who["Otto"], n, before.Revision, "ticket/refresh", nil)
		if _, err := d.desk.Comment(t.Context(), d.person("Rita"), request.Move{Number: n}, "fresh words"); err != nil {
			t.Fatal(err)
		}
		if answer := d.pressed(who["Otto"], n, before.Revision+1, "ticket/refresh", nil); !strings.Contains(answer, "fresh words") {
			t.Errorf("the view is older than the card: %.500s", answer)
		}
		if answer := d.pressed(who["Ines"], n, before.Revision+1, "ticket/refresh", nil); !strings.Contains(answer, "ticket/respond") {
			t.Errorf("somebody else's view: %.500s", answer)
		}
	})
}

// TestALargeChannelRedrawsForItsPeople is the limit of 60 members.
func TestALargeChannelRedrawsForItsPeople(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		room := d.Conversation(teamstest.Channel)
		room.As("Rita").Say("@onbehalf help")
		who := crowd(room)
		for i := range 60 {
			room.As(fmt.Sprint("Member ", i))
		}
		n := d.staffed(who, nil).Number
		d.settle()
		card := who["Otto"].ExpectCard(n.String(), "ticket/assign")
		users := fmt.Sprint(card.Content["refresh"].(map[string]any)["userIds"])
		for _, name := range []string{"Rita", "Ines", "Wolf"} {
			if !strings.Contains(users, who[name].Person.ID) {
				t.Errorf("%s gets no view of their own: %s", name, users)
			}
		}
		if strings.Contains(users, who["Otto"].Person.ID) {
			t.Errorf("views for %s", users)
		}
	})
}

// TestAlarmsArePressed answers warnings and breaches from their own cards.
func TestAlarmsArePressed(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		who := crowd(d.Conversation(teamstest.GroupChat))
		n := d.file(who["Rita"]).Number
		d.settle()
		d.sweep(2*time.Hour + time.Minute)
		warning := who["Otto"].ExpectCard(n.String(), "ticket/ack")
		if got := warning.Press("ticket/ack"); d.ticket(n).AckedBy.Name != "Otto" || got.Content == nil {
			t.Errorf("acknowledged by %+v", d.ticket(n).AckedBy)
		}
		who["Ines"].See(warning).Expect("Otto acknowledged it").ExpectNoButton("ticket/ack", "ticket/assign")
		who["Ines"].Say(fmt.Sprintf("@onbehalf take %d", n))
		d.sweep(2 * time.Hour)
		late := who["Ines"].ExpectCard(n.String(), "late", "ticket/respond")
		who["Otto"].See(late).Press("ticket/respond").Expect("Only Ines", "Nothing was changed")
		number := who["Ines"].See(late).Press("ticket/respond").ExpectInput("microsoftCase")
		number.Fill("microsoftCase", case1).Fill("text", "On it").Press("ticket/respond", "asked", "true").ExpectButton("ticket/resolve")
		who["Ines"].See(late).ExpectNoButton("ticket/ack", "ticket/respond")
	})
}

// TestABundleAcknowledgesThePressersOwn is the card for many at once.
func TestABundleAcknowledgesThePressersOwn(t *testing.T) {
	everyDesk(t, func(t *testing.T, d *desk) {
		who := crowd(d.Conversation(teamstest.GroupChat))
		var numbers []request.Number
		for i := range 4 {
			numbers = append(numbers, d.file(who["Rita"]).Number)
			to := d.person([]string{"Ines", "Otto"}[i%2])
			if _, err := d.desk.Assign(t.Context(), d.person("Rita"), request.Move{Number: numbers[i]}, to); err != nil {
				t.Fatal(err)
			}
		}
		d.settle()
		d.sweep(4*time.Hour + time.Minute)
		bundle := who["Ines"].ExpectCard("sla/ack")
		done := bundle.Press("sla/ack").Expect("2 requests acknowledged", "sla/board")
		if done.Toast != "" {
			t.Error("a line takes the card's place in the Playground")
		}
		for i, n := range numbers {
			if acked := !d.ticket(n).BreachAckedAt.IsZero(); acked != (i%2 == 0) {
				t.Errorf("%s acknowledged: %v", n, acked)
			}
		}
		who["Rita"].See(bundle).Press("sla/ack").Expect("0 requests")
	})
}
