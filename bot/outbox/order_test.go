package outbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// orderOf gives the ids of messages as they may go.
func orderOf(messages ...Message) string {
	for i := range messages {
		messages[i].ID = int64(i + 1)
	}
	var ids []string
	for _, m := range ready(messages, monday) {
		ids = append(ids, fmt.Sprint(m.ID))
	}
	return strings.Join(ids, " ")
}

func TestOrderInAQueue(t *testing.T) {
	answer, urgent, ordinary := Message{Rank: Answer}, Message{Rank: Urgent}, Message{Rank: Ordinary}
	about := func(m Message, ticket int64) Message { m.Ticket = ticket; return m }
	showing := func(m Message, handle string) Message { m.Handle = handle; return m }
	over := func(m Message, activity string) Message { m.Update = activity; return m }
	later := func(m Message, by time.Duration) Message { m.NotBefore = monday.Add(by); return m }
	for name, c := range map[string]struct {
		left []Message
		want string
	}{
		"nothing":                               {nil, ""},
		"as committed":                          {[]Message{ordinary, ordinary, ordinary}, "1 2 3"},
		"answers, severity A, the others":       {[]Message{ordinary, urgent, answer, ordinary, urgent, answer}, "3 6 2 5 1 4"},
		"about one request":                     {[]Message{ordinary, about(ordinary, 7), urgent, about(answer, 7)}, "2 4 3 1"},
		"of one card":                           {[]Message{ordinary, showing(ordinary, "form:a"), showing(answer, "form:a")}, "2 3 1"},
		"over one message":                      {[]Message{ordinary, over(ordinary, "1"), over(answer, "1")}, "2 3 1"},
		"about another request":                 {[]Message{about(ordinary, 7), about(answer, 8)}, "2 1"},
		"of no request":                         {[]Message{about(ordinary, 0), about(answer, 0)}, "2 1"},
		"a chain":                               {[]Message{about(ordinary, 7), showing(about(ordinary, 7), "form:a"), showing(answer, "form:a")}, "1 2 3"},
		"held back":                             {[]Message{later(ordinary, time.Second), ordinary, later(answer, 0)}, "3 2"},
		"held back by a clock that was far off": {[]Message{later(ordinary, 3*time.Hour), ordinary}, "1 2"},
		"held back for as long as may be":       {[]Message{later(ordinary, 2*time.Hour), ordinary}, "2"},
	} {
		if got := orderOf(c.left...); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestRelatedMessagesNeverChangePlaces asserts it of queues of any make, and that
// nothing of a better rank waits for what it has nothing to do with.
func TestRelatedMessagesNeverChangePlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		left := make([]Message, 1+r.IntN(12))
		for i := range left {
			left[i] = Message{ID: int64(i + 1), Rank: Rank(r.IntN(3)), Ticket: int64(r.IntN(4)), Handle: []string{"", "a", "b", "c"}[r.IntN(4)]}
		}
		r.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		sorted := ready(left, monday)
		if len(sorted) != len(left) {
			t.Fatalf("%d of %d are left", len(sorted), len(left))
		}
		for i := range sorted {
			for j := i + 1; j < len(sorted); j++ {
				if sorted[i].ID > sorted[j].ID && related(&sorted[i], &sorted[j]) {
					t.Fatalf("%d goes before %d: %+v", sorted[i].ID, sorted[j].ID, sorted)
				}
			}
		}
		best := slices.MinFunc(left, func(a, b Message) int { return int(a.Rank - b.Rank) })
		if first := sorted[0]; first.Rank > best.Rank && !slices.ContainsFunc(sorted, func(m Message) bool { return m.ID > first.ID && related(&first, &m) }) {
			t.Fatalf("%d goes first for no reason: %+v", first.ID, sorted)
		}
	}
}

func TestWhatAMessageHasToldIsNotToldAgain(t *testing.T) {
	here := Target{Conversation: "c"}
	e := Ended{Told: []Told{{Kind: "change", Ticket: 7, To: here, Through: 5}}}
	told := func(change func(m *Message)) bool {
		m := Message{ID: 1, Kind: "change", Ticket: 7, To: here, Event: 5}
		change(&m)
		return len(e.ToldAlready([]Message{m})) == 1
	}
	for name, c := range map[string]struct {
		change func(m *Message)
		want   bool
	}{
		"the last one":    {func(*Message) {}, true},
		"one before":      {func(m *Message) { m.Event = 3 }, true},
		"a later one":     {func(m *Message) { m.Event = 6 }, false},
		"another request": {func(m *Message) { m.Ticket = 8 }, false},
		"another place":   {func(m *Message) { m.To = Target{Person: "p"} }, false},
		"another kind":    {func(m *Message) { m.Kind = "card" }, false},
	} {
		if got := told(c.change); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestQueueOfATarget(t *testing.T) {
	for to, want := range map[Target]string{
		{Conversation: "19:a@thread.tacv2"}:             "19:a@thread.tacv2",
		{Conversation: "19:a@thread.tacv2;messageid=1"}: "19:a@thread.tacv2",
		{Person: "p"}:                    "person:p",
		{Person: "p", Conversation: "a"}: "person:p",
	} {
		if got := to.Queue(); got != want {
			t.Errorf("%+v: %s", to, got)
		}
	}
}
