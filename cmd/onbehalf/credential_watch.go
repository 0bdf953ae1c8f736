package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"onbehalf/bot/i18n"
	"onbehalf/bot/outbox"
	"onbehalf/bot/request"
	"onbehalf/bot/store"
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
		return fmt.Sprintf("%s, good until %s, %d days", text, dateOf(v.Until), daysLeft(v.Until, now)), left <= endingSoon, nil
	}
}

func dateOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// credentialWatch says in time that the bot's credential ends: in the log, and to the
// leads in their own chats.
type credentialWatch struct {
	credential teams.Credential
	store      *store.Store
	leads      func() request.Leads
	tenant     string // of the leads
	log        *slog.Logger
}

// credentialEvery is how often the credential is looked at: it may be replaced while the bot
// runs, by one that ends sooner.
const credentialEvery = 6 * time.Hour

// credentialMarks are how many days before the end the leads are told.
var credentialMarks = []int{30, 14, 7, 3, 1}

// run looks at the credential until ctx ends, at once and then every six hours.
func (w credentialWatch) run(ctx context.Context) {
	ticker := time.NewTicker(credentialEvery)
	defer ticker.Stop()
	for {
		w.look(ctx, w.store.Clock())
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (w credentialWatch) look(ctx context.Context, now time.Time) {
	_, soon, err := describeCredential(w.credential, now)
	if err != nil {
		w.log.ErrorContext(ctx, "the credential cannot be used", "err", err)
	}
	if !soon {
		return
	}
	v, err := w.credential.Validity()
	if err != nil {
		return // it was replaced this very moment, and is looked at again
	}
	w.log.WarnContext(ctx, "the credential ends soon: make a new one and upload its public part to the app registration",
		"credential", w.credential.String(), "ends", dateOf(v.Until), "days", daysLeft(v.Until, now))
	if err := w.tellLeads(ctx, v.Until, now); err != nil && ctx.Err() == nil {
		w.log.ErrorContext(ctx, "the leads are not told that the credential ends", "err", err)
	}
}

func daysLeft(until, now time.Time) int { return int(until.Sub(now).Hours() / 24) }

// tellLeads leaves a line for each lead and mark. Its handle names the end and the mark,
// so of all replicas and restarts the first one's is sent.
func (w credentialWatch) tellLeads(ctx context.Context, until, now time.Time) error {
	mark := credentialMarks[0]
	for _, days := range credentialMarks {
		if daysLeft(until, now) <= days {
			mark = days
		}
	}
	var messages []outbox.Message
	for _, lead := range w.leads() {
		language, _, err := w.store.Reader(ctx, lead)
		if err != nil {
			return err
		}
		words := i18n.For(language, time.UTC).AsOf(now)
		text := words.T("notices.credential_ends", "date", words.Date(until), "count", daysLeft(until, now))
		body, err := teams.Message{Text: text, TextFormat: teams.Plain, Locale: words.Lang()}.Encode()
		if err != nil {
			return err
		}
		messages = append(messages, outbox.Message{
			To: outbox.Target{Person: lead, Tenant: w.tenant}, Rank: outbox.Ordinary, Kind: "credential", Body: body,
			Handle: fmt.Sprintf("credential:%d/%d/%s", until.Unix(), mark, lead), Revision: 1, Created: now,
		})
	}
	return w.store.Leave(ctx, messages)
}
