package partnercenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"onbehalf/bot/customer"
	"onbehalf/bot/i18n"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/teams"
)

const (
	// bodyLimit is the most that an event may have.
	bodyLimit = 64 << 10
	// oldest and ahead are how far the time of an event may be from now. Partner Center
	// tries again for less than that.
	oldest = 72 * time.Hour
	ahead  = 10 * time.Minute
	// keepLimit is how long it may take to keep an event.
	keepLimit = 4 * time.Second
)

// Kept is how long an event that was taken is remembered: much longer than one may be old.
const Kept = 30 * 24 * time.Hour

// What came of an event, for the database, log and metrics. What is refused is not kept.
const (
	Waiting     = "waiting"     // for the Follower
	Opened      = "opened"      // a fraud request
	Unconfirmed = "unconfirmed" // fraud in a subscription that nobody here has; leads were told
	Over        = "over"        // fraud that is not active any more
	Tested      = "tested"      // somebody tried the registration
	Ignored     = "ignored"     // of no use here
	Unread      = "unread"      // a relationship, and nothing comes from Graph
	Refreshed   = "refreshed"   // a customer has changed
	Unchanged   = "unchanged"   // all of it was known
	Elsewhere   = "elsewhere"   // a relationship that is not with this partner
	GivenUp     = "given_up"    // Graph could not be asked; the nightly run does it

	seen     = "seen"
	unsigned = "unsigned"
	unfit    = "unfit" // shape or age
	failed   = "failed"
)

// Tx is what can be done together with keeping an event.
type Tx interface {
	request.Tx
	// Post leaves a message in the outbox.
	Post(m outbox.Message)
}

// Store keeps events. Every method may be called from many goroutines and replicas at once.
type Store interface {
	// EventSeen says whether an event was taken before.
	EventSeen(ctx context.Context, key string) (bool, error)
	// TakeEvent keeps an event that has not been taken before, with its outcome, and runs
	// work in the same transaction; work may be nil. An event that was taken, by another
	// process perhaps a moment ago, is not fresh, and nothing happens. The leases are on
	// queues that this process may send from at once.
	TakeEvent(ctx context.Context, e Event, outcome string, work func(tx Tx) error) (leases []outbox.Lease, fresh bool, err error)
	// CustomersWithSubscription gives the customers on whose record a subscription is.
	CustomersWithSubscription(ctx context.Context, id string) ([]customer.Customer, error)
	// Reader gives a person's own language and zone, each empty where it is not known.
	Reader(ctx context.Context, personID string) (language, zone string, err error)
}

// Meter counts events by name and what came of them. A name is one of Names, else "other".
type Meter interface {
	PartnerEvent(name, outcome string)
	TicketOpened(severity string)
}

// Receiver takes what Partner Center posts. Its fields are set once, before the first
// request.
type Receiver struct {
	Certificates *Certificates
	Store        Store
	Desk         *request.Desk
	// Follow hears that an event waits for the Follower; nil is where nothing comes from
	// Graph.
	Follow func()
	// Deliver sends what an event has left. It does not wait for it.
	Deliver func(ctx context.Context, leases []outbox.Lease)
	Meter   Meter
	Now     func() time.Time
	Log     *slog.Logger
}

// Refused is a request that nothing came of.
type Refused struct {
	Status int // of the answer
	Reason string
}

func (e *Refused) Error() string { return e.Reason }

func refuse(status int, reason string) *Refused { return &Refused{status, reason} }

// Take takes one request. Without an error the answer is 200: the event is kept, or was
// before. A *Refused says which answer its sender gets; after any other error the event was
// not kept and may come again.
func (r *Receiver) Take(req *http.Request) error {
	e, err := r.read(req)
	label, outcome := e.Label(), ""
	if err == nil {
		// The work ends though the sender hangs up.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), keepLimit)
		defer cancel()
		outcome, err = r.keep(ctx, e)
	}
	no := (*Refused)(nil)
	switch {
	case errors.As(err, &no) && no.Status == http.StatusUnauthorized:
		outcome = unsigned
	case errors.As(err, &no):
		outcome = unfit
	case err != nil:
		outcome = failed
	default:
		r.Log.InfoContext(req.Context(), "event of Partner Center", "event", e.Name, "outcome", outcome, "happened", e.At, "key", e.Key[:12])
	}
	r.Meter.PartnerEvent(label, outcome)
	return err
}

