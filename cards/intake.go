package cards

import (
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

// Form is everything that a step of the intake shows. The card holds what was
// typed, so it is for the one who fills it in and goes into the answer to that
// person. What a channel reads is drawn with Shared.
type Form struct {
	Draft intake.Draft
	Check intake.Check
	// Choices are the customers that the list starts with: the person's recent
	// ones, then by name.
	Choices []customer.Customer
	// Shared says that others read the card. It then offers no customer by itself,
	// and takes the draft's customer for words that its owner said aloud; Check must
	// know no customer.
	Shared bool
	// Again is a form that was asked for once more, so it offers to start anew.
	Again bool
	// ShowProblems marks what is missing or wrong; a step that was not sent yet is
	// not marked.
	ShowProblems bool
	// Now is the instant of "if you submit now".
	Now time.Time

	// shown are the ids of the inputs on the card, as its buttons carry them.
	shown []string
}

// AnotherCustomer is the value of the choice that brings the whole list of
// customers back. It is no answer.
const AnotherCustomer = "another"

// IntakeForm is the step of the form that the draft stands at.
func IntakeForm(v Form, w i18n.Words) Card {
	w = w.AsOf(v.Now)
	if v.Check.Scope != nil && v.Draft.Step == intake.StepScope {
		return OutOfScope(v.Draft, *v.Check.Scope, w)
	}
	switch v.Draft.Step {
	case intake.StepImpact:
		return v.impact(w)
	case intake.StepWhat:
		return v.what(w)
	case intake.StepContact:
		return v.contact(w)
	case intake.StepReview:
		return v.review(w)
	}
	return v.who(w)
}

// data carries the ids of the card's inputs, so that whoever reads the press knows
// which were emptied: clients leave those out.
func (v Form) data(more ...any) Data {
	return FormData(v.Draft.Form, v.Draft.Version, append(more, "shown", strings.Join(v.shown, ","))...)
}

// showing is the form with the ids of the inputs that its card shows.
func (v Form) showing(ids []string) Form {
	v.shown = ids
	return v
}

// problem is what is wrong with a field, nil where nothing is or where problems
// are not shown yet.
func (v Form) problem(id string) *request.Problem {
	if !v.ShowProblems {
		return nil
	}
	for i, p := range v.Check.Problems {
		if p.Field == id {
			return &v.Check.Problems[i]
		}
	}
	return nil
}

// wrong are the fields of this step that need a change, in the card's order.
func (v Form) wrong() []string {
	var ids []string
	for _, id := range intake.Inputs(v.Draft.Step, v.Check) {
		if v.problem(id) != nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// summary names the fields that need a change, above all of them.
func (v Form) summary(w i18n.Words) (lead, rest string) {
	wrong := v.wrong()
	if len(wrong) == 0 {
		return "", ""
	}
	var labels []string
	for _, id := range wrong {
		labels = append(labels, strings.TrimRight(w.T("field."+id), "?")) // "affected?, How" reads badly
	}
	return w.T("intake.need_change", "count", len(wrong)), w.T("intake.kept", "fields", strings.Join(labels, ", "))
}

// step frames a step: heading, inputs, and beside the buttons what needs a change: that
// is where whoever pressed one looks.
func (v Form) step(w i18n.Words, title, number string, under element, inputs []element, buttons ...button) Card {
	body := []element{stepRow(title, number)}
	if under != nil {
		body = append(body, under)
	}
	speak := w.T("intake.speak", "title", title, "step", number)
	lead, rest := v.summary(w)
	if lead != "" {
		speak += " " + lead + " " + rest
	}
	body = append(body, inputs...)
	if lead != "" {
		body = append(body, rich(say(lead+" ").bold(), say(rest)).space("Medium"))
	}
	body = append(body, pack(append(buttons, v.again(w)...)...))
	c := newCard(w, speak, body...)
	return c.withFallback(speak + " " + w.T("intake.cannot_show", "at", w.Front()))
}

// rights warns, where the customer is chosen, of a relationship that is missing or ends
// soon, with where to ask for a new one. One may go on.
func (v Form) rights(w i18n.Words) []element {
	for _, warning := range v.Check.Warnings {
		if !intake.AboutRights(warning) {
			continue
		}
		said := sentence(w, "warning."+warning.Code, warning.Args)
		first, rest := lead(said)
		items, style := []element{rich(say(first+" ").bold(), say(rest))}, "warning"
		if warning.Code == "relation_ends" { // Microsoft refuses nothing yet
			items, style = []element{rich(say(said).quiet())}, ""
		}
		if !warning.Link.None() && (style != "" || v.Draft.Step != intake.StepWhat) {
			items = append(items, actionSet{Type: "ActionSet", Spacing: "Small", Actions: []any{
				button{title: w.T("link." + warning.Link.Name), url: warning.Link.URL}.action()}})
		}
		return []element{box(style, "Medium", items...)}
	}
	return nil
}

// asksBack says whether a problem is a question with its answers below: a name that
// fits several customers, or nearly fits some. Nothing of that is red.
func asksBack(p request.Problem) bool {
	return p.Code == "customer_many" || p.Code == "customer_near" || p.Code == "customer_which"
}

// marked puts an input that needs a change into a red box, with one line below: what
// is wrong and how to mend it. A question stands above its answers.
func (v Form) marked(id string, w i18n.Words, input element) element {
	p := v.problem(id)
	if p == nil {
		return input
	}
	line := []run{say(capital(sentence(w, "problem."+p.Code, p.Args)))}
	if p.Suggest != "" {
		line = append(line, say(" "+w.T("intake.on_record")+" "), UserText(p.Suggest).run(nameCut).code())
	}
	if asksBack(*p) {
		return box("emphasis", "Medium", rich(line...), input)
	}
	return box("attention", "Medium", input, rich(line...).space("Small"))
}

// label is the field's name; what is optional says so, and a screen reader in
// form mode reads nothing but the label.
func (v Form) label(id string, w i18n.Words) string {
	name := w.T("field." + id)
	switch {
	case v.problem(id) != nil && !asksBack(*v.problem(id)):
		return name + " " + w.T("intake.fix_label")
	case v.optional(id):
		return name + " " + w.T("intake.optional")
	}
	return name
}

// optional says whether the form can be submitted without the field.
func (v Form) optional(id string) bool {
	switch id {
	case "language", "production", "loss", "workaround", "accessConfirmed", "reachable", "takeIt":
		return false // always answered, or a question of its own
	}
	return !v.Check.Required[id]
}

func (v Form) next(w i18n.Words) button {
	return button{title: w.T("press.next"), verb: IntakeNext, data: v.data(), filled: true}
}

// back carries what was typed; only cancel drops it.
func (v Form) back(w i18n.Words) button {
	return button{title: w.T("press.back"), verb: IntakeBack, data: v.data()}
}

func (v Form) cancel(w i18n.Words) button {
	return button{title: w.T("press.cancel"), verb: IntakeCancel, data: FormData(v.Draft.Form, v.Draft.Version), alone: true}
}

// again is the way to an empty form.
func (v Form) again(w i18n.Words) []button {
	if !v.Again {
		return nil
	}
	return []button{{title: w.T("press.restart"), verb: IntakeRestart, data: FormData(v.Draft.Form, v.Draft.Version), alone: true, behind: true}}
}

// shortChoice is what of a chosen title a phone shows.
const shortChoice = 32

// impact asks the three questions that a severity follows from (R32).
func (v Form) impact(w i18n.Words) Card {
	v = v.showing(intake.Inputs(intake.StepImpact, v.Check))
	a := v.Draft.Answers
	ask := func(id, value string, values ...string) element {
		var choices []choice
		for _, one := range values {
			choices = append(choices, choice{w.T("impact." + id + "_" + one), one})
		}
		return v.marked(id, w, expanded(id, v.label(id, w), value, choices))
	}
	return v.step(w, w.T("intake.impact"), w.T("intake.step", "n", 1), text(w.T("intake.impact_why")).quiet().space("None"), []element{
		ask("production", a.Production, "down", "partly", "no"),
		ask("loss", a.Loss, "significant", "moderate", "minimal"),
		ask("workaround", a.Workaround, "no", "with_workaround", "yes"),
	}, button{title: w.T("press.propose"), verb: IntakeNext, data: v.data(), filled: true}, v.back(w), v.cancel(w))
}

// contact asks whom Microsoft writes to: the partner's own people, never the
// customer's (R15, R20).
func (v Form) contact(w i18n.Words) Card {
	v = v.showing(intake.Inputs(intake.StepContact, v.Check))
	a := v.Draft.Answers
	ask := func(id, value string) element {
		input := field(id, v.label(id, w), intake.Limit(id), value)
		switch id {
		case "contactEmail":
			input.Style = "Email"
		case "contactPhone":
			input.Placeholder, input.Style = w.T("intake.phone_hint"), "Tel"
		}
		return v.marked(id, w, input)
	}
	return v.step(w, w.T("intake.contact"), w.T("intake.step", "n", 3), text(w.T("intake.contact_why")).quiet().space("None"), []element{
		ask("contactName", a.ContactName), ask("contactEmail", a.ContactEmail), ask("contactPhone", a.ContactPhone),
	}, v.next(w), v.back(w), v.cancel(w))
}
