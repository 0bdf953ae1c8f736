package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// lateAfter is from when on a due notice counts as late.
const lateAfter = time.Minute

// Watchdog compares what is due with what was sent.
type Watchdog struct {
	Source FiguresSource
	// HeartbeatURL is asked while due notices are sent on time; empty asks nobody. Its path
	// may be a secret, so it is never told.
	HeartbeatURL string
	Client       *http.Client
	Log          *slog.Logger
}

// Look says in the log what is late, or asks the heartbeat where nothing is. A database
// that cannot be asked is late as well.
func (w *Watchdog) Look(ctx context.Context) {
	f, err := w.Source.Figures(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		w.Log.ErrorContext(ctx, "it cannot be seen whether due notices are sent", "err", err)
	case f.Overdue > lateAfter || f.OldestAlarm > lateAfter:
		w.Log.ErrorContext(ctx, "due notices are late", "unfired", f.Overdue.Round(time.Second), "unsent", f.OldestAlarm.Round(time.Second),
			"messages", f.Waiting, "resting_queues", f.Resting)
	case w.HeartbeatURL != "":
		if err := w.beat(ctx); err != nil && ctx.Err() == nil {
			w.Log.WarnContext(ctx, "the heartbeat was not heard", "err", err)
		}
	}
}

// beat asks the heartbeat's address. Errors do not name it.
func (w *Watchdog) beat(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.HeartbeatURL, nil)
	if err != nil {
		return errors.New("HEARTBEAT_URL is no address")
	}
	resp, err := w.Client.Do(req)
	if asked := (*url.Error)(nil); errors.As(err, &asked) {
		return asked.Err
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}
