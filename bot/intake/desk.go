package intake

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/request"
	"onbehalf/bot/sla"
)

// Desk takes requests in: it makes forms, checks them and files them. It is a view of the
// desk that works on the requests afterwards and can do all that the latter does.
type Desk struct{ *request.Desk }

// NewDraft makes a form, which tx.InsertDraft keeps: the slots hold what is known
// already, the contact is filled from what the person last used, else from their
// profile. It stands at the first step that needs something.
func (d Desk) NewDraft(ctx context.Context, r request.Reader, p request.Person, home request.Place, words, zone string, known request.Contact, slots Answers) (*Draft, Check, error) {
	now := d.Instant()
	draft := &Draft{
		Form: "f-" + strings.ToLower(rand.Text()), Version: 1, Person: p, Conversation: home.Conversation, Personal: home.Personal,
		UILanguage: cmp.Or(words, "en"), Zone: zone, Started: now, Expires: now.Add(draftLife),
	}
	for _, in := range inputs {
		if value := slots.Get(in.id); value != "" {
			draft.Answers.Set(in.id, value)
		}
	}
	draft.Answers.Cut = maps.Clone(slots.Cut)
	for id, value := range map[string]string{
		"kind": string(request.Technical), "language": "en",
		"contactName": cmp.Or(known.Name, p.Name), "contactEmail": cmp.Or(known.Email, p.Email), "contactPhone": known.Phone,
	} {
		if draft.Answers.Get(id) == "" {
			draft.Answers.Set(id, value)
		}
	}
	if d.Policy.TakeOwn() && draft.Answers.TakeIt == "" {
		draft.Answers.TakeIt = "true"
	}
	check, err := d.Check(ctx, r, *draft)
	if err != nil {
		return nil, check, err
	}
	if check.Preselect(&draft.Answers) {
		if check, err = d.Check(ctx, r, *draft); err != nil {
			return nil, check, err
		}
	}
	draft.Step = check.Next
	if check.Customer != nil {
		draft.Answers.Set("customer", check.Customer.TenantID)
	}
	return draft, check.At(*draft), nil
}

// Open turns a form into a ticket, starts its clocks and leaves a notice for everybody
// who should see it. The same form opens one ticket, no matter how often it arrives.
// Whoever ticked "I take it", or whom the policy takes at their word, has the ticket from
// its first instant. Last is the contact that the person gave before. It returns *Invalid, *OutOfScope,
// or *Refused when somebody else's form is sent.
func (d Desk) Open(ctx context.Context, tx Tx, by request.Person, draft *Draft, last request.Contact, origin string) (*request.Ticket, *request.Event, error) {
	if !draft.Person.Is(by) {
		return nil, nil, &request.Refused{Code: "form_owner", Args: request.Args("name", draft.Person.Name)}
	}
	check, err := d.Check(ctx, tx, *draft)
	switch {
	case err != nil:
		return nil, nil, err
	case check.Scope != nil:
		return nil, nil, check.Scope
	case !check.Complete():
		return nil, nil, &request.Invalid{Problems: check.Problems}
	}
	now := d.Instant()
	f := formOf(draft.Answers.only(check.Asked))
	t := f.ticket(*draft, check, by, now)
	if f.TakeIt == "true" || f.TakeIt == "" && d.Policy.TakeOwn() {
		t.Assignee = by
	}
	t.Start(d.Policy)
	e := &request.Event{At: now, By: by, What: "opened", To: string(t.Status), Origin: origin, Revision: t.Revision}
	if err := d.keepOpened(ctx, tx, t, e, draft, last); err != nil {
		return nil, nil, fmt.Errorf("open ticket from form %s: %w", draft.Form, err)
	}
	draft.Opened = t.Number
	return t, e, nil
}

