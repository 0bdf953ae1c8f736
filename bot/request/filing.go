package request

import (
	"context"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
	"onbehalf/bot/sla"
)

// File notes Microsoft's number and when it was filed; a zero at is now. It moves
// an open ticket to filed and leaves other statuses. A number that is already
// there is corrected. CaseWarnings says afterwards what is odd about it.
func (d *Desk) File(ctx context.Context, tx Tx, by Person, m Move, microsoftCase string, at time.Time) (*Ticket, error) {
	digits, problem := ParseCase(microsoftCase)
	if problem != nil {
		return nil, &Invalid{Problems: []Problem{*problem}}
	}
	return d.apply(ctx, tx, by, m, "file", func(t *Ticket, p *sla.Policy, now time.Time) (Event, error) {
		filed, problem := t.filingTime(at, now)
		if problem != nil {
			return Event{}, &Invalid{Problems: []Problem{*problem}}
		}
		t.Details.PlanConfirmed = t.Details.PlanConfirmed || m.PlanConfirmed && t.WantsPlan()
		if t.MicrosoftCase == digits && (at.IsZero() || filed.Equal(t.FiledAt)) {
			return Event{}, nil
		}
		e := Event{What: "filed", From: t.MicrosoftCase, To: digits}
		t.file(p, digits, filed)
		return e, nil
	})
}

// filingTime checks when a ticket was filed: not in the future, not before the
// ticket. People type minutes, so the minute of opening is fine.
func (t Ticket) filingTime(at, now time.Time) (time.Time, *Problem) {
	switch {
	case at.IsZero() && !t.FiledAt.IsZero():
		return t.FiledAt, nil
	case at.IsZero():
		return now, nil
	case at.After(now.Add(ClockSkew)):
		return at, &Problem{Field: "time", Code: "time_future"}
	case at.Before(t.OpenedAt.Truncate(time.Minute)):
		return at, &Problem{Field: "time", Code: "time_before_ticket", Args: Args("opened", t.OpenedAt)}
	case at.Before(t.OpenedAt):
		return t.OpenedAt, nil
	case at.After(now):
		return now, nil
	}
	return at.UTC(), nil
}

// file notes number and time, and starts Microsoft's own clock. An answer that
// came after filing was Microsoft's, though the number was typed later.
func (t *Ticket) file(p *sla.Policy, digits string, filed time.Time) {
	t.MicrosoftCase, t.FiledAt = digits, filed
	t.Microsoft = p.Microsoft(t.Terms(), filed)
	if p.CountsFrom() == "filed" && t.RespondedAt.IsZero() {
		t.Response = p.Start(sla.ClockResponse, t.Terms(), filed)
	}
	if !t.RespondedAt.IsZero() && !t.RespondedAt.Before(filed) && t.MicrosoftRespondedAt.IsZero() {
		t.MicrosoftRespondedAt = t.RespondedAt
	}
	if t.Status == Open {
		t.Status = Filed
	}
}

// WantsPlan says whether the portal asks for the support plan that customers'
// requests have, which whoever files confirms (R14).
func (t Ticket) WantsPlan() bool { return t.Platform == customer.Azure && !t.Customer.Own }

// Answer is Microsoft's first response, as somebody notes it.
type Answer struct {
	// Text is what Microsoft said; it may be empty.
	Text string
	// MicrosoftCase is the number that Microsoft answered under. A ticket that has
	// one already keeps its own.
	MicrosoftCase string
	// NoNumber says that no number is known for a ticket without one.
	NoNumber bool
}

// Respond notes Microsoft's first response to the request, which ends the clock of
// the response. Microsoft answers under a number: a ticket without one asks for it
// first, and takes "no number" for an answer. What the desk itself tells the
// customer is a comment, and ends no clock. It moves open and filed tickets to in
// progress; a waiting one goes on waiting.
func (d *Desk) Respond(ctx context.Context, tx Tx, by Person, m Move, a Answer) (*Ticket, error) {
	text, err := note("text", a.Text, textLimit, false)
	if err != nil {
		return nil, err
	}
	return d.apply(ctx, tx, by, m, "respond", func(t *Ticket, p *sla.Policy, now time.Time) (Event, error) {
		if !t.owesAnswer() {
			return Event{}, refused(*t, "answered", "number", t.Number.String(), "at", t.RespondedAt)
		}
		e := Event{What: "responded", From: string(t.Status), Text: text}
		if t.MicrosoftCase == "" {
			digits, problem := a.number()
			if problem != nil {
				return Event{}, &Invalid{Problems: []Problem{*problem}}
			}
			if digits != "" {
				t.file(p, digits, now)
			}
		}
		t.answered(now)
		if t.Status == Open || t.Status == Filed {
			t.Status = InProgress
		}
		e.To = string(t.Status)
		return e, nil
	})
}

// number is the number of the answer, empty where none is known.
func (a Answer) number() (digits string, problem *Problem) {
	switch {
	case a.NoNumber:
		return "", nil
	case plaintext.Lines(a.MicrosoftCase) == "":
		return "", &Problem{Field: "microsoftCase", Code: "case_first"}
	}
	return ParseCase(a.MicrosoftCase)
}

// answered notes that Microsoft answered, where that was owed.
func (t *Ticket) answered(now time.Time) {
	if t.RespondedAt.IsZero() {
		t.RespondedAt = now
	}
	if t.MicrosoftRespondedAt.IsZero() {
		t.MicrosoftRespondedAt = now
	}
}
