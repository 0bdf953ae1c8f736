package cards

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// review shows what will be filed. The due time is the largest thing on it: it is
// what one agrees to.
func (v Form) review(w i18n.Words) Card {
	v = v.showing(intake.Inputs(intake.StepReview, v.Check))
	a := v.Draft.Answers
	t := v.preview()
	body := []element{stepRow(w.T("intake.review"), w.T("intake.step", "n", 3)), v.dueBox(w)}
	for _, warning := range v.Check.Warnings {
		if !mayRefuse(warning) {
			continue
		}
		first, rest := lead(sentence(w, "warning."+warning.Code, warning.Args))
		runs := []run{say(first + " ").bold()}
		if rest != "" {
			runs = append(runs, say(rest))
		}
		body = append(body, box("warning", "Medium", rich(runs...)))
	}
	severity := rich(say(severityLabel(t.Severity, w)).bold())
	severity.Align = "Right"
	body = append(body,
		columns("Medium", wide(rich(UserText(a.Title).run(250).bold())), narrow(severity)),
		rich(UserText(t.Customer.Name).run(nameCut).quiet(), say(" · "+join(platformName(t.Platform, w), topicName(a.Topic, w))).quiet()).space("None"))
	if c := v.Check.Customer; c != nil {
		tenant := join(UserText(c.PrimaryDomain).line(shortChoice), plaintext.MaskID(c.TenantID))
		line := say(w.T("fact.tenant") + " " + tenant).quiet()
		line.Size = "Small"
		body = append(body, rich(line).space("None")) // R7; no domain fits into half a row
	}
	body = append(body, facts(v.reviewFacts(w)...)...)
	body = append(body, v.texts(w)...)
	if empty := v.empty(w); empty != "" {
		body = append(body, small(empty).space("Medium"))
	}
	body = append(body, v.notes(w)...)
	if slices.Contains(v.shown, "reachable") {
		body = append(body, tick("reachable", w.T("field.reachable"), w.T("intake.reachable"), a.Reachable),
			small(w.T("intake.reachable_why")).space("None"))
	}
	body = append(body, tick("takeIt", w.T("field.takeIt"), w.T("intake.take_it"), a.TakeIt))
	buttons := []button{
		{title: w.T("press.submit"), verb: IntakeSubmit, data: v.data(), filled: true},
		v.back(w), v.cancel(w),
		{title: w.T("press.contact"), verb: IntakeContact, data: v.data(), behind: true},
	}
	body = append(body, pack(append(buttons, v.again(w)...)...))

	speak := w.T("review.speak", "severity", severitySpoken(t.Severity, w), "customer", UserText(t.Customer.Name).line(nameCut),
		"platform", platformName(t.Platform, w))
	switch due := v.Check.Due; {
	case due.None():
	case v.late():
		speak += " " + w.T("review.speak_late", "time", w.Time(due.Due))
	default:
		speak += " " + w.T("review.speak_due", "label", dueLabel(due, w), "time", w.Time(due.Due))
	}
	c := newCard(w, speak, body...)
	return c.withFallback(speak + " " + w.T("review.cannot_show", "at", w.Front()))
}

// emptied are the warnings that something optional was left empty, with its field. The
// tick on the review asks for "reachable" itself.
var emptied = map[string]string{"tried": "tried", "criterion": "criterion", "health": "healthChecked"}

// mayRefuse says whether a warning is about what may get the request refused, or sent
// back: that alone is amber. What was left empty is nobody's fault.
func mayRefuse(w request.Warning) bool {
	_, empty := emptied[w.Code]
	return !empty && w.Code != "reachable" && !intake.AboutRights(w)
}

// empty lists in one line what was left empty, though Microsoft asks for it (R2, R3, E2).
func (v Form) empty(w i18n.Words) string {
	var fields []string
	for _, warning := range v.Check.Warnings {
		if id := emptied[warning.Code]; id != "" {
			fields = append(fields, strings.TrimRight(w.T("field."+id), "?"))
		}
	}
	if len(fields) == 0 {
		return ""
	}
	return w.T("review.empty", "fields", strings.Join(fields, "; "))
}

// preview is the ticket that the form would become, as far as the card shows it.
func (v Form) preview() request.Ticket {
	t := request.Ticket{Platform: customer.Platform(v.Draft.Answers.Platform), Severity: v.severity(), Kind: request.Kind(v.Draft.Answers.Kind)}
	if v.Check.Customer != nil {
		t.Customer = *v.Check.Customer
	}
	return t
}

// late says whether the first response would be late from the start, as that of a
// problem that the customer told of yesterday.
func (v Form) late() bool { return !v.Check.Due.None() && !v.Check.Due.Due.After(v.Now) }

// dueBox is the due time "if you submit now", since it moves while one reads, and
// why it is then. One that has passed is red.
func (v Form) dueBox(w i18n.Words) element {
	due := v.Check.Due
	if due.None() {
		key := "review.no_target"
		if run, ok := v.Check.Promised[v.severity()]; ok && !run.None() {
			key = "review.from_filing"
		}
		return box("emphasis", "", text(w.T(key)))
	}
	label := map[sla.Basis]string{sla.Estimate: "review.due_estimate", sla.UpTo: "review.due_up_to"}[due.Basis]
	if label == "" {
		label = "review.due"
	}
	large := text(w.Time(due.Due)).bold().space("None")
	large.Size = "Large"
	style, above := "emphasis", small(w.T(label, "now", w.Clock(v.Now)))
	if v.late() {
		style, above = "attention", text(w.T("review.late")).bold()
	}
	items := []element{above, large}
	if v.Check.Customer != nil {
		if there := atCustomer(due.Due, *v.Check.Customer, w); there != "" {
			items = append(items, text(there).space("None"))
		}
	}
	return box(style, "", append(items, small(v.why(w)).space("Small"))...)
}

