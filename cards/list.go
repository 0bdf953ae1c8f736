package cards

import (
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// ListView is one page of a list.
type ListView struct {
	Viewer request.Viewer
	Filter request.Filter
	// Customer narrows the list to one; zero is all.
	Customer customer.Customer
	// Of lists another person's requests, for handing over.
	Of request.Person
	// Words are what was searched for, empty for a list.
	Words string
	Page  request.Page
	// AsOf is when the page was read.
	AsOf time.Time
}

// PageSize is how many rows a page has: one phone screen and a half.
const PageSize = 8

// List shows requests by what is due first, each row a button. A typed number is
// always a request's number, never a row.
func List(l ListView, w i18n.Words) Card {
	w = w.AsOf(l.AsOf)
	title := l.title(w)
	// The title is a heading where it is our own words; strangers' words stand below
	// one.
	ours := l.Words == "" && l.Customer.Name == "" && l.Of.Nobody()
	head := heading(w.T("list.heading"), "Medium")
	if ours {
		head = heading(title, "Medium")
	}
	below := rich(say(title).bold()).space("None")
	if len(l.Page.Tickets) == 0 {
		body := []element{head}
		if !ours {
			body = append(body, below)
		}
		body = append(body, text(w.T("list.empty", "at", w.Front())).space("Small"), pack(l.buttons(w)...))
		return newCard(w, w.T("list.empty_speak", "title", title, "at", w.Front()), body...)
	}
	first, last := l.Page.Offset+1, l.Page.Offset+len(l.Page.Tickets)
	span := text(w.T("list.span", "first", first, "last", last, "count", l.Page.Total)).quiet()
	body := []element{columns("", wide(head), narrow(span))}
	if !ours {
		body = append(body, below)
	}
	body = append(body, small(w.T("list.as_of", "time", w.Time(l.AsOf))).space("None"))
	for _, t := range l.Page.Tickets {
		body = append(body, row(t, l.Viewer.Person, l.AsOf, w))
	}
	body = append(body, pack(l.buttons(w)...))
	return newCard(w, l.sentence(title, first, last, w), body...)
}

// title may hold foreign text: a customer, a name, words.
func (l ListView) title(w i18n.Words) string {
	switch {
	case l.Words != "":
		return w.T("list.found", "words", UserText(l.Words).line(nameCut))
	case !l.Of.Nobody():
		return w.T("list.of", "name", UserText(l.Of.Name).line(nameCut))
	}
	title := w.T("list.title_" + string(l.filter()))
	if l.Customer.Name != "" {
		title += " · " + UserText(l.Customer.Name).line(nameCut)
	}
	return title
}

func (l ListView) filter() request.Filter {
	switch l.Filter {
	case request.OnlyMine, request.OnlyUnassigned, request.OnlyBreached, request.All:
		return l.Filter
	}
	return request.OnlyOpen
}

func (l ListView) sentence(title string, first, last int, w i18n.Words) string {
	speak := w.T("list.speak", "title", title, "first", first, "last", last, "count", l.Page.Total)
	t := l.Page.Tickets[0]
	return speak + " " + w.T("list.speak_first", "row", rowSpoken(t, l.AsOf, w))
}

// buttons turn the page and narrow the list.
func (l ListView) buttons(w i18n.Words) []button {
	var list []button
	if rest := l.Page.Total - l.Page.Offset - len(l.Page.Tickets); rest > 0 && len(l.Page.Tickets) > 0 {
		list = append(list, button{title: w.T("press.next_rows", "n", min(rest, PageSize)), verb: ListPage,
			data: listData(l, l.Page.Offset+len(l.Page.Tickets)), alone: true})
	}
	if l.Page.Offset > 0 {
		list = append(list, button{title: w.T("press.previous_rows"), verb: ListPage, data: listData(l, max(0, l.Page.Offset-PageSize)), alone: true})
	}
	for _, f := range []request.Filter{request.OnlyMine, request.OnlyUnassigned, request.OnlyBreached, request.OnlyOpen, request.All} {
		if f == l.filter() && l.Words == "" && l.Of.Nobody() {
			continue
		}
		visible := f == request.OnlyMine || f == request.OnlyUnassigned
		list = append(list, button{title: w.T("filter." + string(f)), verb: ListPage,
			data: listData(ListView{Filter: f, Customer: l.Customer}, 0), behind: !visible, alone: true})
	}
	return list
}

// listData is what a button of a list carries: ids and words, and the place.
func listData(l ListView, offset int) Data {
	d := Data{"filter": string(l.filter()), "offset": offset}
	if l.Customer.TenantID != "" {
		d["customer"] = l.Customer.TenantID
	}
	if !l.Of.Nobody() {
		d["of"] = l.Of.ID
	}
	if l.Words != "" {
		d["words"] = UserText(l.Words).line(excerpt)
	}
	return d
}

// row is one request in a list: when it is due, severity, number, then status and
// who has it; below it title and customer. The whole row is the button.
func row(t request.Ticket, reader request.Person, asOf time.Time, w i18n.Words) container {
	return rowWith(t, reader, asOf, w, say(" · ").quiet(), UserText(t.Customer.Name).run(nameCut).quiet())
}

// rowWith is row with something else behind the title.
func rowWith(t request.Ticket, reader request.Person, asOf time.Time, w i18n.Words, more ...run) container {
	when := say(rowTime(t, asOf, w)).bold()
	if t.Late(asOf) {
		when = when.red()
	}
	mark := " · " + t.Number.String()
	if t.Severity != request.NonCritical && t.Severity != "" {
		mark = " · " + string(t.Severity) + mark
	}
	line := []run{when, say(mark).bold()}
	status := " · " + lower(statusName(t.Status, w))
	switch {
	case t.Over():
		line = append(line, say(status).quiet())
	case t.Assignee.Nobody():
		line = append(line, say(status+", ").quiet(), say(w.T("row.nobody")).bold())
	case t.Assignee.Is(reader):
		line = append(line, say(status+", "+w.T("row.you")).quiet())
	default:
		line = append(line, say(status+", "+UserText(t.Assignee.Name).line(nameCut)).quiet())
	}
	c := box("", "Medium",
		rich(line...),
		rich(append([]run{UserText(t.Title).run(120)}, more...)...).space("None"))
	c.Separator = true
	c.Select = rowAction(w.T("row.open", "row", rowSpoken(t, asOf, w)), TicketShow, Data{"number": int64(t.Number), "from": "list"})
	return c
}

// rowTime leads a row: the list is sorted by it.
func rowTime(t request.Ticket, asOf time.Time, w i18n.Words) string {
	switch {
	case t.Late(asOf):
		return w.T("row.late_since", "time", w.Short(t.Response.Due, asOf))
	case t.Over():
		return w.Short(endOf(t), asOf)
	case !t.RespondedAt.IsZero():
		return w.T("row.answered")
	case t.Response.None():
		return w.T("row.no_target")
	}
	return w.Short(t.Response.Due, asOf)
}

// rowSpoken is the row for a screen reader: number, severity, time, customer.
func rowSpoken(t request.Ticket, asOf time.Time, w i18n.Words) string {
	when := rowTime(t, asOf, w)
	switch {
	case t.Late(asOf):
		when = lower(when)
	case t.Over(), !t.RespondedAt.IsZero(): // a day, or Microsoft's name: the capital stays
	case t.Response.None():
		when = lower(when)
	default:
		when = w.T("row.due", "time", when)
	}
	return w.T("row.spoken", "number", t.Number, "severity", severitySpoken(t.Severity, w), "when", when,
		"customer", UserText(t.Customer.Name).line(nameCut))
}
