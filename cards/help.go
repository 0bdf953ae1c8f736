package cards

import (
	"slices"
	"strings"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/plaintext"
)

// helpTopics are the rows of the help, with the words of commands that lead to
// them.
var helpTopics = []struct {
	name  string
	words []string
}{
	{"file", []string{"new", "cancel", "back", "yes"}},
	{"follow", []string{"list", "status", "find", "watch", "unwatch", "open", "mine", "unassigned", "breached", "all", "report"}},
	{"work", []string{"assign", "take", "comment", "wait", "resume", "resolve", "close", "reopen", "severity"}},
	{"sla", []string{"ack", "respond", "deadlines"}},
	{"handover", []string{"microsoft", "portal"}},
	{"rights", []string{"language", "fraud", "leads"}},
}

// Help shows the topics, or one of them: its folded name in the reader's language
// or ours, or a command's. Anything else gets the overview. The command "file" is
// the number from Microsoft. all are the words of each topic, as the reader types them.
func Help(topic string, all map[string][]string, w i18n.Words) Card {
	if name := helpRow(topic, w); name != "" {
		return helpTopic(name, all[name], w)
	}
	how := w.T("help.how")
	if at := w.Front(); at != "" {
		how = w.T("help.how_called", "at", strings.TrimSpace(at))
	}
	body := []element{heading(w.T("help.heading"), "Medium"), text(how).quiet().space("None")}
	var names []string
	for _, t := range helpTopics {
		names = append(names, w.T("help.topic_"+t.name))
		arrow := narrow(text("›").bold()) // the row is a button
		arrow.Align = "Center"
		c := box("", "Medium", columns("", wide(
			rich(say(w.T("help.title_"+t.name)).bold()),
			rich(say(w.T("help.words_"+t.name)).quiet()).space("None"),
			rich(say(listed(all[t.name])).quiet().small()).space("None")), arrow))
		c.Separator = true
		name := t.name
		if name == "file" {
			name = "request"
		}
		c.Select = rowAction(w.T("help.row", "title", w.T("help.title_"+t.name)), HelpShow, Data{"topic": name})
		body = append(body, c)
	}
	body = append(body, pack(newRequestHere(w).next(), mine(w)))
	return newCard(w, w.T("help.speak", "topics", strings.Join(names, ", ")), body...)
}

// HasHelp says whether Help has more about a topic than the overview.
func HasHelp(topic string, w i18n.Words) bool { return helpRow(topic, w) != "" }

// helpRow finds the row that a topic belongs to, empty for none.
func helpRow(topic string, w i18n.Words) string {
	switch topic {
	case "file", "handover":
		return "handover"
	case "request":
		return "file"
	}
	for _, t := range helpTopics {
		if t.name == topic || slices.Contains(t.words, topic) || plaintext.Fold(w.T("help.topic_"+t.name)) == topic {
			return t.name
		}
	}
	return ""
}

func mine(w i18n.Words) button {
	return button{title: w.T("press.mine"), verb: ListPage, data: listData(ListView{Filter: "mine"}, 0), alone: true}
}

// helpTopic explains one part of the process in a few sentences, and teaches the
// words.
func helpTopic(name string, all []string, w i18n.Words) Card {
	title := w.T("help.title_" + name)
	body := []element{heading(title, "Medium")}
	for _, line := range []string{"help.text_" + name + "_one", "help.text_" + name + "_two", "help.text_" + name + "_three"} {
		body = append(body, text(w.T(line)).space("Small"))
	}
	body = append(body,
		small(w.T("help.type")).space("Medium"),
		rich(say(w.T("help.words_"+name))).space("None"),
		small(w.T("help.all_words")).space("Medium"),
		rich(say(listed(all))).space("None"))
	buttons := []button{{title: w.T("help.all"), verb: HelpShow, alone: true}, newRequestHere(w)}
	if name == "handover" {
		buttons = append(buttons, button{title: w.T("link." + customer.SupportFAQ.Name), url: customer.SupportFAQ.URL}) // R45
	}
	body = append(body, pack(buttons...))
	return newCard(w, title+". "+w.T("help.text_"+name+"_one"), body...)
}

func listed(words []string) string { return strings.Join(words, " · ") }

// Welcome greets a conversation once: what the bot does, who reads along, what to
// press.
func Welcome(w i18n.Words) Card {
	return newCard(w, w.T("welcome.speak", "at", w.Front()),
		heading(w.T("welcome.heading"), "Medium"),
		text(w.T("welcome.what")).space("Small"),
		text(w.T("welcome.who")).quiet().space("Small"),
		pack(newRequestHere(w).next(),
			button{title: w.T("list.title_open"), verb: ListPage, data: listData(ListView{Filter: "open"}, 0), alone: true},
			button{title: w.T("press.help"), verb: HelpShow, alone: true}),
		small(w.T("welcome.languages")).space("Small"))
}

// Refusal says in two sentences who may do it instead, that nothing was changed,
// and offers what the reader may do: the words come from the desk's refusal. v is
// the ticket as the reader sees it, nil where there is none.
func Refusal(said string, v *TicketView, w i18n.Words) Card {
	first, rest := lead(said)
	line := []run{say(first + " ").bold()}
	if rest != "" {
		line = append(line, say(rest))
	}
	body := []element{rich(line...)}
	var list []button
	if v != nil && !v.View.Hidden {
		list = append(list, v.comment(w), v.offered(TicketAssign, button{
			title: w.T("press.take", "number", v.View.Number), verb: TicketAssign, data: v.data("to", "me")}),
			button{title: w.T("press.open"), verb: TicketShow, data: v.data(), alone: true})
		list = slices.DeleteFunc(list, func(b button) bool { return b.title == "" })
	}
	if len(list) > 0 {
		body = append(body, pack(list...))
	}
	return newCard(w, said, body...)
}
