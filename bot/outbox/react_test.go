package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"onbehalf/bot/outbox"
	"onbehalf/bot/teams"
)

// wall is a Teams that answers reactions as a test says, and remembers no refusals.
type wall struct {
	answer error
	asked  int
}

func (w *wall) React(context.Context, teams.Ref, string, string) error {
	w.asked++
	return w.answer
}

func (*wall) Lacks(context.Context, string, outbox.Feature, time.Time) (bool, error) {
	return false, nil
}

func (*wall) KeepLack(context.Context, outbox.Lack) error { return errors.New("nobody turned it off") }

// TestReactionsLeaveTeamsAlone has Teams refuse a reaction for their number: it is dropped,
// and none is tried before the time that Teams names.
func TestReactionsLeaveTeamsAlone(t *testing.T) {
	for said, rest := range map[time.Duration]time.Duration{0: 5 * time.Second, 40 * time.Second: 40 * time.Second} {
		now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
		w := &wall{answer: &teams.Error{Op: "react", Status: 429, RetryAfter: said}}
		r := &outbox.Reactor{Store: w, Teams: w, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
		react := func(want int) {
			t.Helper()
			if r.ReactNow(t.Context(), teams.Ref{ConversationID: "19:x"}, "1", teams.ReactionDone); w.asked != want {
				t.Errorf("%s: asked %d times, want %d", fmt.Sprint(said), w.asked, want)
			}
		}
		react(1)
		w.answer = nil
		now = now.Add(rest - time.Second)
		react(1)
		now = now.Add(2 * time.Second)
		react(2)
		react(3)
	}
}
