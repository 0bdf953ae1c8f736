package sla

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing in a policy file that its author must mend. Text says
// what is wrong and what to write instead.
type Problem struct {
	File string
	Line int // 0 where it is about the whole file
	Text string
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// Problems is the error of a policy that is refused: all that is wrong with it,
// by line.
type Problems []Problem

// Error gives one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// Load reads a policy file.
func Load(path string) (*Policy, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read SLA policy: %w", err)
	}
	return Parse(path, text)
}

// longestFile is far more than any policy needs.
const longestFile = 1 << 20

// Parse reads a policy in YAML; name stands for it in what is said about it. What
// the text leaves out is as built in, unless it says "complete: true". The error
// is Problems, all of them at once.
func Parse(name string, text []byte) (*Policy, error) {
	return read(name, text, BuiltIn())
}

// read is Parse over any base; nil takes what the text leaves out from nowhere.
func read(name string, text []byte, base *Policy) (*Policy, error) {
	r := &reader{file: name, named: map[string]*yaml.Node{}}
	p := r.policy(text, base)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
		return nil, r.problems
	}
	p.seal()
	return p, nil
}

// reader walks a YAML document and notes what is wrong on the way.
type reader struct {
	file     string
	problems Problems
	named    map[string]*yaml.Node // the file's calendars, by the key that names them
}

func (r *reader) complain(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, Problem{r.file, n.Line, fmt.Sprintf(format, args...)})
}

func (r *reader) policy(text []byte, base *Policy) *Policy {
	root := r.document(text)
	p := &Policy{calendars: map[string]Calendar{}}
	if base != nil && !complete(root) {
		*p = *base
		p.calendars = maps.Clone(base.calendars)
	}
	if root == nil {
		return p
	}
	defaultCalendar := root
	r.mapping(root, "the policy", []field{
		{"complete", func(n *yaml.Node) { r.word(n, "complete", "true", "false") }},
		{"english", func(n *yaml.Node) { p.english = Mode(r.word(n, "english", string(Wall), string(Business))) }},
		{"default_calendar", func(n *yaml.Node) {
			defaultCalendar = n
			p.defaultCalendar = strings.ToLower(strings.TrimSpace(r.scalar(n, "a calendar's name, such as de")))
		}},
		{"take_own", func(n *yaml.Node) { p.takeOwn = r.word(n, "take_own", "true", "false") == "true" }},
		{"clocks", func(n *yaml.Node) { r.clocks(n, p) }},
		{"escalate", func(n *yaml.Node) { p.escalate = r.steps(n) }},
		{"incident", func(n *yaml.Node) { r.incident(n, &p.incident) }},
		{"calendars", func(n *yaml.Node) { r.calendars(n, p) }},
	})
	if len(r.problems) > 0 {
		return p
	}
	if p.english == "" || p.starts == "" {
		r.complain(root, "a complete policy says how English runs and where the response starts; write english: wall and clocks: {response: {starts: opened}}")
	}
	if _, known := p.calendars[p.defaultCalendar]; !known && p.defaultCalendar != "" {
		r.complain(defaultCalendar, "default_calendar: there is no calendar %q; did you mean %s? Write one of %s",
			p.defaultCalendar, Nearest(p.defaultCalendar, p.Calendars()), strings.Join(p.Calendars(), ", "))
	}
	r.reachable(p)
	return p
}

// document gives the root of the only document, nil if it is empty or broken.
func (r *reader) document(text []byte) *yaml.Node {
	if len(text) > longestFile {
		r.problems = append(r.problems, Problem{r.file, 0, "the policy is longer than 1 MiB; write a shorter one"})
		return nil
	}
	var doc, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		r.problems = append(r.problems, syntaxProblem(r.file, text, err))
		return nil
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		r.complain(&second, "a policy is one document; remove what stands from the second --- on")
	case !errors.Is(err, io.EOF):
		r.problems = append(r.problems, syntaxProblem(r.file, text, err))
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return nil
	}
	return doc.Content[0]
}

// syntaxError is how the YAML library words its own.
var syntaxError = regexp.MustCompile(`^yaml: (?:line \d+: )?(.*)`)

