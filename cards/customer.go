package cards

import (
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/incident"
	"onbehalf/bot/request"
)

// CustomerView is what a customer's card shows.
type CustomerView struct {
	Viewer   request.Viewer
	Customer customer.Customer
	// Right is whether requests can be filed at AsOf.
	Right customer.Right
	// Open are the first open requests that the viewer may see, by what is due first, and
	// Over the last that are done with.
	Open, Over request.Page
	// Incidents are the open incidents of Microsoft's services that may concern the customer,
	// as the partner's own tenant saw them at IncidentsAsOf.
	Incidents     []incident.Incident
	IncidentsAsOf time.Time
	AsOf          time.Time
}

// The rows of requests on a customer's card.
const (
	CustomerOpen = 5
	CustomerOver = 3
)

// customerSubscriptions is how many subscriptions a customer's card names.
const customerSubscriptions = 6

// Customer shows what is on record for a customer, whether requests can be filed, and the
// requests that the viewer may see.
func Customer(v CustomerView, w i18n.Words) Card {
	w = w.AsOf(v.AsOf)
	c := v.Customer
	name := UserText(c.Name)
	body := []element{heading(w.T("field.customer"), "Medium"), rich(name.run(customer.NameLimit).bold()).space("None")}
	if domains := listOf(append([]string{c.PrimaryDomain}, c.CustomDomains...)); domains != "" {
		body = append(body, rich(UserText(domains).run(500).quiet()).space("None"))
	}
	right := v.right(w)
	body = append(body, box(v.rightStyle(), "Medium", rich(say(right).bold())))
	body = append(body, facts(v.facts(w)...)...)
	if len(c.Subscriptions) > 0 {
		body = append(body, heading(w.T("customer.subscriptions"), "Default"))
		for _, s := range c.Subscriptions[:min(len(c.Subscriptions), customerSubscriptions)] {
			line := UserText(s.Name).line(nameCut)
			if s.Quantity > 0 {
				line += " · " + w.T("customer.seats", "count", s.Quantity)
			}
			body = append(body, rich(UserText(line).run(excerpt), UserText(" · "+s.Status).run(nameCut).quiet()).space("None"))
		}
		if more := len(c.Subscriptions) - customerSubscriptions; more > 0 {
			body = append(body, small(w.T("customer.more_subscriptions", "n", more)).space("None"))
		}
	}
	body = append(body, v.incidents(w)...)
	body = append(body, heading(w.T("customer.open", "n", v.Open.Total), "Default"))
	for _, t := range v.Open.Tickets {
		body = append(body, rowWith(t, v.Viewer.Person, v.AsOf, w))
	}
	if len(v.Over.Tickets) > 0 {
		body = append(body, heading(w.T("customer.over"), "Default"))
		for _, t := range v.Over.Tickets {
			body = append(body, rowWith(t, v.Viewer.Person, v.AsOf, w))
		}
	}
	if len(v.Open.Tickets)+len(v.Over.Tickets) > 0 {
		body = append(body, small(w.T("list.as_of", "time", w.Time(v.AsOf))).space("Medium"))
	}
	if link, ok := v.portal(); ok && link.Directory != "" {
		body = append(body, rich(say(w.T("portal.check")+" ").quiet(), UserText(link.Directory).run(nameCut).bold()).space("Small"))
	}
	body = append(body, pack(v.buttons(w)...))
	return newCard(w, w.T("customer.speak", "customer", name.line(nameCut), "right", right, "n", v.Open.Total), body...)
}

// right says in one sentence whether requests can be filed, and until when.
func (v CustomerView) right(w i18n.Words) string {
	r, c := v.Right, v.Customer
	switch {
	case c.Own:
		return w.T("customer.right_own")
	case c.Status == "left":
		return w.T("customer.right_left")
	case r.Standing == customer.Unknown:
		return w.T("customer.right_unknown")
	case r.Standing == customer.May && r.Day.IsZero():
		return w.T("customer.right_may")
	case r.Standing == customer.May && r.Extends:
		return w.T("customer.right_extends", "date", w.In(time.UTC).Date(r.Day))
	case r.Standing == customer.May:
		return w.T("customer.right_until", "date", w.In(time.UTC).Date(r.Day))
	case r.Day.IsZero() || r.Standing != customer.Ended && r.Standing != customer.Terminated:
		return w.T("customer.right_" + string(r.Standing))
	}
	return w.T("customer.right_"+string(r.Standing)+"_on", "date", w.In(time.UTC).Date(r.Day))
}

// rightStyle marks what keeps from filing, or soon will.
func (v CustomerView) rightStyle() string {
	const soon = 30
	switch {
	case v.Customer.Own:
		return "emphasis"
	case v.Customer.Status == "left", !v.Right.May(), v.Right.EndsWithin(soon, v.AsOf):
		return "warning"
	}
	return "emphasis"
}

func (v CustomerView) facts(w i18n.Words) []fact {
	c := v.Customer
	var all []fact
	add := func(label, value string) {
		if value != "" {
			all = append(all, fact{label: w.T(label), value: []run{UserText(value).run(excerpt)}})
		}
	}
	add("customer.cloud", cloudName(c.Cloud, w))
	if c.Status != "" {
		add("customer.status", w.T("customer.status_"+c.Status))
	}
	add("customer.provider", c.IndirectProvider)
	if c.SupportLanguage != "" {
		add("customer.language", languageName(c.SupportLanguage, w))
	}
	add("customer.calendar", strings.Trim(join(c.Calendar, c.Zone), " ·"))
	add("fact.tenant", c.TenantID)
	add("customer.roles", v.roles())
	return all
}

// roles are the roles of the relationships that are usable now.
func (v CustomerView) roles() string {
	if v.Customer.Rights == nil {
		return ""
	}
	var names []string
	for _, r := range v.Customer.Rights.Relationships {
		if !r.Usable(v.AsOf) {
			continue
		}
		for _, id := range r.Roles {
			names = append(names, customer.RoleName(id))
		}
	}
	return listOf(names)
}

// cloudName is what people call a cloud, empty for none.
func cloudName(c customer.Cloud, w i18n.Words) string {
	if c == "" {
		return ""
	}
	return w.T("cloud." + string(c))
}

// listOf lists what is there, each once.
func listOf(all []string) string {
	var kept []string
	seen := map[string]bool{"": true}
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, ", ")
}

func (v CustomerView) buttons(w i18n.Words) []button {
	c := v.Customer
	var all []button
	if c.Status != "left" && c.Cloud != customer.Germany {
		all = append(all, button{title: w.T("press.new"), verb: IntakeStart, data: Data{"customer": c.TenantID}, filled: true, alone: true})
	}
	if link, ok := v.portal(); ok {
		all = append(all, button{title: w.T("portal.open_" + link.Name), url: link.URL})
	}
	return append(all, button{title: w.T("customer.list"), verb: ListPage, data: listData(ListView{Filter: request.OnlyOpen, Customer: c}, 0), alone: true})
}

// portal opens the customer's requests in their context: in Azure's portal where Azure is
// all that they have, else in the admin center.
func (v CustomerView) portal() (customer.Link, bool) {
	p := customer.Office365
	if len(v.Customer.SubscriptionsOf(customer.Azure)) > 0 && len(v.Customer.SubscriptionsOf(customer.Azure)) == len(v.Customer.Subscriptions) {
		p = customer.Azure
	}
	return customer.RequestsLink(v.Customer, p, "")
}
