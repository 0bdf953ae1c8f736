package dialogs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/teams"
	"onbehalf/bot/ticket"
	"onbehalf/cards"
)

// moving is one thing that people do to a ticket, the same whether they typed it
// or pressed it. Text is what was typed behind the number, or into the card.
type moving struct {
	// verb is the button that does the same; its card asks for what is missing.
	// Empty where another word's button does it.
	verb string
	// done names the sentence that says it was done, "desk." + done.
	done string
	// quiet moves change little on the card, so words answer them, not the card.
	quiet bool
	do    func(d *Dialogs, ctx context.Context, t *bot.Turn, m ticket.Move, in input) (*ticket.Ticket, error)
}

// input is what comes along with a move: the text, and what else a card sends.
type input struct {
	text string
	data teams.Values // nil when it was typed
}

// textMove is a move that takes nothing but words.
type textMove func(desk *ticket.Desk, ctx context.Context, by ticket.Person, m ticket.Move, text string) (*ticket.Ticket, error)

func withText(move textMove) func(*Dialogs, context.Context, *bot.Turn, ticket.Move, input) (*ticket.Ticket, error) {
	return func(d *Dialogs, ctx context.Context, t *bot.Turn, m ticket.Move, in input) (*ticket.Ticket, error) {
		return move(d.Desk, ctx, t.Person, m, in.text)
	}
}

// movings are all moves by the word that does them.
var movings = map[Name]moving{
	Assign:   {verb: cards.TicketAssign, done: "assigned", do: (*Dialogs).assign},
	Take:     {done: "taken", do: (*Dialogs).take},
	Ack:      {verb: cards.TicketAck, done: "acked", quiet: true, do: (*Dialogs).ack},
	File:     {verb: cards.TicketFile, done: "filed", do: (*Dialogs).file},
	Respond:  {verb: cards.TicketRespond, done: "responded", do: withText((*ticket.Desk).Respond)},
	Comment:  {verb: cards.TicketComment, done: "commented", quiet: true, do: withText((*ticket.Desk).Comment)},
	Wait:     {verb: cards.TicketWait, done: "waiting", do: withText((*ticket.Desk).Wait)},
	Resume:   {verb: cards.TicketResume, done: "resumed", do: withText((*ticket.Desk).Resume)},
	Resolve:  {verb: cards.TicketResolve, done: "resolved", do: withText((*ticket.Desk).Resolve)},
	Close:    {verb: cards.TicketClose, done: "closed", do: (*Dialogs).close},
	Reopen:   {verb: cards.TicketReopen, done: "reopened", do: withText((*ticket.Desk).Reopen)},
	Cancel:   {verb: cards.TicketCancel, done: "cancelled", do: withText((*ticket.Desk).Cancel)},
	Severity: {verb: cards.TicketSeverity, done: "severity", do: (*Dialogs).severity},
	Watch:    {verb: cards.TicketWatch, done: "watched", quiet: true, do: (*Dialogs).watch},
	Unwatch:  {verb: cards.TicketUnwatch, done: "unwatched", quiet: true, do: (*Dialogs).unwatch},
}

// typedMove does a move that was typed with a ticket's number.
func (d *Dialogs) typedMove(ctx context.Context, t *bot.Turn, c Command) error {
	move := movings[c.Name]
	n, rest, ok := c.Number()
	if !ok {
		return d.reply(ctx, t, t.Words.T("talk.which_number", "word", c.Name.Spelled(t.Words.Lang())))
	}
	moved, err := move.do(d, ctx, t, ticket.Move{Number: n, Origin: t.Origin}, input{text: rest})
	var invalid *ticket.Invalid
	if errors.As(err, &invalid) {
		return d.askFor(ctx, t, move, n, invalid, map[string]string{"text": rest, "reason": rest, "microsoftCase": rest})
	}
	if err != nil {
		return err
	}
	return d.confirm(ctx, t, move, moved)
}

// confirm answers a typed move: with words where several people read along, so
// that nobody else's view fills with cards; with the ticket in a personal chat.
// An answer about another ticket than the thread's own goes to the one who asked.
func (d *Dialogs) confirm(ctx context.Context, t *bot.Turn, move moving, moved *ticket.Ticket) error {
	sentence := t.Words.T("desk."+move.done, "number", moved.Number, "name", moved.Assignee.Name, "case", moved.MicrosoftCase,
		"severity", t.Words.T("severity."+string(moved.Severity)))
	own := moved.Home.Conversation == t.Conversation()
	if t.Shared() && own || move.quiet && t.Personal() {
		return d.reply(ctx, t, sentence)
	}
	if move.quiet {
		return t.ReplyPrivately(ctx, say(sentence))
	}
	card, err := d.ticketCard(ctx, t, moved, false)
	if err != nil {
		return err
	}
	return t.ReplyPrivately(ctx, shown(card))
}

