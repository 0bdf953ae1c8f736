package intake

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// input describes one input of the intake: where it stands, how long it may be,
// and whether line breaks belong to it.
type input struct {
	id    string
	step  Step
	limit int // in characters
	lines bool
	value func(*Answers) *string
	// asked says whether the input applies to the form as it is; nil is always.
	asked func(form) bool
}

// inputs are all inputs in the card's order, step by step. The order decides
// which question is open.
var inputs = []input{
	{"customer", StepWho, customer.NameLimit, false, func(a *Answers) *string { return &a.Customer }, nil},
	{"platform", StepWho, 50, false, func(a *Answers) *string { return &a.Platform }, nil},
	{"kind", StepWho, 50, false, func(a *Answers) *string { return &a.Kind }, nil},
	{"severity", StepWho, 50, false, func(a *Answers) *string { return &a.Severity }, form.technical},
	{"language", StepWho, 50, false, func(a *Answers) *string { return &a.Language }, nil},

	{"production", StepImpact, 500, false, func(a *Answers) *string { return &a.Production }, form.technical},
	{"loss", StepImpact, 500, false, func(a *Answers) *string { return &a.Loss }, form.technical},
	{"workaround", StepImpact, 500, false, func(a *Answers) *string { return &a.Workaround }, form.technical},

	{"title", StepWhat, 250, false, func(a *Answers) *string { return &a.Title }, nil},
	{"description", StepWhat, 4000, true, func(a *Answers) *string { return &a.Description }, nil},
	{"tried", StepWhat, 500, true, func(a *Answers) *string { return &a.Tried }, form.technical},
	{"subscriptionId", StepWhat, 100, false, func(a *Answers) *string { return &a.SubscriptionID }, form.azure},
	{"accessConfirmed", StepWhat, 10, false, func(a *Answers) *string { return &a.AccessConfirmed }, form.throughProvider},
	{"planKind", StepWhat, 50, false, func(a *Answers) *string { return &a.PlanKind }, form.own},
	{"supportPlan", StepWhat, 64, false, func(a *Answers) *string { return &a.SupportPlan }, form.own},
	{"impact", StepWhat, 1000, true, func(a *Answers) *string { return &a.Impact }, nil},
	{"topic", StepWhat, 50, false, func(a *Answers) *string { return &a.Topic }, nil},
	{"criterion", StepWhat, 50, false, func(a *Answers) *string { return &a.Criterion }, form.technical},
	{"healthChecked", StepWhat, 500, false, func(a *Answers) *string { return &a.HealthChecked }, form.technical},
	{"incident", StepWhat, 500, false, func(a *Answers) *string { return &a.Incident }, form.technical},
	{"reason", StepWhat, 500, true, func(a *Answers) *string { return &a.Reason }, form.technical},
	{"reportedAt", StepWhat, 500, false, func(a *Answers) *string { return &a.ReportedAt }, nil},

	{"contactName", StepContact, 250, false, func(a *Answers) *string { return &a.ContactName }, nil},
	{"contactEmail", StepContact, 254, false, func(a *Answers) *string { return &a.ContactEmail }, nil},
	{"contactPhone", StepContact, 50, false, func(a *Answers) *string { return &a.ContactPhone }, nil},

	{"reachable", StepReview, 10, false, func(a *Answers) *string { return &a.Reachable }, form.critical},
	{"takeIt", StepReview, 10, false, func(a *Answers) *string { return &a.TakeIt }, nil},
}

// details are the inputs of StepWhat that few requests need. None of them is ever
// required.
var details = []string{"impact", "topic", "criterion", "healthChecked", "incident", "reason", "reportedAt"}

// IsDetail says whether an input stands under "More details", folded away until
// something calls for it.
func IsDetail(id string) bool { return slices.Contains(details, id) }

// steps are the steps that a form goes through, in order.
var steps = []Step{StepWho, StepWhat, StepContact, StepReview}

func inputOf(id string) (input, bool) {
	i := slices.IndexFunc(inputs, func(in input) bool { return in.id == id })
	if i < 0 {
		return input{}, false
	}
	return inputs[i], true
}

// Set keeps what was typed into an input, cut at the input's limit, and by its id
// what is on a closed list (a platform, kind, severity or language) or has an id (an
// incident); it says false
// for an input that does not exist. What was cut is remembered in Cut until the
// input is set again.
func (a *Answers) Set(id, value string) bool {
	in, ok := inputOf(id)
	if !ok {
		return false
	}
	delete(a.Cut, id)
	value = strings.ToValidUTF8(value, "\uFFFD")
	cleaned := in.clean(value)
	if kept, gone := plaintext.Cut(cleaned, in.limit); gone > 0 {
		if a.Cut == nil {
			a.Cut = map[string]int{}
		}
		a.Cut[id], value = gone, kept
	} else if utf8.RuneCountInString(value) > in.limit {
		value = cleaned // blanks and control characters alone made it long
	}
	*in.value(a) = byID(id, value)
	return true
}

// byID gives what belongs to a closed list as the list has it: the Cyrillic "В"
// of a severity is B from here on, so that the cards choose and say it too.
// Anything else stays as it was typed.
func byID(id, value string) string {
	switch id {
	case "platform":
		if p, ok := customer.ParsePlatform(value); ok {
			return string(p)
		}
	case "kind":
		if k, ok := request.ParseKind(value); ok {
			return string(k)
		}
	case "severity":
		if s, ok := request.ParseSeverity(value); ok {
			return string(s)
		}
	case "incident":
		if id, ok := request.ParseIncident(value); ok {
			return id
		}
	case "language":
		if tag, ok := customer.ParseLanguage(value); ok {
			return tag
		}
	}
	return value
}

// only gives the answers to what is asked. The others stay in the draft, for the
// case that the question comes back, but nobody looks at them any more: a review
// does not show them, and what is wrong with them stops nothing.
func (a Answers) only(asked map[string]bool) Answers {
	a.Cut = maps.Clone(a.Cut)
	for _, in := range inputs {
		if !asked[in.id] {
			*in.value(&a) = ""
			delete(a.Cut, in.id)
		}
	}
	return a
}

// Get gives what was typed into an input, empty for one that does not exist.
func (a Answers) Get(id string) string {
	if in, ok := inputOf(id); ok {
		return *in.value(&a)
	}
	return ""
}

func (in input) clean(value string) string {
	if in.lines {
		return plaintext.Lines(value)
	}
	return plaintext.Line(value)
}

// StepOf gives the step on which an input stands, empty for an unknown one.
func StepOf(field string) Step {
	in, _ := inputOf(field)
	return in.step
}

// Limit is the length in characters up to which an input is kept, 0 for an
// unknown one.
func Limit(field string) int {
	in, _ := inputOf(field)
	return in.limit
}

// Inputs gives the ids of the inputs that a step asks for now, in the card's
// order.
func Inputs(step Step, c Check) []string {
	var ids []string
	for _, in := range inputs {
		if in.step == step && c.Asked[in.id] {
			ids = append(ids, in.id)
		}
	}
	return ids
}

// InputIDs gives the ids of all inputs, in the card's order.
func InputIDs() []string {
	ids := make([]string, len(inputs))
	for i, in := range inputs {
		ids[i] = in.id
	}
	return ids
}
