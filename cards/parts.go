package cards

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// severityLabel is letter and word, "A · Critical"; never a colour.
func severityLabel(s request.Severity, w i18n.Words) string {
	switch s {
	case request.SeverityA, request.SeverityB, request.SeverityC, request.NonCritical:
		return w.T("severity." + string(s))
	}
	return w.T("severity.none")
}

// severitySpoken is how a sentence names it: "severity A", "not critical".
func severitySpoken(s request.Severity, w i18n.Words) string {
	switch s {
	case request.SeverityA, request.SeverityB, request.SeverityC:
		return w.T("severity.spoken", "letter", string(s))
	}
	return w.T("severity.spoken_noncritical")
}

func statusName(s request.Status, w i18n.Words) string { return w.T("status." + string(s)) }

func platformName(p customer.Platform, w i18n.Words) string {
	if key := "platform." + string(p); p != "" && w.Has(key) {
		return w.T(key)
	}
	return ""
}

func kindName(k request.Kind, w i18n.Words) string {
	if key := "kind." + string(k); k != "" && w.Has(key) {
		return w.T(key)
	}
	return ""
}

func topicName(code string, w i18n.Words) string {
	if _, ok := request.TopicByCode(code); ok {
		return w.T("topic." + code)
	}
	return ""
}

// languageName is a language of support as the reader's language calls it, where
// it stands alone.
func languageName(tag string, w i18n.Words) string { return capital(languageSaid(tag, w)) }

// languageSaid is languageName inside a sentence: Russian writes it small.
func languageSaid(tag string, w i18n.Words) string {
	if tag == "" {
		tag = i18n.English
	}
	parsed, err := language.Parse(tag)
	if err != nil {
		return UserText(tag).line(35)
	}
	namer := map[string]display.Namer{
		"en": display.English.Tags(), "ru": display.Russian.Tags(), "de": display.German.Tags(),
	}[w.Lang()]
	if name := namer.Name(parsed); name != "" {
		return name
	}
	return UserText(tag).line(35)
}

// capital starts a word with a capital letter.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// lower starts a word with a small letter, as inside a sentence.
func lower(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}

