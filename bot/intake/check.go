package intake

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/incident"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// Check is everything that cards and dialogs need to know about a form.
type Check struct {
	// Customer is the one chosen, nil until it is clear which.
	Customer *customer.Customer
	// Candidates are the customers that what was typed may mean, when there are
	// several, or those called nearly so, when there is none.
	Candidates []customer.Customer
	// Problems stop the form; a missing answer is one ("required"). They come in
	// the card's order.
	Problems []request.Problem
	Warnings []request.Warning
	Notes    []Note
	// Scope is set when the problem is not for this process at all.
	Scope *OutOfScope
	// Terms are what the clocks go by, and Due is the clock of the first response if
	// the form were submitted now; it is None until the terms are known, and where
	// the policy counts from filing.
	Terms sla.Terms
	Due   sla.Run
	// English is what Due would be in English, where another language is chosen for
	// a technical request; else None (R37).
	English sla.Run
	// Reported is when the customer told the desk, the instant at which the clock
	// starts then; zero where that is not said.
	Reported time.Time
	// Opens is when Due's clock begins to count, where that is not at once; else
	// zero.
	Opens time.Time
	// Promised is the clock for each severity in the language chosen, for the
	// choices (R34 to R36, R39); Spoken that for each of Languages, for a technical
	// request of severity A.
	Promised map[request.Severity]sla.Run
	Spoken   map[string]sla.Run
	// Proposed is the severity that follows from the three questions; empty until
	// they are answered, and where the answers contradict each other (R32).
	Proposed request.Severity
	// Dropped is the severity that was chosen and does not count, because the kind has
	// none (R33); empty for most.
	Dropped request.Severity
	// Next is the first step with something missing or wrong, StepReview when there
	// is none, StepScope when the form has to stop.
	Next Step
	// Open is the id of the open question: the first input of the draft's step, in
	// the card's order, that is required and has no usable value. Empty is none.
	Open string
	// Asked and Required say of each input id whether it applies to this form, and
	// whether it has to be given.
	Asked, Required map[string]bool
	// Subscriptions are the customer's for the platform, offered instead of typing a
	// GUID; Topics the products of the platform, usual ones first; Languages the
	// tags offered.
	Subscriptions []customer.Subscription
	Topics        []request.Topic
	Languages     []string
	// Health opens the customer's service health page (E2).
	Health customer.Link
	// Incidents are the open incidents that the platform's form offers, as the partner's own
	// tenant saw them at IncidentsAsOf; none where that is not known, or not asked (E2).
	Incidents     []incident.Incident
	IncidentsAsOf time.Time
}

// Note is told, without a press. Code and Args name a sentence of the catalogue
// ("note." + Code).
type Note struct {
	Code string
	Args map[string]any
	Rule string
}

// ProblemsOf gives the problems of one step's inputs.
func (c Check) ProblemsOf(step Step) []request.Problem {
	var found []request.Problem
	for _, p := range c.Problems {
		if StepOf(p.Field) == step {
			found = append(found, p)
		}
	}
	return found
}

// AsksDetails says whether a warning is about one of the details.
func (c Check) AsksDetails() bool {
	return slices.ContainsFunc(c.Warnings, func(w request.Warning) bool { return IsDetail(w.Field) })
}

// Complete says whether the form can be submitted.
func (c Check) Complete() bool { return len(c.Problems) == 0 && c.Scope == nil }

// Preselect fills in what leaves no choice: the subscription of a customer who has one
// alone for the platform. It changes nothing that was typed, and says whether it
// changed anything.
func (c Check) Preselect(a *Answers) bool {
	if !c.Required["subscriptionId"] || a.SubscriptionID != "" || len(c.Subscriptions) != 1 {
		return false
	}
	return a.Set("subscriptionId", c.Subscriptions[0].ID)
}

// PinReported writes when the customer told the desk as a date and a time of day: what
// was typed as "yesterday 13:30" would mean another day tomorrow, and the form lives as
// long. What cannot be taken stays as it was typed.
func (c Check) PinReported(d *Draft) {
	if !c.Reported.IsZero() {
		d.Answers.Set("reportedAt", request.SpellTime(c.Reported, d.location(c.Customer)))
	}
}

