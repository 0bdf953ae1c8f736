package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"text/tabwriter"
	"time"
)

// measured is what one candidate did with one number of users in one round.
type measured struct {
	turns     int             // answered within window
	window    time.Duration   // without the time for warming up
	latencies []time.Duration // of these turns, sorted
	forms     []time.Duration // from a typed line to the form it asked for, sorted
	errors    int

	// These are of everything from the begin of the window until the last message
	// that came of it: who leaves work for later pays for it all the same.
	worked                 int // turns
	drained                time.Duration
	ownCPU, dbCPU, loadCPU time.Duration // negative: not known
	sent                   int           // requests to the connector
	answered               int           // bytes of answers

	// These are of the whole life of the process.
	life                int     // turns
	commits, statements float64 // NaN: not known
	peak                int     // bytes of memory at most, 0 is not known
	first               time.Duration
}

func (m measured) rate() float64           { return float64(m.turns) / m.window.Seconds() }
func (m measured) bytesPerAnswer() float64 { return float64(m.answered) / float64(m.worked) }

// perTurn is a part of a CPU time in milliseconds.
func (m measured) perTurn(cpu time.Duration) float64 {
	if cpu < 0 {
		return math.NaN()
	}
	return milliseconds(cpu) / float64(m.worked)
}

// cost is all CPU time that a turn takes beside the users', in milliseconds. Where
// others share the machine it says more than the turns a second.
func (m measured) cost() float64 { return m.perTurn(m.ownCPU) + m.perTurn(max(m.dbCPU, 0)) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// percentile is the smallest of the sorted durations that at least this share of
// them does not exceed, in milliseconds; NaN of nothing.
func percentile(sorted []time.Duration, share float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := int(math.Ceil(share * float64(len(sorted))))
	return milliseconds(sorted[max(rank, 1)-1])
}

// median is the middle one, or the mean of the two in the middle. It is NaN of
// nothing, and where one of the values is.
func median(values []float64) float64 {
	if len(values) == 0 || slices.ContainsFunc(values, math.IsNaN) {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// sorted puts durations into their order.
func sorted(d []time.Duration) []time.Duration {
	slices.Sort(d)
	return d
}

// columns are the figures of the table that need no other candidate.
var columns = []struct {
	title, format string
	of            func(measured) float64
}{
	{"turns/s", "%.0f", measured.rate},
	{"p50", "%.1f", func(m measured) float64 { return percentile(m.latencies, 0.50) }},
	{"p95", "%.1f", func(m measured) float64 { return percentile(m.latencies, 0.95) }},
	{"p99", "%.1f", func(m measured) float64 { return percentile(m.latencies, 0.99) }},
	{"form p95", "%.1f", func(m measured) float64 { return percentile(m.forms, 0.95) }},
	{"errors", "%.0f", func(m measured) float64 { return float64(m.errors) }},
	{"CPU bot", "%.2f", func(m measured) float64 { return m.perTurn(m.ownCPU) }},
	{"CPU pg", "%.2f", func(m measured) float64 { return m.perTurn(m.dbCPU) }},
	{"CPU load", "%.2f", func(m measured) float64 { return m.perTurn(m.loadCPU) }},
	{"RSS MB", "%.0f", func(m measured) float64 { return unknown(float64(m.peak) / (1 << 20)) }},
	{"B/answer", "%.0f", measured.bytesPerAnswer},
	{"commits", "%.2f", func(m measured) float64 { return m.commits / float64(m.life) }},
	{"statements", "%.2f", func(m measured) float64 { return m.statements / float64(m.life) }},
	{"sent", "%.2f", func(m measured) float64 { return float64(m.sent) / float64(m.worked) }},
	{"drain", "%.0f", func(m measured) float64 { return milliseconds(m.drained) }},
	{"first", "%.0f", func(m measured) float64 { return milliseconds(m.first) }},
}

func unknown(zero float64) float64 {
	if zero == 0 {
		return math.NaN()
	}
	return zero
}

// The limits' names in the table.
const (
	limitName = "limit"
	bytesName = "limit+bytes"
)

// results are all rounds of all candidates.
type results struct {
	rows   []row // in the order in which they were measured first
	rounds map[row][]measured
}

type row struct {
	candidate string
	users     int
}

func newResults() *results { return &results{rounds: map[row][]measured{}} }

func (r *results) add(candidate string, users int, m measured) {
	at := row{candidate, users}
	if r.rounds[at] == nil {
		r.rows = append(r.rows, at)
	}
	r.rounds[at] = append(r.rounds[at], m)
}

// ratio is how a candidate's figure compares with another's, round by round; the
// median of that.
func (r *results) ratio(of row, to string, figure func(measured) float64) float64 {
	var each []float64
	other := r.rounds[row{to, of.users}]
	for i, m := range r.rounds[of] {
		if i < len(other) {
			each = append(each, figure(m)/figure(other[i]))
		}
	}
	return median(each)
}

// legend explains the table's heads.
const legend = `Medians of all rounds. Times are milliseconds. p50 to p99: until the HTTP answer; form p95: until the form that was asked for has come.
CPU: user and system time a turn of the bot (or limit), of PostgreSQL, and of the users with their fake Teams.
B/answer: bytes of the HTTP answer. commits: PostgreSQL's transactions a turn; a read outside of one counts as one. statements and sent
(requests to the connector): a turn. drain: from the last answer to the last request to the connector. first: from the start of the
process to its first answer. ÷: turns/s against the limit's. cost: CPU of bot and PostgreSQL together against that of the limit with bytes.
`

// print writes the medians of all rounds, a line for each candidate and number
// of users.
func (r *results) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "candidate\tat once\t")
	for _, c := range columns {
		fmt.Fprint(w, c.title, "\t")
	}
	fmt.Fprintf(w, "÷%s\t÷%s\tcost\t\n", limitName, bytesName)
	for _, at := range r.rows {
		fmt.Fprintf(w, "%s\t%d\t", at.candidate, at.users)
		for _, c := range columns {
			var values []float64
			for _, m := range r.rounds[at] {
				values = append(values, c.of(m))
			}
			fmt.Fprint(w, shown(c.format, median(values)), "\t")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t\n", shown("%.2f", r.ratio(at, limitName, measured.rate)), shown("%.2f", r.ratio(at, bytesName, measured.rate)),
			shown("%.1f", r.ratio(at, bytesName, measured.cost)))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, legend)
	return err
}

func shown(format string, value float64) string {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return "-"
	}
	return fmt.Sprintf(format, value)
}

// filings remembers what was submitted, by candidate and title.
type filings struct {
	mu   sync.Mutex
	made map[string]map[string]bool // true: answered with the ticket's number
}

// note remembers a filing, before and after its answer.
func (f *filings) note(candidate, title string, answered bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.made == nil {
		f.made = map[string]map[string]bool{}
	}
	if f.made[candidate] == nil {
		f.made[candidate] = map[string]bool{}
	}
	f.made[candidate][title] = answered
}

// verdict holds filings against tickets. A ticket whose filing was not answered
// is no fault: the person would press again.
type verdict struct{ answered, tickets, lost, doubled, unanswered int }

// compare takes how many tickets a candidate keeps for each title.
func (f *filings) compare(candidate string, kept map[string]int) (v verdict) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for title, answered := range f.made[candidate] {
		switch {
		case answered && kept[title] == 0:
			v.lost++
		case !answered && kept[title] > 0:
			v.unanswered++
		}
		if answered {
			v.answered++
		}
	}
	for _, n := range kept {
		v.tickets += n
		v.doubled += n - 1
	}
	return v
}