// join puts a middle dot between what is not empty.
func join(parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

// titleRow is the heading with something short at the right of it.
func titleRow(title string, right textBlock) columnSet {
	return columns("", wide(heading(title, "Medium")), narrow(right))
}

func severityCorner(s request.Severity, w i18n.Words) textBlock {
	t := text(severityLabel(s, w)).bold().right()
	t.Size = "Medium"
	return t
}

// stepRow is the heading of a step of the form.
func stepRow(title, step string) columnSet {
	right := narrow(small(step).right())
	right.Align = "Center"
	return columns("", wide(heading(title, "Large")), right)
}

// subject is the title, and below it customer, platform and product, and what the
// customer was called when the request was filed, where that differs.
func subject(t request.Ticket, w i18n.Words, space string) []element {
	all := []element{
		rich(UserText(t.Title).run(250).bold()).space(space),
		rich(UserText(t.Customer.Name).run(nameCut).quiet(), say(" · "+about(t, w)).quiet()).space("None"),
	}
	if was := filedFor(t, w); was != "" {
		all = append(all, rich(say(w.T("ticket.filed_for")+" ").quiet(), UserText(was).run(excerpt).quiet()).space("None"))
	}
	return all
}

// filedFor is what differed in the customer's record when the request was filed.
func filedFor(t request.Ticket, w i18n.Words) string {
	was := t.FiledFor
	if was == (request.FiledFor{}) {
		return ""
	}
	var parts []string
	for _, p := range [][2]string{{was.Name, t.Customer.Name}, {was.PrimaryDomain, t.Customer.PrimaryDomain}, {cloudName(was.Cloud, w), cloudName(t.Customer.Cloud, w)}} {
		if p[0] != p[1] {
			parts = append(parts, p[0])
		}
	}
	return join(parts...)
}

// about names platform, product, and the kind where it is no fault and the
// product does not say it already.
func about(t request.Ticket, w i18n.Words) string {
	kind := ""
	if t.Kind != request.Technical && !slices.Contains(saysKind[t.Topic], t.Kind) {
		kind = kindName(t.Kind, w)
	}
	return join(platformName(t.Platform, w), topicName(t.Topic, w), kind)
}

// saysKind are the products whose name says what kind of request it is.
var saysKind = map[string][]request.Kind{
	"az.bill": {request.Billing}, "az.sub": {request.Subscribing}, "m.bill": {request.Billing, request.Subscribing},
}

// fact is a label over its value.
type fact struct {
	label string
	value []run
	// mention stands instead of value where the value is a real mention, the only
	// name that may stand in a textBlock.
	mention string
}

func (f fact) column() column {
	if f.mention != "" {
		return wide(small(f.label), text(f.mention).bold().space("None"))
	}
	return wide(small(f.label), rich(f.value...).space("None"))
}

// facts puts them two to a row.
func facts(all ...fact) []element {
	var rows []element
	for i := 0; i < len(all); i += 2 {
		space := "Small"
		if i == 0 {
			space = "Medium"
		}
		row := columns(space, all[i].column())
		if i+1 < len(all) {
			row.Columns = append(row.Columns, all[i+1].column())
		} else {
			row.Columns = append(row.Columns, wide())
		}
		rows = append(rows, row)
	}
	return rows
}

// person is a name, with "(you)" behind the reader's own.
func person(p request.Person, reader request.Person, w i18n.Words) []run {
	name := UserText(p.Name).run(nameCut)
	if p.Name == "" {
		name = say(w.T("ticket.unnamed"))
	}
	if p.Is(reader) {
		return []run{name, say(" " + w.T("ticket.you")).quiet()}
	}
	return []run{name}
}

// atCustomer is the second line of a due time: the same at the customer, empty
// where the clocks there read the same.
func atCustomer(due time.Time, c customer.Customer, w i18n.Words) string {
	if c.Zone == "" || due.IsZero() {
		return ""
	}
	there := c.Location()
	_, here := due.In(w.Zone()).Zone()
	if _, offset := due.In(there).Zone(); offset == here {
		return ""
	}
	return w.T("band.customer", "time", w.In(there).Time(due))
}

// dueLabel says what a due time is worth: a time that is not Microsoft's
// published one carries "estimate" beside the label.
func dueLabel(r sla.Run, w i18n.Words) string {
	switch r.Basis {
	case sla.Estimate:
		return w.T("band.due_estimate")
	case sla.UpTo:
		return w.T("band.due_up_to")
	}
	return w.T("band.due")
}

// wasDueLabel is dueLabel for a time that has passed.
func wasDueLabel(r sla.Run, w i18n.Words) string {
	switch r.Basis {
	case sla.Estimate:
		return w.T("band.was_due_estimate")
	case sla.UpTo:
		return w.T("band.was_due_up_to")
	}
	return w.T("band.was_due")
}

// budget names a clock's time: "2 hours", "1 business day".
func budget(r sla.Run, w i18n.Words) string {
	if r.BusinessDay {
		return w.BusinessDays(1)
	}
	return w.Duration(r.Budget)
}

// band is the box with the one time that matters now.
func band(style, label, value string, below ...string) container {
	line := []run{say(label)}
	if value != "" {
		line = []run{say(label + " "), say(value).bold()}
	}
	items := []element{rich(line...)}
	for _, b := range below {
		if b != "" {
			items = append(items, small(b).space("None"))
		}
	}
	return box(style, "Medium", items...)
}

// askBelow is a button that opens one field with one button under it.
func askBelow(w i18n.Words, title, id, label, press, verb string, data Data) button {
	return button{title: title, under: []element{
		words(field(id, label, textLimit, ""), w),
		pack(button{title: press, verb: verb, data: data, filled: true}),
	}}
}

// textLimit is how long the words of a move may be, as those of a description.
const textLimit = 4000
