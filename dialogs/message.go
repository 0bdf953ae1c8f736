package dialogs

import (
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/intake"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// beginning is what the form takes from the message that it is opened on: its first line
// as the title, its text with who wrote it and when as the description, and the way back.
// The text of a message without words is nobody's description, so the form asks for one.
// After the bot was added Teams names the message and leaves the rest out: then the button
// of cards.AddFirst has carried it.
func beginning(t *bot.Turn, press teams.CardAction) intake.Beginning {
	if press.Extension == nil || press.Extension.Message == nil {
		return intake.Beginning{}
	}
	m := *press.Extension.Message
	if carried, ok := carriedBy(t, press.Data); ok && carried.Source.Message == m.ID {
		return carried
	}
	b := intake.Beginning{Source: &request.Source{
		Message: m.ID, Conversation: m.Thread(t.Activity.Conversation.ID), Link: t.Activity.MessageLink(m),
	}}
	text := messageText(t, m)
	if title := titleOf(m.Subject, text); title != "" {
		b.Answers.Set("title", title)
	}
	if text != "" {
		b.Answers.Set("description", strings.TrimSpace(messageHead(t, m)+"\n"+text))
	}
	return b
}

// carriedBy is what the button of cards.AddFirst brought back. It came from a client, so it
// is judged like the message itself.
func carriedBy(t *bot.Turn, data teams.Values) (intake.Beginning, bool) {
	thread := data.String(cards.CarriedConversation)
	_, root, _ := strings.Cut(thread, ";messageid=")
	m := teams.SourceMessage{ID: data.String(cards.CarriedMessage), ReplyTo: root, Link: data.String(cards.CarriedLink)}
	if m.ID == "" || !request.SameConversation(thread, t.Activity.Conversation.ID) {
		return intake.Beginning{}, false
	}
	from := request.Source{Message: m.ID, Conversation: m.Thread(t.Activity.Conversation.ID), Link: t.Activity.MessageLink(m)}
	b := intake.Beginning{Source: &from}
	for _, id := range []string{"title", "description"} {
		if value := data.String(id); value != "" {
			b.Answers.Set(id, value)
		}
	}
	return b, true
}

// messageText is what the message says, with what was forwarded or quoted in it, and the
// names of the files that stay there. Of a deleted one nothing is left.
func messageText(t *bot.Turn, m teams.SourceMessage) string {
	if m.Deleted {
		return ""
	}
	shown := map[string]bool{}
	quoted := func(id string) string {
		for _, at := range m.Attached {
			if at.ID == id && at.IsMessage() {
				shown[id] = true
				return quotation(at)
			}
		}
		return ""
	}
	text := plaintext.Lines(m.Content)
	if m.HTML {
		text = plaintext.HTML{Picture: "[" + t.Words.T("message.picture") + "]", Attached: quoted}.Text(m.Content)
	}
	lines := []string{text}
	var files []string
	for _, at := range m.Attached {
		switch {
		case at.IsMessage():
			if !shown[at.ID] {
				lines = append(lines, quoted(at.ID))
			}
		case at.Name != "":
			files = append(files, plaintext.Line(at.Name))
		}
	}
	if len(files) > 0 {
		lines = append(lines, t.Words.T("message.files", "names", strings.Join(files, ", ")))
	}
	return plaintext.Lines(strings.Join(lines, "\n"))
}

// quotation is a message in a message, each line with its mark.
func quotation(at teams.AttachedPart) string {
	said := plaintext.Lines(at.Preview)
	if said == "" {
		return ""
	}
	if author := plaintext.Line(at.Author); author != "" {
		said = author + ": " + said
	}
	return "> " + strings.ReplaceAll(said, "\n", "\n> ")
}

// messageHead says who wrote the message, and when, as far as Teams told.
func messageHead(t *bot.Turn, m teams.SourceMessage) string {
	author := plaintext.Line(m.Author)
	switch {
	case author != "" && !m.Sent.IsZero():
		return t.Words.T("message.head", "author", author, "time", t.Words.Time(m.Sent))
	case author != "":
		return t.Words.T("message.head_author", "author", author)
	case !m.Sent.IsZero():
		return t.Words.T("message.head_time", "time", t.Words.Time(m.Sent))
	}
	return ""
}

// longestTitle is how many characters of a message's first line make a title.
const longestTitle = 120

// titleOf is the subject of a post, else the first line of its text that is no quotation
// and no picture, cut at a word.
func titleOf(subject, text string) string {
	if subject = plaintext.Line(subject); subject != "" {
		return subject
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimLeft(line, "-*• "))
		if line == "" || strings.HasPrefix(line, ">") || strings.HasPrefix(line, "[") {
			continue
		}
		kept, gone := plaintext.Cut(line, longestTitle)
		if at := strings.LastIndexByte(kept, ' '); gone > 0 && at > longestTitle/2 {
			kept = kept[:at]
		}
		if gone > 0 {
			kept += "…"
		}
		return kept
	}
	return ""
}
