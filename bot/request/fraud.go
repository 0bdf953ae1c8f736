package request

import (
	"context"
	"fmt"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/plaintext"
)

// FraudEvent is Azure fraud that Microsoft found in a customer's subscription.
type FraudEvent struct {
	// Key names the event, however often it is delivered.
	Key string
	// Subscription is a GUID in lower case.
	Subscription string
	// Status is Microsoft's word, or empty.
	Status string
	// At is when it was found.
	At time.Time
}

// partnerCenter is who requests what Microsoft found by itself. It is no person: nobody can
// write to it, and it has no rights.
var partnerCenter = Person{Name: "Partner Center"}

// OpenFraud opens the request of an event, once: ErrStale for one that has a request
// already. Nobody has it and it was filed nowhere, so each lead gets its card, and leads
// alone see it (R5). It has no contact: whoever files it with Microsoft is that.
// Title and text are English, as Microsoft reads them; language is what its messages
// to several people are in, empty for English.
func (d *Desk) OpenFraud(ctx context.Context, tx Tx, c customer.Customer, f FraudEvent, language string) (*Ticket, error) {
	now := d.Instant()
	if language == "" {
		language = "en"
	}
	t := &Ticket{
		Revision: 1, Status: Open, Form: "event-" + f.Key, Customer: c, Platform: customer.Azure, Kind: Fraud, Severity: NonCritical, Language: "en",
		Title: f.title(c), Description: f.text(c), Details: Details{SubscriptionID: f.Subscription},
		Requester: partnerCenter, UILanguage: language, Zone: c.Zone,
		OpenedAt: now, StartedAt: now, UpdatedAt: now,
	}
	t.Start(d.Policy)
	if !d.PolicyKept() {
		if err := tx.SavePolicy(ctx, d.Policy.ID(), d.Policy.Text()); err != nil {
			return nil, err
		}
	}
	if err := tx.InsertTicket(ctx, t); err != nil {
		return nil, fmt.Errorf("open the request of a fraud event: %w", err)
	}
	e := &Event{Ticket: t.Number, At: now, By: partnerCenter, What: "opened", To: string(t.Status), Origin: f.Key, Revision: t.Revision}
	if err := tx.Record(ctx, e); err != nil {
		return nil, err
	}
	for _, n := range d.CardNotices(*t, partnerCenter, now) {
		if err := tx.Notify(ctx, n); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// titleLimit is how long a title may be, in characters.
const titleLimit = 250

func (f FraudEvent) title(c customer.Customer) string {
	name := ""
	for _, s := range c.Subscriptions {
		if s.ID == f.Subscription && s.Name != "" {
			name = plaintext.Line(s.Name) + ", "
		}
	}
	title, _ := plaintext.Cut("Azure fraud detected: "+name+f.Subscription, titleLimit)
	return title
}

func (f FraudEvent) text(c customer.Customer) string {
	lines := []string{
		"Microsoft Partner Center reports Azure fraud in a subscription of this customer.",
		"",
		"Subscription: " + f.Subscription,
		"Customer tenant: " + c.TenantID,
	}
	if f.Status != "" {
		lines = append(lines, "Status of the event: "+f.Status)
	}
	return strings.Join(append(lines, "Time of the event: "+f.At.UTC().Format("2006-01-02 15:04:05")+" UTC"), "\n")
}
