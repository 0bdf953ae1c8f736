package cards

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// clockBand is the one time that matters now, with what stands below it. The
// colour is for the clock: grey while it runs or waits, amber after a warning,
// red when late and unanswered, green when answered in time.
type clockBand struct {
	style, label, value string
	below               []string
}

// spoken is the band as a sentence, without the sign of what went well: words say
// that already.
func (c clockBand) spoken() string {
	said := strings.TrimSpace(strings.TrimPrefix(c.label, done) + " " + c.value)
	return strings.TrimSuffix(said, ".") + "."
}

// done stands before what went well.
const done = "✓ "

func (v TicketView) band(w i18n.Words) element {
	c := v.clock(w)
	return band(c.style, c.label, c.value, c.below...)
}

func (v TicketView) clock(w i18n.Words) clockBand {
	t := v.View.Ticket
	given := !t.RespondedAt.IsZero()
	switch {
	case t.Status == request.Cancelled:
		return clockBand{"emphasis", w.T("band.cancelled"), w.Time(endOf(t)), nil}
	case t.Status == request.Closed:
		return clockBand{"good", done + w.T("band.closed"), w.Time(endOf(t)), []string{responseResult(t, w)}}
	case t.Status == request.Resolved:
		return clockBand{"good", done + w.T("band.resolved"), w.Time(endOf(t)), []string{responseResult(t, w)}}
	case t.Status == request.Waiting && (given || t.Response.None()):
		return clockBand{"emphasis", w.T(WaitKey("band.waiting_", t)), w.Time(t.WaitingSince), v.belowWaiting(w)}
	case given:
		return v.givenBand(w)
	case t.Response.Clock == "": // the policy counts from filing
		return clockBand{"emphasis", w.T("review.from_filing"), "", v.belowDue(w)}
	case t.Response.None():
		return clockBand{"emphasis", w.T("band.no_target"), "", v.belowDue(w)}
	case v.Late:
		return clockBand{"attention", wasDueLabel(t.Response, w), w.Time(t.Response.Due), v.belowDue(w)}
	case warned(t):
		return clockBand{"warning", dueLabel(t.Response, w), w.Time(t.Response.Due), append([]string{w.T("band.warned")}, v.belowDue(w)...)}
	}
	return clockBand{"emphasis", dueLabel(t.Response, w), w.Time(t.Response.Due), v.belowDue(w)}
}

// endOf is when the ticket's present end came.
func endOf(t request.Ticket) time.Time {
	switch {
	case t.Status == request.Resolved && !t.ResolvedAt.IsZero():
		return t.ResolvedAt
	case t.Status != request.Resolved && !t.ClosedAt.IsZero():
		return t.ClosedAt
	}
	return t.UpdatedAt
}

// warned says that a warning of the response clock was given.
func warned(t request.Ticket) bool {
	return slices.ContainsFunc(t.Fired, func(name string) bool {
		return strings.HasPrefix(name, string(sla.ClockResponse)+"/"+string(sla.Warn)+"/")
	})
}

// givenBand turns the promise into a result. Answered late is grey, in words: red
// is for what can still be acted on.
func (v TicketView) givenBand(w i18n.Words) clockBand {
	t := v.View.Ticket
	c := clockBand{"good", done + w.T("band.given"), w.Time(t.RespondedAt), nil}
	if !t.Response.None() {
		early := t.Response.Due.Sub(t.RespondedAt)
		key := "band.early"
		if early < 0 {
			c.style, c.label, key = "emphasis", w.T("band.given"), "band.late"
		}
		c.below = append(c.below, w.T(key, "span", w.Duration(early), "due", dueBeside(t.Response.Due, t.RespondedAt, w)))
	}
	c.below = append(c.below, v.microsoftDue(w))
	return c
}

// dueBeside is a due time whose day stands beside it: the clock where it is the
// same day, with the day where it is not.
func dueBeside(due, day time.Time, w i18n.Words) string {
	if w.Date(due) == w.Date(day) {
		return w.Clock(due)
	}
	return w.TimeDay(due)
}

// responseResult says how the first response went, for a card that is past it.
func responseResult(t request.Ticket, w i18n.Words) string {
	if t.Unanswered() {
		return w.T("band.unanswered")
	}
	if t.RespondedAt.IsZero() || t.Response.None() {
		return ""
	}
	early := t.Response.Due.Sub(t.RespondedAt)
	if early < 0 {
		return w.T("band.result_late", "span", w.Duration(early))
	}
	return w.T("band.result_early", "span", w.Duration(early))
}

func (v TicketView) belowWaiting(w i18n.Words) []string {
	t := v.View.Ticket
	again := askAgain(t, w)
	if t.RespondedAt.IsZero() || t.Response.None() {
		return []string{again}
	}
	if early := t.Response.Due.Sub(t.RespondedAt); early < 0 {
		return []string{again, w.T("band.was_late", "span", w.Duration(early))}
	}
	return []string{again, w.T("band.was_in_time")}
}

// WaitKey ends the key of a sentence with whom a ticket waits for; where that is not
// known the sentence names nobody.
func WaitKey(key string, t request.Ticket) string {
	return key + string(cmp.Or(t.Wait.For, request.ForOther))
}

// askAgain says when the bot will ask about a ticket that waits, empty for never.
func askAgain(t request.Ticket, w i18n.Words) string {
	at := t.WillAsk()
	if at.IsZero() {
		return ""
	}
	return w.T("band.ask_again", "time", w.Time(at))
}

func (v TicketView) belowDue(w i18n.Words) []string {
	t := v.View.Ticket
	below := []string{atCustomer(t.Response.Due, t.Customer, w)}
	if t.Status == request.Waiting {
		below = append(below, w.T(WaitKey("band.waiting_since_", t), "time", w.Time(t.WaitingSince)), askAgain(t, w))
	}
	if t.Response.HolidaysUnknown {
		below = append(below, w.T("band.holidays_unknown"))
	}
	return append(below, v.microsoftDue(w))
}

// microsoftDue is Microsoft's own due time, while it is filed and unanswered.
func (v TicketView) microsoftDue(w i18n.Words) string {
	t := v.View.Ticket
	if t.Microsoft.None() || t.FiledAt.IsZero() || !t.MicrosoftRespondedAt.IsZero() || t.Over() || t.Microsoft.Due.Equal(t.Response.Due) {
		return ""
	}
	if t.Microsoft.Basis == sla.Estimate {
		return w.T("band.microsoft_due_estimate", "time", w.Time(t.Microsoft.Due))
	}
	return w.T("band.microsoft_due", "time", w.Time(t.Microsoft.Due))
}
