package dialogs

import (
	"context"
	"slices"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/plaintext"
)

// greetings are what people say to somebody whom they take for a person, folded.
var greetings = []string{
	"hello", "hi", "hey", "hello there", "hi there", "good morning", "good afternoon", "good evening",
	"привет", "здравствуите", "добрыи день", "доброе утро", "добрыи вечер",
	"hallo", "moin", "servus", "guten tag", "guten morgen", "guten abend", "gruss gott",
}

// thanks are what they say when it has helped.
var thanks = []string{
	"thanks", "thank you", "thx", "many thanks", "thank you very much", "ok", "okay", "great", "perfect",
	"спасибо", "благодарю", "большое спасибо", "хорошо", "отлично", "danke", "danke schon", "dankeschon", "vielen dank", "super", "gut",
}

// smallTalk answers a greeting or thanks with one line, and says whether the line was
// one.
func (d *Dialogs) smallTalk(t *bot.Turn) (bool, error) {
	said := plaintext.Fold(strings.TrimRight(unwrapped(clean(t.Text)), punctuation+" )👍🙂"))
	w := t.Words
	switch {
	case slices.Contains(greetings, said):
		return true, t.Reply(say(w.T("talk.hello", "new", New.Typed(w), "list", List.Typed(w), "help", Help.Typed(w))))
	case slices.Contains(thanks, said):
		return true, t.Reply(say(w.T("talk.welcome")))
	}
	return false, nil
}

// where tells those who lead the desk the id of this conversation, which the
// configuration names conversations by.
func (d *Dialogs) where(_ context.Context, t *bot.Turn, _ Command) error {
	if !d.Desk.Viewer(t.Person).Lead {
		return t.Reply(say(t.Words.T("talk.where_leads")))
	}
	id := t.Conversation()
	if channel := t.Activity.TeamChannelID(); channel != "" {
		id = channel // threads come and go
	}
	return t.ReplyPrivately(say(t.Words.T("talk.where", "id", id)))
}
