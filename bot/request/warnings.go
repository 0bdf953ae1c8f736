package request

import (
	"context"
	"strconv"
	"time"

	"onbehalf/bot/customer"
)

// Warning is shown on the review, where submitting presses through it. Code and
// Args name a sentence of the catalogue ("warning." + Code).
type Warning struct {
	Code  string
	Args  map[string]any
	Rule  string
	Field string
	// Link opens what the sentence speaks of; none for most.
	Link customer.Link
}

// caseWarning says what is unusual about Microsoft's number, if anything is.
func caseWarning(platform customer.Platform, digits string) *Warning {
	date := ""
	switch {
	case len(digits) == 15 && (digits[0] == '1' || digits[0] == '6'):
		date = digits[1:7]
	case len(digits) == 16:
		date = digits[:6]
	case platform != customer.Azure && len(digits) >= 8 && len(digits) <= 16:
		return nil
	default:
		return &Warning{Code: "case_unusual", Field: "microsoftCase"}
	}
	if month, _ := strconv.Atoi(date[2:4]); month < 1 || month > 12 { // they are digits
		return &Warning{Code: "case_month", Field: "microsoftCase", Args: Args("month", month)}
	}
	if _, err := time.Parse("060102", date); err != nil {
		return &Warning{Code: "case_unusual", Field: "microsoftCase"}
	}
	return nil
}

// PlanWarning reminds those who filed without the tick what the portal's support
// plan has to be; nil where nothing is to be confirmed, or it is. Filing goes on
// without it (R14).
func (t Ticket) PlanWarning() *Warning {
	if !t.WantsPlan() || t.Details.PlanConfirmed || t.MicrosoftCase == "" {
		return nil
	}
	return &Warning{Code: "plan_unconfirmed", Rule: "R14", Field: "planConfirmed"}
}

// CaseWarnings says what is odd about a ticket's Microsoft number: an unusual
// shape, an impossible month, or the same number on another unfinished ticket;
// only tickets that the person may see are named.
func (d *Desk) CaseWarnings(ctx context.Context, r Reader, by Person, t Ticket) ([]Warning, error) {
	if t.MicrosoftCase == "" {
		return nil, nil
	}
	var found []Warning
	if w := caseWarning(t.Platform, t.MicrosoftCase); w != nil {
		found = append(found, *w)
	}
	others, err := r.OpenWithCase(ctx, t.MicrosoftCase, t.Number)
	if err != nil {
		return nil, err
	}
	numbers := ""
	for _, n := range others {
		other, err := r.Ticket(ctx, n)
		if err != nil {
			return nil, err
		}
		if !d.MaySee(*other, by) {
			continue
		}
		if numbers != "" {
			numbers += ", "
		}
		numbers += n.String()
	}
	if numbers != "" {
		found = append(found, Warning{Code: "case_repeated", Field: "microsoftCase", Args: Args("numbers", numbers)})
	}
	return found, nil
}
