package partnercenter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"onbehalf/bot/customer"
)

// Kind is what an event is about.
type Kind string

// The kinds.
const (
	// Relationship is a delegated admin relationship that changed; Resource is its id.
	Relationship Kind = "relationship"
	// Fraud is Azure fraud in a subscription, which is the Resource.
	Fraud Kind = "fraud"
	// Test is what Partner Center sends when somebody tries the registration.
	Test Kind = "test"
	// Other is everything that the bot has no use for, names that are not known included.
	Other Kind = "other"
)

// kinds are those of the events that mean something here, by name.
var kinds = map[string]Kind{
	"granular-admin-relationship-approved":   Relationship,
	"granular-admin-relationship-activated":  Relationship,
	"granular-admin-relationship-expired":    Relationship,
	"granular-admin-relationship-terminated": Relationship,
	"azure-fraud-event-detected":             Fraud,
	"test-created":                           Test,
}

// Names are the events to register for.
func Names() []string {
	return []string{
		"granular-admin-relationship-approved", "granular-admin-relationship-activated", "granular-admin-relationship-expired",
		"granular-admin-relationship-terminated", "azure-fraud-event-detected", "test-created",
	}
}

// Event is one event, as far as it is of use.
type Event struct {
	// Key is the same for every delivery of the event, and for no other event.
	Key string
	// Name is Partner Center's, in lower case.
	Name string
	Kind Kind
	// Resource is the opaque id of a relationship, or a subscription's GUID in lower case.
	Resource string
	// Status is that of a fraud event, in lower case, such as "active"; often empty.
	Status string
	// At is when what it tells of happened.
	At time.Time
}

// Label is the name for metrics: one of Names, else "other".
func (e Event) Label() string {
	if _, known := kinds[e.Name]; !known {
		return string(Other)
	}
	return e.Name
}

var (
	eventName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,99}$`)
	// resource is all that is taken from the address of a relationship, which is never
	// asked for.
	resource = regexp.MustCompile(`(?i)/granularAdminRelationships/([0-9a-z-]{1,200})(?:[/?#]|$)`)
)

// Parse reads the body of an event. The error says what is wrong with its shape; a name
// that is not known is none.
func Parse(body []byte) (Event, error) {
	var written struct {
		Name     string `json:"EventName"`
		Resource string `json:"ResourceUri"`
		Changed  string `json:"ResourceChangeUtcDate"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &written); err != nil {
		return Event{}, errors.New("the body is not the JSON of an event")
	}
	if !eventName.MatchString(written.Name) {
		return Event{}, errors.New("EventName is no event's name")
	}
	at, err := instant(written.Changed)
	if err != nil {
		return Event{}, err
	}
	e := Event{Name: strings.ToLower(written.Name), At: at}
	e.Key = keyOf(e.Name, written.Resource, at)
	e.Kind = kinds[e.Name]
	switch e.Kind {
	case Relationship:
		found := resource.FindStringSubmatch(written.Resource)
		if found == nil {
			return Event{}, errors.New("ResourceUri names no relationship")
		}
		e.Resource = found[1]
	case Fraud:
		if e.Resource, e.Status, err = fraudOf(written.Resource); err != nil {
			return Event{}, err
		}
	case "":
		e.Kind = Other
	}
	return e, nil
}

// keyOf is of what tells events apart. The same event may be written with other blanks,
// or its date with another offset.
func keyOf(name, resource string, at time.Time) string {
	sum := sha256.Sum256([]byte(name + "\n" + resource + "\n" + at.Format(time.RFC3339Nano)))
	return hex.EncodeToString(sum[:])
}

// instant reads RFC 3339, also without a zone, which is UTC then.
func instant(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05", text)
	}
	if err != nil || at.Year() <= 1 {
		return time.Time{}, errors.New("ResourceChangeUtcDate is no time")
	}
	return at.UTC(), nil
}

// fraudOf reads subscription and status from the query of a fraud event's address.
func fraudOf(address string) (subscription, status string, err error) {
	_, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", "", errors.New("ResourceUri of the fraud event cannot be read")
	}
	for key, value := range values {
		switch {
		case len(value) != 1:
			return "", "", fmt.Errorf("ResourceUri of the fraud event names %d values for one key", len(value))
		case strings.EqualFold(key, "SubscriptionId"):
			subscription = value[0]
		case strings.EqualFold(key, "EventStatus"):
			status = strings.ToLower(value[0])
		}
	}
	id, ok := customer.ParseGUID(subscription)
	if !ok {
		return "", "", errors.New("ResourceUri of the fraud event names no subscription")
	}
	if status != "" && !eventName.MatchString(status) {
		return "", "", errors.New("ResourceUri of the fraud event names no status")
	}
	return id, status, nil
}
