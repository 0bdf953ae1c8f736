package bot

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Figures are what the database holds at one moment. Replicas that share a database have
// the same.
type Figures struct {
	Tickets map[string]int64 // by status
	// Overdue is for how long the oldest milestone is due that was not fired.
	Overdue time.Duration
	// Waiting is how many messages wait to be sent, Oldest for how long the first of them
	// could have gone, and OldestAlarm the same of what tells of due times.
	Waiting             int64
	Oldest, OldestAlarm time.Duration
	// Resting is how many queues wait because Teams asked for it, or failed.
	Resting int64
	// Unreadable is how many messages were set aside.
	Unreadable int64
	// Synced and SyncFailed are when customers last came from Microsoft Graph, and when
	// they last did not, zero for never; SyncedCustomers is how many came.
	Synced, SyncFailed time.Time
	SyncedCustomers    int64
}

// FiguresSource counts.
type FiguresSource interface {
	Figures(ctx context.Context) (Figures, error)
}

// figuresLife is how long figures are shown again before they are counted anew.
const figuresLife = 10 * time.Second

// Gauges are what is looked up when somebody asks for the metrics.
type Gauges struct {
	// Source counts what is in the database; where it fails, its gauges are left out.
	Source FiguresSource
	// TokenUntil is when the bot's own token ends and KeysLoaded when the signing keys
	// were loaded, zero for never. Both are nil without a registration.
	TokenUntil, KeysLoaded func() time.Time
	// Syncs says that customers come from Microsoft Graph; otherwise its gauges are left
	// out.
	Syncs bool

	mu   sync.Mutex
	at   time.Time
	last Figures
	err  error
}

var (
	ticketsGauge    = gauge("tickets", "Tickets in the database, by status.", "status")
	overdueGauge    = gauge("milestone_overdue_seconds", "For how long the oldest milestone is due that was not fired.")
	waitingGauge    = gauge("outbox_messages", "Messages that wait to be sent.")
	oldestGauge     = gauge("outbox_oldest_seconds", "For how long the first message that waits could have gone.")
	alarmGauge      = gauge("outbox_oldest_alarm_seconds", "For how long the first message about a due time could have gone.")
	restingGauge    = gauge("outbox_resting_queues", "Conversations whose messages wait because Teams asked for it or failed.")
	unreadableGauge = gauge("outbox_unreadable_messages", "Messages that cannot be read and were set aside.")
	tokenGauge      = gauge("token_remaining_seconds", "For how long the bot's own token is good, 0 without one.")
	syncedGauge     = gauge("sync_success_timestamp_seconds", "When customers last came from Microsoft Graph, 0 for never.")
	failingGauge    = gauge("sync_failing", "1 while the last run of the sync with Microsoft Graph failed.")
	customersGauge  = gauge("sync_customers", "Customers that the last run of the sync found.")
	keysGauge       = gauge("signing_keys_age_seconds", "How long ago the channel's signing keys were loaded; -1 for never.")
)

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName("onbehalf", "", name), help, labels, nil)
}

// Describe names the gauges.
func (g *Gauges) Describe(all chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		ticketsGauge, overdueGauge, waitingGauge, oldestGauge, alarmGauge, restingGauge, unreadableGauge, tokenGauge, keysGauge,
		syncedGauge, failingGauge, customersGauge,
	} {
		all <- d
	}
}

// Collect gives their values.
func (g *Gauges) Collect(all chan<- prometheus.Metric) {
	say := func(d *prometheus.Desc, value float64, labels ...string) {
		all <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	if g.TokenUntil != nil {
		say(tokenGauge, max(time.Until(g.TokenUntil()).Seconds(), 0))
	}
	if g.KeysLoaded != nil {
		age := -1.0
		if loaded := g.KeysLoaded(); !loaded.IsZero() {
			age = time.Since(loaded).Seconds()
		}
		say(keysGauge, age)
	}
	f, err := g.figures()
	if err != nil {
		return
	}
	for _, status := range []string{"open", "filed", "in_progress", "waiting", "resolved", "closed", "cancelled"} {
		say(ticketsGauge, float64(f.Tickets[status]), status)
	}
	say(overdueGauge, f.Overdue.Seconds())
	say(waitingGauge, float64(f.Waiting))
	say(oldestGauge, f.Oldest.Seconds())
	say(alarmGauge, f.OldestAlarm.Seconds())
	say(restingGauge, float64(f.Resting))
	say(unreadableGauge, float64(f.Unreadable))
	if g.Syncs {
		synced, failing := 0.0, 0.0
		if !f.Synced.IsZero() {
			synced = float64(f.Synced.Unix())
		}
		if f.SyncFailed.After(f.Synced) {
			failing = 1
		}
		say(syncedGauge, synced)
		say(failingGauge, failing)
		say(customersGauge, float64(f.SyncedCustomers))
	}
}

func (g *Gauges) figures() (Figures, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); g.at.IsZero() || now.Sub(g.at) > figuresLife {
		ctx, cancel := context.WithTimeout(context.Background(), lookupLimit)
		defer cancel()
		g.last, g.err = g.Source.Figures(ctx)
		g.at = time.Now()
	}
	return g.last, g.err
}
