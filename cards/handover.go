package cards

import (
	"slices"
	"strings"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
)

// Handover is the sheet for Microsoft's portal: the page in the customer's
// context, then field by field in the portal's order (R13 to R20, R41, R46). What
// is chosen there is plain text, what is typed is a field to copy from. problem
// and typed are of the case number, when it comes back.
func Handover(s request.Sheet, problem *request.Problem, typed map[string]string, w i18n.Words) Card {
	c := handover(s, problem, typed, textLimit*3, w)
	for limit := textLimit; c.Size() > Limit && limit > excerpt; limit /= 2 {
		// The plain text has the whole.
		c = handover(s, problem, typed, limit, w)
	}
	return c
}

func handover(s request.Sheet, problem *request.Problem, typed map[string]string, limit int, w i18n.Words) Card {
	t := s.Ticket
	w = w.AsOf(t.UpdatedAt)
	title := join(t.Number.String(), w.T("handover.title"))
	body := []element{titleRow(title, severityCorner(t.Severity, w))}
	if !s.FileBy.IsZero() {
		body = append(body, rich(say(w.T("handover.by")+" ").quiet(), say(w.Time(s.FileBy)).bold(),
			say(" "+w.T("handover.goal", "span", w.Duration(t.Handoff.Budget))).quiet()).space("None"))
	}
	body = append(body, openPortal(s, w))
	body = append(body, sections(s, limit, w)...)
	body = append(body,
		small(w.T("handover.copying")).space("Medium"),
		step(sectionCount(s)+2, after(t, w), ""))
	v := TicketView{View: request.View{Ticket: t}}
	a := asking{verb: TicketFile, v: v, problem: problem, typed: typed, w: w}
	body = append(body, a.fields()...)
	body = append(body, pack(
		button{title: w.T("press.ticket_file"), verb: TicketFile, data: v.data("from", "sheet")},
		button{title: w.T("handover.plain"), verb: TicketSheet, data: v.data("plain", true), alone: true},
		button{title: w.T("ask.back"), verb: TicketShow, data: v.data(), alone: true}))
	speak := w.T("handover.speak", "number", t.Number, "portal", w.T("portal."+s.Link.Name))
	if s.Link.Directory != "" {
		name := UserText(s.Link.Directory).line(nameCut)
		speak += " " + w.T("portal.check") + " " + name + fullStop(name)
	}
	return newCard(w, speak, body...).withFallback(speak + " " + w.T("handover.cannot_show", "number", t.Number, "at", w.Front()))
}

// openPortal stands first: the check of the directory before the button.
func openPortal(s request.Sheet, w i18n.Words) element {
	line := []run{say("1  " + w.T("handover.open") + " ").bold()}
	room := float64(rowWidth - 24) // the box has a margin of its own
	press := button{title: w.T("handover.press_own", "portal", w.T("portal."+s.Link.Name)), url: s.Link.URL, filled: true}
	if s.Link.Directory != "" {
		name := UserText(s.Link.Directory)
		room = rowWidth // the customer's name is worth more than the reserve in the estimate
		line = append(line, say(w.T("handover.check")+" "), name.run(nameCut).bold(), say(" ("+UserText(s.Link.Domain).line(nameCut)+"). "),
			say(w.T("handover.stop")))
		press.title = w.T("handover.press", "portal", w.T("portal."+s.Link.Name), "customer", name.line(titleCut))
	} else {
		line = append(line, say(w.T("handover.own")))
	}
	if press.width() > room {
		press.title = w.T("portal.open_" + s.Link.Name)
	}
	return box("emphasis", "Medium", rich(line...), actionSet{Type: "ActionSet", Spacing: "Small", Actions: []any{press.action()}})
}

// sections are the tabs of the portal's form; Azure's have one between them that
// wants nothing.
func sections(s request.Sheet, limit int, w i18n.Words) []element {
	var all []element
	number, copied := 1, 0
	section := request.Section("")
	for _, f := range portalFields(s) {
		if f.Section != section {
			if section != "" && s.Ticket.Platform == customer.Azure {
				number++
				all = append(all, step(number, w.T("handover.solutions"), w.T("handover.nothing")))
			}
			section = f.Section
			number++
			all = append(all, step(number, w.T("handover.section_"+string(section)), ""))
		}
		if !f.Paste {
			all = append(all, rich(say(w.T("handover.choose", "field", f.Name)+"  ").quiet(), UserText(f.Value).run(excerpt).bold()).space("Small"))
			continue
		}
		copied++
		all = append(all, copyField(copied, f, limit, w))
	}
	return all
}

// portalFields are the fields in the portal's own words: languages are tags here
// and names there.
func portalFields(s request.Sheet) []request.SheetField {
	fields := slices.Clone(s.Fields)
	for i, f := range fields {
		if f.Name == "Support language" {
			fields[i].Value = languageName(f.Value, i18n.For(i18n.English, nil))
		}
	}
	return fields
}

// after names the button that files: Azure's form is created, the others are
// submitted (R13, R19).
func after(t request.Ticket, w i18n.Words) string {
	if t.Platform == customer.Azure {
		return w.T("handover.after")
	}
	return w.T("handover.after_submit")
}

func sectionCount(s request.Sheet) int {
	count, section := 0, request.Section("")
	for _, f := range s.Fields {
		if f.Section != section {
			if section != "" && s.Ticket.Platform == customer.Azure {
				count++
			}
			count, section = count+1, f.Section
		}
	}
	return count
}

// copyField is a filled field: nothing on a card reaches the clipboard, but a
// field can be selected whole.
func copyField(n int, f request.SheetField, limit int, w i18n.Words) element {
	label := w.T("handover.paste", "field", f.Name)
	if f.Name == "E-mail" {
		label = w.T("handover.paste_yours", "field", f.Name)
	}
	value := f.Value
	if runes := []rune(value); len(runes) > limit {
		value = string(runes[:limit]) + "…"
	}
	input := field("copy"+string(rune('a'+n-1)), label, 0, value)
	input.Multiline = strings.Contains(value, "\n") || len(value) > 120
	return input
}

func step(n int, title, rest string) element {
	line := []run{say(strings.TrimSpace(numeral(n)+"  "+title) + " ").bold()}
	if rest != "" {
		line = append(line, say(rest))
	}
	return rich(line...).space("Large")
}

func numeral(n int) string { return string(rune('0' + n)) }

// HandoverText is the sheet as one plain text, for phones: long press, copy.
func HandoverText(s request.Sheet, w i18n.Words) string {
	t := s.Ticket
	s.Fields = portalFields(s)
	lines := []string{w.T("handover.text_for", "number", t.Number, "portal", w.T("portal."+s.Link.Name))}
	if s.Link.Directory != "" {
		lines = append(lines, w.T("handover.text_directory", "customer", UserText(s.Link.Directory).line(nameCut), "domain", UserText(s.Link.Domain).line(nameCut)))
	}
	lines = append(lines, s.Link.URL, "", UserText(s.Text()).typed(), "", w.T("handover.text_then", "number", t.Number, "at", w.Front()))
	return strings.Join(lines, "\n")
}