// why names severity, language, budget and clock.
func (v Form) why(w i18n.Words) string {
	due, key := v.Check.Due, "review.why_business"
	switch {
	case due.BusinessDay:
		key = "review.why_day"
	case due.Mode == sla.Wall:
		key = "review.why_wall"
	}
	why := w.T(key, "severity", capital(severitySpoken(v.severity(), w)), "language", languageSaid(v.Draft.Answers.Language, w), "span", budget(due, w))
	if opens := v.Check.Opens; !opens.IsZero() {
		why += " " + w.T("review.opens", "time", w.Short(opens, v.Now))
	}
	if !v.Check.English.None() {
		why += " " + w.T("review.in_english", "time", dueBeside(v.Check.English.Due, v.Now, w))
	}
	return why
}

func (v Form) reviewFacts(w i18n.Words) []fact {
	a := v.Draft.Answers
	kind := a.Kind
	if kind == "" {
		kind = string(request.Technical)
	}
	all := []fact{
		{label: w.T("field.kind"), value: []run{say(kindName(request.Kind(kind), w))}},
		{label: w.T("fact.language"), value: []run{say(languageName(a.Language, w))}},
	}
	add := func(id, label, value string) {
		if value != "" && v.Check.Asked[id] {
			all = append(all, fact{label: label, value: []run{UserText(value).run(excerpt)}})
		}
	}
	if a.SubscriptionID != "" {
		add("subscriptionId", w.T("fact.subscription"), strings.TrimSpace(plaintext.MaskID(a.SubscriptionID)+" "+v.subscriptionName()))
	}
	contact := []run{UserText(a.ContactName).run(nameCut)}
	if a.ContactName == v.Draft.Person.Name {
		contact = append(contact, say(" "+w.T("ticket.you")).quiet())
	}
	all = append(all, fact{label: w.T("fact.contact"), value: contact})
	if a.ContactPhone != "" {
		add("contactPhone", w.T("fact.phone"), plaintext.Mask(a.ContactPhone))
	}
	kept := a.Incident
	if a.HealthChecked != "" {
		value := a.HealthChecked
		if id := incidentID(value); id != "" { // chosen from those that are known
			value, kept = request.HealthIncident, cmp.Or(kept, id)
		}
		if w.Has("health.said_" + value) {
			value = w.T("health.said_" + value)
		}
		add("healthChecked", w.T("fact.health"), value)
	}
	for _, i := range v.Check.Incidents {
		if i.ID == kept {
			kept = incidentTitle(i)
		}
	}
	add("incident", w.T("fact.incident"), kept)
	if a.Criterion != "" && w.Has("criterion."+a.Criterion) {
		add("criterion", w.T("fact.criterion"), w.T("criterion."+a.Criterion))
	}
	if a.SupportPlan != "" {
		plan := plaintext.Mask(a.SupportPlan)
		if key := "plan." + a.PlanKind; w.Has(key) {
			plan = w.T(key) + " " + plan
		}
		add("supportPlan", w.T("fact.plan"), plan)
	}
	if at := v.Check.Reported; !at.IsZero() {
		add("reportedAt", w.T("fact.reported"), w.Time(at)) // "23:50" does not say of which day
	}
	return all
}

func (v Form) subscriptionName() string {
	for _, s := range v.Check.Subscriptions {
		if s.ID == v.Draft.Answers.SubscriptionID {
			return s.Name
		}
	}
	return ""
}

// texts are the first characters of each text that was typed.
func (v Form) texts(w i18n.Words) []element {
	a := v.Draft.Answers
	all := []element{
		rich(say(w.T("fact.email")+" ").quiet(), UserText(a.ContactEmail).run(254)).space("Small"), // too long for half a row
		rich(UserText(a.Description).run(reviewCut)).space("Medium"),
	}
	for _, id := range []string{"tried", "impact", "reason"} {
		if value := a.Get(id); value != "" && v.Check.Asked[id] {
			all = append(all, rich(say(w.T("said."+id)+" ").quiet(), UserText(value).run(reviewCut)).space("Small"))
		}
	}
	return all
}

// notes tell what needs no press: fees, hours, where else to look.
func (v Form) notes(w i18n.Words) []element {
	var all []element
	for _, warning := range v.Check.Warnings {
		if intake.AboutRights(warning) { // the steps before have said it loudly
			all = append(all, rich(say(sentence(w, "warning."+warning.Code, warning.Args)).quiet()).space("Small"))
		}
	}
	for _, n := range v.Check.Notes {
		said := sentence(w, "note."+n.Code, n.Args)
		if n.Code == "access_request" {
			// A message that is ready to be copied to the provider.
			all = append(all, field("accessRequest", w.T("intake.access_request"), 0, said).lines())
			continue
		}
		r := say(said).quiet()
		r.Size = "Small"
		all = append(all, rich(r).space("Small"))
	}
	return all
}

// lead parts a text after its first sentence. The point of "1. Dez." is no end:
// there a number of a day stands before it.
func lead(s string) (first, rest string) {
	runes := []rune(s)
	for i := 1; i+2 < len(runes); i++ {
		if !strings.ContainsRune(".?", runes[i]) || runes[i+1] != ' ' {
			continue
		}
		word := string(runes[:i])
		word = word[strings.LastIndexByte(word, ' ')+1:]
		ordinal := len(word) <= 2 && strings.Trim(word, "0123456789") == ""
		if !ordinal && unicode.IsUpper(runes[i+2]) {
			return string(runes[:i+1]), string(runes[i+2:])
		}
	}
	return s, ""
}