// syntaxProblem finds the line of a syntax error. The library names the line at
// which the broken part begins; what its author wants to see is the line up to
// which all was well.
func syntaxProblem(file string, text []byte, err error) Problem {
	const help = "; this is not YAML, look at the indentation, quotes and brackets of this line and the one before"
	problem := Problem{File: file, Line: 1, Text: err.Error() + help}
	if m := syntaxError.FindStringSubmatch(err.Error()); m != nil {
		problem.Text = m[1] + help
	}
	for rest, tried := text, 0; len(rest) > 0 && tried < longestFile; tried += len(rest) {
		rest = rest[:bytes.LastIndexByte(rest[:len(rest)-1], '\n')+1]
		if yaml.Unmarshal(rest, new(yaml.Node)) == nil {
			problem.Line = bytes.Count(rest, []byte("\n")) + 1
			break
		}
	}
	return problem
}

// complete looks for the key that decides what the rest is laid over.
func complete(root *yaml.Node) bool {
	if root == nil || root.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "complete" {
			return resolve(root.Content[i+1]).Value == "true"
		}
	}
	return false
}

func (r *reader) clocks(n *yaml.Node, p *Policy) {
	r.mapping(n, "clocks", []field{
		{"response", func(n *yaml.Node) {
			fields := r.rules(n, "clocks.response", &p.response)
			fields = append([]field{{"starts", func(n *yaml.Node) {
				p.starts = r.word(n, "starts", "opened", "filed")
			}}}, fields...)
			r.mapping(n, "clocks.response", fields)
		}},
		{"handoff", func(n *yaml.Node) {
			r.mapping(n, "clocks.handoff", r.rules(n, "clocks.handoff", &p.handoff))
		}},
	})
}

// usualRepeats is how often a breach is repeated where only "repeat" is given.
const usualRepeats = 4

// rules gives the keys that every clock has.
func (r *reader) rules(clock *yaml.Node, where string, to *rules) []field {
	return []field{
		{"targets", func(n *yaml.Node) { to.targets = r.targets(n, where+".targets", to.targets) }},
		{"warn", func(n *yaml.Node) { to.warn = r.warnings(n, where+".warn") }},
		{"repeat", func(n *yaml.Node) {
			if to.repeat == (amount{}) {
				to.repeats = usualRepeats
			}
			to.repeat = r.amount(n, where+".repeat", false)
		}},
		{"repeats", func(n *yaml.Node) {
			if !has(resolve(clock), "repeat") && to.repeat == (amount{}) {
				r.complain(n, "%s.repeats says how often, but not in what distance; write also repeat: 30m", where)
			}
			to.repeats = r.count(n, where+".repeats")
		}},
	}
}

// has looks for a key in a mapping, whatever its value is.
func has(n *yaml.Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

func (r *reader) targets(n *yaml.Node, where string, base map[string]amount) map[string]amount {
	n = resolve(n)
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		return nil
	}
	if isNull(n) {
		r.complain(n, "%s: nothing is written here; write {A: 2h, B: 4h, C: 8h, noncritical: 1bd}, or {} to switch the clock off", where)
		return nil
	}
	targets := map[string]amount{}
	maps.Copy(targets, base)
	var fields []field
	for _, severity := range []string{"A", "B", "C", noncritical} {
		fields = append(fields, field{severity, func(n *yaml.Node) {
			targets[severity] = r.amount(n, where+"."+severity, false)
		}})
	}
	r.mapping(n, where, fields)
	return targets
}

var percentage = regexp.MustCompile(`^(\d{1,3})%$`)

func (r *reader) warnings(n *yaml.Node, where string) []warning {
	var warnings []warning
	for _, item := range r.list(n, where, "[50%, 15m]; [] is none") {
		text := r.scalar(item, "a share such as 50% or a time before due such as 15m")
		if text == "" {
			continue
		}
		if m := percentage.FindStringSubmatch(text); m != nil {
			percent, _ := strconv.Atoi(m[1])
			if percent < 1 || percent > 99 {
				r.complain(item, "%s: %s is not before the due time; write a share from 1%% to 99%%", where, text)
			}
			warnings = append(warnings, warning{percent: percent})
			continue
		}
		if strings.HasSuffix(text, "%") {
			r.complain(item, "%s: %q is not a share; write whole percents such as 50%%", where, text)
			continue
		}
		warnings = append(warnings, warning{before: r.amount(item, where, false)})
	}
	return warnings
}