// askFor shows the card that asks for what a typed move lacks, with what was
// typed in its inputs, to the one who typed it.
func (d *Dialogs) askFor(ctx context.Context, t *bot.Turn, move moving, n ticket.Number, invalid *ticket.Invalid, typed map[string]string) error {
	card, err := d.askCard(ctx, t, move.verb, n, invalid, typed)
	if err != nil {
		return err
	}
	return t.ReplyPrivately(ctx, shown(card))
}

func (d *Dialogs) askCard(ctx context.Context, t *bot.Turn, verb string, n ticket.Number, invalid *ticket.Invalid, typed map[string]string) (cards.Card, error) {
	of, err := d.Desk.Ticket(ctx, t.Person, n)
	if err != nil {
		return cards.Card{}, err
	}
	if err := d.Desk.MayDo(*of, t.Person, verb); err != nil {
		return cards.Card{}, err
	}
	view, err := d.ownView(ctx, t, of)
	if err != nil {
		return cards.Card{}, err
	}
	var problem *ticket.Problem
	if invalid != nil && len(invalid.Problems) > 0 {
		problem = &invalid.Problems[0]
	}
	return cards.Ask(verb, view, problem, typed, t.Words), nil
}

// pressedMove does a move whose button was pressed. A button that asks opens the
// card for it; what is missing or wrong comes back on that card, with everything
// typed kept.
func (d *Dialogs) pressedMove(move moving) verb {
	return func(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
		n, ok := ticket.ParseNumber(press.Data.String("number"))
		if !ok {
			return d.forged(ctx, t)
		}
		if press.Automatic {
			return d.answerTicket(ctx, t, n)
		}
		typed := press.Data.Strings()
		if press.Data.String("ask") == "true" {
			return d.answerAsk(ctx, t, move.verb, n, nil, typed)
		}
		m := ticket.Move{Number: n, Revision: revisionOf(press), Origin: t.Origin}
		moved, err := move.do(d, ctx, t, m, input{text: press.Data.String("text"), data: press.Data})
		var invalid *ticket.Invalid
		var changed *ticket.Changed
		switch {
		case errors.As(err, &invalid):
			return d.answerAsk(ctx, t, move.verb, n, invalid, typed)
		case errors.As(err, &changed):
			return d.answerChanged(ctx, t, changed, move.verb)
		case err != nil:
			return err
		}
		card, err := d.ticketCard(ctx, t, moved, false)
		if err != nil {
			return err
		}
		return t.AnswerCard(ctx, shown(card))
	}
}

func (d *Dialogs) answerAsk(ctx context.Context, t *bot.Turn, verb string, n ticket.Number, invalid *ticket.Invalid, typed map[string]string) error {
	card, err := d.askCard(ctx, t, verb, n, invalid, typed)
	if err != nil {
		return err
	}
	return t.AnswerCard(ctx, shown(card))
}

// answerChanged shows the present card with what happened since the pressed one
// was drawn; the press changed nothing.
func (d *Dialogs) answerChanged(ctx context.Context, t *bot.Turn, changed *ticket.Changed, pressed string) error {
	view, err := d.ownView(ctx, t, changed.Ticket)
	if err != nil {
		return err
	}
	view.Since, view.Pressed = changed.Since, pressed
	return t.AnswerCard(ctx, shown(cards.Ticket(view, t.Words)))
}

// revisionOf is the revision that the pressed card showed; 0, which checks
// nothing, only where a forged card sends none.
func revisionOf(press teams.CardAction) int {
	n, ok := ticket.ParseNumber(press.Data.String("rev"))
	if !ok {
		return 1
	}
	return int(n)
}

// take is "mine".
func (d *Dialogs) take(ctx context.Context, t *bot.Turn, m ticket.Move, _ input) (*ticket.Ticket, error) {
	return d.Desk.Take(ctx, t.Person, m)
}