// keepOpened keeps a new ticket with everything that comes of it, in the order of
// locks.
func (d Desk) keepOpened(ctx context.Context, tx Tx, t *request.Ticket, e *request.Event, draft *Draft, last request.Contact) error {
	if !d.PolicyKept() {
		if err := tx.SavePolicy(ctx, d.Policy.ID(), d.Policy.Text()); err != nil {
			return err
		}
	}
	if t.Contact != last {
		if err := tx.SaveContact(ctx, t.Requester.ID, t.Contact); err != nil {
			return err
		}
	}
	if err := tx.InsertTicket(ctx, t); err != nil {
		return err
	}
	if err := tx.FinishDraft(ctx, draft, t.Number); err != nil {
		return err
	}
	e.Ticket = t.Number
	if err := tx.Record(ctx, e); err != nil {
		return err
	}
	if !t.Assignee.Nobody() {
		taken := *e
		taken.What, taken.To = "assigned", t.Assignee.Name
		if err := tx.Record(ctx, &taken); err != nil {
			return err
		}
	}
	for _, n := range d.CardNotices(*t, t.Requester, e.At) {
		if err := tx.Notify(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// ticket is what a complete form becomes; the form holds only what was asked.
func (f form) ticket(draft Draft, check Check, by request.Person, now time.Time) *request.Ticket {
	t := &request.Ticket{
		Revision: 1, Status: request.Open, Form: draft.Form, Customer: *check.Customer,
		Platform: customer.Platform(f.Platform), Kind: request.Kind(f.Kind), Severity: request.Severity(f.Severity), Language: f.language(),
		Title: f.Title, Description: f.Description, Impact: f.Impact, Topic: f.Topic,
		Contact: request.Contact{Name: f.ContactName, Email: f.ContactEmail, Phone: f.ContactPhone},
		Details: request.Details{
			SubscriptionID: f.SubscriptionID, AccessConfirmed: f.Access == "true", SupportPlan: f.SupportPlan, PlanKind: f.PlanKind,
			Tried: f.Tried, Criterion: f.Criterion, HealthChecked: f.HealthChecked, Incident: f.Incident,
			Production: f.Production, Loss: f.Loss, Workaround: f.Workaround, Reachable: f.Reachable == "true", Reason: f.Reason,
		},
		Requester: by, UILanguage: draft.UILanguage, Zone: draft.Zone,
		Home:     draft.home(),
		OpenedAt: now, StartedAt: now, UpdatedAt: now,
	}
	if _, ok := sla.Location(t.Zone); !ok {
		t.Zone = t.Customer.Zone
	}
	if draft.Source != nil && draft.Source.Message != "" {
		t.Details.Source = *draft.Source
	}
	if at, problem := f.reported(draft.location(check.Customer), now); problem == nil && !at.IsZero() {
		t.StartedAt = at.UTC()
	}
	for _, w := range check.Warnings {
		t.Details.Warnings = append(t.Details.Warnings, w.Code)
	}
	return t
}

// Check reads a form and says what is missing, wrong or worth knowing. It changes
// nothing; what is invalid stands in the answer, not in the error.
func (d Desk) Check(ctx context.Context, r request.Reader, draft Draft) (Check, error) {
	f := formOf(draft.Answers)
	match, err := d.MatchCustomer(ctx, r, f.Customer)
	if err != nil {
		return Check{}, err
	}
	candidates := match.Customers
	switch {
	case match.Sure:
		f = f.of(match.Only())
	case len(candidates) == 0:
		if candidates, err = d.NearCustomers(ctx, r, f.Customer); err != nil {
			return Check{}, err
		}
		f.near = len(candidates) > 0
	case len(candidates) == 1:
		f.near = true // called nearly so
	}
	check := f.check(draft, candidates, d.Policy, d.Instant())
	if f.Platform != "" && check.Asked["healthChecked"] {
		check.Incidents, check.IncidentsAsOf = d.Incidents.On(d.Instant(), customer.Platform(f.Platform))
	}
	return check, nil
}
