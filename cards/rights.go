package cards

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
)

// RightsView is one page of the customers by how long requests can be filed for them.
type RightsView struct {
	Part customer.RightsPart
	Page customer.RightsPage
	// AsOf is when the page was read.
	AsOf time.Time
}

// Rights says for whom nothing can be filed, and whose rights end soon. Its heading is the
// answer; each row opens its customer.
func Rights(v RightsView, w i18n.Words) Card {
	w = w.AsOf(v.AsOf)
	title := v.title(w)
	body := []element{heading(title, "Medium"), small(v.source(w)).space("None")}
	var rows [][]string
	for _, part := range customer.RightsParts {
		rows = append(rows, []string{w.T("rights.part_" + string(part)), strconv.Itoa(v.Page.Counts[part])})
	}
	body = append(body, numbers([]string{w.T("rights.part"), w.T("rights.customers")}, rows, false))
	line := []run{say(w.T("rights.part_" + string(v.Part))).bold()}
	if last := v.Page.Offset + len(v.Page.Customers); last > 0 {
		line = append(line, say(" · "+w.T("list.span", "first", v.Page.Offset+1, "last", last, "count", v.Page.Total)).quiet())
	}
	body = append(body, rich(line...).space("Large"))
	speak := title + ". " + w.T("rights.speak", "part", w.T("rights.part_"+string(v.Part)), "count", v.Page.Total)
	for i, c := range v.Page.Customers {
		body = append(body, rightsRow(c, v.AsOf, w))
		if i == 0 {
			speak += " " + sentence(w, "rights.speak_first", map[string]any{"customer": c.Name})
		}
	}
	if len(v.Page.Customers) == 0 {
		body = append(body, text(w.T("rights.nobody")).space("Small"))
	}
	body = append(body, small(w.T("rights.group")).space("Medium"), pack(v.buttons(w)...))
	return newCard(w, speak, body...)
}

func (v RightsView) title(w i18n.Words) string {
	switch blocked, soon := v.Page.Counts[customer.RightsBlocked], v.Page.Counts[customer.RightsMonths]; {
	case blocked > 0:
		return w.T("rights.heading_blocked", "count", blocked)
	case soon > 0:
		return w.T("rights.heading_soon", "count", soon)
	}
	return w.T("rights.heading_calm")
}

// source says where the rights are known from, and since when.
func (v RightsView) source(w i18n.Words) string {
	if v.Page.Synced.IsZero() {
		return w.T("rights.source_typed", "count", v.Page.All)
	}
	return w.T("rights.source_synced", "count", v.Page.All, "time", w.Time(v.Page.Synced))
}

func (v RightsView) buttons(w i18n.Words) []button {
	var list []button
	last := v.Page.Offset + len(v.Page.Customers)
	if rest := v.Page.Total - last; rest > 0 && len(v.Page.Customers) > 0 {
		list = append(list, button{title: w.T("press.next_rows", "n", min(rest, PageSize)), verb: RightsShow, data: rightsData(v.Part, last), alone: true})
	}
	if v.Page.Offset > 0 {
		list = append(list, button{title: w.T("press.previous_rows"), verb: RightsShow, data: rightsData(v.Part, max(0, v.Page.Offset-PageSize)), alone: true})
	}
	for _, part := range customer.RightsParts {
		if part != v.Part && v.Page.Counts[part] > 0 {
			list = append(list, button{title: w.T("press.rights_" + string(part)), verb: RightsShow, data: rightsData(part, 0), alone: true})
		}
	}
	if len(list) == 0 {
		list = append(list, button{title: w.T("press.refresh"), verb: RightsShow, data: rightsData(v.Part, 0), alone: true})
	}
	return list
}

func rightsData(part customer.RightsPart, offset int) Data {
	return Data{"part": string(part), "offset": offset}
}

