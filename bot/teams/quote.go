package teams

import (
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// maxQuotes is more than anybody quotes; beyond it a message is forged to keep us busy.
const maxQuotes = 10

// Quoted gives the ids of the messages that the sender quotes, in their order. Only the id
// counts: preview and sender of a quote are written by whoever sends it. Quotes of
// messages that are gone, and those that Teams could not find here, are left out. Newer
// clients send an entity, older ones a blockquote in the HTML echo of the text.
func (a *Activity) Quoted() []string {
	var ids []string
	add := func(id string) {
		if id != "" && len(ids) < maxQuotes && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, e := range a.Entities {
		if e.Type == "quotedReply" {
			add(quotedBy(e.Extra["quotedReply"]))
		}
	}
	for _, at := range a.Attachments {
		var echo string
		if strings.EqualFold(at.ContentType, "text/html") && json.Unmarshal(at.Content, &echo) == nil {
			for _, id := range blockquotes(echo) {
				add(id)
			}
		}
	}
	return ids
}

func quotedBy(raw json.RawMessage) string {
	f, err := takeApart(raw)
	if err != nil {
		return ""
	}
	var gone bool
	there := true
	f.into("isReplyDeleted", &gone)
	f.into("validatedMessageReference", &there)
	if gone || !there {
		return ""
	}
	return f.text("messageId")
}

// blockquotes gives the ids of the messages that HTML quotes.
func blockquotes(text string) (ids []string) {
	for tokens := html.NewTokenizer(strings.NewReader(text)); ; {
		switch tokens.Next() {
		case html.ErrorToken: // the end, too
			return ids
		case html.StartTagToken:
			if tag := tokens.Token(); tag.Data == "blockquote" && htmlAttribute(tag, "itemtype") == "http://schema.skype.com/Reply" {
				ids = append(ids, htmlAttribute(tag, "itemid"))
			}
		}
	}
}

func htmlAttribute(tag html.Token, name string) string {
	for _, a := range tag.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
