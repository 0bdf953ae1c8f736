package dialogs_test

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"onbehalf/bot/request"
	"onbehalf/bot/store"
	"onbehalf/bot/teams/teamstest"
)

// pencil is a ticket as somebody would keep it on paper: what each entry is, and
// who has it.
type pencil struct {
	status   request.Status
	severity string
	assignee string
	number   string
	answered bool // by Microsoft
	entries  []string
	watchers []string
	// told counts what each person hears in their own chat, lines what the thread
	// does.
	told  map[string]int
	lines int
	by    []string // who left the entries after the first
}

// The crew: three are in the chat that the ticket was filed in, two are not.
var (
	insiders  = []string{"Alice", "Bob", "Lena Lead"}
	outsiders = []string{"Wolf", "Zoe"}
	crew      = slices.Concat(insiders, outsiders)
)

// overtaken lists the entries after which a button on an older card means
// something else.
var overtaken = map[string][]string{
	"assign": {"assigned", "resolved", "closed", "cancelled"}, "file": {"filed", "resolved", "closed", "cancelled"},
	"respond": {"responded", "resolved", "closed", "cancelled"}, "close": {"closed", "reopened"}, "reopen": {"reopened"},
	"resume":  {"waiting", "resumed", "resolved", "closed", "cancelled", "reopened"},
	"wait":    {"waiting", "resumed", "resolved", "closed", "cancelled", "reopened"},
	"resolve": {"resolved", "closed", "cancelled", "reopened"}, "cancel": {"cancelled", "filed", "resolved", "closed"},
	"severity": {"severity", "resolved", "closed", "cancelled"},
}

// attempt is one press, or one line that was typed (rev 0).
type attempt struct {
	who, verb, arg string
	back           int // how many states old the card is; -1 was typed
	again          bool
	replica        int
}

// do plays an attempt on paper.
func (p *pencil) do(a attempt) {
	working := slices.Contains([]request.Status{request.Open, request.Filed, request.InProgress, request.Waiting}, p.status)
	works := p.assignee == "" || p.assignee == a.who || a.who == "Lena Lead"
	owns := a.who == "Alice" || a.who == p.assignee || a.who == "Lena Lead"
	owed := !p.answered
	if a.back > 0 {
		seen := max(1, len(p.entries)-a.back)
		for _, what := range p.entries[seen:] {
			if slices.Contains(overtaken[a.verb], what) {
				return
			}
		}
	}
	had := p.assignee
	what := ""
	switch a.verb {
	case "assign":
		if working && p.assignee != a.who {
			what, p.assignee = "assigned", a.who
		}
	case "ack":
		if working && owed && !p.pressedBefore(a, "acked") {
			what = "acked"
		}
	case "file":
		if working && works && p.number != a.arg {
			what, p.number = "filed", a.arg
			if p.status == request.Open {
				p.status = request.Filed
			}
		}
	case "respond":
		if working && works && owed {
			what, p.answered = "responded", true
			if p.status != request.Waiting {
				p.status = request.InProgress
			}
		}
	case "comment":
		if !p.pressedBefore(a, "commented") { // all say the same words
			what = "commented"
		}
	case "wait":
		if working && works && p.status != request.Waiting {
			what, p.status = "waiting", request.Waiting
		}
	case "resume":
		if p.status == request.Waiting && works {
			what, p.status = "resumed", request.Open
			if p.number != "" {
				p.status = request.Filed
			}
			if p.answered {
				p.status = request.InProgress
			}
		}
	case "resolve":
		if working && works {
			what, p.status = "resolved", request.Resolved
		}
	case "close":
		if p.status == request.Resolved && works {
			what, p.status = "closed", request.Closed
		}
	case "reopen":
		if p.status == request.Resolved || p.status == request.Closed {
			what, p.status = "reopened", request.InProgress
		}
	case "cancel":
		if p.status == request.Open && owns {
			what, p.status = "cancelled", request.Cancelled
		}
	case "severity":
		if working && owns && p.severity != a.arg {
			what, p.severity = "severity", a.arg
		}
	case "watch":
		if !slices.Contains(p.watchers, a.who) {
			what, p.watchers = "watched", append(p.watchers, a.who)
		}
	case "unwatch":
		if i := slices.Index(p.watchers, a.who); i >= 0 {
			what, p.watchers = "unwatched", slices.Delete(slices.Clone(p.watchers), i, i+1)
		}
	}
	if what == "" {
		return
	}
	p.entries, p.by = append(p.entries, what), append(p.by, a.who)
	if what == "watched" || what == "unwatched" {
		return
	}
	if a.back >= 0 { // what was typed there is told by its answer
		p.lines++
	}
	if what == "acked" {
		return
	}
	for _, name := range outsiders {
		if name != a.who && (name == p.assignee || name == had || slices.Contains(p.watchers, name)) {
			p.told[name]++
		}
	}
}

// pressedBefore says whether they did the same since the card was drawn that they press
// again.
func (p *pencil) pressedBefore(a attempt, what string) bool {
	for i := max(1, len(p.entries)-a.back); a.back > 0 && i < len(p.entries); i++ {
		if p.entries[i] == what && p.by[i-1] == a.who {
			return true
		}
	}
	return false
}

