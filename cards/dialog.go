package cards

import (
	"bytes"
	"encoding/json"

	"onbehalf/bot/i18n"
	"onbehalf/bot/intake"
	"onbehalf/bot/request"
)

// ForDialog is the card as a dialog shows it: each button is the one for older clients,
// since dialogs send nothing but Action.Submit, and nothing redraws itself.
func (c Card) ForDialog() any { return dialogCard{c} }

type dialogCard struct{ card Card }

// MarshalJSON gives the card as a dialog wants it.
func (d dialogCard) MarshalJSON() ([]byte, error) {
	encoded, err := d.card.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var root map[string]any
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	delete(root, "refresh")
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(submitsOnly(root)); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// submitsOnly puts the fallback of each Action.Execute in its place, without what only a
// message needs.
func submitsOnly(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = submitsOnly(v[i])
		}
	case map[string]any:
		if fallback, ok := v["fallback"].(map[string]any); ok && v["type"] == "Action.Execute" {
			delete(fallback, "msteams")
			return fallback
		}
		for key, inner := range v {
			v[key] = submitsOnly(inner)
		}
	}
	return v
}

// AddHere asks the person to add the bot to the conversation in which they act, so that the
// request's card can stand there. The form is kept in their own chat meanwhile, and goes on
// without.
func AddHere(d intake.Draft, w i18n.Words) Card {
	add := FormData(d.Form, d.Version)
	add["msteams"] = Data{"justInTimeInstall": true}
	return newCard(w, w.T("add_here.heading")+". "+w.T("add_here.why"),
		heading(w.T("add_here.heading"), "Medium"),
		text(w.T("add_here.why")).space("Small"),
		text(w.T("add_here.without")).quiet().space("Small"),
		pack(button{title: w.T("press.add_here"), data: add, inDialog: true, filled: true},
			button{title: w.T("press.without"), verb: IntakeResume, data: FormData(d.Form, d.Version)}))
}

// What AddFirst carries of a message beside the title and description that were taken from
// it: the fields of its request.Source.
const (
	CarriedMessage      = "message"
	CarriedConversation = "conversation"
	CarriedLink         = "link"
)

// AddFirst is AddHere for somebody who has no chat of their own with the bot: nothing can be
// kept or filed before it is here, so the button carries what the form begins with. Again
// says that Teams was told to add the bot and has not done it yet.
func AddFirst(b intake.Beginning, again bool, w i18n.Words) Card {
	why := w.T("add_here.first")
	if again {
		why = w.T("add_here.again")
	}
	data := Data{"msteams": Data{"justInTimeInstall": true}}
	if from := b.Source; from != nil {
		data[CarriedMessage], data[CarriedConversation], data[CarriedLink] = from.Message, from.Conversation, from.Link
		data["title"], data["description"] = b.Answers.Get("title"), b.Answers.Get("description")
	}
	return newCard(w, w.T("add_here.heading")+". "+why,
		heading(w.T("add_here.heading"), "Medium"),
		text(why).space("Small"),
		pack(button{title: w.T("press.add_here"), data: data, inDialog: true, filled: true}))
}

// Filed is the line that a dialog ends with: the request's number, and when its first
// response is due.
func Filed(t request.Ticket, w i18n.Words) string {
	if t.Response.None() || !t.RespondedAt.IsZero() {
		return w.T("dialog.filed", "number", t.Number)
	}
	return w.T("dialog.filed_due", "number", t.Number, "label", dueLabel(t.Response, w), "time", w.Time(t.Response.Due))
}
