package dialogs

import (
	"context"
	"errors"
	"slices"

	"onbehalf/bot"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
	"onbehalf/cards"
)

// action is one thing that people do to a ticket, the same whether they typed it
// or pressed it. Text is what was typed behind the number, or into the card.
type action struct {
	// verb is the button that does the same; its card asks for what is missing.
	// Empty where another word's button does it.
	verb string
	// done names the sentence that says it was done, "desk." + done.
	done string
	// quiet moves change little on the card, so words answer a typed one.
	quiet bool
	// plan reads what was typed, and looks up who is meant.
	plan func(d *Dialogs, ctx context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error)
}

// actionFunc does a planned move in the turn's transaction.
type actionFunc func(ctx context.Context, tx request.Tx) (*request.Ticket, error)

// input is what comes along with a move: the text, and what else a card sends.
type input struct {
	text string
	data teams.Values // nil when it was typed
}

// textMove is a move that takes nothing but words.
type textMove func(desk *request.Desk, ctx context.Context, tx request.Tx, by request.Person, m request.Move, text string) (*request.Ticket, error)

func withText(move textMove) func(*Dialogs, context.Context, *bot.Turn, request.Move, input) (actionFunc, error) {
	return func(d *Dialogs, _ context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error) {
		return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
			return move(d.Desk, ctx, tx, t.Person, m, in.text)
		}, nil
	}
}

// actions are all moves by the word that does them.
var actions = map[Name]action{
	Assign:   {verb: cards.TicketAssign, done: "assigned", plan: (*Dialogs).assign},
	Take:     {done: "taken", plan: (*Dialogs).take},
	Release:  {verb: cards.TicketRelease, done: "released", plan: (*Dialogs).release},
	Ack:      {verb: cards.TicketAck, done: "acked", quiet: true, plan: (*Dialogs).ack},
	File:     {verb: cards.TicketFile, done: "filed", plan: (*Dialogs).file},
	Respond:  {verb: cards.TicketRespond, done: "responded", plan: (*Dialogs).respond},
	Comment:  {verb: cards.TicketComment, done: "commented", quiet: true, plan: withText((*request.Desk).Comment)},
	Wait:     {verb: cards.TicketWait, done: "waiting", plan: (*Dialogs).wait},
	Resume:   {verb: cards.TicketResume, done: "resumed", plan: withText((*request.Desk).Resume)},
	Resolve:  {verb: cards.TicketResolve, done: "resolved", plan: withText((*request.Desk).Resolve)},
	Close:    {verb: cards.TicketClose, done: "closed", plan: (*Dialogs).close},
	Reopen:   {verb: cards.TicketReopen, done: "reopened", plan: withText((*request.Desk).Reopen)},
	Cancel:   {verb: cards.TicketCancel, done: "cancelled", plan: withText((*request.Desk).Cancel)},
	Severity: {verb: cards.TicketSeverity, done: "severity", plan: (*Dialogs).severity},
	Watch:    {verb: cards.TicketWatch, done: "watched", quiet: true, plan: (*Dialogs).watch},
	Unwatch:  {verb: cards.TicketUnwatch, done: "unwatched", quiet: true, plan: (*Dialogs).unwatch},
}

// actionOf finds the move that a button does.
func actionOf(verb string) (action, bool) {
	for _, m := range actions {
		if m.verb != "" && m.verb == verb {
			return m, true
		}
	}
	return action{}, false
}

// typedMove does a move that was typed, with a ticket's number or where that is implied.
func (d *Dialogs) typedMove(ctx context.Context, t *bot.Turn, c Command) error {
	move := actions[c.Name]
	n, rest, ok := c.Number()
	numbered := ok
	if ok && c.countsSomething() {
		meant, which, err := d.digitsFirst(ctx, t, c, n)
		if err != nil || which != "" {
			return errors.Join(err, t.Reply(say(which)))
		}
		if meant != n {
			n, rest, numbered = meant, c.Rest, false
		}
	}
	if !ok {
		var err error
		if n, ok, err = d.implied(ctx, t); err != nil {
			return err
		}
		if !ok {
			return t.Reply(say(t.Words.T("talk.which_number", "word", c.Name.Typed(t.Words))))
		}
		if slices.Contains(neverImplied, c.Name) {
			return d.askFor(ctx, t, move.verb, n, nil, typedInputs(c.Name, rest))
		}
	}
	do, err := move.plan(d, ctx, t, request.Move{Number: n, Origin: t.Origin, Said: saidIn(t)}, input{text: rest})
	ask := func(ctx context.Context, err error) error {
		var invalid *request.Invalid
		if errors.As(err, &invalid) {
			if onlyMissing(invalid) {
				invalid = nil // nobody was asked yet, so nothing was wrong
			}
			return d.askFor(ctx, t, move.verb, n, invalid, typedInputs(c.Name, rest))
		}
		return err
	}
	if err != nil {
		return ask(ctx, err)
	}
	d.do(t, func(ctx context.Context, tx bot.Tx) error {
		moved, err := do(ctx, tx)
		if err != nil {
			return ask(ctx, err)
		}
		warnings, err := d.warnings(ctx, t, move, moved)
		if err != nil {
			return err
		}
		if c.Name == Comment && !numbered && d.inOwnThread(t, *moved) && !t.Activity.Targeted() {
			t.Done(ctx) // the words stand here already, and on the card
			return nil
		}
		return d.confirm(ctx, t, move, moved, warnings, d.doneSentence(t, c.Name, rest, moved))
	})
	return nil
}