// TestRandomMovesAgainstAModel lets five people press and type at random, on old
// cards too and through two replicas, with everything delivered twice now and
// then, and compares where it ends with a model on paper.
func TestRandomMovesAgainstAModel(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	if given := checks.Value.String(); given == checks.DefValue { // a hundred are for a longer run
		if err := checks.Value.Set("25"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = checks.Value.Set(given) }) // it was its own value
	}
	everyPair(t, func(t *testing.T, d *desk, other *store.Store) {
		room := d.Conversation(teamstest.GroupChat)
		who := map[string]*teamstest.Speaker{}
		for _, name := range insiders {
			who[name] = room.As(name)
		}
		for _, name := range outsiders {
			who[name] = d.Conversation(teamstest.Personal).As(name)
		}
		replicas := []http.Handler{d.replica(other).Routes(false), d.replica(d.store).Routes(false)}
		actions := rapid.Custom(func(r *rapid.T) attempt {
			a := attempt{
				who:  rapid.SampledFrom(crew).Draw(r, "who"),
				verb: rapid.SampledFrom([]string{"assign", "assign", "ack", "file", "respond", "comment", "wait", "resume", "resolve", "close", "reopen", "cancel", "severity", "watch", "watch", "unwatch"}).Draw(r, "verb"),
				back: rapid.IntRange(0, 3).Draw(r, "back"), again: rapid.Bool().Draw(r, "again"), replica: rapid.IntRange(0, 1).Draw(r, "replica"),
			}
			if slices.Contains(insiders, a.who) && rapid.Bool().Draw(r, "typed") {
				a.back = -1
			}
			switch a.verb {
			case "file":
				a.arg = rapid.SampledFrom([]string{case1, case2}).Draw(r, "number")
			case "severity":
				a.arg = rapid.SampledFrom([]string{"A", "B", "C", "noncritical"}).Draw(r, "severity")
			}
			return a
		})
		rapid.Check(t, func(r *rapid.T) {
			n := d.file(who["Alice"]).Number
			d.settle()
			paper := &pencil{status: request.Open, severity: "B", entries: []string{"opened"}, told: map[string]int{}}
			lines := d.sent(room.ID())
			told := map[string]int{}
			for _, name := range outsiders {
				told[name] = d.sent(d.PersonalID(who[name].Person))
			}
			noticed := 0
			for _, a := range rapid.SliceOfN(actions, 1, 14).Draw(r, "attempts") {
				r.Logf("%+v", a)
				activity := d.activity(who[a.who], n, len(paper.entries), a)
				paper.do(a)
				d.postTo(replicas[a.replica], activity)
				if a.again {
					d.postTo(replicas[1-a.replica], activity)
				}
				before := d.sent(room.ID()) // answers come with the turn, notices later
				d.settle()
				noticed += d.sent(room.ID()) - before
			}
			now := d.ticket(n)
			var watchers []string
			for _, w := range now.Watchers {
				watchers = append(watchers, w.Name)
			}
			if got := d.entries(n); !slices.Equal(got, paper.entries) {
				r.Fatalf("history %v, on paper %v", got, paper.entries)
			}
			if now.Status != paper.status || now.Assignee.Name != paper.assignee || string(now.Severity) != paper.severity || now.MicrosoftCase != paper.number {
				r.Fatalf("%s %q %s %s, on paper %+v", now.Status, now.Assignee.Name, now.Severity, now.MicrosoftCase, paper)
			}
			if !slices.Equal(watchers, paper.watchers) || now.Revision != len(paper.entries) {
				r.Fatalf("watched by %v at revision %d, on paper %+v", watchers, now.Revision, paper)
			}
			if noticed != paper.lines {
				r.Fatalf("the thread heard %d lines, on paper %d (%d messages)", noticed, paper.lines, d.sent(room.ID())-lines)
			}
			for _, name := range outsiders {
				if got := d.sent(d.PersonalID(who[name].Person)) - told[name]; got != paper.told[name] {
					r.Fatalf("%s heard %d times, on paper %d", name, got, paper.told[name])
				}
			}
		})
	})
}

// sent counts the new messages of a conversation.
func (d *desk) sent(conversation string) (count int) {
	for _, e := range d.Events("send", "reply") {
		if e.Conversation == conversation {
			count++
		}
	}
	return count
}

// activity is what an attempt posts, when the ticket is at this revision.
func (d *desk) activity(who *teamstest.Speaker, n request.Number, revision int, a attempt) teamstest.Activity {
	if a.back >= 0 {
		return press(who, n, max(1, revision-a.back), "ticket/"+a.verb, map[string]any{
			"to": "me", "microsoftCase": a.arg, "severity": a.arg, "reason": "because", "text": map[bool]string{true: "words"}[a.verb == "comment"],
			"customerInformed": true, "noNumber": a.verb == "respond",
		})
	}
	line := fmt.Sprintf("@onbehalf %s %s", a.verb, n)
	switch a.verb {
	case "assign":
		line += " me"
	case "file":
		line += " " + a.arg
	case "respond":
		line += " no number"
	case "comment", "close":
		line += " words"
	case "severity":
		line += " " + a.arg + " because"
	}
	return who.Message(line)
}
