package request

import (
	"cmp"
	"context"
	"slices"
	"time"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/sla"
)

// textLimit is how long a comment or an answer may be, in characters.
const textLimit = 4000

// note cleans what somebody wrote along with a move.
func note(field, text string, limit int, required bool) (string, error) {
	text = plaintext.Lines(text)
	if text == "" && required {
		return "", &Invalid{Problems: []Problem{{Field: field, Code: "required"}}}
	}
	if kept, gone := plaintext.Cut(text, limit); gone > 0 {
		return kept, &Invalid{Problems: []Problem{{
			Field: field, Code: "too_long", Suggest: kept, Args: Args("limit", limit, "length", limit+gone, "cut", gone),
		}}}
	}
	return text, nil
}

// Assign gives the ticket to somebody; whoever may see it may do it. Giving it to
// the one who has it changes nothing. The new assignee is told with a mention.
func (d *Desk) Assign(ctx context.Context, tx Tx, by Person, m Move, to Person) (*Ticket, error) {
	return d.apply(ctx, tx, by, m, "assign", func(t *Ticket, _ *sla.Policy, _ time.Time) (Event, error) {
		switch {
		case to.Nobody():
			return Event{}, &Invalid{Problems: []Problem{{Field: "person", Code: "person_required"}}}
		case d.Outsider(to):
			return Event{}, refused(*t, "outsider", "name", to.Name)
		case t.Assignee.Is(to):
			return Event{}, nil
		}
		e := Event{What: "assigned", From: t.Assignee.Name, To: to.Name}
		t.Assignee = to
		return e, nil
	})
}

// Outsider says whether somebody is known to be from another tenant than the
// desk's.
func (d *Desk) Outsider(p Person) bool {
	return p.Tenant != "" && len(d.Tenants) > 0 && !slices.Contains(d.Tenants, p.Tenant)
}

// Take gives the ticket to whoever asks for it.
func (d *Desk) Take(ctx context.Context, tx Tx, by Person, m Move) (*Ticket, error) {
	return d.Assign(ctx, tx, by, m, by)
}

// Release takes the ticket from whoever has it, so that nobody does. What nobody has
// stays so.
func (d *Desk) Release(ctx context.Context, tx Tx, by Person, m Move) (*Ticket, error) {
	return d.apply(ctx, tx, by, m, "release", func(t *Ticket, _ *sla.Policy, _ time.Time) (Event, error) {
		if t.Assignee.Nobody() {
			return Event{}, nil
		}
		e := Event{What: "released", From: t.Assignee.Name}
		t.Assignee = Person{}
		return e, nil
	})
}

// Ack says "I have seen it": repeats stop until the next breach. It assigns nobody
// and stops no clock. Where no answer is owed any more nothing can be
// acknowledged. The same press on one card, sent twice, is one.
func (d *Desk) Ack(ctx context.Context, tx Tx, by Person, m Move) (*Ticket, error) {
	return d.apply(ctx, tx, by, m, "ack", func(t *Ticket, _ *sla.Policy, now time.Time) (Event, error) {
		if !t.owesAnswer() {
			return Event{}, refused(*t, "no_alarm", "number", t.Number.String())
		}
		acked := Event{What: "acked", By: by}
		if repeated, err := d.pressedBefore(ctx, tx, t, m, acked); repeated || err != nil {
			return Event{}, err
		}
		switch {
		case t.Late(now):
			t.BreachAckedAt = now
		case len(t.Fired) > 0:
			t.WarningAckedAt = now
		}
		t.AckedBy = by
		return acked, nil
	})
}

// pressedBefore says whether somebody did the same since the card was drawn that they
// pressed: a press that comes twice.
func (d *Desk) pressedBefore(ctx context.Context, tx Tx, t *Ticket, m Move, e Event) (bool, error) {
	if m.Revision == 0 || m.Revision >= t.Revision {
		return false, nil
	}
	since, err := tx.EventsSince(ctx, t.Number, m.Revision)
	pressed := false
	for _, one := range since {
		switch {
		case e.repeats(one):
			pressed = true
		case one.What == "warned" || one.What == "breached": // which an acknowledgement from before does not cover
			pressed = pressed && e.What != "acked"
		}
	}
	return pressed, err
}

