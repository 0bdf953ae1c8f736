package cards

import (
	"slices"
	"strings"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

// what asks what happened: only the inputs that apply.
func (v Form) what(w i18n.Words) Card {
	under := rich(say(w.T("intake.no_customer")).quiet()).space("None")
	a, name := v.Draft.Answers, ""
	switch {
	case v.Shared:
		name = a.Customer
	case v.Check.Customer != nil:
		name = v.Check.Customer.Name
	}
	if name != "" {
		under = rich(UserText(name).run(nameCut).quiet(),
			say(" · "+join(platformName(customer.Platform(a.Platform), w), severitySpoken(v.severity(), w))).quiet()).space("None")
	}
	ids := intake.Inputs(intake.StepWhat, v.Check)
	c := v.whatCard(ids, nil, under, w)
	if c.Size() > Limit {
		// The lists are what a full card can spare first.
		v.Check.Topics, v.Check.Subscriptions, v.Check.Incidents = nil, nil, nil
		c = v.whatCard(ids, nil, under, w)
	}
	// Then what need not be answered: it stays in the draft.
	var left []string
	for _, id := range []string{"reportedAt", "incident", "healthChecked", "reason", "tried", "criterion", "topic", "impact"} {
		if i := slices.Index(ids, id); c.Size() > Limit && i >= 0 && v.problem(id) == nil {
			ids, left = slices.Delete(slices.Clone(ids), i, i+1), append(left, w.T("field."+id))
			c = v.whatCard(ids, left, under, w)
		}
	}
	return c
}

// whatCard draws the inputs of ids; left names those that are kept but not shown.
func (v Form) whatCard(ids, left []string, under element, w i18n.Words) Card {
	v = v.showing(ids)
	inputs := v.rights(w) // whoever chose the customer on the step before learns of it here
	var details []element
	for _, n := range v.Check.Notes {
		if n.Code == "fraud" || n.Code == "severity_dropped" { // before it is typed, not after (R5, R33)
			inputs = append(inputs, small(sentence(w, "note."+n.Code, n.Args)).space("Small"))
		}
	}
	for _, id := range ids {
		if intake.IsDetail(id) && !v.asksIncident(id) {
			details = append(details, v.whatElements(id, w)...)
		} else {
			inputs = append(inputs, v.whatElements(id, w)...)
		}
	}
	if len(left) > 0 {
		details = append(details, small(w.T("intake.left_out", "fields", strings.Join(left, ", "))).space("Medium"))
	}
	inputs = append(inputs, fold("details", w.T("press.details"), v.unfolded(ids) || len(left) > 0, details)...)
	return v.step(w, w.T("intake.what"), w.T("intake.step", "n", 2), under, inputs, v.next(w), v.back(w), v.cancel(w))
}

// whatElements are an input with what belongs below it.
func (v Form) whatElements(id string, w i18n.Words) []element {
	all := []element{v.marked(id, w, v.whatInput(id, w))}
	if c := v.Check.Customer; id == "accessConfirmed" && c != nil && c.AzureAccess != "" {
		all = append(all, small(w.T("azure_access."+c.AzureAccess)).space("None"))
	}
	if v.asksIncident(id) {
		all = append(all, incidentsSeen(v.Check.IncidentsAsOf, w).space("Small"))
	}
	if id == "healthChecked" && !v.Check.Health.None() {
		all = append(all, actionSet{Type: "ActionSet", Spacing: "Small", Actions: []any{
			button{title: w.T("press.health"), url: v.Check.Health.URL}.action()}})
	}
	return all
}

// unfolded says whether the details among the inputs are open from the start: one has
// a value or a problem, or the review asked for one.
func (v Form) unfolded(ids []string) bool {
	return v.Draft.Unfolded || slices.ContainsFunc(ids, func(id string) bool {
		return intake.IsDetail(id) && !v.asksIncident(id) && (v.Draft.Answers.Get(id) != "" || v.problem(id) != nil)
	})
}

// severity is the one chosen; what is no fault is not critical.
func (v Form) severity() request.Severity {
	if k := v.Draft.Answers.Kind; k != "" && k != string(request.Technical) {
		return request.NonCritical
	}
	return request.Severity(v.Draft.Answers.Severity)
}

func (v Form) whatInput(id string, w i18n.Words) element {
	value, label := v.Draft.Answers.Get(id), v.label(id, w)
	switch id {
	case "description", "impact", "tried", "reason":
		input := words(field(id, label, intake.Limit(id), value), w)
		if id == "description" {
			input.Label, input.Placeholder = label+", "+w.T("intake.up_to_long"), ""
		}
		return input
	case "topic":
		return compact(id, label, value, v.topics(value, w))
	case "subscriptionId":
		return v.subscription(label, value)
	case "accessConfirmed":
		if c := v.Check.Customer; c != nil && c.IndirectProvider != "" {
			// The provider's name stands in the label, which is plain text; a title is
			// Markdown.
			label = w.T("intake.access_of", "provider", UserText(c.IndirectProvider).line(nameCut))
		}
		return tick(id, label, w.T("intake.access"), value)
	case "planKind":
		return compact(id, label, value, coded(w, "plan.", planKinds...))
	case "criterion":
		return compact(id, label, value, coded(w, "criterion.", criteria...))
	case "healthChecked":
		return v.health(label, value, w)
	case "incident":
		input := field(id, label, intake.Limit(id), value)
		input.Placeholder = w.T("intake.incident_hint")
		return input
	case "reportedAt":
		input := field(id, label, intake.Limit(id), value)
		input.Placeholder = w.T("intake.reported_hint")
		return input
	}
	return field(id, label, intake.Limit(id), value)
}

// The closed lists of this step.
var (
	planKinds     = []string{"mpn_contract", "premier", "unified", "azure_plan", "asfp"}
	criteria      = []string{"not_as_described", "unavailable", "bug", "network", "regional"}
	healthAnswers = []string{"none", "incident"}
)

// coded makes choices of codes whose names stand in the catalogue.
func coded(w i18n.Words, prefix string, codes ...string) []choice {
	var choices []choice
	for _, code := range codes {
		choices = append(choices, choice{w.T(prefix + code), code})
	}
	return choices
}

// topics lists the products of the platform; without a list the chosen one alone.
func (v Form) topics(value string, w i18n.Words) []choice {
	choices := []choice{}
	for _, t := range v.Check.Topics {
		choices = append(choices, choice{topicName(t.Code, w), t.Code})
	}
	if name := topicName(value, w); len(choices) == 0 && name != "" {
		choices = append(choices, choice{name, value})
	}
	return choices
}

// SubscriptionTitle is what a choice of a subscription says: its name, and its id
// behind it.
func SubscriptionTitle(s customer.Subscription) string {
	return join(UserText(s.Name).line(nameCut), UserText(s.ID).line(40))
}

// listedSubscriptions is how many subscriptions a list shows; among more one types to find.
const listedSubscriptions = 20

// subscription offers those on record instead of a GUID to type; one that is not
// on record, or is wrong, stands in a field.
func (v Form) subscription(label, value string) element {
	choices := []choice{}
	known := value == ""
	for _, s := range v.Check.Subscriptions {
		choices = append(choices, choice{SubscriptionTitle(s), s.ID})
		known = known || s.ID == value
	}
	if value == "" && len(choices) > listedSubscriptions {
		return choiceInput{Type: "Input.ChoiceSet", ID: "subscriptionId", Label: label, Style: "filtered", Wrap: true,
			Choices: choices[:listedSubscriptions], Data: &query{Type: "Data.Query", Dataset: SubscriptionsDataset, Inputs: "auto"}}.keyed()
	}
	if !known || len(choices) == 0 || len(choices) > listedSubscriptions {
		input := field("subscriptionId", label, intake.Limit("subscriptionId"), value)
		input.Placeholder = "00000000-0000-0000-0000-000000000000"
		return input
	}
	return compact("subscriptionId", label, value, choices)
}

// asksIncident says whether an input asks which of Microsoft's known incidents it is. That
// is no detail: a known incident may need no request (E2).
func (v Form) asksIncident(id string) bool {
	return id == "healthChecked" && len(v.Check.Incidents) > 0
}

// health is whether service health was looked at (E2), or which of the incidents it is that
// are known to be open. What was typed in other words is one more choice; a compact list is
// plain text.
func (v Form) health(label, value string, w i18n.Words) element {
	choices := coded(w, "health.", healthAnswers...)
	if v.asksIncident("healthChecked") {
		label = strings.Replace(label, w.T("field.healthChecked"), w.T("intake.incidents"), 1)
		choices = []choice{{w.T("health.none_of_these"), request.HealthNone}}
		for _, i := range v.Check.Incidents[:min(len(v.Check.Incidents), offeredIncidents)] {
			choices = append(choices, choice{incidentTitle(i), i.ID})
		}
		choices = append(choices, choice{w.T("health.another"), request.HealthIncident})
		if id := incidentID(value); id != "" {
			value = id
		}
	}
	known := value == ""
	for _, c := range choices {
		known = known || c.Value == value
	}
	if !known {
		choices = append(choices, choice{UserText(value).line(nameCut), UserText(value).typed()})
	}
	return compact("healthChecked", label, value, choices)
}