// saidIn is the conversation that the answer to a typed move is read in by others, empty
// where the doer alone reads it.
func saidIn(t *bot.Turn) string {
	if t.Personal() || t.Activity.Targeted() {
		return ""
	}
	return t.Conversation()
}

// warnings is what should be looked at again after a move: Microsoft's number.
func (d *Dialogs) warnings(ctx context.Context, t *bot.Turn, move action, moved *request.Ticket) ([]request.Warning, error) {
	if move.verb != cards.TicketFile {
		return nil, nil
	}
	found, err := d.Desk.CaseWarnings(ctx, t.Reader, t.Person, *moved)
	if plan := moved.PlanWarning(); plan != nil {
		found = append(found, *plan)
	}
	return found, err
}

// doneSentence says what a typed move did. Who files without a time hears which
// one was noted, and how to name another.
func (d *Dialogs) doneSentence(t *bot.Turn, name Name, rest string, moved *request.Ticket) string {
	w, done := t.Words, actions[name].done
	if _, when := request.CutCase(rest); name == File && when == "" {
		done = "filed_now"
	}
	key := "desk." + done
	switch {
	case name == Wait && moved.RespondedAt.IsZero():
		key = cards.WaitKey("desk.waiting_", *moved)
	case name == Wait: // no clock runs on
		key = cards.WaitKey("desk.waiting_answered_", *moved)
	}
	said := w.T(key, "number", moved.Number, "name", moved.Assignee.Name, "case", moved.MicrosoftCase,
		"severity", w.T("severity."+string(moved.Severity)), "at", moved.FiledAt, "word", File.Typed(w))
	if at := moved.WillAsk(); name == Wait && !at.IsZero() {
		said += " " + w.T("desk.ask_again", "at", at)
	}
	if name == File && moved.PlanWarning() != nil {
		said += " " + w.T("desk.filed_plan")
	}
	return said
}

// confirm answers a typed move: in the ticket's own thread with words, so that
// nobody else's view fills with cards; elsewhere, to the one who typed it alone,
// with the ticket. What is odd may name other tickets, so it is for that one too.
func (d *Dialogs) confirm(ctx context.Context, t *bot.Turn, move action, moved *request.Ticket, warnings []request.Warning, sentence string) error {
	if d.inOwnThread(t, *moved) || move.quiet {
		// The sentence says it.
		warnings = slices.DeleteFunc(warnings, func(w request.Warning) bool { return w.Field == "planConfirmed" })
		if err := d.tell(t, *moved, sentence); err != nil || len(warnings) == 0 {
			return err
		}
	}
	v, err := d.viewMoved(ctx, t, moved)
	if err != nil {
		return err
	}
	v.Warnings = warnings
	return t.ReplyPrivately(shown(cards.Ticket(v, t.Words)), bot.About(moved.Number))
}

// inOwnThread says whether a request's own people read this conversation with others.
func (d *Dialogs) inOwnThread(t *bot.Turn, of request.Ticket) bool {
	return t.Shared() && d.homeHere(t, of) && of.Kind != request.Fraud
}

// pressedMove does a move whose button was pressed. A button that asks opens the
// card for it; what is missing or wrong comes back on that card, with everything
// typed kept.
func (d *Dialogs) pressedMove(move action) verb {
	return func(ctx context.Context, t *bot.Turn, press teams.CardAction) error {
		n, ok := request.ParseNumber(press.Data.String("number"))
		if !ok {
			return d.forged(t)
		}
		if press.Data.String("ask") == "true" {
			return d.answerAsk(ctx, t, move.verb, n, nil, press)
		}
		m := request.Move{Number: n, Revision: revisionOf(press), Origin: t.Origin}
		do, err := move.plan(d, ctx, t, m, input{text: press.Data.String("text"), data: press.Data})
		ask := func(ctx context.Context, err error) error {
			var invalid *request.Invalid
			if errors.As(err, &invalid) {
				return d.answerAsk(ctx, t, move.verb, n, invalid, press)
			}
			return err
		}
		if err != nil {
			return ask(ctx, err)
		}
		d.do(t, func(ctx context.Context, tx bot.Tx) error {
			moved, err := do(ctx, tx)
			if err != nil {
				return ask(ctx, err)
			}
			v, err := d.viewMoved(ctx, t, moved)
			if err != nil {
				return err
			}
			if v.Warnings, err = d.warnings(ctx, t, move, moved); err != nil {
				return err
			}
			return t.AnswerCard(shown(cards.Ticket(v, t.Words)))
		})
		return nil
	}
}

// answerChanged shows the present card with what happened since the pressed one
// was drawn; the press changed nothing.
func (d *Dialogs) answerChanged(ctx context.Context, t *bot.Turn, changed *request.Changed) error {
	v, err := d.view(ctx, t, changed.Ticket)
	if err != nil {
		return err
	}
	v.Since, v.Pressed = changed.Since, t.Press.Verb
	return t.AnswerCard(shown(cards.Ticket(v, t.Words)))
}

// revisionOf is the revision that the pressed card showed. A card that sends none
// is forged, and counts as the oldest: 0 would check nothing.
func revisionOf(press teams.CardAction) int {
	n, ok := request.ParseNumber(press.Data.String("rev"))
	if !ok {
		return 1
	}
	return int(n)
}