// Comment adds words to the history, in any status. The same words pressed twice on
// one card are one comment.
func (d *Desk) Comment(ctx context.Context, tx Tx, by Person, m Move, text string) (*Ticket, error) {
	text, err := note("text", text, textLimit, true)
	if err != nil {
		return nil, err
	}
	return d.apply(ctx, tx, by, m, "comment", func(t *Ticket, _ *sla.Policy, _ time.Time) (Event, error) {
		said := Event{What: "commented", By: by, Text: text}
		if repeated, err := d.pressedBefore(ctx, tx, t, m, said); repeated || err != nil {
			return Event{}, err
		}
		return said, nil
	})
}

// Wait says whom the ticket waits for, and when to ask again whether the answer has
// come. The clock of the response runs on. Of a ticket that waits already it changes what
// is named, or adds to it; where nothing is, it is refused.
func (d *Desk) Wait(ctx context.Context, tx Tx, by Person, m Move, wait Wait, text string) (*Ticket, error) {
	if !wait.AskAgainAt.IsZero() && !wait.AskAgainAt.After(d.Instant()) {
		return nil, askAgainProblem("ask_again_past")
	}
	text, err := note("text", text, textLimit, false)
	if err != nil {
		return nil, err
	}
	return d.apply(ctx, tx, by, m, "wait", func(t *Ticket, _ *sla.Policy, now time.Time) (Event, error) {
		e := Event{What: "waiting", From: string(t.Status), To: string(Waiting), Text: text}
		switch {
		case t.Status != Waiting:
			t.Status, t.WaitingSince = Waiting, now
			wait.For = cmp.Or(wait.For, ForOther)
		case wait == Wait{} && text == "":
			return Event{}, refused(*t, "waits", "number", t.Number.String(), "at", t.WaitingSince)
		default:
			wait.For = cmp.Or(wait.For, t.Wait.For)
			if wait.AskAgainAt.IsZero() {
				wait.AskAgainAt = t.Wait.AskAgainAt
			}
		}
		t.Wait = wait
		return e, nil
	})
}

// Resume says that what was waited for has come: back to in progress if somebody
// has answered, else to filed if there is a Microsoft number, else to open.
func (d *Desk) Resume(ctx context.Context, tx Tx, by Person, m Move, text string) (*Ticket, error) {
	return d.shift(ctx, tx, by, m, "resume", text, func(t *Ticket, _ *sla.Policy, _ time.Time) Status {
		t.WaitingSince, t.Wait = time.Time{}, Wait{}
		switch {
		case !t.RespondedAt.IsZero():
			return InProgress
		case t.MicrosoftCase != "":
			return Filed
		}
		return Open
	})
}

// Resolve says that the problem is solved, which ends every clock. Where Microsoft
// had not answered, it was resolved without a first response, and counts as that.
func (d *Desk) Resolve(ctx context.Context, tx Tx, by Person, m Move, text string) (*Ticket, error) {
	return d.shift(ctx, tx, by, m, "resolve", text, func(t *Ticket, _ *sla.Policy, now time.Time) Status {
		t.ResolvedAt, t.WaitingSince, t.Wait, t.IncidentReminder = now, time.Time{}, Wait{}, sla.Run{}
		return Resolved
	})
}

// Reopen takes a resolved or closed ticket back in progress. It starts no clock:
// what had ended without a first response promises none any more.
func (d *Desk) Reopen(ctx context.Context, tx Tx, by Person, m Move, text string) (*Ticket, error) {
	return d.shift(ctx, tx, by, m, "reopen", text, func(t *Ticket, p *sla.Policy, _ time.Time) Status {
		t.endClocks(p)
		t.ResolvedAt, t.ClosedAt = time.Time{}, time.Time{}
		return InProgress
	})
}

// endClocks drops the clocks that resolving ended before Microsoft answered. One
// that had run out before stays late, and says no more about it.
func (t *Ticket) endClocks(p *sla.Policy) {
	t.Handoff = sla.Run{Clock: sla.ClockHandoff}
	if t.MicrosoftRespondedAt.IsZero() {
		t.Microsoft = sla.Run{Clock: sla.ClockMicrosoft}
	}
	switch {
	case !t.RespondedAt.IsZero():
	case t.LateBy(t.ResolvedAt) == 0:
		t.Response = sla.Run{Clock: sla.ClockResponse}
	default:
		late := *t
		late.Status = InProgress
		t.Fired = slices.Clone(t.Fired)
		for _, m := range p.Milestones(late.State()) {
			if m.Clock == sla.ClockResponse && !slices.Contains(t.Fired, m.Name) {
				t.Fired = append(t.Fired, m.Name)
			}
		}
	}
}