func (r *reader) steps(n *yaml.Node) []step {
	var steps []step
	for _, item := range r.list(n, "escalate", "- {after: 30m, to: [leads]}; [] is none") {
		var s step
		before := len(r.problems)
		r.mapping(item, "a step of escalate", []field{
			{"after", func(n *yaml.Node) { s.after = r.amount(n, "after", true) }},
			{"to", func(n *yaml.Node) {
				for _, place := range r.list(n, "to", "[assignee, thread]") {
					s.to = append(s.to, r.word(place, "to", ToAssignee, ToThread, ToLeads, ToEscalation))
				}
			}},
		})
		if len(r.problems) == before && (!has(resolve(item), "after") || len(s.to) == 0) {
			r.complain(item, "a step of escalate says when and to whom; write {after: 30m, to: [leads]}")
		}
		steps = append(steps, s)
	}
	return steps
}

// usualTimes is how often it is reminded where only "remind" is given.
const usualTimes = 6

// incident reads how often, and in what distance, to look again (E12).
func (r *reader) incident(n *yaml.Node, to *reminder) {
	n = resolve(n)
	if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		*to = reminder{}
		return
	}
	if isNull(n) {
		r.complain(n, "incident: nothing is written here; write {remind: 4h, times: 6}, or {} to switch the reminders off")
		return
	}
	r.mapping(n, "incident", []field{
		{"remind", func(value *yaml.Node) {
			if to.times == 0 && !has(n, "times") {
				to.times = usualTimes
			}
			to.every = r.amount(value, "incident.remind", false)
		}},
		{"times", func(value *yaml.Node) {
			if !has(n, "remind") && to.every == (amount{}) {
				r.complain(value, "incident.times says how often, but not in what distance; write also remind: 4h")
			}
			to.times = r.count(value, "incident.times")
		}},
	})
	if to.times == 0 {
		*to = reminder{}
	}
}

// longest is the longest amount that a policy may name.
var longest = amount{d: 366 * 24 * time.Hour, days: 366}

var businessDays = regexp.MustCompile(`^(\d{1,9})bd$`)

// amount reads a duration such as 90s or 2h, or business days such as 1bd.
func (r *reader) amount(n *yaml.Node, where string, zero bool) amount {
	text := r.scalar(n, "a duration such as 90s, 2h or 1bd")
	if text == "" {
		return amount{}
	}
	var a amount
	if m := businessDays.FindStringSubmatch(text); m != nil {
		a.days, _ = strconv.Atoi(m[1])
	} else {
		d, err := time.ParseDuration(text)
		if err != nil {
			r.complain(n, "%s: %q is not a duration; write 90s, 15m, 2h, 1h30m, or 1bd for a business day", where, text)
			return amount{}
		}
		a.d = d
	}
	switch {
	case a == amount{} && zero:
	case a == amount{} || a.d < 0:
		r.complain(n, "%s: %s is no time to wait; write a duration above zero", where, text)
	case a.d%time.Millisecond != 0:
		r.complain(n, "%s: %s is finer than a clock here; write whole milliseconds", where, text)
	case a.d > longest.d || a.days > longest.days:
		r.complain(n, "%s: %s is more than a year; write at most 8784h or 366bd", where, text)
	}
	return a
}

// mostRepeats keeps a ticket that nobody looks at from filling a conversation.
const mostRepeats = 100

func (r *reader) count(n *yaml.Node, where string) int {
	text := r.scalar(n, "a number such as 4")
	count, err := strconv.Atoi(text)
	if text != "" && (err != nil || count < 0 || count > mostRepeats) {
		r.complain(n, "%s: %q is not a count; write a number from 0 (never) to %d", where, text, mostRepeats)
	}
	return count
}