// read checks a request in an order in which nothing of it is believed before it is proven:
// the body is read whole, then the signature over its bytes is checked, and only then is
// looked at what it says.
func (r *Receiver) read(req *http.Request) (Event, error) {
	if media, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return Event{}, refuse(http.StatusBadRequest, "the body is not JSON")
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, req.Body, bodyLimit))
	if err != nil {
		return Event{}, refuse(http.StatusBadRequest, "the body cannot be read, or is larger than 64 KiB")
	}
	s, err := signedBy(req.Header)
	if err == nil {
		err = r.Certificates.Verify(req.Context(), s.certificate, body, s.signature)
	}
	if err != nil {
		return Event{}, refuse(http.StatusUnauthorized, err.Error())
	}
	e, err := Parse(body)
	if err != nil {
		return Event{}, refuse(http.StatusBadRequest, err.Error())
	}
	switch age := r.Now().Sub(e.At); {
	case age > oldest:
		return e, refuse(http.StatusBadRequest, "the event is older than three days")
	case age < -ahead:
		return e, refuse(http.StatusBadRequest, "the event is of a time that has not come; this machine's clock may be wrong")
	}
	return e, nil
}

// keep decides what comes of an event on a read, and keeps both in one transaction.
func (r *Receiver) keep(ctx context.Context, e Event) (outcome string, err error) {
	if known, err := r.Store.EventSeen(ctx, e.Key); err != nil || known {
		return seen, err
	}
	var work func(tx Tx) error
	switch e.Kind {
	case Fraud:
		if outcome, work, err = r.fraud(ctx, e); err != nil {
			return "", err
		}
	case Relationship:
		if outcome = Waiting; r.Follow == nil {
			outcome = Unread
		}
	case Test:
		outcome = Tested
	default:
		outcome = Ignored
	}
	leases, fresh, err := r.Store.TakeEvent(ctx, e, outcome, work)
	switch {
	case err != nil:
		return "", err
	case !fresh:
		return seen, nil
	}
	if outcome == Opened {
		r.Meter.TicketOpened(string(request.NonCritical))
	}
	if outcome == Waiting {
		r.Follow()
	}
	if len(leases) > 0 && r.Deliver != nil {
		r.Deliver(ctx, leases)
	}
	return outcome, nil
}

// fraud opens a request where one customer has the subscription. Else the event may be meant
// for another partner, so that leads get a line.
func (r *Receiver) fraud(ctx context.Context, e Event) (outcome string, work func(tx Tx) error, err error) {
	if e.Status != "" && e.Status != "active" {
		return Over, nil, nil
	}
	found, err := r.Store.CustomersWithSubscription(ctx, e.Resource)
	if err != nil {
		return "", nil, err
	}
	if len(found) != 1 || found[0].Status == "left" {
		lines, err := r.unconfirmed(ctx, e)
		return Unconfirmed, func(tx Tx) error {
			for _, m := range lines {
				tx.Post(m)
			}
			return nil
		}, err
	}
	language, err := r.deskLanguage(ctx)
	return Opened, func(tx Tx) error {
		_, err := r.Desk.OpenFraud(ctx, tx, found[0], request.FraudEvent{Key: e.Key, Subscription: e.Resource, Status: e.Status, At: e.At}, language)
		return err
	}, err
}

// deskLanguage is that of the first who leads the desk: what several people see of the
// request is in it.
func (r *Receiver) deskLanguage(ctx context.Context) (string, error) {
	for _, lead := range r.Desk.Leads() {
		language, _, err := r.Store.Reader(ctx, lead)
		return language, err
	}
	return "", nil
}

// unconfirmed is a line for each lead, once a day for a subscription: somebody may have
// found a way to send many.
func (r *Receiver) unconfirmed(ctx context.Context, e Event) ([]outbox.Message, error) {
	now := r.Now()
	var lines []outbox.Message
	for _, lead := range r.Desk.Leads() {
		language, zone, err := r.Store.Reader(ctx, lead)
		if err != nil {
			return nil, err
		}
		words := i18n.For(language, zoneOf(zone)).AsOf(now)
		text := words.T("notices.fraud_unconfirmed", "subscription", e.Resource, "at", words.TimeYear(e.At))
		body, err := teams.Message{Text: text, TextFormat: teams.Plain, Locale: words.Lang()}.Encode()
		if err != nil {
			return nil, fmt.Errorf("write a line for a lead: %w", err)
		}
		lines = append(lines, outbox.Message{
			To: outbox.Target{Person: lead, Tenant: r.Desk.OwnTenant}, Rank: outbox.Urgent, Kind: "fraud", Body: body,
			Handle: strings.Join([]string{"fraud:" + e.Resource, now.UTC().Format(time.DateOnly), lead}, "/"), Revision: 1, Created: now,
		})
	}
	return lines, nil
}

// zoneOf is a zone by its IANA name, UTC where it is not known.
func zoneOf(name string) *time.Location {
	if zone, err := time.LoadLocation(name); name != "" && err == nil {
		return zone
	}
	return time.UTC
}
