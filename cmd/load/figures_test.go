package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
)

func durations(ms ...int) []time.Duration {
	all := make([]time.Duration, len(ms))
	for i, n := range ms {
		all[i] = time.Duration(n) * time.Millisecond
	}
	return all
}

func TestPercentilesAreValuesThatWereMeasured(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, c := range []struct {
		of    []int
		share float64
		want  float64
	}{
		{hundred, 0.50, 50}, {hundred, 0.95, 95}, {hundred, 0.99, 99}, {hundred, 1, 100},
		{[]int{7}, 0.50, 7}, {[]int{7}, 0.99, 7}, {[]int{1, 2, 3}, 0.50, 2}, {[]int{1, 2, 3, 4}, 0.50, 2}, {[]int{1, 2}, 0.95, 2}, {[]int{5, 6}, 0, 5},
	} {
		if got := percentile(durations(c.of...), c.share); got != c.want {
			t.Errorf("%.2f of %v: %v, want %v", c.share, c.of, got, c.want)
		}
	}
	if got := percentile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("of nothing: %v", got)
	}
}

func TestMedian(t *testing.T) {
	values := []float64{9, 1, 5}
	if got := median(values); got != 5 || values[0] != 9 {
		t.Errorf("of three: %v, and they are now %v", got, values)
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("of four: %v", got)
	}
	if !math.IsNaN(median(nil)) || !math.IsNaN(median([]float64{1, math.NaN(), 2})) {
		t.Error("what is not known has a median")
	}
}

func TestTheTableShowsMediansAndRatiosRoundByRound(t *testing.T) {
	r := newResults()
	for _, turns := range []int{10, 30, 20} {
		m := measured{
			turns: turns, window: time.Second, latencies: durations(1, 2, 3, 4), worked: 100, ownCPU: 200 * time.Millisecond, dbCPU: unknownCPU,
			answered: 5000, life: 100, commits: 250, statements: math.NaN(), sent: 50, first: 30 * time.Millisecond,
		}
		r.add("onbehalf", 4, m)
		m.turns, m.ownCPU = 100, 50*time.Millisecond
		r.add(limitName, 4, m)
		m.turns = 40
		r.add(bytesName, 4, m)
	}
	var out bytes.Buffer
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	line := strings.Fields(strings.Split(out.String(), "\n")[1])
	want := strings.Fields("onbehalf 4 20 2.0 4.0 4.0 - 0 2.00 - 0.00 - 50 2.50 - 0.50 0 30 0.20 0.50 4.0")
	if strings.Join(line, " ") != strings.Join(want, " ") {
		t.Errorf("the line is\n%s, want\n%s, under\n%s", line, want, strings.Split(out.String(), "\n")[0])
	}
}

func TestFilingsAreHeldAgainstTickets(t *testing.T) {
	var f filings
	for _, title := range []string{"good", "twice", "lost"} {
		f.note("bot", title, false)
		f.note("bot", title, true)
	}
	f.note("bot", "cut off", false)
	f.note("bot", "never came", false)
	f.note("other", "of another", true)
	got := f.compare("bot", map[string]int{"good": 1, "twice": 2, "cut off": 1})
	if want := (verdict{answered: 3, tickets: 4, lost: 1, doubled: 1, unanswered: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestTheLimitGetsAsManyBytesAsTheBotAnswers(t *testing.T) {
	var s sample
	if got := s.cut(10); len(got) != 10 {
		t.Errorf("of nothing: %q", got)
	}
	s.keep([]byte("abc"))
	s.keep([]byte("abcdef"))
	s.keep([]byte("x"))
	for size, want := range map[float64]string{4.7: "abcd", 6: "abcdef", 8: "abcdefab"} {
		if got := string(s.cut(size)); got != want {
			t.Errorf("%v bytes: %q", size, got)
		}
	}
}

func TestCPUTimesAreReadFromTheLineOfAProcess(t *testing.T) {
	got, err := parseStat([]byte("42 (postgres: a) b() S 7 42 42 0 -1 4194560 1 2 3 4 150 50 3 1 20 0 1 0 12345 1 1\n"))
	want := stat{name: "postgres: a) b(", parent: 7, own: 2 * time.Second, waited: 40 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, broken := range []string{"", "42 postgres S 7", "42 (x) S 7 1 1", "42 (x) S p 42 42 0 -1 4194560 1 2 3 4 150 50 3 1 20"} {
		if _, err := parseStat([]byte(broken)); err == nil {
			t.Errorf("%q is a process", broken)
		}
	}
	if used(5, unknownCPU) != unknownCPU || used(unknownCPU, 5) != unknownCPU || used(2, 5) != 3 {
		t.Error("the time between two readings")
	}
}