// assign gives a ticket to somebody: me, a mentioned person, or a name that is
// looked up among the members.
func (d *Dialogs) assign(ctx context.Context, t *bot.Turn, m ticket.Move, in input) (*ticket.Ticket, error) {
	if in.data != nil && in.data.String("to") == "me" {
		return d.Desk.Take(ctx, t.Person, m)
	}
	to, err := d.personNamed(ctx, t, in.text)
	if err != nil {
		return nil, err
	}
	return d.Desk.Assign(ctx, t.Person, m, to)
}

func (d *Dialogs) ack(ctx context.Context, t *bot.Turn, m ticket.Move, _ input) (*ticket.Ticket, error) {
	return d.Desk.Ack(ctx, t.Person, m)
}

// file notes Microsoft's number; behind it may stand when it was filed.
func (d *Dialogs) file(ctx context.Context, t *bot.Turn, m ticket.Move, in input) (*ticket.Ticket, error) {
	number, when := in.data.String("microsoftCase"), in.text
	if in.data == nil {
		number, when = cutCase(in.text)
	}
	var at time.Time
	if when != "" {
		var ok bool
		if at, ok = parseWhen(when, d.Desk.Now(), t.Words.Zone()); !ok {
			return nil, &ticket.Invalid{Problems: []ticket.Problem{{Field: "time", Code: "time_shape"}}}
		}
	}
	return d.Desk.File(ctx, t.Person, m, number, at)
}

// cutCase takes Microsoft's number off the front; people write "SR 123…", "Case
// #123…" or "TrackingID#123…" before a time.
func cutCase(text string) (number, when string) {
	words := strings.Fields(text)
	for i, word := range words {
		if strings.ContainsAny(word, "0123456789") {
			return strings.Join(words[:i+1], " "), strings.Join(words[i+1:], " ")
		}
	}
	return text, ""
}

// close asks whether the customer was told (E10); a typed "close" never says so,
// unless a reason for not telling stands behind the number.
func (d *Dialogs) close(ctx context.Context, t *bot.Turn, m ticket.Move, in input) (*ticket.Ticket, error) {
	if in.data == nil {
		return d.Desk.Close(ctx, t.Person, m, false, in.text)
	}
	informed := in.data.String("customerInformed") == "true"
	return d.Desk.Close(ctx, t.Person, m, informed, in.data.String("reason"))
}

// severity changes how much the problem hurts; a letter may be Cyrillic.
func (d *Dialogs) severity(ctx context.Context, t *bot.Turn, m ticket.Move, in input) (*ticket.Ticket, error) {
	letter, reason := in.data.String("severity"), in.data.String("reason")
	if in.data == nil {
		letter, reason = cutWord(in.text)
	}
	to, ok := ticket.ParseSeverity(letter)
	if !ok {
		return nil, &ticket.Invalid{Problems: []ticket.Problem{{Field: "severity", Code: "choice", Args: map[string]any{"typed": excerpt(letter)}}}}
	}
	return d.Desk.SetSeverity(ctx, t.Person, m, to, reason)
}

// watch adds the one who asks, or a mentioned person.
func (d *Dialogs) watch(ctx context.Context, t *bot.Turn, m ticket.Move, in input) (*ticket.Ticket, error) {
	who, err := d.personOrMe(ctx, t, in)
	if err != nil {
		return nil, err
	}
	return d.Desk.Watch(ctx, t.Person, m, who)
}

func (d *Dialogs) unwatch(ctx context.Context, t *bot.Turn, m ticket.Move, in input) (*ticket.Ticket, error) {
	who, err := d.personOrMe(ctx, t, in)
	if err != nil {
		return nil, err
	}
	return d.Desk.Unwatch(ctx, t.Person, m, who)
}

// reply answers in words, where the person spoke.
func (d *Dialogs) reply(ctx context.Context, t *bot.Turn, text string) error {
	_, err := t.Reply(ctx, say(text))
	return err
}

// ownView is what a person sees of a ticket in a view of their own.
func (d *Dialogs) ownView(ctx context.Context, t *bot.Turn, of *ticket.Ticket) (cards.TicketView, error) {
	viewer := d.Desk.Viewer(t.Person)
	v := cards.TicketView{View: d.Desk.Show(*of, viewer, false), Viewer: viewer, Late: of.Late(d.Desk.Now())}
	if v.View.Hidden {
		return v, nil
	}
	newest, err := d.Desk.Store.History(ctx, of.Number, 0, 1)
	if err != nil {
		return v, fmt.Errorf("newest entry of %s: %w", of.Number, err)
	}
	v.Newest = newest
	return v, nil
}
