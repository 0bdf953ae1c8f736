package cards

import (
	"slices"
	"strings"
	"unicode/utf8"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// who asks for customer, platform, kind, severity and language of support.
func (v Form) who(w i18n.Words) Card {
	v = v.showing(intake.Inputs(intake.StepWho, v.Check))
	a := v.Draft.Answers
	platform, kind := v.marked("platform", w, v.platforms(w)), v.marked("kind", w, v.kinds(w))
	inputs := append([]element{v.marked("customer", w, v.customer(w))}, v.rights(w)...)
	if v.problem("platform") != nil || v.problem("kind") != nil {
		inputs = append(inputs, platform, kind) // a sentence needs the whole width
	} else {
		inputs = append(inputs, columns("", wide(platform), wide(kind)))
	}
	if slices.Contains(v.shown, "severity") {
		inputs = append(inputs, v.marked("severity", w, expanded("severity", v.label("severity", w), a.Severity, v.severities(w))))
		if hours := v.hours(w); hours != "" {
			inputs = append(inputs, small(hours).space("Small"))
		}
		inputs = append(inputs, actionSet{Type: "ActionSet", Spacing: "Small", Actions: []any{
			button{title: w.T("press.impact"), verb: IntakeNext, data: v.data("ask", "impact")}.action()}})
	}
	inputs = append(inputs, v.marked("language", w, v.languages(w)))
	return v.step(w, w.T("intake.who"), w.T("intake.step", "n", 1), nil, inputs, v.next(w), v.cancel(w))
}

// hours says how the promised times count, or what the three questions came to.
func (v Form) hours(w i18n.Words) string {
	said := ""
	switch english := v.Check.Spoken[i18n.English]; {
	case english.None():
	case english.Mode == sla.Business:
		said = w.T("intake.hours_business")
	case v.Check.Promised[request.SeverityA].Basis == sla.Estimate:
		said = w.T("intake.hours_chosen")
	default:
		said = w.T("intake.hours")
	}
	if p := v.Check.Proposed; p != "" {
		said = w.T("intake.proposed", "severity", severityLabel(p, w)) + " " + said
	}
	return strings.TrimSpace(said)
}

// customer is a list to type into. Where one is chosen already it is a short list
// under the same id: the renderer would show the bare id of a preset value. Where
// others read along the list is empty, and what its owner said stands in it as it
// was said.
func (v Form) customer(w i18n.Words) choiceInput {
	known, value := slices.Clone(v.Check.Candidates), ""
	if c := v.Check.Customer; c != nil {
		known, value = append(known, *c), c.TenantID
	}
	label := v.label("customer", w)
	if len(known) == 0 || v.Shared {
		c := choiceInput{Type: "Input.ChoiceSet", ID: "customer", Label: label, Style: "filtered", Wrap: true,
			Choices: customerChoices(v.Choices, 50, 2*nameCut), Placeholder: w.T("intake.customer_hint"),
			Data: &query{Type: "Data.Query", Dataset: CustomersDataset, Inputs: "none"}}
		if v.Shared {
			c.Choices, c.Value = []choice{}, UserText(v.Draft.Answers.Customer).typed()
		}
		return c.keyed()
	}
	choices := customerChoices(append(known, v.Choices...), 9, shortChoice)
	choices = append(choices, choice{w.T("intake.another_customer"), AnotherCustomer})
	return compact("customer", label, value, choices)
}

// customerChoices names each customer with its domain: two Contosos look alike.
// Where both do not fit, what initial domains end with gives way first, then the
// name.
func customerChoices(customers []customer.Customer, limit, width int) []choice {
	choices := []choice{}
	seen := make(map[string]bool)
	for _, c := range customers {
		if seen[c.TenantID] || len(choices) == limit {
			continue
		}
		seen[c.TenantID] = true
		domain, name := UserText(c.PrimaryDomain).line(excerpt), UserText(c.Name).line(width)
		own, _, _ := strings.Cut(domain, ".onmicrosoft.")
		beside := width - utf8.RuneCountInString(name) - 3
		domain = UserText(domain).line(max(beside, min(utf8.RuneCountInString(own)+1, width*2/3)))
		name = UserText(name).line(width - utf8.RuneCountInString(domain) - 3)
		choices = append(choices, choice{join(name, domain), c.TenantID})
	}
	return apart(choices, width)
}

// apart tells choices that read alike by the end of their tenant ids (R7).
func apart(choices []choice, width int) []choice {
	titles := make(map[string]int)
	for _, c := range choices {
		titles[c.Title]++
	}
	for i, c := range choices {
		if titles[c.Title] > 1 {
			id := plaintext.MaskID(c.Value)
			choices[i].Title = join(UserText(c.Title).line(width-utf8.RuneCountInString(id)-3), id)
		}
	}
	return choices
}

func (v Form) platforms(w i18n.Words) choiceInput {
	var choices []choice
	for _, p := range []customer.Platform{customer.Azure, customer.Office365, customer.Dynamics, customer.EMS} {
		choices = append(choices, choice{w.T("platform_choice." + string(p)), string(p)})
	}
	return compact("platform", v.label("platform", w), v.Draft.Answers.Platform, choices)
}

func (v Form) kinds(w i18n.Words) choiceInput {
	value := v.Draft.Answers.Kind
	if value == "" {
		value = string(request.Technical)
	}
	var choices []choice
	for _, k := range []request.Kind{request.Technical, request.Billing, request.Subscribing, request.Fraud} {
		choices = append(choices, choice{kindName(k, w), string(k)})
	}
	return compact("kind", v.label("kind", w), value, choices)
}

// severities show impact and promised time; durations, not clock times, because
// language and kind are chosen on the same card (R34 to R36, R39).
func (v Form) severities(w i18n.Words) []choice {
	var choices []choice
	for _, s := range []request.Severity{request.SeverityA, request.SeverityB, request.SeverityC, request.NonCritical} {
		choices = append(choices, choice{v.severityChoice(s, w), string(s)})
	}
	return choices
}

func (v Form) severityChoice(s request.Severity, w i18n.Words) string {
	promised, ok := v.Check.Promised[s]
	if !ok || promised.None() {
		return w.T("severity_choice." + string(s))
	}
	// The first choice says what the time is, the others only how long.
	key := "severity_choice.within"
	if s == request.SeverityA {
		key = "severity_choice.response_within"
	}
	return w.T("severity_choice."+string(s)) + ". " + w.T(key, "span", budget(promised, w))
}

func (v Form) languages(w i18n.Words) choiceInput {
	value := v.Draft.Answers.Language
	if value == "" {
		value = i18n.English
	}
	var choices []choice
	for _, tag := range v.Check.Languages {
		choices = append(choices, choice{spoken(tag, v.Check.Spoken[tag], w), tag})
	}
	return compact("language", v.label("language", w), value, choices)
}

// spoken is a language of support with the hours that count in it (R37, R38).
func spoken(tag string, run sla.Run, w i18n.Words) string {
	name := languageName(tag, w)
	switch {
	case run.None():
		return name
	case run.Mode == sla.Wall:
		return w.T("intake.language_english", "language", name)
	case run.Basis == sla.Estimate:
		return w.T("intake.language_other", "language", name)
	}
	return w.T("intake.language_business", "language", name)
}