// check is Check once the customer was looked up.
func (f form) check(draft Draft, candidates []customer.Customer, policy *sla.Policy, now time.Time) Check {
	f.customer = namedFor(f.customer, draft.Person)
	c := Check{Customer: f.customer, Scope: f.scope(), Topics: request.TopicsOf(customer.Platform(f.Platform)), Health: f.health()}
	c.Asked, c.Required = f.asked(), f.required()
	c.Dropped = droppedSeverity(draft.Answers, f)
	draft.Answers = draft.Answers.only(c.Asked)
	near := f.near
	f = formOf(draft.Answers).of(f.customer)
	f.near = near
	if f.customer != nil {
		c.Subscriptions = f.customer.SubscriptionsOf(customer.Platform(f.Platform))
	} else {
		c.Candidates = candidates
	}
	c.Languages = languages(f.customer)
	contradiction := f.contradiction()
	if contradiction == nil {
		c.Proposed, _ = Propose(f.Production, f.Loss, f.Workaround)
	}

	zone := draft.location(f.customer)
	c.Problems = f.problems(draft.Answers)
	c.Problems = append(c.Problems, f.crossProblems(len(candidates))...)
	start, problem := f.reported(zone, now)
	if problem != nil {
		c.Problems = append(c.Problems, *problem)
	}
	if contradiction != nil && draft.Step == StepImpact { // elsewhere no request needs these answers
		c.Problems = append(c.Problems, *contradiction)
	}
	c.Problems = slices.DeleteFunc(c.Problems, func(p request.Problem) bool { return !c.Asked[p.Field] })
	sortByInput(c.Problems)

	if c.Reported = start; start.IsZero() {
		start = now
	}
	c.clocks(f, policy, start)
	c.Warnings, c.Notes = f.warnings(now), f.notes(c)
	c.Next, c.Open = c.next(), c.open(draft)
	return c
}

// droppedSeverity is the severity of the answers where their kind has none. It stays
// in the draft, for the case that the kind is changed back.
func droppedSeverity(a Answers, f form) request.Severity {
	if typed, ok := request.ParseSeverity(a.Severity); ok && typed != request.NonCritical && !f.technical() {
		return typed
	}
	return ""
}

// of is the form of a customer, nil while it is not known which.
func (f form) of(c *customer.Customer) form {
	f.customer = c
	return f
}

func sortByInput(problems []request.Problem) {
	place := func(p request.Problem) int {
		return slices.IndexFunc(inputs, func(in input) bool { return in.id == p.Field })
	}
	slices.SortStableFunc(problems, func(a, b request.Problem) int { return cmp.Compare(place(a), place(b)) })
}

// location is the zone that times are typed in: the requester's, else the
// customer's.
func (d Draft) location(c *customer.Customer) *time.Location {
	if zone, ok := sla.Location(d.Zone); ok {
		return zone
	}
	if c != nil {
		return c.Location()
	}
	return time.UTC
}

func (f form) asked() map[string]bool {
	asked := make(map[string]bool, len(inputs))
	for _, in := range inputs {
		asked[in.id] = in.asked == nil || in.asked(f)
	}
	return asked
}

// required says which inputs have to be given.
func (f form) required() map[string]bool {
	return map[string]bool{
		"customer": true, "platform": true, "kind": true, "severity": f.technical(), "title": true, "description": true,
		"contactName": true, "contactEmail": true, "subscriptionId": f.azure(), "supportPlan": f.own() && f.azure(),
	}
}

