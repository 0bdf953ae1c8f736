package request

import (
	"slices"
)

// statuses lists where a ticket may go from each status. A status without an
// entry is final.
var statuses = map[Status][]Status{
	Open:       {Filed, InProgress, Waiting, Resolved, Cancelled},
	Filed:      {InProgress, Waiting, Resolved},
	InProgress: {Waiting, Resolved},
	Waiting:    {Open, Filed, InProgress, Waiting, Resolved}, // resume goes back to where it stood
	Resolved:   {Closed, InProgress},                         // the customer says it still fails
	Closed:     {InProgress},
}

// MayGo says whether a ticket may go from one status to another.
func MayGo(from, to Status) bool { return slices.Contains(statuses[from], to) }

// move describes one thing that people do to a ticket.
type move struct {
	// verb is the name of it, without "ticket/".
	verb string
	// what is its entry in the history; empty leaves none.
	what string
	// from are the statuses in which it may be done; nil is all.
	from  []Status
	right right
	// excludedBy are the entries after which a press on an older card means
	// something else than it did: it changes nothing then. Nil: nothing does.
	excludedBy []string
	// telling says who hears of it beside the cards.
	telling telling
}

// telling says who hears of a move.
type telling int

const (
	silent     telling = iota // the cards only
	threadOnly                // a line in the thread
	everybody                 // the line, and requester, assignee and watchers elsewhere
)

var working = []Status{Open, Filed, InProgress, Waiting}

// moves are all of them, in the order in which a card offers them.
var moves = []move{
	{"assign", "assigned", working, anyone, []string{"assigned", "released", "resolved", "closed", "cancelled"}, everybody},
	{"release", "released", working, workers, []string{"assigned", "released", "resolved", "closed", "cancelled"}, everybody},
	{"file", "filed", working, workers, []string{"filed", "resolved", "closed", "cancelled"}, everybody},
	{"respond", "responded", working, workers, []string{"responded", "resolved", "closed", "cancelled"}, everybody},
	{"resume", "resumed", []Status{Waiting}, workers, []string{"waiting", "resumed", "resolved", "closed", "cancelled", "reopened"}, everybody},
	{"resolve", "resolved", working, workers, []string{"resolved", "closed", "cancelled", "reopened"}, everybody},
	{"wait", "waiting", working, workers, []string{"waiting", "resumed", "resolved", "closed", "cancelled", "reopened"}, everybody},
	{"close", "closed", []Status{Resolved}, workers, []string{"closed", "reopened"}, everybody},
	{"reopen", "reopened", []Status{Resolved, Closed}, anyone, []string{"reopened"}, everybody},
	{"cancel", "cancelled", []Status{Open}, owners, []string{"cancelled", "filed", "resolved", "closed"}, everybody},
	{"severity", "severity", working, owners, []string{"severity", "resolved", "closed", "cancelled"}, everybody},
	{"ack", "acked", working, anyone, nil, threadOnly},
	{"comment", "commented", nil, anyone, nil, everybody},
	{"watch", "watched", nil, anyone, nil, silent},
	{"unwatch", "unwatched", nil, anyone, nil, silent},
	{"sheet", "", working, workers, nil, silent},
}

func moveOf(verb string) (move, bool) {
	i := slices.IndexFunc(moves, func(m move) bool { return m.verb == verb })
	if i < 0 {
		return move{}, false
	}
	return moves[i], true
}

func (m move) in(s Status) bool { return m.from == nil || slices.Contains(m.from, s) }

// useful says whether a move that may be done would change anything.
func (m move) useful(t Ticket, v Viewer) bool {
	switch m.verb {
	case "respond", "ack":
		return t.owesAnswer()
	case "wait": // on a request that waits it says for whom else, which words do
		return t.Status != Waiting
	case "release":
		return !t.Assignee.Nobody()
	case "watch":
		return !t.watches(v.Person)
	case "unwatch":
		return t.watches(v.Person)
	case "severity":
		return t.Kind == Technical
	case "sheet":
		_, ok := Portal(t)
		return ok
	}
	return true
}

// owesAnswer says whether Microsoft's first response can be noted: none was, or one
// from before filing, which releases before this one took from the desk itself.
func (t Ticket) owesAnswer() bool {
	return t.RespondedAt.IsZero() || t.MicrosoftCase != "" && t.MicrosoftRespondedAt.IsZero()
}

// excludes says whether one of the entries makes a press on a card from before
// them mean something else.
func (m move) excludes(since []Event) bool {
	return slices.ContainsFunc(since, func(e Event) bool { return slices.Contains(m.excludedBy, e.What) })
}
