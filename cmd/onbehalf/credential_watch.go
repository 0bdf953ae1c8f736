package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"onbehalf/bot/teams"
)

// endingSoon is how long before the end of a credential somebody is told, who has to
// make a new one and upload it.
const endingSoon = 30 * 24 * time.Hour

// describeCredential says how the bot signs in and until when that works, for the
// operator. soon says that a person has to see to it; the error that it does not work.
func describeCredential(c teams.Credential, now time.Time) (text string, soon bool, err error) {
	text = c.String()
	if certificate, ok := c.(*teams.Certificate); ok {
		text += ", thumbprint " + certificate.Thumbprint()
	}
	v, err := c.Validity()
	switch left := v.Until.Sub(now); {
	case err != nil:
		return text, false, err
	case v.Until.IsZero() && v.Renewed:
		return text + ", which the platform renews", false, nil
	case v.Until.IsZero():
		return text + "; only the app registration knows when it ends", false, nil
	case left <= 0 && v.Renewed:
		return text, false, fmt.Errorf("%s ended on %s: the platform does not renew it", c, dateOf(v.Until))
	case left <= 0:
		return text, false, fmt.Errorf("%s ended on %s: make a new one, upload its public part to the app registration, and replace the file", c, dateOf(v.Until))
	case v.Renewed:
		return text + ", which the platform renews until " + v.Until.UTC().Format(time.RFC3339), false, nil
	default:
		return fmt.Sprintf("%s, good until %s, %d days", text, dateOf(v.Until), int(left.Hours()/24)), left <= endingSoon, nil
	}
}

func dateOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// credentialWatch says in time that the bot's credential ends.
type credentialWatch struct {
	credential teams.Credential
	log        *slog.Logger
}

// credentialEvery is how often the credential is looked at: it may be replaced while the bot
// runs, by one that ends sooner.
const credentialEvery = 6 * time.Hour

// run looks at the credential until ctx ends, at once and then every six hours.
func (w credentialWatch) run(ctx context.Context) {
	ticker := time.NewTicker(credentialEvery)
	defer ticker.Stop()
	for {
		w.look(time.Now())
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (w credentialWatch) look(now time.Time) {
	_, soon, err := describeCredential(w.credential, now)
	if err != nil {
		w.log.Error("the credential cannot be used", "err", err)
	}
	if !soon {
		return
	}
	v, err := w.credential.Validity()
	if err != nil {
		return // it was replaced this very moment, and is looked at again
	}
	w.log.Warn("the credential ends soon: make a new one and upload its public part to the app registration",
		"credential", w.credential.String(), "ends", dateOf(v.Until), "days", int(v.Until.Sub(now).Hours()/24))
}