// clocks computes what the form promises.
func (c *Check) clocks(f form, policy *sla.Policy, start time.Time) {
	c.Terms = sla.Terms{Kind: f.Kind, Severity: f.Severity, Language: f.language()}
	if f.Kind == "" {
		c.Terms.Kind = string(request.Technical)
	}
	if f.customer != nil {
		c.Terms.Calendar, c.Terms.Zone = f.customer.Calendar, f.customer.Zone
	}
	c.Promised = map[request.Severity]sla.Run{}
	for _, s := range []request.Severity{request.SeverityA, request.SeverityB, request.SeverityC, request.NonCritical} {
		terms := c.Terms
		terms.Severity = string(s)
		c.Promised[s] = policy.Start(sla.ClockResponse, terms, start)
	}
	c.Spoken = map[string]sla.Run{}
	for _, tag := range c.Languages {
		terms := c.Terms
		terms.Language, terms.Severity = tag, string(request.SeverityA)
		c.Spoken[tag] = policy.Start(sla.ClockResponse, terms, start)
	}
	known := f.customer != nil && f.Kind != "" && f.Severity != ""
	if !known || policy.CountsFrom() == "filed" {
		return
	}
	c.Due = policy.Start(sla.ClockResponse, c.Terms, start)
	if counted := policy.Explain(c.Due).Counted; len(counted) > 0 && counted[0].From.After(start) {
		c.Opens = counted[0].From
	}
	if c.Due.Basis == sla.Estimate {
		terms := c.Terms
		terms.Language = "en"
		c.English = policy.Start(sla.ClockResponse, terms, start)
	}
}

// next is where the form goes on.
func (c Check) next() Step {
	if c.Scope != nil {
		return StepScope
	}
	for _, step := range steps {
		if len(c.ProblemsOf(step)) > 0 {
			return step
		}
	}
	return StepReview
}

// At is the check of a form that has gone to another step since.
func (c Check) At(draft Draft) Check {
	c.Open = c.open(draft)
	return c
}

// open gives the open question of the draft's step. A text that was only cut at
// its limit counts as given.
func (c Check) open(draft Draft) string {
	step := cmp.Or(draft.Step, StepWho)
	for _, id := range Inputs(step, c) {
		if !c.Required[id] {
			continue
		}
		for _, p := range c.Problems {
			if p.Field == id && p.Code != "too_long" {
				return id
			}
		}
	}
	return ""
}

// languages gives the tags that a form offers: English, the languages that the
// bot itself speaks, and the customer's, where Microsoft offers it (R37, R38).
func languages(c *customer.Customer) []string {
	tags := []string{"en", "de", "ru"}
	if c == nil || !customer.Offered(c.SupportLanguage) {
		return tags
	}
	if tag := customer.OfferedAs(c.SupportLanguage); !slices.Contains(tags, tag) {
		tags = append(tags, tag)
	}
	return tags
}

// Propose gives the severity that follows from the three questions about impact:
// is production affected ("down", "partly", "no"), how large is the loss
// ("significant", "moderate", "minimal"), can people go on ("no",
// "with_workaround", "yes"). It is false until the answers suffice (R32).
func Propose(production, loss, workaround string) (request.Severity, bool) {
	switch {
	case production == "down" || loss == "significant":
		return request.SeverityA, true
	case production == "" || loss == "" || workaround == "":
		return "", false
	case production == "partly" || loss == "moderate" || workaround == "with_workaround":
		return request.SeverityB, true
	}
	return request.SeverityC, true
}

// contradictions are answers about impact that cannot both be so, as input and value:
// the second one contradicts the first. What is not production may well be down.
var contradictions = [][2]string{
	{"production_down", "loss_minimal"}, {"production_down", "workaround_yes"}, {"loss_minimal", "workaround_no"},
}

// contradiction is the first answer about impact that contradicts an earlier one, nil
// where they agree.
func (f form) contradiction() *request.Problem {
	given := []string{"production_" + f.Production, "loss_" + f.Loss, "workaround_" + f.Workaround}
	for _, pair := range contradictions {
		if slices.Contains(given, pair[0]) && slices.Contains(given, pair[1]) {
			field, _, _ := strings.Cut(pair[1], "_")
			return &request.Problem{Field: field, Code: "impact_contradicts", Rule: "R32", Args: request.Args("answer", pair[0])}
		}
	}
	return nil
}

// namedFor calls the partner's own tenant, which may have no record and so only
// an id for a name, by the domain of the people who work there.
func namedFor(c *customer.Customer, p request.Person) *customer.Customer {
	if c == nil || !c.Own || c.Name != c.TenantID {
		return c
	}
	_, domain, _ := strings.Cut(p.Email, "@")
	if domain, ok := customer.ParseDomain(domain); ok {
		named := *c
		named.Name = domain
		return &named
	}
	return c
}

func (f form) health() customer.Link {
	if f.customer == nil {
		return customer.Link{}
	}
	link, _ := customer.HealthLink(*f.customer, customer.Platform(f.Platform))
	return link
}