// Cancel withdraws a ticket that is not with Microsoft yet. That is final.
func (d *Desk) Cancel(ctx context.Context, tx Tx, by Person, m Move, text string) (*Ticket, error) {
	return d.shift(ctx, tx, by, m, "cancel", text, func(t *Ticket, _ *sla.Policy, now time.Time) Status {
		t.ClosedAt = now
		return Cancelled
	})
}

// Close ends a resolved ticket once the customer was told (E10). Without that it
// wants a reason, which is kept with the name of who gave it.
func (d *Desk) Close(ctx context.Context, tx Tx, by Person, m Move, informed bool, reason string) (*Ticket, error) {
	reason, err := note("reason", reason, textLimit, false)
	if err != nil {
		return nil, err
	}
	if informed {
		reason = ""
	}
	return d.apply(ctx, tx, by, m, "close", func(t *Ticket, _ *sla.Policy, now time.Time) (Event, error) {
		if !informed && reason == "" {
			return Event{}, &Invalid{Problems: []Problem{{Field: "reason", Code: "not_informed", Rule: "E10", Args: Args("customer", t.Customer.Name)}}}
		}
		e := Event{What: "closed", From: string(t.Status), To: string(Closed), Text: reason}
		t.Status, t.ClosedAt = Closed, now
		return e, nil
	})
}

// shift does a move whose point is another status. The new status comes from to,
// which also sets the times that go with it.
func (d *Desk) shift(ctx context.Context, tx Tx, by Person, m Move, verb, text string, to func(t *Ticket, p *sla.Policy, now time.Time) Status) (*Ticket, error) {
	text, err := note("text", text, textLimit, false)
	if err != nil {
		return nil, err
	}
	return d.apply(ctx, tx, by, m, verb, func(t *Ticket, p *sla.Policy, now time.Time) (Event, error) {
		rule, _ := moveOf(verb)
		e := Event{What: rule.what, From: string(t.Status), Text: text}
		next := to(t, p, now)
		if !MayGo(t.Status, next) {
			return Event{}, refused(*t, "status", "number", t.Number.String(), "verb", verb, "status", e.From)
		}
		t.Status = next
		e.To = string(next)
		return e, nil
	})
}

// Watch makes somebody hear of a ticket. A fraud case is watched only by those
// whom its requester, its assignee or a lead adds (R5).
func (d *Desk) Watch(ctx context.Context, tx Tx, by Person, m Move, who Person) (*Ticket, error) {
	return d.apply(ctx, tx, by, m, "watch", func(t *Ticket, _ *sla.Policy, _ time.Time) (Event, error) {
		switch {
		case who.Nobody():
			return Event{}, &Invalid{Problems: []Problem{{Field: "person", Code: "person_required"}}}
		case d.Outsider(who):
			return Event{}, refused(*t, "outsider", "name", who.Name)
		case t.watches(who):
			return Event{}, nil
		case t.Kind == Fraud && !owners.holds(*t, d.Viewer(by)):
			return Event{}, refused(*t, "fraud_watch", "number", t.Number.String())
		}
		t.Watchers = append(slices.Clone(t.Watchers), Watcher{Person: who, AddedBy: by.ID})
		return Event{What: "watched", To: who.Name}, nil
	})
}

// Unwatch ends that. People take themselves off; those with the right to a ticket
// take off others as well.
func (d *Desk) Unwatch(ctx context.Context, tx Tx, by Person, m Move, who Person) (*Ticket, error) {
	return d.apply(ctx, tx, by, m, "unwatch", func(t *Ticket, _ *sla.Policy, _ time.Time) (Event, error) {
		switch {
		case !t.watches(who):
			return Event{}, nil
		case !who.Is(by) && !owners.holds(*t, d.Viewer(by)):
			return Event{}, refused(*t, "only_requester", "number", t.Number.String(), "verb", "unwatch", "names", t.Requester.Name)
		}
		t.Watchers = slices.DeleteFunc(slices.Clone(t.Watchers), func(w Watcher) bool { return w.Is(who) })
		return Event{What: "unwatched", To: who.Name}, nil
	})
}
