package cards

import (
	"strings"

	"onbehalf/bot/i18n"
)

// Details shows everything that was filed, for those who may read the request: the
// facts, then each text whole in a field that can be selected and copied. What does
// not fit into one card comes on further pages, counted from 0.
func Details(v TicketView, page int, w i18n.Words) Card {
	t := v.View.Ticket
	w = w.AsOf(t.UpdatedAt)
	blocks := v.details(w)
	for at, n := 0, 0; ; n++ {
		end := len(blocks)
		c := v.detailsPage(blocks[at:end], n, false, w)
		for c.Size() > Limit && end > at+1 {
			end--
			c = v.detailsPage(blocks[at:end], n, true, w)
		}
		if n >= page || end == len(blocks) {
			return c
		}
		at = end
	}
}

func (v TicketView) detailsPage(blocks []element, page int, more bool, w i18n.Words) Card {
	t := v.View.Ticket
	title := join(t.Number.String(), w.T("details.title"))
	body := []element{titleRow(title, severityCorner(t.Severity, w))}
	body = append(body, subject(t, w, "Small")...)
	body = append(body, blocks...)
	body = append(body, small(w.T("handover.copying")).space("Medium"))
	var buttons []button
	if more {
		buttons = append(buttons, button{title: w.T("details.more"), verb: TicketDetails, data: v.data("page", page+1), alone: true})
	}
	buttons = append(buttons,
		button{title: w.T("ask.back"), verb: TicketShow, data: v.data(), alone: true},
		button{title: w.T("press.ticket_history"), verb: TicketHistory, data: v.data(), alone: true})
	return newCard(w, w.T("details.speak", "number", t.Number), append(body, pack(buttons...))...)
}

// details are the blocks that stand together: facts two to a row, and the texts.
func (v TicketView) details(w i18n.Words) []element {
	t := v.View.Ticket
	blocks := facts(v.filedFacts(w)...)
	for _, long := range []struct{ label, value string }{ // too long for half a row
		{"fact.domain", t.Customer.PrimaryDomain}, {"fact.tenant", t.Customer.TenantID},
		{"fact.subscription", t.Details.SubscriptionID}, {"fact.email", t.Contact.Email},
	} {
		if long.value != "" {
			blocks = append(blocks, rich(say(w.T(long.label)+" ").quiet(), UserText(long.value).run(500)).space("Small"))
		}
	}
	for i, text := range []struct{ label, value string }{
		{w.T("field.title"), t.Title}, {w.T("field.description"), t.Description}, {w.T("field.tried"), t.Details.Tried},
		{w.T("field.impact"), t.Impact}, {w.T("field.reason"), t.Details.Reason},
	} {
		if text.value == "" {
			continue
		}
		input := field("copy"+string(rune('a'+i)), text.label, 0, text.value)
		input.Multiline = strings.Contains(text.value, "\n") || len(text.value) > 120
		blocks = append(blocks, input)
	}
	return blocks
}

// filedFacts are the answers of the form that are no texts, those that were given.
func (v TicketView) filedFacts(w i18n.Words) []fact {
	t, d := v.View.Ticket, v.View.Details
	var all []fact
	add := func(label, value string) {
		if value != "" {
			all = append(all, fact{label: w.T(label), value: []run{UserText(value).run(500)}})
		}
	}
	coded := func(label, prefix, code string) {
		if w.Has(prefix + code) {
			code = w.T(prefix + code)
		}
		add(label, code)
	}
	add("fact.opened", w.TimeYear(t.OpenedAt))
	all = append(all, fact{label: w.T("fact.opened_by"), value: person(t.Requester, v.reader(), w)})
	add("field.customer", t.Customer.Name)
	coded("field.kind", "kind.", string(t.Kind))
	add("fact.language", languageName(t.Language, w))
	add("fact.contact", t.Contact.Name)
	add("fact.phone", t.Contact.Phone)
	if d.AccessConfirmed {
		add("field.accessConfirmed", w.T("intake.access"))
	}
	coded("field.planKind", "plan.", d.PlanKind)
	add("fact.plan", d.SupportPlan)
	coded("fact.criterion", "criterion.", d.Criterion)
	coded("fact.health", "health.", d.HealthChecked)
	add("fact.incident", d.Incident)
	coded("field.production", "impact.production_", d.Production)
	coded("field.loss", "impact.loss_", d.Loss)
	coded("field.workaround", "impact.workaround_", d.Workaround)
	if d.Reachable {
		add("field.reachable", w.T("intake.reachable"))
	}
	if t.StartedAt.Before(t.OpenedAt) && !t.StartedAt.IsZero() {
		add("fact.reported", w.TimeYear(t.StartedAt))
	}
	var watchers []string
	for _, p := range t.Watchers {
		watchers = append(watchers, UserText(p.Name).line(nameCut))
	}
	add("fact.watchers", strings.Join(watchers, ", "))
	return all
}