// rightsRow is one customer: the name, and below it whether requests can be filed.
func rightsRow(c customer.Customer, asOf time.Time, w i18n.Words) container {
	right := c.RightAt("", asOf)
	why := say(capital(Right(c, asOf, w)))
	if !right.May() || right.EndsWithin(customer.RightsWeek.Days(), asOf) {
		why = why.bold()
	}
	below := []run{why}
	if c.RightsDiffer(asOf) {
		below = append(below, say(" · "+typedRight(c, asOf, w)).quiet())
	}
	name := []run{UserText(c.Name).run(nameCut).bold()}
	if c.PrimaryDomain != "" {
		name = append(name, say(" · ").quiet(), UserText(c.PrimaryDomain).run(excerpt).quiet())
	}
	row := box("", "Medium", rich(name...), rich(below...).space("None"))
	row.Separator = true
	row.Select = rowAction(w.T("row.open", "row", rightsSpoken(c, asOf, w)), CustomerShow, Data{"customer": c.TenantID})
	return row
}

func rightsSpoken(c customer.Customer, asOf time.Time, w i18n.Words) string {
	return UserText(c.Name).line(nameCut) + ", " + Right(c, asOf, w)
}

// Right says in half a sentence whether requests can be filed for a customer, and until
// when (T2, T15). It may hold foreign text.
func Right(c customer.Customer, asOf time.Time, w i18n.Words) string {
	right := c.RightAt("", asOf)
	args := map[string]any{"date": right.Day, "days": right.DaysLeft(asOf)}
	key := "rights.why_" + string(right.Standing)
	switch right.Standing {
	case customer.Unknown:
		key = "rights.why_unknown"
	case customer.May:
		switch {
		case right.End.IsZero():
			key = "rights.why_endless"
		case right.Extends:
			key = "rights.why_extends"
		}
	case customer.Ended, customer.Terminated:
		if right.End.IsZero() {
			key += "_undated"
		}
	case customer.Roleless:
		if args["roles"] = roleNames(c, asOf); args["roles"] == "" {
			key += "_none"
		}
	}
	return sentence(w, key, args)
}

// typedRight says what was typed or imported where Microsoft says something else.
func typedRight(c customer.Customer, asOf time.Time, w i18n.Words) string {
	said := c
	said.Rights = nil
	return w.T("rights.typed", "said", Right(said, asOf, w))
}

// roleNames are what Microsoft calls the roles that a customer's relationships have now.
func roleNames(c customer.Customer, asOf time.Time) string {
	const most = 3
	var names []string
	seen := map[string]bool{}
	for _, one := range c.Rights.Relationships {
		if !one.Usable(asOf) {
			continue
		}
		for _, id := range one.Roles {
			if !seen[id] {
				seen[id] = true
				names = append(names, UserText(customer.RoleName(id)).line(nameCut))
			}
		}
	}
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("+%d", more))
	}
	return strings.Join(names, ", ")
}

// RightsDue tells once a day whose rights end soon or have ended, and offers to be told no
// more of these until their next mark.
func RightsDue(all []customer.Customer, asOf time.Time, w i18n.Words) Card {
	w = w.AsOf(asOf)
	title := w.T("rights.due", "count", len(all))
	body := []element{heading(title, "Medium"), small(w.T("rights.due_why")).space("None")}
	for _, c := range all[:min(len(all), PageSize)] {
		body = append(body, rightsRow(c, asOf, w))
	}
	if more := len(all) - PageSize; more > 0 {
		body = append(body, text(w.T("rights.due_more", "count", more)).space("Small"))
	}
	body = append(body, pack(
		button{title: w.T("ask.press_ack"), verb: RightsAck, data: Data{"at": asOf.Unix()}, alone: true, filled: true},
		button{title: w.T("press.rights_60"), verb: RightsShow, data: rightsData(customer.RightsMonths, 0), alone: true}))
	speak := title + ". " + sentence(w, "rights.speak_first", map[string]any{"customer": all[0].Name})
	return newCard(w, speak, body...)
}

// RightsAcked takes the place of such a message for who acknowledged it.
func RightsAcked(count int, w i18n.Words) Card {
	said := w.T("rights.acked", "count", count)
	return newCard(w, said, text(said), pack(button{title: w.T("press.rights_60"), verb: RightsShow, data: rightsData(customer.RightsMonths, 0), alone: true}))
}
