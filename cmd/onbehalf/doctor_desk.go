package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// messagesHealth looks for what is due and was not said, and for rows that nobody can read.
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
	ids, err := st.UnreadableMessages(ctx, silentMost)
	if err != nil {
		return "", err
	}
	if len(ids) > 0 {
		problems = append(problems, fmt.Errorf("%d messages cannot be read and were set aside, in the table outgoing those with the id %s: mend or delete them", f.Unreadable, strings.Trim(fmt.Sprint(ids), "[]")))
	}
	return fmt.Sprintf("%d waiting", f.Waiting), errors.Join(problems...)
}

// clockMost is how far the clock may be from Microsoft's. Tokens are refused from five
// minutes on.
const clockMost = 2 * time.Minute

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
