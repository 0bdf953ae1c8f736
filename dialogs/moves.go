package dialogs

import (
	"context"
	"slices"
	"strings"
	"time"

	"onbehalf/bot"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// take is "mine".
func (d *Dialogs) take(_ context.Context, t *bot.Turn, m request.Move, _ input) (actionFunc, error) {
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.Take(ctx, tx, t.Person, m)
	}, nil
}

// assign gives a ticket to somebody: me, a mentioned person, or a name that is
// looked up among the members.
func (d *Dialogs) assign(ctx context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error) {
	if in.data != nil && in.data.String("to") == "me" {
		return d.take(ctx, t, m, in)
	}
	to, err := d.personIn(ctx, t, in, m.Number)
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.Assign(ctx, tx, t.Person, m, to)
	}, err
}

func (d *Dialogs) release(_ context.Context, t *bot.Turn, m request.Move, _ input) (actionFunc, error) {
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.Release(ctx, tx, t.Person, m)
	}, nil
}

func (d *Dialogs) ack(_ context.Context, t *bot.Turn, m request.Move, _ input) (actionFunc, error) {
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.Ack(ctx, tx, t.Person, m)
	}, nil
}

// file notes Microsoft's number; behind it may stand when it was filed.
func (d *Dialogs) file(_ context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error) {
	number, when := in.data.String("microsoftCase"), in.text
	if in.data == nil {
		number, when = request.CutCase(in.text)
	}
	var at time.Time
	if when != "" {
		var ok bool
		if at, ok = request.ParseTime(when, t.Words.Zone(), d.Desk.Now()); !ok {
			return nil, &request.Invalid{Problems: []request.Problem{{Field: "time", Code: "time_shape"}}}
		}
	}
	m.PlanConfirmed = in.data.String("planConfirmed") == "true"
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.File(ctx, tx, t.Person, m, number, at)
	}, nil
}

// respond notes Microsoft's first response. Behind a ticket's number may stand
// Microsoft's, or that there is none, before what it said.
func (d *Dialogs) respond(ctx context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error) {
	a := request.Answer{Text: in.text, MicrosoftCase: in.data.String("microsoftCase"), NoNumber: in.data.String("noNumber") == "true"}
	if in.data == nil {
		of, err := d.Desk.Ticket(ctx, t.Reader, t.Person, m.Number)
		if err != nil {
			return nil, err
		}
		if of.MicrosoftCase == "" {
			a = microsoftsAnswer(in.text)
		}
	}
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.Respond(ctx, tx, t.Person, m, a)
	}, nil
}

// noNumber begins an answer that came without one, in the languages that people type.
var noNumber = []string{"no number", "без номера", "номера нет", "ohne nummer", "keine nummer"}

// microsoftsAnswer parts Microsoft's number, or that there is none, from the words of
// an answer.
func microsoftsAnswer(text string) request.Answer {
	if words := strings.Fields(text); len(words) > 1 {
		none := plaintext.Fold(words[0] + " " + strings.TrimRight(words[1], ",.:;"))
		if slices.Contains(noNumber, none) {
			rest := strings.TrimSpace(text)[len(words[0]):]
			return request.Answer{NoNumber: true, Text: strings.TrimSpace(strings.TrimSpace(rest)[len(words[1]):])}
		}
	}
	number, _ := request.CutCase(text)
	rest, first := strings.CutPrefix(strings.TrimSpace(text), number)
	if digits, problem := request.ParseCase(number); problem == nil && first && len(strings.Fields(number)) <= 3 { // at most a label before it
		return request.Answer{MicrosoftCase: digits, Text: strings.TrimLeft(rest, " \t\n,.;:)]")}
	}
	return request.Answer{Text: text}
}

// wait says whom a ticket waits for and when to ask again: what the card's own inputs
// say, and where they are empty, what the words do.
func (d *Dialogs) wait(_ context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error) {
	var w request.Wait
	if named, ok := request.WaitForIn(in.text); ok {
		w.For = named
	}
	w.AskAgainAt = request.CutAskAgain(in.text, t.Words.Zone(), d.Desk.Now())
	if chosen := in.data.String("waitFor"); chosen != "" {
		var ok bool
		if w.For, ok = request.ParseWaitFor(chosen); !ok {
			return nil, &request.Invalid{Problems: []request.Problem{{Field: "waitFor", Code: "choice", Args: map[string]any{"typed": excerpt(chosen)}}}}
		}
	}
	if again := strings.TrimSpace(in.data.String("askAgain")); again != "" {
		var err error
		if w.AskAgainAt, err = request.AskAgainAt(again, t.Words.Zone(), d.Desk.Now()); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.Wait(ctx, tx, t.Person, m, w, in.text)
	}, nil
}

// close asks whether the customer was told (E10); a typed "close" never says so,
// unless a reason for not telling stands behind the number.
func (d *Dialogs) close(_ context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error) {
	informed, reason := false, in.text
	if in.data != nil {
		informed, reason = in.data.String("customerInformed") == "true", in.data.String("reason")
	}
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.Close(ctx, tx, t.Person, m, informed, reason)
	}, nil
}

// severity changes how much the problem hurts; a letter may be Cyrillic.
func (d *Dialogs) severity(_ context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error) {
	letter, reason := in.data.String("severity"), in.data.String("reason")
	if in.data == nil {
		letter, reason = cutSeverity(in.text)
	}
	to, ok := request.ParseSeverity(letter)
	if !ok {
		return nil, &request.Invalid{Problems: []request.Problem{{Field: "severity", Code: "choice", Args: map[string]any{"typed": excerpt(letter)}}}}
	}
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.SetSeverity(ctx, tx, t.Person, m, to, reason)
	}, nil
}

// cutSeverity takes a severity off the front of words, "Sev B" and "critical" too.
func cutSeverity(text string) (typed, reason string) {
	words := strings.Fields(text)
	if _, taken := severityAt(words); taken > 0 {
		return strings.TrimRight(strings.Join(words[:taken], " "), ":,."), afterWords(text, taken)
	}
	return cutWord(text)
}

// watch adds the one who asks, or a mentioned person.
func (d *Dialogs) watch(ctx context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error) {
	who, err := d.personOrMe(ctx, t, in, m.Number)
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.Watch(ctx, tx, t.Person, m, who)
	}, err
}

func (d *Dialogs) unwatch(ctx context.Context, t *bot.Turn, m request.Move, in input) (actionFunc, error) {
	who, err := d.personOrMe(ctx, t, in, m.Number)
	return func(ctx context.Context, tx request.Tx) (*request.Ticket, error) {
		return d.Desk.Unwatch(ctx, tx, t.Person, m, who)
	}, err
}
