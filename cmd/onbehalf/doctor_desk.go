package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/store"
	"onbehalf/bot/teams"
)

// silentMost is how many conversations, or rows, one finding names.
const silentMost = 10

// reachHealth looks for conversations in which the bot has to speak and cannot: those of the
// configuration, the leads' own chats, and those with an unfinished request.
func reachHealth(ctx context.Context, cfg Config) error {
	st, err := store.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	defer st.Close()
	names := map[string]string{cfg.DeskConversation: "DESK_CONVERSATION ", cfg.EscalationConversation: "ESCALATION_CONVERSATION "}
	leads := (&leadership{fixed: cfg.Leads, path: cfg.LeadsFile, log: slog.New(slog.DiscardHandler)}).leads()
	silent, err := st.SilentConversations(ctx, []string{cfg.DeskConversation, cfg.EscalationConversation}, leads, silentMost+1)
	if err != nil {
		return err
	}
	var problems []error
	for i, s := range silent {
		if i == silentMost {
			problems = append(problems, errors.New("and more conversations are silent"))
			break
		}
		where := names[s.Conversation] + oneLine(s.Conversation)
		if s.Person != "" {
			where = "the chat of the person " + s.Person
		}
		if s.Reach == outbox.Removed {
			since := ""
			if !s.Since.IsZero() {
				since = " since " + s.Since.Format(time.RFC3339)
			}
			problems = append(problems, fmt.Errorf("%s hears nothing: the bot is not installed there%s; install the app there again", where, since))
			continue
		}
		problems = append(problems, fmt.Errorf("%s hears nothing: Teams refuses the bot there; allow or unblock it, then write to it there once", where))
	}
	return errors.Join(problems...)
}

// messagesHealth looks for what is due and was not said.
func messagesHealth(ctx context.Context, cfg Config) (detail string, err error) {
	st, err := store.Open(ctx, cfg.DatabaseURL)
	if err != nil {
		return "", err
	}
	defer st.Close()
	f, err := st.Figures(ctx)
	if err != nil {
		return "", err
	}
	var problems []error
	if f.Overdue > time.Minute {
		problems = append(problems, fmt.Errorf("a due time has passed for %s and nobody was told: is onbehalf serve running on this database?", f.Overdue.Round(time.Second)))
	}
	if f.OldestAlarm > time.Minute {
		problems = append(problems, fmt.Errorf("a notice about a due time has waited for %s: see the log for what Teams answers", f.OldestAlarm.Round(time.Second)))
	}
	return fmt.Sprintf("%d waiting", f.Waiting), errors.Join(problems...)
}

// rowsHealth reads everything that is kept, and names what cannot be read. A big database
// is read for as long as the doctor has patience.
func rowsHealth(ctx context.Context, url string) (detail string, err error) {
	st, err := store.Open(ctx, url)
	if err != nil {
		return "", err
	}
	defer st.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, looked, err := st.LookThrough(ctx, silentMost)
	detail = fmt.Sprintf("%d read", looked)
	if errors.Is(err, context.DeadlineExceeded) {
		detail, err = fmt.Sprintf("%d read in %s, not all of them", looked, patience), nil
	}
	if err != nil {
		return detail, err
	}
	var problems []error
	for _, rows := range found {
		which := strings.Join(rows.Keys, " ")
		if more := rows.Count - len(rows.Keys); more > 0 {
			which += fmt.Sprintf(" and %d more", more)
		}
		problems = append(problems, fmt.Errorf("%d in the table %s cannot be read, those with %s %s: mend or delete them, or take them from a backup; until then the bot goes on without them", rows.Count, rows.Table, rows.Key, oneLine(which)))
	}
	return detail, errors.Join(problems...)
}

// audienceHealth says for whose tenants the registration is, which is no mistake either
// way: the bot looks at each sender's tenant itself. Entra signs an app of several tenants
// in where all bots of that kind do, and knows no other there.
func audienceHealth(ctx context.Context, cfg Config) string {
	shared, err := cfg.Cloud.LoginURL(teams.MultiTenant, "")
	own, wrong := url.Parse(cfg.LoginURL)
	there, bad := url.Parse(shared)
	if err != nil || wrong != nil || bad != nil {
		return ""
	}
	own.Path = there.Path // at the same host, which may be one for tests
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = cfg.tokens().For(own.String(), cfg.OAuthScope).Token(ctx)
	failed := (*teams.TokenError)(nil)
	switch {
	case err == nil:
		return fmt.Sprintf("is wide: the registration is for every tenant, so whoever installs the package can write to the bot, and it answers people of %d tenants (PARTNER_TENANTS) alone. "+
			"For one tenant set the supported account types to this organization only in Entra, and MICROSOFT_APP_TYPE to SingleTenant", len(cfg.PartnerTenants))
	case errors.As(err, &failed) && failed.Code == "AADSTS700016":
		return "is one tenant: the registration is for its own alone"
	}
	return "cannot be seen: " + oneLine(err.Error())
}

// clockMost is how far the clock may be from Microsoft's. Tokens are refused from five
// minutes on.
const clockMost = 2 * time.Minute

// databaseClock compares the database's clock, by which replicas go, with this machine's.
func databaseClock(ahead time.Duration) error {
	if ahead.Abs() < clockMost {
		return nil
	}
	which := "ahead of"
	if ahead < 0 {
		which = "behind"
	}
	return fmt.Errorf("the database's clock is %s %s this machine's, and due times go by it: set both by NTP", ahead.Abs().Round(time.Second), which)
}

// clockHealth compares this machine's clock with that of the service with the signing keys.
func clockHealth(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ahead, err := teams.ClockAhead(ctx, cfg.MetadataURL)
	if err != nil || ahead.Abs() < clockMost {
		return nil // who cannot be reached is told under signing keys
	}
	which := "ahead of"
	if ahead < 0 {
		which = "behind"
	}
	return fmt.Errorf("this machine's clock is %s %s Microsoft's: from five minutes on tokens are refused; set it by NTP", ahead.Abs().Round(time.Minute), which)
}
