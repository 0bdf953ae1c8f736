package dialogs

import (
	"context"
	"errors"
	"slices"
	"strings"

	"onbehalf/bot"
	"onbehalf/bot/request"
)

// neverImplied are the moves that end a request or begin it again: where its number was
// not typed, one button is asked for.
var neverImplied = []Name{Cancel, Close, Reopen}

// implied is the request that is meant where no number was typed: that of the message
// which is quoted, else that of the thread. Where there are several, none is.
func (d *Dialogs) implied(ctx context.Context, t *bot.Turn) (n request.Number, ok bool, err error) {
	var shown []request.Number
	if quoted := t.Activity.Quoted(); len(quoted) > 0 {
		if shown, err = t.Reader.Shown(ctx, t.Conversation(), quoted); err != nil {
			return 0, false, err
		}
	}
	if strings.Contains(t.Conversation(), ";messageid=") && len(shown) == 0 {
		if shown, err = t.Reader.Shown(ctx, t.Conversation(), nil); err != nil {
			return 0, false, err
		}
	}
	if len(shown) != 1 {
		return 0, false, nil
	}
	return shown[0], true, nil
}

// countsSomething says whether the digits behind a word may as well begin what is said, as
// in "comment 3 users cannot log in".
func (c Command) countsSomething() bool {
	first, said := cutWord(c.Rest)
	return said != "" && strings.Trim(first, "0123456789") == "" && slices.Contains([]Name{Comment, Respond, Wait, Resume, Resolve}, c.Name)
}

// digitsFirst says which request is meant where digits may begin what is said: that of the
// thread or quote where no request has the number. Where both are there, which asks.
func (d *Dialogs) digitsFirst(ctx context.Context, t *bot.Turn, c Command, n request.Number) (meant request.Number, which string, err error) {
	here, ok, err := d.implied(ctx, t)
	if err != nil || !ok || here == n {
		return n, "", err
	}
	switch _, err = t.Reader.Ticket(ctx, n); {
	case errors.Is(err, request.ErrNotFound):
		return here, "", nil
	case err != nil:
		return n, "", err
	}
	return n, t.Words.T("talk.which_of_two", "word", c.Name.Typed(t.Words), "number", n, "here", here), nil
}
