package outbox

import (
	"slices"
	"time"
)

// related says that two messages must not change places: they are about the same
// request, or show the same card.
func related(a, b *Message) bool {
	return a.Ticket != 0 && a.Ticket == b.Ticket || a.Handle != "" && a.Handle == b.Handle || a.Update != "" && a.Update == b.Update
}

// ready gives the messages whose time has come, in the order in which they may go:
// by rank, then as they were committed. What an earlier one is related to takes it
// along to the front. A time that lies further ahead than anything waits was set by
// another clock.
func ready(waiting []Message, now time.Time) []Message {
	var due []Message
	for _, m := range waiting {
		if !m.NotBefore.After(now) || m.NotBefore.Sub(now) > longestWait {
			due = append(due, m)
		}
	}
	slices.SortFunc(due, func(a, b Message) int { return int(a.ID - b.ID) })
	ranks := make([]Rank, len(due))
	for i := range slices.Backward(due) { // a chain of related messages ends with the last
		ranks[i] = due[i].Rank
		for j := i + 1; j < len(due); j++ {
			if ranks[j] < ranks[i] && related(&due[i], &due[j]) {
				ranks[i] = ranks[j]
			}
		}
	}
	order := make([]int, len(due))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(ranks[a] - ranks[b]) })
	sorted := make([]Message, len(due))
	for i, at := range order {
		sorted[i] = due[at]
	}
	return sorted
}

// longestWait is longer than anything waits for: Teams may ask for an hour, and so
// may its hourly limit.
const longestWait = 2 * time.Hour

// AnyReady says whether one of the messages may go at now.
func AnyReady(waiting []Message, now time.Time) bool {
	return slices.ContainsFunc(waiting, func(m Message) bool {
		return !m.NotBefore.After(now) || m.NotBefore.Sub(now) > longestWait
	})
}

// ToldAlready gives the messages whose change the message that was sent has told as
// well.
func (e *Ended) ToldAlready(waiting []Message) []int64 {
	var ids []int64
	for _, m := range waiting {
		if slices.ContainsFunc(e.Told, func(t Told) bool {
			return m.Kind == t.Kind && m.Ticket == t.Ticket && m.To == t.To && m.Event <= t.Through
		}) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}
