package intake

import (
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// crossProblems finds what is wrong with several answers together, and what the
// validator's tags can't say. candidates is the number of customers found.
func (f form) crossProblems(candidates int) []request.Problem {
	var found []request.Problem
	add := func(field, code, rule string, pairs ...any) *request.Problem {
		found = append(found, request.Problem{Field: field, Code: code, Rule: rule, Args: request.Args(pairs...)})
		return &found[len(found)-1]
	}
	switch {
	case f.Customer == "" || f.customer != nil:
	case namesSeveral(f.Customer) && candidates > 0:
		add("customer", "customer_which", "R7")
	case f.near:
		add("customer", "customer_near", "R7", "typed", plaintext.Excerpt(f.Customer))
	case candidates == 0:
		add("customer", "customer_unknown", "R7", "typed", plaintext.Excerpt(f.Customer))
	default:
		add("customer", "customer_many", "R7", "typed", plaintext.Excerpt(f.Customer), "count", candidates)
	}
	if t, ok := request.TopicByCode(f.Topic); ok && t.Platform != "" && f.Platform != "" && t.Platform != customer.Platform(f.Platform) {
		add("topic", "topic_platform", "R22", "topic", t.Code, "platform", f.Platform)
	}
	if f.azure() && f.SubscriptionID != "" {
		f.subscriptionProblem(add)
	}
	if f.own() {
		switch {
		case f.azure() && f.SupportPlan == "":
			add("supportPlan", "plan_required", "R43")
		case namesCSP(f.SupportPlan):
			add("supportPlan", "plan_csp", "R25")
		}
	}
	f.emailProblem(add)
	if _, ok := request.ParseIncident(f.Incident); !ok && f.Incident != "" {
		if request.IsMessagePost(f.Incident) {
			add("incident", "incident_message", "E2", "typed", plaintext.Excerpt(f.Incident))
		} else {
			add("incident", "incident_shape", "E2")
		}
	}
	for field, text := range map[string]string{
		"title": f.Title, "description": f.Description, "tried": f.Tried, "impact": f.Impact, "reason": f.Reason,
	} {
		if code, line := findSecret(text); code != "" {
			add(field, code, "", "line", line)
		}
	}
	return found
}

type addProblem func(field, code, rule string, pairs ...any) *request.Problem

func (f form) subscriptionProblem(add addProblem) {
	if _, ok := customer.ParseGUID(f.SubscriptionID); ok {
		return
	}
	var p *request.Problem
	switch length := len([]rune(f.SubscriptionID)); {
	case f.SubscriptionID == customer.ZeroGUID:
		p = add("subscriptionId", "subscription_zeros", "R13")
	case length != customer.GUIDLength:
		p = add("subscriptionId", "subscription_length", "R13", "length", length)
	default:
		p = add("subscriptionId", "subscription_shape", "R13")
	}
	if f.customer == nil {
		return
	}
	if known := f.customer.SubscriptionsOf(customer.Azure); len(known) > 0 {
		p.Suggest = known[0].ID
	}
}

// emailProblem checks the partner's contact; in the partner's own tenant partner
// and customer are one (R15, R20).
func (f form) emailProblem(add addProblem) {
	if f.ContactEmail == "" {
		return
	}
	_, domain, problem := parseEmail(f.ContactEmail)
	if problem != "" {
		add("contactEmail", problem, "R15")
		return
	}
	if f.customer == nil || f.customer.Own {
		return
	}
	if in, theirs := f.customer.DomainOf(domain); theirs {
		add("contactEmail", "email_customer", "R15", "domain", customer.UnicodeDomain(in), "customer", f.customer.Name)
	}
}

// warnings finds what the engineer should know before submitting, in the order of
// the form.
func (f form) warnings(now time.Time) []request.Warning {
	var found []request.Warning
	add := func(when bool, field, code, rule string, pairs ...any) {
		if when {
			found = append(found, request.Warning{Code: code, Args: request.Args(pairs...), Rule: rule, Field: field})
		}
	}
	if f.customer != nil && !f.customer.Own {
		if w := relationWarning(*f.customer, customer.Platform(f.Platform), now); w != nil {
			found = append(found, *w)
		}
	}
	add(f.Platform == string(customer.Dynamics) && !f.own(), "platform", "dynamics_agreement", "T4")
	if tag, ok := customer.ParseLanguage(f.language()); ok {
		add(!customer.Offered(tag), "language", "language_not_offered", "R37", "language", tag)
		add(f.foreignText(), "description", "language_text", "R37", "language", tag)
	}
	add(f.technical() && f.Tried == "", "tried", "tried", "R2")
	if f.throughProvider() {
		add(f.Access != "true", "accessConfirmed", "access", "R10", "customer", f.customer.Name, "provider", f.customer.IndirectProvider)
	}
	if f.azure() && f.customer != nil {
		add(!f.own() && !f.throughProvider() && f.customer.AzureAccess == "none", "subscriptionId", "azure_role", "T8", "customer", f.customer.Name)
		add(f.strangeSubscription(), "subscriptionId", "subscription_unknown", "R13", "customer", f.customer.Name)
	}
	add(f.technical() && f.Criterion == "" && f.Reason == "", "criterion", "criterion", "R3")
	add(f.technical() && f.HealthChecked == "", "healthChecked", "health", "E2")
	add(f.critical() && f.Reachable != "true", "reachable", "reachable", "T16")
	for i := range found {
		switch found[i].Code {
		case "criterion":
			found[i].Link = customer.SelfHelpLink(customer.Platform(f.Platform))
		case "health":
			found[i].Link = f.health()
		}
	}
	return found
}

// strangeSubscription says whether the subscription is a good GUID, but none of
// those on record for the customer.
func (f form) strangeSubscription() bool {
	known := f.customer.SubscriptionsOf(customer.Azure)
	if _, ok := customer.ParseGUID(f.SubscriptionID); !ok || len(known) == 0 {
		return false
	}
	for _, s := range known {
		if s.ID == f.SubscriptionID {
			return false
		}
	}
	return true
}

// relationDays is how early the end of a relationship is warned of (T15).
const relationDays = 30

// relationWarning warns of an administrative relationship that is missing, has ended, ends
// soon, or has no role that may file for the platform (T2, T15). One of which nothing is
// known is not missing.
func relationWarning(c customer.Customer, p customer.Platform, now time.Time) *request.Warning {
	right := c.RightAt(p, now)
	code, rule, args := "", "T2", request.Args("customer", c.Name)
	switch right.Standing {
	case customer.Missing:
		code = "relation_missing"
	case customer.Awaited:
		code = "relation_awaited"
	case customer.Terminated:
		code = "relation_terminated"
	case customer.Roleless:
		if p == "" { // any role is enough for Azure
			return nil
		}
		code = "relation_roleless"
	case customer.Ended:
		code = "relation_ended_undated"
		if !right.End.IsZero() {
			code, args["date"] = "relation_ended", right.Day
		}
	default:
		if !right.EndsWithin(relationDays, now) {
			return nil
		}
		code, rule, args["date"], args["days"] = "relation_ends", "T15", right.Day, right.DaysLeft(now)
	}
	return &request.Warning{Code: code, Rule: rule, Field: "customer", Args: args, Link: customer.RelationshipsLink(c)}
}

// AboutRights says whether a warning is about the relationship with the customer. It
// stands on the steps that follow the choice of the customer, and not only on the review.
func AboutRights(w request.Warning) bool { return strings.HasPrefix(w.Code, "relation_") }

// notes finds what is told without a press.
func (f form) notes(c Check) []Note {
	var found []Note
	add := func(when bool, code, rule string, pairs ...any) {
		if when {
			found = append(found, Note{Code: code, Args: request.Args(pairs...), Rule: rule})
		}
	}
	add(c.Dropped != "", "severity_dropped", "R33", "letter", string(c.Dropped))
	add(f.Kind == string(request.Fraud), "fraud", "R5")
	add(f.own(), "own_plan", "R25")
	if f.customer != nil {
		add(f.customer.Status == "suspended", "suspended", "", "customer", f.customer.Name)
		add(f.customer.Cloud == customer.China, "china", "R1")
		add(f.trial(), "trial", "R29")
	}
	add(f.technical() && f.Platform != "" && !f.azure(), "fee_none", "R26")
	add(f.azure() && f.own(), "fee_azure", "R27")
	add(f.azure() && f.own(), "benefit", "R28")
	add(f.Kind == string(request.Billing) || f.Kind == string(request.Subscribing), "fee_included", "R30")
	add(f.Kind == string(request.Billing), "billing_where", "T11")
	serious := f.Criterion == "unavailable" || f.Criterion == "network"
	rule := map[string]string{"unavailable": "E5", "network": "E7"}[f.Criterion]
	add(f.technical() && serious && f.Severity != string(request.SeverityA), "suggest_a", rule, "criterion", f.Criterion)
	chosen := request.Severity(f.Severity)
	add(f.technical() && c.Proposed != "" && chosen != "" && f.Reason == "" && request.NeedsReason(c.Proposed, chosen),
		"severity_differs", "R32", "from", string(c.Proposed), "to", f.Severity)
	add(f.Criterion == "regional", "regional", "E8")
	add(f.Incident != "", "incident", "E12", "incident", plaintext.Excerpt(f.Incident))
	add(f.HealthChecked == request.HealthIncident && f.Incident == "", "incident_which", "E12")
	if f.technical() && f.language() != "en" {
		add(f.Severity == string(request.SeverityA), "language_a", "R37", "language", f.language())
		add(f.Severity == string(request.SeverityB) || f.Severity == string(request.SeverityC), "language_estimate", "R38", "language", f.language())
	}
	add(c.Due.BusinessDay, "business_day", "R39")
	add(c.Due.HolidaysUnknown, "holidays_unknown", "", "calendar", c.Due.Calendar)
	if f.throughProvider() && f.Access != "true" {
		add(true, "access_request", "R10", "customer", f.customer.Name, "provider", f.customer.IndirectProvider, "subscription", f.SubscriptionID)
	}
	return found
}

// trial says whether the customer, or the subscription chosen, is in trial.
func (f form) trial() bool {
	if f.customer.Status == "trial" {
		return true
	}
	for _, s := range f.customer.Subscriptions {
		if s.Trial && s.ID == f.SubscriptionID {
			return true
		}
	}
	return false
}

// namesSeveral says whether an answer names customers of whom one has to be chosen.
func namesSeveral(answer string) bool {
	_, ok := customer.ParseAsked(answer)
	return ok
}
